"""Whatever is commanded, by whomever: what the services let pass, the audit finds in order."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest

from demo.material import items
from services.ledger.audit.run import Audit, Bounds
from services.ledger.audit.told import READ_IN, Stored
from shared.refusal import Refused
from shared.settings import Settings
from tests.played import (
    MD_OTHER,
    MD_OWNER,
    MD_TOWN,
    PRINT,
    ST_TOWN,
    UNIT,
    Counties,
    Played,
    granted,
)

CASES, STEPS, SEEDS = 40, 10, (11, 12)
REACHED = {"ApprovalIssued", "ApplicationDenied", "SealApplied", "CaseForwarded", "CaseClosed"}
LIKELY = 0.7  # that an act is one that may follow the last one, by an organ that may do it
AFTER = {
    "submit": ("accept",), "accept": ("review", "review", "forward", "complete", "approve"),
    "preliminary_review": ("forward",), "review": ("approve", "approve", "deny", "forward"),
    "forward": ("receive",), "receive": ("approve", "review", "return_case"),
    "return_case": ("review", "forward"), "approve": ("seal",), "deny": ("deliver",),
    "seal": ("deliver",), "deliver": ("close",), "detect_cross_town": ("forward",),
}
OWNERS = {row["item_id"]: row["granting_org_id"]
          for programme in ("MD2023", "ST2021", "GZ2020") for row in items(programme)}
FILED = (
    *(("MD2023", item, MD_TOWN)
      for item in ("MD23-04", "MD23-12", "MD23-21", "MD23-07", "MD23-05")),
    *(("ST2021", item, ST_TOWN) for item in ("ST21-01", "ST21-05", "ST21-06", "ST21-13")),
    ("GZ2020", "GZ20-001", UNIT),
)
OUTCOMES = {row["item_id"]: row["outcome_kind"]
            for programme in ("MD2023", "ST2021", "GZ2020") for row in items(programme)}
DOORS = ("accept", "preliminary_review", "review", "forward", "receive", "approve", "deny", "seal",
         "deliver", "close", "return_case", "detect_cross_town", "complete", "notify_deficiency",
         "supplement", "withdraw", "not_accept")


@pytest.fixture(params=SEEDS)
def tried(request: pytest.FixtureRequest, migrated: Settings) -> Iterator[tuple[Counties, Random]]:
    """The powers of three programmes, and chance."""
    world = Counties(migrated)
    world.empty()
    world.imported("MD2023", "ST2021", "GZ2020")
    granted(Played(world))
    yield world, Random(request.param)
    world.empty()
    world.close()


class Meddling:
    """One case, and anybody doing anything to it; what is refused changes nothing."""

    def __init__(self, world: Counties, chance: Random, number: int) -> None:
        self.world, self.chance, self.case = world, chance, str(UUID(int=chance.getrandbits(128)))
        self.programme, self.item, self.town = chance.choice(FILED)
        self.owner, day = OWNERS[self.item], "2024-01-25" if number % 3 == 0 else "2023-09-01"
        self.organs = (
            self.town, f"{self.town}-CENTRE", f"{self.town}-DEPT", f"{self.town}-BUREAU",
            self.owner, self.owner, MD_OTHER,
        )
        if self.programme == "ST2021" and day.startswith("2023"):
            day = "2021-09-01"
        self.last = "submit"
        self.at = datetime.fromisoformat(f"{day}T09:00:00+08:00") + timedelta(minutes=number)

    def do(self, door: str, org: str, **told: Any) -> None:
        self.at += timedelta(minutes=self.chance.choice((1, 30, 60 * 20)))
        with suppress(Refused):
            self.world.do(
                "cases", door, {"programme": self.programme, "case": self.case, **told},
                at=self.at.isoformat(), actor=org,
            )
            self.last = door

    def submit(self) -> None:
        towns = self.chance.choice(([], [self.town], [self.town, f"{self.town[:-2]}02"]))
        org = self.chance.choice(self.organs[:5])
        known = {self.town, f"{self.town}-CENTRE", self.owner}
        self.do(
            "submit", self.owner, item=self.item, applicant_ref="r", channel="window",
            applicant_key=f"k-{self.chance.randrange(20)}", subject_key="s",
            subitem=self.chance.choice((None, PRINT, PRINT, "其他")), towns_concerned=towns,
            chosen_org=org if org in known else self.town, town=self.town,
        )

    def act(self) -> None:
        """A likely next step, each organ of the case trying it; or any, by anyone."""
        if self.chance.random() > LIKELY:
            door = self.chance.choice(DOORS)
            self.do(door, self.chance.choice(self.organs), **self.told(door))
            return
        door, before = self.chance.choice(AFTER.get(self.last, DOORS)), self.last
        for org in self.chance.sample(self.organs[:5], 5):
            self.do(door, org, **self.told(door))
            if self.last != before:
                return

    def told(self, door: str) -> dict[str, Any]:
        chance = self.chance
        seals = (
            f"SEAL2:{MD_OWNER}:{MD_TOWN}:1", f"DEPARTMENT_SEAL:{self.owner}:1",
            f"TOWN_APPROVAL_SEAL:{ST_TOWN}:1", f"BUREAU_APPROVAL_SEAL:{UNIT}-BUREAU:1",
        )
        document = f"{UUID(self.case).int % 7:064x}" if chance.random() < 0.1 else (
            f"{UUID(self.case).int:064x}"
        )
        return {
            "preliminary_review": {"result": chance.choice(("ok", "defects")), "defects": []},
            "review": {"result": chance.choice(("positive", "positive", "negative")),
                       "opinion_ref": "o", "opinion_seal": chance.choice((None, seals[2]))},
            "forward": {"to": chance.choice((self.owner, self.owner, MD_OWNER)),
                        "opinion_ref": None},
            "deny": {"reason": "r", "legal_basis": "b", "document_ref": "d",
                     "ground": chance.choice(("merits", "formal"))},
            "seal": {"seal": chance.choice(seals), "document_hash": document},
            "deliver": {"document_hash": document},
            "return_case": {"reason_code": chance.choice(("seal_missing", "not_qualified")),
                            "text": "t"},
            "detect_cross_town": {"town": f"{self.town[:-2]}02"},
            "complete": {"outcome_kind": OUTCOMES[self.item] or "answer", "result_ref": None},
            "notify_deficiency": {"items": ["身份证明"], "document_ref": "n"},
            "supplement": {"items": ["身份证明"]},
            "not_accept": {"reason_code": "outside_scope", "legal_basis": "b", "document_ref": "d"},
        }.get(door, {})


@pytest.mark.rule("R131")
@pytest.mark.rule("R065")
def test_no_sequence_of_commands_makes_a_history_that_the_audit_rejects(tried):
    world, chance = tried
    cases = [Meddling(world, chance, number) for number in range(CASES)]
    for case in cases:
        case.submit()
        case.act()
    for _ in range(STEPS):
        for case in chance.sample(cases, len(cases)):
            case.act()
        world.settle()
    recalled(world, max(case.at for case in cases).date() + timedelta(days=1))
    for case in chance.sample(cases, len(cases)):
        case.act()
    world.settle()

    logs = {
        source: [Stored(fact.position, fact.envelope) for fact in world.facts(source)]
        for source in READ_IN
    }
    found = list(Audit(lambda name: logs[name], lambda name, at: logs[name][at], Bounds()).run())

    reached = {fact.type.partition(".")[2] for fact in world.facts("cases")}
    assert reached >= REACHED
    assert [one for one in found if one.weight == "violation" and not one.late] == []
    assert world.parked() == []


def recalled(world: Counties, day: date) -> None:
    """One of the town's items goes back the day after; cases in hand follow it.

    Args:
        day: after every act so far: whoever drives the clock keeps it going forward.
    """
    hands = Played(world)
    (grant,) = world.ask("delegation", "grants_of",
                         {"programme": "MD2023", "town": MD_TOWN, "item": "MD23-12"})
    told = {"programme": "MD2023", "grant": grant["grant_id"]}
    at = f"{day}T15:00:00+08:00"
    hands.told("propose_recall", at, MD_OWNER, **told, ground="poor_effect", evidence_refs=["E"],
               proposed_by=MD_OWNER)
    hands.told("hear_town", at, MD_TOWN, **told, opinion_ref="o")
    hands.told("recall", at, MD_OWNER, **told, decided_on=day.isoformat(),
               effective_from=(day + timedelta(days=1)).isoformat())
