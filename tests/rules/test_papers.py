"""Agreements and lists as files: what stands there is recorded: R013, R021, R070 to R075."""

from base64 import b64decode
from io import BytesIO
from uuid import uuid4

import pytest
from docx import Document

from shared.refusal import Refused
from tests.delegating import BUREAU, CLAUSES, county, one_county  # noqa: F401 - the fixtures

SHATU = "MD2023-TOWN-08"
XIJI = "ST2021-TOWN-01"
UNIT = "GZ2020-UNIT-15"
FORMER = "GZ2020-UNIT-15-ORG-01"
BLANK = "　　　　年　　月　　日"


def lines(county, door, **asked):
    """Every line of the file, and every row of its tables, in their order."""
    body = Document(BytesIO(b64decode(county.ask("delegation", door, asked)["docx"])))
    found = []
    for block in body.iter_inner_content():
        rows = getattr(block, "rows", None)
        found += [block.text] if rows is None else [
            " | ".join(cell.text.replace("\n", "") for cell in row.cells) for row in rows
        ]
    return [line for line in found if line.strip()]


def drafted(county, **more):
    return county.told("draft_agreement", {
        "programme": "MD2023", "kind": "entrustment", "department": BUREAU, "town": SHATU,
        "items": ["MD23-04"], "clauses": [{"key": key} for key in CLAUSES],
    } | more)["stream"]


@pytest.mark.rule("R070")
def test_an_entrustment_agreement_says_who_entrusts_what_to_whom_and_until_when(county):
    agreement = county.agreed(["MD23-04", "MD23-13"])

    text = lines(county, "agreement_paper", agreement=agreement)

    assert text == [
        "委托协议",
        "委托方：区行政审批服务局",
        "受托方：沙土镇",
        "依据：《牡丹区全面向镇街赋权推进政务服务“县乡通办”改革实施方案》（菏区政发〔2023〕2号）",
        "第一条　授权事项",
        "序号 | 事项 | 权力类型 | 赋权方式",
        "1 | 食品经营许可 | 行政许可 | 委托办理",
        "2 | 蚕种生产经营许可 | 行政许可 | 委托办理",
        "第二条　权限范围",
        "序号 | 事项 | 子项 | 不含",
        "1 | 食品经营许可 | 全部 | ",
        "2 | 蚕种生产经营许可 | 全部 | ",
        "第三条　委托期限",
        "自2023年7月1日起，至2024年6月30日止。",
        "第四条　双方权利义务",
        "第五条　法律责任",
        "备案机关：区司法局",
        f"备案日期：{BLANK}",
        "委托方（盖章）：区行政审批服务局 | 受托方（盖章）：沙土镇",
        "代表（签字）： | 代表（签字）：",
        "2023年6月20日 | 2023年6月20日",
    ]


@pytest.mark.rule("R072")
def test_an_acceptance_agreement_has_the_notices_six_articles_and_the_texts_given_for_them(county):
    agreement = drafted(
        county, kind="acceptance", items=["MD23-07"],
        clauses=[{"key": "受审转报机制", "text_ref": "受审转报机制见附件一"}],
    )

    text = lines(county, "agreement_paper", agreement=agreement)

    assert [line for line in text if line.startswith("第")] == [
        "第一条　授权事项", "第二条　权限范围", "第三条　委托期限", "第四条　受审转报机制",
        "第五条　双方权利义务", "第六条　法律责任",
    ]
    assert text[text.index("第四条　受审转报机制") + 1] == "受审转报机制见附件一"
    assert f"自{BLANK}起，至{BLANK}止。" in text
    assert "备案机关：区司法局" not in text


@pytest.mark.rule("R072")
def test_a_clause_beyond_those_of_the_notice_is_an_article_after_them(county):
    agreement = drafted(county, clauses=[{"key": "争议解决", "text_ref": "协商"}])

    text = lines(county, "agreement_paper", agreement=agreement)

    assert text[text.index("第六条　争议解决") + 1] == "协商"


@pytest.mark.rule("R073")
def test_in_shangrao_the_agreement_has_an_article_for_the_duties_of_each_side(county):
    agreement = drafted(
        county, programme="SR2020", kind="takeover", department="SR2020-ORG-10",
        town="SR2020-TOWN-01", items=["SR20-040"], clauses=[],
    )

    text = lines(county, "agreement_paper", agreement=agreement)

    assert text[0] == "赋权承接工作协议书"
    assert [line for line in text if line.startswith("第")] == [
        "第一条　县直部门的权力、责任", "第二条　事项承接乡镇（街道）的权力、责任",
    ]


@pytest.mark.rule("R074")
def test_a_transfer_agreement_names_one_item_and_the_time_at_which_it_moves(county):
    agreement = drafted(
        county, programme="GZ2020", kind="transfer", department=FORMER, town=UNIT,
        items=["GZ20-001"], clauses=[], transfer_at="2021-04-20T00:00:00+08:00",
    )

    text = lines(county, "agreement_paper", agreement=agreement)

    assert "1 | 会昌县试点方案划转事项之第1项 | 行政许可 | 划转" in text
    assert text[text.index("第二条　划转时间") + 1] == "2021年4月20日0时。"
    assert [line[4:] for line in text if line.startswith("第")] == [
        "划转事项", "划转时间", "权责划分", "系统设备", "档案管理",
    ]


@pytest.mark.rule("R075")
def test_after_a_renewal_the_paper_has_the_new_end_of_the_term(county):
    agreement = county.agreed(["MD23-04"])
    county.told("renew_agreement", {
        "programme": "MD2023", "agreement": agreement, "signed_on": "2024-06-20",
        "term_from": "2024-07-01", "term_to": "2025-06-30",
    }, "2024-06-20T09:00:00+08:00")

    assert "自2023年7月1日起，至2025年6月30日止。" in lines(
        county, "agreement_paper", agreement=agreement
    )


@pytest.mark.rule("R071")
def test_after_the_filing_the_paper_has_its_day(county):
    agreement = county.agreed(["MD23-04"])
    county.told("file_agreement", {
        "programme": "MD2023", "agreement": agreement, "recipient": "MD2023-ORG-11",
        "filed_on": "2023-06-25", "receipt_ref": "备案-31",
    })

    assert "备案日期：2023年6月25日" in lines(county, "agreement_paper", agreement=agreement)


def test_there_is_no_paper_of_an_agreement_that_is_not_there(county):
    with pytest.raises(Refused) as refused:
        county.ask("delegation", "agreement_paper", {"agreement": str(uuid4())})

    assert refused.value.code == "delegation.unknown-agreement"


def listed(county, *entries):
    county.told("draft_list", {"programme": "MD2023", "town": SHATU, "entries": list(entries)})
    county.told("approve_list", {
        "programme": "MD2023", "town": SHATU, "approved_by": "MD2023-ORG-02",
        "decision_ref": "菏区政字〔2023〕15号", "approved_on": "2023-06-01",
    })


@pytest.mark.rule("R021")
def test_a_towns_list_has_its_columns_and_the_decision_it_rests_on(county):
    listed(
        county, {"item": "MD23-04", "mode": "entrusted_handling"},
        {"item": "MD23-36", "mode": "entrusted_acceptance"},
    )

    text = lines(county, "list_paper", town=SHATU)

    assert text == [
        "沙土镇赋权事项清单",
        "（第1版，共2项）",
        "依据：《牡丹区全面向镇街赋权推进政务服务“县乡通办”改革实施方案》（菏区政发〔2023〕2号）",
        "审定：菏泽市牡丹区人民政府　菏区政字〔2023〕15号　2023年6月1日",
        "序号 | 事项 | 权力类型 | 赋权方式 | 赋权部门 | 监管部门 | 子项",
        "1 | 食品经营许可 | 行政许可 | 委托办理 | 区行政审批服务局 | 区市场监督管理局 | 全部",
        "2 | 残疾人证办理 | 行政确认 | 委托受理 | 区残联 | 区残联 | 全部",
    ]


@pytest.mark.rule("R183")
def test_a_revised_list_says_why_and_the_earlier_one_can_still_be_printed(county):
    listed(county, {"item": "MD23-04", "mode": "entrusted_handling"})
    county.told("strike_from_list", {
        "programme": "MD2023", "town": SHATU, "item": "MD23-04", "reason": "poor_effect",
    }, "2024-02-28T15:00:00+08:00")

    now = lines(county, "list_paper", town=SHATU)
    before = lines(county, "list_paper", town=SHATU, on="2024-02-27")

    assert (now[1], now[3]) == ("（第2版，共0项）", "调整：效果不好　2024年2月28日")
    assert before[1] == "（第1版，共1项）"


@pytest.mark.rule("R022")
def test_an_item_outside_the_catalogue_is_printed_by_its_code(county):
    listed(county, {
        "item": "MD-增补-1", "mode": "entrusted_acceptance", "override_reason": "群众需求",
        "power_type": "公共服务", "granting_org": BUREAU, "supervising_org": "MD2023-ORG-16",
    })

    assert lines(county, "list_paper", town=SHATU)[-1] == (
        "1 | MD-增补-1 | 公共服务 | 委托受理 | 区行政审批服务局 | 区农业农村局 | 全部"
    )


def test_a_town_without_a_list_has_no_paper_of_it(county):
    with pytest.raises(Refused) as refused:
        county.ask("delegation", "list_paper", {"town": XIJI})

    assert refused.value.code == "delegation.no-current-list"
