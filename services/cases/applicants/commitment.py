"""What the log holds of an applicant's details: a salted commitment, which tells nothing of them.

    commitment = SHA-256( "fuquan-applicant/v1" 00 canonical({"details": …, "salt": "<base64>"}) )

``canonical`` is RFC 8785. The salt is 16 random bytes of its own for every commitment: whoever has
no salt cannot try out likely details, and two equal documents have different commitments. Whoever
has details and salt can check them against the log, and nobody can show other details for it.
"""

import hashlib
import hmac
import secrets
from base64 import b64encode
from collections.abc import Mapping

from shared.log.canonical import canonical

DOMAIN = b"fuquan-applicant/v1\x00"  # no canonical JSON holds a NUL: nothing else hashes alike
SALT_BYTES = 16
MOST = 2**20


def new_salt() -> bytes:
    """16 random bytes, for one commitment."""
    return secrets.token_bytes(SALT_BYTES)


def commitment(details: Mapping[str, str], salt: bytes) -> str:
    """The commitment to *details*, 64 hex digits.

    Args:
        details: as held, without what is null.
        salt: 16 bytes.

    Raises:
        ValueError: another salt, or details that are no plain JSON.
    """
    if len(salt) != SALT_BYTES:
        raise ValueError(f"a salt of {len(salt)} bytes, not {SALT_BYTES}")
    document = {"details": dict(details), "salt": b64encode(salt).decode()}
    return hashlib.sha256(DOMAIN + canonical(document, most=MOST)).hexdigest()


def opens(committed: str, details: Mapping[str, str], salt: bytes) -> bool:
    """Whether *details* and *salt* are those that were committed to."""
    return hmac.compare_digest(committed, commitment(details, salt))
