"""Each door for what becomes of organs and towns: done, refused, seen before, wrong version."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from shared.contracts.envelope import Given, instant
from shared.refusal import Refused
from tests.unit.catalog.requests import (
    ALIAS,
    ITEM,
    ORGAN,
    OTHER_ORGAN,
    TOWN,
    P,
    built,
)
from tests.world import World

COMMAND = UUID(int=17)
AT = "2024-03-01T09:00:00+08:00"
ORG, OTHER, THIRD = f"{P}-ORG-1", f"{P}-ORG-2", f"{P}-ORG-3"
ONE, TWO = f"{P}-TOWN-1", f"{P}-TOWN-2"
ON = {"programme": P, "effective_on": "2024-03-01"}
RENAMED = ON | {"org": ORG, "name": "区甲委"}
MOVED = ON | {"org": ORG, "superior": OTHER}
MERGED = ON | {"org": ORG, "into": OTHER}
TOWN_RENAMED = ON | {
    "town": ONE, "name": "示例街道办事处", "centre_name": "示例街道便民服务中心",
    "department_name": None,
}
KIND = ON | {"town": ONE, "kind": "街道办事处"}
TOWN_MERGED = ON | {"town": ONE, "into": TWO}
ROLE = ORGAN | {"org_id": THIRD, "name": "区有关部门", "kind": "generic_role", "aliases": []}
BELOW = ORGAN | {"org_id": THIRD, "name": "区甲局执法队", "superior_org_id": ORG, "aliases": []}
ANOTHER = TOWN | {
    "town_id": TWO, "name": "另一镇", "centre_id": f"{TWO}-CENTRE", "centre_name": None,
    "department_id": None, "department_name": None,
}
UNIT = ANOTHER | {"name": "另一区", "kind": "unit", "centre_id": None}

# door, its request, what has to be done before, the event it leads to, the version before it.
DOORS: list[tuple[str, dict[str, Any], tuple[tuple[str, dict[str, Any]], ...], str, int]] = [
    ("rename_organ", RENAMED, (), "catalog.OrganRenamed", 5),
    ("resubordinate_organ", MOVED, (), "catalog.OrganResubordinated", 5),
    ("merge_organ", MERGED, (), "catalog.OrganMerged", 5),
    ("rename_town", TOWN_RENAMED, (), "catalog.TownRenamed", 2),
    ("change_town_kind", KIND, (), "catalog.TownKindChanged", 2),
    ("merge_town", TOWN_MERGED, (("register_town", ANOTHER),), "catalog.TownMerged", 2),
]
EACH = pytest.mark.parametrize(
    ("door", "request_", "first", "event", "version"), DOORS, ids=[door[0] for door in DOORS]
)


@pytest.fixture
def small(world: World) -> World:
    return built(world)


def prepared(world: World, first: tuple[tuple[str, dict[str, Any]], ...]) -> None:
    """Do what has to be done before."""
    for door, request in first:
        world.do("catalog", door, request, at=AT)


@EACH
def test_done_a_change_of_an_organ_is_recorded(small, door, request_, first, event, version):
    prepared(small, first)

    answer = small.do("catalog", door, request_, at=AT)

    assert (answer["events"], answer["version"]) == ([event], version + 1)


@EACH
def test_seen_before_a_change_is_recorded_once(small, door, request_, first, event, version):
    prepared(small, first)
    answer = small.do("catalog", door, request_, at=AT, command=COMMAND)
    facts = len(small.facts("catalog"))

    assert small.do("catalog", door, request_, at=AT, command=COMMAND) == answer
    assert len(small.facts("catalog")) == facts


@EACH
def test_seen_before_a_change_under_the_id_of_another_is_refused(
    small, door, request_, first, event, version
):
    prepared(small, first)
    small.do("catalog", "add_alias", ALIAS | {"alias": "甲办"}, at=AT, command=COMMAND)

    with pytest.raises(Refused) as refused:
        small.do("catalog", door, request_, at=AT, command=COMMAND)

    assert refused.value.code == "log.command-id-reused"


@EACH
def test_wrong_version_an_organ_that_has_changed_since_is_left_alone(
    small, door, request_, first, event, version
):
    prepared(small, first)

    with pytest.raises(Refused) as refused:
        small.do("catalog", door, request_, at=AT, expected=version + 1)

    assert refused.value.code == "log.stale-version"


MERGE = ("merge_organ", MERGED)
MERGE_TOWN = ("merge_town", TOWN_MERGED)
TOWNS = (("register_town", ANOTHER),)
REFUSALS: list[tuple[str, str, dict[str, Any], tuple[tuple[str, dict[str, Any]], ...]]] = [
    ("catalog.unknown-programme", "rename_organ", RENAMED | {"programme": "NO2024"}, ()),
    ("catalog.unknown-organ", "rename_organ", RENAMED | {"org": f"{P}-ORG-9"}, ()),
    ("catalog.same-name", "rename_organ", RENAMED | {"name": "区甲局"}, ()),
    ("catalog.alias-taken", "rename_organ", RENAMED | {"name": "区乙局"}, ()),
    ("catalog.not-yet-in-effect", "rename_organ", RENAMED | {"effective_on": "2024-03-02"}, ()),
    ("catalog.wrong-date-order", "rename_organ",
     RENAMED | {"name": "区甲办公室", "effective_on": "2024-02-01"},
     (("rename_organ", RENAMED),)),
    ("catalog.id-closed", "rename_organ", RENAMED, (MERGE,)),
    ("catalog.unknown-organ", "resubordinate_organ", MOVED | {"superior": f"{P}-ORG-9"}, ()),
    ("catalog.same-superior", "resubordinate_organ", MOVED | {"superior": None}, ()),
    ("catalog.above-itself", "resubordinate_organ", MOVED | {"superior": ORG}, ()),
    ("catalog.above-itself", "resubordinate_organ", MOVED | {"superior": THIRD},
     (("register_organ", BELOW),)),
    ("catalog.id-closed", "resubordinate_organ", MOVED, (MERGE,)),
    ("catalog.unknown-organ", "merge_organ", MERGED | {"into": f"{P}-ORG-9"}, ()),
    ("catalog.unknown-organ", "merge_organ", MERGED | {"into": ONE}, ()),
    ("catalog.same-organ", "merge_organ", MERGED | {"into": ORG}, ()),
    ("catalog.cannot-take-over", "merge_organ", MERGED | {"into": THIRD},
     (("register_organ", ROLE),)),
    ("catalog.above-itself", "merge_organ", MERGED | {"into": THIRD},
     (("register_organ", BELOW),)),
    ("catalog.not-yet-in-effect", "merge_organ", MERGED | {"effective_on": "2025-01-01"}, ()),
    ("catalog.id-closed", "merge_organ", MERGED, (MERGE,)),
    ("catalog.id-closed", "merge_organ", MERGED | {"org": OTHER, "into": ORG}, (MERGE,)),
    ("catalog.id-closed", "register_organ", ORGAN | {"name": "区新局", "aliases": []}, (MERGE,)),
    ("catalog.id-closed", "add_alias", ALIAS | {"alias": "甲甲办"}, (MERGE,)),
    ("catalog.alias-taken", "register_organ",
     ORGAN | {"org_id": THIRD, "name": "区甲局", "aliases": []}, (MERGE,)),
    ("catalog.unknown-town", "rename_town", TOWN_RENAMED | {"town": TWO}, ()),
    ("catalog.same-name", "rename_town", TOWN_RENAMED | {"name": "示例镇"}, ()),
    ("catalog.id-closed", "rename_town", TOWN_RENAMED, (*TOWNS, MERGE_TOWN)),
    ("catalog.same-kind", "change_town_kind", KIND | {"kind": "镇"}, ()),
    ("catalog.kind-fixed", "change_town_kind", KIND | {"town": TWO}, (("register_town", UNIT),)),
    ("catalog.kind-fixed", "merge_town", TOWN_MERGED, (("register_town", UNIT),)),
    ("catalog.same-organ", "merge_town", TOWN_MERGED | {"into": ONE}, ()),
    ("catalog.unknown-town", "merge_town", TOWN_MERGED, ()),
    ("catalog.id-closed", "merge_town", TOWN_MERGED, (*TOWNS, MERGE_TOWN)),
    ("catalog.id-closed", "merge_town", TOWN_MERGED | {"town": TWO, "into": ONE},
     (*TOWNS, MERGE_TOWN)),
    ("catalog.id-closed", "register_town", TOWN | {"name": "新镇"}, (*TOWNS, MERGE_TOWN)),
]


@pytest.mark.parametrize(("code", "door", "request_", "first"), REFUSALS)
def test_refused_a_change_that_cannot_be_says_why_and_records_nothing(
    small, code, door, request_, first
):
    prepared(small, first)
    facts = len(small.facts("catalog"))

    with pytest.raises(Refused) as refused:
        small.do("catalog", door, request_, at=AT)

    assert refused.value.code == code
    assert len(small.facts("catalog")) == facts


@pytest.mark.parametrize(("door", "request_"), [(door[0], door[1]) for door in DOORS])
def test_an_organ_changes_only_by_a_document(small, door, request_):
    given = Given(
        command=COMMAND, actor={"org": ORG, "role": "officer", "operator": "op-1"}, at=instant(AT)
    )

    with pytest.raises(Refused) as refused:
        small.commands("catalog").do(door, request_, given)

    assert refused.value.code == "catalog.change-without-document"


@pytest.mark.parametrize(
    ("door", "request_"),
    [
        ("list_item", ITEM | {"item_id": "XX24-2", "seq": 2, "code": None}),
        ("register_organ", ORGAN | {
            "org_id": THIRD, "name": "区丙局", "superior_org_id": ORG, "aliases": [],
        }),
        ("set_coordinator", {"programme": P, "org": ORG, "from": "2024-01-02"}),
    ],
)
def test_what_is_new_names_no_organ_that_is_closed(small, door, request_):
    small.do("catalog", "merge_organ", MERGED, at=AT)
    small.settle()

    with pytest.raises(Refused) as refused:
        small.do("catalog", door, request_, at=AT)

    assert refused.value.code == "register.organ-closed"
    assert refused.value.facts == {
        "org": ORG, "closed_on": date(2024, 3, 1).isoformat(), "successor": OTHER,
    }
    assert refused.value.zh == "区甲局已自2024-03-01起撤销，由区乙局承接，请改以承接单位办理"


def test_what_was_registered_is_found_again_whatever_has_changed_since(small):
    prepared(small, (*TOWNS, ("add_alias", ALIAS), ("rename_organ", RENAMED), MERGE,
                     ("rename_town", TOWN_RENAMED), ("change_town_kind", KIND), MERGE_TOWN))
    small.settle()
    facts = len(small.facts("catalog"))

    for door, request in (
        ("register_organ", ORGAN), ("register_organ", OTHER_ORGAN), ("add_alias", ALIAS),
        ("register_town", TOWN), ("list_item", ITEM),
        ("add_recipient", {"programme": P, "town": ONE, "from": "2024-01-02"}),
    ):
        small.do("catalog", door, request, at=AT)

    assert len(small.facts("catalog")) == facts
