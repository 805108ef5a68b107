"""SM2 by the `openssl` command, since `cryptography` offers neither its curve nor its signature."""

import shutil
import subprocess
from base64 import b64encode
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import wrap

PUBLIC_BYTES = 65  # 0x04 || X || Y (GM/T 0009, SM2PublicKey)
SECONDS = 30

# GM/T 0009, section 10: the signer's identity where the parties have agreed on none.
OF_SM3 = ("-rawin", "-digest", "sm3", "-pkeyopt", "distid:1234567812345678")
# SubjectPublicKeyInfo (RFC 5280) of a point on the curve 1.2.156.10197.1.301, up to the point.
SPKI = bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d034200")


class OpenSslAway(RuntimeError):
    """There is no `openssl` command, or none that does what was asked (3.0 or later is needed)."""


def generated() -> bytes:
    """A new SM2 private key: PKCS #8, PEM, not encrypted."""
    return _done("genpkey", "-algorithm", "SM2")


def public_of(key: Path) -> bytes:
    """The public point, 65 bytes, of the private key in a PEM file; ValueError for another kind."""
    try:
        found = _done("pkey", "-in", str(key), "-pubout", "-outform", "DER")
    except OpenSslAway as unreadable:
        raise ValueError(f"no readable private key: {key}") from unreadable
    point = found.removeprefix(SPKI)
    if len(found) != len(SPKI) + PUBLIC_BYTES or len(point) != PUBLIC_BYTES:
        raise ValueError(f"no SM2 key: {key}")
    return point


def signed(key: Path, message: bytes) -> bytes:
    """The SM2 signature with SM3 over *message*: DER of r and s (GM/T 0009, SM2Signature)."""
    return _done("pkeyutl", "-sign", *OF_SM3, "-inkey", str(key), message=message)


def accepts(public: bytes, signature: bytes, message: bytes) -> bool:
    """Whether *signature*, as `signed` makes it, is of the point *public* over *message*."""
    with TemporaryDirectory() as folder:
        key, file = Path(folder, "public.pem"), Path(folder, "signature")
        key.write_bytes(pem_of(public))
        file.write_bytes(signature)
        found = _run(
            "pkeyutl", "-verify", *OF_SM3, "-pubin", "-inkey", str(key), "-sigfile", str(file),
            message=message,
        )
    return found.returncode == 0


def pem_of(public: bytes) -> bytes:
    """The public key as PEM, for the `openssl` command of whoever checks without us."""
    lines = wrap(b64encode(SPKI + public).decode(), 64)
    return "\n".join(
        ["-----BEGIN PUBLIC KEY-----", *lines, "-----END PUBLIC KEY-----", ""]
    ).encode()


def _done(*command: str, message: bytes = b"") -> bytes:
    found = _run(*command, message=message)
    if found.returncode:
        raise OpenSslAway(f"openssl {command[0]}: {found.stderr.decode(errors='replace').strip()}")
    return found.stdout


def _run(*command: str, message: bytes) -> subprocess.CompletedProcess[bytes]:
    program = shutil.which("openssl")
    if program is None:
        raise OpenSslAway("There is no `openssl` command; install OpenSSL 3.0 or later.")
    return subprocess.run(  # noqa: S603 - our own words, no shell
        [program, *command], input=message, capture_output=True, check=False, timeout=SECONDS
    )
