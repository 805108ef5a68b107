"""Signed notes, against the published vectors of C2SP and Go."""

import stat

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from shared.log.note import NoteError, Verifier, open_note, sign
from shared.log.signer import FileKey

# golang.org/x/mod, sumdb/note/note.go and note_test.go
TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
ENOCH = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"
BY_PETER = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotp"
    "RZb6KE6RyyBwJnAM=\n"
)
BY_ENOCH = (
    "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33"
    "WWd1RvMc+QQ=\n"
)
NOTE = f"{TEXT}\n{BY_PETER}"
ENOCH_SEED = bytes(32)

# https://c2sp.org/signed-note, the example
SPECIFIED = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
SPECIFIED_NOTE = (
    "This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONnc"
    "AlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)

TOWN = FileKey.generate("fuquan/羊里街道/delegation")
peter, enoch = Verifier.parse(PETER), Verifier.parse(ENOCH)
texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.just("\n")).map("{}\n".format)


@pytest.mark.parametrize(
    ("note", "key", "text"),
    [(NOTE, PETER, TEXT), (SPECIFIED_NOTE, SPECIFIED, "This is an example message.\n")],
)
def test_a_published_note_opens_with_its_published_key(note, key, text):
    verifier = Verifier.parse(key)

    opened = open_note(note.encode(), [verifier])

    assert (opened.text, opened.by) == (text, [verifier.name])


def test_signing_gives_the_published_signature_of_the_published_key():
    signer = FileKey("EnochRoot", Ed25519PrivateKey.from_private_bytes(ENOCH_SEED))

    note = sign(TEXT, signer)

    assert note == f"{TEXT}\n{BY_ENOCH}"
    assert str(signer.verifier) == ENOCH


def test_a_note_signed_by_two_names_both_in_the_order_of_their_lines():
    note = f"{TEXT}\n{BY_ENOCH}{BY_PETER}{BY_ENOCH}"

    opened = open_note(note, [peter, enoch])

    assert opened.by == ["EnochRoot", "PeterNeumann"]


def test_a_signature_of_an_unknown_key_is_ignored_beside_a_known_one():
    note = f"{TEXT}\n{BY_ENOCH}{BY_PETER}"

    opened = open_note(note, [peter])

    assert opened.by == ["PeterNeumann"]


@pytest.mark.parametrize("verifiers", [[], [enoch], [Verifier("PeterNeumann", enoch.public)]])
def test_a_note_no_known_key_signed_stays_closed(verifiers):
    with pytest.raises(NoteError) as refused:
        open_note(NOTE, verifiers)

    assert refused.value.code == "unknown-key"


@pytest.mark.parametrize(
    "note",
    [
        NOTE.replace("answer", "Answer"),
        NOTE.replace("JnAM=", "JnBM="),
        f"{TEXT}\n{BY_ENOCH}{BY_PETER.replace('JnAM=', 'JnBM=')}",
        f"{TEXT}\n{BY_PETER}{BY_PETER.replace('JnAM=', 'JnBM=')}",
        f"{TEXT}\n— PeterNeumann x08go/ZJ\n",
    ],
)
def test_one_wrong_signature_of_a_known_key_closes_the_note(note):
    with pytest.raises(NoteError) as refused:
        open_note(note, [peter, enoch])

    assert refused.value.code == "bad-signature"


@pytest.mark.parametrize(
    "note",
    [
        "",
        TEXT,
        f"{TEXT}\n",
        f"\n{BY_PETER}",
        f"{TEXT}{BY_PETER}",
        NOTE.removesuffix("\n"),
        f"{NOTE}\n",
        f"{NOTE}more\n",
        NOTE.replace("— ", "- "),
        NOTE.replace("— ", "—"),
        NOTE.replace("PeterNeumann ", "Peter+Neumann "),
        NOTE.replace("PeterNeumann ", "Peter\u3000Neumann "),
        NOTE.replace("PeterNeumann ", " "),
        NOTE.replace("JnAM=", "JnAM"),
        NOTE.replace("JnAM=", "JnAN="),
        f"{TEXT}\n— PeterNeumann x08gow==\n",
        NOTE.replace("think", "thin\tk"),
        NOTE.replace("\n", "\r\n"),
        NOTE.replace("think", "thin\ud800k"),
        NOTE.encode() + b"\xff\n",
        TEXT + "\n" + BY_PETER * 101,
    ],
)
def test_a_malformed_note_stays_closed(note):
    with pytest.raises(NoteError) as refused:
        open_note(note, [peter])

    assert refused.value.code == "malformed"


@given(texts)
def test_every_note_that_can_be_signed_opens_to_the_same_text(text):
    note = sign(text, TOWN)

    opened = open_note(note, [TOWN.verifier])

    assert (opened.text, opened.by) == (text, [TOWN.name])


@given(st.data())
def test_a_note_with_any_bit_flipped_stays_closed(data):
    note = bytearray(NOTE.encode())
    place = data.draw(st.integers(0, len(note) - 1))

    note[place] ^= 1 << data.draw(st.integers(0, 7))

    with pytest.raises(NoteError):
        open_note(bytes(note), [peter])


@given(
    st.binary()
    | st.text()
    | st.binary().map(
        lambda tail: TEXT.encode() + b"\n" + "— PeterNeumann ".encode() + tail + b"\n"
    )
    | st.text().map(lambda tail: f"{TEXT}\n— {tail}\n")
)
def test_arbitrary_input_stays_closed_without_any_other_fault(note):
    with pytest.raises(NoteError):
        open_note(note, [peter, enoch])


@pytest.mark.parametrize("text", ["", "no newline", "tab\t\n", "\ud800\n", "carriage\r\n"])
def test_text_a_note_may_not_hold_is_not_signed(text):
    with pytest.raises(NoteError) as refused:
        sign(text, TOWN)

    assert refused.value.code == "malformed"


def test_a_note_nobody_signs_is_no_note():
    with pytest.raises(NoteError) as refused:
        sign(TEXT)

    assert refused.value.code == "malformed"


@pytest.mark.parametrize(
    "name", ["", "two words", "a+b", "ideographic\u3000space", "\x00", "\ud800"]
)
def test_a_name_that_could_not_stand_in_a_signature_line_is_refused(name):
    with pytest.raises(NoteError) as refused:
        FileKey.generate(name)

    assert refused.value.code == "bad-key"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "PeterNeumann",
        PETER.replace("c74f20a3", "c74f20a4"),
        PETER.replace("PeterNeumann", "Peter"),
        PETER.replace("ARpc", "Ahpc"),
        PETER.removesuffix("W"),
        PETER + "AAAA",
        PETER.replace("ARpc", "赋权pc"),
    ],
)
def test_a_damaged_verifier_key_is_refused(text):
    with pytest.raises(NoteError) as refused:
        Verifier.parse(text)

    assert refused.value.code == "bad-key"


@given(st.text() | st.text().map("PeterNeumann+c74f20a3+{}".format))
def test_arbitrary_text_is_no_verifier_key(text):
    with pytest.raises(NoteError) as refused:
        Verifier.parse(text)

    assert refused.value.code == "bad-key"


@pytest.mark.parametrize(
    "key", [PETER, ENOCH, SPECIFIED, str(TOWN.verifier)],
    ids=["peter", "enoch", "specified", "town"],
)
def test_a_verifier_key_is_written_as_it_was_read(key):
    verifier = Verifier.parse(key)

    written = str(verifier)

    assert written == key


def test_a_saved_key_loads_again_and_only_its_owner_may_read_it(tmp_path):
    path = tmp_path / "delegation.pem"

    TOWN.save(path)

    assert FileKey.load(path, TOWN.name).verifier == TOWN.verifier
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_key_file_is_never_overwritten(tmp_path):
    path = tmp_path / "delegation.pem"
    TOWN.save(path)

    with pytest.raises(FileExistsError):
        FileKey.generate("other").save(path)

    assert FileKey.load(path, TOWN.name).verifier == TOWN.verifier


@pytest.mark.parametrize(
    "content",
    [
        b"no key",
        generate_private_key(SECP256R1()).private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
        TOWN.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"password"),
        ),
    ],
)
def test_a_file_without_a_plain_ed25519_key_is_refused(tmp_path, content):
    path = tmp_path / "delegation.pem"
    path.write_bytes(content)

    with pytest.raises(NoteError) as refused:
        FileKey.load(path, "fuquan")

    assert refused.value.code == "bad-key"


def test_a_signer_does_not_show_its_key():
    shown = repr(TOWN)

    assert shown == f"FileKey(name={TOWN.name!r})"
