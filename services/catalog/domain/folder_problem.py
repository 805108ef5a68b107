"""A fault of a programme's folder, with its place and its words in Chinese and English."""

from dataclasses import dataclass
from difflib import get_close_matches

Place = tuple[str, int | None, str | None]
"""File, row and column; None where the fault is of the whole file or row."""

# Code: Chinese, English. {where} is "items.csv 第6行 supervising_org_id" and its English.
MESSAGES: dict[str, tuple[str, str]] = {
    "no_folder": ("找不到文件夹 {value}", "folder {value} not found"),
    "no_file": ("{where}：缺少此文件", "{where}: the file is missing"),
    "unreadable": ("{where}：无法读取（{value}）", "{where}: cannot be read ({value})"),
    "wrong_header": ("{where}：表头应为 {value}", "{where}: the header must be {value}"),
    "wrong_width": ("{where}：此行有 {value} 格，与表头不符",
                    "{where}: the row has {value} cells, not as many as the header"),
    "unknown_setting": ("{where}：没有这个设置项", "{where}: no such setting"),
    "required_cell": ("{where}：不得为空", "{where}: must not be empty"),
    "bad_value": ("{where}：“{value}”的类型不对", "{where}: {value!r} is of the wrong type"),
    "bad_number": ("{where}：“{value}”不是整数", "{where}: {value!r} is not a whole number"),
    "bad_boolean": ("{where}：“{value}”应为 true 或 false",
                    "{where}: {value!r} must be true or false"),
    "bad_date": ("{where}：“{value}”不是日期", "{where}: {value!r} is not a date"),
    "bad_deadline": ("{where}：“{value}”应写作 日期@出处",
                     "{where}: {value!r} must be written date@source"),
    "unknown_value": ("{where}：不认识“{value}”", "{where}: {value!r} is not a known value"),
    "unknown_reference": ("{where}：“{value}”没有登记", "{where}: {value!r} is not registered"),
    "duplicate_id": ("{where}：“{value}”重复", "{where}: {value!r} stands twice"),
    "duplicate_alias": ("{where}：名称“{value}”在本辖区已指向另一机构",
                        "{where}: the name {value!r} already stands in this jurisdiction"),
    "duplicate_code": ("{where}：事项编码“{value}”重复",
                       "{where}: the item code {value!r} stands twice"),
    "bad_code": ("{where}：事项编码“{value}”位数不对",
                 "{where}: the item code {value!r} has the wrong number of digits"),
    "size_mismatch": ("{where}：目录写明的事项数与表中 {value} 项不符",
                      "{where}: the catalogue's size differs from the {value} items listed"),
    "code_type_mismatch": ("{where}：编码第7、8位与事项类型不符（{value}）",
                           "{where}: digits 7-8 of the code disagree with the type ({value})"),
    "unknown_file": ("{where}：方案文件夹里没有这种文件，未读取",
                     "{where}: a folder has no such file; it is not read"),
    "bad_id": ("{where}：“{value}”不是合格的编号", "{where}: {value!r} is not a valid code"),
    "foreign_id": ("{where}：编号“{value}”的开头不对",
                   "{where}: the id {value!r} does not begin as it must"),
    "too_long": ("{where}：超过 {value} 字", "{where}: longer than {value} characters"),
    "above_itself": ("{where}：上级“{value}”绕回本机构",
                     "{where}: through {value!r} the organ is above itself"),
    "mode_without_facets": ("{where}：方式“{value}”没有写明各环节由谁承担（facets.csv）",
                            "{where}: mode {value!r} has no rows in facets.csv"),
    "facet_twice": ("{where}：环节“{value}”既写 any 又写 yes 或 no",
                    "{where}: facet {value!r} has both a row for any and one for yes or no"),
    "verb_disagrees": ("{where}：动词“{value}”与方式或前行不符",
                       "{where}: the verb {value!r} disagrees with the mode or an earlier row"),
    "exceeds_statutory": ("{where}：受理、审批时限合计 {value}，超过法定时限",
                          "{where}: the steps take {value} together, more than the law leaves"),
    "day_and_precision": ("{where}：精度为“{value}”，与到期日不符",
                          "{where}: the precision {value!r} and the due day disagree"),
    "settings_too_large": ("{where}：设置连同任务表共 {value} 字节，超过一条记录的上限",
                           "{where}: settings and tables take {value} bytes, beyond one record"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault of a folder, placed so that its author can mend it.

    *row* counts the rows under the header from 1, as the notices count their items;
    *column* is a column of a table or the dotted name of a setting; *suggestion* is what to
    write instead, where that can be guessed.
    """

    file: str
    row: int | None
    column: str | None
    code: str
    message_zh: str
    message_en: str
    suggestion: str | None = None
    severity: str = "error"


def problem(
    place: Place,
    code: str,
    value: object = "",
    suggestion: str | None = None,
    severity: str = "error",
) -> Problem:
    """Word the fault *code* at its place in both languages."""
    file, row, column = place
    zh = [file, f"第{row}行" if row else None, column]
    en = [file, f"row {row}" if row else None, column]
    words_zh, words_en = MESSAGES[code]
    return Problem(
        *place,
        code=code,
        message_zh=words_zh.format(where=" ".join(filter(None, zh)), value=value),
        message_en=words_en.format(where=" ".join(filter(None, en)), value=value),
        suggestion=suggestion,
        severity=severity,
    )


def nearest(value: str, known: tuple[str, ...]) -> str | None:
    """Find the known word most like *value*, if any is like it."""
    return next(iter(get_close_matches(value, known, n=1, cutoff=0.5)), None)
