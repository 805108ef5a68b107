"""What may be asked of a service: one strict marshmallow schema per command and per question.

A service serves the door of the same name; the gateway makes one HTTP operation of each.
"""

from collections.abc import Callable, Mapping
from datetime import date
from importlib import import_module
from typing import Any, TypeVar

from marshmallow import RAISE, Schema, ValidationError, fields, validate, validates_schema

from shared.log.canonical import MAX_INTEGER

SERVICES = ("catalog", "delegation", "cases", "supervision", "ledger")
YEARS = range(1949, 9999)  # every day of them has a next one, and a time in every zone


def reckonable(value: object) -> None:
    """Let pass what can be reckoned with and recorded; anything but a time or number passes.

    Raises:
        marshmallow.ValidationError: a day or instant outside `YEARS`, or an inexact integer.
    """
    if isinstance(value, date) and value.year not in YEARS:
        raise ValidationError(f"Not within the years {YEARS[0]} to {YEARS[-1]}.")
    if isinstance(value, int) and abs(value) > MAX_INTEGER:
        raise ValidationError("Not exact as a JSON number.")


class Request(Schema):
    """The body of a command or a question; an unknown field is an error."""

    service: str
    door: str
    is_command: bool
    roles: frozenset[str] = frozenset()  # who alone may ask or command; empty: whoever else may
    in_body: bool  # so that it is posted; a short question stands in the address

    class Meta:
        unknown = RAISE

    @validates_schema
    def _reckonable(self, data: Mapping[str, Any], **_: Any) -> None:
        wrong: dict[str, list[Any] | dict[Any, Any]] = {}
        for name, value in data.items():
            try:
                reckonable(value)
            except ValidationError as why:
                wrong[self.fields[name].data_key or name] = why.messages
        if wrong:
            raise ValidationError(wrong)


class Question(Request):
    """A question may name positions that the answer must have seen: ``{"delegation": 41}``."""

    after = fields.Dict(keys=fields.String(), values=fields.Integer(), load_default=None)


class Code(fields.String):
    """A short identifier of a programme, item, town, organ, seal or the like."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(validate=validate.Length(min=1, max=200), **kwargs)


R = TypeVar("R", bound=type[Request])
_commands: dict[tuple[str, str], type[Request]] = {}
_questions: dict[tuple[str, str], type[Request]] = {}


def command(service: str, door: str) -> Callable[[R], R]:
    """Register a schema as the request of command *door* of *service*."""
    return _registrar(_commands, service, door, is_command=True, in_body=True)


def question(service: str, door: str, *, in_body: bool = False) -> Callable[[R], R]:
    """Register a schema as the request of question *door* of *service*.

    Args:
        in_body: it is too long for an address.
    """
    return _registrar(_questions, service, door, is_command=False, in_body=in_body)


def _registrar(
    into: dict[tuple[str, str], type[Request]], service: str, door: str, *, is_command: bool,
    in_body: bool,
) -> Callable[[R], R]:
    def register(schema: R) -> R:
        schema.service, schema.door = service, door
        schema.is_command, schema.in_body = is_command, in_body
        into[service, door] = schema
        return schema

    return register


def all_requests() -> Mapping[tuple[str, str], type[Request]]:
    """Every command and question, by (service, door)."""
    for module in (*SERVICES, "operations"):
        import_module(f"shared.contracts.asked_{module}")
    return {**_commands, **_questions}


_schemas: dict[tuple[str, str], Request] = {}


def load_request(
    service: str, door: str, body: Mapping[str, Any], *, is_command: bool
) -> dict[str, Any]:
    """The body of a request as Python values.

    Args:
        is_command: whether a command is given or a question asked; a door is one of the two.

    Raises:
        marshmallow.ValidationError: no such door, or a field is missing, unknown or wrong.
    """
    schema = _schemas.get((service, door))
    if schema is None:
        import_module(f"shared.contracts.asked_{service}")
        import_module("shared.contracts.asked_operations")
        kind = _commands.get((service, door)) or _questions.get((service, door))
        if kind is None:
            raise ValidationError({"door": [f"{service} has no door named {door}."]})
        schema = _schemas[service, door] = kind()
    if schema.is_command != is_command:
        what = "command" if schema.is_command else "question"
        raise ValidationError({"door": [f"{door} is a {what} of {service}."]})
    return dict(schema.load(dict(body)))
