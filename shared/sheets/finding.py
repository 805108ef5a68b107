"""What is wrong or worth knowing in a table, placed and worded so that its author can mend it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

ERRORS: Mapping[str, tuple[str, str]] = {
    "too_many_bytes": ("文件超过 {value} 字节", "the file has more than {value} bytes"),
    "too_much_unpacked": ("文件解压后超过 {value} 字节，未打开",
                          "unpacked, the file has more than {value} bytes; it was not opened"),
    "too_many_rows": ("超过 {value} 行；请删去空行或分成几份",
                      "more than {value} rows; delete empty rows or split the table"),
    "too_many_cells": ("超过 {value} 格；请删去空列、空行",
                       "more than {value} cells; delete empty columns and rows"),
    "password": ("文件有密码；请去掉密码后另存",
                 "the file has a password; save it without one"),
    "old_workbook": ("旧式 .xls 文件；请另存为 .xlsx", "an old .xls file; save it as .xlsx"),
    "no_workbook": ("不是 .xlsx 工作簿（{value}）", "no .xlsx workbook ({value})"),
    "broken_workbook": ("工作簿已损坏，无法打开（{value}）；请重新另存",
                        "the workbook is broken ({value}); save it anew"),
    "unknown_encoding": ("文字编码既不是 UTF-8 也不是 GB18030",
                         "the text is neither UTF-8 nor GB18030"),
    "broken_text": ("第 {value} 行引号或分隔不完整",
                    "quotes or separators are incomplete at line {value}"),
    "no_header": ("找不到表头；至少要有“事项名称”和另一列，如“权力类型”",
                  "no header line; there must be 事项名称 and one more column, e.g. 权力类型"),
    "empty_sheet": ("表中没有事项", "the table has no entry"),
    "formula": ("公式“{value}”没有结果；请粘贴为数值",
                "the formula {value!r} has no result; paste it as a value"),
    "error_value": ("单元格是错误值“{value}”", "the cell is the error {value!r}"),
    "long_number": ("长号码存成了数字，末几位已丢失（{value}）；请设为文本后重填",
                    "kept as a number, a long number loses its last digits ({value}); type a text"),
    "control_character": ("含有不可见的控制字符 {value}；请重新录入",
                          "there is a control character, {value}; type the cell anew"),
    "required_cell": ("不得为空", "must not be empty"),
    "required_column": ("方案要求有此列", "the programme demands this column"),
    "too_long": ("超过 {value} 字", "longer than {value} characters"),
    "bad_number": ("“{value}”不是序号", "{value!r} is not a row number"),
    "duplicate_seq": ("序号“{value}”重复", "the number {value!r} stands twice"),
    "duplicate_item": ("与第 {value} 行是同一事项", "the same item as in row {value}"),
    "bad_code": ("事项编码“{value}”位数不对或含有非数字",
                 "the item code {value!r} has not the right number of digits"),
    "scientific_code": ("编码被存成了科学计数“{value}”；请设为文本后重填",
                        "the code was stored as a number, {value!r}; format the cell as text"),
    "duplicate_code": ("事项编码“{value}”重复", "the item code {value!r} stands twice"),
    "code_of_other": ("编码或编号属于“{value}”，与本行名称不符",
                      "the code belongs to {value!r}, which this row does not name"),
    "ambiguous_name": ("有几项都叫“{value}”；请填事项编码或编号",
                       "several items are named {value!r}; give the code"),
    "unknown_power_type": ("不认识权力类型“{value}”", "{value!r} is not a power type"),
    "unknown_organ": ("本辖区没有登记名为“{value}”的单位；请先登记其名称",
                      "no organ of this jurisdiction is named {value!r}; register the name first"),
    "unknown_mode": ("方案没有赋权方式“{value}”", "the programme has no mode {value!r}"),
    "unknown_outcome": ("不认识办理结果“{value}”", "{value!r} is not an outcome"),
    "unknown_level": ("不认识权力层级“{value}”", "{value!r} is not a level of power"),
    "unknown_item": ("目录中没有“{value}”", "the catalogue has no {value!r}"),
    "credit_length": ("统一社会信用代码“{value}”不是18位",
                      "the credit code {value!r} has not 18 signs"),
    "credit_sign": ("统一社会信用代码“{value}”含有不该有的字符",
                    "the credit code {value!r} has a sign it cannot have"),
    "credit_check": ("统一社会信用代码“{value}”的校验码不对",
                     "the check digit of the credit code {value!r} is wrong"),
    "credit_of_other": ("统一社会信用代码“{value}”属于另一单位",
                        "the credit code {value!r} is another organ's"),
    "verb_disagrees": ("备注的动词“{value}”与赋权方式不符",
                       "the verb {value!r} of the remark disagrees with the mode"),
    "wrong_size": ("方案写明的事项数与导入后的 {value} 项不符",
                   "the programme states another number of items than the {value} there would be"),
    "listed_differently": ("目录已登记为“{value}”，已登记的内容不得改写",
                           "the catalogue has {value!r}; what is registered is not rewritten"),
    "differs_from_catalogue": ("与目录不一致，目录为“{value}”",
                               "differs from the catalogue, which has {value!r}"),
    "scope_not_of_item": ("目录中本事项没有子项“{value}”",
                          "the item has no sub-item {value!r} in the catalogue"),
    "outside_catalogue": ("“{value}”不在目录内，本方案不允许目录外事项",
                          "{value!r} is outside the catalogue, which this programme forbids"),
    "override_reason_required": ("“{value}”不在目录内，须填列入理由和事项编号",
                                 "{value!r} is outside the catalogue: give a reason and an id"),
    "mode_required": ("须逐事项写明赋权方式", "each entry must state its mode"),
}
WARNINGS: Mapping[str, tuple[str, str]] = {
    "other_sheet": ("工作表“{value}”也有表头，未读取；一次只读一张",
                    "the sheet {value!r} has a header too and is not read; one at a time"),
    "unknown_column": ("不认识这一列，未读取", "this column is not known; it is not read"),
    "row_left_out": ("这一行不是事项，未读取：{value}", "no entry; the row is not read: {value}"),
    "formula_result": ("公式“{value}”；已取其保存的结果",
                       "a formula, {value!r}; its last result was taken"),
    "code_type_mismatch": ("编码第7、8位与权力类型不符（{value}）",
                           "digits 7-8 of the code disagree with the power type ({value})"),
    "outcome_inferred": ("未写办理结果，由类型和名称推定为“{value}”",
                         "no outcome is given; from type and name it is taken to be {value!r}"),
    "exclusions_read": ("由名称读出除外内容：{value}", "the name excludes: {value}"),
    "scope_read": ("由备注读出下放子项：{value}", "the remark names these sub-items: {value}"),
    "mode_not_of_item": ("本方案的方式由各镇街清单确定，目录中的“{value}”未采用",
                         "modes are set by the towns' lists; {value!r} is not taken from here"),
    "seq_differs": ("目录中的序号为 {value}", "its number in the catalogue is {value}"),
    "not_in_file": ("目录中另有 {value} 项不在本表，继续有效",
                    "{value} items of the catalogue are not in this table; they stay"),
    "reason_not_needed": ("事项在目录内，列入理由未采用",
                          "the item is in the catalogue; the reason is not taken"),
    "unchanged": ("与现行内容完全相同，没有可登记的",
                  "the same as what is registered; there is nothing to record"),
}
PLACES = ("第{row}行", "row {row}")


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding.

    Args:
        row: its number on the sheet, from 1; None for the whole file.
        column: the header of its column, or the letter over it.
        suggestion: what to write instead, where that can be guessed.
        severity: ``error`` lets nothing be recorded, ``warning`` is to be looked at.
    """

    row: int | None
    column: str | None
    code: str
    message_zh: str
    message_en: str
    suggestion: str | None
    severity: str

    def plain(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)


def finding(
    code: str, row: int | None = None, column: str | None = None, *, value: object = "",
    suggestion: str | None = None,
) -> Finding:
    """Word the finding *code* at its place in both languages."""
    severity, words = ("error", ERRORS) if code in ERRORS else ("warning", WARNINGS)
    zh, en = words[code]
    row_zh, row_en = (place.format(row=row) if row else None for place in PLACES)
    return Finding(
        row, column, code,
        "：".join([" ".join(filter(None, (row_zh, column))) or "文件", zh.format(value=value)]),
        ": ".join([" ".join(filter(None, (row_en, column))) or "file", en.format(value=value)]),
        suggestion, severity,
    )
