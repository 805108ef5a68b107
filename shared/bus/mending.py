"""What operators do with parked facts: try a stream again from its first, or give one up."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import structlog

from shared.bus.reaction import ENVIRONMENT, Policy, reacted
from shared.contracts.envelope import Fact, open_fact
from shared.database import Database
from shared.log.store import Log
from shared.projection import Projection

BEHIND = "behind a parked fact of its stream"
TO_COME = "its reactions are still to come"
FIRST = (
    "SELECT id, position, stage FROM bus.parked WHERE source = %s AND stream = %s"
    " ORDER BY position, stage DESC LIMIT 1"
)

log = structlog.get_logger()


class Mending:
    """Carries out operators' interventions in one service, as its consumer hears of them.

    Each may run again after a crash: a fact goes from ``project`` to ``react`` in the transaction
    of its effects, and is no longer parked only when its policies have run. What was done before
    the crash is parked no more; so the streams to go on with are told by the log.

    Args:
        name: of the service.
        database: its own.
        logs: of the sources; the facts are read from there, not from what was parked.
        projection: what facts do to the read model.
        policies: reactions by event name.
    """

    def __init__(
        self, name: str, database: Database, logs: Mapping[str, Log], projection: Projection,
        policies: Mapping[str, Sequence[Policy]],
    ) -> None:
        self.name = name
        self.database = database
        self.logs = logs
        self.projection = projection
        self.policies = policies

    def retry(self, intervention: Fact) -> None:
        """Let the streams of the named facts go on, each until one of its facts fails again."""
        for one in intervention.data["parked"]:
            self._resume(one)

    def discard(self, intervention: Fact) -> None:
        """Give the named facts up; what only waited behind them goes on."""
        for one in intervention.data["parked"]:
            if self._remove(one):
                log.warning("fact.discarded", consumer=self.name, **one)
            self._resume(one)

    def _remove(self, one: Mapping[str, Any]) -> bool:
        with self.database.transaction() as at:
            at.execute(
                "DELETE FROM bus.parked WHERE id = %(id)s"
                " AND source IS NOT DISTINCT FROM %(source)s"
                " AND position IS NOT DISTINCT FROM %(position)s", one,
            )
            return at.rowcount > 0

    def _resume(self, one: Mapping[str, Any]) -> None:
        """Let the stream of a fact go on, also where the fact itself is parked no more.

        A crash may have come after its own mending and before that of those behind it.
        """
        source, position = one["source"], one["position"]
        if source is None:  # a message that is no fact
            return
        for entry in self.logs[source].entries(position, 1, position):
            self._go_on(source, entry.stream)

    def _go_on(self, source: str, stream: UUID) -> None:
        while rows := self.database.rows(FIRST, (source, stream)):
            ((id_, position, stage),) = rows
            if error := self._redo(id_, source, position, stage):
                with self.database.transaction() as at:
                    at.execute("UPDATE bus.parked SET error = %s WHERE id = %s", (error, id_))
                log.error("fact.parked-again", consumer=self.name, source=source,
                          position=position, stage=stage, error=error)
                return

    def _redo(self, id_: int, source: str, position: int, stage: str) -> str:
        """Take one step with a parked fact; "" if it could be taken."""
        (entry,) = self.logs[source].entries(position, 1)
        try:
            fact = open_fact(entry.envelope, entry.position, entry.previous)
        except ValueError as wrong:
            return str(wrong)
        if stage == "react":
            for policy in self.policies.get(fact.type, ()):
                if error := reacted(self.name, fact, policy):
                    return error
            with self.database.transaction() as at:
                at.execute("DELETE FROM bus.parked WHERE id = %s", (id_,))
            return ""
        return self._project(id_, fact)

    def _project(self, id_: int, fact: Fact) -> str:
        try:
            with self.database.transaction() as at:
                at.execute(
                    "SELECT 1 FROM bus.parked WHERE id = %s AND stage <> 'react' FOR UPDATE", (id_,)
                )
                if at.fetchone() is None:  # another process of this service was faster
                    return ""
                self.projection.apply(at, fact)
                at.execute(
                    "UPDATE bus.parked SET stage = 'react', error = %s WHERE id = %s",
                    (TO_COME, id_),
                )
        except ENVIRONMENT:
            raise
        except Exception as poison:  # noqa: BLE001 - it stays parked, with its new error
            return repr(poison)
        return ""
