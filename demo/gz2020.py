"""GZ2020: items move to the bureau, each by its own agreement at its own time; twelve tasks.

Scenario: which items move stands in plans that are not attached; three numbered stand-ins of one
county move. The tasks are for each of nineteen units.
"""

from demo import handovers
from demo.checks import Check, expected
from demo.material import content, items
from demo.player import Player

TITLE = "GZ2020 赣州市 划转 · 211 项任务"
PROGRAMME = "GZ2020"
UNIT, BUREAU, CITY = "GZ2020-UNIT-15", "GZ2020-UNIT-15-BUREAU", "GZ2020-ORG-06"
TRANSFER_AT = "2021-04-20T00:00:00+08:00"  # the rules' own example (R074)
NOTICE = {"kind": "notice", "ref": "赣市办字〔2020〕29号", "dated": "2020-12-31", "sha256": None}


def play(player: Player) -> None:
    """Assign the tasks; transfer three items."""
    player.do(f"{PROGRAMME}/tasks", "supervision", "assign_obligations", {"programme": PROGRAMME},
              at="2021-01-04T09:00:00+08:00", actor=CITY, instrument=NOTICE)
    player.do(f"{PROGRAMME}/bureau", "catalog", "establish_bureau",
              {"programme": PROGRAMME, "unit": UNIT, "org_id": BUREAU,
               "plates": ["行政审批局", "政务服务管理办公室"], "quota_ok": True,
               "established_on": "2021-02-08"},
              at="2021-02-08T09:00:00+08:00", actor=CITY, instrument=NOTICE)
    player.do(f"{PROGRAMME}/seal", "delegation", "register_seal",
              {"programme": PROGRAMME, "kind": "bureau_approval_seal", "org": BUREAU},
              at="2021-03-01T09:00:00+08:00", actor=BUREAU, instrument=NOTICE)
    for item in items(PROGRAMME)[:3]:
        _transfer(player, item["item_id"], item["granting_org_id"])


def _transfer(player: Player, item: str, department: str) -> None:
    clauses = [{"key": row["clause"]} for row in content(PROGRAMME)["clauses"]]
    drafted = player.do(
        f"{PROGRAMME}/agreement/{item}", "delegation", "draft_agreement",
        {"programme": PROGRAMME, "kind": "transfer", "department": department, "town": UNIT,
         "items": [item], "clauses": clauses, "transfer_at": TRANSFER_AT},
        at="2021-03-10T09:00:00+08:00", actor=department, instrument=NOTICE,
    )
    player.do(
        f"{PROGRAMME}/sign/{item}", "delegation", "sign_agreement",
        {"programme": PROGRAMME, "agreement": drafted["stream"], "signed_on": "2021-03-15",
         "signatories": [department, BUREAU]},
        at="2021-03-15T09:00:00+08:00", actor=department, instrument=NOTICE,
    )
    handovers.of_transfer(
        player, PROGRAMME, unit=UNIT, item=item, giver=department, taker=BUREAU, on="2021-03-18",
    )
    player.system.settle()
    player.do(
        f"{PROGRAMME}/transfer/{item}", "delegation", "transfer_power",
        {"programme": PROGRAMME, "unit": UNIT, "item": item, "agreement": drafted["stream"]},
        at="2021-03-20T09:00:00+08:00", actor=BUREAU, instrument=NOTICE,
    )


def checks(player: Player) -> list[Check]:
    """211 obligations (R194); from the transfer time the bureau alone decides (R064, R074)."""
    obligations = player.ask("supervision", "obligations",
                             {"programme": PROGRAMME, "on": "2021-01-04"})
    first = items(PROGRAMME)[0]
    asked = {"programme": PROGRAMME, "item": first["item_id"], "town": UNIT, "facet": "decide"}
    holders = {
        label: [row["org_id"] for row in player.ask("ledger", "holders", {**asked, "at": at})]
        for label, at in (("before", "2021-04-19T23:59:59+08:00"), ("after", TRANSFER_AT))
    }
    return [
        expected("GZ2020 obligations", {"obligations": len(obligations)}, {"obligations": 211}),
        Check("GZ2020 exclusive transfer",
              holders == {"before": [first["granting_org_id"]], "after": [BUREAU]},
              " → ".join("、".join(one) for one in holders.values())),
    ]
