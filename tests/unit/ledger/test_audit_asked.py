"""The ledger's own audit, over its mirror: what it answers, and when it shows the way instead."""

import pytest

from services.ledger.auditing import audited
from shared.refusal import Refused
from tests.unit.ledger import planted
from tests.unit.ledger.books import Books, approved, registered


@pytest.fixture
def books(books: Books) -> Books:
    """A county, an agreement in its term, a grant under it, and an approval by another town."""
    planted.county(books)
    planted.signed(books)
    planted.delegated(books, "first", "2023-07-01", at="2023-06-28")
    approved(books, by=planted.OTHER, at="2023-08-02T09:00:00+08:00")
    return books


@pytest.mark.rule("R131")
def test_an_approval_of_another_towns_is_among_the_violations(books: Books):
    answer = books.ask("audit", programme="MD2023")

    (one,) = [one for one in answer["findings"] if one["code"] == "no-such-case"][-1:]
    assert answer["judged"]["cases"] == 2
    assert answer["violations"] >= 1
    assert (one["event"], one["source"], one["position"]) == ("cases.ApprovalIssued", "cases", 1)


def test_another_programme_and_an_earlier_time_have_none(books: Books):
    registered(books, "ST2021")

    elsewhere = books.ask("audit", programme="ST2021")
    earlier = books.ask("audit", before="2023-06-15T00:00:00+08:00")

    assert (elsewhere["violations"], elsewhere["judged"]["cases"]) == (0, 0)
    assert earlier["findings"] == []


def test_a_log_too_long_for_an_answer_is_read_by_the_command(books: Books):
    with pytest.raises(Refused) as refused:
        audited(books.database, programme=None, before=None, known=None, most=3)

    assert refused.value.code == "ledger.too-long-to-audit"
    assert refused.value.facts["most"] == 3
