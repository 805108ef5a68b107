"""What may be asked of the delegation service: organs that are no more, and what follows."""

from shared.contracts.asked_delegation_fields import (
    PROGRAMME,
    OfAgreement,
    OfGrant,
    OfTown,
    code,
    day_or_none,
)
from shared.contracts.requests import Question, command, question


@command("delegation", "succeed_in_grant")
class SucceedInGrant(OfGrant):
    """Let a grant or transfer name who has taken over its organs; a policy issues it (R131)."""


@command("delegation", "succeed_in_agreement")
class SucceedInAgreement(OfAgreement):
    """Let an agreement name who has taken over its parties; a policy issues it (R182)."""


@command("delegation", "succeed_in_list")
class SucceedInList(OfTown):
    """Let a town's list name who has taken over its departments; a policy issues it."""


@question("delegation", "succession_consequences")
class SuccessionConsequences(Question):
    """What a merger of two organs or two towns would lead to, 撤并预演 (R007, R087, R131, R182)."""

    programme = code(PROGRAMME)
    org = code("organ or town that would be no more")
    into = code("organ or town that would take over")
    effective_on = day_or_none("first day; left out: not said")
