"""The commands of catalog: programmes, organs, towns, items, catalogues, publications."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any, ClassVar

from eventsourcing.domain import Aggregate
from marshmallow import ValidationError

from services.catalog.domain import content as whole
from services.catalog.domain import refusals
from services.catalog.domain.catalogue import Catalogue, Menu
from services.catalog.domain.item import Item, ItemCode
from services.catalog.domain.organ import Directory, Town
from services.catalog.domain.place import Bureau, Channel, Hours, Station, Window
from services.catalog.domain.power_list import PowerList
from services.catalog.domain.process import Process
from services.catalog.domain.programme import Programme
from services.catalog.domain.publication import Publication
from services.catalog.domain.standards import Standards
from services.catalog.domain.steps import catalogue_of, document_of, steps
from services.catalog.doors.base import must_begin, registering
from services.catalog.doors.items import ItemDoors
from services.catalog.doors.organs import OrganDoors
from services.catalog.doors.places import PlaceDoors
from services.catalog.doors.tables import TableDoors
from shared.contracts.envelope import Given


class Catalog(ItemDoors, PlaceDoors, OrganDoors, TableDoors):
    """Doors of catalog."""

    service = "catalog"
    aggregates: ClassVar[tuple[type[Aggregate], ...]] = (
        Programme, Directory, Town, ItemCode, Item, Catalogue, Menu, Publication,
        Window, Hours, Station, Channel, Bureau, Standards, Process, PowerList,
    )
    many_step: ClassVar[frozenset[str]] = frozenset({"import_programme", "import_catalogue"})

    def register_programme(self, given: Given, *, programme: str, **notice: Any) -> Programme:
        if wrong := whole.malformed_registration(notice["settings"]):
            raise ValidationError({"settings": wrong})
        known = self.load(Programme, Programme.create_id(programme))
        if known is None:
            registering.set(notice["jurisdiction_id"])
            return Programme.register(programme_id=programme, **notice)
        known.register_again(**notice)
        return known

    def enable_mode(self, given: Given, *, programme: str, **mode: Any) -> Programme:
        known = self.programme_of(programme)
        known.enable_mode(**mode)
        return known

    def add_recipient(
        self, given: Given, *, programme: str, town: str, from_: date
    ) -> Programme:
        known = self.programme_of(programme)
        self.must_be_town(programme, town)
        known.add_recipient(town=town, from_=from_)
        return known

    def remove_recipient(
        self, given: Given, *, programme: str, town: str, to: date, reason: str
    ) -> Programme:
        known = self.programme_of(programme)
        if grants := self.questions.grants_in_force(programme, town, given.at):
            raise refusals.grants_in_force(town, grants)
        known.remove_recipient(town=town, to=to, reason=reason)
        return known

    def register_organ(
        self, given: Given, *, programme: str, org_id: str, superior_org_id: str | None, **row: Any
    ) -> Directory:
        self.programme_seen(programme)
        self.must_be_known(programme, [superior_org_id])
        if self.load(Town, Town.create_id(org_id)):
            raise refusals.id_taken(org_id)
        directory, jurisdiction = self.directory(programme)
        directory.register(
            programme=programme, jurisdiction=jurisdiction, org_id=org_id,
            superior_org_id=superior_org_id, **row,
        )
        return directory

    def add_alias(
        self, given: Given, *, programme: str, org_id: str, alias: str, basis: str
    ) -> Directory:
        self.programme_seen(programme)
        self.must_be_known(programme, [org_id])
        directory, jurisdiction = self.directory(programme)
        directory.add_alias(jurisdiction=jurisdiction, org_id=org_id, alias=alias, basis=basis)
        return directory

    def register_town(self, given: Given, *, programme: str, town_id: str, **row: Any) -> Town:
        self.programme_seen(programme)
        must_begin(town_id, programme)
        above = ("managing_zone_id", "matching_county_id", "centre_managed_by_org_id")
        self.must_be_known(programme, [row[column] for column in above])
        known = self.load(Town, Town.create_id(town_id))
        if known:
            known.register_again(**row)
            return known
        directory, _ = self.directory(programme)
        if town_id in directory.organs:
            raise refusals.id_taken(town_id)
        return Town.register(town_id=town_id, **row)

    def assign_code(self, given: Given, *, programme: str, item: str, code: str) -> ItemCode:
        known = self.load(ItemCode, ItemCode.create_id(programme, code))
        if known:
            known.assign_again(item=item)
            return known
        digits = self.programme_seen(programme).settings["catalogue"]["code_digits"]
        return ItemCode.assign(programme=programme, item=item, code=code, digits=digits)

    def list_item(self, given: Given, *, programme: str, item_id: str, **row: Any) -> Item:
        rules = self.programme_seen(programme, mode=row["mode"])
        must_begin(row["catalogue_id"], programme)
        self.must_be_known(programme, [row["granting_org_id"], row["supervising_org_id"]])
        known = self.load(Item, Item.create_id(item_id))
        if known:
            known.enter_again(item_id=item_id, **row)
            return known
        item = Item.enter(
            item_id=item_id, required=rules.settings["catalogue"]["required_columns"],
            mode_zh=rules.modes[row["mode"]]["mode_zh"] if row["mode"] else None, **row,
        )
        if row["code"]:
            code = {"programme": programme, "item": item_id, "code": row["code"]}
            self.follow(given, "code", "assign_code", code)
        return item

    def issue_catalogue(
        self, given: Given, *, programme: str, catalogue_id: str, item_ids: list[str], **issue: Any
    ) -> Catalogue:
        stated = self.programme_seen(programme).settings["catalogue"]["size"]
        must_begin(catalogue_id, programme)
        self.must_be_listed(programme, item_ids)
        catalogue = self.stream(Catalogue, Catalogue.create_id(catalogue_id))
        catalogue.issue(catalogue_id=catalogue_id, item_ids=item_ids, stated_size=stated, **issue)
        return catalogue

    def issue_menu(
        self, given: Given, *, programme: str, menu_id: str, item_ids: list[str], **issue: Any
    ) -> Menu:
        rules = self.programme_seen(programme)
        must_begin(menu_id, programme)
        self.must_be_offered(rules, item_ids, given)
        menu = self.stream(Menu, Menu.create_id(menu_id))
        menu.issue(menu_id=menu_id, item_ids=item_ids, **issue)
        return menu

    def record_legal_constraint(
        self, given: Given, *, programme: str, item: str, **constraint: Any
    ) -> Item:
        known = self.item(programme, item)
        known.record_constraint(**constraint)
        return known

    def set_time_limit(
        self, given: Given, *, programme: str, item: str, town: str | None, **limit: Any
    ) -> Item:
        known = self.item(programme, item)
        if town is not None:
            self.must_be_town(programme, town)
        known.set_limit(town=town, **limit)
        return known

    def publish_town_list(
        self, given: Given, *, programme: str, town: str, **publication: Any
    ) -> Publication:
        self.programme_seen(programme)
        self.must_be_town(programme, town)
        known = self.stream(Publication, Publication.create_id(programme, town))
        approved = self.questions.approved_versions(programme, town)
        known.publish(town=town, approved=approved, **publication)
        return known

    def republish_town_list(
        self, given: Given, *, programme: str, town: str, list_version: int, published_at: datetime
    ) -> Publication:
        self.programme_seen(programme)
        self.must_be_town(programme, town)
        known = self.stream(Publication, Publication.create_id(programme, town))
        known.republish(town=town, list_version=list_version, published_at=published_at)
        return known

    def import_programme(self, given: Given, *, programme: str, content: dict[str, Any]) -> None:
        """Let the content in as a whole or refuse it as a whole, then one command for each row.

        A second import of the same content finds everything as it is and appends nothing. An
        import with more items issues the next version of the catalogue.
        """
        if wrong := whole.malformed(content):
            raise ValidationError({"content": wrong})
        notice = content["programme"]
        if notice["id"] != programme:
            raise ValidationError({"content": [f"This is the content of {notice['id']}."]})
        whole.approve(content)
        document = {
            "kind": "notice", "ref": document_of(notice), "dated": notice["issued_on"],
            "sha256": None,
        }
        given = replace(given, instrument=given.instrument or document)
        for step in steps(content):
            self.follow(given, step.name, step.door, {"programme": programme} | step.request)
        items = [row["item_id"] for row in content["items"]]
        self.issue_with(given, programme, catalogue_of(notice), items, document_of(notice))
