"""The tables of a programme's folder: their columns, their keys, what refers to what."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cell:
    """What one cell or setting may hold; *of* names the choices, or the ids it must be one of."""

    kind: str
    required: bool = False
    of: tuple[str, ...] = ()


TEXT, NUMBER, FLAG, DAY, WORDS = (
    Cell(k) for k in ("text", "number", "flag", "day", "words")
)
KEY, COUNT, YES_NO, ISSUED = (
    Cell(k, required=True) for k in ("text", "number", "flag", "day")
)


def one_of(*choices: str, required: bool = False) -> Cell:
    """One of the words listed."""
    return Cell("choice", required, choices)


def ref(to: str, *, required: bool = False, many: bool = False) -> Cell:
    """One id, or with *many* a list of ids, of those that space *to* holds."""
    return Cell("refs" if many else "ref", required, (to,))


LEVELS = ("province", "city", "zone", "district", "town", "village", "external")
ORGAN_KINDS = (
    "government", "office", "department", "detachment", "people_organisation",
    "public_institution", "party_committee", "leading_group", "leading_group_office",
    "zone_committee", "judicial_organ", "joint_meeting", "service_centre", "service_window",
    "service_station", "partner_site", "town_government", "town_group", "town_tier",
    "pilot_unit", "generic_role",
)  # fmt: skip
ALIAS_BASES = (
    "canonical", "abbreviation", "name_plate", "explicit_in_text", "functional_description",
    "artefact_of_extraction", "former_name",
)  # fmt: skip
POWER_TYPES = (
    "行政许可", "行政处罚", "行政强制", "行政征收", "行政给付", "行政检查", "行政确认", "行政奖励",
    "行政裁决", "其他行政权力", "公共服务",
)  # fmt: skip
OUTCOMES = ("approval", "registration", "confirmation", "payment", "record", "answer")
AGREEMENTS = ("entrustment", "acceptance", "takeover", "transfer")
SEALS = ("town_approval_seal", "seal_no_2", "department_seal", "bureau_approval_seal")
FACETS = (
    "accept", "preliminary_review", "substantive_review", "decide", "seal", "named_authority",
    "liability", "act_supervision", "trade_supervision", "archive",
)  # fmt: skip
HOLDERS = (
    "town", "town_centre", "town_window", "town_department", "district_department", "bureau",
    "former_department", "seal_user", "each_for_own_step", "per_agreement",
    "per_agreement_if_any", "unspecified",
)  # fmt: skip
BASES = ("explicit", "inferred")

COLUMNS: dict[str, dict[str, Cell]] = {
    "organs": {
        "org_id": KEY,
        "name": KEY,
        "kind": one_of(*ORGAN_KINDS, required=True),
        "level": one_of(*LEVELS, required=True),
        "superior_org_id": ref("organ"),
        "superior_basis": one_of(*BASES),
        "source": TEXT,
        "note": TEXT,
    },
    "aliases": {
        "alias": KEY,
        "org_id": ref("organ", required=True),
        "basis": one_of(*ALIAS_BASES, required=True),
    },
    "towns": {
        "town_id": KEY,
        "name": KEY,
        "kind": one_of("镇", "乡", "街道办事处", "unit", "zone", required=True),
        "tier": one_of("经济发达镇", "经济重点镇", "其他"),
        "managing_zone_id": ref("organ"),
        "matching_county_id": ref("organ"),
        "recipient": YES_NO,
        "centre_id": TEXT,
        "centre_name": TEXT,
        "department_id": TEXT,
        "department_name": TEXT,
        "source": TEXT,
        "note": TEXT,
    },
    "items": {
        "item_id": KEY,
        "seq": COUNT,
        "code": TEXT,
        "name": KEY,
        "power_type": one_of(*POWER_TYPES),
        "domain": one_of("approval", "service", "enforcement", required=True),
        "power_level": one_of("county", "city", "district", required=True),
        "granting_org_id": ref("organ"),
        "supervising_org_id": ref("organ"),
        "outcome_kind": one_of(*OUTCOMES),
        "outcome_basis": one_of(*BASES),
        "exclusions": WORDS,
        "mode": ref("mode"),
        "source": TEXT,
        "note": TEXT,
    },
    "scopes": {
        "item_id": ref("item", required=True),
        "seq": COUNT,
        "subitem": KEY,
        "verb": one_of("下放", "前移", required=True),
        "source": TEXT,
    },
    "modes": {
        "mode": KEY,
        "mode_zh": KEY,
        "order_of_preference": COUNT,
        "seal_kind": one_of(*SEALS),
        "agreement_kind": one_of(*AGREEMENTS),
        "agreement_force": one_of("must", "shall", "may"),
        "agreement_items": one_of("one", "many"),
        "filing": one_of("justice"),
        "exclusive": FLAG,
        "redelegation_allowed": FLAG,
        "forward_to": one_of("granting_department"),
        "forward_reason": one_of("mode"),
        "issue_on_seal": YES_NO,
        "criterion": TEXT,
        "source": TEXT,
    },
    "facets": {
        "mode": ref("mode", required=True),
        "filed_at": one_of("town", "district", "bureau", required=True),
        "cross_town": one_of("any", "yes", "no", required=True),
        "facet": one_of(*FACETS, required=True),
        "holder": one_of(*HOLDERS, required=True),
        "capacity": TEXT,
        "basis": one_of(*BASES, required=True),
    },
    "clauses": {
        "agreement_kind": one_of(*AGREEMENTS, required=True),
        "seq": COUNT,
        "clause": KEY,
        "source": TEXT,
    },
    "handover": {
        "seq": COUNT,
        "kind": KEY,
        "item": KEY,
        "giver": KEY,
        "taker": KEY,
        "mode": ref("mode"),
        "separated_only": YES_NO,
        "continues": YES_NO,
        "source": TEXT,
    },
    "steps": {
        "step_no": KEY,
        "parent_step": ref("step"),
        "action": KEY,
        "responsible": KEY,
        "submit_to": TEXT,
        "output": TEXT,
        "starts_on": DAY,
        "due_on": DAY,
        "deadline_text": TEXT,
        "deadline_basis": one_of(
            "explicit",
            "explicit_year_inferred",
            "inherited",
            "derived",
            "none",
            required=True,
        ),
        "source": TEXT,
    },
    "obligations": {
        "task_no": KEY,
        "task": KEY,
        "kind": one_of("task", "report", "filing", required=True),
        "responsible": ref("responsible", required=True, many=True),
        "recipients": ref("organ", many=True),
        "due_on": DAY,
        "deadline_text": TEXT,
        "precision": one_of("day", "year", "none", required=True),
        "other_deadlines": Cell("deadlines"),
        "source": TEXT,
    },
    "limits": {
        "item_id": ref("item", required=True),
        "step": one_of(
            "accept", "forward", "approve", "total", "statutory", required=True
        ),
        "value": COUNT,
        "unit": one_of("working_day", "calendar_day", "hour", required=True),
        "source": TEXT,
    },
}

UNIQUE: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("organs", ("org_id",), "duplicate_id"),
    ("aliases", ("alias",), "duplicate_alias"),
    ("towns", ("town_id",), "duplicate_id"),
    ("towns", ("name",), "duplicate_alias"),
    ("towns", ("centre_id",), "duplicate_id"),
    ("towns", ("department_id",), "duplicate_id"),
    ("items", ("item_id",), "duplicate_id"),
    ("items", ("seq",), "duplicate_id"),
    ("items", ("code",), "duplicate_code"),
    ("scopes", ("item_id", "seq"), "duplicate_id"),
    ("modes", ("mode",), "duplicate_id"),
    ("modes", ("order_of_preference",), "duplicate_id"),
    ("facets", ("mode", "filed_at", "cross_town", "facet"), "duplicate_id"),
    ("clauses", ("agreement_kind", "seq"), "duplicate_id"),
    ("handover", ("seq",), "duplicate_id"),
    ("steps", ("step_no",), "duplicate_id"),
    ("obligations", ("task_no",), "duplicate_id"),
    ("limits", ("item_id", "step"), "duplicate_id"),
)

SPACES: dict[str, tuple[tuple[str, str], ...]] = {
    "organ": (
        ("organs", "org_id"),
        ("towns", "town_id"),
        ("towns", "centre_id"),
        ("towns", "department_id"),
    ),
    "mode": (("modes", "mode"),),
    "item": (("items", "item_id"),),
    "step": (("steps", "step_no"),),
}
SPACES["responsible"] = SPACES["organ"]
EACH_UNIT = "each_unit"

# The tables that are registered with the settings. One name is taken twice: the setting
# ``obligations.unit_ids`` gives way, it has become the ``units`` of each obligation.
SETTLED = ("clauses", "handover", "steps", "obligations", "limits")
