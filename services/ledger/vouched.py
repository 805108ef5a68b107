"""What the witness keeps of one log: notes vouched for, others' cosignatures, evidence."""

from typing import Any

from shared.database import Database
from shared.log.checkpoint import Checkpoint
from shared.log.note import split_note

NOTE = """
SELECT note, (SELECT coalesce(array_agg(line ORDER BY e.witness), '{}')
                FROM witness.endorsed e WHERE (e.source, e.size) = (c.source, c.size))
  FROM witness.cosigned c WHERE source = %(source)s
"""
LATEST = NOTE + """ AND (%(by)s::text IS NULL OR EXISTS (
         SELECT FROM witness.endorsed e
          WHERE (e.source, e.size, e.witness) = (c.source, c.size, %(by)s)))
 ORDER BY size DESC LIMIT 1
"""
OVER = NOTE + """ AND size > %(position)s AND size <= %(most)s AND size = coalesce(
       (SELECT max(size) FROM witness.endorsed
         WHERE source = %(source)s AND size > %(position)s AND size <= %(most)s), size)
 ORDER BY size DESC LIMIT 1
"""


class Vouched:
    """The rows of schema ``witness`` for one log; two processes may write, each row is kept once.

    Args:
        database: of the ledger, as its own role, which may insert and read.
    """

    def __init__(self, database: Database, source: str) -> None:
        self.database = database
        self.source = source

    def latest(self, by: str | None = None) -> tuple[Checkpoint, str] | None:
        """The longest checkpoint vouched for, and its note with every cosignature.

        Args:
            by: only those that this witness has vouched for too.
        """
        return self._one(LATEST, {"by": by})

    def over(self, position: int, most: int) -> tuple[Checkpoint, str] | None:
        """The longest over the entry at *position*, of at most *most* entries, with its note.

        One that others have vouched for too comes before a longer one.
        """
        return self._one(OVER, {"position": position, "most": most})

    def _one(self, query: str, asked: dict[str, Any]) -> tuple[Checkpoint, str] | None:
        rows = self.database.rows(query, {"source": self.source, **asked})
        if not rows:
            return None
        ((note, lines),) = rows
        return Checkpoint.parse(split_note(note)[0]), note + "".join(lines)

    def notes(self) -> list[str]:
        """Every note vouched for, smallest first."""
        rows = self.database.rows(
            "SELECT note FROM witness.cosigned WHERE source = %s ORDER BY size", (self.source,)
        )
        return [note for (note,) in rows]

    def text_at(self, size: int) -> str | None:
        """The text of the checkpoint vouched for at that size, without signatures."""
        rows = self.database.rows(
            "SELECT note FROM witness.cosigned WHERE source = %s AND size = %s",
            (self.source, size),
        )
        return split_note(rows[0][0])[0] if rows else None

    def keep(self, checkpoint: Checkpoint, note: str) -> None:
        """Keep a cosigned note; nothing of a log that is refused."""
        self.database.rows(
            "INSERT INTO witness.cosigned (source, size, root, note)"
            " SELECT %(source)s, %(size)s, %(root)s, %(note)s WHERE NOT EXISTS"
            " (SELECT FROM witness.refused WHERE source = %(source)s)"
            " ON CONFLICT DO NOTHING RETURNING 1",
            {"source": self.source, "size": checkpoint.size, "root": checkpoint.root,
             "note": note},
        )

    def endorse(self, size: int, witness: str, line: str) -> None:
        """Keep another's cosignature line under the note of that size."""
        self.database.rows(
            "INSERT INTO witness.endorsed (source, size, witness, line)"
            " VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING RETURNING 1",
            (self.source, size, witness, line),
        )

    def refuse(self, shown: str, trusted: str, reason: str) -> None:
        """Keep both notes; the log is refused from now on."""
        self.database.rows(
            "INSERT INTO witness.refused (source, shown, trusted, reason)"
            " VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING RETURNING 1",
            (self.source, shown, trusted, reason),
        )

    def refused(self) -> bool:
        """Whether the log has shown two histories."""
        ((found,),) = self.database.rows(
            "SELECT EXISTS (SELECT FROM witness.refused WHERE source = %s)", (self.source,)
        )
        return bool(found)

    def evidence(self) -> list[dict[str, Any]]:
        """Each two notes that no one history has, oldest first."""
        rows = self.database.dicts(
            "SELECT reason, trusted, shown, at FROM witness.refused WHERE source = %s ORDER BY at",
            (self.source,),
        )
        return [row | {"at": row["at"].isoformat()} for row in rows]
