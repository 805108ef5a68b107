"""The offline check of a receipt: what it accepts, and what it refuses for which reason."""

import json
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from services.ledger import verify
from services.ledger.verify import Key, Refused, checked, report
from tests.receipts import AT, SIZE, Logs, golden

CHECKER = Path(verify.__file__)


@pytest.fixture(scope="module")
def logs():
    return Logs()


@pytest.fixture(scope="module")
def keys(logs):
    return [Key.parse(key) for key in logs.trusted()]


def refusal(receipt, keys):
    with pytest.raises(Refused) as refused:
        checked(receipt, keys)
    return refused.value.code


def changed(logs, role, **how):
    return logs.receipt([part | how if part["role"] == role else part for part in logs.parts()])


def test_a_receipt_proves_its_approval_and_the_grant_behind_it(logs, keys):
    facts = checked(logs.receipt(), keys)

    assert [(fact.role, fact.position, fact.size) for fact in facts] == [
        (role, AT[role], SIZE) for role in ("approval", "acceptance", "grant", "item")
    ]
    assert facts[0].seen_at["fuquan/county/ledger"].isoformat() == "2023-11-14T22:13:20+00:00"


def test_the_report_says_in_two_languages_what_is_not_proven(logs, keys):
    told = "\n".join(report(checked(logs.receipt(), keys)))

    assert "未登记的情形无从证明" in told
    assert "Nothing can prove that an event was never entered" in told


def test_the_checker_runs_alone_with_python_and_cryptography(logs, tmp_path):
    alone = tmp_path / "verify.py"
    alone.write_bytes(CHECKER.read_bytes())
    (tmp_path / "receipt.json").write_bytes(logs.receipt())
    keys = [part for key in logs.trusted() for part in ("--key", key)]

    done = subprocess.run(
        [sys.executable, "-E", "verify.py", "receipt.json", *keys],
        cwd=tmp_path, capture_output=True, text=True, check=False, encoding="utf-8",
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("已证明 Proven")


def test_the_checker_can_be_read_in_ten_minutes():
    assert len(CHECKER.read_text("utf-8").splitlines()) <= 300


def test_a_fact_altered_after_it_was_signed_is_not_included(logs, keys):
    altered = logs.envelope("approval").replace("full_review", "fullreview!")

    assert refusal(changed(logs, "approval", envelope=altered), keys) == "not-included"


def test_a_truncated_path_is_not_included(logs, keys):
    lines = logs.proof("grant").split("\n")

    cut = "\n".join(lines[:2] + lines[3:])

    assert refusal(changed(logs, "grant", proof=cut), keys) == "not-included"


def test_a_wrong_index_is_not_included(logs, keys):
    wrong = logs.proof("grant").replace("index 11", "index 12")

    assert refusal(changed(logs, "grant", proof=wrong), keys) == "not-included"


def test_an_index_beyond_the_signed_size_is_refused(logs, keys):
    wrong = logs.proof("grant").replace("index 11", "index 64")

    assert refusal(changed(logs, "grant", proof=wrong), keys) == "wrong-size"


def test_an_older_proof_under_the_newer_checkpoint_is_not_included(logs, keys):
    older = logs.proof("grant", size=SIZE - 1).partition("\n\n")[0]
    mixed = older + "\n\n" + logs.checkpoint("delegation")

    assert refusal(changed(logs, "grant", proof=mixed), keys) == "not-included"


def test_an_older_checkpoint_is_still_a_proof(logs, keys):
    older = changed(logs, "grant", proof=logs.proof("grant", size=SIZE - 1))

    assert [fact.size for fact in checked(older, keys)] == [SIZE, SIZE, SIZE - 1, SIZE]


def test_a_checkpoint_of_another_size_has_no_good_signature(logs, keys):
    resized = logs.proof("grant").replace("\n64\n", "\n65\n")

    assert refusal(changed(logs, "grant", proof=resized), keys) == "bad-signature"


def test_a_checkpoint_of_another_log_is_refused(logs, keys):
    path = logs.proof("grant").partition("\n\n")[0]

    assert refusal(
        changed(logs, "grant", proof=path + "\n\n" + logs.checkpoint("cases")), keys
    ) == "wrong-origin"


def test_another_countys_log_is_signed_by_no_known_key(keys):
    assert refusal(Logs("fuquan/elsewhere").receipt(), keys) == "unknown-key"


def test_an_unknown_key_under_the_same_name_is_refused(keys):
    assert refusal(Logs().receipt(), keys) == "unknown-key"


def test_a_witness_whose_key_was_given_must_have_cosigned(logs, keys):
    alone = logs.proof("grant").rpartition("— ")[0]

    assert refusal(changed(logs, "grant", proof=alone), keys) == "not-witnessed"
    assert checked(changed(logs, "grant", proof=alone), keys[:3])


def test_a_grant_that_is_not_shown_is_missing(logs, keys):
    without = logs.receipt([part for part in logs.parts() if part["role"] != "grant"])

    assert refusal(without, keys) == "grant-missing"


def relying_on(**grant):
    """Logs whose approval names the grant of the example, changed."""
    logs = Logs()
    source, name, data = logs.data["grant"]
    logs.data["grant"] = (source, name, data | grant)
    return logs


def outcome(logs):
    """What the checker says under the keys of those logs; None: proven."""
    try:
        checked(logs.receipt(), [Key.parse(key) for key in logs.trusted()])
    except Refused as refused:
        return refused.code
    return None


NOON = "2023-07-05T12:00:00+08:00"
AFTERNOON = "2023-07-05T14:00:00+08:00"


@pytest.mark.parametrize(("grant", "code"), [
    ({"item_id": "MD23-05"}, "wrong-fact"),
    ({"facets": golden("ItemDelegated")["facets"][:1]}, "facet-not-held"),
    ({"effective_from": NOON}, "not-in-force"),
    ({"scope": ["旅店"]}, "facet-not-held"),
])
def test_a_grant_that_did_not_give_the_power_proves_nothing(grant, code):
    assert outcome(relying_on(**grant)) == code


def changed_by(name, **data):
    """Logs whose grant had a second fact, which the approval had seen."""
    logs = Logs()
    logs.relate("grant/2", name, 12, 2, grant_id=logs.grant, **data)
    logs.rely_on(12)
    return logs


@pytest.mark.rule("R131")
@pytest.mark.parametrize(("since", "policy", "code"), [
    ("2023-07-05T09:00:00+08:00", "hand_up", "not-in-force"),
    ("2023-07-05T09:00:00+08:00", "finish_if_reviewed", "not-in-force"),
    (AFTERNOON, "hand_up", None),
])
def test_a_recall_counts_from_its_first_instant(since, policy, code):
    logs = changed_by("ItemRecalled", effective_from=since, in_flight_policy=policy)

    assert outcome(logs) == code


@pytest.mark.rule("R131")
@pytest.mark.parametrize(("policy", "code"), [
    ("finish_if_reviewed", None), ("hand_up", "not-in-force"),
])
def test_a_case_in_hand_is_finished_under_an_ended_grant_where_the_recall_says_so(policy, code):
    logs = changed_by(
        "ItemRecalled", effective_from="2023-07-05T11:00:00+08:00", in_flight_policy=policy
    )
    logs.done_at["approval"] = NOON

    assert outcome(logs) == code


@pytest.mark.rule("R013")
@pytest.mark.parametrize(("scope", "code"), [(["旅店"], "facet-not-held"), ([], None)])
def test_the_scope_is_the_one_in_force_at_the_decision(scope, code):
    logs = changed_by(
        "GrantScopeChanged", scope_before=[], scope_after=scope,
        effective_from="2023-07-05T09:00:00+08:00", in_flight_policy="hand_up",
    )

    assert outcome(logs) == code


@pytest.mark.rule("R222")
@pytest.mark.parametrize(("new", "code"), [
    (AFTERNOON, "not-in-force"), ("2023-07-02T00:00:00+08:00", None),
])
def test_a_corrected_beginning_counts_in_place_of_the_first(new, code):
    assert outcome(changed_by("GrantCorrected", field="effective_from", new=new)) == code


@pytest.mark.rule("R131")
def test_the_successor_of_a_holder_holds_what_it_held():
    logs = changed_by(
        "GrantSucceeded", from_org_id="MD2023-TOWN-08-CENTRE", to_org_id="MD2023-TOWN-09-CENTRE",
        effective_from="2023-07-05T09:00:00+08:00",
    )
    before = outcome(logs)

    for role in ("approval", "acceptance"):
        logs.data[role][2]["authority"]["org_id"] = "MD2023-TOWN-09-CENTRE"

    assert (before, outcome(logs)) == ("facet-not-held", None)


def test_a_grant_whose_history_has_a_hole_is_not_shown_whole():
    logs = changed_by("HandlingBodyAssigned", body_org_id="MD2023-TOWN-08-CENTRE")
    logs.version["grant/2"] = 3

    assert outcome(logs) == "grant-missing"


def on_its_own_power(organ):
    """Logs without a grant: the organ decides an item of 区行政审批服务局."""
    logs = Logs()
    del logs.data["grant"]
    logs.data["item"][2]["granting_org_id"] = "MD2023-ORG-19"
    own = {"grant_id": None, "grant_position": None, "org_id": organ}
    for role in ("approval", "acceptance"):
        logs.data[role][2]["grant_id"] = None
        logs.data[role][2]["authority"] |= own
    return logs


@pytest.mark.rule("R064")
@pytest.mark.parametrize(("organ", "code"), [
    ("MD2023-ORG-19", None), ("MD2023-TOWN-08-CENTRE", "facet-not-held"),
])
def test_without_a_grant_the_power_is_the_departments_own(organ, code):
    assert outcome(on_its_own_power(organ)) == code


@pytest.mark.rule("R007")
@pytest.mark.parametrize(("effective_on", "code"), [
    ("2023-07-05", None), ("2023-07-06", "facet-not-held"),
])
def test_the_successor_of_a_department_has_its_power_from_its_day_on(effective_on, code):
    logs = on_its_own_power("MD2023-ORG-41")

    logs.relate(
        "merger", "OrganMerged", 20, org_id="MD2023-ORG-19", into_org_id="MD2023-ORG-41",
        effective_on=effective_on,
    )

    assert outcome(logs) == code


def test_what_the_decision_had_not_seen_is_told_and_flags_it():
    logs = Logs()
    logs.relate(
        "later", "ItemRecalled", 30, 2, grant_id=logs.grant,
        effective_from="2023-07-05T09:00:00+08:00", in_flight_policy="hand_up",
    )

    told = "\n".join(report(checked(logs.receipt(), [Key.parse(key) for key in logs.trusted()])))

    assert "决定所未见 not seen by the decision: delegation.ItemRecalled" in told
    assert "迟到的收回：决定应予复查" in told


@pytest.mark.rule("R184")
def test_a_change_of_mode_after_the_decision_may_name_another_agreement():
    logs = Logs()

    logs.relate("later", "GrantModeChanged", 30, 2, grant_id=logs.grant, agreement_id="another",
                effective_from=AFTERNOON, in_flight_policy="hand_up")

    assert outcome(logs) is None


@pytest.mark.parametrize(("role", "name", "data"), [
    ("grant/2", "ItemDelegated", golden("ItemDelegated", grant_id="another")),
    ("agreement", "AgreementSigned", golden("AgreementSigned", agreement_id="another")),
    ("seal", "SealIssued", golden("SealIssued", seal_id="another")),
    ("item/2", "ItemListed", golden("ItemListed", item_id="MD23-05")),
])
def test_facts_of_something_else_do_not_belong(role, name, data):
    logs = Logs()

    logs.relate(role, name, 30, **data)

    assert outcome(logs) == "wrong-fact"


@pytest.mark.parametrize("key", ["", "a+b", "fuquan/county/cases+00000000+AQ==", "ü+zz+??"])
def test_a_text_that_is_no_key_is_refused(key):
    with pytest.raises(Refused, match="bad-key"):
        Key.parse(key)


def test_every_byte_flipped_in_turn_is_detected(logs, keys):
    receipt = bytearray(logs.receipt())
    chance = Random(4)
    for place in range(len(receipt)):
        whole = receipt[place]
        receipt[place] ^= 1 << chance.randrange(8)
        assert refusal(bytes(receipt), keys)
        receipt[place] = whole


def test_a_million_random_texts_neither_crash_nor_pass(logs, keys):
    """Half are noise; half begin as a receipt does, or are one with a piece torn out."""
    chance = Random(9162)
    whole = logs.receipt()
    beginning = whole[:60]
    for nth in range(500_000):
        noise = chance.randbytes(nth % 64)
        assert refuses(noise, keys)
        assert refuses(beginning + noise, keys)
    for _ in range(2_000):
        first, last = sorted(chance.choices(range(len(whole)), k=2))
        assert first == last or refuses(whole[:first] + whole[last:], keys)


def refuses(receipt, keys):
    try:
        checked(receipt, keys)
    except Refused:
        return True
    return False


def test_json_of_other_shapes_is_refused(keys):
    for told in (None, 1, [], {}, {"format": "fuquan-receipt/v1", "case": "", "facts": []},
                 {"format": "fuquan-receipt/v1", "case": 1, "facts": [1]}):
        text = json.dumps(told, ensure_ascii=False, indent=1) + "\n"
        assert refusal(text.encode(), keys) == "malformed"
