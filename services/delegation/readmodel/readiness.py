"""Resources, papers and rules of the towns, and what is missing of them."""

from typing import Any

from psycopg2.extensions import cursor

from services.delegation.domain import centre_rules, provision
from shared.clock import day_of
from shared.contracts.envelope import Fact
from shared.database import Database
from shared.plain import plain
from shared.projection import Projection
from shared.register.questions import Register

readiness = Projection()

PAPERS = {
    "delegation.TakeoverPlanFiled": "plan",
    "delegation.ServiceGuideFiled": "guide",
    "delegation.ManualFiled": "manual",
}


@readiness.on("delegation.ResourceProvided")
def provided(at: cursor, fact: Fact) -> None:
    at.execute(
        "INSERT INTO resource VALUES (%(programme)s, %(department_id)s, %(town_id)s, %(kind)s,"
        " %(description)s, %(on)s, %(position)s)",
        fact.data | {"programme": fact.programme, "position": fact.position},
    )


@readiness.on(*PAPERS)
def filed(at: cursor, fact: Fact) -> None:
    at.execute(
        "INSERT INTO town_paper VALUES (%(programme)s, %(town_id)s, %(kind)s, %(version)s,"
        " %(item_ids)s, %(file_ref)s, %(recipient_org_id)s, %(filed_on)s, %(position)s)",
        {"version": None, "item_ids": []} | fact.data | {
            "kind": PAPERS[fact.type], "programme": fact.programme, "position": fact.position,
        },
    )


@readiness.on("delegation.CentreRuleRegistered")
def rule_registered(at: cursor, fact: Fact) -> None:
    at.execute(
        "INSERT INTO centre_rule VALUES (%(programme)s, %(centre_id)s, %(kind)s, %(version)s,"
        " %(in_force_from)s, %(position)s)",
        fact.data | {"programme": fact.programme, "position": fact.position},
    )


def plan_filed(database: Database, programme: str, town: str) -> bool:
    """Whether the town has filed its take-over plan (R045)."""
    return bool(database.rows(
        "SELECT 1 FROM town_paper WHERE programme_id = %s AND town_id = %s AND kind = 'plan'",
        (programme, town),
    ))


class ReadinessQuestions:
    """Questions on what a town has before it works."""

    database: Database
    register: Register

    def resources(self, *, programme: str, town: str) -> Any:
        """R101: of each started item, what came with it, how late, and what did not come."""
        asked = provision.kinds_asked(self.register.programme(programme))
        first = {
            (row["department_id"], row["kind"]): row["provided_on"]
            for row in self.database.dicts(
                "SELECT department_id, kind, min(provided_on) AS provided_on FROM resource"
                " WHERE programme_id = %s AND town_id = %s GROUP BY department_id, kind",
                (programme, town),
            )
        }
        started = self.database.dicts(
            "SELECT grant_id, item_id, power_owner_org_id, started_at FROM granted"
            " WHERE programme_id = %s AND town_id = %s AND started_at IS NOT NULL"
            " ORDER BY item_id, started_at", (programme, town),
        )
        return plain([
            {
                "grant_id": row["grant_id"], "item_id": row["item_id"],
                "department_id": row["power_owner_org_id"],
                "started_on": day_of(row["started_at"]),
                "resources": [
                    {
                        "kind": kind, "provided_on": on,
                        "days_late": provision.days_late(day_of(row["started_at"]), on),
                    }
                    for (department, kind), on in sorted(first.items())
                    if department == row["power_owner_org_id"]
                ],
                "missing": [
                    kind for kind in asked if (row["power_owner_org_id"], kind) not in first
                ],
            }
            for row in started
        ])

    def town_papers(self, *, programme: str) -> Any:
        """R045, R201: each town's plan, guides and manual, and what it has not filed."""
        papers = self.database.dicts(
            "SELECT DISTINCT ON (town_id, kind) town_id, kind, version, file_ref,"
            " recipient_org_id, filed_on FROM town_paper WHERE programme_id = %s"
            " ORDER BY town_id, kind, position DESC", (programme,),
        )
        towns = self.database.dicts(
            "SELECT t.town_id, t.name FROM town t JOIN recipient r USING (programme_id, town_id)"
            " WHERE t.programme_id = %s AND r.removed_on IS NULL ORDER BY t.town_id", (programme,),
        )
        of = {(paper.pop("town_id"), paper.pop("kind")): paper for paper in papers}
        return plain([
            town | {
                "papers": {
                    kind: of[town["town_id"], kind] for kind in PAPERS.values()
                    if (town["town_id"], kind) in of
                },
                "missing": [kind for kind in PAPERS.values() if (town["town_id"], kind) not in of],
            }
            for town in towns
        ])

    def centre_rules(self, *, programme: str, town: str) -> Any:
        """R085: how many of the nine basic rules are registered, and which are not."""
        centre = self.register.town(programme, town)["centre_id"]
        rules = self.database.dicts(
            "SELECT DISTINCT ON (kind) kind, version, in_force_from FROM centre_rule"
            " WHERE programme_id = %s AND centre_id = %s ORDER BY kind, version DESC",
            (programme, centre),
        )
        known = {rule["kind"] for rule in rules}
        return plain({
            "centre_id": centre, "registered": len(rules), "of": len(centre_rules.KINDS),
            "rules": rules, "missing": [
                {"kind": kind, "name": name} for kind, name in centre_rules.KINDS.items()
                if kind not in known
            ],
        })
