"""The SM3 root: published vectors of the hash, and the shape that RFC 6962 gives the tree."""

import hashlib
from base64 import b64encode

import pytest

from shared.log.checkpoint import Checkpoint, CheckpointError
from shared.log.sm3 import _Sm3, extension, sm3, sm3_leaf, sm3_range, sm3_root
from shared.log.tree import root_of

# GB/T 32905-2016, annex A
ABC = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
ABCD_16 = "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"
ENTRIES = [bytes([nth]) * nth for nth in range(1, 14)]


def tree_head(entries: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, word for word, with SM3."""
    if not entries:
        return hashlib.new("sm3", b"").digest()
    if len(entries) == 1:
        return hashlib.new("sm3", b"\x00" + entries[0]).digest()
    split = 1
    while split * 2 < len(entries):
        split *= 2
    left, right = tree_head(entries[:split]), tree_head(entries[split:])
    return hashlib.new("sm3", b"\x01" + left + right).digest()


@pytest.mark.parametrize("hashed", [sm3, _Sm3], ids=["of Python", "of cryptography"])
@pytest.mark.parametrize(("message", "digest"), [(b"abc", ABC), (b"abcd" * 16, ABCD_16)])
def test_sm3_gives_the_published_digests(hashed, message, digest):
    found = hashed(message).digest()

    assert found.hex() == digest


@pytest.mark.parametrize("size", range(14))
def test_the_sm3_range_has_the_root_of_the_standard_tree_at_every_size(size):
    log = sm3_range()

    log.extend(sm3_leaf(entry) for entry in ENTRIES[:size])

    assert log.root() == tree_head(ENTRIES[:size])


def test_a_range_that_was_kept_goes_on_to_the_same_root():
    kept = sm3_range()
    kept.extend(sm3_leaf(entry) for entry in ENTRIES[:6])

    again = sm3_range(kept.size, kept.hashes)
    again.extend(sm3_leaf(entry) for entry in ENTRIES[6:])

    assert again.root() == tree_head(ENTRIES)


def test_a_checkpoint_carries_the_root_in_an_extension_line_and_gives_it_back():
    root = tree_head(ENTRIES)

    checkpoint = Checkpoint("fuquan/shanting/cases", 13, root_of([]), (extension(root),))

    assert checkpoint.text().split("\n")[3] == f"sm3 {b64encode(root).decode()}"
    assert sm3_root(Checkpoint.parse(checkpoint.text())) == root


def test_a_checkpoint_without_the_line_has_no_such_root():
    assert sm3_root(Checkpoint("fuquan/shanting/cases", 0, root_of([]), ("other line",))) is None


@pytest.mark.parametrize(
    "lines",
    [
        (extension(bytes(32)), extension(bytes(32))), ("sm3 AAAA",), ("sm3 ",),
        ("sm3 " + b64encode(bytes(32)).decode().rstrip("="),),
    ],
)
def test_two_such_lines_or_one_that_is_no_root_are_malformed(lines):
    checkpoint = Checkpoint("fuquan/shanting/cases", 0, root_of([]), lines)

    with pytest.raises(CheckpointError) as refused:
        sm3_root(checkpoint)

    assert refused.value.code == "malformed"
