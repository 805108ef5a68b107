"""One of many steps of delegation is overtaken, another refused: R075, R181, R224."""

from uuid import UUID

import pytest

from shared.refusal import Refused
from tests.contended import meeting
from tests.delegating import county, one_county  # noqa: F401 - the fixtures

SHATU = "MD2023-TOWN-08"
MIDNIGHT = "2024-07-01T00:00:00+08:00"
DUE = {"programme": "MD2023", "now": MIDNIGHT}


@pytest.mark.rule("R075")
def test_a_grant_that_is_busy_ends_with_its_agreement_though_another_is_refused(county):
    agreement = county.agreed(["MD23-04", "MD23-05"])
    for item in ("MD23-04", "MD23-05"):
        county.delegated(item, SHATU, "entrusted_handling", "2023-07-01")
    commands = county.commands("delegation")
    first, second = (
        row["grant_id"] for row in commands.lookups.open_grants("MD2023", agreement=agreement)
    )

    with meeting(commands, busy=first, refused=[second]):
        county.told("run_due", DUE, MIDNIGHT)

    (recalled,) = county.recorded("ItemRecalled")
    assert recalled.data["grant_id"] == str(first)


@pytest.mark.rule("R181")
def test_what_one_door_is_told_in_passing_is_not_lost_behind_what_another_is_answered(county):
    grant = county.entrusted("MD23-04")
    (delegated,) = county.recorded("ItemDelegated")
    bar = {"kind": "entrust_forbidden", "norm_rank": "regulation", "article": "条例第八条"}
    requests = {
        "review_legality": {grant: {"grant": grant} | bar},
        "recall": {grant: {"grant": str(UUID(int=7)), "ground": "organ_merged",
                           "decided_on": "2024-03-01", "effective_from": "2024-03-01"}},
    }

    with meeting(county.commands("delegation"), busy=grant), pytest.raises(Refused) as refused:
        county.services["delegation"]._doors(delegated, requests)  # noqa: SLF001 - no fact does it

    assert refused.value.code == "log.contended"


@pytest.mark.rule("R075")
@pytest.mark.rule("R224")
@pytest.mark.parametrize(("how", "code"), [("busy", "log.contended"), ("refused", "test.refused")])
def test_an_agreement_that_is_not_to_be_ended_now_does_not_stop_the_others(county, how, code):
    first = county.agreed(["MD23-04"], until="2024-05-31")
    second = county.agreed(["MD23-05"])
    meets = {"busy": {"busy": first}, "refused": {"refused": [UUID(first)]}}[how]

    with meeting(county.commands("delegation"), **meets), pytest.raises(Refused) as refused:
        county.told("run_due", DUE, MIDNIGHT)
    county.settle()
    (expired,) = county.recorded("AgreementExpired")
    county.told("run_due", DUE, MIDNIGHT)

    assert refused.value.code == code
    assert expired.data["agreement_id"] == second
    assert {fact.data["agreement_id"] for fact in county.recorded("AgreementExpired")} == {
        first, second,
    }
