"""Fixtures: the ledger with empty books, and with one grant in them."""

from collections.abc import Iterator
from datetime import datetime

import pytest

from shared.settings import Settings
from tests.unit.ledger.books import DECIDES, DEPARTMENT, GRANT, TOWN, Books


@pytest.fixture
def books(migrated: Settings) -> Iterator[Books]:
    books = Books(migrated)
    yield books
    books.close()


@pytest.fixture
def granted(books: Books) -> Books:
    """MD23-04 in 王浩屯镇: entrusted from 2023-07-01, recorded on 2023-06-28."""
    books.append(
        "catalog.ItemListed",
        {
            "item_id": "MD23-04", "catalogue_id": "MD2023-CATALOGUE", "seq": 4, "code": None,
            "name": "公共场所卫生许可", "name_fullwidth": "公共场所卫生许可",
            "power_type": "行政许可", "domain": "approval", "power_level": "district",
            "field": None, "outcome_kind": "approval", "granting_org_id": DEPARTMENT,
            "supervising_org_id": None, "mode": None, "note": None,
        },
        at="2023-06-01T09:00:00+08:00",
    )
    books.append(
        "catalog.TownRegistered",
        {
            "town_id": TOWN, "name": "王浩屯镇", "kind": "镇", "tier": None,
            "managing_zone_id": None, "matching_county_id": None, "department_id": None,
            "department_name": None, "note": None,
        },
        at="2023-06-01T09:00:00+08:00",
    )
    books.append(
        "delegation.ItemDelegated",
        {
            "grant_id": str(GRANT), "programme_id": "MD2023", "town_id": TOWN,
            "item_id": "MD23-04", "scope": [], "mode": "entrusted_handling",
            "decided_by_org_id": DEPARTMENT, "power_owner_org_id": DEPARTMENT,
            "act_supervisor_org_id": DEPARTMENT, "agreement_id": None, "claim_id": None,
            "predecessor_grant_id": None, "facets": DECIDES, "exclusive": False,
            "effective_from": datetime.fromisoformat("2023-07-01T00:00:00+08:00"),
            "transition_until": None,
        },
        at="2023-06-28T09:00:00+08:00", stream=GRANT,
    )
    books.settle()
    return books
