"""Reading what another platform sent: who asks which command, or why nothing can be asked."""

from collections.abc import Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import Any
from zlib import crc32

from marshmallow import ValidationError

from services.gateway.platforms import Platform, Platforms
from services.gateway.problems import Problem
from services.gateway.requests import (
    MAX_BODY,
    InstrumentJson,
    PositionsJson,
    command_id,
    plain_json,
)
from shared.bus.cloudevents import NotCloudEvent, read
from shared.contracts.checking import flat
from shared.contracts.inbound import COMMANDS, Attributes, contract_of
from shared.refusal import Refused

REPEATS = "replay"  # the lane of those that ask for facts again
LANES = 8  # of each service
ERRORS = 50  # told of one message; a thousand more would help nobody and break a frame
LONGEST = 255  # characters of an id, and of what is told of one error


@dataclass(frozen=True)
class Letter:
    """A message as it came.

    Args:
        user: of the broker, vouched for by it (``user_id``); None where the sender left it out.
        reply_to: queue for the answer, or None.
    """

    body: bytes
    headers: Mapping[str, Any]
    content_type: str | None
    content_encoding: str | None
    user: str | None
    reply_to: str | None
    correlation: str | None


@dataclass(frozen=True)
class Asked:
    """What a message asks, checked.

    Args:
        lane: messages of one lane are carried out one after the other; what acts on one thing
            goes into one lane.
        door: the command; None: facts are to be sent again.
    """

    id: str
    type: str
    platform: Platform
    service: str
    lane: str
    door: str | None
    request: Mapping[str, Any]
    given: Mapping[str, Any]


Answer = dict[str, Any]


def opened(letter: Letter, platforms: Platforms) -> Asked | Answer:
    """What *letter* asks, or the answer to one that asks nothing it may."""
    told: Mapping[str, Any] = {}
    try:
        if len(letter.body) > MAX_BODY:
            return invalid(told, {"body": [f"longer than {MAX_BODY} bytes"]}, "request.too-large")
        event = read(letter.body, letter.headers, letter.content_type)
        told = event.attributes
        given = _attributes(event.attributes)
        platform = _sender(letter.user, platforms, given["type"])
        return _asked(event.data, given, platform)
    except NotCloudEvent as wrong:
        return invalid(told, {wrong.field: [wrong.reason]})
    except ValidationError as wrong:
        return invalid(told, wrong.messages)
    except Refused as refused:
        return rejected(told, refused)


def _attributes(told: Mapping[str, Any]) -> dict[str, Any]:
    """What accompanies the data, checked as the data are; what is not ours passes unread."""
    schema, wrong = Attributes(), {}
    for name in schema.fields:
        try:
            _plain(name, told.get(name))
        except ValidationError as found:
            wrong |= found.messages_dict
    if wrong:
        raise ValidationError(wrong)
    given: dict[str, Any] = schema.load(told)
    return given


def _sender(user: str | None, platforms: Platforms, type_: str) -> Platform:
    platform = platforms.get(user)
    if platform is None:
        raise Refused(
            "inbound.sender-unknown", {"user": user},
            "发送方未登记，或消息未带 user_id，请联系赋权系统管理员登记",
        )
    if type_ not in platform.types:
        raise Refused(
            "inbound.type-not-yours", {"user": user, "type": type_},
            "该平台未获准发送此类消息，请联系赋权系统管理员",
        )
    return platform


def _asked(data: Any, given: Mapping[str, Any], platform: Platform) -> Asked:
    type_ = given["type"]
    found = COMMANDS.get(type_)
    service = found.service if found else REPEATS
    if not isinstance(data, dict):
        raise ValidationError({"data": ["is not a JSON object"]})
    request: Mapping[str, Any] = _plain("data", data)
    try:
        contract_of(type_)().load(request)
    except ValidationError as wrong:
        raise ValidationError({"data": wrong.messages}) from wrong
    actor = {
        "org": _organ(given["org"], platform), "role": platform.role,
        "operator": given["operator"] or platform.user,
    }
    at, correlation = given["time"], given["correlation"]
    return Asked(
        id=given["id"], type=type_, platform=platform, service=service,
        door=found.door if found else None, request=request,
        lane=f"{service}-{crc32(str(request[found.about]).encode()) % LANES}" if found else service,
        given={
            "command": str(command_id(given["id"], actor, service)), "actor": actor,
            "at": at and at.isoformat(), "expected": given["expected"],
            "instrument": _json("instrument", InstrumentJson(), given["instrument"]),
            "after": _json("after", PositionsJson(), given["after"]),
            "correlation": correlation and str(correlation), "wait": True,
        },
    )


def _organ(named: str | None, platform: Platform) -> str:
    """The organ acted for; who speaks for one alone need not name it."""
    if named is None and len(platform.orgs) > 1:
        raise ValidationError({"org": ["Missing: this user speaks for several organs."]})
    org = named or platform.orgs[0]
    if org not in platform.orgs:
        raise Refused(
            "inbound.not-your-organ", {"user": platform.user, "org": org},
            "该平台无权代表此单位，请核对 org，或联系赋权系统管理员登记",
        )
    return org


def _json(name: str, field: InstrumentJson | PositionsJson, value: str | None) -> Any:
    try:
        return None if value is None else field.deserialize(value)
    except ValidationError as wrong:
        raise ValidationError({name: wrong.messages}) from wrong
    except Problem as wrong:
        raise ValidationError({name: [wrong.detail]}) from wrong


def _plain(name: str, value: Any) -> Any:
    try:
        return plain_json(value)
    except Problem as wrong:
        raise ValidationError({name: [wrong.detail or wrong.code]}) from wrong


def accepted(asked: Asked, done: Mapping[str, Any], positions: Mapping[str, int]) -> Answer:
    """The command is done; *done* is the service's own answer."""
    return _of({"id": asked.id, "type": asked.type}) | {
        "outcome": "accepted", "stream": done["stream"], "version": done["version"],
        "events": done["events"], "positions": dict(positions),
    }


def rejected(told: Mapping[str, Any], refused: Refused) -> Answer:
    """A rule says no."""
    return _of(told) | {
        "outcome": "refused", "code": refused.code, "facts": dict(refused.facts), "zh": refused.zh,
    }


def invalid(told: Mapping[str, Any], messages: Any, code: str = "request.invalid") -> Answer:
    """The message is not what its contract says; *messages* by field, as marshmallow has them."""
    return _of(told) | {
        "outcome": "invalid", "code": code, "zh": "请按 errors 中的说明逐项更正",
        "errors": _errors(messages),
    }


def _errors(messages: Any) -> list[dict[str, str]]:
    """The first of them, none longer than a sentence, and how many more there are."""
    found = sorted(flat("", messages), key=itemgetter("field"))  # the same for a repetition
    told = [{name: text[:LONGEST] for name, text in one.items()} for one in found[:ERRORS]]
    more = len(found) - len(told)
    return [*told, {"field": "", "reason": f"and {more} more"}] if more else told


def failed(told: Mapping[str, Any], code: str) -> Answer:
    """No answer could be had."""
    zh = "请稍后以同一 id 重发；若仍如此，请联系赋权系统管理员"
    return _of(told) | {"outcome": "failed", "code": code, "zh": zh}


def _of(told: Mapping[str, Any]) -> Answer:
    return {name: _readable(told.get(name)) for name in ("id", "type")}


def _readable(value: Any) -> str | None:
    """*value* where it can be an id or a type; one that cannot is not told back."""
    if not isinstance(value, str) or len(value) > LONGEST:
        return None
    try:
        value.encode()
    except UnicodeEncodeError:
        return None
    return value
