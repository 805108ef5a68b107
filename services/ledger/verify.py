"""Checks a receipt offline: nothing is needed but this file, Python, `cryptography` and keys.

    python verify.py receipt.json --key fuquan/county/cases+1a2b3c4d+AQ… --key …

A receipt holds the facts behind one approval, in the bytes that were recorded, each with a proof
that it stands in a signed log. Nothing else of this project is imported, on purpose: who does not
trust the project reads these lines instead.

Sources: RFC 9162 section 2.1; C2SP signed-note, tlog-checkpoint, tlog-cosignature, tlog-proof.
"""

import argparse
import json
import re
import sys
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

FORMAT, PROOF = "fuquan-receipt/v1", "c2sp.org/tlog-proof@v1"
LOG_KEY, WITNESS_KEY, HASH_BYTES = 0x01, 0x04, 32
ROLES = {
    "approval": ("cases", "许可决定 approval"), "acceptance": ("cases", "受理 acceptance"),
    "step": ("cases", "审查、转递 step"), "seal_use": ("cases", "用印 use of the seal"),
    "grant": ("delegation", "授权 grant"), "start": ("delegation", "开始实施 start"),
    "later": ("delegation", "决定所未见 not seen by the decision"),
    "agreement": ("delegation", "协议 agreement"), "seal": ("delegation", "印章 seal"),
    "item": ("catalog", "事项 item"), "merger": ("catalog", "单位承继 merger"),
}
ENDS = ("delegation.ItemRecalled", "delegation.GrantModeChanged", "delegation.LegalityReviewOpened")
WHY = {
    "bad-key": "不是日志或见证方的验证公钥 no verifier key of a log or a witness",
    "malformed": "不是本格式的凭证，或已被改动 no receipt, or an altered one",
    "wrong-origin": "签名属于另一日志 the checkpoint is another log's",
    "wrong-size": "所载位置超出已签名的范围 beyond what was signed",
    "not-included": "记录或路径与已签名的根不符 not in the log that was signed",
    "bad-signature": "签名无效 a signature by a trusted key is wrong",
    "unknown-key": "缺少该日志的可信签名 not signed by a trusted key of that log",
    "not-witnessed": "缺少见证签名 a witness whose key was given has not cosigned",
    "wrong-fact": "不是该许可决定及其依据 not the facts of one approval",
    "grant-missing": "未完整出示所依据的授权 the grant that was relied on is not shown whole",
    "facet-not-held": "该单位对该事项（子项）没有所行使的权能 the organ had no such power",
    "not-in-force": "行为时授权不在有效期内 the grant was not in force then",
}
NOT_PROVEN = (
    "未登记的情形无从证明：可能另有未出示的决定、更正，或者追溯至决定之前的迟到的收回。",
    "Nothing can prove that an event was never entered: a late recall may exist that is not shown.",
    "内容是否属实、所载时间是否准确，由登记单位负责；见证时间由见证方负责。",
    "That what was recorded is true, and its time, is the recorder's word; a witness's, his.",
)
_SIGNATURE = re.compile(r"— (\S+) (\S+)")


class Refused(Exception):
    """The receipt proves nothing: a code of ``WHY``, and the role of the fact concerned."""

    def __init__(self, code: str, where: str) -> None:
        super().__init__(f"{code} ({where}): {WHY[code]}")
        self.code, self.where = code, where


@dataclass(frozen=True)
class Key:
    """A trusted key, of a log or of a witness; its hash is the first 4 bytes that name it."""

    name: str
    kind: int
    public: bytes
    hash: bytes = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> "Key":
        """Read ``name+hex(hash)+base64(kind || 32 bytes)``; Refused ``bad-key``."""
        name, hashed, encoded = [*text.strip().split("+", 2), "", ""][:3]
        try:
            raw = _base64(encoded, 1 + HASH_BYTES)
            found = sha256(name.encode() + b"\n" + raw).digest()[:4]
        except ValueError as wrong:
            raise Refused("bad-key", "key") from wrong
        if not name or found.hex() != hashed or raw[0] not in {LOG_KEY, WITNESS_KEY}:
            raise Refused("bad-key", "key")
        return cls(name, raw[0], raw[1:], found)


@dataclass(frozen=True)
class Proven:
    """A recorded fact, read, in a signed log of *size* entries, and when each witness saw that."""

    role: str
    position: int
    size: int
    told: Mapping[str, Any]
    seen_at: Mapping[str, datetime]

    def __getitem__(self, name: str) -> Any:
        """A value of the event's data; None where it has none of that name."""
        return self.told["data"].get(name)

    @property
    def since(self) -> datetime:
        """From when on it counts; of an act, when it was done."""
        day = self["effective_on"] and f"{self['effective_on']}T00:00:00+08:00"
        since = self["effective_from"] or self["transfer_at"] or day or self.told["occurred_at"]
        return datetime.fromisoformat(since)


def checked(receipt: bytes, keys: Sequence[Key]) -> list[Proven]:
    """The facts of a receipt, all proven and fitting together; the approval first.

    *keys* are trusted, from another hand than the receipt; each witness among them must have
    cosigned all that is shown. Nothing but `Refused` is raised, whatever the bytes.
    """
    try:
        case, parts = _parts(receipt)
        facts = [_proven(one, keys) for one in parts]
        _fits(case, facts)
        for act in (one for one in facts if one["authority"]):
            _authorised(act, sorted(facts, key=lambda one: one.position))
    except (ArithmeticError, AttributeError, LookupError, OSError, RecursionError, TypeError,
            ValueError) as wrong:
        raise Refused("malformed", "receipt") from wrong
    return facts


def _parts(receipt: bytes) -> tuple[str, list[dict[str, str]]]:
    """The case and the parts of a receipt, which has one spelling; else an error of reading."""
    told = json.loads(receipt.decode())
    names, case = ("role", "source", "envelope", "proof"), told["case"]
    parts = [{name: part[name] for name in names} for part in told["facts"]]
    whole = {"format": FORMAT, "case": case, "facts": parts}
    if receipt.decode() != json.dumps(whole, ensure_ascii=False, indent=1) + "\n":
        raise ValueError("another format or spelling")
    return case, parts


def _proven(part: Mapping[str, str], keys: Sequence[Key]) -> Proven:
    """The fact, if its bytes stand in a log that a trusted key has signed."""
    role, source = part["role"], part["source"]
    head, _, note = part["proof"].partition("\n\n")
    first, at, *path = head.split("\n")
    text, signed = _note(note)
    origin, number, root, *_ = text.split("\n")
    size, index = int(number), int(at.removeprefix("index "))
    if (first, at, number) != (PROOF, f"index {index}", str(size)):
        raise ValueError("no tlog-proof")
    told = json.loads(part["envelope"])
    if {origin.rpartition("/")[2], told["source"], ROLES[role][0]} != {source}:
        raise Refused("wrong-origin", role)
    seen_at = _signatures(role, origin, text, signed, keys)
    if not 0 <= index < size:
        raise Refused("wrong-size", role)
    leaf, steps = part["envelope"].encode(), [_base64(one, HASH_BYTES) for one in path]
    if not _included(index, size, leaf, steps, _base64(root, HASH_BYTES)):
        raise Refused("not-included", role)
    return Proven(role, index, size, told, seen_at)


def _fits(case: str, facts: Sequence[Proven]) -> None:
    """Whether all are facts of one approval, or what it relied on."""
    tied = {
        "case_id": {case}, "item_id": {facts[0]["item_id"]},
        "grant_id": {one["authority"]["grant_id"] for one in facts if one["authority"]},
        "agreement_id": {one["agreement_id"] for one in facts if one.role in {"grant", "later"}},
        "seal_id": {one["seal_id"] for one in facts if one.told["source"] == "cases"},
    }
    if (facts[0].role, facts[0].told["type"]) != ("approval", "cases.ApprovalIssued") or any(
        one[key] not in {None, *tied[key]} for one in facts for key in tied
    ):
        raise Refused("wrong-fact", "receipt")


def _authorised(act: Proven, facts: Sequence[Proven]) -> None:
    """Whether the organ of an act held the facet: by its grant, or as the item's department."""
    used, (accepted,) = act["authority"], (one for one in facts if one.role == "acceptance")
    history = [one for one in facts if one.role == "item"]
    if used["grant_id"] is not None:
        shown = [one for one in facts if one.told["stream"] == used["grant_id"]]
        history = [one for one in shown if one.position <= used["grant_position"]]
        whole = [one.told["version"] for one in history] == list(range(1, len(history) + 1))
        if not whole or [one.position for one in history][-1:] != [used["grant_position"]]:
            raise Refused("grant-missing", act.role)
    given, *changes = history
    begins, scope, held = given.since, given["scope"], {given["granting_org_id"]}
    for row in given["facets"] or ():  # where a notice is silent on a facet, who decides has it
        held |= {row["org_id"]} if row["facet"] in {used["facet"], "decide"} else set()
    for one in (*changes, *(one for one in facts if one.role == "merger")):
        in_hand = one["in_flight_policy"] == "finish_if_reviewed"  # as it was at the acceptance
        if one.since > (accepted.since if in_hand else act.since):
            continue
        if one.told["type"] in ENDS:
            raise Refused("not-in-force", act.role)
        begins = datetime.fromisoformat(one["new"]) if one["new"] else begins
        scope = one["scope_after"] if "scope_after" in one.told["data"] else scope
        if (one["from_org_id"] or one["org_id"]) in held:
            held = held - {one["from_org_id"]} | {one["to_org_id"] or one["into_org_id"]}
    if given["facets"] and act.since < begins:
        raise Refused("not-in-force", act.role)
    if used["org_id"] not in held or (scope and accepted["subitem"] not in scope):
        raise Refused("facet-not-held", act.role)


def _note(note: str) -> tuple[str, list[tuple[str, bytes]]]:
    """The text of a signed note with its newline, and its signature lines; else ValueError."""
    text, _, block = note.rpartition("\n\n")
    *lines, end = block.split("\n")
    signed = [match for line in lines if (match := _SIGNATURE.fullmatch(line))]
    if not text or end or not lines or len(signed) != len(lines):
        raise ValueError("no signed note")
    return text + "\n", [(match[1], _base64(match[2])) for match in signed]


def _signatures(
    role: str, origin: str, text: str, signed: Sequence[tuple[str, bytes]], keys: Sequence[Key]
) -> dict[str, datetime]:
    """When each witness saw the checkpoint; a good signature of the log itself must be there."""
    by_log, seen_at = False, {}
    for name, value in signed:
        for key in (key for key in keys if (key.name, key.hash) == (name, value[:4])):
            message, signature = text.encode(), value[4:]
            if key.kind == WITNESS_KEY:
                time, signature = int.from_bytes(signature[:8], "big"), signature[8:]
                message = f"cosignature/v1\ntime {time}\n".encode() + message
            try:
                Ed25519PublicKey.from_public_bytes(key.public).verify(signature, message)
            except InvalidSignature as wrong:
                raise Refused("bad-signature", role) from wrong
            if key.kind == WITNESS_KEY:
                seen_at[name] = datetime.fromtimestamp(time, UTC)
            by_log = by_log or (key.kind == LOG_KEY and name == origin)
    if not by_log:
        raise Refused("unknown-key", role)
    if any(key.kind == WITNESS_KEY and key.name not in seen_at for key in keys):
        raise Refused("not-witnessed", role)
    return seen_at


def _included(index: int, size: int, entry: bytes, path: Sequence[bytes], root: bytes) -> bool:
    """RFC 9162, section 2.1.3.2."""
    node, last, leaf = index, size - 1, sha256(b"\x00" + entry).digest()
    for step in path:
        if last == 0:
            return False
        if node & 1 or node == last:
            leaf = sha256(b"\x01" + step + leaf).digest()
            while node and not node & 1:
                node, last = node >> 1, last >> 1
        else:
            leaf = sha256(b"\x01" + leaf + step).digest()
        node, last = node >> 1, last >> 1
    return last == 0 and leaf == root


def _base64(text: str, size: int | None = None) -> bytes:
    decoded = b64decode(text, validate=True)
    if b64encode(decoded).decode() != text or size not in {None, len(decoded)}:
        raise ValueError("another spelling or size")
    return decoded


def report(facts: Sequence[Proven]) -> Iterator[str]:
    """What is proven and what is not, in Chinese and English, line by line."""
    yield f"已证明 Proven: 案件 case {facts[0]['case_id']}, 事项 item {facts[0]['item_id']}"
    for one in facts:
        place = f"{one.told['source']} 第{one.position}号（共{one.size}）"
        yield f"  {ROLES[one.role][1]}: {one.told['type']}, {place}, {one.told['recorded_at']}"
        yield from (f"    见证 witnessed: {name} {at}" for name, at in one.seen_at.items())
        if used := one["authority"]:
            basis = used["grant_id"] or "本职权 its own power"
            yield f"    {used['org_id']} 行使 exercised {used['facet']}, 依据 by {basis}"
        if one.role == "later" and one.told["type"] in ENDS and one.since <= facts[0].since:
            yield "    迟到的收回：决定应予复查 a late recall: the decision is flagged, not erased"
    if not any(one.seen_at for one in facts):
        yield "  未提供见证公钥，仅凭日志自身签名。 No witness's key given: the log's word alone."
    yield from ("未证明 Not proven:", *(f"  {line}" for line in NOT_PROVEN))


def main() -> int:
    """Check the receipt named on the command line; 0 proven, 1 refused."""
    parser = argparse.ArgumentParser(description="核验凭证 Check a receipt offline.")
    parser.add_argument("receipt", type=Path)
    parser.add_argument("--key", action="append", required=True, help="verifier key; repeatable")
    given = parser.parse_args()
    try:
        facts = checked(given.receipt.read_bytes(), [Key.parse(key) for key in given.key])
    except (Refused, OSError) as refused:
        sys.stderr.write(f"未通过 Refused: {refused}\n")
        return 1
    sys.stdout.write("\n".join(report(facts)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
