"""The city's mirror: a county's log over HTTP, every leaf verified, cosigned; forks refused."""

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from http import HTTPStatus
from typing import Any

from services.ledger.cosigning import signed_by
from services.ledger.folder import Folder, Mismatched, Spoilt, write
from services.ledger.judging import Verdict, forked, judged
from services.ledger.remote import Away, Remote
from shared.log.checkpoint import Checkpoint, CheckpointError, open_checkpoint
from shared.log.cosignature import Witness, cosign, cosigned
from shared.log.note import NoteError, Signer, Verifier
from shared.log.tiles import WIDTH, Tile
from shared.log.tree import leaf_hash

AWAY, REFUSED, BEHIND, VOUCHED = "away", "refused", "behind", "cosigned"
NOTHING = "no-checkpoint"
EVIDENCE = "evidence"


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
        verifiers: the log's trusted keys.
        witnesses: the county's own, whose cosignatures stay under the checkpoint.
        signer: this witness's key.
    """

    def __init__(
        self, remote: Remote, folder: Folder, origin: str, verifiers: Sequence[Verifier],
        witnesses: Sequence[Witness], signer: Signer,
    ) -> None:
        self.remote = remote
        self.folder = folder
        self.origin = origin
        self.verifiers = list(verifiers)
        self.witnesses = list(witnesses)
        self.signer = signer

    def look(self) -> Followed:
        """Take over what the log has signed since, if it is the same history."""
        before = self.folder.size()
        if self.evidence():
            return Followed(REFUSED, before, before)
        try:
            return self._followed(before)
        except Away as away:
            nothing = away.status == HTTPStatus.NOT_FOUND and self.folder.note() is None
            return Followed(NOTHING if nothing else AWAY, before, before, str(away))
        except (NoteError, CheckpointError) as wrong:
            return Followed(wrong.code, before, before, str(wrong))

    def _followed(self, before: int) -> Followed:
        note = self.remote.note()
        shown = open_checkpoint(note, self.origin, self.verifiers)
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
        trusted = self.folder.checkpoint()
        verdict = judged(trusted, shown, self._root)
        if verdict not in {Verdict.AHEAD, Verdict.NEW}:
            return verdict, ""
        try:
            before = self.folder.size()
            self.folder.extend(self._entries(before, shown.size), self._cosigned(shown, note))
        except Spoilt as wrong:
            return Verdict.ALTERED, str(wrong)
        except (Mismatched, Damaged) as wrong:
            if trusted and self._root(trusted.size) != trusted.root:
                return Verdict.ALTERED, f"{self.folder.root}"
            fork = forked(trusted, shown, self._leaves(shown.size))
            return (Verdict.FORK if fork else Verdict.DIFFERS), str(wrong)
        return Verdict.NEW, ""

    def _entries(self, first: int, size: int) -> Iterator[bytes]:
        """The entries from *first* on, each held against its leaf hash."""
        for start, width in _blocks(first, size):
            try:
                entries = self.remote.rows(Tile(None, start // WIDTH, width))
                leaves = self.remote.rows(Tile(0, start // WIDTH, width))
            except ValueError as wrong:
                raise Damaged(str(wrong)) from wrong
            for nth, (entry, leaf) in enumerate(zip(entries, leaves, strict=True)):
                if leaf_hash(entry) != leaf:
                    raise Damaged(f"entry {start + nth} is not its leaf")
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
        except (OSError, ValueError):
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


def _blocks(first: int, size: int) -> Iterator[tuple[int, int]]:
    """(start, width) of the tiles that hold entries *first* to *size*."""
    for start in range(first // WIDTH * WIDTH, size, WIDTH):
        yield start, min(WIDTH, size - start)
