"""How items are worked: R016 to R019, R023 to R025, R140, R142, R143."""

import json
from pathlib import Path

import pytest

from shared.refusal import Refused
from tests.county import county  # noqa: F401 - the fixture
from tests.unit.catalog.facts import told

GOLDEN = Path(__file__).parents[2] / "shared" / "contracts" / "golden"
GRANT, TRANSFER = (
    json.loads((GOLDEN / f"{name}.v1.json").read_text("utf-8"))["data"]
    for name in ("ItemDelegated", "PowerTransferred")
)
HUJI, XIJI, BEIZHUANG = "MD2023-TOWN-11", "ST2021-TOWN-01", "ST2021-TOWN-08"
MD_BUREAU, MD_HUMAN, LAND = "MD2023-ORG-19", "MD2023-ORG-12", "ST2021-ORG-12"
BEFORE = {"steps": 5, "limit_value": 10, "limit_unit": "working_day", "materials": 6}


def standard(county, item, kind, ref, in_force_from, *, issuer):
    return county.do("catalog", "issue_standard", {
        "programme": issuer.partition("-")[0], "item": item, "kind": kind, "issuer": issuer,
        "ref": ref, "in_force_from": in_force_from,
    })


def revised(county, item, town, **figures):
    return county.do("catalog", "revise_process", {
        "programme": town.partition("-")[0], "item": item, "town": town, **BEFORE, **figures,
    })


def guide(county, item, town, author):
    return county.do("catalog", "publish_guide", {
        "programme": author.partition("-")[0], "item": item, "town": town, "author": author,
        "url": None, "published_at": "2021-07-19T09:00:00+08:00",
    })


@pytest.mark.rule("R012")
def test_the_same_matter_under_two_names_is_linked_both_ways(world):
    world.imported("ST2021", counters=False)
    world.imported("MD2023", counters=False)

    world.do("catalog", "link_items", of("MD2023", "MD23-30") | {
        "other": "ST21-11", "basis": "林木采伐许可证核发与采伐林木许可审批系同一事项",
    })
    world.settle()

    felling, permit = (
        world.ask("catalog", "item", of(programme, item))["same_matter_as"]
        for programme, item in (("MD2023", "MD23-30"), ("ST2021", "ST21-11"))
    )
    assert [one["item_id"] for one in felling] == ["ST21-11"]
    assert [one["item_id"] for one in permit] == ["MD23-30"]


@pytest.mark.rule("R016")
def test_an_item_of_which_the_annex_names_no_supervisor_is_given_one_with_content(world):
    world.imported("ST2021", counters=False)
    assert world.ask("catalog", "item", of("ST2021", "ST21-13"))["supervising_org_id"] is None

    world.do("catalog", "assign_supervisor", {
        "programme": "ST2021", "item": "ST21-13", "org": LAND, "content": "登记质量与时限",
        "measures": ["抽查登记档案"], "from": "2021-07-01",
    })
    world.settle()

    assert world.ask("catalog", "item", of("ST2021", "ST21-13"))["supervising_org_id"] == LAND


@pytest.mark.rule("R017")
def test_a_case_keeps_the_standard_in_force_when_it_was_accepted(county):
    first = standard(county, "MD23-05", "norm", "第1版", "2023-04-01", issuer=MD_BUREAU)
    standard(county, "MD23-05", "norm", "第2版", "2023-06-01", issuer=MD_BUREAU)
    county.settle()

    case = county.accepted("MD23-05", MD_BUREAU, at="2023-05-31T09:00:00+08:00")
    later = county.accepted("MD23-05", MD_BUREAU, at="2023-06-05T09:00:00+08:00", key="a-2")

    assert first["events"] == ["catalog.ItemStandardIssued"]
    assert county.fact_of(case, "CaseAccepted")["standard_versions"]["norm"] == 1
    assert county.fact_of(later, "CaseAccepted")["standard_versions"]["norm"] == 2


@pytest.mark.rule("R017")
def test_a_town_sets_no_standard_of_its_own(county):
    with pytest.raises(Refused) as refused:
        standard(county, "MD23-05", "discretion", "自定裁量", "2023-07-01", issuer=HUJI)

    assert refused.value.code == "catalog.only-granting-department-may-set-standard"


@pytest.mark.rule("R018")
def test_a_granted_item_without_a_guide_is_on_the_report_until_its_department_publishes_one(world):
    world.imported("MD2023")
    granted(world, "MD23-47", HUJI)
    missing = world.ask("catalog", "guides_missing", {"programme": "MD2023"})

    guide(world, "MD23-47", None, MD_HUMAN)
    world.settle()

    assert missing == [{"item_id": "MD23-47", "towns": [HUJI], "finding": "guide_missing"}]
    assert world.ask("catalog", "guides_missing", {"programme": "MD2023"}) == []


@pytest.mark.rule("R018")
def test_where_the_department_writes_the_guide_the_town_does_not(county):
    with pytest.raises(Refused) as refused:
        guide(county, "MD23-47", HUJI, HUJI)

    assert refused.value.code == "catalog.guide-by-other-author"


@pytest.mark.rule("R019")
def test_a_transferred_item_lacks_the_standards_nobody_has_issued(world):
    world.imported("GZ2020", counters=False)
    every = world.ask("catalog", "standards_missing", {"programme": "GZ2020", "org": None})
    first = every[0]["item_id"]
    owner = world.ask("catalog", "item", of("GZ2020", first))["granting_org_id"]
    for kind in ("conditions", "method"):
        standard(world, first, kind, "示例", "2021-03-01", issuer=owner)
    world.settle()

    missing = world.ask("catalog", "standards_missing", {"programme": "GZ2020", "org": owner})

    assert every[0]["missing"] == ["conditions", "method", "supervision"]
    assert {"item_id": first, "missing": ["supervision"]} in missing


@pytest.mark.rule("R023")
def test_a_menu_does_not_offer_a_power_that_was_abolished(world):
    world.imported("ZZ2021", counters=False)
    owner = world.ask("catalog", "item", of("ZZ2021", "ZZ21-13"))["granting_org_id"]
    listed(world, owner, "ZZ21-13", "in_force", "2020-01-01")
    listed(world, owner, "ZZ21-13", "abolished", "2021-03-01")

    with pytest.raises(Refused) as refused:
        world.do("catalog", "issue_menu", menu(["ZZ21-13"]), at="2021-05-20T09:00:00+08:00")

    assert refused.value.code == "catalog.not-in-power-list"
    assert refused.value.facts == {"items": ["ZZ21-13"]}


@pytest.mark.rule("R023")
def test_a_menu_offers_what_is_on_its_departments_list(world):
    world.imported("ZZ2021", counters=False)
    owner = world.ask("catalog", "item", of("ZZ2021", "ZZ21-13"))["granting_org_id"]
    with pytest.raises(Refused) as refused:
        world.do("catalog", "issue_menu", menu(["ZZ21-13"]), at="2021-05-20T09:00:00+08:00")
    listed(world, owner, "ZZ21-13", "in_force", "2020-01-01")

    answer = world.do(
        "catalog", "issue_menu", menu(["ZZ21-13"]), at="2021-05-20T09:00:00+08:00"
    )

    assert refused.value.code == "catalog.not-in-power-list"
    assert answer["events"] == ["catalog.MenuIssued"]


@pytest.mark.rule("R024")
def test_a_field_that_no_granted_item_is_of_shows_as_none_of_thirteen(world):
    world.imported("ST2021")
    for seq in range(1, 14):
        granted(world, f"ST21-{seq:02}", XIJI)

    coverage = world.ask("catalog", "field_coverage", {"programme": "ST2021", "town": XIJI})

    assert coverage["of"] == 13
    assert coverage["fields"]["社会治安"] == 0
    assert len(coverage["fields"]) == 8


@pytest.mark.rule("R024")
def test_a_field_that_the_notice_does_not_name_is_none(county):
    with pytest.raises(Refused) as refused:
        county.do("catalog", "tag_item", of("ST2021", "ST21-01") | {"field": "航天"})

    assert refused.value.code == "catalog.not-a-priority-field"


@pytest.mark.rule("R025")
def test_an_item_neither_online_nor_exempt_is_unexplained(world):
    world.imported("MD2023", counters=False)
    for seq in range(1, 50):
        exempt = seq in (7, 8)
        world.do("catalog", "set_online_status", of("MD2023", f"MD23-{seq:02}") | {
            "status": "exempt" if exempt else "available",
            "exemption_reason": "须现场核验" if exempt else None,
        })
    world.settle()

    coverage = world.ask("catalog", "online_coverage", {"programme": "MD2023"})

    assert (coverage["items"], coverage["available"], len(coverage["exempt"])) == (50, 47, 2)
    assert coverage["unexplained_offline"] == ["MD23-50"]


@pytest.mark.rule("R140")
def test_a_trade_off_is_a_breach_and_its_guide_is_not_published(world):
    world.imported("ST2021", counters=False)
    baseline(world, "ST21-11")

    with pytest.raises(Refused) as refused:
        revised(world, "ST21-11", BEIZHUANG, steps=4, materials=7)
    with pytest.raises(Refused) as unpublished:
        guide(world, "ST21-11", BEIZHUANG, BEIZHUANG)

    assert refused.value.facts["increased"] == ["materials_increased 6→7"]
    assert unpublished.value.code == "catalog.reduction-rule-breached"
    assert [f.data["town_id"] for f in world.facts("catalog", "ReductionRuleBreached")] == [
        BEIZHUANG
    ]


@pytest.mark.rule("R140")
@pytest.mark.rule("R142")
def test_fewer_steps_with_the_same_limit_and_materials_pass(world):
    world.imported("ST2021", counters=False)
    baseline(world, "ST21-11")
    with pytest.raises(Refused):
        revised(world, "ST21-11", BEIZHUANG, steps=4, materials=7)

    revised(world, "ST21-11", BEIZHUANG, steps=4)
    published = guide(world, "ST21-11", BEIZHUANG, BEIZHUANG)

    assert published["events"] == ["catalog.ServiceGuidePublished"]
    assert world.facts("catalog", "ServiceGuidePublished")[-1].data["warnings"] == []


@pytest.mark.rule("R142")
def test_a_guide_without_streamlining_is_published_with_a_warning(world):
    world.imported("SR2020", counters=False)
    town = "SR2020-TOWN-01"

    guide(world, "SR20-001", town, town)

    (published,) = world.facts("catalog", "ServiceGuidePublished")
    assert published.data["warnings"] == ["no_streamlining_recorded"]


@pytest.mark.rule("R143")
def test_a_corrected_baseline_keeps_both_values_on_the_auditors_list(world):
    world.imported("GZ2020", counters=False)
    item = world.ask("catalog", "items", {"programme": "GZ2020"})[0]["item_id"]
    baseline(world, item, materials=4)

    world.do("catalog", "correct_baseline", of("GZ2020", item) | BEFORE | {
        "materials": 8, "reason": "漏计四份材料",
    })
    world.settle()

    (row,) = world.ask("catalog", "processes", {"programme": "GZ2020"})
    assert [one["figures"]["materials"] for one in row["baselines"]] == [4, 8]
    assert row["baselines"][1]["reason"] == "漏计四份材料"


@pytest.mark.rule("R143")
def test_a_baseline_is_taken_once(world):
    world.imported("ST2021", counters=False)
    baseline(world, "ST21-11")

    with pytest.raises(Refused) as refused:
        baseline(world, "ST21-11", materials=9)

    assert refused.value.code == "catalog.baseline-frozen"


@pytest.mark.rule("R143")
def test_no_baseline_is_taken_after_the_item_was_transferred(world):
    world.imported("GZ2020", counters=False)
    told(world, "PowerTransferred", TRANSFER, programme="GZ2020")

    with pytest.raises(Refused) as refused:
        baseline(world, "GZ20-001")

    assert refused.value.code == "catalog.baseline-after-grant"
    assert refused.value.facts["grants"] == [TRANSFER["transfer_id"]]


@pytest.mark.rule("R018")
def test_a_transferred_item_needs_its_guide_too(world):
    world.imported("GZ2020", counters=False)

    told(world, "PowerTransferred", TRANSFER, programme="GZ2020")

    assert world.ask("catalog", "guides_missing", {"programme": "GZ2020"}) == [
        {"item_id": "GZ20-001", "towns": ["GZ2020-UNIT-15"], "finding": "guide_missing"}
    ]


def of(programme, item):
    return {"programme": programme, "item": item}


def menu(items):
    return {"programme": "ZZ2021", "menu_id": "ZZ2021-MENU", "version": 1, "item_ids": items,
            "left_out": []}


def listed(world, org, item, status, since):
    world.do("catalog", "record_power_list", {
        "programme": "ZZ2021", "org": org, "from": since,
        "entries": [{"item": item, "status": status}],
    })


def baseline(world, item, **figures):
    programme = {"ST21": "ST2021", "GZ20": "GZ2020"}[item[:4]]
    return world.do("catalog", "record_baseline", of(programme, item) | BEFORE | figures | {
        "taken_on": "2021-01-15",
    })


def granted(world, item, town):
    """A grant as delegation announces it to catalog."""
    programme = town.partition("-")[0]
    told(world, "ItemDelegated", GRANT | {
        "grant_id": f"grant-{item}-{town}", "programme_id": programme, "town_id": town,
        "item_id": item,
    }, programme=programme)
