"""Doors for the working of items: supervisors, standards, figures, guides, lists of powers."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from eventsourcing.domain import Aggregate

from services.catalog.domain import item_refusals as refusals
from services.catalog.domain.item import Item
from services.catalog.domain.power_list import PowerList
from services.catalog.domain.process import FIGURES, Process
from services.catalog.domain.programme import Programme
from services.catalog.domain.refusals import unknown_item
from services.catalog.domain.standards import Standards
from services.catalog.doors.base import Doors
from shared.clock import day_of
from shared.contracts.envelope import Given
from shared.refusal import Refused

IN_FORCE, ABOLISHED = "in_force", "abolished"


class ItemDoors(Doors):
    """The working of items."""

    def assign_supervisor(
        self, given: Given, *, programme: str, item: str, org: str, content: str,
        measures: list[str], from_: date,
    ) -> Item:
        known = self.item(programme, item)
        self.must_be_known(programme, [org])
        known.assign_supervisor(org=org, content=content, measures=measures, from_=from_)
        return known

    def set_online_status(
        self, given: Given, *, programme: str, item: str, status: str, exemption_reason: str | None
    ) -> Item:
        known = self.item(programme, item)
        known.set_online(status=status, reason=exemption_reason)
        return known

    def tag_item(self, given: Given, *, programme: str, item: str, field: str) -> Item:
        known = self.item(programme, item)
        known.tag(
            field=field, fields=self.programme_seen(programme).settings["catalogue"]["fields"]
        )
        return known

    def link_items(
        self, given: Given, *, programme: str, item: str, other: str, basis: str
    ) -> Item:
        known = self.item(programme, item)
        if self.load(Item, Item.create_id(other)) is None:
            raise unknown_item(other)
        known.link(other=other, basis=basis)
        return known

    def issue_standard(
        self, given: Given, *, programme: str, item: str, kind: str, issuer: str, ref: str,
        in_force_from: date,
    ) -> Standards:
        issuers = [self.department_of(programme, item)]
        kinds = self.programme_seen(programme).settings["standards"]["kinds"]
        standards = self.stream(Standards, Standards.create_id(item))
        standards.issue(
            item=item, kind=kind, kinds=kinds, issuer=issuer, issuers=issuers, ref=ref,
            in_force_from=in_force_from,
        )
        return standards

    def record_baseline(
        self, given: Given, *, programme: str, item: str, taken_on: date, **figures: Any
    ) -> Process:
        process = self._process(programme, item)
        granted = self.questions.grants_of_item(item)
        process.record_baseline(item=item, taken_on=taken_on, granted=granted, **figures)
        return process

    def correct_baseline(
        self, given: Given, *, programme: str, item: str, reason: str, **figures: Any
    ) -> Process:
        process = self._process(programme, item)
        process.correct_baseline(item=item, reason=reason, **figures)
        return process

    def revise_process(
        self, given: Given, *, programme: str, item: str, town: str | None, **figures: Any
    ) -> Process:
        process = self._process(programme, item)
        if town is not None:
            self.must_be_town(programme, town)
        process.revise(item=item, town=town, rule=self._rule(programme), **figures)
        return process

    def publish_guide(
        self, given: Given, *, programme: str, item: str, town: str | None, author: str,
        url: str | None, published_at: datetime,
    ) -> Process:
        process = self._process(programme, item)
        if town is not None:
            self.must_be_town(programme, town)
        self.must_be_known(programme, [author])
        process.publish_guide(
            item=item, town=town, author=author, authors=self._authors(programme, item, town),
            rule=self._rule(programme), url=url, published_at=published_at,
        )
        return process

    def record_power_list(
        self, given: Given, *, programme: str, org: str, entries: Sequence[Mapping[str, Any]],
        from_: date,
    ) -> PowerList:
        for entry in entries:
            granting = self.department_of(programme, entry["item"])
            if granting != org:
                raise refusals.not_of_department(entry["item"], org, granting)
        known = self.stream(PowerList, PowerList.create_id(org))
        known.record(org=org, entries=entries, from_=from_)
        return known

    def record_refusal(
        self, refused: Refused, door: str, given: Given, fields: Mapping[str, Any]
    ) -> Aggregate | None:
        """A rise that the notice forbids is on record as asked for (R140)."""
        process = self.stream(Process, Process.create_id(fields["item"]))
        figures = {name: fields[name] for name in (*FIGURES, "limit_unit")}
        process.breach(item=fields["item"], town=fields["town"], figures=figures, why=refused)
        return process

    def must_be_offered(self, programme: Programme, items: Sequence[str], given: Given) -> None:
        """What is offered is on its department's list and in force, or the menu is refused (R023).

        An abolished power never passes; one of which no list tells passes unless the programme
        blocks it.
        """
        strict = programme.settings["menu"]["power_list"] == "block"
        missing = []
        for item in items:
            status = self._listed(programme.programme_id, item, day_of(given.at))
            if status == ABOLISHED or (strict and status != IN_FORCE):
                missing.append(item)
        if missing:
            raise refusals.not_in_power_list(missing)

    def _listed(self, programme: str, item: str, on: date) -> str | None:
        """What the list of its department says of it, or that of the one it was taken over from."""
        listed = self.item(programme, item).row["granting_org_id"]
        orgs = dict.fromkeys((self.department_of(programme, item), listed))
        told = [self.stream(PowerList, PowerList.create_id(org)).status(item, on) for org in orgs]
        return next((status for status in told if status), None)

    def _process(self, programme: str, item: str) -> Process:
        self.item(programme, item)
        return self.stream(Process, Process.create_id(item))

    def _rule(self, programme: str) -> str:
        rule: str = self.programme_seen(programme).settings["reduction"]["rule"]
        return rule

    def _authors(self, programme: str, item: str, town: str | None) -> list[str] | None:
        """Who writes the guide by the notice: the town, or the granting department (R018)."""
        by = self.programme_seen(programme).settings["guide"]["author"]
        if by is None:
            return None
        if by == "granting_department":
            return [self.department_of(programme, item)]
        return [town] if town else []
