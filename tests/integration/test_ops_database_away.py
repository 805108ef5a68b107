"""What the processes tell of a database that is taken away from them."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families as families

from shared.cli.run import Processes
from shared.migrate import migrate
from shared.settings import SERVICES, Settings
from tests.faults.servers import Cluster
from tests.servers import free_port
from tests.waiting import until

FOLLOWED = ("catalog", "delegation", "cases")  # by cases: its own database, and three logs


@dataclass
class Doors:
    """The side doors of a service and of a relay, and the database cluster behind them."""

    cluster: Cluster
    urls: dict[str, str]

    def told(self, name: str, metric: str) -> dict[tuple[str, ...], float]:
        """A metric's samples by the values of its labels, in the order of their names."""
        with suppress(requests.ConnectionError):
            text = requests.get(f"{self.urls[name]}/metrics", timeout=30).text
            return {
                tuple(sample.labels.values()): sample.value
                for family in families(text) if family.name == metric for sample in family.samples
            }
        return {}

    def until(self, expected: float) -> None:
        """Wait until both processes tell this of every database that they ask."""
        asked = {
            "cases": {(one, "cases"): expected for one in self._asked_by_cases(expected)},
            "relay": {(one, "relay"): expected for one in SERVICES},
        }
        until(
            lambda: {name: self.told(name, "fuquan_database_up") for name in asked},
            lambda told: told == asked, every=0.5,
        )

    def _asked_by_cases(self, expected: float) -> tuple[str, ...]:
        """Without its own database it does not know which logs it follows."""
        return FOLLOWED if expected else ("cases",)


@pytest.fixture
def doors(amqp_url: str, tmp_path: Path) -> Iterator[Doors]:
    """Cases and a relay as processes, on a cluster that nobody else needs."""
    cluster = Cluster(tmp_path / "database")
    cluster.start()
    try:
        admin = Settings(cluster.url, amqp_url, "test", "away_", tmp_path / "keys")
        migrate(admin)
        port = {name: free_port() for name in ("cases", "relay")}
        cases, relay = (
            Processes(replace(admin, ops=f"127.0.0.1:{at}"), (name,)) for name, at in port.items()
        )
        with cases, relay:
            yield Doors(cluster, {one: f"http://127.0.0.1:{at}" for one, at in port.items()})
    finally:
        cluster.stop()


def test_a_database_that_is_away_is_told_by_whoever_asks_it_and_so_is_its_return(doors):
    doors.until(1.0)
    doors.cluster.kill()
    doors.until(0.0)
    left_out = doors.told("relay", "fuquan_relay_active"), doors.told("cases", "fuquan_parked")
    doors.cluster.start()
    doors.until(1.0)

    assert left_out == ({}, {})  # nothing is made up of what is not known
