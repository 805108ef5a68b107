"""Answers and positions: what a command wrote can be named, and waited for. DESIGN section 6."""

from collections.abc import Iterator
from dataclasses import replace
from uuid import uuid4

import pytest

from services.catalog.commands import Catalog
from shared.clock import system_clock
from shared.contracts.envelope import Given
from shared.database import Database
from shared.refusal import Refused
from shared.settings import Settings
from tests.integration.conftest import Sequencing, role_of
from tests.world import programme_content


@pytest.fixture
def catalog(empty_log: Settings) -> Iterator[Catalog]:
    commands = Catalog(Database(role_of(empty_log, "catalog").dsn("catalog"), size=4))
    with commands.database.transaction() as at:
        at.execute(
            "INSERT INTO bus.cursor (source) VALUES ('catalog') ON CONFLICT (source)"
            " DO UPDATE SET projected = 0, reacted = 0"
        )
    yield commands
    commands.together.close()
    commands.database.close()


def told() -> Given:
    return Given(
        command=uuid4(), actor={"org": "ST2021-ORG-02", "role": "registrar", "operator": "op-1"},
        at=system_clock(),
    )


def test_an_answer_carries_the_position_when_the_caller_waits_for_it(
    catalog: Catalog, sequencing: Sequencing
) -> None:
    content = {"programme": "ST2021", "content": programme_content("ST2021")}
    catalog.do("import_programme", content, told())
    alias = {
        "programme": "ST2021", "org_id": "ST2021-ORG-07", "alias": "区审批局",
        "basis": "abbreviation",
    }
    given = replace(told(), wait=True)

    answer = catalog.do("add_alias", alias, given)
    again = catalog.do("add_alias", alias, given)

    written = catalog.log.entries(answer["position"], 1)[0]
    assert (str(written.stream), written.version) == (answer["stream"], answer["version"])
    assert again == answer


def test_a_command_does_not_decide_before_its_copy_has_seen_what_the_caller_has(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.commands.REACH", 0.1)
    given = replace(told(), after={"catalog": 7})
    content = {"programme": "ST2021", "content": programme_content("ST2021")}

    with pytest.raises(Refused) as refused:
        catalog.do("import_programme", content, given)

    assert refused.value.code == "log.not-yet"
    assert catalog.log.size() == 0
