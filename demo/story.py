"""One application of the scenario, and the steps that it takes at its counter and beyond."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from demo import md2023
from demo.player import Player

DOORS = {"preliminary_review": "preliminary_review", "substantive_review": "review",
         "forward": "forward", "receive": "receive", "decide": "approve", "deliver": "deliver"}


@dataclass
class Story:
    """One application and what becomes of it.

    Args:
        counter: the organ that the applicant chose.
        town: of that organ, or of the applicant.
        until: the step before which the story pauses; "" walks to the end.
        ending: "approve", "deny" or "withdraw".
        person: number of the applicant, where one is registered; details are synthetic.
    """

    key: str
    programme: str
    item: dict[str, Any]
    counter: str
    town: str | None
    at: datetime
    subitem: str | None = None
    towns: list[str] = field(default_factory=list)
    until: str = ""
    ending: str = "approve"
    applicant: str = ""
    deficient: bool = False
    person: str = ""
    path: list[dict[str, Any]] = field(default_factory=list)

    @property
    def case(self) -> str:
        """The id of the case."""
        return str(uuid5(NAMESPACE_URL, f"fuquan:demo:case:{self.key}"))

    @property
    def document(self) -> str:
        """The document's hash, 64 hex digits."""
        return sha256(self.key.encode()).hexdigest()

    def do(self, player: Player, door: str, actor: str, refused: str | None = None,
           **request: Any) -> None:
        """One act, twenty minutes after the last."""
        self.at += timedelta(minutes=20)
        player.do(
            f"case/{self.key}/{door}/{self.at:%m%d%H%M}", "cases", door,
            {"programme": self.programme, "case": self.case, **request},
            at=self.at.isoformat(), actor=actor, refused=refused,
        )

    def registered(self, player: Player) -> str:
        """The key of the applicant, who is registered with synthetic details the first time."""
        details = {"kind": "person", "name": f"申请人{self.person}", "id_kind": "other",
                   "id_number": f"SYNTHETIC-{self.person}", "phone": f"电话{self.person}"}
        answer = player.do(
            f"applicant/{self.person}", "cases", "register_applicant",
            {"programme": self.programme, "details": details},
            at="2020-05-01T09:00:00+08:00", actor=self.counter,
        )
        return str(answer["stream"])

    def submit(self, player: Player) -> None:
        """Hand in."""
        registered = self.registered(player) if self.person else None
        self.do(
            player, "submit", self.counter, item=self.item["item_id"], subitem=self.subitem,
            applicant_ref=registered or f"A-{self.key}",
            applicant_key=registered or self.applicant or f"K-{self.key}",
            subject_key=f"S-{self.applicant or self.key}", towns_concerned=self.towns,
            channel="window", chosen_org=self.counter, town=self.town,
        )

    def file(self, player: Player) -> None:
        """Hand in, mend what is missing, be accepted."""
        self.submit(player)
        if self.deficient:
            missing = ["身份证明", "场所证明"]
            self.do(player, "notify_deficiency", self.counter, items=missing,
                    document_ref=f"一次性告知-{self.key}")
            self.do(player, "supplement", self.counter, items=missing)
        self.do(player, "accept", self.counter)

    def ask_path(self, player: Player) -> None:
        """Which steps the case takes from here, and whose they are."""
        self.path = player.ask("cases", "may_i", {
            "programme": self.programme, "item": self.item["item_id"], "subitem": self.subitem,
            "org": self.counter, "town": self.town, "towns_concerned": self.towns,
            "at": self.at.isoformat(),
        })["path"]

    def walk(self, player: Player, *, after: str = "accept") -> None:
        """Take the steps after *after*, up to where the story pauses or ends."""
        names = [step["step"] for step in self.path]
        for place in range(names.index(after) + 1, len(names)):
            step = self.path[place]
            if step["step"] == self.until or not self._step(player, step, self.path[place + 1 :]):
                return
        if names[-1] == "deliver":
            self.do(player, "close", self.path[-1]["org_id"])

    def _step(self, player: Player, step: dict[str, Any], rest: list[dict[str, Any]]) -> bool:
        """Take one step; False where the case ends with it."""
        name, org = step["step"], step["org_id"]
        if name == "complete":
            self.do(player, "complete", org, outcome_kind=self.item["outcome_kind"],
                    result_ref=f"R-{self.key}")
        elif name == "decide" and self.ending == "deny":
            self.do(player, "deny", org, reason="不符合条件", legal_basis="行政许可法第三十八条",
                    document_ref=f"D-{self.key}", ground="merits")
            return False
        elif name == "seal":
            self.do(player, "seal", org, seal=self._seal(step), document_hash=self.document)
        else:
            self.do(player, DOORS[name], org, **self._told(name, rest))
        return True

    def _told(self, name: str, rest: list[dict[str, Any]]) -> dict[str, Any]:
        sealed = any(step["step"] == "seal" for step in self.path)
        return {
            "preliminary_review": {"result": "ok", "defects": []},
            "substantive_review": {"result": "positive", "opinion_ref": f"O-{self.key}",
                                   "opinion_seal": f"TOWN_APPROVAL_SEAL:{self.town}:1"},
            "forward": {"to": rest[0]["org_id"] if rest else None, "opinion_ref": None},
            "deliver": {"document_hash": self.document if sealed else None},
        }.get(name, {})

    def _seal(self, step: dict[str, Any]) -> str:
        kind = step["capacity"].rpartition(":")[2]
        if kind == "seal_no_2":
            return md2023.seal_of(self.item["granting_org_id"], str(self.town))
        return f"{kind.upper()}:{step['org_id']}:1"
