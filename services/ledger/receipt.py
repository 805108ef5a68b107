"""A receipt: the facts behind one approval, out of the mirror, proven under a checkpoint each.

What it holds and how it is written, `verify.py` says; here is where the facts are found.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from services.ledger.covering import Covering, covering, damaged
from services.ledger.mirror import Mirror
from services.ledger.verify import FORMAT
from shared.contracts.envelope import instant
from shared.database import Database
from shared.refusal import Refused
from shared.register.questions import Register

ACTS = (
    "SELECT position, type FROM act WHERE source = 'cases' AND case_id = %s ORDER BY position"
)
FACTS = (
    "SELECT position, type, envelope FROM mirror WHERE source = %s AND position = ANY(%s)"
    " ORDER BY position"
)
OF_GRANT = (
    "SELECT position, type, envelope FROM mirror WHERE source = 'delegation' AND stream = %s"
    " ORDER BY version"
)
PAPERS = (
    "SELECT position FROM paper WHERE agreement_id = ANY(%s::uuid[]) AND position < %s"
    " ORDER BY position"
)
SEALS = "SELECT position FROM seal_issue WHERE seal_id = ANY(%s) ORDER BY position"

APPROVED, STARTED = "cases.ApprovalIssued", "delegation.ItemImplementationStarted"
DECIDED_OTHERWISE = {
    "cases.ApplicationDenied": "不予许可", "cases.ServiceCompleted": "当场办结，没有许可决定",
}
ROLE_OF = {
    APPROVED: "approval", "cases.CaseAccepted": "acceptance", "cases.SealApplied": "seal_use",
    STARTED: "start",
}
# What changes a grant, and so belongs to a receipt also when the decision had not seen it.
CHANGES = frozenset(
    f"delegation.{name}" for name in (
        "GrantCorrected", "GrantModeChanged", "GrantScopeChanged", "GrantSucceeded",
        "ItemRecalled", "LegalityReviewOpened",
    )
)
MERGED = "catalog.OrganMerged"


@dataclass(frozen=True)
class Part:
    """One fact of a receipt: its role, where it stands, and its recorded bytes."""

    role: str
    source: str
    position: int
    envelope: bytes
    told: Mapping[str, Any]

    @property
    def data(self) -> Mapping[str, Any]:
        """What the event says."""
        found: Mapping[str, Any] = self.told["data"]
        return found

    @property
    def authority(self) -> Mapping[str, Any]:
        """The power an act was done under; empty where the fact is no such act."""
        return self.data.get("authority") or {}


class Receipts:
    """Receipts of approvals.

    Args:
        database: of the ledger.
        mirrors: of every log, by service.
    """

    def __init__(self, database: Database, mirrors: Mapping[str, Mirror]) -> None:
        self.database = database
        self.mirrors = mirrors

    def receipt(self, case: str) -> str:
        """The receipt of a case's approval, as the file has it.

        Raises:
            Refused: ``ledger.unknown-case``, ``ledger.not-decided``, ``ledger.no-approval``;
                ``ledger.not-yet-signed``: a fact is not under a checkpoint yet;
                ``ledger.source-away``, ``ledger.not-signed``: there is no checkpoint to trust;
                ``ledger.mirror-incomplete``: a fact before it is missing or parked;
                ``ledger.mirror-damaged``: the mirror is not what was signed.
        """
        return self.under_checkpoints(self.parts(case))

    def under_checkpoints(self, parts: Sequence[Part]) -> str:
        """The file of these facts; as `receipt` refuses."""
        under = {
            source: covering(
                self.mirrors[source], max(one.position for one in parts if one.source == source)
            )
            for source in {one.source for one in parts}
        }
        return written(parts, under)

    def parts(self, case: str) -> list[Part]:
        """The facts of the receipt, the approval first; as `receipt` refuses."""
        *earlier, approval = self._approval(case)
        seals = [one for one in self._acts(case) if one.role == "seal_use"]
        acts = [approval, *earlier, *seals]
        grants = list(self._grants(acts))
        items = self._facts("catalog", "item", {one.authority["item_position"] for one in acts})
        agreements = {one.data.get("agreement_id") for one in grants} - {None}
        papers = self.database.rows(
            PAPERS, (list(agreements), approval.data["holdings_version"])
        )
        issued = self.database.rows(SEALS, (sorted({one.data["seal_id"] for one in seals}),))
        return [
            *acts, *grants, *self._facts("delegation", "agreement", _first(papers)),
            *self._facts("delegation", "seal", _first(issued)), *items,
            *self._mergers(approval, [*items, *grants]),
        ]

    def _approval(self, case: str) -> list[Part]:
        """The acts in the case, the latest approval last."""
        acts = [one for one in self._acts(case) if one.role != "seal_use"]
        if not acts:
            raise Refused(
                "ledger.unknown-case", {"case": case}, "账本中没有该案件，或者尚未受理，请核对编号"
            )
        approved = [nth for nth, one in enumerate(acts) if one.role == "approval"]
        if not approved:
            outcomes = {one.told["type"] for one in acts} & DECIDED_OTHERWISE.keys()
            raise _no_approval(case, outcomes)
        return acts[: approved[-1] + 1]

    def _acts(self, case: str) -> list[Part]:
        return self._facts(
            "cases", "step", (position for position, _ in self.database.rows(ACTS, (case,)))
        )

    def _grants(self, acts: Iterable[Part]) -> Iterator[Part]:
        """The whole history of each grant that was relied on, as far as it was seen then."""
        approval, *_ = acts
        seen: dict[str, int] = {}
        for one in acts:
            if grant := one.authority.get("grant_id"):
                seen[grant] = max(seen.get(grant, 0), one.authority["grant_position"])
        for grant, last in seen.items():
            of_decision = grant == approval.authority["grant_id"]
            for part in _parts("grant", "delegation", self.database.rows(OF_GRANT, (grant,))):
                if part.position <= last or part.role == "start":
                    yield part
                elif of_decision and part.told["type"] in CHANGES:
                    yield replace(part, role="later")

    def _mergers(self, approval: Part, parts: Sequence[Part]) -> list[Part]:
        """Who took the place of departments and holders that were no more, as then recorded."""
        organs = {one.data["granting_org_id"] for one in parts if one.role == "item"}
        for one in parts:
            organs |= {row["org_id"] for row in one.data.get("facets", ()) if isinstance(row, dict)}
        closings = Register(self.database).closings(organs)
        known = [
            row["position"] for row in closings
            if row["recorded_at"] <= instant(approval.told["recorded_at"])
        ]
        found = self._facts("catalog", "merger", known)
        return [one for one in found if one.told["type"] == MERGED]

    def _facts(self, source: str, role: str, positions: Iterable[int]) -> list[Part]:
        wanted = sorted(set(positions))
        found = list(_parts(role, source, self.database.rows(FACTS, (source, wanted))))
        if missing := set(wanted) - {one.position for one in found}:
            raise damaged(source, min(missing))
        return found


def written(parts: Sequence[Part], under: Mapping[str, Covering]) -> str:
    """The file: JSON in its one spelling, each fact with its proof; the approval is the first."""
    facts = [
        {
            "role": one.role, "source": one.source, "envelope": one.envelope.decode(),
            "proof": under[one.source].proof(one.position, one.envelope),
        }
        for one in parts
    ]
    told = {"format": FORMAT, "case": parts[0].data["case_id"], "facts": facts}
    return json.dumps(told, ensure_ascii=False, indent=1) + "\n"


def _parts(role: str, source: str, rows: Iterable[tuple[Any, ...]]) -> Iterator[Part]:
    """Facts of one log; some types have a role of their own."""
    for position, type_, envelope in rows:
        try:
            told = json.loads(bytes(envelope))
        except ValueError as wrong:
            raise damaged(source, position) from wrong
        yield Part(ROLE_OF.get(type_, role), source, position, bytes(envelope), told)


def _first(rows: Iterable[tuple[Any, ...]]) -> Iterator[int]:
    return (int(position) for position, *_ in rows)


def _no_approval(case: str, outcomes: Iterable[str]) -> Refused:
    for outcome in outcomes:
        return Refused(
            "ledger.no-approval", {"case": case, "outcome": outcome},
            f"该案件{DECIDED_OTHERWISE[outcome]}，因此没有许可凭证",
        )
    return Refused(
        "ledger.not-decided", {"case": case}, "该案件已受理，尚未作出决定；决定之后方有许可凭证"
    )
