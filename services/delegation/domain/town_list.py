"""A town's list and its take-over catalogue: drafted, approved, filed, published, revised."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from eventsourcing.domain import Aggregate, event

from services.delegation.domain import claim_refusals, list_refusals, refusals
from services.delegation.domain.list_entries import changes
from services.delegation.domain.programme import Row, setting
from services.delegation.domain.stream import Recorded, record, stream_id
from services.delegation.domain.succession import ORGAN_MERGED
from shared.clock import day_of

Entries = list[dict[str, Any]]
ORGANS = ("granting_org_id", "supervising_org_id")


class TownList(Aggregate):
    """One per programme and town: at most one current version (R021)."""

    class TownListDrafted(Recorded):
        town_id: str
        version: int
        replaces: int | None
        entries: Entries

        def apply(self, aggregate: "TownList") -> None:
            aggregate.drafted(self.version, self.replaces, self.entries)

    class PreliminaryListDrawn(Recorded):
        town_id: str
        version: int
        replaces: int | None
        entries: Entries

        def apply(self, aggregate: "TownList") -> None:
            aggregate.drafted(self.version, self.replaces, self.entries)

    class TownListApproved(Aggregate.Event):
        town_id: str
        version: int
        approved_by_org_id: str
        decision_ref: str
        approved_on: date
        entries: Entries

    class TownListRevised(Aggregate.Event):
        town_id: str
        version: int
        replaces: int
        changes: list[dict[str, str]]
        reason: str
        entries: Entries

    class TownCatalogueCompiled(Aggregate.Event):
        town_id: str
        version: int
        item_ids: list[str]

    class TownCatalogueFiled(Aggregate.Event):
        town_id: str
        version: int
        recipient_org_id: str
        receipt_ref: str
        filed_on: date

    class TownCataloguePublished(Aggregate.Event):
        town_id: str
        version: int
        channel: str
        url: str | None
        published_at: datetime

    @staticmethod
    def create_id(programme: str, town: str) -> UUID:
        return stream_id("town-list", programme, town)

    def __init__(self, town_id: str) -> None:
        self.town_id = town_id
        self.last = 0
        self.current: int | None = None
        self.entries: Entries = []
        self.draft_of: tuple[int, int | None, Entries] | None = None
        self.compiled: list[str] | None = None
        self.filed: dict[str, date] = {}
        self.published: dict[str, datetime] = {}

    def drafted(self, version: int, replaces: int | None, entries: Entries) -> None:
        """Keep the newest draft."""
        self.last, self.draft_of = version, (version, replaces, entries)

    @classmethod
    def draft(
        cls, before: "TownList | None", *, programme: Row, town: Row, entries: Entries,
        replaces: int | None, not_docked: Sequence[str],
    ) -> "TownList":
        """A new draft; after docking it is the preliminary list (R037).

        It replaces the version now current, or none (R021).
        """
        if not town["recipient"]:
            raise refusals.not_a_recipient(town["town_id"], programme["programme_id"])
        current = before.current if before else None
        if replaces not in (None, current):
            raise list_refusals.one_list_per_town(town["town_id"], current)
        docking_first = setting(programme, "list", "docking_first")
        if docking_first and not_docked:
            raise list_refusals.docking_missing(not_docked)
        return record(
            cls, before, cls.create_id(programme["programme_id"], town["town_id"]),
            cls.PreliminaryListDrawn if docking_first else cls.TownListDrafted,
            town_id=town["town_id"], version=(before.last if before else 0) + 1, replaces=replaces,
            entries=entries,
        )

    def approve(
        self, *, programme: Row, town: Row, surveyed: bool, approved_by: Row, decision_ref: str,
        approved_on: date
    ) -> None:
        """The competent organ makes the draft the current list (R021, R030, R038)."""
        if self.draft_of is None:
            raise refusals.wrong_state(
                "town_list", "approved" if self.current else None, ["drafted"]
            )
        version, replaces, entries = self.draft_of
        if setting(programme, "claim", "survey_first") and not surveyed:
            raise claim_refusals.survey_missing(self.town_id)
        check_approver(programme, town, approved_by)
        if replaces != self.current:
            raise list_refusals.one_list_per_town(self.town_id, self.current)
        self._approved(
            town_id=self.town_id, version=version, approved_by_org_id=approved_by["org_id"],
            decision_ref=decision_ref, approved_on=approved_on, entries=entries,
        )

    def revise(
        self, *, programme: Row, town: Row, approved_by: Row, entries: Entries, reason: str
    ) -> None:
        """Other entries take the place of the current ones (R183)."""
        check_approver(programme, town, approved_by)
        self._put(entries, reason)

    def strike(self, *, item: str, reason: str) -> None:
        """A recalled item leaves the list; nothing happens if it is not on it (R181)."""
        if self.entry(item) is not None:
            self._put([entry for entry in self.entries if entry["item_id"] != item], reason)

    def alter(
        self, *, item: str, mode: str | None, scope: Sequence[str] | None, reason: str
    ) -> None:
        """A changed grant is named as it now is; nothing happens if the list says so (R183)."""
        entry = self.entry(item)
        now = {"mode": mode, "scope": list(scope) if scope is not None else None}
        now = {column: value for column, value in now.items() if value is not None}
        if entry is not None and entry != (changed := entry | now):
            self._put([changed if one is entry else one for one in self.entries], reason)

    def succeed_organs(self, successors: Mapping[str, str], *, over: bool) -> None:
        """Every line names who has taken over its departments; nothing is left of a town's end.

        Args:
            successors: by closed organ.
            over: whether the town itself is no more.
        """
        after = [] if over else [
            entry | {column: successors.get(entry[column], entry[column]) for column in ORGANS}
            for entry in self.entries
        ]
        if self.current is not None and after != self.entries:
            self._put(after, ORGAN_MERGED)

    @property
    def departments(self) -> list[str]:
        """The departments that its current lines name."""
        return organs(self.entries)

    @property
    def drafted_departments(self) -> list[str]:
        """The departments that the lines of its draft name."""
        return organs(self.draft_of[2]) if self.draft_of else []

    def compile(self, *, items: Sequence[str]) -> None:
        """The town's take-over catalogue equals the final list (R039)."""
        current = self._current()
        listed = [entry["item_id"] for entry in self.entries]
        if more := [item for item in items if item not in listed]:
            raise list_refusals.not_in_final_list(more)
        if fewer := [item for item in listed if item not in items]:
            raise list_refusals.missing_from_catalogue(fewer)
        self._compiled(town_id=self.town_id, version=current, item_ids=listed)

    def file(
        self, *, recipient: str, recipients: Sequence[str], receipt_ref: str, filed_on: date
    ) -> None:
        """One recipient acknowledges the catalogue (R040)."""
        current = self._current()
        if self.compiled is None:
            raise list_refusals.not_compiled(self.town_id)
        if recipient not in recipients:
            raise list_refusals.recipient_not_named(recipient, recipients)
        self._filed(
            town_id=self.town_id, version=current, recipient_org_id=recipient,
            receipt_ref=receipt_ref, filed_on=filed_on,
        )

    def publish(
        self, *, programme: Row, recipients: dict[str, str], channel: str, url: str | None,
        published_at: datetime
    ) -> None:
        """The catalogue goes before the public, filed first where the notice says so (R040, R041).

        Args:
            recipients: those with whom it must be filed, with their names.
        """
        current = self._current()
        if self.compiled is None:
            raise list_refusals.not_compiled(self.town_id)
        if setting(programme, "filing", "catalogue", "gates_effect"):
            if missing := [name for org, name in recipients.items() if org not in self.filed]:
                raise list_refusals.filing_incomplete(missing)
            filed_on = max(self.filed.values())
            if day_of(published_at) < filed_on:
                raise list_refusals.published_before_filing(day_of(published_at), filed_on)
        self._published(
            town_id=self.town_id, version=current, channel=channel, url=url,
            published_at=published_at
        )

    def entry(self, item: str) -> dict[str, Any] | None:
        """The line of an item on the current list."""
        return next((entry for entry in self.entries if entry["item_id"] == item), None)

    def _current(self) -> int:
        if self.current is None:
            raise list_refusals.no_current_list(self.town_id)
        return self.current

    def _put(self, entries: Entries, reason: str) -> None:
        replaced = self._current()
        self._revised(
            town_id=self.town_id, version=self.last + 1, replaces=replaced,
            changes=changes(self.entries, entries), reason=reason, entries=entries,
        )

    @event(TownListApproved)
    def _approved(
        self, town_id: str, version: int, approved_by_org_id: str, decision_ref: str,
        approved_on: date, entries: Entries,
    ) -> None:
        self._take(version, entries)
        self.draft_of = None

    @event(TownListRevised)
    def _revised(
        self, town_id: str, version: int, replaces: int, changes: list[dict[str, str]], reason: str,
        entries: Entries,
    ) -> None:
        self._take(version, entries)
        self.last = version

    def _take(self, version: int, entries: Entries) -> None:
        self.current, self.entries, self.compiled, self.filed = version, entries, None, {}
        kept = {entry["item_id"] for entry in entries}
        self.published = {item: at for item, at in self.published.items() if item in kept}

    @event(TownCatalogueCompiled)
    def _compiled(self, town_id: str, version: int, item_ids: list[str]) -> None:
        self.compiled = item_ids

    @event(TownCatalogueFiled)
    def _filed(
        self, town_id: str, version: int, recipient_org_id: str, receipt_ref: str, filed_on: date
    ) -> None:
        self.filed = {**self.filed, recipient_org_id: filed_on}

    @event(TownCataloguePublished)
    def _published(
        self, town_id: str, version: int, channel: str, url: str | None, published_at: datetime
    ) -> None:
        self.published = dict.fromkeys(self.compiled or [], published_at) | self.published


def organs(entries: Entries) -> list[str]:
    """The departments in lines, each once."""
    return sorted({entry[of] for entry in entries for of in ORGANS} - {None})


def check_approver(programme: Row, town: Row, named: Row) -> None:
    """Who may approve a list: as the programme sets it (R038).

    Raises:
        Refused: ``delegation.approver-not-competent``.
    """
    approver = setting(programme, "list", "approver")
    county = town["matching_county_id"]
    competent = {
        "county_government": county,
        "district_government": setting(programme, "decided_by_org_id") or county,
        "district": named["org_id"] if named["level"] == "district" else "district",
        None: named["org_id"],
    }.get(approver)
    if named["org_id"] != competent:
        raise list_refusals.approver_not_competent(named["org_id"], competent or str(approver))
