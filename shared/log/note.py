"""Signed notes as C2SP ``signed-note`` has them: text, a blank line, signature lines."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from shared.log import signer
from shared.log.keys import KEY_HASH_BYTES, NAME, NoteError, Verifier, strict_base64

__all__ = [
    "NoteError", "Opened", "Signer", "Verifier", "open_note", "sign", "split_note", "strict_base64",
]

Signer = signer.FileKey  # what most callers sign with; any `signer.Signer` will do

MAX_SIGNATURES = 100

_FORBIDDEN = re.compile(r"[\x00-\x09\x0b-\x1f\ud800-\udfff]")
_LINE = re.compile(rf"— ({NAME.pattern}) (\S+)")


@dataclass(frozen=True)
class Opened:
    """The text of a note, final newline included, and the known keys that signed it, by line."""

    text: str
    keys: tuple[Verifier, ...]

    @property
    def by(self) -> list[str]:
        """The names of these keys, each once."""
        return list(dict.fromkeys(key.name for key in self.keys))


def sign(text: str, *signers: signer.Signer) -> str:
    """The note that carries *text* and one signature line per signer.

    Raises:
        NoteError: ``malformed``, if *text* does not end in a newline or holds what a note may
            not (control characters, lone surrogates), or nobody signs.

    Source:
        https://c2sp.org/signed-note
    """
    _check(text)
    if not text.endswith("\n") or not signers:
        raise NoteError("malformed", "a note is text that ends in a newline, and signatures")
    return text + "\n" + "".join(signer.line(one, text) for one in signers)


def open_note(note: bytes | str, verifiers: Iterable[Verifier]) -> Opened:
    """Check *note* and give its text, which must not be looked at before.

    Args:
        note: any bytes or text whatever; bytes are taken as UTF-8.
        verifiers: the keys trusted. Signatures of others are ignored.

    Returns:
        The text, and the keys in the order of the signature lines; at least one.

    Raises:
        NoteError: ``malformed``; ``bad-signature``, if that of any known key fails;
            ``unknown-key``, if no known key signed. No other exception.

    Source:
        https://c2sp.org/signed-note
    """
    known, by = list(verifiers), list[Verifier]()
    text, signatures = split_note(note)
    message = text.encode()
    for name, signature in signatures:
        key_hash, value = signature[:KEY_HASH_BYTES], signature[KEY_HASH_BYTES:]
        for verifier in known:
            if (verifier.name, verifier.key_hash) != (name, key_hash):
                continue
            if not verifier.accepts(value, message):
                raise NoteError("bad-signature", f"the signature of {name!r} is wrong")
            by.append(verifier)
    if not by:
        raise NoteError("unknown-key", "no known key signed the note")
    return Opened(text, tuple(dict.fromkeys(by)))


def split_note(note: bytes | str) -> tuple[str, list[tuple[str, bytes]]]:
    """The text, and the name and decoded value (key hash first) of every signature line."""
    try:
        whole = note.decode() if isinstance(note, bytes) else note
    except UnicodeDecodeError as error:
        raise NoteError("malformed", "a note is UTF-8") from error
    text, blank, block = whole.rpartition("\n\n")
    lines = block.split("\n")
    if not blank or lines.pop() or not 0 < len(lines) <= MAX_SIGNATURES:
        raise NoteError("malformed", "a note is text, a blank line and signature lines")
    _check(text)
    return text + "\n", [_signature(one) for one in lines]


def _signature(text: str) -> tuple[str, bytes]:
    match = _LINE.fullmatch(text)
    if match is None:
        raise NoteError("malformed", f"no signature line: {text!r}")
    try:
        value = strict_base64(match[2])
    except ValueError as error:
        raise NoteError("malformed", f"no base64 in a signature line: {text!r}") from error
    if len(value) <= KEY_HASH_BYTES:
        raise NoteError("malformed", f"no signature in a signature line: {text!r}")
    return match[1], value


def _check(text: str) -> None:
    if _FORBIDDEN.search(text):
        raise NoteError("malformed", "a note holds no control character and no lone surrogate")
