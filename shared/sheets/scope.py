"""The sub-items of an entry as tables write them: in quotation marks, or one to a line (R013)."""

import re
from collections.abc import Mapping, Sequence

from shared.sheets.words import whole

QUOTED = re.compile(r"""[“「『"]([^“”「」『』"]+)[”」』"]""")
MARKS = re.compile(r"""[“”「」『』"]""")
VERB = re.compile(r"(?:只|仅)?(下放|前移)")
LINES = re.compile(r"[；;\n]")


def verb(text: str) -> str | None:
    """The verb by which a remark says that only a part moves."""
    match = VERB.match(text)
    return match[1] if match else None


def named_parts(cells: Mapping[str, str]) -> list[str]:
    """The sub-items that a line names, from its own column or else from the remark.

    A remark names them by a verb and quotation marks, 下放“…”“…”, else it is only a remark.
    """
    scope, remark = cells.get("scope", ""), whole(cells.get("remark", ""))
    if not scope and verb(remark) and QUOTED.search(remark):
        scope = remark
    parts = QUOTED.findall(whole(scope)) or LINES.split(VERB.sub("", scope, count=1))
    return list(dict.fromkeys(part.strip() for part in parts if part.strip()))


def written(parts: Sequence[str]) -> str:
    """Sub-items so that `named_parts` reads them again."""
    if any(MARKS.search(part) for part in parts):
        return "\n".join(parts)
    return "".join(f"“{part}”" for part in parts)
