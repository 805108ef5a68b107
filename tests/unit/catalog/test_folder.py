"""A broken folder says where it is broken."""

import shutil
from pathlib import Path

import pytest

import services.catalog
from services.catalog.domain import folder_tables
from services.catalog.domain.folder import BrokenFolder, Problem, load, problems
from shared.contracts.delegation_fields import SEALS

PROGRAMMES = Path(services.catalog.__path__[0]) / "programmes"


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


def test_every_kind_of_seal_that_a_folder_may_name_has_one_chinese_name() -> None:
    assert set(folder_tables.SEALS) == set(SEALS)
    assert len(set(SEALS.values())) == len(SEALS)


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
    demanded = load(PROGRAMMES / "ST2021")["programme"]["catalogue"]["required_columns"]

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

    assert load(folder) == load(PROGRAMMES / "ST2021")


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
