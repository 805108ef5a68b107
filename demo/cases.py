"""More than five hundred applications, through every path of the programmes; all of it scenario.

Each story is filed at a counter, asks which path the case takes there (`may_i`), and walks it. The
special ones stop, turn or are refused where the rules say so.
"""

from collections import Counter
from datetime import datetime
from functools import partial
from typing import Any

from demo import filings, md2023
from demo.checks import Check
from demo.filings import RECALL_TOWN
from demo.material import items, towns
from demo.player import Player
from demo.story import Story

TITLE = "办件 500+  cases"
OTHER_MATTER = "有限责任公司设立登记"  # the rules' own example of a matter outside the scope (R013)
DECISION = {"kind": "decision", "ref": "收回决定（情景）", "dated": "2024-02-29", "sha256": None}


def play(player: Player) -> None:
    """File everything, walk the paths, then the special turns, then the recall and the expiry."""
    stories = list(filings.stories())
    player.at_once([partial(story.file, player) for story in stories])
    player.system.settle()
    _paths(player, stories)
    player.at_once([partial(story.walk, player) for story in stories if story.ending != "withdraw"])
    player.at_once([partial(story.do, player, "withdraw", story.counter)
                    for story in stories if story.ending == "withdraw"])
    turns = (_outside_scope, _not_granted, _merits, _formal_defect, _window_decides, _late_crossing)
    player.at_once([partial(turn, player) for turn in turns])
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


def _special(key: str, programme: str, number: int, counter: str, town: str | None, at: str,
             **more: Any) -> Story:
    item = next(one for one in items(programme) if one["seq"] == number)
    return Story(f"TURN/{key}", programme, item, counter, town, datetime.fromisoformat(at), **more)


def _outside_scope(player: Player) -> None:
    """R013: the sub-item did not move; the town sends the applicant on, in writing."""
    town = towns("ST2021")[1]
    story = _special("scope", "ST2021", 9, town["centre_id"], town["town_id"],
                     "2021-12-01T09:00:00+08:00", subitem=OTHER_MATTER)
    story.submit(player)
    story.do(player, "accept", story.counter, refused="cases.outside-scope")
    story.do(player, "not_accept", story.counter, reason_code="outside_scope",
             legal_basis="山政办发〔2021〕12号附件", document_ref="N-1")


def _not_granted(player: Player) -> None:
    """R113: the town has no grant for the item; the applicant is shown where it can be done."""
    chosen = md2023.chosen(1)
    number = next(item["seq"] for item in items("MD2023") if item["item_id"] not in chosen)
    town = towns("MD2023")[0]
    story = _special("not-granted", "MD2023", number, town["centre_id"], town["town_id"],
                     "2023-12-01T09:00:00+08:00", person="0004")
    story.submit(player)
    story.do(player, "accept", story.counter, refused="cases.no-grant-in-force")


def _merits(player: Player) -> None:
    """R053: after the town's review the department may not deny on the merits; it issues."""
    town = towns("ST2021")[7]
    story = _special("merits", "ST2021", 6, town["town_id"], town["town_id"],
                     "2021-12-02T09:00:00+08:00", until="decide")
    story.file(player)
    story.ask_path(player)
    story.walk(player)
    owner = story.item["granting_org_id"]
    story.do(player, "deny", owner, refused="cases.merits-review-not-allowed", reason="不符合条件",
             legal_basis="无", document_ref="D-1", ground="merits")
    story.until = ""
    story.walk(player, after="receive")


def _formal_defect(player: Player) -> None:
    """R053: a return for a missing seal; the town mends it and forwards again."""
    town = towns("ST2021")[6]
    story = _special("formal", "ST2021", 6, town["town_id"], town["town_id"],
                     "2021-12-03T09:00:00+08:00", until="decide")
    story.file(player)
    story.ask_path(player)
    story.walk(player)
    story.do(player, "return_case", story.item["granting_org_id"], reason_code="seal_not_genuine",
             text="审核意见印章不清")
    story.until = ""
    story.walk(player)


def _window_decides(player: Player) -> None:
    """R056: at a forwarded window the town decides nothing."""
    town = towns("ST2021")[4]
    story = _special("window", "ST2021", 13, town["centre_id"], town["town_id"],
                     "2021-12-06T09:00:00+08:00")
    story.file(player)
    story.do(player, "approve", story.counter, refused="cases.decision-not-delegated")
    story.ask_path(player)
    story.walk(player)


def _late_crossing(player: Player) -> None:
    """R066: the second town is found after acceptance; the approval is the department's.

    The time of acceptance stays.
    """
    here, other = towns("MD2023")[7], towns("MD2023")[8]
    story = _special("crossing", "MD2023", 21, here["centre_id"], here["town_id"],
                     "2023-12-04T09:00:00+08:00", towns=[here["town_id"]])
    story.file(player)
    story.do(player, "detect_cross_town", story.counter, town=other["town_id"])
    story.do(player, "approve", story.counter, refused="cases.cross-town-reserved-to-district")
    story.towns = [here["town_id"], other["town_id"]]
    story.ask_path(player)
    story.walk(player)


def _recall(player: Player) -> None:
    """R180, R181, R131: MD23-12 is recalled from 王浩屯镇; the department decides what is open."""
    (grant,) = player.ask("delegation", "grants_of",
                          {"programme": "MD2023", "town": RECALL_TOWN, "item": md2023.RECALLED})
    common = {"programme": "MD2023", "grant": grant["grant_id"]}
    player.do("recall/propose", "delegation", "propose_recall",
              {**common, "ground": "poor_effect", "evidence_refs": ["评估（情景）E-7"],
               "proposed_by": md2023.BUREAU},
              at="2024-02-20T09:00:00+08:00", actor=md2023.BUREAU, instrument=DECISION)
    player.do("recall/hear", "delegation", "hear_town", {**common, "opinion_ref": "镇意见（情景）"},
              at="2024-02-26T09:00:00+08:00", actor=RECALL_TOWN, instrument=DECISION)
    player.do("recall/decide", "delegation", "recall",
              {**common, "decided_on": "2024-02-29", "effective_from": "2024-03-01"},
              at="2024-02-29T17:00:00+08:00", actor=md2023.BUREAU, instrument=DECISION)
    player.system.settle()
    _after_the_end(player, "RECALL", "2024-03-01")


def _expiry(player: Player) -> None:
    """R075, R131: an agreement's term ends and is not renewed; the power returns with it."""
    player.do("expiry", "delegation", "run_due",
              {"programme": "MD2023", "now": "2024-07-01T00:00:00+08:00"},
              at="2024-07-01T00:00:00+08:00", actor=md2023.BUREAU, instrument=DECISION)
    player.system.settle()
    _after_the_end(player, "EXPIRY", "2024-07-01")


def _after_the_end(player: Player, key: str, day: str) -> None:
    """The town's attempt is refused, the open cases are with the department, which decides them."""
    stories = [story for story in filings.others() if story.key.startswith(key)]
    stories[0].at = datetime.fromisoformat(f"{day}T08:30:00+08:00")
    stories[0].do(player, "approve", stories[0].counter, refused="cases.authority-lapsed")
    player.do(f"{key}/up", "cases", "run_due",
              {"programme": "MD2023", "now": f"{day}T08:55:00+08:00"},
              at=f"{day}T08:55:00+08:00", actor=md2023.BUREAU)
    player.system.settle()
    player.at_once([partial(_finish_at_owner, player, story, day) for story in stories])


def _finish_at_owner(player: Player, story: Story, day: str) -> None:
    """What is left is the department's: the review, unless the town has done it, and the rest."""
    owner = story.item["granting_org_id"]
    left = {"substantive_review": "own", "decide": "own", "seal": "own:department_seal",
            "deliver": "own"}
    done = "substantive_review" if story.until == "decide" else "accept"
    story.path = [{"step": step, "org_id": owner, "capacity": left.get(step, "own")}
                  for step in ("accept", *left)]
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
    seen = Counter(row[1] for row in rows)
    modes = {row[3] for row in rows if row[3]}
    counted = ", ".join(f"{state} {seen[state]}" for state in sorted(seen))
    duplicates = seen["duplicate"]
    return [
        Check("cases", len(rows) >= 500,
              f"{len(rows)} applications, {len(modes)} modes, {counted}"),
        Check("duplicates", duplicates == 6, f"{duplicates} linked to the earlier acceptance"),
    ]
