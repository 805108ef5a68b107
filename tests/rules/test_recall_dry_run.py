"""What a recall would touch, asked before it is decided: R131, R181."""

import json
from pathlib import Path
from uuid import uuid4

import pytest

from services.delegation.readmodel import readmodel
from shared import contracts
from shared.contracts.envelope import Fact, instant
from shared.refusal import Refused
from tests.delegating import BUREAU, county, one_county  # noqa: F401 - the fixtures

SHATU = "MD2023-TOWN-08"
NOW = "2024-02-28T15:00:00+08:00"
GOLDEN = Path(contracts.__file__).parent / "golden/CaseAccepted.v1.json"
CASE = json.loads(GOLDEN.read_text("utf-8"))["data"]

def consequences(county, grant, **more):
    return county.ask(
        "delegation", "recall_consequences", {"programme": "MD2023", "grant": grant} | more
    )


@pytest.mark.rule("R181")
def test_asking_what_a_recall_would_touch_records_nothing(county):
    grant = county.taken_over()

    touched = consequences(county, grant)

    assert touched["seals"] == [
        {"seal_id": f"SEAL2:{BUREAU}:{SHATU}:1", "becomes": "suspended"}
    ]
    assert [one["becomes"] for one in touched["agreements"]] == ["terminated"]
    assert [one["struck_item_ids"] for one in touched["lists"]] == [["MD23-13"]]
    assert [one["returns_to_org_id"] for one in touched["grants"]] == [BUREAU]
    assert county.recorded("ItemRecalled") == []


@pytest.mark.rule("R131")
@pytest.mark.rule("R181")
def test_a_dry_run_names_the_open_cases_that_would_go_up(county):
    grant = county.taken_over()
    accepted(county, grant)

    touched = consequences(county, grant, effective_from="2024-03-01")

    assert [(case["case_id"], case["becomes"], case["goes_to_org_id"]) for case in touched["cases"]
            ] == [(CASE["case_id"], "handed_up", BUREAU)]


@pytest.mark.rule("R181")
def test_of_a_grant_that_has_ended_nothing_more_follows(county):
    grant = county.taken_over()
    county.recalled(grant, "2024-03-01")

    with pytest.raises(Refused) as ended:
        consequences(county, grant)
    with pytest.raises(Refused) as foreign:
        county.ask("delegation", "recall_consequences", {"programme": "ST2021", "grant": grant})

    assert ended.value.code == "delegation.wrong-state"
    assert foreign.value.code == "delegation.unknown-grant"


def accepted(county, grant):
    """The fact of cases as it would arrive: its recorded example, under this grant."""
    fact = Fact(
        id=uuid4(), type="cases.CaseAccepted", source="cases", stream=uuid4(), version=1,
        programme="MD2023", jurisdiction="371702", occurred_at=instant(NOW),
        recorded_at=instant(NOW),
        actor={}, instrument=None, correlation=None, causation=None,
        data=CASE | {"grant_id": grant},
        position=0, previous=None, envelope=b"",
    )
    with county.commands("delegation").database.transaction() as at:
        readmodel.apply(at, fact)
