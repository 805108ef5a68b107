"""What the commands look up before they decide; what must be unique rests on streams."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from shared.clock import end_of
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
        """The canonical name of an organ, then its other names that are not of the past (R007)."""
        return [
            str(name) for (name,) in self.database.rows(
                "SELECT name FROM (SELECT name, 0 AS nth FROM organ WHERE org_id = %(org)s"
                " UNION ALL SELECT alias, 1 FROM alias WHERE org_id ="
                " %(org)s AND basis <> 'former_name') known ORDER BY nth, name",
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

    def grants_items(self, programme: str, department: str) -> bool:
        """Whether the department grants any item of the programme (R080)."""
        return bool(self.database.rows(
            "SELECT 1 FROM item WHERE programme_id = %s AND granting_org_id = %s LIMIT 1",
            (programme, department),
        ))

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

    def grants_of(self, programme: str, item: str) -> list[dict[str, Any]]:
        """Every grant of an item, ended ones too."""
        return self.database.dicts(
            "SELECT * FROM granted WHERE programme_id = %s AND item_id = %s"
            " ORDER BY town_id, position", (programme, item),
        )

    def in_force_beyond(self, agreement: UUID, day: date) -> list[tuple[str, str]]:
        """Item and id of each grant under the agreement that holds after that day (R182)."""
        return [
            (str(item), str(grant)) for item, grant in self.database.rows(
                "SELECT item_id, grant_id FROM granted WHERE agreement_id = %s"
                " AND coalesce(ended_at, 'infinity') > greatest(%s, effective_from)"
                " ORDER BY item_id, effective_from", (str(agreement), end_of(day)),
            )
        ]

    def without_handling_body(self, programme: str, town: str) -> set[str]:
        """The items granted to the town for which it has named no body (R042)."""
        return {
            item for (item,) in self.database.rows(
                "SELECT item_id FROM granted WHERE programme_id = %(programme)s AND town_id ="
                " %(town)s AND state <> 'ended' EXCEPT SELECT item_id FROM handling_body"
                " WHERE programme_id = %(programme)s AND town_id = %(town)s",
                {"programme": programme, "town": town},
            )
        }

    def last_end(
        self, programme: str, town: str, owner: str, modes: list[str]
    ) -> datetime | None:
        """When the last grant of the department's items in the town in these modes ends."""
        rows = self.database.rows(
            "SELECT max(ended_at) FROM granted WHERE programme_id = %s AND town_id = %s"
            " AND power_owner_org_id = %s AND mode = ANY (%s)", (programme, town, owner, modes),
        )
        found: datetime | None = rows[0][0]
        return found

    def agreement(self, agreement: UUID | str) -> dict[str, Any] | None:
        rows = self.database.dicts(
            "SELECT * FROM agreement WHERE agreement_id = %s", (str(agreement),)
        )
        return rows[0] if rows else None

    def town_list(self, town: str, on: date | None) -> dict[str, Any] | None:
        """The version of a town's list that is current, or was on that day (R183)."""
        rows = self.database.dicts(
            "SELECT * FROM town_list WHERE town_id = %(town)s AND from_day IS NOT NULL"
            " AND from_day <= coalesce(%(on)s, 'infinity'::date) ORDER BY from_day DESC, version"
            " DESC LIMIT 1",
            {"town": town, "on": on},
        )
        return rows[0] if rows else None

    def current_list(self, programme: str, town: str) -> dict[str, Any] | None:
        """The current list with the ``newest`` version, drafts too, and whether ``compiled``."""
        rows = self.database.dicts(
            "SELECT l.*, (SELECT max(n.version) FROM town_list n WHERE"
            "  (n.programme_id, n.town_id) = (l.programme_id, l.town_id)) AS newest,"
            " c.version IS NOT NULL AS compiled FROM town_list l"
            " LEFT JOIN town_catalogue c USING (programme_id, town_id, version)"
            " WHERE l.programme_id = %s AND l.town_id = %s AND l.state = 'current'",
            (programme, town),
        )
        return rows[0] if rows else None

    def wholly_transferred(self, programme: str, org: str) -> datetime | None:
        """When the last item of a department moved away; None while it has one (R088)."""
        rows = self.database.rows(
            "SELECT max(t.transfer_at), bool_and(t.item_id IS NOT NULL) FROM item i"
            " LEFT JOIN transferred t ON t.item_id = i.item_id"
            " AND t.from_org_id = i.granting_org_id"
            " WHERE i.programme_id = %s AND i.granting_org_id = %s", (programme, org),
        )
        last, moved = rows[0]
        return last if moved else None

    def bars_in_force(self, programme: str, day: date) -> list[dict[str, Any]]:
        """Open grants with the legal constraints of their items in force on that day (R046)."""
        return self.database.dicts(
            "SELECT g.grant_id, g.mode, c.kind, c.norm_rank, c.article, c.position FROM granted g"
            " JOIN legal_constraint c USING (item_id) WHERE g.programme_id = %(programme)s"
            " AND g.state NOT IN ('ended', 'legality_review')"
            " AND g.review_article IS DISTINCT FROM c.article"
            " AND c.valid_from <= %(day)s AND coalesce(c.valid_to > %(day)s, true)"
            " ORDER BY g.grant_id, c.position", {"programme": programme, "day": day},
        )

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
        """Deferrals of towns that are still there whose expected date has passed (R035)."""
        return self.database.dicts(
            "SELECT claim_id, town_id, item_id, deferred_until FROM claim"
            " WHERE programme_id = %s AND deferred_until < %s AND NOT EXISTS"
            "  (SELECT FROM succession s WHERE s.org_id = town_id) ORDER BY claim_id",
            (programme, day),
        )

    def terms_until(self, programme: str, day: date) -> list[dict[str, Any]]:
        """Signed agreements whose term ends on or before that day (R075)."""
        return self.database.dicts(
            "SELECT agreement_id, term_to, warned FROM agreement WHERE programme_id = %s AND state"
            " = 'signed'"
            " AND term_to <= %s ORDER BY term_to, agreement_id", (programme, day),
        )
