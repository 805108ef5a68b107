"""How long rights last, and what an account loses: on intervals alone."""

from datetime import UTC, date, datetime

import pytest

from services.delegation.domain.account import Account
from services.delegation.domain.operators import RESERVED, Bar
from services.delegation.domain.rights import held_until, until
from shared.clock import start_of
from shared.refusal import Refused

JULY, AUGUST, MARCH = (
    datetime(2023, 7, 1, tzinfo=UTC), datetime(2023, 8, 1, tzinfo=UTC),
    datetime(2024, 3, 1, tzinfo=UTC),
)
FROM_JULY = date(2023, 7, 1)
HELD = {("MD23-04", facet): [(None, None)] for facet in ("accept", "decide")}
BOTH = HELD | {("MD23-05", facet): [(None, None)] for facet in ("accept", "decide")}
NO = Refused("delegation.some-bar")


def granted(items=("MD23-04",), held=HELD, bars=(), valid_to=None):
    return Account.grant(
        programme="MD2023", system="approval", org="MD2023-TOWN-08-CENTRE", operator="op-1",
        items=items, facets=("accept", "decide"), valid_from=FROM_JULY, valid_to=valid_to,
        held=held, bars=bars, ordinal=0,
    )


def events_of(account):
    return [type(event).__name__ for event in account.pending_events]


def losing(facet, at):
    return HELD | {("MD23-04", facet): [(None, at)]}


@pytest.mark.parametrize(("intervals", "end"), [
    ([], JULY),
    ([(None, None)], None),
    ([(JULY, AUGUST)], AUGUST),
    ([(None, JULY)], JULY),
    ([(AUGUST, None)], JULY),
    ([(JULY, AUGUST), (AUGUST, None)], None),
    ([(JULY, AUGUST), (AUGUST, MARCH)], MARCH),
    ([(JULY, AUGUST), (MARCH, None)], AUGUST),
])
def test_what_follows_without_a_gap_goes_on(intervals, end):
    assert until(intervals, JULY) == end


def test_the_first_facet_that_ends_ends_the_item():
    assert held_until(losing("decide", MARCH), "MD23-04", ["accept", "decide"], JULY) == MARCH


@pytest.mark.rule("R041")
@pytest.mark.rule("R092")
def test_an_account_of_the_first_day_begins_with_the_power():
    noon = datetime(2023, 7, 1, 4, tzinfo=UTC)

    account = granted(held=HELD | {("MD23-04", "decide"): [(noon, None)]})

    assert account.valid_from == noon


@pytest.mark.rule("R092")
def test_fitting_changes_nothing_where_nothing_has_gone():
    account = granted()

    account.fit(held=HELD, bars=[])

    assert events_of(account) == ["SystemAccountGranted"]


@pytest.mark.rule("R092")
@pytest.mark.rule("R184")
def test_an_item_in_another_mode_leaves_an_account_with_a_facet_that_has_gone():
    account = granted(["MD23-04", "MD23-05"], BOTH)

    account.fit(held=BOTH | losing("decide", MARCH), bars=[])

    assert events_of(account) == ["SystemAccountGranted", "SystemAccountNarrowed"]
    assert account.items == {"MD23-04": MARCH, "MD23-05": None}


@pytest.mark.rule("R092")
def test_fitting_twice_narrows_once():
    account = granted()

    account.fit(held=losing("decide", MARCH), bars=[])
    account.fit(held=losing("decide", MARCH), bars=[])

    assert events_of(account) == [
        "SystemAccountGranted", "SystemAccountNarrowed", "SystemAccountRevoked"
    ]


@pytest.mark.rule("R092")
def test_an_end_that_comes_earlier_than_recorded_is_recorded():
    account = granted(["MD23-04", "MD23-05"], BOTH)

    account.fit(held=BOTH | losing("decide", MARCH), bars=[])
    account.fit(held=BOTH | losing("decide", AUGUST), bars=[])

    assert account.items == {"MD23-04": AUGUST, "MD23-05": None}


@pytest.mark.rule("R092")
def test_an_end_after_the_accounts_own_changes_nothing():
    account = granted(valid_to=date(2023, 12, 31))

    account.fit(held=losing("decide", MARCH), bars=[])

    assert events_of(account) == ["SystemAccountGranted"]


@pytest.mark.rule("R097")
def test_a_bar_takes_out_its_facets_only():
    account = granted()

    account.fit(held=HELD, bars=[Bar(AUGUST, None, RESERVED, NO)])

    assert account.facets == {"accept": None, "decide": AUGUST}
    assert account.state == "narrowed"


@pytest.mark.rule("R094")
def test_a_bar_on_everything_revokes_from_its_beginning():
    account = granted()

    account.fit(held=HELD, bars=[Bar(AUGUST, None, None, NO)])

    assert (account.state, account.revoked_from) == ("revoked", AUGUST)


@pytest.mark.rule("R094")
@pytest.mark.parametrize(("begins", "ends"), [(JULY, JULY), (MARCH, None)])
def test_a_bar_outside_the_account_does_not_count(begins, ends):
    bar = Bar(begins, start_of(FROM_JULY) if ends else None, None, NO)

    account = granted(bars=[bar], valid_to=date(2023, 12, 31))

    assert account.state == "granted"


def test_an_account_does_not_end_before_it_begins():
    with pytest.raises(Refused) as refused:
        granted(valid_to=date(2023, 6, 30))

    assert refused.value.code == "delegation.wrong-date-order"
