"""What towns claim, put off and are refused: R010, R030, R031, R033 to R036."""

import pytest

from shared.refusal import Refused
from tests.delegating import county, one_county  # noqa: F401 - the fixtures

TOWN = "SR2020-TOWN-03"
COUNTY = "SR2020-UNIT-01"
APRIL = "2020-05-06T09:00:00+08:00"
RENEWAL = {"ground": "conditions_lacking", "reason": "人员仍未到位", "expected_on": "2021-06-30"}


def of(item, town=TOWN, programme="SR2020"):
    return {"programme": programme, "town": town, "item": item}


def deferred(county, item="SR20-017"):
    county.told("propose_deferral", of(item) | {
        "ground": "conditions_lacking", "reason": "无专业人员", "expected_on": "2020-12-31",
    }, APRIL)
    county.told(
        "consent_deferral", of(item) | {"consented_by": COUNTY, "consented_on": "2020-05-08"}, APRIL
    )


def state(county, item):
    claims = county.ask("delegation", "claims", {"programme": "SR2020", "town": TOWN})
    return {claim["item_id"]: claim["state"] for claim in claims}[item]


@pytest.mark.rule("R010")
def test_a_claim_names_an_item_of_the_list_of_98(county):
    with pytest.raises(Refused) as refused:
        county.told("claim", of("SR20-099") | {"claimed_on": "2020-05-06"}, APRIL)

    assert refused.value.code == "register.unknown-item"


@pytest.mark.rule("R010")
def test_an_item_of_the_list_can_be_claimed(county):
    answer = county.told("claim", of("SR20-098") | {"claimed_on": "2020-05-06"}, APRIL)

    assert answer["events"] == ["delegation.ItemClaimed"]
    assert state(county, "SR20-098") == "claimed"


@pytest.mark.rule("R030")
def test_in_zaozhuang_a_town_is_surveyed_before_it_chooses(county):
    with pytest.raises(Refused) as refused:
        county.told(
            "claim", of("ZZ21-04", "ZZ2021-TOWN-01", "ZZ2021") | {"claimed_on": "2021-05-20"}
        )

    assert refused.value.code == "delegation.survey-missing"


@pytest.mark.rule("R031")
def test_the_menu_comes_before_the_choice(county):
    surveyed(county)

    with pytest.raises(Refused) as refused:
        county.told(
            "claim", of("ZZ21-04", "ZZ2021-TOWN-01", "ZZ2021") | {"claimed_on": "2021-05-20"}
        )

    assert refused.value.code == "delegation.menu-not-issued"


def surveyed(county):
    county.told("survey_needs", {
        "programme": "ZZ2021", "town": "ZZ2021-TOWN-01", "outline_ref": "调研提纲",
        "visited_on": "2021-05-10",
        "needs": ["职业资格证书查询"], "capacity": ["窗口3个"],
    })


def test_where_the_government_decides_no_claim_is_made(county):
    with pytest.raises(Refused) as refused:
        county.told(
            "claim", of("ST21-04", "ST2021-TOWN-01", "ST2021") | {"claimed_on": "2021-07-01"}
        )

    assert refused.value.code == "delegation.claims-not-provided"


@pytest.mark.rule("R033")
def test_unwillingness_is_no_ground_for_a_deferral(county):
    with pytest.raises(Refused) as refused:
        county.told("propose_deferral", of("SR20-017") | {
            "ground": "unwilling", "reason": "不愿承接", "expected_on": "2020-12-31",
        }, APRIL)

    assert refused.value.code == "delegation.ground-not-admitted"


@pytest.mark.rule("R033")
def test_with_the_countys_consent_the_item_is_deferred(county):
    deferred(county)

    assert state(county, "SR20-017") == "deferred"


@pytest.mark.rule("R033")
def test_no_other_organ_consents_for_the_county(county):
    county.told("propose_deferral", of("SR20-017") | {
        "ground": "conditions_lacking", "reason": "无专业人员", "expected_on": "2020-12-31",
    }, APRIL)

    with pytest.raises(Refused) as refused:
        county.told("consent_deferral", of("SR20-017") | {
            "consented_by": "SR2020-ORG-07", "consented_on": "2020-05-08",
        }, APRIL)

    assert refused.value.code == "delegation.consent-by-county-government"


@pytest.mark.rule("R033")
def test_without_consent_the_item_counts_as_to_be_claimed(county):
    county.told("propose_deferral", of("SR20-017") | {
        "ground": "cannot_keep_running", "reason": "承接后难以保障运转",
        "expected_on": "2020-12-31",
    }, APRIL)

    county.told("reject_deferral", of("SR20-017") | {"reason": "条件已具备"}, APRIL)

    assert state(county, "SR20-017") == "to_be_claimed"


@pytest.mark.rule("R034")
@pytest.mark.parametrize(("missing", "code"), [
    ({"reason": "", "expected_on": "2020-12-31"}, "delegation.reason-required"),
    ({"reason": "无专业人员"}, "delegation.expected-date-required"),
])
def test_a_deferral_states_reason_and_expected_date(county, missing, code):
    with pytest.raises(Refused) as refused:
        county.told(
            "propose_deferral", of("SR20-017") | {"ground": "conditions_lacking"} | missing, APRIL
        )

    assert refused.value.code == code


@pytest.mark.rule("R035")
@pytest.mark.rule("R224")
def test_an_expired_expected_date_brings_the_item_back_once_however_often_the_timer_runs(county):
    deferred(county)
    midnight = "2021-01-01T00:00:00+08:00"

    county.told("run_due", {"programme": "SR2020", "now": midnight}, midnight)
    county.told("run_due", {"programme": "SR2020", "now": midnight}, midnight)

    (lapsed,) = county.recorded("ClaimDeferralLapsed")
    assert lapsed.data["expected_on"].isoformat() == "2020-12-31"
    assert state(county, "SR20-017") == "lapsed"


@pytest.mark.rule("R035")
def test_until_the_expected_date_is_over_nothing_lapses(county):
    deferred(county)
    evening = "2020-12-31T23:59:59+08:00"

    county.told("run_due", {"programme": "SR2020", "now": evening}, evening)

    assert county.recorded("ClaimDeferralLapsed") == []


@pytest.mark.rule("R035")
def test_a_renewal_that_is_only_proposed_does_not_stop_the_lapse(county):
    deferred(county)
    county.told("propose_deferral", of("SR20-017") | RENEWAL, "2020-12-20T09:00:00+08:00")
    midnight = "2021-01-01T00:00:00+08:00"

    county.told("run_due", {"programme": "SR2020", "now": midnight}, midnight)

    (lapsed,) = county.recorded("ClaimDeferralLapsed")
    assert lapsed.data["expected_on"].isoformat() == "2020-12-31"
    assert state(county, "SR20-017") == "deferral_proposed"


@pytest.mark.rule("R035")
def test_a_renewal_that_was_consented_to_stops_the_lapse(county):
    deferred(county)
    county.told("propose_deferral", of("SR20-017") | RENEWAL, "2020-12-20T09:00:00+08:00")
    county.told("consent_deferral", of("SR20-017") | {
        "consented_by": COUNTY, "consented_on": "2020-12-22",
    }, "2020-12-22T09:00:00+08:00")
    midnight = "2021-01-01T00:00:00+08:00"

    county.told("run_due", {"programme": "SR2020", "now": midnight}, midnight)

    assert county.recorded("ClaimDeferralLapsed") == []


@pytest.mark.rule("R035")
def test_a_renewal_that_was_rejected_leaves_the_first_deferral_as_it_was(county):
    deferred(county)
    county.told("propose_deferral", of("SR20-017") | RENEWAL, "2020-12-20T09:00:00+08:00")

    county.told("reject_deferral", of("SR20-017") | {"reason": "条件已具备"},
                "2020-12-22T09:00:00+08:00")

    assert state(county, "SR20-017") == "deferred"


@pytest.mark.rule("R035")
def test_a_lapsed_item_can_be_claimed(county):
    deferred(county)
    midnight = "2021-01-01T00:00:00+08:00"
    county.told("run_due", {"programme": "SR2020", "now": midnight}, midnight)

    county.told("claim", of("SR20-017") | {"claimed_on": "2021-01-04"}, "2021-01-04T09:00:00+08:00")

    assert state(county, "SR20-017") == "claimed"


@pytest.mark.rule("R036")
def test_a_refusal_with_an_empty_reason_leaves_the_claim_open(county):
    county.told("claim", of("SR20-040") | {"claimed_on": "2020-05-06"}, APRIL)

    with pytest.raises(Refused) as refused:
        county.told("refuse_claim", of("SR20-040") | {
            "objective_reason": "", "document_ref": "情景府函〔2020〕8号", "issued_by": COUNTY,
            "issued_on": "2020-05-15",
        }, APRIL)

    unanswered = county.ask(
        "delegation", "claims_unanswered", {"programme": "SR2020", "on": "2020-05-21"}
    )
    assert refused.value.code == "delegation.written-reason-required"
    assert [claim["item_id"] for claim in unanswered] == ["SR20-040"]


@pytest.mark.rule("R036")
def test_a_claim_is_refused_by_an_organ_that_is_registered(county):
    county.told("claim", of("SR20-040") | {"claimed_on": "2020-05-06"}, APRIL)

    with pytest.raises(Refused) as refused:
        county.told("refuse_claim", of("SR20-040") | {
            "objective_reason": "业务系统尚未开通到乡镇", "document_ref": "情景府函〔2020〕8号",
            "issued_by": "某县", "issued_on": "2020-05-15",
        }, APRIL)

    assert refused.value.code == "register.unknown-organ"


@pytest.mark.rule("R036")
def test_a_refusal_in_writing_answers_the_claim(county):
    county.told("claim", of("SR20-040") | {"claimed_on": "2020-05-06"}, APRIL)

    county.told("refuse_claim", of("SR20-040") | {
        "objective_reason": "业务系统尚未开通到乡镇", "document_ref": "情景府函〔2020〕8号",
        "issued_by": COUNTY,
        "issued_on": "2020-05-15",
    }, APRIL)

    assert county.ask(
        "delegation", "claims_unanswered", {"programme": "SR2020", "on": "2020-05-21"}
    ) == []
