"""A refusal: the law's answer to a command, not an error."""

from collections.abc import Mapping
from typing import Any

# Refusals that pass by themselves: no answer yet, so whoever asked asks again.
PASSING = frozenset({"log.contended", "log.not-yet"})


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

    @property
    def passing(self) -> bool:
        """Whether it is no answer yet, so that the same command may be done a moment later."""
        return self.code in PASSING


class Refusals:
    """What was refused among many steps, ``with refusals:`` around each: no step stops the rest.

    The last one counts; but one that passes by itself counts before every answer, or the step that
    it was told to would never be tried again.
    """

    def __init__(self) -> None:
        self._counts: Refused | None = None

    def __enter__(self) -> None: ...

    def __exit__(self, _: object, raised: object, __: object) -> bool:
        if not isinstance(raised, Refused):
            return False
        if self._counts is None or not self._counts.passing:
            self._counts = raised
        return True

    def tell(self) -> None:
        """Raise the one that counts, if any, when all steps have been tried."""
        if self._counts is not None:
            raise self._counts

    def tell_passing(self) -> None:
        """The same where an answer is as good as done."""
        if self._counts is not None and self._counts.passing:
            raise self._counts
