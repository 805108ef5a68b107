"""A programme comes in as a whole, once, or not at all."""

from copy import deepcopy
from typing import Any
from uuid import UUID

import pytest
from marshmallow import ValidationError

from services.catalog.domain.programme import Programme
from services.catalog.domain.steps import steps
from shared.contracts.envelope import Given, instant
from shared.refusal import Refused
from tests.world import World, programme_content

ALL = ("GZ2020", "MD2023", "SR2020", "ST2021", "ZZ2021")


def content(programme: str) -> dict[str, Any]:
    return deepcopy(programme_content(programme))


def bring(world: World, programme: str, what: dict[str, Any], command: UUID | None = None) -> None:
    request = {"programme": programme, "content": what}
    world.do("catalog", "import_programme", request, command=command)


@pytest.mark.parametrize("programme", ALL)
def test_a_second_import_of_the_same_content_changes_nothing(world, programme):
    bring(world, programme, content(programme))
    facts = len(world.facts("catalog"))

    bring(world, programme, content(programme))

    assert len(world.facts("catalog")) == facts


def test_an_import_that_was_interrupted_goes_on_under_the_same_command(world):
    given = Given(
        command=UUID(int=5), actor={"org": "test-org", "role": "officer", "operator": "op-1"},
        at=instant("2023-07-03T12:00:00+08:00"),
    )
    for step in list(steps(content("ST2021")))[:30]:
        request = {"programme": "ST2021"} | step.request
        world.commands("catalog").follow(given, step.name, step.door, request)

    bring(world, "ST2021", content("ST2021"), UUID(int=5))
    bring(world, "ST2021", content("ST2021"), UUID(int=5))

    assert len(world.facts("catalog", "ItemListed")) == 13
    assert len(world.facts("catalog", "GuidanceCatalogueIssued")) == 1


def test_the_facts_of_an_import_carry_the_notice_and_stand_in_every_read_model(world):
    world.imported("ST2021")

    first = world.facts("catalog")[0]
    assert first.jurisdiction == "370406"
    assert world.parked() == []
    assert len(world.ask("catalog", "items", {"programme": "ST2021"})) == 13


def test_settings_and_tables_of_the_notice_are_registered_with_the_programme(world):
    world.imported("GZ2020")

    settings = world.ask("catalog", "programme", {"programme": "GZ2020"})["settings"]

    assert settings["reduction"]["rule"] == "halve"
    assert len(settings["obligations"]) == 12
    assert [clause["agreement_kind"] for clause in settings["clauses"]] == ["transfer"] * 5


def test_changed_content_of_something_registered_is_refused_and_named(world):
    bring(world, "ST2021", content("ST2021"))
    changed = content("ST2021")
    changed["items"][8]["name"] = "公司登记"

    with pytest.raises(Refused) as refused:
        bring(world, "ST2021", changed)

    assert refused.value.code == "catalog.already-registered-differently"
    assert refused.value.facts["id"] == "ST21-09"
    assert list(refused.value.facts["differs"]) == ["name"]


def test_an_import_with_one_item_more_issues_the_next_version_of_the_catalogue(world):
    bring(world, "GZ2020", content("GZ2020"))
    more = content("GZ2020")
    more["items"].append(more["items"][-1] | {"item_id": "GZ20-013", "seq": 13, "name": "新增事项"})

    bring(world, "GZ2020", more)

    issued = world.facts("catalog", "GuidanceCatalogueIssued")
    assert [(fact.data["version"], fact.data["size"]) for fact in issued] == [(1, 12), (2, 13)]


def test_a_duplicate_code_refuses_the_whole_import(world):
    double = content("ST2021")
    double["items"][1]["code"] = double["items"][0]["code"]

    with pytest.raises(Refused) as refused:
        bring(world, "ST2021", double)

    assert refused.value.code == "catalog.duplicate-code"
    assert refused.value.facts["asked"] == "ST21-02"
    assert world.facts("catalog") == []


def test_a_reference_to_nothing_refuses_the_whole_import_and_says_where(world):
    broken = content("ST2021")
    broken["items"][4]["granting_org_id"] = "ST2021-ORG-99"

    with pytest.raises(Refused) as refused:
        bring(world, "ST2021", broken)

    (found,) = refused.value.facts["problems"]
    assert refused.value.code == "catalog.content-refused"
    assert (found["file"], found["row"], found["column"]) == ("items.csv", 5, "granting_org_id")
    assert world.facts("catalog") == []


@pytest.mark.parametrize(
    ("place", "broken"),
    [
        ("towns", content("ST2021") | {"towns": None}),
        ("surprise", content("ST2021") | {"surprise": []}),
        ("items.1", content("ST2021") | {"items": [{"item_id": "ST21-01"}]}),
        ("organs.1.level", content("ST2021") | {
            "organs": [content("ST2021")["organs"][0] | {"level": "moon"}]}),
        ("programme.issued_on", content("ST2021") | {
            "programme": content("ST2021")["programme"] | {"issued_on": "28.6.2021"}}),
        ("programme.claim.required", content("ST2021") | {
            "programme": content("ST2021")["programme"] | {"claim": {}}}),
        ("programme.motto", content("ST2021") | {
            "programme": content("ST2021")["programme"] | {"motto": "x"}}),
    ],
)
def test_content_without_the_shape_of_a_folder_is_malformed_and_the_place_is_named(
    world, place, broken
):
    with pytest.raises(ValidationError) as wrong:
        bring(world, "ST2021", broken)

    assert place in wrong.value.messages["content"]


def test_content_of_another_programme_is_malformed(world):
    with pytest.raises(ValidationError) as wrong:
        bring(world, "MD2023", content("ST2021"))

    assert "content" in wrong.value.messages


def test_the_five_programmes_stand_side_by_side(world):
    world.imported(*ALL)

    answer = world.ask("catalog", "programmes", {})

    assert [row["programme_id"] for row in answer] == [
        "SR2020", "GZ2020", "ZZ2021", "ST2021", "MD2023"
    ]
    assert [row["document_no"] for row in answer] == [
        "饶府办字〔2020〕27号", "赣市办字〔2020〕29号", None, "山政办发〔2021〕12号",
        "菏区政发〔2023〕2号",
    ]


def registration(what: dict[str, Any]) -> dict[str, Any]:
    """The notice of a programme's content, as its aggregate is asked to register it."""
    first = next(step for step in steps(what) if step.door == "register_programme")
    return {"programme_id": what["programme"]["id"]} | first.request


def test_a_setting_that_we_learnt_of_later_makes_no_difference_while_the_notice_is_silent():
    older = content("ST2021")
    del older["programme"]["time_limits"]
    known = Programme.register(**registration(older))
    again = registration(content("ST2021"))

    known.register_again(**{name: again[name] for name in known.notice})

    assert len(known.collect_events()) == 1


def test_a_notice_that_no_longer_names_its_parent_is_another_notice():
    known = Programme.register(**registration(content("ST2021")))

    with pytest.raises(Refused) as refused:
        known.register_again(**known.notice | {"parent_programme_id": None})

    assert list(refused.value.facts["differs"]) == ["parent_programme_id"]
