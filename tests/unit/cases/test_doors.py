"""Each door four times: done, refused, seen before, wrong version."""

from uuid import UUID, uuid4

import pytest

from shared.refusal import Refused
from tests.county import county  # noqa: F401 - the fixture

AT = "2023-09-01T09:00:00+08:00"
LATE = "2023-10-01T09:00:00+08:00"
TOWN = "MD2023-TOWN-08"
CENTRE = f"{TOWN}-CENTRE"
BUREAU = "MD2023-ORG-19"
STATION = "MD2023-STATION-1"
REVIEW = ("review", CENTRE, {"result": "positive", "opinion_ref": "op-1"})
DENY = {"reason": "r", "legal_basis": "l", "document_ref": "d", "ground": "merits"}
NOTICE = {"items": ["章程"], "document_ref": "n-1"}
NOT_ACCEPT = {"reason_code": "outside_scope", "legal_basis": "l", "document_ref": "d"}
ACCEPT = ("accept", CENTRE, {})
PRELIMINARY = ("preliminary_review", CENTRE, {"result": "ok"})
FORWARD = ("forward", CENTRE, {"to": BUREAU})
SEAL = ("seal", CENTRE, {"seal": f"{BUREAU}/{TOWN}", "document_hash": "d1"})
APPROVED = (ACCEPT, REVIEW, ("approve", CENTRE, {}))

# item, what went before, the act, what it records, an organ that is refused, the refusal.
HANDLED, RECEIVED, PRINTED = "MD23-04", "MD23-30", "MD23-50"
DOORS = {
    "notify_deficiency": (
        HANDLED, (), ("notify_deficiency", CENTRE, NOTICE),
        ["cases.MaterialsDeficiencyNotified"], STATION, "cases.not-the-organ-addressed",
    ),
    "accept": (
        HANDLED, (), ACCEPT, ["cases.CaseAccepted"], STATION, "cases.facet-not-delegated",
    ),
    "not_accept": (
        HANDLED, (), ("not_accept", CENTRE, NOT_ACCEPT), ["cases.CaseNotAccepted"], STATION,
        "cases.not-the-organ-addressed",
    ),
    "detect_cross_town": (
        HANDLED, (ACCEPT,), ("detect_cross_town", CENTRE, {"town": "MD2023-TOWN-09"}),
        ["cases.CrossTownDetected"], STATION, "cases.not-a-party",
    ),
    "preliminary_review": (
        RECEIVED, (ACCEPT,), PRELIMINARY, ["cases.PreliminaryReviewCompleted"], STATION,
        "cases.facet-not-delegated",
    ),
    "review": (
        HANDLED, (ACCEPT,), REVIEW, ["cases.SubstantiveReviewCompleted"], STATION,
        "cases.facet-not-delegated",
    ),
    "forward": (
        RECEIVED, (ACCEPT, PRELIMINARY), FORWARD, ["cases.CaseForwarded"], STATION,
        "cases.facet-not-delegated",
    ),
    "receive": (
        RECEIVED, (ACCEPT, PRELIMINARY, FORWARD), ("receive", BUREAU, {}),
        ["cases.CaseForwardReceived"], CENTRE, "cases.not-the-receiver",
    ),
    "return_case": (
        RECEIVED, (ACCEPT, PRELIMINARY, FORWARD, ("receive", BUREAU, {})),
        ("return_case", BUREAU, {"reason_code": "incomplete", "text": "缺页"}),
        ["cases.CaseReturned"], CENTRE, "cases.not-the-receiver",
    ),
    "approve": (
        HANDLED, (ACCEPT, REVIEW), ("approve", CENTRE, {}), ["cases.ApprovalIssued"], STATION,
        "cases.decision-not-delegated",
    ),
    "deny": (
        HANDLED, (ACCEPT, REVIEW), ("deny", CENTRE, DENY), ["cases.ApplicationDenied"], STATION,
        "cases.decision-not-delegated",
    ),
    "complete": (
        PRINTED, (ACCEPT,), ("complete", CENTRE, {"outcome_kind": "record"}),
        ["cases.ServiceCompleted"], STATION, "cases.facet-not-delegated",
    ),
    "seal": (
        HANDLED, APPROVED, SEAL, ["cases.SealApplied"], STATION,
        "cases.seal-user-not-authorised",
    ),
    "deliver": (
        HANDLED, (*APPROVED, SEAL), ("deliver", CENTRE, {"document_hash": "d1"}),
        ["cases.DocumentDelivered"], STATION, "cases.not-a-party",
    ),
    "close": (
        HANDLED, (*APPROVED, SEAL, ("deliver", CENTRE, {"document_hash": "d1"})),
        ("close", CENTRE, {}), ["cases.CaseClosed"], STATION, "cases.not-a-party",
    ),
}
MODES = {
    HANDLED: "entrusted_handling", RECEIVED: "entrusted_acceptance", PRINTED: "entrusted_handling",
}


def prepared(county, item, before):
    """A case of *item* at the centre after these acts."""
    county.granted(item, TOWN, MODES[item])
    county.seal_no_2(BUREAU, TOWN)
    case = county.filed(item, CENTRE, at=AT)
    for door, org, fields in before:
        county.act(door, case, org, at=AT, **fields)
    return case


@pytest.mark.parametrize("door", DOORS)
def test_done(county, door):
    item, before, (_, org, fields), recorded, _, _ = DOORS[door]
    case = prepared(county, item, before)

    answer = county.act(door, case, org, at=AT, **fields)

    assert answer["events"] == recorded


@pytest.mark.parametrize("door", DOORS)
def test_refused(county, door):
    item, before, (_, _, fields), _, stranger, code = DOORS[door]
    case = prepared(county, item, before)

    with pytest.raises(Refused) as refused:
        county.act(door, case, stranger, at=AT, **fields)

    assert refused.value.code == code
    assert refused.value.zh != code


@pytest.mark.parametrize("door", DOORS)
def test_seen_before(county, door):
    item, before, (_, org, fields), _, _, _ = DOORS[door]
    case = prepared(county, item, before)
    command = uuid4()
    first = county.act(door, case, org, at=AT, command=command, **fields)

    assert county.act(door, case, org, at=AT, command=command, **fields) == first
    with pytest.raises(Refused) as refused:
        county.act(door, str(uuid4()), org, at=AT, command=command, **fields)
    assert refused.value.code == "log.command-id-reused"


@pytest.mark.parametrize("door", DOORS)
def test_wrong_version(county, door):
    item, before, (_, org, fields), _, _, _ = DOORS[door]
    case = prepared(county, item, before)

    with pytest.raises(Refused) as refused:
        county.act(door, case, org, at=AT, expected=99, **fields)

    assert refused.value.code == "log.stale-version"


SUBMITTED = {
    "item": "MD23-04", "applicant_ref": "r", "applicant_key": "a", "subject_key": "s",
    "towns_concerned": [], "channel": "station", "chosen_org": CENTRE,
}


def test_submit_done(county):
    case = str(uuid4())

    answer = county.act("submit", case, STATION, at=AT, **SUBMITTED)

    assert answer == {"stream": case, "version": 1, "events": ["cases.ApplicationSubmitted"]}
    assert county.fact_of(case, "ApplicationSubmitted")["town_id"] == TOWN


@pytest.mark.parametrize(("wrong", "code"), [
    ({"item": "MD23-99"}, "register.unknown-item"),
    ({"chosen_org": "MD2023-ORG-99"}, "register.unknown-organ"),
    ({"town": "ST2021-TOWN-01"}, "register.unknown-town"),
    ({"towns_concerned": [TOWN, "MD2023-TOWN-99"]}, "register.unknown-town"),
])
def test_submit_refused_for_what_nobody_registered(county, wrong, code):
    with pytest.raises(Refused) as refused:
        county.act("submit", str(uuid4()), STATION, at=AT, **SUBMITTED | wrong)

    assert refused.value.code == code


def test_submit_refused_for_a_case_that_exists(county):
    case = county.filed("MD23-04", CENTRE, at=AT)

    with pytest.raises(Refused) as refused:
        county.act("submit", case, STATION, at=AT, **SUBMITTED)

    assert refused.value.code == "cases.already-submitted"


def test_submit_seen_before(county):
    case, command = str(uuid4()), uuid4()
    first = county.act("submit", case, STATION, at=AT, command=command, **SUBMITTED)

    assert county.act("submit", case, STATION, at=AT, command=command, **SUBMITTED) == first


def test_submit_wrong_version(county):
    with pytest.raises(Refused) as refused:
        county.act("submit", str(uuid4()), STATION, at=AT, expected=3, **SUBMITTED)

    assert refused.value.code == "log.stale-version"


def test_supplement_is_answered_once_and_only_after_a_notice(county):
    case = county.filed("MD23-04", CENTRE, at=AT)
    with pytest.raises(Refused) as early:
        county.act("supplement", case, CENTRE, at=AT, items=["章程"])
    county.act("notify_deficiency", case, CENTRE, at=AT, **NOTICE)
    with pytest.raises(Refused) as stale:
        county.act("supplement", case, CENTRE, at=AT, items=["章程"], expected=1)
    command = uuid4()
    first = county.act("supplement", case, CENTRE, at=AT, items=["章程"], command=command)

    assert early.value.code == "cases.not-in-this-state"
    assert stale.value.code == "log.stale-version"
    assert county.act("supplement", case, CENTRE, at=AT, items=["章程"], command=command) == first


def test_withdraw_is_answered_once_and_only_before_review(county):
    case = prepared(county, HANDLED, (ACCEPT,))
    reviewed = county.accepted(HANDLED, CENTRE, at=AT, key="a-2")
    county.act(REVIEW[0], reviewed, CENTRE, at=AT, **REVIEW[2])
    with pytest.raises(Refused) as late:
        county.act("withdraw", reviewed, CENTRE, at=AT)
    with pytest.raises(Refused) as stale:
        county.act("withdraw", case, CENTRE, at=AT, expected=1)
    command = uuid4()
    first = county.act("withdraw", case, CENTRE, at=AT, command=command)

    assert late.value.code == "cases.not-in-this-state"
    assert stale.value.code == "log.stale-version"
    assert county.act("withdraw", case, CENTRE, at=AT, command=command) == first


def test_hand_up_needs_an_ended_grant_and_happens_once(county):
    case = prepared(county, HANDLED, (ACCEPT,))
    grant = county.fact_of(case, "CaseAccepted")["grant_id"]
    with pytest.raises(Refused) as early:
        county.act("hand_up", case, BUREAU, at=AT, cause="recall")
    county.recalled(grant, HANDLED, TOWN, from_=LATE, at=AT)
    county.settle()
    with pytest.raises(Refused) as stale:
        county.act("hand_up", case, BUREAU, at=LATE, cause="recall", expected=99)
    command = uuid4()
    first = county.act("hand_up", case, BUREAU, at=LATE, cause="recall", command=command)

    assert early.value.code == "cases.authority-not-ended"
    assert stale.value.code == "log.stale-version"
    assert first["events"] == ["cases.CaseHandedUp"]
    assert county.act("hand_up", case, BUREAU, at=LATE, cause="recall", command=command) == first


def test_link_duplicate_needs_the_same_application_accepted_earlier(county):
    first = prepared(county, HANDLED, (ACCEPT,))
    same = county.accepted(HANDLED, CENTRE, at=LATE)
    other = county.accepted(HANDLED, CENTRE, at=LATE, key="a-2")
    with pytest.raises(Refused) as refused:
        county.act("link_duplicate", other, BUREAU, at=LATE, duplicate_of=first)
    with pytest.raises(Refused) as stale:
        county.act("link_duplicate", same, BUREAU, at=LATE, duplicate_of=first, expected=99)
    command = uuid4()
    done = county.act("link_duplicate", same, BUREAU, at=LATE, duplicate_of=first, command=command)
    again = county.act("link_duplicate", same, BUREAU, at=LATE, duplicate_of=first, command=command)

    assert refused.value.code == "cases.no-duplicate"
    assert stale.value.code == "log.stale-version"
    assert done == again
    assert done["events"] == ["cases.DuplicateApplicationLinked"]


def test_an_act_on_an_unknown_case_is_refused(county):
    with pytest.raises(Refused) as refused:
        county.act("accept", str(UUID(int=1)), CENTRE, at=AT)

    assert refused.value.code == "cases.unknown-case"
