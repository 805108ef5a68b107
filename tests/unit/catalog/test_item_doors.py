"""Each door for the working of items: done, refused, seen before, wrong version."""

from typing import Any
from uuid import UUID

import pytest

from shared.refusal import Refused
from tests.unit.catalog.requests import ITEM as LISTED
from tests.unit.catalog.requests import MENU, SETTINGS, P, built
from tests.world import World

COMMAND = UUID(int=13)
ITEM, GRANTING, OTHER = "XX24-1", f"{P}-ORG-1", f"{P}-ORG-2"
OF = {"programme": P, "item": ITEM}
FIGURES = {"steps": 5, "limit_value": 10, "limit_unit": "working_day", "materials": 6}
SUPERVISOR = OF | {"org": OTHER, "content": "登记后的日常监管", "measures": ["双随机检查"],
                   "from": "2024-02-01"}
ONLINE = OF | {"status": "available", "exemption_reason": None}
SECOND = ("list_item", LISTED | {"item_id": "XX24-2", "seq": 2, "code": None})
LINK = OF | {"other": "XX24-2", "basis": "名称不同，事项相同"}
TAG = OF | {"field": "市场监管"}
STANDARD = OF | {"kind": "norm", "issuer": GRANTING, "ref": "示例标准", "in_force_from":
                 "2024-03-01"}
BASELINE = OF | FIGURES | {"taken_on": "2024-02-01"}
CORRECTION = OF | FIGURES | {"materials": 8, "reason": "原表漏计两份材料"}
REVISION = OF | FIGURES | {"town": f"{P}-TOWN-1", "steps": 4}
GUIDE = OF | {"town": None, "author": GRANTING, "url": None,
              "published_at": "2024-03-01T09:00:00+08:00"}
POWERS = {"programme": P, "org": GRANTING, "from": "2023-01-02",
          "entries": [{"item": ITEM, "status": "in_force"}]}
GONE = POWERS | {"entries": [{"item": ITEM, "status": "abolished"}]}
TAKEN = ("record_baseline", BASELINE)

# door, its request, what has to be done before, the event it leads to, the version before it.
DOORS: list[tuple[str, dict[str, Any], tuple[tuple[str, dict[str, Any]], ...], str, int]] = [
    ("assign_supervisor", SUPERVISOR, (), "catalog.ItemSupervisorAssigned", 2),
    ("set_online_status", ONLINE, (), "catalog.ItemOnlineStatusSet", 2),
    ("tag_item", TAG, (), "catalog.ItemFieldTagged", 2),
    ("link_items", LINK, (SECOND,), "catalog.ItemLinkedAsSameMatter", 2),
    ("issue_standard", STANDARD, (), "catalog.ItemStandardIssued", 0),
    ("record_baseline", BASELINE, (), "catalog.ItemBaselineRecorded", 0),
    ("correct_baseline", CORRECTION, (TAKEN,), "catalog.ItemBaselineCorrected", 1),
    ("revise_process", REVISION, (TAKEN,), "catalog.ItemProcessRevised", 1),
    ("publish_guide", GUIDE, (), "catalog.ServiceGuidePublished", 0),
    ("record_power_list", POWERS, (), "catalog.PowerListEntryRecorded", 0),
]
EACH = pytest.mark.parametrize(
    ("door", "request_", "first", "event", "version"), DOORS, ids=[door[0] for door in DOORS]
)


@pytest.fixture
def small(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    rule = SETTINGS["reduction"] | {"rule": "never_increase"}
    monkeypatch.setitem(SETTINGS, "reduction", rule)
    return built(world)


def prepared(world: World, first: tuple[tuple[str, dict[str, Any]], ...]) -> None:
    """Do what has to be done before."""
    for door, request in first:
        world.do("catalog", door, request)


@EACH
def test_done_the_working_of_an_item_is_recorded(small, door, request_, first, event, version):
    prepared(small, first)

    answer = small.do("catalog", door, request_)

    assert (answer["events"], answer["version"]) == ([event], version + 1)


@EACH
def test_seen_before_it_is_recorded_once(small, door, request_, first, event, version):
    prepared(small, first)
    answer = small.do("catalog", door, request_, command=COMMAND)
    facts = len(small.facts("catalog"))

    assert small.do("catalog", door, request_, command=COMMAND) == answer
    assert len(small.facts("catalog")) == facts


@EACH
def test_seen_before_its_id_serves_for_no_other_body(
    small, door, request_, first, event, version
):
    prepared(small, first)
    small.do("catalog", "tag_item", TAG | {"field": "社会治安"}, command=COMMAND)

    with pytest.raises(Refused) as refused:
        small.do("catalog", door, request_, command=COMMAND)

    assert refused.value.code == "log.command-id-reused"


@EACH
def test_wrong_version_what_has_changed_since_is_left_alone(
    small, door, request_, first, event, version
):
    prepared(small, first)

    with pytest.raises(Refused) as refused:
        small.do("catalog", door, request_, expected=version + 1)

    assert refused.value.code == "log.stale-version"


REFUSALS: list[tuple[str, str, dict[str, Any], tuple[tuple[str, dict[str, Any]], ...]]] = [
    ("catalog.unknown-item", "assign_supervisor", SUPERVISOR | {"item": "XX24-9"}, ()),
    ("catalog.unknown-organ", "assign_supervisor", SUPERVISOR | {"org": f"{P}-ORG-9"}, ()),
    ("catalog.exempt-without-reason", "set_online_status", ONLINE | {"status": "exempt"}, ()),
    ("catalog.unknown-item", "tag_item", TAG | {"item": "XX24-9"}, ()),
    ("catalog.unknown-item", "link_items", LINK | {"other": "XX24-9"}, ()),
    ("catalog.linked-to-itself", "link_items", LINK | {"other": LINK["item"]}, ()),
    ("catalog.only-granting-department-may-set-standard", "issue_standard",
     STANDARD | {"issuer": f"{P}-TOWN-1"}, ()),
    ("catalog.standard-not-of-programme", "issue_standard", STANDARD | {"kind": "method"}, ()),
    ("catalog.wrong-date-order", "issue_standard", STANDARD | {"ref": "另一份"},
     (("issue_standard", STANDARD),)),
    ("catalog.baseline-frozen", "record_baseline", BASELINE | {"steps": 9}, (TAKEN,)),
    ("catalog.no-baseline", "correct_baseline", CORRECTION, ()),
    ("catalog.no-baseline", "revise_process", REVISION, ()),
    ("catalog.unknown-town", "revise_process", REVISION | {"town": f"{P}-TOWN-9"}, (TAKEN,)),
    ("catalog.guide-by-other-author", "publish_guide", GUIDE | {"author": f"{P}-TOWN-1"}, ()),
    ("catalog.unknown-organ", "publish_guide", GUIDE | {"author": f"{P}-ORG-9"}, ()),
    ("catalog.not-of-department", "record_power_list", POWERS | {"org": OTHER}, ()),
    ("catalog.unknown-item", "record_power_list",
     POWERS | {"entries": [{"item": "XX24-9", "status": "in_force"}]}, ()),
    ("catalog.not-in-power-list", "issue_menu", MENU, (("record_power_list", GONE),)),
]


@pytest.mark.parametrize(("code", "door", "request_", "first"), REFUSALS)
def test_refused_what_may_not_be_says_why_and_records_nothing(
    small, code, door, request_, first
):
    prepared(small, first)
    facts = len(small.facts("catalog"))

    with pytest.raises(Refused) as refused:
        small.do("catalog", door, request_)

    assert refused.value.code == code
    assert len(small.facts("catalog")) == facts


@pytest.mark.parametrize("figure", ["steps", "limit_value", "materials"])
def test_a_refused_rise_is_on_record_and_says_the_same_again(small, figure):
    prepared(small, (TAKEN,))
    more = REVISION | {figure: FIGURES[figure] + 1}

    told = []
    for _ in range(2):
        with pytest.raises(Refused) as refused:
            small.do("catalog", "revise_process", more, command=COMMAND)
        told.append((refused.value.code, refused.value.zh, refused.value.facts["increased"]))

    assert told[0] == told[1]
    assert len(small.facts("catalog", "ReductionRuleBreached")) == 1
