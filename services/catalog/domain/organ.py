"""Organs and their names in one jurisdiction; towns with their centres."""

from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from eventsourcing.domain import Aggregate, event

from services.catalog.domain import organ_refusals, refusals
from services.catalog.domain.organ_change import OrganChange
from services.catalog.domain.stream import Stream
from services.catalog.domain.town_change import TownChange


class Directory(OrganChange):
    """The organs of one jurisdiction with all their names (R007, R008).

    One stream holds organs and names together, so that an organ comes with its names in one
    append and two organs with one name cannot both come. An organ's id begins with the code of
    the programme that registers it, and a programme has one jurisdiction: so no other directory
    can hold the same id.
    """

    class DepartmentRegistered(Stream.Happened):
        org_id: str
        canonical_name: str
        level: str
        kind: str
        superior_org_id: str | None
        jurisdiction_id: str

    class DepartmentAliasAdded(Stream.Happened):
        org_id: str
        alias: str
        basis: str

    @staticmethod
    def create_id(jurisdiction: str) -> UUID:
        """The stream of a jurisdiction's directory."""
        return uuid5(NAMESPACE_URL, f"fuquan:directory:{jurisdiction}")

    def begin(self) -> None:
        """No organ, no name."""
        super().begin()
        self.organs: dict[str, dict[str, Any]] = {}
        self.names: dict[str, dict[str, str]] = {}

    def register(
        self, *, programme: str, jurisdiction: str, org_id: str, name: str, level: str, kind: str,
        superior_org_id: str | None, aliases: list[dict[str, str]],
    ) -> None:
        """Register an organ with its names; its full name is one of them."""
        asked: dict[str, Any] = {
            "canonical_name": name, "level": level, "kind": kind, "superior_org_id": superior_org_id
        }
        if known := self.organs.get(org_id):
            if org_id in self.closed and known != asked:
                raise organ_refusals.id_closed(org_id, self.standing(org_id))
            if asked != self.as_changed(org_id):
                refusals.unchanged("organ", org_id, known, asked)
        elif not org_id.startswith(f"{programme}-"):
            raise refusals.foreign_id(org_id, f"{programme}-")
        else:
            self._registered(org_id=org_id, jurisdiction_id=jurisdiction, **asked)
        named = {alias["alias"]: alias["basis"] for alias in aliases}
        for alias, basis in ({name: "canonical"} | named).items():
            self.add_alias(jurisdiction=jurisdiction, org_id=org_id, alias=alias, basis=basis)

    def add_alias(self, *, jurisdiction: str, org_id: str, alias: str, basis: str) -> None:
        """Let a name mean this organ, unless it means another (R007)."""
        known = self.names.get(alias)
        if known is None:
            if org_id in self.closed:
                raise organ_refusals.id_closed(org_id, self.standing(org_id))
            self._alias_added(org_id=org_id, alias=alias, basis=basis)
        elif known["org_id"] != org_id:
            if (bearer := self.standing(known["org_id"])) != org_id:
                raise refusals.alias_taken(alias, jurisdiction, bearer, org_id)
        else:
            refusals.unchanged("alias", alias, known, {"basis": basis})

    @event(DepartmentRegistered)
    def _registered(
        self, *, org_id: str, canonical_name: str, level: str, kind: str,
        superior_org_id: str | None, jurisdiction_id: str,
    ) -> None:
        self.organs[org_id] = {
            "canonical_name": canonical_name, "level": level, "kind": kind,
            "superior_org_id": superior_org_id,
        }

    @event(DepartmentAliasAdded)
    def _alias_added(self, org_id: str, alias: str, basis: str) -> None:
        self.names[alias] = {"org_id": org_id, "basis": basis}


class Town(TownChange):
    """A recipient, or one that only looks like it: 镇, 街道办事处, pilot unit, zone (R004)."""

    class TownRegistered(Aggregate.Created):
        town_id: str
        name: str
        kind: str
        tier: str | None
        managing_zone_id: str | None
        matching_county_id: str | None
        department_id: str | None
        department_name: str | None
        note: str | None

    class CentreRegistered(Aggregate.Event):
        centre_id: str
        town_id: str
        name: str
        managed_by_org_id: str | None

    @staticmethod
    def create_id(town_id: str) -> UUID:
        """The stream of a town."""
        return uuid5(NAMESPACE_URL, f"fuquan:town:{town_id}")

    @classmethod
    def register(
        cls, *, town_id: str, centre_id: str | None, centre_name: str | None,
        centre_managed_by_org_id: str | None, **row: Any,
    ) -> "Town":
        """Register a town with its centre.

        The ids of its centre and department are its own id and one word more, so no two towns
        can share them.
        """
        for own in (centre_id, row["department_id"]):
            if own and own.rpartition("-")[0] != town_id:
                raise refusals.foreign_id(own, f"{town_id}-")
        if centre_id and centre_id == row["department_id"]:
            raise refusals.id_taken(centre_id)
        town = cls(town_id=town_id, **row)
        if centre_id:
            town._centre_registered(
                centre_id=centre_id, town_id=town_id, name=centre_name or centre_id,
                managed_by_org_id=centre_managed_by_org_id,
            )
        return town

    def register_again(
        self, *, centre_id: str | None, centre_name: str | None,
        centre_managed_by_org_id: str | None, **row: Any,
    ) -> None:
        """Nothing, if the row says what was registered."""
        centre = {
            "centre_id": centre_id, "centre_name": centre_name or centre_id,
            "centre_managed_by_org_id": centre_managed_by_org_id,
        }
        known, asked = self.row | self.centre, row | centre
        if self.into is not None and known != asked:
            raise organ_refusals.id_closed(self.town_id, self.into)
        if asked != known | self.changes:
            refusals.unchanged("town", self.town_id, known, asked)

    @property
    def bodies(self) -> set[str]:
        """The ids it brings: its own, its centre's, its department's."""
        own = {self.town_id, self.centre["centre_id"], self.row["department_id"]}
        return {body for body in own if body is not None}

    @event(TownRegistered)
    def __init__(
        self, *, town_id: str, name: str, kind: str, tier: str | None, managing_zone_id: str | None,
        matching_county_id: str | None, department_id: str | None, department_name: str | None,
        note: str | None,
    ) -> None:
        self.town_id, self.name, self.kind = town_id, name, kind
        self.changes: dict[str, str] = {}
        self.into, self.changed_on = None, None
        self.row = {
            "name": name, "kind": kind, "tier": tier, "managing_zone_id": managing_zone_id,
            "matching_county_id": matching_county_id, "department_id": department_id,
            "department_name": department_name, "note": note,
        }
        self.centre: dict[str, str | None] = {
            "centre_id": None, "centre_name": None, "centre_managed_by_org_id": None
        }

    @event(CentreRegistered)
    def _centre_registered(
        self, centre_id: str, town_id: str, name: str, managed_by_org_id: str | None
    ) -> None:
        self.centre = {
            "centre_id": centre_id, "centre_name": name,
            "centre_managed_by_org_id": managed_by_org_id,
        }
