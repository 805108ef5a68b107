"""Who held what when, as known when. DESIGN section 4.3; rules R064, R065, R222."""

from datetime import datetime
from typing import Any

from shared.database import Database

# Where no grant or transfer says otherwise, the granting department holds every facet: it always
# did. It keeps a concurrent right beside a grant (R064), and loses it to an exclusive transfer.
FACETS = ("accept", "preliminary_review", "substantive_review", "decide", "seal", "named_authority", "liability")

IN_FORCE = (
    "item_id = %(item)s AND effective @> %(at)s::timestamptz AND recorded @> %(known_at)s::timestamptz"
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
            One row per holder: ``org_id, capacity, filed_at, cross_town, mode, grant_id, scope, instrument,
            effective_from, effective_to, opened_by, closed_by``. ``grant_id`` is None for the department's own power.

        Source:
            R065: ``effective_from`` counts, ``effective_to`` does not.
        """
        asked = {"item": item, "town": town, "facet": facet, "at": at, "known_at": known_at}
        granted = self.database.dicts(
            "SELECT org_id, capacity, filed_at, cross_town, mode, grant_id::text, scope, instrument, exclusive,"
            " lower(effective) AS effective_from, upper(effective) AS effective_to, opened_by, closed_by"
            f" FROM holding WHERE {IN_FORCE} AND town_id = %(town)s AND facet = %(facet)s"
            " AND filed_at <> 'district' ORDER BY opened_by, nth", asked,
        )
        if any(row.pop("exclusive") for row in granted) or facet not in FACETS:
            return granted
        own = self.database.dicts(
            "SELECT i.granting_org_id AS org_id, 'own' AS capacity, 'district' AS filed_at, 'any' AS cross_town,"
            " NULL AS mode, NULL AS grant_id, '{}'::text[] AS scope, NULL AS instrument,"
            " NULL AS effective_from, NULL AS effective_to, position AS opened_by, NULL AS closed_by"
            " FROM item i WHERE item_id = %(item)s AND recorded_at <= %(known_at)s", asked,
        )
        return granted + own

    def grants(self, *, item: str, town: str, at: datetime) -> list[dict[str, Any]]:
        """The grants in force for an item in a town, as now known: ``grant_id, mode, scope, exclusive, started_at,
        position`` and ``facets``: a list of ``{facet, org_id, capacity, filed_at, cross_town}``."""
        return self.database.dicts(
            "SELECT h.grant_id::text, h.mode, h.scope, h.exclusive, s.started_at, h.instrument,"
            " max(greatest(h.opened_by, h.closed_by)) AS position, upper(h.effective) AS effective_to,"
            " jsonb_agg(jsonb_build_object('facet', facet, 'org_id', org_id, 'capacity', capacity,"
            "  'filed_at', filed_at, 'cross_town', cross_town) ORDER BY nth) AS facets"
            " FROM holding h LEFT JOIN started s USING (grant_id)"
            " WHERE item_id = %(item)s AND town_id = %(town)s AND effective @> %(at)s::timestamptz AND upper_inf(recorded)"
            " GROUP BY h.grant_id, h.mode, h.scope, h.exclusive, s.started_at, h.instrument, h.effective"
            " ORDER BY h.grant_id", {"item": item, "town": town, "at": at},
        )
