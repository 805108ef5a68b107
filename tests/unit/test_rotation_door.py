"""The door that every log has: its signing key hands over, as both keys ask."""

from collections.abc import Iterator

import pytest
from marshmallow import ValidationError

from shared.log.note import sign
from shared.log.signer import FileKey, OpenSslSm2
from shared.log.trust import statement, statement_text, stream_of
from shared.refusal import Refused
from shared.settings import SERVICES, Settings
from tests.world import World, programme_alone

AT = "2024-07-01T09:00:00+08:00"
EVENTS = "{}.SigningKeyRotated"


@pytest.fixture(scope="module")
def county(migrated: Settings) -> Iterator[World]:
    """The services, of which each knows the programme; a test rotates keys of its own."""
    world = World(migrated)
    world.empty()
    yield programme_alone(world)
    world.close()


def keys(service: str) -> tuple[FileKey, FileKey]:
    name = f"fuquan/test/{service}"
    return FileKey.generate(name), FileKey.generate(name)


def request(old, new, **other):
    return {
        "programme": "ZZ2021", "old_key": str(old.verifier), "new_key": str(new.verifier),
        "statement": statement(old, new), "reason": "年度更换", **other,
    }


def rotate(world: World, service: str, asked, **given):
    return world.do(service, "rotate_signing_key", asked, at=AT, **given)


def refusal(*args, **given) -> Refused:
    with pytest.raises(Refused) as refused:
        rotate(*args, **given)
    return refused.value


@pytest.mark.parametrize("service", SERVICES)
def test_a_rotation_that_both_keys_ask_for_is_recorded_in_that_log(county, service):
    old, new = keys(service)

    answer = rotate(county, service, request(old, new))

    assert answer == {
        "stream": str(stream_of(old.verifier)), "version": 1, "events": [EVENTS.format(service)],
    }
    recorded = county.facts(service, "SigningKeyRotated")[-1]
    assert (recorded.data["old_key"], recorded.data["new_key"], recorded.data["algorithm"]) == (
        str(old.verifier), str(new.verifier), "Ed25519",
    )


@pytest.mark.parametrize("service", SERVICES)
def test_a_rotation_that_only_one_key_asks_for_is_refused(county, service):
    old, new = keys(service)
    text = statement_text(old.verifier, new.verifier)

    by_new, by_old = (
        refusal(county, service, request(old, new, statement=sign(text, one))) for one in (new, old)
    )

    assert (by_new.code, by_old.code) == ("log.rotation-not-signed", "log.rotation-not-signed")


@pytest.mark.parametrize("service", SERVICES)
def test_a_rotation_sent_again_gets_the_first_answer_and_its_id_serves_no_other(county, service):
    old, new = keys(service)
    command = "7b0f3a52-0000-4000-8000-" + f"{SERVICES.index(service):012}"
    first = rotate(county, service, request(old, new), command=command)

    assert rotate(county, service, request(old, new), command=command) == first
    assert refusal(
        county, service, request(old, new, reason="密钥遗失"), command=command
    ).code == "log.command-id-reused"


@pytest.mark.parametrize("service", SERVICES)
def test_a_rotation_of_a_version_not_seen_is_refused(county, service):
    old, new = keys(service)

    assert refusal(county, service, request(old, new), expected=1).code == "log.stale-version"


def test_the_same_rotation_under_another_command_changes_nothing(county):
    old, new = keys("cases")
    first = rotate(county, "cases", request(old, new))

    assert rotate(county, "cases", request(old, new)) == first | {"events": []}


def test_a_key_hands_over_once(county):
    old, new = keys("cases")
    rotate(county, "cases", request(old, new))

    refused = refusal(county, "cases", request(old, keys("cases")[1]))

    assert (refused.code, refused.facts["to"]) == ("log.key-already-rotated", str(new.verifier))


def test_the_key_of_another_log_or_algorithm_does_not_follow(county, tmp_path):
    old, _ = keys("cases")
    elsewhere, _ = keys("catalog")
    sm2 = OpenSslSm2.create(tmp_path / "sm2.key", old.name)

    for new in (elsewhere, sm2, old):
        assert refusal(county, "cases", request(old, new)).code == "log.key-of-another-log"
    assert refusal(county, "cases", request(elsewhere, elsewhere)).code == (
        "log.key-of-another-log"
    )


def test_an_sm2_key_hands_over_to_another_one(county, tmp_path):
    old, new = (OpenSslSm2.create(tmp_path / name, "fuquan/test/cases") for name in ("a", "b"))

    rotate(county, "cases", request(old, new))

    assert county.facts("cases", "SigningKeyRotated")[-1].data["algorithm"] == "SM2-with-SM3"


def test_what_is_no_verifier_key_is_the_callers_error(county):
    old, new = keys("cases")

    with pytest.raises(ValidationError) as wrong:
        rotate(county, "cases", request(old, new, new_key="a key"))

    assert wrong.value.messages == {"new_key": ["Not a verifier key (C2SP signed-note)."]}


def test_the_rotation_is_mirrored_as_every_fact_is(county):
    old, new = keys("supervision")
    rotate(county, "supervision", request(old, new))

    county.settle()

    assert county.parked() == []
