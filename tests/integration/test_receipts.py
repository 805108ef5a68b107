"""Receipts of real cases, in every mode of the notices, checked by a stranger with the one file."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from services.ledger.verify import Key, Refused, checked
from shared.log.note import Signer
from shared.refusal import Refused as LawRefused
from shared.settings import Settings
from tests.signing import Registry, Signing, alone

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
        case = self.accepted(item, counter, at=MORNING, **told)
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
class County:
    """The office, its signed logs, and the case of each mode."""

    office: Office
    signing: Signing
    cases: dict[str, str]


@pytest.fixture(scope="module")
def county(migrated: Settings) -> Iterator[County]:
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
    yield County(office, signing, cases)
    signing.close()
    office.close()


MODES = [*FILED, "transfer", "own power"]


@pytest.mark.rule("R131")
@pytest.mark.parametrize("mode", MODES)
def test_a_stranger_with_the_file_and_the_keys_alone_checks_an_approval(
    county: County, mode: str, tmp_path: Path
):
    case = county.cases[mode]
    receipt = county.signing.receipt(case)

    done = alone(tmp_path, receipt, county.signing.trusted)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"已证明 Proven: 案件 case {case}")
    assert "未登记的情形无从证明" in done.stdout


def roles(receipt: str) -> dict[str, list[str]]:
    """The names of the events in a receipt, by role."""
    found: dict[str, list[str]] = {}
    for one in json.loads(receipt)["facts"]:
        name = json.loads(one["envelope"])["type"].partition(".")[2]
        found.setdefault(one["role"], []).append(name)
    return found


def test_the_receipt_shows_acts_grant_start_seal_and_item(county: County):
    assert roles(county.signing.receipt(county.cases["entrusted_handling"])) == {
        "approval": ["ApprovalIssued"], "acceptance": ["CaseAccepted"],
        "step": ["SubstantiveReviewCompleted"], "seal_use": ["SealApplied"],
        "grant": ["ItemDelegated"], "start": ["ItemImplementationStarted"],
        "seal": ["SealIssued"], "item": ["ItemListed"],
    }


def test_a_department_that_decides_on_its_own_power_shows_no_grant(county: County):
    assert roles(county.signing.receipt(county.cases["own power"])).keys() == {
        "approval", "acceptance", "step", "item",
    }


def test_a_stranger_without_the_keys_of_the_county_learns_nothing(county: County, tmp_path: Path):
    receipt = county.signing.receipt(county.cases["direct"])
    others = [
        str(Signer.generate(name).verifier)
        for name in ("fuquan/test/cases", "fuquan/test/delegation", "fuquan/test/catalog")
    ]

    done = alone(tmp_path, receipt, others)

    assert done.returncode == 1
    assert done.stderr.startswith("未通过 Refused: unknown-key")


def test_a_receipt_without_its_grant_is_refused(county: County, tmp_path: Path):
    told = json.loads(county.signing.receipt(county.cases["direct"]))
    told["facts"] = [one for one in told["facts"] if one["role"] != "grant"]
    without = json.dumps(told, ensure_ascii=False, indent=1) + "\n"

    done = alone(tmp_path, without, county.signing.trusted)

    assert done.returncode == 1
    assert done.stderr.startswith("未通过 Refused: grant-missing")


def test_a_byte_that_changes_anywhere_is_found(county: County):
    receipt = county.signing.receipt(county.cases["entrusted_handling"]).encode()
    keys = [Key.parse(key) for key in county.signing.trusted]
    refused = 0
    places = range(0, len(receipt), 97)
    for place in places:
        altered = bytearray(receipt)
        altered[place] ^= 1
        try:
            checked(bytes(altered), keys)
        except Refused:
            refused += 1
    assert refused == len(places)


def refusal(county: County, case: str) -> LawRefused:
    with pytest.raises(LawRefused) as refused:
        county.signing.receipt(case)
    return refused.value


def test_a_case_that_nobody_knows_has_no_receipt(county: County):
    unknown = "7e4b6f0e-9a39-5b3e-8d51-6a0f3c2d1b00"

    assert refusal(county, unknown).code == "ledger.unknown-case"


def test_a_case_not_yet_decided_has_no_receipt(county: County):
    case = county.office.accepted("MD23-04", f"{ANXING}-CENTRE", at=MORNING, key="k-open")
    county.signing.sign()

    assert refusal(county, case).code == "ledger.not-decided"


def test_a_denied_case_has_no_receipt_of_an_approval(county: County):
    centre = f"{ANXING}-CENTRE"
    case = county.office.accepted("MD23-04", centre, at=MORNING, key="k-denied")
    county.office.act("review", case, centre, at=MORNING, result="positive", opinion_ref="op-1")
    county.office.act(
        "deny", case, centre, at=LATER, reason="不符合条件", legal_basis="法", document_ref="doc-1",
        ground="merits",
    )
    county.signing.sign()

    told = refusal(county, case)

    assert (told.code, told.facts["outcome"]) == (
        "ledger.no-approval", "cases.ApplicationDenied",
    )


def test_what_is_not_signed_yet_says_so_and_when(county: County):
    case = county.office.decided("MD23-04", f"{ANXING}-CENTRE", key="k-fresh")
    county.office.settle()

    told = refusal(county, case)
    county.signing.sign()

    assert (told.code, told.facts["source"]) == ("ledger.not-yet-signed", "cases")
    assert told.facts["position"] >= told.facts["signed"]
    assert "每1秒签名一次" in told.zh
    assert county.signing.receipt(case)


def test_a_recall_that_the_decision_had_not_seen_is_shown_and_flags_it(
    county: County, tmp_path: Path
):
    case = county.cases["window_forward"]
    grant = county.office.fact_of(case, "CaseAccepted")["grant_id"]
    before = roles(county.signing.receipt(case))
    county.office.recalled(grant, "ST21-12", XIJI, from_=MORNING, at="2021-10-01T09:00:00+08:00")
    county.signing.sign()

    receipt = county.signing.receipt(case)

    assert "later" not in before
    assert roles(receipt)["later"] == ["ItemRecalled"]
    assert "迟到的收回：决定应予复查" in alone(tmp_path, receipt, county.signing.trusted).stdout


def test_a_mirror_that_was_tampered_with_gives_no_receipt(county: County):
    case = county.cases["direct"]
    position = json.loads(
        county.signing.receipt(case)
    )["facts"][0]["proof"].split("\n")[1].removeprefix("index ")
    tampered = (
        "UPDATE readmodel.mirror SET envelope = replace(convert_from(envelope, 'UTF8'), %s,"
        " %s)::bytea WHERE source = 'cases' AND position = %s"
    )
    county.signing.tamper(tampered, ("full_review", "fullreview!", position))

    told = refusal(county, case)
    county.signing.tamper(tampered, ("fullreview!", "full_review", position))

    assert (told.code, told.facts["position"]) == ("ledger.mirror-damaged", int(position))
    assert county.signing.receipt(case)


def test_the_certificate_says_it_in_words(county: County):
    told = county.signing.ask("certificate", case=county.cases["entrusted_handling"])

    assert told["item"]["item_id"] == "MD23-04"
    assert told["decision"]["in_name_of"] == {"org_id": MD_BUREAU, "name": "区行政审批服务局"}
    assert told["decision"]["decided_by"]["org_id"] == f"{ANXING}-CENTRE"
    assert told["grant"]["mode_zh"] == "委托办理"
    assert told["grant"]["from"]["org_id"] == MD_BUREAU
    assert [one["kind_zh"] for one in told["seals"]] == ["2号公章"]
    assert [one["zh"] for one in told["acts"]] == ["许可决定", "受理", "审查、转递", "用印"]
    assert told["check"]["ok"] is True


def test_a_certificate_of_the_departments_own_power_names_no_grant(county: County):
    told = county.signing.ask("certificate", case=county.cases["own power"])

    assert (told["grant"], told["check"]["ok"]) == (None, True)


def test_the_ledger_checks_a_receipt_as_the_file_does(county: County):
    receipt = county.signing.receipt(county.cases["direct"])

    good = county.signing.ask("check_receipt", receipt=receipt)
    bad = county.signing.ask("check_receipt", receipt=receipt.replace("ST21-01", "ST21-02"))

    assert (good["ok"], good["case"]) == (True, county.cases["direct"])
    assert good["report"][0].startswith("已证明 Proven")
    assert (bad["ok"], bad["code"], bad["report"]) == (False, "not-included", [])
