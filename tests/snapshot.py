"""The tables of a world as they stood: a programme is imported once and brought back quickly."""

from collections.abc import Iterable
from io import BytesIO

import psycopg2

from shared.settings import WITH_DATABASE, Settings

TABLES = (
    "SELECT format('%I.%I', table_schema, table_name),"
    " string_agg(quote_ident(column_name), ', ' ORDER BY ordinal_position)"
    " FROM information_schema.columns JOIN information_schema.tables"
    " USING (table_schema, table_name)"
    " WHERE table_schema IN ('log', 'bus', 'readmodel') AND table_type = 'BASE TABLE'"
    " AND is_generated = 'NEVER' GROUP BY table_schema, table_name ORDER BY 1"
)
Snapshot = dict[tuple[str, str, str], bytes]


def taken(settings: Settings, services: Iterable[str] = WITH_DATABASE) -> Snapshot:
    """The rows of every table, by service, table and columns."""
    found: Snapshot = {}
    for name in services:
        held = psycopg2.connect(settings.dsn(name))
        with held, held.cursor() as at:
            at.execute(TABLES)
            for table, columns in at.fetchall():
                rows = BytesIO()
                at.copy_expert(f"COPY {table} ({columns}) TO STDOUT", rows)
                found[name, table, columns] = rows.getvalue()
        held.close()
    return found


def brought_back(settings: Settings, snapshot: Snapshot) -> None:
    """Put the rows into the emptied tables, as the administrator with the triggers off."""
    for name in {service for service, _, _ in snapshot}:
        held = psycopg2.connect(settings.dsn(name))
        with held, held.cursor() as at:
            at.execute("SET session_replication_role = replica")
            for (service, table, columns), rows in snapshot.items():
                if service != name or not rows:
                    continue
                at.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
                at.execute(f"DELETE FROM {table}")
                at.copy_expert(f"COPY {table} ({columns}) FROM STDIN", BytesIO(rows))
                at.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        held.close()
