"""The tree against pymerkle, another implementation of RFC 9162.

pymerkle counts leaves from 1, and its inclusion path begins with the leaf itself. Its consistency
proof is not the RFC's: it is longer, and marks which of its hashes the older root is made of.
Compared is therefore what both say of the same roots.
"""

from random import Random

import pytest
from pymerkle import InmemoryTree, InvalidProof, verify_consistency, verify_inclusion
from pymerkle.proof import InclusionProof

from shared.log import tree
from shared.log.tiles import WIDTH, Tree
from shared.log.tree import consistency_proof, inclusion_proof, leaf_hash, root_of

MOST = 700
ENTRIES = [Random(nth).randbytes(nth % 50) for nth in range(MOST)]
LEAVES = [leaf_hash(entry) for entry in ENTRIES]
CHANCE = Random(6962)
EDGES = [1, 2, 3, 255, 256, 257, 511, 512, 513, MOST]
SIZES = [*EDGES, *(CHANCE.randrange(4, MOST) for _ in range(40))]
PAIRS = [(size, CHANCE.randrange(1, size + 1)) for size in SIZES]


@pytest.fixture(scope="module")
def theirs():
    other = InmemoryTree(algorithm="sha256")
    other.append_entries(ENTRIES)
    return other


def tiled(size):
    """The same tree, read tile by tile."""
    rows = [LEAVES[:size], []]
    rows[1] = [root_of(rows[0][at:at + WIDTH]) for at in range(0, size - WIDTH + 1, WIDTH)]
    return Tree(size, lambda tile: rows[tile.level][tile.index * WIDTH:][:tile.width])


@pytest.mark.parametrize("size", [0, *SIZES])
def test_the_roots_are_equal(theirs, size):
    assert root_of(LEAVES[:size]) == theirs.get_root(size)


@pytest.mark.parametrize(("size", "place"), PAIRS)
def test_inclusion_proofs_are_equal_and_each_accepts_the_others(theirs, size, place):
    proof, index = theirs.prove_inclusion(place, size), place - 1
    ours, root = inclusion_proof(index, LEAVES[:size]), theirs.get_root(size)

    assert [LEAVES[index], *ours] == proof.path
    assert tiled(size).inclusion(index) == ours
    assert tree.verify_inclusion(index, size, LEAVES[index], proof.path[1:], root)
    verify_inclusion(LEAVES[index], root, InclusionProof(
        "sha256", True, size, place, proof.rule, [LEAVES[index], *ours]
    ), index=place, size=size)


@pytest.mark.parametrize(("size", "old"), PAIRS)
def test_both_prove_the_same_growth_against_the_others_roots(theirs, size, old):
    ours, proof = consistency_proof(old, LEAVES[:size]), theirs.prove_consistency(old, size)

    assert tiled(size).consistency(old) == ours
    assert tree.verify_consistency(old, size, theirs.get_root(old), theirs.get_root(size), ours)
    verify_consistency(
        root_of(LEAVES[:old]), root_of(LEAVES[:size]), proof, prior_size=old, later_size=size
    )


@pytest.mark.parametrize(("size", "old"), PAIRS)
def test_neither_takes_another_history_for_the_older_one(theirs, size, old):
    forged = root_of([*LEAVES[:old - 1], leaf_hash(b"forged")])
    ours, proof = consistency_proof(old, LEAVES[:size]), theirs.prove_consistency(old, size)

    assert not tree.verify_consistency(old, size, forged, root_of(LEAVES[:size]), ours)
    with pytest.raises(InvalidProof):
        verify_consistency(forged, theirs.get_root(size), proof)


@pytest.mark.parametrize(("size", "place"), [(size, place) for size, place in PAIRS if size > 1])
def test_a_bent_inclusion_proof_is_refused_by_both(theirs, size, place):
    proof, root, index = theirs.prove_inclusion(place, size), theirs.get_root(size), place - 1
    step = CHANCE.randrange(1, len(proof.path))
    bent = [*proof.path]
    bent[step] = bytes([bent[step][0] ^ 1]) + bent[step][1:]

    assert not tree.verify_inclusion(index, size, LEAVES[index], bent[1:], root)
    with pytest.raises(InvalidProof):
        verify_inclusion(LEAVES[index], root, InclusionProof(
            "sha256", True, size, place, proof.rule, bent
        ))
