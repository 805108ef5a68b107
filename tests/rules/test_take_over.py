"""What a town prepares and is given before it works: R045, R085, R101, R201."""

from datetime import date
from uuid import uuid4

import pytest

from services.delegation.domain.provision import days_late, kinds_asked
from services.delegation.readmodel import readmodel
from shared.contracts.envelope import Fact, instant
from shared.refusal import Refused
from tests.delegating import BUREAU, county, one_county  # noqa: F401 - the fixtures
from tests.notice import notice

SHUIQUAN, FENGMAO = "ST2021-TOWN-06", "ST2021-TOWN-04"
OFFICE, DISTRICT = "ST2021-ORG-04", "ST2021-ORG-02"
GAOZHUANG = "MD2023-TOWN-15"
JULY = "2021-07-16T09:00:00+08:00"
PAPERS = {
    "plan": "file_takeover_plan", "guide": "file_service_guide", "manual": "file_manual",
}
RULES = (
    "premises", "first_inquiry", "one_time_notice", "assisted_filing", "staggered_hours",
    "supervision_and_rating", "performance", "accountability",
)


def filed(county, paper, town=SHUIQUAN, recipient=OFFICE, on="2021-07-16"):
    more = {"items": ["ST21-06"]} if paper == "guide" else {}
    return county.told(PAPERS[paper], {
        "programme": "ST2021", "town": town, "recipient": recipient, "file_ref": "材料",
        "filed_on": on,
    } | more, JULY)


def provided(county, kind, on, department="ST2021-ORG-12", town=SHUIQUAN):
    county.told("provide_resource", {
        "programme": "ST2021", "town": town, "department": department, "kind": kind,
        "description": "按协调意见提供", "on": on,
    }, JULY)


def started(county, grant):
    """What the read model learns when the town has started."""
    at = instant("2021-08-01T09:00:00+08:00")
    fact = Fact(
        id=uuid4(), type="delegation.ItemImplementationStarted", source="delegation",
        stream=uuid4(), version=2, programme="ST2021", jurisdiction="370406", occurred_at=at,
        recorded_at=at, actor={}, instrument=None, correlation=None, causation=None,
        data={
            "grant_id": grant, "item_id": "ST21-13", "town_id": SHUIQUAN, "started_at": at,
        },
        position=99, previous=None, envelope=b"",
    )
    with county.commands("delegation").database.transaction() as cursor:
        readmodel.apply(cursor, fact)


def gate(county, grant, name):
    (found,) = [
        row for row in county.ask("delegation", "gates", {"grant": grant}) if row["name"] == name
    ]
    return found


@pytest.mark.rule("R045")
def test_without_a_takeover_plan_the_town_is_not_ready_to_start(county):
    grant = county.delegated("ST21-06", SHUIQUAN, "substantive_review", "2021-08-01", JULY)

    with pytest.raises(Refused) as refused:
        county.told(
            "start_implementation", {"programme": "ST2021", "grant": grant},
            "2021-08-01T09:00:00+08:00",
        )

    assert refused.value.code == "delegation.gate-failed"
    assert "takeover_plan" in refused.value.facts["gates"]


@pytest.mark.rule("R045")
def test_with_the_plan_filed_that_gate_is_passed(county):
    grant = county.delegated("ST21-06", SHUIQUAN, "substantive_review", "2021-08-01", JULY)

    filed(county, "plan")

    assert gate(county, grant, "takeover_plan") == {
        "name": "takeover_plan", "passed": True, "blocking": True,
    }


@pytest.mark.rule("R045")
def test_a_plan_filed_again_is_its_next_version(county):
    filed(county, "plan")

    filed(county, "plan", on="2021-07-18")

    assert [fact.data["version"] for fact in county.recorded("TakeoverPlanFiled")] == [1, 2]


@pytest.mark.rule("R045")
@pytest.mark.rule("R201")
def test_the_papers_go_to_the_office_that_the_notice_names(county):
    with pytest.raises(Refused) as refused:
        filed(county, "plan", recipient=DISTRICT)

    assert refused.value.code == "delegation.filed-with-another"
    assert refused.value.facts["recipients"] == [OFFICE]


@pytest.mark.rule("R201")
def test_nine_towns_file_three_papers_and_the_one_that_is_missing_is_named(county):
    towns = [f"ST2021-TOWN-{number:02}" for number in range(1, 10)]
    due = [(town, paper) for town in towns for paper in PAPERS if (town, paper) != (
        FENGMAO, "manual"
    )]
    for town, paper in due:
        filed(county, paper, town)

    asked = county.ask("delegation", "town_papers", {"programme": "ST2021"})

    assert len(due) == 26
    assert sum(len(row["papers"]) for row in asked) == 26
    assert [(row["name"], row["missing"]) for row in asked if row["missing"]] == [
        ("冯卯镇", ["manual"])
    ]


def ruled(county, *kinds):
    for kind in kinds:
        county.told("register_centre_rule", {
            "programme": "MD2023", "town": GAOZHUANG, "kind": kind, "in_force_from": "2023-05-01",
        })


def engraved(county):
    county.told("authorise_seal", {
        "programme": "MD2023", "department": BUREAU, "town": GAOZHUANG,
        "authorised_by": "MD2023-ORG-02", "instrument_ref": "菏区政字〔2023〕16号",
    })
    seal = {"programme": "MD2023", "seal": f"SEAL2:{BUREAU}:{GAOZHUANG}:1"}
    county.told("engrave_seal", seal | {
        "text": "牡丹区行政审批服务局审批专用章（高庄镇）", "engraved_on": "2023-06-10",
    })
    return seal | {"custodian": f"{GAOZHUANG}-CENTRE", "issued_on": "2023-06-15"}


@pytest.mark.rule("R080")
@pytest.mark.rule("R085")
def test_with_eight_of_nine_rules_and_no_seal_rule_the_seal_is_not_issued(county):
    ruled(county, *RULES)
    issue = engraved(county)

    with pytest.raises(Refused) as refused:
        county.told("issue_seal", issue)

    asked = {"programme": "MD2023", "town": GAOZHUANG}
    report = county.ask("delegation", "centre_rules", asked)
    assert refused.value.code == "delegation.seal-rule-missing"
    assert (report["registered"], report["of"]) == (8, 9)
    assert report["missing"] == [{"kind": "seal", "name": "“2号公章”使用管理"}]


@pytest.mark.rule("R080")
@pytest.mark.rule("R085")
def test_with_its_seal_rule_the_centre_receives_the_seal(county):
    issue = engraved(county)
    ruled(county, "seal")

    answer = county.told("issue_seal", issue)

    assert answer["events"] == ["delegation.SealIssued"]


@pytest.mark.rule("R085")
def test_a_seal_rule_that_is_not_in_force_yet_lets_no_seal_be_issued(county):
    issue = engraved(county)
    county.told("register_centre_rule", {
        "programme": "MD2023", "town": GAOZHUANG, "kind": "seal", "in_force_from": "2099-01-01",
    })

    with pytest.raises(Refused) as refused:
        county.told("issue_seal", issue)

    assert refused.value.code == "delegation.seal-rule-missing"


@pytest.mark.rule("R085")
def test_a_rule_registered_again_is_its_next_version(county):
    ruled(county, "seal", "premises")

    ruled(county, "seal")

    told = [
        (fact.data["kind"], fact.data["version"])
        for fact in county.recorded("CentreRuleRegistered")
    ]
    assert told == [("seal", 1), ("premises", 1), ("seal", 2)]


@pytest.mark.rule("R101")
def test_a_network_port_four_days_after_the_start_is_four_days_late():
    started = date(2021, 8, 1)

    late = [days_late(started, date(2021, 8, 5)), days_late(started, date(2021, 7, 25))]

    assert late == [4, 0]


@pytest.mark.rule("R101")
def test_the_report_of_a_started_item_shows_what_came_late_and_what_did_not_come(county):
    grant = county.delegated("ST21-13", SHUIQUAN, "window_forward", "2021-08-01", JULY)
    provided(county, "people", "2021-07-25")
    provided(county, "network", "2021-08-05")
    started(county, grant)

    (row,) = county.ask("delegation", "resources", {"programme": "ST2021", "town": SHUIQUAN})

    late = {resource["kind"]: resource["days_late"] for resource in row["resources"]}
    assert (row["item_id"], row["started_on"]) == ("ST21-13", "2021-08-01")
    assert late == {"people": 0, "network": 4}
    assert row["missing"] == ["technology", "funds"]


@pytest.mark.rule("R101")
@pytest.mark.parametrize(("programme", "kinds"), [
    ("ST2021", ["people", "technology", "funds", "network"]),
    ("ZZ2021", ["people", "technology", "funds", "network"]),
    ("GZ2020", []),
])
def test_the_four_kinds_of_resource_are_asked_for_where_the_notice_names_them(programme, kinds):
    assert kinds_asked(notice(programme).programme) == kinds
