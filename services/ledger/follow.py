"""The city's mirror: a county's log over HTTP, every leaf verified, cosigned; forks refused."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from http import HTTPStatus
from typing import Any

from services.ledger.cosigning import signed_by
from services.ledger.folder import Folder, Mismatched, Spoilt, write
from services.ledger.judging import Verdict, forked, judged
from services.ledger.remote import Away, Remote
from shared.log.checkpoint import Checkpoint, CheckpointError
from shared.log.cosignature import Witness, cosign, cosigned
from shared.log.keys import NoteError, Verifier
from shared.log.note import split_note
from shared.log.signer import FileKey
from shared.log.tiles import WIDTH, Tile, Tree
from shared.log.tree import leaf_hash
from shared.log.trust import ROTATED, Rotation, handed_over, open_trusted, rotation_in, trusted

AWAY, REFUSED, BEHIND, VOUCHED = "away", "refused", "behind", "cosigned"
NOTHING = "no-checkpoint"
EVIDENCE = "evidence"
ROTATION = ROTATED.encode()


class Damaged(RuntimeError):
    """What the server shows does not fit together; the message names the first entry found so."""


@dataclass(frozen=True)
class Followed:
    """What became of one look.

    Args:
        state: ``cosigned``, ``behind`` (it shows less than it did), ``differs`` (what it shows is
            not what it has signed), ``altered`` (the copy here is), ``refused``, ``away``,
            ``no-checkpoint`` (and never was one), or the code of a note's error.
        before: entries kept before.
        size: entries kept now.
        why: where it is wrong, in a few words.
        handed_back: whether the county has taken this witness's cosignature.
    """

    state: str
    before: int
    size: int
    why: str = ""
    handed_back: bool = False


class Follower:
    """One county's log and its copy in a folder, which any web server can serve again.

    Args:
        verifiers: the log's keys as handed out, oldest first; a later one is learnt from the log
            too, where it is seen to hand over.
        witnesses: the county's own, whose cosignatures stay under the checkpoint.
        signer: this witness's key.
    """

    def __init__(
        self, remote: Remote, folder: Folder, origin: str, verifiers: Sequence[Verifier],
        witnesses: Sequence[Witness], signer: FileKey,
    ) -> None:
        self.remote = remote
        self.folder = folder
        self.origin = origin
        self.verifiers = list(verifiers)
        self.witnesses = list(witnesses)
        self.signer = signer
        self._rotated: list[Rotation] = []

    def look(self) -> Followed:
        """Take over what the log has signed since, if it is the same history."""
        before = 0
        try:
            before = self.folder.size()
            if self.evidence():
                return Followed(REFUSED, before, before)
            return self._followed(before)
        except Away as away:
            nothing = away.status == HTTPStatus.NOT_FOUND and self.folder.note() is None
            return Followed(NOTHING if nothing else AWAY, before, before, str(away))
        except Spoilt as wrong:
            return Followed(Verdict.ALTERED.value, before, before, str(wrong))
        except (NoteError, CheckpointError) as wrong:
            return Followed(wrong.code, before, before, str(wrong))

    def _followed(self, before: int) -> Followed:
        note = self.remote.note()
        terms = trusted(self.verifiers, self.folder.rotations(), known=before)
        shown = open_trusted(note, self.origin, terms)
        verdict, why = self._taken(shown, note.decode())
        if verdict is Verdict.FORK:
            self._keep(note.decode())
            return Followed(REFUSED, before, before, "two signed histories")
        if verdict not in {Verdict.NEW, Verdict.KNOWN}:
            return Followed(verdict.value, before, before, why)
        size = self.folder.size()
        if shown.size < size:
            return Followed(BEHIND, before, size, f"shows {shown.size} entries")
        return Followed(VOUCHED, before, size, handed_back=self._handed_back(note.decode()))

    def evidence(self) -> list[dict[str, Any]]:
        """Each two notes that no one history has."""
        files = sorted((self.folder.root / EVIDENCE).glob("*.json"))
        return [json.loads(path.read_text("utf-8")) for path in files]

    def _taken(self, shown: Checkpoint, note: str) -> tuple[Verdict, str]:
        known = self.folder.checkpoint()
        verdict = judged(known, shown, self._root)
        if verdict not in {Verdict.AHEAD, Verdict.NEW}:
            return verdict, ""
        before, self._rotated = self.folder.size(), []
        try:
            self.folder.extend(
                self._entries(before, shown.size), self._cosigned(shown, note),
                proven=lambda tree: self.folder.hand_over(self._handovers(note, shown.size, tree)),
            )
        except (Mismatched, Damaged) as wrong:
            if known and self._root(known.size) != known.root:
                return Verdict.ALTERED, f"{self.folder.root}"
            fork = forked(known, shown, self._leaves(shown.size))
            return (Verdict.FORK if fork else Verdict.DIFFERS), str(wrong)
        return Verdict.NEW, ""

    def _handovers(
        self, note: str, size: int, tree: Callable[[int], Tree]
    ) -> Iterator[tuple[Rotation, str]]:
        """Each rotation that came with the new entries, where both keys have signed for it."""
        for rotation in self._rotated:
            for one in (note, self.remote.handover(rotation.position)):
                if one is not None and handed_over(one, rotation) and _of_tree(one, size, tree):
                    yield rotation, one
                    break

    def _entries(self, first: int, size: int) -> Iterator[bytes]:
        """The entries from *first* on, each held against its leaf hash."""
        for start, width in _blocks(first, size):
            try:
                entries = self.remote.rows(Tile(None, start // WIDTH, width))
                leaves = self.remote.rows(Tile(0, start // WIDTH, width))
            except ValueError as wrong:
                raise Damaged(str(wrong)) from wrong
            for position, (entry, leaf) in enumerate(zip(entries, leaves, strict=True), start):
                if leaf_hash(entry) != leaf:
                    raise Damaged(f"entry {position} is not its leaf")
                if ROTATION in entry and (rotation := rotation_in(position, entry)):
                    self._rotated.append(rotation)
            yield from entries[max(0, first - start):]

    def _leaves(self, size: int) -> Iterator[bytes]:
        for start, width in _blocks(0, size):
            try:
                yield from self.remote.rows(Tile(0, start // WIDTH, width))
            except ValueError:  # cut off: it proves nothing
                return

    def _root(self, size: int) -> bytes | None:
        if size > self.folder.size():
            return None
        try:
            return self.folder.tree(size).root()
        except (Spoilt, ValueError):
            return b""

    def _cosigned(self, checkpoint: Checkpoint, note: str) -> str:
        """The note with the county's own signatures and this witness's."""
        names = {self.origin, *cosigned(note, self.witnesses)}
        line = cosign(checkpoint.text(), int(time.time()), self.signer)
        return signed_by(note, names) + line

    def _handed_back(self, note: str) -> bool:
        if cosigned(note, [Witness.of(self.signer)]):
            return True
        kept = self.folder.note()
        return kept is not None and self.remote.offer(kept)

    def _keep(self, note: str) -> None:
        """Both notes in one file; from now on the log is refused."""
        told = {
            "reason": Verdict.FORK.value, "trusted": self.folder.note(), "shown": note,
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        name = f"{sha256(note.encode()).hexdigest()[:16]}.json"
        text = json.dumps(told, ensure_ascii=False, indent=1) + "\n"
        write(self.folder.root / EVIDENCE / name, text.encode())


def _of_tree(note: str, size: int, tree: Callable[[int], Tree]) -> bool:
    checkpoint = Checkpoint.parse(split_note(note)[0])
    return checkpoint.size <= size and checkpoint.root == tree(checkpoint.size).root()


def _blocks(first: int, size: int) -> Iterator[tuple[int, int]]:
    """(start, width) of the tiles that hold entries *first* to *size*."""
    for start in range(first // WIDTH * WIDTH, size, WIDTH):
        yield start, min(WIDTH, size - start)
