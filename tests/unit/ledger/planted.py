"""A small county in the ledger's books, and facts in them that no command would record."""

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from tests.unit.ledger.books import CENTRE, DEPARTMENT, TOWN, Books

GOLDEN = Path(__file__).parents[3] / "shared/contracts/golden"
OTHER, ZONE, ITEM = "MD2023-TOWN-09", "MD2023-ZONE", "MD23-04"
BEFORE = "2023-06-01T09:00:00+08:00"
HANDLING = (
    ("accept", CENTRE, "any"), ("decide", CENTRE, "no"), ("decide", DEPARTMENT, "yes"),
    ("seal", CENTRE, "no"), ("liability", "seal_user", "no"),
)


def golden(name: str) -> dict[str, Any]:
    """The data of a real event of that contract, days and instants as values."""
    text = (GOLDEN / f"{name}.v1.json").read_text("utf-8")
    found: dict[str, Any] = json.loads(text)["data"]
    return found


def county(books: Books) -> Books:
    """MD2023 with one mode, two towns, two items, one department and a zone committee."""
    books.append("catalog.ProgrammeRegistered", {
        "programme_id": "MD2023", "document_no": None, "title": "方案", "parent_documents": [],
        "issuer_org": DEPARTMENT, "issued_on": date(2023, 3, 29), "jurisdiction_id": "371702",
        "level": "district", "parent_programme_id": None, "grantor_kind": "granting_department",
        "claim_required": True, "settings": {"redelegation_allowed": False},
    }, at=BEFORE)
    books.append("catalog.ProgrammeModeEnabled", golden("ProgrammeModeEnabled"), at=BEFORE)
    for org, name, kind in (
        (DEPARTMENT, "区行政审批服务局", "department"), (ZONE, "某管委会", "zone_committee"),
    ):
        books.append("catalog.DepartmentRegistered", {
            "org_id": org, "canonical_name": name, "level": "district", "kind": kind,
            "superior_org_id": None, "jurisdiction_id": "371702",
        }, at=BEFORE)
    for town, name in ((TOWN, "沙土镇"), (OTHER, "吴店镇")):
        books.append("catalog.TownRegistered", golden("TownRegistered") | {
            "town_id": town, "name": name, "kind": "镇", "department_id": None,
            "department_name": None, "managing_zone_id": None, "matching_county_id": None,
        }, at=BEFORE)
        books.append("catalog.CentreRegistered", {
            "centre_id": f"{town}-CENTRE", "town_id": town, "name": f"{name}便民服务中心",
            "managed_by_org_id": None,
        }, at=BEFORE)
    for seq, name in ((4, "食品经营许可"), (5, "食品小作坊、小餐饮登记")):
        books.append("catalog.ItemListed", golden("ItemListed") | {
            "item_id": f"MD23-{seq:02}", "seq": seq, "name": name, "name_fullwidth": name,
            "granting_org_id": DEPARTMENT, "supervising_org_id": None,
        }, at=BEFORE)
    books.settle()
    return books


def id_of(name: str) -> UUID:
    return uuid5(UUID(int=0), name)


def delegated(
    books: Books, name: str, begins: str, *, at: str, agreement: str | None = "agreement",
    facets: tuple[tuple[str, str, str], ...] = HANDLING, by: str = DEPARTMENT,
) -> None:
    """A grant of MD23-04 to the town from a day on."""
    books.append("delegation.ItemDelegated", {
        "grant_id": str(id_of(name)), "programme_id": "MD2023", "town_id": TOWN, "item_id": ITEM,
        "scope": [], "mode": "entrusted_handling", "decided_by_org_id": by,
        "power_owner_org_id": DEPARTMENT, "act_supervisor_org_id": DEPARTMENT,
        "agreement_id": agreement and str(id_of(agreement)), "claim_id": None,
        "predecessor_grant_id": None, "exclusive": False, "effective_from": instant(begins),
        "transition_until": None, "facets": [
            {"facet": facet, "org_id": org, "cross_town": cross, "capacity": "c",
             "filed_at": "town"}
            for facet, org, cross in facets
        ],
    }, at=instant(at).isoformat(), stream=id_of(name))
    books.settle()


def recalled(books: Books, name: str, ends: str, *, at: str, by: str = DEPARTMENT) -> None:
    books.append("delegation.ItemRecalled", golden("ItemRecalled") | {
        "grant_id": str(id_of(name)), "item_id": ITEM, "town_id": TOWN, "decided_by_org_id": by,
        "decided_on": date.fromisoformat(at[:10]), "effective_from": instant(ends),
    }, at=instant(at).isoformat(), stream=id_of(name))
    books.settle()


def corrected(books: Books, name: str, old: str, new: str, *, at: str) -> None:
    books.append("delegation.GrantCorrected", {
        "grant_id": str(id_of(name)), "field": "effective_from", "reason": "r",
        "old": instant(old).isoformat(), "new": instant(new).isoformat(),
    }, at=instant(at).isoformat(), stream=id_of(name))
    books.settle()


def paper(books: Books, type_: str, at: str, **told: Any) -> None:
    """A fact about the agreement of the grants above."""
    books.append(
        f"delegation.{type_}", {"agreement_id": str(id_of("agreement"))} | told,
        at=instant(at).isoformat(), stream=id_of("agreement"),
    )
    books.settle()


def signed(books: Books, on: str = "2023-06-20", until: str = "2024-06-30") -> None:
    paper(
        books, "AgreementSigned", on, kind="entrustment", department_id=DEPARTMENT, town_id=TOWN,
        item_ids=[ITEM], signatories=[DEPARTMENT, TOWN], signed_on=date.fromisoformat(on),
        term_from=date(2023, 7, 1), term_to=date.fromisoformat(until), file_hash=None,
    )


def instant(text: str) -> datetime:
    """The first instant of a day in China; or one with its zone."""
    return datetime.fromisoformat(text if "T" in text else f"{text}T00:00:00+08:00")
