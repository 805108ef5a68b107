"""Answers to questions on hand-overs."""

from typing import Any
from uuid import UUID

from services.delegation.domain import refusals
from services.delegation.domain.handover import Handover
from services.delegation.domain.handover_lines import STOCK, Checklist
from services.delegation.readmodel.handover import HandoverRecords, confirmed_of
from shared.database import Database
from shared.plain import plain

NOTHING: dict[str, Any] = {
    "given_by_org_id": None, "given_on": None, "quantity": None, "numbers": None,
    "confirmed_by_org_id": None, "confirmed_on": None,
}


class HandoverQuestions:
    """Questions on what is still to be handed over."""

    database: Database

    def handover(self, *, grant: UUID) -> Any:
        """R090: the checklist of a grant, line by line."""
        rows = self.database.dicts("SELECT * FROM granted WHERE grant_id = %s", (str(grant),))
        if not rows:
            raise refusals.unknown("grant", grant)
        records = HandoverRecords(self.database)
        return self._checklist(records, *records.of_grants(rows))

    def transfer_handover(self, *, programme: str, unit: str, item: str) -> Any:
        """R100: the checklist of an item that is transferred."""
        records = HandoverRecords(self.database)
        return self._checklist(records, records.of_transfer(programme, unit, item))

    def _checklist(self, records: HandoverRecords, checklist: Checklist) -> Any:
        recorded = records.lines([checklist.subject])[checklist.subject]
        unconfirmed = checklist.open_lines(confirmed_of(recorded))
        return plain({
            "handover_id": Handover.create_id(checklist.subject),
            "town_id": checklist.town_id, "item_id": checklist.item_id,
            "complete": not unconfirmed if checklist.lines else None,
            "undelivered": checklist.open_lines(recorded), "unconfirmed": unconfirmed,
            "lines": [
                {
                    "line": line["seq"], "kind": line["kind"], "name": line["item"],
                    "giver": line["giver"], "taker": line["taker"],
                    "counted": line["kind"] in STOCK,
                } | recorded.get(line["seq"], NOTHING)
                for line in checklist.lines
            ],
        })

    def handovers_open(
        self, *, programme: str, town: str | None, department: str | None
    ) -> Any:
        """R090, R100: what departments still owe, before a start or after it."""
        records = HandoverRecords(self.database)
        narrowed = {"programme": programme, "town": town, "department": department}
        grants = self.database.dicts(
            "SELECT * FROM granted WHERE programme_id = %(programme)s AND state <> 'ended'"
            " AND town_id = coalesce(%(town)s, town_id)"
            " AND power_owner_org_id = coalesce(%(department)s, power_owner_org_id)"
            " ORDER BY town_id, item_id", narrowed,
        )
        transfers = self.database.dicts(
            "SELECT * FROM transferred WHERE programme_id = %(programme)s"
            " AND unit_id = coalesce(%(town)s, unit_id)"
            " AND from_org_id = coalesce(%(department)s, from_org_id) ORDER BY unit_id, item_id",
            narrowed,
        )
        owed = [
            (checklist, row["power_owner_org_id"], row["started_at"] is not None)
            for checklist, row in zip(records.of_grants(grants), grants, strict=True)
        ] + [
            (records.of_transfer(programme, row["unit_id"], row["item_id"]), row["from_org_id"],
             True)
            for row in transfers
        ]
        recorded = records.lines(checklist.subject for checklist, *_ in owed)
        rows = [
            {
                "subject_id": checklist.subject, "town_id": checklist.town_id,
                "item_id": checklist.item_id, "department_id": org, "at_work": at_work,
                "unconfirmed": checklist.open_lines(confirmed_of(recorded[checklist.subject])),
            }
            for checklist, org, at_work in owed
        ]
        return plain([row for row in rows if row["unconfirmed"]])
