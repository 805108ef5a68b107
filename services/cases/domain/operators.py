"""What an operator may do for an organ, as far as is on record of the person (R094, R097)."""

from collections.abc import Collection

from services.cases.domain import refusals

STAFF = ("own_staff", "provided")
CONTRACTOR, SECONDED = "contractor", "seconded"

# Who does which act in the organ's name: bought services receive and pass on, and an officer
# seconded to the town advises and does none of them.
DOES: dict[str, Collection[str]] = {
    "accept": (*STAFF, CONTRACTOR),
    "forward": (*STAFF, CONTRACTOR),
    "preliminary_review": STAFF,
    "substantive_review": STAFF,
    "decide": STAFF,
    "seal": STAFF,
}

# The refusal for whoever does not; of record.
KEPT_FROM = {
    CONTRACTOR: refusals.contractor_cannot_review,
    SECONDED: refusals.seconded_officer_cannot_act,
}


def check(act: str, *, org: str, operator: str, kinds: Collection[str]) -> None:
    """Refuse *act* where the operator is of a kind that does not do it.

    Args:
        kinds: what is on record of the operator for this organ on that day; empty: nothing.

    Raises:
        Refused: of record.
    """
    for kind in kinds:
        if kind not in DOES[act]:
            raise KEPT_FROM[kind](act, org, operator)
