"""Which key may sign which checkpoint: the terms that the log itself gives its keys."""

import json

import pytest

from shared.log.checkpoint import Checkpoint, CheckpointError, sign_checkpoint
from shared.log.keys import ED25519, NoteError
from shared.log.signer import FileKey, OpenSslSm2
from shared.log.sm3 import extension
from shared.log.tree import root_of
from shared.log.trust import (
    Rotation,
    Term,
    handed_over,
    open_trusted,
    rotation_in,
    stated,
    statement,
    stream_of,
    trusted,
    untold,
)

ORIGIN = "fuquan/shanting/cases"
ONE, TWO, THREE = (FileKey.generate(ORIGIN) for _ in range(3))
FIRST, SECOND, THIRD = (signer.verifier for signer in (ONE, TWO, THREE))
TOLD = [Rotation(10, FIRST, SECOND)]


@pytest.fixture(scope="module")
def sm2(tmp_path_factory):
    return OpenSslSm2.create(tmp_path_factory.mktemp("keys") / "sm2.key", ORIGIN)


def checkpoint(size, *signers, extensions=()):
    return sign_checkpoint(Checkpoint(ORIGIN, size, root_of([]), extensions), *signers)


def refusal(note, terms, after=None):
    with pytest.raises((NoteError, CheckpointError)) as refused:
        open_trusted(note, ORIGIN, terms, after=after)
    return refused.value.code


def test_a_log_that_never_rotated_has_one_key_for_ever():
    assert trusted([FIRST], []) == (Term(FIRST, 0),)


def test_a_rotation_ends_the_old_term_at_its_position_and_begins_the_new_one_after_it():
    assert trusted([FIRST], TOLD) == (Term(FIRST, 0, 10), Term(SECOND, 11))


def test_whoever_hands_out_the_later_key_too_gets_the_same_terms():
    assert trusted([FIRST, SECOND], TOLD) == trusted([FIRST], TOLD)


def test_keys_hand_over_one_after_the_other():
    terms = trusted([FIRST], [*TOLD, Rotation(20, SECOND, THIRD)])

    assert terms == (Term(FIRST, 0, 10), Term(SECOND, 11, 20), Term(THIRD, 21))


@pytest.mark.parametrize(
    "bogus",
    [
        Rotation(10, THIRD, SECOND),
        Rotation(10, FIRST, FIRST),
        Rotation(10, FIRST, FileKey.generate("fuquan/other/cases").verifier),
    ],
    ids=["by a key that is not trusted", "to itself", "to another log's key"],
)
def test_a_rotation_that_is_none_counts_for_nothing(bogus):
    assert trusted([FIRST], [bogus]) == (Term(FIRST, 0),)


def test_a_key_that_has_handed_over_cannot_do_so_again():
    terms = trusted([FIRST], [*TOLD, Rotation(12, FIRST, THIRD)])

    assert terms == (Term(FIRST, 0, 10), Term(SECOND, 11))


def test_a_key_that_the_known_part_does_not_tell_of_may_sign_beyond_it_only():
    assert trusted([FIRST, SECOND], [], known=40) == (Term(FIRST, 0), Term(SECOND, 41))


def test_each_algorithm_has_its_own_succession(sm2):
    terms = trusted([FIRST, sm2.verifier, SECOND], TOLD)

    assert terms == (Term(FIRST, 0, 10), Term(sm2.verifier, 0), Term(SECOND, 11))


def test_a_later_key_to_which_no_rotation_leads_is_told_of_nowhere():
    assert untold([FIRST, SECOND], []) == [SECOND]
    assert untold([FIRST, SECOND], TOLD) == []
    assert untold([FIRST], []) == []


@pytest.mark.parametrize(
    ("size", "signers", "after"),
    [(10, (ONE,), 0), (11, (ONE, TWO), 0), (11, (TWO,), 11), (12, (TWO,), 11), (12, (TWO,), None)],
)
def test_the_old_key_signs_up_to_its_rotation_then_both_then_the_new_one(size, signers, after):
    opened = open_trusted(checkpoint(size, *signers), ORIGIN, trusted([FIRST], TOLD), after=after)

    assert opened.size == size


def test_the_retired_key_alone_is_refused_over_what_came_after_it():
    assert refusal(checkpoint(11, ONE), trusted([FIRST], TOLD), after=0) == "retired-key"
    assert refusal(checkpoint(50, ONE), trusted([FIRST, SECOND], TOLD)) == "retired-key"


def test_the_new_key_alone_is_refused_where_the_old_one_has_to_hand_over():
    assert refusal(checkpoint(11, TWO), trusted([FIRST], TOLD), after=10) == "not-handed-over"


def test_the_new_key_is_refused_before_its_term():
    assert refusal(checkpoint(10, TWO), trusted([FIRST], TOLD)) == "unknown-key"


def test_a_key_that_the_log_never_named_is_refused():
    assert refusal(checkpoint(12, THREE), trusted([FIRST], TOLD)) == "unknown-key"


def test_another_logs_checkpoint_is_refused_by_its_name():
    note = sign_checkpoint(Checkpoint("fuquan/other/cases", 3, root_of([])), ONE)

    assert refusal(note, trusted([FIRST], [])) == "wrong-origin"


def test_an_sm3_root_that_the_sm2_key_has_not_signed_is_refused(sm2):
    line = (extension(bytes(32)),)

    code = refusal(checkpoint(3, ONE, extensions=line), trusted([FIRST, sm2.verifier], []))

    assert code == "no-sm2"


def test_a_checkpoint_from_before_sm2_was_switched_on_needs_no_such_line(sm2):
    terms = trusted([FIRST, sm2.verifier], [])

    assert open_trusted(checkpoint(3, ONE), ORIGIN, terms).size == 3


def test_a_retired_sm2_key_is_refused_though_the_other_line_is_in_order(sm2, tmp_path):
    following = OpenSslSm2.create(tmp_path / "next.key", ORIGIN)
    rotations = [Rotation(5, sm2.verifier, following.verifier)]
    note = checkpoint(9, ONE, sm2, extensions=(extension(bytes(32)),))

    code = refusal(note, trusted([FIRST, sm2.verifier], rotations))

    assert code == "retired-key"


def test_both_keys_state_a_rotation_and_neither_can_alone():
    both = statement(ONE, TWO)

    assert stated(both, FIRST, SECOND)
    assert not stated(both.rpartition("— ")[0], FIRST, SECOND)
    assert not stated(statement(ONE, THREE), FIRST, SECOND)


def test_a_checkpoint_hands_over_if_both_keys_have_signed_it():
    assert handed_over(checkpoint(11, ONE, TWO), TOLD[0])
    assert not handed_over(checkpoint(11, TWO), TOLD[0])
    assert not handed_over("no note", TOLD[0])


def envelope(type_="cases.SigningKeyRotated", **data):
    keys = {"old_key": str(FIRST), "new_key": str(SECOND)}
    return json.dumps({"type": type_, "source": "cases", "data": keys | data}).encode()


def test_a_rotation_is_read_from_the_recorded_event():
    assert rotation_in(10, envelope()) == TOLD[0]
    assert FIRST.algorithm is ED25519


@pytest.mark.parametrize(
    "recorded",
    [
        b"garbage", b"[]", b"{}", envelope("cases.CaseAccepted"), envelope(old_key="none"),
        envelope(new_key=7), envelope("delegation.SigningKeyRotated"),
    ],
)
def test_what_is_no_rotation_is_read_as_none(recorded):
    assert rotation_in(10, recorded) is None


def test_every_key_has_a_stream_of_its_own_in_which_its_end_is_recorded():
    assert len({stream_of(key) for key in (FIRST, SECOND, THIRD)}) == 3
