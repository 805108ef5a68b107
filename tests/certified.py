"""A small county with a case decided in every mode of the notices, its logs signed."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from shared.settings import Settings
from tests.signing import Registry, Signing

MORNING, LATER = "2021-09-01T09:00:00+08:00", "2021-09-02T09:00:00+08:00"
PROGRAMMES = ("MD2023", "ST2021", "GZ2020", "SR2020", "ZZ2021")
ANXING, SHATU, XIJI = "MD2023-TOWN-10", "MD2023-TOWN-08", "ST2021-TOWN-01"
MD_BUREAU, UNIT = "MD2023-ORG-19", "GZ2020-UNIT-15"

# Mode: item, town, counter, and further towns that the matter concerns.
FILED = {
    "entrusted_handling": ("MD23-04", ANXING, f"{ANXING}-CENTRE", ()),
    "entrusted_handling across towns": ("MD23-21", ANXING, f"{ANXING}-CENTRE", (ANXING, SHATU)),
    "entrusted_acceptance": ("MD23-30", SHATU, f"{SHATU}-CENTRE", ()),
    "direct": ("ST21-01", XIJI, XIJI, ()),
    "substantive_review": ("ST21-06", XIJI, XIJI, ()),
    "window_forward": ("ST21-12", XIJI, f"{XIJI}-CENTRE", ()),
    "conferral": ("SR20-001", "SR2020-TOWN-01", "SR2020-TOWN-01", ()),
}
ACTS = {
    "preliminary_review": ("preliminary_review", {"result": "ok"}),
    "substantive_review": (
        "review", {"result": "positive", "opinion_ref": "op-1", "opinion_seal": "town-seal"}
    ),
    "receive": ("receive", {}), "decide": ("approve", {}),
}


class Office(Registry):
    """The cases of a small county."""

    def decided(self, item: str, counter: str, **told: object) -> str:
        """A case along its own path up to the approval."""
        case = self.accepted(item, counter, at=MORNING, **{"key": "applicant-7"} | told)
        path = self.fact_of(case, "CaseAccepted")["path"]
        owner = next(step["org_id"] for step in path if step["step"] == "decide")
        for step in path[1:]:
            if step["step"] == "forward":
                self.act("forward", case, step["org_id"], at=MORNING, to=owner)
            elif step["step"] in ACTS:
                act, fields = ACTS[step["step"]]
                self.act(act, case, step["org_id"], at=LATER, **fields)
        return case

    def of_mode(self, mode: str) -> str:
        """A case decided in that mode."""
        item, town, counter, towns = FILED[mode]
        self.granted(item, town, mode.partition(" ")[0])
        return self.decided(item, counter, towns=towns)


@dataclass
class Certified:
    """The office, its signed logs, and the case of each mode."""

    office: Office
    signing: Signing
    cases: dict[str, str]


MODES = [*FILED, "transfer", "own power"]


@pytest.fixture(scope="module")
def certified(migrated: Settings) -> Iterator[Certified]:
    office = Office(migrated)
    office.empty()
    office.imported(*PROGRAMMES)
    signing = Signing(office)
    cases = {mode: office.of_mode(mode) for mode in FILED}
    office.transferred("GZ20-001", UNIT, at="2021-04-01T00:00:00+08:00")
    cases["transfer"] = office.decided("GZ20-001", f"{UNIT}-BUREAU")
    cases["own power"] = office.decided("MD23-05", MD_BUREAU)
    seal = office.seal_no_2(MD_BUREAU, ANXING)
    office.act(
        "seal", cases["entrusted_handling"], f"{ANXING}-CENTRE", at=LATER, seal=seal,
        document_hash="d1",
    )
    signing.sign()
    yield Certified(office, signing, cases)
    signing.close()
    office.close()
