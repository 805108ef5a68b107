"""What the end of a grant leads to: one table for foreseeing and for doing (R131, R181)."""

from collections.abc import Iterable

from services.delegation.domain.programme import Row
from services.delegation.domain.seal import SEAL_NO_2

FINISH = "finish_if_reviewed"

# What becomes of a case, by where it stands when the town's power ends.
CASES = {
    "submitted": "referred",                     # not accepted yet: the owner's counter accepts it
    "accepted": "handed_up",
    "reviewed": "handed_up",
    "returned": "handed_up",
    "deficient": "handed_up_when_supplemented",
    "forwarded": "stays",                        # with the owner already
    "received": "stays",
    "decided": "sealed_by_owner",
}


def of_case(case: Row, *, owner: str, in_flight_policy: str | None) -> str:
    """What becomes of an open case.

    Args:
        in_flight_policy: of the programme; None also under a legality review (R046).
    """
    if case["grant_id"] is None:
        return CASES["submitted"]
    if case["state"] == "reviewed" and in_flight_policy == FINISH:
        return "finished_in_town"
    if case["state"] == "decided" and case["with_org_id"] == owner:
        return "stays"
    return CASES[case["state"]]


def sealed(programme: Row) -> list[str]:
    """The modes whose documents bear a seal No. 2 (R087)."""
    return [
        mode for mode, row in programme["modes"].items()
        if row["policy"]["seal_kind"] == SEAL_NO_2
    ]


def seal_ends(programme: Row, ended: Iterable[Row], remaining: Iterable[Row]) -> bool:
    """Whether a pair's last item under its seal No. 2 is among those that end (R087)."""
    modes = sealed(programme)
    return any(row["mode"] in modes for row in ended) and not any(
        row["mode"] in modes for row in remaining
    )
