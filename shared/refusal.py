"""A refusal: the law's answer to a command, not an error."""

from collections.abc import Mapping
from typing import Any


class Refused(Exception):
    """A command was understood and may not be done.

    Args:
        code: stable, ``<service>.<reason>``, e.g. ``cases.outside-scope``.
        facts: what the refusal rests on; keys are stable, values are JSON.
        zh: one sentence in Chinese for the person who asked.
        of_record: whether the refusal itself is recorded as an event (the rules name which).
    """

    def __init__(
        self, code: str, facts: Mapping[str, Any] | None = None, zh: str = "",
        of_record: bool = False,  # noqa: FBT001, FBT002 - RPC makes it anew from its args
    ) -> None:
        super().__init__(code, dict(facts or {}), zh, of_record)
        self.code = code
        self.facts = dict(facts or {})
        self.zh = zh or code
        self.of_record = of_record

    def __str__(self) -> str:
        return f"{self.code}: {self.zh}"
