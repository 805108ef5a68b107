"""Who held which power when, as known when; and which approvals were issued without it."""

from typing import Any

import pytest

from shared.refusal import Refused
from tests.unit.ledger.books import CENTRE, DEPARTMENT, TOWN, Books, approved, recalled, registered


def holders(books: Books, at: str, **asked: Any) -> list[str]:
    rows = books.ask("holders", item="MD23-04", facet="decide", at=at, **asked)
    return [row["org_id"] for row in rows]


@pytest.mark.rule("R065")
def test_a_grant_holds_from_its_first_instant_on(granted: Books):
    before = holders(granted, "2023-06-30T23:59:59+08:00", town=TOWN)
    from_then_on = holders(granted, "2023-07-01T00:00:00+08:00", town=TOWN)

    assert before == [DEPARTMENT]
    assert from_then_on == [CENTRE, DEPARTMENT, DEPARTMENT]


@pytest.mark.rule("R065")
@pytest.mark.rule("R222")
def test_what_was_known_before_a_recall_was_recorded_stays_answerable(granted: Books):
    recalled(
        granted, effective="2024-03-01T00:00:00+08:00", recorded="2024-03-01T09:05:00+08:00"
    )

    at = "2024-03-01T09:00:00+08:00"
    as_then_known = holders(granted, at, town=TOWN, known_at="2024-03-01T09:00:00+08:00")
    as_now_known = holders(granted, at, town=TOWN)

    assert CENTRE in as_then_known
    assert as_now_known == [DEPARTMENT]


@pytest.mark.rule("R222")
def test_a_history_has_what_was_known_before_the_recall_and_after(granted: Books):
    recalled(
        granted, effective="2024-03-01T00:00:00+08:00", recorded="2024-03-01T09:05:00+08:00"
    )

    rows = granted.ask("history", item="MD23-04", town=TOWN, facet="decide")

    assert [
        (row["known_from"], row["known_to"], row["effective_to"], row["opened_by"],
         row["closed_by"], row["superseded_by"])
        for row in rows if row["org_id"] == CENTRE
    ] == [
        ("2023-06-28T01:00:00+00:00", "2024-03-01T01:05:00+00:00", None, 0, None, 1),
        ("2024-03-01T01:05:00+00:00", None, "2024-02-29T16:00:00+00:00", 0, 1, None),
    ]


def test_without_a_town_only_the_departments_own_power_is_told(granted: Books):
    assert holders(granted, "2023-08-01T00:00:00+08:00") == [DEPARTMENT]


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"item": "MD23-99", "town": TOWN}, "register.unknown-item"),
        ({"item": "MD23-04", "programme": "ST2021"}, "register.unknown-programme"),
        ({"item": "MD23-04", "town": "MD2023-TOWN-99"}, "register.unknown-town"),
    ],
)
def test_a_question_about_nothing_is_refused(granted: Books, asked: dict[str, str], code: str):
    with pytest.raises(Refused) as refused:
        granted.ask("holders", facet="decide", at="2023-08-01T00:00:00+08:00", **asked)

    assert refused.value.code == code


@pytest.mark.rule("R131")
def test_approvals_of_those_who_held_the_power_stand(granted: Books):
    approved(granted, by=CENTRE, at="2023-08-02T09:00:00+08:00")
    approved(granted, by=DEPARTMENT, at="2023-08-02T09:00:00+08:00", filed_at="district")
    approved(granted, by=DEPARTMENT, at="2023-08-02T09:00:00+08:00", cross_town=True)

    answer = granted.ask("authority_check")

    assert answer == {"checked": 3, "with_authority": 3, "without_authority": []}


@pytest.mark.rule("R066")
def test_a_towns_approval_of_a_matter_that_crosses_towns_is_without_authority(granted: Books):
    registered(granted, "MD2023")
    case = approved(granted, by=CENTRE, at="2023-08-02T09:00:00+08:00", cross_town=True)

    answer = granted.ask("authority_check", programme="MD2023")

    assert (answer["checked"], answer["with_authority"]) == (1, 0)
    assert [(row["case_id"], row["org_id"], row["held_as_then_known"])
            for row in answer["without_authority"]] == [(str(case), CENTRE, False)]


@pytest.mark.parametrize(
    ("by", "at", "filed_at"),
    [
        (CENTRE, "2023-06-30T09:00:00+08:00", "town"),
        (CENTRE, "2023-08-02T09:00:00+08:00", "district"),
        (DEPARTMENT, "2023-08-02T09:00:00+08:00", "town"),
        ("MD2023-ORG-01", "2023-08-02T09:00:00+08:00", "town"),
    ],
    ids=["before the grant", "filed at the district", "a town's case", "a stranger"],
)
def test_an_organ_that_did_not_hold_the_power_is_named(
    granted: Books, by: str, at: str, filed_at: str
):
    approved(granted, by=by, at=at, filed_at=filed_at)

    answer = granted.ask("authority_check")

    assert [row["org_id"] for row in answer["without_authority"]] == [by]


@pytest.mark.rule("R131")
def test_a_late_recall_flags_the_approval_as_held_when_it_was_issued(granted: Books):
    approved(granted, by=CENTRE, at="2024-03-01T09:00:00+08:00")
    recalled(
        granted, effective="2024-03-01T00:00:00+08:00", recorded="2024-03-01T09:05:00+08:00"
    )

    answer = granted.ask("authority_check")

    assert [row["held_as_then_known"] for row in answer["without_authority"]] == [True]


@pytest.mark.rule("R181")
def test_an_approval_before_a_recall_stands_and_the_department_goes_on_after_it(granted: Books):
    recalled(
        granted, effective="2024-03-01T00:00:00+08:00", recorded="2024-02-28T09:00:00+08:00"
    )
    approved(granted, by=CENTRE, at="2024-02-29T09:00:00+08:00")
    approved(granted, by=DEPARTMENT, at="2024-03-01T09:00:00+08:00")

    answer = granted.ask("authority_check")

    assert (answer["checked"], answer["without_authority"]) == (2, [])


@pytest.mark.rule("R131")
@pytest.mark.parametrize(
    ("in_flight", "without"), [("finish_if_reviewed", []), ("hand_up", [CENTRE])]
)
def test_a_case_in_hand_is_finished_only_where_the_recall_lets_it(
    granted: Books, in_flight: str, without: list[str]
):
    recalled(
        granted, effective="2024-03-01T00:00:00+08:00", recorded="2024-02-28T09:00:00+08:00",
        in_flight=in_flight,
    )
    approved(granted, by=CENTRE, at="2024-03-01T09:00:00+08:00")

    answer = granted.ask("authority_check")

    assert [row["org_id"] for row in answer["without_authority"]] == without


def test_only_the_approvals_of_the_programme_are_checked(granted: Books):
    registered(granted, "ST2021")
    approved(granted, by=CENTRE, at="2023-08-02T09:00:00+08:00")

    answer = granted.ask("authority_check", programme="ST2021")

    assert answer == {"checked": 0, "with_authority": 0, "without_authority": []}
