"""An answer on its way into a file: its rows, the question, and the facts it rests on."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, TypedDict

from shared.export.tables import TABLES, Column, Table, text_of
from shared.log.canonical import canonical

FORMAT = "fuquan-export/v1"
LONGEST_ROW = 2**20
FACTS = ("opened_by", "closed_by", "written_by", "superseded_by")  # cells that hold positions
PROVEN = (
    "所列各项事实的原文，均载于已签名的日志；各行所注的日志位置即其依据。",
    "The bytes of the facts shown stand in the signed logs, at the positions that the rows name.",
)
PROVEN_HELD = (
    "各行的单位、权能、事项、镇街、起止，均见于所附事实。",
    "Organ, facet, item, town, beginning and end of each row are told by the facts shown.",
)
NOT_PROVEN = (
    "不证明答案完整：是否还有未列的行，须以日志重放后重新提问来核对。",
    "That no row is missing is not proven here; replay the logs and ask again to see.",
    "名称、说明和判断由账本得出，也以重放核对；从未登记的情形无从证明。",
    "Names, sentences and judgements are the ledger's; what was never entered cannot be proven.",
)


class Shown(TypedDict):
    """A fact as a proof carries it: with the checkpoint of its source it makes a tlog-proof."""

    source: str
    position: int
    envelope: str
    path: list[str] | None


@dataclass(frozen=True)
class Answer:
    """One answer of the ledger, with its proof.

    Args:
        door: the question; a key of `TABLES`.
        asked: the request, as it was sent; an export asks with ``known_at``.
        made_at: when it was asked.
        as_of: next position of each log that the ledger had not taken in yet.
        rows: of JSON values, by the columns' keys; a column may be missing.
        checkpoints: signed note of each log that has one.
        link: address where the same can be asked again.
    """

    door: str
    asked: Mapping[str, Any]
    made_at: datetime
    as_of: Mapping[str, int]
    rows: Sequence[Mapping[str, Any]]
    checkpoints: Mapping[str, str]
    facts: Sequence[Shown]
    link: str = ""

    @property
    def table(self) -> Table:
        """Its columns."""
        return TABLES[self.door]

    @property
    def unsigned(self) -> int:
        """How many of its facts are not signed yet."""
        return sum(fact["path"] is None for fact in self.facts)

    def texts(self) -> Iterator[list[str]]:
        """The rows as text, in the order of the columns."""
        for row in self.rows:
            yield [text_of(row.get(one.key), one.kind) for one in self.table.columns]

    def digest(self) -> str:
        """SHA-256 of the rows, in hex."""
        return digest_of(self.table.columns, self.texts())

    def proof(self) -> dict[str, Any]:
        """All that the check of an export needs beside its rows."""
        return {
            "format": FORMAT,
            "question": {"service": "ledger", "door": self.door, "asked": dict(self.asked)},
            "made_at": self.made_at.isoformat(), "as_of": dict(self.as_of), "link": self.link,
            "columns": [one.key for one in self.table.columns], "rows": len(self.rows),
            "sha256": self.digest(), "proven": list(self.proven()),
            "not_proven": list(NOT_PROVEN), "checkpoints": dict(self.checkpoints),
            "facts": list(self.facts),
        }

    def proven(self) -> tuple[str, ...]:
        """What the proof shows, in Chinese and English."""
        return (*PROVEN, *PROVEN_HELD) if self.table.holdings else PROVEN


def digest_of(columns: Iterable[Column], rows: Iterable[Sequence[str]]) -> str:
    """SHA-256 in hex over the keys of the columns and each row's texts.

    Each is one line: a JSON array in canonical form (RFC 8785), and a line feed.
    """
    found = sha256(canonical([one.key for one in columns]) + b"\n")
    for row in rows:
        found.update(canonical(list(row), most=LONGEST_ROW) + b"\n")
    return found.hexdigest()


def refs(row: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    """Source and position of the facts that a row names; its values may be texts."""
    if row.get("position") not in {None, ""} and row.get("source"):
        yield row["source"], int(row["position"])
    source = "delegation" if row.get("grant_id") else "catalog"
    for name in FACTS:
        if row.get(name) not in {None, ""}:
            yield source, int(row[name])
