"""What the rules' own tests say of the catalogue: R002, R008, R016, R018, R023."""

import pytest

from shared.refusal import Refused
from tests.world import World

SHATU, XIJI = "MD2023-TOWN-08", "ST2021-TOWN-01"
MD_HUMAN, ST_HUMAN = "MD2023-ORG-12", "ST2021-ORG-09"
XINFENG = "GZ2020-UNIT-04"
JUNE = "2023-06-20T09:00:00+08:00"


def delegated(world: World, item: str, town: str, mode: str, **more: str) -> str:
    answer = world.do("delegation", "delegate", {
        "programme": town.partition("-")[0], "town": town, "item": item, "mode": mode,
        "effective_from": "2023-07-01",
    } | more, at=JUNE)
    world.settle()
    return str(answer["stream"])


@pytest.mark.rule("R002")
def test_a_mode_enabled_by_a_document_is_granted_in_and_before_it_is_not(world):
    world.imported("MD2023", "ST2021", counters=False)
    direct = world.ask("catalog", "programme", {"programme": "ST2021"})["modes"]["direct"]

    with pytest.raises(Refused) as refused:
        delegated(world, "MD23-04", SHATU, "direct")
    world.do("catalog", "enable_mode", {
        "programme": "MD2023", "mode": "direct", "mode_zh": "直接下放",
        "policy": direct["policy"], "order_of_preference": 3,
        "instrument_ref": "菏区政发〔2023〕示例号",
    })
    world.settle()
    delegated(world, "MD23-04", SHATU, "direct")

    (fact,) = world.facts("delegation", "ItemDelegated")
    assert refused.value.code == "delegation.mode-not-in-programme"
    assert (fact.data["mode"], fact.data["town_id"]) == ("direct", SHATU)


@pytest.mark.rule("R008")
def test_nothing_moves_from_one_name_plate_of_the_bureau_to_the_other(world):
    world.imported("GZ2020", counters=False)
    bureau, office = (
        world.ask("catalog", "resolve", {"jurisdiction": "360700", "alias": name})["org_id"]
        for name in ("信丰县行政审批局", "信丰县政务服务管理办公室")
    )

    with pytest.raises(Refused) as refused:
        world.do("delegation", "transfer_personnel", {
            "programme": "GZ2020", "unit": XINFENG, "department": office,
            "approval_staff_total": 10, "transferred": 4, "effective_on": "2021-02-20",
        })

    assert bureau == office == f"{XINFENG}-BUREAU"
    assert refused.value.code == "delegation.same-organ"


@pytest.mark.rule("R016")
def test_an_item_moves_only_after_its_supervisor_is_named(world):
    world.imported("ST2021", counters=False)

    with pytest.raises(Refused) as refused:
        delegated(world, "ST21-04", XIJI, "direct")
    world.do("catalog", "assign_supervisor", {
        "programme": "ST2021", "item": "ST21-04", "org": ST_HUMAN, "content": "查询记录的真实性",
        "measures": ["抽查"], "from": "2021-07-01",
    })
    world.settle()
    delegated(world, "ST21-04", XIJI, "direct")

    (assigned,) = world.facts("catalog", "ItemSupervisorAssigned")
    assert refused.value.code == "delegation.supervisor-missing"
    assert (assigned.data["supervision_content"], assigned.data["measures"]) == (
        "查询记录的真实性", ["抽查"]
    )
    assert len(world.facts("delegation", "ItemDelegated")) == 1


@pytest.mark.rule("R018")
def test_one_guide_of_the_department_covers_an_item_in_all_eighteen_towns(world):
    world.imported("MD2023", counters=False)
    towns = [f"MD2023-TOWN-{number:02}" for number in range(1, 19)]
    for town in towns:
        delegated(world, "MD23-47", town, "entrusted_acceptance")
    (missing,) = world.ask("catalog", "guides_missing", {"programme": "MD2023"})

    world.do("catalog", "publish_guide", {
        "programme": "MD2023", "item": "MD23-47", "town": None, "author": MD_HUMAN, "url": None,
        "published_at": JUNE,
    })
    world.settle()

    assert missing == {"item_id": "MD23-47", "towns": towns, "finding": "guide_missing"}
    assert world.ask("catalog", "guides_missing", {"programme": "MD2023"}) == []


@pytest.mark.rule("R023")
def test_what_is_left_out_of_a_menu_is_recorded_with_the_reason(world):
    world.imported("ZZ2021", counters=False)
    owner = world.ask("catalog", "item", {"programme": "ZZ2021", "item": "ZZ21-04"})
    world.do("catalog", "record_power_list", {
        "programme": "ZZ2021", "org": owner["granting_org_id"], "from": "2021-01-01",
        "entries": [{"item": "ZZ21-04", "status": "in_force"}],
    })
    left_out = [{"item_id": "ZZ21-13", "reason": "法律规定由区（市）级实施"}]

    world.do("catalog", "issue_menu", {
        "programme": "ZZ2021", "menu_id": "ZZ2021-MENU", "version": 1, "item_ids": ["ZZ21-04"],
        "left_out": left_out,
    }, at="2021-05-20T09:00:00+08:00")

    (issued,) = world.facts("catalog", "MenuIssued")
    assert issued.data["left_out"] == left_out
