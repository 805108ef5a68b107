"""The commands of the supervision service: load, let the domain decide, hand back what to save."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, ClassVar
from uuid import UUID

from eventsourcing.domain import Aggregate

from services.supervision.domain import refusals
from services.supervision.domain.flag import Flag
from services.supervision.domain.forwarding import Forwarding
from services.supervision.domain.memorandum import Memorandum
from services.supervision.domain.notice import Notice
from services.supervision.domain.obligation import Obligation
from services.supervision.domain.owed import Owed
from services.supervision.domain.push import Push
from services.supervision.domain.record import Record
from services.supervision.questions import Questions
from shared.clock import Clock, day_of, system_clock
from shared.commands import Commands
from shared.contracts.envelope import Given
from shared.database import Database
from shared.holdings.questions import Holdings
from shared.refusal import Refusals
from shared.register.questions import Register

# A decision with what ended its grant by then, and whether the local copies lack a position that
# its authority names. A department that lost an item to an exclusive transfer (R064) decides
# without a town: the unit stands in.
DECISION = """
SELECT a.*, r.recall_id, r.effective_from,
       coalesce(a.town_id, (SELECT min(h.town_id) FROM holding h WHERE h.item_id = a.item_id
                               AND h.exclusive AND h.superseded_by IS NULL)) AS place,
       EXISTS (SELECT 1 FROM bus.cursor c
                WHERE (c.source = 'delegation' AND c.projected <= a.grant_position)
                   OR (c.source = 'catalog' AND c.projected <= a.item_position)) AS behind
  FROM approval a
  LEFT JOIN LATERAL (SELECT * FROM recall WHERE grant_id = a.grant_id
                        AND effective_from <= a.decided_at
                      ORDER BY effective_from LIMIT 1) r ON true
 WHERE a.decision_id = %s
"""
AS_NOW_KNOWN = datetime(9999, 1, 1, tzinfo=UTC)


class Supervision(Commands):
    """One method per command door."""

    service = "supervision"
    # Owed last: the withdrawal that obligations, forwardings and pushes share is its own event.
    aggregates: ClassVar[tuple[type[Aggregate], ...]] = (
        Obligation, Forwarding, Push, Memorandum, Record, Flag, Notice, Owed,
    )
    many_step: ClassVar[frozenset[str]] = frozenset({"assign_obligations", "run_due"})

    def __init__(self, database: Database, clock: Clock | None = system_clock) -> None:
        super().__init__(database, clock)
        self.register = Register(database)
        self.holdings = Holdings(database)
        self.questions = Questions(database)

    def jurisdiction(self, programme: str) -> str:
        return self.register.jurisdiction(programme)

    def assign_obligations(self, given: Given, *, programme: str) -> None:
        """R194: each task to each of its units, as a command of its own; again, it adds none."""
        gone = self.register.successions(given.at)
        for row in self._tasks(programme):
            for named in row["units"]:
                known = self.load(
                    Obligation, Obligation.create_id(programme, row["task_no"], named)
                )
                unit = named if known else gone.get(named, named)
                self.follow(
                    given,
                    f"assign:{row['task_no']}:{unit}",
                    "assign_task",
                    {"programme": programme, "task_no": row["task_no"], "unit": unit},
                )

    def assign_task(self, given: Given, *, programme: str, task_no: str, unit: str) -> Aggregate:
        stream = Obligation.create_id(programme, task_no, unit)
        if assigned := self.load(Obligation, stream):
            return assigned
        settings = self.register.programme(programme)["settings"]
        row = next((one for one in settings["obligations"] if one["task_no"] == task_no), None)
        if row is None:
            raise refusals.unknown_task(programme, task_no)
        gone = self.register.successions(given.at)
        units = [gone.get(one, one) for one in row["units"]]
        return Obligation.assign(
            programme=programme,
            row=row | {"units": units},
            unit=unit,
            deadlines=settings["deadlines"],
        )

    def report_task(
        self, given: Given, *, programme: str, obligation: UUID, text_ref: str
    ) -> Aggregate:
        owed = self._obligation(obligation)
        owed.report(by=given.actor["org"], text_ref=text_ref, at=given.at)
        return owed

    def complete_task(
        self, given: Given, *, programme: str, obligation: UUID, evidence_refs: list[str]
    ) -> Aggregate:
        owed = self._obligation(obligation)
        owed.complete(
            evidence_refs=evidence_refs,
            at=given.at,
            overdue_event=self._event_id(obligation, "supervision.TaskOverdue"),
        )
        return owed

    def run_due(self, given: Given, *, programme: str | None, now: datetime) -> None:
        """R224: each due thing becomes a fact of the instant its deadline passed, once.

        What another scheduler recorded, or what was done meanwhile, refuses by itself.
        """
        refusals = Refusals()
        for one in self.questions.due(programme=programme, now=now):
            request = {"programme": one["programme"], one["field"]: one["what"]}
            then = replace(given.child(f"{one['door']}:{one['what']}"), at=one["due_at"])
            with refusals:
                self.do(one["door"], request, then)
        refusals.tell_passing()

    def declare_task_overdue(self, given: Given, *, programme: str, obligation: UUID) -> Aggregate:
        owed = self._obligation(obligation)
        owed.declare_overdue(at=given.at)
        return owed

    def declare_forward_overdue(self, given: Given, *, programme: str, case: str) -> Aggregate:
        if recorded := self.load(Forwarding, Forwarding.create_id(case)):
            return recorded
        accepted = self._accepted(case)
        return Forwarding.declare_overdue(
            case=case,
            town=accepted["town_id"],
            due_at=accepted["forward_due_at"],
            left_at=accepted["left_at"],
            at=given.at,
        )

    def prove_forwarded(self, given: Given, *, programme: str, case: str) -> Aggregate | None:
        """R118, R224: by the time of the act, not of its delivery."""
        forwarding = self.load(Forwarding, Forwarding.create_id(case))
        left_at = self._accepted(case)["left_at"] if forwarding else None
        if forwarding is None or left_at is None:
            return None
        overdue = self._event_id(forwarding.id, "supervision.ForwardOverdue")
        forwarding.prove(left_at=left_at, overdue_event=str(overdue))
        return forwarding

    def declare_push_overdue(self, given: Given, *, programme: str, push: UUID) -> Aggregate:
        expected = self._expected(push)
        owed = self._push(push)
        owed.declare_overdue(
            owed_by=expected["owed_by_org_id"], due_at=expected["due_at"], at=given.at
        )
        return owed

    def send_push(self, given: Given, *, programme: str, push: UUID) -> Aggregate:
        expected = self._expected(push, direction="approval")
        owed = self._push(push)
        owed.send_approval(
            case=expected["case_id"],
            from_org=expected["owed_by_org_id"],
            to_org=expected["to_org_ids"][0],
            due_at=expected["due_at"],
            at=given.at,
            overdue_event=self._event_id(push, "supervision.PushOverdue"),
        )
        return owed

    def acknowledge_push(self, given: Given, *, programme: str, push: UUID) -> Aggregate:
        owed = self._push(push)
        owed.acknowledge(at=given.at)
        return owed

    def collect_record(
        self,
        given: Given,
        *,
        programme: str,
        source_org: str,
        kind: str,
        subject_key: str,
        ref: str,
        case: str | None,
    ) -> Aggregate:
        if self.load(Record, Record.create_id(source_org, ref)):
            raise refusals.record_exists(source_org, ref)
        self.register.organ(source_org)
        return Record.collect(
            source_org=source_org, ref=ref, kind=kind, subject=subject_key, case=case, at=given.at
        )

    def push_result(self, given: Given, *, programme: str, push: UUID, result: str) -> Aggregate:
        expected = self._expected(push, direction="result")
        owed = self._push(push)
        owed.send_result(
            case=expected["case_id"],
            subject=expected["subject_ref"],
            result=result,
            to_orgs=expected["to_org_ids"],
            due_at=expected["due_at"],
            at=given.at,
            overdue_event=self._event_id(push, "supervision.PushOverdue"),
        )
        return owed

    def sign_memorandum(
        self,
        given: Given,
        *,
        programme: str,
        town: str,
        supervising_org: str,
        coordinator_org: str | None,
        entries: Sequence[dict[str, Any]],
    ) -> Aggregate:
        signed_on = day_of(given.at)
        if self.load(Memorandum, Memorandum.create_id(town, supervising_org, signed_on)):
            raise refusals.memorandum_exists(town, supervising_org, signed_on)
        self.register.town(programme, town)
        settings = self.register.programme(programme)["settings"]["memorandum"]
        return Memorandum.sign(
            town=town,
            supervising_org=supervising_org,
            coordinator_org=coordinator_org or settings["coordinator_org_id"],
            entries=[(self.register.item(programme, entry["item"]), entry) for entry in entries],
            delegated=self.questions.separated_items(
                programme=programme, town=town, supervising_org=supervising_org
            ),
            signed_on=signed_on,
        )

    def flag_decision(self, given: Given, *, programme: str, decision: str) -> Aggregate | None:
        """R131: against the holdings as now known, once they include what it rested on."""
        rows = self.database.dicts(DECISION, (decision,))
        if not rows:
            raise refusals.unknown_decision(decision)
        (found,) = rows
        if found["behind"]:
            return None
        holders = self.holdings.holders(
            item=found["item_id"],
            town=found["place"],
            facet=found["facet"],
            at=found["decided_at"],
            known_at=AS_NOW_KNOWN,
        )
        flag = Flag.check(found, holders=holders, recall=found if found["recall_id"] else None)
        return flag and (self.load(Flag, flag.id) or flag)

    def propose_notice(self, given: Given, *, programme: str, on: date) -> Aggregate:
        stream = Notice.create_id(programme, on)
        if self.load(Notice, stream):
            raise refusals.notice_exists(str(stream))
        self.register.known(programme=programme)
        late = self.questions.late(programme=programme, on=on)
        return Notice.propose(programme=programme, on=on, late=late)

    def issue_notice(self, given: Given, *, programme: str, notice: UUID) -> Aggregate:
        proposed = self.load(Notice, notice)
        if proposed is None:
            raise refusals.unknown_notice(str(notice))
        reporting = self.register.programme(programme)["settings"]["reporting"]
        proposed.issue(
            programme=programme,
            by=given.actor["org"],
            issuer=reporting["overdue_notice_by_org_id"],
            on=day_of(given.at),
        )
        return proposed

    def _tasks(self, programme: str) -> list[dict[str, Any]]:
        return list(self.register.programme(programme)["settings"]["obligations"])

    def _obligation(self, obligation: UUID) -> Obligation:
        found = self.load(Obligation, obligation)
        if found is None:
            raise refusals.unknown_obligation(str(obligation))
        return found

    def _accepted(self, case: str) -> dict[str, Any]:
        found = self.database.dicts("SELECT * FROM accepted_case WHERE case_id = %s", (case,))
        if not found:
            raise refusals.unknown_case(case)
        return dict(found[0])

    def _push(self, push: UUID) -> Push:
        return self.load(Push, push) or Push.expected(push)

    def _expected(self, push: UUID, direction: str | None = None) -> dict[str, Any]:
        found = self.questions.push_list.one(push)
        if found is None or direction not in {None, found["direction"]}:
            raise refusals.unknown_push(str(push))
        return found

    def _event_id(self, stream: UUID, type_: str) -> str | None:
        """The id of the stream's last event of that type, or None."""
        for _, name, envelope in self.log.events(stream, desc=True):
            if name == type_:
                return str(json.loads(envelope)["id"])
        return None
