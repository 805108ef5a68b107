"""One forgery for each check of a case's steps, its seals and the organs behind its document."""

from typing import Any
from uuid import uuid4

from tests.forged import Forged, Place
from tests.forgeries import ANOTHER, OWN
from tests.played import MD_OWNER, MD_TOWN, ST_TOWN

NO_2 = f"SEAL2:{MD_OWNER}:{MD_TOWN}:1"


def no_such_case(forged: Forged) -> Place:
    return forged.tell(forged.place("CaseClosed", story="handled"), case_id=str(uuid4()))


def not_in_this_state(forged: Forged) -> Place:
    received = forged.place("CaseForwardReceived", story="crossing")
    return forged.add(received, after=received)


def step_left_out(forged: Forged) -> Place:
    forged.drop(forged.place("SubstantiveReviewCompleted", story="handled"))
    return forged.place("ApprovalIssued", story="handled")


def lies_elsewhere(forged: Forged) -> Place:
    forged.drop(
        forged.place("CaseForwarded", story="crossing"),
        forged.place("CaseForwardReceived", story="crossing"),
    )
    return forged.place("ApprovalIssued", story="crossing")


def opinion_missing(forged: Forged) -> Place:
    review = forged.place("SubstantiveReviewCompleted", story="on-seal")
    forged.tell(review, opinion_seal_id=None)
    return forged.place("CaseForwarded", story="on-seal")


def wrong_target(forged: Forged) -> Place:
    forged.tell(forged.place("CaseForwardReceived", story="forwarded"), by_org_id=ANOTHER)
    return forged.tell(forged.place("CaseForwarded", story="forwarded"), to_org_id=ANOTHER)


def not_the_receiver(forged: Forged) -> Place:
    received = forged.place("CaseForwardReceived", story="forwarded")
    return forged.tell(received, by_org_id=ANOTHER)


def acceptance_moved(forged: Forged) -> Place:
    return forged.tell(forged.place("CaseHandedUp"), accepted_at="2024-02-21T09:40:00+08:00")


def handed_up_in_force(forged: Forged) -> Place:
    forged.tell(forged.place("ItemRecalled"), effective_from="2024-03-01T08:00:00+08:00")
    return forged.place("CaseHandedUp")


def handed_up_elsewhere(forged: Forged) -> Place:
    return forged.tell(forged.place("CaseHandedUp"), to_org_id=ANOTHER)


def reviewed_again(forged: Forged) -> list[Place]:
    """By the department's own power, which the grant has given away; then it issues on the seal."""
    owner = forged.body(forged.place("ApprovalIssued", story="on-seal"))["actor"]["org"]
    again = forged.add(
        forged.place("SubstantiveReviewCompleted", story="on-seal"),
        after=forged.place("CaseForwardReceived", story="on-seal"), reviewer_org_id=owner,
        authority__org_id=owner, **OWN,
    )
    return [forged.by(again, owner), forged.place("ApprovalIssued", story="on-seal")]


def denied_on_merits(forged: Forged) -> Place:
    return forged.become(
        forged.place("ApprovalIssued", story="on-seal"), "ApplicationDenied", reason="不符合条件",
        legal_basis="无", document_ref="D-1", ground="merits",
    )


def approved_against_opinion(forged: Forged) -> Place:
    review = forged.place("SubstantiveReviewCompleted", story="on-seal")
    forged.tell(review, result="negative")
    return forged.place("ApprovalIssued", story="on-seal")


def returned_on_merits(forged: Forged) -> Place:
    received = forged.place("CaseForwardReceived", story="on-seal")
    forged.drop(*(
        forged.place(name, story="on-seal")
        for name in ("ApprovalIssued", "SealApplied", "DocumentDelivered", "CaseClosed")
    ))
    return forged.add(
        received, "CaseReturned", after=received, from_org_id=MD_OWNER, to_org_id=ST_TOWN,
        reason_code="not_qualified", text="不符合条件",
    )


def wrong_basis(forged: Forged) -> Place:
    return forged.tell(forged.place("ApprovalIssued", story="on-seal"), basis="full_review")


def reason_not_admitted(forged: Forged) -> Place:
    forged.drop(forged.place("AuthorityCheckFailed"))
    return forged.become(
        forged.place("CaseAccepted", story="refused"), "CaseNotAccepted",
        reason_code="apply_in_district",
    )


def not_an_instant_service(forged: Forged) -> Place:
    forged.tell(forged.place("ItemListed", item_id="ST21-05"), outcome_kind="approval")
    return forged.place("ServiceCompleted", story="print")


def decided_instant_service(forged: Forged) -> Place:
    forged.tell(forged.place("ItemListed", item_id="ST21-06"), outcome_kind="answer")
    return forged.place("ApprovalIssued", story="on-seal")


def decided_twice(forged: Forged) -> Place:
    """The same application at the town, still in hand, and at the district."""
    first = forged.body(forged.place("ApplicationSubmitted", story="direct"))["data"]
    forged.tell(
        forged.place("ApplicationSubmitted", story="both"),
        applicant_key=first["applicant_key"], subject_key=first["subject_key"],
    )
    forged.drop(*(
        forged.place(name, story="direct")
        for name in ("ApprovalIssued", "SealApplied", "DocumentDelivered", "CaseClosed")
    ))
    return forged.place("ApprovalIssued", story="both")


def delivered_unsealed(forged: Forged) -> Place:
    forged.drop(forged.place("SealApplied", story="handled"))
    return forged.place("DocumentDelivered", story="handled")


def _sealed(forged: Forged, story: str, **told: Any) -> Place:
    return forged.tell(forged.place("SealApplied", story=story), **told)


def no_such_seal(forged: Forged) -> Place:
    return _sealed(forged, "handled", seal_id="SEAL2:x")


def seal_not_in_use(forged: Forged) -> Place:
    forged.add(forged.place("SealIssued"), "SealSuspended", whole={
        "seal_id": NO_2, "reason": "失控", "from": "2023-09-01T10:30:00+08:00",
    })
    return forged.place("SealApplied", story="handled")


def seal_not_in_custody(forged: Forged) -> Place:
    forged.tell(forged.place("SealRegistered", org_id=ST_TOWN), org_id=f"{ST_TOWN}-DEPT")
    return forged.place("SealApplied", story="direct")


def seal_of_another_pair(forged: Forged) -> Place:
    forged.tell(forged.place("SealAuthorised"), department_id=ANOTHER)
    return forged.place("SealApplied", story="handled")


def wrong_seal(forged: Forged) -> Place:
    forged.tell(forged.place("SealRegistered", org_id=ST_TOWN), kind="department_seal")
    return _sealed(forged, "direct", seal_kind="department_seal")


def document_differs(forged: Forged) -> Place:
    return _sealed(forged, "handled", document_hash="0" * 64)


def user_not_responsible(forged: Forged) -> Place:
    return _sealed(forged, "handled", responsible_org_id=MD_OWNER)


def seal_no_2_outside_its_mode(forged: Forged) -> Place:
    """Where the town only accepts; the department that seals does not keep it either."""
    return _sealed(forged, "forwarded", seal_id=NO_2, seal_kind="seal_no_2")


def _approval(**told: Any) -> Any:
    return lambda forged: forged.tell(forged.place("ApprovalIssued", story="handled"), **told)


OF_CASES = {
    "R123 no-such-case": no_such_case,
    "R113 not-in-this-state": not_in_this_state,
    "R113 step-left-out": step_left_out,
    "R119 lies-elsewhere": lies_elsewhere,
    "R052 opinion-missing": opinion_missing,
    "R061 wrong-target": wrong_target,
    "R119 not-the-receiver": not_the_receiver,
    "R131 acceptance-moved": acceptance_moved,
    "R131 handed-up-in-force": handed_up_in_force,
    "R131 handed-up-elsewhere": handed_up_elsewhere,
    "R053 reviewed-again, R053 wrong-basis, R065 beside-the-grant": reviewed_again,
    "R053 denied-on-merits": denied_on_merits,
    "R052 approved-against-opinion": approved_against_opinion,
    "R053 returned-on-merits": returned_on_merits,
    "R053 wrong-basis": wrong_basis,
    "R111 reason-not-admitted": reason_not_admitted,
    "R126 not-an-instant-service": not_an_instant_service,
    "R126 decided-instant-service": decided_instant_service,
    "R112 decided-twice": decided_twice,
    "R121 delivered-unsealed": delivered_unsealed,
    "R080 no-such-seal": no_such_seal,
    "R087 seal-not-in-use": seal_not_in_use,
    "R084 seal-not-in-custody": seal_not_in_custody,
    "R082 seal-of-another-pair": seal_of_another_pair,
    "R050 wrong-seal": wrong_seal,
    "R083 document-differs": document_differs,
    "R084 user-not-responsible": user_not_responsible,
    "R083 seal-no-2-outside-its-mode, R084 seal-not-in-custody": seal_no_2_outside_its_mode,
    "R083 wrong-seal-named": _approval(seal_kind="department_seal"),
    "R058 wrong-name": _approval(in_name_of_org_id=MD_TOWN),
    "R054 wrong-liable": _approval(liable_org_id=MD_TOWN),
    "R058 wrong-acting": _approval(acting_org_id=MD_OWNER),
    "R165 wrong-responsible": _approval(responsible_org_id=MD_OWNER),
}
