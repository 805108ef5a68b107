"""Group commit: concurrent appends of one process share a transaction, each with its outcome."""

from collections import deque
from threading import Lock

import psycopg2

from shared.log.store import Append, Log, Outcome

AWAY = (psycopg2.OperationalError, psycopg2.InterfaceError)


class _Waiting:
    """One caller: it sleeps until it has an outcome, or a batch to write for itself and others."""

    def __init__(self, append: Append) -> None:
        self.append = append
        self.outcome: Outcome | None = None
        self.error: BaseException | None = None
        self.batch: list[_Waiting] | None = None
        self.turn = Lock()
        self.turn.acquire()


class Together:
    """Whoever finds no write under way writes; who comes meanwhile is written by the next.

    A lone command goes straight through `Log.append`; under load a batch fills by itself, so no
    caller ever waits for a timer. Commands of one stream go to successive batches.

    Args:
        most: appends in one transaction.
        writers: transactions under way at once.
    """

    def __init__(self, log: Log, most: int = 50, writers: int = 2) -> None:
        self.log = log
        self.most = most
        self._free = writers
        self._queue: deque[_Waiting] = deque()
        self._lock = Lock()
        self._closed = False

    def append(self, append: Append) -> Outcome:
        """Record one command's events; returns when they are durable.

        Raises:
            psycopg2.Error: it could not be written; a retry with the same id is safe.
            RuntimeError: `close` was called before.
        """
        mine = _Waiting(append)
        with self._lock:
            if self._closed:
                raise RuntimeError("closed: nothing is appended any more")
            self._queue.append(mine)
            if self._free:
                self._free -= 1
                mine.batch = self._take()
        if mine.batch is None:
            try:
                mine.turn.acquire()
            except BaseException:  # its thread is being ended: nobody may wait for it
                self._leave(mine)
                raise
        if mine.batch is not None:
            self._lead(mine.batch)
        if mine.error is not None:
            raise mine.error
        assert mine.outcome is not None
        return mine.outcome

    def close(self) -> None:
        """Take nothing more; what is under way is finished by its callers."""
        with self._lock:
            self._closed = True

    def _lead(self, batch: list[_Waiting]) -> None:
        """Write a batch, wake its callers, and pass the turn to the next in the queue."""
        try:
            self._write(batch)
        finally:
            for one in batch:
                if one.outcome is None and one.error is None:
                    one.error = psycopg2.OperationalError("interrupted; repeat the command")
            with self._lock:
                following = self._take()
                if following:
                    following[0].batch = following
                else:
                    self._free += 1
            for one in (*batch[1:], *following[:1]):
                one.turn.release()

    def _leave(self, mine: _Waiting) -> None:
        """Take a caller out who will not come back; a batch given to it is written all the same."""
        with self._lock:
            if mine in self._queue:
                self._queue.remove(mine)
                return
            given = mine.batch
        if given is not None:
            self._lead(given)

    def _take(self) -> list[_Waiting]:
        batch: list[_Waiting] = []
        later: deque[_Waiting] = deque()
        streams, commands = set(), set()
        while self._queue and len(batch) < self.most:
            one = self._queue.popleft()
            if one.append.stream in streams or one.append.command in commands:
                later.append(one)
                continue
            streams.add(one.append.stream)
            commands.add(one.append.command)
            batch.append(one)
        self._queue.extendleft(reversed(later))
        return batch

    def _write(self, batch: list[_Waiting]) -> None:
        try:
            if len(batch) == 1:
                batch[0].outcome = self.log.append(batch[0].append)
            else:
                for one, outcome in zip(
                    batch, self.log.append_batch([b.append for b in batch]), strict=True
                ):
                    one.outcome = outcome
        except Exception as error:  # noqa: BLE001 - every caller waits for an outcome or an error
            if len(batch) == 1 or isinstance(error, AWAY):
                for one in batch:
                    one.error = error
            else:  # one of them is at fault; each on its own, so that it fails alone
                for one in batch:
                    self._write([one])
