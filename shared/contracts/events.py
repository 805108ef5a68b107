"""The register of published events: one marshmallow schema per event and version, kept for ever."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, TypeVar

from marshmallow import EXCLUDE, RAISE, Schema, ValidationError

SERVICES = ("catalog", "delegation", "cases", "supervision")


class EventSchema(Schema):
    """The ``data`` of one event. Strict where it is appended, tolerant where it is read."""

    contract_name: str
    contract_version: int
    refusal: bool

    def get_attribute(self, obj: Any, attr: str, default: Any) -> Any:
        """The value told for a field; a dict's methods are none (some events have ``items``)."""
        return obj.get(attr, default)


class UnknownEvent(ValueError):
    """No contract has this name."""


S = TypeVar("S", bound=type[EventSchema])
_current: dict[str, type[EventSchema]] = {}
_strict: dict[str, Schema] = {}
_tolerant: dict[str, Schema] = {}


def contract(name: str, version: int = 1, *, refusal: bool = False) -> Callable[[S], S]:
    """Register a schema as the contract of event *name* (``delegation.ItemDelegated``).

    Args:
        name: ``<service>.<EventName>``.
        version: raised when a field is removed, retyped or newly required; the schema then
            has ``from_v<N>`` for each older version.
        refusal: the event records a refusal; its ``reason_code`` and ``facts`` answer a retry.
    """

    def register(schema: S) -> S:
        schema.contract_name, schema.contract_version, schema.refusal = name, version, refusal
        _current[name] = schema
        for used in (_strict, _tolerant):  # of the version that it takes the place of
            used.pop(name, None)
        return schema

    return register


def all_contracts() -> Mapping[str, type[EventSchema]]:
    """Every contract by name, in its current version."""
    for module in (*SERVICES, "operations"):
        import_module(f"shared.contracts.{module}")
    return _current


def contract_of(name: str) -> type[EventSchema]:
    """The current contract of event *name*.

    Raises:
        UnknownEvent: nothing is registered under that name.
    """
    service = name.partition(".")[0]
    if name not in _current and service in SERVICES:
        import_module(f"shared.contracts.{service}")
        import_module("shared.contracts.operations")
    try:
        return _current[name]
    except KeyError:
        raise UnknownEvent(name) from None


def dump(name: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """*data* of a new event as JSON values, checked against its contract.

    Raises:
        UnknownEvent: no such contract.
        marshmallow.ValidationError: a field is missing, unknown or wrong; by field.
    """
    schema = _strict.get(name)
    if schema is None:
        schema = _strict[name] = contract_of(name)(unknown=RAISE)
    if unknown := set(data) - set(schema.fields):
        raise ValidationError({field: ["Unknown field."] for field in sorted(unknown)})
    dumped = schema.dump(data)
    if errors := schema.validate(dumped):
        raise ValidationError(errors)
    return dict(dumped)


def load(name: str, data: Mapping[str, Any], version: int = 1) -> dict[str, Any]:
    """*data* of a recorded event as Python values, lifted to the current version.

    Raises:
        UnknownEvent: no such contract, or a version newer than this one knows.
        marshmallow.ValidationError: the data do not fit the contract.
    """
    schema = _tolerant.get(name)
    if schema is None:
        schema = _tolerant[name] = contract_of(name)(unknown=EXCLUDE)
    return dict(schema.load(lift(name, data, version)))


def lift(name: str, data: Mapping[str, Any], version: int) -> dict[str, Any]:
    """*data* of a recorded event as the current version of its contract has them, as JSON values.

    Raises:
        UnknownEvent: no such contract, or a version newer than this one knows.
    """
    kind = contract_of(name)
    if version > kind.contract_version:
        raise UnknownEvent(f"{name} v{version}: known up to v{kind.contract_version}")
    lifted = dict(data)
    for step in range(version, kind.contract_version):
        lifted = getattr(kind, f"from_v{step}")(lifted)
    return lifted
