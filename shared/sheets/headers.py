"""Which column is which: the header line, by the names that counties give their columns."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from shared.sheets.sheet import Row
from shared.sheets.words import key

# Field: the headers that mean it. Before them may stand 区级, 县级 or the like.
HEADERS: dict[str, tuple[str, ...]] = {
    "seq": ("序号", "序", "项次", "No", "No."),
    "item": ("事项编号", "系统编号"),
    "code": (
        "事项编码", "编码", "事项代码", "权力编码", "基本编码", "实施编码", "职权编码", "权责编码",
    ),
    "name": (
        "事项名称", "名称", "权力名称", "权力事项", "权力事项名称", "赋权事项", "赋权事项名称",
        "政务服务事项", "政务服务事项名称", "行政权力事项", "行政权力事项名称", "项目名称",
        "职权名称", "下放事项", "下放事项名称", "承接事项", "承接事项名称",
    ),
    "power_type": (
        "权力类型", "权利类型", "事项类型", "权力类别", "事项类别", "职权类别", "职权类型", "类型",
    ),
    "mode": (
        "赋权方式", "赋权实施方式", "实施方式", "下放方式", "赋权形式", "调整方式", "承接方式",
    ),
    "granting": (
        "赋权部门", "实施部门", "实施主体", "原实施部门", "原实施主体", "委托部门", "下放部门",
        "赋权单位", "实施单位", "权力部门", "主管部门",
    ),
    "supervising": (
        "监管部门", "对应监管部门", "监管单位", "监管主体", "监管责任部门", "监管责任主体",
        "行业监管部门",
    ),
    "granting_credit": (
        "统一社会信用代码", "赋权部门统一社会信用代码", "实施部门统一社会信用代码",
        "实施主体统一社会信用代码", "赋权部门信用代码", "实施主体编码",
    ),
    "supervising_credit": ("监管部门统一社会信用代码", "监管部门信用代码"),
    "outcome": ("办理结果", "办件结果", "结果类型", "办理结果类型"),
    "level": ("权力层级", "行使层级", "实施层级", "事项层级"),
    "area": ("重点领域", "领域", "所属领域"),
    "scope": ("下放范围", "赋权范围", "子项", "事项子项", "子项名称", "下放内容", "赋权内容"),
    "reason": ("列入理由", "目录外理由", "目录外事项列入理由"),
    "remark": ("备注", "说明"),
}
ABOVE = re.compile(r"^(?:区|县|市|镇|镇街|县\(市、区\)|区\(市\))级?")
MEANT = re.compile(r"[*※:]|\(.*?\)")  # marks and explanations beside the name
FIELDS = {key(header): field for field, headers in HEADERS.items() for header in headers}
NAMING = {"name", "item", "code"}
AT_LEAST = 2
WITHIN = 40  # rows: titles and explanations may stand above the header


@dataclass(frozen=True, slots=True)
class Header:
    """The header line.

    Args:
        rows: the numbers of the rows it spans.
        fields: positions by field.
        names: the headers as written, by position.
        unknown: those that mean no field, by position.
    """

    rows: tuple[int, ...]
    fields: dict[str, int]
    names: dict[int, str]
    unknown: dict[int, str]

    def column(self, field: str) -> str | None:
        """The header of a field, for people to find it by."""
        return self.names.get(self.fields.get(field, -1))


def field_of(header: str) -> str | None:
    """The field that a header means."""
    plain = MEANT.sub("", key(header))
    return FIELDS.get(plain) or FIELDS.get(ABOVE.sub("", plain))


def header_of(rows: Sequence[Row]) -> Header | None:
    """The header of a sheet, None where there is none."""
    for at, row in enumerate(rows[:WITHIN]):
        if heads(row):
            lines = [row]
            for below in rows[at + 1 :]:
                if not _goes_on(below):
                    break
                lines.append(below)
            return _header(lines)
    return None


def heads(row: Row) -> bool:
    """Whether this row is a header: it may stand on every printed page."""
    found = {field for at in row.own() if (field := field_of(row.cells[at] or ""))}
    return len(found) >= AT_LEAST and bool(found & NAMING)


def _goes_on(row: Row) -> bool:
    """Whether a row is the lower line of the header above: nothing in it but further headers."""
    own = row.own()
    return bool(own) and all(field_of(row.cells[at] or "") for at in own)


def _header(lines: Sequence[Row]) -> Header:
    fields: dict[str, int] = {}
    names: dict[int, str] = {}
    for row in lines:
        for at, cell in enumerate(row.cells):
            if cell is not None:
                names[at] = " ".join(cell.split())
    for at, name in sorted(names.items()):
        if field := field_of(name):
            fields.setdefault(field, at)
    used = set(fields.values())
    unknown = {at: name for at, name in names.items() if at not in used}
    return Header(tuple(row.row for row in lines), fields, names, unknown)
