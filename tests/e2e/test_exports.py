"""Answers of a real county, taken away as files: recalled, succeeded, merged, and yet provable."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from services.ledger.commands import Ledger
from services.ledger.sources import sources_of
from shared.export.answer import Answer
from shared.export.check import checked
from shared.export.files import save
from shared.export.gather import gathered
from shared.export.read import opened
from shared.log.note import Verifier
from shared.migrate import as_role
from tests.exporting import sign
from tests.merging import entrusted, told
from tests.world import World

LICUN = "MD2023-TOWN-16"
HEALTH, BUREAU, NEW = "MD2023-ORG-18", "MD2023-ORG-19", "MD2023-ORG-41"
CARDS, PREMISES = "MD23-37", "MD23-23"  # 老年优待证办理; 公共场所卫生许可
MERGED_AT = "2024-03-01T08:00:00+08:00"
MADE_AT = datetime(2024, 4, 1, tzinfo=UTC)


@pytest.fixture
def licun(world: World) -> World:
    """李村镇 works for two departments; the one is merged into a new one on 2024-03-01."""
    entrusted(world, LICUN, {HEALTH: [CARDS], BUREAU: [PREMISES]})
    told(world, "register_organ", {
        "programme": "MD2023", "org_id": NEW, "name": "区卫生健康和医疗保障局",
        "kind": "department", "level": "district", "superior_org_id": "MD2023-ORG-02",
        "aliases": [],
    }, "2024-02-20T09:00:00+08:00", "catalog")
    told(world, "merge_organ", {
        "programme": "MD2023", "org": HEALTH, "into": NEW, "effective_on": "2024-03-01",
    }, MERGED_AT, "catalog")
    return world


@pytest.fixture
def keys(licun: World) -> dict[str, list[Verifier]]:
    return sign(licun.settings)


@pytest.fixture
def asked(licun: World, keys: dict[str, list[Verifier]]) -> Callable[..., Answer]:
    """Ask the ledger, which sees what the logs have signed."""
    own = replace(licun.settings, database_url=as_role(licun.settings, "ledger"))
    ledger = Ledger(licun.commands("ledger").database, None, sources_of(own))

    def ask(door: str, **request: Any) -> Answer:
        return gathered(ledger.ask, door, request, made_at=MADE_AT)

    return ask


@pytest.mark.rule("R007")
@pytest.mark.rule("R131")
@pytest.mark.parametrize("at", ["2024-02-29T12:00:00+08:00", "2024-03-01T12:00:00+08:00"])
@pytest.mark.parametrize("item", [CARDS, PREMISES])
def test_who_held_a_power_before_and_after_a_merger_is_proven_offline(
    asked: Callable[..., Answer], keys: dict[str, list[Verifier]], tmp_path: Path, at: str,
    item: str,
):
    made = asked("holders", item=item, town=LICUN, at=at)
    save(made, tmp_path / "who.xlsx")

    found = checked(opened(tmp_path / "who.xlsx"), keys)

    assert (found.rows, made.unsigned) == (len(made.rows), 0)
    assert found.rows > 10


@pytest.mark.rule("R007")
def test_the_proof_shows_the_succession_where_the_row_names_the_successor(
    asked: Callable[..., Answer]
):
    made = asked("holders", item=CARDS, town=LICUN, at="2024-03-01T12:00:00+08:00")

    shown = {fact["envelope"].partition('"type":"')[2].partition('"')[0] for fact in made.facts}
    assert {row["org_id"] for row in made.rows} >= {NEW, f"{LICUN}-CENTRE"}
    assert {"delegation.ItemDelegated", "delegation.GrantSucceeded", "catalog.OrganMerged",
            "catalog.ItemListed"} <= shown


def test_all_that_the_successor_holds_is_proven(
    asked: Callable[..., Answer], keys: dict[str, list[Verifier]], tmp_path: Path
):
    save(asked("held_by", org=NEW, at="2024-03-01T12:00:00+08:00"), tmp_path / "all.csv")

    found = checked(opened(tmp_path / "all.csv"), keys)

    assert found.rows > 0
