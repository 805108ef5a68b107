"""Questions what would follow from the end of grants: recall, expiry, a legal bar, another mode."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.delegation.domain import agreement_refusals, grant_refusals, legal_bar, refusals
from services.delegation.domain.programme import policy
from services.delegation.readmodel.consequences import Consequences, Rows
from services.delegation.readmodel.lookups import Lookups
from services.delegation.readmodel.mode_change import ModeChange
from shared.clock import end_of, start_of
from shared.database import Database
from shared.register.questions import Register


class ConsequenceQuestions:
    """Questions what would follow."""

    database: Database
    register: Register
    lookups: Lookups

    def recall_consequences(
        self, *, programme: str, grant: UUID, effective_from: date | None
    ) -> Any:
        """R181."""
        return self._ended(programme, [self._open(programme, grant)], effective_from)

    def mode_change_consequences(
        self, *, programme: str, grant: UUID, mode: str, effective_from: date | None
    ) -> Any:
        """R184."""
        found = self._open(programme, grant)
        if found["mode"] == mode:
            raise grant_refusals.same_mode(grant, mode)
        return ModeChange(
            self.database, self.register.programme(programme), found, mode, _begin(effective_from)
        ).told()

    def abolition_consequences(
        self, *, programme: str, item: str, effective_from: date | None
    ) -> Any:
        """R180: every grant of an item that is no more."""
        return self._ended(
            programme, self.lookups.open_grants(programme, item=item), effective_from
        )

    def expiry_consequences(self, *, programme: str, agreement: UUID) -> Any:
        """R075: every grant under an agreement, at the end of its term."""
        found = self.lookups.agreement(agreement)
        if found is None or found["programme_id"] != programme:
            raise refusals.unknown("agreement", agreement)
        if found["term_to"] is None:
            raise agreement_refusals.no_term(agreement)
        return Consequences(
            self.database, self.register.programme(programme),
            self.lookups.open_grants(programme, agreement=agreement), end_of(found["term_to"]),
            agreement,
        ).told()

    def constraint_consequences(
        self, *, programme: str, item: str, kind: str, norm_rank: str
    ) -> Any:
        """R046: the grants that a bar of this kind and rank puts under review, and the others."""
        rules = self.register.programme(programme)
        barred, others = [], []
        for row in self.lookups.open_grants(programme, item=item):
            applies = legal_bar.applies(kind, norm_rank, policy(rules, row["mode"]))
            (barred if applies and row["state"] != "legality_review" else others).append(row)
        return Consequences(self.database, rules, barred, None).under_review() | {
            "unaffected": [str(row["grant_id"]) for row in others]
        }

    def _open(self, programme: str, grant: UUID) -> dict[str, Any]:
        found = self.lookups.grant(grant)
        if found is None or found["programme_id"] != programme:
            raise refusals.unknown("grant", grant)
        if found["state"] == "ended":
            raise refusals.wrong_state("grant", "ended", ["open"])
        return found

    def _ended(self, programme: str, grants: Rows, effective_from: date | None) -> Any:
        return Consequences(
            self.database, self.register.programme(programme), grants, _begin(effective_from)
        ).told()


def _begin(effective_from: date | None) -> datetime | None:
    return start_of(effective_from) if effective_from else None
