"""A few faults in a running system, as `make faults` puts in by the hundred."""

from collections.abc import Iterator

import pytest

from tests.faults import away, messages, processes
from tests.faults.county import County
from tests.faults.invariants import Found, Invariants

SEED = 1
SHORT = (
    processes.service_killed, processes.relay_killed, processes.consumer_killed,
    processes.sequencer_killed, away.database_killed, away.broker_emptied, messages.queue_purged,
    messages.stream_poisoned,
)


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Iterator[County]:
    """Catalog, delegation and two relays under load."""
    with County(tmp_path_factory.mktemp("faults"), SEED, rate=100.0).running() as one:
        one.caller.go_on()
        yield one


def test_nothing_is_lost_doubled_or_silent_whatever_dies(county: County):
    invariants = Invariants(county)

    seen = {run.__name__: run(county) for run in SHORT}
    found = invariants.check()
    found.add(invariants.deep())

    assert found == Found()
    assert all(one.recoveries for one in seen.values())
    assert len(county.caller.history.acknowledged()) > 100
