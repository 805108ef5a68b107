"""The statements that put a log's rows right; one transaction, the triggers off within it."""

from psycopg2.extensions import cursor
from psycopg2.extras import execute_values

from services.ledger.cosigning import signed_by
from services.ledger.sides import Difference
from shared.log.store import request_hash

TABLES = ("command", "event", "entry", "checkpoint")
UNKNOWN_REQUEST = request_hash(b"restored")

ALONE = "LOCK TABLE log.command, log.event, log.entry, log.checkpoint IN SHARE ROW EXCLUSIVE MODE"

# The rows as they must be, of every position where the log has them otherwise.
WANTED = (
    "CREATE TEMP TABLE wanted (position bigint PRIMARY KEY, previous bigint, stream uuid,"
    " version int, type text, command_id uuid, operator text, envelope bytea,"
    " UNIQUE (stream, version)) ON COMMIT DROP"
)

# Events that cannot stay: those at a wanted position; those that have a wanted event's place in
# its stream, and what was appended on top of them since; those that were slipped in and can never
# get a position. An event without its position is found again as it was, and is no evidence.
STALE = """
CREATE TEMP TABLE stale ON COMMIT DROP AS
WITH told AS (
  SELECT e.*, n.position, n.leaf_hash AS entered, w.envelope AS wanted
    FROM log.event e LEFT JOIN log.entry n USING (ord)
    LEFT JOIN wanted w ON (w.stream, w.version) = (e.stream, e.version)
), overtaken AS (
  SELECT stream, min(version) AS version FROM told
   WHERE position IS NULL AND wanted <> envelope GROUP BY stream
)
SELECT t.ord, t.stream, t.version, t.type, t.envelope, t.command_id, t.position, t.entered,
       CASE WHEN t.position IS NOT NULL THEN 'altered'
            WHEN t.wanted = t.envelope THEN NULL
            WHEN t.ord <= s.last_ord THEN 'slipped-in' ELSE 'overtaken' END AS found
  FROM told t CROSS JOIN log.sequence s LEFT JOIN overtaken o ON o.stream = t.stream
 WHERE t.position IN (SELECT position FROM wanted) OR t.wanted IS NOT NULL
    OR (t.position IS NULL AND (t.ord <= s.last_ord OR t.version >= o.version))
"""

# found, position, stream, version, type, envelope, leaf_hash, command_id, note
EVIDENCE = (
    """
SELECT found, position, stream, version, type, envelope, entered, command_id, NULL
  FROM stale WHERE found IS NOT NULL ORDER BY position, ord
""",
    """
SELECT 'without-event', n.position, NULL, NULL, NULL, NULL, n.leaf_hash, NULL, NULL
  FROM log.entry n LEFT JOIN log.event e USING (ord) WHERE e.ord IS NULL ORDER BY n.position
""",
    """
SELECT 'checkpoint', size, NULL, NULL, NULL, NULL, root, NULL, note
  FROM log.checkpoint WHERE size = ANY(%(other)s) ORDER BY size
""",
)

# Restored events get numbers below all that are drawn: they have their positions already.
REPAIR = """
DELETE FROM log.entry WHERE position IN (SELECT position FROM wanted)
    OR ord IN (SELECT ord FROM stale);
DELETE FROM log.event WHERE ord IN (SELECT ord FROM stale);
DELETE FROM log.command c
 WHERE c.n > 0
   AND (EXISTS (SELECT FROM stale s WHERE s.command_id = c.command_id)
        OR EXISTS (SELECT FROM wanted w WHERE (w.stream, w.version) = (c.stream, c.from_version)))
   AND NOT EXISTS (SELECT FROM wanted w WHERE w.command_id = c.command_id)
   AND NOT EXISTS (SELECT FROM log.event e WHERE e.command_id = c.command_id);
INSERT INTO log.event (ord, stream, version, command_id, type, envelope)
  OVERRIDING SYSTEM VALUE
  SELECT -position - 1, stream, version, command_id, type, envelope FROM wanted;
INSERT INTO log.entry (position, ord, leaf_hash, previous)
  SELECT w.position, e.ord, e.leaf_hash, w.previous
    FROM wanted w JOIN log.event e ON e.ord = -w.position - 1;
INSERT INTO log.command (command_id, stream, from_version, n, actor, request)
  SELECT e.command_id, e.stream, min(e.version), count(*), max(w.operator), %(request)s
    FROM wanted w JOIN log.event e USING (command_id) GROUP BY e.command_id, e.stream
  ON CONFLICT DO NOTHING;
UPDATE log.sequence SET next_position = greatest(next_position, %(size)s);
UPDATE log.relay SET next_position = greatest(next_position, %(signed)s);
DELETE FROM log.checkpoint WHERE size = ANY(%(other)s);
"""


def repair(at: cursor, found: Difference, origin: str) -> None:
    """Put the wanted rows into the log, and what belongs to them.

    A restored command is known by its id, and no more by its request: repeated, it is refused as
    reused instead of being carried out twice. A checkpoint comes back with the log's own
    signatures alone.

    Args:
        at: in the transaction that has filled the tables ``wanted`` and ``stale``.
    """
    for table in TABLES:
        at.execute(f"ALTER TABLE log.{table} DISABLE TRIGGER USER")
    at.execute(REPAIR, {
        "request": UNKNOWN_REQUEST, "size": found.size, "signed": found.signed,
        "other": found.other_notes,
    })
    execute_values(
        at, "INSERT INTO log.checkpoint (size, root, note) VALUES %s",
        [(one.size, one.root, signed_by(note, {origin})) for one, note in found.lost_notes],
    )
    for table in TABLES:
        at.execute(f"ALTER TABLE log.{table} ENABLE TRIGGER USER")
