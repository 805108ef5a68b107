"""Why catalog refuses: one function for each reason."""

from collections.abc import Mapping, Sequence
from typing import Any

from shared.refusal import Refused


def unchanged(kind: str, name: str, recorded: Mapping[str, Any], asked: Mapping[str, Any]) -> None:
    """Let a repeated registration pass, if it says what the first one said.

    Raises:
        Refused: ``catalog.already-registered-differently``, with what differs.
    """
    differs = {
        field: {"recorded": str(recorded.get(field)), "asked": str(value)}
        for field, value in asked.items() if recorded.get(field) != value
    }
    if differs:
        raise Refused(
            "catalog.already-registered-differently",
            {"kind": kind, "id": name, "differs": differs},
            f"{name}已登记且内容不同（{'、'.join(differs)}），已登记的内容不得改写，请核对",
        )


def unknown_programme(programme: str) -> Refused:
    """R001."""
    return Refused(
        "catalog.unknown-programme", {"programme": programme},
        f"未登记的实施方案：{programme}，请先登记方案",
    )


def settings_too_large(programme: str, size: int, most: int) -> Refused:
    return Refused(
        "catalog.settings-too-large", {"programme": programme, "bytes": size, "most": most},
        f"方案{programme}的设置共{size}字节，超过{most}字节，请精简或分拆任务表",
    )


def mode_without_document(mode: str) -> Refused:
    """R002: the set of modes grows by a recorded decision, never silently."""
    return Refused(
        "catalog.mode-without-document", {"mode": mode}, f"启用赋权方式{mode}须写明依据文件"
    )


def mode_without_facets(mode: str) -> Refused:
    return Refused(
        "catalog.mode-without-facets", {"mode": mode},
        f"赋权方式{mode}未写明各环节由谁承担，请补充后再启用",
    )


def preference_taken(mode: str, other: str, order: int) -> Refused:
    return Refused(
        "catalog.preference-taken", {"mode": mode, "other": other, "order": order},
        f"顺位{order}已是赋权方式{other}，请另定顺位",
    )


def mode_not_in_programme(mode: str, programme: str, modes: Sequence[str]) -> Refused:
    """R002."""
    return Refused(
        "catalog.mode-not-in-programme",
        {"mode": mode, "programme": programme, "modes": list(modes)},
        f"方案{programme}没有赋权方式{mode}，请先依文件启用",
    )


def not_a_recipient(town: str, programme: str) -> Refused:
    """R004."""
    return Refused(
        "catalog.not-a-recipient", {"town": town, "programme": programme},
        f"{town}不是方案{programme}的承接单位",
    )


def grants_in_force(town: str, grants: Sequence[str]) -> Refused:
    return Refused(
        "catalog.grants-in-force", {"town": town, "grants": list(grants)},
        f"{town}尚有{len(grants)}项赋权有效，请先收回再移出承接单位",
    )


def foreign_id(name: str, prefix: str) -> Refused:
    return Refused(
        "catalog.foreign-id", {"id": name, "prefix": prefix}, f"编号{name}应以{prefix}开头"
    )


def id_taken(name: str) -> Refused:
    return Refused("catalog.id-taken", {"id": name}, f"编号{name}已属于另一单位或镇街，请换编号")


def alias_taken(alias: str, jurisdiction: str, holder: str, asked: str) -> Refused:
    """R007: one name, one organ in a jurisdiction."""
    return Refused(
        "catalog.alias-taken",
        {"alias": alias, "jurisdiction": jurisdiction, "org": holder, "asked": asked},
        f"在{jurisdiction}，“{alias}”已是{holder}的名称，不能再指{asked}",
    )


def unknown_organ(org: str) -> Refused:
    """R007: an unknown name is an error, never a new organ."""
    return Refused("catalog.unknown-organ", {"org": org}, f"未登记的单位：{org}，请先登记")


def unknown_town(town: str) -> Refused:
    return Refused("catalog.unknown-town", {"town": town}, f"未登记的镇街：{town}，请先登记")


def unknown_item(item: str) -> Refused:
    return Refused("catalog.unknown-item", {"item": item}, f"目录中没有事项：{item}")


def incomplete_item(item: str, missing: Sequence[str]) -> Refused:
    """R011."""
    return Refused(
        "catalog.incomplete-item", {"item": item, "missing": list(missing)},
        f"事项{item}缺少{'、'.join(missing)}，不能列入目录",
    )


def incomplete_rows(rows: Sequence[Mapping[str, Any]]) -> Refused:
    """R011: one incomplete row and the whole version is rejected."""
    named = "；".join(f"第{row['seq']}项缺{'、'.join(row['missing'])}" for row in rows)
    return Refused(
        "catalog.incomplete-rows", {"rows": list(rows)}, f"目录不完整，整版退回：{named}"
    )


def bad_code(item: str, code: str, digits: int) -> Refused:
    """R012."""
    return Refused(
        "catalog.bad-code", {"item": item, "code": code, "digits": digits},
        f"事项{item}的编码{code}不是{digits}位数字",
    )


def duplicate_code(code: str, holder: str, asked: str) -> Refused:
    """R012: a code is unique in the programme."""
    return Refused(
        "catalog.duplicate-code", {"code": code, "item": holder, "asked": asked},
        f"编码{code}已属于事项{holder}，不能再用于{asked}",
    )


def verb_disagrees(item: str, verb: str, mode: str, mode_zh: str) -> Refused:
    """R013: the remark's verb agrees with the mode."""
    return Refused(
        "catalog.verb-disagrees-with-mode", {"item": item, "verb": verb, "mode": mode},
        f"事项{item}备注写“{verb}”，与赋权方式“{mode_zh}”不符，请核对",
    )


def constraint_ends_before_it_begins(item: str) -> Refused:
    return Refused(
        "catalog.constraint-ends-before-it-begins", {"item": item},
        f"事项{item}的法律限制截止日不晚于起始日，请核对",
    )


def exceeds_statutory_limit(item: str, town: str | None, steps: int, statutory: int) -> Refused:
    """R020."""
    return Refused(
        "catalog.exceeds-statutory-limit",
        {"item": item, "town": town, "sum": steps, "statutory": statutory},
        f"事项{item}的受理、审批时限合计{steps}，超过法定时限{statutory}，请压减",
    )


def version_out_of_order(name: str, version: int, due: int) -> Refused:
    return Refused(
        "catalog.version-out-of-order", {"id": name, "version": version, "due": due},
        f"{name}的下一版应为第{due}版",
    )


def size_differs(catalogue: str, size: int, stated: int) -> Refused:
    """R010, R011: the notice says how many items there are."""
    return Refused(
        "catalog.size-differs", {"catalogue": catalogue, "size": size, "stated": stated},
        f"目录{catalogue}有{size}项，通知写明{stated}项，请核对",
    )


def list_not_approved(town: str, version: int) -> Refused:
    return Refused(
        "catalog.list-not-approved", {"town": town, "version": version},
        f"{town}的第{version}版清单尚未批准，不能公布",
    )


def older_version(town: str, version: int, published: int) -> Refused:
    return Refused(
        "catalog.older-version", {"town": town, "version": version, "published": published},
        f"{town}已公布第{published}版清单，不能再公布第{version}版",
    )


def table_refused(findings: Sequence[Mapping[str, Any]]) -> Refused:
    """R011: one wrong row and nothing of the table is recorded."""
    return Refused(
        "catalog.table-refused", {"findings": list(findings)},
        "；".join(str(found["message_zh"]) for found in findings[:3]),
    )


def content_refused(problems: Sequence[Mapping[str, Any]]) -> Refused:
    return Refused(
        "catalog.content-refused", {"problems": list(problems)},
        "；".join(str(problem["message_zh"]) for problem in problems[:3]),
    )
