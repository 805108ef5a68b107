"""Each command of catalog: done, refused, seen before, wrong version."""

from typing import Any
from uuid import UUID

import pytest
from marshmallow import ValidationError

from shared.refusal import Refused
from tests.unit.catalog.facts import APPROVED, REVISED, told
from tests.unit.catalog.requests import (
    ALIAS,
    CATALOGUE,
    CODE,
    CONSTRAINT,
    ITEM,
    LIMIT,
    MENU,
    MODE,
    ORGAN,
    POLICY,
    PROGRAMME,
    PUBLICATION,
    RECIPIENT,
    REMOVAL,
    REPUBLICATION,
    SETTINGS,
    TOWN,
    P,
    built,
)
from tests.world import World

COMMAND = UUID(int=7)

# door, a request that can be done once the small programme stands, the events it leads to,
# and the version of the stream before it.
DOORS: list[tuple[str, dict[str, Any], list[str], int]] = [
    ("register_programme", PROGRAMME | {"programme": "YY2024"},
     ["catalog.ProgrammeRegistered"], 0),
    ("enable_mode", MODE | {"mode": "entrusted_acceptance", "order_of_preference": 2},
     ["catalog.ProgrammeModeEnabled"], 3),
    ("add_recipient", RECIPIENT | {"from": "2024-05-01"}, ["catalog.ProgrammeRecipientAdded"], 3),
    ("remove_recipient", REMOVAL, ["catalog.ProgrammeRecipientRemoved"], 3),
    ("register_organ", ORGAN | {"org_id": f"{P}-ORG-3", "name": "区丙局", "aliases": []},
     ["catalog.DepartmentRegistered", "catalog.DepartmentAliasAdded"], 5),
    ("add_alias", ALIAS, ["catalog.DepartmentAliasAdded"], 5),
    ("register_town",
     TOWN | {"town_id": f"{P}-TOWN-2", "centre_id": f"{P}-TOWN-2-CENTRE", "department_id": None,
             "department_name": None},
     ["catalog.TownRegistered", "catalog.CentreRegistered"], 0),
    ("assign_code", CODE, ["catalog.ItemCodeAssigned"], 0),
    ("list_item", ITEM | {"item_id": "XX24-2", "seq": 2, "code": None},
     ["catalog.ItemListed", "catalog.ItemScopeDefined"], 0),
    ("issue_catalogue", CATALOGUE, ["catalog.GuidanceCatalogueIssued"], 0),
    ("issue_menu", MENU, ["catalog.MenuIssued"], 0),
    ("record_legal_constraint", CONSTRAINT, ["catalog.LegalConstraintRecorded"], 2),
    ("set_time_limit", LIMIT, ["catalog.ItemTimeLimitSet"], 2),
    ("publish_town_list", PUBLICATION, ["catalog.TownListPublished"], 0),
]
EACH = pytest.mark.parametrize(
    ("door", "request_", "events", "before"), DOORS, ids=[door[0] for door in DOORS]
)


@pytest.fixture
def small(world: World) -> World:
    built(world)
    told(world, "TownListApproved", APPROVED)
    return world


@EACH
def test_done_a_command_leads_to_its_events(small, door, request_, events, before):
    answer = small.do("catalog", door, request_)

    assert answer["events"] == events
    assert answer["version"] == before + len(events)


@EACH
def test_seen_before_the_same_command_gets_the_same_answer(small, door, request_, events, before):
    first = small.do("catalog", door, request_, command=COMMAND)
    facts = len(small.facts("catalog"))

    again = small.do("catalog", door, request_, command=COMMAND)

    assert again == first
    assert len(small.facts("catalog")) == facts


@EACH
def test_seen_before_a_command_id_with_another_body_is_refused(
    small, door, request_, events, before
):
    small.do("catalog", "add_alias", ALIAS | {"alias": "区甲中心"}, command=COMMAND)

    with pytest.raises(Refused) as refused:
        small.do("catalog", door, request_, command=COMMAND)

    assert refused.value.code == "log.command-id-reused"


@EACH
def test_wrong_version_a_command_on_a_version_that_has_passed_is_refused(
    small, door, request_, events, before
):
    with pytest.raises(Refused) as refused:
        small.do("catalog", door, request_, expected=before + 1)

    assert refused.value.code == "log.stale-version"
    assert refused.value.facts == {"expected": before + 1, "current": before}


REFUSALS: list[tuple[str, str, dict[str, Any]]] = [
    ("catalog.already-registered-differently", "register_programme", PROGRAMME | {"title": "另一"}),
    ("catalog.settings-too-large", "register_programme", PROGRAMME | {
        "programme": "YY2024", "settings": SETTINGS | {"steps": ["赋" * 20_001]}}),
    ("catalog.unknown-programme", "enable_mode", MODE | {"programme": "NO2024"}),
    ("catalog.already-registered-differently", "enable_mode", MODE | {"mode_zh": "委托"}),
    ("catalog.mode-without-document", "enable_mode",
     MODE | {"mode": "direct", "order_of_preference": 2, "instrument_ref": None}),
    ("catalog.mode-without-facets", "enable_mode",
     MODE | {"mode": "direct", "order_of_preference": 2, "policy": POLICY | {"facets": []}}),
    ("catalog.preference-taken", "enable_mode", MODE | {"mode": "direct"}),
    ("catalog.unknown-programme", "add_recipient", RECIPIENT | {"programme": "NO2024"}),
    ("catalog.unknown-town", "add_recipient", RECIPIENT | {"town": f"{P}-TOWN-9"}),
    ("catalog.unknown-town", "add_recipient", RECIPIENT | {"town": "ST2021-TOWN-01"}),
    ("catalog.not-a-recipient", "remove_recipient", REMOVAL | {"town": f"{P}-TOWN-9"}),
    ("catalog.unknown-programme", "register_organ", ORGAN | {"programme": "NO2024"}),
    ("catalog.unknown-organ", "register_organ",
     ORGAN | {"org_id": f"{P}-ORG-3", "superior_org_id": f"{P}-ORG-9"}),
    ("catalog.foreign-id", "register_organ", ORGAN | {"org_id": "MD2023-ORG-77"}),
    ("catalog.id-taken", "register_organ", ORGAN | {"org_id": f"{P}-TOWN-1"}),
    ("catalog.already-registered-differently", "register_organ", ORGAN | {"kind": "office"}),
    ("catalog.alias-taken", "register_organ", ORGAN | {"org_id": f"{P}-ORG-3"}),
    ("catalog.unknown-programme", "add_alias", ALIAS | {"programme": "NO2024"}),
    ("catalog.unknown-organ", "add_alias", ALIAS | {"org_id": f"{P}-ORG-9"}),
    ("catalog.alias-taken", "add_alias", ALIAS | {"org_id": f"{P}-ORG-2", "alias": "甲局"}),
    ("catalog.unknown-programme", "register_town", TOWN | {"programme": "NO2024"}),
    ("catalog.already-registered-differently", "register_town", TOWN | {"kind": "街道办事处"}),
    ("catalog.foreign-id", "register_town", TOWN | {"town_id": "ST2021-TOWN-99"}),
    ("catalog.foreign-id", "register_town", TOWN | {"town_id": f"{P}-TOWN-2"}),
    ("catalog.id-taken", "register_town", TOWN | {"town_id": f"{P}-ORG-1"}),
    ("catalog.id-taken", "register_town", TOWN | {
        "town_id": f"{P}-TOWN-2", "centre_id": f"{P}-TOWN-2-X", "department_id": f"{P}-TOWN-2-X"}),
    ("catalog.unknown-organ", "register_town",
     TOWN | {"town_id": f"{P}-TOWN-2", "managing_zone_id": f"{P}-ORG-9"}),
    ("catalog.unknown-programme", "assign_code", CODE | {"programme": "NO2024"}),
    ("catalog.duplicate-code", "assign_code", CODE | {"code": ITEM["code"]}),
    ("catalog.bad-code", "assign_code", CODE | {"code": "370000011709"}),
    ("catalog.bad-code", "assign_code", CODE | {"code": "３７００００００１１７０９"}),
    ("catalog.unknown-programme", "list_item", ITEM | {"programme": "NO2024"}),
    ("catalog.already-registered-differently", "list_item", ITEM | {"subitems": ["丙类"]}),
    ("catalog.unknown-organ", "list_item",
     ITEM | {"item_id": "XX24-2", "granting_org_id": f"{P}-ORG-9"}),
    ("catalog.duplicate-code", "list_item", ITEM | {"item_id": "XX24-2"}),
    ("catalog.mode-not-in-programme", "list_item", ITEM | {"item_id": "XX24-2", "mode": "direct"}),
    ("catalog.foreign-id", "list_item", ITEM | {"catalogue_id": "MD2023-CATALOGUE"}),
    ("catalog.incomplete-item", "list_item",
     ITEM | {"item_id": "XX24-2", "code": None, "outcome_kind": None}),
    ("catalog.unknown-item", "issue_catalogue", CATALOGUE | {"item_ids": ["XX24-1", "XX24-9"]}),
    ("catalog.version-out-of-order", "issue_catalogue", CATALOGUE | {"version": 2}),
    ("catalog.foreign-id", "issue_catalogue", CATALOGUE | {"catalogue_id": "MD2023-CATALOGUE"}),
    ("catalog.unknown-programme", "issue_catalogue", CATALOGUE | {"programme": "NO2024"}),
    ("catalog.unknown-item", "issue_menu", MENU | {"item_ids": ["XX24-9"]}),
    ("catalog.version-out-of-order", "issue_menu", MENU | {"version": 3}),
    ("catalog.unknown-programme", "issue_menu", MENU | {"programme": "NO2024"}),
    ("catalog.unknown-item", "record_legal_constraint", CONSTRAINT | {"item": "XX24-9"}),
    ("catalog.constraint-ends-before-it-begins", "record_legal_constraint",
     CONSTRAINT | {"valid_to": "2024-02-01"}),
    ("catalog.unknown-programme", "record_legal_constraint", CONSTRAINT | {"programme": "NO2024"}),
    ("catalog.unknown-item", "set_time_limit", LIMIT | {"item": "XX24-9"}),
    ("catalog.unknown-town", "set_time_limit", LIMIT | {"town": f"{P}-TOWN-9"}),
    ("catalog.unknown-town", "publish_town_list", PUBLICATION | {"town": f"{P}-TOWN-9"}),
    ("catalog.list-not-approved", "publish_town_list", PUBLICATION | {"list_version": 2}),
    ("catalog.unknown-programme", "publish_town_list", PUBLICATION | {"programme": "NO2024"}),
    ("catalog.unknown-town", "republish_town_list", REPUBLICATION | {"town": f"{P}-TOWN-9"}),
]


@pytest.mark.parametrize(("code", "door", "request_"), REFUSALS)
def test_refused_a_command_that_may_not_be_done_says_why_and_records_nothing(
    small, code, door, request_
):
    facts = len(small.facts("catalog"))

    with pytest.raises(Refused) as refused:
        small.do("catalog", door, request_)

    assert refused.value.code == code
    assert len(small.facts("catalog")) == facts


MALFORMED: list[tuple[str, dict[str, Any], str]] = [
    ("no_such_door", {"programme": P}, "door"),
    ("register_programme", PROGRAMME | {"surprise": 1}, "surprise"),
    ("register_programme", PROGRAMME | {"issued_on": "2024-13-01"}, "issued_on"),
    ("register_programme", PROGRAMME | {"grantor_kind": "mayor"}, "grantor_kind"),
    ("register_programme", PROGRAMME | {"programme": "YY-2024"}, "programme"),
    ("register_programme", PROGRAMME | {"programme": "YY2024", "settings": {}}, "settings"),
    ("enable_mode", MODE | {"policy": {}}, "policy"),
    ("add_recipient", {"programme": P, "town": f"{P}-TOWN-1"}, "from"),
    ("register_organ", ORGAN | {"aliases": [{"alias": "甲"}]}, "aliases"),
    ("register_organ", ORGAN | {"name": ""}, "name"),
    ("register_town", TOWN | {"kind": "村"}, "kind"),
    ("list_item", ITEM | {"seq": 0}, "seq"),
    ("list_item", ITEM | {"domain": None}, "domain"),
    ("issue_catalogue", CATALOGUE | {"item_ids": []}, "item_ids"),
    ("record_legal_constraint", CONSTRAINT | {"norm_rank": "custom"}, "norm_rank"),
    ("set_time_limit", LIMIT | {"value": "3"}, "value"),
    ("set_time_limit", LIMIT | {"unit": "month"}, "unit"),
    ("publish_town_list", PUBLICATION | {"published_at": "2024-03-01T09:00:00"}, "published_at"),
    *(("register_programme", PROGRAMME | {"jurisdiction_id": given}, "jurisdiction_id")
      for given in ("3717", "区" * 200, "３７１７０２")),
]


@pytest.mark.parametrize(("door", "request_", "field"), MALFORMED)
def test_malformed_input_is_named_by_its_field(small, door, request_, field):
    with pytest.raises(ValidationError) as wrong:
        small.do("catalog", door, request_)

    assert field in wrong.value.messages


def test_a_town_with_grants_in_force_stays_a_recipient(small):
    granted = {
        "grant_id": "8a0c2f4e-0000-5000-8000-000000000001", "programme_id": P,
        "town_id": f"{P}-TOWN-1", "item_id": "XX24-1", "scope": [], "mode": "entrusted_handling",
        "decided_by_org_id": f"{P}-ORG-1", "power_owner_org_id": f"{P}-ORG-1",
        "act_supervisor_org_id": None, "agreement_id": None, "claim_id": None,
        "predecessor_grant_id": None, "facets": [], "exclusive": False,
        "effective_from": "2024-03-01T00:00:00+08:00", "transition_until": None,
    }
    told(small, "ItemDelegated", granted)

    with pytest.raises(Refused) as refused:
        small.do("catalog", "remove_recipient", REMOVAL)

    assert refused.value.code == "catalog.grants-in-force"


def test_a_revised_list_is_published_again_where_the_first_one_stands(small):
    small.do("catalog", "publish_town_list", PUBLICATION)
    revised = told(small, "TownListRevised", REVISED)

    small.services["catalog"].town_list_revised(revised)
    small.services["catalog"].town_list_revised(revised)

    published = small.facts("catalog", "TownListPublished")
    assert [(f.data["list_version"], f.data["channel"]) for f in published] == [
        (1, "政府门户网站"), (2, "政府门户网站")
    ]


def test_a_revised_list_is_not_published_where_nothing_was(small):
    revised = told(small, "TownListRevised", REVISED)

    small.services["catalog"].town_list_revised(revised)

    assert small.facts("catalog", "TownListPublished") == []


def test_an_older_list_is_not_published_over_a_newer_one(small):
    told(small, "TownListRevised", REVISED)
    small.do("catalog", "publish_town_list", PUBLICATION | {"list_version": 2})

    with pytest.raises(Refused) as refused:
        small.do("catalog", "publish_town_list", PUBLICATION)

    assert refused.value.code == "catalog.older-version"


def test_a_list_may_stand_on_two_channels(small):
    small.do("catalog", "publish_town_list", PUBLICATION)

    answer = small.do("catalog", "publish_town_list", PUBLICATION | {"channel": "政务服务网"})

    assert answer["events"] == ["catalog.TownListPublished"]
