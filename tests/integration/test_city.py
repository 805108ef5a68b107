"""County, witness, city: one history with one root everywhere; two are refused and kept."""

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from services.ledger.folder import Folder
from services.ledger.remote import Away, Remote
from shared.log.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from shared.log.cosignature import Witness, cosigned
from shared.log.signer import FileKey
from shared.log.tiles import Tile
from shared.log.tree import leaf_hash, root_of
from shared.settings import Settings
from tests.county_on_line import LOG, ORIGIN, Shown, entries_of, following, noted, on_line, served
from tests.unit.ledger.books import Books
from tests.unit.ledger.test_ledger_mirror import nine

COUNTY, CITY = "fuquan/test/ledger", "fuquan/city/ledger"
WITNESS = FileKey.generate(CITY)


@pytest.fixture
def books(migrated: Settings) -> Iterator[Books]:
    books = Books(migrated)
    yield books
    books.close()


@pytest.fixture
def county(books: Books, tmp_path: Path) -> Iterator[str]:
    """Nine facts of catalog, signed, and the gateway before them."""
    nine(books)
    books.sign("catalog")
    with on_line(books, tmp_path / "gateway") as url:
        yield url


def rotation(old: FileKey, new: FileKey) -> bytes:
    """The event by which a key hands over."""
    data = {"old_key": str(old.verifier), "new_key": str(new.verifier)}
    told = {"type": "catalog.SigningKeyRotated", "source": "catalog", "data": data}
    return json.dumps(told).encode()


def test_the_citys_root_is_the_countys_and_both_have_cosigned(
    books: Books, county: str, tmp_path: Path
):
    follower = following(county, tmp_path / "city", books.signers["catalog"], books.city)

    found = follower.look()

    told = books.ask("checkpoint", source="catalog")
    ((size, root),) = books.admins["catalog"].rows("SELECT size, root FROM log.checkpoint")
    assert (found.state, found.before, found.size, found.handed_back) == ("cosigned", 0, 9, True)
    assert Folder(tmp_path / "city").tree().root() == bytes(root)
    assert (told["size"], told["root"]) == (size, bytes(root).hex())
    assert set(told["seen"]) == {COUNTY, CITY}
    assert [*Folder(tmp_path / "city").entries()] == [
        entry.envelope for entry in books.logs["catalog"].entries(0, 9)
    ]


def test_a_county_that_grows_is_followed_and_what_is_known_is_not_fetched_again(
    books: Books, county: str, tmp_path: Path
):
    follower = following(county, tmp_path / "city", books.signers["catalog"], books.city)
    follower.look()
    for nth in range(300):
        books.append(
            "catalog.DepartmentAliasAdded",
            {"org_id": "MD2023-TOWN-11", "alias": f"名{nth}", "basis": "abbreviation"},
            at="2023-07-03T12:00:00+08:00",
        )
    books.settle()
    books.sign("catalog")

    found, again = follower.look(), follower.look()

    assert (found.before, found.size) == (9, 309)
    assert (again.state, again.before, again.size) == ("cosigned", 309, 309)
    assert Folder(tmp_path / "city").tree().root().hex() == (
        books.ask("checkpoint", source="catalog")["root"]
    )


def test_the_gateway_serves_the_static_layout_with_its_headers(county: str):
    remote = Remote(f"{county}/catalog")
    checkpoint = remote.session.get(f"{county}/catalog/checkpoint")
    tile = remote.session.get(f"{county}/catalog/tile/0/000.p/9")

    assert checkpoint.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert checkpoint.headers["Cache-Control"] == "public, max-age=2"
    assert tile.headers["Content-Type"] == "application/octet-stream"
    assert "immutable" in tile.headers["Cache-Control"]
    assert len(tile.content) == 9 * 32


@pytest.mark.parametrize(
    ("path", "status"),
    [("catalog/tile/0/000", 404), ("catalog/tile/0/1", 400), ("gateway/checkpoint", 404),
     ("cases/checkpoint", 404)],
    ids=["not full yet", "no tile's path", "no log", "never signed"],
)
def test_what_is_not_there_is_a_problem(county: str, path: str, status: int):
    answer = Remote(county).session.get(f"{county}/{path}")

    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_county_that_does_not_know_the_city_keeps_no_cosignature(
    books: Books, county: str, tmp_path: Path
):
    stranger = FileKey.generate(CITY)

    found = following(county, tmp_path / "city", books.signers["catalog"], stranger).look()

    assert (found.state, found.handed_back) == ("cosigned", False)
    assert set(books.ask("checkpoint", source="catalog")["seen"]) == {COUNTY}


@pytest.mark.parametrize("body", [b"\xff", b"no note", b"x" * 20_000])
def test_what_is_no_note_is_refused_at_the_countys_door(county: str, body: bytes):
    answer = Remote(county).session.post(f"{county}/catalog/cosignature", data=body)

    assert answer.status_code in {400, 409, 413}


@pytest.mark.parametrize(
    ("size", "odd"), [(300, 17), (700, 17), (299, 280), (300, 299)],
    ids=["the same size", "a longer history", "a shorter history", "the last entry"],
)
def test_a_county_with_two_histories_is_refused_and_both_notes_are_kept(
    tmp_path: Path, size: int, odd: int
):
    shown = Shown(tmp_path / "county")
    with served(shown.app) as url:
        follower = following(url, tmp_path / "city", LOG, WITNESS)
        shown.history(entries_of(300), 300)
        first = follower.look()
        shown.history(entries_of(700, odd), size)

        second = follower.look()
        shown.history(entries_of(700), 700)
        third = follower.look()

    (evidence,) = follower.evidence()
    roots = [
        open_checkpoint(evidence[one], ORIGIN, [LOG.verifier]).root
        for one in ("trusted", "shown")
    ]
    assert (first.state, second.state, third.state) == ("cosigned", "refused", "refused")
    assert roots == [
        root_of(map(leaf_hash, entries_of(300))), root_of(map(leaf_hash, entries_of(size, odd)))
    ]
    assert set(cosigned(evidence["trusted"], [Witness.of(WITNESS)])) == {CITY}
    assert cosigned(evidence["shown"], [Witness.of(WITNESS)]) == {}
    assert Folder(tmp_path / "city").tree().root() == roots[0]


def spoilt(shown: Shown, path: str, at: int) -> None:
    """Another byte in a file that the county shows."""
    file = shown.folder / path
    data = bytearray(file.read_bytes())
    data[at] ^= 1
    file.write_bytes(bytes(data))


@pytest.mark.parametrize(
    ("path", "at", "state"),
    [("tile/entries/001.p/144", 40, "differs"), ("tile/0/001.p/144", 40, "differs"),
     ("tile/entries/001.p/144", 0, "differs"), ("checkpoint", 40, "bad-signature")],
    ids=["an entry", "a leaf hash", "a length", "the checkpoint"],
)
def test_what_was_not_signed_is_not_taken_over_and_the_next_look_is_well(
    tmp_path: Path, path: str, at: int, state: str
):
    shown = Shown(tmp_path / "county")
    with served(shown.app) as url:
        follower = following(url, tmp_path / "city", LOG, WITNESS)
        shown.history(entries_of(300), 300)
        follower.look()
        shown.history(entries_of(600), 400)
        spoilt(shown, path, at)

        wrong = follower.look()
        shown.history(entries_of(600), 600)
        right = follower.look()

    assert (wrong.state, wrong.size) == (state, 300)
    assert (right.state, right.size, follower.evidence()) == ("cosigned", 600, [])
    assert Folder(tmp_path / "city").tree(300).root() == root_of(map(leaf_hash, entries_of(300)))


def test_entries_that_are_forged_up_to_a_full_tile_do_not_harm_the_copy(
    tmp_path: Path
):
    shown = Shown(tmp_path / "county")
    with served(shown.app) as url:
        follower = following(url, tmp_path / "city", LOG, WITNESS)
        shown.history(entries_of(300), 300)
        follower.look()
        shown.history(entries_of(600, 350), 600)
        forged = sign_checkpoint(
            Checkpoint(ORIGIN, 600, root_of(map(leaf_hash, entries_of(600)))), LOG
        )
        (shown.folder / "checkpoint").write_text(forged, "utf-8")

        wrong = follower.look()
        shown.history(entries_of(600), 600)
        right = follower.look()

    assert (wrong.state, right.state) == ("differs", "cosigned")
    assert [*Folder(tmp_path / "city").entries()] == entries_of(600)


def test_a_copy_that_was_changed_vouches_for_nothing_more(tmp_path: Path):
    shown = Shown(tmp_path / "county")
    with served(shown.app) as url:
        follower = following(url, tmp_path / "city", LOG, WITNESS)
        shown.history(entries_of(300), 300)
        follower.look()
        tile = tmp_path / "city/tile/0/000"
        tile.write_bytes(bytes(32) + tile.read_bytes()[32:])
        (tmp_path / "city/tile/1/000.p/1").write_bytes(bytes(32))
        shown.history(entries_of(600), 600)

        found = follower.look()

    assert (found.state, found.size) == ("altered", 300)


@pytest.mark.parametrize(
    ("name", "left"),
    [("checkpoint", b"no checkpoint"), ("checkpoint", b"\xff"), ("tile/1/000.p/1", b"")],
    ids=["no note", "no text", "a tile cut off"],
)
def test_a_copy_that_is_damaged_is_told_and_ends_no_look(
    tmp_path: Path, name: str, left: bytes
):
    shown, file = Shown(tmp_path / "county"), tmp_path / "city" / name
    with served(shown.app) as url:
        follower = following(url, tmp_path / "city", LOG, WITNESS)
        shown.history(entries_of(300), 300)
        follower.look()
        file.write_bytes(left)
        shown.history(entries_of(600), 600)

        found = follower.look()

    assert found.state == "altered"
    assert str(tmp_path / "city") in found.why


def test_a_county_that_shows_less_is_behind_and_one_that_is_away_is_told(
    tmp_path: Path
):
    shown = Shown(tmp_path / "county")
    with served(shown.app) as url:
        follower = following(url, tmp_path / "city", LOG, WITNESS)
        shown.history(entries_of(300), 300)
        follower.look()
        shown.history(entries_of(300), 200)
        behind = follower.look()

    assert (behind.state, behind.size) == ("behind", 300)
    assert follower.look().state == "away"


def test_a_tile_that_is_full_by_now_serves_for_the_partial_one(tmp_path: Path):
    shown = Shown(tmp_path / "county")
    shown.history(entries_of(256), 256)
    with served(shown.app) as url:
        remote = Remote(f"{url}/catalog")

        assert remote.rows(Tile(None, 0, 5)) == entries_of(5)
        with pytest.raises(Away):
            remote.rows(Tile(None, 1, 5))


@pytest.mark.parametrize("seen", [True, False], ids=["seen", "fetched"])
def test_a_key_that_the_log_hands_over_to_is_learnt_and_the_old_one_is_over(
    tmp_path: Path, seen: bool
):
    new, shown = FileKey.generate(ORIGIN), Shown(tmp_path / "county")
    entries = [*entries_of(300), rotation(LOG, new), *entries_of(400)[300:]]
    both, handover = noted(entries, 305, LOG, new), shown.folder / "handover/300"
    with served(shown.app) as url:
        follower = following(url, tmp_path / "city", LOG, WITNESS)
        shown.history(entries, 300)
        follower.look()
        handover.parent.mkdir()
        handover.write_text(both, "utf-8")
        shown.history(entries, 305 if seen else 320, LOG, new)
        met = follower.look()
        shown.history(entries, 350, new)
        later = follower.look()
        shown.history(entries, 360, LOG)

        retired = follower.look()

    assert (met.state, later.state, later.size) == ("cosigned", "cosigned", 350)
    assert (retired.state, retired.size) == ("retired-key", 350)
    assert len(Folder(tmp_path / "city").rotations()) == 1


@pytest.mark.parametrize("broken", ["county away", "city dies", "city dies writing"])
def test_a_look_that_breaks_off_where_a_key_hands_over_is_made_good_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str
):
    """The city has been handed both keys, and looks when the new one alone signs already."""
    new, shown = FileKey.generate(ORIGIN), Shown(tmp_path / "county")
    entries = [*entries_of(300), rotation(LOG, new), *entries_of(400)[300:]]
    handover, city = shown.folder / "handover/300", tmp_path / "city"
    with served(shown.app) as url:
        follower = following(url, city, LOG, WITNESS)
        follower.verifiers.append(new.verifier)
        shown.history(entries, 300)
        follower.look()
        handover.parent.mkdir()
        handover.write_text(noted(entries, 305, LOG, new), "utf-8")
        shown.history(entries, 320, new)
        with monkeypatch.context() as fault:
            BREAKS[broken](fault)
            with suppress(KeyboardInterrupt):
                assert follower.look().state == "away"
        before = follower.folder.size()

        met = follower.look()
        shown.history(entries, 360, LOG)
        retired = follower.look()

    assert (before, met.state, met.size) == (300, "cosigned", 320)
    assert [told.position for told in Folder(city).rotations()] == [300]
    assert (retired.state, retired.size) == ("retired-key", 320)


def away(fault: pytest.MonkeyPatch) -> None:
    def handover(remote: Remote, position: int) -> str | None:
        raise Away(f"{remote.url}/handover/{position}: HTTP 503", 503)

    fault.setattr(Remote, "handover", handover)


def dies(fault: pytest.MonkeyPatch, name: str) -> None:
    """Before a file of this name is in its place."""
    replace = Path.replace

    def replaced(path: Path, target: Path) -> Path:
        if target.name == name:
            raise KeyboardInterrupt
        return replace(path, target)

    fault.setattr(Path, "replace", replaced)


BREAKS = {
    "county away": away, "city dies": lambda fault: dies(fault, "checkpoint"),
    "city dies writing": lambda fault: dies(fault, "300"),
}
