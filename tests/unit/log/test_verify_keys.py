"""The offline verifier over a log whose keys change, and that has a second root."""

import json
from uuid import UUID

import pytest

from shared.log.checkpoint import Checkpoint, sign_checkpoint
from shared.log.signer import FileKey, OpenSslSm2
from shared.log.sm3 import extension, sm3_leaf, sm3_range
from shared.log.tree import leaf_hash, root_of
from shared.log.trust import stream_of
from shared.log.verify import Bad, Recorded, Verified, verify_entries

ORIGIN = "fuquan/shanting/cases"
ONE, TWO, THREE = (FileKey.generate(ORIGIN) for _ in range(3))


def entry(position, type_="cases.CaseAccepted", stream=None, **data):
    stream = stream or UUID(int=position)
    envelope = json.dumps({
        "type": type_, "source": "cases", "stream": str(stream), "version": 1, "data": data,
    }).encode()
    return Recorded(position, None, type_, stream, 1, envelope, leaf_hash(envelope))


def rotation(position, old, new):
    return entry(
        position, "cases.SigningKeyRotated", stream_of(old.verifier),
        old_key=str(old.verifier), new_key=str(new.verifier),
    )


# The third entry hands over from the first key to the second.
LOG = [entry(0), entry(1), rotation(2, ONE, TWO), *map(entry, range(3, 8))]


def signed(size, *signers, of=LOG, second=None):
    extensions = () if second is None else (extension(second),)
    root = root_of(leaf_hash(one.envelope) for one in of[:size])
    return sign_checkpoint(Checkpoint(ORIGIN, size, root, extensions), *signers)


def sm3(size):
    log = sm3_range()
    log.extend(sm3_leaf(one.envelope) for one in LOG[:size])
    return log.root()


def check(*notes, keys=(ONE,), of=LOG, whole=True):
    return verify_entries(
        of, notes, origin=ORIGIN, verifiers=[key.verifier for key in keys], whole=whole
    )


@pytest.mark.parametrize("keys", [(ONE,), (ONE, TWO)])
def test_a_log_whose_key_changed_holds_under_the_first_key_alone_or_both(keys):
    outcome = check(signed(2, ONE), signed(4, ONE, TWO), signed(8, TWO), keys=keys)

    assert outcome == Verified(8, root_of(leaf_hash(one.envelope) for one in LOG), vouched=8)


def test_a_checkpoint_by_the_retired_key_alone_is_refused():
    outcome = check(signed(4, ONE, TWO), signed(8, ONE))

    assert outcome == Bad(4, "checkpoint-retired-key", vouched=4)


def test_the_first_checkpoint_over_the_rotation_needs_both_keys():
    assert check(signed(2, ONE), signed(4, TWO)) == Bad(2, "checkpoint-not-handed-over", vouched=2)
    assert check(signed(2, ONE), signed(4, ONE)) == Bad(2, "checkpoint-retired-key", vouched=2)


def test_a_rotation_by_whoever_writes_the_database_leads_to_no_trusted_key():
    forged = [*LOG[:2], rotation(2, THREE, TWO), *LOG[3:]]

    outcome = check(signed(8, TWO, of=forged), of=forged)

    assert outcome == Bad(0, "checkpoint-unknown-key", vouched=0)


def test_a_log_cut_off_before_the_rotation_is_found_short_by_who_has_the_new_key():
    cut = LOG[:2]

    assert check(signed(2, ONE), of=cut, keys=(ONE, TWO)) == Bad(2, "missing", vouched=2)
    assert check(signed(2, ONE), of=cut, keys=(ONE, TWO), whole=False).vouched == 2


@pytest.fixture(scope="module")
def sm2(tmp_path_factory):
    return OpenSslSm2.create(tmp_path_factory.mktemp("keys") / "sm2.key", ORIGIN)


def test_the_second_root_holds_where_a_checkpoint_has_one(sm2):
    notes = [signed(2, ONE), signed(4, ONE, TWO, sm2, second=sm3(4)),
             signed(8, TWO, sm2, second=sm3(8))]

    assert check(*notes, keys=(ONE, sm2)).vouched == 8


def test_a_second_root_that_is_not_the_entries_is_named(sm2):
    notes = [signed(2, ONE, sm2, second=sm3(2)), signed(4, ONE, TWO, sm2, second=sm3(3))]

    assert check(*notes, keys=(ONE, sm2)) == Bad(2, "sm3-root", vouched=2)


def test_a_second_root_without_the_sm2_line_is_refused(sm2):
    outcome = check(signed(2, ONE, second=sm3(2)), keys=(ONE, sm2))

    assert outcome == Bad(0, "checkpoint-no-sm2", vouched=0)


def test_who_has_no_sm2_key_passes_over_both_lines(sm2):
    outcome = check(signed(2, ONE, sm2, second=bytes(32)), keys=(ONE,))

    assert outcome.vouched == 2


def test_a_changed_entry_is_named_though_a_checkpoint_behind_it_is_no_good():
    altered = Recorded(1, None, LOG[1].type, LOG[1].stream, 1, LOG[1].envelope, bytes(32))

    outcome = check(signed(4, THREE), of=[LOG[0], altered, *LOG[2:]])

    assert outcome == Bad(1, "altered", vouched=0)
