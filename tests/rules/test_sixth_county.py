"""A county goes live by a folder alone, in a mode that no notice has: R001, R002, R065, R181."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from typer.testing import CliRunner

from services.catalog.domain.folder import load, problems
from shared.cli import app
from shared.refusal import Refused
from tests.annexes import book, sheet
from tests.sixth import MODE, P, folder
from tests.world import World, programme_content

FIVE = ("GZ2020", "MD2023", "SR2020", "ST2021", "ZZ2021")
TOWN, COUNTY = f"{P}-TOWN-01", f"{P}-ORG-02"
CENTRE, OFFICE = f"{TOWN}-CENTRE", f"{TOWN}-DEPT"
ITEM = "YL26-01"
MARCH, APRIL = "2026-03-02T09:00:00+08:00", "2026-04-01T09:00:00+08:00"


@pytest.fixture
def yunling(world: World, tmp_path: Path) -> World:
    """The sixth county, imported as any other is."""
    world.do(
        "catalog", "import_programme", {"programme": P, "content": load(folder(tmp_path))},
        at="2026-01-12T09:00:00+08:00",
    )
    world.settle()
    return world


def done(world: World, service: str, door: str, at: str = MARCH, actor: str = COUNTY,
         **request: Any) -> dict[str, Any]:
    answer = world.do(service, door, {"programme": P} | request, at=at, actor=actor)
    world.settle()
    return answer


def granted(world: World) -> str:
    """The item in the county's own mode, and the town at work."""
    grant = str(done(world, "delegation", "delegate", at="2026-02-01T09:00:00+08:00", town=TOWN,
                     item=ITEM, mode=MODE, effective_from="2026-02-15")["stream"])
    done(world, "delegation", "start_implementation", at="2026-02-15T09:00:00+08:00", grant=grant)
    return grant


def filed(world: World, at: str) -> str:
    case = str(uuid4())
    done(world, "cases", "submit", at, CENTRE, case=case, item=ITEM, applicant_ref="ref-1",
         applicant_key=f"a-{case}", subject_key=f"s-{case}", towns_concerned=[], channel="window",
         chosen_org=CENTRE)
    return case


def holders(world: World, facet: str, at: str) -> list[str]:
    rows = world.ask("delegation", "holders", {
        "item": ITEM, "town": TOWN, "facet": facet, "at": at
    })
    return [row["org_id"] for row in rows]


def test_the_folder_is_checked_complete_by_the_command_that_checks_the_five(tmp_path):
    ended = CliRunner().invoke(app, ["programme", "check", str(folder(tmp_path))])

    assert (ended.exit_code, "可以导入" in ended.stdout) == (0, True)
    assert problems(tmp_path / P) == []


@pytest.mark.rule("R002")
def test_the_mode_of_the_sixth_county_is_none_of_the_five_notices(yunling):
    others = {row["mode"] for name in FIVE for row in programme_content(name)["modes"]}

    answer = yunling.ask("catalog", "programme", {"programme": P})

    assert list(answer["modes"]) == [MODE]
    assert answer["modes"][MODE]["mode_zh"] == "联合审批"
    assert MODE not in others


@pytest.mark.rule("R001")
@pytest.mark.rule("R065")
def test_each_facet_goes_to_whom_the_rows_of_the_folder_name(yunling):
    granted(yunling)

    assert {facet: holders(yunling, facet, MARCH)[0] for facet in (
        "accept", "preliminary_review", "substantive_review", "decide", "seal",
    )} == {
        "accept": CENTRE, "preliminary_review": CENTRE, "substantive_review": OFFICE,
        "decide": COUNTY, "seal": TOWN,
    }
    assert holders(yunling, "seal", "2026-02-14T09:00:00+08:00") == [COUNTY]


@pytest.mark.rule("R113")
def test_a_case_walks_the_path_that_the_rows_prescribe(yunling):
    granted(yunling)
    done(yunling, "delegation", "register_seal", kind="town_approval_seal", org=TOWN)
    case = filed(yunling, MARCH)

    done(yunling, "cases", "accept", MARCH, CENTRE, case=case)
    done(yunling, "cases", "preliminary_review", MARCH, CENTRE, case=case, result="ok")
    done(yunling, "cases", "review", MARCH, OFFICE, case=case, result="positive",
         opinion_ref="意见-1", opinion_seal=None)
    done(yunling, "cases", "forward", MARCH, OFFICE, case=case, to=COUNTY)
    done(yunling, "cases", "receive", MARCH, COUNTY, case=case)
    done(yunling, "cases", "approve", MARCH, COUNTY, case=case)
    (used,) = [one["seal_id"] for one in yunling.ask("delegation", "seals", {"programme": P})]
    done(yunling, "cases", "seal", MARCH, TOWN, case=case, seal=used, document_hash="ab" * 32)

    approval = yunling.facts("cases", "ApprovalIssued")[-1].data
    sealed = yunling.facts("cases", "SealApplied")[-1].data
    assert (approval["decided_by_org_id"], approval["authority"]["mode"]) == (COUNTY, MODE)
    assert (sealed["user_org_id"], sealed["authority"]["facet"]) == (TOWN, "seal")


@pytest.mark.rule("R131")
def test_who_holds_no_facet_of_the_mode_is_refused(yunling):
    granted(yunling)
    case = filed(yunling, MARCH)
    done(yunling, "cases", "accept", MARCH, CENTRE, case=case)
    done(yunling, "cases", "preliminary_review", MARCH, CENTRE, case=case, result="ok")
    done(yunling, "cases", "review", MARCH, OFFICE, case=case, result="positive",
         opinion_ref="意见-1", opinion_seal=None)

    with pytest.raises(Refused) as refused:
        done(yunling, "cases", "approve", MARCH, OFFICE, case=case)

    assert refused.value.code == "cases.decision-not-delegated"
    assert yunling.facts("cases", "ApprovalIssued") == []


@pytest.mark.rule("R180")
@pytest.mark.rule("R181")
def test_after_the_recall_the_power_is_the_countys_again(yunling):
    grant = granted(yunling)
    open_case = filed(yunling, MARCH)
    done(yunling, "cases", "accept", MARCH, CENTRE, case=open_case)

    done(yunling, "delegation", "recall", at="2026-03-20T09:00:00+08:00", grant=grant,
         ground="runs_badly", evidence_refs=["E-1"], decided_on="2026-03-20",
         effective_from="2026-04-01")
    done(yunling, "cases", "run_due", APRIL, now=APRIL)
    late = filed(yunling, APRIL)
    with pytest.raises(Refused) as refused:
        done(yunling, "cases", "accept", APRIL, CENTRE, case=late)

    assert refused.value.code == "cases.no-grant-in-force"
    assert holders(yunling, "accept", APRIL) == [COUNTY]
    assert holders(yunling, "accept", MARCH)[0] == CENTRE
    assert [fact.data["case_id"] for fact in yunling.facts("cases", "CaseHandedUp")] == [open_case]


def test_its_further_items_come_as_a_table(yunling):
    table = book([
        ["序号", "事项名称", "权力类型", "县级赋权部门", "监管部门", "赋权方式"],
        ["4", "公共场所卫生许可", "行政许可", "县行政审批局", "县市场监管局", "联合审批"],
    ])

    request = {"sheet": sheet(table), "instrument_ref": None}
    done(yunling, "catalog", "import_catalogue", **request)

    listed = yunling.ask("catalog", "item", {"programme": P, "item": "YL26-04"})
    assert (listed["mode"], listed["supervising_org_id"]) == (MODE, f"{P}-ORG-03")
