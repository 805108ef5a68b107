"""Catalog and delegation for real: the five programmes once, an empty log for each test."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import uuid4

import psycopg2
import pytest

from shared.contracts.envelope import Fact, Given, instant
from shared.database import Database
from shared.migrate import as_role
from shared.settings import WITH_DATABASE, Settings
from tests.emptied import emptied
from tests.handing_over import hand_over, hand_over_grant
from tests.ready import supervised
from tests.world import World

PROGRAMMES = ("MD2023", "ST2021", "SR2020", "ZZ2021", "GZ2020")
SUPERVISED = ("ST2021", "ZZ2021")  # their annexes name no supervisor (R016)
EMPTIED = (
    "bus.parked", "readmodel.menu", "readmodel.legal_constraint", "readmodel.holding",
    "readmodel.started",
    "readmodel.claim", "readmodel.town_list", "readmodel.town_catalogue", "readmodel.granted",
    "readmodel.rejected", "readmodel.transferred", "readmodel.agreement", "readmodel.seal",
    "readmodel.open_case", "readmodel.recall", "readmodel.handover_line", "readmodel.resource",
    "readmodel.town_paper", "readmodel.centre_rule", "readmodel.need",
    "readmodel.training_plan", "readmodel.training_held", "readmodel.capability",
    "readmodel.guidance", "readmodel.operator_assigned", "readmodel.secondment",
    "readmodel.account", "readmodel.account_item", "readmodel.account_facet",
    "readmodel.handling_body", "readmodel.forwarding_mechanism", "readmodel.mode_assessment",
)
CLAUSES = ("授权事项", "权限范围", "委托期限", "双方权利义务", "法律责任")
BUREAU = "MD2023-ORG-19"
MORNING = "2023-06-20T09:00:00+08:00"
DECISION = {
    "kind": "decision", "ref": "菏区政字〔2023〕15号", "dated": "2023-06-20", "sha256": None
}


class County(World):
    """A world of two services, and the steps that many tests begin with."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.services, self.consumers, self._admin = {}, {}, {}
        for name in WITH_DATABASE:
            self._admin[name] = Database(settings.dsn(name), size=1, search_path="log")
        for name in ("catalog", "delegation"):
            self._service(name, replace(settings, database_url=as_role(settings, name)))
        self.everything = dict(self.consumers)
        self.constraints = 0

    def fresh(self) -> None:
        """Empty what delegation recorded and derived from itself; the catalogue stays."""
        self.consumers = self.everything
        known = self.commands("delegation").database.rows(
            "SELECT programme_id, programme_id IN (SELECT programme_id FROM item_supervision"
            " JOIN item USING (item_id)) FROM programme"
        )
        if dict(known) != {name: name in SUPERVISED for name in PROGRAMMES}:
            self.empty()
            self.imported(*PROGRAMMES)
            for programme in SUPERVISED:
                supervised(self, programme)
            self.settle()
        emptied(self.settings, "delegation", EMPTIED)
        held = psycopg2.connect(self.settings.dsn("delegation"))
        with held, held.cursor() as at:
            at.execute(
                "UPDATE bus.cursor SET projected = 0, reacted = 0 WHERE source = 'delegation'"
            )
        held.close()
        for consumer in self.everything.values():
            consumer.start()
        self.consumers = {"delegation": self.everything["delegation"]}

    def told(
        self, door: str, request: Mapping[str, Any], at: str = MORNING, **how: Any
    ) -> dict[str, Any]:
        """A command to delegation, and everything it leads to."""
        answer = self.do("delegation", door, request, at=at, instrument=DECISION, **how)
        self.settle()
        return answer

    def given(self, at: str, **how: Any) -> Given:
        """The circumstances of a command, for calls past `told`."""
        return Given(
            command=uuid4(), at=instant(at),
            actor={"org": "test-org", "role": "officer", "operator": "op-1"}, **how
        )

    def agreed(
        self, items: Sequence[str], town: str = "MD2023-TOWN-08", *, department: str = BUREAU,
        kind: str = "entrustment", until: str = "2024-06-30", signed: str = "2023-06-20",
    ) -> str:
        """A signed agreement with all its clauses."""
        clauses = CLAUSES if kind == "entrustment" else (*CLAUSES, "受审转报机制")
        drafted = self.told("draft_agreement", {
            "programme": "MD2023", "kind": kind, "department": department, "town": town,
            "items": list(items),
            "clauses": [{"key": key} for key in clauses], "term_from": "2023-07-01",
            "term_to": until,
        })
        self.told("sign_agreement", {
            "programme": "MD2023", "agreement": drafted["stream"], "signed_on": signed,
            "signatories": [department, town],
        })
        return str(drafted["stream"])

    def entrusted(self, item: str, town: str = "MD2023-TOWN-08", **agreement: Any) -> str:
        """An agreement and a grant in entrusted handling under it, from 2023-07-01."""
        self.agreed([item], town, **agreement)
        return self.delegated(item, town, "entrusted_handling", "2023-07-01")

    def delegated(
        self, item: str, town: str, mode: str, effective_from: str, at: str = MORNING, **more: Any
    ) -> str:
        """A grant; its id."""
        programme = town.partition("-")[0]
        request = {
            "programme": programme, "town": town, "item": item, "mode": mode,
            "effective_from": effective_from,
        }
        return str(self.told("delegate", request | more, at)["stream"])

    def seal_rule(self, town: str) -> None:
        """The centre of a town has its rule on the use of seals (R085)."""
        self.told("register_centre_rule", {
            "programme": "MD2023", "town": town, "kind": "seal", "in_force_from": "2023-05-01",
        })

    def handed_over(
        self, grant: str, on: str = "2023-06-25", left_open: tuple[int, ...] = ()
    ) -> None:
        """The hand-over of a grant, but for the lines left open (R090)."""
        hand_over_grant(self, grant, on=on, left_open=left_open)

    def papers_moved(
        self, item: str, unit: str = "GZ2020-UNIT-15", left_open: tuple[int, ...] = ()
    ) -> None:
        """The hand-over of an item that is to be transferred to a bureau (R100)."""
        hand_over(
            self, {"programme": "GZ2020", "unit": unit, "item": item},
            given_by=f"{unit}-ORG-01", taker=f"{unit}-BUREAU", on="2021-04-11",
            left_open=left_open,
        )

    def sealed(self, department: str = BUREAU, town: str = "MD2023-TOWN-08") -> str:
        """A seal No. 2 in use."""
        self.seal_rule(town)
        self.told("authorise_seal", {
            "programme": "MD2023", "department": department, "town": town,
            "authorised_by": "MD2023-ORG-02",
            "instrument_ref": "菏区政字〔2023〕16号",
        })
        seal = f"SEAL2:{department}:{town}:1"
        names = self.commands("delegation").lookups.names(department)
        name = self.commands("delegation").register.town("MD2023", town)["name"]
        self.told("engrave_seal", {
            "programme": "MD2023", "seal": seal, "engraved_on": "2023-06-10",
            "text": f"牡丹{names[0]}审批专用章（{name}）",
        })
        self.told("issue_seal", {
            "programme": "MD2023", "seal": seal, "custodian": f"{town}-CENTRE",
            "issued_on": "2023-06-15",
        })
        return seal

    def taken_over(self) -> str:
        """An item on the list, under an agreement, sealed: all that a recall touches."""
        self.sealed()
        self.told("draft_list", {
            "programme": "MD2023", "town": "MD2023-TOWN-08",
            "entries": [{"item": "MD23-13", "mode": "entrusted_handling"}],
        })
        self.told("approve_list", {
            "programme": "MD2023", "town": "MD2023-TOWN-08", "approved_by": "MD2023-ORG-02",
            "decision_ref": "字号", "approved_on": "2023-06-01",
        })
        return self.entrusted("MD23-13")

    def recalled(
        self, grant: str, effective_from: str, *, decided_on: str = "2024-02-28",
        at: str = "2024-02-28T15:00:00+08:00",
    ) -> dict[str, Any]:
        """A recall by procedure: proposed, heard, decided."""
        named = {"programme": "MD2023", "grant": grant}
        self.told("propose_recall", named | {
            "ground": "poor_effect", "evidence_refs": ["E-7"], "proposed_by": BUREAU,
        }, at)
        self.told("hear_town", named | {"opinion_ref": "意见-2024-02"}, at)
        return self.told(
            "recall", named | {"decided_on": decided_on, "effective_from": effective_from}, at
        )

    def holders(
        self, item: str, town: str, facet: str, at: str, known_at: str | None = None
    ) -> list[str]:
        """Who held it, by town-filed cases first."""
        asked = {"item": item, "town": town, "facet": facet, "at": at}
        if known_at:
            asked["known_at"] = known_at
        return [row["org_id"] for row in self.ask("delegation", "holders", asked)]

    def recorded(self, type_: str) -> list[Fact]:
        """The facts of one kind that delegation has recorded."""
        return self.facts("delegation", type_)


@pytest.fixture(scope="module")
def one_county(migrated: Settings) -> Iterator[County]:
    county = County(migrated)
    yield county
    county.close()


@pytest.fixture
def county(one_county: County) -> County:
    """Delegation as on its first day, with the five programmes."""
    one_county.fresh()
    return one_county
