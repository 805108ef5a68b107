"""What a caller gets for an event just recorded: a promise at first, later the proof instead."""

import time
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from services.ledger.covering import covering
from services.ledger.mirror import Mirror
from shared.database import Database
from shared.refusal import Refused

REACH = 5.0  # seconds in which the relay answers, if it is there
EVENT = (
    "SELECT n.position, e.leaf_hash, e.envelope FROM log.event e LEFT JOIN log.entry n USING (ord)"
    " WHERE e.stream = %s AND e.version = %s"
)
GIVEN = (
    "SELECT note FROM promise.given"
    " WHERE (source, stream, version, leaf_hash) = (%s, %s, %s, %s)"
)
ASK = (
    "INSERT INTO promise.asked (source, stream, version) VALUES (%s, %s, %s)"
    " ON CONFLICT DO NOTHING RETURNING 1"
)


class Promises:
    """Promises and proofs, event by event.

    Args:
        database: of the ledger; its schema `promise` carries questions to the relay and back.
        mirrors: of every log, by service.
    """

    def __init__(self, database: Database, mirrors: Mapping[str, Mirror]) -> None:
        self.database = database
        self.mirrors = mirrors

    def promise(self, source: str, stream: UUID, version: int) -> dict[str, Any]:
        """What there is to show for one event.

        Returns:
            ``{source, stream, version, position, leaf_hash, promise, proof}``: ``position`` None
            while it is not sequenced; ``proof`` a tlog-proof once it is signed, ``promise`` a
            signed note (see `shared.log.promise`) until then, the other None.

        Raises:
            Refused: ``ledger.unknown-fact``, ``ledger.source-away``; ``ledger.no-promise``: the
                relay, which has the keys, does not answer or may not sign.
        """
        mirror = self.mirrors[source]
        if mirror.source is None:
            raise Refused(
                "ledger.source-away", {"source": source},
                f"{source}服务的日志暂时无法读取，请稍后重试",
            )
        rows = mirror.source.database.rows(EVENT, (stream, version))
        if not rows:
            raise Refused(
                "ledger.unknown-fact",
                {"source": source, "stream": str(stream), "version": version},
                f"{source}日志中没有该记录，请核对编号与版本",
            )
        ((position, leaf, envelope),) = rows
        told = {
            "source": source, "stream": str(stream), "version": version, "position": position,
            "leaf_hash": bytes(leaf).hex(), "promise": None, "proof": None,
        }
        if position is not None and _signed(mirror) > position:
            return told | {"proof": covering(mirror, position).proof(position, bytes(envelope))}
        return told | {"promise": self._promised(source, stream, version, bytes(leaf))}

    def _promised(self, source: str, stream: UUID, version: int, leaf: bytes) -> str:
        deadline = time.monotonic() + REACH
        while not (given := self.database.rows(GIVEN, (source, stream, version, leaf))):
            self.database.rows(ASK, (source, stream, version))
            if time.monotonic() > deadline:
                raise Refused(
                    "ledger.no-promise",
                    {"source": source, "stream": str(stream), "version": version},
                    "记录已保存；签名方（日志中继）未在时限内答复，请稍后再取承诺或证明",
                )
            time.sleep(0.02)
        return str(given[0][0])


def _signed(mirror: Mirror) -> int:
    """How many entries are mirrored and signed for."""
    found = mirror.signed(most=mirror.dense()).checkpoint
    return found.size if found else 0
