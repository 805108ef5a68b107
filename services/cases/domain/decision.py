"""The organs behind one document: who decided, for whom, in whose name, who answers for it."""

from typing import Any

from services.cases.domain.authority import Grant, Held, holder, prescribed
from services.cases.domain.path import seal_kind

# Holders that are no organ: an agreement names it, each answers for its own step, nobody said.
NO_ORGAN = frozenset(
    {"each_for_own_step", "per_agreement", "per_agreement_if_any", "unspecified", "seal_user"}
)

# 谁用章谁负责: responsibility follows the user of the seal; else 谁审批、谁负责.
BY_SEAL_USER = "seal_user"

# Capacities in which the decider acts for the town.
FOR_TOWN = frozenset({"for_town_in_name_of_department"})


def organs(
    decided: Held, grant: Grant | None, *, owner: str, cross_town: bool, town: str | None
) -> dict[str, Any]:
    """The organs and the seal of a decision, as `ApprovalIssued` names them (R054, R058, R084)."""
    liability = prescribed("liability", grant, cross_town=cross_town)
    seal_user = holder("seal", grant, owner=owner, cross_town=cross_town).org_id
    by_user = liability is not None and liability["org_id"] == BY_SEAL_USER
    return {
        "decided_by_org_id": decided.org_id,
        "in_name_of_org_id": named("named_authority", grant, owner=owner, cross_town=cross_town),
        "acting_org_id": town if town and decided.capacity in FOR_TOWN else decided.org_id,
        "seal_kind": seal_kind(grant, owner=owner, cross_town=cross_town),
        "seal_user_org_id": seal_user,
        "responsible_org_id": seal_user if by_user else decided.org_id,
        "liable_org_id": named("liability", grant, owner=owner, cross_town=cross_town),
    }


def named(facet: str, grant: Grant | None, *, owner: str, cross_town: bool) -> str | None:
    """The organ that *facet* falls to; None where the notice names none."""
    if grant is None:
        return owner
    row = prescribed(facet, grant, cross_town=cross_town)
    return row["org_id"] if row and row["org_id"] not in NO_ORGAN else None
