"""Supervision: approvals pushed and acknowledged; obligations overdue; the notice drafted."""

from demo.checks import Check, expected
from demo.player import Player

TITLE = "监管  push · overdue · notice"
CITY, OFFICE = "GZ2020-ORG-06", "SR2020-ORG-04"
DAY = "2021-03-01"  # the day after five of the tasks of GZ2020 were due


def play(player: Player) -> None:
    """Push every approval; look at a day of both city programmes; draft the notices."""
    pushes = player.ask("supervision", "pushes", {"programme": "MD2023"})
    player.at_once([lambda push=push: _push(player, push) for push in _open(pushes)])
    for programme, day in (("GZ2020", DAY), ("SR2020", "2020-05-11")):
        player.do(f"{programme}/overdue/{day}", "supervision", "run_due",
                  {"programme": programme, "now": f"{day}T00:00:00+08:00"},
                  at=f"{day}T00:00:00+08:00", actor=CITY)
        player.system.settle()
        player.do(f"{programme}/notice/{day}", "supervision", "propose_notice",
                  {"programme": programme, "on": day},
                  at=f"{day}T09:00:00+08:00", actor=CITY)


def _push(player: Player, push: dict[str, str]) -> None:
    request = {"programme": "MD2023", "push": push["push_id"]}
    player.do(f"push/{push['push_id']}", "supervision", "send_push", request,
              at="2024-08-01T09:00:00+08:00", actor=push["owed_by_org_id"])
    player.do(f"ack/{push['push_id']}", "supervision", "acknowledge_push", request,
              at="2024-08-02T09:00:00+08:00", actor=push["to_org_id"])


def _open(pushes: list[dict[str, str]]) -> list[dict[str, str]]:
    """Approvals to push or, where a run was killed between the two, only to acknowledge."""
    return [
        push for push in pushes
        if push["direction"] == "approval" and push["state"] != "acknowledged"
    ]


def checks(player: Player) -> list[Check]:
    """No push left open; the tasks due by the day are overdue once for each of nineteen units."""
    pushes = player.ask("supervision", "pushes", {"programme": "MD2023"})
    open_ = _open(pushes)
    overdue = player.ask("supervision", "overdue", {"programme": "GZ2020", "on": DAY})
    return [
        Check("pushes acknowledged", bool(pushes) and not open_,
              f"{len(pushes)} pushed, {len(open_)} open"),
        expected(f"GZ2020 overdue on {DAY}", {"tasks 1–6 × 19 units": len(overdue)},
                 {"tasks 1–6 × 19 units": 114}),
    ]
