"""What requests to the delegation service have in common."""

from collections.abc import Sequence
from typing import Any

from marshmallow import fields, validate

from shared.contracts.requests import Code, Request


def code(description: str) -> Code:
    return Code(required=True, metadata={"description": description})


def code_or_none(description: str) -> Code:
    return Code(load_default=None, allow_none=True, metadata={"description": description})


def one_of(words: Sequence[str], description: str) -> fields.String:
    return fields.String(
        required=True, validate=validate.OneOf(words), metadata={"description": description}
    )


def one_of_or_none(words: Sequence[str], description: str) -> fields.String:
    return fields.String(
        load_default=None, allow_none=True, validate=validate.OneOf(words),
        metadata={"description": description},
    )


def codes(description: str, *, required: bool = True) -> fields.List[Any]:
    if required:
        return fields.List(Code(), required=True, metadata={"description": description})
    return fields.List(Code(), load_default=list, metadata={"description": description})


def text(description: str) -> fields.String:
    """May be empty or missing: the refusal is the law's answer, not a malformed request."""
    return fields.String(
        load_default="", validate=validate.Length(max=4000), metadata={"description": description}
    )


def a_day(description: str) -> fields.Date:
    return fields.Date(required=True, metadata={"description": description})


def day_or_none(description: str) -> fields.Date:
    return fields.Date(load_default=None, allow_none=True, metadata={"description": description})


def an_instant(description: str) -> fields.AwareDateTime:
    return fields.AwareDateTime(required=True, metadata={"description": description})


PROGRAMME = "programme, e.g. MD2023"
TOWN = "town, e.g. MD2023-TOWN-08"
ITEM = "item of the catalogue, e.g. MD23-04"
GRANT = "grant id"
AGREEMENT = "agreement id"
SEAL = "seal, e.g. SEAL2:MD2023-ORG-19:MD2023-TOWN-08:1"


class OfProgramme(Request):
    """Every command names its programme."""

    programme = code(PROGRAMME)


class OfTown(OfProgramme):
    """A command about one town."""

    town = code(TOWN)


class OfTownAndItem(OfTown):
    """A command about one item in one town."""

    item = code(ITEM)


class OfGrant(OfProgramme):
    """A command about one grant."""

    grant = fields.UUID(required=True, metadata={"description": GRANT})


class OfAgreement(OfProgramme):
    """A command about one agreement."""

    agreement = fields.UUID(required=True, metadata={"description": AGREEMENT})


class OfSeal(OfProgramme):
    """A command about one seal."""

    seal = code(SEAL)
