"""Facts from any position again, over AMQP, over HTTP and by command; examples that consume."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from threading import Thread, Timer
from typing import Any

import psycopg2
import pytest
from flask import Flask
from typer.testing import CliRunner, Result
from werkzeug.serving import make_server

from services.gateway.app import make_app
from services.gateway.tokens import issue
from services.ledger.entries import Entries
from services.ledger.sources import sources_of
from shared.bus.message import fact_of
from shared.cli import app as command_line
from shared.contracts.inbound import REPLAY
from shared.migrate import as_role
from tests.brokers import readers
from tests.integration.test_inbound import county, desk, district, submitted
from tests.platform import House, Platform, application, message
from tests.waiting import PATIENCE, until

__all__ = ["county", "desk", "district", "submitted"]

ROOT = Path(__file__).parents[2]
NODE = ROOT / ".fuquan/node/node_modules"


@pytest.fixture
def recorded(county: House, desk: Platform) -> int:
    """Three more applications are recorded; the position of the first."""
    with county.open():
        answers = [desk.ask(message(application())) for _ in range(3)]
    county.world.settle()
    first: int = answers[0]["positions"]["cases"]
    return first


@pytest.fixture
def gateway(county: House) -> Flask:
    return make_app(county.call, county.settings)


@pytest.fixture
def token(county: House) -> str:
    return issue(county.settings, "MD2023-ORG-02", "auditor", "op-1", 1)


@pytest.fixture
def fuquan(
    gateway: Flask, token: str, amqp_url: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Result]]:
    """Run a command line against that gateway, on a port of its own, and the broker."""
    server = make_server("127.0.0.1", 0, gateway, threaded=True)
    Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("FUQUAN_URL", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("FUQUAN_TOKEN", token)
    monkeypatch.setenv("FUQUAN_AMQP_URL", amqp_url)
    yield lambda *line, **told: CliRunner().invoke(command_line, list(line), **told)
    server.shutdown()


def wish(queue: str, **more: Any) -> dict[str, Any]:
    return message({"source": "cases", "queue": queue} | more, REPLAY)


def test_facts_sent_again_are_what_the_relay_sent(county: House, desk: Platform, recorded: int):
    live, again = desk.queue(bound="371702.cases.*"), desk.queue()
    with county.open():
        sent = desk.ask(message(application()))["positions"]["cases"]
        county.world.settle()

        answer = desk.ask(wish(again, **{"from": sent}))

    (first,), (second,) = desk.take(live, 1), desk.take(again, 1)
    assert (answer["outcome"], answer["positions"]) == ("accepted", {"cases": sent + 1})
    assert (second.body, second.headers) == (first.body, first.headers)
    assert second.content_type == first.content_type


def test_a_replay_begins_at_any_position_and_says_where_to_go_on(
    county: House, desk: Platform, recorded: int
):
    queue = desk.queue()

    with county.open():
        answer = desk.ask(wish(queue, **{"from": recorded, "limit": 2}))

    facts = [
        fact_of(one.body.encode(), one.headers, one.content_type) for one in desk.take(queue, 2)
    ]
    assert [fact.position for fact in facts] == [recorded, recorded + 1]
    assert answer["positions"] == {"cases": recorded + 2}
    assert desk.waiting(queue) == 0


def test_a_replay_of_some_types_and_jurisdictions_has_no_others(
    county: House, desk: Platform, recorded: int
):
    queue = desk.queue()
    asked = {"from": recorded, "types": ["cases.CaseAccepted"]}
    with county.open():
        of_a_type = desk.ask(wish(queue, **asked))
        county.knows(user=desk.user, jurisdictions=["370406"])
        of_another_county = desk.ask(wish(queue, **{"from": recorded}))

    size = county.world.facts("cases")[-1].position + 1
    assert of_a_type["positions"] == of_another_county["positions"] == {"cases": size}
    assert desk.waiting(queue) == 0


def test_facts_go_into_a_queue_of_the_asker_that_is_there(county: House, desk: Platform):
    with county.open():
        foreign = desk.ask(wish("fuquan.cases"))
        missing = desk.ask(wish(f"facts.{desk.user}.gone"))

    assert (foreign["outcome"], foreign["code"]) == ("refused", "inbound.not-your-queue")
    assert missing["outcome"] == "invalid"
    assert [error["field"] for error in missing["errors"]] == ["data.queue"]


def test_log_and_mirror_give_the_same_page_and_the_mirror_stands_in(
    county: House, recorded: int
):
    world = county.world
    asked = replace(world.settings, database_url=as_role(world.settings, "ledger"))
    source = sources_of(asked)["cases"]
    mirror = world.commands("ledger").questions.mirrors["cases"]
    from_log = Entries(mirror.database, "cases", source, mirror)
    from_mirror = Entries(mirror.database, "cases", None, mirror)

    pages = [one.page(recorded, 2, []) for one in (from_log, from_mirror)]
    source.database.rows = unreachable
    fallen_back = from_log.page(recorded, 2, [])

    assert pages[0] == pages[1] == fallen_back
    assert [one["position"] for one in pages[0]["entries"]] == [recorded, recorded + 1]
    assert pages[0]["next"] == recorded + 2


def unreachable(*_: Any) -> Any:
    raise psycopg2.OperationalError("server closed the connection")


def test_over_http_a_log_is_read_from_any_position(
    gateway: Flask, token: str, county: House, recorded: int
):
    client = gateway.test_client()

    answer = client.get(
        f"/events/cases?from={recorded + 1}&limit=1", headers={"Authorization": f"Bearer {token}"}
    )

    (line,) = answer.data.splitlines()
    told = json.loads(line)
    fact = county.world.facts("cases")[recorded + 1]
    assert answer.content_type == "application/x-ndjson"
    assert told["position"] == recorded + 1
    assert (told["id"], told["type"], told["source"]) == (str(fact.id), fact.type, "cases")
    assert b'"data":' + fact.envelope in line
    assert answer.headers["Next-Position"] == str(recorded + 2)
    assert answer.headers["Link"] == f'</events/cases?from={recorded + 2}&limit=1>; rel="next"'


def test_who_prefers_to_wait_is_answered_as_soon_as_there_is_a_fact(
    gateway: Flask, token: str, county: House, recorded: int
):
    client, headers = gateway.test_client(), {"Authorization": f"Bearer {token}"}
    end = county.world.facts("cases")[-1].position + 1
    late = Timer(1.0, lambda: county.world.do("cases", "submit", application()))
    late.start()
    begun = time.monotonic()

    empty = client.get(f"/events/cases?from={end}", headers=headers)
    Thread(target=settling, args=(county, late), daemon=True).start()
    waited = client.get(f"/events/cases?from={end}", headers=headers | {"Prefer": "wait=15"})

    assert empty.data == b""
    assert empty.headers["Next-Position"] == str(end)
    assert json.loads(waited.data)["position"] == end
    assert 1.0 < time.monotonic() - begun < 15.0


def settling(county: House, late: Timer) -> None:
    late.join()
    county.world.settle()


@pytest.mark.parametrize(("query", "headers", "status"), [
    ("from=0", {}, 401), ("from=-1", None, 400), ("upto=3", None, 400), ("limit=5000", None, 400),
])
def test_reading_a_log_wants_a_token_and_a_question_as_described(
    query: str, headers: dict[str, str] | None, status: int, gateway: Flask, token: str
):
    told = {"Authorization": f"Bearer {token}"} if headers is None else headers

    answer = gateway.test_client().get(f"/events/cases?{query}", headers=told)

    assert answer.status_code == status


def test_replay_prints_what_validate_finds_sound(
    fuquan: Callable[..., Result], county: House, recorded: int
):
    printed = fuquan("events", "replay", "cases", "--from", str(recorded))
    checked = fuquan("events", "validate", "-", input=printed.stdout)

    lines = [json.loads(line) for line in printed.stdout.splitlines()]
    expected = county.world.facts("cases")[recorded:]
    assert [one["id"] for one in lines] == [str(fact.id) for fact in expected]
    assert checked.stdout == f"{len(lines)} checked, 0 wrong\n"
    assert (printed.exit_code, checked.exit_code) == (0, 0)


def test_tail_prints_what_is_recorded_from_now_on(
    fuquan: Callable[..., Result], county: House, recorded: int
):
    late = Timer(1.5, lambda: county.world.do("cases", "submit", application()))
    late.start()
    Thread(target=settling, args=(county, late), daemon=True).start()

    printed = fuquan("events", "tail", "cases", "--count", "1")

    (line,) = printed.stdout.splitlines()
    assert json.loads(line)["id"] == str(county.world.facts("cases")[-1].id)


def test_tail_ends_when_nobody_reads_what_it_prints(
    fuquan: Callable[..., Result], recorded: int
):
    reader, writer = os.pipe()
    os.close(reader)

    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "shared.cli", "events", "tail", "cases",
         "--from", str(recorded)],
        stdout=writer, stderr=subprocess.PIPE, text=True, timeout=PATIENCE, check=False,
    )

    os.close(writer)
    assert (done.returncode, done.stderr) == (1, "")


def test_publish_sends_and_prints_the_answers_in_order(
    fuquan: Callable[..., Result], county: House, desk: Platform
):
    good, wrong = message(application()), message(application(channel="by pigeon"))
    lines = "".join(json.dumps(one) + "\n" for one in (good, wrong))

    with county.open():
        desk.ask(message(application()))  # the queue is there
        printed = fuquan("events", "publish", "-", input=lines)
        single = fuquan("events", "publish", "-", input=json.dumps(good, indent=2))

    answers = answers_in(printed)
    assert [(one["id"], one["outcome"]) for one in answers] == [
        (good["id"], "accepted"), (wrong["id"], "invalid"),
    ]
    assert (printed.exit_code, single.exit_code) == (1, 0)
    assert answers_in(single) == answers[:1]


def answers_in(printed: Result) -> list[dict[str, Any]]:
    """The answers printed; the intake of this process logs beside them."""
    return [json.loads(line) for line in printed.stdout.splitlines() if line.startswith("{")]


def test_publish_says_what_was_not_answered(
    fuquan: Callable[..., Result], county: House, desk: Platform
):
    told = message(application())
    desk.send(message(application()), reply_to=None)  # so that there is a queue

    silent = fuquan("events", "publish", "-", "--timeout", "1", input=json.dumps(told))

    assert silent.exit_code == 2
    assert told["id"] in silent.stderr


EXAMPLES = {
    "python": [sys.executable, "-W", "ignore", "examples/consume.py"],
    "node": ["node", "examples/consume.js"],
}


@pytest.mark.parametrize("language", EXAMPLES)
def test_an_example_consumes_facts_from_the_bus(
    language: str, county: House, desk: Platform, amqp_url: str
):
    assert language == "python" or (shutil.which("node") and (NODE / "amqplib").exists()), (
        "no Node.js with amqplib for this test: run `make tools`"
    )
    queue = f"facts.{desk.user}.example-{language}"
    consumer = subprocess.Popen(
        [*EXAMPLES[language], amqp_url, queue, "371702.cases.*"], cwd=ROOT, text=True,
        stdout=subprocess.PIPE, env={**os.environ, "NODE_PATH": str(NODE)},
    )
    try:
        until(lambda: readers(amqp_url, queue))
        with county.open():
            positions = [
                desk.ask(message(application()))["positions"]["cases"] for _ in range(2)
            ]
        assert consumer.stdout is not None
        lines = [consumer.stdout.readline().split() for _ in range(2)]
        desk.channel.queue_declare(  # refused unless these are the arguments it was declared with
            queue, durable=True, auto_delete=False,
            arguments={"x-queue-type": "quorum", "x-single-active-consumer": True},
        )
    finally:
        consumer.kill()
        consumer.wait()
        desk.channel.queue_delete(queue)

    assert lines == [["cases.ApplicationSubmitted", str(position)] for position in positions]


def test_the_python_example_has_five_lines_of_code():
    text = (ROOT / "examples/consume.py").read_text("utf-8").partition("\nfacts = ")[2]

    assert len([line for line in f"facts = {text}".splitlines() if line.strip()]) == 5
