"""One town, one list, filed and published: R021, R022, R030, R037 to R041, R183."""

import pytest

from shared.refusal import Refused
from tests.delegating import county, one_county  # noqa: F401 - the fixtures

SHATU = {"programme": "MD2023", "town": "MD2023-TOWN-08"}
FIRST = {"programme": "SR2020", "town": "SR2020-TOWN-01"}
HANDLED = {"item": "MD23-04", "mode": "entrusted_handling"}
DISTRICT = "MD2023-ORG-02"


def approved(county, town=SHATU, by=DISTRICT, on="2023-06-01"):
    county.told("approve_list", town | {
        "approved_by": by, "decision_ref": "菏区政字〔2023〕15号", "approved_on": on,
    }, f"{on}T09:00:00+08:00")


def final(county, *items):
    """A final list in Shangrao."""
    county.told("hold_docking", FIRST | {
        "department": "SR2020-ORG-10", "held_on": "2020-05-12", "items": list(items),
        "outcome": "可以承接",
    })
    county.told("draft_list", FIRST | {"entries": [{"item": item} for item in items]})
    approved(county, FIRST, "SR2020-UNIT-01", "2020-05-15")


def filed(county, recipient):
    county.told("file_catalogue", FIRST | {
        "recipient": recipient, "receipt_ref": "回执-12", "filed_on": "2020-05-18",
    })


def published(county):
    county.told(
        "publish_catalogue", FIRST | {"channel": "web", "published_at": "2020-05-20T10:00:00+08:00"}
    )


@pytest.mark.rule("R021")
def test_each_entry_carries_mode_type_and_both_departments(county):
    county.told("draft_list", SHATU | {"entries": [HANDLED]})

    (drafted,) = county.recorded("TownListDrafted")
    assert drafted.data["entries"] == [{
        "item_id": "MD23-04", "scope": [], "mode": "entrusted_handling", "power_type": "行政许可",
        "granting_org_id": "MD2023-ORG-19", "supervising_org_id": "MD2023-ORG-20",
        "outside_catalogue": False,
        "override_reason": None,
    }]


@pytest.mark.rule("R021")
def test_a_second_current_list_must_supersede_the_first(county):
    county.told("draft_list", SHATU | {"entries": [HANDLED]})
    approved(county)
    county.told(
        "draft_list", SHATU | {"entries": [{"item": "MD23-05", "mode": "entrusted_acceptance"}]}
    )

    with pytest.raises(Refused) as refused:
        approved(county, on="2023-06-10")

    assert refused.value.code == "delegation.one-list-per-town"


@pytest.mark.rule("R021")
def test_a_list_that_names_the_one_it_supersedes_becomes_the_current_one(county):
    county.told("draft_list", SHATU | {"entries": [HANDLED]})
    approved(county)
    county.told("draft_list", SHATU | {
        "entries": [{"item": "MD23-05", "mode": "entrusted_acceptance"}], "replaces": 1,
    })

    approved(county, on="2023-06-10")

    current = county.ask("delegation", "list", {"town": "MD2023-TOWN-08"})
    assert (current["version"], current["state"]) == (2, "current")


@pytest.mark.rule("R021")
@pytest.mark.parametrize("approve_first", [False, True])
def test_a_draft_replaces_no_version_but_the_current_one(county, approve_first):
    county.told("draft_list", SHATU | {"entries": [HANDLED]})
    if approve_first:
        approved(county)

    with pytest.raises(Refused) as refused:
        county.told("draft_list", SHATU | {
            "entries": [HANDLED], "replaces": 3 if approve_first else 1
        })

    assert refused.value.code == "delegation.one-list-per-town"
    assert refused.value.facts["current"] == (1 if approve_first else None)


@pytest.mark.rule("R021")
def test_a_draft_overtaken_by_a_revision_is_not_approved(county):
    county.told("draft_list", SHATU | {"entries": [HANDLED]})
    approved(county)
    county.told("draft_list", SHATU | {"entries": [HANDLED], "replaces": 1})
    county.told("revise_list", SHATU | {
        "entries": [{"item": "MD23-05", "mode": "entrusted_acceptance"}], "reason": "动态调整",
        "approved_by": DISTRICT,
    })

    with pytest.raises(Refused) as refused:
        approved(county, on="2023-06-25")

    assert refused.value.code == "delegation.one-list-per-town"
    assert county.ask("delegation", "list", {"town": "MD2023-TOWN-08"})["version"] == 3


@pytest.mark.rule("R021")
def test_a_grant_in_another_mode_than_the_list_says_is_refused(county):
    county.told("draft_list", SHATU | {"entries": [HANDLED]})
    approved(county)

    with pytest.raises(Refused) as refused:
        county.delegated("MD23-04", "MD2023-TOWN-08", "entrusted_acceptance", "2023-07-01")

    assert refused.value.code == "delegation.mode-differs-from-list"


@pytest.mark.rule("R022")
def test_an_item_outside_the_catalogue_needs_a_reason(county):
    outside = {
        "item": "MD23-X1", "mode": "entrusted_acceptance", "power_type": "公共服务",
        "granting_org": "MD2023-ORG-19"
    }

    with pytest.raises(Refused) as refused:
        county.told("draft_list", SHATU | {"entries": [outside]})
    county.told("draft_list", SHATU | {
        "entries": [
            outside | {"override_reason": "群众需求集中", "supervising_org": "MD2023-ORG-20"}
        ],
    })

    assert refused.value.code == "delegation.override-reason-required"
    assert county.recorded("TownListDrafted")[0].data["entries"][0]["outside_catalogue"] is True


@pytest.mark.rule("R022")
def test_where_the_catalogue_bounds_the_list_nothing_else_is_on_it(county):
    with pytest.raises(Refused) as refused:
        county.told(
            "draft_list", FIRST | {"entries": [{"item": "SR20-099", "override_reason": "需要"}]}
        )

    assert refused.value.code == "delegation.outside-catalogue"


@pytest.mark.rule("R030")
def test_in_zaozhuang_a_list_is_not_approved_before_the_survey(county):
    town = {"programme": "ZZ2021", "town": "ZZ2021-TOWN-01"}
    county.told("draft_list", town | {"entries": [{"item": "ZZ21-04", "mode": "direct"}]})

    with pytest.raises(Refused) as refused:
        approved(county, town, "ZZ2021-UNIT-01", "2021-07-01")

    assert refused.value.code == "delegation.survey-missing"


@pytest.mark.rule("R037")
def test_every_department_docks_before_the_preliminary_list(county):
    with pytest.raises(Refused) as refused:
        county.told("draft_list", FIRST | {"entries": [{"item": "SR20-040"}]})

    assert refused.value.code == "delegation.docking-missing"
    assert refused.value.facts["departments"] == ["SR2020-ORG-10"]


@pytest.mark.rule("R038")
def test_a_departments_approval_is_not_enough(county):
    county.told("hold_docking", FIRST | {
        "department": "SR2020-ORG-10", "held_on": "2020-05-12", "items": ["SR20-040"],
        "outcome": "可以承接",
    })
    county.told("draft_list", FIRST | {"entries": [{"item": "SR20-040"}]})

    with pytest.raises(Refused) as refused:
        approved(county, FIRST, "SR2020-ORG-10", "2020-05-15")

    assert refused.value.code == "delegation.approver-not-competent"
    assert refused.value.facts["competent"] == "SR2020-UNIT-01"


@pytest.mark.rule("R039")
def test_the_catalogue_has_no_item_more_and_none_less_than_the_final_list(county):
    final(county, "SR20-040", "SR20-041")

    with pytest.raises(Refused) as more:
        county.told("compile_catalogue", FIRST | {"items": ["SR20-040", "SR20-041", "SR20-042"]})
    with pytest.raises(Refused) as fewer:
        county.told("compile_catalogue", FIRST | {"items": ["SR20-040"]})

    assert (more.value.code, more.value.facts["items"]) == (
        "delegation.not-in-final-list", ["SR20-042"]
    )
    assert (fewer.value.code, fewer.value.facts["items"]) == (
        "delegation.missing-from-catalogue", ["SR20-041"]
    )


@pytest.mark.rule("R040")
def test_with_the_countys_receipt_only_the_catalogue_is_not_published(county):
    final(county, "SR20-040")
    county.told("compile_catalogue", FIRST | {"items": ["SR20-040"]})
    filed(county, "SR2020-UNIT-01")

    with pytest.raises(Refused) as refused:
        published(county)

    assert refused.value.code == "delegation.filing-incomplete"
    assert refused.value.facts["missing"] == ["市审改办"]


@pytest.mark.rule("R008")
@pytest.mark.rule("R040")
def test_a_receipt_under_the_other_name_plate_completes_the_filing(county):
    final(county, "SR20-040")
    county.told("compile_catalogue", FIRST | {"items": ["SR20-040"]})
    filed(county, "SR2020-UNIT-01")
    filed(county, "市政务服务管理局")

    published(county)

    catalogue = county.ask("delegation", "list", {"town": "SR2020-TOWN-01"})["catalogue"]
    assert catalogue["filed"] == {"SR2020-UNIT-01": "2020-05-18", "SR2020-ORG-07": "2020-05-18"}
    assert catalogue["published_at"] == "2020-05-20T02:00:00+00:00"


@pytest.mark.rule("R183")
def test_any_past_version_can_be_shown_as_of_a_date(county):
    town = {"programme": "ST2021", "town": "ST2021-TOWN-01"}
    county.told("draft_list", town | {"entries": [{"item": "ST21-04", "mode": "direct"}]})
    approved(county, town, "ST2021-ORG-02", "2021-08-01")
    county.told("revise_list", town | {
        "entries": [{"item": "ST21-05", "mode": "direct"}], "reason": "动态调整",
        "approved_by": "ST2021-ORG-02",
    }, "2022-01-01T09:00:00+08:00")

    before = county.ask("delegation", "list", {"town": "ST2021-TOWN-01", "on": "2021-12-31"})
    after = county.ask("delegation", "list", {"town": "ST2021-TOWN-01", "on": "2022-01-01"})

    assert (before["version"], after["version"]) == (1, 2)
    assert county.recorded("TownListRevised")[0].data["changes"] == [
        {"kind": "added", "item_id": "ST21-05"}, {"kind": "removed", "item_id": "ST21-04"},
    ]


def test_every_entry_of_the_approved_list_is_granted(county):
    town = {"programme": "ST2021", "town": "ST2021-TOWN-01"}
    modes = {"ST21-04": "direct", "ST21-07": "substantive_review", "ST21-09": "window_forward"}
    county.told(
        "draft_list", town | {"entries": [{"item": i, "mode": mode} for i, mode in modes.items()]}
    )
    approved(county, town, "ST2021-ORG-02", "2021-07-15")

    county.told(
        "delegate_list", town | {"effective_from": "2021-08-01"}, "2021-07-20T09:00:00+08:00"
    )

    granted = {fact.data["item_id"]: fact.data["mode"] for fact in county.recorded("ItemDelegated")}
    assert granted == modes


def test_what_cannot_be_granted_does_not_stop_the_rest_of_the_list(county):
    county.agreed(["MD23-04"])
    county.told(
        "draft_list",
        SHATU | {"entries": [HANDLED, {"item": "MD23-05", "mode": "entrusted_handling"}]}
    )
    approved(county)

    with pytest.raises(Refused) as refused:
        county.told("delegate_list", SHATU | {"effective_from": "2023-07-01"})

    assert refused.value.facts["done"] == ["MD23-04"]
    assert [
        row["code"] for row in refused.value.facts["refused"]
    ] == ["delegation.agreement-required"]
