"""What an agreement must contain and who must be its parties (R070, R072, R073, R074)."""

from collections.abc import Sequence
from datetime import date, datetime

from services.delegation.domain import agreement_refusals, refusals
from services.delegation.domain.programme import Row, agreement_policy, setting

TERM = "委托期限"
TRANSFER_TIME = "划转时间"


def kind_policy(programme: Row, kind: str) -> Row:
    """The mode's policy whose agreements are of this kind.

    Raises:
        Refused: ``delegation.agreement-kind-not-in-programme``.
    """
    found = agreement_policy(programme, kind)
    if found is None:
        kinds = {row["policy"]["agreement_kind"] for row in programme["modes"].values()} - {None}
        raise agreement_refusals.kind_not_in_programme(kind, sorted(kinds))
    return found


def check_items(policy: Row, department: str, items: Sequence[Row]) -> None:
    """The items are the department's; one only where the notice says so (R070, R074)."""
    if not items:
        raise agreement_refusals.items_required()
    if policy["agreement_items"] == "one" and len(items) != 1:
        raise agreement_refusals.one_item_one_agreement([item["item_id"] for item in items])
    for item in items:
        if item["granting_org_id"] != department:
            raise agreement_refusals.party_not_granting_department(
                item["item_id"], item["granting_org_id"], department
            )


def check_term(term_from: date | None, term_to: date | None) -> None:
    if term_from and term_to and term_to < term_from:
        raise refusals.wrong_date_order("期限起始", term_from, "期限届满", term_to)


def missing_clauses(
    programme: Row, kind: str, keys: Sequence[str], *, term_to: date | None,
    transfer_at: datetime | None
) -> list[str]:
    """The mandatory clauses of this kind that the agreement does not have.

    A term and a transfer time count only with their date: an unknown term cannot be kept.
    """
    if kind not in (setting(programme, "agreement", "clauses_apply_to") or ()):
        return []
    dated = {TERM: term_to, TRANSFER_TIME: transfer_at}
    required = kind_policy(programme, kind)["clauses"]
    return [
        clause for clause in required if clause not in keys
        or (clause in dated and dated[clause] is None)
    ]


def check_signatories(parties: Sequence[str], signatories: Sequence[str], town: Row) -> None:
    """Both parties and nobody else; never the centre for the town (R070)."""
    if town["centre_id"] in signatories:
        raise agreement_refusals.party_must_be_town(town["centre_id"], town["town_id"])
    if others := [org for org in signatories if org not in parties]:
        raise agreement_refusals.not_a_party(others)
    if missing := [org for org in parties if org not in signatories]:
        raise agreement_refusals.signature_missing(missing)
