"""Answers to the questions asked of the delegation service: one method per door."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from services.delegation.domain import gates, refusals
from services.delegation.domain.programme import policy
from services.delegation.domain.seal import SEAL_NO_2
from services.delegation.readmodel.lookups import Lookups
from services.delegation.readmodel.rows import plain
from shared.database import Database
from shared.holdings.questions import Holdings
from shared.register.questions import Register

NOW_KNOWN = datetime.max.replace(tzinfo=UTC) - timedelta(days=2)


class Questions:
    """Questions on claims, lists, agreements, seals, grants, and on who held what when.

    Args:
        database: of this service.
        known: gates of a grant of which there is a record (R091).
    """

    def __init__(self, database: Database, known: Callable[[UUID], dict[str, bool]]) -> None:
        self.database = database
        self.known = known
        self.register = Register(database)
        self.holdings = Holdings(database)
        self.lookups = Lookups(database)

    def holders(
        self, *, item: str, town: str | None, facet: str, at: datetime, known_at: datetime | None
    ) -> Any:
        """R065, R222."""
        return plain(
            self.holdings.holders(
                item=item, town=town, facet=facet, at=at, known_at=known_at or NOW_KNOWN
            )
        )

    def held_by(self, *, org: str, at: datetime, known_at: datetime | None) -> Any:
        """R065, the other way round."""
        return plain(self.holdings.held_by(org=org, at=at, known_at=known_at or NOW_KNOWN))

    def grants(self, *, item: str, town: str, at: datetime) -> Any:
        """In force at an instant."""
        return plain(self.holdings.grants(item=item, town=town, at=at))

    def grants_of(
        self, *, programme: str, town: str | None, item: str | None, state: str | None
    ) -> Any:
        """Every grant, ended ones too."""
        return self._rows(
            "SELECT * FROM granted WHERE programme_id = %(programme)s"
            " AND town_id = coalesce(%(town)s, town_id) AND item_id = coalesce(%(item)s, item_id)"
            " AND state = coalesce(%(state)s, state) ORDER BY town_id, item_id, decided_at",
            programme=programme, town=town, item=item, state=state,
        )

    def grant(self, *, grant: UUID) -> Any:
        """One grant, with the links by which the power came to the town (R067)."""
        found = self._grant(grant)
        return plain(found | {"chain": self._chain(found)})

    def gates(self, *, grant: UUID) -> Any:
        """R091: passed, open, or null where nothing is recorded."""
        found = self._grant(grant)
        programme = self.register.programme(found["programme_id"])
        return gates.check(programme, policy(programme, found["mode"]), self.known(grant))

    def claims(self, *, programme: str, town: str | None) -> Any:
        """Claims and deferrals, with what became of each."""
        return self._rows(
            "SELECT * FROM claim WHERE programme_id = %(programme)s AND town_id ="
            " coalesce(%(town)s, town_id)"
            " ORDER BY town_id, item_id", programme=programme, town=town,
        )

    def claims_unanswered(self, *, programme: str, on: date) -> Any:
        """R036: claimed before that day, and neither granted nor refused by then."""
        return self._rows(
            "SELECT * FROM claim WHERE programme_id = %(programme)s AND claimed_on < %(on)s"
            " AND (state = 'claimed' OR state IN ('granted', 'refused') AND answered_on >= %(on)s)"
            " ORDER BY town_id, item_id", programme=programme, on=on,
        )

    def agreement(self, *, agreement: UUID) -> Any:
        """One agreement."""
        found = self._rows("SELECT * FROM agreement WHERE agreement_id = %(id)s", id=str(agreement))
        if not found:
            raise refusals.unknown("agreement", agreement)
        return found[0]

    def agreements(self, *, programme: str, state: str | None) -> Any:
        """R070 to R075."""
        return self._rows(
            "SELECT * FROM agreement WHERE programme_id = %(programme)s AND state ="
            " coalesce(%(state)s, state)"
            " ORDER BY term_to, town_id, agreement_id", programme=programme, state=state,
        )

    def seals(self, *, programme: str, department: str | None, town: str | None) -> Any:
        """R082."""
        return self._rows(
            "SELECT * FROM seal WHERE programme_id = %(programme)s AND org_id ="
            " coalesce(%(org)s, org_id)"
            " AND (%(town)s::text IS NULL OR %(town)s IN (town_id, org_id)) ORDER BY seal_id",
            programme=programme, org=department, town=town,
        )

    def recall_dry_run(self, *, grant: UUID) -> Any:
        """R181: what would follow from a recall."""
        found = self._grant(grant)
        programme, town, owner = found["programme_id"], found["town_id"], found[
            "power_owner_org_id"
        ]
        modes = self.register.programme(programme)["modes"]
        sealed = {mode for mode, row in modes.items() if row["policy"]["seal_kind"] == SEAL_NO_2}
        others = [
            row for row in self.lookups.open_grants(programme, town=town, owner=owner)
            if row["mode"] in sealed and row["grant_id"] != found["grant_id"]
        ]
        seal = self.lookups.seal_in_use(SEAL_NO_2, owner, town) if found["mode"] in sealed else None
        return plain({
            "grant": found["grant_id"],
            "returns_to_org_id": owner,
            "in_flight_policy": (self.register.programme(programme)["settings"].get("recall") or {})
            .get("in_flight_policy"),
            "seal_suspended": seal if not others else None,
            "agreement": self._agreement_after(found),
            "list_revised": bool(self._rows(
                "SELECT 1 AS listed FROM town_list WHERE programme_id = %(programme)s AND town_id ="
                " %(town)s"
                " AND state = 'current' AND entries @>"
                " jsonb_build_array(jsonb_build_object('item_id',"
                " %(item)s::text))", programme=programme, town=town, item=found["item_id"],
            )),
            "open_cases": [
                row["case_id"] for row in self._rows(
                    "SELECT case_id FROM open_case WHERE grant_id = %(id)s ORDER BY case_id",
                    id=str(found["grant_id"]),
                )
            ],
        })

    def list(self, *, town: str, on: date | None) -> Any:
        """R021, R183: the current list of a town, or that of a day."""
        rows = self._rows(
            "SELECT * FROM town_list WHERE town_id = %(town)s AND from_day IS NOT NULL"
            " AND from_day <= coalesce(%(on)s, 'infinity'::date) ORDER BY from_day DESC, version"
            " DESC LIMIT 1",
            town=town, on=on,
        )
        if not rows:
            return None
        catalogue = self._rows(
            "SELECT item_ids, filed, published_at, channel, url FROM town_catalogue WHERE"
            " programme_id = %(programme)s AND town_id = %(town)s AND version = %(version)s",
            programme=rows[0]["programme_id"], town=town, version=rows[0]["version"],
        )
        return rows[0] | {"catalogue": catalogue[0] if catalogue else None}

    def _agreement_after(self, found: dict[str, Any]) -> dict[str, Any] | None:
        if found["agreement_id"] is None:
            return None
        agreement = self.agreement(agreement=found["agreement_id"])
        kept = [item for item in agreement["item_ids"] if item != found["item_id"]]
        return {
            "agreement": found["agreement_id"], "becomes": "amended" if kept else "terminated",
            "items": kept,
        }

    def _chain(self, found: dict[str, Any]) -> Any:
        """From the first transfer to this grant, each link with instrument and interval."""
        transfers = self.database.dicts(
            "SELECT from_org_id, to_org_id, transfer_at AS effective_from, NULL AS effective_to,"
            " instrument"
            " FROM transferred WHERE item_id = %s ORDER BY transfer_at", (found["item_id"],),
        )
        return [*transfers, {
            "from_org_id": found["power_owner_org_id"], "to_org_id": found["town_id"],
            "effective_from": found["effective_from"], "effective_to": found["ended_at"],
            "instrument": found["instrument"],
        }]

    def _grant(self, grant: UUID) -> dict[str, Any]:
        found = self.lookups.grant(grant)
        if found is None:
            raise refusals.unknown("grant", grant)
        return found

    def _rows(self, sql: str, **parameters: Any) -> Any:
        return plain(self.database.dicts(sql, parameters))
