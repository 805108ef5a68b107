"""Plays commands, each with an id of its own name: a second run repeats and changes nothing."""

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

import eventlet
from rich.progress import Progress, TaskID

from demo.system import System
from shared.refusal import Refused

AT_ONCE = 24


class Player:
    """The demo's hands: commands, questions, progress, and a journal of what was acknowledged.

    Args:
        system: to play on.
        journal: file outside the databases; every acknowledged command is a line in it.
    """

    def __init__(self, system: System, journal: Path, progress: Progress) -> None:
        self.system = system
        self.progress = progress
        self.refusals: dict[str, int] = {}
        self.played = 0
        journal.parent.mkdir(parents=True, exist_ok=True)
        # on a folder that was played on before, a case may have moved on since its refusal
        self._repeating = journal.exists()
        self._journal_path = journal
        self._journal = journal.open("a", encoding="utf-8")
        self._journal.write("\n")  # a run that was killed may have left half a line
        self._task: TaskID | None = None

    def do(
        self, key: str, service: str, door: str, request: Mapping[str, Any], *, at: str, actor: str,
        role: str = "officer", refused: str | None = None,
        instrument: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Carry out one command.

        Args:
            key: names the command; its id derives from it.
            at: when it was done, ISO 8601 with zone.
            refused: the refusal that the rules want here; then the answer is ``{}``.

        Raises:
            Refused: a refusal that the scenario does not expect, or none where it expects one.
        """
        command = uuid5(NAMESPACE_URL, f"fuquan:demo:{key}")
        given = {
            "command": str(command), "actor": {"org": actor, "role": role, "operator": "op-demo"},
            "at": at, "instrument": instrument,
        }
        try:
            answer: dict[str, Any] = self.system.call(
                service, "do", door=door, request=dict(request), given=given
            )
        except Refused as answered:
            if refused is None or (answered.code != refused and not self._repeating):
                raise
            self.refusals[answered.code] = self.refusals.get(answered.code, 0) + 1
            answer = {}
        else:
            if refused is not None:
                raise Refused("demo.not-refused", {"key": key, "expected": refused},
                              f"应当被拒绝：{key}")
            self._acknowledge(service, command, answer)
        self.played += 1
        if self._task is not None:
            self.progress.advance(self._task)
        return answer

    def ask(self, service: str, door: str, request: Mapping[str, Any]) -> Any:
        """The answer to a question."""
        return self.system.call(service, "ask", door=door, request=dict(request))["answer"]

    def part(self, title: str, steps: Iterable[Callable[[], object]],
             total: int | None = None) -> None:
        """One line of progress: run these one after another."""
        steps = list(steps)
        self._task = self.progress.add_task(title, total=total)
        for step in steps:
            step()
        self.system.settle()
        done = self.progress.tasks[self._task].completed
        self.progress.update(self._task, total=done or 1, completed=done or 1)

    def at_once(self, steps: Iterable[Callable[[], object]]) -> None:
        """Run independent steps side by side; the first error stops the demo."""
        pool = eventlet.GreenPool(AT_ONCE)
        for _ in pool.imap(lambda step: step(), list(steps)):
            pass

    def acknowledged(self) -> list[dict[str, Any]]:
        """Every command that any run on this folder was told is done."""
        self._journal.flush()
        lines = self._journal_path.read_text("utf-8").splitlines()
        return [json.loads(line) for line in lines if line.startswith("{") and line.endswith("}")]

    def _acknowledge(self, service: str, command: UUID, answer: Mapping[str, Any]) -> None:
        if answer["stream"] is not None and answer["events"]:
            line = {"service": service, "command": str(command), "stream": answer["stream"],
                    "version": answer["version"]}
            self._journal.write(json.dumps(line) + "\n")
            self._journal.flush()
