"""tlog-proof: one text with index, path and checkpoint."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.log.checkpoint import Checkpoint, CheckpointError, sign_checkpoint
from shared.log.note import NoteError
from shared.log.proof import Proof, ProofError
from shared.log.signer import FileKey
from shared.log.tree import inclusion_proof, leaf_hash, root_of

ORIGIN = "fuquan/county/delegation"
LEAVES = [leaf_hash(bytes([nth])) for nth in range(5)]
SIGNER = FileKey.generate(ORIGIN)
KEYS = [SIGNER.verifier]


def proof_of(index, size=5, origin=ORIGIN):
    note = sign_checkpoint(Checkpoint(origin, size, root_of(LEAVES[:size])), SIGNER)
    return Proof(index, tuple(inclusion_proof(index, LEAVES[:size])), note)


def test_a_proof_is_a_head_a_path_and_a_checkpoint():
    text = proof_of(2).text()

    assert text.startswith("c2sp.org/tlog-proof@v1\nindex 2\n")
    assert text.split("\n\n")[1].startswith("fuquan/county/delegation\n5\n")
    assert Proof.parse(text) == proof_of(2)


def test_the_proof_of_a_lone_entry_has_no_path():
    text = proof_of(0, size=1).text()

    assert text.split("\n")[:3] == ["c2sp.org/tlog-proof@v1", "index 0", ""]
    assert Proof.parse(text).holds(LEAVES[0], ORIGIN, KEYS).size == 1


def test_a_proof_holds_for_its_leaf():
    assert proof_of(3).holds(LEAVES[3], ORIGIN, KEYS).size == 5


@pytest.mark.parametrize(("leaf", "origin", "proof", "code"), [
    (LEAVES[2], ORIGIN, proof_of(3), "not-included"),
    (LEAVES[3], "fuquan/county/cases", proof_of(3), "wrong-origin"),
    (LEAVES[3], ORIGIN, Proof(5, proof_of(3).path, proof_of(3).checkpoint), "wrong-size"),
    (LEAVES[3], ORIGIN, Proof(3, proof_of(3).path[:-1], proof_of(3).checkpoint), "not-included"),
    (LEAVES[3], ORIGIN, Proof(3, proof_of(3, size=4).path, proof_of(3).checkpoint), "not-included"),
])
def test_a_wrong_proof_is_refused_with_its_reason(leaf, origin, proof, code):
    with pytest.raises(ProofError) as wrong:
        proof.holds(leaf, origin, KEYS)
    assert wrong.value.code == code


def test_a_proof_under_an_unknown_key_is_refused():
    with pytest.raises(NoteError, match="no known key"):
        proof_of(3).holds(LEAVES[3], ORIGIN, [FileKey.generate(ORIGIN).verifier])


@pytest.mark.parametrize("damage", [
    lambda text: text.replace("@v1", "@v2"),
    lambda text: text.replace("index 2", "index 02"),
    lambda text: text.replace("index 2", "index -2"),
    lambda text: text.replace("index 2", "index ２"),
    lambda text: text.replace("index 2\n", ""),
    lambda text: text.replace("=\n", "\n", 1),
    lambda text: text.replace("\n\n", "\n", 1).replace("\n\n", "\n"),
    lambda text: text[:0],
])
def test_another_spelling_is_no_proof(damage):
    with pytest.raises(ProofError) as wrong:
        Proof.parse(damage(proof_of(2).text()))
    assert wrong.value.code == "malformed"


def test_a_proof_moved_to_another_index_is_not_included():
    moved = Proof(2, proof_of(3).path, proof_of(3).checkpoint)

    with pytest.raises(ProofError) as wrong:
        moved.holds(LEAVES[3], ORIGIN, KEYS)
    assert wrong.value.code == "not-included"


@pytest.mark.parametrize("size", [4, 6, 50])
def test_a_checkpoint_made_smaller_or_larger_has_no_good_signature(size):
    resized = Proof.parse(proof_of(3).text().replace("\n5\n", f"\n{size}\n"))

    with pytest.raises(NoteError) as wrong:
        resized.holds(LEAVES[3], ORIGIN, KEYS)
    assert wrong.value.code == "bad-signature"


def test_every_byte_of_a_proof_flipped_in_turn_is_detected():
    whole, chance = proof_of(3).text().encode(), Random(5)
    for place in range(len(whole)):
        bent = bytearray(whole)
        bent[place] ^= 1 << chance.randrange(8)
        assert refused(bytes(bent)), place


@given(st.binary() | st.binary().map(lambda tail: proof_of(3).text().encode()[:60] + tail))
def test_arbitrary_bytes_are_no_proof_and_no_fault(told):
    assert refused(told)


def refused(told):
    try:
        Proof.parse(told.decode("utf-8", "surrogateescape")).holds(LEAVES[3], ORIGIN, KEYS)
    except (ProofError, CheckpointError, NoteError):
        return True
    return False
