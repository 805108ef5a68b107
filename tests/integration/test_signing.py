"""The relay's signing on real servers: a second root and line, and keys that hand over."""

import json
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from threading import Thread
from typing import Any
from uuid import uuid4

import psycopg2
import pytest
from typer.testing import CliRunner, Result
from werkzeug.serving import make_server

from services.gateway.app import make_app
from services.gateway.tokens import issue
from services.ledger.folder import Folder
from services.ledger.offline import verified
from services.ledger.sources import sources_of
from shared.bus.relay import Relay
from shared.cli import app
from shared.contracts.envelope import given_of
from shared.log.checkpoint import Checkpoint, sign_checkpoint
from shared.log.keyring import Held
from shared.log.keys import SM2, verifiers_in
from shared.log.note import open_note, split_note
from shared.log.signer import FileKey
from shared.log.sm3 import sm3_leaf, sm3_range, sm3_root
from shared.log.store import Log
from shared.log.tree import leaf_hash, root_of
from shared.log.verify import Bad, Verified
from shared.settings import Settings
from tests.integration.test_bus import alias_added, at_work, queue, settings
from tests.waiting import until
from tests.world import World, programme_alone

__all__ = ["queue", "settings"]


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.bus.relay.CHECKPOINT_EVERY", 0.05)


@pytest.fixture
def with_sm(settings: Settings) -> Settings:
    return replace(settings, sm=True)


def signed(log: Log, size: int) -> str:
    """The note of that size, as soon as it is there."""
    until(lambda: log.database.rows("SELECT 1 FROM log.checkpoint WHERE size = %s", (size,)))
    ((note,),) = log.database.rows("SELECT note FROM log.checkpoint WHERE size = %s", (size,))
    return str(note)


def appended(log: Log, count: int) -> None:
    stream = uuid4()
    for version in range(1, count + 1):
        alias_added(log, stream, version, f"别名{version}")


def checkpoint_of(note: str) -> Checkpoint:
    return Checkpoint.parse(split_note(note)[0])


def sm3_of(log: Log, size: int) -> bytes:
    found = sm3_range()
    found.extend(sm3_leaf(entry.envelope) for entry in log.entries(0, size))
    return found.root()


def test_with_sm_on_a_checkpoint_has_both_roots_and_both_lines(
    log: Log, with_sm: Settings, queue: str
) -> None:
    with at_work(Relay(with_sm, "catalog")):
        appended(log, 5)
        note = signed(log, 5)

    keys = verifiers_in((with_sm.keys / "catalog.vkey").read_text())
    opened = open_note(note, keys)
    assert [key.algorithm.name for key in opened.keys] == ["Ed25519", "SM2-with-SM3"]
    checkpoint = Checkpoint.parse(opened.text)
    assert checkpoint.root == root_of(leaf_hash(e.envelope) for e in log.entries(0, 5))
    assert sm3_root(checkpoint) == sm3_of(log, 5)


def test_switched_on_over_a_log_the_second_root_covers_what_was_there_before(
    log: Log, settings: Settings, with_sm: Settings, queue: str
) -> None:
    with at_work(Relay(settings, "catalog")):
        appended(log, 3)
        before = signed(log, 3)
    with at_work(Relay(with_sm, "catalog")):
        appended(log, 2)
        after = signed(log, 5)
    with at_work(Relay(with_sm, "catalog")):
        appended(log, 2)
        later = signed(log, 7)

    assert sm3_root(checkpoint_of(before)) is None
    assert sm3_root(checkpoint_of(after)) == sm3_of(log, 5)
    assert sm3_root(checkpoint_of(later)) == sm3_of(log, 7)
    assert verified(with_sm, "catalog") == Verified(7, checkpoint_of(later).root, vouched=7)


def test_a_second_root_other_than_the_one_kept_outside_stops_the_relay(
    log: Log, with_sm: Settings, queue: str
) -> None:
    with at_work(Relay(with_sm, "catalog")):
        appended(log, 3)
        signed(log, 3)
    last = with_sm.keys / "catalog.last"
    last.write_text(json.dumps(json.loads(last.read_text()) | {"sm3": "ab" * 32}))

    failed = ended(with_sm)

    assert "SM3 root at size 3" in failed


def test_bytes_altered_where_the_first_root_stays_the_same_give_another_second_root(
    log: Log, with_sm: Settings, queue: str, empty_log: Settings
) -> None:
    with at_work(Relay(with_sm, "catalog")):
        appended(log, 3)
        signed(log, 3)
    held = psycopg2.connect(empty_log.dsn("catalog"))
    with held, held.cursor() as at:
        at.execute("SET session_replication_role = replica")
        at.execute("UPDATE log.event SET envelope = 'other' WHERE version = 2")
        at.execute("DELETE FROM log.sm3")
    held.close()

    failed = ended(with_sm)

    assert "SM3 root at size 3" in failed


def ended(relay: Settings) -> str:
    """Why a relay that is started now ends by itself."""
    one = Relay(relay, "catalog")
    with at_work(one):
        until(lambda: one.progress.failed)
    return one.progress.failed


class County:
    """Catalog behind a real gateway, with a relay's folder of keys at the command line's hand."""

    def __init__(self, world: World, relay: Settings, url: str) -> None:
        self.relay, self.admin = relay, world.settings
        self.log = Log(world.commands("catalog").database)
        self.environment = {
            "FUQUAN_KEYS": str(relay.keys), "FUQUAN_URL": url,
            "FUQUAN_TOKEN": issue(relay, "test-org", "operator", "op-7", 1),
            "FUQUAN_DEPLOYMENT": relay.deployment, "FUQUAN_PREFIX": relay.prefix,
            "FUQUAN_DATABASE_URL": relay.database_url,
        }

    def fuquan(self, *line: str) -> Result:
        return CliRunner().invoke(app, list(line), env=self.environment)

    def rotate(self, *line: str) -> Result:
        return self.fuquan(
            "ledger", "rotate", "catalog", "--programme", "ZZ2021", "--reason", "年度更换", *line
        )

    def keys(self) -> list[str]:
        return (self.relay.keys / "catalog.vkey").read_text().splitlines()

    def grown(self, by: int) -> str:
        appended(self.log, by)
        return self.latest()

    def latest(self) -> str:
        ((last,),) = self.log.database.rows("SELECT max(ord) FROM log.event")
        until(lambda: self.log.database.rows("SELECT 1 FROM log.entry WHERE ord = %s", (last,)))
        return signed(self.log, self.log.size())


@pytest.fixture
def county(world: World, with_sm: Settings) -> Iterator[County]:
    """The programme is registered; nothing is relayed yet."""
    programme_alone(world)

    def call(service: str, method: str, *, door: str, request: Any, given: Any) -> Any:
        return world.commands(service).do(door, request, given_of(given))

    server = make_server("127.0.0.1", 0, make_app(call, with_sm), threaded=True)
    thread = Thread(target=partial(server.serve_forever, poll_interval=0.01))
    thread.start()
    yield County(world, with_sm, f"http://127.0.0.1:{server.server_port}")
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_key_hands_over_and_the_log_holds_before_and_after(county: County) -> None:
    with at_work(Relay(county.relay, "catalog")):
        first = county.grown(1)
        rotated = county.rotate()
        both = county.latest()
        alone = county.grown(2)

    assert rotated.exit_code == 0, rotated.output
    old, sm2, new = verifiers_in("\n".join(county.keys()))
    assert open_note(first, [old, sm2, new]).keys == (old, sm2)
    assert open_note(both, [old, sm2, new]).keys == (old, new, sm2)
    assert open_note(alone, [old, sm2, new]).keys == (new, sm2)
    held = Held(county.relay.keys, "catalog", county.relay.origin("catalog"))
    assert (held.made().verifier, held.next()) == (new, None)
    assert county.fuquan("log", "verify", "catalog", "--database").exit_code == 0


def test_who_is_not_to_see_the_private_keys_is_shown_every_public_one(
    county: County, tmp_path: Any
) -> None:
    county.relay = replace(county.relay, public_keys=tmp_path / "public")

    with at_work(Relay(county.relay, "catalog")):
        county.grown(1)
        before = (tmp_path / "public/catalog.vkey").read_text().splitlines()
        county.rotate()
        note = county.latest()
    reader = replace(county.relay, keys=tmp_path / "public")

    shown = (tmp_path / "public/catalog.vkey").read_text().splitlines()
    assert (len(before), shown) == (2, county.keys())
    assert list((tmp_path / "public").glob("*.key")) == []
    assert len(open_note(note, verifiers_in("\n".join(shown))).keys) == 3
    assert isinstance(verified(reader, "catalog"), Verified)


def test_whoever_has_the_first_key_alone_follows_the_log_to_the_new_one(county: County) -> None:
    with at_work(Relay(county.relay, "catalog")):
        county.grown(1)
        before = county.keys()
        county.rotate()
        county.rotate("--sm2")
        county.grown(1)
    (county.relay.keys / "catalog.vkey").write_text("\n".join([*before, ""]))

    assert isinstance(verified(county.relay, "catalog"), Verified)
    source = sources_of(county.relay)["catalog"]
    assert [one.key.algorithm for one in source.terms()].count(SM2) == 2


def test_a_checkpoint_that_the_retired_key_signs_later_is_refused(
    county: County, tmp_path: Any
) -> None:
    with at_work(Relay(county.relay, "catalog")):
        county.grown(1)
        (tmp_path / "stolen.key").write_bytes((county.relay.keys / "catalog.key").read_bytes())
        county.rotate()
        county.latest()
        county.grown(1)
    origin = county.relay.origin("catalog")
    stolen = FileKey.load(tmp_path / "stolen.key", origin)
    leaves = [leaf_hash(one.envelope) for one in county.log.entries(0, 100_000)]
    note = sign_checkpoint(Checkpoint(origin, len(leaves), root_of(leaves)), stolen)

    replaced(county.admin, len(leaves), note)
    found = verified(county.relay, "catalog")

    assert isinstance(found, Bad)
    assert found.reason == "checkpoint-retired-key"
    refused = county.fuquan("log", "verify", "catalog", "--database")
    assert (refused.exit_code, "checkpoint-retired" in refused.output) == (1, True)


def replaced(admin: Settings, size: int, note: str) -> None:
    """A checkpoint, as an administrator can with the triggers off."""
    held = psycopg2.connect(admin.dsn("catalog"))
    with held, held.cursor() as at:
        at.execute("SET session_replication_role = replica")
        at.execute("UPDATE log.checkpoint SET note = %s WHERE size = %s", (note, size))
        assert at.rowcount == 1
    held.close()


def test_a_relay_without_the_next_key_signs_no_more_and_says_which(county: County) -> None:
    with at_work(Relay(county.relay, "catalog")):
        county.grown(1)
    county.rotate()
    (county.relay.keys / "catalog.next.key").rename(county.relay.keys / "elsewhere")

    failed = ended(county.relay)

    assert "hands over to" in failed
    assert "catalog.next.key" in failed


def test_a_relay_that_stopped_between_the_checkpoint_and_the_files_finishes_the_rotation(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    with at_work(Relay(county.relay, "catalog")):
        county.grown(1)
    old = Held(county.relay.keys, "catalog", county.relay.origin("catalog")).made().verifier
    county.rotate()
    with monkeypatch.context() as crash:
        crash.setattr("shared.log.keyring.Held.succeed", crashed)
        with at_work(Relay(county.relay, "catalog")):
            county.latest()

    with at_work(Relay(county.relay, "catalog")):
        note = county.grown(1)

    assert old not in open_note(note, verifiers_in("\n".join(county.keys()))).keys
    assert isinstance(verified(county.relay, "catalog"), Verified)


def crashed(_: Held) -> None:
    raise OSError("no space left on device")


def test_the_folder_of_tiles_shows_where_the_keys_hand_over(county: County, tmp_path: Any) -> None:
    with at_work(Relay(county.relay, "catalog")):
        county.grown(1)
        county.rotate()
        both = county.latest()
        county.grown(1)

    written = county.fuquan("ledger", "tiles", str(tmp_path))

    assert written.exit_code == 0, written.output
    (shown,) = (tmp_path / "catalog/handover").iterdir()
    assert shown.read_text() == both
    assert Folder(tmp_path / "catalog").size() == checkpoint_of(both).size + 1


def test_a_damaged_folder_of_tiles_is_told_with_what_to_do(county: County, tmp_path: Any) -> None:
    with at_work(Relay(county.relay, "catalog")):
        county.grown(1)
        county.latest()
    county.fuquan("ledger", "tiles", str(tmp_path))
    (tmp_path / "catalog/checkpoint").write_text("no checkpoint", "utf-8")

    refused = county.fuquan("ledger", "tiles", str(tmp_path))

    assert refused.exit_code == 1
    assert f"Move {tmp_path / 'catalog'} away and repeat" in refused.output


def test_the_command_line_needs_the_relays_folder(county: County) -> None:
    refused = county.rotate()

    assert (refused.exit_code, "catalog.key" in refused.output) == (2, True)


def test_the_deployment_must_be_the_one_whose_key_it_is(county: County) -> None:
    with at_work(Relay(county.relay, "catalog")):
        county.grown(1)
    county.environment["FUQUAN_DEPLOYMENT"] = "other"

    refused = county.rotate()

    assert (refused.exit_code, "FUQUAN_DEPLOYMENT" in refused.output) == (2, True)


def test_both_lines_are_told_apart_by_their_key_hashes(
    log: Log, with_sm: Settings, queue: str
) -> None:
    with at_work(Relay(with_sm, "catalog")):
        appended(log, 1)
        note = signed(log, 1)

    keys = verifiers_in((with_sm.keys / "catalog.vkey").read_text())
    lines = [line.split(" ") for line in note.split("\n\n")[1].splitlines()]
    assert [b64decode(value)[:4] for _, _, value in lines] == [key.key_hash for key in keys]
