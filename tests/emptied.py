"""A service's database, empty again."""

from collections.abc import Iterable

import psycopg2

from shared.settings import SERVICES, Settings

LOG = ("log.checkpoint", "log.entry", "log.event", "log.command", "log.request")
ALL = (
    "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables"
    " WHERE schemaname IN ('bus', 'readmodel', 'applicants', 'witness')"
)
ANEW = (
    "UPDATE log.sequence SET next_position = 0, last_ord ="
    " (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM log.event_ord_seq);"
    " UPDATE log.relay SET next_position = 0, holder = NULL, until = 'epoch'"
)


def emptied(settings: Settings, service: str, tables: Iterable[str] | None = None) -> None:
    """Empty a service's log, and these tables beside it; without any named, all.

    By the administrator with the triggers off; nothing of the log is numbered, sent or signed then.
    """
    held = psycopg2.connect(settings.dsn(service))
    with held, held.cursor() as at:
        at.execute("SET session_replication_role = replica")
        if tables is None:
            at.execute(ALL)
            tables = [table for (table,) in at.fetchall()]
        of_log = LOG if service in SERVICES else ()
        at.execute("; ".join(f"DELETE FROM {table}" for table in (*of_log, *tables)))
        if of_log:
            at.execute(ANEW)
    held.close()
    (settings.keys / f"{service}.last").unlink(missing_ok=True)
