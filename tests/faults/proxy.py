"""A TCP proxy between a process and its server: it cuts, holds, delays, and strikes at a moment.

A `Trap` waits for the bytes of a statement on its way to the server, and acts at one of three
moments: before the server gets it, as soon as the server has it, or when the server has answered
and the process does not know yet. So a kill lands between commit and answer, not near it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Any, Literal

CHUNK = 65_536
Moment = Literal["before", "during", "answered"]
Connect = Callable[[], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]


@dataclass
class Trap:
    """What to wait for on one connection, in order, and what to do then, once."""

    patterns: tuple[bytes, ...]
    moment: Moment
    act: Callable[[], None]
    sprung: Event = field(default_factory=Event)

    def spring(self) -> None:
        if not self.sprung.is_set():
            self.sprung.set()
            self.act()


class Loop:
    """An event loop in a thread, for the proxies."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = Thread(target=self.loop.run_forever, daemon=True, name="proxies")
        self._thread.start()

    def run(self, what: Coroutine[Any, Any, Any]) -> Any:
        done = asyncio.run_coroutine_threadsafe(what, self.loop)
        return done.result(30)

    def close(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()


class Proxy:
    """Listens at a port of this machine and passes on to a server.

    Args:
        upstream: opens a connection to the server.
        host: where it listens.
    """

    def __init__(self, loop: Loop, upstream: Connect, host: str = "127.0.0.1") -> None:
        self._loop, self._upstream, self.host = loop, upstream, host
        self._writers: set[asyncio.StreamWriter] = set()
        self._trap: Trap | None = None
        self._delay = 0.0
        self._refusing = False
        self._flows = asyncio.Event()
        self._flows.set()
        self._server = loop.run(asyncio.start_server(self._serve, host, 0))
        self.port: int = self._server.sockets[0].getsockname()[1]

    def trap(self, *patterns: bytes, moment: Moment, act: Callable[[], None]) -> Trap:
        """Set a trap; the one set before is gone."""
        self._trap = Trap(patterns, moment, act)
        return self._trap

    def cut(self) -> None:
        """Reset every connection and refuse new ones until `heal`."""
        self._refusing = True
        self._loop.run(self._reset())

    def hold(self) -> None:
        """Keep every connection open and pass nothing, also on new ones, until `heal`."""
        self._loop.loop.call_soon_threadsafe(self._flows.clear)

    def delay(self, seconds: float) -> None:
        """Pass on every piece this much later."""
        self._delay = seconds

    def heal(self) -> None:
        """Pass on as at the beginning."""
        self._refusing, self._delay = False, 0.0
        self._loop.loop.call_soon_threadsafe(self._flows.set)

    def reset(self) -> None:
        """Reset every connection; new ones are taken."""
        self._loop.run(self._reset())

    async def _reset(self) -> None:
        for writer in list(self._writers):
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._refusing:
            writer.transport.abort()
            return
        try:
            there, back = await self._upstream()
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, back}
        watch = Watch()
        try:
            await asyncio.gather(
                self._pass(reader, back, watch, asks=True),
                self._pass(there, writer, watch, asks=False),
            )
        finally:
            self._writers -= {writer, back}

    async def _pass(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, watch: "Watch", *,
        asks: bool,
    ) -> None:
        with suppress(OSError):
            while piece := await reader.read(CHUNK):
                await self._flows.wait()
                if self._delay:
                    await asyncio.sleep(self._delay)
                trap = self._trap
                if trap is not None and not trap.sprung.is_set():
                    due = watch.asked(trap, piece) if asks else watch.answered(trap)
                    if due and trap.moment != "during":
                        trap.spring()
                        break
                    writer.write(piece)
                    await writer.drain()
                    if due:
                        trap.spring()
                        break
                    continue
                writer.write(piece)
                await writer.drain()
        writer.transport.abort()

    def close(self) -> None:
        """Stop listening."""
        self._loop.run(self._reset())
        self._loop.loop.call_soon_threadsafe(self._server.close)


class Watch:
    """How far one connection has come in a trap."""

    def __init__(self) -> None:
        self.trap: Trap | None = None
        self.seen = 0

    def asked(self, trap: Trap, piece: bytes) -> bool:
        """Whether the trap springs at this piece, which is on its way to the server."""
        if self.trap is not trap:
            self.trap, self.seen = trap, 0
        if self.seen < len(trap.patterns) and trap.patterns[self.seen] in piece:
            self.seen += 1
            return self.seen == len(trap.patterns) and trap.moment != "answered"
        return False

    def answered(self, trap: Trap) -> bool:
        """Whether it springs at the server's answer."""
        return (
            self.trap is trap and trap.moment == "answered" and self.seen == len(trap.patterns)
        )


def unix(path: Callable[[], str]) -> Connect:
    """To a server at a Unix socket, wherever it is then."""
    return lambda: asyncio.open_unix_connection(path())


def tcp(port: int) -> Connect:
    """To a server at a port of 127.0.0.1."""
    return lambda: asyncio.open_connection("127.0.0.1", port)
