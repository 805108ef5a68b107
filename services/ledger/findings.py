"""What a proof of competence can find: one row per kind, with its sentence and its rule."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

SENTENCES = {
    "no-acceptor": "{where}“{item}”无机关受理，请更正授权的权能（R064）",
    "no-decider": "{where}“{item}”无机关决定，请更正授权的权能（R065）",
    "two-deciders": "{where}“{item}”同时有{orgs}可以决定，请收回其一（R065）",
    "agreement-missing": "{where}“{item}”须有协议而未载明协议，请补签或收回（R070）",
    "agreement-not-signed": "{where}“{item}”已生效而协议尚未签订或尚未起算，请更正生效日（R070）",
    "agreement-expired": "{where}“{item}”所依协议期限已届满而授权仍在，请收回（R075）",
    "agreement-ended": "{where}“{item}”所依协议已终止或已不含该事项而授权仍在，请收回（R182）",
    "redelegated": "{where}“{item}”由受委托的{orgs}再行委托，请收回（R059）",
    "held-elsewhere": "{where}“{item}”的权能落在其他单位{orgs}，不得再委托，请收回（R059）",
    "zone-committee-holds": "管委会不得持有权力：{orgs}持有{where}“{item}”，请更正（R005）",
    "zone-committee-acted": "管委会不得行使权力：{orgs}办理了{where}“{item}”，请移送复核（R005）",
}
COUNTERS = {"town": "镇街受理", "district": "区级受理", "bureau": "划转后受理"}
CROSSING = {"no": "、不跨镇街", "yes": "、跨镇街", "any": ""}


@dataclass(frozen=True)
class Finding:
    """One gap, overlap or breach, over one interval, with the fact that caused it.

    Args:
        code: a key of `SENTENCES`.
        town: None where it is about the department's own power.
        scope: sub-items concerned; empty: the item, or all of it that no grant names.
        filed_at: at which counter a case would be filed; None where that does not matter.
        orgs: the organs concerned.
        grants: the grants in force that are concerned.
        since: first instant.
        until: end, exclusive; None: open.
        source: the log of the causing fact.
        position: of the causing fact in that log.
    """

    code: str
    programme: str
    item: str
    town: str | None
    since: datetime
    until: datetime | None
    source: str
    position: int
    facet: str | None = None
    scope: tuple[str, ...] = ()
    filed_at: str | None = None
    cross_town: str | None = None
    orgs: tuple[str, ...] = ()
    grants: tuple[str, ...] = field(default=(), compare=False)

    def told(self, name: Callable[[str], str]) -> dict[str, Any]:
        """As a row with its sentence; *name* of an item, a town or an organ by its id."""
        return {
            "code": self.code, "zh": self.sentence(name), "programme": self.programme,
            "item": self.item, "town": self.town, "facet": self.facet, "scope": list(self.scope),
            "filed_at": self.filed_at, "cross_town": self.cross_town, "orgs": list(self.orgs),
            "grants": list(self.grants), "from": self.since, "to": self.until,
            "source": self.source, "position": self.position,
        }

    def sentence(self, name: Callable[[str], str]) -> str:
        """One sentence for people: what is wrong, and the next step."""
        town = name(self.town) if self.town else ""
        counter = ""
        if self.filed_at is not None:
            crossing = CROSSING[self.cross_town or "any"]
            counter = f"（{COUNTERS[self.filed_at]}{crossing}）"
        return SENTENCES[self.code].format(
            where=f"{town}{counter}", item=name(self.item),
            orgs="、".join(name(org) for org in self.orgs),
        )
