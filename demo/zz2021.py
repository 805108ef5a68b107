"""ZZ2021: survey, menu, choice, grant, in one of the “双十镇”.

Scenario: the notice attaches no list; its district's is offered.
"""

from typing import Any

from demo import handovers
from demo.checks import Check, expected
from demo.material import items, towns
from demo.player import Player
from demo.readiness import Readiness

TITLE = "ZZ2021 枣庄市 点菜式"
PROGRAMME = "ZZ2021"
GOVERNMENT = "ZZ2021-UNIT-01"
NOTICE = {"kind": "notice", "ref": "枣庄市“双十镇”精准定向赋权通知", "dated": "2021-04-20",
          "sha256": None}
CHOICE = {1: "direct", 4: "direct", 5: "direct", 9: "window_forward", 10: "window_forward",
          6: "substantive_review"}


def play(player: Player) -> None:
    """The town is visited, is offered the menu, chooses, and is granted what it chose."""
    town = towns(PROGRAMME)[2]["town_id"]  # 城头镇
    of_number = {item["seq"]: item["item_id"] for item in items(PROGRAMME)}
    chosen = {of_number[number]: mode for number, mode in CHOICE.items()}

    def do(key: str, door: str, request: dict[str, Any], *, at: str, actor: str,
           service: str = "delegation") -> None:
        player.do(f"{PROGRAMME}/{key}", service, door, {"programme": PROGRAMME, **request},
                  at=at, actor=actor, instrument=NOTICE)

    do("survey", "survey_needs",
       {"town": town, "outline_ref": "调研提纲（情景）", "visited_on": "2021-05-10",
        "needs": ["群众办事就近办理"], "capacity": ["窗口人员4名"]},
       at="2021-05-10T10:00:00+08:00", actor=GOVERNMENT)
    readiness = Readiness(player, PROGRAMME, on="2021-05-20", instrument=NOTICE)
    readiness.power_lists(GOVERNMENT)
    readiness.supervisors(GOVERNMENT)
    readiness.rejected(GOVERNMENT, chosen)
    do("menu", "issue_menu",
       {"menu_id": "ZZ2021-MENU", "version": 1, "item_ids": sorted(of_number.values()),
        "left_out": []},
       at="2021-06-01T10:00:00+08:00", actor=GOVERNMENT, service="catalog")
    player.system.settle()
    do("opinion", "record_opinion",
       {"town": town, "menu_version": 1, "text_ref": "意见（情景）", "handled_how": "已采纳"},
       at="2021-06-08T10:00:00+08:00", actor=town)
    for item in chosen:
        do(f"choose/{item}", "claim", {"town": town, "item": item, "claimed_on": "2021-06-10"},
           at="2021-06-10T10:00:00+08:00", actor=town)
    player.system.settle()
    do("draft", "draft_list",
       {"town": town, "entries": [{"item": i, "mode": m} for i, m in sorted(chosen.items())]},
       at="2021-06-20T10:00:00+08:00", actor=GOVERNMENT)
    do("approve", "approve_list",
       {"town": town, "approved_by": GOVERNMENT, "decision_ref": "赋权目录（情景）",
        "approved_on": "2021-06-25"},
       at="2021-06-25T10:00:00+08:00", actor=GOVERNMENT)
    player.system.settle()
    do("delegate", "delegate_list", {"town": town, "effective_from": "2021-07-31"},
       at="2021-07-20T10:00:00+08:00", actor=GOVERNMENT)
    player.system.settle()
    handovers.of_town(player, PROGRAMME, town, on="2021-07-25")
    readiness = Readiness(player, PROGRAMME, on="2021-07-25", instrument=NOTICE)
    readiness.training([town], sorted(chosen))
    readiness.guides(sorted(chosen))
    readiness.counter(towns(PROGRAMME)[2], chosen, "2021-07-31")
    player.system.settle()
    do("start", "start_list", {"town": town}, at="2021-07-31T08:30:00+08:00", actor=town)


def checks(player: Player) -> list[Check]:
    """What was chosen was granted."""
    grants = player.ask("delegation", "grants_of", {"programme": PROGRAMME})
    return [expected("ZZ2021 grants", {"chosen and granted": len(grants)},
                     {"chosen and granted": len(CHOICE)})]
