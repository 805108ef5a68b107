"""Requests that a small programme of two organs, one town and one item is made of."""

from copy import deepcopy
from typing import Any

from tests.world import World, programme_content

P = "XX2024"
SETTINGS: dict[str, Any] = deepcopy(programme_content("MD2023")["programme"]) | {
    "id": P, "clauses": [], "handover": [], "steps": [], "obligations": [], "limits": [],
}
SETTINGS["catalogue"] |= {"size": None, "code_digits": 13}

PROGRAMME = {
    "programme": P, "title": "示例方案", "document_no": None, "issuer_org": f"{P}-ORG-1",
    "issued_on": "2024-01-02", "jurisdiction_id": "999999", "level": "district",
    "parent_programme_id": None, "parent_documents": [], "grantor_kind": "granting_department",
    "claim_required": True, "settings": SETTINGS,
}
POLICY = {
    "facets": [
        {"filed_at": "town", "cross_town": "any", "facet": "accept", "holder": "town_centre",
         "capacity": "own"},
        {"filed_at": "town", "cross_town": "no", "facet": "decide", "holder": "town_centre",
         "capacity": "in_name_of_department"},
        {"filed_at": "town", "cross_town": "yes", "facet": "decide",
         "holder": "district_department", "capacity": "own"},
        {"filed_at": "town", "cross_town": "any", "facet": "act_supervision",
         "holder": "district_department", "capacity": "supervisor"},
    ],
    "seal_kind": "seal_no_2", "agreement_kind": "entrustment", "agreement_force": "must",
    "agreement_items": "many", "clauses": [], "filing": "justice", "exclusive": False,
    "redelegation_allowed": False, "forward_to": None, "forward_reason": None,
    "issue_on_seal": False, "criterion": None,
}
MODE = {
    "programme": P, "mode": "entrusted_handling", "mode_zh": "委托办理", "policy": POLICY,
    "order_of_preference": 1, "instrument_ref": "示例〔2024〕1号",
}
ORGAN = {
    "programme": P, "org_id": f"{P}-ORG-1", "name": "区甲局", "kind": "department",
    "level": "district", "superior_org_id": None,
    "aliases": [{"alias": "甲局", "basis": "abbreviation"}],
}
OTHER_ORGAN = ORGAN | {"org_id": f"{P}-ORG-2", "name": "区乙局", "aliases": []}
ALIAS = {"programme": P, "org_id": f"{P}-ORG-1", "alias": "区甲办", "basis": "name_plate"}
TOWN = {
    "programme": P, "town_id": f"{P}-TOWN-1", "name": "示例镇", "kind": "镇",
    "centre_id": f"{P}-TOWN-1-CENTRE", "centre_name": "示例镇便民服务中心",
    "department_id": f"{P}-TOWN-1-DEPT", "department_name": "示例镇有关部门",
}
RECIPIENT = {"programme": P, "town": f"{P}-TOWN-1", "from": "2024-01-02"}
REMOVAL = {"programme": P, "town": f"{P}-TOWN-1", "to": "2024-06-01", "reason": "撤并乡镇"}
ITEM = {
    "programme": P, "item_id": "XX24-1", "catalogue_id": f"{P}-CATALOGUE", "seq": 1,
    "code": "3700000117086", "name": "示例许可(甲)", "power_type": "行政许可",
    "domain": "approval", "power_level": "district", "outcome_kind": "approval",
    "granting_org_id": f"{P}-ORG-1", "supervising_org_id": f"{P}-ORG-2",
    "subitems": ["甲类"], "exclusions": ["乙类"],
}
CODE = {"programme": P, "item": "XX24-9", "code": "3700000117099"}
CATALOGUE = {
    "programme": P, "catalogue_id": f"{P}-CATALOGUE", "version": 1, "item_ids": ["XX24-1"],
    "instrument_ref": "示例〔2024〕1号",
}
MENU = {
    "programme": P, "menu_id": f"{P}-MENU", "version": 1, "item_ids": ["XX24-1"],
    "left_out": [{"item_id": "XX24-2", "reason": "法律规定由区级实施"}],
}
CONSTRAINT = {
    "programme": P, "item": "XX24-1", "kind": "entrust_forbidden", "norm_rank": "regulation",
    "article": "示例条例第十条", "valid_from": "2024-02-01", "valid_to": None,
}
LIMIT = {
    "programme": P, "item": "XX24-1", "town": None, "step": "accept", "value": 3,
    "unit": "working_day",
}
PUBLICATION = {
    "programme": P, "town": f"{P}-TOWN-1", "list_version": 1, "channel": "政府门户网站",
    "url": "https://lists.example.org/1", "published_at": "2024-03-01T09:00:00+08:00",
}
REPUBLICATION = {
    "programme": P, "town": f"{P}-TOWN-1", "list_version": 2,
    "published_at": "2024-04-01T09:00:00+08:00",
}

BUILD = (
    ("register_programme", PROGRAMME), ("enable_mode", MODE), ("register_organ", ORGAN),
    ("register_organ", OTHER_ORGAN), ("register_town", TOWN), ("add_recipient", RECIPIENT),
    ("list_item", ITEM),
)


def built(world: World) -> World:
    """A world with the small programme, its town and its item."""
    for door, request in BUILD:
        world.do("catalog", door, request)
    return world
