"""Each door for places: done, refused, seen before, wrong version."""

from typing import Any
from uuid import UUID

import pytest

from shared.refusal import Refused
from tests.unit.catalog.requests import P, built
from tests.world import World

COMMAND = UUID(int=11)
TOWN, CENTRE, BUREAU = f"{P}-TOWN-1", f"{P}-TOWN-1-CENTRE", f"{P}-TOWN-1-DEPT"
WINDOW = {
    "programme": P, "window_id": f"{TOWN}-WINDOW-1", "town": TOWN, "kind": "comprehensive",
    "item_ids": ["XX24-1"], "opened_on": "2024-03-01",
}
CLOSED = {"programme": P, "window": f"{TOWN}-WINDOW-1", "closed_on": "2024-09-01",
          "reason": "并入综合窗口"}
MORNING = {"weekday": 1, "opens": "09:00", "closes": "12:00"}
EVENING = {"weekday": 1, "opens": "17:00", "closes": "20:00"}
HOURS = {"programme": P, "town": TOWN, "slots": [MORNING], "extended_slots": [EVENING]}
STATION = {"programme": P, "station_id": f"{TOWN}-STATION-1", "town": TOWN,
           "name": "示例村便民服务站", "services": ["帮办代办"]}
CHANNEL = {"programme": P, "channel_id": f"{P}-CHANNEL-1", "kind": "kiosk",
           "place": "示例中心大厅", "item_ids": ["XX24-1"]}
SET_UP = {"programme": P, "unit": TOWN, "org_id": BUREAU, "plates": ["行政审批局"],
          "quota_ok": True, "quota_ref": "示例限额文件", "established_on": "2024-01-31"}
OPENED = {"programme": P, "org": BUREAU, "opened_on": "2024-04-30"}
COORDINATOR = {"programme": P, "org": f"{P}-ORG-1", "from": "2024-01-02"}

# door, its request, what has to be done before, the event it leads to, the version before it.
DOORS: list[tuple[str, dict[str, Any], tuple[tuple[str, dict[str, Any]], ...], str, int]] = [
    ("open_window", WINDOW, (), "catalog.WindowOpened", 0),
    ("close_window", CLOSED, (("open_window", WINDOW),), "catalog.WindowClosed", 1),
    ("set_opening_hours", HOURS, (), "catalog.OpeningHoursSet", 0),
    ("register_station", STATION, (), "catalog.StationRegistered", 0),
    ("register_channel", CHANNEL, (), "catalog.ChannelRegistered", 0),
    ("establish_bureau", SET_UP, (), "catalog.BureauEstablished", 0),
    ("open_bureau", OPENED, (("establish_bureau", SET_UP),), "catalog.BureauOpened", 1),
    ("set_coordinator", COORDINATOR, (), "catalog.CoordinatorSet", 3),
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
        world.do("catalog", door, request)


@EACH
def test_done_a_place_is_recorded(small, door, request_, first, event, version):
    prepared(small, first)

    answer = small.do("catalog", door, request_)

    assert (answer["events"], answer["version"]) == ([event], version + 1)


@EACH
def test_seen_before_a_place_is_recorded_once(small, door, request_, first, event, version):
    prepared(small, first)
    answer = small.do("catalog", door, request_, command=COMMAND)
    facts = len(small.facts("catalog"))

    assert small.do("catalog", door, request_, command=COMMAND) == answer
    assert len(small.facts("catalog")) == facts


@EACH
def test_seen_before_another_body_under_the_same_id_is_refused(
    small, door, request_, first, event, version
):
    prepared(small, first)
    small.do("catalog", "register_station", STATION | {"name": "另一站"}, command=COMMAND)

    with pytest.raises(Refused) as refused:
        small.do("catalog", door, request_, command=COMMAND)

    assert refused.value.code == "log.command-id-reused"


@EACH
def test_wrong_version_a_place_that_has_changed_since_is_left_alone(
    small, door, request_, first, event, version
):
    prepared(small, first)

    with pytest.raises(Refused) as refused:
        small.do("catalog", door, request_, expected=version + 1)

    assert refused.value.code == "log.stale-version"


REFUSALS: list[tuple[str, str, dict[str, Any], tuple[tuple[str, dict[str, Any]], ...]]] = [
    ("catalog.unknown-town", "open_window",
     WINDOW | {"town": f"{P}-TOWN-9", "window_id": f"{P}-TOWN-9-W"}, ()),
    ("catalog.foreign-id", "open_window", WINDOW | {"window_id": "ST2021-TOWN-01-WINDOW-1"}, ()),
    ("catalog.unknown-item", "open_window", WINDOW | {"item_ids": ["XX24-9"]}, ()),
    ("catalog.already-registered-differently", "open_window", WINDOW | {"kind": "acceptance"},
     (("open_window", WINDOW),)),
    ("catalog.window-was-closed", "open_window", WINDOW,
     (("open_window", WINDOW), ("close_window", CLOSED))),
    ("catalog.unknown-window", "close_window", CLOSED, ()),
    ("catalog.wrong-date-order", "close_window", CLOSED | {"closed_on": "2024-02-01"},
     (("open_window", WINDOW),)),
    ("catalog.window-was-closed", "close_window", CLOSED | {"closed_on": "2025-01-01"},
     (("open_window", WINDOW), ("close_window", CLOSED))),
    ("catalog.unknown-town", "set_opening_hours", HOURS | {"town": f"{P}-TOWN-9"}, ()),
    ("catalog.closes-before-it-opens", "set_opening_hours",
     HOURS | {"slots": [MORNING | {"closes": "08:00"}]}, ()),
    ("catalog.slots-overlap", "set_opening_hours",
     HOURS | {"extended_slots": [EVENING | {"opens": "11:30"}]}, ()),
    ("catalog.unknown-town", "register_station",
     STATION | {"town": f"{P}-TOWN-9", "station_id": f"{P}-TOWN-9-S"}, ()),
    ("catalog.already-registered-differently", "register_station", STATION | {"services": []},
     (("register_station", STATION),)),
    ("catalog.unknown-item", "register_channel", CHANNEL | {"item_ids": ["XX24-9"]}, ()),
    ("catalog.foreign-id", "register_channel", CHANNEL | {"channel_id": "ST2021-CHANNEL-1"}, ()),
    ("catalog.outside-quota", "establish_bureau", SET_UP | {"quota_ok": False}, ()),
    ("catalog.not-the-bureau", "establish_bureau", SET_UP | {"org_id": f"{P}-ORG-1"}, ()),
    ("catalog.bureau-not-established", "open_bureau", OPENED, ()),
    ("catalog.wrong-date-order", "open_bureau", OPENED | {"opened_on": "2024-01-30"},
     (("establish_bureau", SET_UP),)),
    ("catalog.bureau-is-open", "open_bureau", OPENED | {"opened_on": "2024-05-01"},
     (("establish_bureau", SET_UP), ("open_bureau", OPENED))),
    ("catalog.unknown-organ", "set_coordinator", COORDINATOR | {"org": f"{P}-ORG-9"}, ()),
    ("catalog.unknown-programme", "set_coordinator", COORDINATOR | {"programme": "NO2024"}, ()),
]


@pytest.mark.parametrize(("code", "door", "request_", "first"), REFUSALS)
def test_refused_a_place_that_cannot_be_says_why_and_records_nothing(
    small, code, door, request_, first
):
    prepared(small, first)
    facts = len(small.facts("catalog"))

    with pytest.raises(Refused) as refused:
        small.do("catalog", door, request_)

    assert refused.value.code == code
    assert len(small.facts("catalog")) == facts


def test_a_town_answers_where_people_go(small):
    for door, request in (("open_window", WINDOW), ("set_opening_hours", HOURS),
                          ("register_station", STATION), ("register_channel", CHANNEL)):
        small.do("catalog", door, request)
    small.settle()

    answer = small.ask("catalog", "places", {"programme": P, "town": TOWN, "on": "2024-03-01"})

    assert answer == {
        "windows": [{"window_id": f"{TOWN}-WINDOW-1", "centre_id": CENTRE,
                     "kind": "comprehensive", "item_ids": ["XX24-1"], "opened_on": "2024-03-01",
                     "closed_on": None}],
        "hours": {"centre_id": CENTRE, "slots": [MORNING], "extended_slots": [EVENING]},
        "stations": [{"station_id": f"{TOWN}-STATION-1", "name": "示例村便民服务站",
                      "services": ["帮办代办"]}],
        "channels": [{"channel_id": f"{P}-CHANNEL-1", "kind": "kiosk", "place": "示例中心大厅",
                      "item_ids": ["XX24-1"]}],
    }
