"""What a caller over HTTP is told whose service cannot reach its database, or finds it full."""

import psycopg2
import pytest
from nameko.exceptions import deserialize, serialize

from services.gateway.app import make_app
from services.gateway.tokens import issue
from shared.database import Database
from shared.settings import Settings
from tests.servers import free_port

COMMAND = "/api/catalog/assign_code"
KEY = {"Idempotency-Key": "0d5e2c1a-6b7f-4d0e-9c3b-1a2b3c4d5e6f"}
REQUEST = {"programme": "MD2023", "item": "MD23-04", "code": "3700000131001"}
RAISED = "DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{}'; END $$"
FULL = RAISED.format("disk_full")
TWICE = "INSERT INTO bus.cursor (source) VALUES ('one'), ('one')"


def served(dsn: str, sql: str, settings: Settings):
    """The gateway over a service whose commands run *sql*; its errors come as RPC brings them."""
    database = Database(dsn)

    def call(*_: object, **__: object) -> None:
        try:
            database.rows(sql)
        except psycopg2.Error as failed:
            raise deserialize(serialize(failed)) from failed

    return make_app(call, settings).test_client()


def answered(client, settings: Settings):
    token = issue(settings, "MD2023-ORG-05", "registrar", "op-7", 1)
    return client.post(COMMAND, json=REQUEST, headers=KEY | {"Authorization": f"Bearer {token}"})


@pytest.mark.parametrize(
    "sql",
    [FULL, RAISED.format("53300"), "SELECT pg_terminate_backend(pg_backend_pid())"],
    ids=["disk full", "too many connections", "ended by its administrator"],
)
def test_a_database_that_can_do_nothing_now_is_worth_another_try(migrated: Settings, sql: str):
    answer = answered(served(migrated.dsn("catalog"), sql, migrated), migrated)

    assert (answer.status_code, answer.json["code"]) == (503, "gateway.database-away")
    assert answer.headers["Retry-After"] == "10"
    assert "幂等键" in answer.json["detail"]


def test_so_is_one_that_is_not_there(migrated: Settings):
    nowhere = f"postgresql://catalog:geheim@127.0.0.1:{free_port()}/catalog"

    answer = answered(served(nowhere, "SELECT 1", migrated), migrated)

    assert (answer.status_code, answer.json["code"]) == (503, "gateway.database-away")
    assert "geheim" not in answer.text


@pytest.mark.parametrize(
    "sql", ["SELECT * FROM nowhere", TWICE, RAISED.format("P0001")],
    ids=["no such table", "a key twice", "a trigger's refusal"],
)
def test_what_another_try_does_not_mend_stays_a_fault(migrated: Settings, sql: str):
    answer = answered(served(migrated.dsn("catalog"), sql, migrated), migrated)

    assert (answer.status_code, answer.json["code"]) == (500, "gateway.fault")
    assert "Retry-After" not in answer.headers
