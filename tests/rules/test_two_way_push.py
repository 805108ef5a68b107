"""Memoranda of town and supervising department, and what they push to each other (R150-R152)."""

import pytest

from services.supervision.domain.memorandum import separated
from shared.contracts.envelope import instant
from shared.refusal import Refused
from tests.office import Office
from tests.world import programme_content

pytest_plugins = ("tests.office",)

XIAOLIU, MARKET, FARMING, APPROVALS = (
    "MD2023-TOWN-14",
    "MD2023-ORG-20",
    "MD2023-ORG-16",
    "MD2023-ORG-19",
)
MONDAY = "2023-07-03T10:00:00+08:00"
THURSDAY_END = "2023-07-07T00:00:00+08:00"


@pytest.fixture
def food(office: Office) -> Office:
    """MD23-04 食品经营许可 in 小留镇, a memorandum of 3 working days, and an approval on Monday."""
    office.knows("MD2023")
    office.tell_delegated("g-4", item="MD23-04", town=XIAOLIU, at="2023-06-01T00:00:00+08:00")
    sign(office, [{"item": "MD23-04", "push_limit_days": 3}])
    office.tell_approved("d-1", item="MD23-04", town=XIAOLIU, by=XIAOLIU, at=MONDAY, grant="g-4")
    office.settle()
    return office


def sign(office: Office, entries: list, org: str = MARKET) -> None:
    office.do(
        "supervision",
        "sign_memorandum",
        {"programme": "MD2023", "town": XIAOLIU, "supervising_org": org, "entries": entries},
        at="2023-06-02T09:00:00+08:00",
        actor=XIAOLIU,
    )


def run(office: Office, now: str) -> None:
    office.do("supervision", "run_due", {"programme": "MD2023", "now": now}, at=now)
    office.settle()


def pushes(office: Office) -> list:
    return office.ask("supervision", "pushes", {"programme": "MD2023"})


@pytest.mark.rule("R152")
def test_an_approval_of_a_separated_item_is_owed_to_the_supervising_department(food):
    (push,) = pushes(food)

    assert (push["direction"], push["state"]) == ("approval", "expected")
    assert (push["owed_by_org_id"], push["to_org_id"]) == (XIAOLIU, MARKET)
    assert instant(push["due_at"]) == instant(THURSDAY_END)


@pytest.mark.rule("R152")
def test_a_push_not_sent_by_thursdays_end_is_charged_to_the_town_once(food):
    run(food, "2023-07-06T23:59:00+08:00")
    before = food.facts("supervision", "PushOverdue")

    run(food, THURSDAY_END)
    run(food, "2023-07-10T00:00:00+08:00")

    (overdue,) = food.facts("supervision", "PushOverdue")
    assert before == []
    assert overdue.data["owed_by_org_id"] == XIAOLIU
    assert overdue.data["due_at"] == instant(THURSDAY_END)


@pytest.mark.rule("R152")
def test_a_push_is_sent_acknowledged_and_no_longer_owed(food):
    (push,) = pushes(food)
    asked = {"programme": "MD2023", "push": push["push_id"]}

    food.do("supervision", "send_push", asked, at="2023-07-04T09:00:00+08:00", actor=XIAOLIU)
    food.do("supervision", "acknowledge_push", asked, at="2023-07-04T15:00:00+08:00", actor=MARKET)
    run(food, THURSDAY_END)

    (push,) = pushes(food)
    assert push["state"] == "acknowledged"
    assert food.facts("supervision", "PushOverdue") == []


@pytest.mark.rule("R152")
def test_a_supervision_result_is_owed_by_the_supervising_department(food):
    food.do(
        "supervision",
        "collect_record",
        {
            "programme": "MD2023",
            "source_org": MARKET,
            "kind": "revocation",
            "subject_key": "sk-1",
            "ref": "吊销〔2023〕1号",
            "case": "case-d-1",
        },
        at="2023-08-07T10:00:00+08:00",
        actor=MARKET,
    )
    food.settle()
    (result,) = [push for push in pushes(food) if push["direction"] == "result"]

    run(food, "2023-08-11T00:00:00+08:00")

    charged = [fact.data["owed_by_org_id"] for fact in food.facts("supervision", "PushOverdue")]
    assert result["to_org_ids"] == [XIAOLIU, APPROVALS]
    assert charged == [XIAOLIU, MARKET]


@pytest.mark.rule("R152")
def test_a_supervision_result_goes_to_the_town_and_the_granting_department(food):
    food.do(
        "supervision",
        "collect_record",
        {
            "programme": "MD2023",
            "source_org": MARKET,
            "kind": "revocation",
            "subject_key": "sk-1",
            "ref": "吊销〔2023〕1号",
            "case": "case-d-1",
        },
        at="2023-08-07T10:00:00+08:00",
        actor=MARKET,
    )
    food.settle()
    (result,) = [push for push in pushes(food) if push["direction"] == "result"]

    food.do(
        "supervision",
        "push_result",
        {"programme": "MD2023", "push": result["push_id"], "result": "吊销〔2023〕1号"},
        at="2023-08-08T10:00:00+08:00",
        actor=MARKET,
    )

    (pushed,) = food.facts("supervision", "SupervisionResultPushed")
    assert pushed.data["to_org_ids"] == [XIAOLIU, APPROVALS]
    assert pushed.data["case_id"] == "case-d-1"


@pytest.mark.rule("R152")
def test_the_same_department_on_both_sides_owes_itself_nothing(office: Office):
    office.knows("MD2023")

    office.tell_approved(
        "d-38", item="MD23-38", town=XIAOLIU, by=XIAOLIU, at=MONDAY, grant="g-38", grant_position=9
    )

    assert pushes(office) == []


@pytest.mark.rule("R152")
def test_without_a_memorandum_a_push_is_expected_and_never_overdue(office: Office):
    office.knows("MD2023")
    office.tell_delegated("g-4", item="MD23-04", town=XIAOLIU, at="2023-06-01T00:00:00+08:00")
    office.tell_approved("d-1", item="MD23-04", town=XIAOLIU, by=XIAOLIU, at=MONDAY, grant="g-4")

    run(office, "2023-12-31T00:00:00+08:00")

    (push,) = pushes(office)
    assert (push["state"], push["due_at"]) == ("expected", None)
    assert office.facts("supervision", "PushOverdue") == []


@pytest.mark.rule("R152")
def test_an_approval_by_the_department_is_owed_by_the_department(office: Office):
    office.knows("MD2023")

    office.tell_approved(
        "d-1",
        item="MD23-30",
        town=XIAOLIU,
        by=APPROVALS,
        at=MONDAY,
        grant=None,
        grant_position=None,
    )

    (push,) = pushes(office)
    assert (push["owed_by_org_id"], push["to_org_id"]) == (APPROVALS, "MD2023-ORG-21")


@pytest.mark.rule("R150")
def test_every_town_owes_a_memorandum_to_each_department_that_supervises_what_another_grants(
    office,
):
    office.knows("MD2023")
    for item in ("MD23-04", "MD23-05", "MD23-30", "MD23-38"):
        office.tell_delegated(f"g-{item}", item=item, town=XIAOLIU, at="2023-06-01T00:00:00+08:00")
    sign(office, [{"item": "MD23-30"}], org="MD2023-ORG-21")
    office.settle()

    owed = office.ask("supervision", "memoranda", {"programme": "MD2023"})

    assert [(row["supervising_org_id"], row["items"], row["state"]) for row in owed] == [
        (MARKET, ["MD23-04", "MD23-05"], "missing"),
        ("MD2023-ORG-21", ["MD23-30"], "signed"),
    ]


@pytest.mark.rule("R150")
def test_thirty_one_of_the_fifty_items_of_mudan_are_separated_between_eleven_departments():
    items = [item for item in programme_content("MD2023")["items"] if separated(item)]

    assert len(items) == 31
    assert len({item["supervising_org_id"] for item in items}) == 11


@pytest.mark.rule("R150")
def test_the_approval_bureau_coordinates_and_is_no_party(food):
    (signed,) = food.facts("supervision", "MemorandumSigned")

    assert signed.data["coordinator_org_id"] == APPROVALS
    assert (signed.data["town_id"], signed.data["supervising_org_id"]) == (XIAOLIU, MARKET)


@pytest.mark.rule("R151")
def test_a_memorandum_with_nine_entries_for_ten_items_is_incomplete(office: Office):
    office.knows("MD2023")
    for number in range(11, 21):
        office.tell_delegated(
            f"g-{number}", item=f"MD23-{number}", town=XIAOLIU, at="2023-06-01T00:00:00+08:00"
        )

    with pytest.raises(Refused) as refused:
        sign(office, [{"item": f"MD23-{number}"} for number in range(11, 20)], org=FARMING)

    assert refused.value.code == "supervision.boundary-missing"
    assert refused.value.facts == {"items": ["MD23-20"]}
