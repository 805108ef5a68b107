"""Who signs a log: a key in a file (Ed25519), SM2 through OpenSSL; hardware would be a third."""

import os
from base64 import b64encode
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Protocol, Self

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared.log import openssl
from shared.log.keys import NAME, SM2, NoteError, Verifier


class Signer(Protocol):
    """A private key under a name, wherever it is kept.

    All that a note asks of it: a signature over the message as a whole, and the verifier that
    others check it with. So a device that gives no key out (PKCS #11, a signing server) is a
    back end too.
    """

    @property
    def name(self) -> str:
        """Under which it signs; of a log's key, the log's origin."""

    @property
    def verifier(self) -> Verifier:
        """What others need to check this signer's notes; it has the algorithm and key hash."""

    def sign(self, message: bytes) -> bytes:
        """The signature over *message*, as the verifier's algorithm has it."""


def line(signer: Signer, text: str) -> str:
    """The signature line, newline included, that goes under *text*."""
    value = signer.verifier.key_hash + signer.sign(text.encode())
    return f"— {signer.name} {b64encode(value).decode()}\n"


@dataclass(frozen=True)
class FileKey:
    """A name and the Ed25519 private key, kept in a file, that signs under it."""

    name: str
    key: Ed25519PrivateKey = field(repr=False)

    def __post_init__(self) -> None:
        _named(self.name)

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
        _keep(path, self.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ))

    def sign(self, message: bytes) -> bytes:
        """64 bytes (RFC 8032)."""
        return self.key.sign(message)

    @property
    def verifier(self) -> Verifier:
        """What others need to check this signer's notes."""
        return Verifier(self.name, self.key.public_key().public_bytes_raw())


@dataclass(frozen=True)
class OpenSslSm2:
    """A name and the SM2 private key in a PEM file; each signature is one `openssl` process.

    Raises:
        NoteError: ``bad-key``: no name, or the file holds no SM2 key.
    """

    name: str
    path: Path

    def __post_init__(self) -> None:
        _named(self.name)
        try:
            _ = self.verifier
        except ValueError as error:
            raise NoteError("bad-key", str(error)) from error

    @classmethod
    def create(cls, path: str | os.PathLike[str], name: str) -> Self:
        """Make a new key in a new file only its owner can read; FileExistsError if there is one."""
        _keep(path, openssl.generated())
        return cls(name, Path(path))

    def sign(self, message: bytes) -> bytes:
        """DER of r and s, 70 to 72 bytes (GM/T 0009)."""
        return openssl.signed(self.path, message)

    @cached_property
    def verifier(self) -> Verifier:
        """What others need to check this signer's notes."""
        return Verifier(self.name, openssl.public_of(self.path), SM2)


def _named(name: str) -> None:
    if not NAME.fullmatch(name):
        raise NoteError("bad-key", f"no key name: {name!r}")


def _keep(path: str | os.PathLike[str], pem: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(pem)
