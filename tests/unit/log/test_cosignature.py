"""tlog-cosignature: what a witness saw, and when."""

from base64 import b64decode, b64encode

import pytest

from shared.log.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from shared.log.cosignature import Witness, cosign, cosigned
from shared.log.note import NoteError
from shared.log.signer import FileKey

LOG = FileKey.generate("fuquan/county/cases")
CITY = FileKey.generate("fuquan/city/ledger")
CHECKPOINT = Checkpoint("fuquan/county/cases", 7, bytes(32))
AT = 1_700_000_000
NOTE = sign_checkpoint(CHECKPOINT, LOG) + cosign(CHECKPOINT.text(), AT, CITY)


def test_a_cosignature_says_when_the_witness_saw_the_checkpoint():
    assert cosigned(NOTE, [Witness.of(CITY)]) == {"fuquan/city/ledger": AT}


def test_the_log_is_still_verified_as_before():
    assert open_checkpoint(NOTE, "fuquan/county/cases", [LOG.verifier]) == CHECKPOINT


def test_a_cosignature_line_is_key_hash_time_and_signature():
    value = b64decode(NOTE.splitlines()[-1].split(" ")[2])

    assert len(value) == 4 + 8 + 64
    assert value[:4] == Witness.of(CITY).key_hash
    assert int.from_bytes(value[4:12]) == AT


def test_the_example_of_the_specification_is_read():
    note = (
        "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
        "— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5"
        "/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
    )

    assert cosigned(note, [Witness.of(CITY)]) == {}


def test_a_key_that_cosigns_is_another_than_one_that_signs():
    assert Witness.of(CITY).key_hash != CITY.verifier.key_hash
    assert Witness.parse(str(Witness.of(CITY))) == Witness.of(CITY)


@pytest.mark.parametrize(
    "text", ["", "a+b+c", str(CITY.verifier), str(Witness.of(CITY))[:-4]],
    ids=["empty", "no key", "a signer's key", "cut off"],
)
def test_another_text_is_no_witnesss_key(text):
    with pytest.raises(NoteError) as wrong:
        Witness.parse(text)
    assert wrong.value.code == "bad-key"


@pytest.mark.parametrize("damage", [
    lambda note: note.replace("\n7\n", "\n8\n"),
    lambda note: note.replace("fuquan/county/cases\n7", "fuquan/county/catalog\n7"),
])
def test_a_cosignature_of_another_checkpoint_is_refused(damage):
    with pytest.raises(NoteError) as wrong:
        cosigned(damage(NOTE), [Witness.of(CITY)])
    assert wrong.value.code == "bad-signature"


def test_a_witness_that_is_not_known_is_passed_over():
    assert cosigned(NOTE, [Witness.of(FileKey.generate("fuquan/city/ledger"))]) == {}


def bent(place, bit):
    """The note with one bit of the cosignature's value flipped: key hash, time and signature."""
    *lines, last = NOTE.splitlines()
    dash, name, value = last.split(" ")
    raw = bytearray(b64decode(value))
    raw[place] ^= bit
    return "\n".join([*lines, f"{dash} {name} {b64encode(raw).decode()}", ""])


@pytest.mark.parametrize("place", range(4, 76))
def test_a_cosignature_with_any_byte_of_time_or_signature_flipped_is_refused(place):
    with pytest.raises(NoteError) as wrong:
        cosigned(bent(place, 1 << place % 8), [Witness.of(CITY)])
    assert wrong.value.code == "bad-signature"


@pytest.mark.parametrize("place", range(4))
def test_a_cosignature_under_another_key_hash_is_nobodys(place):
    assert cosigned(bent(place, 1), [Witness.of(CITY)]) == {}


@pytest.mark.parametrize("length", [1, 8, 71, 73])
def test_a_cosignature_of_another_length_is_refused(length):
    value = Witness.of(CITY).key_hash + bytes(length)
    note = f"{CHECKPOINT.text()}\n— {CITY.name} {b64encode(value).decode()}\n"

    with pytest.raises(NoteError) as wrong:
        cosigned(note, [Witness.of(CITY)])
    assert wrong.value.code == "bad-signature"


def test_a_cosignature_does_not_sign_for_the_log():
    alone = CHECKPOINT.text() + "\n" + cosign(CHECKPOINT.text(), AT, LOG)

    with pytest.raises(NoteError) as wrong:
        open_checkpoint(alone, "fuquan/county/cases", [LOG.verifier])
    assert wrong.value.code == "unknown-key"


def test_extension_lines_are_cosigned_too():
    extended = Checkpoint("fuquan/county/cases", 7, bytes(32), ("sm3 AAAA",)).text()
    note = extended + "\n" + cosign(extended, AT, CITY)

    assert cosigned(note, [Witness.of(CITY)]) == {"fuquan/city/ledger": AT}
    with pytest.raises(NoteError):
        cosigned(note.replace("sm3 AAAA", "sm3 AAAB"), [Witness.of(CITY)])
