"""A store that is overtaken, or does not take it, where a test says so: what else it records."""

from collections.abc import Container, Iterator
from contextlib import contextmanager
from uuid import UUID

from shared.commands import ATTEMPTS, Commands
from shared.log.store import Append, Outcome
from shared.refusal import Refused


class Store:
    """The appends of a service, but for some streams.

    Args:
        busy: the stream that others write to as often as one command tries; then no more.
        refused: streams that never take anything.
    """

    def __init__(self, commands: Commands, busy: UUID | None, refused: Container[UUID]) -> None:
        self.real, self.busy, self.refused = commands.together, busy, refused
        self.left = ATTEMPTS

    def append(self, append: Append) -> Outcome:
        if append.stream in self.refused:
            raise Refused("test.refused", {"stream": str(append.stream)})
        if append.stream == self.busy and self.left:
            self.left -= 1
            return Outcome("conflict", None)
        return self.real.append(append)


@contextmanager
def meeting(
    commands: Commands, *, busy: UUID | str | None = None, refused: Container[UUID] = ()
) -> Iterator[None]:
    """Until the block ends, the service's commands meet such a store."""
    real = commands.together
    commands.together = Store(commands, busy and UUID(str(busy)), refused)
    try:
        yield
    finally:
        commands.together = real
