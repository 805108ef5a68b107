"""What the tables of a programme lead to: gates, facets, changes of a list, streams."""

import pytest

from services.delegation.domain import facets, gates
from services.delegation.domain.claim import Claim
from services.delegation.domain.list_entries import changes
from services.delegation.domain.programme import town_decides
from services.delegation.domain.survey import Survey
from tests.notice import notice


@pytest.mark.rule("R091")
@pytest.mark.parametrize(("programme", "mode", "absent"), [
    ("ST2021", "direct", {"mechanism", "window"}),
    ("ST2021", "substantive_review", {"seal", "window"}),
    ("ST2021", "window_forward", {"seal", "mechanism"}),
    ("MD2023", "entrusted_handling", {"window"}),
    ("MD2023", "entrusted_acceptance", {"seal"}),
])
def test_a_gate_that_does_not_concern_the_mode_is_not_asked(programme, mode, absent):
    rows = notice(programme)

    asked = set(gates.applicable(rows.programme, rows.policy(mode)))

    assert asked & absent == set()


@pytest.mark.rule("R091")
def test_a_blocking_gate_without_a_record_is_open_and_one_that_warns_is_null():
    rows = notice("MD2023")
    known = dict.fromkeys(("agreement", "supervisor", "handover", "training", "account"), True)

    checked = gates.check(rows.programme, rows.policy("entrusted_handling"), known)

    assert gates.failed(checked) == ["guide", "seal", "handling_body"]
    assert {"name": "publication", "passed": None, "blocking": False} in checked


@pytest.mark.rule("R054")
def test_in_the_review_mode_the_towns_department_is_liable_and_the_district_decides():
    rows = notice("ST2021")

    held = facets.of_grant(
        rows.policy("substantive_review"), rows.item("ST21-07"), rows.town("ST2021-TOWN-08")
    )

    organs = {row["facet"]: row["org_id"] for row in held}
    assert organs["liability"] == organs["substantive_review"] == "ST2021-TOWN-08-DEPT"
    assert organs["decide"] == organs["seal"] == "ST2021-ORG-09"


@pytest.mark.rule("R064")
def test_the_districts_own_right_is_not_part_of_a_grant():
    rows = notice("MD2023")

    held = facets.of_grant(
        rows.policy("entrusted_handling"), rows.item("MD23-04"), rows.town("MD2023-TOWN-08")
    )

    assert {row["filed_at"] for row in held} == {"town"}


@pytest.mark.rule("R084")
def test_a_role_that_only_the_single_case_fills_stays_a_role():
    rows = notice("MD2023")

    held = facets.of_grant(
        rows.policy("entrusted_handling"), rows.item("MD23-04"), rows.town("MD2023-TOWN-08")
    )

    (liable,) = [
        row["org_id"] for row in held if row["facet"] == "liability" and row["cross_town"] == "no"
    ]
    assert liable == "seal_user"


@pytest.mark.parametrize(("programme", "mode", "decides"), [
    ("MD2023", "entrusted_handling", True), ("MD2023", "entrusted_acceptance", False),
    ("ST2021", "direct", True), ("ST2021", "substantive_review", False),
    ("ST2021", "window_forward", False), ("SR2020", "conferral", True),
])
def test_whether_the_town_decides_is_read_from_the_facets(programme, mode, decides):
    assert town_decides(notice(programme).policy(mode)) is decides


@pytest.mark.rule("R183")
def test_the_changes_of_a_list_are_what_came_what_went_and_what_differs():
    before = [{"item_id": "a", "mode": "x"}, {"item_id": "b", "mode": "x"}]
    after = [{"item_id": "b", "mode": "y"}, {"item_id": "c", "mode": "x"}]

    assert changes(before, after) == [
        {"kind": "added", "item_id": "c"}, {"kind": "removed", "item_id": "a"},
        {"kind": "changed", "item_id": "b"},
    ]


def test_an_event_can_begin_a_history_and_continue_it():
    heard = {
        "programme": "ZZ2021", "town": "ZZ2021-TOWN-01", "outline_ref": "提纲", "needs": [],
        "capacity": []
    }
    first = Survey.survey(None, visited_on="2021-05-10", **heard)

    second = Survey.survey(first, visited_on="2021-05-11", **heard)

    assert [event.originator_version for event in second.pending_events] == [1, 2]
    assert second.version == 2


def test_a_stream_has_one_id_by_its_natural_key():
    assert Claim.create_id("SR2020", "T", "I") == Claim.create_id("SR2020", "T", "I")
    assert Claim.create_id("SR2020", "T", "I") != Claim.create_id("SR2020", "T", "J")
