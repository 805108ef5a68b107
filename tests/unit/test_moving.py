"""What operators are told is stuck: the figures of the alerts, and everything that stands still."""

import re
from pathlib import Path

import pytest
import yaml

from shared.ops.moving import OLDEST, UNDELIVERED, stuck

ALERTS = Path(__file__).parents[2] / "infra" / "prometheus" / "alerts.yml"
LOG = {
    "size": 100, "sent": 100, "signed": 100, "unsequenced": 0, "relayed": True, "due": 90,
    "barrier_age": None, "unsent_age": None, "unsigned_age": None,
}
MOVING = {
    "away": None, "log": LOG, "parked": {}, "queue": {"waiting": 3, "readers": 1},
    "cursors": {"cases": {"projected": 95, "reacted": 90}},
}
AWAY = {"away": "gateway.timeout", "log": None, "cursors": {}, "parked": {}, "queue": None}


def causes(one, *, broker: bool = True) -> list[tuple[str, str]]:
    return [(found.cause, found.what) for found in stuck({"cases": one}, broker=broker)]


def test_the_figures_are_those_of_the_alerts():
    rules = yaml.safe_load(ALERTS.read_text("utf-8"))["groups"][0]["rules"]
    figure = {
        found[1]: int(found[2]) for rule in rules
        if (found := re.search(r"\(fuquan_(\w+)_seconds\) > (\d+)$", rule["expr"]))
    }

    assert {f"log_{age}": oldest for age, oldest in OLDEST.items()}.items() <= figure.items()
    assert figure["consumer_undelivered_age"] == UNDELIVERED


def test_a_system_that_moves_has_nothing_stuck():
    assert causes(MOVING) == []


@pytest.mark.parametrize(
    ("age", "old", "young"), [("barrier_age", 16, 14), ("unsent_age", 3600, 29),
                              ("unsigned_age", 61, 59)],
)
def test_a_fact_that_waits_longer_than_its_alert_lets_it_is_stuck(age: str, old: int, young: int):
    assert causes(MOVING | {"log": LOG | {age: float(old)}}) == [(age, str(old))]
    assert causes(MOVING | {"log": LOG | {age: float(young)}}) == []


@pytest.mark.parametrize(
    ("changed", "cause"),
    [
        ({"log": LOG | {"relayed": False}}, ("unrelayed", "")),
        ({"cursors": {"cases": {"projected": 95, "reacted": 89}}}, ("behind", "cases")),
        ({"parked": {"project": 2, "react": 1}}, ("parked", "3")),
        ({"queue": {"waiting": None, "readers": 0}}, ("unread", "")),
    ],
    ids=["no relay", "a consumer far behind", "parked", "nobody reads"],
)
def test_whatever_stands_still_is_stuck(changed, cause: tuple[str, str]):
    assert causes(MOVING | changed) == [cause]


def test_a_service_that_does_not_answer_is_stuck_and_so_is_an_absent_broker():
    assert causes(AWAY) == [("away", "gateway.timeout")]
    assert causes(MOVING | {"queue": None}, broker=False) == [("broker", "")]


def test_a_log_whose_service_does_not_answer_makes_nobody_late():
    behind = {"cases": {"projected": 1, "reacted": 1}}

    found = list(stuck({"cases": AWAY, "ledger": MOVING | {"log": None, "cursors": behind}},
                       broker=True))

    assert [(one.service, one.cause) for one in found] == [("cases", "away")]


def test_a_service_of_an_earlier_release_is_no_error():
    told = {key: value for key, value in LOG.items() if key not in ("due", "unsigned_age")}

    assert causes(MOVING | {"log": told}) == []


def test_it_is_said_in_chinese_and_in_english_with_what_to_do():
    (found,) = stuck({"cases": MOVING | {"log": LOG | {"unsent_age": 3600.4}}}, broker=True)

    told = found.told()

    assert (told["service"], told["zh"]) == ("cases", "cases 有事项 3600 秒未发出")
    assert told["en"].endswith("for 3600 s; see FuquanUnsentOld.")


@pytest.mark.parametrize(
    ("queue", "waiting", "readers", "found"),
    [
        ("fuquan.inbound", 7, 1, []),
        ("fuquan.inbound", 0, 0, [("gateway", "unread", "")]),
        ("fuquan.inbound", None, 0, [("gateway", "unread", "")]),
        ("fuquan.inbound.refused", 0, 0, []),
        ("fuquan.inbound.refused", 2, 0, [("fuquan.inbound.refused", "aside", "2")]),
        ("fuquan.dead.letters", None, 0, []),
        ("fuquan.dead.letters", 3, 0, [("fuquan.dead.letters", "aside", "3")]),
    ],
)
def test_of_the_queues_of_all_one_wants_a_reader_and_two_want_to_be_empty(
    queue: str, waiting: int | None, readers: int, found: list[tuple[str, str, str]]
):
    queues = {queue: {"waiting": waiting, "readers": readers}}

    assert list(stuck({"cases": MOVING}, broker=True, queues=queues)) == found
