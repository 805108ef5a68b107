"""Each command four times: done, refused, seen before, wrong version."""

from collections.abc import Callable
from typing import Any, NamedTuple
from uuid import uuid4

import pytest

from shared.contracts.requests import all_requests
from shared.refusal import Refused
from tests.delegating import (  # noqa: F401 - the fixtures
    BUREAU,
    CLAUSES,
    MORNING,
    County,
    county,
    one_county,
)

SHATU = "MD2023-TOWN-08"
FIRST = "SR2020-TOWN-01"
MD = {"programme": "MD2023", "town": SHATU}
SR = {"programme": "SR2020", "town": FIRST}
SR_ITEM = SR | {"item": "SR20-040"}
SEAL = f"SEAL2:{BUREAU}:{SHATU}:1"
ENTRY = {"item": "MD23-04", "mode": "entrusted_handling"}

Before = Callable[[County], dict[str, Any]]


class Door(NamedTuple):
    """One command: what goes before, the request, its events, a wrong one, another one.

    Args:
        before: brings about the state, returns what only then is known, such as an id.
        wrong: what in the request makes it refused, or another state to ask in.
        other: what makes it another request under the same command id.
    """

    name: str
    before: Before
    request: dict[str, Any]
    events: list[str]
    wrong: dict[str, Any]
    code: str
    other: dict[str, Any]
    at: str = MORNING


def nothing(county):
    return {}


def claimed(county):
    county.told("claim", SR_ITEM | {"claimed_on": "2020-05-06"})
    return {}


def put_off(county):
    county.told("propose_deferral", SR_ITEM | {
        "ground": "conditions_lacking", "reason": "无专业人员", "expected_on": "2023-12-31",
    })
    return {}


def deferred(county):
    put_off(county)
    county.told(
        "consent_deferral",
        SR_ITEM | {"consented_by": "SR2020-UNIT-01", "consented_on": "2020-05-08"}
    )
    return {}


def docked(county):
    county.told("hold_docking", SR | {
        "department": "SR2020-ORG-10", "held_on": "2020-05-12", "items": ["SR20-040"],
        "outcome": "可以承接",
    })
    return {}


def drafted_list(county):
    county.told("draft_list", MD | {"entries": [ENTRY]})
    return {}


def current_list(county):
    drafted_list(county)
    county.told("approve_list", MD | {
        "approved_by": "MD2023-ORG-02", "decision_ref": "字号", "approved_on": "2023-06-01",
    })
    return {}


def compiled(county):
    docked(county)
    county.told("draft_list", SR | {"entries": [{"item": "SR20-040"}]})
    county.told("approve_list", SR | {
        "approved_by": "SR2020-UNIT-01", "decision_ref": "字号", "approved_on": "2020-05-15",
    })
    county.told("compile_catalogue", SR | {"items": ["SR20-040"]})
    return {}


def filed(county):
    compiled(county)
    for recipient in ("SR2020-UNIT-01", "SR2020-ORG-07"):
        county.told("file_catalogue", SR | {
            "recipient": recipient, "receipt_ref": "回执", "filed_on": "2020-05-18",
        })
    return {}


def drafted_agreement(county):
    return {"agreement": county.told("draft_agreement", AGREEMENT)["stream"]}


def signed_agreement(county):
    return {"agreement": county.agreed(["MD23-04"])}


def transfer_agreement(county):
    drafted = county.told("draft_agreement", {
        "programme": "GZ2020", "kind": "transfer", "department": "GZ2020-UNIT-15-ORG-01",
        "town": "GZ2020-UNIT-15",
        "items": ["GZ20-001"], "transfer_at": "2021-04-20T00:00:00+08:00",
        "clauses": [
            {"key": key} for key in ("划转事项", "划转时间", "权责划分", "系统设备", "档案管理")
        ],
    })
    county.told("sign_agreement", {
        "programme": "GZ2020", "agreement": drafted["stream"], "signed_on": "2021-04-10",
        "signatories": ["GZ2020-UNIT-15-ORG-01", "GZ2020-UNIT-15-BUREAU"],
    })
    return {"agreement": drafted["stream"]}


def authorised_seal(county):
    county.told("authorise_seal", AUTHORISE)
    return {"seal": SEAL}


def engraved_seal(county):
    authorised_seal(county)
    county.told("engrave_seal", {
        "programme": "MD2023", "seal": SEAL, "text": "牡丹区行政审批服务局审批专用章（沙土镇）",
        "engraved_on": "2023-06-10",
    })
    return {"seal": SEAL}


def seal_in_use(county):
    return {"seal": county.sealed()}


def suspended_seal(county):
    seal = county.sealed()
    county.told("suspend_seal", {
        "programme": "MD2023", "seal": seal, "reason": "盘点", "since": "2024-03-01T00:00:00+08:00",
    })
    return {"seal": seal}


def own_seal(county):
    county.told(
        "register_seal",
        {"programme": "ST2021", "kind": "town_approval_seal", "org": "ST2021-TOWN-01"}
    )
    return {"seal": "TOWN_APPROVAL_SEAL:ST2021-TOWN-01:1"}


def granted(county):
    county.sealed()
    return {"grant": county.entrusted("MD23-04")}


def recall_proposed(county):
    grant = granted(county)["grant"]
    county.told("propose_recall", {
        "programme": "MD2023", "grant": grant, "ground": "poor_effect", "evidence_refs": ["E-7"],
        "proposed_by": BUREAU,
    })
    return {"grant": grant}


def town_heard(county):
    grant = recall_proposed(county)["grant"]
    county.told("hear_town", {"programme": "MD2023", "grant": grant, "opinion_ref": "意见"})
    return {"grant": grant}


AGREEMENT = {
    "programme": "MD2023", "kind": "entrustment", "department": BUREAU, "town": SHATU,
    "items": ["MD23-04"],
    "clauses": [{"key": key} for key in CLAUSES], "term_from": "2023-07-01",
    "term_to": "2024-06-30",
}
AUTHORISE = MD | {"department": BUREAU, "authorised_by": "MD2023-ORG-02", "instrument_ref": "字号"}
OF_MD = {"programme": "MD2023"}
AFTER_TERM = "2024-07-01T00:00:00+08:00"

DOORS = [
    Door("survey_needs", nothing, SR | {
        "outline_ref": "提纲", "visited_on": "2020-05-01"
    }, ["NeedsSurveyed"],
         {"town": "SR2020-TOWN-99"}, "register.unknown-town", {"outline_ref": "提纲二"}),
    Door("record_opinion", nothing, SR | {
        "menu_version": 1, "text_ref": "意见", "handled_how": "采纳"
    },
         ["OpinionRecorded"], {"town": "SR2020-TOWN-99"}, "register.unknown-town",
         {"text_ref": "意见二"}),
    Door("hold_docking", nothing, SR | {
        "department": "SR2020-ORG-10", "held_on": "2020-05-12", "items": ["SR20-040"],
        "outcome": "可以承接",
    }, ["DockingHeld"], {
        "department": "SR2020-ORG-99"
    }, "register.unknown-organ", {"outcome": "暂缓"}),
    Door("claim", nothing, SR_ITEM | {"claimed_on": "2020-05-06"}, ["ItemClaimed"],
         {"item": "SR20-099"}, "register.unknown-item", {"claimed_on": "2020-05-07"}),
    Door("propose_deferral", nothing, SR_ITEM | {
        "ground": "conditions_lacking", "reason": "无专业人员", "expected_on": "2023-12-31",
    }, [
        "ClaimDeferralProposed"
    ], {"ground": "unwilling"}, "delegation.ground-not-admitted", {"reason": "无场地"}),
    Door("consent_deferral", put_off, SR_ITEM | {
        "consented_by": "SR2020-UNIT-01", "consented_on": "2020-05-08"
    },
         ["ClaimDeferralConsented"], {"consented_by": "SR2020-ORG-07"},
         "delegation.consent-by-county-government", {"consented_on": "2020-05-09"}),
    Door("reject_deferral", put_off, SR_ITEM | {"reason": "条件已具备"}, ["ClaimDeferralRejected"],
         {"reason": ""}, "delegation.reason-required", {"reason": "其他"}),
    Door("lapse_deferral", deferred, SR_ITEM | {
        "now": "2024-01-01T00:00:00+08:00"
    }, ["ClaimDeferralLapsed"],
         {"item": "SR20-041"}, "delegation.unknown-claim", {"now": "2024-01-02T00:00:00+08:00"}),
    Door("refuse_claim", claimed, SR_ITEM | {
        "objective_reason": "系统未开通", "document_ref": "函8号", "issued_by": "SR2020-UNIT-01",
        "issued_on": "2020-05-15",
    }, ["ClaimRefused"], {
        "objective_reason": ""
    }, "delegation.written-reason-required", {"document_ref": "函9号"}),
    Door("draft_list", nothing, MD | {"entries": [ENTRY]}, ["TownListDrafted"],
         {"entries": [ENTRY, ENTRY]}, "delegation.duplicate-entry", {"replaces": 1}),
    Door("approve_list", drafted_list, MD | {
        "approved_by": "MD2023-ORG-02", "decision_ref": "字号", "approved_on": "2023-06-01",
    }, ["TownListApproved"], {"approved_by": "MD2023-ORG-01"}, "delegation.approver-not-competent",
         {"decision_ref": "另号"}),
    Door("revise_list", current_list, MD | {
        "entries": [{"item": "MD23-05", "mode": "entrusted_handling"}], "reason": "动态调整",
        "approved_by": "MD2023-ORG-02",
    }, ["TownListRevised"], {
        "town": "MD2023-TOWN-09"
    }, "delegation.unknown-list", {"reason": "其他"}),
    Door("strike_from_list", current_list, MD | {
        "item": "MD23-04", "reason": "poor_effect"
    }, ["TownListRevised"],
         {"programme": "XX2024"}, "", {"reason": "其他"}),
    Door("compile_catalogue", current_list, MD | {"items": ["MD23-04"]}, ["TownCatalogueCompiled"],
         {"items": []}, "delegation.missing-from-catalogue", {"items": ["MD23-04", "MD23-04"]}),
    Door("file_catalogue", compiled, SR | {
        "recipient": "SR2020-ORG-07", "receipt_ref": "回执", "filed_on": "2020-05-18",
    }, ["TownCatalogueFiled"], {"recipient": "SR2020-ORG-06"}, "delegation.recipient-not-named",
         {"receipt_ref": "另号"}),
    Door("publish_catalogue", filed, SR | {
        "channel": "web", "published_at": "2020-05-20T10:00:00+08:00"
    },
         ["TownCataloguePublished"], {"published_at": "2020-05-17T10:00:00+08:00"},
         "delegation.published-before-filing", {"channel": "board"}),
    Door("draft_agreement", nothing, AGREEMENT, ["AgreementDrafted"], {"items": []},
         "delegation.agreement-without-items", {"term_to": "2025-06-30"}),
    Door("sign_agreement", drafted_agreement, OF_MD | {
        "signed_on": "2023-06-20", "signatories": [BUREAU, SHATU]
    },
         ["AgreementSigned"], {"signatories": [SHATU]}, "delegation.signature-missing",
         {"signed_on": "2023-06-21"}),
    Door("file_agreement", signed_agreement, OF_MD | {
        "recipient": "MD2023-ORG-11", "filed_on": "2023-06-25", "receipt_ref": "备案",
    }, ["AgreementFiled"], {
        "filed_on": "2023-06-01"
    }, "delegation.wrong-date-order", {"receipt_ref": "另号"}),
    Door("renew_agreement", signed_agreement, OF_MD | {
        "signed_on": "2024-06-20", "term_from": "2024-07-01", "term_to": "2025-06-30",
    }, ["AgreementRenewed"], {
        "term_from": "2024-08-01"
    }, "delegation.term-gap", {"term_to": "2026-06-30"}),
    Door("amend_agreement", signed_agreement, OF_MD | {
        "items": ["MD23-05"], "amended_on": "2023-09-01"
    },
         ["AgreementAmended"], {"items": ["MD23-35"]}, "delegation.party-not-granting-department",
         {"items": ["MD23-06"]}),
    Door("drop_from_agreement", signed_agreement, OF_MD | {"item": "MD23-04", "on": "2024-03-01"},
         ["AgreementTerminated"], {"agreement": str(uuid4())}, "delegation.unknown-agreement",
         {"on": "2024-03-02"}),
    Door("terminate_agreement", signed_agreement, OF_MD | {
        "reason": "协商一致", "terminated_on": "2023-12-31"
    },
         ["AgreementTerminated"], {"agreement": str(uuid4())}, "delegation.unknown-agreement",
         {"reason": "其他"}),
    Door("expire_agreement", signed_agreement, OF_MD | {"now": AFTER_TERM}, ["AgreementExpired"],
         {"agreement": str(uuid4())}, "delegation.unknown-agreement",
         {"now": "2024-07-02T00:00:00+08:00"},
         AFTER_TERM),
    Door("authorise_seal", nothing, AUTHORISE, ["SealAuthorised"], {"authorised_by": BUREAU},
         "delegation.not-authorised-by-government", {"instrument_ref": "另号"}),
    Door("engrave_seal", authorised_seal, OF_MD | {
        "text": "牡丹区行政审批服务局审批专用章（沙土镇）", "engraved_on": "2023-06-10",
    }, ["SealEngraved"], {"text": "审批专用章"}, "delegation.seal-text-mismatch", {
        "engraved_on": "2023-06-11"
    }),
    Door("issue_seal", engraved_seal, OF_MD | {
        "custodian": f"{SHATU}-CENTRE", "issued_on": "2023-06-15"
    },
         ["SealIssued"], {"custodian": SHATU}, "delegation.custodian-must-be-centre",
         {"issued_on": "2023-06-16"}),
    Door("register_seal", nothing, {
        "programme": "ST2021", "kind": "town_approval_seal", "org": "ST2021-TOWN-01",
    }, ["SealRegistered"], {"org": "ST2021-TOWN-99"}, "register.unknown-organ", {
        "org": "ST2021-TOWN-02"
    }),
    Door("suspend_seal", seal_in_use, OF_MD | {
        "reason": "盘点", "since": "2024-03-01T00:00:00+08:00"
    },
         ["SealSuspended"], {"seal": "SEAL2:X:Y:1"}, "delegation.unknown-seal", {"reason": "其他"}),
    Door("return_seal", suspended_seal, OF_MD | {
        "returned_to": BUREAU, "on": "2024-03-04"
    }, ["SealReturned"],
         {"returned_to": "MD2023-ORG-11"}, "delegation.return-to-department", {"on": "2024-03-05"}),
    Door("destroy_seal", suspended_seal, OF_MD | {"witness": "MD2023-ORG-11", "on": "2024-03-20"},
         ["SealDestroyed"], {"seal": "SEAL2:X:Y:1"}, "delegation.unknown-seal",
         {"on": "2024-03-21"}),
    Door("report_seal_lost", seal_in_use, OF_MD | {
        "reported_at": "2023-09-01T09:00:00+08:00"
    }, ["SealLost"],
         {"seal": "SEAL2:X:Y:1"}, "delegation.unknown-seal",
         {"reported_at": "2023-09-02T09:00:00+08:00"}),
    Door("retire_seal", own_seal, {
        "programme": "ST2021", "on": "2023-01-01", "reason": "更换"
    }, ["SealRetired"],
         {"seal": "SEAL2:X:Y:1"}, "delegation.unknown-seal", {"reason": "其他"}),
    Door("delegate", signed_agreement, MD | {
        "item": "MD23-04", "mode": "entrusted_handling", "effective_from": "2023-07-01",
    }, ["ItemDelegated"], {"mode": "direct"}, "delegation.mode-not-in-programme",
         {"effective_from": "2023-07-02"}),
    Door("start_implementation", granted, OF_MD,
         ["ImplementationGateChecked", "ItemImplementationStarted"], {"grant": str(uuid4())},
         "delegation.unknown-grant", {"grant": str(uuid4())}, "2023-07-03T09:00:00+08:00"),
    Door("check_gates", granted, OF_MD, ["ImplementationGateChecked"], {"grant": str(uuid4())},
         "delegation.unknown-grant", {"grant": str(uuid4())}),
    Door("correct_grant", granted, OF_MD | {"effective_from": "2023-07-02", "reason": "登记有误"},
         ["GrantCorrected"], {"effective_from": "2023-07-01"}, "delegation.nothing-to-do",
         {"reason": "其他"}),
    Door("review_legality", granted, OF_MD | {
        "kind": "entrust_forbidden", "norm_rank": "regulation", "article": "条例第八条",
    }, [
        "LegalityReviewOpened"
    ], {"grant": str(uuid4())}, "delegation.unknown-grant", {"article": "第九条"}),
    Door("propose_recall", granted, OF_MD | {
        "ground": "poor_effect", "evidence_refs": ["E-7"], "proposed_by": BUREAU,
    }, ["RecallProposed"], {"ground": "low_volume"}, "delegation.ground-not-admitted",
         {"evidence_refs": ["E-8"]}),
    Door("hear_town", recall_proposed, OF_MD | {"opinion_ref": "意见"}, ["RecallOpinionHeard"],
         {"grant": str(uuid4())}, "delegation.unknown-grant", {"opinion_ref": "意见二"}),
    Door("recall", town_heard, OF_MD | {"decided_on": "2024-02-28", "effective_from": "2024-03-01"},
         ["ItemRecalled"], {"effective_from": "2024-02-01"}, "delegation.retroactive-recall",
         {"effective_from": "2024-03-02"}),
    Door("transfer_power", transfer_agreement, {
        "programme": "GZ2020", "unit": "GZ2020-UNIT-15", "item": "GZ20-001",
    }, [
        "PowerTransferred"
    ], {"item": "GZ20-002"}, "delegation.agreement-does-not-cover", {"item": "GZ20-003"}),
]
SILENT = ("strike_from_list",)  # without a list there is nothing to strike, and no refusal

named = pytest.mark.parametrize("door", DOORS, ids=[door.name for door in DOORS])


@named
def test_a_command_is_done(county, door):
    known = door.before(county)

    answer = county.told(door.name, door.request | known, door.at)

    assert answer["events"] == [f"delegation.{name}" for name in door.events]
    assert county.parked() == []


@pytest.mark.parametrize(
    "door", [door for door in DOORS if door.name not in SILENT],
    ids=[door.name for door in DOORS if door.name not in SILENT],
)
def test_a_command_is_refused_and_nothing_is_recorded(county, door):
    known = door.before(county)
    before = len(county.facts("delegation"))

    with pytest.raises(Refused) as refused:
        county.told(door.name, door.request | known | door.wrong, door.at)

    assert refused.value.code == door.code
    assert len(county.facts("delegation")) == before


@named
def test_a_command_seen_before_gets_its_first_answer(county, door):
    known = door.before(county)
    command = uuid4()
    first = county.told(door.name, door.request | known, door.at, command=command)
    recorded = len(county.facts("delegation"))

    second = county.told(door.name, door.request | known, door.at, command=command)

    assert second == first
    assert len(county.facts("delegation")) == recorded


@named
def test_a_command_id_does_not_serve_for_another_request(county, door):
    known = door.before(county)
    command = uuid4()
    county.told(door.name, door.request | known, door.at, command=command)

    with pytest.raises(Refused) as refused:
        county.told(door.name, door.request | known | door.other, door.at, command=command)

    assert refused.value.code == "log.command-id-reused"


@named
def test_a_command_on_a_version_that_is_past_is_refused(county, door):
    known = door.before(county)

    with pytest.raises(Refused) as refused:
        county.told(door.name, door.request | known, door.at, expected=99)

    assert refused.value.code == "log.stale-version"


def test_every_door_that_records_is_in_the_table():
    doors = {
        door for (service, door), kind in all_requests().items() if service == "delegation"
        and kind.is_command
    }

    assert doors - {door.name for door in DOORS} == {
        "delegate_list", "start_list", "run_due", "warn_of_expiry"
    }
