"""Catalog's facts on the working of items into the local copy."""

from psycopg2.extensions import cursor

from shared.contracts.envelope import Fact
from shared.projection import Projection

items = Projection()


@items.on("catalog.ItemSupervisorAssigned")
def supervisor(at: cursor, fact: Fact) -> None:
    at.execute(
        "INSERT INTO item_supervision VALUES (%(item_id)s, %(supervising_org_id)s,"
        " %(supervision_content)s, %(measures)s, %(from_)s)"
        " ON CONFLICT (item_id) DO UPDATE SET supervising_org_id = EXCLUDED.supervising_org_id,"
        " content = EXCLUDED.content, measures = EXCLUDED.measures, since = EXCLUDED.since",
        fact.data,
    )
    at.execute(
        "UPDATE item SET supervising_org_id = %(supervising_org_id)s WHERE item_id = %(item_id)s",
        fact.data,
    )


@items.on("catalog.ItemFieldTagged")
def field(at: cursor, fact: Fact) -> None:
    at.execute("UPDATE item SET field = %(field)s WHERE item_id = %(item_id)s", fact.data)


@items.on("catalog.ItemStandardIssued", "catalog.ItemStandardRevised")
def standard(at: cursor, fact: Fact) -> None:
    at.execute(
        "INSERT INTO item_standard VALUES (%(item_id)s, %(kind)s, %(version)s, %(issuer_org_id)s,"
        " %(ref)s, %(in_force_from)s)", fact.data,
    )


@items.on("catalog.ServiceGuidePublished")
def guide(at: cursor, fact: Fact) -> None:
    at.execute(
        "INSERT INTO service_guide VALUES (%(item_id)s, %(town)s, %(version)s, %(author_org_id)s,"
        " %(url)s, %(warnings)s, %(published_at)s) ON CONFLICT (item_id, town_id) DO UPDATE SET"
        " version = EXCLUDED.version, author_org_id = EXCLUDED.author_org_id, url = EXCLUDED.url,"
        " warnings = EXCLUDED.warnings, published_at = EXCLUDED.published_at",
        fact.data | {"town": fact.data["town_id"] or ""},
    )
