"""Seals as delegation's log tells them: whose, with whom, in use from when to when; pure."""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from services.ledger.audit.told import Told, first_instant, instant
from services.ledger.audit.views import Views
from services.ledger.terms import FAR

NO_2 = "seal_no_2"


class Use(NamedTuple):
    """An interval of use, half-open; *custodian* keeps the seal in it (R080, R084)."""

    since: datetime
    until: datetime
    custodian: str


class Seal:
    """One seal.

    Args:
        department: of a seal No. 2, whose name it bears; None for an organ's own seal.
        town: that it names beside the department (R082).
    """

    __slots__ = ("authorised", "department", "engraved", "kind", "town", "uses")

    def __init__(self, kind: str, department: str | None, town: str | None) -> None:
        self.kind, self.department, self.town = kind, department, town
        self.authorised: str | None = None
        self.engraved = False
        self.uses: Views[tuple[Use, ...]] = Views()

    def use(self, at: datetime, known: datetime | None) -> Use | None:
        """The interval of use at an instant; None: it was not in use (R087)."""
        for use in self.uses.at(known) or ():
            if use.since <= at < use.until:
                return use
        return None

    def issued(self, told: Told, custodian: str, since: datetime) -> None:
        """In use from then on."""
        self.uses.tell(told.recorded, (*(self.uses.last or ()), Use(since, FAR, custodian)))

    def out_of_use(self, told: Told, since: datetime) -> None:
        """Not in use from then on."""
        self.uses.tell(told.recorded, tuple(
            use._replace(until=max(use.since, since)) if use.until > since else use
            for use in self.uses.last or ()
        ))


class Seals:
    """Every seal by its id."""

    def __init__(self) -> None:
        self.by_id: dict[str, Seal] = {}
        self.pairs: dict[tuple[str | None, str | None], set[str]] = {}

    def take(self, told: Told) -> None:
        """Learn from one fact of delegation."""
        if taken := TAKES.get(told.name):
            taken(self, told)

    def no_2(self, told: Told) -> Seal:
        """The seal No. 2 of a fact that names department and town."""
        data = told.data
        found = self.by_id.get(data["seal_id"])
        if found is None:
            found = self.by_id[data["seal_id"]] = Seal(
                NO_2, data["department_id"], data["town_id"]
            )
            self.pairs.setdefault((found.department, found.town), set()).add(data["seal_id"])
        return found


def _authorised(book: Seals, told: Told) -> None:
    book.no_2(told).authorised = told.data["authorised_by_org_id"]


def _engraved(book: Seals, told: Told) -> None:
    if seal := book.by_id.get(told.data["seal_id"]):
        seal.engraved = True


def _issued(book: Seals, told: Told) -> None:
    book.no_2(told).issued(
        told, told.data["custodian_org_id"], first_instant(told.data["issued_on"])
    )


def _registered(book: Seals, told: Told) -> None:
    data = told.data
    seal = book.by_id.setdefault(data["seal_id"], Seal(data["kind"], None, None))
    seal.issued(told, data["org_id"], told.occurred)


def _suspended(book: Seals, told: Told) -> None:
    _out(book, told, instant(told.data["from"]))


def _lost(book: Seals, told: Told) -> None:
    _out(book, told, instant(told.data["reported_at"]))


def _gone(book: Seals, told: Told) -> None:
    _out(book, told, first_instant(told.data["on"]))


def _out(book: Seals, told: Told, since: datetime) -> None:
    if seal := book.by_id.get(told.data["seal_id"]):
        seal.out_of_use(told, since)


TAKES: dict[str, Callable[[Seals, Told], None]] = {
    "SealAuthorised": _authorised,
    "SealEngraved": _engraved,
    "SealIssued": _issued,
    "SealRegistered": _registered,
    "SealSuspended": _suspended,
    "SealLost": _lost,
    "SealReturned": _gone,
    "SealDestroyed": _gone,
    "SealRetired": _gone,
}
