"""More than five hundred applications, through every path of the programmes; all of it scenario.

Each story is filed at a counter, asks which path the case takes there (`may_i`), and walks it. The
special ones stop, turn or are refused where the rules say so.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from demo import gz2020, md2023, sr2020
from demo.checks import Check
from demo.material import content, items, towns
from demo.player import Player

TITLE = "办件 500+  cases"
DOORS = {"preliminary_review": "preliminary_review", "substantive_review": "review", "forward": "forward",
         "receive": "receive", "decide": "approve", "deliver": "deliver"}
OTHER_MATTER = "有限责任公司设立登记"  # the rules' own example of a matter outside the scope (R013)
DECISION = {"kind": "decision", "ref": "收回决定（情景）", "dated": "2024-02-29", "sha256": None}
RECALL_TOWN, EXPIRY_TOWN = "MD2023-TOWN-18", "MD2023-TOWN-07"


@dataclass
class Story:
    """One application and what becomes of it.

    Args:
        counter: the organ that the applicant chose.
        town: of that organ, or of the applicant.
        until: the step before which the story pauses; "" walks to the end.
        ending: "approve", "deny" or "withdraw".
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
    path: list[dict[str, Any]] = field(default_factory=list)

    @property
    def case(self) -> str:
        """The id of the case."""
        return str(uuid5(NAMESPACE_URL, f"fuquan:demo:case:{self.key}"))

    @property
    def document(self) -> str:
        """The document's hash, 64 hex digits."""
        return sha256(self.key.encode()).hexdigest()

    def do(self, player: Player, door: str, actor: str, refused: str | None = None, **request: Any) -> None:
        """One act, twenty minutes after the last."""
        self.at += timedelta(minutes=20)
        player.do(
            f"case/{self.key}/{door}/{self.at:%m%d%H%M}", "cases", door, {"programme": self.programme, "case": self.case, **request},
            at=self.at.isoformat(), actor=actor, refused=refused,
        )

    def file(self, player: Player) -> None:
        """Hand in, mend what is missing, be accepted."""
        self.do(
            player, "submit", self.counter, item=self.item["item_id"], subitem=self.subitem, applicant_ref=f"A-{self.key}",
            applicant_key=self.applicant or f"K-{self.key}", subject_key=f"S-{self.applicant or self.key}",
            towns_concerned=self.towns, channel="window", chosen_org=self.counter, town=self.town,
        )
        if self.deficient:
            self.do(player, "notify_deficiency", self.counter, items=["身份证明", "场所证明"], document_ref=f"一次性告知-{self.key}")
            self.do(player, "supplement", self.counter, items=["身份证明", "场所证明"])
        self.do(player, "accept", self.counter)

    def ask_path(self, player: Player) -> None:
        """Which steps the case takes from here, and whose they are."""
        self.path = player.ask("cases", "may_i", {
            "programme": self.programme, "item": self.item["item_id"], "subitem": self.subitem, "org": self.counter,
            "town": self.town, "towns_concerned": self.towns, "at": self.at.isoformat(),
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
            self.do(player, "complete", org, outcome_kind=self.item["outcome_kind"], result_ref=f"R-{self.key}")
        elif name == "decide" and self.ending == "deny":
            self.do(player, "deny", org, reason="不符合条件", legal_basis="行政许可法第三十八条", document_ref=f"D-{self.key}", ground="merits")
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
            "substantive_review": {"result": "positive", "opinion_ref": f"O-{self.key}", "opinion_seal": f"TOWN_APPROVAL_SEAL:{self.town}:1"},
            "forward": {"to": rest[0]["org_id"] if rest else None, "opinion_ref": None},
            "deliver": {"document_hash": self.document if sealed else None},
        }.get(name, {})

    def _seal(self, step: dict[str, Any]) -> str:
        kind = step["capacity"].rpartition(":")[2]
        if kind == "seal_no_2":
            return md2023.seal_of(self.item["granting_org_id"], str(self.town))
        return f"{kind.upper()}:{step['org_id']}:1"


def play(player: Player) -> None:
    """File everything, walk the paths, then the special turns, then the recall and the expiry."""
    stories = list(_stories())
    player.at_once([partial(story.file, player) for story in stories])
    player.system.settle()
    _paths(player, stories)
    player.at_once([partial(story.walk, player) for story in stories if story.ending != "withdraw"])
    player.at_once([partial(story.do, player, "withdraw", story.counter) for story in stories if story.ending == "withdraw"])
    player.at_once([partial(turn, player) for turn in (_outside_scope, _not_granted, _merits, _formal_defect, _window_decides, _late_crossing)])
    player.system.settle()
    _recall(player)
    _expiry(player)


def _paths(player: Player, stories: list[Story]) -> None:
    """Ask once for each kind of filing; stories of the same kind share the answer."""
    kinds: dict[tuple[Any, ...], Story] = {}
    for story in stories:
        kinds.setdefault(_kind(story), story)
    player.at_once([partial(story.ask_path, player) for story in kinds.values()])
    for story in stories:
        story.path = kinds[_kind(story)].path


def _kind(story: Story) -> tuple[Any, ...]:
    return story.item["item_id"], story.subitem, story.counter, story.town, tuple(story.towns)


def acceptor(programme: str, mode: str, town: dict[str, Any]) -> str:
    """Who accepts in a town in this mode, by the programme's facets."""
    role = next(row["holder"] for row in content(programme)["facets"]
                if (row["mode"], row["filed_at"], row["facet"]) == (mode, "town", "accept"))
    return str({"town": town["town_id"], "town_centre": town["centre_id"], "town_window": town["centre_id"]}[role])


def _minutes(day: str, number: int) -> datetime:
    return datetime.fromisoformat(f"{day}T08:30:00+08:00") + timedelta(days=number // 40, minutes=number % 40)


def _stories() -> Iterator[Story]:
    yield from _st2021()
    yield from _md2023()
    yield from _others()


def _st2021() -> Iterator[Story]:
    """Every item in every town, at the town's counter and at the district's by turns, and some endings."""
    scopes = {row["item_id"]: row["subitem"] for row in reversed(content("ST2021")["scopes"])}
    number = 0
    for town in towns("ST2021"):
        for item in items("ST2021"):
            counters = [(acceptor("ST2021", item["mode"], town), "town")]
            if (item["seq"] + int(town["town_id"][-2:])) % 2:
                counters.append((item["granting_org_id"], "district"))
            for counter, place in counters:
                number += 1
                instant = item["outcome_kind"] in {"record", "answer"}
                yield Story(
                    f"ST/{town['town_id'][-2:]}/{item['seq']}/{place}", "ST2021", item, counter, town["town_id"],
                    _minutes("2021-09-01", number), subitem=scopes.get(item["item_id"]), deficient=number % 11 == 0,
                    ending="deny" if number % 13 == 0 and not instant and (place == "district" or item["mode"] != "substantive_review")
                    else "withdraw" if number % 29 == 0 else "approve",
                )


def _md2023() -> Iterator[Story]:
    """Sixteen applications in each of eighteen towns, single and across towns, and at the district."""
    every = towns("MD2023")
    of_id = {item["item_id"]: item for item in items("MD2023")}
    number = 0
    for seq, town in enumerate(every, 1):
        neighbour = every[seq % len(every)]["town_id"]
        for place, (item, mode) in enumerate(sorted(md2023.chosen(seq).items())[:16]):
            number += 1
            crossing = place % 4 == 0
            at_district = place % 6 == 5
            yield Story(
                f"MD/{seq}/{item}", "MD2023", of_id[item],
                of_id[item]["granting_org_id"] if at_district else acceptor("MD2023", mode, town), town["town_id"],
                _minutes("2023-09-01", number), towns=[town["town_id"], neighbour] if crossing else [town["town_id"]],
                deficient=number % 17 == 0, ending="withdraw" if number % 31 == 0 else "approve",
            )
        yield Story(
            f"MD/{seq}/crossing", "MD2023", of_id[md2023.CROSSING], f"{town['town_id']}-CENTRE", town["town_id"],
            _minutes("2023-10-09", seq), towns=[town["town_id"], neighbour],
        )


def _others() -> Iterator[Story]:
    """Conferral, the menu's direct items, the bureau after the transfer; duplicates; what the recall and the expiry find open."""
    for number, item in enumerate(sr2020.CLAIMED):
        row = next(one for one in items("SR2020") if one["item_id"] == item)
        if row["outcome_kind"] is not None:
            yield Story(f"SR/{item}", "SR2020", row, sr2020.TOWN, sr2020.TOWN, _minutes("2020-06-01", number))
    for number, item in enumerate(items("GZ2020")[:3]):
        yield Story(f"GZ/{item['item_id']}", "GZ2020", item, gz2020.BUREAU, gz2020.UNIT, _minutes("2021-05-06", number))
    town = towns("ZZ2021")[2]
    for number, item in enumerate(items("ZZ2021")[:1]):
        yield Story(f"ZZ/{item['item_id']}", "ZZ2021", item, town["town_id"], town["town_id"], _minutes("2021-08-02", number))
    first = items("ST2021")[0]
    for seq, place in enumerate(towns("ST2021")[:6]):
        at = _minutes("2021-11-01", seq)
        yield Story(f"DUP/{seq}/town", "ST2021", first, place["town_id"], place["town_id"], at, until="substantive_review", applicant=f"DUP-{seq}")
        yield Story(f"DUP/{seq}/district", "ST2021", first, first["granting_org_id"], place["town_id"], at + timedelta(seconds=5),
                    until="substantive_review", applicant=f"DUP-{seq}")
    of_id = {item["item_id"]: item for item in items("MD2023")}
    for number in range(4):
        yield Story(f"RECALL/{number}", "MD2023", of_id[md2023.RECALLED], f"{RECALL_TOWN}-CENTRE", RECALL_TOWN,
                    _minutes("2024-02-28", number), towns=[RECALL_TOWN], until="substantive_review" if number % 2 else "decide")
        yield Story(f"EXPIRY/{number}", "MD2023", of_id["MD23-37"], f"{EXPIRY_TOWN}-CENTRE", EXPIRY_TOWN,
                    _minutes("2024-06-28", number), towns=[EXPIRY_TOWN], until="substantive_review" if number % 2 else "decide")


def _special(key: str, programme: str, number: int, counter: str, town: str | None, at: str, **more: Any) -> Story:
    item = next(one for one in items(programme) if one["seq"] == number)
    return Story(f"TURN/{key}", programme, item, counter, town, datetime.fromisoformat(at), **more)


def _outside_scope(player: Player) -> None:
    """R013: the sub-item did not move; the town sends the applicant to the department, in writing."""
    town = towns("ST2021")[1]
    story = _special("scope", "ST2021", 9, town["centre_id"], town["town_id"], "2021-12-01T09:00:00+08:00", subitem=OTHER_MATTER)
    _submit(player, story)
    story.do(player, "accept", story.counter, refused="cases.outside-scope")
    story.do(player, "not_accept", story.counter, reason_code="outside_scope", legal_basis="山政办发〔2021〕12号附件", document_ref="N-1")


def _not_granted(player: Player) -> None:
    """R113: the town has no grant for the item; the applicant is shown where it can be done."""
    number = next(item["seq"] for item in items("MD2023") if item["item_id"] not in md2023.chosen(1))
    town = towns("MD2023")[0]
    story = _special("not-granted", "MD2023", number, town["centre_id"], town["town_id"], "2023-12-01T09:00:00+08:00")
    _submit(player, story)
    story.do(player, "accept", story.counter, refused="cases.no-grant-in-force")


def _merits(player: Player) -> None:
    """R053: after the town's review the department may not deny on the merits; it issues on the seal."""
    town = towns("ST2021")[7]
    story = _special("merits", "ST2021", 6, town["town_id"], town["town_id"], "2021-12-02T09:00:00+08:00", until="decide")
    story.file(player)
    story.ask_path(player)
    story.walk(player)
    owner = story.item["granting_org_id"]
    story.do(player, "deny", owner, refused="cases.merits-review-not-allowed", reason="不符合条件", legal_basis="无",
             document_ref="D-1", ground="merits")
    story.until = ""
    story.walk(player, after="receive")


def _formal_defect(player: Player) -> None:
    """R053: a return for a missing seal; the town mends it and forwards again."""
    town = towns("ST2021")[6]
    story = _special("formal", "ST2021", 6, town["town_id"], town["town_id"], "2021-12-03T09:00:00+08:00", until="decide")
    story.file(player)
    story.ask_path(player)
    story.walk(player)
    story.do(player, "return_case", story.item["granting_org_id"], reason_code="seal_not_genuine", text="审核意见印章不清")
    story.until = ""
    story.walk(player)


def _window_decides(player: Player) -> None:
    """R056: at a forwarded window the town decides nothing."""
    town = towns("ST2021")[4]
    story = _special("window", "ST2021", 13, town["centre_id"], town["town_id"], "2021-12-06T09:00:00+08:00")
    story.file(player)
    story.do(player, "approve", story.counter, refused="cases.decision-not-delegated")
    story.ask_path(player)
    story.walk(player)


def _late_crossing(player: Player) -> None:
    """R066: the second town is found after acceptance; the approval is the department's, the acceptance time stays."""
    here, other = towns("MD2023")[7], towns("MD2023")[8]
    story = _special("crossing", "MD2023", 21, here["centre_id"], here["town_id"], "2023-12-04T09:00:00+08:00", towns=[here["town_id"]])
    story.file(player)
    story.do(player, "detect_cross_town", story.counter, town=other["town_id"])
    story.do(player, "approve", story.counter, refused="cases.cross-town-reserved-to-district")
    story.towns = [here["town_id"], other["town_id"]]
    story.ask_path(player)
    story.walk(player)


def _submit(player: Player, story: Story) -> None:
    story.do(
        player, "submit", story.counter, item=story.item["item_id"], subitem=story.subitem, applicant_ref=f"A-{story.key}",
        applicant_key=f"K-{story.key}", subject_key=f"S-{story.key}", towns_concerned=story.towns, channel="window",
        chosen_org=story.counter, town=story.town,
    )


def _recall(player: Player) -> None:
    """R180, R181, R131: MD23-12 is recalled from 王浩屯镇; its open cases go up, the department decides them."""
    (grant,) = player.ask("delegation", "grants_of", {"programme": "MD2023", "town": RECALL_TOWN, "item": md2023.RECALLED})
    common = {"programme": "MD2023", "grant": grant["grant_id"]}
    player.do("recall/propose", "delegation", "propose_recall",
              {**common, "ground": "poor_effect", "evidence_refs": ["评估（情景）E-7"], "proposed_by": md2023.BUREAU},
              at="2024-02-20T09:00:00+08:00", actor=md2023.BUREAU, instrument=DECISION)
    player.do("recall/hear", "delegation", "hear_town", {**common, "opinion_ref": "镇意见（情景）"}, at="2024-02-26T09:00:00+08:00", actor=RECALL_TOWN, instrument=DECISION)
    player.do("recall/decide", "delegation", "recall", {**common, "decided_on": "2024-02-29", "effective_from": "2024-03-01"},
              at="2024-02-29T17:00:00+08:00", actor=md2023.BUREAU, instrument=DECISION)
    player.system.settle()
    _after_the_end(player, "RECALL", "2024-03-01")


def _expiry(player: Player) -> None:
    """R075, R131: an agreement's term ends and is not renewed; the power returns with its first hour over."""
    player.do("expiry", "delegation", "run_due", {"programme": "MD2023", "now": "2024-07-01T00:00:00+08:00"},
              at="2024-07-01T00:00:00+08:00", actor=md2023.BUREAU, instrument=DECISION)
    player.system.settle()
    _after_the_end(player, "EXPIRY", "2024-07-01")


def _after_the_end(player: Player, key: str, day: str) -> None:
    """The town's attempt is refused, the open cases are with the department, which decides them."""
    stories = [story for story in _others() if story.key.startswith(key)]
    stories[0].at = datetime.fromisoformat(f"{day}T08:30:00+08:00")
    stories[0].do(player, "approve", stories[0].counter, refused="cases.authority-lapsed")
    player.do(f"{key}/up", "cases", "run_due", {"programme": "MD2023", "now": f"{day}T08:55:00+08:00"},
              at=f"{day}T08:55:00+08:00", actor=md2023.BUREAU)
    player.system.settle()
    player.at_once([partial(_finish_at_owner, player, story, day) for story in stories])


def _finish_at_owner(player: Player, story: Story, day: str) -> None:
    """What is left is the department's: the review, unless the town had done it, decision, seal, delivery."""
    owner = story.item["granting_org_id"]
    left = {"substantive_review": "own", "decide": "own", "seal": "own:department_seal", "deliver": "own"}
    done = "substantive_review" if story.until == "decide" else "accept"
    story.path = [{"step": step, "org_id": owner, "capacity": left.get(step, "own")} for step in ("accept", *left)]
    story.until, story.at = "", datetime.fromisoformat(f"{day}T09:00:00+08:00")
    story.walk(player, after=done)


def outcomes(player: Player) -> list[list[Any]]:
    """Every case with where it ended, for comparing two runs."""
    return sorted(
        [row["case_id"], row["state"], row["outcome"], row["mode"], row["accepted_by_org_id"]]
        for programme in ("ST2021", "MD2023", "SR2020", "ZZ2021", "GZ2020")
        for row in player.ask("cases", "cases", {"programme": programme, "limit": 1000})
    )


def checks(player: Player) -> list[Check]:
    """At least five hundred; every mode and every ending is among them."""
    rows = outcomes(player)
    states = {row[1] for row in rows}
    modes = {row[3] for row in rows if row[3]}
    seen: Callable[[str], int] = lambda state: sum(row[1] == state for row in rows)
    return [
        Check("cases", len(rows) >= 500, f"{len(rows)} applications, {len(modes)} modes, " + ", ".join(f"{s} {seen(s)}" for s in sorted(states))),
        Check("duplicates", seen("duplicate") == 6, f"{seen('duplicate')} linked to the earlier acceptance"),
    ]
