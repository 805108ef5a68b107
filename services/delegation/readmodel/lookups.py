"""What the commands look up before they decide; what must be unique rests on streams."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from shared.database import Database


class Lookups:
    """Rows for the commands and policies of delegation.

    Args:
        database: of this service.
    """

    def __init__(self, database: Database) -> None:
        self.database = database

    def is_town_side(self, programme: str, org: str) -> bool:
        """Whether *org* is a town of the programme, or its department or centre."""
        return bool(
            self.database.rows(
                "SELECT 1 FROM town t LEFT JOIN centre c USING (town_id) WHERE t.programme_id = %s"
                " AND t.kind <> 'unit' AND %s IN (t.town_id, t.department_id, c.centre_id)",
                (programme, org),
            )
        )

    def town_of_centre(self, centre: str) -> str | None:
        rows = self.database.rows("SELECT town_id FROM centre WHERE centre_id = %s", (centre,))
        return str(rows[0][0]) if rows else None

    def names(self, org: str) -> list[str]:
        """The canonical name of an organ, then its other names (R007)."""
        return [
            str(name) for (name,) in self.database.rows(
                "SELECT name FROM (SELECT name, 0 AS nth FROM organ WHERE org_id = %(org)s"
                " UNION ALL SELECT alias, 1 FROM alias WHERE org_id ="
                " %(org)s) known ORDER BY nth, name",
                {"org": org},
            )
        ]

    def menu(self, programme: str) -> dict[str, Any] | None:
        """The current menu: ``version`` and ``item_ids``."""
        rows = self.database.dicts(
            "SELECT version, item_ids FROM menu WHERE programme_id = %s ORDER BY version DESC LIMIT"
            " 1",
            (programme,),
        )
        return rows[0] if rows else None

    def claimed_items(self, programme: str, town: str) -> list[dict[str, Any]]:
        """The items that the town has claimed, with their granting departments."""
        return self.database.dicts(
            "SELECT c.item_id, i.granting_org_id FROM claim c JOIN item i USING (item_id)"
            " WHERE c.programme_id = %s AND c.town_id = %s AND c.state = 'claimed' ORDER BY"
            " c.item_id",
            (programme, town),
        )

    def grant(self, grant: UUID | str) -> dict[str, Any] | None:
        rows = self.database.dicts("SELECT * FROM granted WHERE grant_id = %s", (str(grant),))
        return rows[0] if rows else None

    def open_grants(
        self, programme: str, *, town: str | None = None, item: str | None = None,
        owner: str | None = None, agreement: UUID | str | None = None,
    ) -> list[dict[str, Any]]:
        """Grants that have not ended, narrowed by what is given."""
        return self.database.dicts(
            "SELECT * FROM granted WHERE programme_id = %(programme)s AND state <> 'ended'"
            " AND town_id = coalesce(%(town)s, town_id) AND item_id = coalesce(%(item)s, item_id)"
            " AND power_owner_org_id = coalesce(%(owner)s, power_owner_org_id)"
            " AND (%(agreement)s::uuid IS NULL OR agreement_id = %(agreement)s::uuid)"
            " ORDER BY town_id, item_id",
            {
                "programme": programme, "town": town, "item": item, "owner": owner,
                "agreement": str(agreement) if agreement else None,
            },
        )

    def last_end(self, programme: str, town: str, owner: str) -> datetime | None:
        """When the last grant of the department's items in the town ends."""
        rows = self.database.rows(
            "SELECT max(ended_at) FROM granted WHERE programme_id = %s AND town_id = %s"
            " AND power_owner_org_id = %s", (programme, town, owner),
        )
        found: datetime | None = rows[0][0]
        return found

    def agreements_of(self, programme: str, kind: str, department: str, town: str) -> int:
        """How many agreements of this kind the pair has had."""
        rows = self.database.rows(
            "SELECT count(*) FROM agreement WHERE programme_id = %s AND kind = %s AND department_id"
            " = %s"
            " AND town_id = %s", (programme, kind, department, town),
        )
        return int(rows[0][0])

    def covering_agreement(
        self, programme: str, kind: str, town: str, item: str, on: date
    ) -> UUID | None:
        """The signed agreement of this kind for the item in the town whose term holds the day."""
        rows = self.database.rows(
            "SELECT agreement_id FROM agreement WHERE programme_id = %s AND kind = %s AND town_id ="
            " %s"
            " AND %s = ANY (item_ids) AND state = 'signed' AND coalesce(term_to, 'infinity') >= %s"
            " ORDER BY signed_on DESC, agreement_id LIMIT 1", (programme, kind, town, item, on),
        )
        return UUID(str(rows[0][0])) if rows else None

    def agreement_in_force(self, agreement: UUID | str | None, day: date) -> bool:
        """Whether it is signed and its term holds the day (R091)."""
        return bool(
            self.database.rows(
                "SELECT 1 FROM agreement WHERE agreement_id = %(id)s AND state = 'signed'"
                " AND coalesce(term_from, '-infinity') <= %(day)s AND coalesce(term_to, 'infinity')"
                " >= %(day)s",
                {"id": str(agreement) if agreement else None, "day": day},
            )
        )

    def seal_in_use(self, kind: str, org: str, town: str | None) -> str | None:
        """The seal of this kind of the organ, for the town where it is a seal No. 2 (R082)."""
        rows = self.database.rows(
            "SELECT seal_id FROM seal WHERE kind = %s AND org_id = %s AND town_id IS NOT DISTINCT"
            " FROM %s"
            " AND state = 'in_use'", (kind, org, town),
        )
        return str(rows[0][0]) if rows else None

    def published(self, programme: str, town: str, item: str) -> bool:
        """Whether the town's list or catalogue with the item has been published (R041, R105)."""
        return bool(
            self.database.rows(
                "SELECT 1 FROM town_catalogue WHERE programme_id = %(programme)s AND town_id ="
                " %(town)s"
                " AND %(item)s = ANY (item_ids) AND published_at IS NOT NULL"
                " UNION ALL SELECT 1 FROM published_list p JOIN town_list l USING"
                " (programme_id, town_id, version)"
                " WHERE p.programme_id = %(programme)s AND p.town_id = %(town)s"
                " AND l.entries @>"
                " jsonb_build_array(jsonb_build_object('item_id', %(item)s::text))",
                {"programme": programme, "town": town, "item": item},
            )
        )

    def deferrals_before(self, programme: str, day: date) -> list[dict[str, Any]]:
        """Deferrals whose expected date has passed (R035)."""
        return self.database.dicts(
            "SELECT claim_id, town_id, item_id, expected_on FROM claim WHERE programme_id = %s"
            " AND state = 'deferred' AND expected_on < %s ORDER BY claim_id", (programme, day),
        )

    def terms_until(self, programme: str, day: date) -> list[dict[str, Any]]:
        """Signed agreements whose term ends on or before that day (R075)."""
        return self.database.dicts(
            "SELECT agreement_id, term_to, warned FROM agreement WHERE programme_id = %s AND state"
            " = 'signed'"
            " AND term_to <= %s ORDER BY term_to, agreement_id", (programme, day),
        )
