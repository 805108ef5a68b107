"""The hand-over of a grant or a transfer in two commands, in any world."""

from typing import Any

from tests.world import World

STOCK = {"quantity": 200, "numbers": "0001-0200"}


def hand_over(
    world: World, of: dict[str, Any], *, given_by: str, taker: str, on: str,
    left_open: tuple[int, ...] = (),
) -> None:
    """Deliver every line of the checklist, and confirm all but those left open.

    Args:
        of: the programme, and the grant, or the unit and item of a transfer.
    """
    lines = (
        world.ask("delegation", "handover", {"grant": of["grant"]}) if "grant" in of
        else world.ask("delegation", "transfer_handover", of)
    )["lines"]
    at = f"{on}T10:00:00+08:00"
    world.do("delegation", "deliver_handover", of | {
        "stock": [{"line": row["line"]} | STOCK for row in lines if row["counted"]],
        "given_by": given_by, "on": on,
    }, at=at, actor=given_by)
    world.do("delegation", "confirm_handover", of | {
        "lines": [row["line"] for row in lines if row["line"] not in left_open] if left_open
        else [],
        "confirmed_by": taker, "on": on,
    }, at=at, actor=taker)
    world.settle()


def hand_over_grant(
    world: World, grant: str, *, on: str, left_open: tuple[int, ...] = ()
) -> None:
    """The hand-over of a grant, from the granting department to the town."""
    found = world.ask("delegation", "grant", {"grant": grant})
    hand_over(
        world, {"programme": found["programme_id"], "grant": grant},
        given_by=found["power_owner_org_id"], taker=found["town_id"], on=on, left_open=left_open,
    )
