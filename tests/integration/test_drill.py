"""A county loses its database cluster: backup, loss, restore, the tail from the mirror, and on."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from services.ledger.offline import verified
from shared.cli import app
from shared.database import Database
from shared.embedded import postgres
from shared.log.verify import Verified
from shared.migrate import migrate
from shared.settings import Settings
from tests.integration.test_backup import aliased, content, sign
from tests.waiting import until
from tests.world import World

AFTER_THE_BACKUP = ("备份之后一", "备份之后二", "备份之后三")


@pytest.fixture
def county(tmp_path: Path) -> Callable[[str], Settings]:
    """Its settings, with the folder of keys that outlives the cluster at the given URL."""
    return lambda url: Settings(
        database_url=url, deployment="test", driven_clock=True, keys=tmp_path / "keys",
    )


@contextmanager
def at_work(settings: Settings) -> Iterator[World]:
    world = World(settings)
    yield world
    world.close()


def fuquan(settings: Settings, *line: str) -> Result:
    return CliRunner().invoke(app, list(line), env=settings.environment())


def patiently(settings: Settings, *line: str) -> Result:
    """Repeat it, as its message says, until the relay's lease is over: 5 s."""
    def done(ended: Result) -> bool:
        assert ended.exit_code != 2 or "A relay is at work" in ended.stderr
        return ended.exit_code != 2

    return until(lambda: fuquan(settings, *line), done, every=1)


def cursors_on_catalog(settings: Settings) -> set[tuple[int, int]]:
    """How far the services have come with catalog's facts: shown in tables, and acted upon."""
    rows = "SELECT projected, reacted FROM bus.cursor WHERE source = 'catalog'"
    found = set()
    for service in ("catalog", "delegation", "cases", "supervision"):
        database = Database(settings.dsn(service), size=1)
        found |= set(database.rows(rows))
        database.close()
    return found


def test_a_lost_cluster_comes_back_with_its_tail_and_the_log_goes_on_densely(
    county: Callable[[str], Settings], tmp_path: Path
):
    copy, mirror = str(tmp_path / "copy"), str(tmp_path / "mirror")
    with postgres(tmp_path / "lost") as url:
        lost = county(url)
        migrate(lost)
        with at_work(lost) as world:
            world.imported("ST2021")
            sign(lost)
            made = fuquan(lost, "backup", copy)
            for alias in AFTER_THE_BACKUP:
                aliased(world, alias)
            sign(lost)
        mirrored = fuquan(lost, "ledger", "tiles", mirror)
        before = entries(lost)

    with postgres(tmp_path / "new") as url:
        new = replace(lost, database_url=url)
        back = fuquan(new, "restore", copy)
        behind = entries(new)
        stopped = sign(new, until="SELECT false")
        tail = patiently(new, "ledger", "restore", "catalog", "--from", mirror, "--yes")
        whole = entries(new)
        with at_work(new) as world:
            aliased(world, "恢复之后")
            world.settle()
            parked = world.parked()
        relay = sign(new)
        found, cursors = verified(new, "catalog"), cursors_on_catalog(new)

    assert (made.exit_code, mirrored.exit_code) == (0, 0), mirrored.stderr
    assert back.exit_code == 1
    assert "fuquan ledger restore catalog" in back.stderr
    assert behind == before[:-3]
    assert "were signed" in stopped.progress.failed
    assert tail.exit_code == 0, tail.stderr
    assert whole == before
    assert (relay.progress.failed, parked) == ("", [])
    assert isinstance(found, Verified)
    assert found.size == found.vouched == len(before) + 1
    assert cursors == {(len(before) + 1, len(before) + 1)}


def entries(settings: Settings) -> list[tuple[object, ...]]:
    """The catalog's log: position, stream, version and the envelope's bytes."""
    return [row for row in content(settings)["catalog"] if len(row) == 4]
