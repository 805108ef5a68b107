"""Requests at catalog's doors for places, and for who coordinates."""

from typing import Any

from marshmallow import fields

from shared.contracts.asked_catalog_fields import (
    AboutTown,
    OfProgramme,
    about,
    day,
    key,
    one_of,
    rows,
    text,
    texts,
)
from shared.contracts.catalog_places import CHANNEL_KINDS, WINDOW_KINDS, Slot
from shared.contracts.requests import Code, command, question


def _items(description: str) -> fields.List[Any]:
    return fields.List(Code(), load_default=list, metadata={"description": description})


@command("catalog", "open_window")
class OpenWindow(OfProgramme):
    """Open a window of a town's centre; without one its items are not accepted (设立受理窗口)."""

    window_id = key("New id; begins with the town's; a closed window's id is not used again")
    town = key("Town")
    kind = one_of(WINDOW_KINDS, "综合窗口 comprehensive or 受理窗口 acceptance")
    item_ids = _items("Items accepted there; none named: every one")
    opened_on = day("First day")


@command("catalog", "close_window")
class CloseWindow(OfProgramme):
    """Close a window for good (关闭窗口)."""

    window = key("Window")
    closed_on = day("First day on which it accepts nothing")
    reason = text("Reason")


@command("catalog", "set_opening_hours")
class SetOpeningHours(OfProgramme):
    """Set the hours of a town's centre anew, extended ones apart (错峰延时服务)."""

    town = key("Town")
    slots = rows(Slot, "Ordinary hours")
    extended_slots = rows(Slot, "Staggered and extended hours (错峰延时)")


@command("catalog", "register_station")
class RegisterStation(OfProgramme):
    """Register a village's help point under a centre; it holds no power (便民服务站)."""

    station_id = key("New id; begins with the town's")
    town = key("Town")
    name = text("Its name, e.g. 某村便民服务站", longest=200)
    services = texts("What it helps with (帮办代办、咨询 …)")


@command("catalog", "register_channel")
class RegisterChannel(OfProgramme):
    """Register a partner site or terminal and what can be handed in there (合作服务网点)."""

    channel_id = key("New id; begins with the programme code")
    kind = one_of(CHANNEL_KINDS, "Kind of site")
    place = text("Where it stands")
    item_ids = _items("Items that can be handed in there; none named: every one")


@command("catalog", "establish_bureau")
class EstablishBureau(OfProgramme):
    """Record that a unit's approval bureau was set up within the quota (组建行政审批局)."""

    unit = key("Unit")
    org_id = key("The unit's bureau")
    plates = texts("Its name-plates (牌子)")
    quota_ok = fields.Boolean(**about("Whether it is within the quota (党政机构限额)"))
    quota_ref = text("Document on the quota", required=False)
    established_on = day("Day on which it was set up")


@command("catalog", "open_bureau")
class OpenBureau(OfProgramme):
    """Record that a bureau serves the public (启动对外审批服务)."""

    org = key("Bureau")
    opened_on = day("First day")


@command("catalog", "set_coordinator")
class SetCoordinator(OfProgramme):
    """Let an organ coordinate the programme; it decides no case (牵头协调)."""

    org = key("Organ")
    from_ = day("First day", name="from")


@question("catalog", "places")
class Places(AboutTown):
    """A town's windows, hours, stations and the partner sites (窗口、时间、站点)."""

    on = fields.Date(
        load_default=None, metadata={"description": "Day; else every window that ever was"}
    )
