"""Checks an export offline: its rows are those that were proven, and its facts are in signed logs.

What it shows, precisely: the rows are those of the digest; every fact shown stands in a log that a
trusted key has signed; every position that a row names is among them; and of a holding, that the
facts give that organ that facet of that item in that town, with that beginning and end. Whoever
makes a file can leave rows out: that none is missing shows only in asking again.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shared.export.answer import FORMAT, digest_of, refs
from shared.export.read import Export, rows_of
from shared.export.tables import LIST, TABLES, moment, text_of
from shared.log.checkpoint import Checkpoint, CheckpointError, open_checkpoint
from shared.log.keys import NoteError, Verifier, strict_base64
from shared.log.tree import leaf_hash, verify_inclusion

WHY = {
    "malformed": "不是本格式的导出文件，或已损坏 no export, or a damaged one",
    "rows-differ": "表中各行与证明所载摘要不符 the rows are not those of the digest",
    "unknown-key": "缺少该日志的公钥 the log's public key is not at hand",
    "bad-checkpoint": "检查点的签名无效 the checkpoint is not well signed",
    "not-signed": "该事实尚未签名，请稍后重新导出 the fact is not signed yet; export again",
    "not-included": "该事实不在已签名的日志中 the fact is not in the signed log",
    "fact-missing": "该行所注的事实未附 a fact that the row names is not shown",
    "row-differs": "该行与所附事实不符 the row is not what the facts shown say",
}
_UNREADABLE = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, RecursionError)
TRANSFER = "transfer"  # the mode of a power that was moved wholly
BOUNDS = ("opened_by", "closed_by")
OWNERS = ("granting_org_id", "supervising_org_id", "into_org_id")
Facts = Mapping[tuple[str, int], Mapping[str, Any]]


class NotProven(Exception):
    """The export proves nothing: a code of ``WHY``, and the row or fact concerned."""

    def __init__(self, code: str, where: str) -> None:
        super().__init__(f"{code} ({where}): {WHY[code]}")
        self.code, self.where = code, where


@dataclass(frozen=True)
class Checked:
    """What was found to hold."""

    door: str
    asked: Mapping[str, Any]
    rows: int
    facts: int
    digest: str
    checkpoints: Mapping[str, Checkpoint]


def checked(export: Export, keys: Mapping[str, Sequence[Verifier]]) -> Checked:
    """An export that holds.

    Args:
        keys: trusted keys of each log, from another hand than the export.

    Raises:
        NotProven: and no other exception, whatever the file said.
    """
    try:
        return _checked(export, keys)
    except _UNREADABLE as wrong:
        raise NotProven("malformed", f"{type(wrong).__name__}: {wrong}") from wrong


def _checked(export: Export, keys: Mapping[str, Sequence[Verifier]]) -> Checked:
    proof = export.proof
    door = proof["question"]["door"]
    columns = TABLES[door].columns
    if proof["format"] != FORMAT or export.keys != [one.key for one in columns]:
        raise NotProven("malformed", "columns")
    digest = digest_of(columns, export.rows)
    if (len(export.rows), digest) != (proof["rows"], proof["sha256"]):
        raise NotProven("rows-differ", f"{len(export.rows)} rows, {digest}")
    checkpoints = {
        source: _signed(source, note, keys) for source, note in proof["checkpoints"].items()
    }
    facts = {
        (fact["source"], fact["position"]): _fact(fact, checkpoints)
        for fact in proof["facts"]
    }
    by_grant = _by_grant(facts)
    for at, row in enumerate(rows_of(export), 1):
        if missing := [one for one in refs(row) if one not in facts]:
            raise NotProven("fact-missing", f"row {at}: {missing[0][0]} {missing[0][1]}")
        if TABLES[door].holdings and not _follows(row, facts, by_grant):
            raise NotProven("row-differs", f"row {at}")
    return Checked(
        door, proof["question"]["asked"], len(export.rows), len(facts), digest, checkpoints
    )


def _signed(source: str, note: str, keys: Mapping[str, Sequence[Verifier]]) -> Checkpoint:
    if not keys.get(source):
        raise NotProven("unknown-key", source)
    try:
        return open_checkpoint(note, keys[source][0].name, keys[source])
    except (NoteError, CheckpointError) as wrong:
        raise NotProven("bad-checkpoint", f"{source}: {wrong}") from wrong


def _fact(fact: Mapping[str, Any], checkpoints: Mapping[str, Checkpoint]) -> Mapping[str, Any]:
    """What the fact says, if its very bytes stand where it is said."""
    source, at = fact["source"], fact["position"]
    where = f"{source} {at}"
    if fact["path"] is None or source not in checkpoints:
        raise NotProven("not-signed", where)
    path, signed = [strict_base64(step) for step in fact["path"]], checkpoints[source]
    leaf = leaf_hash(fact["envelope"].encode())
    if not 0 <= at < signed.size or not verify_inclusion(at, signed.size, leaf, path, signed.root):
        raise NotProven("not-included", where)
    found: dict[str, Any] = json.loads(fact["envelope"])
    if found["source"] != source:
        raise NotProven("not-included", where)
    return found


def _by_grant(facts: Facts) -> dict[str, Facts]:
    """What is told of each grant or transfer, in the order of the log."""
    found: dict[str, dict[tuple[str, int], Mapping[str, Any]]] = {}
    for place, fact in sorted(facts.items(), key=lambda one: one[0]):
        if id_ := fact["data"].get("grant_id") or fact["data"].get("transfer_id"):
            found.setdefault(id_, {})[place] = fact
    return dict(found)


def _follows(row: Mapping[str, str], facts: Facts, by_grant: Mapping[str, Facts]) -> bool:
    """Whether a holding is what the facts say; of an organ's own power, whether the item is."""
    if not row["grant_id"]:
        return _owned(row, facts)
    told = by_grant.get(row["grant_id"], {})
    data = next((fact["data"] for fact in told.values() if "facets" in fact["data"]), None)
    if data is None:
        return False
    says = {"", *(value for fact in told.values() for value in _values(fact["data"]))}
    return (
        (row["item_id"], row["town_id"], row["mode"])
        == (data["item_id"], data.get("town_id", data.get("unit_id")), data.get("mode", TRANSFER))
        and any(_same(row, facet, told.values()) for facet in data["facets"])
        and {row["effective_from"], row["effective_to"], row["scope"]} <= says
        and all(("delegation", int(row[name])) in told for name in BOUNDS if row[name])
    )


def _owned(row: Mapping[str, str], facts: Facts) -> bool:
    """Whether the item is listed, and the organ is one that the catalogue has named for it."""
    listed = facts["catalog", int(row["opened_by"])]
    named = [
        fact["data"] for (source, _), fact in facts.items()
        if source == "catalog" and fact["data"].get("item_id", row["item_id"]) == row["item_id"]
    ]
    return listed["data"].get("item_id") == row["item_id"] and any(
        row["org_id"] in {data.get(field) for field in OWNERS} for data in named
    )


def _same(
    row: Mapping[str, str], facet: Mapping[str, str], told: Iterable[Mapping[str, Any]]
) -> bool:
    """Whether the row is of that facet; who succeeded its holder holds it too."""
    orgs = {facet["org_id"]}
    for fact in told:
        if fact["type"] == "delegation.GrantSucceeded" and fact["data"]["from_org_id"] in orgs:
            orgs.add(fact["data"]["to_org_id"])
    alike = ("facet", "capacity", "filed_at", "cross_town")
    return row["org_id"] in orgs and all(row[key] == facet[key] for key in alike)


def _values(value: Any) -> Iterator[str]:
    """Every text in a value, instants as a row shows them, and lists as a cell does."""
    if isinstance(value, Mapping):
        for one in value.values():
            yield from _values(one)
    elif isinstance(value, list):
        if all(isinstance(one, str) for one in value):
            yield text_of(value, LIST)
        for one in value:
            yield from _values(one)
    elif isinstance(value, str):
        yield _shown(value)


def _shown(text: str) -> str:
    try:
        return moment(text) if "T" in text else text
    except ValueError:
        return text
