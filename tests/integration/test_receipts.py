"""Receipts of real cases, in every mode of the notices, checked by a stranger with the one file."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from services.ledger.verify import Key, Refused, checked
from shared.log.note import Signer, sign, split_note
from shared.log.proof import Proof
from shared.refusal import Refused as LawRefused
from tests.certified import ANXING, LATER, MD_BUREAU, MODES, MORNING, XIJI, Certified
from tests.signing import alone

pytest_plugins = ("tests.certified",)


@pytest.mark.rule("R131")
@pytest.mark.parametrize("mode", MODES)
def test_a_stranger_with_the_file_and_the_keys_alone_checks_an_approval(
    certified: Certified, mode: str, tmp_path: Path
):
    case = certified.cases[mode]
    receipt = certified.signing.receipt(case)

    done = alone(tmp_path, receipt, certified.signing.trusted)

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


def test_the_receipt_shows_acts_grant_start_seal_and_item(certified: Certified):
    assert roles(certified.signing.receipt(certified.cases["entrusted_handling"])) == {
        "approval": ["ApprovalIssued"], "acceptance": ["CaseAccepted"],
        "step": ["SubstantiveReviewCompleted"], "seal_use": ["SealApplied"],
        "grant": ["ItemDelegated"], "start": ["ItemImplementationStarted"],
        "seal": ["SealIssued"], "item": ["ItemListed"],
    }


def test_a_department_that_decides_on_its_own_power_shows_no_grant(certified: Certified):
    assert roles(certified.signing.receipt(certified.cases["own power"])).keys() == {
        "approval", "acceptance", "step", "item",
    }


def test_a_stranger_without_the_keys_of_the_county_learns_nothing(
    certified: Certified, tmp_path: Path
):
    receipt = certified.signing.receipt(certified.cases["direct"])
    others = [
        str(Signer.generate(name).verifier)
        for name in ("fuquan/test/cases", "fuquan/test/delegation", "fuquan/test/catalog")
    ]

    done = alone(tmp_path, receipt, others)

    assert done.returncode == 1
    assert done.stderr.startswith("未通过 Refused: unknown-key")


def test_a_receipt_without_its_grant_is_refused(certified: Certified, tmp_path: Path):
    told = json.loads(certified.signing.receipt(certified.cases["direct"]))
    told["facts"] = [one for one in told["facts"] if one["role"] != "grant"]
    without = json.dumps(told, ensure_ascii=False, indent=1) + "\n"

    done = alone(tmp_path, without, certified.signing.trusted)

    assert done.returncode == 1
    assert done.stderr.startswith("未通过 Refused: grant-missing")


def test_a_byte_that_changes_anywhere_is_found(certified: Certified):
    receipt = certified.signing.receipt(certified.cases["entrusted_handling"]).encode()
    keys = [Key.parse(key) for key in certified.signing.trusted]
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


def refusal(certified: Certified, case: str) -> LawRefused:
    with pytest.raises(LawRefused) as refused:
        certified.signing.receipt(case)
    return refused.value


def test_a_case_that_nobody_knows_has_no_receipt(certified: Certified):
    unknown = "7e4b6f0e-9a39-5b3e-8d51-6a0f3c2d1b00"

    assert refusal(certified, unknown).code == "ledger.unknown-case"


def test_a_case_not_yet_decided_has_no_receipt(certified: Certified):
    case = certified.office.accepted("MD23-04", f"{ANXING}-CENTRE", at=MORNING, key="k-open")
    certified.signing.sign()

    assert refusal(certified, case).code == "ledger.not-decided"


def test_a_denied_case_has_no_receipt_of_an_approval(certified: Certified):
    centre = f"{ANXING}-CENTRE"
    case = certified.office.accepted("MD23-04", centre, at=MORNING, key="k-denied")
    certified.office.act("review", case, centre, at=MORNING, result="positive", opinion_ref="op-1")
    certified.office.act(
        "deny", case, centre, at=LATER, reason="不符合条件", legal_basis="法", document_ref="doc-1",
        ground="merits",
    )
    certified.signing.sign()

    told = refusal(certified, case)

    assert (told.code, told.facts["outcome"]) == (
        "ledger.no-approval", "cases.ApplicationDenied",
    )


def test_what_is_not_signed_yet_says_so_and_when(certified: Certified):
    case = certified.office.decided("MD23-04", f"{ANXING}-CENTRE", key="k-fresh")
    certified.office.settle()

    told = refusal(certified, case)
    certified.signing.sign()

    assert (told.code, told.facts["source"]) == ("ledger.not-yet-signed", "cases")
    assert told.facts["position"] >= told.facts["signed"]
    assert "每1秒签名一次" in told.zh
    assert certified.signing.receipt(case)


def test_a_recall_that_the_decision_had_not_seen_is_shown_and_flags_it(
    certified: Certified, tmp_path: Path
):
    case = certified.cases["window_forward"]
    grant = certified.office.fact_of(case, "CaseAccepted")["grant_id"]
    before = roles(certified.signing.receipt(case))
    certified.office.recalled(grant, "ST21-12", XIJI, from_=MORNING, at="2021-10-01T09:00:00+08:00")
    certified.signing.sign()

    receipt = certified.signing.receipt(case)

    assert "later" not in before
    assert roles(receipt)["later"] == ["ItemRecalled"]
    assert "迟到的收回：决定应予复查" in alone(tmp_path, receipt, certified.signing.trusted).stdout


def test_a_mirror_that_was_tampered_with_gives_no_receipt(certified: Certified):
    case = certified.cases["direct"]
    position = json.loads(
        certified.signing.receipt(case)
    )["facts"][0]["proof"].split("\n")[1].removeprefix("index ")
    tampered = (
        "UPDATE readmodel.mirror SET envelope = replace(convert_from(envelope, 'UTF8'), %s,"
        " %s)::bytea WHERE source = 'cases' AND position = %s"
    )
    certified.signing.tamper(tampered, ("full_review", "fullreview!", position))

    told = refusal(certified, case)
    certified.signing.tamper(tampered, ("fullreview!", "full_review", position))

    assert (told.code, told.facts["position"]) == ("ledger.mirror-damaged", int(position))
    assert certified.signing.receipt(case)


def test_the_certificate_says_it_in_words(certified: Certified):
    told = certified.signing.ask("certificate", case=certified.cases["entrusted_handling"])

    assert told["item"]["item_id"] == "MD23-04"
    assert told["decision"]["in_name_of"] == {"org_id": MD_BUREAU, "name": "区行政审批服务局"}
    assert told["decision"]["decided_by"]["org_id"] == f"{ANXING}-CENTRE"
    assert told["grant"]["mode_zh"] == "委托办理"
    assert told["grant"]["from"]["org_id"] == MD_BUREAU
    assert [one["kind_zh"] for one in told["seals"]] == ["2号公章"]
    assert [one["zh"] for one in told["acts"]] == ["许可决定", "受理", "审查、转递", "用印"]
    assert told["check"]["ok"] is True


def test_a_certificate_of_the_departments_own_power_names_no_grant(certified: Certified):
    told = certified.signing.ask("certificate", case=certified.cases["own power"])

    assert (told["grant"], told["check"]["ok"]) == (None, True)


def test_the_ledger_checks_a_receipt_as_the_file_does(certified: Certified):
    receipt = certified.signing.receipt(certified.cases["direct"])

    good = certified.signing.ask("check_receipt", receipt=receipt)
    bad = certified.signing.ask("check_receipt", receipt=receipt.replace("ST21-01", "ST21-02"))

    assert (good["ok"], good["case"]) == (True, certified.cases["direct"])
    assert good["report"][0].startswith("已证明 Proven")
    assert (bad["ok"], bad["code"], bad["report"]) == (False, "not-included", [])


def test_a_key_that_has_handed_over_proves_nothing_new_here(certified: Certified):
    """Offline the old key is as good as whoever gives it; the ledger knows its term."""
    case = certified.cases["conferral"]
    old = certified.signing.rotate("cases", "MD2023", "2024-01-02T09:00:00+08:00")
    certified.office.accepted("MD23-04", f"{ANXING}-CENTRE", at=MORNING, key="k-after")
    certified.signing.sign()
    told = json.loads(certified.signing.receipt(case))
    for part in told["facts"]:
        if part["source"] == "cases":
            proof = Proof.parse(part["proof"])
            text, _ = split_note(proof.checkpoint)
            part["proof"] = replace(proof, checkpoint=sign(text, old)).text()
    forged = json.dumps(told, ensure_ascii=False, indent=1) + "\n"

    by_the_new = certified.signing.ask("check_receipt", receipt=certified.signing.receipt(case))
    by_the_old = certified.signing.ask("check_receipt", receipt=forged)

    assert by_the_new["ok"] is True
    assert (by_the_old["ok"], by_the_old["code"], by_the_old["where"]) == (
        False, "retired-key", "approval",
    )
