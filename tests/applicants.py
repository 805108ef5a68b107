"""Applicants for tests: synthetic details, and the doors of applicants in one line each."""

from typing import Any
from uuid import UUID

import pytest

from tests.county import County

AT = "2023-09-01T09:00:00+08:00"
LATER = "2023-12-01T09:00:00+08:00"
TOWN = "MD2023-TOWN-08"
CENTRE = f"{TOWN}-CENTRE"
STRANGER = "MD2023-ORG-20"
ITEM = "MD23-04"
DETAILS = {
    "kind": "person", "name": "申请人甲零零零壹", "id_kind": "other", "id_number": "SYNTH-X-0001",
    "phone": "电话号码零零零壹", "address": "住址零零零壹号",
}
CORRECTED = DETAILS | {"phone": "电话号码零零零贰"}
READ = {"purpose": "handling"}
ERASE = {"ground": "purpose_achieved"}
FIELDS = ["address", "id_kind", "id_number", "kind", "name", "phone"]


class Counter:
    """The counters of a county, where applicants are registered and cases filed.

    Args:
        county: with the item granted to the town.
    """

    def __init__(self, county: County) -> None:
        self.county = county

    def do(
        self, door: str, *, org: str = CENTRE, role: str = "officer", at: str = AT,
        command: UUID | None = None, expected: int | None = None, **fields: Any,
    ) -> dict[str, Any]:
        """One command by an organ."""
        return self.county.do(
            "cases", door, {"programme": "MD2023", **fields}, at=at, actor=org, role=role,
            command=command, expected=expected,
        )

    def registered(self, details: dict[str, str] | None = None, **told: Any) -> str:
        """The key of an applicant registered with these details."""
        stream: str = self.do("register_applicant", details=details or DETAILS, **told)["stream"]
        return stream

    def filed(self, applicant: str) -> str:
        """A case of the applicant's, handed in at the town's centre."""
        return self.county.filed(ITEM, CENTRE, at=AT, key=applicant)

    def closed(self, applicant: str) -> str:
        """A case of the applicant's that is finished."""
        case = self.filed(applicant)
        self.county.act("withdraw", case, CENTRE, at=AT)
        return case

    def facts(self, name: str) -> list[dict[str, Any]]:
        """The data of every fact of that name."""
        return [fact.data for fact in self.county.facts("cases", name)]


@pytest.fixture
def counter(county: County) -> Counter:
    """The centre of a town that handles the item."""
    county.granted(ITEM, TOWN, "entrusted_handling")
    return Counter(county)
