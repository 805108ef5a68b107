"""The private keys of one log in their folder: the one in use, and the next one of a rotation.

``<service>.key`` and ``<service>.next.key`` are Ed25519, ``<service>.sm2.key`` and
``<service>.sm2.next.key`` SM2; ``<service>.vkey`` has every verifier key so far, oldest first.
"""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from shared.log.keys import ED25519, SM2, Algorithm, Verifier, verifiers_in
from shared.log.signer import FileKey, OpenSslSm2, Signer


@dataclass(frozen=True)
class BackEnd:
    """Where the keys of an algorithm are, and how they are made and read."""

    infix: str
    make: Callable[[Path, str], object]
    load: Callable[[Path, str], Signer]


BACK_ENDS = {
    ED25519: BackEnd("", lambda path, name: FileKey.generate(name).save(path), FileKey.load),
    SM2: BackEnd(".sm2", OpenSslSm2.create, lambda path, name: OpenSslSm2(name, path)),
}


def algorithms(*, sm: bool) -> tuple[Algorithm, ...]:
    """What a log is signed in."""
    return (ED25519, SM2) if sm else (ED25519,)


class Held:
    """One log's private keys of one algorithm.

    Args:
        folder: of the keys; made when a key is.
        service: whose log it is.
        name: the key name, the log's origin.
    """

    def __init__(
        self, folder: Path, service: str, name: str, algorithm: Algorithm = ED25519
    ) -> None:
        self.name = name
        self.back_end = BACK_ENDS[algorithm]
        self.path = folder / f"{service}{self.back_end.infix}.key"
        self.next_path = folder / f"{service}{self.back_end.infix}.next.key"

    def made(self) -> Signer:
        """The key in use; made at first start, in a file that only its owner reads.

        Raises:
            NoteError: ``bad-key``: the file holds none.
        """
        return self._made(self.path)

    def loaded(self) -> Signer:
        """The key in use, which must be there: OSError, or NoteError ``bad-key``."""
        return self._load(self.path)

    def next_made(self) -> Signer:
        """The key that a rotation is to hand over to; the same until it has."""
        return self._made(self.next_path)

    def next(self) -> Signer | None:
        """That key, if there is one."""
        return self._load(self.next_path) if self.next_path.exists() else None

    def succeed(self) -> None:
        """The next key is the one in use; the one before it is no more."""
        self.next_path.replace(self.path)

    def _made(self, path: Path) -> Signer:
        if not path.exists():
            with alone(path.parent):  # a relay that stands by starts at the same moment
                if not path.exists():
                    partial = path.with_suffix(".making")
                    partial.unlink(missing_ok=True)  # whoever began it was killed
                    self.back_end.make(partial, self.name)
                    partial.replace(path)
        return self._load(path)

    def _load(self, path: Path) -> Signer:
        path.stat()
        return self.back_end.load(path, self.name)


def hand_out(path: Path, verifier: Verifier) -> None:
    """Add a verifier key to a ``.vkey`` file, unless it is there."""
    if verifier in verifiers_in(_told(path)):
        return
    with alone(path.parent):
        if verifier not in verifiers_in(told := _told(path)):
            written(path, f"{told}{verifier}\n")


def show(path: Path, folder: Path) -> None:
    """Copy a ``.vkey`` file into a folder for those who are not to see the private keys."""
    with alone(folder):
        if _told(folder / path.name) != (told := _told(path)):
            written(folder / path.name, told)


def _told(path: Path) -> str:
    return path.read_text("utf-8") if path.exists() else ""


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Of all processes that share the folder, one at a time makes or adds a key."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def written(path: Path, text: str) -> None:
    """Write a file whole or not at all; it is on the disk when this returns."""
    partial = path.with_suffix(path.suffix + ".new")
    with partial.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
