"""Hand-over by checklist, before a town starts: every line delivered, every line confirmed."""

from typing import Any

from demo.material import content, items
from demo.player import Player
from services.delegation.domain.handover_lines import STOCK

COUNTED = {"quantity": 50, "numbers": "0001-0050"}  # scenario: no notice counts blank certificates


def of_town(player: Player, programme: str, town: str, *, on: str) -> None:
    """Hand over what comes with each of the town's first grants (R090)."""
    grants = player.ask("delegation", "grants_of", {"programme": programme, "town": town})
    owners = {item["item_id"]: item["granting_org_id"] for item in items(programme)}
    for grant in grants:
        if grant["predecessor_grant_id"] is None:
            of_grant(player, programme, grant["grant_id"],
                     f"{programme}/handover/{town}/{grant['item_id']}",
                     giver=owners[grant["item_id"]], taker=town, on=on)


def of_grant(
    player: Player, programme: str, grant: str, key: str, *, giver: str, taker: str, on: str
) -> None:
    """Hand over what comes with one grant."""
    _hand_over(player, {"programme": programme, "grant": grant}, key, giver=giver, taker=taker,
               on=on)


def of_transfer(
    player: Player, programme: str, *, unit: str, item: str, giver: str, taker: str, on: str
) -> None:
    """Hand over what comes with an item that moves wholly (R100)."""
    _hand_over(
        player, {"programme": programme, "unit": unit, "item": item},
        f"{programme}/handover/{unit}/{item}", giver=giver, taker=taker, on=on,
    )


def _hand_over(
    player: Player, of: dict[str, Any], key: str, *, giver: str, taker: str, on: str
) -> None:
    stock = [
        {"line": line["seq"], **COUNTED} for line in content(of["programme"])["handover"]
        if line["kind"] in STOCK
    ]
    player.do(f"{key}/deliver", "delegation", "deliver_handover",
              {**of, "stock": stock, "given_by": giver, "on": on},
              at=f"{on}T16:00:00+08:00", actor=giver)
    player.do(f"{key}/confirm", "delegation", "confirm_handover",
              {**of, "confirmed_by": taker, "on": on}, at=f"{on}T17:00:00+08:00", actor=taker)
