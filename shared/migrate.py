"""Databases, roles and tables, once, as the owner, before any service starts. Forward only."""

import hashlib
import hmac
import re
from importlib.resources import files
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import ISOLATION_LEVEL_AUTOCOMMIT, connection, encrypt_password

from shared.settings import WITH_DATABASE, NotConfigured, Settings


class ChangedMigration(RuntimeError):
    """A migration that was applied has been edited since; write a new one instead."""


def role_password(admin: Settings, role: str) -> str:
    """The password of a login role, derived from the administrator's own; nothing is stored.

    Raises:
        NotConfigured: the URL has no password (peer, trust), so anyone could derive the roles'.
    """
    secret = urlsplit(admin.database_url).password
    if not secret:
        raise NotConfigured(
            "FUQUAN_DATABASE_URL has no password, from which the roles' would derive;"
            " give it, e.g. postgresql://postgres:password@host:5432/"
        )
    return hmac.new(secret.encode(), f"{admin.prefix}{role}".encode(), hashlib.sha256).hexdigest()


def as_role(admin: Settings, role: str) -> str:
    """The database URL of a service's or the relay's own role."""
    parts = urlsplit(admin.database_url)
    where = (parts.netloc.rpartition("@")[2]) or ""
    return urlunsplit(
        parts._replace(netloc=f"{admin.prefix}{role}:{role_password(admin, role)}@{where}")
    )


def migrate(admin: Settings, *, passwords: bool = False) -> list[str]:
    """Create what is missing and apply what is new; returns the migrations applied now.

    Args:
        admin: with the administrator's URL.
        passwords: set the existing roles' passwords again, after the administrator's has changed.

    Raises:
        psycopg2.Error: not the owner, or no server there.
        ChangedMigration: an applied file differs from its record.
    """
    prepare(admin, passwords=passwords)
    return [done for service in WITH_DATABASE for done in _apply(admin, service)]


def prepare(admin: Settings, *, passwords: bool = False) -> None:
    """Create the roles and the empty databases that are missing.

    Args:
        admin: with the administrator's URL.
        passwords: set the existing roles' passwords again.
    """
    cluster = psycopg2.connect(admin.server(), connect_timeout=10)
    cluster.set_isolation_level(ISOLATION_LEVEL_AUTOCOMMIT)
    try:
        with cluster.cursor() as at:  # held until the connection closes: others wait their turn
            at.execute("SELECT pg_advisory_lock(hashtext('fuquan.migrate'))")
        _roles(cluster, admin, passwords=passwords)
        for service in WITH_DATABASE:
            _database(cluster, admin, service)
    finally:
        cluster.close()


def _roles(cluster: connection, admin: Settings, *, passwords: bool) -> None:
    with cluster.cursor() as at:
        at.execute("SELECT rolname FROM pg_roles")
        existing = {name for (name,) in at.fetchall()}
        for role in ("owner", "reader"):
            name = f"{admin.prefix}{role}"
            if name not in existing:
                at.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(name)))
        for role in (*WITH_DATABASE, "relay"):
            login = sql.Identifier(f"{admin.prefix}{role}")
            new = f"{admin.prefix}{role}" not in existing
            if new or passwords:
                verifier = encrypt_password(  # the server's log may keep the statement
                    role_password(admin, role), f"{admin.prefix}{role}", cluster, "scram-sha-256"
                )
                change = "CREATE ROLE {} LOGIN PASSWORD {}" if new else "ALTER ROLE {} PASSWORD {}"
                at.execute(sql.SQL(change).format(login, sql.Literal(verifier)))
            at.execute(
                sql.SQL("ALTER ROLE {} SET idle_in_transaction_session_timeout = '30s'")
                .format(login)
            )
            at.execute(
                sql.SQL("GRANT {} TO {}").format(sql.Identifier(f"{admin.prefix}reader"), login)
            )


def _database(cluster: connection, admin: Settings, service: str) -> None:
    name = f"{admin.prefix}{service}"
    with cluster.cursor() as at:
        at.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,))
        if at.fetchone() is None:
            at.execute(
                sql.SQL(
                    "CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'"
                    " LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'"
                ).format(sql.Identifier(name))
            )
        at.execute(
            sql.SQL("REVOKE CONNECT ON DATABASE {} FROM PUBLIC").format(sql.Identifier(name))
        )
        at.execute(
            sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}, {}").format(
                sql.Identifier(name),
                sql.Identifier(f"{admin.prefix}reader"),
                sql.Identifier(f"{admin.prefix}{service}"),
            )
        )
        at.execute(
            sql.SQL("GRANT CREATE ON DATABASE {} TO {}")
            .format(sql.Identifier(name), sql.Identifier(f"{admin.prefix}owner"))
        )


def _apply(admin: Settings, service: str) -> list[str]:
    held = psycopg2.connect(admin.dsn(service), connect_timeout=10)
    applied_now = []
    try:
        with held, held.cursor() as at:
            at.execute("SELECT pg_advisory_xact_lock(hashtext('fuquan.migrate'))")
            at.execute("CREATE SCHEMA IF NOT EXISTS migration")
            at.execute(
                "CREATE TABLE IF NOT EXISTS migration.applied (name text PRIMARY KEY,"
                " sha256 text NOT NULL, at timestamptz NOT NULL DEFAULT now())"
            )
            at.execute("SELECT name, sha256 FROM migration.applied")
            applied: dict[str, str] = dict(at.fetchall())
            for name, text in migrations(service):
                digest = hashlib.sha256(text.encode()).hexdigest()
                if applied.get(name, digest) != digest:
                    raise ChangedMigration(
                        f"{service}/{name} differs from what was applied; add a new file instead"
                    )
                if name in applied:
                    continue
                at.execute(_with_roles(text, admin, service))
                at.execute(
                    "INSERT INTO migration.applied (name, sha256) VALUES (%s, %s)", (name, digest)
                )
                applied_now.append(f"{service}/{name}")
    finally:
        held.close()
    return applied_now


def migrations(service: str) -> list[tuple[str, str]]:
    """(name, SQL) of a service's migrations in order; ``-- include: <path>`` lines are replaced."""
    folder = Path(str(files(f"services.{service}"))) / "migrations"
    root = Path(str(files("shared"))).parent
    return [
        (
            path.name,
            re.sub(
                r"(?m)^-- include: (\S+)$",
                lambda found: (root / found[1]).read_text("utf-8"),
                path.read_text("utf-8"),
            ),
        )
        for path in sorted(folder.glob("*.sql"))
    ]


def _with_roles(text: str, admin: Settings, service: str) -> str:
    roles = {"service": service, "owner": "owner", "reader": "reader", "relay": "relay"}
    return re.sub(
        r"(?<![:\w]):(service|owner|reader|relay)\b",
        lambda found: f'"{admin.prefix}{roles[found[1]]}"',
        text,
    )
