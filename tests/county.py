"""Catalog and cases for real, with delegation's facts told by the test: for the rules of cases."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4, uuid5

import psycopg2
import pytest

from shared.contracts.envelope import Given, instant, seal
from shared.database import Database
from shared.log.store import Append, Log
from shared.migrate import as_role
from shared.settings import WITH_DATABASE, Settings
from tests.emptied import emptied
from tests.world import World

JURISDICTION = {"MD2023": "371702", "ST2021": "370406", "SR2020": "361100", "GZ2020": "360700"}
JURISDICTION["ZZ2021"] = "370400"
START = "2021-08-01T00:00:00+08:00"
WHERE = UUID("5c7b1f5e-6a0e-4d7e-9f6a-2f5b0c1d2e3f")


EMPTIED = {
    "delegation": (),
    "cases": (
        "bus.parked", "readmodel.application", "readmodel.act", "readmodel.seal",
        "readmodel.grant_end", "readmodel.scope_change", "readmodel.operator_kind",
        "readmodel.holding", "readmodel.started", "readmodel.applicant", "readmodel.applicant_act",
        "applicants.concern", "applicants.salt", "applicants.identity", "applicants.person",
    ),
}


class County(World):
    """A world of two services; `tell` puts a fact into delegation's log."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.services, self.consumers, self._admin = {}, {}, {}
        for name in WITH_DATABASE:
            self._admin[name] = Database(settings.dsn(name), size=1, search_path="log")
        for name in ("catalog", "cases"):
            self._service(name, replace(settings, database_url=as_role(settings, name)))
        self._told = Log(Database(replace(
            settings, database_url=as_role(settings, "delegation")
        ).dsn("delegation"), size=1))

    def close(self) -> None:
        """Close every connection."""
        self._told.database.close()
        super().close()

    def fresh(self, *programmes: str) -> None:
        """Empty the logs of cases and delegation; the catalogue stays as it was imported."""
        known = {
            row[0] for row in self.commands("cases").database.rows(
                "SELECT programme_id FROM programme"
            )
        }
        if not known.issuperset(programmes):
            self.empty()
            self.imported(*programmes)
        self.consumers = {"cases": self.consumers["cases"]}
        for name, tables in EMPTIED.items():
            emptied(self.settings, name, tables)
            held = psycopg2.connect(self.settings.dsn(name))
            with held, held.cursor() as at:
                at.execute(
                    "UPDATE bus.cursor SET projected = 0, reacted = 0 WHERE source <> 'catalog'"
                )
            held.close()
        self.consumers["cases"].start()

    def tell(
        self, type_: str, stream: UUID, data: Mapping[str, Any], *, programme: str, at: str = START,
        version: int = 1,
    ) -> None:
        """A fact of delegation, recorded when it occurred."""
        command = uuid4()
        given = Given(
            command=command, actor={"org": "test-org", "role": "officer", "operator": "op-1"},
            at=instant(at),
            instrument={"kind": "decision", "ref": "test", "dated": at[:10], "sha256": None},
        )
        envelope = seal(
            source="delegation", type_=type_, stream=stream, version=version, index=0,
            data=data, given=given, programme=programme,
            jurisdiction=JURISDICTION[programme], recorded_at=instant(at),
        )
        self._told.append(Append(
            command=command, stream=stream, expected=version - 1, request=bytes(32),
            actor="op-1", types=[type_], envelopes=[envelope],
        ))

    def granted(
        self, item: str, town: str, mode: str, *, scope: tuple[str, ...] = (), from_: str = START,
        started: str | None = START,
    ) -> str:
        """A grant as delegation announces it, its roles resolved; started unless told otherwise."""
        programme = town.partition("-")[0]
        grant = uuid5(WHERE, f"{item}/{town}/{mode}/{from_}/{scope}")
        register = self.commands("cases").world.register
        place, row = register.town(programme, town), register.item(programme, item)
        holders = {
            "town": town, "town_department": place["department_id"],
            "town_centre": place["centre_id"], "town_window": place["centre_id"],
            "district_department": row["granting_org_id"],
        }
        facets = register.programme(programme)["modes"][mode]["policy"]["facets"]
        self.tell("delegation.ItemDelegated", grant, {
            "grant_id": str(grant), "programme_id": programme, "town_id": town, "item_id": item,
            "scope": list(scope), "mode": mode, "decided_by_org_id": row["granting_org_id"],
            "power_owner_org_id": row["granting_org_id"], "act_supervisor_org_id": None,
            "agreement_id": None, "claim_id": None, "predecessor_grant_id": None,
            "facets": [
                {
                    "facet": facet["facet"], "capacity": facet["capacity"] or "",
                    "org_id": holders.get(facet["holder"], facet["holder"]), "filed_at": "town",
                    "cross_town": facet["cross_town"],
                }
                for facet in facets if facet["filed_at"] == "town"
            ],
            "exclusive": False, "effective_from": instant(from_), "transition_until": None,
        }, programme=programme, at=from_)
        if started:
            self.tell("delegation.ItemImplementationStarted", grant, {
                "grant_id": str(grant), "item_id": item, "town_id": town,
                "started_at": instant(started),
            }, programme=programme, at=started, version=2)
        self.settle()
        return str(grant)

    def recalled(
        self, grant: str, item: str, town: str, *, from_: str, at: str,
        in_flight: str | None = "hand_up",
    ) -> None:
        """The end of a started grant; delivered with the next `settle`."""
        programme = town.partition("-")[0]
        self.tell("delegation.ItemRecalled", UUID(grant), {
            "recall_id": str(uuid5(WHERE, grant)), "grant_id": grant, "item_id": item,
            "town_id": town, "ground": "runs_badly", "evidence_refs": ["ev-1"],
            "decided_by_org_id": "test-org", "decided_on": instant(at).date(),
            "effective_from": instant(from_), "returns_to_org_id": "test-org",
            "in_flight_policy": in_flight,
        }, programme=programme, at=at, version=3)

    def under_review(self, grant: str, item: str, town: str, *, at: str) -> None:
        """A legal bar appeared after the grant (R046)."""
        self.tell("delegation.LegalityReviewOpened", UUID(grant), {
            "grant_id": grant, "town_id": town, "constraint_item": item,
            "constraint_kind": "entrust_forbidden", "article": "条例第一条",
        }, programme=town.partition("-")[0], at=at, version=3)
        self.settle()

    def transferred(self, item: str, unit: str, *, at: str) -> None:
        """A power moved wholly to the unit's bureau (GZ2020)."""
        register = self.commands("cases").world.register
        bureau = register.town("GZ2020", unit)["department_id"]
        former = register.item("GZ2020", item)["granting_org_id"]
        transfer = uuid5(WHERE, f"{item}/{unit}")
        facets = register.programme("GZ2020")["modes"]["transfer"]["policy"]["facets"]
        holders = {"bureau": bureau, "former_department": former}
        self.tell("delegation.PowerTransferred", transfer, {
            "transfer_id": str(transfer), "unit_id": unit, "item_id": item, "from_org_id": former,
            "to_org_id": bureau, "agreement_id": str(uuid5(WHERE, "agreement")),
            "transfer_at": instant(at), "exclusive": True,
            "facets": [
                {
                    "facet": facet["facet"], "capacity": facet["capacity"] or "",
                    "org_id": holders.get(facet["holder"], facet["holder"]), "filed_at": "bureau",
                    "cross_town": "any",
                }
                for facet in facets
            ],
        }, programme="GZ2020", at=at)
        self.settle()

    def seal_of(self, org: str, kind: str, *, programme: str) -> str:
        """A registered seal of the organ's own."""
        seal_id = f"{org}-{kind}"
        self.tell(
            "delegation.SealRegistered", uuid5(WHERE, seal_id),
            {"seal_id": seal_id, "kind": kind, "org_id": org}, programme=programme,
        )
        self.settle()
        return seal_id

    def seal_no_2(self, department: str, town: str) -> str:
        """Seal No. 2 of a department for a town, with the town's centre."""
        seal_id = f"{department}/{town}"
        self.tell("delegation.SealIssued", uuid5(WHERE, seal_id), {
            "seal_id": seal_id, "department_id": department, "town_id": town,
            "custodian_org_id": f"{town}-CENTRE", "issued_on": instant(START).date(),
        }, programme=town.partition("-")[0])
        self.settle()
        return seal_id

    def filed(
        self, item: str, at_org: str, *, at: str, subitem: str | None = None,
        towns: tuple[str, ...] = (), key: str = "a-1", subject: str = "s-1",
        case: str | None = None, town: str | None = None, channel: str = "window",
    ) -> str:
        """An application handed in at an organ's window; returns the case's id."""
        case = case or str(uuid4())
        self.act("submit", case, at_org, at=at, item=item, subitem=subitem, applicant_ref="ref-1",
                 applicant_key=key, subject_key=subject, towns_concerned=list(towns),
                 channel=channel, chosen_org=at_org, town=town)
        return case

    def accepted(self, item: str, at_org: str, *, at: str, **told: Any) -> str:
        """An application filed and accepted at once by that organ."""
        case = self.filed(item, at_org, at=at, **told)
        self.act("accept", case, at_org, at=at)
        return case

    def act(
        self, door: str, case: str, org: str, *, at: str, command: UUID | None = None,
        expected: int | None = None, **fields: Any,
    ) -> dict[str, Any]:
        """One command on a case, by an organ."""
        return self.do(
            "cases", door, {"programme": org.partition("-")[0], "case": case, **fields}, at=at,
            actor=org, command=command, expected=expected,
        )

    def events_of(self, case: str) -> list[str]:
        """The names of the facts about a case, in order."""
        self.settle()
        return [
            fact.type.partition(".")[2] for fact in self.facts("cases")
            if fact.data.get("case_id") == case
        ]

    def fact_of(self, case: str, name: str) -> dict[str, Any]:
        """The data of the latest such fact about a case."""
        return [f.data for f in self.facts("cases", name) if f.data["case_id"] == case][-1]


@pytest.fixture
def county(migrated: Settings) -> Iterator[County]:
    """Catalog and cases, all programmes imported, no case and no grant yet."""
    county = County(migrated)
    county.fresh("MD2023", "ST2021", "GZ2020", "SR2020", "ZZ2021")
    yield county
    county.close()
