"""SR2020: a town claims from the list of 98; deferral, refusal, lapse; filed twice, published.

Scenario: the list of 98 is not attached to the notice and no town is named; both are numbered
stand-ins.
"""

from typing import Any

from demo import handovers
from demo.checks import Check, expected
from demo.material import towns
from demo.player import Player
from demo.readiness import Readiness

TITLE = "SR2020 上饶市 认领与公布"
PROGRAMME = "SR2020"
TOWN, COUNTY, OFFICE = "SR2020-TOWN-01", "SR2020-UNIT-01", "SR2020-ORG-07"
CLAIMED = [f"SR20-{number:03}" for number in (1, 2, 3, 5, 8, 13, 21, 34)]
DEFERRED, LAPSING, REFUSED = "SR20-017", "SR20-018", "SR20-040"
NOTICE = {"kind": "notice", "ref": "饶府办字〔2020〕27号", "dated": "2020-04-28", "sha256": None}
PUBLISHED = "2020-05-20T10:00:00+08:00"


def play(player: Player) -> None:
    """The three steps of the notice, in their order."""
    player.do(f"{PROGRAMME}/tasks", "supervision", "assign_obligations", {"programme": PROGRAMME},
              at="2020-04-29T09:00:00+08:00", actor=OFFICE, instrument=NOTICE)
    _claim(player)
    player.system.settle()
    _determine(player)
    player.system.settle()
    _take_over(player)


def _do(player: Player, key: str, door: str, request: dict[str, Any], *, at: str, actor: str,
        refused: str | None = None) -> dict[str, Any]:
    return player.do(f"{PROGRAMME}/{key}", "delegation", door,
                     {"programme": PROGRAMME, "town": TOWN, **request},
                     at=at, actor=actor, instrument=NOTICE, refused=refused)


def _claim(player: Player) -> None:
    for item in [*CLAIMED, REFUSED]:
        _do(player, f"claim/{item}", "claim", {"item": item, "claimed_on": "2020-05-06"},
            at="2020-05-06T09:00:00+08:00", actor=TOWN)
    for item, expected_on in ((DEFERRED, "2021-06-30"), (LAPSING, "2020-12-31")):
        _do(player, f"defer/{item}", "propose_deferral",
            {"item": item, "ground": "conditions_lacking", "reason": "无专业人员",
             "expected_on": expected_on},
            at="2020-05-07T09:00:00+08:00", actor=TOWN)
        _do(player, f"consent/{item}", "consent_deferral",
            {"item": item, "consented_by": COUNTY, "consented_on": "2020-05-08"},
            at="2020-05-08T09:00:00+08:00", actor=COUNTY)
    _do(player, "refuse", "refuse_claim",
        {"item": REFUSED, "objective_reason": "业务系统未向乡镇开放",
         "document_ref": "书面说明（情景）1号", "issued_by": COUNTY, "issued_on": "2020-05-15"},
        at="2020-05-15T09:00:00+08:00", actor=COUNTY)


def _determine(player: Player) -> None:
    _do(player, "docking", "hold_docking",
        {"department": "SR2020-ORG-10", "held_on": "2020-05-12", "items": CLAIMED,
         "outcome": "可以承接"},
        at="2020-05-12T09:00:00+08:00", actor=COUNTY)
    _do(player, "draft", "draft_list",
        {"entries": [{"item": item, "mode": "conferral"} for item in CLAIMED]},
        at="2020-05-16T09:00:00+08:00", actor=COUNTY)
    _do(player, "approve", "approve_list",
        {"approved_by": COUNTY, "decision_ref": "审定意见（情景）1号", "approved_on": "2020-05-17"},
        at="2020-05-17T09:00:00+08:00", actor=COUNTY)
    _do(player, "compile", "compile_catalogue", {"items": CLAIMED}, at="2020-05-18T09:00:00+08:00",
        actor=TOWN)
    _do(player, "file/county", "file_catalogue",
        {"recipient": COUNTY, "receipt_ref": "备案（情景）1", "filed_on": "2020-05-18"},
        at="2020-05-18T10:00:00+08:00", actor=TOWN)
    _do(player, "publish/early", "publish_catalogue",
        {"channel": "公告栏", "published_at": "2020-05-18T11:00:00+08:00"},
        at="2020-05-18T11:00:00+08:00", actor=TOWN, refused="delegation.filing-incomplete")
    # the second recipient under its other name-plate: one organ (R008, R040)
    _do(player, "file/city", "file_catalogue",
        {"recipient": "市政务服务管理局", "receipt_ref": "备案（情景）2", "filed_on": "2020-05-19"},
        at="2020-05-19T09:00:00+08:00", actor=TOWN)
    _do(player, "publish", "publish_catalogue", {"channel": "政府网站", "published_at": PUBLISHED},
        at=PUBLISHED, actor=TOWN)


def _take_over(player: Player) -> None:
    _do(player, "delegate", "delegate_list", {"effective_from": "2020-05-21"},
        at="2020-05-20T15:00:00+08:00", actor=COUNTY)
    player.system.settle()
    handovers.of_town(player, PROGRAMME, TOWN, on="2020-05-20")
    readiness = Readiness(player, PROGRAMME, on="2020-05-20", instrument=NOTICE)
    readiness.training([TOWN], CLAIMED)
    readiness.guides(CLAIMED, TOWN)
    readiness.counter(towns(PROGRAMME)[0], dict.fromkeys(CLAIMED, "conferral"), "2020-05-21")
    player.system.settle()
    _do(player, "start", "start_list", {}, at="2020-05-21T08:30:00+08:00", actor=TOWN)
    player.do(f"{PROGRAMME}/due", "delegation", "run_due",
              {"programme": PROGRAMME, "now": "2021-01-01T00:00:00+08:00"},
              at="2021-01-01T00:00:00+08:00", actor=COUNTY)


def checks(player: Player) -> list[Check]:
    """Each claim ended once; the deferral that passed its date lapsed."""
    claims = {claim["item_id"]: claim["state"]
              for claim in player.ask("delegation", "claims", {"programme": PROGRAMME})}
    grants = player.ask("delegation", "grants_of", {"programme": PROGRAMME})
    return [expected(
        "SR2020 claims", {
            "granted": len(grants), "deferred": claims.get(DEFERRED) == "deferred",
            "lapsed": claims.get(LAPSING) == "lapsed",
            "refused": claims.get(REFUSED) == "refused",
        }, {"granted": len(CLAIMED), "deferred": True, "lapsed": True, "refused": True},
    )]
