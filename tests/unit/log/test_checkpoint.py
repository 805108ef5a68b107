"""Checkpoints, against the published ones of C2SP and of Go's checksum database."""

from base64 import b64decode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.log.checkpoint import (
    MAX_SIZE,
    Checkpoint,
    CheckpointError,
    open_checkpoint,
    sign_checkpoint,
)
from shared.log.note import NoteError, Verifier, sign
from shared.log.signer import FileKey
from shared.log.tree import EMPTY_ROOT

# https://c2sp.org/tlog-checkpoint, the example
SPECIFIED_TEXT = (
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
)
SPECIFIED = Checkpoint(
    "example.com/behind-the-sofa",
    20_852_163,
    bytes.fromhex("0ac5186a91863e8e1d90c808014aa89bf5da8e3ee1d9f07630f0378f68f1ab62"),
)

# sum.golang.org, signed heads as served at two sizes
GO_KEY = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
GO_ORIGIN = "go.sum database tree"
GO_NOTE = (
    "go.sum database tree\n6476701\nmb8QLQIs0Z0yP5Cstq6guj87oXWeC9gEM8oVikmm9Wk=\n\n"
    "— sum.golang.org Az3grsLX85Gz+s1SiTbgkuqxgItqFq7gsMUEyVnrsa9LM7Us9S+1xbFIGu95949rj4nPRYfvimWE"
    "PWL+o3GeoWwOoAw=\n"
)
GO_WITNESSED_NOTE = (
    "go.sum database tree\n15067302\ngJyioq6dwR9n+NjEWORfYmH+ubeYm3kH42BBQ0bTpYI=\n\n"
    "— sum.golang.org Az3grp1rvWOs5NKlr/xR4GLN/CDyzzakmt1o61uSxYKpK1SerqOP2ClbX/peKUZjYnyomH5Xz7GZ"
    "G3TpB7OeKn4E2ww=\n"
    "— test.example.com qTGhC/xIPQ0AXKHK6Y+9ypRfuvMZWPjRXM8NiOg5M1WREn07VQXyuIXM3NRNav3ieVFLUqDRK7"
    "7PWDmL6w8w84UqeAw=\n"
)

ORIGIN = "fuquan/laiwu/delegation"
SIGNER = FileKey.generate(ORIGIN)
ROOT = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
lines = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1)
checkpoints = st.builds(
    Checkpoint,
    origin=lines,
    size=st.integers(0, MAX_SIZE),
    root=st.binary(min_size=32, max_size=32),
    extensions=st.lists(lines, max_size=3).map(tuple),
)


def test_the_specified_example_is_read_and_written():
    checkpoint = Checkpoint.parse(SPECIFIED_TEXT)

    text = checkpoint.text()

    assert checkpoint == SPECIFIED
    assert text == SPECIFIED_TEXT


@pytest.mark.parametrize(
    ("note", "size", "root"),
    [
        (GO_NOTE, 6_476_701, "mb8QLQIs0Z0yP5Cstq6guj87oXWeC9gEM8oVikmm9Wk="),
        (GO_WITNESSED_NOTE, 15_067_302, "gJyioq6dwR9n+NjEWORfYmH+ubeYm3kH42BBQ0bTpYI="),
    ],
)
def test_a_signed_head_of_the_go_checksum_database_opens(note, size, root):
    verifier = Verifier.parse(GO_KEY)

    checkpoint = open_checkpoint(note, GO_ORIGIN, [verifier])

    assert checkpoint == Checkpoint(GO_ORIGIN, size, b64decode(root))


def test_an_empty_log_has_the_size_0_and_the_hash_of_nothing():
    checkpoint = Checkpoint(ORIGIN, 0, EMPTY_ROOT)

    text = checkpoint.text()

    assert text == f"{ORIGIN}\n0\n{ROOT}\n"


@given(checkpoints)
def test_a_signed_checkpoint_opens_to_itself(checkpoint):
    note = sign_checkpoint(checkpoint, SIGNER)

    opened = open_checkpoint(note.encode(), checkpoint.origin, [SIGNER.verifier])

    assert opened == checkpoint


@given(st.text() | st.lists(st.sampled_from(["a", "0", "10", "01", "", ROOT])).map("\n".join))
def test_a_text_is_either_refused_or_the_only_spelling_of_its_checkpoint(text):
    try:
        read = Checkpoint.parse(text).text()
    except CheckpointError as refused:
        read, code = text, refused.code
    else:
        code = "malformed"

    assert (read, code) == (text, "malformed")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        f"{ORIGIN}\n0\n",
        f"{ORIGIN}\n0\n{ROOT}",
        f"{ORIGIN}\n0\n{ROOT}\n\n",
        f"\n0\n{ROOT}\n",
        f"{ORIGIN}\r\n0\r\n{ROOT}\r\n",
        f"{ORIGIN}\n\n{ROOT}\n",
        f"{ORIGIN}\n00\n{ROOT}\n",
        f"{ORIGIN}\n01\n{ROOT}\n",
        f"{ORIGIN}\n+1\n{ROOT}\n",
        f"{ORIGIN}\n-1\n{ROOT}\n",
        f"{ORIGIN}\n1_0\n{ROOT}\n",
        f"{ORIGIN}\n 1\n{ROOT}\n",
        f"{ORIGIN}\n\uff11\n{ROOT}\n",
        f"{ORIGIN}\n{2**63}\n{ROOT}\n",
        f"{ORIGIN}\n{'9' * 5000}\n{ROOT}\n",
        f"{ORIGIN}\n0\n{ROOT[:-1]}\n",
        f"{ORIGIN}\n0\n{ROOT.replace('U=', 'V=')}\n",
        f"{ORIGIN}\n0\nAAAA\n",
        f"{ORIGIN}\n0\n赋权\n",
        f"{ORIGIN}\n0\n{ROOT}\n\nextension\n",
        f"{ORIGIN}\n0\n{ROOT}\nexten\tsion\n",
        f"\ud800\n0\n{ROOT}\n",
    ],
)
def test_a_malformed_text_is_no_checkpoint(text):
    with pytest.raises(CheckpointError) as refused:
        Checkpoint.parse(text)

    assert refused.value.code == "malformed"


@pytest.mark.parametrize(
    "values",
    [
        {"origin": ""},
        {"origin": "two\nlines"},
        {"size": -1},
        {"size": 2**63},
        {"root": b"short"},
        {"extensions": ("",)},
        {"extensions": ("two\nlines",)},
    ],
)
def test_a_checkpoint_that_would_not_survive_being_written_cannot_be_made(values):
    sound = {"origin": ORIGIN, "size": 0, "root": EMPTY_ROOT}

    with pytest.raises(CheckpointError) as refused:
        Checkpoint(**(sound | values))

    assert refused.value.code == "malformed"


def test_a_checkpoint_of_another_log_is_refused_though_well_signed():
    note = sign_checkpoint(Checkpoint("fuquan/laiwu/cases", 0, EMPTY_ROOT), SIGNER)

    with pytest.raises(CheckpointError) as refused:
        open_checkpoint(note, ORIGIN, [SIGNER.verifier])

    assert refused.value.code == "wrong-origin"


def test_a_signed_note_that_is_no_checkpoint_is_refused():
    note = sign("a letter\n", SIGNER)

    with pytest.raises(CheckpointError) as refused:
        open_checkpoint(note, ORIGIN, [SIGNER.verifier])

    assert refused.value.code == "malformed"


def test_a_checkpoint_signed_by_someone_else_is_refused():
    note = sign_checkpoint(Checkpoint(ORIGIN, 0, EMPTY_ROOT), FileKey.generate(ORIGIN))

    with pytest.raises(NoteError) as refused:
        open_checkpoint(note, ORIGIN, [SIGNER.verifier])

    assert refused.value.code == "unknown-key"
