"""Which key may sign which checkpoint of a log: what the log itself says of its keys (keys.md)."""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from uuid import NAMESPACE_URL, UUID, uuid5

from shared.log.checkpoint import MAX_SIZE, Checkpoint, CheckpointError
from shared.log.keys import ED25519, SM2, Algorithm, NoteError, Verifier
from shared.log.note import open_note, sign
from shared.log.signer import Signer
from shared.log.sm3 import sm3_root

ROTATED = "SigningKeyRotated"  # the event, of each service's own log
NEVER = MAX_SIZE


@dataclass(frozen=True)
class Rotation:
    """A key hands over to the next one, by an event at *position* of the log that they sign."""

    position: int
    old: Verifier
    new: Verifier


def rotation_in(position: int, envelope: bytes) -> Rotation | None:
    """What a ``SigningKeyRotated`` says; None for what is none, or names no keys."""
    try:
        told = json.loads(envelope)
        if told["type"] != f"{told['source']}.{ROTATED}":
            return None
        old, new = (Verifier.parse(str(told["data"][name])) for name in ("old_key", "new_key"))
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return Rotation(position, old, new)


@dataclass(frozen=True)
class Term:
    """A key, and the sizes of the checkpoints that it may sign.

    Args:
        since: the smallest.
        until: the largest, which is the position of the event that ended it; None: no end yet.
    """

    key: Verifier
    since: int
    until: int | None = None

    def covers(self, size: int) -> bool:
        """Whether a checkpoint of *size* entries is for this key to sign."""
        return self.since <= size and (self.until is None or size <= self.until)


def trusted(
    keys: Sequence[Verifier], rotations: Iterable[Rotation], known: int = 0
) -> tuple[Term, ...]:
    """The terms of a log's keys, oldest first within each algorithm.

    The first key of each algorithm is believed on the word of whoever handed it out. Every later
    one is believed because the log, under the key before it, says so; handed out as well, it may
    sign what lies beyond the *known* part of the log, where that event may still be to come.

    Args:
        keys: as handed out, oldest first.
        rotations: as the log tells them, in its order; one by a key that is not trusted then
            counts for nothing.
        known: how many entries of the log they were read from.
    """
    terms: list[Term] = []
    for key in keys:
        if not any(term.key.algorithm == key.algorithm for term in terms):
            terms.append(Term(key, 0))
    for rotation in rotations:
        old, new = rotation.old, rotation.new
        mine = next((at for at, one in enumerate(terms) if (one.key, one.until) == (old, None)), -1)
        seen = any(term.key == new for term in terms)
        if mine < 0 or seen or (old.name, old.algorithm) != (new.name, new.algorithm):
            continue
        terms[mine] = replace(terms[mine], until=rotation.position)
        terms.append(Term(new, rotation.position + 1))
    told = [term.key for term in terms]
    return (*terms, *(Term(key, known + 1) for key in dict.fromkeys(keys) if key not in told))


def untold(keys: Sequence[Verifier], rotations: Iterable[Rotation]) -> list[Verifier]:
    """Later keys handed out, to which no rotation leads: of a whole log, the end is cut off."""
    founded = [term.key for term in trusted(keys, rotations, known=NEVER) if term.since <= NEVER]
    return [key for key in keys if key not in founded]


def open_trusted(
    note: bytes | str, origin: str, terms: Sequence[Term], *, after: int | None = None
) -> Checkpoint:
    """Check a signed checkpoint of one log under keys that change, and read it.

    Args:
        note: any bytes or text whatever.
        origin: the log it must be of.
        terms: as `trusted` gives them.
        after: size of the checkpoint before it; None where it is not known. The first one that
            covers a rotation is signed by both keys.

    Raises:
        NoteError: as `open_note`; ``retired-key``: signed by a key whose term was over;
            ``not-handed-over``: covers a rotation, and one of its two keys has not signed;
            ``no-sm2``: has an SM3 root, and the log's SM2 key has not signed.
        CheckpointError: ``malformed``, ``wrong-origin``.
    """
    opened = open_note(note, [term.key for term in terms])
    checkpoint = Checkpoint.parse(opened.text)
    if checkpoint.origin != origin:
        raise CheckpointError("wrong-origin", f"a checkpoint of {checkpoint.origin!r}")
    _in_term(checkpoint, opened.keys, terms)
    for term in terms:
        ends_here = after is not None and term.until is not None and (
            after <= term.until < checkpoint.size
        )
        if ends_here and term.key.algorithm in _used(checkpoint) and term.key not in opened.keys:
            raise NoteError("not-handed-over", f"{term.key} has not signed its own rotation")
    return checkpoint


def _in_term(checkpoint: Checkpoint, by: Collection[Verifier], terms: Sequence[Term]) -> None:
    """A key of each algorithm in use must have signed within its term."""
    for algorithm in _used(checkpoint):
        known = [term for term in terms if term.key.algorithm == algorithm]
        signed = [term for term in known if term.key in by]
        if not known or any(term.covers(checkpoint.size) for term in signed):
            continue
        if any(term.until is not None and term.until < checkpoint.size for term in signed):
            raise NoteError("retired-key", f"size {checkpoint.size}, by a key no longer in use")
        code = "no-sm2" if algorithm == SM2 else "unknown-key"
        raise NoteError(code, f"size {checkpoint.size}: no {algorithm.name} key in use has signed")


def _used(checkpoint: Checkpoint) -> tuple[Algorithm, ...]:
    return (ED25519,) if sm3_root(checkpoint) is None else (ED25519, SM2)


def handed_over(note: bytes | str, rotation: Rotation) -> bool:
    """Whether both keys have signed *note*, the first checkpoint that covers the rotation."""
    try:
        return set(open_note(note, [rotation.old, rotation.new]).keys) == {
            rotation.old, rotation.new,
        }
    except NoteError:
        return False


def stream_of(key: Verifier) -> UUID:
    """The stream in which the end of a key is recorded; so a key can hand over once."""
    return uuid5(NAMESPACE_URL, f"fuquan:signing-key:{key}")


def statement(old: Signer, new: Signer) -> str:
    """The signed note by which two keys ask for a rotation: neither can without the other."""
    return sign(statement_text(old.verifier, new.verifier), old, new)


def statement_text(old: Verifier, new: Verifier) -> str:
    """What both keys sign."""
    return f"{old.name}\nrotate {old}\nto {new}\n"


def stated(note: str, old: Verifier, new: Verifier) -> bool:
    """Whether both keys, each, ask for this very rotation; NoteError where a signature is wrong."""
    opened = open_note(note, [old, new])
    return opened.text == statement_text(old, new) and {old, new} == set(opened.keys)
