"""A command of many steps has one id for one request, though it records nothing itself."""

from uuid import uuid4

import pytest

from shared.refusal import Refused
from tests.world import World, programme_content


def test_a_repeated_import_is_the_same_command_and_another_body_is_refused(world: World) -> None:
    request = {"programme": "ST2021", "content": programme_content("ST2021")}
    command = uuid4()
    first = world.do("catalog", "import_programme", request, command=command)
    recorded = len(world.facts("catalog"))

    again = world.do("catalog", "import_programme", request, command=command)
    with pytest.raises(Refused) as refused:
        world.do(
            "catalog", "import_programme",
            {"programme": "MD2023", "content": programme_content("MD2023")}, command=command,
        )

    assert again == first
    assert refused.value.code == "log.command-id-reused"
    assert len(world.facts("catalog")) == recorded
