"""Who holds a facet of the power for one case at one instant: look-ups, no branch per mode."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.cases.domain import operators, refusals
from shared.refusal import Refused

Grant = Mapping[str, Any]

# The power a department never gave away (R064).
OWN = "own"
OWN_SEAL = "own:department_seal"
DISTRICT = "district"

# Which rows of a grant fit a case: those for any, and those for its own kind.
FITS = {False: ("any", "no"), True: ("any", "yes")}

# A town begins to work under a grant; a bureau has the power from the transfer on (R074, R091).
MUST_START = {"town": True, "bureau": False}

# Where the notice is silent on one facet, it goes with another: who decides also seals.
GOES_WITH = {"seal": "decide"}

# The refusal for an organ that does not hold the facet; of record (R131).
NOT_HELD = {
    "decide": refusals.decision_not_delegated,
    "seal": refusals.seal_user_not_authorised,
}


@dataclass(frozen=True)
class Held:
    """A facet in one organ's hands, and the grant behind it; none: the department's own power."""

    facet: str
    org_id: str
    capacity: str
    grant: Grant | None

    def pinned(self, item_position: int) -> dict[str, Any]:
        """The authority as an act records it (DESIGN 4.5)."""
        grant = self.grant or {}
        return {
            "grant_id": grant.get("grant_id"),
            "grant_position": grant.get("position"),
            "mode": grant.get("mode"),
            "facet": self.facet,
            "org_id": self.org_id,
            "capacity": self.capacity,
            "instrument": grant.get("instrument"),
            "item_position": item_position,
        }


def prescribed(facet: str, grant: Grant | None, *, cross_town: bool) -> Mapping[str, str] | None:
    """The grant's own row for *facet* in such a case; None where it has none."""
    rows = grant["facets"] if grant else ()
    fits = FITS[cross_town]
    return next((r for r in rows if r["facet"] == facet and r["cross_town"] in fits), None)


def holder(facet: str, grant: Grant | None, *, owner: str, cross_town: bool) -> Held:
    """Who holds *facet*: by the grant's row, else the power's owner.

    Args:
        grant: in force for this case, or None: filed at the department, or the grant has ended.
        owner: the granting department.
        cross_town: whether the matter concerns two or more towns (R066).
    """
    for asked in (facet, GOES_WITH.get(facet, facet)):
        row = prescribed(asked, grant, cross_town=cross_town)
        if row is not None:
            return Held(facet, row["org_id"], row["capacity"], grant)
    if grant is not None and grant["exclusive"]:
        row = prescribed("decide", grant, cross_town=cross_town)
        return Held(facet, row["org_id"] if row else owner, OWN, grant)
    return Held(facet, owner, OWN_SEAL if facet == "seal" else OWN, None)


def covers(grant: Grant, subitem: str | None) -> bool:
    """R013: without scope a grant covers the whole item, with scope only the named sub-items."""
    return not grant["scope"] or subitem in grant["scope"]


def begun(grant: Grant, at: datetime) -> bool:
    """Whether acts under the grant may be done at *at*."""
    started = grant["started_at"]
    return not MUST_START[level(grant)] or (started is not None and started <= at)


def level(grant: Grant) -> str:
    """Where cases under this grant are filed: town or bureau."""
    return str(grant["facets"][0]["filed_at"])


@dataclass(frozen=True)
class Standing:
    """Who acts, when, and what the world looked like then.

    Args:
        at: the instant of the act.
        org: the acting organ.
        operator: opaque id.
        grant: the grant this case rests on, if in force at *at*; or an exclusive transfer.
        lapsed: id of the grant the case was accepted under, if that has ended.
        owner: the granting department of the item.
        item_position: of the item in catalog's log.
        standards: version of each standard of the item in force at *at* (R017).
        holdings_version: the next position of delegation's log this copy had not yet seen.
        town_orgs: the bodies of the case's town.
        successors: who stands at *at* for each organ that is no more by then (R131).
        kinds: what is on record of the operator for this organ on that day (R094, R097).
    """

    at: datetime
    org: str
    operator: str
    grant: Grant | None
    lapsed: str | None
    owner: str
    item_position: int
    holdings_version: int
    town_orgs: frozenset[str] = frozenset()
    standards: Mapping[str, int] = field(default_factory=dict)
    kinds: Collection[str] = ()
    successors: Mapping[str, str] = field(default_factory=dict)

    def in_place_of(self, org: str | None) -> str | None:
        """Who stands for an organ that the case named at some time."""
        return self.successors.get(org, org) if org else None

    @property
    def dispossessed(self) -> bool:
        """Whether the power the case was begun under has ended, or has moved from the actor."""
        moved = self.grant is not None and self.grant["exclusive"] and self.org == self.owner
        return self.lapsed is not None or moved

    def holds(self, facet: str, *, cross_town: bool) -> Held:
        """The acting organ's hold on *facet*, in the hands of this operator.

        Raises:
            Refused: of record; the organ does not hold it now (R131), or the operator may not
                exercise it (R094, R097).
        """
        held = holder(facet, self.grant, owner=self.owner, cross_town=cross_town)
        if held.org_id != self.org:
            raise self._why_not(held, cross_town=cross_town)
        self._check_operator(facet)
        return held

    def holds_any(self, facets: Sequence[str], *, act: str, cross_town: bool) -> Held:
        """The first of *facets* that the acting organ holds, for an act that any of them allows.

        Raises:
            Refused: of record; it holds none of them now, told for the first, or the operator may
                not do the act.
        """
        for facet in facets:
            held = holder(facet, self.grant, owner=self.owner, cross_town=cross_town)
            if held.org_id == self.org:
                self._check_operator(act)
                return held
        return self.holds(facets[0], cross_town=cross_town)

    def _check_operator(self, act: str) -> None:
        operators.check(act, org=self.org, operator=self.operator, kinds=self.kinds)

    def _why_not(self, held: Held, *, cross_town: bool) -> Refused:
        told = {"facet": held.facet, "org": self.org, "holder": held.org_id}
        if self.lapsed is not None and self.org in self.town_orgs:
            return refusals.authority_lapsed(grant=self.lapsed, **told)
        alone = holder(held.facet, self.grant, owner=self.owner, cross_town=False)
        if cross_town and alone.org_id != held.org_id and self.org in self.town_orgs:
            return refusals.cross_town_reserved_to_district(**told)
        if held.grant is not None and held.grant["exclusive"] and self.org == self.owner:
            return refusals.power_transferred(**told)
        return NOT_HELD.get(held.facet, refusals.facet_not_delegated)(**told)


@dataclass(frozen=True)
class Filing:
    """An application before an organ that would accept it.

    Args:
        item: row of the register.
        town: of the organ; of the applicant when filed at the department; or None.
        org: that would accept.
        org_town: the town whose body it is, or None.
        grants: in force for the item in *town* now.
        transfers: exclusive grants of the item in force now, wherever.
        equal_acceptance: the programme's setting.
        go_to: the department's counter, ``{"org_id", "name"}``.
        towns: where else the matter can be handed in.
        shut: ids of those *grants* that are worked at a window which is not open (R068).
    """

    item: Mapping[str, Any]
    subitem: str | None
    town: str | None
    org: str
    org_town: str | None
    at: datetime
    grants: Sequence[Grant]
    transfers: Sequence[Grant]
    equal_acceptance: bool | None
    go_to: Mapping[str, Any]
    towns: Sequence[Mapping[str, Any]]
    shut: Collection[str] = ()

    def grant(self) -> Grant | None:
        """The grant under which the organ would accept; None: the department's own power (R113).

        Raises:
            Refused: not here; the facts say where.
        """
        if self.subitem is not None and self.subitem in self.item["exclusions"]:
            raise refusals.excluded_by_item_name(
                self.item["item_id"], self.subitem, self.item["exclusions"]
            )
        if self.org_town is not None:
            return self._of_town(self.org_town)
        self._of_department()
        return None

    def _of_department(self) -> None:
        owner = self.item["granting_org_id"]
        if self.transfers:
            held = holder("accept", self.transfers[0], owner=owner, cross_town=False)
            told = {"facet": "accept", "org": self.org, "holder": held.org_id}
            raise (
                refusals.power_transferred(**told)
                if self.org == owner
                else refusals.facet_not_delegated(**told)
            )
        if self.org != owner:
            raise refusals.facet_not_delegated("accept", self.org, owner)
        if self.town is not None and not self.equal_acceptance and self._usable(self.grants):
            raise refusals.no_equal_acceptance(self.item["item_id"], self.town)

    def _of_town(self, town: str) -> Grant:
        item = self.item["item_id"]
        if not self.grants:
            raise refusals.no_grant_in_force(item, town, self.go_to, self.towns)
        covering = [grant for grant in self.grants if covers(grant, self.subitem)]
        if not covering:
            scope = [part for grant in self.grants for part in grant["scope"]]
            raise refusals.outside_scope(item, self.subitem, scope, self.go_to)
        usable = self._usable(covering)
        if not usable:
            raise refusals.not_started(item, town, covering[0]["grant_id"], self.go_to)
        if usable[0]["grant_id"] in self.shut:
            raise refusals.window_not_open(item, town, self.go_to)
        return usable[0]

    def _usable(self, grants: Iterable[Grant]) -> list[Grant]:
        return [g for g in grants if covers(g, self.subitem) and begun(g, self.at)]
