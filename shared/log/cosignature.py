"""Cosignatures as C2SP ``tlog-cosignature`` has them: a witness saw this checkpoint, then."""

from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from shared.log.keys import KEY_HASH_BYTES, PUBLIC_KEY_BYTES, NoteError, strict_base64
from shared.log.note import split_note
from shared.log.signer import FileKey

COSIGNATURE = b"\x04"
TIME_BYTES = 8


@dataclass(frozen=True)
class Witness:
    """A witness's name and Ed25519 public key, 32 bytes, under the type of cosignatures."""

    name: str
    public: bytes
    key_hash: bytes = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if not self.name or "+" in self.name or len(self.public) != PUBLIC_KEY_BYTES:
            raise NoteError("bad-key", f"no witness's key: {self.name!r}")
        named_key = self.name.encode() + b"\n" + COSIGNATURE + self.public
        object.__setattr__(self, "key_hash", sha256(named_key).digest()[:KEY_HASH_BYTES])

    @classmethod
    def of(cls, signer: FileKey) -> Self:
        """What others need to check the cosignatures of *signer*."""
        return cls(signer.name, signer.key.public_key().public_bytes_raw())

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``name+hex(key hash)+base64(0x04 || public key)``; NoteError ``bad-key``."""
        name, _, rest = text.partition("+")
        try:
            encoded = strict_base64(rest.partition("+")[2])
        except ValueError as error:
            raise NoteError("bad-key", f"no verifier key: {text!r}") from error
        witness = cls(name, encoded[1:])
        if str(witness) != text:
            raise NoteError("bad-key", f"no witness's key, or its hash differs: {text!r}")
        return witness

    def __str__(self) -> str:
        """The verifier key as it is handed out."""
        return f"{self.name}+{self.key_hash.hex()}+{b64encode(COSIGNATURE + self.public).decode()}"


def cosign(text: str, at: int, signer: FileKey) -> str:
    """The signature line, newline included, by which a witness vouches for a checkpoint.

    Args:
        text: of the checkpoint, final newline included, without its signatures.
        at: when the witness checked its consistency, in seconds since 1970.

    Source:
        https://c2sp.org/tlog-cosignature
    """
    value = Witness.of(signer).key_hash + at.to_bytes(TIME_BYTES, "big")
    value += signer.key.sign(_message(text, at))
    return f"— {signer.name} {b64encode(value).decode()}\n"


def cosigned(note: bytes | str, witnesses: Iterable[Witness]) -> dict[str, int]:
    """When each of *witnesses* saw the checkpoint, by name, in seconds since 1970.

    Raises:
        NoteError: ``malformed``, or ``bad-signature``, if that of any known witness fails.
    """
    known, seen = list(witnesses), {}
    text, signatures = split_note(note)
    for name, value in signatures:
        key_hash, rest = value[:KEY_HASH_BYTES], value[KEY_HASH_BYTES:]
        for witness in known:
            if (witness.name, witness.key_hash) != (name, key_hash):
                continue
            at = int.from_bytes(rest[:TIME_BYTES], "big")
            try:
                Ed25519PublicKey.from_public_bytes(witness.public).verify(
                    rest[TIME_BYTES:], _message(text, at)
                )
            except InvalidSignature as wrong:
                raise NoteError("bad-signature", f"the cosignature of {name!r} is wrong") from wrong
            seen[name] = at
    return seen


def _message(text: str, at: int) -> bytes:
    return f"cosignature/v1\ntime {at}\n{text}".encode()
