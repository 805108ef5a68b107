"""Projections: what a fact does to the tables of a read model."""

from collections.abc import Callable

from psycopg2.extensions import cursor

from shared.contracts.envelope import Fact

Handler = Callable[[cursor, Fact], None]


class Projection:
    """Handlers by event name.

    What must hold, so that a read model rebuilt from the logs equals the live one: a table is fed
    from one source only (or keeps the sources apart by its key), a handler reads no table fed by
    another source, and it writes no time or number but the fact's own.
    """

    def __init__(self, *parts: "Projection") -> None:
        self.handlers: dict[str, list[Handler]] = {}
        self.every: list[Handler] = []
        for part in parts:
            self.every.extend(part.every)
            for name, handlers in part.handlers.items():
                self.handlers.setdefault(name, []).extend(handlers)

    def on(self, *names: str) -> Callable[[Handler], Handler]:
        """Register a handler for these events."""

        def register(handler: Handler) -> Handler:
            for name in names:
                self.handlers.setdefault(name, []).append(handler)
            return handler

        return register

    def on_every(self, handler: Handler) -> Handler:
        """Register a handler for events of every type; it runs before those of the type."""
        self.every.append(handler)
        return handler

    def handles(self, type_: str) -> bool:
        """Whether a fact of that type does anything to the read model."""
        return bool(self.every) or type_ in self.handlers

    def apply(self, at: cursor, fact: Fact) -> None:
        """Let every handler of the fact's type write, in the caller's transaction."""
        for handler in (*self.every, *self.handlers.get(fact.type, ())):
            handler(at, fact)
