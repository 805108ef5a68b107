"""Doors for the lists and catalogues of the towns."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from services.delegation.domain.list_entries import departments, entries
from services.delegation.domain.programme import Row, setting
from services.delegation.domain.survey import Docking, Survey
from services.delegation.domain.town_list import TownList
from services.delegation.doors.base import Doors
from shared.clock import day_of
from shared.contracts.envelope import Given
from shared.refusal import Refused

GENERIC = "generic_role"


class ListDoors(Doors):
    """One town, one list (R021)."""

    def draft_list(
        self, given: Given, *, programme: str, town: str, entries: list[dict[str, Any]],
        replaces: int | None
    ) -> TownList:
        drawn = self._entries(programme, entries)
        claimed = self.lookups.claimed_items(programme, town)
        return TownList.draft(
            self.load(TownList, TownList.create_id(programme, town)),
            programme=self.register.programme(programme), town=self.register.town(programme, town),
            entries=drawn, replaces=replaces,
            not_docked=self._not_docked(programme, town, [*drawn, *claimed]),
        )

    def approve_list(
        self, given: Given, *, programme: str, town: str, approved_by: str, decision_ref: str,
        approved_on: date
    ) -> TownList:
        town_list = self._list(programme, town)
        self.register.in_office(town_list.drafted_departments, day_of(given.at))
        survey = self.load(Survey, Survey.create_id(programme, town))
        town_list.approve(
            programme=self.register.programme(programme), town=self.register.town(programme, town),
            surveyed=survey is not None and survey.surveyed,
            approved_by=self.register.organ(approved_by), decision_ref=decision_ref,
            approved_on=approved_on,
        )
        return town_list

    def revise_list(
        self, given: Given, *, programme: str, town: str, entries: list[dict[str, Any]],
        reason: str, approved_by: str,
    ) -> TownList:
        town_list = self._list(programme, town)
        town_list.revise(
            programme=self.register.programme(programme), town=self.register.town(programme, town),
            approved_by=self.register.organ(approved_by), entries=self._entries(programme, entries),
            reason=reason,
        )
        return town_list

    def strike_from_list(
        self, given: Given, *, programme: str, town: str, item: str, reason: str
    ) -> TownList | None:
        town_list = self.load(TownList, TownList.create_id(programme, town))
        if town_list is not None:
            town_list.strike(item=item, reason=reason)
        return town_list

    def compile_catalogue(
        self, given: Given, *, programme: str, town: str, items: list[str]
    ) -> TownList:
        town_list = self._list(programme, town)
        town_list.compile(items=items)
        return town_list

    def file_catalogue(
        self, given: Given, *, programme: str, town: str, recipient: str, receipt_ref: str,
        filed_on: date
    ) -> TownList:
        town_list = self._list(programme, town)
        recipients = self._recipients(programme, town)
        town_list.file(
            recipient=self._recipient(programme, town, recipient), recipients=list(recipients),
            receipt_ref=receipt_ref, filed_on=filed_on,
        )
        return town_list

    def publish_catalogue(
        self, given: Given, *, programme: str, town: str, channel: str, url: str | None,
        published_at: datetime
    ) -> TownList:
        town_list = self._list(programme, town)
        town_list.publish(
            programme=self.register.programme(programme),
            recipients=self._recipients(programme, town), channel=channel, url=url,
            published_at=published_at,
        )
        return town_list

    def _list(self, programme: str, town: str) -> TownList:
        return self.known(TownList, TownList.create_id(programme, town), "list", town)

    def _entries(self, programme: str, asked: Sequence[Row]) -> list[dict[str, Any]]:
        items: dict[str, Row] = {}
        for row in asked:
            try:
                items[row["item"]] = self.register.item(programme, row["item"])
            except Refused as unknown:
                if unknown.code != "register.unknown-item":
                    raise
        return entries(self.register.programme(programme), asked, items)

    def _not_docked(self, programme: str, town: str, rows: Sequence[Row]) -> list[str]:
        return [
            department for department in departments(rows)
            if self.load(Docking, Docking.create_id(programme, department, town)) is None
        ]

    def _recipients(self, programme: str, town: str) -> dict[str, str]:
        """With whom the catalogue is filed (R040); a role means the town's own county."""
        named = setting(
            self.register.programme(programme), "filing", "catalogue", "recipient_org_ids"
        ) or ()
        county = self.register.town(programme, town)["matching_county_id"]
        organs = [self.register.organ(org) for org in named]
        resolved = [
            self.register.organ(county) if organ["kind"] == GENERIC and county else organ
            for organ in organs
        ]
        return {organ["org_id"]: organ["name"] for organ in resolved}

    def _recipient(self, programme: str, town: str, named: str) -> str:
        """A recipient by its code or by any of its names (R008)."""
        try:
            organ = self.register.organ(named)
        except Refused:
            organ = self.register.organ(self.register.resolve(self.jurisdiction(programme), named))
        county = self.register.town(programme, town)["matching_county_id"]
        return str(county if organ["kind"] == GENERIC and county else organ["org_id"])
