"""Verifier keys: a name, an algorithm and a public key, as C2SP ``signed-note`` hands them out."""

import re
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from shared.log import openssl

PUBLIC_KEY_BYTES = 32
KEY_HASH_BYTES = 4
NAME = re.compile(r"[^\s+\x00-\x1f\ud800-\udfff]+")


class NoteError(ValueError):
    """A note, or the key to one, that must not be used.

    Args:
        code: ``malformed``, ``bad-signature`` (of a known key), ``unknown-key`` (no known key
            signed), ``bad-key`` (a name, verifier key or key file that is none); of a log's
            checkpoint also ``retired-key``, ``not-handed-over``, ``no-sm2`` (`shared.log.trust`).
        message: for the log; never branch on it.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Algorithm:
    """How a note may be signed.

    Args:
        name: as events and commands call it.
        type: the signature type identifier, which stands before the public key in a verifier
            key and in what its key hash is of.
        public_bytes: length of a public key.
        accepts: whether (public key, signature, message) belong together.

    Source:
        https://c2sp.org/signed-note, "Signature types": 0x01 is Ed25519; 0xff, and a longer
        identifier after it, is for what has no byte of its own.
    """

    name: str
    type: bytes
    public_bytes: int
    accepts: Callable[[bytes, bytes, bytes], bool] = field(repr=False)


def _ed25519(public: bytes, signature: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        return False
    return True


ED25519 = Algorithm("Ed25519", b"\x01", PUBLIC_KEY_BYTES, _ed25519)
SM2 = Algorithm("SM2-with-SM3", b"\xffSM2-with-SM3", openssl.PUBLIC_BYTES, openssl.accepts)
ALGORITHMS = {algorithm.name: algorithm for algorithm in (ED25519, SM2)}


@dataclass(frozen=True)
class Verifier:
    """A name and the public key that signs under it."""

    name: str
    public: bytes
    algorithm: Algorithm = ED25519
    key_hash: bytes = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name) or len(self.public) != self.algorithm.public_bytes:
            raise NoteError("bad-key", f"no {self.algorithm.name} verifier: {self.name!r}")
        object.__setattr__(self, "key_hash", _key_hash(self.name, self._typed))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``name+hex(key hash)+base64(type || public key)``; NoteError ``bad-key``."""
        name, encoded = _read(text)
        for algorithm in ALGORITHMS.values():
            if encoded.startswith(algorithm.type):
                return cls(name, encoded.removeprefix(algorithm.type), algorithm)
        raise NoteError("bad-key", f"a verifier key of no known algorithm: {text!r}")

    def __str__(self) -> str:
        """The verifier key as it is handed out."""
        return f"{self.name}+{self.key_hash.hex()}+{b64encode(self._typed).decode()}"

    @property
    def _typed(self) -> bytes:
        return self.algorithm.type + self.public

    def accepts(self, signature: bytes, text: bytes) -> bool:
        """Whether *signature* is this key's over *text*."""
        return self.algorithm.accepts(self.public, signature, text)


def verifiers_in(text: str) -> list[Verifier]:
    """The verifier keys of a log, one per line, oldest first (a ``.vkey`` file).

    A well-formed key of an algorithm that is not known here is passed over, as its signature
    lines are.

    Raises:
        NoteError: ``bad-key``, for a line that is no verifier key.
    """
    found = []
    for line in text.splitlines():
        _, encoded = _read(line)
        if encoded.startswith(tuple(algorithm.type for algorithm in ALGORITHMS.values())):
            found.append(Verifier.parse(line))
    return found


def strict_base64(text: str) -> bytes:
    """Decode the one encoding RFC 4648 section 4 has for these bytes; else ValueError."""
    decoded = b64decode(text, validate=True)
    if b64encode(decoded).decode() != text:
        raise ValueError("not canonical base64")
    return decoded


def _read(text: str) -> tuple[str, bytes]:
    """The name of a verifier key, and its type and public key; NoteError ``bad-key``."""
    name, _, rest = text.partition("+")
    hashed, _, encoded = rest.partition("+")
    try:
        typed = strict_base64(encoded)
    except ValueError as error:
        raise NoteError("bad-key", f"no verifier key: {text!r}") from error
    if not NAME.fullmatch(name) or not typed or _key_hash(name, typed).hex() != hashed:
        raise NoteError("bad-key", f"no verifier key, or its hash differs: {text!r}")
    return name, typed


def _key_hash(name: str, typed: bytes) -> bytes:
    return sha256(name.encode() + b"\n" + typed).digest()[:KEY_HASH_BYTES]
