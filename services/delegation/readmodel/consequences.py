"""What would follow if grants ended: nothing is recorded by asking (R046, R067, R075, R181)."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from services.delegation.domain import consequences
from services.delegation.domain.agreement_terms import kind_policy
from services.delegation.domain.programme import setting
from services.delegation.domain.seal import SEAL_NO_2
from services.delegation.readmodel.lookups import Lookups
from shared.database import Database
from shared.holdings.questions import Holdings
from shared.plain import plain
from shared.refusal import Refused
from shared.register.questions import Register

FAR = datetime.max.replace(tzinfo=UTC) - timedelta(days=2)
Rows = list[dict[str, Any]]

CASES = (
    "SELECT c.*, g.grant_id AS ended_grant, g.power_owner_org_id FROM open_case c"
    " JOIN granted g ON g.grant_id::text = c.grant_id OR (c.grant_id IS NULL"
    "  AND (c.programme_id, c.town_id, c.item_id) = (g.programme_id, g.town_id, g.item_id)"
    "  AND c.with_org_id <> g.power_owner_org_id)"
    " WHERE g.grant_id = ANY (%(grants)s::uuid[]) ORDER BY c.case_id"
)
ACCOUNTS = (
    "SELECT a.account_id, a.org_id, array_agg(r.item_id ORDER BY r.item_id)"
    "  FILTER (WHERE g.grant_id IS NOT NULL) AS removed_item_ids,"
    " coalesce(bool_and(g.grant_id IS NOT NULL) FILTER (WHERE r.until IS NULL), true) AS emptied"
    " FROM account a JOIN account_item r ON r.account_id = a.account_id"
    "  AND (r.until IS NULL OR r.until > %(at)s)"
    " LEFT JOIN (SELECT g.grant_id, g.item_id, t.town_id, t.department_id, c.centre_id"
    "  FROM granted g JOIN town t USING (town_id) LEFT JOIN centre c USING (town_id)"
    "  WHERE g.grant_id = ANY (%(grants)s::uuid[])) g"
    "  ON g.item_id = r.item_id AND a.org_id IN (g.town_id, g.department_id, g.centre_id)"
    " WHERE a.state <> 'revoked' AND (%(at)s::timestamptz IS NULL"
    "  OR coalesce(a.valid_to > %(at)s, true))"
    " GROUP BY a.account_id, a.org_id HAVING bool_or(g.grant_id IS NOT NULL)"
    " ORDER BY a.account_id"
)
CHANNELS = (
    "SELECT channel, url FROM published_channel WHERE programme_id = %(programme)s"
    " AND town_id = %(town)s AND version = (SELECT max(version) FROM published_channel"
    "  WHERE programme_id = %(programme)s AND town_id = %(town)s) ORDER BY channel"
)
COUNTERS = (
    "SELECT DISTINCT facet, org_id FROM holding WHERE grant_id = %(grant)s"
    " AND superseded_by IS NULL AND facet IN ('accept', 'decide') AND filed_at = 'town'"
    " ORDER BY facet, org_id"
)


class Consequences:
    """What follows from the end of the given grants at one instant.

    ``becomes`` is the word for what happens to them.

    Args:
        grants: rows of them; they are of one programme.
        at: when they would end; None: not said.
        expired: the agreement whose term brings the end, if it does.
    """

    becomes = "ended"

    def __init__(
        self, database: Database, programme: Mapping[str, Any], grants: Rows,
        at: datetime | None, expired: UUID | None = None,
    ) -> None:
        self.database = database
        self.programme, self.grants, self.at, self.expired = programme, grants, at, expired
        self.lookups, self.holdings = Lookups(database), Holdings(database)
        self.register = Register(database)
        self.asked = {"grants": [str(row["grant_id"]) for row in grants], "at": at}
        self.in_flight = setting(programme, "recall", "in_flight_policy")

    def told(self) -> Any:
        """Everything, by what it happens to."""
        return plain({
            "ends_at": self.at, "in_flight_policy": self.in_flight,
            "grants": self._grants(self.becomes), "cases": self.cases(), "seals": self.seals(),
            "accounts": self.accounts(), "lists": self.lists(), "agreements": self.agreements(),
            "counters": self.counters(),
        })

    def under_review(self) -> Any:
        """What a legality review does: the town decides nothing more, the rest stays (R046)."""
        self.in_flight = None
        return plain({
            "grants": self._grants("legality_review"), "cases": self.cases(),
            "counters": self.counters(),
        })

    def _grants(self, becomes: str) -> Rows:
        kept = ("grant_id", "town_id", "item_id", "mode", "state")
        return [
            {key: row[key] for key in kept}
            | {"becomes": becomes, "returns_to_org_id": row["power_owner_org_id"]}
            for row in self.grants
        ]

    def cases(self) -> Rows:
        """R131."""
        found = []
        for row in self.database.dicts(CASES, self.asked):
            owner = row["power_owner_org_id"]
            becomes = consequences.of_case(row, owner=owner, in_flight_policy=self.in_flight)
            found.append({
                "case_id": row["case_id"], "grant_id": row["ended_grant"], "state": row["state"],
                "with_org_id": row["with_org_id"], "becomes": becomes, "goes_to_org_id": owner,
            })
        return found

    def seals(self) -> Rows:
        """R087: of each pair whose last entrusted item is among them."""
        found = []
        for town, owner in sorted({(g["town_id"], g["power_owner_org_id"]) for g in self.grants}):
            ended = [
                g for g in self.grants if (g["town_id"], g["power_owner_org_id"]) == (town, owner)
            ]
            remaining = self.remaining(town=town, owner=owner)
            seal = self.lookups.seal_in_use(SEAL_NO_2, owner, town)
            if seal and consequences.seal_ends(self.programme, ended, remaining):
                found.append({"seal_id": seal, "becomes": "suspended"})
        return found

    def accounts(self) -> Rows:
        """R092."""
        return [
            row | {"becomes": "revoked" if row.pop("emptied") else "narrowed"}
            for row in self.database.dicts(ACCOUNTS, self.asked)
        ]

    def lists(self) -> Rows:
        """R105, R181: struck from the list, published again wherever it stands."""
        found = []
        for town in sorted({row["town_id"] for row in self.grants}):
            asked = {"programme": self.programme["programme_id"], "town": town}
            current = self.lookups.current_list(**asked)
            if current is None:
                continue
            listed = [entry["item_id"] for entry in current["entries"]]
            ended = [row["item_id"] for row in self.grants if row["town_id"] == town]
            if struck := [item for item in listed if item in ended]:
                newest = current["newest"]
                found.append({
                    "town_id": town, "version": current["version"], "struck_item_ids": struck,
                    "becomes_versions": [newest + nth for nth, _ in enumerate(struck, start=1)],
                    "republished_on": self.database.dicts(CHANNELS, asked),
                    "catalogue_due": current["compiled"],
                })
        return found

    def agreements(self) -> Rows:
        """R075, R182."""
        found = []
        for agreement in sorted({str(g["agreement_id"]) for g in self.grants if g["agreement_id"]}):
            row = self.lookups.agreement(agreement)
            if row is None or row["state"] != "signed":
                continue
            ended = [g["item_id"] for g in self.grants if str(g["agreement_id"]) == agreement]
            kept = [item for item in row["item_ids"] if item not in ended]
            amended = "amended" if kept else "terminated"
            becomes = "expired" if agreement == str(self.expired) else amended
            filing = kind_policy(self.programme, row["kind"])["filing"] is not None
            found.append({
                "agreement_id": agreement, "becomes": becomes,
                "item_ids": row["item_ids"] if becomes == "expired" else kept,
                "filed_again": becomes == "amended" and filing,
            })
        return found

    def counters(self) -> Rows:
        """R067: where a case of the item can be filed in the town or with its owner; who decides.

        ``accepts_after`` is false where the applicant is to go to ``go_to_org_id``.
        """
        found = []
        for grant in self.grants:
            town, item, owner = grant["town_id"], grant["item_id"], grant["power_owner_org_id"]
            held = self.database.rows(COUNTERS, {"grant": grant["grant_id"]})
            accept, decide = (
                [org for facet, org in held if facet == wanted] for wanted in ("accept", "decide")
            )
            accepting, after = self.hold_after(grant, "accept"), self.hold_after(grant, "decide")
            found += [
                {
                    "town_id": town, "item_id": item, "counter_org_id": org,
                    "accepts_after": org in accepting, "go_to_org_id": owner,
                    "decides_now": [owner] if org == owner else decide, "decides_after": after,
                    "competent": any(self._able(one) for one in after),
                }
                for org in sorted({*accept, owner})
            ]
        return found

    def hold_after(self, grant: Mapping[str, Any], facet: str) -> list[str]:
        """Who holds a facet of the item in the town when these grants are no more."""
        rest = [
            row["org_id"] for row in self.holdings.holders(
                item=grant["item_id"], town=grant["town_id"], facet=facet, at=self.at or FAR,
                known_at=FAR,
            ) if row["grant_id"] not in self.asked["grants"]
        ]
        return sorted(set(rest)) or [grant["power_owner_org_id"]]

    def _able(self, org: str) -> bool:
        try:
            self.register.able(org)
        except Refused:
            return False
        return True

    def remaining(self, **narrowed: str) -> Rows:
        """The open grants beside these."""
        return [
            row for row in self.lookups.open_grants(self.programme["programme_id"], **narrowed)
            if str(row["grant_id"]) not in self.asked["grants"]
        ]
