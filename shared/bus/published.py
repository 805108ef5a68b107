"""The folder `docs/contracts`: schemas, the AsyncAPI document, and a message of every event."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from shared.bus.asyncapi import document
from shared.bus.golden import messages
from shared.contracts.compatible import breaches
from shared.contracts.schemas import all_schemas


def files() -> dict[str, str]:
    """The text of every file by its path in the folder."""
    schemas = {f"schemas/{path}": _json(schema) for path, schema in all_schemas().items()}
    lines = "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in messages())
    return {**schemas, "asyncapi.json": _json(document()), "cloudevents.ndjson": lines}


def broken(folder: Path) -> Iterator[str]:
    """What today's contracts break of those in *folder*, ``<file>: <field>: <what>``.

    A schema that is gone breaks everybody; that of an event's older version stays in the folder
    and is left alone, for no contract makes it any more.
    """
    now = all_schemas()
    for path in sorted((folder / "schemas").rglob("*.json")):
        name = path.relative_to(folder / "schemas").as_posix()
        if name in now:
            read = not name.startswith(("inbound/", "attributes"))
            yield from (
                f"{name}: {what}" for what in breaches(_load(path), now[name], read=read)
            )
        elif not _succeeded(name, now):
            yield f"{name}: removed"


def _succeeded(name: str, now: Mapping[str, Any]) -> bool:
    """Whether a later version of the same event is made today."""
    event, _, old = name.removesuffix(".json").rpartition(".v")
    if not name.startswith("events/") or not old.isdecimal():
        return False
    versions = [
        int(one.removesuffix(".json").rpartition(".v")[2])
        for one in now if one.startswith(f"{event}.v")
    ]
    return max(versions, default=0) > int(old)


def _load(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"
