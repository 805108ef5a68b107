"""What would follow if a grant were changed to another mode (R184)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.delegation.domain import facets
from services.delegation.domain.programme import policy
from services.delegation.readmodel.consequences import Consequences, Rows
from shared.clock import day_of
from shared.database import Database

KEPT = "SELECT facet FROM account_facet WHERE account_id = %s AND until IS NULL"


class ModeChange(Consequences):
    """As the end of the grant, but that its successor begins at the same instant.

    Args:
        mode: of the successor.
    """

    becomes = "changed"

    def __init__(
        self, database: Database, programme: Mapping[str, Any], grant: dict[str, Any], mode: str,
        at: datetime | None,
    ) -> None:
        super().__init__(database, programme, [grant], at)
        self.mode = mode
        self.facets = facets.of_grant(
            policy(programme, mode), self.register.item(None, grant["item_id"]),
            self.register.town(None, grant["town_id"]),
        )

    def remaining(self, **narrowed: str) -> Rows:
        """The open grants beside it, and its successor."""
        (grant,) = self.grants
        return [*super().remaining(**narrowed), grant | {"mode": self.mode}]

    def accounts(self) -> Rows:
        """R092: those with a facet that the organ does not hold in the new mode."""
        return [
            row for row in super().accounts()
            if not self._held(row["org_id"]).issuperset(self._of_account(row["account_id"]))
        ]

    def lists(self) -> Rows:
        """R183: the entry names the new mode."""
        return [
            {("altered_item_ids" if key == "struck_item_ids" else key): value
             for key, value in row.items()}
            for row in super().lists()
        ]

    def agreements(self) -> Rows:
        """R182: an item that has another agreement in the new mode leaves the old one."""
        (grant,) = self.grants
        kind = policy(self.programme, self.mode)["agreement_kind"]
        covering = self.lookups.covering_agreement(
            grant["programme_id"], kind, grant["town_id"], grant["item_id"],
            day_of(self.at or grant["effective_from"]),
        )
        return [] if covering == grant["agreement_id"] else super().agreements()

    def hold_after(self, grant: Mapping[str, Any], facet: str) -> list[str]:
        """Who holds a facet in the new mode; the owner's own right stays beside it."""
        held = {row["org_id"] for row in self.facets if row["facet"] == facet}
        return sorted(held | set(super().hold_after(grant, facet)))

    def _held(self, org: str) -> set[str]:
        return {row["facet"] for row in self.facets if row["org_id"] == org}

    def _of_account(self, account: Any) -> set[str]:
        return {facet for (facet,) in self.database.rows(KEPT, (str(account),))}
