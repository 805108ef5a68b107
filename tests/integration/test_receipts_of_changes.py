"""Receipts where grants, departments and catalogues changed: all services, by real commands."""

import json
from collections.abc import Iterator

import pytest

from services.ledger.verify import Key, Proven, checked
from shared.settings import Settings
from tests.merging import acted, entrusted, filed, told
from tests.signing import Signing
from tests.world import World

LICUN = "MD2023-TOWN-16"
CENTRE = f"{LICUN}-CENTRE"
HEALTH, BUREAU = "MD2023-ORG-18", "MD2023-ORG-19"
CARDS, PREMISES = "MD23-37", "MD23-23"  # 老年优待证办理; 公共场所卫生许可
NEW = "MD2023-ORG-41"  # made up: no notice merges 区卫生健康局
SEAL = f"SEAL2:{HEALTH}:{LICUN}:1"
DECIDED = ("accept", "review", "approve")
JANUARY, FEBRUARY = "2024-01-15T09:00:00+08:00", "2024-02-20T09:00:00+08:00"
MERGED_AT, MARCH = "2024-03-01T08:00:00+08:00", "2024-03-04T09:00:00+08:00"
BEFORE = "2024-02-29T23:59:59+08:00"
APRIL, MAY = "2024-04-10T09:00:00+08:00", "2024-05-10T09:00:00+08:00"


class Life:
    """A year of 李村镇: what was decided in it, by what happened before."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.grants = entrusted(world, LICUN, {HEALTH: [CARDS], BUREAU: [PREMISES]})
        self.cases = {
            "at the town": filed(world, CARDS, CENTRE, *DECIDED, at=JANUARY),
            "at the department": filed(world, CARDS, HEALTH, *DECIDED, at=JANUARY),
        }
        told(world, "seal", {
            "programme": "MD2023", "case": self.cases["at the town"], "seal": SEAL,
            "document_hash": "ab" * 32,
        }, JANUARY, "cases", actor=CENTRE)
        self.merge()
        self.recall()

    def merge(self) -> None:
        """区卫生健康局 becomes another organ on 2024-03-01."""
        begun = {
            "begun at the town before the merger": (CENTRE, "review"),
            "begun at the department before the merger": (HEALTH, "accept"),
            "entered late": (HEALTH, "review"),
        }
        for name, (organ, last) in begun.items():
            acts = DECIDED[: DECIDED.index(last) + 1]
            self.cases[name] = filed(self.world, CARDS, organ, *acts, at=FEBRUARY)
        told(self.world, "register_organ", {
            "programme": "MD2023", "org_id": NEW, "name": "区卫生健康和医疗保障局",
            "kind": "department", "level": "district", "superior_org_id": "MD2023-ORG-02",
            "aliases": [],
        }, FEBRUARY, "catalog")
        told(self.world, "merge_organ", {
            "programme": "MD2023", "org": HEALTH, "into": NEW, "effective_on": "2024-03-01",
        }, MERGED_AT, "catalog")
        acted(self.world, "approve", self.cases["begun at the town before the merger"], CENTRE,
              MARCH)
        case = self.cases["begun at the department before the merger"]
        acted(self.world, "review", case, NEW, MARCH, result="positive", opinion_ref="op-1")
        acted(self.world, "approve", case, NEW, MARCH)
        acted(self.world, "approve", self.cases["entered late"], HEALTH, BEFORE)
        self.cases["after the merger"] = filed(self.world, CARDS, CENTRE, *DECIDED, at=MARCH)

    def recall(self) -> None:
        """The other item is recalled in March, for May."""
        grant = {"programme": "MD2023", "grant": self.grants[PREMISES]}
        told(self.world, "propose_recall", grant | {
            "ground": "poor_effect", "evidence_refs": ["E-7"], "proposed_by": BUREAU,
        }, MARCH)
        told(self.world, "hear_town", grant | {"opinion_ref": "意见-2024-03"}, MARCH)
        told(self.world, "recall", grant | {
            "decided_on": "2024-03-04", "effective_from": "2024-05-01",
        }, MARCH)
        self.cases["recall to come"] = filed(
            self.world, PREMISES, CENTRE, *DECIDED, at=APRIL
        )
        self.cases["after the recall"] = filed(
            self.world, PREMISES, BUREAU, *DECIDED, at=MAY
        )


@pytest.fixture(scope="module")
def life(migrated: Settings) -> Iterator[tuple[Life, Signing]]:
    world = World(migrated)
    world.empty()
    life, signing = Life(world), Signing(world)
    signing.sign()
    yield life, signing
    signing.close()
    world.close()


def proven(life: tuple[Life, Signing], name: str) -> list[Proven]:
    """The facts of that case's receipt, as the checker accepts them."""
    of, signing = life
    receipt = signing.receipt(of.cases[name])
    return checked(receipt.encode(), [Key.parse(key) for key in signing.trusted])


def names(facts: list[Proven], role: str) -> list[str]:
    return [one.told["type"].partition(".")[2] for one in facts if one.role == role]


def test_every_approval_of_the_year_has_a_receipt_that_is_accepted(life: tuple[Life, Signing]):
    of, signing = life
    keys = [Key.parse(key) for key in signing.trusted]
    decided = [fact.data["case_id"] for fact in of.world.facts("cases", "ApprovalIssued")]

    receipts = [signing.receipt(case) for case in decided]

    assert of.world.parked() == []
    assert sorted(decided) == sorted(of.cases.values())
    assert [json.loads(one)["case"] for one in receipts] == decided
    assert [checked(one.encode(), keys)[0]["case_id"] for one in receipts] == decided


@pytest.mark.rule("R070")
@pytest.mark.rule("R084")
def test_agreement_and_seal_are_shown(life: tuple[Life, Signing]):
    facts = proven(life, "at the town")

    assert names(facts, "agreement") == ["AgreementSigned"]
    assert names(facts, "seal_use") == ["SealApplied"]
    assert names(facts, "seal") == ["SealIssued"]
    assert names(facts, "start") == ["ItemImplementationStarted"]


def test_the_history_of_the_grant_is_whole(life: tuple[Life, Signing]):
    facts = [one for one in proven(life, "after the merger") if one.role in {"grant", "start"}]

    assert [one.told["version"] for one in facts] == list(range(1, len(facts) + 1))
    assert names(facts, "grant")[0] == "ItemDelegated"
    assert names(facts, "grant")[-1] == "GrantSucceeded"


@pytest.mark.rule("R131")
def test_a_merger_after_the_decision_is_shown_as_not_seen_by_it(life: tuple[Life, Signing]):
    assert names(proven(life, "at the town"), "later") == ["GrantSucceeded"]


@pytest.mark.rule("R007")
def test_a_department_that_is_no_more_is_followed_by_its_successor(life: tuple[Life, Signing]):
    facts = proven(life, "begun at the department before the merger")

    assert names(facts, "merger") == ["OrganMerged"]
    assert names(facts, "grant") == []


@pytest.mark.rule("R181")
def test_a_recall_for_a_later_day_is_in_the_history_and_the_decision_stands(
    life: tuple[Life, Signing],
):
    facts = proven(life, "recall to come")

    assert names(facts, "grant")[-1] == "ItemRecalled"
    assert names(facts, "later") == []


def test_after_the_recall_the_department_decides_on_its_own_power(life: tuple[Life, Signing]):
    assert names(proven(life, "after the recall"), "grant") == []
