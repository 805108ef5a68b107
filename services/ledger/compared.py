"""A log held against a copy of it: what differs, and whether the copy may take its place."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from psycopg2.extensions import cursor

from services.ledger.copies import Copy
from services.ledger.sides import Difference, Keep, Sides, Unrestorable, size_of
from shared.log.checkpoint import Checkpoint, CheckpointError
from shared.log.keys import NoteError, Verifier
from shared.log.trust import Term, open_trusted, trusted
from shared.log.verify import Bad, verify_entries


class Signed(NamedTuple):
    """A size, and the root of 32 bytes that was signed for it."""

    size: int
    root: bytes


def compared(
    at: cursor, copy: Copy, origin: str, verifiers: Sequence[Verifier], last: Signed | None,
    keep: Keep = lambda _: None,
) -> Difference:
    """Hold a log against a copy, entry by entry, in one pass.

    Behind the copy's end the log's own entries stand, if they go on from it.

    Args:
        at: on the log's database.
        origin: of the log.
        verifiers: its keys as handed out, oldest first.
        last: what was signed last, as the relay keeps it outside the database.
        keep: told each row as it must be, where the log has it otherwise.

    Raises:
        Unrestorable: the copy is not what was signed, or does not reach as far.
    """
    side, there, kept = Sides(at, copy, keep), _notes(at), copy.notes()
    for size in (*there, *map(size_of, (copy.note, *kept)), last.size if last else None):
        if size is not None:
            side.want(size)
    outcome = verify_entries(side.rows(), (), origin=origin, verifiers=verifiers)
    if isinstance(outcome, Bad):
        raise Unrestorable(
            f"第{outcome.position}条不成立 With this copy the log would not hold at"
            f" {outcome.position}: {outcome.reason}."
        )
    found, roots = side.found, side.roots
    terms = trusted(verifiers, side.rotations, known=found.size)
    promised = _promised(copy, origin, terms)
    if promised.size > found.copied or roots[promised.size] != promised.root:
        raise Unrestorable(
            f"副本与其签名不符 The copy is not the {promised.size} entries that were signed."
        )
    signed = {size: _opened(note, origin, terms) for size, note in there.items()}
    _reaches(at, found, roots, [one for one in signed.values() if one], last)
    found.other_notes = [
        size for size, one in signed.items()
        if one is None or one.size != size or roots[size] != one.root
    ]
    held = {size for size in there if size not in found.other_notes}
    for note in (*kept, *side.handed, copy.note):
        one = _opened(note, origin, terms)
        if one and one.size not in held and roots.get(one.size) == one.root:
            found.lost_notes.append((one, note))
            held.add(one.size)
    found.signed = max([*held, *([last.size] if last else [])])
    return found


def _notes(at: cursor) -> dict[int, str]:
    at.execute("SELECT size, note FROM log.checkpoint ORDER BY size")
    return dict(at.fetchall())


def _promised(copy: Copy, origin: str, terms: Sequence[Term]) -> Checkpoint:
    try:
        return open_trusted(copy.note, origin, terms)
    except (NoteError, CheckpointError) as wrong:
        raise Unrestorable(
            f"副本的检查点不可信 The copy's checkpoint is not to be trusted: {wrong.code}."
        ) from wrong


def _opened(note: str, origin: str, terms: Sequence[Term]) -> Checkpoint | None:
    try:
        return open_trusted(note, origin, terms)
    except (NoteError, CheckpointError):
        return None


def _reaches(
    at: cursor, found: Difference, roots: Mapping[int, bytes], signed: Sequence[Checkpoint],
    last: Signed | None,
) -> None:
    """Nothing that was signed or numbered may be missing after.

    A checkpoint of another root within the copy is another history, which the log's key has signed
    too; behind the copy's end nobody can say which of them is right.
    """
    at.execute("SELECT next_position FROM log.sequence")
    ((numbered,),) = at.fetchall()
    most = max((one.size for one in signed), default=0)
    for size, what in ((last.size if last else 0, "signed (.last)"), (most, "signed"),
                       (numbered, "numbered")):
        if size > found.size:
            raise Unrestorable(
                f"副本只有{found.copied}条 The copy has {found.copied} entries, and {size} were"
                f" {what}: entries {found.size} to {size - 1} are in neither. Take a longer copy."
            )
    if any(one.size > found.copied and roots.get(one.size) != one.root for one in signed):
        raise Unrestorable(
            f"副本之后的记录不可信 Behind the copy's {found.copied} entries the log is not what"
            " was signed. Take a longer copy."
        )
    if last and roots[last.size] != last.root:
        raise Unrestorable(
            f"与最后一次签名不符 The relay signed another root at {last.size} last (.last). Compare"
            " `evidence` and the city's copy first; only if the copy is right, move .last aside."
        )
