"""What may be asked of the delegation service: grants, and every question; papers apart."""

from marshmallow import fields

from shared.contracts import (  # noqa: F401 - registers them
    asked_delegation_capability,
    asked_delegation_grant_life,
    asked_delegation_handover,
    asked_delegation_needs,
    asked_delegation_papers,
    asked_delegation_recall,
    asked_delegation_succession,
    asked_delegation_tables,
    pages,
)
from shared.contracts.asked_delegation_fields import (
    AGREEMENT,
    GRANT,
    ITEM,
    PROGRAMME,
    TOWN,
    OfGrant,
    OfProgramme,
    OfTown,
    OfTownAndItem,
    a_day,
    an_instant,
    code,
    code_or_none,
    codes,
    day_or_none,
    one_of,
    one_of_or_none,
)
from shared.contracts.asked_keys import Rotation
from shared.contracts.delegation import GROUNDS
from shared.contracts.delegation_fields import FACETS
from shared.contracts.requests import Question, command, question

GRANT_STATES = (
    "decided", "in_transition", "in_force", "legality_review", "recall_proposed", "ended"
)
AGREEMENT_STATES = ("drafted", "signed", "expired", "terminated")

# Grants


@command("delegation", "delegate")
class Delegate(OfTownAndItem):
    """Grant an item to a town in a mode, 赋权 (R001 to R005, R013, R031, R041, R046, R070)."""

    mode = code("mode, e.g. entrusted_handling")
    scope = codes("sub-items that move; empty: as the catalogue defines (R013)", required=False)
    effective_from = a_day("first day of the grant")
    decided_by = code_or_none("the grantor; left out: as the programme says (R003)")
    agreement = fields.UUID(
        load_default=None, allow_none=True,
        metadata={"description": "the agreement; left out: the signed one that covers the item"},
    )
    transition_until = day_or_none("last day of the transition, if one is set (R095)")


@command("delegation", "delegate_list")
class DelegateList(OfTown):
    """Grant every entry of the approved list that is not yet granted, 按清单赋权."""

    effective_from = a_day("first day of the grants")
    transition_until = day_or_none("last day of the transitions, if one is set (R095)")


@command("delegation", "start_implementation")
class StartImplementation(OfGrant):
    """The town begins to work under a grant, 启动实施; not while a blocking gate is open (R091)."""


@command("delegation", "start_list")
class StartList(OfTown):
    """Start every grant of a town that is not yet started."""


@command("delegation", "check_gates")
class CheckGates(OfGrant):
    """Record which readiness gates of a grant are open, 接得住核查 (R091)."""


@command("delegation", "correct_grant")
class CorrectGrant(OfGrant):
    """Correct a wrongly recorded first day of a grant, 更正 (R222)."""

    effective_from = a_day("the right first day")
    reason = code("what was wrong")


@command("delegation", "review_legality")
class ReviewLegality(OfGrant):
    """Open a legality review: a legal bar appeared after the grant (R046); a policy issues it."""

    kind = code("kind of the bar")
    norm_rank = code("rank of the norm")
    article = code("the article")


@command("delegation", "propose_recall")
class ProposeRecall(OfGrant):
    """Propose to recall a grant, 提出收回 (R180)."""

    ground = code("runs_badly, poor_effect or does_not_fit (R180)")
    evidence_refs = codes("evaluations or findings", required=False)
    proposed_by = code("the organ that proposes")


@command("delegation", "hear_town")
class HearTown(OfGrant):
    """Record that the town has been heard, 听取镇街意见 (R180)."""

    opinion_ref = code("where the opinion is")


@command("delegation", "recall")
class Recall(OfGrant):
    """Recall a grant, 收回 (R067, R180, R181)."""

    ground = code_or_none(f"{', '.join(GROUNDS)}; left out: as proposed")
    evidence_refs = codes("evidence; left out: as proposed", required=False)
    decided_by = code_or_none("the organ that decides; left out: the grantor")
    decided_on = a_day("day of the decision")
    effective_from = a_day("day from which the town no longer holds the power")


@command("delegation", "transfer_power")
class TransferPower(OfProgramme):
    """Move an item wholly to a unit's approval bureau, 划转 (R064, R074)."""

    unit = code("the county or zone, e.g. GZ2020-UNIT-15")
    item = code(ITEM)
    agreement = fields.UUID(required=True, metadata={"description": AGREEMENT})


@command("delegation", "run_due")
class RunDue(OfProgramme):
    """Turn what is due into facts, each once: expiries, warnings, lapses (R035, R075, R224)."""

    now = an_instant("the instant that is looked at")


# Questions


@question("delegation", "holders")
class Holders(Question):
    """Who held a facet of an item in a town when, as known when, 权限归属 (R065, R222)."""

    item = code(ITEM)
    town = code_or_none(TOWN)
    facet = one_of(FACETS, "facet of the power")
    at = an_instant("effective instant")
    known_at = fields.AwareDateTime(
        load_default=None, allow_none=True,
        metadata={"description": "as known at; left out: as now known"}
    )


@question("delegation", "held_by")
class HeldBy(Question):
    """Which facets an organ held at an instant, as known when, page by page (R065, R222)."""

    org = code("the organ")
    at = an_instant("effective instant")
    known_at = fields.AwareDateTime(
        load_default=None, allow_none=True,
        metadata={"description": "as known at; left out: as now known"}
    )
    beyond = pages.beyond()
    limit = pages.limit()


@question("delegation", "grants")
class Grants(Question):
    """The grants in force for an item in a town at an instant."""

    item = code(ITEM)
    town = code(TOWN)
    at = an_instant("effective instant")


@question("delegation", "grants_of")
class GrantsOf(Question):
    """Every grant of a programme, of a town, of an item, in a state."""

    programme = code(PROGRAMME)
    town = code_or_none(TOWN)
    item = code_or_none(ITEM)
    state = one_of_or_none(GRANT_STATES, "state of the grant")


@question("delegation", "grant")
class GrantById(Question):
    """One grant with its state and its chain of authority (R067)."""

    grant = fields.UUID(required=True, metadata={"description": GRANT})


@question("delegation", "gates")
class Gates(Question):
    """The readiness gates of a grant: passed, open, or not recorded (R091)."""

    grant = fields.UUID(required=True, metadata={"description": GRANT})


@question("delegation", "list")
class ListOf(Question):
    """A town's list: the current version, or the one of a day (R021, R183)."""

    town = code(TOWN)
    on = day_or_none("as of that day; left out: the current one")


@question("delegation", "claims")
class Claims(Question):
    """Claims of a programme, or of one town, with what became of each."""

    programme = code(PROGRAMME)
    town = code_or_none(TOWN)


@question("delegation", "claims_unanswered")
class ClaimsUnanswered(Question):
    """Claims neither granted nor refused when a day begins (R036)."""

    programme = code(PROGRAMME)
    on = a_day("the day that begins")


@question("delegation", "agreement")
class AgreementById(Question):
    """One agreement."""

    agreement = fields.UUID(required=True, metadata={"description": AGREEMENT})


@question("delegation", "agreements")
class Agreements(Question):
    """Agreements of a programme, in a state."""

    programme = code(PROGRAMME)
    state = one_of_or_none(AGREEMENT_STATES, "state of the agreement")


@question("delegation", "seals")
class Seals(Question):
    """Seals of a programme, of a department, of a town (R082)."""

    programme = code(PROGRAMME)
    department = code_or_none("the department or other organ whose seal it is")
    town = code_or_none(TOWN)


@command("delegation", "rotate_signing_key")
class RotateSigningKey(Rotation):
    """Let the signing key of the delegation log hand over to the next one (更换签名密钥)."""
