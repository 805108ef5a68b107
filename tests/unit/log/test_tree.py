"""The Merkle tree, against the Certificate Transparency reference vectors and a naive oracle."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.log.tree import (
    EMPTY_ROOT,
    Range,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
)

# google/certificate-transparency, cpp/merkletree/merkle_tree_test.cc
ENTRIES = [
    bytes.fromhex(entry)
    for entry in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
LEAVES = [leaf_hash(entry) for entry in ENTRIES]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
LEAF_0 = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
LEAF_1 = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
LEAF_4 = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
LEAF_6 = "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f"
NODE_0_1 = "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"
NODE_2_3 = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
NODE_4_5 = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
NODE_6_7 = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
NODE_0_3 = "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"
NODE_4_7 = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
INCLUSIONS = [
    (0, 1, []),
    (0, 8, [LEAF_1, NODE_2_3, NODE_4_7]),
    (5, 8, [LEAF_4, NODE_6_7, NODE_0_3]),
    (2, 3, [NODE_0_1]),
    (1, 5, [LEAF_0, NODE_2_3, LEAF_4]),
]
CONSISTENCIES = [
    (1, 1, []),
    (1, 8, [LEAF_1, NODE_2_3, NODE_4_7]),
    (6, 8, [NODE_4_5, NODE_6_7, NODE_0_3]),
    (2, 5, [NODE_2_3, LEAF_4]),
    (6, 7, [NODE_4_5, LEAF_6, NODE_0_3]),
]

SIXTY_FOUR = [leaf_hash(bytes([n])) for n in range(64)]
logs = st.lists(st.binary(max_size=4).map(leaf_hash), min_size=1, max_size=80)


def naive_root(leaves):
    """MTH as RFC 9162 section 2.1.1 defines it."""
    if len(leaves) < 2:
        return leaves[0] if leaves else EMPTY_ROOT
    split = max(2**n for n in range(7) if 2**n < len(leaves))
    return node_hash(naive_root(leaves[:split]), naive_root(leaves[split:]))


@st.composite
def inclusions(draw):
    """(index, leaves, proof) of any leaf of any log."""
    leaves = draw(logs)
    index = draw(st.integers(0, len(leaves) - 1))
    return index, leaves, inclusion_proof(index, leaves)


@st.composite
def consistencies(draw):
    """(old size, leaves, proof) where the proof is not empty."""
    leaves = draw(logs.filter(lambda leaves: len(leaves) > 1))
    old = draw(st.integers(1, len(leaves) - 1))
    return old, leaves, consistency_proof(old, leaves)


def with_flipped_bit(data, values):
    """*values* with one bit of one hash changed."""
    place = data.draw(st.integers(0, len(values) - 1))
    bit = 1 << data.draw(st.integers(0, 255))
    flipped = (int.from_bytes(values[place]) ^ bit).to_bytes(32)
    return [*values[:place], flipped, *values[place + 1 :]]


@pytest.mark.parametrize("size", range(9))
def test_the_root_of_each_size_is_the_published_one(size):
    log = Range()

    log.extend(LEAVES[:size])

    assert log.root().hex() == ROOTS[size]


@pytest.mark.parametrize(("index", "size", "published"), INCLUSIONS)
def test_inclusion_proofs_are_the_published_ones_and_verify(index, size, published):
    root = bytes.fromhex(ROOTS[size])

    proof = inclusion_proof(index, LEAVES[:size])

    assert [step.hex() for step in proof] == published
    assert verify_inclusion(index, size, LEAVES[index], proof, root)


@pytest.mark.parametrize(("old", "new", "published"), CONSISTENCIES)
def test_consistency_proofs_are_the_published_ones_and_verify(old, new, published):
    old_root, new_root = bytes.fromhex(ROOTS[old]), bytes.fromhex(ROOTS[new])

    proof = consistency_proof(old, LEAVES[:new])

    assert [step.hex() for step in proof] == published
    assert verify_consistency(old, new, old_root, new_root, proof)


@given(st.lists(st.binary(max_size=4).map(leaf_hash), max_size=80))
def test_a_range_has_the_root_the_recursive_definition_gives(leaves):
    log = Range()

    log.extend(iter(leaves))

    assert (log.size, log.root()) == (len(leaves), naive_root(leaves))


@given(logs, st.data())
def test_a_range_restored_from_its_hashes_goes_on_where_it_stopped(leaves, data):
    stop = data.draw(st.integers(0, len(leaves)))
    kept = Range()
    kept.extend(leaves[:stop])

    restored = Range(kept.size, kept.hashes)
    for leaf in leaves[stop:]:
        restored.append(leaf)

    assert restored.root() == root_of(leaves)
    assert kept.root() == root_of(leaves[:stop])


@pytest.mark.parametrize(
    ("size", "hashes"), [(-1, LEAVES[:1]), (1, []), (2, LEAVES[:2]), (1, [b"short"])]
)
def test_a_range_refuses_hashes_that_do_not_fit_its_size(size, hashes):
    with pytest.raises(ValueError, match="not a range"):
        Range(size, hashes)


def test_a_range_takes_all_leaves_of_one_extension_or_none():
    log = Range(1, LEAVES[:1])

    with pytest.raises(ValueError, match="leaf 2 is not a hash"):
        log.extend([LEAVES[1], b"short", LEAVES[2]])

    assert (log.size, log.root().hex()) == (1, ROOTS[1])


@given(inclusions())
def test_every_inclusion_proof_verifies(case):
    index, leaves, proof = case

    found = verify_inclusion(index, len(leaves), leaves[index], proof, naive_root(leaves))

    assert found


@given(inclusions(), st.data())
def test_an_inclusion_proof_fails_with_any_bit_of_leaf_step_or_root_flipped(case, data):
    index, leaves, proof = case
    root = root_of(leaves)

    leaf, *steps, committed = with_flipped_bit(data, [leaves[index], *proof, root])

    assert not verify_inclusion(index, len(leaves), leaf, steps, committed)


@given(st.integers(2, 80), st.data())
def test_an_inclusion_proof_fails_at_any_other_index(size, data):
    leaves = [leaf_hash(bytes([n])) for n in range(size)]
    right, wrong = data.draw(
        st.lists(st.integers(0, size - 1), min_size=2, max_size=2, unique=True)
    )

    proof = inclusion_proof(right, leaves)

    assert not verify_inclusion(wrong, size, leaves[right], proof, root_of(leaves))


@given(inclusions(), st.binary(min_size=32, max_size=32))
def test_an_inclusion_proof_of_another_length_fails(case, extra):
    index, leaves, proof = case
    size, leaf, root = len(leaves), leaves[index], root_of(leaves)

    wrong = [
        [*proof, extra],
        [extra, *proof],
        [*proof, b""],
        *(proof[:n] for n in range(len(proof))),
    ]

    assert not any(verify_inclusion(index, size, leaf, other, root) for other in wrong)


def test_every_log_up_to_64_is_consistent_with_each_of_its_prefixes():
    roots = [naive_root(SIXTY_FOUR[:size]) for size in range(65)]
    pairs = [(old, new) for new in range(65) for old in range(new + 1)]

    failed = [
        (old, new)
        for old, new in pairs
        if not verify_consistency(
            old, new, roots[old], roots[new], consistency_proof(old, SIXTY_FOUR[:new])
        )
    ]

    assert not failed


@given(consistencies(), st.data())
def test_a_consistency_proof_fails_with_any_bit_of_a_root_or_step_flipped(case, data):
    old, leaves, proof = case
    roots = [root_of(leaves[:old]), root_of(leaves)]

    old_root, new_root, *steps = with_flipped_bit(data, [*roots, *proof])

    assert not verify_consistency(old, len(leaves), old_root, new_root, steps)


@given(consistencies(), st.binary(min_size=32, max_size=32))
def test_a_consistency_proof_of_another_length_fails(case, extra):
    old, leaves, proof = case
    new, roots = len(leaves), (root_of(leaves[:old]), root_of(leaves))

    wrong = [
        [*proof, extra],
        [extra, *proof],
        [*proof, b""],
        *(proof[:n] for n in range(len(proof))),
    ]

    assert not any(verify_consistency(old, new, *roots, other) for other in wrong)


@pytest.mark.parametrize(("old", "new", "old_root"), [(0, 8, ROOTS[1]), (8, 8, ROOTS[7])])
def test_no_proof_makes_up_for_a_wrong_root_where_none_is_needed(old, new, old_root):
    roots = bytes.fromhex(old_root), bytes.fromhex(ROOTS[8])

    consistent = verify_consistency(old, new, *roots, [])

    assert not consistent


@pytest.mark.parametrize(("old", "new"), [(0, 0), (0, 8), (8, 8)])
def test_a_proof_where_none_is_needed_fails(old, new):
    roots = bytes.fromhex(ROOTS[old]), bytes.fromhex(ROOTS[new])

    consistent = verify_consistency(old, new, *roots, [LEAVES[0]])

    assert not consistent


@pytest.mark.parametrize("index", [-1, 8])
def test_a_question_about_a_place_outside_the_log_is_a_mistake(index):
    with pytest.raises(ValueError, match="no leaf"):
        inclusion_proof(index, LEAVES)
    with pytest.raises(ValueError, match="no leaf"):
        verify_inclusion(index, 8, LEAVES[0], [], LEAVES[0])


@pytest.mark.parametrize("old", [-1, 9])
def test_a_question_about_a_prefix_longer_than_the_log_is_a_mistake(old):
    with pytest.raises(ValueError, match="no first"):
        consistency_proof(old, LEAVES)
    with pytest.raises(ValueError, match="no first"):
        verify_consistency(old, 8, LEAVES[0], LEAVES[0], [])
