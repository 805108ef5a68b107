"""What operators may do and see at every service, besides the doors of its own."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from uuid import uuid5

from eventsourcing.domain import Aggregate

from shared.contracts.envelope import Given
from shared.database import Database
from shared.ops.moving import UNDELIVERED
from shared.plain import plain
from shared.refusal import Refused

LEDGER, ITS_BOOKKEEPER = "ledger", "supervision"  # the ledger has no log of its own
BODY = 4000
PARKED = (
    "SELECT id, source, position, stream, stage, error, parked_at,"
    " extract(epoch FROM clock_timestamp() - parked_at)::float AS age,"
    f" left(encode(body, 'escape'), {BODY}) AS body FROM bus.parked ORDER BY id LIMIT %s"
)
CURSORS = "SELECT source, projected, reacted FROM bus.cursor ORDER BY source"
COUNTS = "SELECT stage, count(*) FROM bus.parked GROUP BY stage"
LOG = f"""
WITH here AS (
  SELECT coalesce(max(position) + 1, 0) AS size, coalesce(max(ord), 0) AS last FROM log.entry
), sent AS (SELECT next_position AS sent, until > clock_timestamp() AS relayed FROM log.relay),
  signed AS (SELECT coalesce(max(c.size), 0) AS signed FROM log.checkpoint c)
SELECT size, sent, relayed, signed,
       (SELECT count(*) FROM log.event WHERE ord > last) AS unsequenced,
       (SELECT extract(epoch FROM clock_timestamp() - k.received_at)::float
          FROM log.event e JOIN log.command k USING (command_id)
         WHERE e.ord > last ORDER BY e.ord LIMIT 1) AS barrier_age,
       (SELECT extract(epoch FROM clock_timestamp() - integrated_at)::float
          FROM log.entry WHERE position = sent) AS unsent_age,
       (SELECT extract(epoch FROM clock_timestamp() - integrated_at)::float
          FROM log.entry WHERE position = signed) AS unsigned_age,
       coalesce((SELECT position + 1 FROM log.entry
         WHERE integrated_at < clock_timestamp() - interval '{UNDELIVERED} seconds'
         ORDER BY position DESC LIMIT 1), 0) AS due
  FROM here, sent, signed
"""


class Intervention(Aggregate):
    """One thing that an operator did; its stream is its command's, so it waits behind nothing."""

    class ParkedRetried(Aggregate.Created):
        consumer: str
        parked: Sequence[Mapping[str, Any]]
        reason: str

        def apply(self, aggregate: "Intervention") -> None:
            """What follows happens at the consumer that hears of it."""

    class ParkedDiscarded(ParkedRetried):
        pass

    def __init__(self, **_: Any) -> None:
        """Nothing to keep: no second command goes to this stream."""

    @classmethod
    def begin(cls, kind: type[ParkedRetried], given: Given, **told: Any) -> "Intervention":
        """The intervention of a command."""
        return cls._create(kind, id=uuid5(given.command, "intervention"), **told)


class Operations:
    """The operators' command doors, mixed into the `Commands` of every service that has a log."""

    service: ClassVar[str]
    database: Database

    def retry_parked(
        self, given: Given, *, consumer: str | None, parked: list[dict[str, Any]], reason: str
    ) -> Intervention:
        """Let a stream go on from its first parked fact."""
        if no_facts := [one for one in parked if one["source"] is None]:
            raise Refused(
                "operations.no-fact", {"consumer": consumer or self.service, "parked": no_facts},
                "该消息不是事实，重试无效，请放弃（discard）",
            )
        return self._mend(Intervention.ParkedRetried, given, consumer, parked, reason)

    def discard_parked(
        self, given: Given, *, consumer: str | None, parked: list[dict[str, Any]], reason: str
    ) -> Intervention:
        """Give up parked facts; what waits behind them goes on."""
        return self._mend(Intervention.ParkedDiscarded, given, consumer, parked, reason)

    def _mend(
        self, kind: type[Intervention.ParkedRetried], given: Given, consumer: str | None,
        parked: list[dict[str, Any]], reason: str,
    ) -> Intervention:
        meant = consumer or self.service
        if meant != self.service and (self.service, meant) != (ITS_BOOKKEEPER, LEDGER):
            mends = ITS_BOOKKEEPER if meant == LEDGER else meant
            raise Refused(
                "operations.other-consumer", {"consumer": meant, "service": self.service},
                f"{meant}的搁置事项不由{self.service}处理，请向{mends}提出",
            )
        here = meant == self.service  # what the ledger has parked, only the ledger can tell
        if here and (gone := self._not_parked(parked)):
            raise Refused(
                "operations.not-parked", {"consumer": meant, "parked": gone},
                "所列事项已不在搁置清单中，请刷新后重试",
            )
        return Intervention.begin(kind, given, consumer=meant, parked=parked, reason=reason)

    def _not_parked(self, named: list[dict[str, Any]]) -> list[dict[str, Any]]:
        known = {
            id_: (source, position) for id_, source, position in self.database.rows(
                "SELECT id, source, position FROM bus.parked WHERE id = ANY (%s)",
                ([one["id"] for one in named],),
            )
        }
        return [one for one in named if known.get(one["id"]) != (one["source"], one["position"])]


def standing(database: Database, *, has_log: bool) -> dict[str, Any]:
    """How far the service's log and consumer are.

    Returns:
        ``{"log": {size, sent, signed, unsequenced, barrier_age, unsent_age, unsigned_age, due,
        relayed} or None, "cursors": {source: {projected, reacted}}, "parked": {stage: count}}``;
        ages in seconds, ``due`` is the position that every consumer should have reached.
    """
    log = database.dicts(LOG)[0] if has_log else None
    return {
        "log": log,
        "cursors": {
            source: {"projected": projected, "reacted": reacted}
            for source, projected, reacted in database.rows(CURSORS)
        },
        "parked": dict(database.rows(COUNTS)),
    }


def parked(database: Database, limit: int) -> list[dict[str, Any]]:
    """Parked facts and messages, oldest first; bytes that are no text are escaped."""
    return [plain(row) for row in database.dicts(PARKED, (limit,))]
