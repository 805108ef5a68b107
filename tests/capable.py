"""A town made able to work: its people trained, and with an account (R091 to R093)."""

from collections import defaultdict
from collections.abc import Sequence

from tests.world import World

OPERATOR = "op-able"


def able(
    world: World, town: str, items: Sequence[str], *, at: str, since: str,
    operator: str = OPERATOR, facets: Sequence[str] = ("accept",),
) -> list[str]:
    """Train the town on items that it has been granted, and give it an account for each holder."""
    trained(world, town, items, at=at, operator=operator)
    return with_account(
        world, town, items, at=at, since=since, operator=operator, facets=facets
    )


def trained(
    world: World, town: str, items: Sequence[str], *, at: str, operator: str = OPERATOR
) -> None:
    """People of the town are trained on items."""
    world.do("delegation", "hold_training", {
        "programme": town.partition("-")[0], "held_by": town, "items": list(items),
        "towns": [town], "attendees": [operator], "held_on": at[:10],
    }, at=at)
    world.settle()


def with_account(
    world: World, town: str, items: Sequence[str], *, at: str, since: str,
    operator: str = OPERATOR, facets: Sequence[str] = ("accept",),
) -> list[str]:
    """The town has an account for each holder of the items.

    Args:
        at: when this is recorded, an instant.
        since: first day of the accounts; the grants have begun by then.

    Returns:
        The accounts.
    """
    programme = town.partition("-")[0]
    world.settle()
    of_holder: dict[str, list[str]] = defaultdict(list)
    for item in items:
        held = world.ask("delegation", "grants", {
            "item": item, "town": town, "at": f"{since}T23:59:59+08:00",
        })
        (holder,) = {
            row["org_id"] for grant in held for row in grant["facets"] if row["facet"] == facets[0]
        }
        of_holder[holder].append(item)
    accounts = [
        world.do("delegation", "grant_account", {
            "programme": programme, "system": "approval", "org": holder, "operator": operator,
            "items": granted, "facets": list(facets), "valid_from": since,
        }, at=at)["stream"]
        for holder, granted in of_holder.items()
    ]
    world.settle()
    return [str(account) for account in accounts]
