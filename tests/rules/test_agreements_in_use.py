"""An agreement neither ends nor shrinks beneath a grant, nor reaches back: R070, R182."""

import pytest

from shared.refusal import Refused
from tests.delegating import County, county, one_county  # noqa: F401 - the fixtures

TOWN = "MD2023-TOWN-08"
AUGUST = "2023-08-01T09:00:00+08:00"


def amended(county: County, agreement: str, items: list[str], on: str) -> None:
    county.told("amend_agreement", {
        "programme": "MD2023", "agreement": agreement, "items": items, "amended_on": on,
    }, AUGUST)


@pytest.mark.rule("R182")
def test_an_item_stays_in_the_agreement_while_it_is_granted_under_it(county: County):
    agreement = county.agreed(["MD23-04", "MD23-05"])
    grant = county.delegated("MD23-04", TOWN, "entrusted_handling", "2023-07-01")

    with pytest.raises(Refused) as refused:
        amended(county, agreement, ["MD23-05"], "2023-08-01")

    assert refused.value.code == "delegation.agreement-still-in-use"
    assert refused.value.facts["grants"] == [grant]
    amended(county, agreement, ["MD23-04"], "2023-08-01")


@pytest.mark.rule("R182")
def test_an_agreement_does_not_end_before_the_last_day_of_a_grant_under_it(county: County):
    agreement = county.agreed(["MD23-04", "MD23-05"])
    grant = county.delegated("MD23-04", TOWN, "entrusted_handling", "2023-07-01")
    county.recalled(grant, "2024-03-01")

    def terminated(on: str) -> None:
        county.told("terminate_agreement", {
            "programme": "MD2023", "agreement": agreement, "reason": "双方同意",
            "terminated_on": on,
        }, "2024-03-05T09:00:00+08:00")

    with pytest.raises(Refused) as refused:
        terminated("2024-02-28")

    assert refused.value.facts["grants"] == [grant]
    terminated("2024-02-29")


@pytest.mark.rule("R070")
def test_an_item_that_joined_later_is_granted_from_that_day_on_and_not_before(county: County):
    agreement = county.agreed(["MD23-05"])
    amended(county, agreement, ["MD23-04", "MD23-05"], "2023-08-01")

    with pytest.raises(Refused) as refused:
        county.delegated("MD23-04", TOWN, "entrusted_handling", "2023-07-31", AUGUST)

    assert refused.value.code == "delegation.agreement-not-in-force"
    assert county.delegated("MD23-04", TOWN, "entrusted_handling", "2023-08-01", AUGUST)


@pytest.mark.rule("R222")
def test_a_first_day_is_not_corrected_to_one_before_the_item_joined(county: County):
    agreement = county.agreed(["MD23-05"])
    amended(county, agreement, ["MD23-04", "MD23-05"], "2023-08-01")
    grant = county.delegated("MD23-04", TOWN, "entrusted_handling", "2023-08-03", AUGUST)

    with pytest.raises(Refused) as refused:
        county.told("correct_grant", {
            "programme": "MD2023", "grant": grant, "effective_from": "2023-07-31", "reason": "r",
        }, AUGUST)

    assert refused.value.code == "delegation.agreement-not-in-force"
