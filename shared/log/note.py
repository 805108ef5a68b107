"""Signed notes as C2SP ``signed-note`` has them: text, a blank line, Ed25519 signature lines."""

import os
import re
from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519 = b"\x01"
PUBLIC_KEY_BYTES = 32
KEY_HASH_BYTES = 4
MAX_SIGNATURES = 100

_FORBIDDEN = re.compile(r"[\x00-\x09\x0b-\x1f\ud800-\udfff]")
_NAME = re.compile(r"[^\s+\x00-\x1f\ud800-\udfff]+")
_LINE = re.compile(rf"— ({_NAME.pattern}) (\S+)")


class NoteError(ValueError):
    """A note, or the key to one, that must not be used.

    Args:
        code: ``malformed``, ``bad-signature`` (of a known key), ``unknown-key`` (no known key
            signed), or ``bad-key`` (a name, verifier key or key file that is none).
        message: for the log; never branch on it.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Verifier:
    """A name and the Ed25519 public key, 32 bytes, that signs under it."""

    name: str
    public: bytes
    key_hash: bytes = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name) or len(self.public) != PUBLIC_KEY_BYTES:
            raise NoteError("bad-key", f"no Ed25519 verifier: {self.name!r}")
        named_key = self.name.encode() + b"\n" + ED25519 + self.public
        object.__setattr__(self, "key_hash", sha256(named_key).digest()[:KEY_HASH_BYTES])

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``name+hex(key hash)+base64(0x01 || public key)``; NoteError ``bad-key``."""
        name, _, rest = text.partition("+")
        try:
            encoded = strict_base64(rest.partition("+")[2])
        except ValueError as error:
            raise NoteError("bad-key", f"no verifier key: {text!r}") from error
        verifier = cls(name, encoded[1:])
        if str(verifier) != text:
            raise NoteError("bad-key", f"no Ed25519 verifier key, or its hash differs: {text!r}")
        return verifier

    def __str__(self) -> str:
        """The verifier key as it is handed out."""
        return f"{self.name}+{self.key_hash.hex()}+{b64encode(ED25519 + self.public).decode()}"

    def accepts(self, signature: bytes, text: bytes) -> bool:
        """Whether *signature*, 64 bytes, is this key's over *text*."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True)
class Signer:
    """A name and the Ed25519 private key, kept in a file, that signs under it."""

    name: str
    key: Ed25519PrivateKey = field(repr=False)

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise NoteError("bad-key", f"no key name: {self.name!r}")

    @classmethod
    def generate(cls, name: str) -> Self:
        """A signer with a new random key."""
        return cls(name, Ed25519PrivateKey.generate())

    @classmethod
    def load(cls, path: str | os.PathLike[str], name: str) -> Self:
        """Read an unencrypted PKCS #8 PEM file; NoteError ``bad-key`` if it holds no such key."""
        try:
            key = serialization.load_pem_private_key(Path(path).read_bytes(), password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise NoteError("bad-key", f"no readable private key: {path}") from error
        if not isinstance(key, Ed25519PrivateKey):
            raise NoteError("bad-key", f"no Ed25519 key: {path}")
        return cls(name, key)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the key to a new file only its owner can read; FileExistsError if there is one."""
        pem = self.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(pem)

    def line(self, text: str) -> str:
        """The signature line, newline included, that goes under *text*."""
        value = b64encode(self.verifier.key_hash + self.key.sign(text.encode())).decode()
        return f"— {self.name} {value}\n"

    @property
    def verifier(self) -> Verifier:
        """What others need to check this signer's notes."""
        return Verifier(self.name, self.key.public_key().public_bytes_raw())


@dataclass(frozen=True)
class Opened:
    """The text of a note, final newline included, and the names whose known keys signed it."""

    text: str
    by: list[str]


def sign(text: str, *signers: Signer) -> str:
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
    return text + "\n" + "".join(signer.line(text) for signer in signers)


def open_note(note: bytes | str, verifiers: Iterable[Verifier]) -> Opened:
    """Check *note* and give its text, which must not be looked at before.

    Args:
        note: any bytes or text whatever; bytes are taken as UTF-8.
        verifiers: the keys trusted. Signatures of others are ignored.

    Returns:
        The text, and each name once in the order of the signature lines; at least one.

    Raises:
        NoteError: ``malformed``; ``bad-signature``, if that of any known key fails;
            ``unknown-key``, if no known key signed. No other exception.

    Source:
        https://c2sp.org/signed-note
    """
    known, by = list(verifiers), []
    text, signatures = split_note(note)
    message = text.encode()
    for name, signature in signatures:
        key_hash, value = signature[:KEY_HASH_BYTES], signature[KEY_HASH_BYTES:]
        for verifier in known:
            if (verifier.name, verifier.key_hash) != (name, key_hash):
                continue
            if not verifier.accepts(value, message):
                raise NoteError("bad-signature", f"the signature of {name!r} is wrong")
            by.append(name)
    if not by:
        raise NoteError("unknown-key", "no known key signed the note")
    return Opened(text, list(dict.fromkeys(by)))


def strict_base64(text: str) -> bytes:
    """Decode the one encoding RFC 4648 section 4 has for these bytes; else ValueError."""
    decoded = b64decode(text, validate=True)
    if b64encode(decoded).decode() != text:
        raise ValueError("not canonical base64")
    return decoded


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
    return text + "\n", [_signature(line) for line in lines]


def _signature(line: str) -> tuple[str, bytes]:
    match = _LINE.fullmatch(line)
    if match is None:
        raise NoteError("malformed", f"no signature line: {line!r}")
    try:
        value = strict_base64(match[2])
    except ValueError as error:
        raise NoteError("malformed", f"no base64 in a signature line: {line!r}") from error
    if len(value) <= KEY_HASH_BYTES:
        raise NoteError("malformed", f"no signature in a signature line: {line!r}")
    return match[1], value


def _check(text: str) -> None:
    if _FORBIDDEN.search(text):
        raise NoteError("malformed", "a note holds no control character and no lone surrogate")
