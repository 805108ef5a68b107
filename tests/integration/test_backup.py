"""A drill: dump under load, restore into a new cluster, go on densely, miss nothing silently."""

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread

import pytest
from typer.testing import CliRunner

from services.ledger.offline import verified
from shared.backup import BackupError, backup, restore
from shared.bus.relay import Relay
from shared.cli import app
from shared.database import Database
from shared.embedded import postgres
from shared.log.verify import Verified
from shared.settings import SERVICES, Settings
from tests.integration.conftest import role_of
from tests.world import World


@pytest.fixture
def signed(world: World) -> World:
    """A world with one programme, its catalog log published and signed."""
    for kept in world.settings.keys.glob("catalog.*"):  # of a log that other tests have emptied
        kept.unlink()
    world.imported("ST2021")
    sign(world.settings)
    return world


@pytest.fixture
def elsewhere(migrated: Settings, tmp_path: Path) -> Iterator[Settings]:
    """A new and empty cluster, with the old one's keys."""
    with postgres(tmp_path / "new") as url:
        yield replace(migrated, database_url=url)


CAUGHT_UP = "SELECT (SELECT count(*) FROM log.event) = (SELECT next_position FROM log.relay)"


def sign(settings: Settings, until: str = CAUGHT_UP) -> Relay:
    """Let a relay of catalog sequence, publish and sign, until that holds or it fails."""
    own = replace(role_of(settings, "relay"), amqp_url="memory://")
    relay = Relay(own, "catalog")
    thread = Thread(target=relay.run)
    thread.start()
    admin = Database(settings.dsn("catalog"), size=1)
    while not (relay.progress.failed or admin.rows(until) == [(True,)]):
        Event().wait(0.05)
    relay.stopping.set()
    thread.join()
    admin.close()
    return relay


def aliased(world: World, alias: str) -> None:
    world.do("catalog", "add_alias", {
        "programme": "ST2021", "org_id": "ST2021-ORG-02", "alias": alias, "basis": "former_name",
    })


def content(settings: Settings) -> dict[str, list[tuple[object, ...]]]:
    """The logs byte for byte, and every consumer's place."""
    found = {}
    for service in SERVICES:
        database = Database(settings.dsn(service), size=1)
        found[service] = [
            *database.rows(
                "SELECT n.position, e.stream, e.version, e.envelope::text FROM log.entry n"
                " JOIN log.event e USING (ord) ORDER BY n.position"
            ),
            *database.rows("SELECT source, projected, reacted FROM bus.cursor ORDER BY source"),
        ]
        database.close()
    return found


def test_what_is_restored_elsewhere_is_the_same_and_the_log_goes_on_densely(
    signed: World, elsewhere: Settings, tmp_path: Path
):
    backup(signed.settings, tmp_path / "copy")

    found = restore(elsewhere, tmp_path / "copy")

    assert content(elsewhere) == content(signed.settings)
    assert [one.missing for one in found] == [0, 0, 0, 0]
    after = World(elsewhere)
    aliased(after, "恢复之后")
    assert sign(elsewhere).progress.failed == ""
    outcome = verified(elsewhere, "catalog")
    after.close()
    assert isinstance(outcome, Verified)
    assert outcome.size == outcome.vouched == found[0].size + 1


@pytest.fixture
def shown_to_all() -> Iterator[None]:
    """What this process writes, others may read, unless it says otherwise."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def test_a_backup_is_its_owners_alone_for_it_holds_personal_data(
    signed: World, shown_to_all, tmp_path: Path
):
    mounted = tmp_path / "mounted"
    mounted.mkdir()

    backup(signed.settings, tmp_path / "copy")
    backup(signed.settings, mounted)

    written = [tmp_path / "copy", *(tmp_path / "copy").iterdir(), *mounted.iterdir()]
    assert {one.name for one in written if one.stat().st_mode & 0o077} == set()
    assert {one.name for one in written} > {"cases.state", "manifest.json"}


def test_a_tail_signed_after_the_backup_is_reported_and_nothing_is_signed_over_it(
    signed: World, elsewhere: Settings, tmp_path: Path
):
    backup(signed.settings, tmp_path / "copy")
    aliased(signed, "备份之后")
    sign(signed.settings)

    found = {one.service: one for one in restore(elsewhere, tmp_path / "copy")}
    relay = sign(elsewhere, until="SELECT false")

    assert found["catalog"].missing == 1
    assert found["catalog"].signed == found["catalog"].size + 1
    assert "were signed" in relay.progress.failed


def test_a_dump_under_load_never_remembers_more_of_a_log_than_it_holds(
    signed: World, elsewhere: Settings, tmp_path: Path
):
    stop = Event()

    def load() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            aliased(signed, f"并发{number}")
            signed.settle()

    writer = Thread(target=load)
    writer.start()
    try:
        backup(signed.settings, tmp_path / "copy")
    finally:
        stop.set()
        writer.join()

    found = restore(elsewhere, tmp_path / "copy")

    assert all(one.taken <= one.size for one in found)
    after = World(elsewhere)
    after.settle()
    assert after.parked() == []
    after.close()


def test_a_file_that_was_altered_or_is_missing_is_not_restored(
    signed: World, elsewhere: Settings, tmp_path: Path
):
    backup(signed.settings, tmp_path / "copy")
    dump = tmp_path / "copy" / "cases.log"
    whole = dump.read_bytes()
    dump.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))

    with pytest.raises(BackupError, match=r"cases\.log is missing or altered"):
        restore(elsewhere, tmp_path / "copy")
    (tmp_path / "copy" / "manifest.json").unlink()
    with pytest.raises(BackupError, match="holds no backup that was finished"):
        restore(elsewhere, tmp_path / "copy")


def test_neither_another_deployments_databases_nor_full_ones_are_written(
    signed: World, tmp_path: Path
):
    backup(signed.settings, tmp_path / "copy")

    with pytest.raises(BackupError, match="of deployment test, not of another"):
        restore(replace(signed.settings, deployment="another"), tmp_path / "copy")
    with pytest.raises(BackupError, match="holds data already"):
        restore(signed.settings, tmp_path / "copy")
    with pytest.raises(BackupError, match="is not empty"):
        backup(signed.settings, tmp_path / "copy")


def test_the_commands_say_what_was_written_and_what_is_missing(
    signed: World, elsewhere: Settings, tmp_path: Path
):
    def run(settings: Settings, *line: str):
        return CliRunner().invoke(app, list(line), env=settings.environment())

    made = run(signed.settings, "backup", str(tmp_path / "copy"))
    (elsewhere.keys / "cases.last").write_text(json.dumps({"size": 7, "root": "00" * 32}))
    back = run(elsewhere, "restore", str(tmp_path / "copy"))
    (elsewhere.keys / "cases.last").unlink()

    assert (made.exit_code, "catalog.log" in made.stdout) == (0, True)
    assert back.exit_code == 1
    assert "fuquan ledger restore cases" in back.stderr
