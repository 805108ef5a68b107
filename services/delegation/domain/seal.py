"""Seals: No. 2 of a department for one town, and the organs' own approval seals."""

from collections.abc import Sequence
from dataclasses import InitVar
from datetime import date, datetime
from uuid import UUID

from eventsourcing.domain import Aggregate, event

from services.delegation.domain import refusals, seal_refusals
from services.delegation.domain.centre_rules import CentreRules, check_seal_rule
from services.delegation.domain.programme import Row, setting
from services.delegation.domain.stream import stream_id

SEAL_NO_2 = "seal_no_2"
DEPARTMENT_SEAL = "department_seal"
GONE = ("returned", "destroyed", "lost", "retired")
PATTERN_ENDINGS = ("局审批专用章", "委审批专用章")


def seal_no_2_id(department: str, town: str, ordinal: int) -> str:
    return f"SEAL2:{department}:{town}:{ordinal}"


def own_seal_id(kind: str, org: str, ordinal: int) -> str:
    return f"{kind.upper()}:{org}:{ordinal}"


class Seal(Aggregate):
    """One physical seal; of a pair or an organ only one that is not gone (R082)."""

    class SealAuthorised(Aggregate.Created):
        seal_id: str
        department_id: str
        town_id: str
        authorised_by_org_id: str
        instrument_ref: str

        def apply(self, aggregate: "Seal") -> None:
            aggregate.kind, aggregate.state = SEAL_NO_2, "authorised"
            aggregate.department_id, aggregate.town_id = self.department_id, self.town_id

    class SealRegistered(Aggregate.Created):
        seal_id: str
        kind: str
        org_id: str

        def apply(self, aggregate: "Seal") -> None:
            aggregate.kind, aggregate.state = self.kind, "in_use"
            aggregate.department_id = self.org_id

    class SealEngraved(Aggregate.Event):
        seal_id: str
        text: str
        engraved_on: date
        pattern_deviation: bool

    class SealIssued(Aggregate.Event):
        seal_id: str
        department_id: str
        town_id: str
        custodian_org_id: str
        issued_on: date

    class SealSuspended(Aggregate.Event):
        """Its field ``from`` is no Python name, hence set by hand."""

        seal_id: str
        reason: str
        since: InitVar[datetime]

        def __post_init__(self, since: datetime) -> None:
            vars(self)["from"] = since

        def apply(self, aggregate: "Seal") -> None:
            aggregate.state = "suspended"

    class SealReturned(Aggregate.Event):
        seal_id: str
        returned_to_org_id: str
        on: date

    class SealDestroyed(Aggregate.Event):
        seal_id: str
        on: date
        witness_org_id: str

    class SealLost(Aggregate.Event):
        seal_id: str
        reported_at: datetime

    class SealRetired(Aggregate.Event):
        seal_id: str
        on: date
        reason: str

    @staticmethod
    def create_id(seal: str) -> UUID:
        return stream_id("seal", seal)

    def __init__(self, seal_id: str) -> None:
        self.seal_id = seal_id
        self.kind = ""
        self.department_id = ""
        self.town_id: str | None = None
        self.state = ""
        self.engraved_on: date | None = None

    @classmethod
    def authorise(
        cls, *, programme: Row, department: Row, town: Row, ordinal: int, authorised_by: str,
        instrument_ref: str
    ) -> "Seal":
        """The government lets a department engrave its seal for a town (R080)."""
        if SEAL_NO_2 not in (row["policy"]["seal_kind"] for row in programme["modes"].values()):
            raise seal_refusals.no_such_seal(programme["programme_id"], SEAL_NO_2)
        if not town["recipient"]:
            raise refusals.not_a_recipient(town["town_id"], programme["programme_id"])
        government = setting(programme, "seal", "authorised_by_org_id")
        if government is not None and authorised_by != government:
            raise seal_refusals.not_authorised_by_government(authorised_by, government)
        seal = seal_no_2_id(department["org_id"], town["town_id"], ordinal)
        return cls._create(
            cls.SealAuthorised, id=cls.create_id(seal), seal_id=seal,
            department_id=department["org_id"], town_id=town["town_id"],
            authorised_by_org_id=authorised_by, instrument_ref=instrument_ref,
        )

    @classmethod
    def register(cls, *, kind: str, org: str, ordinal: int) -> "Seal":
        """An organ's own approval seal, in use from registration (R086, R088)."""
        seal = own_seal_id(kind, org, ordinal)
        return cls._create(
            cls.SealRegistered, id=cls.create_id(seal), seal_id=seal, kind=kind, org_id=org
        )

    def engrave(
        self, *, district: str, department_names: Sequence[str], town_name: str, text: str,
        engraved_on: date,
    ) -> None:
        """The text names department and town; a deviation from the pattern is noted (R081)."""
        self._in("authorised")
        short = (name.removeprefix("区") for name in department_names)
        before = next((text.partition(name)[0] for name in short if name in text), None)
        missing = [department_names[0]] if before is None else []
        if town_name not in text:
            missing.append(town_name)
        if missing:
            raise seal_refusals.text_names_neither(text, missing)
        self._engraved(
            seal_id=self.seal_id, text=text, engraved_on=engraved_on,
            pattern_deviation=not (before and district.endswith(before))
            or not any(ending in text for ending in PATTERN_ENDINGS),
        )

    def issue(
        self, *, programme: Row, town: Row, rules: CentreRules | None, custodian: str,
        issued_on: date,
    ) -> None:
        """Handed to the town's centre, the first time or again after a suspension (R080, R082).

        Args:
            rules: of the centre; among them must be the one on the use of the seal (R085).
        """
        pair_town = self.pair_town
        self._in("engraved", "suspended")
        if custodian != town["centre_id"]:
            raise seal_refusals.custodian_must_be_centre(custodian, town["centre_id"])
        if self.engraved_on is not None and issued_on < self.engraved_on:
            raise refusals.wrong_date_order("刻制日", self.engraved_on, "发放日", issued_on)
        check_seal_rule(programme, town, rules, issued_on)
        self._issued(
            seal_id=self.seal_id, department_id=self.department_id, town_id=pair_town,
            custodian_org_id=custodian, issued_on=issued_on,
        )

    def suspend(self, *, reason: str, since: datetime) -> None:
        """No use from that instant on (R087)."""
        self._in("in_use")
        self.trigger_event(self.SealSuspended, seal_id=self.seal_id, reason=reason, since=since)

    def return_(self, *, returned_to: str, department: str, on: date) -> None:
        """Back to the granting department, or to who has taken it over (R087)."""
        self._in("suspended")
        if returned_to != department:
            raise seal_refusals.return_to_department(returned_to, department)
        self._returned(seal_id=self.seal_id, returned_to_org_id=returned_to, on=on)

    def destroy(self, *, on: date, witness: str) -> None:
        """Destroyed on record (R087)."""
        self._in("suspended", "returned")
        self._destroyed(seal_id=self.seal_id, on=on, witness_org_id=witness)

    def lose(self, *, reported_at: datetime) -> None:
        """Lost; it may not be used any more (R087)."""
        self._in("in_use")
        self._lost(seal_id=self.seal_id, reported_at=reported_at)

    def retire(self, *, on: date, reason: str) -> None:
        """A registered seal is withdrawn (R088)."""
        if self.kind == SEAL_NO_2:
            raise refusals.wrong_state("seal", self.kind, ["registered"])
        self._in("in_use", "suspended")
        self._retired(seal_id=self.seal_id, on=on, reason=reason)

    @property
    def pair_town(self) -> str:
        """The town of a seal No. 2; an organ's own seal is handed to none (R080, R086).

        Raises:
            Refused: ``delegation.wrong-state``.
        """
        if self.town_id is None:
            raise refusals.wrong_state("seal", self.kind, [SEAL_NO_2])
        return self.town_id

    def _in(self, *states: str) -> None:
        if self.state not in states:
            raise refusals.wrong_state("seal", self.state, states)

    @event(SealEngraved)
    def _engraved(
        self, seal_id: str, text: str, engraved_on: date, *, pattern_deviation: bool
    ) -> None:
        self.state, self.engraved_on = "engraved", engraved_on

    @event(SealIssued)
    def _issued(
        self, seal_id: str, department_id: str, town_id: str, custodian_org_id: str, issued_on: date
    ) -> None:
        self.state = "in_use"

    @event(SealReturned)
    def _returned(self, seal_id: str, returned_to_org_id: str, on: date) -> None:
        self.state = "returned"

    @event(SealDestroyed)
    def _destroyed(self, seal_id: str, on: date, witness_org_id: str) -> None:
        self.state = "destroyed"

    @event(SealLost)
    def _lost(self, seal_id: str, reported_at: datetime) -> None:
        self.state = "lost"

    @event(SealRetired)
    def _retired(self, seal_id: str, on: date, reason: str) -> None:
        self.state = "retired"
