"""What a recalled grant leaves room for: granting again, and corrections of the first day."""

import pytest

from shared.refusal import Refused
from tests.delegating import county, one_county  # noqa: F401 - the fixtures

XIJI = "ST2021-TOWN-01"

def recalled_in_xiji(county, begins="2021-08-01", ends="2021-12-01"):
    """Item 4 held by the town itself, recalled on 2021-09-01 with effect from a later day."""
    grant = county.delegated("ST21-04", XIJI, "direct", begins, "2021-07-20T09:00:00+08:00")
    county.told("recall", {
        "programme": "ST2021", "grant": grant, "ground": "law_forbids",
        "decided_on": "2021-09-01", "effective_from": ends,
    }, "2021-09-01T09:00:00+08:00")
    return grant


def corrected(county, grant, day, programme="ST2021"):
    county.told("correct_grant", {
        "programme": programme, "grant": grant, "effective_from": day, "reason": "登记有误",
    }, "2024-02-28T16:00:00+08:00")


@pytest.mark.rule("R065")
def test_until_a_recall_takes_effect_the_item_is_not_granted_again(county):
    grant = recalled_in_xiji(county)

    with pytest.raises(Refused) as refused:
        county.delegated("ST21-04", XIJI, "direct", "2021-11-30", "2021-09-15T09:00:00+08:00")

    assert refused.value.code == "delegation.already-granted"
    assert refused.value.facts["grant"] == grant
    assert refused.value.facts["ends_at"] == "2021-11-30T16:00:00+00:00"


@pytest.mark.rule("R065")
def test_from_the_day_the_recall_takes_effect_the_item_may_be_granted_again(county):
    recalled_in_xiji(county)

    again = county.delegated("ST21-04", XIJI, "direct", "2021-12-01", "2021-09-15T09:00:00+08:00")

    rows = county.ask("delegation", "holders", {
        "item": "ST21-04", "town": XIJI, "facet": "decide", "at": "2021-12-01T00:00:00+08:00",
    })
    assert [row["grant_id"] for row in rows if row["grant_id"]] == [again]


@pytest.mark.rule("R065")
def test_a_correction_does_not_move_a_grant_into_the_one_before_it(county):
    recalled_in_xiji(county)
    again = county.delegated("ST21-04", XIJI, "direct", "2021-12-10", "2021-09-15T09:00:00+08:00")

    with pytest.raises(Refused) as refused:
        corrected(county, again, "2021-11-30")
    corrected(county, again, "2021-12-01")

    assert refused.value.code == "delegation.already-granted"
    assert len(county.recorded("GrantCorrected")) == 1


@pytest.mark.rule("R181")
@pytest.mark.rule("R222")
def test_a_grant_that_never_began_is_not_revived_by_a_correction_and_bars_no_other(county):
    grant = recalled_in_xiji(county, begins="2021-12-01", ends="2021-09-10")

    with pytest.raises(Refused) as refused:
        corrected(county, grant, "2021-08-15")
    county.delegated("ST21-04", XIJI, "direct", "2021-10-01", "2021-09-15T09:00:00+08:00")

    assert refused.value.code == "delegation.wrong-state"
    assert refused.value.facts["state"] == "ended"
    assert county.recorded("GrantCorrected") == []


@pytest.mark.rule("R001")
def test_a_corrected_first_day_does_not_precede_the_notice(county):
    grant = county.delegated("ST21-04", XIJI, "direct", "2021-08-01")

    with pytest.raises(Refused) as refused:
        corrected(county, grant, "2020-01-01")

    assert refused.value.code == "delegation.wrong-date-order"
    assert refused.value.facts["first"] == "方案印发日"


@pytest.mark.rule("R075")
@pytest.mark.parametrize("day", ["2023-06-25", "2024-07-01"])
def test_a_corrected_first_day_lies_in_the_term_of_the_agreement(county, day):
    grant = county.entrusted("MD23-13")

    with pytest.raises(Refused) as refused:
        corrected(county, grant, day, "MD2023")

    assert refused.value.code == "delegation.agreement-not-in-force"
