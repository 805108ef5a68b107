"""What would follow if two organs or two towns became one: nothing is recorded by asking."""

from datetime import date
from typing import Any

from services.delegation.domain.seal import SEAL_NO_2
from services.delegation.readmodel.consequences import Consequences, Rows
from services.delegation.readmodel.lookups import Lookups
from services.delegation.readmodel.succession import SuccessionRecords
from shared.clock import start_of
from shared.database import Database
from shared.plain import plain
from shared.register.questions import Register


class MergingQuestions:
    """Questions what a merger would lead to (R007, R087, R131, R182)."""

    database: Database
    register: Register
    lookups: Lookups

    def succession_consequences(
        self, *, programme: str, org: str, into: str, effective_on: date | None
    ) -> Any:
        """Everything that names the organ, and what nobody would have without more.

        Returns:
            For an organ ``{grants, agreements, lists, seals, accounts, items, cases, findings}``;
            for a town what the recall of its grants would lead to, with ``seals`` of its own and
            ``findings``: ``{code, zh}`` with what each is about.
        """
        self.register.organ(into)
        self.register.in_office([org, into], date.max)
        if self.database.rows("SELECT FROM town WHERE town_id = %s", (org,)):
            return plain(self._of_town(programme, org, into, effective_on))
        return plain(self._of_organ(org, into))

    def _of_organ(self, org: str, into: str) -> dict[str, Any]:
        records = SuccessionRecords(self.database)
        seals = self._seals(records.seals([org]))
        return {
            "grants": records.grants(org), "agreements": records.agreements(org),
            "lists": records.lists(org), "seals": seals, "accounts": records.accounts(org),
            "items": [item for (item,) in self.database.rows(
                "SELECT item_id FROM item WHERE %s IN (granting_org_id, supervising_org_id)"
                " ORDER BY item_id", (org,),
            )],
            "cases": self.database.dicts(
                "SELECT case_id, item_id, state FROM open_case WHERE with_org_id = %s"
                " ORDER BY case_id", (org,),
            ),
            "findings": [
                self._seal_needed(into, seal["town_id"]) for seal in seals
                if seal["kind"] == SEAL_NO_2
                and not self.lookups.seal_in_use(SEAL_NO_2, into, seal["town_id"])
            ],
        }

    def _of_town(
        self, programme: str, town: str, into: str, effective_on: date | None
    ) -> dict[str, Any]:
        self.register.town(programme, town)
        self.register.town(programme, into)
        grants = self.lookups.open_grants(programme, town=town)
        told: dict[str, Any] = Consequences(
            self.database, self.register.programme(programme), grants,
            start_of(effective_on) if effective_on else None,
        ).told()
        has = {row["item_id"] for row in self.lookups.open_grants(programme, town=into)}
        return told | {
            "seals": self._seals(SuccessionRecords(self.database).seals([town])),
            "findings": [
                self._grant_missing(row, into) for row in grants if row["item_id"] not in has
            ],
        }

    def _seals(self, seals: Rows) -> Rows:
        """A seal No. 2 is suspended until it is given back, an organ's own one retired (R087)."""
        return [
            seal | {"becomes": "suspended" if seal["kind"] == SEAL_NO_2 else "retired"}
            for seal in seals
        ]

    def _seal_needed(self, into: str, town: str) -> dict[str, Any]:
        """R080, R082: a seal is the pair's; the successor's wants an authorisation of its own."""
        names = self.register.names([into, town])
        return {
            "code": "seal-needs-authorisation", "department": into, "town": town,
            "zh": f"{names[into]}在{names[town]}没有“2号公章”，承接后须另经授权刻制",
        }

    def _grant_missing(self, grant: dict[str, Any], into: str) -> dict[str, Any]:
        """R004: what the town held is not granted to its successor by the merger."""
        names = self.register.names([into, grant["power_owner_org_id"]])
        item = self.register.item(None, grant["item_id"])["name"]
        return {
            "code": "successor-has-no-grant", "town": into, "item": grant["item_id"],
            "zh": f"{names[into]}未获赋权“{item}”，合并后由{names[grant['power_owner_org_id']]}"
                  "办理，如仍由镇街办理须另行赋权",
        }
