"""What is handed over with an item: the programme's checklist for its mode (R090, R100)."""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from uuid import UUID

from services.delegation.domain import handover_refusals, refusals
from services.delegation.domain.programme import Row

STOCK = ("forms", "certificates")  # 制式证明、证书: blank stock is counted and numbered


@dataclass(frozen=True)
class Checklist:
    """The lines of one grant or transfer, and who takes them over.

    Args:
        subject: the grant or the transfer; its hand-over is open as soon as lines are due.
        givers: the departments whose power, or whose trade, it is.
        takers: the organs of the receiving side.
        lines: rows of the programme's list.
    """

    subject: UUID
    is_transfer: bool
    town_id: str
    item_id: str
    givers: tuple[str, ...]
    takers: tuple[str, ...]
    lines: tuple[Row, ...]

    def named(self, seqs: Sequence[int]) -> list[Row]:
        """The lines of these numbers.

        Raises:
            Refused: ``delegation.line-not-on-checklist``.
        """
        known = {line["seq"]: line for line in self.lines}
        if unknown := [seq for seq in seqs if seq not in known]:
            raise handover_refusals.line_not_on_checklist(unknown, sorted(known))
        return [known[seq] for seq in dict.fromkeys(seqs)]

    def open_lines(self, done: Container[int]) -> list[str]:
        """The names of the lines that hold it up: not *done*, nor running on after it (R099)."""
        return [
            line["item"] for line in self.lines
            if line["seq"] not in done and not line.get("continues")
        ]


def lines_of(programme: Row, mode: str, item: Row) -> tuple[Row, ...]:
    """The lines that concern this mode; some only where another organ supervises the trade."""
    separated = item["supervising_org_id"] not in (None, item["granting_org_id"])
    return tuple(
        line for line in programme["settings"]["handover"]
        if line["mode"] in (None, mode) and (separated or not line["separated_only"])
    )


def of_grant(programme: Row, *, grant: UUID, mode: str, town: Row, item: Row) -> Checklist:
    """From the granting side to the town; its centre and department may confirm for it (R090)."""
    side = (town["town_id"], town["department_id"], town["centre_id"])
    return Checklist(
        subject=grant, is_transfer=False, town_id=town["town_id"], item_id=item["item_id"],
        givers=_givers(item), takers=tuple(org for org in side if org),
        lines=lines_of(programme, mode, item),
    )


def of_transfer(programme: Row, *, transfer: UUID, unit: Row, item: Row) -> Checklist:
    """From the transferring department to the bureau, which confirms (R100).

    Raises:
        Refused: ``delegation.not-a-recipient`` (R004), ``delegation.mode-not-in-programme`` where
            nothing is moved wholly (R002).
    """
    if not unit["recipient"]:
        raise refusals.not_a_recipient(unit["town_id"], programme["programme_id"])
    modes = programme["modes"]
    wholly = next((mode for mode in modes if modes[mode]["policy"]["exclusive"]), None)
    if wholly is None:
        raise refusals.mode_not_in_programme("transfer", programme["programme_id"], list(modes))
    return Checklist(
        subject=transfer, is_transfer=True, town_id=unit["town_id"], item_id=item["item_id"],
        givers=_givers(item), takers=(unit["department_id"],),
        lines=lines_of(programme, wholly, item),
    )


def _givers(item: Row) -> tuple[str, ...]:
    return tuple(org for org in (item["granting_org_id"], item["supervising_org_id"]) if org)
