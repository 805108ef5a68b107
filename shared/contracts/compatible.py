"""Whether a changed contract still serves whoever relies on the published one."""

from collections.abc import Iterator, Mapping
from typing import Any

LIMITS = ("minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems", "pattern")


def breaches(
    published: Mapping[str, Any], now: Mapping[str, Any], *, read: bool = True
) -> list[str]:
    """What would break readers or senders, one sentence per field; empty where nothing does.

    An added optional field, a further word of an enumeration and other descriptions pass.

    Args:
        published: JSON Schema as it was given out.
        now: JSON Schema that the contract gives today.
        read: others read it, so that a field they count on must go on being there; else they
            send it, and a field less to send harms nobody.
    """
    return list(_object("", published, now, read=read))


def _object(
    at: str, published: Mapping[str, Any], now: Mapping[str, Any], *, read: bool
) -> Iterator[str]:
    before, after = published.get("properties", {}), now.get("properties", {})
    for name, schema in before.items():
        if name not in after:
            yield f"{at}{name}: removed"
        else:
            yield from _value(f"{at}{name}", schema, after[name], read=read)
    required, needed = set(published.get("required", ())), set(now.get("required", ()))
    yield from (f"{at}{name}: newly required" for name in sorted(needed - required))
    if read:
        gone = sorted((required - needed) & set(after))
        yield from (f"{at}{name}: no longer always there" for name in gone)


def _value(
    at: str, published: Mapping[str, Any], now: Mapping[str, Any], *, read: bool
) -> Iterator[str]:
    for what in ("type", "format"):
        if _kinds(published.get(what)) != _kinds(now.get(what)):
            yield f"{at}: retyped, {published.get(what)} became {now.get(what)}"
    if words := _fewer(published.get("enum"), now.get("enum")):
        yield f"{at}: no longer admits {', '.join(words)}"
    for limit in LIMITS:
        if limit in now and published.get(limit) != now[limit]:
            yield f"{at}: {limit} {published.get(limit)} became {now[limit]}"
    yield from _object(f"{at}.", published, now, read=read)
    for inner, mark in (("items", "[]"), ("additionalProperties", "{}")):
        before, after = published.get(inner), now.get(inner)
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            yield from _value(f"{at}{mark}", before, after, read=read)
        elif isinstance(before, Mapping) != isinstance(after, Mapping):
            yield f"{at}{mark}: retyped"


def _kinds(told: Any) -> set[Any]:
    return set(told) if isinstance(told, list) else {told}


def _fewer(published: list[Any] | None, now: list[Any] | None) -> list[str]:
    """The words that an enumeration has lost; one that is new may have lost any."""
    if now is None:
        return []
    if published is None:
        return ["other words than " + ", ".join(map(str, now))]
    return [str(word) for word in published if word not in now]
