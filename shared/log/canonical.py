"""Canonical JSON (RFC 8785): the one byte string that is stored, hashed, published and verified."""

from json import JSONEncoder
from typing import Any

import rfc8785

MAX_BYTES = 65_535  # an entry's length takes 16 bits in a C2SP tlog-tiles bundle
MAX_INTEGER = 2**53 - 1  # beyond it a JSON number is not exact everywhere

_SCALARS = {str, int, bool, type(None)}

# Five times as fast as rfc8785.dumps, and the same bytes where all keys are ASCII: Python sorts
# them by code point, RFC 8785 by UTF-16 code unit.
_fast = JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


class NotCanonical(ValueError):
    """A value outside the JSON an envelope is made of."""


class EnvelopeTooLarge(ValueError):
    """A value that takes more than ``MAX_BYTES`` bytes: attach documents by their hash."""


def canonical(obj: object, most: int = MAX_BYTES) -> bytes:
    """The canonical JSON of *obj*, at most *most* bytes of UTF-8.

    Args:
        obj: dict (with str keys), list, str, int, bool or None all the way down, and no subclass
            of these; integers within ``MAX_INTEGER`` of 0. Amounts and instants are strings.
        most: longest result; an entry of the log keeps the default, a request may be longer.

    Raises:
        NotCanonical: anything else: a float, a tuple, a date, a lone surrogate, nesting too deep.
        EnvelopeTooLarge: the result would be longer than *most* bytes.

    Source:
        RFC 8785, sections 3.2.2 and 3.2.3.
    """
    try:
        plain, ascii_keys = _plain(obj, most)
        encoded = _fast.encode(plain).encode() if ascii_keys else rfc8785.dumps(plain)
    except (UnicodeEncodeError, rfc8785.CanonicalizationError) as error:
        raise NotCanonical("a string with a lone surrogate") from error
    except RecursionError as error:
        raise NotCanonical("nested too deeply") from error
    if len(encoded) > most:
        raise EnvelopeTooLarge(f"{len(encoded)} bytes, of {most} allowed")
    return encoded


def _plain(obj: object, most: int) -> tuple[Any, bool]:
    """*obj*, seen to be plain JSON and nothing else, and whether all its keys are ASCII."""
    keys: list[Any] = []
    values: list[Any] = [obj]
    for value in values:  # grows while it is walked
        kind = type(value)
        if kind is dict:
            keys += value
            values += value.values()
        elif kind is list:
            values += value
        elif kind is int and not -MAX_INTEGER <= value <= MAX_INTEGER:
            raise NotCanonical("an integer that is not exact as a JSON number")
        elif kind not in _SCALARS:
            raise NotCanonical(f"no plain JSON: {kind.__name__}")
        if len(values) > most:  # a value takes a byte at least; a cycle ends here too
            raise EnvelopeTooLarge(f"more than {most} values")
    if not set(map(type, keys)) <= {str}:
        raise NotCanonical("a key that is no string")
    return obj, "".join(keys).isascii()
