"""Contracts of catalog's events: programmes, organs, items, publications."""

from marshmallow import EXCLUDE, Schema, fields
from marshmallow.validate import OneOf

from shared.contracts import (  # noqa: F401 - registers them
    catalog_items,
    catalog_organs,
    catalog_places,
    signing_keys,
)
from shared.contracts.events import EventSchema, contract

CONSTRAINTS = ("entrust_forbidden", "devolve_forbidden", "level_fixed")
NORM_RANKS = ("law", "regulation", "rule")
STEPS = ("accept", "forward", "approve", "total", "statutory")
UNITS = ("working_day", "calendar_day", "hour")
DOMAINS = ("approval", "service", "enforcement")
ALIAS_BASES = (
    "canonical", "abbreviation", "name_plate", "explicit_in_text", "functional_description",
    "artefact_of_extraction", "former_name",
)


class ModeFacet(Schema):
    """Who holds one facet in a mode, by where the case was filed (Part 0 of the rules)."""

    filed_at = fields.String(required=True)
    cross_town = fields.String(required=True, validate=OneOf(("any", "yes", "no")))
    facet = fields.String(required=True)
    holder = fields.String(required=True)
    capacity = fields.String(required=True, allow_none=True)


class ModePolicy(Schema):
    """What a mode means: facets, seal, agreement, filing; None where the notice is silent."""

    facets = fields.List(fields.Nested(ModeFacet, unknown=EXCLUDE), required=True)
    seal_kind = fields.String(required=True, allow_none=True)
    agreement_kind = fields.String(required=True, allow_none=True)
    agreement_force = fields.String(required=True, allow_none=True)
    agreement_items = fields.String(required=True, allow_none=True)
    clauses = fields.List(fields.String(), required=True)
    filing = fields.String(required=True, allow_none=True)
    exclusive = fields.Boolean(required=True, allow_none=True)
    redelegation_allowed = fields.Boolean(required=True, allow_none=True)
    forward_to = fields.String(required=True, allow_none=True)
    forward_reason = fields.String(required=True, allow_none=True)
    issue_on_seal = fields.Boolean(required=True)
    criterion = fields.String(required=True, allow_none=True)


class LeftOut(Schema):
    """An item that a menu does not offer, and why."""

    item_id = fields.String(required=True)
    reason = fields.String(required=True)


@contract("catalog.ProgrammeRegistered")
class ProgrammeRegistered(EventSchema):
    """A jurisdiction's own set of rules under one notice (R001)."""

    programme_id = fields.String(required=True)
    document_no = fields.String(required=True, allow_none=True)
    title = fields.String(required=True)
    issuer_org = fields.String(required=True)
    issued_on = fields.Date(required=True)
    jurisdiction_id = fields.String(required=True)
    level = fields.String(required=True)
    parent_programme_id = fields.String(required=True, allow_none=True)
    parent_documents = fields.List(fields.String(), required=True)
    grantor_kind = fields.String(required=True)
    claim_required = fields.Boolean(required=True)
    settings = fields.Dict(keys=fields.String(), required=True)


@contract("catalog.ProgrammeModeEnabled")
class ProgrammeModeEnabled(EventSchema):
    """A mode joins the programme's modes, by a document (R002)."""

    mode = fields.String(required=True)
    mode_zh = fields.String(required=True)
    policy = fields.Nested(ModePolicy, required=True, unknown=EXCLUDE)
    order_of_preference = fields.Integer(required=True)
    instrument_ref = fields.String(required=True, allow_none=True)


@contract("catalog.ProgrammeRecipientAdded")
class ProgrammeRecipientAdded(EventSchema):
    """A town may receive powers under the programme (R004)."""

    town_id = fields.String(required=True)
    from_ = fields.Date(required=True, data_key="from")


@contract("catalog.ProgrammeRecipientRemoved")
class ProgrammeRecipientRemoved(EventSchema):
    """A town may no longer receive powers from that day (R004)."""

    town_id = fields.String(required=True)
    to = fields.Date(required=True)
    reason = fields.String(required=True)


@contract("catalog.DepartmentRegistered")
class DepartmentRegistered(EventSchema):
    """An organ of the jurisdiction (R007, R015)."""

    org_id = fields.String(required=True)
    canonical_name = fields.String(required=True)
    level = fields.String(required=True)
    kind = fields.String(required=True)
    superior_org_id = fields.String(required=True, allow_none=True)
    jurisdiction_id = fields.String(required=True)


@contract("catalog.DepartmentAliasAdded")
class DepartmentAliasAdded(EventSchema):
    """A name that means one organ in the jurisdiction of the envelope (R007, R008)."""

    org_id = fields.String(required=True)
    alias = fields.String(required=True)
    basis = fields.String(required=True, validate=OneOf(ALIAS_BASES))


@contract("catalog.TownRegistered")
class TownRegistered(EventSchema):
    """A town, street office, unit or zone; ``note`` says where it is no real one."""

    town_id = fields.String(required=True)
    name = fields.String(required=True)
    kind = fields.String(required=True)
    tier = fields.String(required=True, allow_none=True)
    managing_zone_id = fields.String(required=True, allow_none=True)
    matching_county_id = fields.String(required=True, allow_none=True)
    department_id = fields.String(required=True, allow_none=True)
    department_name = fields.String(required=True, allow_none=True)
    note = fields.String(required=True, allow_none=True)


@contract("catalog.CentreRegistered")
class CentreRegistered(EventSchema):
    """The service centre of a town: place of handling, keeper of seals (R213)."""

    centre_id = fields.String(required=True)
    town_id = fields.String(required=True)
    name = fields.String(required=True)
    managed_by_org_id = fields.String(required=True, allow_none=True)


@contract("catalog.ItemCodeAssigned")
class ItemCodeAssigned(EventSchema):
    """A code of the programme means this item and no other (R012)."""

    item_id = fields.String(required=True)
    code = fields.String(required=True)


@contract("catalog.ItemListed")
class ItemListed(EventSchema):
    """One row of a catalogue (R010, R011, R012); ``mode`` where the notice sets it per item."""

    item_id = fields.String(required=True)
    catalogue_id = fields.String(required=True)
    seq = fields.Integer(required=True)
    code = fields.String(required=True, allow_none=True)
    name = fields.String(required=True)
    name_fullwidth = fields.String(required=True)
    power_type = fields.String(required=True)
    domain = fields.String(required=True, validate=OneOf(DOMAINS))
    power_level = fields.String(required=True)
    field = fields.String(required=True, allow_none=True)
    outcome_kind = fields.String(required=True, allow_none=True)
    granting_org_id = fields.String(required=True)
    supervising_org_id = fields.String(required=True, allow_none=True)
    mode = fields.String(required=True, allow_none=True)
    note = fields.String(required=True, allow_none=True)


@contract("catalog.ItemScopeDefined")
class ItemScopeDefined(EventSchema):
    """The sub-items that move, with the remark's verb, and what the name excludes (R013, R014)."""

    item_id = fields.String(required=True)
    subitems = fields.List(fields.String(), required=True)
    exclusions = fields.List(fields.String(), required=True)
    verb = fields.String(required=True, allow_none=True)


@contract("catalog.ItemTimeLimitSet")
class ItemTimeLimitSet(EventSchema):
    """A time limit of one step of an item, of one town or of all (R020)."""

    item_id = fields.String(required=True)
    town_id = fields.String(required=True, allow_none=True)
    step = fields.String(required=True, validate=OneOf(STEPS))
    value = fields.Integer(required=True)
    unit = fields.String(required=True, validate=OneOf(UNITS))


@contract("catalog.LegalConstraintRecorded")
class LegalConstraintRecorded(EventSchema):
    """What the law forbids to entrust or to devolve, with article and rank of the norm (R046)."""

    item_id = fields.String(required=True)
    kind = fields.String(required=True, validate=OneOf(CONSTRAINTS))
    norm_rank = fields.String(required=True, validate=OneOf(NORM_RANKS))
    article = fields.String(required=True)
    valid_from = fields.Date(required=True)
    valid_to = fields.Date(required=True, allow_none=True)


@contract("catalog.GuidanceCatalogueIssued")
class GuidanceCatalogueIssued(EventSchema):
    """A version of the catalogue from which towns are served (R010, R011)."""

    catalogue_id = fields.String(required=True)
    version = fields.Integer(required=True)
    size = fields.Integer(required=True)
    item_ids = fields.List(fields.String(), required=True)
    instrument_ref = fields.String(required=True, allow_none=True)


@contract("catalog.MenuIssued")
class MenuIssued(EventSchema):
    """A version of the menu offered to the towns, and what was left out (R023, R031)."""

    menu_id = fields.String(required=True)
    version = fields.Integer(required=True)
    item_ids = fields.List(fields.String(), required=True)
    left_out = fields.List(fields.Nested(LeftOut, unknown=EXCLUDE), required=True)


@contract("catalog.TownListPublished")
class TownListPublished(EventSchema):
    """A version of a town's list is before the public (R105, R181)."""

    town_id = fields.String(required=True)
    list_version = fields.Integer(required=True)
    channel = fields.String(required=True)
    url = fields.String(required=True, allow_none=True)
    published_at = fields.AwareDateTime(required=True, format="iso")
