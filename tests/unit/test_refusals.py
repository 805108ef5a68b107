"""Many steps, each tried whatever another was answered: which refusal counts."""

import pytest

from shared.refusal import Refusals, Refused


def refusals_of(*codes: str) -> Refusals:
    refusals = Refusals()
    for code in codes:
        with refusals:
            raise Refused(code)
    return refusals


@pytest.mark.parametrize("passing", ["log.contended", "log.not-yet"])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_refusal_that_passes_counts_before_every_answer(passing, place):
    codes = ["cases.one", "cases.two"]
    codes.insert(place, passing)
    refusals = refusals_of(*codes)

    with pytest.raises(Refused) as told:
        refusals.tell()
    with pytest.raises(Refused) as passes:
        refusals.tell_passing()

    assert told.value.code == passes.value.code == passing


def test_of_answers_the_last_counts():
    refusals = refusals_of("cases.one", "cases.two")

    with pytest.raises(Refused) as told:
        refusals.tell()
    refusals.tell_passing()

    assert told.value.code == "cases.two"


def test_where_nothing_was_refused_nothing_is_told():
    refusals = refusals_of()

    refusals.tell()
    refusals.tell_passing()


def test_a_fault_is_no_refusal():
    refusals = Refusals()

    with pytest.raises(KeyError), refusals:
        raise KeyError("of a fault")
