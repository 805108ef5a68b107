"""The kinds of fields in delegation's events."""

from typing import Any

from marshmallow import EXCLUDE, Schema, fields

FACETS = (
    "accept", "preliminary_review", "substantive_review", "decide", "seal", "named_authority",
    "liability", "act_supervision", "trade_supervision", "archive",
)

# Kinds of seals, and what they are called (MODEL section 2; R080, R086, R088).
SEALS = {
    "town_approval_seal": "镇级审批公章", "seal_no_2": "2号公章", "department_seal": "部门公章",
    "bureau_approval_seal": "审批专用章（一枚印章管审批）",
}


def an_id() -> fields.String:
    return fields.String(required=True)


def id_or_none() -> fields.String:
    return fields.String(required=True, allow_none=True)


def ids() -> fields.List[Any]:
    return fields.List(fields.String(), required=True)


def a_day() -> fields.Date:
    return fields.Date(required=True)


def day_or_none() -> fields.Date:
    return fields.Date(required=True, allow_none=True)


def an_instant() -> fields.AwareDateTime:
    return fields.AwareDateTime(format="iso", required=True)


def rows(of: type[Schema]) -> fields.List[Any]:
    return fields.List(fields.Nested(of, unknown=EXCLUDE), required=True)
