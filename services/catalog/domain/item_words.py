"""What the words of an item say by themselves: what it leaves out, what it ends in."""

import re

EXCEPT = re.compile(r"[(（]([^()（）]+?)除外[)）]|[(（]不(?:含|包括)([^()（）]+)[)）]")
PARTS = re.compile(r"[、，,]")

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
    ("挂失", "record"), ("证办理", "confirmation"),
)
OUTCOME_OF_TYPE = {LICENCE: "approval", "行政确认": "confirmation", "行政给付": "payment"}


def exclusions(name: str) -> list[str]:
    """What an item's name excludes: 除外, 不含 (R014)."""
    return [
        part.strip()
        for match in EXCEPT.finditer(name)
        for part in ([match[1]] if match[1] else PARTS.split(match[2])) if part.strip()
    ]


def domain(power_type: str | None) -> str:
    """Approval, service or enforcement."""
    return DOMAINS.get(power_type or "", "approval")


def outcome(name: str, power_type: str | None) -> str | None:
    """What a case of the item probably ends in, to be looked at by whoever lists it.

    Nothing for enforcement (R063); where no word tells, the outcome with the longest path.
    """
    if domain(power_type) == "enforcement":
        return None
    found = next((kind for word, kind in OUTCOMES if word in name), None)
    return found or OUTCOME_OF_TYPE.get(power_type or "", "approval")
