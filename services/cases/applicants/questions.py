"""The question on an applicant: what is held, what was done with it, what was erased and when."""

from typing import Any
from uuid import UUID

from services.cases.circumstances import Circumstances
from services.cases.domain import applicant_refusals as refusals
from shared.plain import plain

ERASED = ("erased_at", "erased_by_org_id", "erased_fields", "ground", "instrument_ref")


class ApplicantQuestions:
    """Answers from the read model, which has no details: whoever may ask anything may ask this."""

    world: Circumstances

    def applicant(self, *, applicant: UUID) -> dict[str, Any]:
        """The person's record: fields held, cases, every fact on either, and the erasure."""
        key = str(applicant)
        rows = self.world.database.dicts(
            "SELECT * FROM applicant WHERE applicant_key = %s", (key,)
        )
        if not rows:
            raise refusals.unknown_applicant(key)
        erased = {name: rows[0].pop(name) for name in ERASED}
        cases = self.world.database.dicts(
            "SELECT case_id, item_id, state, outcome, at_org_id, submitted_at, finished_at"
            " FROM application WHERE applicant_key = %s ORDER BY submitted_at, case_id", (key,),
        )
        told = self.world.database.dicts(
            "SELECT position, type, org_id, operator, occurred_at, recorded_at, data, NULL AS case"
            " FROM applicant_act WHERE applicant_key = %(key)s UNION ALL"
            " SELECT c.position, c.type, c.org_id, c.operator, c.occurred_at, c.recorded_at,"
            " c.data, c.case_id FROM act c JOIN application USING (case_id)"
            " WHERE applicant_key = %(key)s ORDER BY position", {"key": key},
        )
        names = self.world.register.names(row["org_id"] for row in told)
        return {
            **plain(rows[0]),
            "erased": plain(erased) if erased["erased_at"] else None,
            "cases": plain(cases),
            "events": [plain(row) | {"org_name": names.get(row["org_id"])} for row in told],
        }
