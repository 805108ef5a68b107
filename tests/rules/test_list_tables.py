"""Towns' lists from and to tables: R013, R021, R022, R062."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.refusal import Refused
from shared.sheets.write import FORMATS, list_file
from tests.annexes import book, printed, sheet
from tests.delegating import county, one_county  # noqa: F401 - the fixtures
from tests.world import programme_content

rule = pytest.mark.rule
SHATU = {"programme": "MD2023", "town": "MD2023-TOWN-08"}
XIJI = {"programme": "ST2021", "town": "ST2021-TOWN-01"}
FIRST = {"programme": "SR2020", "town": "SR2020-TOWN-01"}
HEADER = ["序号", "事项名称", "赋权实施方式", "权力类型", "区赋权部门", "对应监管部门"]
FOOD = ["1", "食品经营许可", "委托办理", "行政许可", "区行政审批服务局", "区市场监管局"]
HYGIENE = ["2", "公共场所卫生许可", "委托受理", "行政许可", "区行政审批服务局", "区卫健局"]
OUTSIDE = [*HEADER, "事项编号", "列入理由"]


def previewed(county: Any, town: dict[str, str], data: bytes) -> dict[str, Any]:
    return county.ask("delegation", "preview_list", town | {"sheet": sheet(data, "清单")})


def errors(preview: dict[str, Any]) -> list[tuple[int | None, str | None, str, str | None]]:
    return [
        (one["row"], one["column"], one["code"], one["suggestion"])
        for one in preview["findings"] if one["severity"] == "error"
    ]


def current(county: Any, town: dict[str, str], *rows: list[str]) -> None:
    """A list drafted from a table and approved."""
    county.told("draft_list", previewed(county, town, book([HEADER, *rows]))["draft"])
    approve(county, town)


def approve(county: Any, town: dict[str, str], on: str = "2023-06-01") -> None:
    county.told("approve_list", town | {
        "approved_by": "MD2023-ORG-02", "decision_ref": "菏区政字〔2023〕15号", "approved_on": on,
    }, f"{on}T09:00:00+08:00")


@rule("R021")
@rule("R062")
def test_a_table_becomes_the_draft_of_a_towns_list(county):
    preview = previewed(county, SHATU, book([HEADER, FOOD, HYGIENE]))

    county.told("draft_list", preview["draft"])

    (drafted,) = county.recorded("TownListDrafted")
    assert [(one["item_id"], one["mode"]) for one in drafted.data["entries"]] == [
        ("MD23-04", "entrusted_handling"), ("MD23-23", "entrusted_acceptance"),
    ]
    assert drafted.data["entries"][1]["supervising_org_id"] == "MD2023-ORG-18"


@rule("R021")
def test_a_preview_tells_what_would_join_change_and_leave_the_list(county):
    current(county, SHATU, FOOD, HYGIENE)

    preview = previewed(county, SHATU, book([
        HEADER, [*FOOD[:2], "委托受理", *FOOD[3:]],
        ["2", "兽药经营许可", "委托办理", "行政许可", "区行政审批服务局", "区农业农村局"],
    ]))

    assert preview["counts"] == {"added": 1, "changed": 1, "unchanged": 0, "removed": 1}
    assert preview["removed"] == ["MD23-23"]
    assert preview["draft"]["replaces"] == 1


@rule("R021")
def test_the_same_list_again_is_nothing_to_draft(county):
    current(county, SHATU, FOOD)

    preview = previewed(county, SHATU, book([HEADER, FOOD]))

    assert (preview["ready"], preview["draft"]) == (True, None)
    assert [one["code"] for one in preview["findings"]] == ["unchanged"]


@rule("R021")
@pytest.mark.parametrize(("row", "finding"), [
    ([*FOOD[:2], None, *FOOD[3:]], (2, "赋权实施方式", "mode_required", "委托办理 / 委托受理")),
    ([*FOOD[:2], "委托办里", *FOOD[3:]], (2, "赋权实施方式", "unknown_mode", "委托办理")),
    ([*FOOD[:4], "区卫健局", FOOD[5]],
     (2, "区赋权部门", "differs_from_catalogue", "区行政审批服务局")),
    ([*FOOD[:5], "区卫生健康委"], (2, "对应监管部门", "unknown_organ", "区卫生健康局")),
    ([*FOOD[:3], "公共服务", *FOOD[4:]], (2, "权力类型", "differs_from_catalogue", "行政许可")),
])
def test_each_column_of_an_entry_is_the_catalogues_or_a_finding(county, row, finding):
    preview = previewed(county, SHATU, book([HEADER, row]))

    assert errors(preview) == [finding]
    assert preview["draft"] is None


@rule("R021")
def test_an_item_stands_once_on_a_list(county):
    preview = previewed(county, SHATU, book([HEADER, FOOD, ["2", *FOOD[1:]]]))

    assert [one[2] for one in errors(preview)] == ["duplicate_item"]


@rule("R022")
def test_an_entry_outside_the_catalogue_needs_a_reason(county):
    named = [
        "1", "临时占道许可", "委托办理", "行政许可", "区行政审批服务局", "区住建局", None, None,
    ]

    preview = previewed(county, SHATU, book([OUTSIDE, named]))

    assert [one[:3] for one in errors(preview)] == [(2, "列入理由", "override_reason_required")]


@rule("R022")
def test_an_entry_outside_the_catalogue_with_a_reason_is_drafted_with_it(county):
    named = ["1", "临时占道许可", "委托办理", "行政许可", "区行政审批服务局", "区住建局",
             "MD23-X1", "牡丹花会期间需要"]

    preview = previewed(county, SHATU, book([OUTSIDE, named]))
    county.told("draft_list", preview["draft"])

    (drafted,) = county.recorded("TownListDrafted")
    assert drafted.data["entries"][0]["override_reason"] == "牡丹花会期间需要"
    assert drafted.data["entries"][0]["outside_catalogue"] is True


@rule("R022")
def test_where_the_programme_binds_the_list_an_item_outside_is_a_finding_with_the_nearest(county):
    header = ["序号", "事项名称", "赋权方式"]

    preview = previewed(county, XIJI, book([header, ["1", "不动产的登记", "服务窗口前移"]]))

    assert errors(preview) == [(2, "事项名称", "outside_catalogue", "不动产登记")]


@rule("R013")
@rule("R062")
def test_the_annex_of_shanting_is_the_list_of_each_of_its_towns(county):
    preview = previewed(county, XIJI, book(printed("ST2021")))
    county.told("draft_list", preview["draft"])

    (drafted,) = county.recorded("TownListDrafted")
    entries = {entry["item_id"]: entry for entry in drafted.data["entries"]}
    assert errors(preview) == []
    assert len(entries) == 13
    assert entries["ST21-05"]["scope"] == ["个人参保缴费证明查询打印", "待遇领取证明查询打印"]
    assert entries["ST21-06"]["mode"] == "substantive_review"


@rule("R013")
def test_a_sub_item_that_the_catalogue_does_not_name_is_a_finding(county):
    header = ["序号", "事项编码", "事项名称", "赋权方式", "下放范围"]
    name = "基本医疗保险参保人员异地就医备案"
    row = ["1", "3700002036027", name, "直接下放", "“异地长期居住备案”"]

    preview = previewed(county, XIJI, book([header, row]))

    assert [one[:3] for one in errors(preview)] == [(2, "下放范围", "scope_not_of_item")]


@rule("R021")
def test_a_programme_of_one_mode_needs_no_column_of_modes(county):
    rows = [["序号", "事项编号", "事项名称"], ["1", "SR20-040", None]]

    preview = previewed(county, FIRST, book(rows))

    assert (errors(preview), preview["counts"]["added"]) == ([], 1)


@pytest.mark.parametrize("form", FORMATS)
def test_the_exported_list_of_a_town_imports_again_unchanged(county, form):
    current(county, SHATU, FOOD, HYGIENE)
    lines = county.ask("delegation", "list_lines", {"town": "MD2023-TOWN-08"})

    preview = previewed(county, SHATU, list_file("清单", lines["entries"], form))

    assert errors(preview) == []
    assert preview["counts"] == {"added": 0, "changed": 0, "unchanged": 2, "removed": 0}


def test_a_town_without_a_list_has_none_to_export(county):
    with pytest.raises(Refused) as refused:
        county.ask("delegation", "list_lines", {"town": "MD2023-TOWN-08"})

    assert refused.value.code == "delegation.no-current-list"


ITEMS = programme_content("ST2021")["items"]
SCOPES = programme_content("ST2021")["scopes"]
MODES = {row["mode"]: row["mode_zh"] for row in programme_content("ST2021")["modes"]}
NAMES = {row["org_id"]: row["name"] for row in programme_content("ST2021")["organs"]}


@st.composite
def entries(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Entries of a list of Shanting: items in any order and mode, with some of their sub-items."""
    items = draw(st.lists(st.sampled_from(ITEMS), min_size=1, unique_by=lambda i: i["item_id"]))
    return [
        {
            "item_id": item["item_id"], "code": item["code"], "name": item["name"],
            "mode": (mode := draw(st.sampled_from(sorted(MODES)))), "mode_zh": MODES[mode],
            "scope": draw(st.lists(st.sampled_from(parts), unique=True)) if (parts := [
                row["subitem"] for row in SCOPES if row["item_id"] == item["item_id"]
            ]) else [],
            "power_type": item["power_type"], "granting_name": NAMES[item["granting_org_id"]],
            "supervising_name": None, "override_reason": None,
        }
        for item in items
    ]


@rule("R021")
@given(listed=entries(), form=st.sampled_from(FORMATS))
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_whatever_a_list_says_its_export_says_to_the_import(county, listed, form):
    preview = previewed(county, XIJI, list_file("清单", listed, form))

    assert errors(preview) == []
    assert [
        {name: one[name] for name in ("item", "mode", "scope")}
        for one in preview["draft"]["entries"]
    ] == [{"item": one["item_id"], "mode": one["mode"], "scope": one["scope"]} for one in listed]


@rule("R022")
@given(
    reason=st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cf", "Cs", "Cn", "Co")),
                   min_size=1, max_size=200).filter(lambda text: text == text.strip() != ""),
    form=st.sampled_from(FORMATS),
)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_reason_comes_back_word_by_word_whatever_it_begins_with(county, reason, form):
    entry = {
        "item_id": "MD23-X1", "code": None, "name": None, "mode_zh": "委托办理", "scope": [],
        "power_type": "行政许可", "granting_name": "区行政审批服务局",
        "supervising_name": "区住建局", "override_reason": reason,
    }

    preview = previewed(county, SHATU, list_file("清单", [entry], form))

    assert errors(preview) == []
    assert preview["draft"]["entries"][0]["override_reason"] == reason
