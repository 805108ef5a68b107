"""Scenarios 5, 6, 8 and 9: servers and networks that go away or fall silent."""

import time
from uuid import uuid4

from services.catalog.commands import Catalog
from shared.clock import system_clock
from shared.contracts.envelope import Given
from shared.database import Database
from tests.faults.client import ACTOR, PROGRAMME
from tests.faults.county import County
from tests.faults.proxy import Proxy
from tests.faults.scenario import Seen, recovered, scenario, within

ALARM, CUT, HELD, DELAYED = 15.0, 2.0, 6.0, 4.0
WAITS = 3.0  # seconds, that no fact waits for a broker that is well
FACTS = 20  # recorded while the broker takes none; it may take what is on its way already


@scenario(
    "5", "database_killed", "kill −9 PostgreSQL, every process of it, under load; start it again",
    "0 lost, 0 doubled, dense",
)
def database_killed(county: County) -> Seen:
    since = time.monotonic()
    county.cluster.kill()
    county.fault("kill −9 PostgreSQL")
    county.cluster.start()
    return recovered(county, since)


@scenario(
    "6", "broker_killed", "kill −9 RabbitMQ under load; start it again", "0 lost effects",
)
def broker_killed(county: County) -> Seen:
    county.rabbit.kill()
    county.fault("kill −9 RabbitMQ")
    county.rabbit.start()
    return recovered(county)


@scenario(
    "6", "broker_emptied", "kill −9 RabbitMQ, delete its data folder, start it empty",
    "consumers pull the gaps, 0 lost effects",
)
def broker_emptied(county: County) -> Seen:
    county.rabbit.kill()
    county.rabbit.forget()
    county.fault("RabbitMQ's data deleted")
    county.rabbit.start()
    return recovered(county)


@scenario(
    "8", "broker_alarm", f"RabbitMQ's memory alarm for {ALARM:.0f} s",
    "commands still accepted: not met, they wait in the broker or get 503 (Not shown, 8); nothing"
    " lost; unsent facts shown, drained after", aim=None,
)
def broker_alarm(county: County) -> Seen:
    county.rabbit.ctl("set_vm_memory_high_watermark", "absolute", "1MB")
    county.fault("memory alarm")
    over = time.monotonic() + ALARM
    try:
        record(county)
        assert within(ALARM, lambda: held_back(county)), "no unsent fact is shown"
        time.sleep(max(0.0, over - time.monotonic()))
    finally:
        county.rabbit.ctl("set_vm_memory_high_watermark", "0.4")
    seen = recovered(county)
    county.until(lambda: unsent(county) == 0, "what was unsent is not drained")
    return seen


def record(county: County) -> None:
    """Facts of catalog, recorded past the broker, as its command line does."""
    database = Database(county.admin.dsn("catalog"), size=1)
    for _ in range(FACTS):
        Catalog(database).do("open_window", {
            "programme": PROGRAMME, "window_id": f"{PROGRAMME}-TOWN-01-W{uuid4().hex}",
            "town": f"{PROGRAMME}-TOWN-01", "kind": "comprehensive", "opened_on": "2023-05-01",
        }, Given(uuid4(), ACTOR, system_clock()))
    database.close()


def held_back(county: County) -> bool:
    """Whether the relays show a fact of catalog that waits, for its position or the broker."""
    return any(
        county.metric(name, f"fuquan_log_{what}_age_seconds", 'service="catalog"') > WAITS
        for name in ("relay", "relay-b") for what in ("unsent", "barrier")
    )


def unsent(county: County) -> int:
    """How many facts of catalog the broker has not confirmed, as the relays show it."""
    return int(max(
        county.metric(name, "fuquan_log_unsent", 'service="catalog"')
        for name in ("relay", "relay-b")
    ))


def a_way(county: County) -> tuple[Proxy, str]:
    """Some process's way to its database or its broker, and what to call it."""
    name = county.chance.choice([*county.consumers(), "relay"])
    to = county.chance.choice(("database", "broker"))
    return getattr(county.units[name], to), f"of {name} to the {to}"


@scenario(
    "9", "way_cut", f"one process's way to its database or broker reset, refused for {CUT:.0f} s",
    "recovers by itself",
)
def way_cut(county: County) -> Seen:
    way, called = a_way(county)
    way.cut()
    county.fault(f"way {called} cut")
    time.sleep(CUT)
    way.heal()
    return recovered(county)


@scenario(
    "9", "way_half_open",
    f"nothing passes in either direction for {HELD:.0f} s, then what is open is reset",
    "recovers by itself",
)
def way_half_open(county: County) -> Seen:
    way, called = a_way(county)
    way.hold()
    county.fault(f"way {called} half-open")
    time.sleep(HELD)
    way.reset()
    way.heal()
    return recovered(county)


@scenario(
    "9", "way_slow", f"every piece {200} ms later for {DELAYED:.0f} s", "slower, nothing else",
)
def way_slow(county: County) -> Seen:
    way, called = a_way(county)
    way.delay(0.2)
    county.fault(f"way {called} slow")
    time.sleep(DELAYED)
    way.heal()
    return recovered(county)
