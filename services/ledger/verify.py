"""Checks a receipt offline: nothing is needed but this file, Python, `cryptography` and keys.

    python verify.py receipt.json --key fuquan/county/cases+1a2b3c4d+AQ… --key …

A receipt holds the facts behind one approval, in the bytes that were recorded, each with a proof
that it stands in a signed log. Nothing else of this project is imported, on purpose: who does not
trust the project reads these lines instead.

Sources: RFC 9162 section 2.1 (hashes, inclusion), https://c2sp.org/signed-note,
https://c2sp.org/tlog-checkpoint, https://c2sp.org/tlog-cosignature, https://c2sp.org/tlog-proof.
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
    "seal_use": ("cases", "用印 use of the seal"), "grant": ("delegation", "授权 grant"),
    "start": ("delegation", "开始实施 start"), "agreement": ("delegation", "协议 agreement"),
    "seal": ("delegation", "印章 seal"), "item": ("catalog", "事项 item"),
}
WHY = {
    "bad-key": "不是日志或见证方的验证公钥 no verifier key of a log or a witness",
    "malformed": "不是本格式的凭证，或已被改动 no receipt, or an altered one",
    "wrong-origin": "签名属于另一日志 the checkpoint is another log's",
    "wrong-size": "所载位置超出已签名的范围 beyond what was signed",
    "not-included": "记录或路径与已签名的根不符 not in the log that was signed",
    "bad-signature": "签名无效 a signature by a trusted key is wrong",
    "unknown-key": "缺少该日志的可信签名 not signed by a trusted key of that log",
    "not-witnessed": "缺少见证签名 a witness whose key was given has not cosigned",
    "wrong-fact": "不是该案件的许可决定及其依据 not the facts of one approval",
    "grant-missing": "缺少决定所依据的授权 the grant that the approval names is not shown",
    "wrong-grant": "授权编号与决定所载不符 another grant than the approval names",
    "facet-not-held": "该授权未授予所行使的权能 the grant gave no such facet of the item",
    "not-in-force": "决定时授权尚未生效 the grant was not yet in force at the decision",
}
NOT_PROVEN = (
    "未登记的情形无从证明：本凭证不能说明没有其他决定、收回或者更正。",
    "Nothing can prove that an event was never entered: a recall may exist that is not shown.",
    "内容是否属实、所载时间是否准确，由登记单位负责；见证时间由见证方负责。",
    "That what was recorded is true, and its time, is the recorder's word; a witness's, his.",
)
_NUMBER = re.compile(r"0|[1-9][0-9]{0,18}")
_SIGNATURE = re.compile(r"— (\S+) (\S+)")
_UNREADABLE = (
    ArithmeticError, AttributeError, LookupError, OSError, RecursionError, TypeError, ValueError,
)


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
        name, _, rest = text.strip().partition("+")
        hashed, _, encoded = rest.partition("+")
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
    source: str
    position: int
    size: int
    told: Mapping[str, Any]
    seen_at: Mapping[str, datetime]


def checked(receipt: bytes, keys: Sequence[Key]) -> list[Proven]:
    """The facts of a receipt, all proven and fitting together; the approval first.

    Args:
        receipt: any bytes whatever.
        keys: trusted, from another hand than the receipt. Every witness among them must have
            cosigned every checkpoint shown.

    Raises:
        Refused: and no other exception, whatever the bytes.
    """
    try:
        facts = [_proven(one, keys) for one in _parts(receipt)]
        _fits(facts[0], facts[1:])
    except _UNREADABLE as wrong:
        raise Refused("malformed", "receipt") from wrong
    return facts


def _parts(receipt: bytes) -> list[dict[str, str]]:
    """The parts of a receipt, in its one spelling; else an error of reading."""
    text = receipt.decode()
    told = json.loads(text)
    if text != json.dumps(told, ensure_ascii=False, indent=1) + "\n" or told["format"] != FORMAT:
        raise ValueError("another spelling or format")
    parts: list[dict[str, str]] = told["facts"]
    if told.keys() != {"format", "case", "facts"} or any(
        part.keys() != {"role", "source", "envelope", "proof"} for part in parts
    ):
        raise ValueError("another shape")
    if told["case"] != json.loads(parts[0]["envelope"])["data"]["case_id"]:
        raise ValueError("another case")
    return parts


def _proven(part: Mapping[str, str], keys: Sequence[Key]) -> Proven:
    """The fact, if its bytes stand in a log that a trusted key has signed."""
    role, source = part["role"], part["source"]
    if ROLES[role][0] != source:
        raise Refused("wrong-fact", role)
    index, path, note = _proof(part["proof"])
    text, signed = _note(note)
    origin, number, root, *_ = text.split("\n")
    size, leaf = _number(number), sha256(b"\x00" + part["envelope"].encode()).digest()
    told = json.loads(part["envelope"])
    if origin.rpartition("/")[2] != source or told["source"] != source:
        raise Refused("wrong-origin", role)
    seen_at = _signatures(role, origin, text, signed, keys)
    if index >= size:
        raise Refused("wrong-size", role)
    if not _included(index, size, leaf, path, _base64(root, HASH_BYTES)):
        raise Refused("not-included", role)
    return Proven(role, source, index, size, told, seen_at)


def _fits(approval: Proven, others: Sequence[Proven]) -> None:
    """Whether all belong to one approval, and its grant gave what was used."""
    told, data = approval.told, approval.told["data"]
    if (approval.role, told["type"]) != ("approval", "cases.ApprovalIssued") or any(
        fact.role == "approval" or fact.told["data"].get("case_id", data["case_id"])
        != data["case_id"] for fact in others
    ):
        raise Refused("wrong-fact", "receipt")
    authority = data["authority"]
    if authority["grant_id"] is None:
        return
    grants = sorted((one for one in others if one.role == "grant"), key=lambda one: one.position)
    if not grants or grants[-1].position != authority["grant_position"]:
        raise Refused("grant-missing", "grant")
    history = [one.told["data"] | {"type": one.told["type"]} for one in grants]
    given = history[0]
    if any(authority["grant_id"] != one.get("grant_id", one.get("transfer_id")) for one in history):
        raise Refused("wrong-grant", "grant")
    facets = {authority["facet"], "decide"}  # where a notice is silent, who decides also seals
    held = {one["org_id"] for one in given["facets"] if one["facet"] in facets}
    for one in history:
        if one["type"] == "delegation.GrantSucceeded" and one["from_org_id"] in held:
            held = held - {one["from_org_id"]} | {one["to_org_id"]}
    if given["item_id"] != data["item_id"] or authority["org_id"] not in held:
        raise Refused("facet-not-held", "grant")
    begun = [one.get("effective_from", one.get("transfer_at")) for one in history]
    decided_at = datetime.fromisoformat(data["decided_at"])
    if any(datetime.fromisoformat(instant) > decided_at for instant in begun):
        raise Refused("not-in-force", "grant")


def _proof(text: str) -> tuple[int, list[bytes], str]:
    """Index, path from the leaf up, and checkpoint of a tlog-proof; else ValueError."""
    head, _, note = text.partition("\n\n")
    first, index, *path = head.split("\n")
    if first != PROOF or not index.startswith("index "):
        raise ValueError("no proof")
    return _number(index.removeprefix("index ")), [_base64(one, HASH_BYTES) for one in path], note


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


def _included(index: int, size: int, leaf: bytes, path: Sequence[bytes], root: bytes) -> bool:
    """RFC 9162, section 2.1.3.2."""
    node, last = index, size - 1
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


def _number(text: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise ValueError("no number")
    return int(text)


def report(facts: Sequence[Proven]) -> Iterator[str]:
    """What is proven and what is not, in Chinese and English, line by line."""
    data = facts[0].told["data"]
    yield f"已证明 Proven: 案件 case {data['case_id']}, 事项 item {data['item_id']}"
    for fact in facts:
        yield (f"  {ROLES[fact.role][1]}: {fact.told['type']}, 登记 recorded"
               f" {fact.told['recorded_at']}, {fact.source} 第{fact.position}号（共{fact.size}）")
        yield from (f"    见证 witnessed: {name} {at}" for name, at in fact.seen_at.items())
    used = data["authority"]
    basis = f"授权 grant {used['grant_id']}" if used["grant_id"] else "本职权 its own power"
    yield f"  {used['org_id']} 行使 exercised {used['facet']}, 依据 by {basis}"
    if not any(fact.seen_at for fact in facts):
        yield "  未提供见证公钥，仅凭日志自身签名。 No witness's key given: the log's word alone."
    yield "未证明 Not proven:"
    yield from (f"  {line}" for line in NOT_PROVEN)


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
