"""What does not move, told to people by the same figures as the alerts' (`fuquan ops`, `/ops`)."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from shared.bus.inbound import ARRIVALS, REFUSED
from shared.bus.message import DEAD_LETTERS

# Seconds. infra/prometheus/alerts.yml has the same figures; tests/unit/test_moving.py compares.
OLDEST = {"barrier_age": 15, "unsent_age": 30, "unsigned_age": 60}
UNDELIVERED = 60

READ_BY = {ARRIVALS.name: "gateway"}
SET_ASIDE = (REFUSED.name, DEAD_LETTERS.name)  # nobody reads them but a person

# Of each cause: in Chinese for the page, in English with what to do for the command line.
SAID = {
    "away": ("{service} 无应答（{what}）", "{service}: does not answer ({what}); does it run?"),
    "unrelayed": (
        "{service} 的日志无人发布",
        "{service}: no relay holds this log; start `fuquan relay`, or see why it has no broker.",
    ),
    "barrier_age": (
        "{service} 有已记录事项 {what} 秒未定序",
        "{service}: a recorded fact has no position for {what} s; see FuquanBarrierOld.",
    ),
    "unsent_age": (
        "{service} 有事项 {what} 秒未发出",
        "{service}: the broker has not confirmed a fact for {what} s; see FuquanUnsentOld.",
    ),
    "unsigned_age": (
        "{service} 的日志有事项 {what} 秒未签名",
        "{service}: a fact is under no checkpoint for {what} s; see FuquanUnsignedOld.",
    ),
    "behind": (
        f"{{service}} 落后于 {{what}} 逾 {UNDELIVERED} 秒",
        f"{{service}}: more than {UNDELIVERED} s behind {{what}}; see FuquanUndeliveredOld.",
    ),
    "parked": (
        "{service} 有 {what} 条事项搁置",
        "{service}: {what} parked; see `fuquan ops parked {service}`.",
    ),
    "unread": ("{service} 的队列无人读取", "{service}: nobody reads its queue; does it run?"),
    "aside": (
        "{service} 中有 {what} 条消息待人工处理",
        "{service}: {what} wait for somebody; see FuquanSetAside.",
    ),
    "broker": ("消息代理无应答", "The broker does not answer."),
}


class Stuck(NamedTuple):
    """Something that does not move: whose, why (a key of `SAID`), and a figure, a log or a code."""

    service: str
    cause: str
    what: str = ""

    def told(self) -> dict[str, str]:
        """``{"service", "cause", "what", "zh", "en"}``."""
        zh, en = (text.format(service=self.service, what=self.what) for text in SAID[self.cause])
        return {**self._asdict(), "zh": zh, "en": en}


def stuck(
    services: Mapping[str, Mapping[str, Any]], *, broker: bool,
    queues: Mapping[str, Mapping[str, Any]] | None = None,
) -> Iterator[Stuck]:
    """Everything that does not move, service by service.

    Args:
        services: by name ``{"away", "log", "cursors", "parked", "queue"}``: of `standing`; the code
            of why it does not answer, or None; and its `queues` or None.
        broker: it answers.
        queues: the other ones of `shared.ops.queues.queues`, by their full names.
    """
    if not broker:
        yield Stuck("", "broker")
    due = {name: one["log"].get("due", 0) for name, one in services.items() if one["log"]}
    for name, one in services.items():
        if one["away"]:
            yield Stuck(name, "away", one["away"])
        yield from _log(name, one["log"])
        for source, at in sorted(one["cursors"].items()):
            if at["reacted"] < due.get(source, 0):
                yield Stuck(name, "behind", source)
        if one["parked"]:
            yield Stuck(name, "parked", str(sum(one["parked"].values())))
        if one["queue"] and not one["queue"]["readers"]:
            yield Stuck(name, "unread")
    yield from _of_all(queues or {})


def _of_all(queues: Mapping[str, Mapping[str, Any]]) -> Iterator[Stuck]:
    for name, queue in queues.items():
        if name in READ_BY and not queue["readers"]:
            yield Stuck(READ_BY[name], "unread")
        if name in SET_ASIDE and queue["waiting"]:
            yield Stuck(name, "aside", str(queue["waiting"]))


def _log(name: str, log: Mapping[str, Any] | None) -> Iterator[Stuck]:
    if log is None:
        return
    if not log["relayed"]:
        yield Stuck(name, "unrelayed")
    for age, oldest in OLDEST.items():
        if (seconds := log.get(age) or 0) > oldest:  # a service of an earlier release tells fewer
            yield Stuck(name, age, f"{seconds:.0f}")
