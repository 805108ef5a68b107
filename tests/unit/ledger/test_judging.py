"""What a witness makes of a checkpoint; the trees are of made-up leaves."""

import pytest

from services.ledger.judging import Verdict, forked, judged
from shared.log.checkpoint import Checkpoint
from shared.log.tree import leaf_hash, root_of

OURS = [leaf_hash(f"entry {nth}".encode()) for nth in range(20)]
OTHER = [*OURS[:3], leaf_hash(b"altered"), *OURS[4:]]  # another history from entry 3 on


def of(leaves, size):
    return Checkpoint("fuquan/county/cases", size, root_of(leaves[:size]))


def ours(size):
    """The copy has 12 entries."""
    return root_of(OURS[:size]) if size <= 12 else None


@pytest.mark.parametrize(
    ("trusted", "shown", "verdict"),
    [
        (None, of(OURS, 12), Verdict.NEW),
        (of(OURS, 8), of(OURS, 12), Verdict.NEW),
        (of(OURS, 8), of(OURS, 8), Verdict.KNOWN),
        (of(OURS, 8), of(OURS, 2), Verdict.KNOWN),
        (of(OURS, 8), of(OURS, 13), Verdict.AHEAD),
        (None, of(OTHER, 13), Verdict.AHEAD),
        (of(OURS, 8), of(OTHER, 8), Verdict.FORK),
        (of(OURS, 8), of(OTHER, 5), Verdict.FORK),
        (of(OURS, 8), of(OTHER, 3), Verdict.KNOWN),
        (of(OURS, 8), of(OTHER, 12), Verdict.DIFFERS),
        (None, of(OTHER, 12), Verdict.DIFFERS),
        (of(OTHER, 8), of(OURS, 12), Verdict.ALTERED),
        (of(OTHER, 8), of(OURS, 5), Verdict.ALTERED),
        (of(OURS, 0), of(OURS, 12), Verdict.NEW),
    ],
    ids=[
        "the first", "a longer one", "the same again", "an older one", "longer than the copy",
        "longer than the first copy", "two roots for one size", "a shorter one of another history",
        "a shorter one before they part", "a longer one of another history",
        "the first is not the copy's", "the copy itself was changed",
        "the copy itself was changed, a shorter one", "after the empty log",
    ],
)
def test_a_checkpoint_is_judged_against_what_was_vouched_for_and_the_copy(
    trusted, shown, verdict
):
    assert judged(trusted, shown, ours) is verdict


def test_a_longer_history_without_the_trusted_one_is_proven_by_its_own_leaves():
    assert forked(of(OURS, 8), of(OTHER, 12), OTHER[:12])
    assert forked(of(OURS, 8), of(OTHER, 12), OTHER)


@pytest.mark.parametrize(
    ("trusted", "shown", "leaves"),
    [
        (of(OURS, 8), of(OURS, 12), OURS),
        (of(OURS, 3), of(OTHER, 12), OTHER),
        (of(OURS, 8), of(OTHER, 12), OURS),
        (of(OURS, 8), of(OTHER, 12), OTHER[:11]),
        (None, of(OTHER, 12), OTHER),
        (of(OURS, 0), of(OTHER, 12), OTHER),
    ],
    ids=[
        "one history", "they part later", "leaves without the signed root", "leaves cut off",
        "nothing trusted", "nothing in what is trusted",
    ],
)
def test_nothing_is_proven_by_less(trusted, shown, leaves):
    assert not forked(trusted, shown, leaves)
