"""Organs that are no more: whose place is taken by whom, and what still names them."""

from datetime import date, datetime
from typing import Any

from psycopg2.extensions import cursor

from services.delegation.domain.seal import SEAL_NO_2
from services.delegation.domain.succession import ORGAN_MERGED
from shared.contracts.envelope import Fact
from shared.database import Database
from shared.projection import Projection

successions = Projection()

Rows = list[dict[str, Any]]
Requests = dict[str, dict[str, dict[str, Any]]]


@successions.on("delegation.GrantSucceeded")
def grant_succeeded(at: cursor, fact: Fact) -> None:
    told = fact.data | {"position": fact.position}
    for role in fact.data["roles"]:
        at.execute(
            f"UPDATE granted SET {role} = %(to_org_id)s, position = %(position)s"
            " WHERE grant_id = %(grant_id)s", told,
        )
    at.execute(
        "UPDATE forwarding_mechanism SET target_org_id = %(to_org_id)s"
        " WHERE grant_id = %(grant_id)s AND target_org_id = %(from_org_id)s", told,
    )


@successions.on("delegation.AgreementSucceeded")
def agreement_succeeded(at: cursor, fact: Fact) -> None:
    at.execute(
        "UPDATE agreement SET department_id = %(department_id)s, parties = %(parties)s,"
        " position = %(position)s WHERE agreement_id = %(agreement_id)s",
        fact.data | {"position": fact.position},
    )


class SuccessionRecords:
    """What names an organ, in whatever programme.

    Args:
        database: of this service.
    """

    def __init__(self, database: Database) -> None:
        self.database = database

    def grants(self, org: str, since: datetime | None = None) -> Rows:
        """Grants and transfers that name it and were not over by then, each with its programme."""
        held = "(SELECT grant_id FROM holding WHERE org_id = %(org)s AND superseded_by IS NULL)"
        return self.database.dicts(
            "SELECT grant_id, programme_id, town_id, item_id FROM granted WHERE"
            " (ended_at IS NULL OR %(since)s::timestamptz IS NOT NULL AND ended_at > %(since)s)"
            " AND (%(org)s IN (decided_by_org_id, power_owner_org_id, act_supervisor_org_id)"
            f"  OR grant_id IN {held}) UNION ALL"
            " SELECT transfer_id, programme_id, unit_id, item_id FROM transferred"
            f" WHERE transfer_id IN {held} ORDER BY 1", {"org": org, "since": since},
        )

    def agreements(self, org: str) -> Rows:
        """Agreements that bind it, drafts too."""
        return self.database.dicts(
            "SELECT agreement_id, programme_id, town_id, item_ids FROM agreement"
            " WHERE state IN ('drafted', 'signed') AND %s = ANY (parties) ORDER BY agreement_id",
            (org,),
        )

    def lists(self, org: str) -> Rows:
        """Lists of towns whose lines name it, drafts too, with these lines' items."""
        return self.database.dicts(
            "SELECT programme_id, town_id, version, state, array_agg(line ->> 'item_id') AS items"
            " FROM town_list, jsonb_array_elements(entries) AS line WHERE state <> 'superseded'"
            " AND %s IN (line ->> 'granting_org_id', line ->> 'supervising_org_id')"
            " GROUP BY programme_id, town_id, version, state ORDER BY programme_id, town_id,"
            " version", (org,),
        )

    def seals(self, orgs: list[str]) -> Rows:
        """Seals in use that are these organs' own, or made for these towns."""
        return self.database.dicts(
            "SELECT seal_id, programme_id, kind, org_id, town_id FROM seal WHERE state = 'in_use'"
            " AND (org_id = ANY (%(orgs)s) OR town_id = ANY (%(orgs)s)) ORDER BY seal_id",
            {"orgs": orgs},
        )

    def accounts(self, org: str) -> Rows:
        """Accounts of its people that are not revoked."""
        return self.database.dicts(
            "SELECT account_id, programme_id FROM account WHERE org_id = %s"
            " AND state <> 'revoked' ORDER BY account_id", (org,),
        )

    def following(self, org: str, since: datetime) -> Requests:
        """The commands by which what names a closed organ names its successor, by door."""
        return {
            "succeed_in_grant": _requests(self.grants(org, since), "grant", "grant_id"),
            "succeed_in_agreement": _requests(self.agreements(org), "agreement", "agreement_id"),
            "succeed_in_list": _requests(self.lists(org), "town", "town_id"),
            "fit_account": _requests(self.accounts(org), "account", "account_id"),
        }

    def ending(self, town: str, on: date) -> Requests:
        """The commands that end the list and the agreements of a closed town."""
        lists = self.database.dicts(
            "SELECT programme_id, town_id FROM town_list WHERE town_id = %s"
            " AND state = 'current'", (town,),
        )
        return {
            "succeed_in_list": _requests(lists, "town", "town_id"),
            "drop_from_agreement": {
                f"{row['agreement_id']}:{item}": {
                    "programme": row["programme_id"], "agreement": str(row["agreement_id"]),
                    "item": item, "on": on.isoformat(),
                }
                for row in self.agreements(town) for item in row["item_ids"]
            },
        }

    def seals_over(self, position: int) -> Requests:
        """The commands that put the seals of organs out of use that one fact of catalog closed."""
        closed = self.database.dicts("SELECT * FROM succession WHERE position = %s", (position,))
        seals = self.seals([row["org_id"] for row in closed])
        since = [{
            "suspend_seal": {"since": row["closed_from"].isoformat()},
            "retire_seal": {"on": row["closed_on"].isoformat()},
        } for row in closed][:1]
        return {
            door: {
                row["seal_id"]: {
                    "programme": row["programme_id"], "seal": row["seal_id"],
                    "reason": ORGAN_MERGED,
                } | when[door]
                for row in seals if (row["kind"] == SEAL_NO_2) == (door == "suspend_seal")
            }
            for when in since for door in when
        }


def _requests(rows: Rows, field: str, column: str) -> dict[str, dict[str, Any]]:
    """A request for each row, by what it is about."""
    return {
        str(row[column]): {"programme": row["programme_id"], field: str(row[column])}
        for row in rows
    }
