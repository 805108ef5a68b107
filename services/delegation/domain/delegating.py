"""What must hold before an item is granted to a town, rule by rule."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.delegation.domain import claim_refusals, legal_bar, refusals
from services.delegation.domain.agreement import Agreement
from services.delegation.domain.claim import Claim
from services.delegation.domain.programme import (
    Row,
    grantor,
    not_grantor,
    policy,
    redelegation_allowed,
    setting,
)
from services.delegation.domain.town_list import TownList
from shared.clock import day_of, start_of


@dataclass(frozen=True)
class OnRecord:
    """What is on record for the town and the item when a grant is asked for."""

    claim: Claim | None = None
    town_list: TownList | None = None
    surveyed: bool = False
    heard: bool = False
    agreement: Agreement | None = None


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


def check_list(item: Row, town: Row, mode: str, town_list: TownList | None) -> None:
    """A town's current list, once there is one, names its items and their modes (R021, R062)."""
    if town_list is None or town_list.current is None:
        return
    entry = town_list.entry(item["item_id"])
    if entry is None:
        raise refusals.not_on_town_list(item["item_id"], town["town_id"], town_list.current)
    if entry["mode"] != mode:
        raise refusals.mode_differs_from_list(item["item_id"], town["town_id"], entry["mode"], mode)


def check_agreement(
    programme: Row, mode_policy: Row, *, item: Row, town: Row, agreement: Agreement | None,
    effective_from: date
) -> UUID | None:
    """The agreement, written and signed where the notice says 须 (R070, R071, R075)."""
    kind = mode_policy["agreement_kind"]
    if agreement is None:
        if mode_policy["agreement_force"] == "must":
            raise refusals.agreement_required(item["item_id"], town["town_id"], kind)
        return None
    if not agreement.covers(kind=kind, town=town["town_id"], item=item["item_id"]):
        raise refusals.agreement_does_not_cover(
            agreement.id, {"kind": kind, "town": town["town_id"], "item": item["item_id"]}
        )
    if not agreement.holds_on(effective_from):
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
