"""李村镇 works for two departments, of which one is merged: what is told, and who holds what."""

from typing import Any

import pytest

from shared.refusal import Refused
from tests.merging import entrusted, told
from tests.world import World

LICUN = "MD2023-TOWN-16"
CENTRE = f"{LICUN}-CENTRE"
HEALTH, BUREAU = "MD2023-ORG-18", "MD2023-ORG-19"
CARDS, PREMISES = "MD23-37", "MD23-23"  # 老年优待证办理; 公共场所卫生许可, supervised by 区卫健局
NEW = "MD2023-ORG-41"  # made up: no notice merges 区卫生健康局
SEAL = f"SEAL2:{HEALTH}:{LICUN}:1"
MERGER = {"programme": "MD2023", "org": HEALTH, "into": NEW, "effective_on": "2024-03-01"}
BEFORE, AFTER = "2024-02-29T23:59:59+08:00", "2024-03-01T00:00:00+08:00"
FEBRUARY, MARCH = "2024-02-20T09:00:00+08:00", "2024-03-04T09:00:00+08:00"
MERGED_AT = "2024-03-01T08:00:00+08:00"


def changed(
    world: World, door: str, request: dict[str, Any], at: str = MERGED_AT
) -> dict[str, Any]:
    """A command to catalog, and all that it leads to."""
    return told(world, door, request, at, service="catalog")


def to_come(world: World) -> None:
    """The organ that takes over, newly set up."""
    changed(world, "register_organ", {
        "programme": "MD2023", "org_id": NEW, "name": "区卫生健康和医疗保障局",
        "kind": "department", "level": "district", "superior_org_id": "MD2023-ORG-02",
        "aliases": [],
    }, FEBRUARY)


@pytest.fixture
def licun(world: World) -> World:
    """李村镇 works for two departments; the one is to be merged."""
    entrusted(world, LICUN, {HEALTH: [CARDS], BUREAU: [PREMISES]})
    to_come(world)
    return world


def holders(world: World, facet: str, at: str, item: str = CARDS, **known: str) -> list[str]:
    """Who holds it in 李村镇, each organ once."""
    asked = {"item": item, "town": LICUN, "facet": facet, "at": at} | known
    return list(dict.fromkeys(
        row["org_id"] for row in world.ask("ledger", "holders", asked)
    ))


def refusal(
    world: World, door: str, request: dict[str, Any], at: str = MARCH,
    service: str = "delegation", **how: Any
) -> Refused:
    """The refusal of a command."""
    with pytest.raises(Refused) as refused:
        told(world, door, request, at, service, **how)
    return refused.value
