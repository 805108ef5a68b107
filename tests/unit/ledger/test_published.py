"""A log's static folder, checked alone: nothing in it can be changed, left out or exchanged."""

from base64 import b64encode
from hashlib import sha256
from random import Random

import pytest
from typer.testing import CliRunner

from services.ledger.folder import Folder
from services.ledger.published import Unsound, checked
from shared.cli import app
from shared.log.checkpoint import Checkpoint, sign_checkpoint
from shared.log.note import Signer
from shared.log.tiles import bundle
from shared.log.tree import leaf_hash, root_of

ORIGIN = "fuquan/county/cases"
SIGNER = Signer.generate(ORIGIN)
KEYS = [SIGNER.verifier]
ENTRIES = [f"entry {nth}".encode() for nth in range(66_000)]
LEAVES = [leaf_hash(entry) for entry in ENTRIES]


def note_of(size, signer=SIGNER, origin=ORIGIN, leaves=LEAVES):
    return sign_checkpoint(Checkpoint(origin, size, root_of(leaves[:size])), signer)


@pytest.fixture
def export(tmp_path):
    """A folder of so many entries."""

    def write(size):
        Folder(tmp_path / "cases").extend(ENTRIES[:size], note_of(size))
        return tmp_path / "cases"

    return write


@pytest.mark.parametrize("size", [0, 1, 64, 256, 257, 600, 66_000])
def test_an_untouched_folder_is_sound(export, size):
    assert checked(export(size), ORIGIN, KEYS) == Checkpoint(ORIGIN, size, root_of(LEAVES[:size]))


def test_a_folder_that_grew_is_sound_with_its_older_tiles(tmp_path):
    folder = Folder(tmp_path)
    for size in (3, 255, 256, 700):
        folder.extend(ENTRIES[folder.size():size], note_of(size))

    assert checked(tmp_path, ORIGIN, KEYS) == Checkpoint(ORIGIN, 700, root_of(LEAVES[:700]))


def test_every_byte_of_a_64_leaf_export_flipped_in_turn_is_detected(export):
    root = export(64)
    chance = Random(64)
    for path in [file for file in root.rglob("*") if file.is_file()]:
        whole = path.read_bytes()
        for place in range(len(whole)):
            bent = bytearray(whole)
            bent[place] ^= 1 << chance.randrange(8)
            path.write_bytes(bent)
            assert isinstance(checked(root, ORIGIN, KEYS), Unsound), (path, place)
        path.write_bytes(whole)

    assert isinstance(checked(root, ORIGIN, KEYS), Checkpoint)


@pytest.mark.parametrize("name", [
    "checkpoint", "tile/0/001", "tile/0/002.p/88", "tile/1/000.p/2", "tile/entries/000",
    "tile/entries/002.p/88",
])
def test_a_file_that_is_not_there_is_named(export, name):
    root = export(600)
    (root / name).unlink()

    assert checked(root, ORIGIN, KEYS) == Unsound(name, "missing")


@pytest.mark.parametrize("name", ["tile/0/002.p/88", "tile/1/000.p/2", "tile/entries/001"])
def test_a_file_cut_off_or_too_long_is_named(export, name):
    root = export(600)
    whole = (root / name).read_bytes()

    (root / name).write_bytes(whole[:-1])
    assert checked(root, ORIGIN, KEYS) == Unsound(name, "cut-off")

    (root / name).write_bytes(whole + whole[:32])
    assert checked(root, ORIGIN, KEYS) == Unsound(name, "cut-off")


def test_an_entry_exchanged_with_its_hash_shows_in_the_tile_above(export):
    root = export(600)
    forged = [*ENTRIES[:256]]
    forged[7] = b"forged"
    (root / "tile/entries/000").write_bytes(bundle(forged))
    assert checked(root, ORIGIN, KEYS) == Unsound("tile/0/000", "other-hashes")

    (root / "tile/0/000").write_bytes(b"".join(map(leaf_hash, forged)))
    assert checked(root, ORIGIN, KEYS) == Unsound("tile/1/000.p/2", "other-hashes")


def test_a_forgery_up_to_the_top_has_another_root_than_was_signed(export):
    root = export(64)
    forged = [b"forged", *ENTRIES[1:64]]
    (root / "tile/entries/000.p/64").write_bytes(bundle(forged))
    (root / "tile/0/000.p/64").write_bytes(b"".join(map(leaf_hash, forged)))

    assert checked(root, ORIGIN, KEYS) == Unsound("checkpoint", "root")


@pytest.mark.parametrize(("note", "reason"), [
    (note_of(64, Signer.generate(ORIGIN)), "checkpoint-unknown-key"),
    (note_of(64, origin="fuquan/county/catalog"), "checkpoint-wrong-origin"),
    (note_of(64).replace("\n64\n", "\n63\n"), "checkpoint-bad-signature"),
    (note_of(64).replace("\n64\n", "\n064\n"), "checkpoint-bad-signature"),
    ("", "checkpoint-malformed"),
])
def test_a_checkpoint_that_nobody_known_signed_for_this_log_is_refused(export, note, reason):
    root = export(64)
    (root / "checkpoint").write_text(note, "utf-8")

    assert checked(root, ORIGIN, KEYS) == Unsound("checkpoint", reason)


def test_an_older_checkpoint_of_the_same_log_names_the_tiles_it_misses(export):
    root = export(64)
    (root / "checkpoint").write_text(note_of(63), "utf-8")

    assert checked(root, ORIGIN, KEYS) == Unsound("tile/0/000.p/63", "missing")


def run(folder, keys):
    return CliRunner().invoke(app, ["ledger", "check", str(folder), "--keys", str(keys)])


def test_the_command_checks_every_log_in_the_folder(export, tmp_path):
    root = export(64)
    (tmp_path / "cases.vkey").write_text(f"{SIGNER.verifier}\n", "utf-8")
    assert (run(tmp_path, tmp_path).exit_code, "64" in run(tmp_path, tmp_path).stdout) == (0, True)

    (root / "tile/0/000.p/64").unlink()
    ended = run(tmp_path, tmp_path)
    assert (ended.exit_code, "missing" in ended.stdout) == (1, True)


def test_the_command_finds_nothing_in_an_empty_folder(tmp_path):
    assert run(tmp_path, tmp_path).exit_code == 1


TYPED = b"\xffother" + bytes(40)
HASH = sha256(ORIGIN.encode() + b"\n" + TYPED).hexdigest()[:8]
OTHER = f"{ORIGIN}+{HASH}+{b64encode(TYPED).decode()}"


@pytest.mark.parametrize(("keys", "says"), [
    (None, "give the folder of public keys with --keys"),
    ("no key\n", "holds no public key of a log; fetch it again"),
    (f"{OTHER}\n", "holds no key that this release can use"),
], ids=["none", "unreadable", "of an unknown algorithm"])
def test_without_a_key_it_is_not_said_that_a_log_does_not_hold(export, tmp_path, keys, says):
    export(64)
    if keys is not None:
        (tmp_path / "cases.vkey").write_text(keys, "utf-8")

    ended = run(tmp_path, tmp_path)

    assert (ended.exit_code, says in ended.stderr) == (2, True)
    assert "Does not hold" not in ended.stderr


def test_a_key_of_an_unknown_algorithm_is_passed_over(export, tmp_path):
    export(64)
    (tmp_path / "cases.vkey").write_text(f"{OTHER}\n{SIGNER.verifier}\n", "utf-8")

    assert run(tmp_path, tmp_path).exit_code == 0
