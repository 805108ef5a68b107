"""What must hold before an item is granted to a town, rule by rule."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from services.delegation.domain import claim_refusals, grant_refusals, legal_bar, refusals
from services.delegation.domain.agreement import Agreement
from services.delegation.domain.claim import Claim
from services.delegation.domain.list_entries import scope_of
from services.delegation.domain.programme import (
    Row,
    earlier_modes,
    grantor,
    not_grantor,
    policy,
    redelegation_allowed,
    setting,
)
from services.delegation.domain.town_list import TownList
from shared.clock import day_of, start_of

NOT_MET = "not_met"


@dataclass(frozen=True)
class OnRecord:
    """What is on record for the town and the item when a grant is asked for.

    Args:
        heard: whether the town's opinion on the current menu is there (R031).
    """

    claim: Claim | None = None
    town_list: TownList | None = None
    surveyed: bool = False
    heard: bool = False
    agreement: Agreement | None = None
    assessed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Terms:
    """What a grant would be, when every rule that stands before it lets it pass."""

    decider: str
    scope: list[str]
    agreement: UUID | None
    begins: datetime


def terms(
    programme: Row, *, town: Row, item: Row, mode: str, scope: Sequence[str], effective_from: date,
    named: Row | None, known: OnRecord, listed: Sequence[str],
) -> Terms:
    """The rules before a grant, one after the other.

    Args:
        scope: sub-items; empty for all that the catalogue names (R013).
        named: the organ put forward as grantor, or None for the one the programme means.
        listed: the modes that the town's list may name for the item.
    """
    mode_policy = policy(programme, mode)
    if not town["recipient"]:
        raise refusals.not_a_recipient(town["town_id"], programme["programme_id"])
    decider = decided_by(programme, item, town, named)
    check_law(item, mode, mode_policy, effective_from)
    check_supervised(programme, item)
    check_assessed(programme, item, mode, known.assessed)
    scope = scope_of(item, scope)
    check_after_notice(programme, effective_from)
    check_choice(programme, town, item, known)
    check_list(item, town, mode, known.town_list, listed)
    return Terms(
        decider=decider,
        scope=scope,
        agreement=check_agreement(
            programme, mode_policy, item=item, town=town["town_id"], agreement=known.agreement,
            effective_from=effective_from,
        ),
        begins=effective_instant(
            programme, item=item, town=town, effective_from=effective_from,
            town_list=known.town_list,
        ),
    )


def check_not_redelegated(
    programme: Row, *, mode: str, item: str, grantor: str, grantor_is_town: bool, to: str
) -> None:
    """A delegatee cannot be a grantor (R059)."""
    if grantor_is_town and not redelegation_allowed(programme, policy(programme, mode)):
        raise refusals.redelegation_forbidden(item, grantor, to)


def decided_by(programme: Row, item: Row, town: Row, named: Row | None) -> str:
    """The grantor; a named one must be the one whom the programme means (R003, R005)."""
    due = grantor(programme, item, town)
    if named is not None and named["org_id"] != due:
        raise not_grantor(programme, item, town, due=due, named=named)
    return due


def check_law(item: Row, mode: str, mode_policy: Row, on: date) -> None:
    """What the law forbids is refused, and the refusal recorded (R046)."""
    if found := legal_bar.bar(item["constraints"], mode_policy, on):
        raise legal_bar.refusal(found, item["item_id"], mode)


def check_supervised(programme: Row, item: Row) -> None:
    """The supervisor of the trade is named before the item moves (R016)."""
    required = setting(programme, "supervision", "supervisor_required")
    if required and item["supervising_org_id"] is None:
        raise grant_refusals.supervisor_missing(item["item_id"])


def check_assessed(
    programme: Row, item: Row, mode: str, assessed: Mapping[str, str]
) -> None:
    """The mode's criterion is not answered with no, and each earlier mode's is (R051, R057).

    Where the catalogue itself names the item's mode, the notice has answered.

    Args:
        assessed: the answers on record, by mode.
    """
    if assessed.get(mode) == NOT_MET:
        raise grant_refusals.mode_assessed_otherwise(
            item["item_id"], mode, policy(programme, mode)["criterion"]
        )
    if setting(programme, "assessment", "earlier_modes") != "block" or item["mode"] == mode:
        return
    if missing := [one for one in earlier_modes(programme, mode) if assessed.get(one) != NOT_MET]:
        raise grant_refusals.earlier_mode_not_assessed(item["item_id"], mode, missing)


def check_choice(programme: Row, town: Row, item: Row, known: OnRecord) -> None:
    """The town chose and was heard; a closed claim is not reopened (R031, R036)."""
    state = known.claim.state if known.claim else None
    if state not in (None, "claimed"):
        raise refusals.claim_stands_otherwise(item["item_id"], town["town_id"], str(state))
    if setting(programme, "claim", "kind") != "menu_choice":
        return
    if setting(programme, "claim", "survey_first") and not known.surveyed:
        raise claim_refusals.survey_missing(town["town_id"])
    if state is None:
        raise refusals.not_selected_by_town(item["item_id"], town["town_id"])
    if not known.heard:
        raise refusals.opinions_not_sought(town["town_id"])


def check_list(
    item: Row, town: Row, mode: str, town_list: TownList | None, listed: Sequence[str]
) -> None:
    """A town's current list, once there is one, names its items and their modes (R021, R062)."""
    if town_list is None or town_list.current is None:
        return
    entry = town_list.entry(item["item_id"])
    if entry is None:
        raise refusals.not_on_town_list(item["item_id"], town["town_id"], town_list.current)
    if entry["mode"] not in listed:
        raise refusals.mode_differs_from_list(item["item_id"], town["town_id"], entry["mode"], mode)


def check_agreement(
    programme: Row, mode_policy: Row, *, item: Row, town: str, agreement: Agreement | None,
    effective_from: date
) -> UUID | None:
    """The agreement, written and signed where the notice says 须 (R070, R071, R075)."""
    kind = mode_policy["agreement_kind"]
    if agreement is None:
        if mode_policy["agreement_force"] == "must":
            raise refusals.agreement_required(item["item_id"], town, kind)
        return None
    if not agreement.covers(kind=kind, town=town, item=item["item_id"]):
        raise refusals.agreement_does_not_cover(
            agreement.id, {"kind": kind, "town": town, "item": item["item_id"]}
        )
    if not agreement.holds_on(effective_from, item["item_id"]):
        raise refusals.agreement_not_in_force(agreement.id, agreement.state, effective_from)
    gates = setting(programme, "filing", "agreement", "gates_effect")
    if gates and mode_policy["filing"] is not None and not agreement.filed:
        raise refusals.agreement_not_filed(agreement.id)
    return agreement.id


def effective_instant(
    programme: Row, *, item: Row, town: Row, effective_from: date, town_list: TownList | None
) -> datetime:
    """From when the grant holds: its first day, and never before a required publication (R041).

    On the day of publication itself it holds from the publication on.
    """
    begins = start_of(effective_from)
    if not setting(programme, "publication", "precondition_of_effect"):
        return begins
    published = town_list.published.get(item["item_id"]) if town_list else None
    if published is None or effective_from < day_of(published):
        raise refusals.effective_before_publication(
            item["item_id"], town["town_id"], effective_from, published
        )
    return max(begins, published)


def check_after_notice(programme: Row, effective_from: date) -> None:
    """Nothing moves under a notice before it is issued (R001)."""
    if effective_from < programme["issued_on"]:
        raise refusals.wrong_date_order(
            "方案印发日", programme["issued_on"], "生效日", effective_from
        )


def check_transition(effective_from: date, transition_until: date | None) -> None:
    """A transition lies after the first day (R095)."""
    if transition_until is not None and transition_until < effective_from:
        raise refusals.wrong_date_order(
            "生效日", effective_from, "过渡期届满", transition_until
        )
