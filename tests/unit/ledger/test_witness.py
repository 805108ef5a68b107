"""The county's witness over real logs: it vouches for one history, and keeps both notes of two."""

from base64 import b64decode
from concurrent.futures import ThreadPoolExecutor

import psycopg2.errors
import pytest

from services.ledger.commands import Ledger
from services.ledger.cosigning import witness_key, witnesses_of
from services.ledger.covering import covering
from services.ledger.witness import Watch, doubted, look_at_all
from shared.log.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from shared.log.cosignature import Witness, cosign, cosigned
from shared.log.keys import NoteError
from shared.log.signer import FileKey
from shared.log.tiles import hashes, unbundle
from shared.log.tree import leaf_hash, root_of
from shared.refusal import Refused
from tests.unit.ledger.books import Books
from tests.unit.ledger.test_ledger_mirror import nine

ORIGIN, WITNESS, CITY = "fuquan/test/catalog", "fuquan/test/ledger", "fuquan/city/ledger"
NOON = "2023-07-03T12:00:00+08:00"


def named(books: Books, alias: str) -> None:
    """One more fact of catalog."""
    books.append(
        "catalog.DepartmentAliasAdded",
        {"org_id": "MD2023-TOWN-11", "alias": alias, "basis": "abbreviation"}, at=NOON,
    )
    books.settle()


def state(books: Books) -> dict[str, object]:
    return books.ask("status")["catalog"]["witness"]


def signed(books: Books, size: int, root: bytes) -> str:
    """A note that the log's key has signed, over whatever root, beside the log's own."""
    return sign_checkpoint(Checkpoint(ORIGIN, size, root), books.signers["catalog"])


def shown(books: Books, note: str) -> None:
    """The log shows that note among its checkpoints."""
    checkpoint = Checkpoint.parse(note.partition("\n\n")[0] + "\n")
    books.admins["catalog"].rows(
        "INSERT INTO log.checkpoint (size, root, note) VALUES (%s, %s, %s) RETURNING 1",
        (checkpoint.size, checkpoint.root, note),
    )
    key = books.settings.keys / "catalog.vkey"
    key.write_text(f"{books.signers['catalog'].verifier}\n", "utf-8")


def rewritten(books: Books) -> None:
    """A superuser changes the note at size 9 to another root that the log's key has signed."""
    note = signed(books, 9, bytes(32))
    books.admins["catalog"].rows("ALTER TABLE log.checkpoint DISABLE TRIGGER USER; SELECT 1")
    books.admins["catalog"].rows(
        "UPDATE log.checkpoint SET note = %s WHERE size = 9 RETURNING 1", (note,)
    )
    books.admins["catalog"].rows("ALTER TABLE log.checkpoint ENABLE TRIGGER USER; SELECT 1")


def test_a_checkpoint_that_the_mirror_contains_is_cosigned(books: Books):
    nine(books)
    books.sign("catalog")

    told = books.ask("checkpoint", source="catalog")

    opened = open_checkpoint(told["note"], ORIGIN, [books.signers["catalog"].verifier])
    assert (opened.size, told["root"]) == (9, opened.root.hex())
    assert set(cosigned(told["note"], [Witness.of(books.witness)])) == {WITNESS}
    assert set(told["seen"]) == {WITNESS}
    assert state(books) == {"state": "cosigned", "size": 9}


def test_a_log_that_grows_is_vouched_for_again_and_asked_twice_stays_as_it_is(books: Books):
    nine(books)
    books.sign("catalog")
    first = books.ask("checkpoint", source="catalog")
    named(books, "沙土")
    books.sign("catalog")

    second = books.ask("checkpoint", source="catalog")

    assert (first["size"], second["size"]) == (9, 10)
    assert books.ask("checkpoint", source="catalog") == second


def test_two_processes_of_the_ledger_keep_a_checkpoint_once(books: Books):
    nine(books)
    books.sign("catalog")
    other = Ledger(books.database, None, books.sources, books.witness)
    watches = [one.questions.watches["catalog"] for one in (books.ledger, other)] * 4

    with ThreadPoolExecutor(4) as pool:
        states = list(pool.map(Watch.look, watches))

    assert set(states) == {"cosigned"}
    assert books.admins["ledger"].rows("SELECT count(*) FROM witness.cosigned") == [(1,)]


def test_a_checkpoint_ahead_of_the_mirror_waits(books: Books):
    nine(books)
    books.append(
        "catalog.DepartmentAliasAdded",
        {"org_id": "MD2023-TOWN-11", "alias": "沙土", "basis": "abbreviation"}, at=NOON,
    )
    books.admins["catalog"].rows("SELECT log.integrate(1000)")
    books.sign("catalog")

    assert state(books) == {"state": "ahead", "size": None}
    books.consumer.catch_up()
    assert state(books) == {"state": "cosigned", "size": 10}


def test_nothing_is_vouched_for_that_another_key_has_signed(books: Books):
    nine(books)
    books.sign("catalog", FileKey.generate(ORIGIN))

    assert state(books) == {"state": "unknown-key", "size": None}
    with pytest.raises(Refused) as refused:
        books.ask("checkpoint", source="catalog")
    assert refused.value.code == "ledger.no-checkpoint"


def test_a_root_that_is_not_the_mirrors_is_not_cosigned(books: Books):
    nine(books)
    shown(books, signed(books, 9, bytes(32)))

    assert state(books) == {"state": "differs", "size": None}
    assert books.ask("evidence", source="catalog") == []


@pytest.mark.parametrize(("found", "alarm"), [
    ("cosigned", False), ("no-checkpoint", False), ("source-away", False), ("ahead", False),
    ("no-key", False), ("refused", True), ("differs", True), ("altered", True), ("behind", True),
    ("bad-signature", True), ("unknown-key", True), ("fault", True),
])
def test_operators_are_called_where_a_log_is_not_what_was_seen(found: str, alarm: bool):
    assert doubted(found) is alarm


def test_a_fault_in_looking_at_one_log_is_told_and_stops_neither_the_others_nor_the_next_look(
    books: Books
):
    nine(books)
    books.sign("catalog")
    watches = books.ledger.questions.watches.values()
    key, aside = books.settings.keys / "catalog.vkey", books.settings.keys / "aside"
    key.rename(aside)
    key.mkdir()  # an OSError for who reads it

    first = look_at_all(watches)
    key.rmdir()
    aside.rename(key)
    second = look_at_all(watches)

    others = dict.fromkeys(("delegation", "cases", "supervision"), "no-checkpoint")
    assert first == {"catalog": "fault"} | others
    assert second == {"catalog": "cosigned"} | others


def test_two_roots_for_one_size_are_refused_from_then_on_with_both_notes(books: Books):
    nine(books)
    first = books.sign("catalog")
    kept = books.ask("checkpoint", source="catalog")["note"]
    rewritten(books)

    assert state(books) == {"state": "refused", "size": 9}
    (evidence,) = books.ask("evidence", source="catalog")
    keys = [books.signers["catalog"].verifier]
    both = [open_checkpoint(evidence[one], ORIGIN, keys) for one in ("trusted", "shown")]
    assert kept.startswith(first)
    assert evidence["trusted"] == kept
    assert [(one.size, one.root == bytes(32)) for one in both] == [(9, False), (9, True)]
    named(books, "沙土")
    books.sign("catalog")
    assert books.ask("checkpoint", source="catalog")["size"] == 9
    assert books.ask("checkpoint", source="catalog")["refused"] is True


def test_a_shorter_one_signed_later_that_is_no_beginning_of_ours_is_a_fork(books: Books):
    nine(books)
    books.sign("catalog")
    books.ask("checkpoint", source="catalog")
    books.admins["catalog"].rows("ALTER TABLE log.checkpoint DISABLE TRIGGER USER; SELECT 1")
    books.admins["catalog"].rows("DELETE FROM log.checkpoint RETURNING 1")
    books.admins["catalog"].rows("ALTER TABLE log.checkpoint ENABLE TRIGGER USER; SELECT 1")
    shown(books, signed(books, 5, bytes(32)))

    assert state(books) == {"state": "refused", "size": 9}
    assert len(books.ask("evidence", source="catalog")) == 1


def test_a_log_that_shows_less_than_it_did_is_behind_and_no_fork(books: Books):
    nine(books)
    books.sign("catalog")
    books.ask("checkpoint", source="catalog")
    leaves = [leaf_hash(entry.envelope) for entry in books.logs["catalog"].entries(0, 5)]
    books.admins["catalog"].rows("ALTER TABLE log.checkpoint DISABLE TRIGGER USER; SELECT 1")
    books.admins["catalog"].rows("DELETE FROM log.checkpoint RETURNING 1")
    books.admins["catalog"].rows("ALTER TABLE log.checkpoint ENABLE TRIGGER USER; SELECT 1")
    shown(books, signed(books, 5, root_of(leaves)))

    assert state(books) == {"state": "behind", "size": 9}


def test_a_longer_history_without_what_was_vouched_for_is_a_fork(books: Books):
    nine(books)
    books.sign("catalog")
    books.ask("checkpoint", source="catalog")
    named(books, "沙土")
    books.admins["catalog"].rows(
        "ALTER TABLE log.entry DISABLE TRIGGER USER;"
        " UPDATE log.entry SET leaf_hash = sha256('other') WHERE position = 4;"
        " ALTER TABLE log.entry ENABLE TRIGGER USER; SELECT 1"
    )
    books.sign("catalog")

    assert state(books) == {"state": "refused", "size": 9}
    (evidence,) = books.ask("evidence", source="catalog")
    assert "\n10\n" in evidence["shown"]


def test_a_changed_mirror_vouches_for_nothing_more(books: Books):
    nine(books)
    books.sign("catalog")
    books.ask("checkpoint", source="catalog")
    books.tamper(
        "UPDATE readmodel.mirror SET leaf_hash = sha256('x')"
        " WHERE source = 'catalog' AND position = 2"
    )
    named(books, "沙土")
    books.sign("catalog")

    assert state(books) == {"state": "altered", "size": 9}


@pytest.mark.parametrize("statement", [
    "UPDATE witness.cosigned SET size = 1", "DELETE FROM witness.refused",
    "TRUNCATE witness.endorsed",
    "INSERT INTO witness.damaged (source, found) VALUES ('catalog', 'altered')",
])
def test_the_ledger_itself_cannot_take_back_what_it_has_seen(books: Books, statement: str):
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        books.database.rows(statement)


def test_another_witnesss_cosignature_comes_under_the_checkpoint(books: Books):
    nine(books)
    books.sign("catalog")
    note = books.ask("checkpoint", source="catalog")["note"]
    text = note.partition("\n\n")[0] + "\n"
    line = cosign(text, 1_700_000_000, books.city)

    assert books.ledger.cosigned("catalog", note + line) == [CITY]
    assert books.ledger.cosigned("catalog", note + line) == [CITY]

    told = books.ask("checkpoint", source="catalog")
    assert told["note"] == note + line
    assert told["seen"][CITY] == "2023-11-14T22:13:20+00:00"
    named(books, "沙土")
    books.sign("catalog")
    assert books.ask("checkpoint", source="catalog")["size"] == 10
    assert books.ask("checkpoint", source="catalog", witness=CITY)["size"] == 9
    assert books.ask("checkpoint", source="catalog", witness=WITNESS)["size"] == 10


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (lambda note, _: note, "ledger.unknown-witness"),
        (lambda note, _: note + cosign("other\n", 1, FileKey.generate(CITY)),
         "ledger.unknown-witness"),
        (lambda note, city: note + cosign("other\n", 1, city), "ledger.other-checkpoint"),
        (lambda note, _: note.replace("\n9\n", "\n8\n"), "ledger.other-checkpoint"),
        (lambda *_: "no note", "ledger.other-checkpoint"),
    ],
    ids=["no other's", "an unknown key", "over another text", "of another size", "no note"],
)
def test_what_is_no_cosignature_of_ours_is_not_kept(books: Books, damage, code: str):
    nine(books)
    books.sign("catalog")
    note = books.ask("checkpoint", source="catalog")["note"]

    with pytest.raises(Refused) as refused:
        books.ledger.cosigned("catalog", damage(note, books.city))

    assert refused.value.code == code
    assert books.ask("checkpoint", source="catalog")["note"] == note


def test_a_history_that_was_signed_for_another_alone_is_evidence_when_it_comes_back(books: Books):
    nine(books)
    books.sign("catalog")
    books.ask("checkpoint", source="catalog")

    with pytest.raises(Refused):
        books.ledger.cosigned("catalog", signed(books, 7, bytes(32)))

    assert state(books) == {"state": "refused", "size": 9}


def test_tiles_and_bundles_come_out_of_the_mirror(books: Books):
    nine(books)

    bundle = b64decode(books.ask("tile", source="catalog", path="tile/entries/000.p/9")["data"])
    tile = b64decode(books.ask("tile", source="catalog", path="tile/0/000.p/5")["data"])

    entries = [entry.envelope for entry in books.logs["catalog"].entries(0, 9)]
    assert unbundle(bundle) == entries
    assert hashes(tile) == [leaf_hash(entry) for entry in entries[:5]]


@pytest.mark.parametrize(
    "path",
    ["tile/0/000", "tile/entries/001.p/1", "tile/7/000.p/1", f"tile/0/{'x999/' * 6}999"],
)
def test_a_tile_that_is_not_full_is_refused(books: Books, path: str):
    nine(books)

    with pytest.raises(Refused) as refused:
        books.ask("tile", source="catalog", path=path)

    assert refused.value.code == "ledger.unknown-tile"


def test_the_witnesss_key_is_made_once(tmp_path):
    first = witness_key(tmp_path / "keys", "county")

    again = witness_key(tmp_path / "keys", "county")

    line = (tmp_path / "keys/ledger.vkey").read_text("utf-8").strip()
    assert Witness.of(again) == Witness.of(first) == Witness.parse(line)
    assert again.name == "fuquan/county/ledger"
    assert (tmp_path / "keys/ledger.key").stat().st_mode & 0o077 == 0


def test_the_witnesses_that_a_county_knows_stand_in_a_file(tmp_path):
    city = Witness.of(FileKey.generate(CITY))
    (tmp_path / "witnesses.vkey").write_text(f"{city}\n", "utf-8")
    (tmp_path / "wrong").write_text("nothing\n", "utf-8")

    assert witnesses_of(tmp_path / "witnesses.vkey") == [city]
    assert witnesses_of(tmp_path / "absent") == []
    with pytest.raises(NoteError):
        witnesses_of(tmp_path / "wrong")


def test_a_service_without_a_log_is_refused(books: Books):
    with pytest.raises(Refused) as refused:
        books.ledger.cosigned("gateway", "note")

    assert refused.value.code == "ledger.unknown-source"


def test_a_proof_stands_under_the_checkpoint_that_most_have_vouched_for(books: Books):
    mirror = books.ledger.questions.mirrors["catalog"]
    nine(books)
    books.sign("catalog")
    unseen = covering(mirror, 8).note
    note = books.ask("checkpoint", source="catalog")["note"]
    text = note.partition("\n\n")[0] + "\n"
    books.ledger.cosigned("catalog", note + cosign(text, 1, books.city))
    named(books, "沙土")
    books.sign("catalog")
    books.ask("checkpoint", source="catalog")

    known = [Witness.of(books.witness), Witness.of(books.city)]
    assert cosigned(unseen, known) == {}
    assert set(cosigned(covering(mirror, 8).note, known)) == {WITNESS, CITY}
    assert set(cosigned(covering(mirror, 9).note, known)) == {WITNESS}
