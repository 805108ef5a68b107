"""Catalog's facts on places into the local copy."""

import json

from psycopg2.extensions import cursor

from shared.contracts.envelope import Fact
from shared.projection import Projection

places = Projection()


@places.on("catalog.WindowOpened")
def window_opened(at: cursor, fact: Fact) -> None:
    at.execute(
        "INSERT INTO service_window VALUES (%(window_id)s, %(programme)s, %(town_id)s,"
        " %(centre_id)s, %(kind)s, %(item_ids)s, %(opened_on)s, NULL)", _of(fact),
    )


@places.on("catalog.WindowClosed")
def window_closed(at: cursor, fact: Fact) -> None:
    at.execute(
        "UPDATE service_window SET closed_on = %(closed_on)s WHERE window_id = %(window_id)s",
        fact.data,
    )


@places.on("catalog.OpeningHoursSet")
def hours(at: cursor, fact: Fact) -> None:
    at.execute(
        "INSERT INTO opening_hours VALUES (%(centre_id)s, %(slots)s, %(extended_slots)s)"
        " ON CONFLICT (centre_id) DO UPDATE SET slots = EXCLUDED.slots,"
        " extended_slots = EXCLUDED.extended_slots",
        fact.data | {key: json.dumps(fact.data[key]) for key in ("slots", "extended_slots")},
    )


@places.on("catalog.StationRegistered")
def station(at: cursor, fact: Fact) -> None:
    at.execute(
        "INSERT INTO station VALUES (%(station_id)s, %(programme)s, %(town_id)s, %(centre_id)s,"
        " %(name)s, %(services)s)", _of(fact),
    )


@places.on("catalog.ChannelRegistered")
def channel(at: cursor, fact: Fact) -> None:
    at.execute(
        "INSERT INTO channel VALUES (%(channel_id)s, %(programme)s, %(kind)s, %(place)s,"
        " %(item_ids)s)", _of(fact),
    )


@places.on("catalog.BureauEstablished")
def bureau(at: cursor, fact: Fact) -> None:
    at.execute(
        "INSERT INTO bureau VALUES (%(org_id)s, %(unit_id)s, %(plates)s, %(established_on)s, NULL)",
        fact.data,
    )


@places.on("catalog.BureauOpened")
def bureau_opened(at: cursor, fact: Fact) -> None:
    at.execute("UPDATE bureau SET opened_on = %(opened_on)s WHERE org_id = %(org_id)s", fact.data)


@places.on("catalog.CoordinatorSet")
def coordinator(at: cursor, fact: Fact) -> None:
    at.execute(
        "INSERT INTO coordinator VALUES (%(programme)s, %(org_id)s, %(from_)s)"
        " ON CONFLICT (programme_id, org_id) DO UPDATE SET since = EXCLUDED.since", _of(fact),
    )


def _of(fact: Fact) -> dict[str, object]:
    return fact.data | {"programme": fact.programme}
