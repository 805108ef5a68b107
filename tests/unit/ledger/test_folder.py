"""A log as a static folder: complete, grown, and never under a root that was not signed."""

import pytest

from services.ledger.folder import Folder, Mismatched, Spoilt
from shared.log.checkpoint import Checkpoint, sign_checkpoint
from shared.log.signer import FileKey
from shared.log.tiles import Tile, hashes, tiles_of, unbundle
from shared.log.tree import inclusion_proof, leaf_hash, root_of

ORIGIN = "fuquan/county/cases"
SIGNER = FileKey.generate(ORIGIN)
ENTRIES = [f"entry {nth}".encode() for nth in range(1000)]


def note_of(size, entries=ENTRIES):
    root = root_of(map(leaf_hash, entries[:size]))
    return sign_checkpoint(Checkpoint(ORIGIN, size, root), SIGNER)


def files(root):
    return {str(path.relative_to(root)): path.read_bytes()
            for path in root.rglob("*") if path.is_file()}


def test_a_folder_has_every_tile_bundle_and_the_checkpoint(tmp_path):
    Folder(tmp_path).extend(ENTRIES[:600], note_of(600))

    assert set(files(tmp_path)) == {
        "checkpoint", "tile/0/000", "tile/0/001", "tile/0/002.p/88", "tile/1/000.p/2",
        "tile/entries/000", "tile/entries/001", "tile/entries/002.p/88",
    }
    assert unbundle((tmp_path / "tile/entries/001").read_bytes()) == ENTRIES[256:512]
    assert hashes((tmp_path / "tile/1/000.p/2").read_bytes()) == [
        root_of(map(leaf_hash, ENTRIES[at:at + 256])) for at in (0, 256)
    ]


@pytest.mark.parametrize("steps", [(600, 601), (1, 256, 257, 700), (255, 512, 999), (600, 600)])
def test_a_folder_that_grew_is_as_one_written_at_once(tmp_path, steps):
    grown, once = Folder(tmp_path / "grown"), tmp_path / "once"
    for size in steps:
        grown.extend(ENTRIES[grown.size():size], note_of(size))
    Folder(once).extend(ENTRIES[:steps[-1]], note_of(steps[-1]))

    wanted = {Tile(tile.level, tile.index, tile.width).path for tile in tiles_of(steps[-1])}
    kept, written = files(tmp_path / "grown"), files(once)
    assert wanted <= set(written)
    assert {name: kept[name] for name in set(written) - {"checkpoint"}} == {
        name: data for name, data in written.items() if name != "checkpoint"
    }


def test_proofs_come_out_of_the_folder(tmp_path):
    folder = Folder(tmp_path)
    folder.extend(ENTRIES[:700], note_of(700))

    leaves = [leaf_hash(entry) for entry in ENTRIES[:700]]
    assert folder.tree().inclusion(300) == inclusion_proof(300, leaves)


@pytest.mark.parametrize("entries", [ENTRIES[1:601], ENTRIES[:599], ENTRIES[:601]])
def test_other_entries_than_were_signed_leave_the_older_checkpoint(tmp_path, entries):
    with pytest.raises(Mismatched):
        Folder(tmp_path).extend(entries, note_of(600))

    assert not (tmp_path / "checkpoint").exists()


def test_a_log_without_an_entry_is_a_checkpoint_alone(tmp_path):
    Folder(tmp_path).extend([], note_of(0))

    assert set(files(tmp_path)) == {"checkpoint"}


@pytest.mark.parametrize("left", [b"no checkpoint", b"\xff", b""])
def test_what_is_no_checkpoint_is_told_as_a_damaged_folder(tmp_path, left):
    Folder(tmp_path).extend(ENTRIES[:3], note_of(3))
    (tmp_path / "checkpoint").write_bytes(left)

    with pytest.raises(Spoilt, match="checkpoint"):
        Folder(tmp_path).size()


def test_a_tile_that_is_gone_is_told_as_a_damaged_folder(tmp_path):
    Folder(tmp_path).extend(ENTRIES[:300], note_of(300))
    (tmp_path / "tile/1/000.p/1").unlink()

    with pytest.raises(Spoilt, match="1/000"):
        Folder(tmp_path).tree().root()
