"""The programmes' folders hold what the notices say, and as data what the model wants as data."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import services.catalog
from services.catalog.domain.folder import load, problems

PROGRAMMES = Path(services.catalog.__path__[0]) / "programmes"
ALL = ("GZ2020", "MD2023", "SR2020", "ST2021", "ZZ2021")


def programme(name: str) -> dict[str, Any]:
    return load(PROGRAMMES / name)


def column(rows: list[dict[str, Any]], name: str) -> list[Any]:
    return [row[name] for row in rows]

@pytest.mark.parametrize("name", ALL)
def test_a_programme_loads_without_any_problem(name: str) -> None:
    assert problems(PROGRAMMES / name) == []
    assert programme(name)["programme"]["id"] == name


@pytest.mark.parametrize("name", ALL)
def test_a_programme_survives_the_way_through_json(name: str) -> None:
    loaded = programme(name)

    assert json.loads(json.dumps(loaded, ensure_ascii=False)) == loaded


@pytest.mark.parametrize(
    ("name", "number", "issued_on"),
    [
        ("SR2020", "饶府办字〔2020〕27号", "2020-04-28"),
        ("ZZ2021", None, "2021-04-20"),
        ("GZ2020", "赣市办字〔2020〕29号", "2020-12-31"),
        ("MD2023", "菏区政发〔2023〕2号", "2023-03-29"),
        ("ST2021", "山政办发〔2021〕12号", "2021-06-28"),
    ],
)
def test_a_programme_names_its_notice(
    name: str, number: str | None, issued_on: str
) -> None:
    settings = programme(name)["programme"]

    assert settings["document_no"] == number
    assert settings["issued_on"] == issued_on


def test_shanting_moves_thirteen_items_five_three_and_five() -> None:
    items = programme("ST2021")["items"]

    assert len(items) == 13
    assert column(items, "mode") == (
        ["direct"] * 5 + ["substantive_review"] * 3 + ["window_forward"] * 5
    )
    assert all(len(code) == 13 for code in column(items, "code"))


def test_shanting_names_no_supervising_department() -> None:
    items = programme("ST2021")["items"]

    assert column(items, "supervising_org_id") == [None] * 13


@pytest.mark.rule("R004")
def test_shanting_has_nine_recipients_and_two_addressees_that_receive_nothing() -> None:
    towns = programme("ST2021")["towns"]

    assert column(towns, "recipient") == [True] * 9 + [False] * 2
    assert column(towns, "name") == [
        "西集镇", "桑村镇", "城头镇", "冯卯镇", "店子镇", "水泉镇", "徐庄镇", "北庄镇", "凫城镇",
        "山城街道办事处", "山亭经济开发区管委会",
    ]  # fmt: skip


@pytest.mark.rule("R013")
def test_shanting_moves_six_named_sub_items_of_four_items() -> None:
    scopes = programme("ST2021")["scopes"]

    assert Counter(column(scopes, "item_id")) == {
        "ST21-02": 1,
        "ST21-05": 2,
        "ST21-07": 2,
        "ST21-09": 1,
    }
    assert scopes[-1]["subitem"] == "个人独资企业及分支机构设立、变更、注销登记"
    assert scopes[-1]["verb"] == "前移"


@pytest.mark.rule("R201")
def test_shanting_owes_twenty_seven_filings_by_the_nineteenth_of_july() -> None:
    tasks = programme("ST2021")["obligations"]

    owed = [
        unit
        for task in tasks
        if task["due_on"] == "2021-07-19"
        for unit in task["units"]
    ]

    assert len(owed) == 27


@pytest.mark.rule("R011")
def test_mudan_lists_fifty_items_by_power_type() -> None:
    items = programme("MD2023")["items"]

    assert Counter(column(items, "power_type")) == {
        "行政许可": 32,
        "其他行政权力": 3,
        "行政确认": 1,
        "公共服务": 14,
    }


@pytest.mark.rule("R150")
def test_mudan_separates_approval_and_supervision_in_thirty_one_items() -> None:
    items = programme("MD2023")["items"]

    separated = [i for i in items if i["granting_org_id"] != i["supervising_org_id"]]

    assert len(separated) == 31
    assert len({item["supervising_org_id"] for item in separated}) == 11


@pytest.mark.rule("R015")
def test_seven_departments_of_mudan_grant() -> None:
    items = programme("MD2023")["items"]

    assert Counter(column(items, "granting_org_id")) == {
        "MD2023-ORG-19": 31,  # 区行政审批服务局
        "MD2023-ORG-12": 13,  # 区人力资源和社会保障局
        "MD2023-ORG-16": 2,  # 区农业农村局
        "MD2023-ORG-09": 1,  # 区发展和改革局
        "MD2023-ORG-18": 1,  # 区卫生健康局
        "MD2023-ORG-23": 1,  # 区残联
        "MD2023-ORG-28": 1,  # 市交警支队牡丹区大队
    }


@pytest.mark.rule("R062")
def test_mudan_fixes_no_mode_on_an_item() -> None:
    assert set(column(programme("MD2023")["items"], "mode")) == {None}


@pytest.mark.rule("R004")
def test_mudan_has_eighteen_recipients_seven_street_offices_and_eleven_towns() -> None:
    towns = programme("MD2023")["towns"]

    kinds = Counter(town["kind"] for town in towns if town["recipient"])

    assert kinds == {"街道办事处": 7, "镇": 11}
    assert towns[7]["town_id"] == "MD2023-TOWN-08"
    assert towns[7]["centre_name"] == "沙土镇便民服务中心"


@pytest.mark.rule("R014")
def test_restricted_pesticides_are_excluded_from_item_eleven() -> None:
    item = programme("MD2023")["items"][10]

    assert item["name"] == "农药经营许可（限制农药除外）"
    assert item["exclusions"] == ["限制农药"]


@pytest.mark.rule("R007")
def test_the_short_and_the_full_name_of_a_department_are_one_organ() -> None:
    aliases = {row["alias"]: row["org_id"] for row in programme("MD2023")["aliases"]}

    assert aliases["区卫健局"] == aliases["区卫生健康局"]
    assert "区卫健局" not in column(programme("ST2021")["aliases"], "alias")


@pytest.mark.rule("R072")
def test_the_acceptance_agreement_has_six_clauses_and_the_entrustment_one_fewer() -> (
    None
):
    clauses = programme("MD2023")["clauses"]

    by_kind = Counter(column(clauses, "agreement_kind"))

    assert by_kind == {"acceptance": 6, "entrustment": 5}
    assert {"agreement_kind": "acceptance", "seq": 4, "clause": "受审转报机制",
            "source": "MD2023 三(二)"} in clauses  # fmt: skip


@pytest.mark.rule("R074")
def test_a_transfer_agreement_covers_one_item_and_has_five_clauses() -> None:
    ganzhou = programme("GZ2020")

    assert ganzhou["modes"][0]["agreement_items"] == "one"
    assert column(ganzhou["clauses"], "clause") == [
        "划转事项",
        "划转时间",
        "权责划分",
        "系统设备",
        "档案管理",
    ]


@pytest.mark.rule("R057")
def test_parent_and_child_prefer_the_three_modes_in_another_order() -> None:
    parent = column(programme("ZZ2021")["modes"], "mode")
    child = column(programme("ST2021")["modes"], "mode")

    assert parent == ["direct", "window_forward", "substantive_review"]
    assert child == ["direct", "substantive_review", "window_forward"]


def test_only_shanting_issues_on_the_seal() -> None:
    shanting = {m["mode"]: m["issue_on_seal"] for m in programme("ST2021")["modes"]}
    parent = {m["mode"]: m["issue_on_seal"] for m in programme("ZZ2021")["modes"]}

    assert shanting == {
        "direct": False,
        "substantive_review": True,
        "window_forward": False,
    }
    assert set(parent.values()) == {False}


@pytest.mark.rule("R194")
def test_twelve_tasks_of_ganzhou_are_two_hundred_and_eleven_obligations() -> None:
    tasks = programme("GZ2020")["obligations"]

    assert [len(task["units"]) for task in tasks] == [19] * 10 + [1, 20]
    assert sum(len(task["units"]) for task in tasks) == 211


@pytest.mark.rule("R196")
def test_a_task_due_in_a_year_has_no_due_day() -> None:
    tasks = programme("GZ2020")["obligations"][9:]

    assert column(tasks, "due_on") == [None, None, None]
    assert column(tasks, "precision") == ["year", "year", "year"]


@pytest.mark.rule("R195")
def test_a_task_keeps_the_date_the_text_gives_beside_that_of_the_table() -> None:
    task = programme("GZ2020")["obligations"][1]

    assert task["due_on"] == "2021-01-28"
    assert task["other_deadlines"] == [
        {"date": "2021-01-31", "source": "GZ2020 三(一)"}
    ]


@pytest.mark.rule("R010")
def test_shangrao_has_ninety_eight_items_all_marked_as_placeholders() -> None:
    items = programme("SR2020")["items"]

    assert len(items) == 98
    assert items[39]["name"] == "首批98项之第40项"
    assert all(note.startswith("情景") for note in column(items, "note"))


@pytest.mark.rule("R192")
def test_a_step_of_shangrao_and_its_report_are_two_obligations_of_one_day() -> None:
    tasks = {task["task_no"]: task for task in programme("SR2020")["obligations"]}

    assert tasks["2"]["due_on"] == tasks["2.R"]["due_on"] == "2020-05-20"
    assert tasks["2.R"]["recipients"] == ["SR2020-ORG-06", "SR2020-ORG-07"]


def test_a_notice_that_gives_no_number_leaves_the_setting_empty() -> None:
    settings = programme("MD2023")["programme"]

    assert settings["filing"]["agreement"]["due_days"] is None
    assert settings["archive"]["due_days"] is None
    assert [programme(name)["limits"] for name in ALL] == [[], [], [], [], []]

# Section 6.2 of the model: what must be data


def test_the_settings_of_mudan_are_those_that_the_model_lists() -> None:
    settings = programme("MD2023")["programme"]

    assert settings["agreement"]["written"] == ["entrustment"]
    assert settings["time_limits"] == {
        "accept": "per_item", "forward": "per_item", "approve": "per_item", "cap": "statutory",
    }
    assert settings["audit"]["kinds"] == ["online", "spot_check", "special"]
    assert settings["audit"]["period"] is None
    assert settings["deadlines"] == {
        "inclusive": True, "timezone": "Asia/Shanghai", "binding_source": "table",
    }


def test_a_notice_that_says_nothing_of_time_limits_leaves_them_empty() -> None:
    settings = programme("ST2021")["programme"]

    assert set(settings["time_limits"].values()) == {None}
    assert settings["audit"]["kinds"] == ["assessment", "use_of_power_evaluation"]
