"""What has to hold after every fault: the caller's history against what is stored."""

from dataclasses import dataclass, field

from services.ledger.offline import verified
from services.ledger.replay import replayed
from shared.log.verify import Verified
from shared.settings import SERVICES
from tests.faults.client import Sent
from tests.faults.county import County
from tests.faults.reactions import Reactions

BLOCK = 5000
EVENTS_OF = """
WITH asked AS MATERIALIZED (SELECT * FROM log.command WHERE command_id = ANY (%s::uuid[])),
     written AS MATERIALIZED (
       SELECT command_id, count(*) FROM log.event
        WHERE command_id IN (SELECT command_id FROM asked) GROUP BY command_id),
     opened AS MATERIALIZED (
       SELECT stream, count(*) FROM log.event
        WHERE stream IN (SELECT stream FROM asked)
          AND type IN ('catalog.WindowOpened', 'catalog.ItemCodeAssigned') GROUP BY stream)
SELECT a.command_id::text, a.stream::text, a.from_version + a.n - 1, a.n,
       coalesce(w.count, 0), coalesce(o.count, 0)
  FROM asked a LEFT JOIN written w USING (command_id) LEFT JOIN opened o USING (stream)
"""
DENSE = """
SELECT (SELECT coalesce(max(position) + 1, 0) = count(*) FROM log.entry),
       (SELECT count(*) FROM log.entry) = (SELECT count(*) FROM log.event)
"""
# An event stands after its predecessor in the stream, and says where that is. Asked of the streams
# that have grown since; at the end of all.
ORDER = """
SELECT count(*) FROM (
  SELECT n.position, n.previous, e.version,
         lag(n.position) OVER same AS before, lag(e.version) OVER same AS last
    FROM log.event e JOIN log.entry n USING (ord)
   WHERE e.stream IN (SELECT stream FROM log.event WHERE ord > %s)
  WINDOW same AS (PARTITION BY e.stream ORDER BY e.version)
) one WHERE previous IS DISTINCT FROM before OR before > position OR version <> last + 1
"""
ONCE = frozenset({"open_window", "assign_code"})  # each opens a stream of its own


@dataclass
class Found:
    """What does not hold; all empty after a good run."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    unexpected: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.lost or self.doubled or self.unexpected)

    def add(self, other: "Found") -> None:
        self.lost += other.lost
        self.doubled += other.doubled
        self.unexpected += other.unexpected


class Invariants:
    """Checks a county; what an earlier check has seen of the history is not asked again."""

    def __init__(self, county: County) -> None:
        self.county = county
        self._asked: set[str] = set()
        self._ordered: dict[str, int] = {}
        self._reactions = Reactions(county.rows)

    def check(self) -> Found:
        """Let the caller rest and the system settle, then compare; the caller goes on afterwards.

        Raises:
            TimeoutError: commands stay unanswered, or the system does not settle.
        """
        county, found = self.county, Found()
        county.caller.rest()
        county.settled()
        found.unexpected += county.caller.history.unexpected
        county.caller.history.unexpected.clear()
        self.history(found)
        for source in SERVICES:
            if county.rows(source, DENSE) != [(True, True)]:
                found.unexpected.append(f"the log of {source} is not dense")
            self._in_order(source, found)
            found.doubled += self._reactions.doubled(source)
        found.lost += self._reactions.lost(county.consumers())
        opened = county.rows(
            "catalog", "SELECT count(*) FROM log.event WHERE type = 'catalog.WindowOpened'"
        )
        for name in county.consumers():
            if name != "ledger" and (
                shown := county.rows(name, "SELECT count(*) FROM readmodel.service_window")
            ) != opened:
                found.doubled.append(f"{name}: {shown} windows of {opened}")
            found.unexpected += [
                f"{name} has parked: {error}"
                for (error,) in county.rows(name, "SELECT error FROM bus.parked ORDER BY id")
            ]
        county.caller.go_on()
        return found

    def _in_order(self, source: str, found: Found) -> None:
        ((end,),) = self.county.rows(source, "SELECT coalesce(max(ord), 0) FROM log.event")
        if (wrong := self.county.rows(source, ORDER, (self._ordered.get(source, 0),))[0][0]):
            found.unexpected.append(f"{wrong} events of {source} stand before their own past")
        self._ordered[source] = end

    def history(self, found: Found) -> None:
        """Every acknowledged command against the log of its own service."""
        new: dict[str, dict[str, Sent]] = {}
        for one in self.county.caller.history.acknowledged():
            id_ = str(one.id)
            if id_ not in self._asked and one.answer and one.answer["version"] is not None:
                new.setdefault(one.service, {})[id_] = one
        for service, sent in new.items():
            ids = list(sent)
            for first in range(0, len(ids), BLOCK):
                some = ids[first:first + BLOCK]
                rows = self.county.rows(service, EVENTS_OF, (some,))
                stored = {row[0]: row[1:] for row in rows}
                for id_ in some:
                    _compare(sent[id_], stored.get(id_), found)
            self._asked |= sent.keys()

    def deep(self) -> Found:
        """Every byte and signature verified; every read model rebuilt twice from the logs alone."""
        county, found = self.county, Found()
        county.caller.rest()
        county.settled()
        self._ordered.clear()
        self._reactions = Reactions(county.rows)
        found.lost += self._reactions.lost(county.consumers())
        for source in SERVICES:
            self._in_order(source, found)
            found.doubled += self._reactions.doubled(source)
            if not isinstance(whole := verified(county.admin, source), Verified):
                found.unexpected.append(f"the log of {source} does not verify: {whole}")
        for name in county.consumers():
            first, second = (replayed(county.admin, name) for _ in range(2))
            for table, compared in first.items():
                if compared.live != compared.rebuilt:
                    found.doubled.append(f"{name}.{table} is not what the log says: {compared}")
                if compared.rebuilt != second[table].rebuilt:
                    found.unexpected.append(f"{name}.{table}: two replays differ")
        county.caller.go_on()
        return found


def _compare(one: Sent, stored: tuple[str, int, int, int, int] | None, found: Found) -> None:
    """A command's answer and what the log holds of it."""
    assert one.answer is not None
    if stored is None:
        if one.answer["events"]:
            found.lost.append(f"{one.door} {one.id} was answered and is not in the log")
        return
    stream, version, n, events, of_stream = stored
    if (stream, version) != (one.answer["stream"], one.answer["version"]):
        found.lost.append(f"{one.door} {one.id}: {one.answer} is stored as {stream}@{version}")
    if events != n or (one.door in ONCE and of_stream != 1):
        found.doubled.append(f"{one.door} {one.id}: {events} events, opened {of_stream} times")
