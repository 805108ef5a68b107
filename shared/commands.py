"""How every service carries out a command: load, let the domain decide, append once, answer."""

import json
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import reduce
from typing import Any, ClassVar, NamedTuple, TypeVar
from uuid import UUID

from eventsourcing.application import AggregateNotFoundError, Repository
from eventsourcing.domain import Aggregate, AggregateEvent
from eventsourcing.persistence import EventStore
from marshmallow import ValidationError
from psycopg2.errors import DeadlockDetected
from psycopg2.extensions import cursor

from shared.clock import Clock, day_of, system_clock
from shared.contracts import events
from shared.contracts.envelope import Given, seal
from shared.contracts.requests import load_request
from shared.database import Database
from shared.log.canonical import MAX_BYTES, EnvelopeTooLarge, NotCanonical, canonical
from shared.log.keys import Verifier
from shared.log.mapper import EnvelopeMapper
from shared.log.recorder import LogRecorder
from shared.log.store import Append, Log, Outcome, Seen, request_hash
from shared.log.together import Together
from shared.operations import Intervention, Operations, parked, standing
from shared.ops.commanded import commanded
from shared.refusal import Refused
from shared.register.questions import Register
from shared.signing_keys import SigningKey

A = TypeVar("A", bound=Aggregate)

ATTEMPTS = 8
EARLY = timedelta(minutes=2)
REACH = 5.0
DEPLOYMENT = "deployment"  # in the place of a jurisdiction, where operators act
ORGANS = ("org", "org_id", "unit", "department")  # fields of questions that name an organ
OPERATORS_ASK = frozenset({"standing", "parked"})
REQUEST_BYTES = 16 * 2**20  # a whole programme folder comes as one request


class Overtaken(Exception):
    """What was decided on has changed since: nothing is recorded, it is decided anew."""


class Beside(NamedTuple):
    """An aggregate, and rows that are written in the very transaction that records its events.

    Args:
        write: gets the transaction's cursor after the append; may raise `Overtaken` or `Refused`.
    """

    aggregate: Aggregate
    write: Callable[[cursor], None]


class Commands(Operations):
    """The commands of one service; a subclass has one method per door, named like it.

    A method gets ``given`` and the request's fields, loads, lets the domain decide, and returns
    the one aggregate to save, or that and rows `Beside` it. A command of many steps issues each as
    a command of its own through `follow`, returns None, and is named in `many_step`. Fields named
    in `personal` have no trace in the log, not even in the hash that tells a repetition.

    Args:
        database: of this service, as its own role.
        clock: stamps ``recorded_at``; None: the commands bring the time (demo and tests).
    """

    service: ClassVar[str]
    aggregates: ClassVar[tuple[type[Aggregate], ...]]
    many_step: ClassVar[frozenset[str]] = frozenset()
    personal: ClassVar[frozenset[str]] = frozenset()
    questions: Any

    def __init__(self, database: Database, clock: Clock | None = system_clock) -> None:
        self.database = database
        self.clock = clock
        self.log = Log(database)
        self.together = Together(self.log)
        self.mapper = EnvelopeMapper(self.service, (*self.aggregates, Intervention, SigningKey))
        self.repository: Repository[UUID] = Repository(
            EventStore(mapper=self.mapper, recorder=LogRecorder(self.log))
        )

    def do(self, door: str, request: Mapping[str, Any], given: Given) -> dict[str, Any]:
        """Carry out a command once, however often it is sent.

        Returns:
            ``{"stream", "version", "events"}``; the same for every repetition, also where nothing
            was to be changed and ``events`` is empty. With ``given.wait``
            also ``position``, of the command's last event in this service's log.

        Raises:
            marshmallow.ValidationError: unknown door, or a field missing, unknown or wrong.
            Refused: the law's answer, or ``log.stale-version``, ``log.command-id-reused``,
                ``log.occurred-in-future``, ``log.event-too-large``, ``log.not-yet``.
        """
        with commanded(self.service, door, given) as told:
            self._reach(given.after)
            answer = self._once(door, request, given)
            told |= {"stream": answer["stream"], "version": answer["version"]}
        if given.wait and answer["version"] is not None:
            answer["position"] = self._position(UUID(answer["stream"]), answer["version"])
        return answer

    def _once(self, door: str, request: Mapping[str, Any], given: Given) -> dict[str, Any]:
        fields = load_request(self.service, door, request, is_command=True)
        # what follows from a fact happens at the fact's time, which was let pass with the fact
        if self.clock and given.causation is None and given.at > self.clock() + EARLY:
            raise Refused(
                "log.occurred-in-future", {"at": given.at.isoformat()},
                "行为时间晚于当前时间，请核对",
            )
        public = {name: value for name, value in request.items() if name not in self.personal}
        private = [value for name, value in request.items() if name in self.personal]
        try:
            body = canonical({"door": door, "request": public}, most=REQUEST_BYTES)
            canonical(private, most=REQUEST_BYTES)
        except (NotCanonical, EnvelopeTooLarge) as wrong:
            raise ValidationError({"request": [f"Not plain JSON: {wrong}."]}) from wrong
        asked = request_hash(body)
        if door in self.many_step and self.log.remember(given.command, asked) == "key-reused":
            raise command_id_reused(door=door)
        for _ in range(ATTEMPTS):
            try:
                self._in_office(given, [given.actor["org"]])
                decided = getattr(self, door)(given, **fields)
                if decided is None:
                    return {"stream": None, "version": None, "events": []}
                aggregate, write = decided if isinstance(decided, Beside) else (decided, None)
                if aggregate.pending_events:  # a repetition that finds it all done may pass
                    self._in_office(given, texts(public))
                programme = fields.get("programme", "")
                answer = self._save(aggregate, given, asked, programme, write)
            except Refused as refused:
                return self._refuse(refused, door, given, asked, fields)
            if answer is not None:
                return answer
        raise contended(door)

    def ask(self, door: str, request: Mapping[str, Any]) -> Any:
        """Answer a question from the read model, with the positions it stands on.

        Returns:
            ``{"answer": …, "as_of": {source: next position}}``.

        Raises:
            marshmallow.ValidationError: unknown door, or a field missing, unknown or wrong.
            Refused: something asked about does not exist, ``register.unknown-…`` where the
                register would have it; ``log.not-yet``: the copy has not reached the position in
                ``after`` in time.
        """
        fields = load_request(self.service, door, request, is_command=False)
        self._reach(fields.pop("after", None) or {})
        Register(self.database).known(
            programme=fields.get("programme"), item=fields.get("item"),
            towns=[fields.get("town"), *fields.get("towns_concerned", ())],
            orgs=[fields.get(name) for name in ORGANS],
        )
        as_of = dict(self.database.rows("SELECT source, projected FROM bus.cursor ORDER BY source"))
        asked = getattr(self if door in OPERATORS_ASK else self.questions, door)
        return {"answer": asked(**fields), "as_of": as_of}

    def standing(self) -> dict[str, Any]:
        """How far the service's log and consumer are, for operators."""
        return standing(self.database, has_log=bool(self.aggregates))

    def parked(self, *, limit: int) -> list[dict[str, Any]]:
        """What the service could not process, for operators."""
        return parked(self.database, limit)

    def _position(self, stream: UUID, version: int) -> int:
        """The position of an event just recorded, as soon as the sequencer has passed it.

        Raises:
            Refused: ``log.not-yet``: recorded, but not sequenced in time; a repetition may find it.
        """
        deadline = time.monotonic() + REACH
        while not (found := self.log.positions(stream, version, version)):
            if time.monotonic() > deadline:
                raise Refused(
                    "log.not-yet", {"stream": str(stream), "version": version},
                    "已记录，尚未定序，请稍后以同一编号查询",
                )
            time.sleep(0.005)
        return found[0]

    def _reach(self, after: Mapping[str, int]) -> None:
        """Wait, bounded, until the local copy has taken in these positions."""
        if not after:
            return
        deadline = time.monotonic() + REACH
        while True:
            behind = [
                source
                for source, projected in self.database.rows(
                    "SELECT source, projected FROM bus.cursor"
                )
                if projected <= after.get(source, -1)
            ]
            if not behind:
                return
            if time.monotonic() > deadline:
                raise Refused(
                    "log.not-yet", {"after": dict(after), "behind": behind},
                    "本地副本尚未同步到指定位置，请稍后重试",
                )
            time.sleep(0.005)

    def follow(
        self, given: Given, name: str, door: str, request: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Issue a further command; its id derives from this one's and *name*: it happens once."""
        return self.do(door, request, given.child(name))

    def followed(self, given: Given, name: str) -> bool:
        """Whether the further command of that name has been carried out, and was not refused."""
        seen = self.log.seen(given.child(name).command)
        return seen is not None and not _refused(seen)

    def load(self, kind: type[A], stream: UUID) -> A | None:
        """The aggregate of that id as recorded so far, or None."""
        try:
            aggregate: Aggregate = self.repository.get(stream, projector_func=_project)
        except AggregateNotFoundError:
            return None
        return aggregate if isinstance(aggregate, kind) else None

    def jurisdiction(self, programme: str) -> str:
        """The jurisdiction code of a programme, first part of the routing key."""
        raise NotImplementedError

    def rotate_signing_key(
        self, given: Given, *, programme: str, old_key: str, new_key: str, statement: str,
        reason: str,
    ) -> Aggregate:
        """The signing key of this service's log hands over to the next one."""
        return SigningKey.rotate(
            known=self.load(SigningKey, SigningKey.create_id(old_key)), service=self.service,
            old=Verifier.parse(old_key), new=Verifier.parse(new_key), statement=statement,
            rotated_at=given.at, reason=reason,
        )

    def record_refusal(
        self, refused: Refused, door: str, given: Given, fields: Mapping[str, Any]
    ) -> Aggregate | None:
        """The aggregate that records a refusal of legal weight, or None where no rule names one."""
        return None

    def _in_office(self, given: Given, named: Iterable[str]) -> None:
        """Refuse a closed organ; what follows from a fact concerns whom the fact concerns.

        Raises:
            Refused: ``register.organ-closed``.
        """
        if given.causation is None:
            Register(self.database).in_office(named, day_of(given.at))

    def _save(
        self, aggregate: Aggregate, given: Given, asked: bytes, programme: str,
        write: Callable[[cursor], None] | None = None,
    ) -> dict[str, Any] | None:
        pending = aggregate.collect_events()
        before = pending[0].originator_version - 1 if pending else aggregate.version
        if aggregate.version != before + len(pending):
            kind = type(aggregate).__name__
            raise RuntimeError(f"{kind} has overwritten the version of its stream")
        if given.expected is not None and given.expected != before:
            raise Refused(
                "log.stale-version", {"expected": given.expected, "current": before},
                "所见版本已过期，请刷新后重试",
            )
        names = [self.mapper.name_of(event) for event in pending]
        recorded_at = self.clock() if self.clock else given.at
        jurisdiction = self.jurisdiction(programme) if programme else DEPLOYMENT
        try:
            envelopes = [
                seal(
                    source=self.service, type_=name, stream=aggregate.id,
                    version=event.originator_version, index=index,
                    data=self.mapper.data_of(event), given=given, programme=programme,
                    jurisdiction=jurisdiction, recorded_at=recorded_at,
                )
                for index, (name, event) in enumerate(zip(names, pending, strict=True))
            ]
        except EnvelopeTooLarge as wrong:
            raise Refused(
                "log.event-too-large", {"types": names, "most": MAX_BYTES},
                f"内容超过一条记录的上限（{MAX_BYTES}字节），请精简，或另存文件、只写编号与哈希",
            ) from wrong
        append = Append(
            command=given.command, stream=aggregate.id, expected=before, request=asked,
            actor=given.actor.get("operator", ""), types=names, envelopes=envelopes,
        )
        outcome = (
            self._with(append, write) if write and pending else self.together.append(append)
        )
        if outcome.status == "ok":
            return {"stream": str(aggregate.id), "version": aggregate.version, "events": names}
        if outcome.status == "conflict":
            return None
        seen = self.log.seen(given.command)
        assert seen is not None
        return self._repeat(seen, asked)

    def _with(self, append: Append, write: Callable[[cursor], None]) -> Outcome:
        """Events and rows, both or neither."""
        try:
            with self.database.transaction() as at:
                outcome = self.log.append_in(at, append)
                if outcome.status == "ok":
                    write(at)
        except (Overtaken, DeadlockDetected):
            return Outcome("conflict", None)
        return outcome

    def _refuse(
        self, refused: Refused, door: str, given: Given, asked: bytes, fields: Mapping[str, Any]
    ) -> dict[str, Any]:
        """It may only be refused because this very command was done before: that answer stands."""
        if seen := self.log.seen(given.command):
            return self._repeat(seen, asked)
        if not refused.of_record:
            raise refused
        for _ in range(ATTEMPTS):
            aggregate = self.record_refusal(refused, door, given, fields)
            if aggregate is None or self._save(
                aggregate, replace(given, expected=None), asked, fields.get("programme", "")
            ):
                raise refused
        raise contended(door)  # nothing is told of a refusal of record before it is recorded

    def _repeat(self, seen: Seen, asked: bytes) -> dict[str, Any]:
        if seen.request != asked:
            raise command_id_reused(stream=str(seen.stream))
        if _refused(seen):
            ((_, name, envelope),) = self.log.events(
                seen.stream, gt=seen.version - 1, lte=seen.version
            )
            raise recorded_refusal(name, envelope)
        return {"stream": str(seen.stream), "version": seen.version, "events": seen.types}


def _refused(seen: Seen) -> bool:
    return bool(seen.types) and events.contract_of(seen.types[-1]).refusal


def _project(aggregate: Any, recorded: Iterable[AggregateEvent]) -> Any:
    """As the library does it, but for its check that each event can mutate, the dearest part."""
    return reduce(lambda one, event: event.mutate(one), recorded, aggregate)


def texts(value: Any) -> set[str]:
    """Every text in a JSON value, but for the names of its fields."""
    if isinstance(value, str):
        return {value}
    inner = value.values() if isinstance(value, Mapping) else value
    if isinstance(value, Mapping | list):
        return set().union(*(texts(one) for one in inner))
    return set()


def command_id_reused(**facts: str) -> Refused:
    """The id of this command stands for another request."""
    return Refused("log.command-id-reused", facts, "命令编号已用于另一请求，请换新编号")


def contended(door: str) -> Refused:
    """Others were faster every time; nothing has happened."""
    return Refused("log.contended", {"door": door}, "该对象正被频繁修改，请稍后重试")


def recorded_refusal(name: str, envelope: bytes) -> Refused:
    """The refusal that an event holds: its ``reason_code``, ``facts`` and ``reason_zh``."""
    body = json.loads(envelope)
    data = events.load(name, body["data"], body["schema"])
    return Refused(data["reason_code"], data["facts"], data["reason_zh"], of_record=True)
