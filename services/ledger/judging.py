"""What a witness makes of a checkpoint that it is shown; pure."""

from collections.abc import Callable, Iterable
from enum import StrEnum

from shared.log.checkpoint import Checkpoint
from shared.log.tree import Range

Root = Callable[[int], bytes | None]


class Verdict(StrEnum):
    """What is to be done with a well signed checkpoint.

    ``NEW``: the copy has just these entries: vouch for it. ``KNOWN``: not longer than what was
    vouched for, and part of it. ``AHEAD``: the copy does not reach so far. ``FORK``: no one
    history has both this and what was vouched for. ``DIFFERS``: not the copy's entries, and
    nothing proves two histories. ``ALTERED``: the copy is no longer what was vouched for.
    """

    NEW = "new"
    KNOWN = "known"
    AHEAD = "ahead"
    FORK = "fork"
    DIFFERS = "differs"
    ALTERED = "altered"


def judged(trusted: Checkpoint | None, shown: Checkpoint, root: Root) -> Verdict:
    """What *shown* is to a witness who has vouched for *trusted*.

    Args:
        trusted: the largest checkpoint vouched for; None before the first.
        shown: of the same log, its signature checked.
        root: of the first so many entries of the witness's own copy, 32 bytes; None if it has less.
    """
    if trusted is not None and trusted.size == shown.size:
        return Verdict.KNOWN if trusted.root == shown.root else Verdict.FORK
    if (ours := root(shown.size)) is None:
        return Verdict.AHEAD
    if trusted is not None and root(trusted.size) != trusted.root:
        return Verdict.ALTERED
    longer = trusted is None or shown.size > trusted.size
    if ours == shown.root:
        return Verdict.NEW if longer else Verdict.KNOWN
    # a shorter one that is no beginning of what was vouched for belongs to another history
    return Verdict.DIFFERS if longer else Verdict.FORK


def forked(trusted: Checkpoint | None, shown: Checkpoint, leaves: Iterable[bytes]) -> bool:
    """Whether a longer checkpoint is of a history without *trusted*: then both were signed.

    Args:
        leaves: hashes of 32 bytes that the log itself shows, from the first on; only what gives
            the root that was signed speaks against it.
    """
    if trusted is None or trusted.size >= shown.size:
        return False
    theirs, before = Range(), Range().root()
    for leaf in leaves:
        if theirs.size == trusted.size:
            before = theirs.root()
        if theirs.size == shown.size:
            break
        theirs.append(leaf)
    signed = theirs.size == shown.size and theirs.root() == shown.root
    return signed and before != trusted.root
