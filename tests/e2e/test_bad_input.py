"""Whatever a command or a question says: a clear answer, nothing appended, and life goes on."""

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from services.catalog.domain.folder import BrokenFolder, load
from shared.contracts.requests import all_requests
from tests.e2e.bad_input_caller import ASKED, INSTANT, UNKNOWN, Running, changed, problem
from tests.world import programme_content

NOBODY = "NOPE"
COMMANDS = sorted(key for key, kind in all_requests().items() if kind.is_command)


@pytest.mark.parametrize(("asked", "code"), [
    (changed("catalog/add_recipient", programme=NOBODY), "catalog.unknown-programme"),
    (changed("delegation/delegate", programme=NOBODY), "register.unknown-programme"),
    (changed("cases/run_due", programme=NOBODY), "register.unknown-programme"),
    (changed("supervision/assign_task", programme=NOBODY), "register.unknown-programme"),
    (changed("catalog/record_legal_constraint", item=NOBODY), "catalog.unknown-item"),
    (changed("catalog/set_time_limit", item="MD23-04"), "catalog.unknown-item"),
    (changed("delegation/delegate", item=NOBODY), "register.unknown-item"),
    (changed("delegation/delegate", item="MD23-04"), "register.unknown-item"),
    (changed("delegation/claim", item=NOBODY), "register.unknown-item"),
    (changed("cases/submit", item=NOBODY), "register.unknown-item"),
    (changed("supervision/sign_memorandum", entries=[{"item": NOBODY}]), "register.unknown-item"),
    (changed("catalog/add_recipient", town=NOBODY), "catalog.unknown-town"),
    (changed("catalog/set_time_limit", town="MD2023-TOWN-02"), "catalog.unknown-town"),
    (changed("delegation/delegate", town=NOBODY), "register.unknown-town"),
    (changed("delegation/claim", town="ST2021-TOWN-03"), "register.unknown-town"),
    (changed("supervision/sign_memorandum", town=NOBODY), "register.unknown-town"),
    (changed("catalog/add_alias", org_id=NOBODY), "catalog.unknown-organ"),
    (changed("catalog/list_item", granting_org_id=NOBODY), "catalog.unknown-organ"),
    (changed("delegation/delegate", decided_by=NOBODY), "register.unknown-organ"),
    (changed("delegation/authorise_seal", department=NOBODY), "register.unknown-organ"),
    (changed("delegation/hold_docking", department=NOBODY), "register.unknown-organ"),
    (changed("delegation/register_seal", org=NOBODY), "register.unknown-organ"),
    (changed("cases/submit", chosen_org=NOBODY), "register.unknown-organ"),
    (changed("cases/submit", town=NOBODY), "register.unknown-town"),
    (changed("cases/submit", towns_concerned=["ST2021-TOWN-03", "MD2023-TOWN-02"]),
     "register.unknown-town"),
    (changed("supervision/collect_record", source_org=NOBODY), "register.unknown-organ"),
    (changed("supervision/assign_task", unit=NOBODY), "supervision.unit-not-responsible"),
    (changed("supervision/assign_task", task_no="999"), "supervision.unknown-task"),
    (changed("cases/accept"), "cases.unknown-case"),
    (changed("catalog/add_alias", alias="区政府"), "catalog.alias-taken"),
    (changed("catalog/list_item", mode="entrusted_handling"), "catalog.mode-not-in-programme"),
    (changed("delegation/delegate", mode="entrusted_handling"), "delegation.mode-not-in-programme"),
    (changed("delegation/draft_list", entries=[{"item": "MD23-04", "mode": "direct"}]),
     "delegation.mode-not-in-programme"),
    (changed("delegation/draft_agreement", kind="transfer"),
     "delegation.agreement-kind-not-in-programme"),
    (changed("delegation/delegate", scope=["转外就医备案", "别的"]),
     "delegation.scope-not-of-item"),
    (changed("delegation/draft_list", entries=[
        {"item": "MD23-04", "mode": "entrusted_handling", "scope": ["没有的子项"]}
    ]), "delegation.scope-not-of-item"),
    (changed("delegation/delegate", effective_from="2021-06-27"), "delegation.wrong-date-order"),
    (changed("delegation/draft_agreement", term_to="2023-06-30"), "delegation.wrong-date-order"),
    (changed("catalog/record_legal_constraint", valid_to="2021-07-31"),
     "catalog.constraint-ends-before-it-begins"),
], ids=lambda one: one[0] if isinstance(one, tuple) else one)
def test_a_wrong_command_is_refused(unchanged: Running, asked: tuple[str, Any], code: str) -> None:
    answer = unchanged.post(*asked)

    assert problem(answer) == (409, code)
    assert answer.json()["detail"]


@pytest.mark.parametrize(("door", "asked", "code"), [
    ("catalog/resolve", {"jurisdiction": "370406", "alias": "无此单位"}, "register.unknown-alias"),
    ("catalog/resolve", {"jurisdiction": "999999", "alias": "区政府"}, "register.unknown-alias"),
    ("delegation/grant", {"grant": str(uuid4())}, "delegation.unknown-grant"),
    ("delegation/agreement", {"agreement": str(uuid4())}, "delegation.unknown-agreement"),
    ("cases/case", {"case": str(uuid4())}, "cases.unknown-case"),
    ("supervision/notice", {"notice": str(uuid4())}, "supervision.unknown-notice"),
    ("ledger/holders",
     {"item": "ST21-01", "programme": "MD2023", "facet": "decide", "at": INSTANT},
     "register.unknown-item"),
    ("delegation/grants", {"item": "ST21-01", "town": "MD2023-TOWN-02", "at": INSTANT},
     "register.unknown-town"),
    ("ledger/fact", {"source": "catalog", "position": 10**9}, "ledger.unknown-fact"),
])
def test_a_question_about_what_does_not_exist_is_refused(
    unchanged: Running, door: str, asked: dict[str, Any], code: str
) -> None:
    assert problem(unchanged.get(door, **asked)) == (409, code)


@pytest.mark.parametrize(("service", "door", "field"), [
    (*key, name) for key, kind in sorted(all_requests().items()) if not kind.is_command
    for name in kind().load_fields if name in UNKNOWN
])
def test_every_question_refuses_what_it_names_and_nobody_registered(
    unchanged: Running, service: str, door: str, field: str
) -> None:
    schema = all_requests()[service, door]()
    good = {name: ASKED[name] for name, told in schema.load_fields.items()
            if told.required and name != field}

    answer = unchanged.ask(f"{service}/{door}", **good, **{field: NOBODY})

    assert problem(answer) == (409, UNKNOWN[field])


@pytest.mark.parametrize(("service", "door"), COMMANDS)
def test_every_door_names_the_field_it_does_not_know(
    unchanged: Running, service: str, door: str
) -> None:
    answer = unchanged.post(f"{service}/{door}", {"颜色": "red"})

    assert problem(answer) == (400, "request.invalid")
    assert answer.json()["errors"]["颜色"] == ["Unknown field."]


@pytest.mark.parametrize(("service", "door"), COMMANDS)
def test_every_door_names_each_field_that_is_missing(
    unchanged: Running, service: str, door: str
) -> None:
    answer = unchanged.post(f"{service}/{door}", {})

    schema = all_requests()[service, door]()
    required = {
        field.data_key or name for name, field in schema.load_fields.items() if field.required
    }
    assert problem(answer) == (400, "request.invalid")
    assert answer.json()["errors"].keys() == required


@pytest.mark.parametrize(("door", "field", "value"), [
    ("delegation/delegate", "effective_from", "2023-02-30"),
    ("delegation/delegate", "effective_from", "9999-12-31"),
    ("delegation/delegate", "effective_from", "0001-01-01"),
    ("delegation/delegate", "effective_from", 20210801),
    ("delegation/delegate", "scope", "转外就医备案"),
    ("delegation/delegate", "scope", [None]),
    ("delegation/delegate", "mode", ""),
    ("delegation/delegate", "item", "甲" * 201),
    ("delegation/delegate", "agreement", "no-uuid"),
    ("delegation/run_due", "now", "2021-08-01T09:00:00"),
    ("delegation/run_due", "now", "0001-01-01T00:00:00+14:00"),
    ("delegation/run_due", "now", "9999-12-31T23:59:59-12:00"),
    ("delegation/draft_list", "entries", [{"item": "MD23-04", "colour": "red"}]),
    ("delegation/draft_list", "replaces", "9" * 30),
    ("catalog/set_time_limit", "value", 2**31),
    ("catalog/set_time_limit", "value", -1),
    ("catalog/set_time_limit", "unit", "moon"),
    ("catalog/add_recipient", "from", "2021-13-01"),
    ("cases/submit", "case", "no-uuid"),
    ("cases/submit", "channel", "pigeon"),
    ("cases/submit", "towns_concerned", {"a": 1}),
    ("cases/run_due", "now", "2021-08-01"),
    ("supervision/sign_memorandum", "entries", []),
    ("supervision/sign_memorandum", "entries", [{"item": "MD23-04", "push_limit_days": 0}]),
])
def test_a_wrong_field_is_named(unchanged: Running, door: str, field: str, value: Any) -> None:
    answer = unchanged.post(*changed(door, **{field: value}))

    assert problem(answer) == (400, "request.invalid")
    assert answer.json()["errors"].keys() == {field}


@pytest.mark.parametrize(("door", "asked", "field"), [
    ("ledger/holders", {"item": "ST21-01", "facet": "colour", "at": INSTANT}, "facet"),
    ("ledger/holders", {"item": "ST21-01", "facet": "decide", "at": "2021-08-01T09:00:00"}, "at"),
    ("ledger/fact", {"source": "catalog", "position": -1}, "position"),
    ("ledger/verify", {"source": NOBODY}, "source"),
    ("delegation/holders", {"item": "ST21-01", "facet": "decide", "at": "yesterday"}, "at"),
    ("delegation/holders", {"item": "ST21-01", "facet": "colour", "at": INSTANT}, "facet"),
    ("delegation/grants_of", {"programme": "ST2021", "town": ["a", "b"]}, "town"),
    ("delegation/grants_of", {"programme": "ST2021", "state": "colour"}, "state"),
    ("delegation/agreements", {"programme": "ST2021", "state": "colour"}, "state"),
    ("delegation/grants_of", {"programme": "ST2021", "after": "{"}, "after"),
    ("cases/cases", {"limit": 10**6}, "limit"),
    ("cases/cases", {"colour": "red"}, "colour"),
    ("cases/cases", {"state": "colour"}, "state"),
    ("supervision/overdue", {"programme": "ST2021", "on": "9999-12-31"}, "on"),
    ("supervision/overdue", {"programme": "ST2021", "on": "2023-02-30"}, "on"),
])
def test_a_wrong_parameter_of_a_question_is_named(
    unchanged: Running, door: str, asked: dict[str, Any], field: str
) -> None:
    answer = unchanged.get(door, **asked)

    assert problem(answer) == (400, "request.invalid")
    assert answer.json()["errors"].keys() == {field}


def test_a_missing_programme_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(BrokenFolder) as broken:
        load(tmp_path / "XX2030")

    assert [(one.code, one.message_zh) for one in broken.value.problems] == [
        ("no_folder", "找不到文件夹 XX2030")
    ]


def with_cell(table: str, row: int, column: str, value: Any) -> dict[str, Any]:
    """ST2021's content with another value in one cell; *row* from 1."""
    found: dict[str, Any] = json.loads(json.dumps(programme_content("ST2021")))
    found[table][row - 1][column] = value
    return found


@pytest.mark.parametrize(("place", "value"), [
    (("items", 3, "seq"), "three"), (("items", 3, "mode"), ["direct"]),
    (("towns", 2, "recipient"), "yes"), (("organs", 1, "name"), None),
    (("modes", 1, "facet"), "decide"),
])
def test_a_broken_cell_of_a_programme_is_named_by_row_and_column(
    unchanged: Running, place: tuple[str, int, str], value: Any
) -> None:
    answer = unchanged.post(
        "catalog/import_programme", {"programme": "ST2021", "content": with_cell(*place, value)}
    )

    assert problem(answer) == (400, "request.invalid")
    (wrong,) = answer.json()["errors"]["content"]
    assert ".".join(map(str, place)).startswith(wrong)


@pytest.mark.parametrize(("place", "value", "code"), [
    (("items", 3, "granting_org_id"), "ST2021-ORG-99", "unknown_reference"),
    (("items", 3, "mode"), "entrusted_handling", "unknown_reference"),
    (("towns", 2, "town_id"), "ST2021-TOWN-01", "duplicate_id"),
])
def test_a_programme_that_contradicts_itself_is_refused_by_row_and_column(
    unchanged: Running, place: tuple[str, int, str], value: Any, code: str
) -> None:
    answer = unchanged.post(
        "catalog/import_programme", {"programme": "ST2021", "content": with_cell(*place, value)}
    )

    assert problem(answer) == (409, "catalog.content-refused")
    table, row, column = place
    wrong = answer.json()["facts"]["problems"][0]
    assert (wrong["file"], int(wrong["row"]), wrong["column"], wrong["code"]) == (
        f"{table}.csv", row, column, code
    )
    assert f"{table}.csv 第{row}行 {column}" in answer.json()["detail"]


def test_a_programme_without_one_of_its_tables_is_an_error(unchanged: Running) -> None:
    content = {k: v for k, v in programme_content("ST2021").items() if k != "organs"}

    answer = unchanged.post("catalog/import_programme", {"programme": "ST2021", "content": content})

    assert problem(answer) == (400, "request.invalid")
    assert answer.json()["errors"] == {"content": {"organs": ["Missing, or not a list."]}}
