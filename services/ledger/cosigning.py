"""The witness's key, the keys of other witnesses, and the signature lines of a note."""

from collections.abc import Iterable
from pathlib import Path

from shared.log.cosignature import Witness
from shared.log.keyring import Held, alone, written
from shared.log.note import split_note
from shared.log.signer import FileKey


def witness_key(folder: Path, deployment: str) -> FileKey:
    """The witness's key, ``ledger.key``; made at first start, and read by its owner alone.

    Raises:
        OSError: there is no key in the folder, and it cannot be written.
        NoteError: ``bad-key``.
    """
    path, public = folder / "ledger.key", folder / "ledger.vkey"
    name = f"fuquan/{deployment}/ledger"
    if not path.exists():
        Held(folder, "ledger", name).made()
    signer = FileKey.load(path, name)
    if not public.exists():
        with alone(folder):  # other processes of the ledger start at the same moment
            if not public.exists():
                written(public, f"{Witness.of(signer)}\n")
    return signer


def witnesses_of(path: Path) -> list[Witness]:
    """The witnesses' keys in a file, one per line; none where there is no file.

    Raises:
        NoteError: ``bad-key``.
    """
    lines = path.read_text("utf-8").split() if path.is_file() else []
    return [Witness.parse(line) for line in lines]


def lines_of(note: str) -> list[tuple[str, str]]:
    """(name, line with its newline) of each signature."""
    lines = note.rpartition("\n\n")[2].splitlines(keepends=True)
    return [(line.split(" ")[1], line) for line in lines]


def signed_by(note: str, names: Iterable[str]) -> str:
    """The note with the signature lines of these names alone."""
    known = set(names)
    kept = [line for name, line in lines_of(note) if name in known]
    return split_note(note)[0] + "\n" + "".join(kept)
