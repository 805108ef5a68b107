"""A damaged or cut-off log is rebuilt from a copy: its roots are what was signed again."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg2
import pytest
from typer.testing import CliRunner, Result

from services.ledger.offline import verified
from shared.cli import app
from shared.log.signer import FileKey
from shared.log.store import Append, Log, request_hash
from shared.log.verify import Bad, Verified
from shared.settings import Settings
from tests.county_on_line import following, on_line
from tests.unit.ledger.books import Books
from tests.unit.ledger.test_ledger_mirror import TOWN, nine

Fuquan = Callable[..., Result]
ROWS = (
    "SELECT n.position, n.previous, e.type, e.stream, e.version, e.command_id, e.envelope,"
    " n.leaf_hash FROM log.entry n JOIN log.event e USING (ord) ORDER BY n.position"
)


@pytest.fixture
def books(migrated: Settings) -> Iterator[Books]:
    """Twelve facts of catalog in four streams; signed at nine and at twelve, and witnessed."""
    books = Books(migrated)
    nine(books)
    books.sign("catalog")
    for name in ("甲", "乙", "丙"):
        aliased(books, name)
    books.settle()
    books.sign("catalog")
    books.ask("checkpoint", source="catalog")
    yield books
    books.close()


def aliased(books: Books, alias: str, stream: UUID | None = None) -> None:
    books.append(
        "catalog.DepartmentAliasAdded",
        {"org_id": "MD2023-TOWN-11", "alias": alias, "basis": "abbreviation"},
        at="2023-07-03T12:00:00+08:00", stream=stream,
    )


@pytest.fixture
def fuquan(books: Books, monkeypatch: pytest.MonkeyPatch) -> Fuquan:
    """`fuquan ledger restore catalog` as the administrator, with the relay's folder of keys."""
    monkeypatch.setenv("FUQUAN_DATABASE_URL", books.settings.database_url)
    monkeypatch.setenv("FUQUAN_PREFIX", books.settings.prefix)
    monkeypatch.setenv("FUQUAN_DEPLOYMENT", books.settings.deployment)
    monkeypatch.setenv("FUQUAN_KEYS", str(books.settings.keys))
    return lambda *line: CliRunner().invoke(app, ["ledger", "restore", "catalog", *line])


def tampered(settings: Settings, *statements: str) -> None:
    """What a superuser can do, with the triggers off."""
    held = psycopg2.connect(settings.dsn("catalog"))
    with held, held.cursor() as at:
        at.execute("SET session_replication_role = replica; SET search_path = log")
        for statement in statements:
            at.execute(statement)
    held.close()


def cut(settings: Settings, size: int) -> None:
    """The database is as it was when the log had *size* entries: a backup was restored."""
    tampered(
        settings,
        f"CREATE TEMP TABLE lost AS SELECT e.ord, e.command_id FROM entry n JOIN event e"
        f" USING (ord) WHERE position >= {size}",
        f"DELETE FROM entry WHERE position >= {size}",
        "DELETE FROM event WHERE ord IN (SELECT ord FROM lost)",
        "DELETE FROM command WHERE command_id IN (SELECT command_id FROM lost)",
        f"DELETE FROM checkpoint WHERE size > {size}",
        f"UPDATE sequence SET next_position = {size}, last_ord = (SELECT max(ord) FROM event)",
        f"UPDATE relay SET next_position = {size}",
    )


def rows(books: Books) -> list[tuple[Any, ...]]:
    return [
        tuple(bytes(one) if isinstance(one, memoryview) else one for one in row)
        for row in books.admins["catalog"].rows(ROWS)
    ]


def checkpoints(books: Books) -> list[tuple[int, bytes]]:
    found = books.admins["catalog"].rows("SELECT size, root FROM log.checkpoint ORDER BY size")
    return [(size, bytes(root)) for size, root in found]


def damaged(books: Books) -> list[tuple[Any, ...]]:
    return books.admins["ledger"].rows(
        "SELECT found, position FROM witness.damaged ORDER BY position, found"
    )


def offline(books: Books) -> Verified | Bad:
    return verified(books.settings, "catalog")


def numbers(ended: Result) -> list[str]:
    """The row of the table: copy, missing, altered, first, other checkpoints, entries."""
    (line,) = [line for line in ended.stdout.splitlines() if line.split()[:1] == ["catalog"]]
    return line.split()[1:]


AT = "(SELECT ord FROM entry WHERE position = {})"
BYTES = "replace(convert_from(envelope, 'UTF8'), '沙土3', '沙土9')::bytea"
SLIPPED_IN = (
    "INSERT INTO event (ord, stream, version, command_id, type, envelope) OVERRIDING SYSTEM VALUE"
    " SELECT -50, stream, 10, command_id, type, envelope FROM event WHERE version = 9"
)
TAMPERINGS = {
    "an edited event": (
        [f"UPDATE event SET envelope = {BYTES} WHERE ord = {AT.format(4)}"],
        ["12", "0", "1", "4", "0", "12"], [("altered", 4)],
    ),
    "an edited event under its new hash": (
        [f"UPDATE event SET envelope = {BYTES} WHERE ord = {AT.format(4)}",
         "UPDATE entry n SET leaf_hash = e.leaf_hash FROM event e WHERE e.ord = n.ord"],
        ["12", "0", "1", "4", "0", "12"], [("altered", 4)],
    ),
    "a relabelled event": (
        [f"UPDATE event SET type = 'catalog.ItemListed' WHERE ord = {AT.format(11)}"],
        ["12", "0", "1", "11", "0", "12"], [("altered", 11)],
    ),
    "a deleted event": (
        [f"DELETE FROM event WHERE ord = {AT.format(10)}"],
        ["12", "1", "0", "10", "0", "12"], [("without-event", 10)],
    ),
    "a deleted position": (
        ["DELETE FROM entry WHERE position = 10"], ["12", "1", "0", "10", "0", "12"], [],
    ),
    "two deleted rows": (
        [f"DELETE FROM event WHERE ord IN ({AT.format(3)}, {AT.format(9)})",
         "DELETE FROM entry WHERE position IN (3, 9)"],
        ["12", "2", "0", "3", "0", "12"], [],
    ),
    "two rows in each other's place": (
        ["UPDATE entry SET position = 99 WHERE position = 10",
         "UPDATE entry SET position = 10 WHERE position = 11",
         "UPDATE entry SET position = 11 WHERE position = 99"],
        ["12", "0", "2", "10", "0", "12"], [("altered", 10), ("altered", 11)],
    ),
    "another predecessor": (
        ["UPDATE entry SET previous = 0 WHERE position = 5"],
        ["12", "0", "1", "5", "0", "12"], [("altered", 5)],
    ),
    "an event slipped in": (
        [SLIPPED_IN,
         f"UPDATE event SET envelope = {BYTES} WHERE ord = {AT.format(4)}"],
        ["12", "0", "1", "4", "0", "12"], [("altered", 4), ("slipped-in", None)],
    ),
    "a forged checkpoint": (
        ["UPDATE checkpoint SET note = replace(note, 'fuquan', 'other') WHERE size = 12"],
        ["12", "0", "0", "—", "1", "12"], [("checkpoint", 12)],
    ),
    "everything gone": (
        ["DELETE FROM entry; DELETE FROM event; DELETE FROM command; DELETE FROM checkpoint"],
        ["12", "12", "0", "0", "0", "12"], [],
    ),
}


@pytest.mark.parametrize(
    ("statements", "told", "kept"), TAMPERINGS.values(), ids=TAMPERINGS.keys()
)
def test_a_tampered_log_is_rebuilt_and_what_was_found_is_kept(
    books: Books, fuquan: Fuquan, statements: list[str], told: list[str],
    kept: list[tuple[Any, ...]],
):
    before, was, signed = rows(books), offline(books), checkpoints(books)
    tampered(books.settings, *statements)
    wrong = offline(books)

    planned, after_plan = fuquan(), offline(books)
    done = fuquan("--yes")

    holds = offline(books)
    assert isinstance(was, Verified)
    assert wrong != was
    assert after_plan == wrong
    assert (planned.exit_code, done.exit_code) == (0, 0)
    assert f"--from mirror --yes --keys {books.settings.keys}" in planned.stderr
    assert (numbers(planned), numbers(done)) == (told, told)
    assert rows(books) == before
    assert checkpoints(books) == signed
    assert (holds.size, holds.root) == (was.size, was.root)
    assert holds.root.hex() == books.ask("status")["catalog"]["root"]
    assert damaged(books) == kept
    assert fuquan().exit_code == 0


def test_a_log_that_is_well_is_left_alone(books: Books, fuquan: Fuquan):
    ended = fuquan("--yes")

    assert (ended.exit_code, numbers(ended)) == (0, ["12", "0", "0", "—", "0", "12"])
    assert "nothing to restore" in ended.stderr


def test_nobody_can_change_the_log_after_a_restore_either(books: Books, fuquan: Fuquan):
    cut(books.settings, 9)
    fuquan("--yes")

    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        books.admins["catalog"].rows("DELETE FROM log.entry RETURNING 1")


def test_a_cut_off_log_gets_its_tail_back_and_goes_on_behind_it(books: Books, fuquan: Fuquan):
    before = rows(books)
    cut(books.settings, 9)
    aliased(books, "丁")
    appended = books.admins["catalog"].rows("SELECT count(*) FROM log.event")

    ended = fuquan("--yes")
    books.settle()
    books.sign("catalog")

    assert (ended.exit_code, numbers(ended)) == (0, ["12", "3", "0", "9", "0", "12"])
    assert appended == [(10,)]
    assert rows(books)[:12] == before
    assert len(rows(books)) == 13
    assert isinstance(offline(books), Verified)
    assert books.ask("verify", source="catalog")["catalog"]["ok"] is True
    assert books.ask("status")["catalog"]["witness"] == {"state": "cosigned", "size": 13}


def test_what_was_appended_in_the_place_of_a_lost_event_is_set_aside(
    books: Books, fuquan: Fuquan
):
    before = rows(books)
    cut(books.settings, 7)
    books.versions[TOWN] = 7
    aliased(books, "新八", TOWN)
    aliased(books, "新九", TOWN)
    aliased(books, "新十", TOWN)
    aliased(books, "丁")

    ended = fuquan("--yes")
    books.settle()

    assert ended.exit_code == 0
    assert damaged(books) == [("overtaken", None)] * 3
    assert rows(books)[:12] == before
    assert len(rows(books)) == 13
    assert isinstance(offline(books), Verified)


def test_a_restored_command_is_not_carried_out_twice(books: Books, fuquan: Fuquan):
    *_, (_, _, _, stream, version, command, envelope, _) = rows(books)
    cut(books.settings, 9)
    fuquan("--yes")
    log = Log(books.admins["catalog"])

    again = log.append(
        Append(command, stream, version - 1, "op-1", request_hash(b"{}"),
               ["catalog.DepartmentAliasAdded"], [envelope])
    )

    assert again.status == "key-reused"
    assert len(rows(books)) == 12


def test_a_log_is_rebuilt_from_the_citys_folder_and_over_http(
    books: Books, fuquan: Fuquan, tmp_path: Path
):
    before = rows(books)
    with on_line(books, tmp_path / "gateway") as url:
        following(url, tmp_path / "mudan/catalog", books.signers["catalog"], books.city).look()
        cut(books.settings, 4)
        from_folder = fuquan("--from", str(tmp_path / "mudan"), "--yes")
        restored = rows(books)
        cut(books.settings, 11)

        from_http = fuquan("--from", f"{url}/catalog", "--yes")

    assert (from_folder.exit_code, from_http.exit_code) == (0, 0)
    assert restored == before
    assert rows(books) == before


def last(books: Books, size: int, root: str) -> None:
    path = books.settings.keys / "catalog.last"
    path.write_text(json.dumps({"size": size, "root": root}), "utf-8")


def forged_copy(books: Books, _: Path) -> list[str]:
    books.tamper(
        "UPDATE readmodel.mirror SET envelope = replace(convert_from(envelope, 'UTF8'), '沙土3',"
        " '沙土9')::bytea WHERE source = 'catalog' AND position = 4"
    )
    return []


def short_copy(books: Books, _: Path) -> list[str]:
    last(books, 15, "00" * 32)
    return []


def other_last(books: Books, _: Path) -> list[str]:
    last(books, 12, "00" * 32)
    return []


def numbered_beyond(books: Books, _: Path) -> list[str]:
    tampered(books.settings, "UPDATE sequence SET next_position = 14")
    return []


def other_key(books: Books, _: Path) -> list[str]:
    key = FileKey.generate("fuquan/test/catalog").verifier
    (books.settings.keys / "catalog.vkey").write_text(f"{key}\n", "utf-8")
    return []


def empty_folder(_: Books, folder: Path) -> list[str]:
    return ["--from", str(folder)]


@pytest.mark.parametrize(
    ("hinder", "told"),
    [
        (forged_copy, "not the 12 entries that were signed"), (short_copy, "15 were signed"),
        (other_last, "signed another root at 12 last"), (numbered_beyond, "14 were numbered"),
        (other_key, "unknown-key"), (empty_folder, "no checkpoint"),
        (lambda *_: ["--from", "http://127.0.0.1:1/catalog"], "127.0.0.1"),
    ],
    ids=["an altered copy", "a copy that is too short", "another root was signed last",
         "numbers given out beyond the copy", "a copy signed by another key", "no copy",
         "nobody answers"],
)
def test_a_copy_that_may_not_take_the_logs_place_changes_nothing(
    books: Books, fuquan: Fuquan, tmp_path: Path, hinder: Callable[..., list[str]], told: str
):
    cut(books.settings, 9)
    before = rows(books)
    line = hinder(books, tmp_path)

    ended = fuquan(*line, "--yes")

    assert ended.exit_code == 1
    assert told in ended.stderr
    assert rows(books) == before
    assert damaged(books) == []


def test_a_relay_that_is_at_work_is_not_disturbed(books: Books, fuquan: Fuquan):
    cut(books.settings, 9)
    tampered(books.settings, "UPDATE relay SET until = clock_timestamp() + interval '1 minute'")

    ended = fuquan("--yes")

    tampered(books.settings, "UPDATE relay SET until = 'epoch'")
    assert (ended.exit_code, "A relay is at work" in ended.stderr) == (2, True)
    assert len(rows(books)) == 9


def test_a_service_may_not_restore_its_own_log(
    books: Books, fuquan: Fuquan, monkeypatch: pytest.MonkeyPatch
):
    cut(books.settings, 9)
    monkeypatch.setenv("FUQUAN_DATABASE_URL", books.ledger.database.dsn.rpartition("/")[0] + "/")

    ended = fuquan("--yes")

    assert ended.exit_code == 2
    assert len(rows(books)) == 9
