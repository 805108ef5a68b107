"""One forgery for each check of how powers are moved, and of the record itself."""

from typing import Any
from uuid import uuid4

from tests.forged import Forged, Place
from tests.forgeries import ANOTHER
from tests.played import CENTRE, GOVERNMENT, MD_TOWN, ST_TOWN, UNIT


def _granted(forged: Forged, **told: Any) -> Place:
    """A further grant, of an item that the town does not have yet, under no agreement."""
    return forged.add(
        forged.place("ItemDelegated", item_id="MD23-07"),
        **{"item_id": "MD23-05", "grant_id": str(uuid4()), "agreement_id": None} | told,
    )


def no_instrument(forged: Forged) -> Place:
    recall = forged.place("ItemRecalled")
    forged.body(recall)["instrument"] = None
    return recall


def mode_not_in_programme(forged: Forged) -> Place:
    return _granted(forged, mode="direct")


def not_a_recipient(forged: Forged) -> list[Place]:
    forged.drop(forged.place("ProgrammeRecipientAdded", town_id=ST_TOWN))
    return forged.places("ItemDelegated", town_id=ST_TOWN)


def wrong_grantor(forged: Forged) -> Place:
    return _granted(forged, decided_by_org_id=ANOTHER)


def redelegated(forged: Forged) -> Place:
    return _granted(forged, decided_by_org_id=CENTRE)


def _held_by(forged: Forged, org: str) -> Place:
    place = _granted(forged)
    forged.body(place)["data"]["facets"][0]["org_id"] = org
    return place


def granted_elsewhere(forged: Forged) -> Place:
    return _held_by(forged, "ST2021-TOWN-01-CENTRE")


def zone_committee_holds(forged: Forged) -> Place:
    forged.tell(forged.place("DepartmentRegistered", org_id=ANOTHER), kind="zone_committee")
    return _held_by(forged, ANOTHER)


def zone_committee_granted(forged: Forged) -> Place:
    forged.tell(forged.place("DepartmentRegistered", org_id=GOVERNMENT), kind="zone_committee")
    return forged.place("TownListApproved")


def no_agreement(forged: Forged) -> Place:
    return _granted(forged, mode="entrusted_handling")


def granted_without_agreement(forged: Forged) -> Place:
    signed = forged.body(forged.place("AgreementSigned", kind="entrustment"))
    return _granted(forged, agreement_id=signed["data"]["agreement_id"])


def retroactive_recall(forged: Forged) -> Place:
    return forged.tell(forged.place("ItemRecalled"), decided_on="2024-03-05")


def ground_not_admitted(forged: Forged) -> Place:
    return forged.tell(forged.place("ItemRecalled"), evidence_refs=[])


def unknown_grant_changed(forged: Forged) -> Place:
    return forged.add(forged.place("ItemRecalled"), grant_id=str(uuid4()))


def started_before_grant(forged: Forged) -> Place:
    grant = forged.body(forged.place("ItemDelegated", item_id="MD23-21"))["data"]["grant_id"]
    return forged.tell(
        forged.place("ItemImplementationStarted", grant_id=grant),
        started_at="2023-06-25T09:00:00+08:00",
    )


def bureau_not_established(forged: Forged) -> Place:
    forged.drop(forged.place("BureauEstablished", unit_id=UNIT))
    return forged.place("PowerTransferred")


def seal_not_authorised(forged: Forged) -> Place:
    return forged.tell(forged.place("SealAuthorised"), authorised_by_org_id=ANOTHER)


def seal_link_missing(forged: Forged) -> Place:
    forged.drop(forged.place("SealEngraved"))
    return forged.place("SealIssued")


def seal_not_to_centre(forged: Forged) -> list[Place]:
    """And so the centre that used it did not keep it."""
    issued = forged.tell(forged.place("SealIssued"), custodian_org_id=MD_TOWN)
    return [issued, forged.place("SealApplied", story="handled")]


def second_seal_in_use(forged: Forged) -> Place:
    for name in ("SealAuthorised", "SealEngraved", "SealIssued"):
        place = forged.add(forged.place(name), seal_id="SEAL2:second")
    return place


def recorded_before_it_occurred(forged: Forged) -> Place:
    review = forged.place("SubstantiveReviewCompleted", story="handled")
    return forged.at(review, "2023-09-01T10:05:00+08:00", "2023-09-01T10:00:00+08:00")


def no_such_cause(forged: Forged) -> Place:
    place = forged.place("CaseAccepted", story="handled")
    forged.body(place)["causation"] = str(uuid4())
    return place


def not_an_envelope(forged: Forged) -> Place:
    return forged.garble(forged.place("CaseClosed", story="handled"))


def unknown_event(forged: Forged) -> Place:
    return forged.become(forged.place("ServiceCompleted", story="print"), "ServiceFinished")


def not_its_contract(forged: Forged) -> Place:
    place = forged.place("ApprovalIssued", story="handled")
    del forged.body(place)["data"]["authority"]
    return place


OF_GRANTS = {
    "R220 no-instrument": no_instrument,
    "R002 mode-not-in-programme": mode_not_in_programme,
    "R004 not-a-recipient": not_a_recipient,
    "R003 wrong-grantor": wrong_grantor,
    "R059 redelegated": redelegated,
    "R059 granted-elsewhere": granted_elsewhere,
    "R005 zone-committee-holds": zone_committee_holds,
    "R005 zone-committee-granted": zone_committee_granted,
    "R070 no-agreement": no_agreement,
    "R070 granted-without-agreement": granted_without_agreement,
    "R181 retroactive-recall": retroactive_recall,
    "R180 ground-not-admitted": ground_not_admitted,
    "R123 unknown-grant-changed": unknown_grant_changed,
    "R091 started-before-grant": started_before_grant,
    "R204 bureau-not-established": bureau_not_established,
    "R080 seal-not-authorised": seal_not_authorised,
    "R080 seal-link-missing": seal_link_missing,
    "R080 seal-not-to-centre, R084 seal-not-in-custody": seal_not_to_centre,
    "R082 second-seal-in-use": second_seal_in_use,
    "R222 recorded-before-it-occurred": recorded_before_it_occurred,
    "R123 no-such-cause": no_such_cause,
    "R123 not-an-envelope": not_an_envelope,
    "R123 unknown-event": unknown_event,
    "R123 not-its-contract": not_its_contract,
}
