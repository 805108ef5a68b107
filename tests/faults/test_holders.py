"""The replay that looks for a second exclusive holder finds one that was planted."""

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from uuid import uuid4

from shared.contracts.envelope import Fact
from tests.faults.holders import Replay
from tests.holdings_history import History, instant

ITEM, TOWN = "ITEM-3", "TOWN-1"  # granted exclusively


def history(*steps: tuple[str, int], before: int = 0) -> list[Fact]:
    """What was done with the power, day by day; *before*: so many other grants came first."""
    told = History()
    for _ in range(before):
        told.delegate("ITEM-1", TOWN, 0, 0)
    for door, day in steps:
        getattr(told, door)(ITEM, TOWN, day, 0)
    return told.facts


def one_after_the_other(*histories: list[Fact]) -> list[Fact]:
    """Their facts as one log has them."""
    facts = [fact for told in histories for fact in told]
    return [replace(fact, position=position) for position, fact in enumerate(facts)]


def test_the_next_grant_from_the_day_of_the_recall_has_one_holder_at_every_instant():
    facts = one_after_the_other(
        history(("delegate", 0), ("recall", 5)), history(("delegate", 5), before=1)
    )

    replay = Replay.of(facts)

    assert (len(replay.grants), replay.doubled) == (2, [])


def test_a_grant_a_day_before_the_recall_takes_effect_is_a_second_holder():
    facts = one_after_the_other(
        history(("delegate", 0), ("recall", 5)), history(("delegate", 4), before=1)
    )

    replay = Replay.of(facts)

    assert len(replay.doubled) == 1
    assert f"('{ITEM}', '{TOWN}', " in replay.doubled[0]


def test_two_holders_until_a_recall_comes_are_found_though_it_reaches_back_to_the_beginning():
    facts = one_after_the_other(
        history(("delegate", 0)), history(("delegate", 3), ("recall", 3), before=1)
    )

    replay = Replay.of(facts)

    assert replay.doubled == [replay.doubled[0]]
    assert replay.doubled[0].endswith(" after 2")


def test_a_first_day_corrected_to_before_the_recall_is_a_second_holder():
    facts = one_after_the_other(
        history(("delegate", 0), ("recall", 5)), history(("delegate", 6), ("correct", 4), before=1)
    )

    replay = Replay.of(facts)

    assert len(replay.doubled) == 1


def test_a_grant_is_in_force_as_known_at_a_position_and_as_known_later():
    replay = Replay.of(history(("delegate", 0), ("recall", 5)))
    (held,) = replay.grants.values()
    day = instant(5)

    assert (held.in_force(day, 0), held.in_force(day, 1), held.in_force(day)) == (
        True, False, False
    )
    assert held.in_force(day - timedelta(microseconds=1))


def test_a_case_that_stays_in_the_town_when_its_grant_has_ended_is_found_until_it_goes():
    power = history(("delegate", 0), ("recall", 0))
    replay, case = Replay.of(power), uuid4()
    accepted = SimpleNamespace(type="cases.CaseAccepted", stream=case, data={
        "case_id": str(case), "authority": {"grant_id": power[0].data["grant_id"]},
    })
    refused = SimpleNamespace(type="cases.AuthorityCheckFailed", stream=case)
    gone = SimpleNamespace(type="cases.CaseHandedUp", stream=case)

    assert replay.kept([accepted, refused]) == [str(case)]
    assert replay.kept([accepted, refused, gone]) == []
    assert Replay.of(power[:1]).kept([accepted]) == []


def test_a_case_may_stay_in_the_town_until_the_day_on_which_its_grant_ends():
    power = history(("delegate", 0), ("recall", 5))
    accepted = SimpleNamespace(type="cases.CaseAccepted", stream=uuid4(), data={
        "case_id": str(uuid4()), "authority": {"grant_id": power[0].data["grant_id"]},
    })

    assert Replay.of(power).kept([accepted]) == []
