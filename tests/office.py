"""Supervision alone on real databases: others' facts reach it as the bus would bring them."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

import pytest

from shared.contracts.envelope import Fact, Given, instant, open_fact, seal
from shared.database import Database
from shared.log.store import Log
from shared.migrate import as_role
from shared.settings import WITH_DATABASE, Settings
from tests.world import World

TOLD: dict[str, list[bytes]] = {}
JURISDICTIONS = {
    "SR2020": "361100",
    "ZZ2021": "370400",
    "GZ2020": "360700",
    "MD2023": "371702",
    "ST2021": "370406",
}


class Office(World):
    """Catalog and supervision; what delegation and cases would say is told by the test."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.services: dict[str, Any] = {}
        self.consumers = {}
        self._admin = {
            name: Database(settings.dsn(name), size=1, search_path="log") for name in WITH_DATABASE
        }
        for name in ("catalog", "supervision"):
            self._service(name, replace(settings, database_url=as_role(settings, name)))
        self._told: Counter[str] = Counter()

    def knows(self, *programmes: str) -> "Office":
        """Bring programmes' catalogue facts; a folder is imported once per run."""
        for programme in programmes:
            if programme not in TOLD:
                self.empty()
                self.imported(programme)
                TOLD[programme] = [
                    entry.envelope for entry in Log(self._admin["catalog"]).entries(0, 100_000)
                ]
                self.empty()
        self._bring(
            "catalog", *(envelope for programme in programmes for envelope in TOLD[programme])
        )
        return self

    def tell(
        self,
        type_: str,
        data: Mapping[str, Any],
        *,
        at: str,
        programme: str = "MD2023",
        stream: UUID | None = None,
    ) -> Fact:
        """A fact of another service arrives."""
        source = type_.partition(".")[0]
        position = self._told[source]
        envelope = seal(
            source=source,
            type_=type_,
            stream=stream or uuid5(NAMESPACE_URL, f"{type_}{position}"),
            version=1,
            index=0,
            data=data,
            programme=programme,
            recorded_at=instant(at),
            jurisdiction=JURISDICTIONS[programme],
            given=Given(
                command=uuid5(NAMESPACE_URL, f"told/{source}/{position}"),
                at=instant(at),
                actor={"org": source, "role": "service", "operator": "op-1"},
            ),
        )
        return self._bring(source, envelope)

    def tell_case_accepted(
        self,
        case: str,
        *,
        item: str,
        town: str,
        mode: str,
        at: str,
        forward_due: str | None,
        programme: str = "MD2023",
    ) -> None:
        """A town accepted a case that it has to pass on."""
        self.tell(
            "cases.CaseAccepted",
            {
                "case_id": case,
                "item_id": item,
                "subitem": None,
                "town_id": town,
                "mode": mode,
                "cross_town": False,
                "applicant_key": "ak-1",
                "subject_key": "sk-1",
                "accepted_by_org_id": f"{town}-CENTRE",
                "accepted_level": "town",
                "site": None,
                "acceptor_id": "op-7",
                "grant_id": grant_id("g-1"),
                "issue_on_seal": False,
                "standard_versions": {},
                "path": [],
                "accepted_at": instant(at),
                "due": {"forward": instant(forward_due) if forward_due else None},
                "authority": authority("accept", f"{town}-CENTRE", "g-1", 0),
            },
            at=at,
            programme=programme,
        )

    def tell_case_forwarded(self, case: str, *, from_org: str, to_org: str, at: str) -> None:
        """A case was passed on."""
        self.tell(
            "cases.CaseForwarded",
            {
                "case_id": case,
                "from_org_id": from_org,
                "to_org_id": to_org,
                "reason": "mode",
                "opinion_ref": None,
                "due_at": None,
                "forwarded_at": instant(at),
                "accepted_at": instant(at),
                "authority": authority("accept", from_org, "g-1", 0),
            },
            at=at,
        )

    def tell_delegated(
        self,
        grant: str,
        *,
        item: str,
        town: str,
        at: str,
        mode: str = "entrusted_handling",
        decides: str | None = None,
        programme: str = "MD2023",
    ) -> None:
        """An item was delegated; *decides* is the organ that holds ``decide``."""
        facet = {
            "facet": "decide",
            "org_id": decides or town,
            "capacity": "delegatee",
            "filed_at": "town",
            "cross_town": "no",
        }
        self.tell(
            "delegation.ItemDelegated",
            {
                "grant_id": grant_id(grant),
                "programme_id": programme,
                "town_id": town,
                "item_id": item,
                "scope": [],
                "mode": mode,
                "decided_by_org_id": "MD2023-ORG-19",
                "power_owner_org_id": "MD2023-ORG-19",
                "act_supervisor_org_id": None,
                "agreement_id": None,
                "claim_id": None,
                "predecessor_grant_id": None,
                "facets": [facet],
                "exclusive": False,
                "effective_from": instant(at),
                "transition_until": None,
            },
            at=at,
            programme=programme,
        )

    def tell_recalled(self, grant: str, *, item: str, town: str, effective: str, at: str) -> None:
        """A grant was ended."""
        self.tell(
            "delegation.ItemRecalled",
            {
                "recall_id": f"recall-{grant}",
                "grant_id": grant_id(grant),
                "item_id": item,
                "town_id": town,
                "ground": "runs_badly",
                "evidence_refs": [],
                "decided_by_org_id": "MD2023-ORG-19",
                "decided_on": instant(effective).date(),
                "effective_from": instant(effective),
                "returns_to_org_id": "MD2023-ORG-19",
                "in_flight_policy": "hand_up",
            },
            at=at,
        )

    def tell_approved(
        self,
        decision: str,
        *,
        item: str,
        town: str | None,
        by: str,
        at: str,
        grant: str | None,
        grant_position: int | None = 0,
        programme: str = "MD2023",
    ) -> None:
        """An application was granted."""
        self.tell(
            "cases.ApprovalIssued",
            {
                "case_id": f"case-{decision}",
                "item_id": item,
                "town_id": town,
                "decision_id": decision,
                "decided_by_org_id": by,
                "in_name_of_org_id": "MD2023-ORG-19",
                "acting_org_id": by,
                "seal_kind": "seal_no_2",
                "seal_id": None,
                "seal_user_org_id": None,
                "responsible_org_id": by,
                "liable_org_id": None,
                "basis": "full_review",
                "grant_id": grant and grant_id(grant),
                "holdings_version": 0,
                "decided_at": instant(at),
                "authority": authority("decide", by, grant, grant_position),
            },
            at=at,
            programme=programme,
        )

    def empty(self) -> None:
        super().empty()
        self._told = Counter()

    def _bring(self, source: str, *envelopes: bytes) -> Fact:
        """Record the facts in their log, as the administrator, and let supervision read."""
        facts = [open_fact(envelope, 0, None) for envelope in envelopes]
        self._told[source] += len(facts)
        with self._admin[source].transaction() as at:
            at.execute(
                "INSERT INTO log.event (stream, version, command_id, type, envelope)"
                " SELECT * FROM unnest(%s::uuid[], %s::int[], %s::uuid[], %s::text[], %s::bytea[])",
                (
                    [fact.stream for fact in facts], [fact.version for fact in facts],
                    [fact.id for fact in facts], [fact.type for fact in facts],
                    [fact.envelope for fact in facts],
                ),
            )
        while self._admin[source].rows("SELECT log.integrate(1000)")[0][0] > 0:
            pass
        self.consumers["supervision"].catch_up()
        return replace(facts[-1], position=self._told[source] - 1)


@pytest.fixture
def office(migrated: Settings) -> Iterator[Office]:
    """Supervision on empty logs; a module has it by ``pytest_plugins = ("tests.office",)``."""
    office = Office(migrated)
    office.empty()
    yield office
    parked = office.parked()
    office.close()
    assert parked == []


def grant_id(name: str) -> str:
    """The id of a grant or transfer that the tests call by a short name."""
    return str(uuid5(NAMESPACE_URL, f"grant/{name}"))


def authority(facet: str, org: str, grant: str | None, position: int | None) -> dict[str, Any]:
    """The authority that an act pins."""
    return {
        "grant_id": grant and grant_id(grant),
        "grant_position": position,
        "mode": "entrusted_handling" if grant else None,
        "facet": facet,
        "org_id": org,
        "capacity": "delegatee" if grant else "own",
        "instrument": None,
        "item_position": 0,
    }
