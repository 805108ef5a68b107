"""Towns at work, for tests of what becomes of them and their departments when organs change."""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from tests.ready import ready, supervised
from tests.world import World

SPRING = "2023-06-20T09:00:00+08:00"
CLAUSES = ("授权事项", "权限范围", "委托期限", "双方权利义务", "法律责任")


def told(
    world: World, door: str, request: dict[str, Any], at: str = SPRING,
    service: str = "delegation", **how: Any
) -> dict[str, Any]:
    """A command and all that it leads to."""
    answer = world.do(service, door, request, at=at, **how)
    world.settle()
    return answer


def sealed(
    world: World, department: str, town: str, *, number: int = 1, on: str = "2023-06-10"
) -> str:
    """Seal No. 2 of a department for a town, with the town's centre."""
    of_town, seal = {"programme": "MD2023", "town": town}, f"SEAL2:{department}:{town}:{number}"
    at, named = f"{on}T09:00:00+08:00", {"programme": "MD2023", "seal": seal}
    names = world.commands("delegation").register.names([department, town])
    told(world, "authorise_seal", of_town | {
        "department": department, "authorised_by": "MD2023-ORG-02", "instrument_ref": "字号",
    }, at)
    told(world, "engrave_seal", named | {
        "text": f"牡丹{names[department]}审批专用章（{names[town]}）", "engraved_on": on,
    }, at)
    told(world, "issue_seal", named | {"custodian": f"{town}-CENTRE", "issued_on": on}, at)
    return seal


def entrusted(world: World, town: str, items: dict[str, Sequence[str]]) -> dict[str, str]:
    """A town of MD2023 works on items in entrusted handling; the grant of each item.

    Args:
        items: by granting department.
    """
    world.imported("MD2023")
    of_town = {"programme": "MD2023", "town": town}
    named = [item for of_department in items.values() for item in of_department]
    told(world, "register_centre_rule", of_town | {"kind": "seal", "in_force_from": "2023-05-01"})
    told(world, "draft_list", of_town | {
        "entries": [{"item": item, "mode": "entrusted_handling"} for item in named],
    })
    told(world, "approve_list", of_town | {
        "approved_by": "MD2023-ORG-02", "decision_ref": "字号", "approved_on": "2023-06-01",
    })
    told(world, "publish_town_list", of_town | {
        "list_version": 1, "channel": "政府门户网站", "url": None, "published_at": SPRING,
    }, service="catalog")
    for department, of_department in items.items():
        sealed(world, department, town)
        agreement = told(world, "draft_agreement", of_town | {
            "kind": "entrustment", "department": department, "items": list(of_department),
            "clauses": [{"key": key} for key in CLAUSES], "term_from": "2023-07-01",
            "term_to": "2025-06-30",
        })["stream"]
        told(world, "sign_agreement", {
            "programme": "MD2023", "agreement": agreement, "signed_on": "2023-06-20",
            "signatories": [department, town],
        })
    grants = {
        item: told(world, "delegate", of_town | {
            "item": item, "mode": "entrusted_handling", "effective_from": "2023-07-01",
        })["stream"] for item in named
    }
    ready(world, town, on="2023-07-03", since="2023-07-03")
    told(world, "start_list", of_town, "2023-07-04T09:00:00+08:00")
    return grants


def devolved(world: World, town: str, items: Sequence[str]) -> dict[str, str]:
    """A town of ST2021 works on items that were devolved to it directly; the grant of each."""
    of_town = {"programme": "ST2021", "town": town}
    grants = {
        item: told(world, "delegate", of_town | {
            "item": item, "mode": "direct", "effective_from": "2021-08-01",
        }, "2021-07-20T09:00:00+08:00")["stream"] for item in items
    }
    ready(world, town, on="2021-07-25", since="2021-08-01")
    for grant in grants.values():
        told(world, "start_implementation", {
            "programme": "ST2021", "grant": grant,
        }, "2021-08-02T09:00:00+08:00")
    return grants


def shanting(world: World) -> None:
    """The catalogue of ST2021, with a supervisor for each item."""
    world.imported("ST2021")
    supervised(world, "ST2021")
    world.settle()


def filed(
    world: World, item: str, org: str, *acts: str, at: str, applicant: str | None = None,
    **fields: Any
) -> str:
    """A case handed in at an organ's counter, with what the organ has done with it."""
    case, programme = str(uuid4()), org.partition("-")[0]
    more: dict[str, dict[str, Any]] = {
        "submit": {
            "item": item, "applicant_ref": "ref", "applicant_key": applicant or case,
            "subject_key": case, "towns_concerned": [], "channel": "window", "chosen_org": org,
        } | fields,
        "review": {"result": "positive", "opinion_ref": "op-1"},
    }
    for act in ("submit", *acts):
        request = {"programme": programme, "case": case} | more.get(act, {})
        world.do("cases", act, request, at=at, actor=org)
    world.settle()
    return case


def acted(world: World, act: str, case: str, org: str, at: str, **fields: Any) -> dict[str, Any]:
    """One act on a case."""
    programme = org.partition("-")[0]
    return told(
        world, act, {"programme": programme, "case": case} | fields, at, service="cases", actor=org
    )
