"""Group commit: concurrent appends of one process share a transaction, each with its outcome."""

from collections import deque
from threading import Condition, Thread

import psycopg2

from shared.log.store import Append, Log, Outcome

AWAY = (psycopg2.OperationalError, psycopg2.InterfaceError)


class _Waiting:
    def __init__(self, append: Append) -> None:
        self.append = append
        self.outcome: Outcome | None = None
        self.error: BaseException | None = None


class Together:
    """Collects what arrives while the last batch commits, up to *most* appends.

    One lone command goes straight through `Log.append`; under load a batch fills by itself,
    so no caller ever waits for a timer. Commands of one stream go to successive batches.
    """

    def __init__(self, log: Log, most: int = 50) -> None:
        self.log = log
        self.most = most
        self._queue: deque[_Waiting] = deque()
        self._changed = Condition()
        self._closed = False
        self._thread = Thread(target=self._run, daemon=True, name="append")
        self._thread.start()

    def append(self, append: Append) -> Outcome:
        """Record one command's events; returns when they are durable.

        Raises:
            psycopg2.Error: it could not be written; a retry with the same id is safe.
            RuntimeError: `close` was called before.
        """
        mine = _Waiting(append)
        with self._changed:
            if self._closed:
                raise RuntimeError("closed: nothing is appended any more")
            self._queue.append(mine)
            self._changed.notify_all()
            while mine.outcome is None and mine.error is None:
                self._changed.wait()
        if mine.error is not None:
            raise mine.error
        assert mine.outcome is not None
        return mine.outcome

    def close(self) -> None:
        """End the thread after what is queued."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._thread.join()

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

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._queue and not self._closed:
                    self._changed.wait()
                if not self._queue:
                    return
                batch = self._take()
            self._write(batch)
            with self._changed:
                self._changed.notify_all()

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
