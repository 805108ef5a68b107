"""Parked facts in an operator's hands: tried again, given up, and on record either way."""

from collections.abc import Iterator
from threading import Thread
from typing import Any
from uuid import UUID

import pytest
from psycopg2.extensions import cursor

from shared.bus.consumer import Consumer
from shared.contracts.envelope import Fact
from shared.database import Database
from shared.projection import Projection
from shared.refusal import Refused
from tests.waiting import until
from tests.world import World

ORGAN = "ST2021-ORG-02"


class Fault:
    """A defect in a service's release; it lasts until `mended`."""

    def __init__(self, world: World, service: str) -> None:
        self.mended = False
        self.seen: list[str] = []
        faulty = Projection()
        faulty.on("catalog.DepartmentAliasAdded")(self.take_in)
        self.sound = world.consumers[service]
        self.consumer = world.consumers[service] = Consumer(
            service, self.sound.database, self.sound.logs,
            Projection(self.sound.projection, faulty), dict(self.sound.policies),
        )

    def take_in(self, _: cursor, fact: Fact) -> None:
        if fact.data["alias"] == "毒" and not self.mended:
            raise ValueError("this release cannot read it")
        self.seen.append(fact.data["alias"])


@pytest.fixture
def st2021(world: World) -> World:
    return world.imported("ST2021")


@pytest.fixture
def fault(st2021: World) -> Iterator[Fault]:
    """Cases cannot take in one alias; two later ones of its stream wait behind it."""
    one = Fault(st2021, "cases")
    for batch in (("甲",), ("毒", "丙", "丁")):
        for alias in batch:
            aliased(st2021, alias)
        st2021.settle()
    yield one
    st2021.consumers["cases"] = one.sound


def aliased(world: World, alias: str) -> None:
    world.do("catalog", "add_alias", {
        "programme": "ST2021", "org_id": ORGAN, "alias": alias, "basis": "former_name",
    })


def refs(world: World, service: str, *which: int) -> list[dict[str, Any]]:
    rows = world.ask(service, "parked", {})
    return [{key: rows[n][key] for key in ("id", "source", "position")} for n in which]


def mend(world: World, door: str, service: str, told: dict[str, Any], **given: Any) -> Any:
    return world.do(service, door, {"reason": "新版本已补上"} | told, role="operator", **given)


def errors(world: World, service: str) -> list[str]:
    return [row["error"] for row in world.ask(service, "parked", {})]


def test_a_mended_stream_goes_on_in_its_order_and_nothing_stays_parked(st2021, fault):
    fault.mended = True

    mend(st2021, "retry_parked", "cases", {"parked": refs(st2021, "cases", 0)})
    st2021.settle()

    assert fault.seen == ["甲", "毒", "丙", "丁"]
    assert errors(st2021, "cases") == []
    (fact,) = st2021.facts("cases", "ParkedRetried")
    assert (fact.data["reason"], fact.actor["operator"]) == ("新版本已补上", "op-1")
    assert (fact.jurisdiction, fact.programme) == ("deployment", "")


def test_a_stream_that_fails_again_stays_parked_with_its_new_error(st2021, fault):
    before = errors(st2021, "cases")

    mend(st2021, "retry_parked", "cases", {"parked": refs(st2021, "cases", 0)})
    st2021.settle()

    assert fault.seen == ["甲"]
    assert errors(st2021, "cases") == before
    assert before == [
        "ValueError('this release cannot read it')", *["behind a parked fact of its stream"] * 2
    ]


def test_what_is_given_up_is_missing_and_what_waited_behind_it_goes_on(st2021, fault):
    mend(st2021, "discard_parked", "cases", {"parked": refs(st2021, "cases", 0)})
    st2021.settle()

    assert fault.seen == ["甲", "丙", "丁"]
    assert errors(st2021, "cases") == []
    assert len(st2021.facts("cases", "ParkedDiscarded")) == 1


def test_a_message_that_is_no_fact_can_be_given_up(st2021):
    st2021.consumers["cases"].deliver([(b"\x00\xff no fact", {}, "text/plain")])
    (row,) = st2021.ask("cases", "parked", {})

    mend(st2021, "discard_parked", "cases", {"parked": refs(st2021, "cases", 0)})
    st2021.settle()

    assert (row["stage"], row["source"], row["body"]) == ("read", None, "\\000\\377 no fact")
    assert errors(st2021, "cases") == []


def test_a_message_that_is_no_fact_cannot_be_tried_again(st2021):
    st2021.consumers["cases"].deliver([(b"\x00\xff no fact", {}, "text/plain")])
    named = refs(st2021, "cases", 0)

    with pytest.raises(Refused) as refused:
        mend(st2021, "retry_parked", "cases", {"parked": named})

    assert (refused.value.code, refused.value.facts["parked"]) == ("operations.no-fact", named)
    assert len(errors(st2021, "cases")) == 1
    assert st2021.facts("cases") == []


def test_a_crash_between_effects_and_reactions_loses_no_reaction(st2021, fault):
    class Crash(BaseException):
        pass

    reacted: list[str] = []

    def crashing(fact: Fact) -> None:
        reacted.append(fact.data["alias"])
        if reacted == ["毒"]:
            raise Crash

    fault.consumer.policies["catalog.DepartmentAliasAdded"] = [crashing]
    fault.mended = True
    mend(st2021, "retry_parked", "cases", {"parked": refs(st2021, "cases", 0)})

    with pytest.raises(Crash):
        st2021.settle()
    between = errors(st2021, "cases")
    st2021.settle()

    assert between[0] == "its reactions are still to come"
    assert fault.seen == ["甲", "毒", "丙", "丁"]
    assert reacted == ["毒", "毒", "丙", "丁"]
    assert errors(st2021, "cases") == []


@pytest.mark.parametrize(
    ("door", "taken_in"), [("retry_parked", ["甲", "毒", "丙", "丁"]),
                           ("discard_parked", ["甲", "丙", "丁"])],
)
def test_a_crash_after_the_named_fact_is_mended_leaves_nothing_behind_it_parked(
    st2021, fault, door, taken_in
):
    class Crash(BaseException):
        pass

    crashes = ["丙"]

    def crashing(fact: Fact) -> None:
        if fact.data["alias"] in crashes:
            crashes.clear()
            raise Crash

    fault.consumer.policies["catalog.DepartmentAliasAdded"] = [crashing]
    fault.mended = True
    mend(st2021, door, "cases", {"parked": refs(st2021, "cases", 0)})
    with pytest.raises(Crash):
        st2021.settle()
    between = errors(st2021, "cases")

    st2021.settle()

    assert between == [
        "its reactions are still to come", "behind a parked fact of its stream"
    ]
    assert fault.seen == taken_in
    assert errors(st2021, "cases") == []


def test_a_reaction_whose_id_another_command_has_used_up_is_parked(st2021):
    """An answer to another question is none: the reaction has not happened."""
    sound = st2021.consumers["cases"]

    def policy(fact: Fact) -> None:
        if fact.data["alias"] == "甲":
            raise Refused("log.command-id-reused", {}, "命令编号已用于另一请求，请换新编号")

    st2021.consumers["cases"] = Consumer(
        "cases", sound.database, sound.logs, Projection(),
        {"catalog.DepartmentAliasAdded": [policy]},
    )
    aliased(st2021, "甲")

    st2021.settle()

    (row,) = st2021.ask("cases", "parked", {})
    assert row["stage"] == "react"
    assert "log.command-id-reused" in row["error"]


def test_reactions_wait_behind_an_earlier_one_though_a_later_fact_was_parked_before_it(st2021):
    reacted: list[str] = []
    late = Projection()

    @late.on("catalog.DepartmentAliasAdded")
    def projected(_: cursor, fact: Fact) -> None:
        if fact.data["alias"] == "丙":
            raise ValueError("this release cannot read it")

    def policy(fact: Fact) -> None:
        if fact.data["alias"] == "甲":
            raise ValueError("this release cannot react to it")
        reacted.append(fact.data["alias"])

    sound = st2021.consumers["cases"]
    st2021.consumers["cases"] = Consumer(
        "cases", sound.database, sound.logs, late, {"catalog.DepartmentAliasAdded": [policy]}
    )
    for alias in ("甲", "乙", "丙"):
        aliased(st2021, alias)

    st2021.settle()

    assert reacted == []
    parked = sorted((row["position"], row["stage"]) for row in st2021.ask("cases", "parked", {}))
    assert [stage for _, stage in parked] == ["react", "react", "project"]


def test_two_processes_that_hear_of_one_retry_take_each_fact_in_once(st2021, fault):
    fault.mended = True
    counting = Projection()  # no key of a table hides a second effect
    counting.on("catalog.DepartmentAliasAdded")(fault.take_in)
    first, second = (
        Consumer("cases", fault.sound.database, fault.sound.logs, counting, {}) for _ in range(2)
    )
    st2021.consumers["cases"] = first
    told: list[Fact] = []
    threads: list[Thread] = []

    @counting.on("catalog.DepartmentAliasAdded")
    def meanwhile(at: cursor, fact: Fact) -> None:
        if fact.data["alias"] == "毒" and not threads:
            threads.append(Thread(target=second.policies["cases.ParkedRetried"][0], args=told))
            threads[0].start()
            waits_for_a_lock(st2021)

    mend(st2021, "retry_parked", "cases", {"parked": refs(st2021, "cases", 0)})
    told += st2021.facts("cases", "ParkedRetried")

    st2021.settle()
    threads[0].join()

    assert fault.seen == ["甲", "毒", "丙", "丁"]
    assert errors(st2021, "cases") == []


def waits_for_a_lock(world: World) -> None:
    """Until some session of the database of cases waits for another's lock."""
    waiting = (
        "SELECT 1 FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    watching = Database(world.settings.dsn("cases"), size=1)
    until(lambda: watching.rows(waiting))
    watching.close()


def test_a_second_process_that_still_knows_the_stream_as_parked_does_not_park_what_comes_later(
    st2021, fault
):
    fault.mended = True
    stale = dict(fault.consumer._parked)  # noqa: SLF001 - what another process remembers
    mend(st2021, "retry_parked", "cases", {"parked": refs(st2021, "cases", 0)})
    st2021.settle()
    aliased(st2021, "戊")
    st2021.facts("catalog")
    fault.consumer._parked = stale  # noqa: SLF001

    facts = st2021.facts("catalog")
    fault.consumer._take(facts[-1:])  # noqa: SLF001

    assert fault.seen[-1] == "戊"
    assert errors(st2021, "cases") == []


def test_the_ledger_is_mended_through_supervisions_log(st2021):
    st2021.consumers["ledger"].deliver([(b"no fact", {}, "text/plain")])

    mend(st2021, "discard_parked", "supervision", {
        "consumer": "ledger", "parked": refs(st2021, "ledger", 0)
    })
    st2021.settle()

    assert errors(st2021, "ledger") == []
    (fact,) = st2021.facts("supervision", "ParkedDiscarded")
    assert fact.data["consumer"] == "ledger"


@pytest.mark.parametrize("door", ["retry_parked", "discard_parked"])
def test_what_is_not_parked_is_refused(st2021, door):
    with pytest.raises(Refused) as refused:
        mend(st2021, door, "cases", {"parked": [{"id": 9, "source": "catalog", "position": 3}]})

    assert refused.value.code == "operations.not-parked"
    assert refused.value.facts["parked"] == [{"id": 9, "source": "catalog", "position": 3}]
    assert st2021.facts("cases") == []


@pytest.mark.parametrize("door", ["retry_parked", "discard_parked"])
def test_another_services_parked_facts_are_refused(st2021, fault, door):
    with pytest.raises(Refused) as refused:
        mend(st2021, door, "delegation", {
            "consumer": "cases", "parked": refs(st2021, "cases", 0)
        })

    assert refused.value.code == "operations.other-consumer"
    assert "请向cases提出" in refused.value.zh


def test_who_mends_the_ledger_is_told_to_whoever_asks_another(st2021):
    with pytest.raises(Refused) as refused:
        mend(st2021, "discard_parked", "cases", {
            "consumer": "ledger", "parked": [{"id": 9, "source": None, "position": None}]
        })

    assert "请向supervision提出" in refused.value.zh


@pytest.mark.parametrize("door", ["retry_parked", "discard_parked"])
def test_a_repetition_gets_the_same_answer_and_another_body_under_its_id_is_refused(
    st2021, fault, door
):
    told = {"parked": refs(st2021, "cases", 0)}
    command = UUID(int=77)
    first = mend(st2021, door, "cases", told, command=command)

    again = mend(st2021, door, "cases", told, command=command)
    with pytest.raises(Refused) as refused:
        mend(st2021, door, "cases", told | {"reason": "另一理由"}, command=command)

    assert again == first
    assert refused.value.code == "log.command-id-reused"


@pytest.mark.parametrize("door", ["retry_parked", "discard_parked"])
def test_a_version_that_cannot_be_is_refused(st2021, fault, door):
    with pytest.raises(Refused) as refused:
        mend(st2021, door, "cases", {"parked": refs(st2021, "cases", 0)}, expected=3)

    assert refused.value.code == "log.stale-version"
