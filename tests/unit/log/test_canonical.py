"""Canonical JSON, against the published examples and the reference library."""

import json
from collections import OrderedDict
from datetime import date
from enum import IntEnum, StrEnum

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from shared.log.canonical import MAX_BYTES, EnvelopeTooLarge, NotCanonical, canonical

# cyberphone/json-canonicalization, testdata: input, output. Those without fractions.
WEIRD = (
    (
        r'{"\u20ac":"Euro Sign","1":"One","\u0080":"Control\u007f","\ud83d\ude02":"Smiley",'
        r'"\u00f6":"Latin Small Letter O With Diaeresis",'
        r'"\ufb33":"Hebrew Letter Dalet With Dagesh","</script>":"Browser Challenge"}'
    ),
    (
        '{"1":"One","</script>":"Browser Challenge","\u0080":"Control\u007f",'
        '"\u00f6":"Latin Small Letter O With Diaeresis","\u20ac":"Euro Sign",'
        '"\U0001f602":"Smiley","\ufb33":"Hebrew Letter Dalet With Dagesh"}'
    ),
)
STRUCTURES = (
    r'{"1":{"f":{"f":"hi","F":5},"\n":56},"10":{},"":"empty","a":{},"111":[{}],"A":{}}',
    r'{"":"empty","1":{"\n":56,"f":{"F":5,"f":"hi"}},"10":{},"111":[{}],"A":{},"a":{}}',
)
# RFC 8785, sections 3.2.2 and 3.2.3: strings and literals of the sample; the sorting sample
STRINGS = (
    (
        r'{"string":"\u20ac$\u000F\u000aA'
        r"'"
        r'\u0042\u0022\u005c\\\"\/","literals":[null,true,false]}'
    ),
    '{"literals":[null,true,false],"string":"€$' + r"\u000f\nA'B\"\\\\\"/" + '"}',
)
SORTING = (
    (
        r'{"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh",'
        r'"1":"One","\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control",'
        r'"\u00f6":"Latin Small Letter O With Diaeresis"}'
    ),
    (
        r'{"\r":"Carriage Return","1":"One",'
        '"\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis","\u20ac":"Euro Sign",'
        '"\U0001f600":"Emoji: Grinning Face","\ufb33":"Hebrew Letter Dalet With Dagesh"}'
    ),
)

names = st.text(st.characters(codec="utf-8"))
ascii_names = st.text(st.characters(codec="ascii"))
scalars = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | names


def plain(keys):
    """Any nesting of lists and dicts with these *keys*."""
    return st.recursive(
        scalars, lambda inner: st.lists(inner) | st.dictionaries(keys, inner), max_leaves=30
    )


class Mode(StrEnum):
    """A str that is more than a str."""

    ENTRUSTED = "entrusted"


class Count(IntEnum):
    """An int that is more than an int."""

    ONE = 1


@pytest.mark.parametrize(("given_text", "published"), [WEIRD, STRUCTURES, STRINGS, SORTING])
def test_the_published_examples_come_out_as_published(given_text, published):
    value = json.loads(given_text)

    encoded = canonical(value)

    assert encoded == published.encode()


@given(plain(ascii_names))
def test_ascii_keys_give_the_bytes_of_the_reference_library(value):
    reference = rfc8785.dumps(value)

    encoded = canonical(value)

    assert encoded == reference


@given(plain(ascii_names | names))
def test_any_keys_give_the_bytes_of_the_reference_library(value):
    reference = rfc8785.dumps(value)

    encoded = canonical(value)

    assert encoded == reference


@given(plain(names))
def test_what_was_encoded_is_read_back_equal_and_encodes_to_the_same_bytes(value):
    encoded = canonical(value)

    read = json.loads(encoded)

    assert read == value
    assert canonical(read) == encoded


def test_keys_are_ordered_by_utf_16_code_unit_and_not_by_code_point():
    value = {"\uffff": 1, "\U00010000": 2}

    encoded = canonical(value)

    assert encoded == '{"\U00010000":2,"\uffff":1}'.encode()


@pytest.mark.parametrize(
    "within", [lambda v: v, lambda v: [v], lambda v: {"data": [v]}, lambda v: {"赋权": v}]
)
@pytest.mark.parametrize(
    "value",
    [
        1.0,
        float("nan"),
        (1, 2),
        {1, 2},
        b"bytes",
        date(2021, 5, 1),
        2**53,
        -(2**53),
        [10**5000],
        {1: "a"},
        {None: "a"},
        {True: "a"},
        {"a": 1, 2: "b"},
        {Mode.ENTRUSTED: 1},
        Mode.ENTRUSTED,
        Count.ONE,
        OrderedDict(a=1),
        "\ud800",
        {"\udfff": 1},
        {"a": "\udc00\ud800"},
    ],
)
def test_whatever_is_not_plain_json_is_refused_at_any_depth(value, within):
    nested = within(value)

    with pytest.raises(NotCanonical):
        canonical(nested)


def test_nesting_beyond_what_a_reader_could_follow_is_refused():
    value = json.loads("[" * 900 + "]" * 900)
    for _ in range(20_000):
        value = [value]

    with pytest.raises(NotCanonical):
        canonical(value)


def test_an_envelope_may_have_exactly_the_largest_size():
    value = {"data": "a" * (MAX_BYTES - len('{"data":""}'))}

    encoded = canonical(value)

    assert len(encoded) == MAX_BYTES


@pytest.mark.parametrize(
    "value", ["a" * (MAX_BYTES - 1), "赋" * 21_845, [0] * 40_000, {"赋": "a" * MAX_BYTES}]
)
def test_a_larger_envelope_is_refused(value):
    with pytest.raises(EnvelopeTooLarge):
        canonical(value)


def test_a_value_that_contains_itself_is_refused():
    value = {"data": []}
    value["data"].append(value)

    with pytest.raises(EnvelopeTooLarge):
        canonical(value)
