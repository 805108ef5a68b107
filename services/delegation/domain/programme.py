"""What a programme's settings say; a silent notice reads as None."""

from collections.abc import Mapping, Sequence
from typing import Any

from services.delegation.domain import refusals
from shared.refusal import Refused

Row = Mapping[str, Any]

TOWN_SIDE = ("town", "town_department", "town_centre", "town_window")


def setting(programme: Row, *path: str) -> Any:
    """The setting at *path* (``"claim", "kind"``), or None where the notice is silent."""
    found: Any = programme["settings"]
    for step in path:
        found = (found or {}).get(step)
    return found


def policy(programme: Row, mode: str) -> Row:
    """What *mode* means in this programme.

    Raises:
        Refused: ``delegation.mode-not-in-programme`` (R002).
    """
    if mode not in programme["modes"]:
        raise refusals.mode_not_in_programme(
            mode, programme["programme_id"], list(programme["modes"])
        )
    found: Row = programme["modes"][mode]["policy"]
    return found


def earlier_modes(programme: Row, mode: str) -> list[str]:
    """The modes that stand before *mode* in the programme's order of preference (R057)."""
    preferred = list(programme["modes"])
    return preferred[: preferred.index(mode)]


def agreement_policy(programme: Row, kind: str) -> Row | None:
    """The policy of the mode whose agreements are of this kind."""
    policies = (row["policy"] for row in programme["modes"].values())
    return next((found for found in policies if found["agreement_kind"] == kind), None)


def town_holds(mode: Row, facet: str, holders: Sequence[str] = TOWN_SIDE, word: str = "") -> bool:
    """Whether one of *holders* holds the facet in the town's own cases, in a capacity of *word*."""
    return any(
        row["filed_at"] == "town" and row["facet"] == facet and row["cross_town"] != "yes"
        and row["holder"] in holders and word in (row["capacity"] or "")
        for row in mode["facets"]
    )


def town_decides(mode: Row, word: str = "") -> bool:
    """Whether the town decides its own cases in this mode, in a capacity of that word."""
    return town_holds(mode, "decide", word=word)


def redelegation_allowed(programme: Row, mode: Row) -> bool:
    """R059: the mode's word, else the programme's, else no."""
    said = mode["redelegation_allowed"]
    return bool(setting(programme, "redelegation_allowed") if said is None else said)


def grantor(programme: Row, item: Row, town: Row) -> str:
    """The organ that confers this item on this town (R003, R005).

    Raises:
        Refused: the programme moves power by agreement, or no government is known for the town.
    """
    kind = setting(programme, "grantor_kind")
    if kind == "granting_department":
        return str(item["granting_org_id"])
    if kind == "agreement":
        raise refusals.transfer_by_agreement(programme["programme_id"])
    if city := city_grantor(programme, item, town):
        return city
    government = setting(programme, "decided_by_org_id") or town["matching_county_id"]
    if government is None:
        raise refusals.grantor_unknown(programme["programme_id"], town["town_id"])
    return str(government)


def not_grantor(programme: Row, item: Row, town: Row, *, due: str, named: Row) -> Refused:
    """Why the *named* organ cannot confer what is *due* of another (R003, R005, R006)."""
    if setting(programme, "grantor_kind") == "granting_department":
        return refusals.grantor_must_be_granting_department(item["item_id"], due, named["org_id"])
    if named["org_id"] == town["managing_zone_id"] or named["kind"] == "zone_committee":
        return refusals.zone_committee_cannot_confer(named["org_id"], town["town_id"], due)
    if city_grantor(programme, item, town):
        return refusals.city_level_power(item["item_id"], due, named["org_id"])
    return refusals.grantor_must_be_government(item["item_id"], due, named["org_id"])


def city_grantor(programme: Row, item: Row, town: Row) -> str | None:
    """R005, R006: the city government for what is city-level, of all towns or of a zone's.

    Args:
        item: with its ``power_level``; a need has one too.
    """
    if item["power_level"] != "city":
        return None
    applies = setting(programme, "city_level", "applies_to")
    if applies == "all" or (applies == "zone_managed" and town["managing_zone_id"]):
        found: str | None = setting(programme, "city_level", "grantor_org_id")
        return found
    return None
