"""Two small services on the real `Commands`: catalog notes, cases answers each note by policies."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from eventsourcing.domain import Aggregate
from marshmallow import EXCLUDE, ValidationError, fields, pre_load
from psycopg2.extensions import cursor

from shared.bus.reaction import Policy
from shared.commands import Commands
from shared.contracts.envelope import Fact, Given
from shared.contracts.events import EventSchema, contract
from shared.contracts.requests import Request, command
from shared.projection import Projection

POISONS = ("read", "project", "react")  # the stage at which this release fails on the fact

TABLE = """
CREATE TABLE readmodel.simulated (
  n bigint GENERATED ALWAYS AS IDENTITY, source text NOT NULL, position bigint NOT NULL,
  stream uuid NOT NULL, version int NOT NULL, fact uuid NOT NULL
)
"""


class Release:
    """What the consumer's release can digest; `mended` is the next one."""

    mended = True
    consuming: Callable[[], bool] = staticmethod(lambda: False)

    @classmethod
    def fails(cls, stage: str, poison: str) -> bool:
        """Whether a fact with that poison is too much at that stage."""
        return not cls.mended and poison == stage


class NoteRequest(Request):
    """A note for a stream."""

    on = fields.UUID(required=True)
    number = fields.Integer(required=True)
    poison = fields.String(required=True)


class AnswerRequest(Request):
    """An answer to a note, or the end of an answer."""

    on = fields.UUID(required=True)
    number = fields.Integer(required=True)


class Told(EventSchema):
    """One event of a simulated service."""

    number = fields.Integer(required=True)
    poison = fields.String(required=True)

    @pre_load
    def _digest(self, data: Mapping[str, Any], **_: Any) -> Mapping[str, Any]:
        reading = self.unknown == EXCLUDE and Release.consuming()
        if reading and Release.fails("read", data["poison"]):
            raise ValidationError("this release cannot read it")
        return data


EVENTS = ("catalog.SimulatedNoted", "catalog.SimulatedNotedAgain",
          "cases.SimulatedAnswered", "cases.SimulatedAnsweredAgain", "cases.SimulatedClosed")


def register() -> None:
    """Add the contracts and doors to this process; they are no part of the product's."""
    for name in EVENTS:
        contract(name)(type("Told", (Told,), {"__doc__": Told.__doc__}))
    command("catalog", "simulated_note")(NoteRequest)
    command("cases", "simulated_answer")(AnswerRequest)
    command("cases", "simulated_close")(AnswerRequest)


class Note(Aggregate):
    """A stream of notes."""

    class SimulatedNoted(Aggregate.Created):
        number: int
        poison: str

    class SimulatedNotedAgain(Aggregate.Event):
        number: int
        poison: str

        def apply(self, aggregate: Aggregate) -> None:
            """Nothing to keep."""

    def __init__(self, **_: Any) -> None:
        """Nothing to keep."""


class Answer(Aggregate):
    """The answers to the notes of one stream."""

    class SimulatedAnswered(Note.SimulatedNoted):
        pass

    class SimulatedAnsweredAgain(Note.SimulatedNotedAgain):
        pass

    def __init__(self, **_: Any) -> None:
        """Nothing to keep."""


class End(Aggregate):
    """The end of one answer."""

    class SimulatedClosed(Note.SimulatedNoted):
        pass

    def __init__(self, **_: Any) -> None:
        """Nothing to keep."""


class Notes(Commands):
    """Catalog, simulated."""

    service = "catalog"
    aggregates = (Note,)

    def simulated_note(self, given: Given, *, on: UUID, number: int, poison: str) -> Aggregate:
        """Begin a stream of notes, or go on with it."""
        return _told(self.load(Note, on), Note, Note.SimulatedNoted, Note.SimulatedNotedAgain,
                     on, number=number, poison=poison)


class Answers(Commands):
    """Cases, simulated."""

    service = "cases"
    aggregates = (Answer, End)

    def simulated_answer(self, given: Given, *, on: UUID, number: int) -> Aggregate:
        """Answer one note; all answers to a stream stand in one stream."""
        stream = uuid5(on, "answers")
        return _told(self.load(Answer, stream), Answer, Answer.SimulatedAnswered,
                     Answer.SimulatedAnsweredAgain, stream, number=number, poison="")

    def simulated_close(self, given: Given, *, on: UUID, number: int) -> Aggregate:
        """Close one answer."""
        return End._create(End.SimulatedClosed, id=uuid5(given.command, "end"),  # noqa: SLF001
                           number=number, poison="")


def _told(
    found: Aggregate | None, kind: type[Aggregate], first: Any, later: Any, stream: UUID,
    **told: Any,
) -> Aggregate:
    if found is None:
        return kind._create(first, id=stream, **told)  # noqa: SLF001 - as `Intervention.begin`
    found.trigger_event(later, **told)
    return found


def closes(number: int) -> bool:
    """Whether the answer to that note is closed by a further policy."""
    return number % 3 == 0


def policies(commands: Answers, given: Callable[[Fact, str], Given]) -> dict[str, list[Policy]]:
    """Each note is answered, some answers are closed.

    Args:
        given: `Fact.given`, or what a planted defect has in its place.
    """

    def answered(fact: Fact) -> None:
        commands.do("simulated_answer", {"on": str(fact.stream), "number": fact.data["number"]},
                    given(fact, "answer"))

    def failing(fact: Fact) -> None:
        if Release.fails("react", fact.data["poison"]):
            raise ValueError("this release cannot react to it")

    def closed(fact: Fact) -> None:
        if closes(fact.data["number"]):
            commands.do("simulated_close", {"on": str(fact.stream), "number": fact.data["number"]},
                        given(fact, "close"))

    return {name: [failing, answered] if name.startswith("catalog.") else [closed]
            for name in EVENTS if name != "cases.SimulatedClosed"}


def projection() -> Projection:
    """One row per effect, without a key that would hide a second one."""
    effects = Projection()

    @effects.on_every
    def effect(at: cursor, fact: Fact) -> None:
        if Release.fails("project", fact.data.get("poison", "")):
            raise ValueError("this release cannot project it")
        at.execute(
            "INSERT INTO readmodel.simulated (source, position, stream, version, fact)"
            " VALUES (%s, %s, %s, %s, %s)",
            (fact.source, fact.position, fact.stream, fact.version, fact.id),
        )

    return effects


def stream_of(seed: int, number: int) -> UUID:
    """The id of a stream of notes."""
    return uuid5(NAMESPACE_URL, f"fuquan:simulated:{seed}:{number}")
