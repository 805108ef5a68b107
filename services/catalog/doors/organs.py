"""Doors for what becomes of organs and towns: other names, other superiors, mergers."""

from datetime import date

from services.catalog.domain import organ_refusals
from services.catalog.domain.organ import Directory, Town
from services.catalog.doors.base import Doors
from shared.contracts.envelope import Given

FORMER = "former_name"


class OrganDoors(Doors):
    """Changes of organs, each by a document (R004, R007, R008)."""

    def rename_organ(
        self, given: Given, *, programme: str, org: str, name: str, effective_on: date
    ) -> Directory:
        directory, jurisdiction = self._changing(given, programme, "rename_organ")
        directory.rename(
            jurisdiction=jurisdiction, org=org, name=name, effective_on=effective_on, at=given.at
        )
        return directory

    def resubordinate_organ(
        self, given: Given, *, programme: str, org: str, superior: str | None, effective_on: date
    ) -> Directory:
        directory, _ = self._changing(given, programme, "resubordinate_organ")
        self.must_be_known(programme, [superior])
        directory.resubordinate(
            org=org, superior=superior, effective_on=effective_on, at=given.at
        )
        return directory

    def merge_organ(
        self, given: Given, *, programme: str, org: str, into: str, effective_on: date
    ) -> Directory:
        directory, _ = self._changing(given, programme, "merge_organ")
        directory.merge(org=org, into=into, effective_on=effective_on, at=given.at)
        return directory

    def rename_town(
        self, given: Given, *, programme: str, town: str, name: str, centre_name: str | None,
        department_name: str | None, effective_on: date,
    ) -> Town:
        known = self._town_changing(given, programme, town, "rename_town")
        former = known.name
        known.rename(
            name=name, centre_name=centre_name, department_name=department_name,
            effective_on=effective_on, at=given.at,
        )
        self._former_name(given, programme, former, of=town)
        return known

    def change_town_kind(
        self, given: Given, *, programme: str, town: str, kind: str, effective_on: date
    ) -> Town:
        known = self._town_changing(given, programme, town, "change_town_kind")
        known.change_kind(kind=kind, effective_on=effective_on, at=given.at)
        return known

    def merge_town(
        self, given: Given, *, programme: str, town: str, into: str, effective_on: date
    ) -> Town:
        known = self._town_changing(given, programme, town, "merge_town")
        known.merge(
            into=self.town_of(programme, into), effective_on=effective_on, at=given.at
        )
        self._former_name(given, programme, known.name, of=into)
        return known

    def _changing(self, given: Given, programme: str, door: str) -> tuple[Directory, str]:
        self.programme_seen(programme)
        if not given.instrument:
            raise organ_refusals.document_required(door)
        return self.directory(programme)

    def _town_changing(self, given: Given, programme: str, town: str, door: str) -> Town:
        self._changing(given, programme, door)
        return self.town_of(programme, town)

    def _former_name(self, given: Given, programme: str, name: str, *, of: str) -> None:
        """A name on old papers goes on meaning who bears it or took over (R007)."""
        self.follow(given, "former-name", "add_alias", {
            "programme": programme, "org_id": of, "alias": name, "basis": FORMER,
        })
