"""Resources that go down with the power (R101)."""

from datetime import date
from uuid import UUID

from eventsourcing.domain import Aggregate

from services.delegation.domain.programme import Row
from services.delegation.domain.stream import Recorded, record, stream_id

# Each kind of resource with the line that names it in a programme's hand-over list.
KINDS = {
    "people": "personnel", "technology": "technology", "funds": "funds", "network": "network",
}


class Provision(Aggregate):
    """What one department has provided to one town."""

    class ResourceProvided(Recorded):
        department_id: str
        town_id: str
        kind: str
        description: str
        on: date

    @staticmethod
    def create_id(programme: str, department: str, town: str) -> UUID:
        return stream_id("provision", programme, department, town)

    def __init__(self) -> None:
        pass

    @classmethod
    def provide(
        cls, before: "Provision | None", *, programme: str, department: str, town: str, kind: str,
        description: str, on: date,
    ) -> "Provision":
        return record(
            cls, before, cls.create_id(programme, department, town), cls.ResourceProvided,
            department_id=department, town_id=town, kind=kind, description=description, on=on,
        )


def kinds_asked(programme: Row) -> list[str]:
    """The kinds of resource of which the programme's notice speaks."""
    named = {line["kind"] for line in programme["settings"]["handover"]}
    return [kind for kind, line in KINDS.items() if line in named]


def days_late(started_on: date, provided_on: date) -> int:
    """“同步” is not later than the start of the item (R101)."""
    return max(0, (provided_on - started_on).days)
