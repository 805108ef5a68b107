"""One forgery for each check of an act's authority: what is wrong, and where it must be found."""

from typing import Any
from uuid import uuid4

from tests.forged import Forged, Place
from tests.played import CENTRE, MD_OWNER, MD_TOWN, PRINT

ANOTHER = "MD2023-ORG-18"
OWN: dict[str, Any] = {
    "authority__grant_id": None, "authority__grant_position": None, "authority__mode": None,
    "authority__instrument": None, "authority__capacity": "own",
}


def grant_of(forged: Forged, item: str) -> Place:
    return forged.place("ItemDelegated", item_id=item)


def no_such_grant(forged: Forged) -> Place:
    approval = forged.place("ApprovalIssued", story="handled")
    return forged.tell(approval, authority__grant_id=str(uuid4()))


def grant_of_another_matter(forged: Forged) -> Place:
    other = grant_of(forged, "MD23-04")
    return forged.tell(
        forged.place("ApprovalIssued", story="handled"), authority__grant_position=other[1],
        authority__grant_id=forged.body(other)["data"]["grant_id"],
    )


def pinned_wrongly(forged: Forged) -> Place:
    return forged.tell(
        forged.place("ApprovalIssued", story="handled"), authority__grant_position=0
    )


def before_effect(forged: Forged) -> Place:
    """The grant is corrected to begin after the acceptance and before the review."""
    grant = grant_of(forged, "MD23-12")
    forged.add(grant, "GrantCorrected", at="2023-10-01T01:00:00+00:00", whole={
        "grant_id": forged.body(grant)["data"]["grant_id"], "field": "effective_from",
        "old": "2023-07-01T00:00:00+08:00", "new": "2023-09-01T09:50:00+08:00", "reason": "误录",
    })
    return forged.place("CaseAccepted", story="handled")


def _reviewed_late(forged: Forged) -> Place:
    return forged.at(
        forged.place("SubstantiveReviewCompleted", story="in-hand"), "2024-03-01T00:00:00+08:00"
    )


def after_recall(forged: Forged) -> Place:
    return _reviewed_late(forged)


def after_expiry(forged: Forged) -> Place:
    forged.tell(forged.place("ItemRecalled"), ground="term_expired")
    return _reviewed_late(forged)


def after_mode_change(forged: Forged) -> Place:
    forged.become(
        forged.place("ItemRecalled"), "GrantModeChanged", successor_grant_id=str(uuid4()),
        from_mode="entrusted_handling", to_mode="entrusted_acceptance", agreement_id=None,
        transition_until=None,
    )
    return _reviewed_late(forged)


def before_start(forged: Forged) -> Place:
    grant = forged.body(grant_of(forged, "MD23-12"))["data"]["grant_id"]
    forged.tell(
        forged.place("ItemImplementationStarted", grant_id=grant),
        started_at="2023-09-01T09:50:00+08:00",
    )
    return forged.place("CaseAccepted", story="handled")


def under_legality_review(forged: Forged) -> Place:
    grant = grant_of(forged, "MD23-12")
    forged.add(
        grant, "LegalityReviewOpened", at="2024-02-20T09:50:00+08:00", constraint_item="MD23-12",
        constraint_kind="entrust_forbidden", article="第八条",
    )
    return forged.place("SubstantiveReviewCompleted", story="in-hand")


def outside_scope(forged: Forged) -> Place:
    grant = grant_of(forged, "ST21-05")
    forged.add(
        grant, "GrantScopeChanged", at="2021-09-05T09:45:00+08:00", in_flight_policy="hand_up",
        effective_from="2021-09-05T09:50:00+08:00", scope_before=[PRINT],
        scope_after=["待遇领取证明查询打印"],
    )
    return forged.place("ServiceCompleted", story="print")


def not_held(forged: Forged) -> Place:
    for row in forged.body(grant_of(forged, "MD23-12"))["data"]["facets"]:
        if (row["facet"], row["cross_town"]) == ("decide", "no"):
            row["org_id"] = MD_TOWN
    return forged.place("ApprovalIssued", story="handled")


def capacity_differs(forged: Forged) -> Place:
    return forged.tell(forged.place("CaseAccepted", story="handled"), authority__capacity="own")


def reserved_across_towns(forged: Forged) -> Place:
    """Before the town denies, the matter is found to cross towns."""
    review = forged.place("SubstantiveReviewCompleted", story="denied")
    forged.add(
        review, "CrossTownDetected", after=review, town_ids=[MD_TOWN, "MD2023-TOWN-17"]
    )
    return forged.place("ApplicationDenied", story="denied")


def _accepted_by(forged: Forged, story: str, org: str, **told: Any) -> Place:
    accepted = forged.by(forged.place("CaseAccepted", story=story), org)
    return forged.tell(accepted, accepted_by_org_id=org, authority__org_id=org, **told)


def not_its_own(forged: Forged) -> Place:
    return _accepted_by(forged, "at-district", ANOTHER)


def power_transferred(forged: Forged) -> Place:
    former = forged.body(forged.place("PowerTransferred"))["data"]["from_org_id"]
    return _accepted_by(forged, "bureau", former, grant_id=None, **OWN)


def beside_the_grant(forged: Forged) -> Place:
    return forged.tell(forged.place("SubstantiveReviewCompleted", story="forwarded"), **OWN)


def zone_committee_acted(forged: Forged) -> Place:
    forged.tell(forged.place("DepartmentRegistered", org_id=ANOTHER), kind="zone_committee")
    return _accepted_by(forged, "at-district", ANOTHER)


def held_elsewhere(forged: Forged) -> Place:
    forged.add(forged.place("CentreRegistered"), "StationRegistered", station_id="S-1", services=[])
    return _accepted_by(forged, "at-district", "S-1")


def wrong_facet(forged: Forged) -> Place:
    return forged.tell(
        forged.place("PreliminaryReviewCompleted", story="forwarded"), authority__facet="accept"
    )


def organ_differs(forged: Forged) -> Place:
    return forged.by(forged.place("SubstantiveReviewCompleted", story="handled"), MD_TOWN)


def agreement_not_signed(forged: Forged) -> Place:
    """A correction lets the grant begin, and the town act, before the agreement's term."""
    grant = grant_of(forged, "MD23-12")
    id_ = forged.body(grant)["data"]["grant_id"]
    forged.add(grant, "GrantCorrected", after=grant, whole={
        "grant_id": id_, "field": "effective_from", "old": "2023-07-01T00:00:00+08:00",
        "new": "2023-06-01T00:00:00+08:00", "reason": "误录",
    })
    forged.tell(
        forged.place("ItemImplementationStarted", grant_id=id_),
        started_at="2023-06-10T09:00:00+08:00",
    )
    early = "2023-06-25T09:40:00+08:00"
    accepted = forged.place("CaseAccepted", story="handled")
    return forged.tell(forged.at(accepted, early), accepted_at=early)


def agreement_expired(forged: Forged) -> Place:
    late = "2024-07-02T09:00:00+08:00"
    denied = forged.place("ApplicationDenied", story="denied")
    return forged.tell(forged.at(denied, late), decided_at=late)


def agreement_ended(forged: Forged) -> Place:
    signed = forged.place("AgreementSigned", kind="entrustment")
    forged.add(
        signed, "AgreementAmended", at="2023-09-10T09:00:00+08:00", amended_on="2023-09-10",
        item_ids=["MD23-12", "MD23-21"], clauses=[],
    )
    late = "2023-09-20T09:00:00+08:00"
    denied = forged.place("ApplicationDenied", story="denied")
    return forged.tell(forged.at(denied, late), decided_at=late)


def window_not_open(forged: Forged) -> Place:
    forged.tell(forged.place("WindowOpened", town_id=MD_TOWN), opened_on="2023-09-06")
    return forged.place("CaseAccepted", story="forwarded")


def no_equal_acceptance(forged: Forged) -> Place:
    forged.tell(
        forged.place("ProgrammeRegistered", programme_id="ST2021"),
        settings__equal_acceptance=None,
    )
    return forged.place("CaseAccepted", story="both")


def excluded_matter(forged: Forged) -> Place:
    forged.tell(forged.place("ItemScopeDefined", item_id="ST21-05"), exclusions=[PRINT])
    return forged.place("CaseAccepted", story="print")


def contractor_acted(forged: Forged) -> Place:
    forged.add(forged.place("SealIssued"), "OperatorAssigned", whole={
        "operator_id": "op-9", "employer_org_id": ANOTHER, "acting_org_id": CENTRE,
        "contract_kind": "contractor", "from": "2023-09-01", "to": "2023-09-30",
    })
    review = forged.place("PreliminaryReviewCompleted", story="forwarded")
    return forged.by(review, operator="op-9")


def seconded_officer_acted(forged: Forged) -> Place:
    forged.add(forged.place("SealIssued"), "SecondmentStarted", whole={
        "operator_id": "op-9", "direction": "down", "from_org_id": MD_OWNER,
        "to_org_id": MD_TOWN, "item_ids": [], "from": "2023-09-01",
    })
    review = forged.place("SubstantiveReviewCompleted", story="handled")
    return forged.by(review, operator="op-9")


def same_person(forged: Forged) -> Place:
    forged.tell(
        forged.place("ProgrammeRegistered", programme_id="GZ2020"),
        settings__separate_acceptor_approver=True,
    )
    return forged.place("ApprovalIssued", story="bureau")


def instant_differs(forged: Forged) -> Place:
    accepted = forged.place("CaseAccepted", story="handled")
    return forged.tell(accepted, accepted_at="2023-08-31T09:00:00+08:00")


BY_AUTHORITY = {
    "R131 no-such-grant": no_such_grant,
    "R113 grant-of-another-matter": grant_of_another_matter,
    "R131 pinned-wrongly": pinned_wrongly,
    "R065 before-effect": before_effect,
    "R131 after-recall": after_recall,
    "R075 after-expiry": after_expiry,
    "R184 after-mode-change": after_mode_change,
    "R091 before-start": before_start,
    "R046 under-legality-review": under_legality_review,
    "R013 outside-scope": outside_scope,
    "R065 not-held": not_held,
    "R065 capacity-differs": capacity_differs,
    "R066 reserved-across-towns": reserved_across_towns,
    "R060 not-its-own": not_its_own,
    "R064 power-transferred": power_transferred,
    "R065 beside-the-grant": beside_the_grant,
    "R005 zone-committee-acted": zone_committee_acted,
    "R059 held-elsewhere": held_elsewhere,
    "R065 wrong-facet": wrong_facet,
    "R165 organ-differs": organ_differs,
    "R070 agreement-not-signed": agreement_not_signed,
    "R075 agreement-expired": agreement_expired,
    "R182 agreement-ended": agreement_ended,
    "R068 window-not-open": window_not_open,
    "R110 no-equal-acceptance": no_equal_acceptance,
    "R014 excluded-matter": excluded_matter,
    "R097 contractor-acted": contractor_acted,
    "R094 seconded-officer-acted": seconded_officer_acted,
    "R121 same-person": same_person,
    "R131 instant-differs": instant_differs,
}
