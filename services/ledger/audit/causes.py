"""Whether what a fact says caused it was recorded: 64 bits a fact, sorted at the end; pure. R123.

A command's own events have the id ``uuid5(command, n)`` and name the command as their causation.
What follows from another fact names that fact, and keeps its correlation. So a fact is in order if
its causation is its own command, or the id of a fact with the same correlation.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterator
from hashlib import sha1

from services.ledger.audit.told import READ_IN, Told

MOST = 500  # events of one command (log.append)
PLACE = 48  # bits of a position
HEAD = 56  # a mark's other eight bits find its part: parts are sorted one at a time


class Causes:
    """The facts by a mark of id and correlation, and those that name another fact."""

    def __init__(self) -> None:
        self.marks = [array("Q") for _ in range(256)]
        self.named = array("Q")
        self.places = array("Q")
        self._last = ("", "", 0)  # stream, causation and number of the event before

    def take(self, told: Told) -> None:
        """Remember the fact, and what it names as its cause."""
        mark = _mark(told.id, told.correlation)
        self.marks[mark >> HEAD].append(mark)
        stream, causation, number = self._last
        follows = (told.stream, told.causation) == (stream, causation)
        number = number + 1 if follows else 0
        self._last = told.stream, told.causation, number
        if not _is(told, number):
            self.named.append(_mark(told.causation, told.correlation))
            self.places.append(READ_IN.index(told.source) << PLACE | told.position)

    def unknown(self) -> Iterator[tuple[str, int]]:
        """Source and position of the facts whose cause is no recorded fact.

        Among them may be later events of one command; `of_its_command` tells them.
        """
        parts = [array("Q", sorted(part)) for part in self.marks]
        for named, place in zip(self.named, self.places, strict=True):
            marks = parts[named >> HEAD]
            at = bisect_left(marks, named)
            if at == len(marks) or marks[at] != named:
                yield READ_IN[place >> PLACE], place & (1 << PLACE) - 1


def of_its_command(told: Told) -> bool:
    """Whether the fact is one of those that its causation, a command, has recorded."""
    return any(_is(told, number) for number in range(min(told.version, MOST)))


def _is(told: Told, number: int) -> bool:
    """Whether its id is ``uuid5(causation, number)``: the 96 bits that no version is written into.

    Source: RFC 4122, section 4.3.
    """
    told_by = bytes.fromhex(told.causation.replace("-", ""))
    made = sha1(told_by + b"%d" % number, usedforsecurity=False).hexdigest()
    return told.id[:8] == made[:8] and told.id[9:13] == made[8:12] and told.id[24:] == made[20:32]


def _mark(id_: str, correlation: str) -> int:
    return int(id_[:8] + id_[9:13] + id_[14:18], 16) ^ int(correlation[-12:], 16)
