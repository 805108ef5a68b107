"""`fuquan ops`: what is stuck, and mending it with one's name on it."""

from importlib import import_module

import pytest

from services.gateway.tokens import issue
from shared.contracts.asked_operations import MOST
from shared.entrypoints import RemoteError, UnknownService
from shared.settings import SERVICES, Settings
from tests.unit.cli.conftest import Fuquan
from tests.unit.cli.desk import Desk

OPS = import_module("shared.cli.ops")  # of that name, the package has the commands
LOG = {
    "size": 9, "sent": 9, "relayed": True, "signed": 8, "unsequenced": 0, "barrier_age": None,
    "unsent_age": None, "unsigned_age": None, "due": 9,
}
MOVING = {
    "log": LOG, "parked": {},
    "cursors": {source: {"projected": 9, "reacted": 9} for source in SERVICES},
}
PARKED = [
    {"id": 7, "source": "delegation", "position": 41, "stream": "0427e874", "stage": "project",
     "error": "ValueError('缺字段')", "parked_at": "2024-03-01T01:00:00+00:00", "age": 60.0,
     "body": "{}"},
    {"id": 8, "source": None, "position": None, "stream": None, "stage": "read",
     "error": "no fact", "parked_at": "2024-03-01T01:00:01+00:00", "age": 59.0, "body": "x"},
]
DONE = {"stream": "0427e874-ed25-5c3c-b712-5e6a6bd6d2a9", "version": 1, "events": []}


@pytest.fixture
def operator(
    desk: Desk, office: Settings, fuquan: Fuquan, monkeypatch: pytest.MonkeyPatch
) -> Fuquan:
    """The command line with an operator's token; everything moves, two things are parked."""
    monkeypatch.setenv("FUQUAN_TOKEN", issue(office, "MD2023", "operator", "op-7", 1))
    desk.answers |= {"standing": MOVING, "parked": PARKED}
    return fuquan


def test_a_system_that_moves_ends_with_nought(operator: Fuquan):
    ended = operator("ops", "status")

    assert ended.exit_code == 0
    assert "delegation" in ended.stdout


@pytest.mark.parametrize(
    ("standing", "says"),
    [
        ({"log": LOG | {"relayed": False}}, "start `fuquan relay`"),
        ({"parked": {"project": 2}}, "2 parked; see `fuquan ops parked"),
        ({"log": LOG | {"unsent_age": 3600.0}}, "has not confirmed a fact for 3600 s"),
        ({"log": LOG | {"barrier_age": 16.0}}, "has no position for 16 s"),
        ({"log": LOG | {"due": 10}}, "more than 60 s behind catalog"),
    ],
    ids=["no relay", "parked", "unsent for an hour", "an old barrier", "consumers behind"],
)
def test_what_is_stuck_is_said_with_what_to_do(operator: Fuquan, desk: Desk, standing, says):
    desk.answers["standing"] = MOVING | standing

    ended = operator("ops", "status")

    assert ended.exit_code == 1
    assert says in ended.stderr


@pytest.mark.parametrize(
    ("queue", "told", "says"),
    [
        ("fuquan.inbound.refused", {"waiting": 2, "readers": 0}, "wait for somebody in fuquan.inb"),
        ("fuquan.inbound", {"waiting": 0, "readers": 0}, "reads the queue of fuquan.inbound;"),
    ],
)
def test_queues_that_only_people_read_want_to_be_empty_and_others_a_reader(
    operator: Fuquan, monkeypatch: pytest.MonkeyPatch, queue, told, says
):
    read = {name: {"waiting": 0, "readers": 1} for name in (*SERVICES, "fuquan.inbound")}
    set_aside = {"fuquan.inbound.refused": {"waiting": 0, "readers": 0}}
    monkeypatch.setenv("FUQUAN_AMQP_URL", "amqp://nowhere")

    monkeypatch.setattr(OPS, "queues", lambda _: read | set_aside)
    well = operator("ops", "queues")
    monkeypatch.setattr(OPS, "queues", lambda _: read | set_aside | {queue: told})
    ended = operator("ops", "queues")

    assert (well.exit_code, ended.exit_code) == (0, 1)
    assert says in ended.stderr


@pytest.mark.parametrize(
    "why", [UnknownService("cases"), RemoteError("DiskFull", "no space")], ids=["it", "its disk"]
)
def test_one_that_does_not_answer_is_a_row_beside_the_others(operator: Fuquan, desk: Desk, why):
    desk.away["cases"] = why

    ended = operator("ops", "status")

    row = {line.split()[0]: line for line in reversed(ended.stdout.splitlines()) if line.strip()}
    assert ended.exit_code == 1
    assert "does not answer" in row["cases"]
    assert "✓" in row["delegation"]
    assert "cases: does not answer (gateway." in ended.stderr


def test_what_is_behind_one_that_does_not_answer_is_not_known(operator: Fuquan, desk: Desk):
    desk.away["cases"] = UnknownService("cases")

    ended = operator("ops", "lag")

    rows = [line.split() for line in ended.stdout.splitlines()[3:] if line.strip()]
    assert ended.exit_code == 1
    assert {tuple(row[1:]) for row in rows} == {("cases", "—", "—")}
    assert "cases: does not answer" in ended.stderr


def test_without_a_token_nothing_is_told(operator: Fuquan, monkeypatch):
    monkeypatch.delenv("FUQUAN_TOKEN")

    ended = operator("ops", "status")

    assert (ended.exit_code, ended.stdout) == (2, "")
    assert "FUQUAN_TOKEN" in ended.stderr


def test_only_what_is_behind_is_listed(operator: Fuquan, desk: Desk):
    behind = MOVING["cursors"] | {"cases": {"projected": 8, "reacted": 6}}
    desk.answers["standing"] = MOVING | {"cursors": behind}

    ended = operator("ops", "lag")

    rows = [line.split() for line in ended.stdout.splitlines()[3:] if line.strip()]
    assert {tuple(row[1:]) for row in rows} == {("cases", "1", "3")}


@pytest.mark.parametrize(
    ("door", "command"), [("retry_parked", "retry"), ("discard_parked", "discard")]
)
def test_what_the_operator_saw_is_sent_with_the_reason(
    operator: Fuquan, desk: Desk, door: str, command: str
):
    ended = operator("ops", command, "cases", "7", "--reason", "新版本已补上")

    assert ended.exit_code == 0
    assert desk.asked[-1] == ("cases", door, {
        "consumer": "cases", "reason": "新版本已补上",
        "parked": [{"id": 7, "source": "delegation", "position": 41}],
    })


def test_the_ledger_is_mended_through_supervision(operator: Fuquan, desk: Desk):
    operator("ops", "discard", "ledger", "--all", "--reason", "r")

    service, _, told = desk.asked[-1]
    assert (service, told["consumer"]) == ("supervision", "ledger")
    assert [one["id"] for one in told["parked"]] == [7, 8]


def test_of_all_only_facts_are_tried_again_and_the_others_are_told(operator: Fuquan, desk: Desk):
    ended = operator("ops", "retry", "cases", "--all", "--reason", "r")

    assert [one["id"] for one in desk.asked[-1][2]["parked"]] == [7]
    assert "1 are no facts" in ended.stderr


def test_a_full_list_is_said_to_be_the_oldest_only(operator: Fuquan, desk: Desk):
    desk.answers["parked"] = [PARKED[0] | {"id": 1 + nth} for nth in range(MOST)]

    listed = operator("ops", "parked", "cases")
    named = operator("ops", "discard", "cases", "501", "--reason", "r")

    assert desk.asked[0] == ("cases", "parked", {"limit": str(MOST)})
    assert "Only the oldest 500 are shown; mend these and ask again." in listed.stderr
    assert "Not among the oldest 500 parked at cases: 501" in named.stderr


def test_an_id_that_is_not_parked_sends_nothing(operator: Fuquan, desk: Desk):
    ended = operator("ops", "discard", "cases", "9", "--reason", "r")

    assert ended.exit_code == 1
    assert "Not parked at cases: 9" in ended.stderr
    assert desk.asked[-1][1] == "parked"


def test_neither_ids_nor_all_is_wrong_use(operator: Fuquan):
    assert operator("ops", "retry", "cases", "--reason", "r").exit_code == 2


def test_another_role_may_look_and_not_mend(operator: Fuquan, office: Settings, monkeypatch):
    monkeypatch.setenv("FUQUAN_TOKEN", issue(office, "MD2023", "registrar", "op-7", 1))

    looked = operator("ops", "parked", "cases")
    mended = operator("ops", "retry", "cases", "7", "--reason", "r")

    assert looked.exit_code == 0
    assert mended.exit_code == 1
    assert "auth.other-role" in mended.stderr


def test_one_parked_fact_is_shown_with_its_bytes(operator: Fuquan):
    ended = operator("ops", "show", "cases", "8")

    assert "no fact" in ended.stdout
