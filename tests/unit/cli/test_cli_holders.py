"""`fuquan holders of` and `by`: who held which power, and what an organ held, as known when."""

import json
from datetime import datetime

import pytest

from tests.unit.cli.conftest import Fuquan
from tests.unit.cli.desk import CENTRE, GRANT, HELD, ROLE, Desk

ASKED = ("holders", "of", "MD23-12", "--town", "MD2023-TOWN-18", "--facet", "decide")


@pytest.mark.parametrize(
    ("when", "sent"),
    [
        ("2023-07-01", "2023-07-01T00:00:00+08:00"),
        ("2023-07-01T09:30", "2023-07-01T09:30:00+08:00"),
        ("2023-07-01 09:30:15", "2023-07-01T09:30:15+08:00"),
        ("2023-07-01T01:30:00Z", "2023-07-01T09:30:00+08:00"),
    ],
)
def test_a_time_without_zone_is_of_china_and_a_day_is_its_first_instant(
    fuquan: Fuquan, desk: Desk, when: str, sent: str
):
    fuquan(*ASKED, "--at", when, "--known-at", when)

    asked = desk.asked[0][2]
    assert datetime.fromisoformat(asked["at"]) == datetime.fromisoformat(sent)
    assert datetime.fromisoformat(asked["known_at"]) == datetime.fromisoformat(sent)


def test_only_what_was_given_is_asked(fuquan: Fuquan, desk: Desk):
    fuquan("holders", "of", "MD23-12", "--facet", "decide", "--at", "2023-07-01")

    assert desk.asked[0][:2] == ("ledger", "holders")
    assert set(desk.asked[0][2]) == {"item", "facet", "at"}


def test_a_holder_is_shown_by_name_with_grant_interval_and_positions(fuquan: Fuquan):
    ended = fuquan(*ASKED, "--at", "2024-02-01")

    (row,) = [line for line in ended.stdout.splitlines() if "王浩屯镇便民服务中心" in line]
    assert ended.exit_code == 0
    for shown in ("for_town_in_name_of_department", "town，本镇", "entrusted_handling", GRANT,
                  "2023-07-01 00:00", "2024-03-01 00:00", "1521/2710"):
        assert shown in row


def test_a_role_that_no_one_organ_has_is_shown_by_its_word(fuquan: Fuquan):
    ended = fuquan(*ASKED, "--at", "2024-02-01")

    (row,) = [line for line in ended.stdout.splitlines() if ROLE in line]
    assert "1521/—" in row


def test_machines_get_the_rows_with_the_names(fuquan: Fuquan):
    ended = fuquan(*ASKED, "--at", "2024-02-01", "--json")

    held, of_a_role = json.loads(ended.stdout)
    assert (held["org_id"], held["name"]) == (CENTRE, "王浩屯镇便民服务中心")
    assert (of_a_role["org_id"], of_a_role["name"]) == (ROLE, None)


def test_that_nobody_held_it_is_an_answer(fuquan: Fuquan, desk: Desk):
    desk.answers["holders"] = []

    ended = fuquan(*ASKED, "--at", "2020-01-01")

    assert (ended.exit_code, "nobody held decide of MD23-12" in ended.stdout) == (0, True)


@pytest.mark.parametrize(
    "wrong", [("--at", "tomorrow"), ("--at", "2023-02-30"), ("--facet", "rule")]
)
def test_wrong_words_are_refused_before_anything_is_asked(
    fuquan: Fuquan, desk: Desk, wrong: tuple[str, str]
):
    ended = fuquan(*ASKED, "--at", "2023-07-01", *wrong)

    assert ended.exit_code == 2
    assert wrong[1] in ended.stderr
    assert desk.asked == []


def test_what_an_organ_held_is_a_line_for_each_power_and_grant(fuquan: Fuquan):
    ended = fuquan("holders", "by", CENTRE, "--at", "2024-02-01")

    (row,) = [line for line in ended.stdout.splitlines() if "MD23-12" in line]
    assert ended.exit_code == 0
    for shown in ("MD2023-TOWN-18", GRANT, "2024-03-01 00:00", "1521/2710", "accept decide，本镇"):
        assert shown in row


def test_a_long_answer_is_asked_for_page_by_page(fuquan: Fuquan, desk: Desk):
    held = HELD | {"item_id": "MD23-12", "town_id": "MD2023-TOWN-18", "facet": "accept"}
    desk.pages = [
        [held | {"place": f"granted.{nth}.0"} for nth in range(1000)],
        [held | {"place": "granted.1000.0"}],
    ]

    ended = fuquan("holders", "by", CENTRE, "--at", "2024-02-01", "--json")

    assert len(json.loads(ended.stdout)) == 1001
    assert [asked[2].get("beyond") for asked in desk.asked] == [None, "granted.999.0"]


def test_that_an_organ_held_nothing_is_an_answer(fuquan: Fuquan, desk: Desk):
    desk.pages = [[]]

    ended = fuquan("holders", "by", "MD2023-ORG-01", "--at", "2020-01-01")

    assert (ended.exit_code, "held nothing then" in ended.stdout) == (0, True)
