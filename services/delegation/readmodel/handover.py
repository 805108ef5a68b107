"""Hand-overs as they stand, and what is still open of each."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any
from uuid import UUID

from psycopg2.extensions import cursor

from services.delegation.domain import handover_lines
from services.delegation.domain.handover_lines import Checklist
from services.delegation.domain.transfer import Transfer
from shared.contracts.envelope import Fact
from shared.database import Database
from shared.projection import Projection
from shared.register.questions import Register

handovers = Projection()


@handovers.on("delegation.HandoverLineDelivered")
def delivered(at: cursor, fact: Fact) -> None:
    at.execute(
        "INSERT INTO handover_line (handover_id, subject_id, line, given_by_org_id, given_on,"
        " quantity, numbers, position) VALUES (%(handover_id)s, %(subject)s, %(line)s,"
        " %(given_by_org_id)s, %(on)s, %(quantity)s, %(numbers)s, %(position)s)"
        " ON CONFLICT (handover_id, line) DO UPDATE SET given_by_org_id ="
        " EXCLUDED.given_by_org_id, given_on = EXCLUDED.given_on, quantity = EXCLUDED.quantity,"
        " numbers = EXCLUDED.numbers, position = EXCLUDED.position",
        fact.data | {
            "subject": fact.data["grant_id"] or fact.data["transfer_id"], "position": fact.position,
        },
    )


@handovers.on("delegation.HandoverLineConfirmed")
def confirmed(at: cursor, fact: Fact) -> None:
    at.execute(
        "UPDATE handover_line SET confirmed_by_org_id = %(confirmed_by_org_id)s, confirmed_on ="
        " %(on)s, quantity = %(quantity)s, position = %(position)s"
        " WHERE handover_id = %(handover_id)s AND line = %(line)s",
        fact.data | {"position": fact.position},
    )


class HandoverRecords:
    """What is recorded of hand-overs, against the programme's checklist.

    Args:
        database: of this service.
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        self.register = Register(database)

    def complete(self, grant: UUID | str) -> bool | None:
        """Whether every line of a grant is confirmed (R090, R091).

        Returns:
            None where the programme's list has no line for the grant's mode, or where there is
            no such grant.
        """
        rows = self.database.dicts("SELECT * FROM granted WHERE grant_id = %s", (str(grant),))
        for checklist in self.of_grants(rows):
            if checklist.lines:
                recorded = self.lines([checklist.subject])[checklist.subject]
                return not checklist.open_lines(confirmed_of(recorded))
        return None

    def of_grants(self, granted: Iterable[Mapping[str, Any]]) -> list[Checklist]:
        """The checklists of these rows of grants."""
        programme, town, item = (
            cache(self.register.programme), cache(self.register.town), cache(self.register.item)
        )
        return [
            handover_lines.of_grant(
                programme(row["programme_id"]), grant=UUID(str(row["grant_id"])),
                mode=row["mode"], town=town(row["programme_id"], row["town_id"]),
                item=item(row["programme_id"], row["item_id"]),
            )
            for row in granted
        ]

    def of_transfer(self, programme: str, unit: str, item: str) -> Checklist:
        """The checklist of an item that moves, or has moved, wholly."""
        return handover_lines.of_transfer(
            self.register.programme(programme), transfer=Transfer.create_id(programme, unit, item),
            unit=self.register.town(programme, unit), item=self.register.item(programme, item),
        )

    def lines(self, subjects: Iterable[UUID]) -> dict[UUID, dict[int, dict[str, Any]]]:
        """What is recorded of these grants and transfers, by line."""
        found: dict[UUID, dict[int, dict[str, Any]]] = {subject: {} for subject in subjects}
        rows = self.database.dicts(
            "SELECT subject_id, line, given_by_org_id, given_on, quantity, numbers,"
            " confirmed_by_org_id, confirmed_on FROM handover_line"
            " WHERE subject_id = ANY (%s::uuid[])", ([str(subject) for subject in found],),
        )
        for row in rows:
            found[UUID(str(row.pop("subject_id")))][row.pop("line")] = row
        return found


def confirmed_of(recorded: Mapping[int, Mapping[str, Any]]) -> set[int]:
    """The lines that the taker has confirmed."""
    return {line for line, row in recorded.items() if row["confirmed_on"]}
