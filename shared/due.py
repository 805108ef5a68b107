"""The timer: a service asks itself, again and again, for what is due at this instant (R224)."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from threading import Event
from typing import Any, ClassVar, Protocol
from uuid import uuid4

import structlog

from shared.bus.reaction import ENVIRONMENT
from shared.clock import Clock
from shared.contracts.envelope import Given
from shared.database import Database
from shared.ops import counters
from shared.refusal import Refused
from shared.register.questions import Register

log = structlog.get_logger()


class Asked(Protocol):
    """The commands of a service where something falls due."""

    service: ClassVar[str]
    database: Database
    clock: Clock | None

    def run_due(self, given: Given, *, programme: str, now: datetime) -> Any:
        """Make each due thing a fact, once, however often and by how many it is asked."""


class Timer:
    """Asks for every programme that the service knows, in one round after the other.

    The first round comes when an interval has passed, so that the copies of other services' facts
    have caught up after a start. What a round could not do, the next one does. A round stands in no
    log: `run_due` is called past the door, and each due thing is a command of its own with the
    round's id as its correlation. Without a clock the commands bring the time: it asks nothing.

    Args:
        commands: of the service.
        every: seconds from the end of a round to the next.
    """

    def __init__(self, commands: Asked, every: float) -> None:
        self.commands, self.every = commands, every
        self.stopping = Event()
        self._answered = time.monotonic()

    def run(self) -> None:
        """Ask until `stopping` is set."""
        if self.commands.clock is None:
            return
        self._answered = time.monotonic()
        counters.of_timer(self.commands.service, self.every, self.age)
        while not self.stopping.wait(self.every):
            self.round(self.commands.clock())

    def age(self) -> float:
        """Seconds since a round was answered for every programme, or since the start."""
        return time.monotonic() - self._answered

    def round(self, now: datetime) -> None:
        """Ask once what is due at *now*; what one programme fails of does not stop the others."""
        failures: list[BaseException] = []
        with self._surviving(failures):
            for programme in Register(self.commands.database).programmes():
                with self._surviving(failures, programme=programme):
                    self._ask(programme, now)
        if not failures:
            self._answered = time.monotonic()
        outcome = "failed" if failures else "done"
        counters.DUE_ROUNDS.labels(self.commands.service, outcome).inc()

    def _ask(self, programme: str, now: datetime) -> None:
        actor = {"org": self.commands.service, "role": "policy", "operator": "timer"}
        self.commands.run_due(
            Given(command=uuid4(), actor=actor, at=now), programme=programme, now=now
        )

    @contextmanager
    def _surviving(self, failures: list[BaseException], **of: str) -> Iterator[None]:
        try:
            yield
        except Exception as wrong:  # whatever it is: told and counted; the next round asks again
            if isinstance(wrong, Refused) and not wrong.passing:  # that is an answer
                log.warning("due.refused", code=wrong.code, **of)
                return
            failures.append(wrong)
            told = isinstance(wrong, (Refused, *ENVIRONMENT))
            log.warning("due.failed", error=str(wrong).strip(), exc_info=not told, **of)
