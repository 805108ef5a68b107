"""Look-ups in the local copy of the catalogue."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from shared.database import Database
from shared.refusal import Refused
from shared.register.successions import Successions

# They help, or manage; no facet of a power can be theirs (R004, R210, R211).
FACETLESS = ("service_station", "partner_site", "zone_committee")
STANDS = "CASE WHEN s.org_id IS NOT NULL THEN successor(s.org_id) END AS successor_org_id"


class Register(Successions):
    """The catalogue as this service knows it by now.

    Args:
        database: of the service; reads its read model.
    """

    def __init__(self, database: Database) -> None:
        self.database = database

    def programmes(self) -> list[str]:
        """The ids of all programmes."""
        rows = self.database.rows("SELECT programme_id FROM programme ORDER BY programme_id")
        return [programme for (programme,) in rows]

    def programme(self, programme: str) -> dict[str, Any]:
        """Row of the programme, with ``settings`` as in `programme.toml`, and ``modes`` by code.

        Raises:
            Refused: ``<any>.unknown-programme`` (R001).
        """
        found = self._one("SELECT * FROM programme WHERE programme_id = %s", programme)
        if found is None:
            raise Refused(
                "register.unknown-programme", {"programme": programme},
                f"未登记的实施方案：{programme}",
            )
        rows = self.database.dicts(
            "SELECT * FROM mode WHERE programme_id = %s ORDER BY preference", (programme,)
        )
        return found | {"modes": {row["mode"]: row for row in rows}}

    def jurisdiction(self, programme: str) -> str:
        """The jurisdiction code of a programme.

        Raises:
            Refused: ``register.unknown-programme`` (R001).
        """
        found = self._one(
            "SELECT jurisdiction_id FROM programme WHERE programme_id = %s", programme
        )
        if found is None:
            raise Refused(
                "register.unknown-programme", {"programme": programme},
                f"未登记的实施方案：{programme}",
            )
        return str(found["jurisdiction_id"])

    def known(
        self, *, programme: str | None = None, item: str | None = None,
        towns: Iterable[str | None] = (), orgs: Iterable[str | None] = (),
    ) -> None:
        """Let pass what is known; item and towns must be of one programme. None passes.

        Raises:
            Refused: ``register.unknown-programme``, ``register.unknown-item``,
                ``register.unknown-town``, ``register.unknown-organ``.
        """
        if programme is not None:
            self.jurisdiction(programme)
        if item is not None:
            programme = self.item(programme, item)["programme_id"]
        for town in sorted({town for town in towns if town is not None}):
            self.town(programme, town)
        for org in sorted({org for org in orgs if org is not None}):
            self.organ(org)

    def item(
        self, programme: str | None, item: str, *, at: datetime | None = None
    ) -> dict[str, Any]:
        """Row of the item with ``subitems``, ``exclusions``, ``verb`` and ``constraints``.

        Args:
            programme: that it must be of; None: any.
            at: whose the item was at that instant; None: whose it is.

        Raises:
            Refused: ``register.unknown-item``.
        """
        found = self._one(
            "SELECT i.*, coalesce(s.subitems, '{}') AS subitems,"
            " coalesce(s.exclusions, '{}') AS exclusions, s.verb"
            " FROM item i LEFT JOIN item_scope s USING (item_id)"
            " WHERE i.item_id = %s AND i.programme_id = coalesce(%s, i.programme_id)",
            item, programme,
        )
        if found is None:
            raise Refused(
                "register.unknown-item", {"item": item, "programme": programme},
                f"目录中没有事项：{item}",
            )
        if at is not None:
            found |= self._one(
                "SELECT org_id AS granting_org_id FROM item_owner WHERE item_id = %s"
                " AND since <= %s ORDER BY position DESC LIMIT 1", item, at,
            ) or {}
        found["constraints"] = self.database.dicts(
            "SELECT * FROM legal_constraint WHERE item_id = %s ORDER BY position", (item,)
        )
        return found

    def town(
        self, programme: str | None, town: str, *, on: date | None = None
    ) -> dict[str, Any]:
        """Row of the town with centre and bureau, and whether it is a ``recipient`` (that day).

        It has ``closed_on`` and ``successor_org_id``, None while it is there.

        Args:
            programme: that it must be of; None: any.

        Raises:
            Refused: ``register.unknown-town``.
        """
        found = self._one(
            "SELECT t.*, c.centre_id, c.name AS centre_name,"
            " b.established_on AS bureau_established_on, r.town_id IS NOT NULL"
            " AND (r.removed_on IS NULL OR r.removed_on > coalesce(%s, 'infinity'::date))"
            f" AS recipient, s.closed_on, {STANDS}"
            " FROM town t LEFT JOIN centre c USING (town_id)"
            " LEFT JOIN succession s ON s.org_id = t.town_id"
            " LEFT JOIN bureau b ON b.unit_id = t.town_id"
            " LEFT JOIN recipient r ON r.town_id = t.town_id AND r.programme_id = t.programme_id"
            " WHERE t.town_id = %s AND t.programme_id = coalesce(%s, t.programme_id)",
            on, town, programme,
        )
        if found is None:
            raise Refused(
                "register.unknown-town", {"town": town, "programme": programme},
                f"方案中没有该镇街：{town}",
            )
        return found

    def organ(self, org: str) -> dict[str, Any]:
        """Row of the organ; a town, its centre and its department are organs too.

        It has ``closed_on`` and ``successor_org_id``, None while it is there.

        Raises:
            Refused: ``register.unknown-organ``.
        """
        found = self._one(
            f"SELECT b.*, s.closed_on, {STANDS} FROM body b"
            " LEFT JOIN succession s USING (org_id) WHERE org_id = %s", org,
        )
        if found is None:
            raise Refused("register.unknown-organ", {"org": org}, f"未登记的单位：{org}")
        return found

    def able(self, org: str) -> dict[str, Any]:
        """Row of an organ that can hold a facet of a power.

        Raises:
            Refused: ``register.unknown-organ``; ``register.facet-not-allowed-for-kind`` (R210).
        """
        found = self.organ(org)
        if found["kind"] in FACETLESS:
            raise Refused(
                "register.facet-not-allowed-for-kind", {"org": org, "kind": found["kind"]},
                f"{found['name']}只能协助办事，不能承担任何审批环节，请改由镇街或部门承担",
            )
        return found

    def window_open(self, town: str, item: str, on: date) -> bool:
        """Whether a window of the town's centre accepts the item on that day (R068)."""
        return self._one(
            "SELECT FROM service_window WHERE town_id = %s AND opened_on <= %s"
            " AND coalesce(closed_on > %s, true) AND (item_ids = '{}' OR %s = ANY (item_ids))"
            " LIMIT 1", town, on, on, item,
        ) is not None

    def guide_published(self, item: str, town: str) -> bool:
        """Whether a guide of the item stands for that town (R018)."""
        return self._one(
            "SELECT FROM service_guide WHERE item_id = %s AND town_id IN ('', %s) LIMIT 1",
            item, town,
        ) is not None

    def standards(self, item: str, on: date) -> dict[str, int]:
        """The version of each standard of the item in force on that day, by kind (R017)."""
        return dict(self.database.rows(
            "SELECT kind, max(version) FROM item_standard"
            " WHERE item_id = %s AND in_force_from <= %s GROUP BY kind ORDER BY kind", (item, on),
        ))

    def names(self, orgs: Iterable[str | None]) -> dict[str, str]:
        """The names of those of these organs, towns, centres and departments that are known."""
        asked = sorted({org for org in orgs if org is not None})
        return dict(
            self.database.rows("SELECT org_id, name FROM body WHERE org_id = ANY(%s)", (asked,))
        )

    def resolve(self, jurisdiction: str, alias: str) -> str:
        """The one organ that bears this name in this jurisdiction (R007).

        Raises:
            Refused: ``register.unknown-alias``; an unknown name is an error, never a new organ.
        """
        found = self._one(
            "SELECT org_id FROM alias WHERE jurisdiction_id = %s AND alias = %s",
            jurisdiction, alias,
        )
        if found is None:
            raise Refused(
                "register.unknown-alias", {"alias": alias, "jurisdiction": jurisdiction},
                f"{jurisdiction}没有名为“{alias}”的单位",
            )
        return str(found["org_id"])

    def aliases(self, jurisdiction: str) -> dict[str, str]:
        """Every name of this jurisdiction with the organ that bears it (R007)."""
        return dict(self.database.rows(
            "SELECT alias, org_id FROM alias WHERE jurisdiction_id = %s ORDER BY alias",
            (jurisdiction,),
        ))

    def limit(self, item: str, town: str, step: str) -> tuple[int, str] | None:
        """(value, unit) of a time limit, the town's own first; None where none is set (R118)."""
        rows = self.database.rows(
            "SELECT value, unit FROM item_limit"
            " WHERE item_id = %s AND step = %s AND town_id IN (%s, '')"
            " ORDER BY town_id DESC LIMIT 1", (item, step, town),
        )
        return (rows[0][0], rows[0][1]) if rows else None

    def _one(self, sql: str, *parameters: Any) -> dict[str, Any] | None:
        rows = self.database.dicts(sql, parameters)
        return rows[0] if rows else None
