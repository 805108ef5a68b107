"""What a process has done since it started; every name has the label ``service``."""

from collections.abc import Callable, Iterable

from prometheus_client import Counter, Gauge

COMMANDS = Counter(
    "fuquan_commands", "Commands answered, by outcome: done, refused, invalid, failed.",
    ["service", "outcome"],
)
TAKEN = Counter("fuquan_facts_taken", "Facts taken into the read model.", ["service"])
PULLED = Counter(
    "fuquan_facts_pulled", "Facts taken in from a log before the bus brought them, if it did.",
    ["service", "source"],
)
LATE = Counter(
    "fuquan_facts_late", "Facts that the bus brought and the service had: pulled, or doubled.",
    ["service", "source"],
)
PARKED = Counter("fuquan_facts_parked", "Facts and messages set aside, by stage.",
                 ["service", "stage"])
RETRIES = Counter("fuquan_policy_retries", "Reactions tried again after a passing failure.",
                  ["service"])
RECONNECTS = Counter(
    "fuquan_reconnects", "Times that database or broker were lost, by part: facts, relay, inbound.",
    ["service", "part"],
)
CONFIRMED = Counter("fuquan_facts_confirmed", "Facts that the broker has confirmed.", ["service"])
BLOCKED = Gauge(
    "fuquan_broker_blocked", "1 where the broker takes nothing from this log's relay (an alarm).",
    ["service"],
)
NOT_TAKEN = Counter(
    "fuquan_calls_not_taken", "Calls that the broker did not take in time: an alarm, or away.",
    ["service"],
)
DUE_ROUNDS = Counter(
    "fuquan_due_rounds", "Rounds of the timer, by outcome: done, failed.", ["service", "outcome"]
)
DUE_AGE = Gauge(
    "fuquan_due_age_seconds", "Since the timer asked last what is due, and had an answer.",
    ["service"],
)
DUE_EVERY = Gauge(
    "fuquan_due_every_seconds", "From one round of the timer to the next.", ["service"]
)
RETURNED = Counter("fuquan_facts_returned", "Facts that no queue took (unroutable).", ["service"])
STRAYED = Counter(
    "fuquan_facts_strayed", "Facts that somebody's binding brought to the intake; passed over.",
    ["service"],
)


def of_service(name: str) -> None:
    """Begin a service's counters at 0, so that their first rise is seen."""
    for outcome in ("done", "refused", "invalid", "failed"):
        COMMANDS.labels(name, outcome)
    for stage in ("read", "project", "react"):
        PARKED.labels(name, stage)
    TAKEN.labels(name)
    RETRIES.labels(name)
    NOT_TAKEN.labels(name)
    RECONNECTS.labels(name, "facts")


def of_gateway(name: str) -> None:
    """Begin the counters of the edge at 0."""
    NOT_TAKEN.labels(name)
    RECONNECTS.labels(name, "inbound")
    STRAYED.labels(name)


def of_consumer(name: str, sources: Iterable[str]) -> None:
    """Begin at 0 what a consumer counts by source."""
    for source in sources:
        PULLED.labels(name, source)
        LATE.labels(name, source)


def of_timer(name: str, every: float, age: Callable[[], float]) -> None:
    """Begin what a service's timer tells; a service without one tells nothing of it."""
    for outcome in ("done", "failed"):
        DUE_ROUNDS.labels(name, outcome)
    DUE_EVERY.labels(name).set(every)
    DUE_AGE.labels(name).set_function(age)


def of_relay(source: str) -> None:
    """Begin the counters of a log's relay at 0."""
    CONFIRMED.labels(source)
    RETURNED.labels(source)
    RECONNECTS.labels(source, "relay")
    BLOCKED.labels(source)
