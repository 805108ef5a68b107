"""By which legal criterion a mode is chosen, and in which order of preference: R051, R057."""

import pytest

from shared.refusal import Refused
from tests.delegating import county, one_county  # noqa: F401 - the fixtures

LEAD, ST_TOWN = "ST2021-ORG-07", "ST2021-TOWN-05"
ZZ_OFFICE, ZZ_TOWN = "ZZ2021-UNIT-01", "ZZ2021-TOWN-03"
BY_ORGAN = {"ST2021": LEAD, "ZZ2021": ZZ_OFFICE}


def assessed(county, item, mode, answer="met", *, rejected=(), town=None, reason="附件"):
    programme = {"ST": "ST2021", "ZZ": "ZZ2021", "MD": "MD2023"}[item[:2]]
    return county.told("assess_mode", {
        "programme": programme, "item": item, "town": town, "mode": mode, "answer": answer,
        "reason": reason, "assessed_by": BY_ORGAN.get(programme, "MD2023-ORG-19"),
        "earlier_modes_rejected": [{"mode": one, "reason": reason} for one in rejected],
    })


def restricted(county, item, norm_rank):
    """A bar on devolving the item is on record."""
    county.consumers = county.everything
    county.constraints += 1
    county.do("catalog", "record_legal_constraint", {
        "programme": {"ST": "ST2021", "ZZ": "ZZ2021"}[item[:2]], "item": item,
        "kind": "devolve_forbidden", "norm_rank": norm_rank, "article": "办法第九条",
        "valid_from": f"2020-02-{county.constraints:02}",
    })
    county.settle()


def chosen(county, item):
    """The town has been visited, was offered the item, chose it and was heard (R031)."""
    where = {"programme": "ZZ2021", "town": ZZ_TOWN}
    county.told("survey_needs", where | {"outline_ref": "提纲", "visited_on": "2021-05-10"})
    owner = county.commands("delegation").register.item("ZZ2021", item)["granting_org_id"]
    county.do("catalog", "record_power_list", {
        "programme": "ZZ2021", "org": owner, "entries": [{"item": item, "status": "in_force"}],
        "from": "2021-01-01",
    })
    county.constraints += 1
    county.do("catalog", "issue_menu", {
        "programme": "ZZ2021", "menu_id": f"ZZ2021-{county.constraints}", "version": 1,
        "item_ids": [item],
        "left_out": [],
    })
    county.settle()
    county.told("claim", where | {"item": item, "claimed_on": "2021-06-01"})
    county.told("record_opinion", where | {
        "menu_version": 1, "text_ref": "意见", "handled_how": "采纳",
    })


@pytest.mark.rule("R051")
def test_a_departments_rule_stands_against_direct_devolution_in_the_citys_words(county):
    restricted(county, "ZZ21-04", "rule")

    with pytest.raises(Refused) as refused:
        assessed(county, "ZZ21-04", "direct")

    assert refused.value.code == "delegation.assessment-contradicts-law"
    assert refused.value.facts["criterion"] == "法律法规规章没有限制"


@pytest.mark.rule("R051")
def test_in_shantings_words_only_law_and_regulation_count(county):
    restricted(county, "ST21-04", "rule")

    assessed(county, "ST21-04", "direct")

    (answer,) = county.recorded("ModeAssessed")
    assert (answer.data["criterion"], answer.data["answer"]) == (
        "法律法规没有明确规定实施层级", "met",
    )


@pytest.mark.rule("R051")
def test_the_criterion_is_kept_with_its_answer_and_with_each_rejection(county):
    assessed(county, "ST21-13", "window_forward", rejected=["direct", "substantive_review"])

    (answer,) = county.recorded("ModeAssessed")
    assert answer.data["criterion"] == "不能直接下放也不能下放实质性审核权"
    assert [(row["mode"], row["criterion"]) for row in answer.data["earlier_modes_rejected"]] == [
        ("direct", "法律法规没有明确规定实施层级"), ("substantive_review", "不能直接下放"),
    ]


@pytest.mark.rule("R051")
def test_a_mode_whose_criterion_is_not_met_is_not_used(county):
    assessed(county, "ST21-04", "direct", "not_met", reason="法律规定由县级实施")

    with pytest.raises(Refused) as refused:
        county.delegated("ST21-04", ST_TOWN, "direct", "2021-08-01", "2021-07-20T09:00:00+08:00")

    assert refused.value.code == "delegation.mode-criterion-not-met"


@pytest.mark.rule("R057")
def test_in_shanting_a_window_needs_an_answer_on_substantive_review(county):
    with pytest.raises(Refused) as refused:
        assessed(county, "ST21-04", "window_forward", rejected=["direct"])

    assert refused.value.code == "delegation.earlier-mode-not-assessed"
    assert refused.value.facts["missing"] == ["substantive_review"]


@pytest.mark.rule("R057")
def test_in_zaozhuang_the_same_window_needs_no_such_answer(county):
    assessed(county, "ZZ21-09", "window_forward", rejected=["direct"])

    (answer,) = county.recorded("ModeAssessed")
    assert answer.data["answer"] == "met"


@pytest.mark.rule("R057")
def test_an_item_is_not_granted_in_a_later_mode_before_the_earlier_ones_are_answered(county):
    chosen(county, "ZZ21-06")

    with pytest.raises(Refused) as refused:
        county.delegated(
            "ZZ21-06", ZZ_TOWN, "substantive_review", "2021-07-31", "2021-07-20T09:00:00+08:00"
        )

    assert refused.value.code == "delegation.earlier-mode-not-assessed"
    assert refused.value.facts["missing"] == ["direct", "window_forward"]


@pytest.mark.rule("R057")
def test_with_the_earlier_modes_rejected_it_is_granted(county):
    chosen(county, "ZZ21-06")
    assessed(county, "ZZ21-06", "direct", "not_met", reason="法律规定由县级实施")
    assessed(county, "ZZ21-06", "substantive_review", rejected=["window_forward"], town=ZZ_TOWN)

    county.delegated(
        "ZZ21-06", ZZ_TOWN, "substantive_review", "2021-07-31", "2021-07-20T09:00:00+08:00"
    )

    assert county.recorded("ItemDelegated")[0].data["mode"] == "substantive_review"


@pytest.mark.rule("R057")
def test_where_the_notice_itself_names_the_items_mode_it_has_answered(county):
    county.delegated(
        "ST21-13", ST_TOWN, "window_forward", "2021-08-01", "2021-07-20T09:00:00+08:00"
    )

    found = county.ask("delegation", "mode_assessments", {"programme": "ST2021"})

    assert found == {"assessments": [], "unassessed": []}


@pytest.mark.rule("R057")
def test_in_mudan_a_grant_without_the_answers_is_reported_and_not_refused(county):
    county.agreed(["MD23-30"], kind="acceptance")
    grant = county.delegated(
        "MD23-30", "MD2023-TOWN-08", "entrusted_acceptance", "2023-07-01"
    )

    found = county.ask("delegation", "mode_assessments", {"programme": "MD2023"})

    assert found["unassessed"] == [{
        "grant_id": grant, "town_id": "MD2023-TOWN-08", "item_id": "MD23-30",
        "mode": "entrusted_acceptance", "missing": ["entrusted_handling"],
    }]


@pytest.mark.rule("R057")
def test_a_mode_that_does_not_come_first_is_not_rejected_as_an_earlier_one(county):
    with pytest.raises(Refused) as refused:
        assessed(county, "ZZ21-09", "window_forward", rejected=["direct", "substantive_review"])

    assert refused.value.code == "delegation.not-an-earlier-mode"
