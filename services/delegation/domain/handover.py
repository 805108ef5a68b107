"""The hand-over of one grant or transfer: delivered by one party, confirmed by the other."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from eventsourcing.domain import Aggregate

from services.delegation.domain import handover_refusals, refusals
from services.delegation.domain.handover_lines import STOCK, Checklist
from services.delegation.domain.programme import Row, setting
from services.delegation.domain.stream import Recorded, record, stream_id


class Handover(Aggregate):
    """Open from the first due line on, until the last is confirmed (R090, R100).

    Nothing is recorded to open it: what is due follows from the grant and the programme's list.
    """

    class HandoverLineDelivered(Recorded):
        handover_id: str
        grant_id: str | None
        transfer_id: str | None
        town_id: str
        item_id: str
        line: int
        kind: str
        name: str
        given_by_org_id: str
        quantity: int | None
        numbers: str | None
        on: date

        def apply(self, aggregate: "Handover") -> None:
            aggregate.delivered[self.line] = self.on
            aggregate.quantities[self.line] = self.quantity

    class HandoverLineConfirmed(Aggregate.Event):
        handover_id: str
        line: int
        kind: str
        name: str
        confirmed_by_org_id: str
        quantity: int | None
        on: date

        def apply(self, aggregate: "Handover") -> None:
            aggregate.confirmed[self.line] = self.on

    class HandoverCompleted(Aggregate.Event):
        handover_id: str
        grant_id: str | None
        transfer_id: str | None
        on: date

    @staticmethod
    def create_id(subject: UUID) -> UUID:
        return stream_id("handover", subject)

    def __init__(self) -> None:
        self.delivered: dict[int, date] = {}
        self.quantities: dict[int, int | None] = {}
        self.confirmed: dict[int, date] = {}

    @classmethod
    def deliver(
        cls, before: "Handover | None", *, checklist: Checklist, lines: Sequence[int],
        stock: Mapping[int, Row], given_by: Row, on: date,
    ) -> "Handover":
        """The giver delivers lines; one not yet confirmed may be delivered again.

        Args:
            lines: their numbers; empty for all that are not delivered yet.
            stock: by line, its ``quantity`` and ``numbers``.
        """
        if given_by["org_id"] in checklist.takers:
            raise handover_refusals.two_parties_required(given_by["org_id"], checklist.takers)
        if given_by["kind"] == "zone_committee":
            raise handover_refusals.zone_committee_hands_nothing_over(given_by["org_id"])
        if given_by["org_id"] not in checklist.givers:
            raise handover_refusals.delivered_by_giver_only(given_by["org_id"], checklist.givers)
        delivered = before.delivered if before else {}
        named = checklist.named(lines) if lines else [
            line for line in checklist.lines if line["seq"] not in delivered
        ]
        _check_named(named, stock)
        _check_unconfirmed(named, before.confirmed if before else {})
        if uncounted := [
            line["item"] for line in named
            if line["kind"] in STOCK and not _counted(stock.get(line["seq"]))
        ]:
            raise handover_refusals.stock_not_counted(uncounted)
        if not named:
            raise refusals.nothing_to_do("deliver_handover", checklist.town_id)
        first, *others = [
            _of(checklist) | {
                "town_id": checklist.town_id, "item_id": checklist.item_id,
                "line": line["seq"], "kind": line["kind"], "name": line["item"],
                "given_by_org_id": given_by["org_id"], "on": on,
                "quantity": stock.get(line["seq"], {}).get("quantity"),
                "numbers": stock.get(line["seq"], {}).get("numbers"),
            }
            for line in named
        ]
        stream = cls.create_id(checklist.subject)
        handover = record(cls, before, stream, cls.HandoverLineDelivered, **first)
        for told in others:
            handover = record(cls, handover, stream, cls.HandoverLineDelivered, **told)
        return handover

    def confirm(
        self, *, checklist: Checklist, lines: Sequence[int], counted: Mapping[int, int],
        confirmed_by: str, on: date,
    ) -> None:
        """The taker confirms lines; with the last one the hand-over is complete.

        Args:
            lines: their numbers; empty for all that are delivered and not yet confirmed.
            counted: by line, what the taker counted; else the quantity is as delivered.
        """
        if confirmed_by not in checklist.takers:
            raise handover_refusals.confirmed_by_taker_only(confirmed_by, checklist.takers)
        named = checklist.named(lines) if lines else [
            line for line in checklist.lines
            if line["seq"] in self.delivered and line["seq"] not in self.confirmed
        ]
        _check_named(named, counted)
        _check_unconfirmed(named, self.confirmed)
        if missing := [line["item"] for line in named if line["seq"] not in self.delivered]:
            raise handover_refusals.not_delivered(missing)
        if not named:
            raise refusals.nothing_to_do("confirm_handover", checklist.town_id)
        quantities = {
            line["seq"]: self._agreed(line, counted.get(line["seq"]), on) for line in named
        }
        held_up = checklist.open_lines(self.confirmed)
        for line in named:
            self.trigger_event(
                self.HandoverLineConfirmed, handover_id=str(self.id), line=line["seq"],
                kind=line["kind"], name=line["item"], confirmed_by_org_id=confirmed_by,
                quantity=quantities[line["seq"]], on=on,
            )
        if held_up and not checklist.open_lines(self.confirmed):
            self.trigger_event(self.HandoverCompleted, **_of(checklist), on=on)

    def _agreed(self, line: Row, counted: int | None, on: date) -> int | None:
        delivered_on, delivered = self.delivered[line["seq"]], self.quantities[line["seq"]]
        if on < delivered_on:
            raise refusals.wrong_date_order("移交日", delivered_on, "确认日", on)
        if counted is not None and delivered is not None and counted != delivered:
            raise handover_refusals.quantity_differs(line["item"], delivered, counted)
        return delivered if counted is None else counted


def transfer_warnings(
    programme: Row, checklist: Checklist, handover: Handover | None
) -> list[str]:
    """What an item is transferred without, where the programme's gate only warns (R100).

    Raises:
        Refused: ``delegation.handover-incomplete``, where the gate blocks.
    """
    missing = checklist.open_lines(handover.confirmed if handover else ())
    weight = setting(programme, "gates", "handover")
    if missing and weight == "block":
        raise handover_refusals.handover_incomplete(
            checklist.item_id, checklist.town_id, missing
        )
    return [f"handover_incomplete: {line}" for line in missing] if weight == "warn" else []


def _of(checklist: Checklist) -> dict[str, Any]:
    subject = str(checklist.subject)
    return {
        "handover_id": str(Handover.create_id(checklist.subject)),
        "grant_id": None if checklist.is_transfer else subject,
        "transfer_id": subject if checklist.is_transfer else None,
    }


def _check_named(lines: Sequence[Row], counted: Iterable[int]) -> None:
    """What is counted is among the lines that this is about."""
    known = {line["seq"] for line in lines}
    if others := sorted(set(counted) - known):
        raise handover_refusals.line_not_named(others)


def _check_unconfirmed(lines: Sequence[Row], confirmed: Mapping[int, date]) -> None:
    if again := [line["item"] for line in lines if line["seq"] in confirmed]:
        raise handover_refusals.already_confirmed(again)


def _counted(stock: Row | None) -> bool:
    """Counted, and numbered unless there is none."""
    return stock is not None and stock["quantity"] is not None and bool(
        stock["numbers"] or not stock["quantity"]
    )
