"""Contracts of catalog's events on what becomes of organs and towns."""

from marshmallow import fields

from shared.contracts.events import EventSchema, contract


class OfOrgan(EventSchema):
    """What happens to an organ."""

    org_id = fields.String(required=True)


class OfTown(EventSchema):
    """What happens to a town."""

    town_id = fields.String(required=True)


@contract("catalog.OrganRenamed")
class OrganRenamed(OfOrgan):
    """The same organ has another name; the old one goes on meaning it (R007, R008)."""

    old_name = fields.String(required=True)
    new_name = fields.String(required=True)
    effective_on = fields.Date(required=True)


@contract("catalog.OrganResubordinated")
class OrganResubordinated(OfOrgan):
    """Another superior (R015)."""

    old_superior_org_id = fields.String(required=True, allow_none=True)
    superior_org_id = fields.String(required=True, allow_none=True)
    effective_on = fields.Date(required=True)


@contract("catalog.OrganMerged")
class OrganMerged(OfOrgan):
    """The organ is no more and its id closed for ever; another stands for it (R007)."""

    into_org_id = fields.String(required=True)
    effective_on = fields.Date(required=True)


@contract("catalog.TownRenamed")
class TownRenamed(OfTown):
    """The same town has another name; null where its centre or department keeps its own."""

    old_name = fields.String(required=True)
    new_name = fields.String(required=True)
    centre_name = fields.String(required=True, allow_none=True)
    department_name = fields.String(required=True, allow_none=True)
    effective_on = fields.Date(required=True)


@contract("catalog.TownKindChanged")
class TownKindChanged(OfTown):
    """The same recipient is of another kind: 镇, 乡, 街道办事处 (R004)."""

    old_kind = fields.String(required=True)
    new_kind = fields.String(required=True)
    effective_on = fields.Date(required=True)


@contract("catalog.TownMerged")
class TownMerged(OfTown):
    """The town is no more and its id closed for ever; another stands for it (R004)."""

    into_town_id = fields.String(required=True)
    effective_on = fields.Date(required=True)
