"""Look-ups of organs that are no more: who stands for them, since when."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from shared.database import Database
from shared.refusal import Refused

# Two statements: every command asks the first, and most places have closed no organ at all.
CLOSED = "SELECT org_id FROM succession WHERE org_id = ANY (%s) AND closed_on <= %s"
STANDS_FOR = (
    "SELECT s.org_id, b.name, s.closed_on, successor(s.org_id) AS successor,"
    " (SELECT name FROM body t WHERE t.org_id = successor(s.org_id)) AS successor_name"
    " FROM succession s JOIN body b USING (org_id)"
    " WHERE s.org_id = ANY (%s) ORDER BY s.org_id LIMIT 1"
)


class Successions:
    """What `Register` answers on closed organs, towns, centres and departments (R007)."""

    database: Database

    def successor(self, org: str, at: datetime | None = None) -> str:
        """Who stands for *org* now, or at an instant: itself, or who has taken over by then."""
        asked = (org, at) if at else (org,)
        rows = self.database.rows(f"SELECT successor({', '.join(['%s'] * len(asked))})", asked)
        return str(rows[0][0])

    def successions(self, at: datetime) -> dict[str, str]:
        """Every organ that was closed by then, with who stood for it at that instant."""
        return dict(self.database.rows(
            "SELECT org_id, successor(org_id, %(at)s) FROM succession WHERE closed_from <= %(at)s",
            {"at": at},
        ))

    def closings(self, orgs: Iterable[str]) -> list[dict[str, Any]]:
        """The closings behind these organs, and those of their successors in turn, in order."""
        return self.database.dicts(
            "WITH RECURSIVE chain AS (SELECT * FROM succession WHERE org_id = ANY (%s)"
            " UNION SELECT s.* FROM chain c JOIN succession s ON s.org_id = c.successor_org_id)"
            " SELECT * FROM chain ORDER BY closed_on, position, org_id", (list(orgs),),
        )

    def predecessors(self, org: str) -> list[str]:
        """The closed organs that *org* stands for."""
        return [closed for (closed,) in self.database.rows(
            "WITH RECURSIVE former AS (SELECT org_id FROM succession WHERE successor_org_id = %s"
            " UNION SELECT s.org_id FROM former f JOIN succession s"
            "  ON s.successor_org_id = f.org_id) SELECT org_id FROM former ORDER BY org_id",
            (org,),
        )]

    def in_office(self, named: Iterable[str | None], on: date) -> None:
        """Let pass what is no organ, or one that was not closed on that day.

        Raises:
            Refused: ``register.organ-closed``; the facts say who has taken over.
        """
        closed = self.database.rows(CLOSED, ([one for one in named if one is not None], on))
        if not closed:
            return
        for found in self.database.dicts(STANDS_FOR, ([org for (org,) in closed],)):
            raise organ_closed(found)


def organ_closed(found: dict[str, Any]) -> Refused:
    """MODEL 3.1: an organ that is closed does nothing more, and nothing is done with it."""
    day = found["closed_on"].isoformat()
    return Refused(
        "register.organ-closed",
        {"org": found["org_id"], "closed_on": day, "successor": found["successor"]},
        f"{found['name']}已自{day}起撤销，由{found['successor_name']}承接，请改以承接单位办理",
    )
