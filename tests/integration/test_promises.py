"""A promise for what was just recorded: given by who signs the log, kept once it is signed."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import Any
from uuid import uuid4

import psycopg2
import pytest

from shared.bus.promiser import Promiser
from shared.bus.relay import Relays
from shared.clock import system_clock
from shared.log.promise import open_promise
from shared.log.proof import Proof
from shared.refusal import Refused
from shared.settings import Settings
from tests.integration.conftest import role_of
from tests.signing import Signing
from tests.world import World

ORIGIN = "fuquan/test/catalog"
ALIAS = {"programme": "MD2023", "org_id": "MD2023-ORG-19", "basis": "abbreviation"}


@pytest.fixture(scope="module")
def world(migrated: Settings) -> Iterator[World]:
    """All services, with one programme; the tests add to one log."""
    world = World(migrated)
    world.empty()
    yield world.imported("MD2023", counters=False)
    world.close()


@pytest.fixture
def signing(world: World) -> Iterator[Signing]:
    signing = Signing(world)
    yield signing
    signing.close()


def told(world: World) -> dict[str, Any]:
    """A command just accepted: its event is neither sequenced nor signed."""
    answer = world.do("catalog", "add_alias", ALIAS | {"alias": f"名{uuid4().hex}"})
    return {"source": "catalog", "stream": answer["stream"], "version": answer["version"]}


@contextmanager
def promising(settings: Settings, may: bool = True, **clock: Any) -> Iterator[Promiser]:
    """The part of the relay that promises, at work until the block ends."""
    promiser = Promiser(role_of(settings, "relay"), lambda _: may, **clock)
    thread = Thread(target=promiser.run)
    thread.start()
    try:
        yield promiser
    finally:
        promiser.stopping.set()
        thread.join()


def test_an_event_just_recorded_is_promised_by_the_log_and_the_promise_is_kept(
    world: World, signing: Signing
):
    trusted = [signing.signers["catalog"].verifier]
    event = told(world)
    with promising(signing.settings):
        first = signing.ask("promise", **event)
    promise = open_promise(first["promise"], ORIGIN, trusted)

    signing.sign()
    later = signing.ask("promise", **event)

    assert (first["position"], first["proof"]) == (None, None)
    assert (str(promise.stream), promise.version) == (event["stream"], event["version"])
    assert later["promise"] is None
    promise.kept_by(Proof.parse(later["proof"]), trusted)
    assert Proof.parse(later["proof"]).index == later["position"]


def test_a_promise_names_the_last_moment_at_which_it_may_be_kept(world: World, signing: Signing):
    noon = datetime(2023, 7, 5, 4, 0, tzinfo=UTC)
    with promising(signing.settings, clock=lambda: noon):
        note = signing.ask("promise", **told(world))["promise"]

    promise = open_promise(note, ORIGIN, [signing.signers["catalog"].verifier])

    assert promise.by == noon + timedelta(hours=24)


def test_the_same_promise_is_given_to_everyone_who_asks(world: World, signing: Signing):
    event = told(world)
    with promising(signing.settings):
        first = signing.ask("promise", **event)
        world.facts("catalog")  # sequenced meanwhile
        second = signing.ask("promise", **event)

    assert second["promise"] == first["promise"]
    assert second["position"] is not None


def test_without_a_relay_nothing_is_promised(
    world: World, signing: Signing, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("services.ledger.promises.REACH", 0.3)
    event = told(world)

    with pytest.raises(Refused) as refused:
        signing.ask("promise", **event)

    assert refused.value.code == "ledger.no-promise"


def test_a_log_that_is_a_fork_promises_nothing(
    world: World, signing: Signing, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("services.ledger.promises.REACH", 0.3)
    event = told(world)

    with promising(signing.settings, may=False), pytest.raises(Refused) as refused:
        signing.ask("promise", **event)

    assert refused.value.code == "ledger.no-promise"


def test_what_was_never_recorded_is_not_promised(signing: Signing):
    with pytest.raises(Refused) as refused:
        signing.ask("promise", source="catalog", stream=str(uuid4()), version=1)

    assert refused.value.code == "ledger.unknown-fact"


def test_the_ledger_cannot_write_a_promise_itself(signing: Signing):
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        signing.database.rows(
            "INSERT INTO promise.given VALUES ('catalog', gen_random_uuid(), 1, '') RETURNING 1"
        )


def test_the_relay_of_a_running_system_promises_and_keeps_it(
    world: World, signing: Signing, amqp_url: str
):
    trusted = [signing.signers["catalog"].verifier]
    relays = Relays(replace(role_of(signing.settings, "relay"), amqp_url=amqp_url))
    event = told(world)
    relays.start()
    try:
        deadline = system_clock() + timedelta(seconds=15)
        shown = signing.ask("promise", **event)
        while shown["proof"] is None and system_clock() < deadline:
            promise = open_promise(shown["promise"], ORIGIN, trusted)
            world.consumers["ledger"].catch_up()
            shown = signing.ask("promise", **event)
    finally:
        relays.stop()

    promise.kept_by(Proof.parse(shown["proof"]), trusted)
