"""Training, guidance, operators and accounts as they stand."""

from typing import Any

from psycopg2.extensions import cursor

from shared.contracts.envelope import Fact
from shared.projection import Projection

capability = Projection()


def _told(fact: Fact, **more: Any) -> dict[str, Any]:
    return fact.data | {"programme": fact.programme, "position": fact.position} | more


@capability.on("delegation.TrainingPlanSet")
def plan_set(at: cursor, fact: Fact) -> None:
    at.execute(
        "INSERT INTO training_plan (programme_id, item_id, department_id, plan_ref)"
        " SELECT %(programme)s, item, %(department_id)s, %(plan_ref)s"
        " FROM unnest(%(items)s::text[]) AS item ON CONFLICT (programme_id, item_id)"
        " DO UPDATE SET department_id = EXCLUDED.department_id, plan_ref = EXCLUDED.plan_ref",
        _told(fact, items=sorted(set(fact.data["item_ids"]))),
    )


@capability.on("delegation.TrainingHeld")
def training_held(at: cursor, fact: Fact) -> None:
    unit = fact.data["unit_id"]
    at.execute(
        "INSERT INTO training_held SELECT DISTINCT %(position)s, %(programme)s, town, item,"
        " %(held_by_org_id)s, %(attendee_ids)s::text[], %(materials)s::text[], %(held_on)s::date"
        " FROM unnest(%(towns)s::text[]) AS town CROSS JOIN unnest(%(item_ids)s::text[]) AS item",
        _told(fact, towns=[unit] if unit else fact.data["town_ids"]),
    )


@capability.on("delegation.CapabilityConfirmed")
def capability_confirmed(at: cursor, fact: Fact) -> None:
    at.execute(
        "INSERT INTO capability SELECT DISTINCT %(position)s, %(programme)s, %(town_id)s, item,"
        " %(operator_ids)s::text[], %(assessed_by_org_id)s, %(on)s::date"
        " FROM unnest(%(item_ids)s::text[]) AS item", _told(fact),
    )


@capability.on("delegation.GuidanceRequested")
def guidance_requested(at: cursor, fact: Fact) -> None:
    at.execute(
        "INSERT INTO guidance (question_id, programme_id, town_id, item_id, department_id,"
        " text_ref, asked_on, state, position) VALUES (%(question_id)s, %(programme)s,"
        " %(town_id)s, %(item_id)s, %(department_id)s, %(text_ref)s, %(asked_on)s, 'open',"
        " %(position)s)", _told(fact),
    )


@capability.on("delegation.GuidanceGiven")
def guidance_given(at: cursor, fact: Fact) -> None:
    at.execute(
        "UPDATE guidance SET state = 'answered', form = %(form)s, answer_ref = %(answer_ref)s,"
        " answered_on = %(on)s WHERE question_id = %(question_id)s", fact.data,
    )


@capability.on("delegation.OperatorAssigned")
def operator_assigned(at: cursor, fact: Fact) -> None:
    at.execute(
        "UPDATE operator_assigned SET to_day = %(from_)s::date - 1"
        " WHERE programme_id = %(programme)s AND operator_id = %(operator_id)s"
        " AND coalesce(to_day >= %(from_)s, true)", _told(fact),
    )
    at.execute(
        "INSERT INTO operator_assigned VALUES (%(position)s, %(programme)s, %(operator_id)s,"
        " %(employer_org_id)s, %(acting_org_id)s, %(contract_kind)s, %(from_)s, %(to)s)",
        _told(fact),
    )


@capability.on("delegation.SecondmentStarted")
def secondment_started(at: cursor, fact: Fact) -> None:
    at.execute(
        "INSERT INTO secondment VALUES (%(position)s, %(programme)s, %(operator_id)s,"
        " %(direction)s, %(from_org_id)s, %(to_org_id)s, %(item_ids)s, %(from_)s)", _told(fact),
    )


@capability.on("delegation.SecondmentEnded")
def secondment_ended(at: cursor, fact: Fact) -> None:
    at.execute(
        "UPDATE secondment SET to_day = %(to)s WHERE programme_id = %(programme)s"
        " AND operator_id = %(operator_id)s AND to_day IS NULL", _told(fact),
    )


@capability.on("delegation.SystemAccountGranted")
def account_granted(at: cursor, fact: Fact) -> None:
    at.execute(
        "INSERT INTO account (account_id, programme_id, system, org_id, operator_id, state,"
        " valid_from, valid_to, position) VALUES (%(account_id)s, %(programme)s, %(system)s,"
        " %(org_id)s, %(operator_id)s, 'granted', %(valid_from)s, %(valid_to)s, %(position)s)",
        _told(fact),
    )
    for table, rights in (("account_item", "item_ids"), ("account_facet", "facets")):
        at.execute(
            f"INSERT INTO {table} SELECT %(account_id)s::uuid, one"
            f" FROM unnest(%({rights})s::text[]) AS one", fact.data,
        )


@capability.on("delegation.SystemAccountNarrowed")
def account_narrowed(at: cursor, fact: Fact) -> None:
    at.execute(
        "UPDATE account SET state = 'narrowed' WHERE account_id = %(account_id)s", fact.data
    )
    at.execute(
        "UPDATE account_item SET until = %(from_)s WHERE account_id = %(account_id)s"
        " AND item_id = ANY (%(removed_item_ids)s)", fact.data,
    )
    at.execute(
        "UPDATE account_facet SET until = %(from_)s WHERE account_id = %(account_id)s"
        " AND facet = ANY (%(removed_facets)s)", fact.data,
    )


@capability.on("delegation.SystemAccountRevoked")
def account_revoked(at: cursor, fact: Fact) -> None:
    at.execute(
        "UPDATE account SET state = 'revoked', revoked_from = %(from_)s, reason = %(reason)s"
        " WHERE account_id = %(account_id)s", fact.data,
    )
