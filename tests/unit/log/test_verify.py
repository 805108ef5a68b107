"""The offline verifier: whatever is done to a log, it names the first bad position."""

import json
from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.log.checkpoint import Checkpoint, sign_checkpoint
from shared.log.signer import FileKey
from shared.log.tree import leaf_hash, root_of
from shared.log.verify import Bad, Recorded, Verified, verify_entries

ORIGIN = "fuquan/shanting/delegation"
SIGNER = FileKey.generate(ORIGIN)
STREAMS = [UUID(int=n) for n in range(3)]


def entry(position: int, stream: UUID, version: int, previous: int | None, item: str) -> Recorded:
    envelope = json.dumps(
        {
            "data": {"item_id": item}, "source": "delegation", "stream": str(stream),
            "type": "delegation.ItemDelegated", "version": version,
        }
    ).encode()
    type_ = "delegation.ItemDelegated"
    leaf = leaf_hash(envelope)
    return Recorded(position, previous, type_, stream, version, envelope, leaf)


# Three streams in turns: position 3 continues the stream of 0, and so on.
LOG = [
    entry(n, STREAMS[n % 3], n // 3 + 1, n - 3 if n >= 3 else None, f"ST21-{n:02}")
    for n in range(9)
]


def checkpoint(size: int, of: list[Recorded] = LOG, signer: FileKey = SIGNER) -> str:
    root = root_of(leaf_hash(one.envelope) for one in of[:size])
    return sign_checkpoint(Checkpoint(ORIGIN, size, root), signer)


def check(entries: list[Recorded], *sizes: int) -> Verified | Bad:
    return verify_entries(
        entries, [checkpoint(size) for size in sizes], origin=ORIGIN, verifiers=[SIGNER.verifier]
    )


def renumbered(entries: list[Recorded]) -> list[Recorded]:
    return [replace(one, position=n) for n, one in enumerate(entries)]


def test_an_untouched_log_holds_and_is_vouched_for_up_to_its_last_checkpoint():
    outcome = check(LOG, 0, 4, 8)

    assert outcome == Verified(9, root_of(leaf_hash(one.envelope) for one in LOG), vouched=8)


def test_an_empty_log_holds():
    outcome = check([], 0)

    assert outcome == Verified(0, root_of([]), vouched=0)


@pytest.mark.rule("R123")
def test_an_altered_payload_is_named_by_its_position():
    altered = LOG[4].envelope.replace(b"ST21-04", b"ST21-40")
    log = [*LOG[:4], replace(LOG[4], envelope=altered), *LOG[5:]]

    outcome = check(log, 9)

    assert outcome == Bad(4, "altered", vouched=0)


def test_an_altered_payload_with_its_hash_altered_too_is_found_behind_the_last_good_checkpoint():
    altered = LOG[4].envelope.replace(b"ST21-04", b"ST21-40")
    log = [
        *LOG[:4], replace(LOG[4], envelope=altered, leaf_hash=leaf_hash(altered)), *LOG[5:],
    ]

    outcome = check(log, 2, 4, 6, 9)

    assert outcome == Bad(4, "root", vouched=4)


@pytest.mark.parametrize("gone", range(8))
def test_a_deleted_entry_leaves_a_hole_at_its_position(gone):
    outcome = check([*LOG[:gone], *LOG[gone + 1 :]], 9)

    assert outcome == Bad(gone, "missing", vouched=0)


def test_a_cut_off_end_is_missing():
    outcome = check(LOG[:7], 5, 9)

    assert outcome == Bad(7, "missing", vouched=5)


def test_a_deleted_entry_whose_hole_was_closed_shows_at_the_next_of_its_stream():
    outcome = check(renumbered([*LOG[:2], *LOG[3:]]), 2, 8)

    assert outcome == Bad(4, "stream-order", vouched=2)


def test_an_inserted_entry_with_every_number_moved_up_shows_at_the_next_of_its_stream():
    forged = entry(4, STREAMS[0], 3, 3, "ST21-99")

    outcome = check(renumbered([*LOG[:4], forged, *LOG[4:]]), 4)

    assert outcome == Bad(7, "stream-order", vouched=4)


def test_an_inserted_stream_of_its_own_changes_the_root():
    forged = entry(9, UUID(int=77), 1, None, "ST21-99")

    outcome = verify_entries(
        [*LOG, forged], [checkpoint(9), checkpoint(10, [*LOG, LOG[0]])],
        origin=ORIGIN, verifiers=[SIGNER.verifier],
    )

    assert outcome == Bad(9, "root", vouched=9)


def test_a_second_entry_at_one_position_is_out_of_order():
    outcome = check([*LOG[:4], LOG[3], *LOG[4:]], 9)

    assert outcome == Bad(4, "out-of-order", vouched=0)


def test_two_swapped_envelopes_are_named_by_the_first():
    log = [
        *LOG[:3], replace(LOG[3], envelope=LOG[4].envelope),
        replace(LOG[4], envelope=LOG[3].envelope), *LOG[5:],
    ]

    outcome = check(log, 9)

    assert outcome == Bad(3, "altered", vouched=0)


def test_two_swapped_entries_of_one_stream_break_its_order():
    log = [*LOG[:3], replace(LOG[6], position=3), *LOG[4:6], replace(LOG[3], position=6), *LOG[7:]]

    outcome = check(log, 9)

    assert outcome == Bad(3, "stream-order", vouched=0)


@pytest.mark.parametrize(
    "changed",
    [{"type": "delegation.ItemRecalled"}, {"stream": UUID(int=5)}, {"version": 3}],
    ids=["type", "stream", "version"],
)
def test_a_label_that_differs_from_its_envelope_is_named(changed):
    outcome = check([*LOG[:5], replace(LOG[5], **changed), *LOG[6:]], 9)

    assert outcome == Bad(5, "mislabelled", vouched=0)


def test_an_entry_of_another_log_is_mislabelled():
    outcome = verify_entries(LOG, [], origin="fuquan/shanting/cases", verifiers=[])

    assert outcome == Bad(0, "mislabelled", vouched=0)


@pytest.mark.parametrize("junk", [b"", b"{", b"[]", b"{}", b"\xff", b"[" * 100_000])
def test_what_is_no_envelope_is_named(junk):
    log = [LOG[0], replace(LOG[1], envelope=junk, leaf_hash=b"")]

    outcome = check(log)

    assert outcome == Bad(1, "no-envelope", vouched=0)


def test_a_checkpoint_of_another_key_vouches_for_nothing():
    forged = checkpoint(9, signer=FileKey.generate(ORIGIN))

    outcome = verify_entries(
        LOG, [checkpoint(3), forged], origin=ORIGIN, verifiers=[SIGNER.verifier]
    )

    assert outcome == Bad(3, "checkpoint-unknown-key", vouched=3)


def test_two_roots_signed_for_one_size_are_a_fork():
    fork = checkpoint(4, [*LOG[:3], LOG[8]])

    outcome = verify_entries(
        LOG, [checkpoint(4), fork], origin=ORIGIN, verifiers=[SIGNER.verifier]
    )

    assert outcome == Bad(4, "root", vouched=4)


@given(place=st.integers(0, 8), at=st.integers(0), value=st.integers(1, 255))
def test_no_altered_byte_goes_unnoticed_without_recorded_hashes(place, at, value):
    changed = bytearray(LOG[place].envelope)
    changed[at % len(changed)] ^= value
    log = [replace(one, leaf_hash=b"") for one in LOG]
    log[place] = replace(log[place], envelope=bytes(changed))

    outcome = check(log, *range(10))

    assert isinstance(outcome, Bad)
    assert outcome.position == place


def test_a_log_that_ends_before_what_was_signed_last_misses_its_end():
    outcome = verify_entries(
        LOG[:7], [checkpoint(5)], origin=ORIGIN, verifiers=[SIGNER.verifier],
        last=(9, root_of(leaf_hash(one.envelope) for one in LOG)),
    )

    assert outcome == Bad(7, "missing", vouched=5)


def test_another_history_than_was_signed_last_has_another_root_though_no_checkpoint_is_left():
    altered = LOG[4].envelope.replace(b"ST21-04", b"ST21-40")
    log = [*LOG[:4], replace(LOG[4], envelope=altered, leaf_hash=leaf_hash(altered)), *LOG[5:]]
    last = (8, root_of(leaf_hash(one.envelope) for one in LOG[:8]))

    outcome = verify_entries(log, [], origin=ORIGIN, verifiers=[], last=last)

    assert outcome == Bad(0, "root", vouched=0)
    assert isinstance(verify_entries(LOG, [], origin=ORIGIN, verifiers=[], last=last), Verified)


def test_checkpoints_out_of_order_are_named_and_no_fault():
    outcome = check(LOG, 4, 8, 6)

    assert outcome == Bad(8, "checkpoint-order", vouched=8)
