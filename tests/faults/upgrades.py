"""Scenario 19: a release with a new version of an event is rolled out, in both orders."""

import sys
import time
from uuid import uuid4

from shared.cli.run import Processes
from shared.operations import ITS_BOOKKEEPER, LEDGER
from shared.settings import Settings
from tests.faults import next_release
from tests.faults.client import PROGRAMME, Sent
from tests.faults.county import County
from tests.faults.scenario import Seen, scenario

PRODUCER = "catalog"
WINDOWS = 20
WRITTEN = (
    f"SELECT count(*) FROM log.event WHERE type = '{next_release.EVENT}'"
    " AND convert_from(envelope, 'UTF8')::jsonb ->> 'schema' = %s"
)
PARKED = "SELECT id, source, position, error FROM bus.parked ORDER BY position"


class Released(Processes):
    """Processes of a later release."""

    def __init__(self, admin: Settings, names: tuple[str, ...], release: int) -> None:
        super().__init__(admin, names)
        self.release = release

    def command(self, name: str) -> tuple[str, ...]:
        module = ("tests.faults.next_release", str(self.release), name)
        return (sys.executable, "-W", "ignore", "-m", *module)


@scenario(
    "19", "upgraded", "a release with a new version of `catalog.WindowOpened` under load: one"
    " consumer after the other, then the producer, then the relays",
    "0 parked, 0 lost, read models equal after replay", aim=30.0,
)
def upgraded(county: County) -> Seen:
    release, seen = next_release.latest(county) + 1, Seen()
    assert written(county, release) == 0
    for name in (*_others(county), PRODUCER, *_relays(county)):
        since = time.monotonic()
        upgrade(county, name, release)
        seen.recoveries.append(county.recovered(since))
        assert not _parked(county), f"{name} of release {release}: {_parked(county)[:3]}"
    county.until(lambda: written(county, release) > WINDOWS, "no event of the new version", 30)
    county.caller.rest()
    county.settled()
    assert not _parked(county), _parked(county)[:3]
    seen.notes.append(f"{written(county, release - 1)} events of version {release - 1} and"
                      f" {written(county, release)} of version {release} taken in, none parked")
    county.caller.go_on()
    return seen


@scenario(
    "19", "upgraded_in_the_wrong_order",
    f"the producer first: {WINDOWS} events of a version that the consumers do not know",
    "each parked with that reason, once; taken in after the consumers' upgrade and a retry",
    aim=None,
)
def upgraded_in_the_wrong_order(county: County) -> Seen:
    release, since = next_release.latest(county) + 1, time.monotonic()
    county.caller.rest()
    upgrade(county, PRODUCER, release)
    some = [_window(county) for _ in range(WINDOWS)]
    county.caller.also(*some)
    county.until(lambda: all(one.answer for one in some), "no window is opened")
    others = [name for name in _others(county) if name in county.consumers()]
    known = f"{next_release.EVENT} v{release}: known up to v{release - 1}"
    for name in others:
        county.until(
            lambda name=name: len(county.rows(name, PARKED)) >= WINDOWS, f"{name} parks nothing"
        )
    county.settled()
    for name in others:
        found = county.rows(name, PARKED)
        assert [row[3] for row in found] == [known] * WINDOWS, (name, found[:3], len(found))
    for name in (*_others(county), *_relays(county)):
        upgrade(county, name, release)
    for name in others:
        parked = [
            {"id": id_, "source": source, "position": position}
            for id_, source, position, _ in county.rows(name, PARKED)
        ]
        county.caller.call(
            "retry_parked", {"consumer": name, "parked": parked, "reason": "新版本已部署"},
            service=ITS_BOOKKEEPER if name == LEDGER else name, role="operator",
        )
        county.until(lambda name=name: not county.rows(name, PARKED), f"{name} keeps it parked")
    county.caller.go_on()
    return Seen([county.recovered(since)], [f"{WINDOWS} parked at {len(others)} consumers each"])


def upgrade(county: County, name: str, release: int) -> None:
    """End a process and start it in that release; from now on this process reads it too."""
    next_release.register(release)
    old = county.units[name].processes
    county.replace(name, Released(old.admin, old.names, release))
    county.fault("upgrade")


def written(county: County, release: int) -> int:
    """How many events of that version the log holds."""
    return int(county.rows(PRODUCER, WRITTEN, (str(release),))[0][0])


def _others(county: County) -> list[str]:
    return [name for name in county.names if name != PRODUCER and name not in _relays(county)]


def _relays(county: County) -> list[str]:
    return [name for name in county.names if name.removesuffix("-b") == "relay"]


def _parked(county: County) -> list[tuple[str, str]]:
    return [
        (name, error) for name in county.consumers() for *_, error in county.rows(name, PARKED)
    ]


def _window(county: County) -> Sent:
    town = f"{PROGRAMME}-TOWN-{county.chance.randint(1, 4):02}"
    return Sent(uuid4(), "open_window", {
        "programme": PROGRAMME, "window_id": f"{town}-W{uuid4().hex}", "town": town,
        "kind": "comprehensive", "opened_on": "2023-05-01",
    }, time.monotonic(), patience=20.0)
