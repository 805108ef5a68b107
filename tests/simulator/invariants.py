"""What must hold when a seed has come to rest; each thing that does not is one sentence."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from psycopg2.extensions import connection

from shared.log.tree import leaf_hash, root_of
from tests.simulator.processes import SOURCES, Deployment
from tests.simulator.services import Release, closes

if TYPE_CHECKING:
    from uuid import UUID

ENTRIES = (
    "SELECT n.position, n.previous, n.leaf_hash, e.type, e.stream, e.version, e.command_id,"
    " e.envelope FROM log.entry n JOIN log.event e USING (ord) ORDER BY n.position"
)
Place = tuple[str, int]  # source and position


class State:
    """Both logs, the effects and what is parked, as an administrator reads them."""

    def __init__(self, held: Mapping[str, connection]) -> None:
        self._held = held
        self.logs = {source: self._dicts(source, ENTRIES) for source in SOURCES}
        for entries in self.logs.values():
            for one in entries:
                one["body"] = json.loads(bytes(one["envelope"]))
        self.events = {s: self._dicts(s, "SELECT count(*) AS n FROM log.event")[0]["n"]
                       for s in SOURCES}
        self.relayed = {s: self._dicts(s, "SELECT next_position AS n FROM log.relay")[0]["n"]
                        for s in SOURCES}
        self.checkpoints = {s: self._dicts(s, "SELECT size, root FROM log.checkpoint")
                            for s in SOURCES}
        self.effects = self._dicts("cases", "SELECT * FROM readmodel.simulated ORDER BY n")
        self.parked = self._dicts("cases", "SELECT source, position, stage, body FROM bus.parked")

    def _dicts(self, service: str, sql: str) -> list[dict[str, Any]]:
        with self._held[service].cursor() as at:
            at.execute(sql)
            names = [column.name for column in at.description or ()]
            return [dict(zip(names, row, strict=True)) for row in at.fetchall()]


def violated(world: Deployment, held: Mapping[str, connection]) -> list[str]:
    """Sentences on what does not hold; none if all is well."""
    state = State(held)
    return [
        *_logs(state), *_commands(world, state), *_relays(world, state), *_effects(state),
        *_reactions(state), *_parked(state), *_garbage(world, state),
    ]


def _logs(state: State) -> Iterator[str]:
    for source, entries in state.logs.items():
        if [one["position"] for one in entries] != list(range(state.events[source])):
            yield f"the log of {source} is not dense"
        last: dict[UUID, tuple[int, int]] = {}
        for one in entries:
            before = last.get(one["stream"], (0, None))
            if (one["version"], one["previous"]) != (before[0] + 1, before[1]):
                yield f"{source}@{one['position']} does not follow its predecessor"
            last[one["stream"]] = one["version"], one["position"]
        leaves = [leaf_hash(bytes(one["envelope"])) for one in entries]
        for one in state.checkpoints[source]:
            if bytes(one["root"]) != root_of(leaves[:one["size"]]):
                yield f"{source} has signed another root at {one['size']}"


def _commands(world: Deployment, state: State) -> Iterator[str]:
    recorded = Counter(one["command_id"] for one in state.logs["catalog"])
    for command, request in world.notes:
        if recorded[command] != 1:
            yield f"note {request['number']} is recorded {recorded[command]} times"
    places = {one["command_id"]: (str(one["stream"]), one["version"])
              for one in state.logs["catalog"]}
    for command, told in world.acknowledged.items():
        if places.get(command) != told:
            yield f"{command} was acknowledged at {told} and is at {places.get(command)}"


def _relays(world: Deployment, state: State) -> Iterator[str]:
    for source, end in state.relayed.items():
        if end != state.events[source]:
            yield f"the cursor of {source}'s relay stands at {end}"
        for position in range(end):
            if (source, position) not in world.broker.confirmed:
                yield f"{source}@{position} was never confirmed by the broker"


def _effects(state: State) -> Iterator[str]:
    recorded = {(s, one["position"]): one for s in SOURCES for one in state.logs[s]}
    waiting = {(one["source"], one["position"]) for one in state.parked if one["stage"] != "react"}
    seen = Counter((one["source"], one["position"]) for one in state.effects)
    for place in recorded.keys() | seen.keys():
        due = 0 if place in waiting else 1
        if seen[place] != due:
            yield f"the effect of {place} is there {seen[place]} times, not {due}"
    last: dict[tuple[str, UUID], int] = defaultdict(int)
    for one in state.effects:
        if one["version"] <= last[one["source"], one["stream"]]:
            yield f"the effect of {one['source']}@{one['position']} was overtaken in its stream"
        last[one["source"], one["stream"]] = one["version"]
        entry = recorded.get((one["source"], one["position"]))
        if entry and (str(one["fact"]), one["stream"]) != (entry["body"]["id"], entry["stream"]):
            yield f"the effect of {one['source']}@{one['position']} is another fact's"


def _reactions(state: State) -> Iterator[str]:
    """Each answer and each end once, by the fact that caused it."""
    waiting = {(one["source"], one["position"]) for one in state.parked}
    caused = Counter((one["body"]["causation"], one["type"].removesuffix("Again"))
                     for one in state.logs["cases"])
    for source, reaction in (("catalog", "cases.SimulatedAnswered"),
                             ("cases", "cases.SimulatedClosed")):
        for one in state.logs[source]:
            place, data = (source, one["position"]), one["body"]["data"]
            answered = one["type"].startswith("cases.SimulatedAnswered")
            due = source == "catalog" or (answered and closes(data["number"]))
            found = caused[one["body"]["id"], reaction]
            if found > due or (found < due and place not in waiting):
                yield f"{reaction} on {place} happened {found} times, not {int(due)}"


def _parked(state: State) -> Iterator[str]:
    """The poison and what waits behind it, in this release; nothing in the next."""
    expected: set[Place] = set()
    if not Release.mended:
        streams: set[UUID] = set()
        for one in state.logs["catalog"]:
            if one["body"]["data"]["poison"] or one["stream"] in streams:
                streams.add(one["stream"])
                expected.add(("catalog", one["position"]))
    found = {(one["source"], one["position"]) for one in state.parked if one["source"]}
    if found != expected:
        yield f"parked are {sorted(found)}, not {sorted(expected)}"


def _garbage(world: Deployment, state: State) -> Iterator[str]:
    """What was acknowledged and is no fact was parked: it is there, or an operator gave it up."""
    given_up = {
        ref["id"] for one in state.logs["cases"] if one["type"] == "cases.ParkedDiscarded"
        for ref in one["body"]["data"]["parked"]
    }
    kept = sum(one["source"] is None for one in state.parked)
    if kept + len(given_up) < len(world.broker.garbage_taken):
        yield "a message that is no fact was acknowledged and not parked"

