"""The programmes' folders hold what the notices say; a broken folder says where it is broken."""

import json
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import services.catalog
from services.catalog.domain.folder import BrokenFolder, Problem, load, problems

PROGRAMMES = Path(services.catalog.__path__[0]) / "programmes"
ALL = ("GZ2020", "MD2023", "SR2020", "ST2021", "ZZ2021")


def programme(name: str) -> dict[str, Any]:
    return load(PROGRAMMES / name)


def column(rows: list[dict[str, Any]], name: str) -> list[Any]:
    return [row[name] for row in rows]


def changed(tmp_path: Path, name: str, file: str, old: str, new: str) -> Path:
    """Copy a programme's folder with the one passage *old* of *file* replaced."""
    folder = tmp_path / name
    shutil.copytree(PROGRAMMES / name, folder)
    text = (folder / file).read_text(encoding="utf-8")
    assert text.count(old) == 1
    (folder / file).write_text(text.replace(old, new), encoding="utf-8")
    return folder


def only(found: list[Problem]) -> Problem:
    assert len(found) == 1, found
    return found[0]


# What the notices say


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


# What is wrong with a folder


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(BrokenFolder) as broken:
        load(tmp_path / "XX2024")

    found = only(broken.value.problems)
    assert found.code == "no_folder"
    assert found.message_zh == "找不到文件夹 XX2024"
    assert found.message_en == "folder XX2024 not found"


@pytest.mark.parametrize(
    "file", ["programme.toml", "items.csv", "organs.csv", "limits.csv"]
)
def test_a_missing_file_is_named_once(tmp_path: Path, file: str) -> None:
    folder = tmp_path / "ST2021"
    shutil.copytree(PROGRAMMES / "ST2021", folder)
    (folder / file).unlink()

    found = only(problems(folder))

    assert (found.file, found.code) == (file, "no_file")


def test_a_wrong_header_names_the_column_nobody_knows(tmp_path: Path) -> None:
    folder = changed(tmp_path, "MD2023", "items.csv", "power_type", "权利类型")

    found = only(problems(folder))

    assert (found.file, found.column, found.code) == (
        "items.csv",
        "权利类型",
        "wrong_header",
    )


@pytest.mark.rule("R011")
def test_row_six_without_a_supervising_department_rejects_the_folder(
    tmp_path: Path,
) -> None:
    folder = changed(
        tmp_path, "MD2023", "items.csv",
        "MD2023-ORG-19,MD2023-ORG-14,approval", "MD2023-ORG-19,,approval",
    )  # fmt: skip

    with pytest.raises(BrokenFolder) as broken:
        load(folder)

    found = only(broken.value.problems)
    assert (found.file, found.row, found.column) == (
        "items.csv",
        6,
        "supervising_org_id",
    )
    assert found.message_zh == "items.csv 第6行 supervising_org_id：不得为空"
    assert found.message_en == "items.csv row 6 supervising_org_id: must not be empty"


def test_shanting_may_leave_the_supervising_department_out() -> None:
    demanded = programme("ST2021")["programme"]["catalogue"]["required_columns"]

    assert "supervising_org_id" not in demanded


def test_an_unregistered_organ_is_refused_with_the_nearest_one(tmp_path: Path) -> None:
    folder = changed(
        tmp_path, "MD2023", "items.csv",
        "MD2023-ORG-19,MD2023-ORG-14,approval", "MD2023-ORG-19,MD2023-ORG-144,approval",
    )  # fmt: skip

    found = only(problems(folder))

    assert (found.row, found.column) == (6, "supervising_org_id")
    assert (found.code, found.suggestion) == ("unknown_reference", "MD2023-ORG-14")


def test_a_date_that_no_calendar_has_is_refused(tmp_path: Path) -> None:
    folder = changed(
        tmp_path, "GZ2020", "obligations.csv", ",2021-03-30,", ",2021-02-30,"
    )

    found = only(problems(folder))

    assert (found.file, found.row, found.column) == ("obligations.csv", 7, "due_on")
    assert (found.code, found.suggestion) == ("bad_date", "YYYY-MM-DD")


def test_a_deadline_without_its_source_is_refused(tmp_path: Path) -> None:
    folder = changed(
        tmp_path, "GZ2020", "obligations.csv", "2021-01-31@GZ2020 三(一)", "2021-01-31"
    )

    found = only(problems(folder))

    assert (found.row, found.column, found.code) == (
        2,
        "other_deadlines",
        "bad_deadline",
    )


@pytest.mark.rule("R012")
def test_a_code_listed_twice_is_refused(tmp_path: Path) -> None:
    folder = changed(tmp_path, "ST2021", "items.csv", "3700000131002", "3700000131001")

    found = only(problems(folder))

    assert (found.row, found.column, found.code) == (10, "code", "duplicate_code")


def test_a_code_of_twelve_digits_is_refused(tmp_path: Path) -> None:
    folder = changed(tmp_path, "ST2021", "items.csv", "3700000131002", "370000013100")

    assert only(problems(folder)).code == "bad_code"


@pytest.mark.rule("R012")
def test_a_mistyped_power_type_is_a_warning_and_the_folder_loads(
    tmp_path: Path,
) -> None:
    folder = changed(
        tmp_path, "ST2021", "items.csv", "不动产登记,行政确认", "不动产登记,行政许可"
    )

    found = only(problems(folder))

    assert (found.row, found.code, found.severity) == (
        13,
        "code_type_mismatch",
        "warning",
    )
    assert "07≠01" in found.message_zh
    assert found.suggestion == "行政确认"
    assert load(folder)["items"][12]["power_type"] == "行政许可"


def test_a_power_type_no_law_knows_is_refused(tmp_path: Path) -> None:
    folder = changed(
        tmp_path, "ST2021", "items.csv", "不动产登记,行政确认", "不动产登记,行政确任"
    )

    found = only(problems(folder))

    assert (found.code, found.suggestion) == ("unknown_value", "行政确认")


def test_one_name_for_two_organs_of_a_jurisdiction_is_refused(tmp_path: Path) -> None:
    folder = changed(tmp_path, "MD2023", "aliases.csv", "区卫健局,", "区教体局,")

    assert only(problems(folder)).code == "duplicate_alias"


def test_a_word_for_a_boolean_is_refused(tmp_path: Path) -> None:
    folder = changed(
        tmp_path, "ST2021", "towns.csv", "冯卯镇,镇,,,,true", "冯卯镇,镇,,,,是"
    )

    found = only(problems(folder))

    assert (found.row, found.column, found.code) == (4, "recipient", "bad_boolean")


def test_a_facet_of_a_mode_the_programme_lacks_is_refused(tmp_path: Path) -> None:
    folder = changed(
        tmp_path,
        "GZ2020",
        "facets.csv",
        "transfer,bureau,any,decide",
        "direct,bureau,any,decide",
    )

    found = only(problems(folder))

    assert (found.file, found.column, found.code) == (
        "facets.csv",
        "mode",
        "unknown_reference",
    )


def test_a_catalogue_shorter_than_its_notice_says_is_refused(tmp_path: Path) -> None:
    folder = changed(tmp_path, "MD2023", "programme.toml", "size = 50", "size = 51")

    found = only(problems(folder))

    assert (found.column, found.code) == ("catalogue.size", "size_mismatch")


def test_a_misspelt_setting_is_refused_with_the_right_spelling(tmp_path: Path) -> None:
    folder = changed(
        tmp_path, "MD2023", "programme.toml", "cross_town = ", "crosstown = "
    )

    found = only(problems(folder))

    assert (found.column, found.code) == ("crosstown", "unknown_setting")
    assert found.suggestion == "cross_town"


def test_a_gate_either_blocks_or_warns(tmp_path: Path) -> None:
    folder = changed(tmp_path, "MD2023", "programme.toml", 'publication = "warn"',
                     'publication = "maybe"')  # fmt: skip

    found = only(problems(folder))

    assert (found.column, found.code) == ("gates.publication", "unknown_value")
    assert found.suggestion == "block / warn"


def test_a_settings_file_that_is_not_toml_is_refused_without_a_list_of_followers(
    tmp_path: Path,
) -> None:
    folder = changed(
        tmp_path, "MD2023", "programme.toml", 'id = "MD2023"', "id = MD2023"
    )

    assert only(problems(folder)).code == "unreadable"


def test_every_fault_of_a_folder_is_told_at_once(tmp_path: Path) -> None:
    folder = changed(tmp_path, "ST2021", "items.csv", "3700000131002", "3700000131001")
    (folder / "steps.csv").unlink()

    with pytest.raises(BrokenFolder) as broken:
        load(folder)

    assert {found.code for found in broken.value.problems} == {
        "no_file",
        "duplicate_code",
    }


def test_a_table_saved_by_a_spreadsheet_still_loads(tmp_path: Path) -> None:
    folder = tmp_path / "ST2021"
    shutil.copytree(PROGRAMMES / "ST2021", folder)
    table = folder / "items.csv"
    table.write_bytes(b"\xef\xbb\xbf" + table.read_bytes().replace(b"\n", b"\r\n"))

    assert load(folder) == programme("ST2021")


def test_no_organ_bears_a_second_id_among_the_towns(tmp_path: Path) -> None:
    folder = changed(
        tmp_path,
        "MD2023",
        "towns.csv",
        "MD2023-TOWN-18,王浩屯镇",
        "MD2023-ORG-19,王浩屯镇",
    )

    found = only(problems(folder))

    assert (found.file, found.row, found.code) == ("towns.csv", 18, "duplicate_id")


# What an import would refuse is told before it


@pytest.mark.parametrize(("file", "old", "new", "code", "place"), [
    ("programme.toml", 'jurisdiction_id = "371702"', 'jurisdiction_id = "3717"', "bad_id",
     (None, "jurisdiction_id")),
    ("organs.csv", "MD2023-ORG-40,", "XX-ORG-40,", "foreign_id", (39, "org_id")),
    ("towns.csv", "MD2023-TOWN-18-CENTRE", "MD2023-TOWN-88-CENTRE", "foreign_id",
     (18, "centre_id")),
    ("facets.csv", "entrusted_handling,town,yes,decide", "entrusted_handling,town,any,decide",
     "facet_twice", (3, "cross_town")),
    ("programme.toml", "{district}{department}审批专用章", "{county}审批专用章", "unknown_value",
     (None, "seal.name_pattern")),
])
def test_what_no_door_would_take_is_a_problem_of_the_folder(
    tmp_path: Path, file: str, old: str, new: str, code: str, place: tuple[int | None, str]
) -> None:
    found = [
        (one.code, one.row, one.column)
        for one in problems(changed(tmp_path, "MD2023", file, old, new)) if one.code == code
    ]

    assert found == [(code, *place)]


TWO_ORGANS = "MD2023-ORG-19,MD2023-ORG-20"


def added(tmp_path: Path, name: str, file: str, row: str) -> list[Problem]:
    """The problems of a programme's folder with one more row in *file*."""
    folder = tmp_path / name
    shutil.copytree(PROGRAMMES / name, folder)
    with (folder / file).open("a", encoding="utf-8") as table:
        table.write(f"{row}\n")
    return problems(folder)


@pytest.mark.parametrize(("name", "file", "row", "code"), [
    ("MD2023", "modes.csv", "joint,联合审批,3,,,,,,,,,,false,,", "mode_without_facets"),
    ("MD2023", "modes.csv", "joint,联合审批,3,,,must,,,,,,,false,,", "required_cell"),
    ("ST2021", "scopes.csv", "ST21-01,1,横幅,前移,", "verb_disagrees"),
    ("ST2021", "scopes.csv", "ST21-02,2,转外就医备案,下放,", "duplicate_id"),
    ("MD2023", "obligations.csv", "99,示例,task,each_unit,,2023-07-01,,year,,",
     "day_and_precision"),
    ("MD2023", "aliases.csv", "区卫生健康局,MD2023-ORG-19,canonical", "duplicate_alias"),
    ("MD2023", "items.csv",
     f"MD23-51,0,,示例,行政许可,approval,district,{TWO_ORGANS},approval,,,,,",
     "bad_number"),
    ("MD2023", "items.csv",
     f"MD23-51,51,,{'许' * 501},行政许可,approval,district,{TWO_ORGANS},approval,,,,,",
     "too_long"),
])
def test_one_row_too_many_is_a_problem_at_its_place(
    tmp_path: Path, name: str, file: str, row: str, code: str
) -> None:
    assert code in [one.code for one in added(tmp_path, name, file, row)]


def test_limits_beyond_the_statutory_one_are_a_problem(tmp_path: Path) -> None:
    rows = "MD23-04,statutory,20,working_day,\nMD23-04,accept,5,working_day,\n"

    found = only(added(tmp_path, "MD2023", "limits.csv", f"{rows}MD23-04,approve,16,working_day,"))

    assert (found.code, found.row, found.suggestion) == ("exceeds_statutory", 3, "≤ 20")


def test_an_organ_above_itself_is_a_problem(tmp_path: Path) -> None:
    rows = (
        "MD2023-ORG-91,甲局,department,district,MD2023-ORG-92,inferred,,\n"
        "MD2023-ORG-92,乙局,department,district,MD2023-ORG-91,inferred,,"
    )

    found = added(tmp_path, "MD2023", "organs.csv", rows)

    assert [one.code for one in found] == ["above_itself", "above_itself"]


def test_a_file_that_no_folder_has_is_a_warning_with_the_right_name(tmp_path: Path) -> None:
    folder = tmp_path / "MD2023"
    shutil.copytree(PROGRAMMES / "MD2023", folder)
    (folder / "item.csv").write_text("", encoding="utf-8")

    found = only(problems(folder))

    assert (found.code, found.severity, found.suggestion) == (
        "unknown_file", "warning", "items.csv"
    )


def test_a_catalogue_that_comes_apart_as_a_table_leaves_its_file_empty(tmp_path: Path) -> None:
    folder = tmp_path / "MD2023"
    shutil.copytree(PROGRAMMES / "MD2023", folder)
    header = (folder / "items.csv").read_text("utf-8").splitlines()[0]
    (folder / "items.csv").write_text(f"{header}\n", encoding="utf-8")

    assert problems(folder) == []


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
