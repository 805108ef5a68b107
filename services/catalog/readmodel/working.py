"""What catalog answers on the working of items: standards, guides, figures, coverage."""

from typing import Any

from shared.database import Database
from shared.plain import plain
from shared.register.questions import Register


class WorkingQuestions:
    """Reports: what is missing, what is unexplained, what rose; they block nothing."""

    database: Database
    register: Register

    def standards(self, programme: str, item: str) -> list[dict[str, Any]]:
        self.register.item(programme, item)
        return plain(self.database.dicts(
            "SELECT kind, version, issuer_org_id, ref, in_force_from FROM item_standard"
            " WHERE item_id = %s ORDER BY kind, version", (item,),
        ))

    def standards_missing(self, programme: str, org: str | None) -> list[dict[str, Any]]:
        """R017, R019: the items of an organ, or of the departments of a unit, with what lacks."""
        kinds = self.register.programme(programme)["settings"]["standards"]["kinds"] or []
        return self.database.dicts(
            "SELECT item_id, array_agg(due.kind ORDER BY due.kind) AS missing"
            " FROM item CROSS JOIN unnest(%(kinds)s::text[]) AS due (kind)"
            " LEFT JOIN item_standard s USING (item_id, kind)"
            " LEFT JOIN organ o ON o.org_id = granting_org_id"
            " WHERE item.programme_id = %(programme)s AND s.version IS NULL"
            " AND (%(org)s::text IS NULL OR %(org)s IN (granting_org_id, o.superior_org_id))"
            " GROUP BY item_id ORDER BY item_id",
            {"programme": programme, "kinds": kinds, "org": org},
        )

    def guides_missing(self, programme: str) -> list[dict[str, Any]]:
        """R018: each granted item with the towns where no guide covers it."""
        return self.database.dicts(
            "SELECT item_id, array_agg(DISTINCT town_id ORDER BY town_id) AS towns,"
            " 'guide_missing' AS finding FROM town_grant g"
            " WHERE programme_id = %s AND effective_to IS NULL AND NOT EXISTS"
            " (SELECT FROM service_guide s WHERE s.item_id = g.item_id"
            "  AND s.town_id IN ('', g.town_id)) GROUP BY item_id ORDER BY item_id", (programme,),
        )

    def online_coverage(self, programme: str) -> dict[str, Any]:
        """R025: available, exempt with the reason, and what is neither: unexplained_offline."""
        rows = self.database.dicts(
            "SELECT item_id, status, exemption_reason FROM item LEFT JOIN item_online"
            " USING (item_id) WHERE programme_id = %s ORDER BY seq, item_id", (programme,),
        )
        exempt = [row for row in rows if row["status"] == "exempt"]
        return {
            "items": len(rows), "available": sum(row["status"] == "available" for row in rows),
            "exempt": [
                {"item_id": row["item_id"], "reason": row["exemption_reason"]} for row in exempt
            ],
            "unexplained_offline": [row["item_id"] for row in rows if row["status"] is None],
        }

    def field_coverage(self, programme: str, town: str) -> dict[str, Any]:
        """R024: the town's granted items by priority field; fields with none stay in sight."""
        fields = self.register.programme(programme)["settings"]["catalogue"]["fields"] or []
        rows = self.database.rows(
            "SELECT item_id, max(field) FROM town_grant JOIN item USING (item_id)"
            " WHERE town_id = %s AND effective_to IS NULL GROUP BY item_id", (town,),
        )
        tagged = [field for _, field in rows]
        return {
            "of": len(rows), "fields": {field: tagged.count(field) for field in fields},
            "untagged": sorted(item for item, field in rows if field is None),
        }

    def processes(self, programme: str) -> list[dict[str, Any]]:
        """R140, R143: baselines with every correction, current figures, refused rises."""
        def of(table: str, columns: str, order: str) -> dict[str, list[dict[str, Any]]]:
            found: dict[str, list[dict[str, Any]]] = {}
            for row in self.database.dicts(
                f"SELECT item_id, {columns} FROM {table} JOIN item USING (item_id)"
                f" WHERE programme_id = %s ORDER BY item_id, {order}", (programme,),
            ):
                found.setdefault(row.pop("item_id"), []).append(row)
            return found

        baselines = of("item_baseline", "version, figures, taken_on, reason", "version")
        current = of("item_process", "nullif(town_id, '') AS town_id, version, figures", "town_id")
        breaches = of("item_breach", "town_id, before, after, item_breach.position", "4")
        return plain([
            {"item_id": item, "baselines": baselines.get(item, []),
             "current": current.get(item, []), "breaches": breaches.get(item, [])}
            for item in sorted(baselines.keys() | current.keys() | breaches.keys())
        ])

    def grants_of_item(self, item: str) -> list[str]:
        """Every grant of the item there ever was."""
        rows = self.database.rows(
            "SELECT grant_id FROM town_grant WHERE item_id = %s ORDER BY grant_id", (item,)
        )
        return [grant for (grant,) in rows]
