"""Facts about applicants' details: that they are held, read, corrected, erased; never the details.

Details live in a mutable table (R223). A fact holds an opaque key, names of fields, and a salted
commitment, from which nobody finds the details, and against which whoever has them can check them.
"""

from typing import Any

from marshmallow import fields
from marshmallow.validate import OneOf, Regexp

from shared.contracts.events import EventSchema, contract

# What can be held; the names stand in facts, the values never do.
FIELDS = (
    "kind", "name", "id_kind", "id_number", "representative", "phone", "address", "email",
    "agent_name", "agent_id_kind", "agent_id_number", "agent_phone",
)
# 个人信息保护法第六条: a definite purpose. A list, so that no text brings personal data in.
PURPOSES = (
    "handling", "verification", "delivery", "complaint", "subject_access", "supervision",
)
# 个人信息保护法第四十七条 (一) to (五).
GROUNDS = (
    "purpose_achieved", "retention_expired", "consent_withdrawn", "unlawful_processing", "by_law",
)
ACTS = ("register_applicant", "read_applicant", "correct_applicant", "erase_applicant")


def _instant() -> fields.AwareDateTime:
    return fields.AwareDateTime(format="iso", required=True)


def _names() -> fields.List[Any]:
    return fields.List(fields.String(validate=OneOf(FIELDS)), required=True)


def _commitment() -> fields.String:
    """SHA-256 in hex; docs/design/applicants.md says over what."""
    return fields.String(required=True, validate=Regexp(r"[0-9a-f]{64}\Z"))


class ApplicantEvent(EventSchema):
    """What every fact about an applicant carries; ``applicant_key`` is the id of its stream."""

    applicant_key = fields.String(required=True)


@contract("cases.ApplicantRegistered")
class ApplicantRegistered(ApplicantEvent):
    """An applicant's details are held, under a key that tells nothing (R223)."""

    programme_id = fields.String(required=True)
    commitment = _commitment()
    held_fields = _names()
    registered_by_org_id = fields.String(required=True)
    registered_at = _instant()


@contract("cases.ApplicantDetailsRead")
class ApplicantDetailsRead(ApplicantEvent):
    """An organ was shown details, these fields, for this purpose; told before they are shown."""

    purpose = fields.String(required=True, validate=OneOf(PURPOSES))
    case_id = fields.String(required=True, allow_none=True)
    read_fields = _names()
    commitment = _commitment()
    read_by_org_id = fields.String(required=True)
    read_at = _instant()


@contract("cases.ApplicantDetailsCorrected")
class ApplicantDetailsCorrected(ApplicantEvent):
    """Other details took the place of those held, which are not kept (个人信息保护法第四十六条)."""

    commitment = _commitment()
    held_fields = _names()
    changed_fields = _names()
    corrected_by_org_id = fields.String(required=True)
    corrected_at = _instant()


@contract("cases.ApplicantErased")
class ApplicantErased(ApplicantEvent):
    """The details are no more; what was recorded before stays and verifies (R223)."""

    erased_fields = _names()
    ground = fields.String(required=True, validate=OneOf(GROUNDS))
    instrument_ref = fields.String(required=True, allow_none=True)
    erased_by_org_id = fields.String(required=True)
    erased_at = _instant()


@contract("cases.ApplicantAccessRefused", refusal=True)
class ApplicantAccessRefused(ApplicantEvent):
    """Somebody was refused access to an applicant's details."""

    act = fields.String(required=True, validate=OneOf(ACTS))
    purpose = fields.String(required=True, allow_none=True, validate=OneOf(PURPOSES))
    case_id = fields.String(required=True, allow_none=True)
    org_id = fields.String(required=True)
    reason_code = fields.String(required=True)
    reason_zh = fields.String(required=True)
    facts = fields.Dict(required=True)
    at = _instant()
