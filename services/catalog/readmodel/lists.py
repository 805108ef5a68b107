"""Towns' lists before the public, and the grants behind them: projections."""

import json
from typing import Any

from psycopg2.extensions import cursor

from shared.contracts.envelope import Fact
from shared.projection import Projection

lists = Projection()


@lists.on("delegation.TownListApproved")
def approved(at: cursor, fact: Fact) -> None:
    at.execute(
        "INSERT INTO approved_list VALUES (%(programme)s, %(town_id)s, %(version)s,"
        " %(approved_by_org_id)s, %(decision_ref)s, %(approved_on)s, NULL, %(entries)s,"
        " %(position)s)", _of(fact) | {"entries": json.dumps(fact.data["entries"])},
    )


@lists.on("delegation.TownListRevised")
def revised(at: cursor, fact: Fact) -> None:
    at.execute(
        "INSERT INTO approved_list VALUES (%(programme)s, %(town_id)s, %(version)s,"
        " NULL, NULL, NULL, %(reason)s, %(entries)s, %(position)s)"
        " ON CONFLICT (programme_id, town_id, version) DO UPDATE SET reason = EXCLUDED.reason,"
        " entries = EXCLUDED.entries, position = EXCLUDED.position",
        _of(fact) | {"entries": json.dumps(fact.data["entries"])},
    )


@lists.on("catalog.TownListPublished")
def published(at: cursor, fact: Fact) -> None:
    at.execute(
        "INSERT INTO published_list VALUES (%(programme)s, %(town_id)s, %(list_version)s,"
        " %(channel)s, %(url)s, %(published_at)s)"
        " ON CONFLICT (programme_id, town_id, list_version, channel)"
        " DO UPDATE SET url = EXCLUDED.url, published_at = EXCLUDED.published_at", _of(fact),
    )


@lists.on("delegation.ItemDelegated")
def delegated(at: cursor, fact: Fact) -> None:
    at.execute(
        "INSERT INTO town_grant VALUES (%(grant_id)s, %(programme)s, %(town_id)s, %(item_id)s,"
        " %(effective_from)s, NULL)", _of(fact),
    )


@lists.on("delegation.PowerTransferred")
def transferred(at: cursor, fact: Fact) -> None:
    at.execute(
        "INSERT INTO town_grant VALUES (%(transfer_id)s, %(programme)s, %(unit_id)s, %(item_id)s,"
        " %(transfer_at)s, NULL)", _of(fact),
    )


@lists.on("delegation.ItemRecalled", "delegation.GrantModeChanged")
def recalled(at: cursor, fact: Fact) -> None:
    at.execute(
        "UPDATE town_grant SET effective_to = %(effective_from)s WHERE grant_id = %(grant_id)s",
        fact.data,
    )


def _of(fact: Fact) -> dict[str, Any]:
    return fact.data | {"programme": fact.programme, "position": fact.position}
