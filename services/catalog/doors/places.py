"""Doors for places: windows, hours, stations, partner sites, bureaus; and who coordinates."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from services.catalog.domain import place_refusals as refusals
from services.catalog.domain.organ import Town
from services.catalog.domain.place import Bureau, Channel, Hours, Station, Window
from services.catalog.domain.programme import Programme
from services.catalog.doors.base import Doors, must_begin
from shared.contracts.envelope import Given


class PlaceDoors(Doors):
    """Places."""

    def open_window(
        self, given: Given, *, programme: str, window_id: str, town: str, item_ids: list[str],
        **row: Any,
    ) -> Window:
        must_begin(window_id, town)
        self.must_be_listed(programme, item_ids)
        row |= {
            "town_id": town, "centre_id": self._centre(programme, town), "item_ids": item_ids
        }
        known = self.load(Window, Window.create_id(window_id))
        if known:
            known.open_again(**row)
            return known
        return Window(window_id=window_id, **row)

    def close_window(
        self, given: Given, *, programme: str, window: str, closed_on: date, reason: str
    ) -> Window:
        self.programme_seen(programme)
        must_begin(window, programme)
        known = self.load(Window, Window.create_id(window))
        if known is None:
            raise refusals.unknown_window(window)
        known.close(closed_on=closed_on, reason=reason)
        return known

    def set_opening_hours(
        self, given: Given, *, programme: str, town: str, slots: Sequence[Mapping[str, Any]],
        extended_slots: Sequence[Mapping[str, Any]],
    ) -> Hours:
        centre = self._centre(programme, town)
        hours = self.stream(Hours, Hours.create_id(centre))
        hours.set(centre_id=centre, slots=slots, extended_slots=extended_slots)
        return hours

    def register_station(
        self, given: Given, *, programme: str, station_id: str, town: str, **row: Any
    ) -> Station:
        must_begin(station_id, town)
        row |= {"town_id": town, "centre_id": self._centre(programme, town)}
        known = self.load(Station, Station.create_id(station_id))
        if known:
            known.register_again(**row)
            return known
        return Station(station_id=station_id, **row)

    def register_channel(
        self, given: Given, *, programme: str, channel_id: str, item_ids: list[str], **row: Any
    ) -> Channel:
        self.programme_seen(programme)
        must_begin(channel_id, programme)
        self.must_be_listed(programme, item_ids)
        row |= {"item_ids": item_ids}
        known = self.load(Channel, Channel.create_id(channel_id))
        if known:
            known.register_again(**row)
            return known
        return Channel(channel_id=channel_id, **row)

    def establish_bureau(
        self, given: Given, *, programme: str, unit: str, org_id: str, **row: Any
    ) -> Bureau:
        bureau = self._town(programme, unit).row["department_id"]
        if org_id != bureau:
            raise refusals.not_the_bureau(unit, org_id, bureau)
        row |= {"unit_id": unit}
        known = self.load(Bureau, Bureau.create_id(org_id))
        if known:
            known.establish_again(**row)
            return known
        return Bureau.establish(org_id=org_id, **row)

    def open_bureau(
        self, given: Given, *, programme: str, org: str, opened_on: date
    ) -> Bureau:
        self.programme_seen(programme)
        must_begin(org, programme)
        known = self.load(Bureau, Bureau.create_id(org))
        if known is None:
            raise refusals.bureau_not_established(org)
        known.open(opened_on=opened_on)
        return known

    def set_coordinator(
        self, given: Given, *, programme: str, org: str, from_: date
    ) -> Programme:
        known = self.programme_of(programme)
        self.must_be_known(programme, [org])
        known.set_coordinator(org=org, from_=from_)
        return known

    def _town(self, programme: str, town: str) -> Town:
        self.programme_seen(programme)
        return self.town_of(programme, town)

    def _centre(self, programme: str, town: str) -> str:
        centre = self._town(programme, town).centre["centre_id"]
        if centre is None:
            raise refusals.no_centre(town)
        return centre
