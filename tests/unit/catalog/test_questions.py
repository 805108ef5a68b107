"""What catalog answers, and to whom it must say that there is no such thing."""

import pytest
from marshmallow import ValidationError

from shared.refusal import Refused
from tests.unit.catalog.facts import APPROVED, told
from tests.unit.catalog.requests import LIMIT, PUBLICATION, P, built

TOWN = f"{P}-TOWN-1"


@pytest.fixture
def small(world):
    built(world)
    world.settle()
    return world


@pytest.mark.parametrize(
    ("door", "request_", "code"),
    [
        ("programme", {"programme": "NO2024"}, "register.unknown-programme"),
        ("items", {"programme": "NO2024"}, "register.unknown-programme"),
        ("towns", {"programme": "NO2024"}, "register.unknown-programme"),
        ("item", {"programme": P, "item": "XX24-9"}, "register.unknown-item"),
        ("item", {"programme": "NO2024", "item": "XX24-1"}, "register.unknown-programme"),
        ("town", {"programme": P, "town": "XX2024-TOWN-9"}, "register.unknown-town"),
        ("published_list", {"programme": P, "town": "x'; --"}, "register.unknown-town"),
        ("organ", {"org_id": "XX2024-ORG-9"}, "register.unknown-organ"),
        ("resolve", {"jurisdiction": "999999", "alias": "区丁局"}, "register.unknown-alias"),
        ("resolve", {"jurisdiction": "000000", "alias": "甲局"}, "register.unknown-alias"),
    ],
)
def test_what_is_not_registered_is_refused_by_its_kind(small, door, request_, code):
    with pytest.raises(Refused) as refused:
        small.ask("catalog", door, request_)

    assert refused.value.code == code


@pytest.mark.parametrize(
    ("door", "request_", "field"),
    [
        ("programme", {}, "programme"),
        ("programme", {"programme": ""}, "programme"),
        ("programme", {"programme": "x" * 201}, "programme"),
        ("item", {"programme": P, "item": 4}, "item"),
        ("resolve", {"jurisdiction": "999999", "alias": ""}, "alias"),
        ("towns", {"programme": P, "town": TOWN}, "town"),
        ("list_of_everything", {}, "door"),
    ],
)
def test_a_malformed_question_is_named_by_its_field(small, door, request_, field):
    with pytest.raises(ValidationError) as wrong:
        small.ask("catalog", door, request_)

    assert field in wrong.value.messages


def test_an_item_is_answered_with_scope_exclusions_names_and_limits(small):
    small.do("catalog", "set_time_limit", LIMIT)
    small.settle()

    item = small.ask("catalog", "item", {"programme": P, "item": "XX24-1"})

    assert (item["subitems"], item["exclusions"]) == (["甲类"], ["乙类"])
    assert (item["granting_name"], item["supervising_name"]) == ("区甲局", "区乙局")
    assert item["limits"] == [
        {"town_id": None, "step": "accept", "value": 3, "unit": "working_day"}
    ]


@pytest.mark.parametrize(
    ("org", "name", "kind"),
    [
        (f"{P}-ORG-1", "区甲局", "department"), (TOWN, "示例镇", "镇"),
        (f"{TOWN}-CENTRE", "示例镇便民服务中心", "service_centre"),
        (f"{TOWN}-DEPT", "示例镇有关部门", "town_department"),
    ],
)
def test_towns_centres_and_town_departments_are_organs_too(small, org, name, kind):
    organ = small.ask("catalog", "organ", {"org_id": org})

    assert (organ["name"], organ["kind"], organ["jurisdiction_id"]) == (name, kind, "999999")


def test_before_anything_is_published_the_public_sees_no_list(small):
    told(small, "TownListApproved", APPROVED)

    answer = small.ask("catalog", "published_list", {"programme": P, "town": TOWN})

    assert (answer["list_version"], answer["approved_version"], answer["entries"]) == (None, 1, [])


def test_the_public_sees_where_to_apply_who_decides_whose_seal_and_who_supervises(small):
    told(small, "TownListApproved", APPROVED)
    small.do("catalog", "publish_town_list", PUBLICATION)
    small.settle()

    answer = small.ask("catalog", "published_list", {"programme": P, "town": TOWN})

    (entry,) = answer["entries"]
    assert (entry["name"], entry["mode_zh"]) == ("示例许可(甲)", "委托办理")
    assert entry["apply_at"] == ["示例镇便民服务中心", "区甲局"]
    assert entry["decided_by"] == ["示例镇便民服务中心"]
    assert entry["decided_by_across_towns"] == ["区甲局"]
    assert entry["seal"] == "2号公章"
    assert (entry["acts_supervised_by"], entry["supervising_name"]) == (["区甲局"], "区乙局")
    assert answer["published"][0]["channel"] == "政府门户网站"
