"""What goes before a command of delegation: each brings a county into one state.

Each returns what only then is known, such as an id, as fields of the request that follows.
"""

from tests.delegating import BUREAU, CLAUSES, MORNING
from tests.ready import ready

SHATU = "MD2023-TOWN-08"
FIRST = "SR2020-TOWN-01"
MD = {"programme": "MD2023", "town": SHATU}
SR = {"programme": "SR2020", "town": FIRST}
SR_ITEM = SR | {"item": "SR20-040"}
SEAL = f"SEAL2:{BUREAU}:{SHATU}:1"
ENTRY = {"item": "MD23-04", "mode": "entrusted_handling"}

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
    county.papers_moved("GZ20-001")
    return {"agreement": drafted["stream"]}


def authorised_seal(county):
    county.told("authorise_seal", AUTHORISE)
    return {"seal": SEAL}


def engraved_seal(county):
    county.seal_rule(SHATU)
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


def made_ready(county):
    known = granted(county)
    ready(county, SHATU, on="2023-06-25", since="2023-07-01")
    return known


def started(county):
    known = made_ready(county)
    county.told("start_implementation", OF_MD | known, "2023-07-03T09:00:00+08:00")
    return known


def accepting(county):
    """At work in entrusted acceptance, with all that entrusted handling asks for."""
    county.agreed(["MD23-04"], kind="acceptance")
    grant = county.delegated("MD23-04", SHATU, "entrusted_acceptance", "2023-07-01")
    ready(county, SHATU, on="2023-06-25", since="2023-07-01")
    county.told(
        "start_implementation", OF_MD | {"grant": grant}, "2023-07-03T09:00:00+08:00"
    )
    county.sealed()
    county.agreed(["MD23-04"])
    return {"grant": grant}


def mode_changed(county):
    """Before the policy has seen it."""
    known = accepting(county)
    county.do("delegation", "change_mode", OF_MD | known | {
        "mode": "entrusted_handling", "effective_from": "2024-01-01",
    }, at="2023-12-01T09:00:00+08:00")
    return known


def to_be_reviewed(county):
    return {"grant": county.delegated(
        "ST21-07", "ST2021-TOWN-03", "substantive_review", "2021-08-01"
    )}


def scoped(county):
    town = "ST2021-TOWN-01"
    grant = county.delegated("ST21-05", town, "direct", "2021-08-01", "2021-07-20T09:00:00+08:00")
    ready(county, town, on="2021-07-25", since="2021-08-01")
    county.told("start_implementation", {"programme": "ST2021", "grant": grant})
    return {"grant": grant}


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


def question_asked(county):
    return {"question": county.told("request_guidance", MD | {
        "item": "MD23-04", "text_ref": "请示",
    })["stream"]}


def seconded(county):
    county.told("start_secondment", SECONDMENT)
    return {}


def held_item(county):
    granted(county)
    return {}


def account(county):
    granted(county)
    return {"account": county.told("grant_account", ACCOUNT)["stream"]}


def account_of_a_seconded_officer(county):
    """Before the policy has seen it."""
    found = account(county)
    county.do("delegation", "start_secondment", SECONDMENT, at=MORNING)
    return found


def delivered(county):
    grant = granted(county)["grant"]
    county.told("deliver_handover", OF_MD | DELIVERY | {"grant": grant})
    return {"grant": grant}


def need(county):
    return {"need": county.told("record_need", NEED)["stream"]}


def city_level_need(county):
    county.told("record_need", CITY_NEED)
    return {}


def reported_need(county):
    need = county.told("record_need", CITY_NEED)["stream"]
    return {"need": need, "batch": county.told("escalate_needs", REPORT)["stream"]}


AGREEMENT = {
    "programme": "MD2023", "kind": "entrustment", "department": BUREAU, "town": SHATU,
    "items": ["MD23-04"],
    "clauses": [{"key": key} for key in CLAUSES], "term_from": "2023-07-01",
    "term_to": "2024-06-30",
}
AUTHORISE = MD | {"department": BUREAU, "authorised_by": "MD2023-ORG-02", "instrument_ref": "字号"}
SECONDMENT = {
    "programme": "MD2023", "operator": "op-1", "direction": "down", "from_org": BUREAU,
    "to_org": SHATU, "items": ["MD23-04"], "since": "2023-07-15",
}
ACCOUNT = {
    "programme": "MD2023", "system": "approval", "org": f"{SHATU}-CENTRE", "operator": "op-1",
    "items": ["MD23-04"], "facets": ["accept", "decide"], "valid_from": "2023-07-01",
}
OF_MD = {"programme": "MD2023"}
DELIVERY = {
    "given_by": BUREAU, "on": "2023-06-21",
    "stock": [{"line": line, "quantity": 50, "numbers": "0001-0050"} for line in (4, 5)],
}
ST_PAPER = {
    "programme": "ST2021", "town": "ST2021-TOWN-06", "recipient": "ST2021-ORG-04",
    "file_ref": "材料", "filed_on": "2021-07-16",
}
NEED = MD | {"matter": "小餐饮登记", "power_level": "district", "raised_on": "2023-06-01"}
CITY_NEED = {
    "programme": "ZZ2021", "town": "ZZ2021-TOWN-03", "matter": "建设用地规划许可",
    "power_level": "city", "raised_on": "2021-05-20",
}
REPORT = {"programme": "ZZ2021", "district": "ZZ2021-UNIT-01", "submitted_on": "2021-05-28"}
AFTER_TERM = "2024-07-01T00:00:00+08:00"
