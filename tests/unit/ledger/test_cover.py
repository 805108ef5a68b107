"""What an agreement covers, paper by paper; and where a grant stands without it."""

from datetime import UTC, datetime, timedelta

import pytest

from services.ledger.cover import Paper, cover, lacks
from services.ledger.terms import FAR

DAY_0 = datetime(2023, 6, 30, 16, tzinfo=UTC)
ITEM = "MD23-04"


def day(number: int | None) -> datetime | None:
    return None if number is None else DAY_0 + timedelta(days=number)


def paper(position: int, says: str, since: int | None, until: int | None, *items: str) -> Paper:
    return Paper(position, says, frozenset(items), day(since), day(until))


def spans(*papers: Paper) -> list[tuple[int, int | None, int]]:
    return [
        ((one.since - DAY_0).days, None if one.until == FAR else (one.until - DAY_0).days,
         one.by.position)
        for one in cover(papers, ITEM)
    ]


def lacking(*papers: Paper, first: int = 0, last: int | None = None):
    return [
        (one.code, (one.since - DAY_0).days,
         None if one.until == FAR else (one.until - DAY_0).days, one.position)
        for one in lacks(papers, ITEM, day(first), day(last) or FAR)
    ]


SIGNED = paper(1, "signed", 0, 30, ITEM, "MD23-05")


@pytest.mark.rule("R070")
def test_a_grant_before_the_signature_or_without_any_lacks_its_agreement():
    assert lacking(SIGNED, first=-5, last=10) == [("agreement-not-signed", -5, 0, None)]
    assert lacking(first=0, last=10) == [("agreement-not-signed", 0, 10, None)]


@pytest.mark.rule("R070")
def test_an_agreement_on_other_items_covers_nothing_of_this_one():
    assert lacking(paper(1, "signed", 0, 30, "MD23-05"), last=9) == [
        ("agreement-not-signed", 0, 9, None)
    ]


@pytest.mark.rule("R075")
def test_a_grant_within_the_term_lacks_nothing_and_beyond_it_all():
    assert lacking(SIGNED, last=30) == []
    assert lacking(SIGNED) == [("agreement-expired", 30, None, 1)]
    assert lacking(SIGNED, first=40, last=50) == [("agreement-expired", 40, 50, 1)]


@pytest.mark.rule("R075")
def test_a_recorded_expiry_is_what_caused_the_end():
    assert lacking(SIGNED, paper(8, "expired", None, 30)) == [("agreement-expired", 30, None, 8)]


@pytest.mark.rule("R075")
def test_a_renewal_in_time_lengthens_the_term():
    assert spans(SIGNED, paper(4, "renewed", 30, 60)) == [(0, 60, 4)]


@pytest.mark.rule("R075")
def test_a_renewal_after_the_end_does_not_heal_the_gap():
    assert lacking(SIGNED, paper(4, "renewed", 32, 60), last=60) == [
        ("agreement-expired", 30, 32, 1)
    ]


@pytest.mark.rule("R182")
def test_a_termination_ends_the_agreement_and_one_after_its_end_changes_nothing():
    assert lacking(SIGNED, paper(6, "terminated", None, 12), last=30) == [
        ("agreement-ended", 12, 30, 6)
    ]
    assert spans(SIGNED, paper(6, "terminated", None, 40)) == [(0, 30, 1)]


@pytest.mark.rule("R182")
def test_an_item_that_an_amendment_drops_is_covered_to_the_end_of_that_day():
    dropped = paper(7, "amended", 9, 10, "MD23-05")

    assert lacking(SIGNED, dropped, last=30) == [("agreement-ended", 10, 30, 7)]
    assert lacking(SIGNED, dropped, last=10) == []


@pytest.mark.rule("R182")
def test_an_item_that_an_amendment_adds_is_covered_from_that_day_on():
    signed, added = paper(1, "signed", 0, 30, "MD23-05"), paper(7, "amended", 9, 10, ITEM)

    assert spans(signed, added) == [(9, 30, 1)]
    assert lacking(signed, added, first=5, last=30) == [("agreement-not-signed", 5, 9, None)]


def test_an_agreement_without_a_term_has_no_end():
    assert lacking(paper(1, "signed", 0, None, ITEM)) == []
