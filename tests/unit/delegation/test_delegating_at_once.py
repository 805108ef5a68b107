"""Two callers at one moment."""

from concurrent.futures import ThreadPoolExecutor

from shared.refusal import Refused
from tests.delegating import DECISION, county, one_county  # noqa: F401 - the fixtures

REQUEST = {
    "programme": "ST2021", "town": "ST2021-TOWN-01", "item": "ST21-04", "mode": "direct",
    "effective_from": "2021-08-01",
}


def test_of_many_delegations_of_one_item_at_once_one_is_done_and_the_others_see_it(county):
    commands = county.commands("delegation")

    def delegate(_):
        try:
            given = county.given("2021-07-20T09:00:00+08:00", instrument=DECISION)
            return commands.do("delegate", REQUEST, given)["events"]
        except Refused as refused:
            return refused.code

    with ThreadPoolExecutor(4) as callers:
        answers = sorted(callers.map(delegate, range(4)), key=str)

    assert answers == [["delegation.ItemDelegated"]] + ["delegation.already-granted"] * 3
    assert len(county.recorded("ItemDelegated")) == 1
