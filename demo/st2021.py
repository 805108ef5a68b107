"""ST2021: 13 items for each of nine towns, in the modes and scopes of the notice; 117 grants."""

from typing import Any

from demo import handovers
from demo.checks import Check, expected
from demo.material import items, towns
from demo.player import Player
from demo.readiness import Readiness

TITLE = "ST2021 山亭区 13 × 9"
PROGRAMME = "ST2021"
GOVERNMENT, OFFICE, LEAD = "ST2021-ORG-02", "ST2021-ORG-04", "ST2021-ORG-07"
EFFECTIVE = "2021-08-01"  # scenario: the notice states no effective date (MODEL section 9)
MODES = {item["item_id"]: item["mode"] for item in items(PROGRAMME)}
NOTICE = {"kind": "notice", "ref": "山政办发〔2021〕12号", "dated": "2021-06-28", "sha256": None}


def play(player: Player) -> None:
    """Register the seals, grant every item to every town in its mode, hand over, start."""
    readiness = Readiness(player, PROGRAMME, on="2021-07-15", instrument=NOTICE)
    readiness.supervisors(LEAD)
    player.system.settle()
    player.at_once([lambda town=town: _town(player, town["town_id"]) for town in towns(PROGRAMME)])
    departments = sorted({item["granting_org_id"] for item in items(PROGRAMME)})
    player.at_once([lambda org=org: _seal(player, "department_seal", org) for org in departments])
    player.system.settle()
    for stage in (_papers, _handover):
        player.at_once([
            lambda town=town, stage=stage: stage(player, town["town_id"])
            for town in towns(PROGRAMME)
        ])
    readiness = Readiness(player, PROGRAMME, on="2021-07-25", instrument=NOTICE)
    readiness.training([town["town_id"] for town in towns(PROGRAMME)], sorted(MODES))
    player.at_once([lambda town=town: _readied(player, readiness, town)
                    for town in towns(PROGRAMME)])
    player.system.settle()
    player.at_once([lambda town=town: _start(player, town["town_id"]) for town in towns(PROGRAMME)])


def _seal(player: Player, kind: str, org: str) -> None:
    player.do(
        f"{PROGRAMME}/seal/{org}", "delegation", "register_seal",
        {"programme": PROGRAMME, "kind": kind, "org": org},
        at="2021-07-15T09:00:00+08:00", actor=org, instrument=NOTICE,
    )


def _town(player: Player, town: str) -> None:
    _seal(player, "town_approval_seal", town)
    for item in items(PROGRAMME):
        player.do(
            f"{PROGRAMME}/grant/{town}/{item['item_id']}", "delegation", "delegate",
            {"programme": PROGRAMME, "town": town, "item": item["item_id"], "mode": item["mode"],
             "scope": [], "effective_from": EFFECTIVE},
            at="2021-07-20T09:00:00+08:00", actor=GOVERNMENT, instrument=NOTICE,
        )


def _papers(player: Player, town: str) -> None:
    """Plan, guides and manual, by 7月19日 to the district government's office (R045, R201)."""
    papers = {
        "file_takeover_plan": {}, "file_manual": {},
        "file_service_guide": {"items": [item["item_id"] for item in items(PROGRAMME)]},
    }
    for door, more in papers.items():
        player.do(
            f"{PROGRAMME}/{door}/{town}", "delegation", door,
            {"programme": PROGRAMME, "town": town, "recipient": OFFICE, "file_ref": "材料（情景）",
             "filed_on": "2021-07-16", **more},
            at="2021-07-16T09:00:00+08:00", actor=town, instrument=NOTICE,
        )


def _handover(player: Player, town: str) -> None:
    handovers.of_town(player, PROGRAMME, town, on="2021-07-25")


def _readied(player: Player, readiness: Readiness, town: dict[str, Any]) -> None:
    """Guides, window, accounts, and a mechanism for each item that the town reviews."""
    readiness.guides(sorted(MODES), town["town_id"])
    readiness.counter(town, MODES, EFFECTIVE)
    grants = player.ask("delegation", "grants_of",
                        {"programme": PROGRAMME, "town": town["town_id"]})
    for grant in grants:
        if grant["mode"] == "substantive_review":
            readiness.mechanism(town, grant["item_id"], grant["grant_id"])


def _start(player: Player, town: str) -> None:
    player.do(
        f"{PROGRAMME}/start/{town}", "delegation", "start_list",
        {"programme": PROGRAMME, "town": town},
        at="2021-08-01T08:30:00+08:00", actor=town, instrument=NOTICE,
    )


def checks(player: Player) -> list[Check]:
    """117 grants: 5 direct, 3 substantive review, 5 window forward in each of nine towns."""
    grants = player.ask("delegation", "grants_of", {"programme": PROGRAMME})
    by_mode = {mode: sum(grant["mode"] == mode for grant in grants)
               for mode in ("direct", "substantive_review", "window_forward")}
    scoped = sum(bool(grant["scope"]) for grant in grants)
    return [expected(
        "ST2021 grants", {"grants": len(grants), **by_mode, "scoped": scoped},
        {"grants": 117, "direct": 45, "substantive_review": 27, "window_forward": 45, "scoped": 36},
    )]
