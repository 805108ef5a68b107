"""The commands of delegation, one row each: what goes before, what is told, what is refused."""

from collections.abc import Callable
from typing import Any, NamedTuple
from uuid import uuid4

from tests.delegating import BUREAU, MORNING, County
from tests.unit.delegation.arranged import (
    ACCOUNT,
    AFTER_TERM,
    AGREEMENT,
    AUTHORISE,
    DELIVERY,
    ENTRY,
    MD,
    NEED,
    OF_MD,
    REPORT,
    SECONDMENT,
    SHATU,
    SR,
    SR_ITEM,
    ST_PAPER,
    accepting,
    account,
    account_of_a_seconded_officer,
    authorised_seal,
    city_level_need,
    claimed,
    compiled,
    current_list,
    deferred,
    delivered,
    drafted_agreement,
    drafted_list,
    engraved_seal,
    filed,
    granted,
    held_item,
    made_ready,
    mode_changed,
    need,
    nothing,
    own_seal,
    put_off,
    question_asked,
    recall_proposed,
    reported_need,
    scoped,
    seal_in_use,
    seconded,
    signed_agreement,
    started,
    suspended_seal,
    to_be_reviewed,
    town_heard,
    transfer_agreement,
)

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
    Door("start_implementation", made_ready, OF_MD,
         ["ImplementationGateChecked", "ItemImplementationStarted", "TransitionStarted"],
         {"grant": str(uuid4())},
         "delegation.unknown-grant", {"grant": str(uuid4())}, "2023-07-03T09:00:00+08:00"),
    Door("assess_mode", nothing, OF_MD | {
        "item": "MD23-30", "mode": "entrusted_acceptance", "answer": "met", "assessed_by": BUREAU,
        "earlier_modes_rejected": [{"mode": "entrusted_handling", "reason": "须现场勘验"}],
        "reason": "不适宜委托办理",
    }, ["ModeAssessed"], {"earlier_modes_rejected": []}, "delegation.earlier-mode-not-assessed",
         {"reason": "其他"}),
    Door("assign_handling_body", granted, OF_MD | {
        "body": f"{SHATU}-CENTRE", "since": "2023-07-01",
    }, ["HandlingBodyAssigned"], {"body": "MD2023-TOWN-09-CENTRE"}, "delegation.body-not-of-town",
         {"since": "2023-07-02"}),
    Door("register_mechanism", to_be_reviewed, {
        "programme": "ST2021", "reviewer": "ST2021-TOWN-03-DEPT", "target": "ST2021-ORG-09",
        "limits": [{"step": "review", "value": 3, "unit": "working_day"}],
    }, ["ForwardingMechanismRegistered"], {"target": "ST2021-ORG-07"},
         "delegation.wrong-forward-target", {"deputy": "ST2021-TOWN-03-CENTRE"}),
    Door("end_transition", started, OF_MD | {
        "assessment_result": "independent", "assessment_ref": "评估4号", "ended_on": "2023-09-28",
    }, ["TransitionEnded"], {"ended_on": "2023-06-30"}, "delegation.wrong-date-order",
         {"assessment_ref": "评估5号"}),
    Door("change_mode", accepting, OF_MD | {
        "mode": "entrusted_handling", "effective_from": "2024-01-01",
    }, ["GrantModeChanged"], {"effective_from": "2023-11-30"}, "delegation.retroactive-change",
         {"effective_from": "2024-01-02"}, "2023-12-01T09:00:00+08:00"),
    Door("begin_successor", mode_changed, OF_MD, ["ItemDelegated"], {"grant": str(uuid4())},
         "delegation.unknown-grant", {"grant": str(uuid4())}),
    Door("change_scope", scoped, {
        "programme": "ST2021", "scope": ["待遇领取证明查询打印"], "effective_from": "2024-01-01",
    }, ["GrantScopeChanged"], {"scope": ["社会保险费缴纳"]}, "delegation.scope-not-of-item",
         {"effective_from": "2024-01-02"}),
    Door("alter_list_entry", current_list, MD | {
        "item": "MD23-04", "mode": "entrusted_acceptance", "reason": "mode_changed",
    }, ["TownListRevised"], {"programme": "XX2024"}, "", {"reason": "其他"}),
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
    Door("set_training_plan", nothing, OF_MD | {
        "department": BUREAU, "items": ["MD23-04"], "plan_ref": "方案",
    }, ["TrainingPlanSet"], {"items": ["MD23-37"]}, "delegation.not-its-item",
         {"plan_ref": "方案二"}),
    Door("hold_training", nothing, OF_MD | {
        "held_by": BUREAU, "items": ["MD23-04"], "towns": [SHATU], "attendees": ["op-1"],
        "held_on": "2023-06-12",
    }, ["TrainingHeld"], {"towns": []}, "delegation.towns-or-unit", {"attendees": ["op-2"]}),
    Door("confirm_capability", nothing, MD | {
        "operators": ["op-1"], "items": ["MD23-04"], "assessed_by": BUREAU, "on": "2023-06-19",
    }, ["CapabilityConfirmed"], {"on": "2023-06-21"}, "delegation.wrong-date-order",
         {"operators": ["op-2"]}),
    Door("request_guidance", nothing, MD | {"item": "MD23-04", "text_ref": "请示"},
         ["GuidanceRequested"], {"item": "MD23-99"}, "register.unknown-item",
         {"text_ref": "请示二"}),
    Door("give_guidance", question_asked, OF_MD | {
        "form": "online", "answer_ref": "答复", "answered_by": BUREAU, "on": "2023-06-20",
    }, ["GuidanceGiven"], {"answered_by": "MD2023-ORG-18"}, "delegation.guidance-by-department",
         {"form": "on_site"}),
    Door("transfer_personnel", nothing, {
        "programme": "GZ2020", "unit": "GZ2020-UNIT-15", "department": "GZ2020-UNIT-15-ORG-01",
        "approval_staff_total": 40, "transferred": 12, "effective_on": "2021-02-20",
    }, ["PersonnelTransferred"], {"transferred": 41}, "delegation.more-staff-than-there-are",
         {"transferred": 13}),
    Door("assign_operator", nothing, OF_MD | {
        "operator": "op-1", "employer": BUREAU, "acting_for": f"{SHATU}-CENTRE",
        "contract_kind": "provided", "since": "2023-06-15",
    }, ["OperatorAssigned"], {"until": "2023-06-14"}, "delegation.wrong-date-order",
         {"since": "2023-06-16"}),
    Door("start_secondment", nothing, SECONDMENT, ["SecondmentStarted"], {"direction": "up"},
         "delegation.secondment-direction", {"since": "2023-07-16"}),
    Door("end_secondment", seconded, OF_MD | {"operator": "op-1", "until": "2023-09-30"},
         ["SecondmentEnded"], {"until": "2023-07-14"}, "delegation.wrong-date-order",
         {"until": "2023-10-01"}),
    Door("grant_account", held_item, ACCOUNT, ["SystemAccountGranted"],
         {"facets": ["preliminary_review"]}, "delegation.facet-not-delegated",
         {"facets": ["accept"]}),
    Door("narrow_account", account, OF_MD | {
        "facets": ["decide"], "since": "2023-08-01T00:00:00+08:00",
    }, ["SystemAccountNarrowed"], {"facets": ["seal"]}, "delegation.not-in-account",
         {"facets": ["accept"]}),
    Door("revoke_account", account, OF_MD | {
        "since": "2023-08-01T00:00:00+08:00", "reason": "离岗",
    }, ["SystemAccountRevoked"], {"account": str(uuid4())}, "delegation.unknown-account",
         {"reason": "其他"}),
    Door("fit_account", account_of_a_seconded_officer, OF_MD,
         ["SystemAccountNarrowed", "SystemAccountRevoked"], {"account": str(uuid4())},
         "delegation.unknown-account", {"account": str(uuid4())}),
    Door("deliver_handover", granted, OF_MD | DELIVERY, ["HandoverLineDelivered"] * 10,
         {"given_by": SHATU}, "delegation.two-parties-required", {"on": "2023-06-22"}),
    Door("confirm_handover", delivered, OF_MD | {"confirmed_by": SHATU, "on": "2023-06-22"},
         ["HandoverLineConfirmed"] * 10 + ["HandoverCompleted"], {"confirmed_by": BUREAU},
         "delegation.confirmed-by-taker-only", {"on": "2023-06-23"}),
    Door("provide_resource", nothing, MD | {
        "department": BUREAU, "kind": "network", "description": "端口", "on": "2023-06-20",
    }, ["ResourceProvided"], {"department": "MD2023-ORG-99"}, "register.unknown-organ",
         {"kind": "funds"}),
    Door("file_takeover_plan", nothing, ST_PAPER, ["TakeoverPlanFiled"],
         {"recipient": "ST2021-ORG-02"}, "delegation.filed-with-another", {"file_ref": "另文"}),
    Door("file_service_guide", nothing, ST_PAPER | {"items": ["ST21-06"]}, ["ServiceGuideFiled"],
         {"items": ["ST21-99"]}, "register.unknown-item", {"file_ref": "另文"}),
    Door("file_manual", nothing, ST_PAPER, ["ManualFiled"], {"recipient": "ST2021-ORG-02"},
         "delegation.filed-with-another", {"file_ref": "另文"}),
    Door("register_centre_rule", nothing, MD | {"kind": "seal", "in_force_from": "2023-05-01"},
         ["CentreRuleRegistered"], {"town": "MD2023-TOWN-99"}, "register.unknown-town",
         {"kind": "premises"}),
    Door("record_need", nothing, NEED, ["NeedRecorded"], {"item": "MD23-99"},
         "register.unknown-item", {"matter": "其他"}),
    Door("answer_need", need, OF_MD | {"answer": "add", "answered_on": "2023-06-10"},
         ["NeedAnswered"], {"answer": "not_now"}, "delegation.answer-without-reason",
         {"answered_on": "2023-06-11"}),
    Door("escalate_needs", city_level_need, REPORT, ["CityLevelNeedEscalated"],
         {"district": "ZZ2021-ORG-05"}, "delegation.nothing-to-do",
         {"submitted_on": "2021-05-29"}),
    Door("decide_need", reported_need, {
        "programme": "ZZ2021", "decision": "add", "decided_by": "ZZ2021-ORG-01",
        "decided_on": "2021-06-30",
    }, ["CityLevelNeedDecided"], {"decided_by": "ZZ2021-UNIT-01"}, "delegation.decided-by-city",
         {"decided_on": "2021-07-01"}),
    Door("compute_coverage", claimed, SR | {"on": "2020-05-15"}, ["ClaimCoverageComputed"],
         {"town": "SR2020-TOWN-99"}, "register.unknown-town", {"on": "2020-05-16"}),
]
# without a list there is nothing to strike or to alter, and no refusal
SILENT = ("strike_from_list", "alter_list_entry")
