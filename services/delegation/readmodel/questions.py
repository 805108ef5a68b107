"""Answers to the questions asked of the delegation service: one method per door."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from services.delegation.domain import refusals
from services.delegation.readmodel.capability import CapabilityQuestions
from services.delegation.readmodel.foreseeing import ConsequenceQuestions
from services.delegation.readmodel.gates import GateQuestions
from services.delegation.readmodel.grant_life import GrantLifeQuestions
from services.delegation.readmodel.handover_questions import HandoverQuestions
from services.delegation.readmodel.list_tables import ListTableQuestions
from services.delegation.readmodel.lookups import Lookups
from services.delegation.readmodel.merging import MergingQuestions
from services.delegation.readmodel.needs import NeedQuestions
from services.delegation.readmodel.papers import PaperQuestions
from services.delegation.readmodel.readiness import ReadinessQuestions
from services.delegation.readmodel.recalls import RecallQuestions
from shared.database import Database
from shared.holdings.questions import Holdings
from shared.plain import plain
from shared.register.questions import Register

NOW_KNOWN = datetime.max.replace(tzinfo=UTC) - timedelta(days=2)


class Questions(
    GateQuestions, GrantLifeQuestions, PaperQuestions, RecallQuestions, ConsequenceQuestions,
    CapabilityQuestions, HandoverQuestions, ReadinessQuestions, NeedQuestions, ListTableQuestions,
    MergingQuestions,
):
    """Questions on claims, lists, agreements, seals, grants, and on who held what when.

    Args:
        database: of this service.
    """

    def __init__(self, database: Database) -> None:
        self.database = database
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

    def held_by(
        self, *, org: str, at: datetime, known_at: datetime | None, beyond: str | None, limit: int
    ) -> Any:
        """R065, the other way round."""
        return plain(
            self.holdings.held_by(
                org=org, at=at, known_at=known_at or NOW_KNOWN, beyond=beyond, limit=limit
            )
        )

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
        found = self.lookups.agreement(agreement)
        if found is None:
            raise refusals.unknown("agreement", agreement)
        return plain(found)

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

    def list(self, *, town: str, on: date | None) -> Any:
        """R021, R183: the current list of a town, or that of a day."""
        found = self.lookups.town_list(town, on)
        if found is None:
            return None
        catalogue = self._rows(
            "SELECT item_ids, filed, published_at, channel, url FROM town_catalogue WHERE"
            " programme_id = %(programme)s AND town_id = %(town)s AND version = %(version)s",
            programme=found["programme_id"], town=town, version=found["version"],
        )
        return plain(found) | {"catalogue": catalogue[0] if catalogue else None}

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
