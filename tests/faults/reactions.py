"""Reactions: at most once by the fact that caused them, and those that a fact must have."""

from collections.abc import Callable, Collection
from typing import Any, NamedTuple
from uuid import UUID, uuid5

Rows = Callable[..., list[tuple[Any, ...]]]
REACTIONS = """
SELECT told ->> 'causation', told #>> '{actor,operator}', type, stream::text, command_id::text
  FROM log.event CROSS JOIN LATERAL (SELECT convert_from(envelope, 'UTF8')::jsonb) one (told)
 WHERE ord > %s AND ord <= %s AND told #>> '{actor,role}' = 'policy' ORDER BY ord
"""
CAUSES = """
SELECT convert_from(envelope, 'UTF8')::jsonb ->> 'id' FROM log.event
 WHERE ord > %s AND ord <= %s AND type = ANY (%s) ORDER BY ord
"""
REMEMBERED = "SELECT command_id::text FROM log.request WHERE command_id = ANY (%s::uuid[])"
END = "SELECT coalesce(max(ord), 0) FROM log.event"


class Due(NamedTuple):
    """What a service does on every fact of some types, whatever it finds to do then.

    Its commands have many steps, so the log remembers them also where there is nothing to do.
    """

    source: str
    types: tuple[str, ...]
    service: str
    policy: str


DUE = (Due("delegation", (
    "delegation.ItemRecalled", "delegation.LegalityReviewOpened", "delegation.GrantModeChanged",
    "delegation.GrantScopeChanged",
), "cases", "grant-ended"),)


class Reactions:
    """Looks through what the logs have gained since the last look; they have to be at rest.

    A policy does a thing to a stream once for one fact, by a command whose id derives from both;
    where it issues a command for each of many things, their keys are in its name or the things are
    streams of their own. So the same of another command is the same reaction done twice.

    Args:
        rows: of a service's database, for a query and its parameters.
    """

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._read: dict[object, int] = {}
        self._done: dict[tuple[str, ...], str] = {}

    def doubled(self, source: str) -> list[str]:
        """Sentences on the reactions that a log holds twice."""
        wrong = []
        for *key, command in self._rows(source, REACTIONS, self._new(source, source)):
            one = (source, *key)
            if (first := self._done.setdefault(one, command)) != command:
                wrong.append(f"{one} was done by {first}, and again by {command}")
        return wrong

    def lost(self, services: Collection[str]) -> list[str]:
        """Sentences on the reactions that a fact must have and has not, where the service runs."""
        return [
            f"{due.service} has not done {due.policy} on {cause}"
            for due in DUE if due.service in services for cause in self._without(due)
        ]

    def _without(self, due: Due) -> list[str]:
        span = self._new(due, due.source)
        causes = {
            str(uuid5(UUID(cause), due.policy)): cause
            for (cause,) in self._rows(due.source, CAUSES, (*span, list(due.types)))
        }
        done = {one for (one,) in self._rows(due.service, REMEMBERED, (list(causes),))}
        return [cause for command, cause in causes.items() if command not in done]

    def _new(self, reader: object, source: str) -> tuple[int, int]:
        """After which entry, and up to which, the reader has not read the log yet."""
        since = self._read.get(reader, 0)
        ((end,),) = self._rows(source, END)
        self._read[reader] = end
        return since, end
