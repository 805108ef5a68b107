"""What requests at catalog's doors have in common."""

from collections.abc import Sequence
from typing import Any

from marshmallow import Schema, fields
from marshmallow.validate import Length, OneOf, Range

from shared.contracts.requests import Code, Question, Request


def about(description: str, *, required: bool = True) -> dict[str, Any]:
    """Where the notice is silent, the value is null."""
    given = {"metadata": {"description": description}}
    return given | ({"required": True} if required else {"load_default": None, "allow_none": True})


def key(description: str, *, required: bool = True) -> Code:
    return Code(**about(description, required=required))


def text(description: str, *, required: bool = True, longest: int = 500) -> fields.String:
    told = about(description, required=required)
    return fields.String(validate=Length(min=1, max=longest), **told)


def one_of(choices: Sequence[str], description: str, *, required: bool = True) -> fields.String:
    return fields.String(validate=OneOf(choices), **about(description, required=required))


def number(description: str) -> fields.Integer:
    return fields.Integer(strict=True, validate=Range(min=1, max=2**31 - 1), **about(description))


def day(description: str, *, required: bool = True, name: str | None = None) -> fields.Date:
    return fields.Date(data_key=name, **about(description, required=required))


def instant(description: str) -> fields.AwareDateTime:
    return fields.AwareDateTime(format="iso", **about(description))


def texts(description: str) -> fields.List[Any]:
    return fields.List(
        fields.String(validate=Length(min=1, max=500)), load_default=list,
        metadata={"description": description},
    )


def keys(description: str) -> fields.List[Any]:
    return fields.List(Code(), validate=Length(min=1), **about(description))


def rows(of: type[Schema], description: str) -> fields.List[Any]:
    return fields.List(
        fields.Nested(of), load_default=list, metadata={"description": description}
    )


class OfProgramme(Request):
    """A command under a programme."""

    programme = key("Programme code, e.g. MD2023 (实施方案)")


class AboutProgramme(Question):
    """A question within a programme."""

    programme = key("Programme code")


class AboutTown(AboutProgramme):
    """A question about a town of a programme."""

    town = key("Town")
