"""tlog-tiles: coordinates, bundles, and proofs read tile by tile against those over all leaves."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.log.tiles import WIDTH, Tile, Tree, bundle, hashes, tiles_of, unbundle
from shared.log.tree import (
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
)

LEAVES = [leaf_hash(nth.to_bytes(4)) for nth in range(70_000)]


def level_of(leaves, level):
    span = WIDTH ** level
    return [
        root_of(leaves[at:at + span]) for at in range(0, len(leaves) - span + 1, span)
    ]


def tree_over(size):
    levels = [level_of(LEAVES[:size], level) for level in range(3)]
    read = []

    def of(tile):
        read.append(tile)
        return levels[tile.level][tile.index * WIDTH:tile.index * WIDTH + tile.width]

    return Tree(size, of), read


@pytest.mark.parametrize(("tile", "path"), [
    (Tile(0, 0), "tile/0/000"),
    (Tile(1, 5, 17), "tile/1/005.p/17"),
    (Tile(0, 1234067), "tile/0/x001/x234/067"),
    (Tile(None, 1000, 255), "tile/entries/x001/000.p/255"),
    (Tile(63, 999), "tile/63/999"),
])
def test_a_tile_has_the_path_of_the_specification(tile, path):
    assert tile.path == path
    assert Tile.parse(path) == tile


@pytest.mark.parametrize("path", [
    "tile/64/000", "tile/00/000", "tile/0/0", "tile/0/x000/000", "tile/0/000.p/0",
    "tile/0/000.p/256", "tile/0/000.p/300", "tile/0/000.p/01", "tile/0/1000", "tile/-1/000",
    "/tile/0/000", "tile/0/000/", "tile/0/../000", "tile/entries/x01/000",
])
def test_another_spelling_is_no_tile(path):
    with pytest.raises(ValueError, match="no tile"):
        Tile.parse(path)


def test_a_log_of_70000_entries_has_these_tiles():
    found = list(tiles_of(70_000))

    assert len(found) == 274 + 2 + 1
    assert [tile.path for tile in found[273:]] == [
        "tile/0/273.p/112", "tile/1/000", "tile/1/001.p/17", "tile/2/000.p/1"
    ]


def test_a_grown_log_has_only_its_new_tiles_to_write():
    assert [tile.path for tile in tiles_of(600, after=512)] == ["tile/0/002.p/88"]
    assert [tile.path for tile in tiles_of(600, after=511)] == [
        "tile/0/001", "tile/0/002.p/88", "tile/1/000.p/2",
    ]
    assert list(tiles_of(600, after=600)) == []
    assert list(tiles_of(0)) == []


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_a_bundle_gives_its_entries_back(entries):
    assert unbundle(bundle(entries)) == entries


def test_a_bundle_is_lengths_in_two_bytes_and_entries():
    assert bundle([b"ab", b""]) == bytes.fromhex("0002 6162 0000")


@pytest.mark.parametrize("cut", [b"\x00", b"\x00\x02a", b"\x00\x00\x01"])
def test_a_bundle_that_is_cut_off_is_refused(cut):
    with pytest.raises(ValueError, match="cut off"):
        unbundle(cut)


def test_an_entry_longer_than_two_bytes_can_say_is_refused():
    with pytest.raises(ValueError, match="65535"):
        bundle([bytes(65_536)])


def test_a_tile_of_half_a_hash_is_refused():
    with pytest.raises(ValueError, match="whole hashes"):
        hashes(sha256(b"").digest() + b"\x00")


@pytest.mark.parametrize("size", [1, 2, 7, 255, 256, 257, 300, 511, 65_535, 65_536, 65_537, 70_000])
def test_root_and_proofs_from_tiles_are_those_over_all_leaves(size):
    tree, read = tree_over(size)
    leaves = LEAVES[:size]
    at = size * 2 // 3

    assert tree.root() == root_of(leaves)
    assert tree.inclusion(at) == inclusion_proof(at, leaves)
    assert tree.consistency(at) == consistency_proof(at, leaves)
    assert len(read) == len(set(read)) <= 7


@given(st.integers(1, 2000).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n - 1))))
def test_any_proof_from_tiles_verifies(asked):
    size, at = asked
    tree, _ = tree_over(size)
    root = root_of(LEAVES[:size])

    assert verify_inclusion(at, size, LEAVES[at], tree.inclusion(at), root)
    assert verify_consistency(at, size, root_of(LEAVES[:at]), root, tree.consistency(at))


def test_a_tile_that_is_too_short_is_named():
    tree = Tree(300, lambda _: LEAVES[:1])

    with pytest.raises(ValueError, match=r"tile/0/001.p/44 holds 1 hashes"):
        tree.root()
