"""What was granted changes: another mode, another scope, a department merged into another.

Scenario: no notice reports such a change. The items, towns and days below are the demo's.
"""

from typing import Any

from demo import handovers, md2023
from demo.checks import Check
from demo.material import content
from demo.player import Player

TITLE = "变更 方式·范围·机构  changes"
DECISION = {"kind": "decision", "ref": "变更决定（情景）", "dated": "2024-11-20", "sha256": None}
DECIDED, FROM = "2024-11-20T09:00:00+08:00", "2025-01-01"
LAST, FIRST = "2024-12-31T23:59:59+08:00", "2025-01-01T00:00:00+08:00"
DONGCHENG, XIJI = "MD2023-TOWN-01", "ST2021-TOWN-01"
INSURANCE, PAID = "ST21-05", "个人参保缴费证明查询打印"
DISABLED, MERGED = "MD2023-ORG-23", "MD2023-ORG-41"


def play(player: Player) -> None:
    """Each change at its day, with all that follows from it."""
    _mode(player)
    _scope(player)
    _merger(player)


def _mode(player: Player) -> None:
    """R184: entrusted acceptance ends where entrusted handling begins, under a new agreement."""
    grant = _grant(player, "MD2023", DONGCHENG, md2023.SPLIT, "entrusted_acceptance")
    clauses = [{"key": row["clause"]} for row in content("MD2023")["clauses"]
               if row["agreement_kind"] == "entrustment"]
    agreement = _do(player, "agreement", "draft_agreement", {
        "kind": "entrustment", "department": md2023.BUREAU, "town": DONGCHENG,
        "items": [md2023.SPLIT], "clauses": clauses, "term_from": FROM,
        "term_to": md2023.TERM_TO,
    }, at="2024-11-11T09:00:00+08:00")["stream"]
    _do(player, "sign", "sign_agreement", {
        "agreement": agreement, "signed_on": "2024-11-12",
        "signatories": [md2023.BUREAU, DONGCHENG],
    }, at="2024-11-12T09:00:00+08:00")
    _do(player, "file", "file_agreement", {
        "agreement": agreement, "recipient": md2023.JUSTICE, "filed_on": "2024-11-13",
        "receipt_ref": "备案（情景）变更",
    }, at="2024-11-13T09:00:00+08:00")
    player.system.settle()
    _do(player, "mode", "change_mode", {
        "grant": grant, "mode": "entrusted_handling", "effective_from": FROM,
        "agreement": agreement,
    }, at=DECIDED)
    player.system.settle()
    successor = _grant(player, "MD2023", DONGCHENG, md2023.SPLIT, "entrusted_handling")
    handovers.of_grant(player, "MD2023", successor, "change/handover", giver=md2023.BUREAU,
                       taker=DONGCHENG, on="2024-12-20")
    _do(player, "body", "assign_handling_body", {
        "grant": successor, "body": f"{DONGCHENG}-CENTRE", "since": FROM,
    }, at="2024-12-23T09:00:00+08:00", actor=DONGCHENG)
    player.system.settle()
    _do(player, "start", "start_implementation", {"grant": successor},
        at="2025-01-02T08:30:00+08:00", actor=DONGCHENG)


def _scope(player: Player) -> None:
    """R183: one sub-item returns to the department, the other stays with the town."""
    _do(player, "scope", "change_scope", {
        "grant": _grant(player, "ST2021", XIJI, INSURANCE, "direct"), "scope": [PAID],
        "effective_from": FROM,
    }, at=DECIDED, programme="ST2021", actor="ST2021-ORG-01")


def _merger(player: Player) -> None:
    """R007, R131: a department is merged; its grants, agreements and items go on under another."""
    _do(player, "register", "register_organ", {
        "org_id": MERGED, "name": "区民政和残疾人事务局（情景）", "kind": "department",
        "level": "district", "superior_org_id": md2023.GOVERNMENT, "aliases": [],
    }, at="2024-12-20T09:00:00+08:00", service="catalog")
    player.system.settle()
    _do(player, "merge", "merge_organ", {"org": DISABLED, "into": MERGED, "effective_on": FROM},
        at="2025-01-01T08:00:00+08:00", service="catalog")
    player.system.settle()


def _grant(player: Player, programme: str, town: str, item: str, mode: str) -> str:
    grants = player.ask("delegation", "grants_of",
                        {"programme": programme, "town": town, "item": item})
    return str(next(grant["grant_id"] for grant in grants if grant["mode"] == mode))


def _do(player: Player, key: str, door: str, request: dict[str, Any], *, at: str,
        programme: str = "MD2023", service: str = "delegation", actor: str = md2023.BUREAU,
        ) -> dict[str, Any]:
    return player.do(f"change/{key}", service, door, {"programme": programme, **request}, at=at,
                     actor=actor, instrument=DECISION)


def checks(player: Player) -> list[Check]:
    """Who decided on the last day before, and who on the first day after."""
    split = _deciders(player, md2023.SPLIT, DONGCHENG)
    part = [
        [row["scope"] for row in player.ask("ledger", "holders", {
            "item": INSURANCE, "town": XIJI, "facet": "decide", "at": at,
        }) if row["filed_at"] == "town"]
        for at in (LAST, FIRST)
    ]
    (item,) = [row["item_id"] for row in content("MD2023")["items"]
               if row["granting_org_id"] == DISABLED]
    town = next(row["town_id"] for row in player.ask(
        "delegation", "grants_of", {"programme": "MD2023"}) if row["item_id"] == item)
    named = [
        {row["org_id"] for row in player.ask("ledger", "holders", {
            "item": item, "town": town, "facet": "named_authority", "at": at})}
        for at in (LAST, FIRST)
    ]
    return [
        Check("mode changed", split == [{md2023.BUREAU}, {md2023.BUREAU, f"{DONGCHENG}-CENTRE"}],
              f"{md2023.SPLIT} decided by " + " → ".join(", ".join(sorted(one)) for one in split)),
        Check("scope changed", [len(scopes[0]) for scopes in part] == [2, 1],
              f"{INSURANCE} {' → '.join('、'.join(scopes[0]) for scopes in part)}"),
        Check("department merged", named == [{DISABLED}, {MERGED}],
              f"{item} in the name of {DISABLED} → {MERGED}"),
    ]


def _deciders(player: Player, item: str, town: str) -> list[set[str]]:
    return [
        {row["org_id"] for row in player.ask("ledger", "holders", {
            "item": item, "town": town, "facet": "decide", "at": at})}
        for at in (LAST, FIRST)
    ]
