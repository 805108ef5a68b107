"""Every kind of message that another platform may send, sent over a real broker and done once."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

import pytest

from shared.bus.inbound import ARRIVALS
from shared.contracts.inbound import ANSWERS, COMMANDS
from shared.settings import Settings
from tests.platform import House, Platform, application, empty_queues, house, message
from tests.played import CLAUSES, Counties, Played
from tests.world import World

TOWN, OWNER, SUPERVISOR = "MD2023-TOWN-16", "MD2023-ORG-19", "MD2023-ORG-13"
CENTRE, ITEM = f"{TOWN}-CENTRE", "MD23-07"
MORNING, SENT = "2023-07-03T08:00:00+08:00", "2023-07-03T09:00:00+08:00"


@dataclass(frozen=True)
class Sent:
    """What a platform sends: the data, and for which organ."""

    org: str
    data: dict[str, Any]


class Desks:
    """The organs' own steps, up to where another platform takes the next one."""

    def __init__(self, world: World) -> None:
        self.world = world

    def act(self, door: str, org: str, **told: Any) -> str:
        """A command on that morning, ``<service>.<door>``; the stream it wrote to."""
        service, _, name = door.partition(".")
        done = self.world.do(service, name, {"programme": "MD2023", **told}, at=MORNING, actor=org)
        return str(done["stream"])

    def new(self) -> dict[str, Any]:
        """An application that nobody has handed in, for a matter of its own."""
        return application(
            item=ITEM, chosen_org=CENTRE, town=TOWN, towns_concerned=[TOWN],
            applicant_key=str(uuid4()),
        )

    def filed(self) -> str:
        """A case handed in."""
        told = self.new()
        self.act("cases.submit", CENTRE, **told)
        return str(told["case"])

    def deficient(self) -> str:
        """A case of whose lacking papers the applicant was told."""
        case = self.filed()
        self.act(
            "cases.notify_deficiency", CENTRE, case=case, items=["身份证明"], document_ref="doc-1"
        )
        return case

    def forwarded(self) -> str:
        """A case that the town has accepted and passed on."""
        case = self.filed()
        self.act("cases.accept", CENTRE, case=case)
        self.act("cases.preliminary_review", CENTRE, case=case, result="ok")
        self.act("cases.forward", CENTRE, case=case, to=OWNER)
        return case

    def received(self) -> str:
        """A case that the department has from the town."""
        case = self.forwarded()
        self.act("cases.receive", OWNER, case=case)
        return case

    def approved(self) -> str:
        """A case of the town that the department has granted; supervision knows."""
        case = self.received()
        self.act("cases.review", OWNER, case=case, result="positive", opinion_ref="op-1")
        self.act("cases.approve", OWNER, case=case)
        self.world.settle()
        return case

    def owed(self, case: str, direction: str) -> str:
        """The push that is owed of a case."""
        pushes = self.world.ask("supervision", "pushes", {"programme": "MD2023"})
        (push,) = [
            one["push_id"] for one in pushes
            if (one["case_id"], one["direction"]) == (case, direction)
        ]
        return str(push)

    def pushed(self) -> str:
        """An approval of which the supervising department was told."""
        push = self.owed(self.approved(), "approval")
        self.act("supervision.send_push", OWNER, push=push)
        return push

    def result_owed(self) -> str:
        """A result of supervision that the town is to be told."""
        case = self.approved()
        self.act("supervision.collect_record", SUPERVISOR, **record(case))
        self.world.settle()
        return self.owed(case, "result")

    def assigned(self) -> str:
        """A task of the town."""
        return self.act("supervision.assign_task", OWNER, task_no="2", unit=TOWN)


def record(case: str) -> dict[str, Any]:
    """What the supervising department did about a case."""
    return {
        "source_org": SUPERVISOR, "kind": "revocation", "subject_key": "subject-1",
        "ref": f"吊销〔2023〕{uuid4()}", "case": case,
    }


# Of each kind what is sent, once the organs have done what goes before it.
KINDS: dict[str, Callable[[Desks], Sent]] = {
    "cases.ApplicationSubmitted": lambda desks: Sent(CENTRE, desks.new()),
    "cases.MaterialsSupplemented": lambda desks: Sent(
        CENTRE, {"case": desks.deficient(), "items": ["身份证明"]}
    ),
    "cases.CaseWithdrawn": lambda desks: Sent(CENTRE, {"case": desks.filed()}),
    "cases.CaseForwardReceived": lambda desks: Sent(OWNER, {"case": desks.forwarded()}),
    "cases.CaseReturned": lambda desks: Sent(OWNER, {
        "case": desks.received(), "reason_code": "wrong_item", "text": "请核对",
    }),
    "supervision.ApprovalPushAcknowledged": lambda desks: Sent(
        SUPERVISOR, {"push": desks.pushed()}
    ),
    "supervision.SupervisionRecordCollected": lambda desks: Sent(
        SUPERVISOR, record(desks.approved())
    ),
    "supervision.SupervisionResultPushed": lambda desks: Sent(
        SUPERVISOR, {"push": desks.result_owed(), "result": "吊销〔2023〕1号"}
    ),
    "supervision.TaskReported": lambda desks: Sent(
        TOWN, {"obligation": desks.assigned(), "text_ref": "调度〔2023〕1号"}
    ),
    "supervision.TaskCompleted": lambda desks: Sent(
        TOWN, {"obligation": desks.assigned(), "evidence_refs": ["e-1"]}
    ),
}


@pytest.fixture(scope="module")
def district(
    migrated: Settings, amqp_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    """牡丹区, where one town has started to accept one item for the department."""
    world = Counties(migrated)
    world.empty()
    world.imported("MD2023")
    accepting(Played(world))
    keys = tmp_path_factory.mktemp("intake")
    settings = replace(migrated, amqp_url=amqp_url, keys=keys)
    with house(world, settings, ("cases", "supervision")) as one:
        yield one
    world.close()


def accepting(hands: Played) -> None:
    """An agreement, a grant in entrusted acceptance, and its start."""
    of_town = {"programme": "MD2023", "town": TOWN}
    agreement = hands.told(
        "draft_agreement", **of_town, kind="acceptance", department=OWNER, items=[ITEM],
        clauses=[{"key": key} for key in CLAUSES], term_from="2023-07-01", term_to="2024-06-30",
    )
    hands.told("sign_agreement", programme="MD2023", agreement=agreement,
               signed_on="2023-06-20", signatories=[OWNER, TOWN])
    grant = hands.told("delegate", **of_town, item=ITEM, mode="entrusted_acceptance",
                       effective_from="2023-07-01")
    hands.told("start_implementation", "2023-07-01T09:00:00+08:00", TOWN, programme="MD2023",
               grant=grant)


@pytest.fixture
def platform(district: House, amqp_url: str) -> Iterator[Platform]:
    """A platform that speaks for every organ of the case; the queues are empty."""
    empty_queues(amqp_url)
    one = Platform(amqp_url)
    district.knows(user=one.user, orgs=[TOWN, CENTRE, OWNER, SUPERVISOR])
    yield one
    one.close()
    empty_queues(amqp_url)


def test_every_kind_of_message_is_tried():
    assert set(KINDS) == set(COMMANDS)


@pytest.mark.parametrize("kind", KINDS)
def test_a_message_of_each_kind_is_accepted_and_recorded_once_as_the_fact_of_its_name(
    kind: str, district: House, platform: Platform
):
    service, _, name = kind.partition(".")
    sent = KINDS[kind](Desks(district.world))
    before = len(district.world.facts(service, name))
    told = message({"programme": "MD2023", **sent.data}, kind, org=sent.org, time=SENT)

    with district.open():
        answer, again = (platform.ask(told) for _ in range(2))

    (fact,) = district.world.facts(service, name)[before:]
    assert (answer["outcome"], answer["id"], answer["type"]) == ("accepted", told["id"], kind)
    assert ANSWERS["accepted"]().validate(answer) == {}
    assert answer["events"] == [kind]
    assert answer["positions"] == {service: fact.position}
    assert (answer["stream"], answer["version"]) == (str(fact.stream), fact.version)
    assert again == answer
    assert fact.actor == {"org": sent.org, "role": "platform", "operator": platform.user}
    assert fact.occurred_at.isoformat() == "2023-07-03T01:00:00+00:00"
    assert platform.waiting(ARRIVALS.name) == 0
    assert district.world.parked() == []
