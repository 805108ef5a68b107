"""Scenarios 7, 12 and 13: the bus loses, brings rubbish, or a stream is poisoned."""

import time
from collections.abc import Iterable
from uuid import uuid4

from kombu import Connection, Producer

from shared.bus.message import EVENTS, queue_of
from tests.e2e.test_bad_messages import BAD
from tests.faults.client import PROGRAMME
from tests.faults.county import County
from tests.faults.scenario import Seen, recovered, scenario

QUEUE = "fuquan.delegation"
TOWNS = [f"MD2023-TOWN-{n:02}" for n in range(1, 6)]
LIVED = 100  # facts that come from the log alone; what is on its way at once is fewer


def ready(county: County) -> int:
    """How many messages wait in delegation's queue that no reader has been given."""
    with Connection(county.rabbit.url) as connection:
        told = connection.default_channel.queue_declare(QUEUE, passive=True)
        return int(told.message_count)


def pulled(county: County, name: str) -> float:
    """How many of catalog's facts a service says it has taken in from the log."""
    return county.metric(name, "fuquan_facts_pulled_total", 'source="catalog"')


def missed(county: County, name: str) -> float:
    """How many of them the bus has not brought afterwards."""
    return pulled(county, name) - county.metric(name, "fuquan_facts_late_total", 'source="catalog"')


def returned(county: County) -> float:
    """How many messages the relays say that no queue took."""
    return sum(county.metric(name, "fuquan_facts_returned_total") for name in ("relay", "relay-b"))


def unbind(county: County, names: Iterable[str]) -> None:
    """Delete these services' bindings for catalog's facts."""
    with Connection(county.rabbit.url) as connection:
        for name in names:
            queue = queue_of(name, ("catalog",))(connection.default_channel)
            queue.unbind_from(EVENTS, routing_key="*.catalog.*")


def bind_again(county: County, names: Iterable[str]) -> None:
    """Services declare their bindings with a new connection."""
    for name in names:
        county.units[name].broker.reset()
    county.recovered(time.monotonic())


@scenario(
    "7", "queue_purged", "delegation stands still, its queue fills, `rabbitmqctl purge_queue`",
    "the gap is pulled from the log and counted, 0 lost",
)
def queue_purged(county: County) -> Seen:
    before = pulled(county, "delegation")
    county.pause("delegation")
    county.until(lambda: ready(county) > 0, "nothing waits in the queue")
    waiting = ready(county)
    county.rabbit.ctl("purge_queue", QUEUE)
    county.fault("queue purged")
    since = time.monotonic()
    county.resume("delegation")
    seen = recovered(county, since)
    county.until(
        lambda: pulled(county, "delegation") >= before + waiting, "what was purged is not counted"
    )
    seen.notes.append("messages were purged, and counted as pulled (fuquan_facts_pulled_total)")
    return seen


@scenario(
    "7", "binding_deleted", "every binding for catalog's facts deleted: the key is unroutable",
    "returned to the relay and counted, the gap is pulled and counted, 0 lost",
)
def binding_deleted(county: County) -> Seen:
    names = county.consumers()

    def told() -> bool:  # who was still on its way back has declared its binding again
        unbind(county, names)
        return returned(county) > back and all(
            pulled(county, name) > before[name] for name in names
        )

    back, before = returned(county), {name: pulled(county, name) for name in names}
    unbind(county, names)
    county.fault("bindings deleted")
    since = time.monotonic()
    seen = recovered(county, since)
    county.until(told, "no message was returned, or none counted as pulled", 20)
    bind_again(county, names)
    seen.notes.append("messages were returned and counted (fuquan_facts_returned_total)")
    return seen


@scenario(
    "7", "one_binding_deleted", "delegation's binding for catalog's facts alone is deleted",
    "no message is returned to the relay; delegation pulls all, and it is counted, 0 lost",
)
def one_binding_deleted(county: County) -> Seen:
    def told() -> bool:
        unbind(county, ["delegation"])
        return missed(county, "delegation") >= before + LIVED

    before = missed(county, "delegation")
    unbind(county, ["delegation"])
    county.fault("one binding deleted")
    since = time.monotonic()
    seen = recovered(county, since)
    county.until(told, "delegation does not say that it lives from the log")
    bind_again(county, ["delegation"])
    return seen


@scenario(
    "12", "stream_poisoned", "delegation's table refuses one window: its stream is poison",
    "that stream parks, others go on; after mending and `retry_parked` all is in effect, in order",
)
def stream_poisoned(county: County) -> Seen:
    window = f"{TOWNS[0]}-POISON-{uuid4().hex}"
    defect = f"no_{uuid4().hex[:8]}"
    county.execute("delegation", "ALTER TABLE readmodel.service_window ADD CONSTRAINT"
                   f" {defect} CHECK (window_id <> '{window}') NOT VALID")
    county.fault("poison in a stream")
    since = time.monotonic()
    county.caller.call("open_window", {
        "programme": PROGRAMME, "window_id": window, "town": TOWNS[0], "kind": "comprehensive",
        "opened_on": "2023-05-01",
    })
    county.caller.call("close_window", {
        "programme": PROGRAMME, "window": window, "closed_on": "2023-06-01", "reason": "演练",
    })
    parked = "SELECT id, source, position FROM bus.parked ORDER BY position"
    county.until(lambda: len(county.rows("delegation", parked)) == 2, "the stream is not parked")
    assert county.metric("delegation", "fuquan_parked", 'stage="project"') == 2, "it is not shown"
    seen = recovered(county, since)  # the others go on
    county.execute(
        "delegation", f"ALTER TABLE readmodel.service_window DROP CONSTRAINT {defect}"
    )
    first = dict(zip(("id", "source", "position"), county.rows("delegation", parked)[0],
                     strict=True))
    county.caller.call(
        "retry_parked", {"parked": [first], "reason": "缺陷已修复"}, service="delegation",
        role="operator",
    )
    county.until(lambda: not county.rows("delegation", parked), "it stays parked")
    shown = county.rows(
        "delegation",
        f"SELECT closed_on::text FROM readmodel.service_window WHERE window_id = '{window}'",
    )
    assert shown == [("2023-06-01",)], shown
    return seen


@scenario(
    "13", "rubbish", "malformed JSON, wrong content type, 10 MB, unknown type, newer version …",
    "each parked with its reason, never silently acknowledged; an operator gives them up",
)
def rubbish(county: County) -> Seen:
    since, confirmed = time.monotonic(), {"confirm_publish": True}
    with Connection(county.rabbit.url, transport_options=confirmed) as connection:
        producer = Producer(connection.default_channel)
        for body, told, content_type, _ in BAD:
            producer.publish(
                body, exchange="", routing_key=QUEUE, headers=told, content_type=content_type,
                content_encoding="binary", serializer=None,
            )
    county.fault("messages that are no facts", len(BAD))
    rows = "SELECT id, source, position, error FROM bus.parked ORDER BY id"
    county.until(lambda: len(county.rows("delegation", rows)) == len(BAD), "not all are parked")
    found = county.rows("delegation", rows)
    for (*_, error), (*_, reason) in zip(found, BAD, strict=True):
        assert reason in error, (reason, error)
    county.caller.call("discard_parked", {
        "parked": [{"id": id_, "source": source, "position": position}
                   for id_, source, position, _ in found],
        "reason": "不是事实",
    }, service="delegation", role="operator")
    county.until(lambda: not county.rows("delegation", rows), "they stay parked")
    return recovered(county, since)
