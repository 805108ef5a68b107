"""A jurisdiction's rule set under one notice: its settings, its modes, its recipients."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from eventsourcing.domain import Aggregate, event

from services.catalog.domain import refusals

MOST_SETTINGS = 60_000  # bytes; an envelope holds 65,535 with all that goes around them


class Programme(Aggregate):
    """One notice: who confers, in which modes, on whom (R001, R002, R004)."""

    class ProgrammeRegistered(Aggregate.Created):
        programme_id: str
        document_no: str | None
        title: str
        issuer_org: str
        issued_on: date
        jurisdiction_id: str
        level: str
        parent_programme_id: str | None
        parent_documents: list[str]
        grantor_kind: str
        claim_required: bool
        settings: dict[str, Any]

    class ProgrammeModeEnabled(Aggregate.Event):
        mode: str
        mode_zh: str
        policy: dict[str, Any]
        order_of_preference: int
        instrument_ref: str | None

    class ProgrammeRecipientAdded(Aggregate.Event):
        town_id: str
        from_: date

    class ProgrammeRecipientRemoved(Aggregate.Event):
        town_id: str
        to: date
        reason: str

    class CoordinatorSet(Aggregate.Event):
        org_id: str
        from_: date

    @staticmethod
    def create_id(programme_id: str) -> UUID:
        """The stream of a programme."""
        return uuid5(NAMESPACE_URL, f"fuquan:programme:{programme_id}")

    @classmethod
    def register(cls, *, programme_id: str, **notice: Any) -> "Programme":
        """Register a notice; settings must fit one event."""
        size = len(json.dumps(notice["settings"], ensure_ascii=False).encode())
        if size > MOST_SETTINGS:
            raise refusals.settings_too_large(programme_id, size, MOST_SETTINGS)
        return cls(programme_id=programme_id, **notice)

    def register_again(self, **notice: Any) -> None:
        """Nothing, if *notice* says what was registered."""
        asked = dict.fromkeys(notice) | _said(notice)
        refusals.unchanged("programme", self.programme_id, _said(self.notice), asked)

    def enable_mode(
        self, *, mode: str, mode_zh: str, policy: Mapping[str, Any], order_of_preference: int,
        instrument_ref: str | None,
    ) -> None:
        """Add a mode, by a document (R002)."""
        asked: dict[str, Any] = {
            "mode_zh": mode_zh, "policy": dict(policy), "order_of_preference": order_of_preference
        }
        if known := self.modes.get(mode):
            refusals.unchanged("mode", mode, known, asked)
            return
        if instrument_ref is None:
            raise refusals.mode_without_document(mode)
        if not policy["facets"]:
            raise refusals.mode_without_facets(mode)
        for other, its in self.modes.items():
            if its["order_of_preference"] == order_of_preference:
                raise refusals.preference_taken(mode, other, order_of_preference)
        self._mode_enabled(mode=mode, instrument_ref=instrument_ref, **asked)

    def add_recipient(self, *, town: str, from_: date) -> None:
        """Let a town receive powers (R004)."""
        if self.recipients.get(town) != from_:
            self._recipient_added(town_id=town, from_=from_)

    def remove_recipient(self, *, town: str, to: date, reason: str) -> None:
        """Let a town receive nothing more (R004)."""
        if town not in self.recipients:
            raise refusals.not_a_recipient(town, self.programme_id)
        self._recipient_removed(town_id=town, to=to, reason=reason)

    def set_coordinator(self, *, org: str, from_: date) -> None:
        """Let an organ coordinate; it sees and assigns, and decides no case (R208)."""
        if self.coordinators.get(org) != from_:
            self._coordinator_set(org_id=org, from_=from_)

    @event(ProgrammeRegistered)
    def __init__(
        self, *, programme_id: str, document_no: str | None, title: str, issuer_org: str,
        issued_on: date, jurisdiction_id: str, level: str, parent_programme_id: str | None,
        parent_documents: list[str], grantor_kind: str, claim_required: bool,
        settings: dict[str, Any],
    ) -> None:
        self.programme_id = programme_id
        self.jurisdiction = jurisdiction_id
        self.settings = settings
        self.notice = {
            "document_no": document_no, "title": title, "issuer_org": issuer_org,
            "issued_on": issued_on, "jurisdiction_id": jurisdiction_id, "level": level,
            "parent_programme_id": parent_programme_id, "parent_documents": parent_documents,
            "grantor_kind": grantor_kind, "claim_required": claim_required, "settings": settings,
        }
        self.modes: dict[str, dict[str, Any]] = {}
        self.recipients: dict[str, date] = {}
        self.coordinators: dict[str, date] = {}

    @event(ProgrammeModeEnabled)
    def _mode_enabled(
        self, mode: str, mode_zh: str, policy: dict[str, Any], order_of_preference: int,
        instrument_ref: str | None,
    ) -> None:
        self.modes[mode] = {
            "mode_zh": mode_zh, "policy": policy, "order_of_preference": order_of_preference,
            "instrument_ref": instrument_ref,
        }

    @event(ProgrammeRecipientAdded)
    def _recipient_added(self, town_id: str, from_: date) -> None:
        self.recipients[town_id] = from_

    @event(ProgrammeRecipientRemoved)
    def _recipient_removed(self, town_id: str, to: date, reason: str) -> None:
        del self.recipients[town_id]

    @event(CoordinatorSet)
    def _coordinator_set(self, org_id: str, from_: date) -> None:
        self.coordinators[org_id] = from_


def _said(notice: Mapping[str, Any]) -> dict[str, Any]:
    """What a notice says; a setting on which it is silent is as one nobody has asked for."""
    said = {
        name: _said(value) if isinstance(value, Mapping) else value
        for name, value in notice.items()
    }
    return {name: value for name, value in said.items() if value not in (None, [], {})}
