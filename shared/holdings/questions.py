"""Who held what when, as known when. DESIGN section 4.3; rules R060, R064, R065, R067, R222."""

from datetime import datetime
from typing import Any

from shared.database import Database
from shared.holdings import own
from shared.holdings.rows import IN_FORCE, ROW, TRANSFERRED, Place

HOLDERS = (
    f"SELECT town_id, facet, exclusive, {ROW} FROM holding"
    " WHERE item_id = %(item)s AND (town_id = %(town)s AND facet = %(facet)s OR exclusive)"
    f" AND {IN_FORCE} ORDER BY opened_by, nth"
)
HELD_BY = (
    f"SELECT programme_id, item_id, town_id, facet, {ROW}, nth, '{{}}'::text[] AS except_towns"
    " FROM holding JOIN (SELECT opened_by, nth, written_by FROM holding"
    f"  WHERE org_id = %(org)s AND (opened_by, nth) > (%(position)s, %(nth)s) AND {IN_FORCE}"
    "  ORDER BY opened_by, nth LIMIT %(limit)s) AS page USING (opened_by, nth, written_by)"
    " ORDER BY opened_by, nth"
)
HISTORY = (
    f"SELECT town_id, {ROW}, known_from, known_to, written_by, superseded_by FROM holding"
    " WHERE item_id = %(item)s AND town_id = %(town)s AND facet = %(facet)s"
    " ORDER BY opened_by, nth, written_by"
)
GRANTS = (
    "SELECT h.grant_id::text, h.mode, h.scope, h.exclusive, s.started_at, h.instrument,"
    " max(h.written_by) AS position, h.effective_to,"
    " jsonb_agg(jsonb_build_object('facet', facet, 'org_id', org_id, 'capacity', capacity,"
    "  'filed_at', filed_at, 'cross_town', cross_town) ORDER BY nth) AS facets"
    " FROM holding h LEFT JOIN started s USING (grant_id)"
    " WHERE item_id = %(item)s AND town_id = %(town)s AND effective @> %(at)s::timestamptz"
    " AND superseded_by IS NULL"
    " GROUP BY h.grant_id, h.mode, h.scope, h.exclusive, s.started_at, h.instrument,"
    "  h.effective_to ORDER BY h.grant_id"
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

        Args:
            town: or the unit of a transfer; None: at a department's counter.

        Returns:
            One row per holder: ``town_id, org_id, capacity, filed_at, cross_town, mode, grant_id,
            scope, instrument, effective_from, effective_to, opened_by, closed_by``. ``grant_id``
            and ``town_id`` are None for a department's own power, which is there wherever the
            power has not been moved wholly. Where it has, in another unit than was asked about,
            those who hold it there are told (R064, R067).

        Source:
            R065: ``effective_from`` counts, ``effective_to`` does not.
        """
        asked = {"item": item, "town": town or "", "facet": facet, "at": at, "known_at": known_at}
        found = self.database.dicts(HOLDERS, asked)
        exclusive = [row for row in found if row.pop("exclusive")]
        moved = {row["town_id"] for row in exclusive if row["filed_at"] == TRANSFERRED}
        places = {town} if town in moved else {town, *moved}
        held = [
            row for row in found if row.pop("facet") == facet and row["town_id"] in places
        ]
        if moved or any(row["town_id"] == town for row in exclusive):
            return held
        return held + self.database.dicts(own.HELD, asked)

    def held_by(
        self, *, org: str, at: datetime, known_at: datetime, beyond: str | None = None,
        limit: int = 100,
    ) -> list[dict[str, Any]]:
        """What an organ held at the instant *at*, as known at *known_at*: the inverse of `holders`.

        First by grant or transfer, in the order of delegation's log; then its own power, in that
        of catalog's.

        Args:
            beyond: ``place`` of the last row already told; None: from the beginning.
            limit: rows at most; fewer come only at the end.

        Returns:
            The rows of `holders`, each with ``programme_id, item_id, town_id, facet, place`` too.
            A power of its own has no ``town_id``: it is held for every town but ``except_towns``,
            where an exclusive grant took it away.

        Raises:
            ValueError: *beyond* is no place.
        """
        asked = {"org": org, "at": at, "known_at": known_at}
        last, rows = Place.of(beyond), []
        if not last.own:
            rows = self._page(HELD_BY, last, asked | {"limit": limit})
            last = Place(own=True)
        if len(rows) < limit and (items := self.database.dicts(own.ITEMS, asked)):
            bundle = {"facets": list(own.FACETS), "items": [row["item_id"] for row in items]}
            rest = {"limit": limit - len(rows)}
            rows += self._page(own.HELD_BY, last, asked | bundle | rest)
        return rows

    def _page(self, query: str, last: Place, asked: dict[str, Any]) -> list[dict[str, Any]]:
        return last.after(self.database.dicts(query, asked | last._asdict()))

    def history(self, *, item: str, town: str, facet: str) -> list[dict[str, Any]]:
        """Every interval by grant or transfer, on both clocks, in the order of the log.

        Returns:
            The rows of `holders`, each with ``known_from, known_to``, ``written_by`` and
            ``superseded_by``: positions of the fact by which it was known so, and of the one
            since which it is known otherwise. A department's own power has no interval.
        """
        return self.database.dicts(HISTORY, {"item": item, "town": town, "facet": facet})

    def grants(self, *, item: str, town: str, at: datetime) -> list[dict[str, Any]]:
        """The grants in force for an item in a town, as now known.

        Returns:
            ``grant_id, mode, scope, exclusive, started_at, instrument, position, effective_to`` and
            ``facets``: a list of ``{facet, org_id, capacity, filed_at, cross_town}``.
        """
        return self.database.dicts(GRANTS, {"item": item, "town": town, "at": at})
