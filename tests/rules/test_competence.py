"""The proof of competence over recorded facts: each fault planted, and named by its event."""

import json
from collections.abc import Iterator
from datetime import date, datetime

import pytest

from shared.settings import Settings
from tests.unit.ledger import planted
from tests.unit.ledger.books import CENTRE, DEPARTMENT, TOWN, Books, approved
from tests.unit.ledger.planted import (
    HANDLING,
    ITEM,
    OTHER,
    ZONE,
    corrected,
    delegated,
    paper,
    recalled,
    signed,
)


@pytest.fixture
def books(migrated: Settings) -> Iterator[Books]:
    """A county, and a signed agreement from 2023-07-01 to 2024-06-30."""
    books = planted.county(Books(migrated))
    signed(books)
    yield books
    books.close()


def found(books: Books, **asked: str) -> list[tuple[str, str, str | None]]:
    """Each finding as code, first and last moment, the event that caused it checked by its id."""
    answer = books.ask("prove", **asked)
    for one in answer["findings"]:
        fact = json.loads(
            books.ask("fact", source=one["source"], position=one["position"])["envelope"]
        )
        assert (one["event_id"], one["event"]) == (fact["id"], fact["type"])
    assert answer["found"] == len(answer["findings"])
    return [(one["code"], day(one["from"]), day(one["to"])) for one in answer["findings"]]


def causes(books: Books) -> set[tuple[str, int]]:
    return {
        (one["event"].partition(".")[2], one["position"])
        for one in books.ask("prove")["findings"]
    }


def day(text: str | None) -> str | None:
    return text and planted.instant(text).astimezone(planted.instant("2023-07-01").tzinfo).strftime(
        "%Y-%m-%d %H:%M"
    ).removesuffix(" 00:00")


@pytest.mark.rule("R064")
@pytest.mark.rule("R065")
def test_a_grant_under_its_agreement_recalled_and_granted_anew_proves_clean(books: Books):
    delegated(books, "first", "2023-07-01", at="2023-06-28")
    recalled(books, "first", "2024-03-01", at="2024-02-28")
    delegated(books, "second", "2024-03-01", at="2024-02-29")

    answer = books.ask("prove")

    assert (answer["found"], answer["findings"]) == (0, [])
    assert answer["checked"] == {"items": 2, "places": 1, "grants": 2}


@pytest.mark.rule("R065")
def test_a_second_grant_before_the_end_of_the_first_is_an_overlap_of_the_days_they_share(
    books: Books,
):
    delegated(books, "first", "2023-07-01", at="2023-06-28")
    recalled(books, "first", "2024-03-01", at="2024-02-28")
    delegated(books, "second", "2024-02-20", at="2024-02-29")

    assert found(books) == [("two-deciders", "2024-02-20", "2024-03-01")] * 2
    assert causes(books) == {("ItemDelegated", 3)}


@pytest.mark.rule("R222")
def test_a_correction_that_makes_an_overlap_is_named_and_the_overlap_was_not_known_before(
    books: Books,
):
    delegated(books, "first", "2023-07-01", at="2023-06-28")
    recalled(books, "first", "2024-03-01", at="2024-02-28")
    delegated(books, "second", "2024-03-05", at="2024-02-29")
    corrected(books, "second", "2024-03-05", "2024-02-20", at="2024-03-10")

    assert found(books) == [("two-deciders", "2024-02-20", "2024-03-01")] * 2
    assert causes(books) == {("GrantCorrected", 4)}
    assert found(books, known_at="2024-03-09T00:00:00+08:00") == []


@pytest.mark.rule("R066")
def test_a_grant_that_names_no_decider_across_towns_is_a_gap_for_those_matters(books: Books):
    facets = tuple(row for row in HANDLING if row[1:] != (DEPARTMENT, "yes"))
    delegated(books, "first", "2023-07-01", at="2023-06-28", facets=facets)

    (finding,) = books.ask("prove")["findings"]

    assert found(books) == [("no-decider", "2023-07-01", None)]
    assert (finding["facet"], finding["filed_at"]) == ("decide", "town")
    assert finding["zh"] == (
        "沙土镇（镇街受理、跨镇街）“食品经营许可”无机关决定，请更正授权的权能（R065）"
    )
    assert causes(books) == {("ItemDelegated", 1)}


@pytest.mark.rule("R113")
def test_a_grant_to_a_centre_that_is_not_there_leaves_nobody_to_accept(books: Books):
    facets = tuple(
        (facet, "town_centre" if org == CENTRE else org, cross) for facet, org, cross in HANDLING
    )
    delegated(books, "first", "2023-07-01", at="2023-06-28", facets=facets)

    assert found(books) == [
        ("no-acceptor", "2023-07-01", None), ("no-decider", "2023-07-01", None),
    ]


@pytest.mark.rule("R075")
def test_a_term_that_ran_out_beneath_a_grant_is_named_by_the_fact_that_set_or_ended_it(
    books: Books,
):
    delegated(books, "first", "2023-07-01", at="2023-06-28")
    assert found(books) == []
    assert found(books, known_at="2024-06-30T23:59:59+08:00") == []

    assert found(books, known_at="2024-07-01T00:00:00+08:00") == [
        ("agreement-expired", "2024-07-01", None)
    ]
    paper(books, "AgreementExpired", "2024-07-02", item_ids=[ITEM], town_id=TOWN,
          expired_at=planted.instant("2024-07-01"))
    assert causes(books) == {("AgreementExpired", 2)}
    recalled(books, "first", "2024-07-01", at="2024-07-02")
    assert found(books) == []


@pytest.mark.rule("R075")
def test_a_renewal_signed_after_the_end_does_not_heal_the_gap(books: Books):
    delegated(books, "first", "2023-07-01", at="2023-06-28")
    paper(books, "AgreementRenewed", "2024-07-03", signed_on=date(2024, 7, 3),
          term_from=date(2024, 7, 1), term_to=date(2025, 6, 30))

    assert found(books) == [("agreement-expired", "2024-07-01", "2024-07-03")]
    assert causes(books) == {("AgreementSigned", 0)}


@pytest.mark.rule("R182")
def test_an_agreement_that_ended_or_dropped_the_item_beneath_a_grant_is_named(books: Books):
    delegated(books, "first", "2023-07-01", at="2023-06-28")
    paper(books, "AgreementAmended", "2023-10-12", item_ids=["MD23-05"], clauses=[],
          file_hash=None, amended_on=date(2023, 10, 9))
    assert found(books) == [("agreement-ended", "2023-10-10", None)]
    assert causes(books) == {("AgreementAmended", 2)}

    paper(books, "AgreementTerminated", "2023-10-13", reason="r", terminated_on=date(2023, 9, 30))
    assert found(books) == [("agreement-ended", "2023-10-01", None)]
    assert causes(books) == {("AgreementTerminated", 3)}


@pytest.mark.rule("R070")
def test_entrusted_handling_without_an_agreement_or_before_its_signature_is_found(books: Books):
    delegated(books, "first", "2023-07-01", at="2023-06-28", agreement=None)
    assert found(books) == [("agreement-missing", "2023-07-01", None)]
    recalled(books, "first", "2023-07-01", at="2023-06-29")

    delegated(books, "second", "2023-06-25", at="2023-06-29")
    assert found(books) == [("agreement-not-signed", "2023-06-25", "2023-07-01")]


@pytest.mark.rule("R059")
def test_a_town_that_grants_and_another_town_that_holds_are_re_delegation(books: Books):
    facets = (*HANDLING, ("substantive_review", f"{OTHER}-CENTRE", "any"))
    delegated(books, "first", "2023-07-01", at="2023-06-28", by=TOWN, facets=facets)

    assert found(books) == [
        ("held-elsewhere", "2023-07-01", None), ("redelegated", "2023-07-01", None),
    ]
    assert causes(books) == {("ItemDelegated", 1)}


@pytest.mark.rule("R005")
def test_a_zone_committee_that_grants_recalls_or_decides_is_found_at_that_moment(books: Books):
    delegated(books, "first", "2023-07-01", at="2023-06-28", by=ZONE)
    approved(books, by=ZONE, at="2023-08-02T09:00:00+08:00")
    recalled(books, "first", "2024-03-01", at="2024-02-28", by=ZONE)

    assert found(books) == [
        ("zone-committee-acted", moment, moment) for moment in
        ("2023-06-28", "2023-08-01 09:00", "2023-08-02 09:00", "2024-02-28")
    ]
    assert causes(books) == {
        ("ItemDelegated", 1), ("ItemRecalled", 2), ("CaseAccepted", 0), ("ApprovalIssued", 1),
    }


@pytest.mark.rule("R005")
def test_a_step_of_a_case_is_told_with_the_item_and_town_of_its_acceptance(books: Books):
    case = approved(books, by=CENTRE, at="2023-08-02T09:00:00+08:00")
    authority = planted.golden("SealApplied")["authority"] | {"org_id": ZONE}
    books.append("cases.SealApplied", planted.golden("SealApplied") | {
        "case_id": str(case), "authority": authority, "user_org_id": ZONE,
        "at": datetime.fromisoformat("2023-08-03T09:00:00+08:00"),
    }, at="2023-08-03T09:00:00+08:00", stream=case)
    books.settle()

    (finding,) = books.ask("prove")["findings"]

    assert (finding["item"], finding["town"], finding["facet"]) == (ITEM, TOWN, "seal")
    assert finding["zh"] == (
        "管委会不得行使权力：某管委会办理了沙土镇“食品经营许可”，请移送复核（R005）"
    )


@pytest.mark.parametrize(
    ("asked", "findings"),
    [({"item": ITEM}, 2), ({"item": "MD23-05"}, 0), ({"town": TOWN}, 2), ({"town": OTHER}, 0),
     ({"programme": "MD2023"}, 2)],
)
def test_the_proof_can_be_narrowed(books: Books, asked: dict[str, str], findings: int):
    delegated(books, "first", "2023-07-01", at="2023-06-28")
    delegated(books, "second", "2023-08-01", at="2023-06-29")

    assert len(found(books, **asked)) == findings
