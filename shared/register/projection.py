"""Catalog's facts into the local copy."""

import json

from psycopg2.extensions import cursor

from shared.contracts.envelope import Fact
from shared.projection import Projection
from shared.register.items import items
from shared.register.organs import organs
from shared.register.places import places

register = Projection(places, items, organs)


@register.on("catalog.ProgrammeRegistered")
def programme(at: cursor, fact: Fact) -> None:
    at.execute(
        "INSERT INTO programme VALUES (%(programme_id)s, %(title)s, %(jurisdiction_id)s,"
        " %(issued_on)s, %(grantor_kind)s, %(settings)s, %(position)s)",
        fact.data | {"settings": json.dumps(fact.data["settings"]), "position": fact.position},
    )


@register.on("catalog.ProgrammeModeEnabled")
def mode(at: cursor, fact: Fact) -> None:
    at.execute(
        "INSERT INTO mode VALUES (%(programme)s, %(mode)s, %(mode_zh)s,"
        " %(order_of_preference)s, %(policy)s, %(position)s)"
        " ON CONFLICT (programme_id, mode)"
        " DO UPDATE SET policy = EXCLUDED.policy, position = EXCLUDED.position",
        fact.data | {
            "programme": fact.programme, "policy": json.dumps(fact.data["policy"]),
            "position": fact.position,
        },
    )


@register.on("catalog.ProgrammeRecipientAdded")
def recipient(at: cursor, fact: Fact) -> None:
    at.execute(
        "INSERT INTO recipient VALUES (%(programme)s, %(town_id)s, %(from_)s, NULL)"
        " ON CONFLICT (programme_id, town_id)"
        " DO UPDATE SET added_on = EXCLUDED.added_on, removed_on = NULL",
        fact.data | {"programme": fact.programme},
    )


@register.on("catalog.ProgrammeRecipientRemoved")
def recipient_removed(at: cursor, fact: Fact) -> None:
    at.execute(
        "UPDATE recipient SET removed_on = %(to)s"
        " WHERE programme_id = %(programme)s AND town_id = %(town_id)s",
        fact.data | {"programme": fact.programme},
    )


@register.on("catalog.DepartmentRegistered")
def organ(at: cursor, fact: Fact) -> None:
    at.execute(
        "INSERT INTO organ VALUES (%(org_id)s, %(programme)s, %(canonical_name)s, %(level)s,"
        " %(kind)s, %(superior_org_id)s, %(jurisdiction_id)s)",
        fact.data | {"programme": fact.programme},
    )


@register.on("catalog.DepartmentAliasAdded")
def alias(at: cursor, fact: Fact) -> None:
    at.execute(
        "INSERT INTO alias VALUES (%(jurisdiction)s, %(alias)s, %(org_id)s, %(basis)s)",
        fact.data | {"jurisdiction": fact.jurisdiction},
    )


@register.on("catalog.TownRegistered")
def town(at: cursor, fact: Fact) -> None:
    at.execute(
        "INSERT INTO town VALUES (%(town_id)s, %(programme)s, %(name)s, %(kind)s, %(tier)s,"
        " %(managing_zone_id)s, %(matching_county_id)s, %(department_id)s, %(department_name)s,"
        " %(note)s)",
        fact.data | {"programme": fact.programme},
    )


@register.on("catalog.CentreRegistered")
def centre(at: cursor, fact: Fact) -> None:
    at.execute("INSERT INTO centre VALUES (%(centre_id)s, %(town_id)s, %(name)s)", fact.data)


@register.on("catalog.ItemListed")
def item(at: cursor, fact: Fact) -> None:
    at.execute(
        "INSERT INTO item VALUES (%(item_id)s, %(programme)s, %(seq)s, %(code)s, %(name)s,"
        " %(power_type)s, %(domain)s, %(power_level)s, %(outcome_kind)s, %(granting_org_id)s,"
        " %(supervising_org_id)s, %(position)s, %(recorded_at)s, %(catalogue_id)s, %(field)s,"
        " %(mode)s, %(note)s)",
        fact.data | {
            "programme": fact.programme, "position": fact.position,
            "recorded_at": fact.recorded_at,
        },
    )


@register.on("catalog.ItemScopeDefined")
def scope(at: cursor, fact: Fact) -> None:
    at.execute(
        "INSERT INTO item_scope VALUES (%(item_id)s, %(subitems)s, %(exclusions)s, %(verb)s)"
        " ON CONFLICT (item_id)"
        " DO UPDATE SET subitems = EXCLUDED.subitems, exclusions = EXCLUDED.exclusions,"
        " verb = EXCLUDED.verb",
        fact.data,
    )


@register.on("catalog.LegalConstraintRecorded")
def constraint(at: cursor, fact: Fact) -> None:
    at.execute(
        "INSERT INTO legal_constraint VALUES (%(item_id)s, %(kind)s, %(norm_rank)s, %(article)s,"
        " %(valid_from)s, %(valid_to)s, %(position)s)",
        fact.data | {"position": fact.position},
    )


@register.on("catalog.ItemTimeLimitSet")
def limit(at: cursor, fact: Fact) -> None:
    at.execute(
        "INSERT INTO item_limit VALUES (%(item_id)s, %(town)s, %(step)s, %(value)s, %(unit)s)"
        " ON CONFLICT (item_id, town_id, step)"
        " DO UPDATE SET value = EXCLUDED.value, unit = EXCLUDED.unit",
        fact.data | {"town": fact.data["town_id"] or ""},
    )


@register.on("catalog.MenuIssued")
def menu(at: cursor, fact: Fact) -> None:
    at.execute(
        "INSERT INTO menu VALUES (%(programme)s, %(menu_id)s, %(version)s, %(item_ids)s)",
        fact.data | {"programme": fact.programme},
    )


@register.on("catalog.GuidanceCatalogueIssued")
def catalogue(at: cursor, fact: Fact) -> None:
    at.execute(
        "INSERT INTO catalogue VALUES (%(programme)s, %(catalogue_id)s, %(version)s, %(size)s)",
        fact.data | {"programme": fact.programme},
    )
