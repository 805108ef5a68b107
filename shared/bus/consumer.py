"""The ordered consumer: every fact of its sources, in order, once in effect, none silently lost."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from uuid import UUID

import structlog
from psycopg2.extensions import cursor

from shared.bus.mending import Mending
from shared.bus.message import Undecodable, fact_of
from shared.bus.parking import park, park_behind, park_unreadable
from shared.bus.reaction import ENVIRONMENT, Policy, reacted
from shared.contracts.envelope import Fact, open_fact
from shared.database import Database, gathered
from shared.log.store import Entry, Log
from shared.log.tree import leaf_hash
from shared.ops import counters
from shared.ops.pulled import late, pulled
from shared.projection import Projection

PULL = 500

log = structlog.get_logger()


class Overtaken(Exception):
    """Another process of the same service has taken these facts in."""


class Consumer:
    """Brings facts into one service: first its read model, then its policies.

    Two cursors per source, in the service's own database. `projected` moves in the transaction of
    the read model, from exactly where it stood, so that of two processes one takes a fact in;
    `reacted` moves after the policies of a fact have run. A policy's command has
    an id that derives from the fact, so running it again after a crash changes nothing.

    Args:
        name: of the service.
        database: its own, where cursors, read model and parked facts live.
        logs: the source logs by name, to pull what the bus did not bring.
        projection: what facts do to the read model.
        policies: reactions by event name; each issues commands with ids from `Fact.given`.
    """

    def __init__(
        self, name: str, database: Database, logs: Mapping[str, Log], projection: Projection,
        policies: Mapping[str, Sequence[Policy]],
    ) -> None:
        self.name = name
        self.database = database
        self.logs = logs
        self.projection = projection
        self.policies = dict(policies)
        self.policies |= self._interventions()
        counters.of_consumer(name, logs)
        self._next: dict[str, int] = {}
        self._parked: dict[tuple[str, object], int] = {}  # first parked position of a stream

    def _interventions(self) -> dict[str, list[Policy]]:
        """What operators may do here, by the facts that record it."""
        mending = Mending(self.name, self.database, self.logs, self.projection, self.policies)

        def carried_out(act: Callable[[Fact], None]) -> Policy:
            def policy(fact: Fact) -> None:
                if fact.data["consumer"] == self.name:
                    act(fact)
                    self._parked = self._read_parked()

            return policy

        return {
            f"{source}.{name}": [carried_out(act)]
            for source in self.logs
            for name, act in (
                ("ParkedRetried", mending.retry), ("ParkedDiscarded", mending.discard)
            )
        }

    def start(self) -> None:
        """Read the cursors, and let the policies finish what a crash interrupted."""
        with self.database.transaction() as at:
            at.execute(  # those that are there are not touched: another process may hold them
                "INSERT INTO bus.cursor (source) SELECT unnest(%s) EXCEPT"
                " SELECT source FROM bus.cursor ON CONFLICT DO NOTHING", ([*self.logs],),
            )
            at.execute("SELECT source, projected, reacted FROM bus.cursor")
            cursors = {source: (projected, reacted) for source, projected, reacted in at.fetchall()}
        self._parked = self._read_parked()
        self._next = {source: cursors[source][0] for source in self.logs}
        for source in self.logs:
            projected, reacted = cursors[source]
            for facts in self._pull(source, reacted, projected, "react"):
                self._react(facts)

    def deliver(self, messages: Iterable[tuple[bytes, dict[str, object], str | None]]) -> None:
        """Take in a batch of messages (body, headers, content type); then they may be acknowledged.

        A queue may outlive the log it tells of (restored, made anew): what the log does not hold
        at that position is parked. What it does hold and this release cannot read is parked as the
        log's entry, in its stream, so that it can be taken in later.

        Raises:
            psycopg2.Error: the database is away; nothing was lost, deliver again.
        """
        ready: list[Fact] = []
        due = dict(self._next)
        for body, given, content_type in messages:
            try:
                fact = fact_of(body, given, content_type)
            except Undecodable as wrong:
                if (end := self._end_of_entry(body, given)) is None:
                    self._park_unreadable(body, str(wrong))
                    continue
                self._bring(ready)
                ready = []
                self._fetch(*end)
                due = dict(self._next)
                continue
            if fact.source not in due:
                self._park_unreadable(body, f"{self.name} does not follow {fact.source}")
                continue
            if fact.position > due[fact.source]:
                self._bring(ready)
                ready = []
                self._fetch(fact.source, fact.position)
                due = dict(self._next)
            if fact.position > due[fact.source]:
                self._park_unreadable(
                    body, f"the log of {fact.source} holds nothing at {fact.position}"
                )
            elif fact.position == due[fact.source]:
                ready.append(fact)
                due[fact.source] += 1
            else:
                counters.LATE.labels(self.name, fact.source).inc()
        self._bring(ready)

    def _bring(self, facts: Sequence[Fact]) -> None:
        held = self._held(facts)
        late(self.name, held, self._take(held))

    def catch_up(self) -> int:
        """Pull from every source what the bus has not brought; returns how many facts."""
        self.start()  # another process of this service, or an operator, may have moved on
        return sum(
            self._fetch(source, source_log.size()) for source, source_log in self.logs.items()
        )

    def _fetch(self, source: str, end: int) -> int:
        """Take in from the log what the bus did not bring; returns how many facts."""
        first, count = self._next[source], 0
        try:
            while self._next[source] < end:
                try:
                    for facts in self._pull(source, self._next[source], end, "read"):
                        count += len(self._take(facts))
                    break
                except Overtaken:
                    self.start()
        finally:
            pulled(self.name, source, first, self._next[source], count)
        return count

    def _pull(self, source: str, first: int, end: int, stage: str) -> Iterator[list[Fact]]:
        """Facts from the source's log, in blocks; a block ends before an unreadable entry.

        Args:
            stage: "read" if they are new here, "react" if their effects are there already.

        Raises:
            Overtaken: another process has taken in what this release cannot read.
        """
        while first < end:
            facts: list[Fact] = []
            entries = self.logs[source].entries(first, min(PULL, end - first))
            if not entries:
                return
            for entry in entries:
                try:
                    facts.append(open_fact(entry.envelope, entry.position, entry.previous))
                except ValueError as wrong:
                    yield facts
                    facts = []
                    self._park_entry(source, entry, stage, str(wrong))
            yield facts
            first = entries[-1].position + 1

    def _end_of_entry(self, body: bytes, given: Mapping[str, object]) -> tuple[str, int] | None:
        """Source and end of the log's entry that a message says it is, if it is that."""
        source, position = given.get("ce-source"), given.get("ce-position")
        source_log = self.logs.get(source) if isinstance(source, str) else None
        if source_log is None or not isinstance(position, int):
            return None
        if not 0 <= position < source_log.size():
            return None
        if source_log.leaves(position, position).get(position) != leaf_hash(body):
            return None
        return str(source), position + 1

    def _held(self, facts: Sequence[Fact]) -> list[Fact]:
        """Those that their source's log holds, byte for byte; the others are parked."""
        leaves: dict[tuple[str, int], bytes] = {}
        for source, (first, last) in _spans(facts).items():
            found = self.logs[source].leaves(first, last)
            leaves |= {(source, position): leaf for position, leaf in found.items()}
        held = []
        for fact in facts:
            if leaves.get((fact.source, fact.position)) == leaf_hash(fact.envelope):
                held.append(fact)
            else:
                self._park_unreadable(
                    fact.envelope, f"not what the log of {fact.source} holds at {fact.position}"
                )
        return held

    def _take(self, facts: Sequence[Fact]) -> list[Fact]:
        """Take in those that come next; returns them."""
        facts = self._due(facts)
        if not facts:
            return []
        try:
            self._project_or_park(facts)
        except Overtaken:
            self.start()
            return self._take(facts)
        for fact in facts:
            self._next[fact.source] = max(self._next[fact.source], fact.position + 1)
        counters.TAKEN.labels(self.name).inc(len(facts))
        self._react(facts)
        return facts

    def _due(self, facts: Sequence[Fact]) -> list[Fact]:
        """Those that come next; a gap is filled by `catch_up`."""
        next_, due = dict(self._next), []
        for fact in facts:
            if fact.position == next_[fact.source]:
                due.append(fact)
                next_[fact.source] += 1
        return due

    def _project_or_park(self, facts: Sequence[Fact]) -> None:
        try:
            with self.database.transaction() as at:
                _claim(at, _spans(facts))
                with gathered(at) as together:
                    for fact in facts:
                        self._project(together, fact)
        except (Overtaken, *ENVIRONMENT):
            raise
        except Exception as poison:  # noqa: BLE001 - whatever ails one fact must not stop the others
            if len(facts) == 1:
                self._park(facts[0], "project", repr(poison))
                return
            for fact in facts:
                self._project_or_park([fact])

    def _project(self, at: cursor, fact: Fact) -> None:
        if not self._is_behind(fact):
            self.projection.apply(at, fact)
        elif not park_behind(at, fact, "project"):  # an operator has let the stream go on
            raise Overtaken(fact.source)

    def _react(self, facts: Sequence[Fact]) -> None:
        if not facts:
            return
        for fact in facts:
            policies = self.policies.get(fact.type, ())
            if policies and self._is_behind(fact) and self._park_reaction(fact):
                continue
            for policy in policies:
                self._react_to(fact, policy)
        with self.database.transaction() as at:
            _settle(at, _spans(facts))

    def _react_to(self, fact: Fact, policy: Policy) -> None:
        if error := reacted(self.name, fact, policy):
            self._park(fact, "react", error)

    def _is_behind(self, fact: Fact) -> bool:
        """Whether this fact, or an earlier one of its stream, is parked."""
        first = self._parked.get((fact.source, fact.stream))
        return first is not None and first <= fact.position

    def _holds_up(self, source: str, stream: UUID, position: int) -> None:
        """The first parked one counts; a reaction is parked after a later fact's projection."""
        key = source, stream
        self._parked[key] = min(position, self._parked.get(key, position))

    def _read_parked(self) -> dict[tuple[str, object], int]:
        rows = self.database.rows(
            "SELECT source, stream, min(position) FROM bus.parked"
            " WHERE stream IS NOT NULL GROUP BY source, stream"
        )
        return {(source, stream): first for source, stream, first in rows}

    def _park_reaction(self, fact: Fact) -> bool:
        """Whether a parked fact holds this one's reactions up, or it is parked itself."""
        with self.database.transaction() as at:
            at.execute(
                "SELECT 1 FROM bus.parked WHERE source = %s AND position = %s",
                (fact.source, fact.position),
            )
            return at.fetchone() is not None or park_behind(at, fact, "react")

    def _park(self, fact: Fact, stage: str, error: str) -> None:
        with self.database.transaction() as at:
            if stage == "project":
                _claim(at, _spans([fact]))
            park(at, fact.source, fact, stage, error)
        self._holds_up(fact.source, fact.stream, fact.position)
        counters.PARKED.labels(self.name, stage).inc()
        log.error(
            "fact.parked",
            consumer=self.name, fact=str(fact.id), type=fact.type, stage=stage, error=error,
        )

    def _park_entry(self, source: str, entry: Entry, stage: str, error: str) -> None:
        """Park what this release cannot read; a later one, beside it, may have taken it in."""
        span = {source: (entry.position, entry.position)}
        with self.database.transaction() as at:
            if stage == "read":
                _claim(at, span)
            _settle(at, span)
            park(at, source, entry, stage, error)
        self._holds_up(source, entry.stream, entry.position)
        self._next[source] = max(self._next[source], entry.position + 1)
        counters.PARKED.labels(self.name, stage).inc()
        log.error(
            "fact.unreadable",
            consumer=self.name, source=source, position=entry.position, error=error,
        )

    def _park_unreadable(self, body: bytes, error: str) -> None:
        with self.database.transaction() as at:
            park_unreadable(at, body, error)
        counters.PARKED.labels(self.name, "read").inc()
        log.error("message.unreadable", consumer=self.name, error=error)


def _spans(facts: Sequence[Fact]) -> dict[str, tuple[int, int]]:
    """First and last position by source; in the order in which every process locks the cursors."""
    spans: dict[str, tuple[int, int]] = {}
    for fact in facts:
        first, _ = spans.get(fact.source, (fact.position, 0))
        spans[fact.source] = (first, fact.position)
    return dict(sorted(spans.items()))


def _claim(at: cursor, spans: Mapping[str, tuple[int, int]]) -> None:
    """Move `projected` over these facts, before anything of theirs is written.

    Raises:
        Overtaken: it does not stand at the first of them.
    """
    for source, (first, last) in spans.items():
        at.execute(
            "UPDATE bus.cursor SET projected = %s WHERE source = %s AND projected = %s",
            (last + 1, source, first),
        )
        if at.rowcount != 1:
            raise Overtaken(source)


def _settle(at: cursor, spans: Mapping[str, tuple[int, int]]) -> None:
    """Move `reacted` over these facts, unless it stands beyond them."""
    for source, (_, last) in spans.items():
        at.execute(
            "UPDATE bus.cursor SET reacted = %(p)s"
            " WHERE source = %(s)s AND reacted < %(p)s", {"p": last + 1, "s": source},
        )
