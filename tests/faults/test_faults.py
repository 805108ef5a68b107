"""A few faults in a running system, as `make faults` puts in by the hundred."""

from collections.abc import Callable, Iterable, Iterator

import pytest

from tests.faults import (
    away,
    disks,
    messages,
    network,
    next_release,
    processes,
    races,
    upgrades,
)
from tests.faults.county import County
from tests.faults.invariants import Found, Invariants
from tests.faults.run import mountable, volume
from tests.faults.scenario import Seen, of
from tests.faults.wire import allowed

SEED = 1
LOADED = 4.0  # times the aim: a machine with other work on it is slower, a hung one never comes
LEAST = 40  # interleavings
KILLS = 20
SHORT = (
    processes.service_killed, processes.relay_killed, processes.consumer_killed,
    processes.sequencer_killed, away.database_killed, away.broker_emptied, messages.queue_purged,
    messages.stream_poisoned, away.way_cut, away.way_half_open, away.way_slow,
)
FULL = (disks.database_full, disks.broker_nearly_full)
LINKS = (network.link_lossy, network.link_uneven)


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Iterator[County]:
    """Catalog, delegation and two relays under load."""
    folder, own = tmp_path_factory.mktemp("faults"), mountable()
    with (
        volume(folder, "database", own=own) as database,
        volume(folder, "broker", own=own) as broker,
        County(folder, SEED, database=database, broker=broker, rate=100.0).running() as one,
    ):
        one.caller.go_on()
        yield one
    next_release.register(1)


def test_nothing_is_lost_doubled_or_silent_whatever_dies(county: County):
    assert_stands(county, SHORT)

    assert len(county.caller.history.acknowledged()) > 100


@pytest.mark.skipif(not mountable(), reason="only root may give a server a small file system")
def test_a_full_disk_loses_nothing_and_operators_see_it(county: County):
    assert_stands(county, FULL)


@pytest.mark.skipif(not allowed(), reason="only root with `ip` and TUN may make a network")
def test_a_link_that_loses_and_overtakes_only_slows(county: County):
    assert_stands(county, LINKS)


def test_a_service_that_dies_between_commit_and_answer_again_and_again_does_each_command_once(
    county: County,
):
    seen = processes.killed_again(county, KILLS)
    found = Invariants(county).check()

    assert found == Found()
    assert county.faults["kill −9 catalog"] >= KILLS
    assert in_time(processes.service_killed_again, seen)


def test_a_power_that_many_grant_and_recall_at_once_never_has_two_exclusive_holders(county: County):
    seen = races.raced(county, seconds=0.0, least=LEAST)
    found = Invariants(county).check()

    assert found == Found()
    assert seen.recoveries


def test_a_new_version_of_an_event_is_rolled_out_in_either_order(county: County):
    invariants = Invariants(county)

    right, wrong = (run(county) for run in (
        upgrades.upgraded, upgrades.upgraded_in_the_wrong_order
    ))
    found = invariants.check()
    found.add(invariants.deep())

    assert found == Found()
    assert in_time(upgrades.upgraded, right)
    assert wrong.recoveries


def assert_stands(county: County, scenarios: Iterable[Callable[[County], Seen]]) -> None:
    """Do each once; then all that has to hold does."""
    invariants = Invariants(county)
    seen = {run: run(county) for run in scenarios}
    found = invariants.check()
    found.add(invariants.deep())
    assert found == Found()
    for run, one in seen.items():
        assert in_time(run, one)


def in_time(run: Callable[[County], Seen], seen: Seen) -> bool:
    """Whether all was well again, and not much later than the scenario's aim."""
    return bool(seen.recoveries) and not of(run).late(seen, LOADED)
