"""The bus: relaying against raw publishing, and projecting."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Thread
from uuid import UUID, uuid4, uuid5

import amqp
from kombu import Connection

from shared.bus.consumer import Consumer
from shared.bus.message import CONTENT_TYPE, EVENTS, headers, queue_of, routing_key
from shared.bus.relay import BATCH, Relay
from shared.contracts.envelope import Given, seal
from shared.database import Database
from shared.holdings.projection import holdings
from shared.log.store import Append, Log, request_hash
from shared.settings import Settings
from tests.bench.figure import Figure
from tests.integration.conftest import role_of

EVENTS_RELAYED = 30_000
EVENTS_PROJECTED = 5_000


def fill(admin: Settings, count: int) -> list[bytes]:
    """Append *count* real events to catalog's log and sequence them; returns their envelopes."""
    log = Log(Database(role_of(admin, "catalog").dsn("catalog"), size=1))
    given = Given(uuid4(), {"org": "o", "role": "r", "operator": "op"}, datetime.now(UTC))
    envelopes = []
    for first in range(0, count, 500):
        appends = []
        for number in range(first, min(first + 500, count)):
            stream = uuid5(given.command, str(number))
            envelope = seal(
                source="catalog", type_="catalog.DepartmentAliasAdded",
                stream=stream, version=1, index=0,
                data={"org_id": "MD2023-ORG-05", "alias": f"名{number}", "basis": "abbreviation"},
                given=replace(given, command=stream),
                programme="MD2023", jurisdiction="371702", recorded_at=given.at,
            )
            appends.append(Append(stream, stream, 0, "op", request_hash(b""),
                                  ["catalog.DepartmentAliasAdded"], [envelope]))
            envelopes.append(envelope)
        log.append_batch(appends)
    relay = Database(role_of(admin, "relay").dsn("catalog"), size=1, search_path="log")
    while relay.rows("SELECT log.integrate(5000)")[0][0] > 0:
        pass
    log.database.close()
    relay.close()
    return envelopes


def relay_figures(admin: Settings) -> Iterator[Figure]:
    """Events per second from the log to the confirmed broker, against a bare pipelined publish."""
    envelopes = fill(admin, EVENTS_RELAYED)
    with _bound_queue(admin.amqp_url):
        raw = _raw(admin.amqp_url, envelopes)
        relay = Relay(replace(role_of(admin, "relay"), keys=admin.keys), "catalog")
        thread = Thread(target=relay.run, daemon=True)
        started = time.perf_counter()
        thread.start()
        while relay.progress.published < EVENTS_RELAYED:
            time.sleep(0.005)
        ours = EVENTS_RELAYED / (time.perf_counter() - started)
        relay.stopping.set()
        thread.join()
    yield Figure("relay, confirmed", ours, "events/s", raw, "raw pipelined publish", "≥ 10,000/s",
                 ours >= 10_000)


class _bound_queue:  # noqa: N801 - reads as a phrase
    """A durable queue that takes the messages, as a consumer's would."""

    def __init__(self, url: str) -> None:
        self.connection = Connection(url)
        EVENTS(self.connection.default_channel).declare()
        queue = queue_of(f"bench-{uuid4().hex[:6]}", ("catalog",))
        self.queue = queue(self.connection.default_channel)

    def __enter__(self) -> None:
        self.queue.declare()

    def __exit__(self, *_: object) -> None:
        self.queue.delete()
        self.connection.release()


def _raw(url: str, envelopes: list[bytes]) -> float:
    """A bare py-amqp loop with the same bodies, headers and window."""
    with Connection(url) as connection:
        channel = connection.default_channel
        channel.confirm_select()
        unconfirmed: set[int] = set()

        def confirmed(tag: int, multiple: bool) -> None:
            done = [t for t in unconfirmed if t <= tag] if multiple else [tag]
            unconfirmed.difference_update(done)

        channel.events["basic_ack"].add(confirmed)
        told = headers(
            id_=str(uuid4()), type_="catalog.DepartmentAliasAdded", source="catalog",
            stream=str(uuid4()), time="2023-07-03T00:00:00+00:00", position=1, previous=None,
        )
        key = routing_key("371702", "catalog.DepartmentAliasAdded")
        started = time.perf_counter()
        for number, body in enumerate(envelopes, 1):
            unconfirmed.add(number)
            channel.basic_publish(
                amqp.Message(body, content_type=CONTENT_TYPE, content_encoding="utf-8",
                             delivery_mode=2, application_headers=told),
                exchange=EVENTS.name, routing_key=key, mandatory=True,
            )
            if number % BATCH == 0:
                while unconfirmed:
                    connection.drain_events(timeout=10)
        while unconfirmed:
            connection.drain_events(timeout=10)
        return len(envelopes) / (time.perf_counter() - started)


def projection_figures(admin: Settings) -> Iterator[Figure]:
    """ItemDelegated facts per second into the holdings, eight intervals each, in blocks."""
    log = Log(Database(role_of(admin, "delegation").dsn("delegation"), size=2))
    at = datetime(2021, 8, 1, tzinfo=UTC)
    appends = []
    for number in range(EVENTS_PROJECTED):
        grant = uuid5(UUID(int=0), str(number))
        envelope = seal(
            source="delegation", type_="delegation.ItemDelegated", stream=grant, version=1, index=0,
            data=_delegated(grant, number, at),
            given=Given(grant, {"org": "o", "role": "r", "operator": "op"}, at),
            programme="ST2021", jurisdiction="370406", recorded_at=at + timedelta(seconds=number),
        )
        appends.append(Append(grant, grant, 0, "op", request_hash(b""),
                              ["delegation.ItemDelegated"], [envelope]))
    for first in range(0, EVENTS_PROJECTED, 500):
        log.append_batch(appends[first : first + 500])
    relay = Database(role_of(admin, "relay").dsn("delegation"), size=1, search_path="log")
    while relay.rows("SELECT log.integrate(5000)")[0][0] > 0:
        pass
    consumer = Consumer("delegation",
                        Database(role_of(admin, "delegation").dsn("delegation"), size=2),
                        {"delegation": log}, holdings, {})
    consumer.start()
    started = time.perf_counter()
    consumer.catch_up()
    rate = EVENTS_PROJECTED / (time.perf_counter() - started)
    yield Figure("projection of ItemDelegated", rate, "events/s")
    yield Figure("  = intervals written", rate * 8, "rows/s")


def _delegated(grant: UUID, number: int, at: datetime) -> dict[str, object]:
    town = f"ST2021-TOWN-{number % 9 + 1:02}"
    facets = ("accept", "preliminary_review", "substantive_review", "decide", "seal",
              "named_authority", "liability", "act_supervision")
    return {
        "grant_id": str(grant), "programme_id": "ST2021", "town_id": town,
        "item_id": f"ST21-{number:05}", "scope": [], "mode": "direct",
        "decided_by_org_id": "ST2021-ORG-01", "power_owner_org_id": "ST2021-ORG-05",
        "act_supervisor_org_id": "ST2021-ORG-05", "agreement_id": None, "claim_id": None,
        "predecessor_grant_id": None, "exclusive": False, "effective_from": at,
        "transition_until": None,
        "facets": [
            {"facet": facet, "org_id": town, "capacity": "own", "filed_at": "town",
             "cross_town": "any"}
            for facet in facets
        ],
    }
