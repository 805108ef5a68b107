"""The use of seals: R050, R058, R059, R066, R083, R084, R086 to R088."""

from uuid import uuid5

import pytest

from shared.contracts.envelope import instant
from shared.refusal import Refused
from tests.county import WHERE, county  # noqa: F401 - the fixture

MORNING = "2023-09-01T09:00:00+08:00"
LATER = "2023-09-02T09:00:00+08:00"
ANXING = "MD2023-TOWN-10"
CENTRE = f"{ANXING}-CENTRE"
MD_BUREAU = "MD2023-ORG-19"
XIJI = "ST2021-TOWN-01"
ST_BUREAU = "ST2021-ORG-07"


def decided_in_town(county, **told):
    """MD23-04 in entrusted handling, approved by the centre; and seal No. 2 of the pair."""
    county.granted("MD23-04", ANXING, "entrusted_handling")
    seal = county.seal_no_2(MD_BUREAU, ANXING)
    case = county.accepted("MD23-04", CENTRE, at=MORNING, **told)
    county.act("review", case, CENTRE, at=MORNING, result="positive", opinion_ref="op-1")
    county.act("approve", case, CENTRE, at=MORNING)
    return case, seal


def decided_directly(county):
    """ST21-01 in direct devolution, approved by the town's department."""
    county.granted("ST21-01", XIJI, "direct")
    case = county.accepted("ST21-01", XIJI, at=MORNING)
    county.act("review", case, f"{XIJI}-DEPT", at=MORNING, result="positive", opinion_ref="op-1")
    county.act("approve", case, f"{XIJI}-DEPT", at=MORNING)
    return case


@pytest.mark.rule("R058")
@pytest.mark.rule("R084")
def test_the_centre_that_uses_seal_no_2_answers_for_it(county):
    case, seal = decided_in_town(county)

    county.act("seal", case, CENTRE, at=MORNING, seal=seal, document_hash="d1")

    use = county.fact_of(case, "SealApplied")
    assert (use["user_org_id"], use["responsible_org_id"]) == (CENTRE, CENTRE)
    assert county.fact_of(case, "ApprovalIssued")["responsible_org_id"] == CENTRE


@pytest.mark.rule("R083")
def test_a_document_already_sealed_is_answered_with_the_first_impression(county):
    case, seal = decided_in_town(county)
    first = county.act("seal", case, CENTRE, at=MORNING, seal=seal, document_hash="d1")

    second = county.act("seal", case, CENTRE, at=LATER, seal=seal, document_hash="d1")

    assert (second["stream"], second["version"], second["events"]) == (first["stream"], 1, [])
    assert county.events_of(case).count("SealApplied") == 1


@pytest.mark.rule("R083")
def test_one_document_is_not_sealed_in_two_cases(county):
    first, seal = decided_in_town(county)
    second = county.accepted("MD23-04", CENTRE, at=MORNING, key="a-2")
    county.act("review", second, CENTRE, at=MORNING, result="positive", opinion_ref="op-2")
    county.act("approve", second, CENTRE, at=MORNING)
    county.act("seal", first, CENTRE, at=MORNING, seal=seal, document_hash="d1")

    with pytest.raises(Refused) as refused:
        county.act("seal", second, CENTRE, at=MORNING, seal=seal, document_hash="d1")

    assert refused.value.code == "cases.document-already-sealed"
    assert county.events_of(second)[-1] == "SealUseRejected"


@pytest.mark.rule("R083")
def test_seal_no_2_is_not_allowed_in_entrusted_acceptance(county):
    county.granted("MD23-30", "MD2023-TOWN-09", "entrusted_acceptance")
    seal = county.seal_no_2(MD_BUREAU, "MD2023-TOWN-09")
    centre = "MD2023-TOWN-09-CENTRE"
    case = county.accepted("MD23-30", centre, at=MORNING)
    county.act("preliminary_review", case, centre, at=MORNING, result="ok")
    county.act("forward", case, centre, at=MORNING, to=MD_BUREAU)
    county.act("receive", case, MD_BUREAU, at=LATER)
    county.act("review", case, MD_BUREAU, at=LATER, result="positive", opinion_ref="op-1")
    county.act("approve", case, MD_BUREAU, at=LATER)

    with pytest.raises(Refused) as refused:
        county.act("seal", case, centre, at=LATER, seal=seal, document_hash="d1")

    assert refused.value.code == "cases.seal-not-allowed-in-mode"
    assert county.events_of(case)[-1] == "SealUseRejected"


@pytest.mark.rule("R066")
@pytest.mark.rule("R083")
def test_seal_no_2_is_not_put_to_a_matter_that_crosses_towns(county):
    county.granted("MD23-21", ANXING, "entrusted_handling")
    seal = county.seal_no_2(MD_BUREAU, ANXING)
    case = county.accepted("MD23-21", CENTRE, at=MORNING, towns=(ANXING, "MD2023-TOWN-09"))
    county.act("forward", case, CENTRE, at=MORNING, to=MD_BUREAU)
    county.act("receive", case, MD_BUREAU, at=LATER)
    county.act("approve", case, MD_BUREAU, at=LATER)

    with pytest.raises(Refused) as refused:
        county.act("seal", case, CENTRE, at=LATER, seal=seal, document_hash="d1")

    assert refused.value.code == "cases.seal-not-allowed-in-mode"


@pytest.mark.rule("R050")
def test_a_district_seal_is_the_wrong_seal_for_a_directly_devolved_item(county):
    seal = county.seal_of(ST_BUREAU, "department_seal", programme="ST2021")
    case = decided_directly(county)

    with pytest.raises(Refused) as refused:
        county.act("seal", case, XIJI, at=MORNING, seal=seal, document_hash="d1")

    assert refused.value.code == "cases.wrong-seal-for-mode"


@pytest.mark.rule("R086")
def test_the_approval_seal_of_another_town_is_the_wrong_seal(county):
    seal = county.seal_of("ST2021-TOWN-02", "town_approval_seal", programme="ST2021")
    case = decided_directly(county)

    with pytest.raises(Refused) as refused:
        county.act("seal", case, XIJI, at=MORNING, seal=seal, document_hash="d1")

    assert refused.value.code == "cases.wrong-seal-for-mode"


@pytest.mark.rule("R082")
def test_the_seal_of_another_department_for_the_same_town_is_the_wrong_seal(county):
    case, _ = decided_in_town(county)
    other = county.seal_no_2("MD2023-ORG-16", ANXING)

    with pytest.raises(Refused) as refused:
        county.act("seal", case, CENTRE, at=MORNING, seal=other, document_hash="d1")

    assert refused.value.code == "cases.wrong-seal-for-mode"


@pytest.mark.rule("R059")
def test_a_bank_outlet_does_not_use_the_seal(county):
    case, seal = decided_in_town(county)

    with pytest.raises(Refused) as refused:
        county.act("seal", case, "MD2023-PARTNER-1", at=MORNING, seal=seal, document_hash="d1")

    assert refused.value.code == "cases.seal-user-not-authorised"
    assert county.events_of(case)[-1] == "SealUseRejected"


@pytest.mark.rule("R083")
def test_nothing_is_sealed_before_it_is_decided(county):
    county.granted("MD23-04", ANXING, "entrusted_handling")
    seal = county.seal_no_2(MD_BUREAU, ANXING)
    case = county.accepted("MD23-04", CENTRE, at=MORNING)

    with pytest.raises(Refused) as refused:
        county.act("seal", case, CENTRE, at=MORNING, seal=seal, document_hash="d1")

    assert refused.value.code == "cases.not-decided"


@pytest.mark.rule("R087")
@pytest.mark.parametrize(
    ("type_", "data"),
    [
        ("delegation.SealSuspended", {"reason": "last_item_ended", "from": instant(LATER)}),
        ("delegation.SealLost", {"reported_at": instant(LATER)}),
    ],
)
def test_a_seal_out_of_use_is_not_used_but_what_it_sealed_before_stands(county, type_, data):
    case, seal = decided_in_town(county)
    county.act("seal", case, CENTRE, at=MORNING, seal=seal, document_hash="d1")
    county.tell(type_, uuid5(WHERE, seal), {"seal_id": seal, **data}, programme="MD2023",
                at=LATER, version=2)
    county.settle()

    with pytest.raises(Refused) as refused:
        county.act("seal", case, CENTRE, at=LATER, seal=seal, document_hash="d2")

    assert refused.value.code == "cases.seal-not-in-use"
    assert county.events_of(case).count("SealApplied") == 1


@pytest.mark.rule("R131")
def test_after_the_recall_seal_no_2_is_not_used_for_a_case_decided_before(county):
    case, seal = decided_in_town(county)
    grant = county.fact_of(case, "CaseAccepted")["grant_id"]
    county.recalled(grant, "MD23-04", ANXING, from_=LATER, at=LATER)
    county.settle()

    with pytest.raises(Refused) as refused:
        county.act("seal", case, CENTRE, at=LATER, seal=seal, document_hash="d1")

    assert refused.value.code == "cases.authority-lapsed"


@pytest.mark.rule("R121")
def test_what_is_handed_out_bears_its_seal(county):
    case, seal = decided_in_town(county)

    with pytest.raises(Refused) as refused:
        county.act("deliver", case, CENTRE, at=MORNING, document_hash="d1")
    county.act("seal", case, CENTRE, at=MORNING, seal=seal, document_hash="d1")
    county.act("deliver", case, CENTRE, at=MORNING, document_hash="d1")
    county.act("close", case, CENTRE, at=MORNING)

    assert refused.value.code == "cases.not-sealed"
    assert county.events_of(case)[-3:] == ["SealApplied", "DocumentDelivered", "CaseClosed"]


@pytest.mark.rule("R088")
def test_from_the_transfer_on_the_documents_bear_the_bureaus_seal_and_no_other(county):
    former, bureau = "GZ2020-UNIT-15-ORG-01", "GZ2020-UNIT-15-BUREAU"
    theirs = county.seal_of(former, "department_seal", programme="GZ2020")
    ours = county.seal_of(bureau, "bureau_approval_seal", programme="GZ2020")
    before, after = "2021-10-14T09:00:00+08:00", "2021-10-16T09:00:00+08:00"
    case = county.accepted("GZ20-001", former, at=before)
    county.act("review", case, former, at=before, result="positive", opinion_ref="op-1")
    county.act("approve", case, former, at=before)
    county.transferred("GZ20-001", "GZ2020-UNIT-15", at="2021-10-15T00:00:00+08:00")

    with pytest.raises(Refused) as refused:
        county.act("seal", case, former, at=after, seal=theirs, document_hash="d1")
    county.act("seal", case, bureau, at=after, seal=ours, document_hash="d1")

    assert refused.value.code == "cases.power-transferred"
    assert county.fact_of(case, "SealApplied")["seal_kind"] == "bureau_approval_seal"
