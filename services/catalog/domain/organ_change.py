"""How the organs of a jurisdiction change: names, superiors, and ids that close for ever."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from services.catalog.domain import organ_refusals as refusals
from services.catalog.domain import refusals as common
from services.catalog.domain.stream import Stream
from shared.clock import day_of

# Roles and groups are no organ, and a zone committee holds no power (R005, R007).
NO_SUCCESSOR = ("generic_role", "kind", "town_group", "town_tier", "zone_committee")


def check_day(org: str, effective_on: date, at: datetime, changed_on: date | None) -> None:
    """A change is recorded when it is in effect, and one after another."""
    if effective_on > day_of(at):
        raise refusals.not_yet_in_effect(org, effective_on, day_of(at))
    if changed_on is not None and effective_on < changed_on:
        raise refusals.before_last_change(org, changed_on, effective_on)


class OrganChange(Stream):
    """What has changed since organs were registered; what was registered stays as it was told.

    So a programme's folder that is imported again finds what it registered, and changes nothing.
    """

    if TYPE_CHECKING:  # the library makes of annotated fields what an event must tell
        organs: dict[str, dict[str, Any]]
        names: dict[str, dict[str, str]]

    class OrganRenamed(Stream.Happened):
        org_id: str
        old_name: str
        new_name: str
        effective_on: date

        def apply(self, aggregate: "OrganChange") -> None:
            aggregate.renamed[self.org_id] = self.new_name
            aggregate.names.setdefault(
                self.new_name, {"org_id": self.org_id, "basis": "canonical"}
            )
            aggregate.changed_on[self.org_id] = self.effective_on

    class OrganResubordinated(Stream.Happened):
        org_id: str
        old_superior_org_id: str | None
        superior_org_id: str | None
        effective_on: date

        def apply(self, aggregate: "OrganChange") -> None:
            aggregate.moved[self.org_id] = self.superior_org_id
            aggregate.changed_on[self.org_id] = self.effective_on

    class OrganMerged(Stream.Happened):
        org_id: str
        into_org_id: str
        effective_on: date

        def apply(self, aggregate: "OrganChange") -> None:
            aggregate.closed[self.org_id] = self.into_org_id
            for org in (self.org_id, self.into_org_id):
                aggregate.changed_on[org] = self.effective_on

    def begin(self) -> None:
        self.renamed: dict[str, str] = {}
        self.moved: dict[str, str | None] = {}
        self.closed: dict[str, str] = {}
        self.changed_on: dict[str, date] = {}

    def rename(
        self, *, jurisdiction: str, org: str, name: str, effective_on: date, at: datetime
    ) -> None:
        """Another name for the same organ; the old one goes on meaning it (R007, R008)."""
        self.must_be_open(org)
        check_day(org, effective_on, at, self.changed_on.get(org))
        old = self.renamed.get(org, self.organs[org]["canonical_name"])
        if name == old:
            raise refusals.same_name(org, name)
        bearer = self.names.get(name, {"org_id": org})["org_id"]
        if self.standing(bearer) != org:
            raise common.alias_taken(name, jurisdiction, self.standing(bearer), org)
        self.trigger_event(
            self.OrganRenamed, org_id=org, old_name=old, new_name=name, effective_on=effective_on
        )

    def resubordinate(
        self, *, org: str, superior: str | None, effective_on: date, at: datetime
    ) -> None:
        """Another superior, which is not below the organ itself."""
        self.must_be_open(org)
        check_day(org, effective_on, at, self.changed_on.get(org))
        if superior == (old := self.superior(org)):
            raise refusals.same_superior(org, superior)
        if superior is not None and self._is_under(superior, org):
            raise refusals.above_itself(org, superior)
        self.trigger_event(
            self.OrganResubordinated, org_id=org, old_superior_org_id=old,
            superior_org_id=superior, effective_on=effective_on,
        )

    def merge(self, *, org: str, into: str, effective_on: date, at: datetime) -> None:
        """Close an organ for ever; another stands for it from that day on (MODEL 3.1)."""
        self.must_be_open(org)
        self.must_be_open(into)
        for one in (org, into):
            check_day(one, effective_on, at, self.changed_on.get(one))
        if org == into:
            raise refusals.same_organ(org)
        if (kind := self.organs[into]["kind"]) in NO_SUCCESSOR:
            raise refusals.cannot_take_over(into, kind)
        if self._is_under(into, org):
            raise refusals.above_itself(org, into)
        self.trigger_event(
            self.OrganMerged, org_id=org, into_org_id=into, effective_on=effective_on
        )

    def must_be_open(self, org: str) -> None:
        """Let pass an organ of this directory that is not closed."""
        if org not in self.organs:
            raise common.unknown_organ(org)
        if org in self.closed:
            raise refusals.id_closed(org, self.standing(org))

    def standing(self, org: str) -> str:
        """The organ that stands for *org* now: itself, or who took over at last."""
        while org in self.closed:
            org = self.closed[org]
        return org

    def superior(self, org: str) -> str | None:
        """The organ above it now."""
        above = self.moved.get(org, self.organs[org]["superior_org_id"])
        return self.standing(above) if above is not None else None

    def as_changed(self, org: str) -> dict[str, Any]:
        """The organ's row as it would be registered today."""
        row = self.organs[org]
        name = self.renamed.get(org, row["canonical_name"])
        return row | {"canonical_name": name, "superior_org_id": self.superior(org)}

    def _is_under(self, org: str, other: str) -> bool:
        """Whether *org* is *other* or below it; an organ of another register is above nothing."""
        above: str | None = org
        while above is not None and above != other:
            above = self.superior(above) if above in self.organs else None
        return above == other
