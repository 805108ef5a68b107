"""One pass over the four logs: learn who held what, then judge each act; flat in memory; pure."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from marshmallow import ValidationError

from services.ledger.audit import (  # noqa: F401 - they enter themselves into the table
    checks_authority,
    checks_granting,
    checks_papers,
    checks_seals,
    checks_steps,
)
from services.ledger.audit.case import Case
from services.ledger.audit.causes import Causes, of_its_command
from services.ledger.audit.checks import BY_EVENT, NOTE, READ, REFUSED, VIOLATION
from services.ledger.audit.findings import Finding, judged, of
from services.ledger.audit.scene import LEARNT, Scene, World
from services.ledger.audit.told import READ_IN, Stored, Told, Unreadable, read
from shared.contracts.events import all_contracts, contract_of, load

# A log's clock may be that much behind the caller's (docs/design/commands.md).
EARLY = timedelta(minutes=2)
LATE = timedelta(days=1)

# Reads of what is kept apart from the log because it is personal (R223).
SENSITIVE = frozenset({"cases.ApplicantDetailsRead"})
# The rule by which an attempt was turned down; of others the record itself is the rule.
TURNED_DOWN = {
    "cases.AuthorityCheckFailed": "R131", "cases.SealUseRejected": "R083",
    "cases.ApplicantAccessRefused": "R223", "delegation.ItemDelegationRejected": "R059",
}
SUBMITTED, ACCEPTED, SEALED = "ApplicationSubmitted", "CaseAccepted", "SealApplied"

# What a fact that does not have its contract's fields runs into.
NOT_ITS_CONTRACT = (
    KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError, ValidationError,
)


@dataclass(frozen=True)
class Bounds:
    """What is to be judged; everything else is only learnt from.

    Args:
        jurisdiction: only facts of that one.
        programme: only facts of that one.
        before: only acts done before that instant.
        last: of a log, the last position that is judged.
        known: judge by what was recorded by then; what was recorded later is not there.
    """

    jurisdiction: str | None = None
    programme: str | None = None
    before: datetime | None = None
    last: Mapping[str, int] = field(default_factory=dict)
    known: datetime | None = None

    def holds(self, told: Told) -> bool:
        """Whether the fact is to be judged."""
        return (
            self.jurisdiction in (None, told.jurisdiction)
            and self.programme in (None, told.programme)
            and (self.before is None or told.occurred < self.before)
            and told.position <= self.last.get(told.source, told.position)
        )


class Audit:
    """One audit; `run` once.

    Args:
        log: the entries of a source in dense order.
        entry: one entry again, by source and position.
    """

    def __init__(
        self, log: Callable[[str], Iterable[Stored]], entry: Callable[[str, int], Stored],
        bounds: Bounds,
    ) -> None:
        self.log, self.entry, self.bounds = log, entry, bounds
        self.world, self.causes = World(), Causes()
        self.cases: dict[str, Case] = {}
        self.contracts = all_contracts()
        self.refusals = frozenset(
            name for name, contract in self.contracts.items() if contract.refusal
        )
        self.looked_at = dict.fromkeys(READ_IN, 0)

    def run(self) -> Iterator[Finding]:
        """Everything found, in the order in which the logs are read; causes at the end."""
        for source in READ_IN:
            for stored in self.log(source):
                try:
                    told = read(source, stored)
                except Unreadable as wrong:
                    yield _unreadable(source, stored.position, str(wrong))
                    continue
                if self.bounds.known is None or told.recorded <= self.bounds.known:
                    yield from self._fact(told)
        yield from self._causes()

    def _fact(self, told: Told) -> Iterator[Finding]:
        judge = self.bounds.holds(told)
        self.causes.take(told)
        case = self._case(told) if told.source == "cases" else None
        if judge:
            self.looked_at[told.source] += 1
            yield from self._record(told)
            scene = Scene(self.world, told, case)
            for check in BY_EVENT.get(told.name, ()):
                try:
                    facts = check.judge(scene)
                    found = None if facts is None else judged(check, scene, facts)
                except NOT_ITS_CONTRACT as wrong:
                    yield _misshapen(told, wrong)
                    break
                if found is not None:
                    yield found
        try:
            self._learn(told, case)
        except NOT_ITS_CONTRACT as wrong:
            if judge:
                yield _misshapen(told, wrong)

    def _record(self, told: Told) -> Iterator[Finding]:
        """The clocks, and what is on record because somebody looked or was turned down."""
        if told.occurred > told.recorded + EARLY:
            yield of(told, VIOLATION, "R222", "recorded-before-it-occurred",
                     "登记时间早于行为时间", {})
        elif told.recorded - told.occurred > LATE:
            days = (told.recorded - told.occurred).days
            yield of(told, NOTE, "R222", "late-entry", f"补录：迟于行为{days}日", {"days": days})
        name = f"{told.source}.{told.name}"
        if name not in self.contracts:
            yield of(told, VIOLATION, "R123", "unknown-event", f"没有事件{name}的契约", {})
        if name in self.refusals:
            code, zh = told.data.get("reason_code", ""), told.data.get("reason_zh", "")
            rule = TURNED_DOWN.get(name, "R123")
            yield of(told, REFUSED, rule, str(code), str(zh), {})
        elif name in SENSITIVE:
            yield of(told, READ, "R223", "sensitive-read", "查阅了申请人信息", told.data)

    def _case(self, told: Told) -> Case | None:
        """The case as it stands before the fact; a new one where the fact begins it."""
        if told.name == SUBMITTED and told.stream not in self.cases:
            try:
                self.cases[told.stream] = Case(told)
            except NOT_ITS_CONTRACT:
                return None
        return self.cases.get(str(told.data.get("case_id")))

    def _learn(self, told: Told, case: Case | None) -> None:
        """Take it in; what every later act is judged by must keep its contract to the letter."""
        if told.source != "cases":
            if told.name in LEARNT:
                name = f"{told.source}.{told.name}"
                load(name, told.data, contract_of(name).contract_version)
                self.world.take(told)
        elif case is not None and told.name == SEALED:
            case.sealed = True
        elif case is not None:
            self._follow(case, told)

    def _follow(self, case: Case, told: Told) -> None:
        undecided = case.outcome is None
        case.follow(told)
        if told.name == ACCEPTED:
            self.world.open.setdefault(case.key, []).append(case)
        if case.accepted_at is not None and undecided and (case.over or case.outcome is not None):
            rest = [other for other in self.world.open.get(case.key, ()) if other.id != case.id]
            if rest:
                self.world.open[case.key] = rest
            else:
                self.world.open.pop(case.key, None)
        if case.over:
            self.cases.pop(case.id, None)

    def _causes(self) -> Iterator[Finding]:
        for source, position in self.causes.unknown():
            told = read(source, self.entry(source, position))
            if self.bounds.holds(told) and not of_its_command(told):
                yield of(told, VIOLATION, "R123", "no-such-cause",
                         f"所载起因{told.causation}没有记录", {"causation": told.causation})


def _unreadable(source: str, position: int, why: str) -> Finding:
    return Finding(
        VIOLATION, "R123", "not-an-envelope", f"记录不可读：{why}", source, position,
        event="", event_id="", programme="", jurisdiction="", occurred_at=None, recorded_at=None,
    )


def _misshapen(told: Told, wrong: Exception) -> Finding:
    what = repr(wrong)
    zh = f"记录内容不合契约：{what}"
    return of(told, VIOLATION, "R123", "not-its-contract", zh, {"what": what})
