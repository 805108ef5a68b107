"""Whatever is asked of a grant, an agreement, a seal or a list: what never happens."""

from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.delegation.domain import gates
from services.delegation.domain.agreement import Agreement
from services.delegation.domain.centre_rules import CentreRules
from services.delegation.domain.delegating import OnRecord
from services.delegation.domain.grant import Grant
from services.delegation.domain.seal import Seal
from services.delegation.domain.town_list import TownList
from shared.clock import end_of, start_of
from shared.refusal import Refused
from tests.histories import History
from tests.notice import notice

MUDAN, SHANTING = notice("MD2023"), notice("ST2021")
SHATU, BUREAU, JUSTICE = "MD2023-TOWN-08", "MD2023-ORG-19", "MD2023-ORG-11"
CENTRE = MUDAN.town(SHATU)["centre_id"]
CLAUSES = [
    {"key": key, "text_ref": None}
    for key in ("授权事项", "权限范围", "委托期限", "双方权利义务", "法律责任")
]
DAY_0 = date(2023, 7, 1)
SEAL_RULE = CentreRules.register(
    None, programme="MD2023", town=MUDAN.town(SHATU), kind="seal", in_force_from=date(2023, 5, 1)
)
GROUNDS = ("poor_effect", "runs_badly", "law_forbids", "term_expired", "of_my_own", None)

numbers = st.integers(0, 20)
marks = st.sampled_from((True, True, False))


def day(number: int) -> date:
    return DAY_0 + timedelta(days=number)


def hour(number: int) -> datetime:
    """Nine in the morning of a day."""
    return start_of(day(number)) + timedelta(hours=9)


def attempt(act, *args, **told) -> Refused | None:
    """Why the act was refused, or None."""
    try:
        act(*args, **told)
    except Refused as refused:
        return refused
    return None


def turns(*acts: str):
    """Random commands: what, three days, and whether it is asked for as it should be."""
    return st.lists(
        st.tuples(st.sampled_from(acts), numbers, numbers, numbers, marks),
        min_size=6, max_size=20,
    )


# Grants


def granted(programme: str, from_: int) -> Grant:
    if programme == "ST2021":
        return Grant.delegate(
            programme=SHANTING.programme, town=SHANTING.town("ST2021-TOWN-01"),
            item=SHANTING.item("ST21-04"), mode="direct", scope=[], effective_from=day(from_),
            named=None, known=OnRecord(), ordinal=0,
        )
    agreement = drafted(term_to=day(300))
    agreement.sign(
        programme=MUDAN.programme, town=MUDAN.town(SHATU), signed_on=date(2023, 6, 20),
        signatories=[BUREAU, SHATU], file_hash=None,
    )
    return Grant.delegate(
        programme=MUDAN.programme, town=MUDAN.town(SHATU), item=MUDAN.item("MD23-04"),
        mode="entrusted_handling", scope=[], effective_from=day(from_), named=None,
        known=OnRecord(agreement=agreement), ordinal=0,
    )


def on_grant(grant: Grant, rules, move) -> Refused | None:
    act, first, then, last, good = move
    named = gates.applicable(rules.programme, rules.policy(grant.mode))
    told = {
        "start": {"programme": rules.programme, "known": dict.fromkeys(named, good),
                  "at": hour(first)},
        "check_gates": {"programme": rules.programme, "known": dict.fromkeys(named, good)},
        "correct": {"programme": rules.programme, "effective_from": day(first), "reason": "r",
                    "agreement": None},
        "review_legality": {"programme": rules.programme, "kind": "devolve_forbidden",
                            "norm_rank": "law", "article": "a"},
        "propose_recall": {"programme": rules.programme, "ground": GROUNDS[first % 5],
                           "evidence_refs": ["e"] if good else [], "proposed_by": "o"},
        "hear_town": {"opinion_ref": "o"},
        "end_transition": {"assessment_result": "independent", "assessment_ref": "a",
                           "ended_on": day(first)},
        "change_scope": {"programme": rules.programme, "item": rules.item(grant.item_id) | {
            "subitems": list("abc")}, "scope": list("abc"[: 1 + first % 3]),
            "effective_from": day(then), "agreement": None, "at": hour(first)},
        "change_mode": {
            "programme": rules.programme, "town": rules.town(grant.town_id),
            "item": rules.item(grant.item_id), "mode": list(rules.programme["modes"])[1],
            "effective_from": day(then), "named": None, "transition_until": None,
            "known": OnRecord(assessed={"direct": "not_met"}),
            "failed": [] if good else ["seal"], "successor": uuid4(), "at": hour(first),
        },
        "recall": {
            "programme": rules.programme, "ground": GROUNDS[last % 6],
            "evidence_refs": ["e"] if good else [], "decided_by": None,
            "decided_on": day(min(first, then) if good else max(first, then)),
            "effective_from": day(then), "at": hour(first), "agreement": None,
        },
    }
    return attempt(getattr(grant, act), **told[act])


ON_GRANTS = turns(
    "start", "start", "check_gates", "correct", "correct", "review_legality", "propose_recall",
    "hear_town", "recall", "recall", "end_transition", "change_scope", "change_scope",
    "change_mode",
)


@pytest.mark.parametrize("programme", ["MD2023", "ST2021"])
@settings(max_examples=200, deadline=None)
@given(from_=numbers, moves=ON_GRANTS)
def test_a_refused_command_leaves_the_grant_and_a_history_replayed_is_it(programme, from_, moves):
    grant, history = granted(programme, from_), History("delegation")
    history.take(grant)
    for move in moves:
        refused = on_grant(grant, notice(programme), move)
        fresh = [type(event).__name__ for event in history.take(grant)]
        # A start that the gates stop does record which gates stood open; it is not saved.
        assert not refused or set(fresh) <= {"ImplementationGateChecked"}
        assert history.agrees_with(grant)


@pytest.mark.parametrize("programme", ["MD2023", "ST2021"])
@settings(max_examples=200, deadline=None)
@given(from_=numbers, moves=ON_GRANTS)
def test_an_ended_grant_stays_ended_at_the_instant_it_ended(programme, from_, moves):
    grant, history = granted(programme, from_), History("delegation")
    history.take(grant)
    for move in moves:
        was, ended = grant.state, grant.ended_at
        on_grant(grant, notice(programme), move)
        fresh = {type(event).__name__ for event in history.take(grant)}
        if was == "ended":
            assert (grant.state, grant.ended_at) == (was, ended)
            assert fresh <= {"GrantCorrected", "ImplementationGateChecked"}
    ends = ("ItemRecalled", "GrantModeChanged")
    assert sum(name in ends for name in history.names()) <= 1
    assert history.names().count("ItemImplementationStarted") <= 1


@pytest.mark.rule("R181")
@pytest.mark.parametrize("programme", ["MD2023", "ST2021"])
@settings(max_examples=200, deadline=None)
@given(from_=numbers, moves=ON_GRANTS)
def test_no_grant_ends_before_it_began_or_before_its_recall_was_decided(programme, from_, moves):
    grant, history = granted(programme, from_), History("delegation")
    history.take(grant)
    for move in moves:
        began = grant.effective_from
        on_grant(grant, notice(programme), move)
        for event in history.take(grant):
            name = type(event).__name__
            if name == "ItemRecalled":
                assert event.effective_from >= max(start_of(event.decided_on), began)
            if name == "ItemImplementationStarted":
                assert event.started_at >= began
            if name in ("GrantModeChanged", "GrantScopeChanged"):
                assert event.effective_from >= max(began, hour(move[1]))
            if name == "GrantCorrected":
                assert grant.ended_at is None or grant.effective_from < grant.ended_at
        assert grant.ended_at is None or grant.effective_from <= grant.ended_at


# Agreements


def drafted(*, term_to: date) -> Agreement:
    return Agreement.draft(
        programme=MUDAN.programme, kind="entrustment", department=BUREAU, town=MUDAN.town(SHATU),
        key="0", items=[MUDAN.item("MD23-04"), MUDAN.item("MD23-05")], clauses=CLAUSES,
        term_from=None, term_to=term_to, transfer_at=None,
    )


def on_agreement(agreement: Agreement, move) -> Refused | None:
    act, first, then, last, good = move
    rules = MUDAN.programme
    told = {
        "sign": {"programme": rules, "town": MUDAN.town(SHATU), "signed_on": day(first),
                 "signatories": [BUREAU, SHATU if good else CENTRE], "file_hash": None},
        "file": {"programme": rules, "recipient": JUSTICE if good else BUREAU,
                 "filed_on": day(first), "receipt_ref": "r"},
        "renew": {"signed_on": day(first), "term_from": day(then), "term_to": day(then + last)},
        "amend": {"programme": rules, "items": [MUDAN.item("MD23-04")], "file_hash": None,
                  "clauses": [] if good else CLAUSES[1:], "amended_on": day(first)},
        "drop": {"item": "MD23-04" if good else "MD23-05", "on": day(first)},
        "terminate": {"reason": "r", "terminated_on": day(first),
                      "in_use": [] if good and last > 15 else ["MD23-04"]},
        "warn": {"now": hour(first), "notice_days": then},
        "expire": {"now": hour(first)},
    }
    return attempt(getattr(agreement, act), **told[act])


ON_AGREEMENTS = turns(
    "sign", "sign", "sign", "file", "renew", "renew", "amend", "drop", "terminate", "warn", "expire"
)


@settings(max_examples=300, deadline=None)
@given(term=numbers, moves=ON_AGREEMENTS)
def test_an_agreement_is_signed_once_and_ends_once(term, moves):
    agreement, history = drafted(term_to=day(term)), History("delegation")
    history.take(agreement)
    for move in moves:
        was = agreement.state
        refused = on_agreement(agreement, move)
        fresh = history.take(agreement)
        assert not (refused and fresh)
        assert not (was in ("expired", "terminated") and fresh)
        assert history.agrees_with(agreement)
    assert history.names().count("AgreementSigned") <= 1
    ends = ("AgreementExpired", "AgreementTerminated")
    assert sum(name in ends for name in history.names()) <= 1


@pytest.mark.rule("R075")
@settings(max_examples=300, deadline=None)
@given(term=numbers, moves=ON_AGREEMENTS)
def test_a_term_only_grows_is_announced_once_and_is_kept_to_its_last_day(term, moves):
    agreement, history = drafted(term_to=day(term)), History("delegation")
    history.take(agreement)
    announced = set()
    for move in moves:
        before = agreement.term_to
        on_agreement(agreement, move)
        for event in history.take(agreement):
            name = type(event).__name__
            if name == "AgreementRenewed":
                assert event.term_from <= before + timedelta(days=1) <= event.term_to
                assert event.signed_on <= before
            if name == "AgreementExpiring":
                assert event.term_to not in announced
                announced.add(event.term_to)
            if name == "AgreementExpired":
                assert event.expired_at == end_of(before)
                assert hour(move[1]) >= event.expired_at


# Seals

# From which state to which; MODEL 3, R080 to R088.
PASSES = {
    ("authorised", "engraved"), ("engraved", "in_use"), ("in_use", "suspended"),
    ("in_use", "lost"), ("in_use", "retired"), ("suspended", "in_use"), ("suspended", "retired"),
    ("suspended", "returned"), ("suspended", "destroyed"), ("returned", "destroyed"),
}


def on_seal(seal: Seal, move) -> Refused | None:
    act, first, _, _, good = move
    told = {
        "engrave": {"district": "菏泽市牡丹区", "town_name": "沙土镇",
                    "department_names": ["区行政审批服务局"],
                    "text": "行政审批服务局审批专用章（沙土镇）" if good else "沙土镇",
                    "engraved_on": day(first)},
        "issue": {"programme": MUDAN.programme, "town": MUDAN.town(SHATU),
                  "rules": SEAL_RULE, "custodian": CENTRE if good else SHATU,
                  "issued_on": day(first)},
        "suspend": {"reason": "r", "since": hour(first)},
        "return_": {"returned_to": BUREAU if good else SHATU, "department": BUREAU,
                    "on": day(first)},
        "destroy": {"on": day(first), "witness": "w"},
        "lose": {"reported_at": hour(first)},
        "retire": {"on": day(first), "reason": "r"},
    }
    return attempt(getattr(seal, act), **told[act])


def authorised() -> Seal:
    return Seal.authorise(
        programme=MUDAN.programme, department=MUDAN.organ(BUREAU), town=MUDAN.town(SHATU),
        ordinal=1, authorised_by="MD2023-ORG-02", instrument_ref="i",
    )


def registered() -> Seal:
    return Seal.register(kind="town_approval_seal", org=BUREAU, ordinal=1)


@pytest.mark.rule("R087")
@pytest.mark.parametrize("made", [authorised, registered])
@settings(max_examples=250, deadline=None)
@given(moves=turns(
    "engrave", "engrave", "issue", "issue", "issue", "suspend", "suspend", "return_", "destroy",
    "lose", "retire",
))
def test_a_seal_given_back_destroyed_lost_or_retired_is_never_in_use_again(made, moves):
    seal, history = made(), History("delegation")
    history.take(seal)
    for move in moves:
        was = seal.state
        refused = on_seal(seal, move)
        fresh = history.take(seal)
        assert not (refused and fresh)
        assert (was, seal.state) in PASSES if fresh else was == seal.state
        assert history.agrees_with(seal)


# Lists


def entry(item: str, scope=()) -> dict:
    row = MUDAN.item(item)
    return {
        "item_id": item, "scope": list(scope), "mode": "entrusted_handling",
        "power_type": row["power_type"], "granting_org_id": row["granting_org_id"],
        "supervising_org_id": row["supervising_org_id"], "outside_catalogue": False,
        "override_reason": None,
    }


ITEMS = ("MD23-04", "MD23-05", "MD23-12")


def on_list(known: TownList | None, move) -> TownList | None:
    act, first, then, _, good = move
    town, government = MUDAN.town(SHATU), MUDAN.organ("MD2023-ORG-02")
    approver = government if good else MUDAN.organ("MD2023-ORG-01")
    chosen = [item for bit, item in enumerate(ITEMS) if (first + 1) >> bit & 1]
    rows = [entry(item) for item in chosen]
    if act == "draft":
        return TownList.draft(
            known, programme=MUDAN.programme, town=town, entries=rows, not_docked=[],
            replaces=known.current if known and good else then % (known.last + 2) or None
            if known else None,
        )
    if known is None:
        return None
    listed = [row["item_id"] for row in known.entries]
    told = {
        "approve": {"programme": MUDAN.programme, "town": town, "surveyed": True,
                    "approved_by": approver, "decision_ref": "d", "approved_on": day(first)},
        "revise": {"programme": MUDAN.programme, "town": town, "approved_by": approver,
                   "entries": rows, "reason": "r"},
        "strike": {"item": ITEMS[first % 3], "reason": "r"},
        "compile": {"items": listed if good else chosen},
        "file": {"recipient": JUSTICE if good else "x", "recipients": [JUSTICE],
                 "receipt_ref": "r", "filed_on": day(first)},
        "publish": {"programme": MUDAN.programme, "recipients": {JUSTICE: "司法局"},
                    "channel": "portal", "url": None, "published_at": hour(then)},
    }
    getattr(known, act)(**told[act])
    return known


@pytest.mark.rule("R021")
@settings(max_examples=300, deadline=None)
@given(moves=turns(
    "draft", "draft", "approve", "approve", "revise", "strike", "compile", "compile", "file",
    "publish",
))
def test_a_town_has_one_current_list_and_each_new_one_replaces_it(moves):
    known, history = None, History("delegation")
    current, replaces, compiled = None, {}, None
    for move in moves:
        try:
            known = on_list(known, move) or known
            refused = False
        except Refused:
            refused = True
        fresh = history.take(known) if known else []
        assert not (refused and fresh)
        for event in fresh:
            name = type(event).__name__
            if name in ("TownListDrafted", "PreliminaryListDrawn"):
                assert event.version not in replaces
                replaces[event.version] = event.replaces
            elif name in ("TownListApproved", "TownListRevised"):
                replaced = getattr(event, "replaces", replaces.get(event.version))
                assert current is None or (replaced == current and event.version > current)
                current, compiled = event.version, None
                replaces[event.version] = replaced
            else:
                assert event.version == current
                assert name == "TownCatalogueCompiled" or compiled == current
                compiled = current
        assert known is None or known.current == current
        assert known is None or history.agrees_with(known)
