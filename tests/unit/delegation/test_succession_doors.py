"""The doors by which grants, agreements and lists follow: done, refused, seen before, version."""

from uuid import UUID, uuid4

import pytest

from shared.refusal import Refused
from tests.merging import entrusted, told
from tests.world import World

COMMAND = UUID(int=19)
LICUN, HEALTH, BUREAU, CARDS = "MD2023-TOWN-16", "MD2023-ORG-18", "MD2023-ORG-19", "MD23-37"
AT = "2024-03-01T09:00:00+08:00"
MERGER = {"programme": "MD2023", "org": HEALTH, "into": BUREAU, "effective_on": "2024-03-01"}
EACH = pytest.mark.parametrize(
    ("door", "field", "event"),
    [
        ("succeed_in_grant", "grant", "delegation.GrantSucceeded"),
        ("succeed_in_agreement", "agreement", "delegation.AgreementSucceeded"),
        ("succeed_in_list", "town", "delegation.TownListRevised"),
    ],
    ids=["grant", "agreement", "list"],
)


@pytest.fixture
def merged(world: World) -> World:
    """A department that granted is merged, and no policy has seen it."""
    entrusted(world, LICUN, {HEALTH: [CARDS]})
    world.consumers["delegation"].policies = {}
    told(world, "merge_organ", MERGER, AT, service="catalog")
    return world


def request(world: World, field: str) -> dict[str, str]:
    """Of the one grant, agreement or list."""
    grant = world.facts("delegation", "ItemDelegated")[0].data
    named = {"grant": grant["grant_id"], "agreement": grant["agreement_id"], "town": LICUN}
    return {"programme": "MD2023", field: named[field]}


@EACH
def test_done_it_names_the_successor(merged, door, field, event):
    answer = merged.do("delegation", door, request(merged, field), at=AT)

    assert answer["events"] == [event]


@EACH
def test_done_again_there_is_nothing_to_follow(merged, door, field, event):
    merged.do("delegation", door, request(merged, field), at=AT)

    assert merged.do("delegation", door, request(merged, field), at=AT)["events"] == []


@EACH
def test_refused_there_is_no_such_thing(merged, door, field, event):
    unknown = {"town": "MD2023-TOWN-01"}.get(field, str(uuid4()))

    with pytest.raises(Refused) as refused:
        merged.do("delegation", door, {"programme": "MD2023", field: unknown}, at=AT)

    assert refused.value.code in (
        "delegation.unknown-grant", "delegation.unknown-agreement", "delegation.unknown-list"
    )


@EACH
def test_seen_before_it_gets_its_first_answer_and_serves_for_no_other_body(
    merged, door, field, event
):
    asked = request(merged, field)
    answer = merged.do("delegation", door, asked, at=AT, command=COMMAND)

    assert merged.do("delegation", door, asked, at=AT, command=COMMAND) == answer
    with pytest.raises(Refused) as refused:
        merged.do("delegation", "authorise_seal", {
            "programme": "MD2023", "town": LICUN, "department": BUREAU,
            "authorised_by": "MD2023-ORG-02", "instrument_ref": "字号",
        }, at=AT, command=COMMAND)
    assert refused.value.code == "log.command-id-reused"


@EACH
def test_wrong_version_what_has_changed_since_is_left_alone(merged, door, field, event):
    with pytest.raises(Refused) as refused:
        merged.do("delegation", door, request(merged, field), at=AT, expected=99)

    assert refused.value.code == "log.stale-version"
