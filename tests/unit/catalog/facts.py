"""Facts of delegation as catalog's consumer gets them, from their golden data."""

from typing import Any
from uuid import UUID, uuid4

from services.catalog.readmodel import readmodel
from shared.contracts.envelope import Fact, Given, instant, open_fact, seal
from shared.contracts.events import load
from tests.unit.catalog.requests import P
from tests.world import World

ENTRY = {
    "item_id": "XX24-1", "scope": [], "mode": "entrusted_handling", "power_type": "行政许可",
    "granting_org_id": f"{P}-ORG-1", "supervising_org_id": f"{P}-ORG-2",
    "outside_catalogue": False, "override_reason": None,
}
APPROVED = {
    "town_id": f"{P}-TOWN-1", "version": 1, "approved_by_org_id": f"{P}-ORG-1",
    "decision_ref": "示例〔2024〕2号", "approved_on": "2024-02-20", "entries": [ENTRY],
}
REVISED = {
    "town_id": f"{P}-TOWN-1", "version": 2, "replaces": 1, "changes": [], "reason": "收回事项",
    "entries": [],
}


def told(world: World, name: str, data: dict[str, Any], *, programme: str = P) -> Fact:
    """A fact of delegation, taken into catalog's read model."""
    at = instant("2024-02-20T09:00:00+08:00")
    given = Given(command=uuid4(), actor={"org": "o", "role": "r", "operator": "p"}, at=at)
    envelope = seal(
        source="delegation", type_=f"delegation.{name}", stream=UUID(int=1), version=1, index=0,
        data=load(f"delegation.{name}", data), given=given, programme=programme,
        jurisdiction="999999", recorded_at=at,
    )
    fact = open_fact(envelope, 0, None)
    with world.commands("catalog").database.transaction() as at_database:
        readmodel.apply(at_database, fact)
    return fact
