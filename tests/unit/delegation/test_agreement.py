"""An agreement by itself: warnings, terms, what it covers."""

from copy import deepcopy
from datetime import date, datetime

import pytest

from services.delegation.domain.agreement import Agreement
from services.delegation.domain.delegating import check_agreement
from shared.refusal import Refused
from tests.delegating import BUREAU, CLAUSES
from tests.notice import notice

SHATU = "MD2023-TOWN-08"
JUNE = datetime.fromisoformat("2024-06-01T09:00:00+08:00")


def drafted(**more):
    rows = notice("MD2023")
    return Agreement.draft(**({
        "programme": rows.programme, "kind": "entrustment", "department": BUREAU,
        "town": rows.town(SHATU), "key": "0", "items": [rows.item("MD23-04")],
        "clauses": [{"key": key, "text_ref": None} for key in CLAUSES],
        "term_from": date(2023, 7, 1), "term_to": date(2024, 6, 30), "transfer_at": None,
    } | more))


def signed(programme=None):
    rows = notice("MD2023")
    agreement = drafted()
    agreement.sign(
        programme=programme or rows.programme, town=rows.town(SHATU), signed_on=date(2023, 6, 20),
        signatories=[BUREAU, SHATU], file_hash=None,
    )
    agreement.collect_events()
    return agreement


def names(agreement):
    return [type(event).__name__ for event in agreement.pending_events]


@pytest.mark.rule("R075")
def test_within_the_notice_period_the_end_is_announced_once_per_term():
    agreement = signed()

    agreement.warn(now=JUNE, notice_days=30)
    agreement.warn(now=JUNE, notice_days=30)

    assert names(agreement) == ["AgreementExpiring"]
    assert agreement.pending_events[0].days_left == 29


@pytest.mark.rule("R075")
def test_before_the_notice_period_nobody_is_warned():
    agreement = signed()

    agreement.warn(now=datetime.fromisoformat("2024-05-30T09:00:00+08:00"), notice_days=30)

    assert names(agreement) == []


@pytest.mark.rule("R075")
def test_a_renewed_term_is_announced_again():
    agreement = signed()
    agreement.warn(now=JUNE, notice_days=30)
    agreement.renew(
        signed_on=date(2024, 6, 20), term_from=date(2024, 7, 1), term_to=date(2025, 6, 30)
    )

    agreement.warn(now=datetime.fromisoformat("2025-06-10T09:00:00+08:00"), notice_days=30)

    assert names(agreement) == ["AgreementExpiring", "AgreementRenewed", "AgreementExpiring"]


@pytest.mark.rule("R075")
def test_the_last_day_of_the_term_belongs_to_it():
    agreement = signed()

    agreement.expire(now=datetime.fromisoformat("2024-06-30T23:59:59+08:00"))

    assert names(agreement) == []
    assert agreement.holds_on(date(2024, 6, 30), "MD23-35")
    assert not agreement.holds_on(date(2024, 7, 1), "MD23-35")


@pytest.mark.rule("R071")
def test_where_a_programme_makes_filing_a_condition_of_effect_it_is_one():
    programme = deepcopy(notice("MD2023").programme)
    programme["settings"]["filing"]["agreement"]["gates_effect"] = True
    rows = notice("MD2023")

    with pytest.raises(Refused) as refused:
        check_agreement(
            programme, rows.policy("entrusted_handling"), item=rows.item("MD23-04"),
            town=SHATU, agreement=signed(), effective_from=date(2023, 7, 1),
        )

    assert refused.value.code == "delegation.agreement-not-filed"


def test_a_term_that_ends_before_it_begins_is_refused():
    with pytest.raises(Refused) as refused:
        drafted(term_from=date(2024, 7, 1))

    assert refused.value.code == "delegation.wrong-date-order"


@pytest.mark.rule("R008")
def test_one_organ_does_not_transfer_to_itself():
    rows = notice("GZ2020")
    bureau = "GZ2020-UNIT-15-BUREAU"

    with pytest.raises(Refused) as refused:
        Agreement.draft(
            programme=rows.programme, kind="transfer", department=bureau,
            town=rows.town("GZ2020-UNIT-15"), key="GZ20-001",
            items=[rows.item("GZ20-001") | {"granting_org_id": bureau}], clauses=[], term_from=None,
            term_to=None, transfer_at=None,
        )

    assert refused.value.code == "delegation.same-organ"
