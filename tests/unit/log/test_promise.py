"""A promise: what it says, whose word it is, and what keeps it."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from shared.log.checkpoint import Checkpoint, CheckpointError, open_checkpoint, sign_checkpoint
from shared.log.note import NoteError, Signer
from shared.log.promise import Promise, PromiseError, open_promise, sign_promise
from shared.log.proof import Proof, ProofError
from shared.log.tree import inclusion_proof, leaf_hash, root_of

ORIGIN = "fuquan/mudan/cases"
STREAM = UUID("80ef552f-dad6-5b03-9c32-fd2a0a58059e")
SIGNER = Signer.generate(ORIGIN)
LEAVES = [leaf_hash(entry) for entry in (b"a", b"b", b"c")]
PROMISE = Promise(ORIGIN, STREAM, 4, LEAVES[1], datetime(2023, 7, 6, 1, 0, tzinfo=UTC))


def test_a_promise_is_a_short_text_that_anyone_can_read():
    assert PROMISE.text() == (
        "fuquan-promise/v1\nfuquan/mudan/cases\n80ef552f-dad6-5b03-9c32-fd2a0a58059e 4\n"
        # SHA-256 of a zero byte and b, as RFC 6962 hashes a leaf, by `openssl dgst`
        "V+s1YV1H807HFMrN9f10YIpejhAnJOgLJLKHwMJ7ajE=\nby 2023-07-06T01:00:00+00:00\n"
    )


def test_a_signed_promise_is_read_back_by_who_trusts_the_log():
    note = sign_promise(PROMISE, SIGNER)

    assert open_promise(note, ORIGIN, [SIGNER.verifier]) == PROMISE


@pytest.mark.parametrize("alter", [
    lambda note: note.replace("fuquan/mudan/cases\n", "fuquan/other/cases\n"),
    lambda note: note.replace(" 4\n", " 5\n"),
    lambda note: note.replace("2023", "2033"),
])
def test_a_promise_that_was_altered_is_nobodys_word(alter):
    with pytest.raises(NoteError) as wrong:
        open_promise(alter(sign_promise(PROMISE, SIGNER)), ORIGIN, [SIGNER.verifier])

    assert wrong.value.code == "bad-signature"


def test_another_key_cannot_promise_for_the_log():
    note = sign_promise(PROMISE, Signer.generate(ORIGIN))

    with pytest.raises(NoteError) as wrong:
        open_promise(note, ORIGIN, [SIGNER.verifier])

    assert wrong.value.code == "unknown-key"


def test_another_trusted_key_cannot_promise_for_the_log():
    other = Signer.generate("fuquan/mudan/catalog")

    with pytest.raises(NoteError) as wrong:
        open_promise(sign_promise(PROMISE, other), ORIGIN, [SIGNER.verifier, other.verifier])

    assert wrong.value.code == "unknown-key"


def test_a_promise_of_another_log_is_not_this_ones():
    other = Promise("fuquan/mudan/catalog", STREAM, 4, LEAVES[1], PROMISE.by)

    with pytest.raises(PromiseError) as wrong:
        open_promise(sign_promise(other, SIGNER), ORIGIN, [SIGNER.verifier])

    assert wrong.value.code == "wrong-origin"


def test_a_promise_is_never_taken_for_a_checkpoint_nor_a_checkpoint_for_a_promise():
    checkpoint = sign_checkpoint(Checkpoint(ORIGIN, 3, root_of(LEAVES)), SIGNER)

    with pytest.raises(CheckpointError):
        open_checkpoint(sign_promise(PROMISE, SIGNER), ORIGIN, [SIGNER.verifier])
    with pytest.raises(PromiseError):
        open_promise(checkpoint, ORIGIN, [SIGNER.verifier])


@pytest.mark.parametrize("text", [
    "", "fuquan-promise/v1\n", PROMISE.text().replace(" 4\n", " 04\n"),
    PROMISE.text().replace("+00:00", "Z"), PROMISE.text().replace("80ef", "80EF"),
    PROMISE.text().replace("V+s1", "V+s"), PROMISE.text() + "more\n",
    PROMISE.text().replace("/v1", "/v2"),
])
def test_a_text_of_another_spelling_is_no_promise(text: str):
    with pytest.raises(PromiseError) as wrong:
        Promise.parse(text)

    assert wrong.value.code == "malformed"


def proof_of(index: int, leaves: list[bytes]) -> Proof:
    note = sign_checkpoint(Checkpoint(ORIGIN, len(leaves), root_of(leaves)), SIGNER)
    return Proof(index, tuple(inclusion_proof(index, leaves)), note)


def test_a_proof_of_the_promised_entry_keeps_the_promise():
    PROMISE.kept_by(proof_of(1, LEAVES), [SIGNER.verifier])


def test_a_proof_of_another_entry_does_not_keep_it():
    with pytest.raises(ProofError) as wrong:
        PROMISE.kept_by(proof_of(2, LEAVES), [SIGNER.verifier])

    assert wrong.value.code == "not-included"
