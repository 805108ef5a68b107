"""What a receipt says, in words for a page; and whether it holds under the keys known here."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from services.ledger.mirror import Mirror
from services.ledger.receipt import Part, Receipts
from services.ledger.timeline import FACETS, paper
from services.ledger.verify import NOT_PROVEN, ROLES, WHY, Key, Refused, checked, report
from shared.contracts.delegation_fields import SEALS
from shared.database import Database
from shared.log.cosignature import Witness
from shared.log.keys import ED25519, NoteError
from shared.log.note import split_note
from shared.log.proof import Proof
from shared.log.trust import open_trusted
from shared.register.questions import Register

BASES = {"full_review": "全面审查后决定", "issue_on_seal": "凭镇街审核意见见章出件"}
ORGANS = (
    "decided_by_org_id", "in_name_of_org_id", "acting_org_id", "responsible_org_id",
    "liable_org_id",
)


RETIRED = "签名的密钥对该检查点已停用或尚未启用 signed by a key that was not in use for that size"


def keys_of(mirrors: Mapping[str, Mirror]) -> list[Key]:
    """The logs' Ed25519 keys that are known here: the checker knows no other algorithm."""
    return [
        Key.parse(str(verifier)) for mirror in mirrors.values() if mirror.source
        for verifier in mirror.source.verifiers() if verifier.algorithm == ED25519
    ]


def vouching(receipt: str, witnesses: Iterable[Witness]) -> list[Key]:
    """The keys of those witnesses whose lines stand under every checkpoint of a good receipt."""
    lines = [
        {(name, value[:4]) for name, value in split_note(note)[1]}
        for _, _, note in _checkpoints(receipt)
    ]
    return [
        Key.parse(str(one)) for one in witnesses
        if all((one.name, one.key_hash) in named for named in lines)
    ]


def check(
    receipt: str, mirrors: Mapping[str, Mirror], witnesses: Sequence[Witness] = ()
) -> dict[str, Any]:
    """What the offline checker says of a receipt, under the keys known here, each in its term.

    Args:
        witnesses: known here; one that has cosigned all that is shown is checked as well.

    Returns:
        ``{ok, code, where, why, case, report, witnesses, not_proven, keys}``: the first three of a
        refusal, the next three of what holds; ``witnesses`` have cosigned all that is shown;
        ``keys`` name and hash of each key the check used.
    """
    told: dict[str, Any] = {"not_proven": list(NOT_PROVEN), "keys": []}
    no = told | {"ok": False, "case": None, "report": [], "witnesses": []}
    raw, keys = receipt.encode("utf-8", "replace"), keys_of(mirrors)
    try:
        checked(raw, keys)
        keys += vouching(receipt, witnesses)
        facts = checked(raw, keys)
    except Refused as refused:
        return no | {"code": refused.code, "where": refused.where, "why": WHY[refused.code]}
    if (where := _out_of_term(receipt, mirrors)) is not None:
        return no | {"code": "retired-key", "where": where, "why": RETIRED}
    lines = [line for line in report(facts) if line.strip() not in NOT_PROVEN]
    return told | {
        "ok": True, "code": None, "where": None, "why": None, "case": facts[0]["case_id"],
        "report": lines[:-1],  # without the heading of what is not proven
        "witnesses": sorted(set.intersection(*(set(one.seen_at) for one in facts))),
        "keys": sorted({f"{key.name}+{key.hash.hex()}" for key in keys}),
    }


def _out_of_term(receipt: str, mirrors: Mapping[str, Mirror]) -> str | None:
    """The role of the first fact of a good receipt whose checkpoint no key in use has signed."""
    terms = {name: one.source.terms() for name, one in mirrors.items() if one.source}
    for role, source, note in _checkpoints(receipt):
        try:
            open_trusted(note, note.partition("\n")[0], terms[source])
        except NoteError:
            return role
    return None


def _checkpoints(receipt: str) -> Iterator[tuple[str, str, str]]:
    """(role, log, signed note) of each fact of a good receipt."""
    for part in json.loads(receipt)["facts"]:
        yield part["role"], part["source"], Proof.parse(part["proof"]).checkpoint


class Certificates:
    """Certificates of approvals.

    Args:
        database: of the ledger; its register has the names.
        receipts: by which they are proven.
        witnesses: whose cosignatures are checked.
    """

    def __init__(
        self, database: Database, receipts: Receipts, witnesses: Sequence[Witness]
    ) -> None:
        self.register = Register(database)
        self.receipts = receipts
        self.witnesses = witnesses

    def certificate(self, case: str) -> dict[str, Any]:
        """The certificate of a case's approval.

        Returns:
            ``{case, item, programme, decision, acts, grant, seals, facts, check}``; organs as
            ``{org_id, name}``; ``grant`` None for a department's own power; `check` as above.

        Raises:
            services.ledger.receipt's refusals.
        """
        parts = self.receipts.parts(case)
        receipt = self.receipts.under_checkpoints(parts)
        approval, data = parts[0], parts[0].data
        item = next(one for one in parts if one.role == "item")
        programme = self.register.programme(approval.told["programme"])
        names = self.register.names(_organs(parts))
        return {
            "case": data["case_id"],
            "item": {"item_id": item.data["item_id"], "name": item.data["name"]},
            "programme": {"programme_id": programme["programme_id"], "title": programme["title"]},
            "decision": {
                "decision_id": data["decision_id"], "decided_at": data["decided_at"],
                "basis": BASES[data["basis"]], "town": names.get(data["town_id"] or ""),
            } | {name.removesuffix("_org_id"): _named(names, data[name]) for name in ORGANS},
            "acts": [_act(one, names) for one in parts if one.authority],
            "grant": _grant(parts, programme["modes"], names),
            "seals": [_seal(one, names) for one in parts if one.role == "seal_use"],
            "facts": [_fact(one) for one in parts],
            "check": check(receipt, self.receipts.mirrors, self.witnesses),
        }


def _organs(parts: Iterable[Part]) -> set[str | None]:
    organs: set[str | None] = set()
    for one in parts:
        organs |= {one.data.get(name) for name in (*ORGANS, "town_id", "unit_id", "user_org_id")}
        organs |= {one.authority.get("org_id"), one.data.get("power_owner_org_id")}
        organs |= {one.data.get("from_org_id"), one.data.get("into_org_id")}
    return organs


def _named(names: Mapping[str, str], org: str | None) -> dict[str, str] | None:
    return {"org_id": org, "name": names.get(org, org)} if org else None


def _act(one: Part, names: Mapping[str, str]) -> dict[str, Any]:
    used = one.authority
    return {
        "zh": _zh(one.role), "at": one.told["occurred_at"], "org": _named(names, used["org_id"]),
        "facet": FACETS.get(used["facet"], used["facet"]), "grant_id": used["grant_id"],
    }


def _grant(
    parts: Sequence[Part], modes: Mapping[str, Any], names: Mapping[str, str]
) -> dict[str, Any] | None:
    used = parts[0].authority
    if used["grant_id"] is None:
        return None
    given = next(
        one for one in parts if one.role == "grant" and one.told["stream"] == used["grant_id"]
    )
    data = given.data
    return {
        "grant_id": used["grant_id"], "mode": used["mode"],
        "mode_zh": modes[used["mode"]]["mode_zh"] if used["mode"] in modes else used["mode"],
        "from": _named(names, data.get("power_owner_org_id", data.get("from_org_id"))),
        "to": _named(names, data.get("town_id", data.get("unit_id"))),
        "scope": data.get("scope", []),
        "effective_from": data.get("effective_from", data.get("transfer_at")),
        "instrument": paper(given.told["instrument"]),
        "agreement": any(one.role == "agreement" for one in parts),
        "later": [
            {"type": one.told["type"], "recorded_at": one.told["recorded_at"],
             "effective_from": one.data.get("effective_from")}
            for one in parts if one.role == "later"
        ],
    }


def _seal(one: Part, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "seal_id": one.data["seal_id"],
        "kind_zh": SEALS.get(one.data["seal_kind"], one.data["seal_kind"]),
        "user": _named(names, one.data["user_org_id"]), "at": one.data["at"],
        "document_hash": one.data["document_hash"],
    }


def _fact(one: Part) -> dict[str, Any]:
    return {
        "role": one.role, "zh": _zh(one.role), "type": one.told["type"], "source": one.source,
        "position": one.position, "recorded_at": one.told["recorded_at"],
    }


def _zh(role: str) -> str:
    """The Chinese half of a role's name."""
    return ROLES[role][1].partition(" ")[0]
