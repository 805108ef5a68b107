"""Who held what when, as known when. DESIGN section 4.3; rules R064, R065, R222."""

from datetime import datetime
from typing import Any

from shared.database import Database

# Where no grant or transfer says otherwise, the granting department holds every facet: it always
# did. It keeps a concurrent right beside a grant (R064), and loses it to an exclusive transfer.
FACETS = (
    "accept", "preliminary_review", "substantive_review", "decide", "seal", "named_authority",
    "liability",
)

IN_FORCE = "effective @> %(at)s::timestamptz AND recorded @> %(known_at)s::timestamptz"

COLUMNS = (
    "org_id, capacity, filed_at, cross_town, mode, grant_id::text, scope, instrument,"
    " effective_from, effective_to, opened_by, closed_by"
)


class Holdings:
    """Questions on the holdings of a service's own copy.

    Args:
        database: of the service; it has the tables of `holdings.sql` and `register.sql`.
    """

    def __init__(self, database: Database) -> None:
        self.database = database

    def holders(
        self, *, item: str, town: str | None, facet: str, at: datetime, known_at: datetime
    ) -> list[dict[str, Any]]:
        """Who held *facet* of *item* in *town* at the instant *at*, as known at *known_at*.

        Returns:
            One row per holder: ``org_id, capacity, filed_at, cross_town, mode, grant_id, scope,
            instrument, effective_from, effective_to, opened_by, closed_by``. ``grant_id`` is None
            for the department's own power.

        Source:
            R065: ``effective_from`` counts, ``effective_to`` does not.
        """
        asked = {"item": item, "town": town, "facet": facet, "at": at, "known_at": known_at}
        granted = self.database.dicts(
            f"SELECT {COLUMNS}, exclusive FROM holding WHERE {IN_FORCE} AND item_id = %(item)s"
            " AND town_id = %(town)s AND facet = %(facet)s ORDER BY opened_by, nth", asked,
        )
        if any(row.pop("exclusive") for row in granted) or facet not in FACETS:
            return granted
        own = self.database.dicts(
            "SELECT granting_org_id AS org_id, 'own' AS capacity, 'district' AS filed_at,"
            " 'any' AS cross_town, NULL AS mode, NULL AS grant_id, '{}'::text[] AS scope,"
            " NULL AS instrument, NULL AS effective_from, NULL AS effective_to, position AS"
            " opened_by,"
            " NULL AS closed_by FROM item WHERE item_id = %(item)s AND recorded_at <= %(known_at)s",
            asked,
        )
        return granted + own

    def held_by(self, *, org: str, at: datetime, known_at: datetime) -> list[dict[str, Any]]:
        """What an organ held by grant or transfer at the instant *at*, as known at *known_at*.

        Returns:
            The rows of `holders`, each with ``programme_id, item_id, town_id, facet`` too.
        """
        return self.database.dicts(
            f"SELECT programme_id, item_id, town_id, facet, {COLUMNS} FROM holding WHERE {IN_FORCE}"
            " AND org_id = %(org)s ORDER BY item_id, town_id, opened_by, nth",
            {"org": org, "at": at, "known_at": known_at},
        )

    def grants(self, *, item: str, town: str, at: datetime) -> list[dict[str, Any]]:
        """The grants in force for an item in a town, as now known.

        Returns:
            ``grant_id, mode, scope, exclusive, started_at, instrument, position, effective_to`` and
            ``facets``: a list of ``{facet, org_id, capacity, filed_at, cross_town}``.
        """
        return self.database.dicts(
            "SELECT h.grant_id::text, h.mode, h.scope, h.exclusive, s.started_at, h.instrument,"
            " max(h.written_by) AS position, h.effective_to,"
            " jsonb_agg(jsonb_build_object('facet', facet, 'org_id', org_id, 'capacity', capacity,"
            "  'filed_at', filed_at, 'cross_town', cross_town) ORDER BY nth) AS facets"
            " FROM holding h LEFT JOIN started s USING (grant_id)"
            " WHERE item_id = %(item)s AND town_id = %(town)s AND effective @> %(at)s::timestamptz"
            " AND superseded_by IS NULL"
            " GROUP BY h.grant_id, h.mode, h.scope, h.exclusive, s.started_at, h.instrument,"
            "  h.effective_to ORDER BY h.grant_id", {"item": item, "town": town, "at": at},
        )
