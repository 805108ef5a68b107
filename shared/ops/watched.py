"""What there is to watch in one process: its gauges while it runs, and its readiness."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from threading import Thread

from prometheus_client import REGISTRY
from prometheus_client.registry import Collector

from shared.database import Database
from shared.ops import counters, readiness
from shared.ops.gauges import Calendar, Certificate, Consumption, Logs, Waiting
from shared.ops.readiness import Check
from shared.settings import SERVICES, Settings


@contextmanager
def watched(name: str, settings: Settings) -> Iterator[Mapping[str, Check]]:
    """Show the gauges of this process until the block ends.

    Args:
        name: ``relay``, ``gateway`` or a service with a database.
        settings: with the role of that process.

    Yields:
        Its checks of readiness, by name.
    """
    with ExitStack() as stack:
        stack.enter_context(_shown(Certificate(name, settings.amqp_url)))
        if name == "gateway":
            counters.of_gateway(name)
            waiting = Waiting(name, settings.amqp_url)
            stack.enter_context(_shown(waiting))
            stack.callback(waiting.stop)
            Thread(target=waiting.run, daemon=True, name="queues").start()
            yield {"broker": readiness.broker(settings)}
            return
        logs = {
            source: Database(settings.dsn(source), size=1, search_path="log")
            for source in SERVICES
        }
        for database in logs.values():
            stack.callback(database.close)
        if name == "relay":
            for source in SERVICES:
                counters.of_relay(source)
            stack.enter_context(_shown(Logs(logs)))
            first = next(iter(logs.values()))
            yield {
                "database": readiness.answers(first), "clock": readiness.clock(first),
                "broker": readiness.broker(settings),
                **{f"key {source}": readiness.key(settings, source) for source in SERVICES},
            }
            return
        counters.of_service(name)
        own = Database(settings.dsn(name), size=1)
        stack.callback(own.close)
        consumption = Consumption(name, own, logs)
        stack.enter_context(_shown(consumption))
        stack.enter_context(_shown(Calendar(name)))
        yield {
            "database": readiness.answers(own), "broker": readiness.broker(settings),
            "lag": readiness.lag(consumption.ages), "clock": readiness.clock(own),
            "calendar": readiness.calendar,
        }


@contextmanager
def _shown(collector: Collector) -> Iterator[None]:
    REGISTRY.register(collector)
    try:
        yield
    finally:
        REGISTRY.unregister(collector)
