"""What must be unique stays unique when eight ask at once."""

from concurrent.futures import ThreadPoolExecutor

from shared.refusal import Refused
from tests.unit.catalog.requests import ITEM, ORGAN, PROGRAMME, P, built


def outcomes(world, door, requests):
    """The events or the refusal's code of each request, all sent at once."""

    def one(request):
        try:
            return world.do("catalog", door, request)["events"][0]
        except Refused as refused:
            return refused.code

    with ThreadPoolExecutor(len(requests)) as threads:
        return sorted(threads.map(one, requests))


def test_one_code_goes_to_one_item(world):
    built(world)
    rows = [ITEM | {"item_id": f"XX24-{n}", "code": "3700000117001"} for n in range(2, 10)]

    found = outcomes(world, "list_item", rows)

    assert found == ["catalog.ItemListed"] + ["catalog.duplicate-code"] * 7
    assert len(world.facts("catalog", "ItemListed")) == 2


def test_one_name_goes_to_one_organ(world):
    built(world)
    rows = [
        ORGAN | {"org_id": f"{P}-ORG-{n}", "name": "区丙局", "aliases": []} for n in range(3, 11)
    ]

    found = outcomes(world, "register_organ", rows)

    assert found == ["catalog.DepartmentRegistered"] + ["catalog.alias-taken"] * 7
    assert len(world.facts("catalog", "DepartmentRegistered")) == 3


def test_one_programme_is_registered_once_with_one_jurisdiction(world):
    rows = [PROGRAMME | {"jurisdiction_id": f"99999{n}"} for n in range(8)]

    found = outcomes(world, "register_programme", rows)

    (registered,) = world.facts("catalog")
    assert found == (
        ["catalog.ProgrammeRegistered"] + ["catalog.already-registered-differently"] * 7
    )
    assert registered.jurisdiction == registered.data["jurisdiction_id"]
