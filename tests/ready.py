"""A town brought to readiness by real commands: what the gates of its grants ask for (R091)."""

from collections.abc import Sequence

from tests.capable import trained, with_account
from tests.handing_over import hand_over_grant
from tests.world import World

TOWN_WRITES = ("ST2021", "SR2020")  # the town compiles the guide (R018)


def supervised(world: World, programme: str) -> None:
    """Name a supervisor for every item of a programme whose annex names none (R016)."""
    for row in world.ask("catalog", "items", {"programme": programme}):
        if row["supervising_org_id"] is None:
            world.do("catalog", "assign_supervisor", {
                "programme": programme, "item": row["item_id"], "org": row["granting_org_id"],
                "content": "事中事后监管", "measures": ["双随机、一公开"], "from": "2021-01-01",
            })


def ready(
    world: World, town: str, *, on: str, since: str, left_open: Sequence[str] = ()
) -> None:
    """Pass the gates that block the town's grants and are open: all but agreement and seal No. 2.

    Args:
        on: day on which it is done.
        since: first day of the accounts; the grants have begun by then.
        left_open: gates that stay open, by name.
    """
    world.settle()
    programme, at = town.partition("-")[0], f"{on}T10:00:00+08:00"
    where = {"programme": programme, "town": town}
    found = world.ask("delegation", "readiness", where | {"on": since})
    rows = {row["item"]: row for row in found["items"]}
    missing = {
        gate: items for gate, items in found["missing"].items() if gate not in left_open
    }
    for item in missing.get("handover", ()):
        hand_over_grant(world, rows[item]["grant"], on=on)
    if items := missing.get("training"):
        trained(world, town, items, at=at)
    if items := missing.get("account"):
        with_account(world, town, items, at=at, since=since)
    if "seal" in missing and programme == "ST2021":
        world.do("delegation", "register_seal", {
            "programme": programme, "kind": "town_approval_seal", "org": town,
        }, at=at)
    for item in missing.get("guide", ()):
        world.do("catalog", "publish_guide", {
            "programme": programme, "item": item, "published_at": at,
        } | (
            {"town": town, "author": town} if programme in TOWN_WRITES
            else {"author": rows[item]["department"]}
        ), at=at)
    if "takeover_plan" in missing:
        world.do("delegation", "file_takeover_plan", where | {
            "recipient": "ST2021-ORG-04", "file_ref": "承接方案", "filed_on": on,
        }, at=at)
    if "window" in missing:
        world.do("catalog", "open_window", {
            "programme": programme, "window_id": f"{town}-WINDOW-1", "town": town,
            "kind": "comprehensive", "item_ids": [], "opened_on": on,
        }, at=at)
    for item in missing.get("mechanism", ()):
        world.do("delegation", "register_mechanism", {
            "programme": programme, "grant": rows[item]["grant"], "reviewer": f"{town}-DEPT",
            "target": rows[item]["department"],
        }, at=at)
    if "handling_body" in missing:
        world.do("delegation", "assign_handling_bodies", where | {
            "body": f"{town}-CENTRE", "since": on,
        }, at=at)
    world.settle()
