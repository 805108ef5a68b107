"""Registered applicants: one is shown on the record, one erased, one waits for an open case."""

from dataclasses import replace
from typing import Any

from demo import filings, md2023
from demo.checks import Check, expected
from demo.player import Player
from demo.story import Story

TITLE = "申请人信息  applicants"
ERASED, SHOWN, OTHER, OPEN = "0001", "0002", "0003", "0004"
LATER = "2024-08-01T09:00:00+08:00"
APPROVAL = {"kind": "decision", "ref": "个人信息删除审批（情景）", "dated": "2024-08-01",
            "sha256": None}


def _stories() -> dict[str, Story]:
    """Of each applicant, by number."""
    found = {story.person: story for story in filings.others() if story.person}
    some = found[ERASED]
    return found | {OPEN: replace(some, programme="MD2023", counter=md2023.BUREAU, person=OPEN)}


def play(player: Player) -> None:
    """R223: read by the organ of the case, refused to another, erased after the case is closed."""
    stories = _stories()
    shown = stories[SHOWN]
    reading = {"case": shown.case, "purpose": "delivery"}
    _do(player, "read_applicant", shown, shown.counter, **reading)
    _do(player, "read_applicant", shown, md2023.BUREAU, refused="cases.not-an-organ-of-the-case",
        **reading)
    erasing = {"ground": "purpose_achieved", "role": "data_officer"}
    _do(player, "erase_applicant", stories[OPEN], md2023.BUREAU,
        refused="cases.applicant-has-open-cases", **erasing)
    _do(player, "erase_applicant", stories[ERASED], stories[ERASED].counter, **erasing)


def _do(
    player: Player, door: str, story: Story, actor: str, *, role: str = "officer",
    refused: str | None = None, **request: Any,
) -> None:
    player.do(
        f"applicant/{story.person}/{door}/{actor}", "cases", door,
        {"programme": story.programme, "applicant": story.registered(player), **request},
        at=LATER, actor=actor, role=role, refused=refused, instrument=APPROVAL,
    )


def checks(player: Player) -> list[Check]:
    """Four registered, one erased, and as many rows left as are held."""
    records = [
        player.ask("cases", "applicant", {"applicant": story.registered(player)})
        for story in _stories().values()
    ]
    ((rows,),) = player.system.database("cases").rows("SELECT count(*) FROM applicants.person")
    erased = sum(record["erased"] is not None for record in records)
    return [expected(
        "applicants", {"registered": len(records), "erased": erased, "rows left": rows},
        {"registered": 4, "erased": 1, "rows left": 3},
    )]
