"""What each of the ledger's answers looks like as a table: one row of columns per question."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from shared.clock import SHANGHAI

TEXT, INSTANT, NUMBER, LIST = "text", "instant", "number", "list"
YES, PAPER, WORD = "yes", "paper", "word"
WORDS = {  # the words of holdings, for people
    "accept": "受理", "preliminary_review": "初步审查", "substantive_review": "实质性审核",
    "decide": "决定", "seal": "用印", "named_authority": "名义机关", "liability": "责任承担",
    "act_supervision": "行为监督", "trade_supervision": "行业监管", "archive": "存档",
    "town": "镇街", "district": "区县", "bureau": "划转承接单位",
    "any": "不论", "no": "不跨镇街", "yes": "跨镇街",
}
ASKED = {  # what may be asked, for people
    "programme": "实施方案", "item": "事项", "town": "镇街", "org": "单位", "facet": "权能",
    "at": "生效时点", "known_at": "已知时点", "source": "日志",
}
CONTROL = dict.fromkeys((*range(32), *range(127, 160), 0x2028, 0x2029, 0xFFFE, 0xFFFF), " ")


class Column(NamedTuple):
    """One column: its stable English key, its Chinese heading, what its values are.

    Args:
        wide: share of the page in print; 0: not printed.
    """

    key: str
    zh: str
    kind: str = TEXT
    wide: int = 0


@dataclass(frozen=True)
class Table:
    """How an answer becomes rows.

    Args:
        title: in Chinese, without its subject.
        rows: of an answer as the ledger gives it.
        paged: it comes page by page, from ``beyond`` on.
        pinned: where no ``known_at`` is asked, the export asks for the instant it is made, so that
            it can be asked again in years.
        holdings: a row is a holding: it must follow from the facts it rests on.
        asked: it answers a question of the ledger; else a command makes it.
    """

    title: str
    columns: tuple[Column, ...]
    rows: Callable[[Any], Iterable[Mapping[str, Any]]] = list
    paged: bool = False
    pinned: bool = False
    holdings: bool = False
    asked: bool = True


def _findings(answer: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for row in answer["findings"]:
        yield {**row, "item_id": row["item"], "town_id": row["town"]}


def _by_source(answer: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for source, told in answer.items():
        signed = told.get("checkpoint") or {}
        first_bad = told.get("position")  # what is there is not what was signed: no fact to rest on
        yield {
            **told, "source": source, "signed": signed.get("size"), "position": None,
            "first_bad": first_bad,
        }


def _bars(answer: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    lane_of, subject = ("town", "item") if answer["of"] == "item" else ("item", "town")
    for lane in answer["lanes"]:
        for bar in lane["bars"]:
            yield {
                **bar, f"{subject}_id": answer["id"], f"{subject}_name": answer["name"],
                f"{lane_of}_id": lane["id"], f"{lane_of}_name": lane["name"],
                "holders": [_facet(one) for one in bar["holders"]],
            }


def _facet(one: Mapping[str, Any]) -> str:
    across = one["across_towns"]
    told = f"{one['zh']}：{'、'.join(one['orgs'])}"
    return f"{told}（跨镇街：{'、'.join(across)}）" if across else told


def _approvals(answer: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for row in answer["without_authority"]:
        yield {**row, "source": "cases"}


HELD = (
    Column("org_id", "单位编码"), Column("org_name", "单位", wide=20),
    Column("capacity", "身份"), Column("filed_at", "受理层级", WORD, wide=8),
    Column("cross_town", "跨镇街", WORD, wide=7), Column("mode", "方式", wide=12),
    Column("grant_id", "授权编号"), Column("scope", "限于", LIST, wide=14),
    Column("instrument", "依据", PAPER),
    Column("effective_from", "生效自（北京时间）", INSTANT, wide=13),
    Column("effective_to", "生效至（不含）", INSTANT, wide=13),
    Column("opened_by", "起因位置", NUMBER, wide=7),
    Column("closed_by", "终止位置", NUMBER, wide=7),
)
PLACE = (
    Column("item_id", "事项编码", wide=9), Column("item_name", "事项", wide=20),
    Column("town_id", "镇街编码"), Column("town_name", "镇街", wide=9),
)
FACET = (Column("facet", "权能", WORD, wide=12),)
CAUSE = (Column("source", "日志", wide=9), Column("position", "位置", NUMBER, wide=6))
KNOWN = (
    Column("known_from", "已知自（北京时间）", INSTANT, wide=13),
    Column("known_to", "已知至（不含）", INSTANT, wide=13),
    Column("written_by", "载明位置", NUMBER, wide=6),
    Column("superseded_by", "取代位置", NUMBER, wide=6),
)

TABLES: Mapping[str, Table] = {
    "holders": Table("权力由谁行使", PLACE + FACET + HELD, pinned=True, holdings=True),
    "held_by": Table(
        "单位行使的权力",
        (*PLACE, *FACET, *HELD, Column("except_towns", "除外镇街", LIST)),
        paged=True, pinned=True, holdings=True,
    ),
    "history": Table("权力履历", PLACE + FACET + HELD + KNOWN, holdings=True),
    "prove": Table("权限连续性证明的发现", (
        Column("code", "发现", wide=14), *PLACE,
        Column("from", "自（北京时间）", INSTANT, wide=13),
        Column("to", "至（不含）", INSTANT, wide=13), Column("zh", "说明", wide=32),
        Column("event", "起因"), Column("event_id", "起因编号"), *CAUSE,
    ), _findings),
    "timeline": Table("权力沿革", (
        *PLACE, Column("mode_zh", "方式", wide=10), Column("scope", "限于", LIST, wide=12),
        Column("exclusive", "排他", YES, wide=5),
        Column("from", "自（北京时间）", INSTANT, wide=13),
        Column("to", "至（不含）", INSTANT, wide=13), Column("ended", "终止原因", wide=9),
        Column("holders", "由谁行使", LIST, wide=30), Column("instrument", "依据", wide=15),
        Column("grant_id", "授权编号"), Column("opened_by", "起因位置", NUMBER, wide=7),
        Column("closed_by", "终止位置", NUMBER, wide=7),
    ), _bars, pinned=True),
    "status": Table("存证状态", (
        Column("source", "日志", wide=9), Column("mirrored", "已存", NUMBER, wide=6),
        Column("parked", "搁置", NUMBER, wide=6), Column("first_missing", "首缺", NUMBER, wide=6),
        Column("signed", "已签", NUMBER, wide=6), Column("signature", "签名", wide=9),
        Column("root_equal", "根一致", YES, wide=6), Column("root", "根", wide=40),
    ), _by_source),
    "verify": Table("全量核验", (
        Column("source", "日志", wide=9), Column("ok", "相符", YES, wide=5),
        Column("size", "条数", NUMBER, wide=7), Column("vouched", "已签", NUMBER, wide=7),
        Column("first_bad", "首错位置", NUMBER, wide=8), Column("reason", "原因", wide=14),
        Column("root", "根", wide=40),
    ), _by_source),
    "authority_check": Table("无权限的许可决定", (
        Column("case_id", "案件", wide=20), *PLACE, Column("subitem", "子项", wide=12),
        Column("org_id", "单位编码"), Column("org_name", "决定单位", wide=18),
        Column("grant_id", "授权编号"),
        Column("decided_at", "决定时间（北京时间）", INSTANT, wide=13),
        Column("held_as_then_known", "按当时所知有权", YES, wide=10), *CAUSE,
    ), _approvals),
    "audit": Table("核查发现", (
        Column("weight", "性质", wide=8), Column("rule", "规则", wide=6), Column("code", "检查"),
        Column("zh", "说明", wide=40), *CAUSE, Column("event", "事实", wide=20),
        Column("event_id", "事实编号"), Column("programme", "实施方案"),
        Column("jurisdiction", "行政区划"),
        Column("occurred_at", "行为时间（北京时间）", INSTANT, wide=13),
        Column("recorded_at", "登记时间（北京时间）", INSTANT, wide=13),
        Column("late", "迟", YES, wide=4),
    ), asked=False),
}
QUESTIONS = tuple(name for name, table in TABLES.items() if table.asked)


def text_of(value: Any, kind: str) -> str:
    """A value as the one text that every format shows, and that is hashed.

    A word of holdings has its Chinese before it. An instant is told in China's time, to the second
    where it has one; a list by "；". Characters that steer a terminal or a cell become spaces.
    """
    if value is None:
        return ""
    if kind == INSTANT:
        return moment(str(value))
    if kind == YES:
        return "是" if value else "否"
    if kind == WORD:
        return f"{WORDS[value]} {value}" if value in WORDS else str(value)
    if kind == PAPER:
        value = "，".join(str(value[key]) for key in ("ref", "dated") if value.get(key))
    told = "；".join(map(str, value)) if kind == LIST else str(value)
    return told.translate(CONTROL)


def question_of(asked: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """What was asked: Chinese name, key, value; an instant in China's time."""
    for name, value in asked.items():
        kind = INSTANT if name in {"at", "known_at"} else WORD if name == "facet" else TEXT
        yield ASKED.get(name, ""), name, text_of(value, kind)


def moment(instant: str) -> str:
    """An ISO instant as clocks in China show it: ``2023-07-01 00:00``."""
    local = datetime.fromisoformat(instant).astimezone(SHANGHAI).replace(tzinfo=None)
    return local.isoformat(" ").removesuffix(":00")
