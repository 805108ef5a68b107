"""Catalog's log as tables in memory: programmes, organs, items, windows, successions; pure."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from services.ledger.audit.told import Told, first_instant
from services.ledger.audit.views import Rows, Views
from services.ledger.terms import FAR

WINDOW = "town_window"


class Programme:
    """One programme's rules as recorded."""

    def __init__(self, told: Told) -> None:
        self.settings: Mapping[str, Any] = told.data["settings"]
        self.grantor_kind: str = told.data["grantor_kind"]
        self.modes: dict[str, Views[Mapping[str, Any]]] = defaultdict(Views)
        self.recipients: dict[str, Rows[tuple[datetime, datetime]]] = defaultdict(Rows)

    def setting(self, *path: str) -> Any:
        """A setting by its path; None where the notice is silent."""
        found: Any = self.settings
        for key in path:
            found = found.get(key) if isinstance(found, Mapping) else None
        return found

    def policy(self, mode: str | None, known: datetime | None) -> Mapping[str, Any] | None:
        """What the mode means; None: not one of the programme's (R002)."""
        return self.modes[mode].at(known) if mode in self.modes else None


class Item(NamedTuple):
    """An item as listed, at *position* of catalog's log."""

    owner: str
    outcome: str | None
    position: int


class Window(NamedTuple):
    """A window of a town; no items: every one (R068)."""

    opened: datetime
    items: frozenset[str]


class Register:
    """Who there is, and what there is to decide; every answer as known at an instant."""

    def __init__(self) -> None:
        self.programmes: dict[str, Programme] = {}
        self.items: dict[str, Item] = {}
        self.exclusions: dict[str, Views[frozenset[str]]] = defaultdict(Views)
        self.kinds: dict[str, str] = {}
        self.towns: dict[str, str] = {}  # town of every body of a town: itself and the others
        self.bodies: dict[str, set[str]] = defaultdict(set)
        self.centres: dict[str, str] = {}
        self.departments: dict[str, str] = {}  # the town's own, by town
        self.windows: dict[str, dict[str, Window]] = defaultdict(dict)
        self.closings: dict[str, Rows[datetime]] = defaultdict(Rows)  # of windows
        self.bureaus: dict[str, Rows[datetime]] = defaultdict(Rows)  # since when, by unit
        self.successors: dict[str, list[tuple[datetime, datetime, str]]] = defaultdict(list)

    def take(self, told: Told) -> None:
        """Learn from one fact of catalog."""
        if taken := TAKES.get(told.name):
            taken(self, told)

    def owner(self, item: str, at: datetime, known: datetime | None) -> str | None:
        """The department whose power the item is at an instant (R060)."""
        found = self.items.get(item)
        return None if found is None else self.standing(found.owner, at, known)

    def standing(self, org: str, at: datetime, known: datetime | None) -> str:
        """Who stands for an organ at an instant: itself, or who has taken over by then (R131)."""
        seen = {org}
        while org in self.successors:
            taken = [
                into for since, recorded, into in self.successors[org]
                if since <= at and (known is None or recorded <= known)
            ]
            if not taken or taken[-1] in seen:
                break
            org = taken[-1]
            seen.add(org)
        return org

    def window_open(self, town: str, item: str, at: datetime, known: datetime | None) -> bool:
        """Whether a window of the town takes the item that day (R068)."""
        return any(
            window.opened <= at and (not window.items or item in window.items)
            and not any(closed <= at for closed in self.closings[name].known(known))
            for name, window in self.windows.get(town, {}).items()
        )

    def recipient(self, programme: str, town: str, at: datetime, known: datetime | None) -> bool:
        """Whether the town may receive powers then (R004)."""
        found = self.programmes.get(programme)
        if found is None:
            return False
        rows = found.recipients[town].known(known)
        return bool(rows) and rows[-1][0] <= at < rows[-1][1]

    def _town(self, town: str, org: str | None, kind: str) -> None:
        if org is not None:
            self.kinds.setdefault(org, kind)
            self.towns[org] = town
            self.bodies[town].add(org)


def _programme(book: Register, told: Told) -> None:
    book.programmes[told.data["programme_id"]] = Programme(told)


def _mode(book: Register, told: Told) -> None:
    if found := book.programmes.get(told.programme):
        found.modes[told.data["mode"]].tell(told.recorded, told.data["policy"])


def _recipient(book: Register, told: Told) -> None:
    if found := book.programmes.get(told.programme):
        since = first_instant(told.data["from"])
        found.recipients[told.data["town_id"]].tell(told.recorded, (since, FAR))


def _recipient_removed(book: Register, told: Told) -> None:
    _removed(book, told, told.data["town_id"], first_instant(told.data["to"]))


def _removed(book: Register, told: Told, town: str, at: datetime) -> None:
    for found in book.programmes.values():
        if rows := found.recipients[town].known(None):
            found.recipients[town].tell(told.recorded, (rows[-1][0], min(rows[-1][1], at)))


def _department(book: Register, told: Told) -> None:
    book.kinds[told.data["org_id"]] = told.data["kind"]


def _town(book: Register, told: Told) -> None:
    town, department = told.data["town_id"], told.data["department_id"]
    book._town(town, town, told.data["kind"])  # noqa: SLF001 - the table of this module
    book._town(town, department, "town_department")  # noqa: SLF001
    if department is not None:
        book.departments[town] = department


def _centre(book: Register, told: Told) -> None:
    book._town(told.data["town_id"], told.data["centre_id"], "centre")  # noqa: SLF001
    book.centres[told.data["town_id"]] = told.data["centre_id"]


def _station(book: Register, told: Told) -> None:
    book.kinds[told.data["station_id"]] = "service_station"


def _channel(book: Register, told: Told) -> None:
    book.kinds[told.data["channel_id"]] = "partner_site"


def _bureau(book: Register, told: Told) -> None:
    book.bureaus[told.data["unit_id"]].tell(
        told.recorded, first_instant(told.data["established_on"])
    )


def _item(book: Register, told: Told) -> None:
    book.items[told.data["item_id"]] = Item(
        told.data["granting_org_id"], told.data["outcome_kind"], told.position
    )


def _scope(book: Register, told: Told) -> None:
    book.exclusions[told.data["item_id"]].tell(told.recorded, frozenset(told.data["exclusions"]))


def _window(book: Register, told: Told) -> None:
    data = told.data
    book.windows[data["town_id"]][data["window_id"]] = Window(
        first_instant(data["opened_on"]), frozenset(data["item_ids"])
    )


def _window_closed(book: Register, told: Told) -> None:
    book.closings[told.data["window_id"]].tell(
        told.recorded, first_instant(told.data["closed_on"])
    )


def _merged(book: Register, told: Told) -> None:
    since = first_instant(told.data["effective_on"])
    book.successors[told.data["org_id"]].append((since, told.recorded, told.data["into_org_id"]))


def _town_merged(book: Register, told: Told) -> None:
    """With the town go its centre, its department and its windows; it receives nothing more."""
    town, into = told.data["town_id"], told.data["into_town_id"]
    since = first_instant(told.data["effective_on"])
    for org, successor in (
        (town, into), (book.centres.get(town), book.centres.get(into, into)),
        (book.departments.get(town), book.departments.get(into, into)),
    ):
        if org is not None:
            book.successors[org].append((since, told.recorded, successor))
    for window in book.windows.get(town, {}):
        book.closings[window].tell(told.recorded, since)
    _removed(book, told, town, since)


TAKES: dict[str, Callable[[Register, Told], None]] = {
    "ProgrammeRegistered": _programme,
    "ProgrammeModeEnabled": _mode,
    "ProgrammeRecipientAdded": _recipient,
    "ProgrammeRecipientRemoved": _recipient_removed,
    "DepartmentRegistered": _department,
    "TownRegistered": _town,
    "CentreRegistered": _centre,
    "StationRegistered": _station,
    "ChannelRegistered": _channel,
    "BureauEstablished": _bureau,
    "ItemListed": _item,
    "ItemScopeDefined": _scope,
    "WindowOpened": _window,
    "WindowClosed": _window_closed,
    "OrganMerged": _merged,
    "TownMerged": _town_merged,
}
