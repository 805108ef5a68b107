"""Needs of the towns as they stand, and how far claims cover what can be claimed."""

from datetime import date
from typing import Any

from psycopg2.extensions import cursor

from services.delegation.domain import coverage
from shared.contracts.envelope import Fact
from shared.database import Database
from shared.plain import plain
from shared.projection import Projection
from shared.register.questions import Register

needs = Projection()


@needs.on("delegation.NeedRecorded")
def recorded(at: cursor, fact: Fact) -> None:
    at.execute(
        "INSERT INTO need (need_id, programme_id, town_id, matter, power_level, item_id,"
        " raised_on, position) VALUES (%(need_id)s, %(programme)s, %(town_id)s, %(matter)s,"
        " %(power_level)s, %(item_id)s, %(raised_on)s, %(position)s)",
        fact.data | {"programme": fact.programme, "position": fact.position},
    )


@needs.on("delegation.NeedAnswered")
def answered(at: cursor, fact: Fact) -> None:
    at.execute(
        "UPDATE need SET answer = %(answer)s, reason = %(reason)s, answered_on = %(answered_on)s"
        " WHERE need_id = %(need_id)s", fact.data,
    )


@needs.on("delegation.CityLevelNeedEscalated")
def escalated(at: cursor, fact: Fact) -> None:
    at.execute(
        "UPDATE need SET batch_id = %(batch_id)s, submitted_on = %(submitted_on)s, due_on ="
        " %(due_on)s WHERE need_id = ANY (%(need_ids)s::uuid[])", fact.data,
    )


@needs.on("delegation.CityLevelNeedDecided")
def decided(at: cursor, fact: Fact) -> None:
    at.execute(
        "UPDATE need SET decision = %(decision)s, reason = %(reason)s, decided_by_org_id ="
        " %(decided_by_org_id)s, decided_on = %(decided_on)s WHERE need_id = %(need_id)s",
        fact.data,
    )


class NeedRecords:
    """Rows for the commands on needs and coverage.

    Args:
        database: of this service.
    """

    def __init__(self, database: Database) -> None:
        self.database = database

    def open_city_level(self, programme: str, district: str) -> list[str]:
        """The city-level needs of the district's towns that are neither answered nor reported."""
        return [
            str(need) for (need,) in self.database.rows(
                "SELECT need_id FROM need n JOIN town t USING (programme_id, town_id)"
                " WHERE n.programme_id = %s AND t.matching_county_id = %s"
                " AND n.power_level = 'city' AND n.answer IS NULL AND n.batch_id IS NULL"
                " ORDER BY n.position", (programme, district),
            )
        ]

    def items(self, programme: str) -> list[str]:
        """The items of the catalogue."""
        return [
            str(item) for (item,) in self.database.rows(
                "SELECT item_id FROM item WHERE programme_id = %s ORDER BY seq", (programme,)
            )
        ]

    def claims(self, programme: str, town: str) -> dict[str, str]:
        """The state of each claim of the town, by item."""
        return dict(self.database.rows(
            "SELECT item_id, state FROM claim WHERE programme_id = %s AND town_id = %s",
            (programme, town),
        ))


class NeedQuestions:
    """Questions on needs and on the coverage of claims."""

    database: Database
    register: Register

    def needs(self, *, programme: str, town: str | None, open_on: date | None) -> Any:
        """R006, R043: every need, or the agenda of a day."""
        return plain(self.database.dicts(
            "SELECT *, CASE WHEN decided_on IS NOT NULL THEN 'decided' WHEN answered_on IS NOT"
            " NULL THEN 'answered' WHEN batch_id IS NOT NULL THEN 'escalated' ELSE 'raised' END"
            " AS state FROM need WHERE programme_id = %(programme)s"
            " AND town_id = coalesce(%(town)s, town_id)"
            " AND (%(open_on)s::date IS NULL OR raised_on <= %(open_on)s"
            " AND coalesce(answered_on, decided_on, 'infinity') > %(open_on)s)"
            " ORDER BY raised_on, position",
            {"programme": programme, "town": town, "open_on": open_on},
        ))

    def claim_coverage(self, *, programme: str, town: str | None, tier: str | None) -> Any:
        """R032: by town, and summed by tier."""
        records, rules = NeedRecords(self.database), self.register.programme(programme)
        items = records.items(programme)
        towns = self.database.dicts(
            "SELECT t.town_id, t.name, t.tier FROM town t"
            " JOIN recipient r USING (programme_id, town_id)"
            " WHERE t.programme_id = %(programme)s AND r.removed_on IS NULL"
            " AND t.town_id = coalesce(%(town)s, t.town_id)"
            " AND (%(tier)s::text IS NULL OR t.tier = %(tier)s) ORDER BY t.town_id",
            {"programme": programme, "town": town, "tier": tier},
        )
        rows = [
            row | vars(coverage.figures(
                rules, tier=row["tier"], items=items,
                claims=records.claims(programme, row["town_id"]),
            ))
            for row in towns
        ]
        return plain({"towns": rows, "tiers": coverage.by_tier(rows)})
