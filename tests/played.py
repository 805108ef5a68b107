"""A short history of three programmes by real services: granted, worked, recalled; every path."""

from collections.abc import Mapping
from copy import deepcopy
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import pytest

from demo.material import items
from demo.story import Story
from services.ledger.audit.told import READ_IN, Stored
from shared.refusal import Refused
from shared.settings import Settings
from tests.world import World, programme_content

MD_TOWN, MD_OWNER, GOVERNMENT = "MD2023-TOWN-16", "MD2023-ORG-19", "MD2023-ORG-02"
MD_OTHER, ST_TOWN, UNIT = "MD2023-TOWN-17", "ST2021-TOWN-01", "GZ2020-UNIT-15"
CENTRE = f"{MD_TOWN}-CENTRE"
CLAUSES = ("授权事项", "权限范围", "委托期限", "受审转报机制", "双方权利义务", "法律责任")
HANDLED = ("MD23-04", "MD23-12", "MD23-21")
TOWN_MODES = {"ST21-01": "direct", "ST21-05": "direct", "ST21-06": "substantive_review",
              "ST21-13": "window_forward"}
PRINT = "个人参保缴费证明查询打印"
SPRING, SUMMER = "2023-06-20T09:00:00+08:00", "2023-07-04T09:00:00+08:00"
RECALLED = "2024-03-01T00:00:00+08:00"


class Counties(World):
    """All services, the programmes without gates before a start, their counters open."""

    def imported(self, *programmes: str, counters: bool = True) -> World:
        for programme in programmes:
            self.do("catalog", "import_programme", {
                "programme": programme, "content": _windows_only(programme),
            }, at="2020-01-01T09:00:00+08:00")
            self._open_counters(programme)
        self.settle()
        return self


class Played:
    """The history in the making; what `demo.story` needs of a player."""

    def __init__(self, world: World) -> None:
        self.world = world

    def do(
        self, key: str, service: str, door: str, request: Mapping[str, Any], *, at: str, actor: str,
        refused: str | None = None,
    ) -> dict[str, Any]:
        """One command, under an id of its own name."""
        told = {"at": at, "actor": actor, "command": uuid5(NAMESPACE_URL, key)}
        if refused is None:
            return self.world.do(service, door, request, **told)
        with pytest.raises(Refused) as answered:
            self.world.do(service, door, request, **told)
        assert answered.value.code == refused
        return {}

    def ask(self, service: str, door: str, request: Mapping[str, Any]) -> Any:
        return self.world.ask(service, door, request)

    def told(self, door: str, at: str = SPRING, actor: str = GOVERNMENT, **request: Any) -> str:
        """A command of delegation; the stream it wrote to."""
        key = f"{door}/{at}/{request}"
        answer = self.do(key, "delegation", door, request, at=at, actor=actor)
        self.world.settle()
        return str(answer["stream"])


def played(settings: Settings) -> dict[str, list[Stored]]:
    """Every log's entries, as its service recorded them."""
    world = Counties(settings)
    world.empty()
    world.imported("MD2023", "ST2021", "GZ2020")
    hands = Played(world)
    granted(hands)
    _worked(hands)
    _recalled(hands)
    assert world.parked() == []
    logs = {
        source: [Stored(fact.position, fact.envelope) for fact in world.facts(source)]
        for source in READ_IN
    }
    world.empty()
    world.close()
    return logs


def granted(hands: Played) -> None:
    """Powers moved in all the ways of the three notices, and begun."""
    _entrusted(hands)
    _devolved(hands)
    _transferred(hands)


def _windows_only(programme: str) -> dict[str, Any]:
    """The programme with no gate before a start but that of the window."""
    content = deepcopy(programme_content(programme))
    rules = content["programme"]
    rules["gates"] = dict.fromkeys(rules["gates"]) | {"window": "block"}
    rules["supervision"]["supervisor_required"] = False
    return content


def _entrusted(hands: Played) -> None:
    """MD2023: three items handled by the town, one accepted; agreements, list, seal No. 2."""
    of_town = {"programme": "MD2023", "town": MD_TOWN}
    modes = dict.fromkeys(HANDLED, "entrusted_handling") | {"MD23-07": "entrusted_acceptance"}
    hands.told("draft_list", **of_town, entries=[
        {"item": item, "mode": mode} for item, mode in modes.items()
    ])
    hands.told("approve_list", **of_town, approved_by=GOVERNMENT, decision_ref="字号",
               approved_on="2023-06-01")
    for kind, covered in (("entrustment", list(HANDLED)), ("acceptance", ["MD23-07"])):
        agreement = hands.told(
            "draft_agreement", **of_town, kind=kind, department=MD_OWNER, items=covered,
            clauses=[{"key": key} for key in CLAUSES], term_from="2023-07-01", term_to="2024-06-30",
        )
        hands.told("sign_agreement", programme="MD2023", agreement=agreement,
                   signed_on="2023-06-20", signatories=[MD_OWNER, MD_TOWN])
    name = hands.ask("catalog", "town", of_town)["name"]
    hands.told("register_centre_rule", **of_town, kind="seal", in_force_from="2023-05-01")
    hands.told("authorise_seal", **of_town, department=MD_OWNER, authorised_by=GOVERNMENT,
               instrument_ref="字号")
    seal = {"programme": "MD2023", "seal": f"SEAL2:{MD_OWNER}:{MD_TOWN}:1"}
    hands.told("engrave_seal", **seal, text=f"牡丹区行政审批服务局审批专用章（{name}）",
               engraved_on="2023-06-10")
    hands.told("issue_seal", **seal, custodian=CENTRE, issued_on="2023-06-15")
    hands.told("register_seal", programme="MD2023", kind="department_seal", org=MD_OWNER)
    for item, mode in modes.items():
        grant = hands.told("delegate", **of_town, item=item, mode=mode,
                           effective_from="2023-07-01")
        hands.told("start_implementation", SUMMER, MD_TOWN, programme="MD2023", grant=grant)


def _devolved(hands: Played) -> None:
    """ST2021: four items in the three modes of the notice, one of them for named sub-items."""
    at, owners = "2021-07-20T09:00:00+08:00", set()
    hands.told("register_seal", at, ST_TOWN, programme="ST2021", kind="town_approval_seal",
               org=ST_TOWN)
    for row in items("ST2021"):
        if (mode := TOWN_MODES.get(row["item_id"])) is None:
            continue
        owners.add(row["granting_org_id"])
        grant = hands.told("delegate", at, programme="ST2021", town=ST_TOWN, item=row["item_id"],
                           mode=mode, effective_from="2021-08-01")
        hands.told("start_implementation", "2021-08-01T08:30:00+08:00", ST_TOWN,
                   programme="ST2021", grant=grant)
    for org in sorted(owners):
        hands.told("register_seal", at, org, programme="ST2021", kind="department_seal", org=org)


def _transferred(hands: Played) -> None:
    """GZ2020: the first item moves to the bureau of a unit by its own agreement."""
    item, at = items("GZ2020")[0], "2021-03-15T09:00:00+08:00"
    bureau, former = f"{UNIT}-BUREAU", item["granting_org_id"]
    clauses = [{"key": row["clause"]} for row in programme_content("GZ2020")["clauses"]]
    hands.told("register_seal", at, bureau, programme="GZ2020", kind="bureau_approval_seal",
               org=bureau)
    agreement = hands.told(
        "draft_agreement", at, former, programme="GZ2020", kind="transfer", department=former,
        town=UNIT, items=[item["item_id"]], clauses=clauses,
        transfer_at="2021-04-20T00:00:00+08:00",
    )
    hands.told("sign_agreement", at, former, programme="GZ2020", agreement=agreement,
               signed_on="2021-03-15", signatories=[former, bureau])
    hands.told("transfer_power", at, bureau, programme="GZ2020", unit=UNIT, item=item["item_id"],
               agreement=agreement)


def _worked(hands: Played) -> None:
    """One application on every path."""
    owner = next(row["granting_org_id"] for row in items("ST2021") if row["seq"] == 1)
    for key, item, counter, town, at, told in (
        ("handled", "MD23-12", CENTRE, MD_TOWN, "2023-09-01", {"towns": [MD_TOWN]}),
        ("crossing", "MD23-21", CENTRE, MD_TOWN, "2023-09-02", {"towns": [MD_TOWN, MD_OTHER]}),
        ("forwarded", "MD23-07", CENTRE, MD_TOWN, "2023-09-04", {"towns": [MD_TOWN]}),
        ("at-district", "MD23-12", MD_OWNER, MD_TOWN, "2023-09-05", {}),
        ("denied", "MD23-04", CENTRE, MD_TOWN, "2023-09-06", {"ending": "deny"}),
        ("direct", "ST21-01", ST_TOWN, ST_TOWN, "2021-09-01", {}),
        ("both", "ST21-01", owner, ST_TOWN, "2021-09-02", {}),
        ("on-seal", "ST21-06", ST_TOWN, ST_TOWN, "2021-09-03", {}),
        ("window", "ST21-13", f"{ST_TOWN}-CENTRE", ST_TOWN, "2021-09-04", {}),
        ("print", "ST21-05", ST_TOWN, ST_TOWN, "2021-09-05", {"subitem": PRINT}),
        ("bureau", "GZ20-001", f"{UNIT}-BUREAU", UNIT, "2021-05-06", {}),
    ):
        story = _story(key, item, counter, town, f"{at}T09:00:00+08:00", **told)
        story.file(hands)
        story.ask_path(hands)
        story.walk(hands)
    case = _story("refused", "MD23-07", CENTRE, MD_TOWN, "2023-09-07T09:00:00+08:00",
                  towns=[MD_TOWN])
    case.file(hands)
    case.do(hands, "approve", CENTRE, refused="cases.decision-not-delegated")


def _recalled(hands: Played) -> None:
    """MD23-12 is recalled with a case in hand, which goes up and is decided by its owner."""
    open_ = _story("in-hand", "MD23-12", CENTRE, MD_TOWN, "2024-02-20T09:00:00+08:00",
                   towns=[MD_TOWN], until="decide")
    open_.file(hands)
    open_.ask_path(hands)
    open_.walk(hands)
    (grant,) = hands.ask("delegation", "grants_of",
                         {"programme": "MD2023", "town": MD_TOWN, "item": "MD23-12"})
    common = {"programme": "MD2023", "grant": grant["grant_id"]}
    hands.world.settle()
    at = "2024-02-28T15:00:00+08:00"
    hands.told("propose_recall", at, MD_OWNER, **common, ground="poor_effect",
               evidence_refs=["E-7"], proposed_by=MD_OWNER)
    hands.told("hear_town", at, MD_TOWN, **common, opinion_ref="意见")
    hands.told("recall", at, MD_OWNER, **common, decided_on="2024-02-28",
               effective_from="2024-03-01")
    hands.do("up", "cases", "run_due", {"programme": "MD2023", "now": RECALLED}, at=RECALLED,
             actor=MD_OWNER)
    hands.world.settle()
    open_.path = [{"step": step, "org_id": MD_OWNER, "capacity": "own:department_seal"}
                  for step in ("substantive_review", "decide", "seal", "deliver")]
    open_.until, open_.at = "", datetime.fromisoformat("2024-03-01T09:00:00+08:00")
    open_.walk(hands, after="substantive_review")


def _story(key: str, item: str, counter: str, town: str, at: str, **told: Any) -> Story:
    programme = town.partition("-")[0]
    row = next(one for one in items(programme) if one["item_id"] == item)
    return Story(key, programme, row, counter, town, datetime.fromisoformat(at), **told)
