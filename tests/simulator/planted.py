"""Defects that the simulator must find: real code with one thing done wrong."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import uuid4

from psycopg2.extensions import connection

from shared.bus import consumer as consuming
from shared.bus.consumer import Consumer
from shared.bus.relay import BATCH, Relay
from shared.contracts.envelope import Fact, Given
from tests.simulator.processes import Code


class CursorBesideTheEffects(Consumer):
    """The cursor moves in a transaction of its own, after the effects."""

    def _project_or_park(self, facts: Sequence[Fact]) -> None:
        if any(fact.data.get("poison") or self._is_behind(fact) for fact in facts):
            super()._project_or_park(facts)
            return
        with self.database.transaction() as at:
            for fact in facts:
                self.projection.apply(at, fact)
        with self.database.transaction() as at:
            consuming._claim(at, consuming._spans(facts))  # noqa: SLF001 - the defect is within


class GapNotPulled(Consumer):
    """What the bus did not bring is never read from the log."""

    def _fetch(self, source: str, end: int) -> int:
        return 0


class StreamNotHeld(Consumer):
    """What comes after a parked fact of the same stream is not parked behind it."""

    def _is_behind(self, fact: Fact) -> bool:
        return False


class ReactionsForgotten(Consumer):
    """A restart does not finish the reactions that a crash interrupted."""

    def start(self) -> None:
        with self.database.transaction() as at:
            at.execute("UPDATE bus.cursor SET reacted = projected")
        super().start()


class CursorBeforeConfirms(Relay):
    """The relay's cursor moves before the broker has confirmed."""

    def _publish(self, held: connection, publisher: Any) -> int:
        with held.cursor() as at:
            at.execute(
                "SELECT n.position, n.previous, n.leaf_hash, e.type, e.envelope"
                " FROM log.entry n JOIN log.event e USING (ord)"
                " WHERE n.position >= (SELECT next_position FROM log.relay)"
                " ORDER BY n.position LIMIT %s", (BATCH,),
            )
            rows = at.fetchall()
            if rows:
                at.execute("UPDATE log.relay SET next_position = %s", (rows[-1][0] + 1,))
                publisher.publish(self._message(*row) for row in rows)
        return len(rows)


def random_id(fact: Fact, policy: str) -> Given:
    """A policy's command that is another one at each attempt."""
    return replace(fact.given(policy), command=uuid4())


PLANTED: Mapping[str, Code] = {
    "a policy's command has a random id": Code(given=random_id),
    "acknowledged before it is in effect": Code(acknowledge_first=True),
    "a gap is not pulled": Code(consumer=GapNotPulled),
    "the cursor moves beside the effects": Code(consumer=CursorBesideTheEffects),
    "a stream goes on past a parked fact": Code(consumer=StreamNotHeld),
    "a restart forgets reactions": Code(consumer=ReactionsForgotten),
    "the relay's cursor moves before the confirms": Code(relay=CursorBeforeConfirms),
}
