"""MD2023: eighteen towns choose from fifty items, each in its mode; agreements, seals, lists.

Scenario: the notice leaves choice and mode to each town and gives no dates. Which items a town
chooses, in which mode, and every date below are the demo's, by the rule in `chosen`.
"""

from collections import defaultdict
from typing import Any

from demo import handovers
from demo.checks import Check, expected
from demo.material import content, items, towns
from demo.player import Player
from demo.readiness import Readiness
from shared.contracts.asked_delegation_handover import CENTRE_RULES

TITLE = "MD2023 牡丹区 18 镇街 · 50 项"
PROGRAMME = "MD2023"
GOVERNMENT, JUSTICE, BUREAU = "MD2023-ORG-02", "MD2023-ORG-11", "MD2023-ORG-19"
EFFECTIVE, TERM_TO = "2023-07-01", "2026-06-30"
# this one ends on 2024-06-30 and is not renewed
SHORT = ("MD2023-TOWN-07", "MD2023-ORG-18", "entrustment")
NOTICE = {"kind": "notice", "ref": "菏区政发〔2023〕2号", "dated": "2023-03-29", "sha256": None}
LIST = {"kind": "town_list", "ref": "牡丹区镇街赋权清单（情景）", "dated": "2023-06-10",
        "sha256": None}
AGREEMENT = {"kind": "agreement", "ref": "赋权协议（情景）", "dated": "2023-06-20", "sha256": None}
INDEPENDENT = "MD2023-TOWN-08"  # 沙土镇
# the items that the rules' own examples use
CROSSING, RECALLED, SPLIT = "MD23-21", "MD23-12", "MD23-04"


def chosen(town_seq: int) -> dict[str, str]:
    """The scenario's choice of one town: item → mode. Two items of five and a few more."""
    handling, acceptance = "entrusted_handling", "entrusted_acceptance"
    picked = {
        item["item_id"]: handling if (item["seq"] + town_seq) % 3 else acceptance
        for item in items(PROGRAMME) if (item["seq"] * 7 + town_seq * 3) % 5 < 2
    }
    return picked | {
        CROSSING: handling, RECALLED: handling, SPLIT: acceptance if town_seq % 2 else handling,
        "MD23-30": acceptance, "MD23-37": handling,
    }


def play(player: Player) -> None:
    """From the towns' claims to the start of implementation, the towns side by side."""
    readiness = Readiness(player, PROGRAMME, on="2023-06-26", instrument=LIST)
    every = sorted(item["item_id"] for item in items(PROGRAMME))
    readiness.training([town["town_id"] for town in towns(PROGRAMME)], every)
    readiness.guides(every)
    for stage in (_claims, _draft, _approve, _publish, _agreements, _rules, _seals, _grants,
                  _handover, _counter, _start):
        player.at_once([
            lambda seq=seq, town=town, stage=stage: stage(player, seq, town["town_id"])
            for seq, town in enumerate(towns(PROGRAMME), 1)
        ])
        player.system.settle()
    _end_transitions(player)
    departments = sorted({item["granting_org_id"] for item in items(PROGRAMME)})
    player.at_once([lambda org=org: _department_seal(player, org) for org in departments])


def _do(player: Player, key: str, door: str, request: dict[str, Any], *, at: str, actor: str,
        service: str = "delegation", instrument: dict[str, Any] = NOTICE) -> dict[str, Any]:
    return player.do(f"{PROGRAMME}/{key}", service, door, {"programme": PROGRAMME, **request},
                     at=at, actor=actor, instrument=instrument)


def _claims(player: Player, seq: int, town: str) -> None:
    for item in chosen(seq):
        _do(player, f"claim/{town}/{item}", "claim",
            {"town": town, "item": item, "claimed_on": "2023-05-10"},
            at="2023-05-10T10:00:00+08:00", actor=town)


def _draft(player: Player, seq: int, town: str) -> None:
    entries = [{"item": item, "mode": mode} for item, mode in sorted(chosen(seq).items())]
    _do(player, f"draft/{town}", "draft_list", {"town": town, "entries": entries},
        at="2023-06-01T10:00:00+08:00", actor=BUREAU, instrument=LIST)


def _approve(player: Player, seq: int, town: str) -> None:
    _do(player, f"approve/{town}", "approve_list",
        {"town": town, "approved_by": GOVERNMENT, "decision_ref": f"赋权清单（情景）第{seq}号",
         "approved_on": "2023-06-10"},
        at="2023-06-10T10:00:00+08:00", actor=GOVERNMENT, instrument=LIST)


def _publish(player: Player, _seq: int, town: str) -> None:
    _do(player, f"publish/{town}", "publish_town_list",
        {"town": town, "list_version": 1, "channel": "政府网站", "url": None,
         "published_at": "2023-06-12T09:00:00+08:00"},
        at="2023-06-12T09:00:00+08:00", actor=BUREAU, service="catalog", instrument=LIST)


def by_department(seq: int) -> dict[tuple[str, str], list[str]]:
    """(department, agreement kind) → items, for one town's choice."""
    kinds = {mode["mode"]: mode["agreement_kind"] for mode in content(PROGRAMME)["modes"]}
    granting = {item["item_id"]: item["granting_org_id"] for item in items(PROGRAMME)}
    grouped: dict[tuple[str, str], list[str]] = defaultdict(list)
    for item, mode in sorted(chosen(seq).items()):
        grouped[granting[item], kinds[mode]].append(item)
    return grouped


def _agreements(player: Player, seq: int, town: str) -> None:
    every = content(PROGRAMME)["clauses"]
    for (department, kind), covered in by_department(seq).items():
        key = f"{town}/{department}/{kind}"
        clauses = [{"key": row["clause"]} for row in every if row["agreement_kind"] == kind]
        drafted = _do(
            player, f"agreement/{key}", "draft_agreement",
            {"kind": kind, "department": department, "town": town, "items": covered,
             "clauses": clauses, "term_from": EFFECTIVE,
             "term_to": "2024-06-30" if (town, department, kind) == SHORT else TERM_TO},
            at="2023-06-15T10:00:00+08:00", actor=department, instrument=AGREEMENT,
        )
        agreement = drafted["stream"]
        _do(player, f"sign/{key}", "sign_agreement",
            {"agreement": agreement, "signed_on": "2023-06-20", "signatories": [department, town]},
            at="2023-06-20T10:00:00+08:00", actor=department, instrument=AGREEMENT)
        if kind == "entrustment":
            _do(player, f"file/{key}", "file_agreement",
                {"agreement": agreement, "recipient": JUSTICE, "filed_on": "2023-06-25",
                 "receipt_ref": f"备案（情景）{seq}-{department[-2:]}"},
                at="2023-06-25T10:00:00+08:00", actor=department, instrument=AGREEMENT)


def _rules(player: Player, _seq: int, town: str) -> None:
    """The nine basic rules of the centre; without the one on seals it receives none (R085)."""
    for kind in CENTRE_RULES:
        _do(player, f"rule/{town}/{kind}", "register_centre_rule",
            {"town": town, "kind": kind, "in_force_from": "2023-06-01"},
            at="2023-06-01T11:00:00+08:00", actor=town)


def seal_of(department: str, town: str) -> str:
    """The code of a pair's first seal No. 2."""
    return f"SEAL2:{department}:{town}:1"


def _seals(player: Player, seq: int, town: str) -> None:
    names = {row["org_id"]: row["name"] for row in content(PROGRAMME)["organs"]}
    names |= {row["town_id"]: row["name"] for row in towns(PROGRAMME)}
    for department, kind in by_department(seq):
        if kind != "entrustment":
            continue
        seal, key = seal_of(department, town), f"{town}/{department}"
        _do(player, f"authorise/{key}", "authorise_seal",
            {"department": department, "town": town, "authorised_by": GOVERNMENT,
             "instrument_ref": "授权刻制（情景）"},
            at="2023-06-21T10:00:00+08:00", actor=GOVERNMENT)
        _do(player, f"engrave/{key}", "engrave_seal",
            {"seal": seal, "text": f"牡丹区{names[department]}审批专用章（{names[town]}）",
             "engraved_on": "2023-06-24"},
            at="2023-06-24T10:00:00+08:00", actor=department)
        _do(player, f"issue/{key}", "issue_seal",
            {"seal": seal, "custodian": f"{town}-CENTRE", "issued_on": "2023-06-28"},
            at="2023-06-28T10:00:00+08:00", actor=department)


def _department_seal(player: Player, org: str) -> None:
    _do(player, f"seal/{org}", "register_seal", {"kind": "department_seal", "org": org},
        at="2023-06-28T11:00:00+08:00", actor=org)


def _grants(player: Player, _seq: int, town: str) -> None:
    _do(player, f"delegate/{town}", "delegate_list", {"town": town, "effective_from": EFFECTIVE},
        at="2023-06-29T10:00:00+08:00", actor=GOVERNMENT, instrument=LIST)


def _handover(player: Player, _seq: int, town: str) -> None:
    handovers.of_town(player, PROGRAMME, town, on="2023-06-30")


def _counter(player: Player, seq: int, town: str) -> None:
    row = next(one for one in towns(PROGRAMME) if one["town_id"] == town)
    readiness = Readiness(player, PROGRAMME, on="2023-06-30", instrument=LIST)
    readiness.counter(row, chosen(seq), EFFECTIVE)
    readiness.bodies(row)


def _start(player: Player, _seq: int, town: str) -> None:
    _do(player, f"start/{town}", "start_list", {"town": town}, at="2023-07-01T08:30:00+08:00",
        actor=town, instrument=LIST)


def _end_transitions(player: Player) -> None:
    """The first town to work on its own, by assessment; the others go on in transition (R095)."""
    _do(player, f"transition/{INDEPENDENT}", "end_transitions",
        {"town": INDEPENDENT, "assessment_result": "independent",
         "assessment_ref": "过渡期评估（情景）1号", "ended_on": "2023-08-31"},
        at="2023-08-31T16:00:00+08:00", actor=GOVERNMENT, instrument=LIST)


def checks(player: Player) -> list[Check]:
    """A grant for every entry, an agreement for each department and kind, a seal for each pair."""
    every = range(1, len(towns(PROGRAMME)) + 1)
    modes = [mode for seq in every for mode in chosen(seq).values()]
    grants = [grant for grant in player.ask("delegation", "grants_of", {"programme": PROGRAMME})
              if grant["predecessor_grant_id"] is None]
    groups = [group for seq in every for group in by_department(seq)]
    agreements = [one for one in player.ask("delegation", "agreements", {"programme": PROGRAMME})
                  if one["term_from"] == EFFECTIVE]
    seals = player.ask("delegation", "seals", {"programme": PROGRAMME})
    transitions = player.ask("delegation", "transitions",
                             {"programme": PROGRAMME, "town": INDEPENDENT, "on": "2023-09-01"})
    return [expected(
        "MD2023 lists, grants, agreements", {
            "grants": len(grants),
            "handling": sum(g["mode"] == "entrusted_handling" for g in grants),
            "agreements": len(agreements),
            "seals No. 2": sum(seal["kind"] == "seal_no_2" for seal in seals),
            "transitions ended": sum(one["state"] == "ended" for one in transitions),
        }, {
            "grants": len(modes),
            "handling": modes.count("entrusted_handling"),
            "agreements": len(groups),
            "seals No. 2": sum(kind == "entrustment" for _, kind in groups),
            "transitions ended": len(chosen(8)),
        },
    )]
