"""What may be asked about applicants: to hold, show, correct and erase their details.

The details come and go here and nowhere else: no fact, no read model and no log has them (R223).
"""

from collections.abc import Mapping
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, pre_load
from marshmallow.validate import Length, OneOf, Regexp

from shared.contracts.cases_applicants import FIELDS, GROUNDS, PURPOSES
from shared.contracts.requests import Code, Question, Request, command, question

ID_KINDS = (
    "resident_identity_card", "household_register", "passport", "hk_macao_permit", "taiwan_permit",
    "foreigner_residence_permit", "unified_social_credit_code", "other",
)


def _no_nul(text: str) -> None:
    if "\x00" in text:
        raise ValidationError("No NUL character.")


def _text(description: str, most: int, *, required: bool = False) -> fields.String:
    return fields.String(
        required=required, validate=[Length(min=1, max=most), _no_nul],
        metadata={"description": description},
    )


def _number(description: str, *, required: bool = False) -> fields.String:
    return fields.String(
        required=required, validate=Regexp(r"[^\s\x00]{1,100}\Z"),
        metadata={"description": description},
    )


def _id_kind(description: str, *, required: bool = False) -> fields.String:
    return fields.String(
        required=required, validate=OneOf(ID_KINDS), metadata={"description": description}
    )


class Details(Schema):
    """An applicant's details, one JSON document (申请人信息); what is not needed is left out."""

    class Meta:
        unknown = RAISE

    kind = fields.String(
        required=True, validate=OneOf(("person", "organisation")),
        metadata={"description": "a person or an organisation (自然人、组织)"},
    )
    name = _text("name (姓名、名称)", 500, required=True)
    id_kind = _id_kind("kind of identity document (证件类型)", required=True)
    id_number = _number("its number (证件号码)", required=True)
    representative = _text("legal representative of an organisation (法定代表人)", 500)
    phone = _text("telephone (联系电话)", 100)
    address = _text("address (住址、住所)", 2000)
    email = _text("e-mail (电子邮箱)", 320)
    agent_name = _text("name of the agent (代理人)", 500)
    agent_id_kind = _id_kind("kind of the agent's identity document")
    agent_id_number = _number("its number")
    agent_phone = _text("telephone of the agent", 100)

    @pre_load
    def _without_none(self, data: Any, **_: Any) -> Any:
        """What is null is not held."""
        if not isinstance(data, Mapping):
            return data
        return {name: value for name, value in data.items() if value is not None}


def _details() -> fields.Nested:
    return fields.Nested(
        Details, required=True, metadata={"description": "the details, whole (申请人信息)"}
    )


class OfApplicants(Request):
    """Every command names its programme: a person is registered once in each."""

    programme = Code(
        required=True, metadata={"description": "the programme, e.g. MD2023"}
    )


class OnApplicant(OfApplicants):
    """A command on one registered applicant."""

    applicant = fields.UUID(
        required=True, metadata={"description": "the applicant's key, as registering answered it"}
    )
    case = fields.UUID(
        load_default=None, allow_none=True,
        metadata={
            "description": "the applicant's case that the asking organ has; needed unless the"
            " caller is the officer for the protection of personal data"
        },
    )


@command("cases", "register_applicant")
class RegisterApplicant(OfApplicants):
    """Hold an applicant's details; the answer's stream is the applicant's key (登记申请人)."""

    details = _details()


@command("cases", "read_applicant")
class ReadApplicant(OnApplicant):
    """Show an applicant's details; that they are shown is recorded first (查阅申请人信息)."""

    purpose = fields.String(
        required=True, validate=OneOf(PURPOSES), metadata={"description": "what for"}
    )
    wanted = fields.List(
        fields.String(validate=OneOf(FIELDS)), load_default=list, validate=Length(max=len(FIELDS)),
        metadata={"description": "these fields alone; none: all that is held, with their salt"},
    )


@command("cases", "correct_applicant")
class CorrectApplicant(OnApplicant):
    """Put other details in the place of those held, which are not kept (更正申请人信息)."""

    details = _details()


@command("cases", "erase_applicant")
class EraseApplicant(OnApplicant):
    """Erase an applicant's details; never while a case is open (删除申请人信息)."""

    ground = fields.String(
        required=True, validate=OneOf(GROUNDS),
        metadata={"description": "the ground (个人信息保护法第四十七条)"},
    )


@question("cases", "applicant")
class Applicant(Question):
    """What is held of an applicant, by name of field, each fact, and what was erased (申请人)."""

    applicant = fields.UUID(required=True, metadata={"description": "the applicant's key"})
