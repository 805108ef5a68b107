"""SM2 lines under a note: made and checked through OpenSSL, against the standard's own example."""

import stat
import subprocess
from base64 import b64decode, b64encode
from hashlib import sha256

import pytest

from shared.log import openssl
from shared.log.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from shared.log.keys import SM2, NoteError, Verifier, verifiers_in
from shared.log.note import open_note, sign
from shared.log.signer import FileKey, OpenSslSm2
from shared.log.sm3 import extension
from shared.log.tree import root_of

# GB/T 32918.5-2017, annex A: identity 1234567812345678, message "message digest".
PUBLISHED = bytes.fromhex(
    "04"
    "09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
    "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13"
)
R = "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
S = "b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa"
SIGNATURE = bytes.fromhex(f"3046022100{R}022100{S}")  # DER: both have their highest bit set

ORIGIN = "fuquan/shanting/cases"
ROOT = root_of([])


@pytest.fixture(scope="module")
def signer(tmp_path_factory):
    return OpenSslSm2.create(tmp_path_factory.mktemp("keys") / "cases.sm2.key", ORIGIN)


@pytest.fixture(scope="module")
def ed25519():
    return FileKey.generate(ORIGIN)


@pytest.fixture(scope="module")
def note(signer, ed25519):
    checkpoint = Checkpoint(ORIGIN, 0, ROOT, (extension(bytes(32)),))
    return sign_checkpoint(checkpoint, ed25519, signer)


def checked_by_openssl(folder, public, signature, message):
    """What the `openssl` command says of them, by no line of ours."""
    for name, content in {"public.pem": public, "sig": signature, "text": message}.items():
        (folder / name).write_bytes(content)
    return subprocess.run(
        [
            "openssl", "pkeyutl", "-verify", "-rawin", "-digest", "sm3", "-pubin",
            "-inkey", "public.pem", "-sigfile", "sig", "-in", "text",
            "-pkeyopt", "distid:1234567812345678",
        ],
        cwd=folder, capture_output=True, check=False,
    ).returncode == 0


def test_the_standards_own_signature_is_accepted():
    assert openssl.accepts(PUBLISHED, SIGNATURE, b"message digest")


def test_the_standards_own_signature_is_refused_for_another_message():
    assert not openssl.accepts(PUBLISHED, SIGNATURE, b"message digesT")


def test_the_openssl_command_accepts_the_sm2_line_of_a_checkpoint(note, signer, tmp_path):
    text, _, lines = note.rpartition("\n\n")
    of_sm2 = lines.split("\n")[1]
    signature = b64decode(of_sm2.split(" ")[2])[4:]
    public = openssl.pem_of(signer.verifier.public)

    accepted = checked_by_openssl(tmp_path, public, signature, f"{text}\n".encode())

    assert accepted


def test_the_public_key_in_pem_is_the_one_that_openssl_derives_itself(signer):
    derived = subprocess.run(
        ["openssl", "pkey", "-in", str(signer.path), "-pubout"], capture_output=True, check=True
    )

    assert openssl.pem_of(signer.verifier.public) == derived.stdout


def test_the_verifier_key_names_its_algorithm_and_the_key_hash_is_over_it(signer):
    name, hashed, encoded = str(signer.verifier).split("+", 2)

    typed = b64decode(encoded)

    assert typed == b"\xffSM2-with-SM3" + signer.verifier.public
    assert hashed == sha256(name.encode() + b"\n" + typed).hexdigest()[:8]
    assert Verifier.parse(str(signer.verifier)) == signer.verifier


def test_a_note_signed_by_both_tells_both_keys(note, signer, ed25519):
    opened = open_note(note, [signer.verifier, ed25519.verifier])

    assert opened.keys == (ed25519.verifier, signer.verifier)
    assert opened.by == [ORIGIN]


def test_who_knows_only_the_ed25519_key_passes_over_the_sm2_line(note, ed25519):
    checkpoint = open_checkpoint(note, ORIGIN, [ed25519.verifier])

    assert (checkpoint.size, checkpoint.root) == (0, ROOT)


@pytest.mark.parametrize(
    ("said", "forged"),
    [("fuquan/", "fuqwan/"), ("\n0\n", "\n1\n"), ("47DEQ", "57DEQ"), ("sm3 AAAA", "sm3 BAAA")],
)
def test_a_flipped_byte_of_any_line_of_the_text_is_refused(note, signer, said, forged):
    text, _, lines = note.rpartition("\n\n")

    with pytest.raises(NoteError) as refused:
        open_note(f"{text.replace(said, forged)}\n\n{lines}", [signer.verifier])

    assert refused.value.code == "bad-signature"


@pytest.mark.parametrize("place", range(4, 70, 5))
def test_a_flipped_byte_of_the_signature_is_refused(note, signer, place):
    *first, last, end = note.split("\n")
    name, value = last.rsplit(" ", 1)
    raw = bytearray(b64decode(value))
    raw[place] ^= 1
    forged = "\n".join([*first, f"{name} {b64encode(raw).decode()}", end])

    with pytest.raises(NoteError) as refused:
        open_note(forged, [signer.verifier])

    assert refused.value.code == "bad-signature"


def test_a_key_of_an_algorithm_not_known_here_is_passed_over_as_its_lines_are(ed25519):
    typed = b"\xffOther-2030" + bytes(48)
    hashed = sha256(ORIGIN.encode() + b"\n" + typed).hexdigest()[:8]
    lines = f"{ed25519.verifier}\n{ORIGIN}+{hashed}+{b64encode(typed).decode()}\n"

    assert verifiers_in(lines) == [ed25519.verifier]


@pytest.mark.parametrize("line", ["", "no key", f"{ORIGIN}+00000000+AAAA"])
def test_a_line_that_is_no_verifier_key_is_refused(line, ed25519):
    with pytest.raises(NoteError) as refused:
        verifiers_in(f"{ed25519.verifier}\n{line}\n")

    assert refused.value.code == "bad-key"


def test_the_private_key_is_read_back_and_is_its_owners_alone(signer):
    again = OpenSslSm2(ORIGIN, signer.path)

    note = sign("text\n", again)

    assert open_note(note, [signer.verifier]).keys == (signer.verifier,)
    assert stat.S_IMODE(signer.path.stat().st_mode) == 0o600


def test_a_new_key_never_replaces_one(signer):
    with pytest.raises(FileExistsError):
        OpenSslSm2.create(signer.path, ORIGIN)


def test_a_file_with_another_key_is_no_sm2_key(tmp_path, ed25519):
    ed25519.save(tmp_path / "cases.key")

    with pytest.raises(NoteError) as refused:
        OpenSslSm2(ORIGIN, tmp_path / "cases.key")

    assert refused.value.code == "bad-key"


def test_a_point_that_is_not_on_the_curve_signs_nothing():
    no_point = Verifier(ORIGIN, b"\x04" + bytes(64), SM2)

    assert not no_point.accepts(SIGNATURE, b"message digest")


def test_without_the_openssl_command_it_says_so_instead_of_refusing(
    note, signer, monkeypatch, tmp_path
):
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(openssl.OpenSslAway, match="install OpenSSL"):
        open_note(note, [signer.verifier])
