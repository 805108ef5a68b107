"""What catalog answers: its own register, and the towns' lists before the public."""

from datetime import date, datetime
from typing import Any

from services.catalog.domain.item import code_warning
from services.catalog.readmodel.tables.items import Reading, read
from services.catalog.readmodel.tables.known import Known
from services.catalog.readmodel.working import WorkingQuestions
from shared.contracts.delegation_fields import SEALS
from shared.database import Database
from shared.plain import plain
from shared.register.questions import Register
from shared.sheets.sheet import Sheet

TOWN_HOLDERS = {
    "town": "town_id", "town_centre": "centre_id", "town_window": "centre_id",
    "town_department": "department_id", "bureau": "department_id",
}
DEPARTMENTS = ("granting_org_id", "supervising_org_id")


class CatalogQuestions(WorkingQuestions):
    """One method for each question at catalog's doors.

    Args:
        database: of this service.
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        self.register = Register(database)

    def programme(self, programme: str) -> dict[str, Any]:
        rows = self.database.dicts(
            "SELECT town_id, name, added_on, removed_on FROM recipient JOIN town USING (town_id)"
            " WHERE recipient.programme_id = %s ORDER BY town_id", (programme,),
        )
        return plain(self.register.programme(programme) | {"recipients": rows})

    def programmes(self) -> list[dict[str, Any]]:
        return plain(self.database.dicts(
            "SELECT programme_id, title, jurisdiction_id, issued_on, grantor_kind,"
            " settings ->> 'document_no' AS document_no,"
            " settings ->> 'jurisdiction_name' AS jurisdiction_name,"
            " settings ->> 'parent_programme' AS parent_programme_id"
            " FROM programme ORDER BY issued_on, programme_id"
        ))

    def item(self, programme: str, item: str) -> dict[str, Any]:
        found = self.register.item(programme, item)
        limits = self.database.dicts(
            "SELECT nullif(town_id, '') AS town_id, step, value, unit FROM item_limit"
            " WHERE item_id = %s ORDER BY town_id, step", (item,),
        )
        same = self.database.dicts(
            "SELECT CASE item_id WHEN %(item)s THEN other_item_id ELSE item_id END AS item_id,"
            " basis FROM same_matter WHERE %(item)s IN (item_id, other_item_id) ORDER BY 1",
            {"item": item},
        )
        names = self.register.names([found["granting_org_id"], found["supervising_org_id"]])
        return plain(found | {
            "same_matter_as": same,
            "limits": limits, "granting_name": names.get(found["granting_org_id"]),
            "supervising_name": names.get(found["supervising_org_id"]),
            "warnings": self._warnings(programme, [found]),
        })

    def items(self, programme: str) -> list[dict[str, Any]]:
        rows = self.database.dicts(
            "SELECT i.item_id, i.seq, i.code, i.name, i.power_type, i.domain, i.power_level,"
            " i.field, i.outcome_kind, i.mode, i.note, i.catalogue_id,"
            " i.granting_org_id, g.name AS granting_name,"
            " i.supervising_org_id, s.name AS supervising_name,"
            " coalesce(c.subitems, '{}') AS subitems, coalesce(c.exclusions, '{}') AS exclusions"
            " FROM item i LEFT JOIN body g ON g.org_id = i.granting_org_id"
            " LEFT JOIN body s ON s.org_id = i.supervising_org_id"
            " LEFT JOIN item_scope c USING (item_id)"
            " WHERE i.programme_id = %s ORDER BY i.seq, i.item_id", (programme,),
        )
        return plain(rows)

    def preview_catalogue(self, programme: str, sheet: dict[str, Any]) -> dict[str, Any]:
        """What an import of that table would find and change."""
        return self.catalogue_table(programme, sheet).plain()

    def catalogue_table(self, programme: str, sheet: dict[str, Any]) -> Reading:
        """A table of items against the catalogue as it is known here."""
        rules = self.register.programme(programme)
        organs = self.register.aliases(rules["jurisdiction_id"])
        return read(Sheet.of(sheet), Known(rules, self.items(programme), organs))

    def town(self, programme: str, town: str) -> dict[str, Any]:
        return plain(self.register.town(programme, town))

    def towns(self, programme: str) -> list[dict[str, Any]]:
        return plain(self.database.dicts(
            "SELECT t.*, c.centre_id, c.name AS centre_name,"
            " r.town_id IS NOT NULL AND r.removed_on IS NULL AS recipient"
            " FROM town t LEFT JOIN centre c USING (town_id)"
            " LEFT JOIN recipient r ON r.town_id = t.town_id AND r.programme_id = t.programme_id"
            " WHERE t.programme_id = %s ORDER BY t.town_id", (programme,),
        ))

    def places(self, programme: str, town: str, on: date | None) -> dict[str, Any]:
        """Windows, hours and stations of a town; the partner sites of its programme (Part O)."""
        self.register.town(programme, town)
        windows = self.database.dicts(
            "SELECT window_id, centre_id, kind, item_ids, opened_on, closed_on FROM service_window"
            " WHERE town_id = %(town)s AND coalesce(opened_on <= %(on)s, true)"
            " AND coalesce(closed_on > %(on)s, true) ORDER BY window_id", {"town": town, "on": on},
        )
        hours = self.database.dicts(
            "SELECT h.* FROM opening_hours h JOIN centre USING (centre_id) WHERE town_id = %s",
            (town,),
        )
        stations = self.database.dicts(
            "SELECT station_id, name, services FROM station WHERE town_id = %s"
            " ORDER BY station_id", (town,),
        )
        channels = self.database.dicts(
            "SELECT channel_id, kind, place, item_ids FROM channel WHERE programme_id = %s"
            " ORDER BY channel_id", (programme,),
        )
        return plain({
            "windows": windows, "hours": hours[0] if hours else None, "stations": stations,
            "channels": channels,
        })

    def organ(self, org_id: str) -> dict[str, Any]:
        found = self.register.organ(org_id)
        aliases = self.database.dicts(
            "SELECT jurisdiction_id, alias, basis FROM alias WHERE org_id = %s ORDER BY alias",
            (org_id,),
        )
        return plain(found | {"aliases": aliases})

    def resolve(self, jurisdiction: str, alias: str) -> dict[str, Any]:
        return plain(self.register.organ(self.register.resolve(jurisdiction, alias)))

    def published_list(self, programme: str, town: str) -> dict[str, Any]:
        """The list as the public sees it, and whether a newer version waits (R105).

        Returns:
            ``{town, list_version, approved_version, warnings, published: [{channel, url,
            published_at}], decision, entries}``; nothing published: version None, no entries.
        """
        where = self.register.town(programme, town)
        channels = self.database.dicts(
            "SELECT list_version, channel, url, published_at FROM published_list"
            " WHERE programme_id = %(p)s AND town_id = %(t)s AND list_version ="
            " (SELECT max(list_version) FROM published_list"
            "  WHERE programme_id = %(p)s AND town_id = %(t)s) ORDER BY channel",
            {"p": programme, "t": town},
        )
        version = channels[0]["list_version"] if channels else None
        newest = max(self.approved_versions(programme, town), default=None)
        stale = version is not None and newest is not None and newest > version
        rows = self.database.dicts(
            "SELECT * FROM approved_list WHERE programme_id = %s AND town_id = %s AND version = %s",
            (programme, town, version),
        )
        keys = ("approved_by_org_id", "decision_ref", "approved_on", "reason")
        warnings = [f"stale_publication: {where['name']} v{version}≠v{newest}"] if stale else []
        shown = ("channel", "url", "published_at")
        return plain({
            "town": where, "list_version": version, "approved_version": newest,
            "warnings": warnings,
            "published": [{key: row[key] for key in shown} for row in channels],
            "decision": {key: rows[0][key] for key in keys} if rows else None,
            "entries": self._entries(programme, where, rows[0]["entries"]) if rows else [],
        })

    def approved_versions(self, programme: str, town: str) -> set[int]:
        """The versions of a town's list that delegation has approved or revised."""
        rows = self.database.rows(
            "SELECT version FROM approved_list WHERE programme_id = %s AND town_id = %s",
            (programme, town),
        )
        return {version for (version,) in rows}

    def grants_in_force(self, programme: str, town: str, at: datetime) -> list[str]:
        """The grants of a town that have not ended at an instant."""
        rows = self.database.rows(
            "SELECT grant_id FROM town_grant WHERE programme_id = %s AND town_id = %s"
            " AND (effective_to IS NULL OR effective_to > %s) ORDER BY grant_id",
            (programme, town, at),
        )
        return [grant for (grant,) in rows]

    def _warnings(self, programme: str, items: list[dict[str, Any]]) -> list[str]:
        types = self.register.programme(programme)["settings"]["catalogue"]["code_types"] or {}
        found = (code_warning(item["code"], item["power_type"], types) for item in items)
        return [warning for warning in found if warning]

    def _entries(
        self, programme: str, town: dict[str, Any], entries: list[dict[str, Any]]
    ) -> list[dict[str, Any]]:
        settings = self.register.programme(programme)
        items = {row["item_id"]: row for row in self.items(programme)}
        orgs = [entry[key] for entry in entries for key in DEPARTMENTS]
        names = self.register.names([*orgs, *(town[key] for key in TOWN_HOLDERS.values())])
        return [
            _entry(entry, items.get(entry["item_id"], {}), town, settings, names)
            for entry in entries
        ]


def _entry(
    entry: dict[str, Any], item: dict[str, Any], town: dict[str, Any],
    programme: dict[str, Any], names: dict[str, str],
) -> dict[str, Any]:
    """One line of the public page: what, where, who decides, whose seal, who supervises."""
    mode = programme["modes"].get(entry["mode"], {"mode_zh": entry["mode"], "policy": {}})
    policy = mode["policy"]

    def holders(facet: str, *, cross_town: bool = False) -> list[str]:
        """Names of those who hold a facet of a case filed in the town; a role stays a role."""
        wanted = ("any", "yes") if cross_town else ("any", "no")
        rows = [
            row["holder"] for row in policy.get("facets", ())
            if row["filed_at"] != "district" and row["facet"] == facet
            and row["cross_town"] in wanted
        ]
        ids = [
            entry["granting_org_id"] if holder == "district_department"
            else town.get(TOWN_HOLDERS.get(holder, "")) or holder
            for holder in rows
        ]
        return list(dict.fromkeys(names.get(org, org) for org in ids))

    granting = names.get(entry["granting_org_id"], entry["granting_org_id"])
    both = programme["settings"]["equal_acceptance"]
    return {
        "item_id": entry["item_id"], "code": item.get("code"), "name": item.get("name"),
        "power_type": entry["power_type"], "scope": entry["scope"],
        "exclusions": item.get("exclusions", []), "mode": entry["mode"],
        "mode_zh": mode["mode_zh"],
        "apply_at": list(dict.fromkeys(holders("accept") + ([granting] if both else []))),
        "decided_by": holders("decide"),
        "decided_by_across_towns": holders("decide", cross_town=True),
        "in_name_of": holders("named_authority"),
        "seal": SEALS.get(policy.get("seal_kind") or ""), "sealed_by": holders("seal"),
        "granting_org_id": entry["granting_org_id"], "granting_name": granting,
        "supervising_org_id": entry["supervising_org_id"],
        "supervising_name": names.get(entry["supervising_org_id"]),
        "acts_supervised_by": holders("act_supervision"),
        "override_reason": entry["override_reason"],
    }
