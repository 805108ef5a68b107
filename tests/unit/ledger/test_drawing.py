"""The picture of a timeline: well-formed, in words for everyone, and readable in grey."""

import re
import xml.etree.ElementTree as ET
from datetime import datetime
from typing import Any

import pytest

from services.ledger.drawing import svg
from services.ledger.scale import Scale, label

SVG = "{http://www.w3.org/2000/svg}"
UNTIL = datetime.fromisoformat("2024-07-01T10:00:00+08:00")
HOLDERS = [
    {"facet": "accept", "zh": "受理", "orgs": ["沙土镇便民服务中心"], "across_towns": None},
    {"facet": "decide", "zh": "决定", "orgs": ["沙土镇便民服务中心"],
     "across_towns": ["区行政审批服务局"]},
]


def bar(first: str, last: str | None = None, **how: Any) -> dict[str, Any]:
    plain = {
        "mode": "entrusted_handling", "mode_zh": "委托办理", "scope": [], "exclusive": False,
        "from": datetime.fromisoformat(f"{first}T00:00:00+08:00"),
        "to": last and datetime.fromisoformat(f"{last}T00:00:00+08:00"), "holders": HOLDERS,
        "instrument": "赋权清单（2023-06-10）", "ended": None,
    }
    return plain | how


def told(*bars: dict[str, Any], name: str = "沙土镇", **how: Any) -> dict[str, Any]:
    plain = {
        "of": "item", "name": "食品经营许可", "title": "实施方案", "owner": "区行政审批服务局",
        "owner_spans": [(None, None)], "known_at": None, "until": UNTIL,
        "modes": [{"mode": "entrusted_handling", "mode_zh": "委托办理"},
                  {"mode": "entrusted_acceptance", "mode_zh": "委托受理"}],
        "lanes": [{"name": name, "bars": list(bars)}] if bars else [],
    }
    return plain | how


def drawn(*bars: dict[str, Any], **how: Any) -> ET.Element:
    return ET.fromstring(svg(told(*bars, **how)))  # noqa: S314 - our own picture


def bars_of(root: ET.Element) -> list[ET.Element]:
    """The paths of the bars; those of the patterns are inside `defs`."""
    return [path for group in root.iter(f"{SVG}g") for path in group.findall(f"{SVG}path")]


def corners(path: ET.Element) -> list[float]:
    """Left end, tip, and lower right corner, from left to right."""
    return [float(x) for x in re.findall(r"[ML]([\d.]+),", str(path.get("d")))]


def texts(root: ET.Element) -> list[str]:
    return [text.text or "" for text in root.iter(f"{SVG}text")]


def test_the_picture_names_and_describes_itself_to_those_who_do_not_see_it():
    root = drawn(bar("2023-07-01"))

    ids = {one.get("id"): one.text for one in root if one.get("id")}
    assert (root.tag, root.get("role"), root.get("lang")) == (f"{SVG}svg", "img", "zh-CN")
    assert str(root.get("aria-labelledby")).split() == list(ids)
    assert list(ids.values()) == [
        "“食品经营许可”由谁行使",
        "本级由区行政审批服务局行使；1个镇街，1段授权，记录截至2024-07-01 10:00。",
    ]


@pytest.mark.rule("R065")
def test_a_bar_says_who_holds_what_in_which_mode_by_which_document_and_how_long():
    root = drawn(bar("2023-07-01", "2024-03-01", scope=["小餐饮"], ended="效果不好"))

    titles = [one.text for group in root.iter(f"{SVG}g") for one in group.findall(f"{SVG}title")]
    assert (
        "沙土镇：委托办理\n限于：小餐饮\n受理：沙土镇便民服务中心\n"
        "决定：沙土镇便民服务中心；跨镇街：区行政审批服务局\n依据：赋权清单（2023-06-10）\n"
        "自2023-07-01起，至2024-03-01止（效果不好）"
    ) in titles


def test_a_closed_bar_is_flat_and_an_open_one_points_on_beyond_the_record():
    closed, open_ = bars_of(drawn(bar("2023-07-01", "2023-12-01"), bar("2024-01-01")))

    assert corners(closed)[1] == corners(closed)[2]
    assert corners(open_)[1] > corners(open_)[2] >= corners(open_)[0]


def test_each_mode_has_its_colour_and_lines_and_stands_in_the_legend():
    root = drawn(bar("2023-07-01"), bar("2023-07-01", mode="entrusted_acceptance"))

    fills = [one.get("fill") for one in bars_of(root)]
    patterns = {one.get("id"): one for one in root.iter(f"{SVG}pattern")}
    assert len(set(fills)) == 2
    assert {fill[5:-1] for fill in fills} == set(patterns)
    assert len({ET.tostring(one[0]) for one in patterns.values()}) == 2
    assert len({len(one) for one in patterns.values()}) == 2
    assert {"委托办理", "委托受理"} <= set(texts(root))


def test_bars_that_overlap_lie_below_one_another_and_others_side_by_side():
    apart = bars_of(drawn(bar("2023-07-01", "2023-09-01"), bar("2023-09-01")))
    over = bars_of(drawn(bar("2023-07-01", "2023-10-01"), bar("2023-09-01")))

    assert len({one.get("d").split(",")[1].split("H")[0] for one in apart}) == 1
    assert len({one.get("d").split(",")[1].split("H")[0] for one in over}) == 2


@pytest.mark.rule("R064")
def test_the_departments_own_power_is_drawn_until_it_moves_wholly():
    moved = datetime.fromisoformat("2023-10-01T00:00:00+08:00")
    root = drawn(bar("2023-10-01", exclusive=True), owner_spans=[(None, moved)])

    assert "本级行使，至2023-10-01划转" in texts(root)
    assert [one.get("stroke-width") for one in bars_of(root)] == ["2"]
    assert "箭头：现行　平头：已止　粗框：排他" in texts(root)


def test_a_picture_as_known_then_says_so():
    assert "当时所知，记录截至2024-07-01 10:00" in texts(drawn(bar("2023-07-01"), known_at=UNTIL))


def test_an_item_that_no_town_ever_held_shows_its_department_alone():
    root = drawn()

    assert bars_of(root) == []
    assert "本级行使" in texts(root)


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", '"&quot;\'', "甲\x00乙\x0b丙\ufffe", "]]>", "长" * 60]
)
def test_a_name_from_the_outside_stays_text_and_never_breaks_the_file(name: str):
    root = drawn(bar("2023-07-01"), name=name, owner=name)

    assert {one.tag for one in root.iter()} <= {
        f"{SVG}{tag}" for tag in (
            "svg", "title", "desc", "defs", "pattern", "rect", "path", "line", "text", "g",
        )
    }
    assert {key for one in root.iter() for key in one.attrib}.isdisjoint(
        {"style", "class", "href", "onload"}
    )


def test_everything_drawn_lies_within_the_picture():
    root = drawn(
        bar("2019-07-01", "2019-07-02"), bar("2023-07-01"), bar("2026-01-01"), owner_spans=[]
    )

    wide, high = (float(str(root.get(key))) for key in ("width", "height"))
    for one in root.iter():
        assert 0 <= float(one.get("x", one.get("x1", "0"))) <= wide
        assert 0 <= float(one.get("y", one.get("y1", "0"))) <= high


@pytest.mark.parametrize(
    ("first", "last", "marks"),
    [
        ("2023-07-01", "2023-08-05", ["2023年7月", "2023年8月"]),
        ("2021-08-01", "2024-07-01", [
            "2022年1月", "2022年7月", "2023年1月", "2023年7月", "2024年1月", "2024年7月",
        ]),
        ("2004-05-06", "2024-07-01", ["2005年", "2010年", "2015年", "2020年", "2025年"]),
        ("1949-01-01", "9998-12-31", ["2000年", "9000年"]),
    ],
)
def test_months_or_years_are_marked_few_enough_to_read(first: str, last: str, marks: list[str]):
    ends = (datetime.fromisoformat(f"{one}T00:00:00+08:00") for one in (first, last))
    scale = Scale.of(ends, left=0, right=100)

    found = [label(one, scale.months) for one in scale.ticks()]

    assert [one for one in found if one in marks] == marks
    assert len(found) <= 10
