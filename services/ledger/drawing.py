"""A timeline as SVG: one lane per town or item, one bar per grant; read in colour or in print.

No script, no style sheet: the page's policy forbids both, and a file stands by itself. Every bar
carries its words as a title; the table beneath it on the page has the same content.
"""

import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from services.ledger.scale import Scale, label
from services.ledger.strokes import FAINT, INK, PAPER, SOFT, line, set_text, width, words
from shared.clock import moment

WIDTH, GUTTER, RIGHT, TOP = 1000, 236, 28, 92
ROW, BAR, LEGEND, FOOT = 38, 24, 34, 30
FONTS = "'Noto Sans CJK SC','Source Han Sans SC','PingFang SC','Microsoft YaHei',sans-serif"
FIT = 17  # characters of a lane's name in one line

# By place in the programme's order of modes: pale enough for dark words, told apart in grey too.
FILLS = (
    ("#bcd9f2", ""), ("#fbd9b0", "M-2,2l4,-4M0,8l8,-8M6,10l4,-4"),
    ("#cfe8c9", "M4,2.6v2.8M2.6,4h2.8"), ("#e0d4ee", "M-2,6l4,4M0,0l8,8M6,-2l4,4"),
    ("#f6cfd3", "M0,4h8"), ("#e6e3b4", "M4,0v8"), ("#d9d9d9", "M0,0l8,8M0,8l8,-8"),
)


class Placed(NamedTuple):
    """A bar in its lane; *row*: below others that it overlaps; *last*: none follows in its row."""

    bar: Mapping[str, Any]
    row: int
    last: bool


def svg(told: Mapping[str, Any]) -> str:
    """The picture of a timeline as `services.ledger.timeline` tells it, as the text of a file."""
    scale = Scale.of(_instants(told), left=GUTTER, right=WIDTH - RIGHT)
    lanes = [(lane["name"], _stacked(lane["bars"])) for lane in told["lanes"]]
    deep = [max((one.row for one in placed), default=0) + 1 for _, placed in lanes]
    bottom = TOP + ROW * (sum(deep) + (told["owner"] is not None))
    height = bottom + LEGEND + FOOT
    root = ET.Element("svg", {
        "xmlns": "http://www.w3.org/2000/svg", "viewBox": f"0 0 {WIDTH} {height}",
        "width": str(WIDTH), "height": str(height), "role": "img", "lang": "zh-CN",
        "aria-labelledby": "timeline-title timeline-desc", "font-family": FONTS, "fill": INK,
    })
    set_text(ET.SubElement(root, "title", {"id": "timeline-title"}), heading(told))
    set_text(ET.SubElement(root, "desc", {"id": "timeline-desc"}), description(told))
    fills = _fills(root, told["modes"])
    ET.SubElement(root, "rect", {"width": str(WIDTH), "height": str(height), "fill": PAPER})
    words(root, 12, 30, heading(told), size=19, weight="700")
    words(root, 12, 52, told["title"], size=13)
    _axis(root, scale, bottom)
    y = TOP
    if told["owner"] is not None:
        y = _own(root, scale, told, y)
    for (name, placed), rows in zip(lanes, deep, strict=True):
        _name(root, name, y)
        for one in placed:
            _bar(root, scale, name, one, y + one.row * ROW, fills, told["until"])
        y += ROW * rows
        line(root, 12, y, WIDTH - RIGHT, y, FAINT)
    _until(root, scale, told, bottom)
    _legend(root, told, fills, bottom + LEGEND)
    return ET.tostring(root, encoding="unicode")


def heading(told: Mapping[str, Any]) -> str:
    """The picture in one line."""
    if told["of"] == "item":
        return f"“{told['name']}”由谁行使"
    return f"{told['name']}承接的事项"


def description(told: Mapping[str, Any]) -> str:
    """The picture in words, for those who do not see it."""
    bars = sum(len(lane["bars"]) for lane in told["lanes"])
    lanes = f"{len(told['lanes'])}个{'镇街' if told['of'] == 'item' else '事项'}"
    own = f"本级由{told['owner']}行使；" if told["owner"] else ""
    return f"{own}{lanes}，{bars}段授权，记录截至{moment(told['until'])}。"


def in_words(lane: str, bar: Mapping[str, Any]) -> Iterator[str]:
    """A bar, a line each: whose, in which mode, by whom, by which document, how long."""
    yield f"{lane}：{bar['mode_zh']}{'（排他）' if bar['exclusive'] else ''}"
    if bar["scope"]:
        yield f"限于：{'；'.join(bar['scope'])}"
    for held in bar["holders"]:
        across = held["across_towns"]
        crossing = "" if across is None else f"；跨镇街：{'、'.join(across) or '未载明'}"
        yield f"{held['zh']}：{'、'.join(held['orgs']) or '未载明'}{crossing}"
    yield f"依据：{bar['instrument'] or '未载明'}"
    ends = "现行" if bar["to"] is None else _end(bar)
    yield f"自{moment(bar['from'])}起，{ends}"


def _end(bar: Mapping[str, Any]) -> str:
    return f"至{moment(bar['to'])}止{'（' + bar['ended'] + '）' if bar['ended'] else ''}"


def _instants(told: Mapping[str, Any]) -> Iterator[datetime]:
    yield told["until"]
    for lane in told["lanes"]:
        for bar in lane["bars"]:
            yield from (one for one in (bar["from"], bar["to"]) if one is not None)


def _stacked(bars: Sequence[Mapping[str, Any]]) -> list[Placed]:
    """Bars that overlap lie below one another."""
    rows: list[list[Mapping[str, Any]]] = []
    for bar in sorted(bars, key=lambda one: one["from"]):
        free = (row for row in rows if row[-1]["to"] and row[-1]["to"] <= bar["from"])
        row = next(free, None)
        if row is None:
            row = []
            rows.append(row)
        row.append(bar)
    return [
        Placed(bar, nth, bar is row[-1]) for nth, row in enumerate(rows) for bar in row
    ]


def _fills(root: ET.Element, modes: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """A colour with lines for each mode."""
    defs = ET.SubElement(root, "defs")
    found = {}
    for nth, mode in enumerate(modes):
        colour, lines = FILLS[nth % len(FILLS)]
        pattern = ET.SubElement(defs, "pattern", {
            "id": f"timeline-mode-{nth}", "width": "8", "height": "8",
            "patternUnits": "userSpaceOnUse",
        })
        ET.SubElement(pattern, "rect", {"width": "8", "height": "8", "fill": colour})
        if lines:
            ET.SubElement(pattern, "path", {"d": lines, "stroke": SOFT, "stroke-width": ".9"})
        found[mode["mode"]] = f"url(#timeline-mode-{nth})"
    return found


def _axis(root: ET.Element, scale: Scale, bottom: int) -> None:
    for instant in scale.ticks():
        x = scale.x(instant)
        line(root, x, TOP - 8, x, bottom, FAINT)
        words(root, x, TOP - 14, label(instant, scale.months), anchor="middle", size=12)
    line(root, GUTTER, TOP - 8, WIDTH - RIGHT, TOP - 8, SOFT)


def _own(root: ET.Element, scale: Scale, told: Mapping[str, Any], y: int) -> int:
    """The department's own power: beside every grant, until it moves wholly (R064)."""
    _name(root, told["owner"], y)
    for since, until in told["owner_spans"]:
        left = scale.x(since or scale.first)
        right = scale.x(until or max(told["until"], since or scale.first))
        group = ET.SubElement(root, "g")
        ended = f"，至{moment(until)}划转" if until else ""
        set_text(ET.SubElement(group, "title"), f"{told['owner']}：本级权力，无须授权{ended}")
        ET.SubElement(group, "rect", {
            "x": f"{left:.1f}", "y": str(y + (ROW - BAR) // 2), "height": str(BAR), "fill": PAPER,
            "width": f"{max(right - left, 3):.1f}", "stroke": SOFT, "stroke-dasharray": "5 3",
        })
        fits = right - left > width("本级行使", 12) + 14
        x = left if fits else right
        words(group, x + 7, y + ROW / 2 + 4.5, f"本级行使{ended}", size=12, halo=True)
    line(root, 12, y + ROW, WIDTH - RIGHT, y + ROW, SOFT)
    return y + ROW


def _bar(
    root: ET.Element, scale: Scale, lane: str, one: Placed, y: int, fills: Mapping[str, str],
    until: datetime,
) -> None:
    """Flat at its end where it has one, pointed where it is open."""
    bar = one.bar
    group = ET.SubElement(root, "g")
    set_text(ET.SubElement(group, "title"), "\n".join(in_words(lane, bar)))
    left, top = scale.x(bar["from"]), y + (ROW - BAR) // 2
    right = max(scale.x(bar["to"] or max(until, bar["from"])), left + 3)
    middle, low = top + BAR / 2, top + BAR
    tip = right + 9 if bar["to"] is None else right
    ET.SubElement(group, "path", {
        "d": f"M{left:.1f},{top}H{right:.1f}L{tip:.1f},{middle}L{right:.1f},{low}H{left:.1f}Z",
        "fill": fills[bar["mode"]], "stroke": INK, "stroke-width": "2" if bar["exclusive"] else "1",
    })
    if shown := _fitting(bar, right - left - 12):
        words(group, left + 7, middle + 4.5, shown, size=12, halo=True)
    if one.last and bar["to"] is not None and width(_end(bar), 12) < WIDTH - RIGHT - right - 8:
        words(group, right + 7, middle + 4.5, _end(bar), size=12, halo=True)


def _until(root: ET.Element, scale: Scale, told: Mapping[str, Any], bottom: int) -> None:
    x = scale.x(told["until"])
    line(root, x, TOP - 8, x, bottom, INK, dash="2 3")
    known = "当时所知，记录截至" if told["known_at"] else "记录截至"
    words(root, x, bottom + 16, known + moment(told["until"]), anchor="end", size=12)


def _legend(root: ET.Element, told: Mapping[str, Any], fills: Mapping[str, str], y: int) -> None:
    x = 12.0
    for mode in told["modes"]:
        ET.SubElement(root, "rect", {
            "x": f"{x:.1f}", "y": str(y), "width": "30", "height": "15", "stroke": INK,
            "fill": fills[mode["mode"]],
        })
        words(root, x + 37, y + 12.5, mode["mode_zh"], size=13)
        x += 37 + width(mode["mode_zh"], 13) + 26
    exclusive = any(bar["exclusive"] for lane in told["lanes"] for bar in lane["bars"])
    signs = "箭头：现行　平头：已止" + ("　粗框：排他" if exclusive else "")
    words(root, x, y + 12.5, signs, size=12)


def _name(root: ET.Element, name: str, y: int) -> None:
    """The name of a lane, in at most two lines; the whole of it as a title."""
    lines = [name[:FIT], name[FIT:]] if len(name) > FIT else [name]
    if len(lines[-1]) > FIT:
        lines[-1] = f"{lines[-1][:FIT - 1]}…"
    group = ET.SubElement(root, "g")
    set_text(ET.SubElement(group, "title"), name)
    first = y + ROW / 2 + 4.5 - 7.5 * (len(lines) - 1)
    for nth, text in enumerate(lines):
        words(group, 12, first + 15 * nth, text, size=12.5)


def _fitting(bar: Mapping[str, Any], room: float) -> str:
    """As many of the bar's words as it has room for: mode and decider, the mode, or nothing."""
    decides = next((one["orgs"] for one in bar["holders"] if one["facet"] == "decide"), None)
    mode = bar["mode_zh"] + ("（部分）" if bar["scope"] else "")
    full = mode + (f" · {'、'.join(decides)}决定" if decides else "")
    return next((text for text in (full, mode) if width(text, 12) <= room), "")
