"""One impression of a seal on one document, or its refusal. R050, R058, R059, R083, R084, R086."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self
from uuid import NAMESPACE_URL, UUID, uuid5

from eventsourcing.domain import Aggregate, event

from services.cases.domain import refusals
from services.cases.domain.authority import Standing
from services.cases.domain.case_state import CaseState
from services.cases.domain.path import seal_kind
from shared.refusal import Refused

# The seal whose use outside its mode has a rule of its own (R083).
MISUSED = {"seal_no_2": refusals.seal_not_allowed_in_mode}


class SealUse(Aggregate):
    """One document under one seal; the document's hash finds its stream, so there is only one."""

    class SealApplied(Aggregate.Created):
        """The seal was put to the document."""

        case_id: str
        seal_id: str
        seal_kind: str
        document_hash: str
        user_org_id: str
        user_id: str
        responsible_org_id: str
        at: datetime
        authority: dict[str, Any]

    @event(SealApplied)
    def __init__(self, case_id: str, seal_id: str, document_hash: str) -> None:
        self.case_id, self.seal_id, self.document_hash = case_id, seal_id, document_hash

    @staticmethod
    def create_id(document_hash: str) -> UUID:
        """The same document has the same stream, whoever asks, however often."""
        return uuid5(NAMESPACE_URL, f"fuquan:seal-use:{document_hash}")

    @classmethod
    def apply(
        cls, standing: Standing, case: CaseState, *, seal: Mapping[str, Any], document_hash: str
    ) -> Self:
        """Put the seal to a document of a decided case.

        Args:
            seal: ``seal_id, kind, org_id, department_id, town_id, custodian_org_id, in_use``.

        Raises:
            Refused: of record.
        """
        if not standing.dispossessed:  # else the answer is that the power has ended or moved
            cls._kind(standing, case, seal)
        if case.state != "decided":
            raise refusals.not_decided(case.state)
        if not seal["in_use"]:
            raise refusals.seal_not_in_use(seal["seal_id"], seal["state"])
        held = standing.holds("seal", cross_town=case.cross_town)
        cls._kind(standing, case, seal)
        cls._bearer(standing, case, seal)
        return cls._create(
            cls.SealApplied, case_id=str(case.id), seal_id=seal["seal_id"], seal_kind=seal["kind"],
            document_hash=document_hash, user_org_id=standing.org, user_id=standing.operator,
            responsible_org_id=standing.org, at=standing.at,
            authority=held.pinned(standing.item_position),
        )

    @staticmethod
    def _kind(standing: Standing, case: CaseState, seal: Mapping[str, Any]) -> None:
        """R050, R066, R083, R086: the kind that the mode and the extent of the matter prescribe."""
        kind = seal_kind(standing.grant, owner=standing.owner, cross_town=case.cross_town)
        misuse = MISUSED.get(seal["kind"])
        if kind != seal["kind"] and (kind or misuse):  # where none is prescribed, any but those
            refuse = misuse or refusals.wrong_seal_for_mode
            raise refuse(seal["seal_id"], case.mode, kind)

    @staticmethod
    def _bearer(standing: Standing, case: CaseState, seal: Mapping[str, Any]) -> None:
        """R082, R084: the user's own seal, and seal No. 2 of this department for this town."""
        pair = (seal["department_id"], seal["town_id"])
        ours = seal["department_id"] is None or pair == (standing.owner, case.town)
        if seal["custodian_org_id"] != standing.org or not ours:
            raise refusals.wrong_seal_for_mode(seal["seal_id"], case.mode, seal["kind"])

    def again(self, case_id: str, seal_id: str) -> Self:
        """The first impression, when the same is asked for again (R083).

        Raises:
            Refused: of record; the document belongs to another case or bears another seal.
        """
        if (self.case_id, self.seal_id) != (case_id, seal_id):
            raise refusals.document_already_sealed(self.document_hash, self.case_id, self.seal_id)
        return self


class SealRefusal(Aggregate):
    """A refused use of a seal, kept for the auditors; its stream is the command's own."""

    class SealUseRejected(Aggregate.Created):
        """The use of the seal was refused."""

        case_id: str
        seal_id: str
        document_hash: str
        org_id: str
        reason_code: str
        reason_zh: str
        facts: dict[str, Any]
        at: datetime

    @event(SealUseRejected)
    def __init__(self) -> None:
        """Nothing follows a refusal."""

    @staticmethod
    def create_id(command: UUID) -> UUID:
        """One refusal per command."""
        return uuid5(command, "seal-use-rejected")

    @classmethod
    def record(
        cls, refused: Refused, *, command: UUID, case_id: str, seal_id: str, document_hash: str,
        org: str, at: datetime,
    ) -> Self:
        """Keep *refused*, with who asked for what."""
        return cls._create(
            cls.SealUseRejected, id=cls.create_id(command), case_id=case_id, seal_id=seal_id,
            document_hash=document_hash, org_id=org, reason_code=refused.code,
            reason_zh=refused.zh, facts=refused.facts, at=at,
        )
