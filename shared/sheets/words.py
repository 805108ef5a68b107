"""Text of a cell as its kind wants it: full and half width, broken lines, invisible characters."""

import re
import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches

SPACE = re.compile(r"\s+")
# A space means something between two Latin words or numbers, and nothing beside a Chinese sign.
BROKEN = re.compile(r"(?<![!-~])\s+|\s+(?![!-~])")


def visible(text: str) -> str:
    """The text without the signs that have neither width nor meaning here (U+200B, U+FEFF, …)."""
    return "".join(sign for sign in text if unicodedata.category(sign) != "Cf")


def control_character(text: str) -> str | None:
    """The first control character or half character in the text, as ``U+0007``."""
    for sign in text:
        if sign not in "\t\n\r" and unicodedata.category(sign) in ("Cc", "Cs"):
            return f"U+{ord(sign):04X}"
    return None


def whole(text: str) -> str:
    """A name or a word, put together where lines and spaces have broken it; width as printed."""
    return SPACE.sub(" ", BROKEN.sub("", text.strip()))


def narrow(text: str) -> str:
    """A number or a code: half width, no spaces."""
    return SPACE.sub("", unicodedata.normalize("NFKC", text))


def key(text: str) -> str:
    """What two spellings of one name have in common: width, spaces and case apart."""
    return SPACE.sub("", unicodedata.normalize("NFKC", text)).casefold()


def nearest(text: str, known: Iterable[str]) -> str | None:
    """The known name most like the text, if any is like it."""
    names = {key(name): name for name in known}
    found = get_close_matches(key(text), names, n=1, cutoff=0.5)
    return names[found[0]] if found else None
