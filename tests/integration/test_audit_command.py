"""`fuquan ledger audit` and `replay` on real databases, and what an owner has slipped into them."""

import json
from collections.abc import Iterator
from dataclasses import replace

import psycopg2
import pytest
from typer.testing import CliRunner, Result

from services.ledger.audit.told import Stored
from shared.cli import app
from shared.contracts.envelope import open_fact
from shared.export.check import checked
from shared.export.read import opened, rows_of
from shared.settings import SERVICES, Settings
from tests.exporting import sign
from tests.forged import Forged
from tests.played import played
from tests.world import World


@pytest.fixture(scope="module")
def history(migrated: Settings) -> dict[str, list[Stored]]:
    return played(migrated)


class Books(World):
    """The logs' databases in the hands of their owner."""

    def slip_in(self, source: str, envelopes: list[bytes]) -> None:
        """Facts past every rule; sequenced like any other."""
        facts = [open_fact(envelope, 0, None) for envelope in envelopes]
        with self._admin[source].transaction() as at:
            at.execute(
                "INSERT INTO log.event (stream, version, command_id, type, envelope)"
                " SELECT * FROM unnest(%s::uuid[], %s::int[], %s::uuid[], %s::text[], %s::bytea[])",
                ([fact.stream for fact in facts], [fact.version for fact in facts],
                 [fact.id for fact in facts], [fact.type for fact in facts],
                 [fact.envelope for fact in facts]),
            )
        self._sequence(source)


@pytest.fixture
def books(migrated: Settings, history: dict[str, list[Stored]]) -> Iterator[Books]:
    """The history in the logs' databases."""
    books = Books(migrated)
    books.empty()
    for source in SERVICES:
        books.slip_in(source, [entry.envelope for entry in history[source]])
    yield books
    books.empty()
    books.close()


def fuquan(world: Books, *arguments: str) -> Result:
    environment = replace(world.settings, deployment="test").environment()
    return CliRunner().invoke(app, ["ledger", *arguments], env=environment)


def forged_approval(history: dict[str, list[Stored]]) -> tuple[bytes, int]:
    """An approval of the department's after the town's, as the next fact of that case's stream."""
    forged = Forged(history)
    closed = forged.place("CaseClosed", story="handled")
    again = forged.add(forged.place("ApprovalIssued", story="handled"))
    body = forged.body(again)
    body["version"] = forged.body(closed)["version"] + 1
    return json.dumps(body).encode(), len(history["cases"])


def test_an_untouched_history_ends_with_zero_and_says_what_was_judged(books, history):
    ended = fuquan(books, "audit")

    total = sum(len(entries) for entries in history.values())
    assert ended.exit_code == 0, ended.output
    assert f"{total} facts judged: no violations." in ended.stdout
    assert "cases.decision-not-delegated" in ended.stdout  # a refused attempt, on record


@pytest.mark.rule("R123")
def test_what_an_owner_has_slipped_in_is_named_by_rule_event_and_position(books, history):
    envelope, position = forged_approval(history)
    books.slip_in("cases", [envelope])

    ended = fuquan(books, "audit")

    rows = [line for line in ended.stdout.splitlines() if f"cases/{position}" in line]
    assert ended.exit_code == 1
    assert any("R123" in row and "ApprovalIssued" in row for row in rows)


def test_machines_get_a_finding_a_line_and_a_summary_last(books, history):
    envelope, position = forged_approval(history)
    books.slip_in("cases", [envelope])

    lines = [json.loads(line) for line in fuquan(books, "audit", "--json").stdout.splitlines()]

    violations = [line for line in lines if line.get("weight") == "violation"]
    assert {(one["source"], one["position"]) for one in violations} == {("cases", position)}
    assert lines[-1]["summary"]["violations"] == len(violations)
    assert lines[-1]["summary"]["logs"]["cases"]["ok"] is True


def test_the_findings_are_exported_with_the_facts_they_name_and_hold_offline(
    books, history, tmp_path
):
    envelope, position = forged_approval(history)
    books.slip_in("cases", [envelope])
    keys = sign(books.settings)

    ended = fuquan(books, "audit", "--export", str(tmp_path / "found.xlsx"))
    again = fuquan(books, "check-export", str(tmp_path / "found.xlsx"), "--again")
    export = opened(tmp_path / "found.xlsx")

    named = {(row["source"], int(row["position"])) for row in rows_of(export)}
    assert (ended.exit_code, again.exit_code) == (1, 2)
    assert ("cases", position) in named
    assert checked(export, keys).facts == len(named)


def test_before_that_place_and_for_another_jurisdiction_nothing_is_wrong(books, history):
    envelope, position = forged_approval(history)
    books.slip_in("cases", [envelope])

    until = fuquan(books, "audit", "--until", f"cases/{position - 1}")
    elsewhere = fuquan(books, "audit", "--jurisdiction", "370406")
    before = fuquan(books, "audit", "--until", "2023-09-01", "--as-known", "2024-12-31")

    assert (until.exit_code, elsewhere.exit_code, before.exit_code) == (0, 0, 0)


def test_bytes_that_were_changed_are_named_by_their_position(books):
    position = books.facts("cases", "ApprovalIssued")[0].position
    held = psycopg2.connect(books.settings.dsn("cases"))
    with held, held.cursor() as at:
        at.execute("SET session_replication_role = replica")
        at.execute(
            "UPDATE log.event SET envelope = convert_to(replace(convert_from(envelope, 'UTF8'),"
            " 'full_review', 'fill_review'), 'UTF8') WHERE type = 'cases.ApprovalIssued'"
            " AND ord = (SELECT ord FROM log.entry WHERE position = %s)",
            (position,),
        )
        assert at.rowcount == 1
    held.close()

    ended = fuquan(books, "audit")

    (row,) = [line for line in ended.stdout.splitlines() if "altered" in line]
    assert ended.exit_code == 1
    assert f" {position} " in row


@pytest.mark.parametrize("until", ["cases", "cases/x", "kases/3", "2023-13-01"])
def test_a_place_that_is_none_is_told_and_nothing_is_read(until):
    nowhere = {"FUQUAN_DATABASE_URL": "postgresql://nobody@/"}

    ended = CliRunner().invoke(app, ["ledger", "audit", "--until", until], env=nowhere)

    assert ended.exit_code == 2


def test_every_read_model_replayed_from_the_logs_is_the_same(books):
    books.settle()

    ended = fuquan(books, "replay", "delegation")

    assert ended.exit_code == 0, ended.output
    assert "holding" in ended.stdout


def test_a_row_that_the_logs_do_not_tell_is_shown(books):
    books.settle()
    held = psycopg2.connect(books.settings.dsn("delegation"))
    with held, held.cursor() as at:
        at.execute("INSERT INTO readmodel.town VALUES ('T-1', 'MD2023', '某镇', '镇')")
    held.close()

    ended = fuquan(books, "replay", "delegation")

    (row,) = [line for line in ended.stdout.splitlines() if " town " in line]
    assert ended.exit_code == 1
    assert "(T-1,MD2023,某镇,镇" in row
