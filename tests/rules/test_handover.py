"""What is handed over with a grant, line by line, by two parties: R005, R090, R091."""

from datetime import date
from uuid import UUID

import pytest

from services.delegation.domain import handover_lines
from services.delegation.domain.handover import Handover
from services.delegation.readmodel import readmodel
from services.delegation.readmodel.handover import HandoverRecords
from shared.rebuild import rebuild
from shared.refusal import Refused
from tests.delegating import county, one_county  # noqa: F401 - the fixtures
from tests.notice import notice

XIJI = "ST2021-TOWN-01"
APPROVALS = "ST2021-ORG-07"
CERTIFICATES = 11
JULY = "2021-07-20T09:00:00+08:00"


def felling(county):
    """ST21-11, felling of trees, granted to 西集镇."""
    return county.delegated("ST21-11", XIJI, "window_forward", "2021-08-01", JULY)


def of(grant, programme="ST2021"):
    return {"programme": programme, "grant": grant}


def delivered(county, grant, lines=(), *, given_by=APPROVALS, quantity=200, programme="ST2021"):
    asked = county.ask("delegation", "handover", {"grant": grant})["lines"]
    counted = [row["line"] for row in asked if row["counted"]]
    return county.told("deliver_handover", of(grant, programme) | {
        "lines": list(lines), "given_by": given_by, "on": "2021-07-21",
        "stock": [
            {"line": line, "quantity": quantity, "numbers": "0001-0200"}
            for line in counted if line in lines or not lines
        ],
    }, JULY)


def confirmed(county, grant, lines=(), *, by=XIJI, on="2021-07-22", **more):
    return county.told("confirm_handover", of(grant) | {
        "lines": list(lines), "confirmed_by": by, "on": on,
    } | more, JULY)


@pytest.mark.rule("R090")
def test_fourteen_lines_delivered_and_thirteen_confirmed_leave_the_certificates_open(county):
    grant = felling(county)

    county.handed_over(grant, "2021-07-22", left_open=(CERTIFICATES,))

    asked = county.ask("delegation", "handover", {"grant": grant})
    assert len(asked["lines"]) == 14
    assert (asked["complete"], asked["undelivered"]) == (False, [])
    assert asked["unconfirmed"] == ["证书"]
    assert county.recorded("HandoverCompleted") == []


@pytest.mark.rule("R090")
def test_with_the_last_confirmation_the_handover_is_complete(county):
    grant = felling(county)
    county.handed_over(grant, "2021-07-22", left_open=(CERTIFICATES,))

    answer = confirmed(county, grant, [CERTIFICATES])

    (completed,) = county.recorded("HandoverCompleted")
    records = HandoverRecords(county.commands("delegation").database)
    assert answer["events"] == [
        "delegation.HandoverLineConfirmed", "delegation.HandoverCompleted"
    ]
    assert completed.data["grant_id"] == grant
    assert records.complete(UUID(grant)) is True


@pytest.mark.rule("R090")
def test_a_handover_of_which_nothing_is_recorded_is_open_in_every_line(county):
    grant = felling(county)

    asked = county.ask("delegation", "handover", {"grant": grant})

    records = HandoverRecords(county.commands("delegation").database)
    assert (asked["complete"], len(asked["undelivered"])) == (False, 14)
    assert records.complete(grant) is False


@pytest.mark.rule("R090")
def test_who_takes_over_cannot_hand_over(county):
    grant = felling(county)

    with pytest.raises(Refused) as refused:
        delivered(county, grant, given_by=f"{XIJI}-CENTRE")

    assert refused.value.code == "delegation.two-parties-required"


@pytest.mark.rule("R090")
def test_who_hands_over_cannot_confirm(county):
    grant = felling(county)
    delivered(county, grant)

    with pytest.raises(Refused) as refused:
        confirmed(county, grant, by=APPROVALS)

    assert refused.value.code == "delegation.confirmed-by-taker-only"


@pytest.mark.rule("R005")
@pytest.mark.rule("R090")
def test_a_zone_committee_has_nothing_to_hand_over():
    rows = notice("SR2020")
    town = rows.town("SR2020-TOWN-04")
    checklist = handover_lines.of_grant(
        rows.programme, grant=UUID(int=1), mode="conferral", town=town,
        item=rows.item("SR20-040"),
    )

    with pytest.raises(Refused) as refused:
        Handover.deliver(
            None, checklist=checklist, lines=[], stock={}, on=date(2020, 5, 20),
            given_by=rows.organ(town["managing_zone_id"]),
        )

    assert refused.value.code == "delegation.zone-committee-holds-nothing"


@pytest.mark.rule("R090")
def test_the_centre_may_confirm_for_its_town(county):
    grant = felling(county)
    delivered(county, grant)

    answer = confirmed(county, grant, by=f"{XIJI}-CENTRE")

    assert answer["events"][-1] == "delegation.HandoverCompleted"


@pytest.mark.rule("R090")
def test_what_was_not_delivered_is_not_confirmed(county):
    grant = felling(county)
    delivered(county, grant, [1])

    with pytest.raises(Refused) as refused:
        confirmed(county, grant, [1, CERTIFICATES])

    assert refused.value.code == "delegation.line-not-delivered"
    assert refused.value.facts["lines"] == ["证书"]


@pytest.mark.rule("R090")
def test_what_is_confirmed_is_not_handed_over_again(county):
    grant = felling(county)
    county.handed_over(grant, "2021-07-22")

    with pytest.raises(Refused) as refused:
        delivered(county, grant, [1])

    assert refused.value.code == "delegation.line-already-confirmed"


@pytest.mark.rule("R090")
def test_blank_certificates_are_counted_and_numbered(county):
    grant = felling(county)

    with pytest.raises(Refused) as refused:
        county.told("deliver_handover", of(grant) | {
            "lines": [CERTIFICATES], "given_by": APPROVALS, "on": "2021-07-21",
            "stock": [{"line": CERTIFICATES, "quantity": 200}],
        }, JULY)

    assert refused.value.code == "delegation.stock-not-counted"
    assert refused.value.facts["lines"] == ["证书"]


@pytest.mark.rule("R090")
def test_a_quantity_belongs_to_a_line_that_is_handed_over(county):
    grant = felling(county)

    with pytest.raises(Refused) as refused:
        county.told("deliver_handover", of(grant) | {
            "lines": [1], "given_by": APPROVALS, "on": "2021-07-21",
            "stock": [{"line": CERTIFICATES, "quantity": 0}],
        }, JULY)

    assert refused.value.code == "delegation.line-not-named"
    assert refused.value.facts["lines"] == [CERTIFICATES]


@pytest.mark.rule("R090")
def test_an_item_without_certificates_hands_none_over(county):
    grant = felling(county)

    county.told("deliver_handover", of(grant) | {
        "lines": [CERTIFICATES], "given_by": APPROVALS, "on": "2021-07-21",
        "stock": [{"line": CERTIFICATES, "quantity": 0}],
    }, JULY)

    (told,) = county.recorded("HandoverLineDelivered")
    assert (told.data["quantity"], told.data["numbers"]) == (0, None)


@pytest.mark.rule("R090")
def test_where_the_taker_counts_otherwise_nothing_is_confirmed(county):
    grant = felling(county)
    delivered(county, grant, [CERTIFICATES])

    with pytest.raises(Refused) as refused:
        confirmed(county, grant, counted=[{"line": CERTIFICATES, "quantity": 180}])

    assert refused.value.code == "delegation.quantity-differs"
    assert refused.value.facts == {"line": "证书", "delivered": 200, "counted": 180}


@pytest.mark.rule("R090")
def test_after_a_different_count_the_line_is_delivered_again(county):
    grant = felling(county)
    delivered(county, grant, [CERTIFICATES])
    delivered(county, grant, [CERTIFICATES], quantity=180)

    confirmed(county, grant, counted=[{"line": CERTIFICATES, "quantity": 180}])

    told = [fact.data["quantity"] for fact in county.recorded("HandoverLineDelivered")]
    (taken,) = county.recorded("HandoverLineConfirmed")
    assert told == [200, 180]
    assert taken.data["quantity"] == 180


@pytest.mark.rule("R090")
def test_nothing_is_confirmed_before_it_is_delivered(county):
    grant = felling(county)
    delivered(county, grant)

    with pytest.raises(Refused) as refused:
        confirmed(county, grant, on="2021-07-20")

    assert refused.value.code == "delegation.wrong-date-order"


@pytest.mark.rule("R090")
def test_a_line_that_is_not_on_the_checklist_is_refused(county):
    grant = felling(county)

    with pytest.raises(Refused) as refused:
        delivered(county, grant, [15])

    assert refused.value.code == "delegation.line-not-on-checklist"


@pytest.mark.rule("R090")
@pytest.mark.parametrize(("item", "mode", "kinds"), [
    ("MD23-04", "entrusted_handling", {"linkage_account", "seal"}),
    ("MD23-04", "entrusted_acceptance", {"linkage_account"}),
    ("MD23-09", "entrusted_handling", {"seal"}),
    ("MD23-09", "entrusted_acceptance", set()),
])
def test_the_seal_is_for_entrusted_handling_and_the_linkage_account_for_separated_items(
    item, mode, kinds
):
    rows = notice("MD2023")

    lines = handover_lines.lines_of(rows.programme, mode, rows.item(item))

    always = {
        "training", "norms", "guide", "forms", "certificates", "software", "account",
        "survey_support",
    }
    assert {line["kind"] for line in lines} == always | kinds


@pytest.mark.rule("R090")
def test_with_a_grant_that_has_ended_nothing_is_handed_over(county):
    grant = felling(county)
    county.told("recall", of(grant) | {
        "ground": "law_forbids", "decided_on": "2021-07-25", "effective_from": "2021-08-10",
    }, "2021-07-25T09:00:00+08:00")

    with pytest.raises(Refused) as refused:
        delivered(county, grant)

    assert refused.value.code == "delegation.wrong-state"


@pytest.mark.rule("R090")
def test_a_department_sees_what_it_still_owes_a_town(county):
    grant = felling(county)
    county.handed_over(grant, "2021-07-22", left_open=(CERTIFICATES,))

    asked = {"programme": "ST2021", "town": XIJI, "department": APPROVALS}
    (owed,) = county.ask("delegation", "handovers_open", asked)

    assert (owed["item_id"], owed["at_work"]) == ("ST21-11", False)
    assert owed["unconfirmed"] == ["证书"]


@pytest.mark.rule("R090")
@pytest.mark.rule("R091")
def test_the_gate_of_the_handover_opens_when_it_is_complete(county):
    grant = felling(county)
    before = county.ask("delegation", "gates", {"grant": grant})

    county.handed_over(grant, "2021-07-22")

    after = county.ask("delegation", "gates", {"grant": grant})
    gate = {"name": "handover", "blocking": True}
    assert gate | {"passed": False} in before
    assert gate | {"passed": True} in after


@pytest.mark.rule("R090")
def test_only_the_department_concerned_hands_over(county):
    grant = felling(county)

    with pytest.raises(Refused) as refused:
        delivered(county, grant, given_by="ST2021-ORG-01")

    assert refused.value.code == "delegation.delivered-by-giver-only"
    assert APPROVALS in refused.value.facts["givers"]


@pytest.mark.rule("R090")
def test_handovers_are_rebuilt_from_their_facts(county):
    grant = felling(county)
    county.handed_over(grant, "2021-07-22", left_open=(CERTIFICATES,))
    consumer = county.consumers["delegation"]

    compared = rebuild(
        consumer.database, readmodel, {"delegation": consumer.logs["delegation"]}, ["delegation"]
    )

    table = compared["handover_line"]
    assert (table.rows, table.live) == (14, table.rebuilt)
