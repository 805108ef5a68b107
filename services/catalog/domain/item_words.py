"""What the words of an item say by themselves: what it leaves out, what moves, what it ends in."""

import re

EXCEPT = re.compile(r"[(（]([^()（）]+?)除外[)）]|[(（]不(?:含|包括)([^()（）]+)[)）]")
VERB = re.compile(r"\A(?:只|仅)?(下放|前移)")
QUOTED = re.compile(r"""[“「『"]([^“”「」『』"]+)[”」』"]""")
PARTS = re.compile(r"[、，,]")
LINES = re.compile(r"[；;\n]")

SERVICE, LICENCE = "公共服务", "行政许可"
DOMAINS = {  # by power type; every other is an approval
    SERVICE: "service", "行政处罚": "enforcement", "行政强制": "enforcement",
    "行政检查": "enforcement",
}
# What a case ends in, by a word of the name; then by the power type.
OUTCOMES = (
    ("咨询", "answer"), ("登记", "registration"), ("备案", "registration"),
    ("补贴", "payment"), ("救助", "payment"), ("给付", "payment"), ("查询", "record"),
    ("打印", "record"), ("申领", "record"), ("补换", "record"), ("重置", "record"),
    ("挂失", "record"),
)
OUTCOME_OF_TYPE = {LICENCE: "approval", "行政确认": "confirmation", "行政给付": "payment"}


def exclusions(name: str) -> list[str]:
    """What an item's name excludes: 除外, 不含 (R014)."""
    return [
        part.strip()
        for match in EXCEPT.finditer(name)
        for part in ([match[1]] if match[1] else PARTS.split(match[2])) if part.strip()
    ]


def verb(remark: str) -> str | None:
    """The verb by which a remark says that only a part moves (R013)."""
    match = VERB.match(remark)
    return match[1] if match else None


def quoted(remark: str) -> bool:
    """Whether a remark names sub-items in quotation marks."""
    return QUOTED.search(remark) is not None


def subitems(remark: str) -> list[str]:
    """The sub-items that a remark or a column of sub-items names, in its order (R013)."""
    parts = QUOTED.findall(remark) or LINES.split(VERB.sub("", remark, count=1))
    return list(dict.fromkeys(part.strip() for part in parts if part.strip()))


def domain(power_type: str | None) -> str:
    """Approval, service or enforcement."""
    return DOMAINS.get(power_type or "", "approval")


def outcome(name: str, power_type: str | None) -> str | None:
    """What a case of the item probably ends in; to be looked at by whoever lists it."""
    if power_type in DOMAINS and power_type != SERVICE:
        return None
    found = next((kind for word, kind in OUTCOMES if word in name), None)
    return found or OUTCOME_OF_TYPE.get(power_type or "")
