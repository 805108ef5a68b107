"""Where people go: windows and hours of a centre, stations, partner sites; bureaus."""

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from eventsourcing.domain import Aggregate, event

from services.catalog.domain import place_refusals as refusals
from services.catalog.domain.stream import Stream


def _stream(kind: str, name: str) -> UUID:
    return uuid5(NAMESPACE_URL, f"fuquan:{kind}:{name}")


class Window(Aggregate):
    """A counter of a centre at which items are accepted; its id is used once (R068)."""

    class WindowOpened(Aggregate.Created):
        window_id: str
        centre_id: str
        town_id: str
        kind: str
        item_ids: list[str]
        opened_on: date

    class WindowClosed(Aggregate.Event):
        window_id: str
        closed_on: date
        reason: str

    @staticmethod
    def create_id(window_id: str) -> UUID:
        """The stream of a window."""
        return _stream("window", window_id)

    def open_again(self, **row: Any) -> None:
        """Nothing, if it is open and the row says what was opened."""
        if self.closed_on is not None:
            raise refusals.window_was_closed(self.window_id, self.closed_on)
        refusals.unchanged("window", self.window_id, self.row, row)

    def close(self, *, closed_on: date, reason: str) -> None:
        """Accept nothing more there from that day on."""
        if self.closed_on is not None:
            raise refusals.window_was_closed(self.window_id, self.closed_on)
        if closed_on < self.row["opened_on"]:
            raise refusals.closed_before_opened(self.window_id, self.row["opened_on"], closed_on)
        self._closed(window_id=self.window_id, closed_on=closed_on, reason=reason)

    @event(WindowOpened)
    def __init__(
        self, window_id: str, centre_id: str, town_id: str, kind: str, item_ids: list[str],
        opened_on: date,
    ) -> None:
        self.window_id = window_id
        self.row: dict[str, Any] = {
            "centre_id": centre_id, "town_id": town_id, "kind": kind, "item_ids": item_ids,
            "opened_on": opened_on,
        }
        self.closed_on: date | None = None

    @event(WindowClosed)
    def _closed(self, window_id: str, closed_on: date, reason: str) -> None:
        self.closed_on = closed_on


class Hours(Stream):
    """When a centre is open, with its staggered and extended hours (R129)."""

    class OpeningHoursSet(Stream.Happened):
        centre_id: str
        slots: list[dict[str, Any]]
        extended_slots: list[dict[str, Any]]

    @staticmethod
    def create_id(centre_id: str) -> UUID:
        """The stream of a centre's hours."""
        return _stream("hours", centre_id)

    def begin(self) -> None:
        """No hours set: the notice names none."""
        self.slots: tuple[Any, Any] = ([], [])

    def set(
        self, *, centre_id: str, slots: Sequence[Mapping[str, Any]],
        extended_slots: Sequence[Mapping[str, Any]],
    ) -> None:
        """Set all hours of the week anew; no two slots of a weekday overlap."""
        ordered = sorted(
            (slot["weekday"], slot["opens"], slot["closes"]) for slot in (*slots, *extended_slots)
        )
        for weekday, opens, closes in ordered:
            if opens >= closes:
                raise refusals.closes_before_it_opens(centre_id, weekday, opens, closes)
        for before, after in pairwise(ordered):
            if before[0] == after[0] and after[1] < before[2]:
                raise refusals.slots_overlap(centre_id, before[0], after[1])
        hours = [dict(slot) for slot in slots], [dict(slot) for slot in extended_slots]
        if hours != self.slots:
            self._set(centre_id=centre_id, slots=hours[0], extended_slots=hours[1])

    @event(OpeningHoursSet)
    def _set(
        self, centre_id: str, slots: list[dict[str, Any]], extended_slots: list[dict[str, Any]]
    ) -> None:
        self.slots = (slots, extended_slots)


class Station(Aggregate):
    """A village's help point under a centre: it helps, and holds no power (R210)."""

    class StationRegistered(Aggregate.Created):
        station_id: str
        centre_id: str
        town_id: str
        name: str
        services: list[str]

    @staticmethod
    def create_id(station_id: str) -> UUID:
        """The stream of a station."""
        return _stream("station", station_id)

    def register_again(self, **row: Any) -> None:
        """Nothing, if the row says what was registered."""
        refusals.unchanged("station", self.station_id, self.row, row)

    @event(StationRegistered)
    def __init__(
        self, station_id: str, centre_id: str, town_id: str, name: str, services: list[str]
    ) -> None:
        self.station_id = station_id
        self.row = {
            "centre_id": centre_id, "town_id": town_id, "name": name, "services": services
        }


class Channel(Aggregate):
    """A partner site or terminal at which applications are handed in (R211)."""

    class ChannelRegistered(Aggregate.Created):
        channel_id: str
        kind: str
        place: str
        item_ids: list[str]

    @staticmethod
    def create_id(channel_id: str) -> UUID:
        """The stream of a channel."""
        return _stream("channel", channel_id)

    def register_again(self, **row: Any) -> None:
        """Nothing, if the row says what was registered."""
        refusals.unchanged("channel", self.channel_id, self.row, row)

    @event(ChannelRegistered)
    def __init__(self, channel_id: str, kind: str, place: str, item_ids: list[str]) -> None:
        self.channel_id = channel_id
        self.row = {"kind": kind, "place": place, "item_ids": item_ids}


class Bureau(Aggregate):
    """The approval bureau of a unit: set up within the quota, then open (R204, R205)."""

    class BureauEstablished(Aggregate.Created):
        org_id: str
        unit_id: str
        plates: list[str]
        quota_ok: bool
        quota_ref: str | None
        established_on: date

    class BureauOpened(Aggregate.Event):
        org_id: str
        opened_on: date

    @staticmethod
    def create_id(org_id: str) -> UUID:
        """The stream of a bureau."""
        return _stream("bureau", org_id)

    @classmethod
    def establish(cls, *, org_id: str, quota_ok: bool, **row: Any) -> "Bureau":
        """Set it up, within the quota of party and government bodies (R204)."""
        if not quota_ok:
            raise refusals.outside_quota(org_id)
        return cls(org_id=org_id, quota_ok=quota_ok, **row)

    def establish_again(self, **row: Any) -> None:
        """Nothing, if the row says how it was set up."""
        refusals.unchanged("bureau", self.org_id, self.row, row)

    def open(self, *, opened_on: date) -> None:
        """Begin to serve the public, not before it was set up."""
        if self.opened_on is not None:
            raise refusals.bureau_is_open(self.org_id, self.opened_on)
        if opened_on < self.row["established_on"]:
            raise refusals.opened_before_established(
                self.org_id, self.row["established_on"], opened_on
            )
        self._opened(org_id=self.org_id, opened_on=opened_on)

    @event(BureauEstablished)
    def __init__(
        self, *, org_id: str, unit_id: str, plates: list[str], quota_ok: bool,
        quota_ref: str | None, established_on: date,
    ) -> None:
        self.org_id = org_id
        self.row: dict[str, Any] = {
            "unit_id": unit_id, "plates": plates, "quota_ok": quota_ok, "quota_ref": quota_ref,
            "established_on": established_on,
        }
        self.opened_on: date | None = None

    @event(BureauOpened)
    def _opened(self, org_id: str, opened_on: date) -> None:
        self.opened_on = opened_on
