"""Proves that a power was never without an organ, nor in two hands: a sweep over intervals; pure.

What must hold at every instant, for every item and town. A case is filed at a **counter**: the
town's, the department's (district) or, after a transfer, the bureau's; it crosses towns or not;
and it is about some part of the item. For each such case somebody takes it in and exactly one
organ decides it (R064, R065, R113).

* **District.** The granting department has its item before any grant, and beside a grant that is
  not exclusive (R064: 同等的受理权; R110 for the applicant's choice). So the district counter has
  one acceptor and one decider, the department, whatever the towns hold: its concurrent right is no
  second decider, for it is another counter. It needs to be a known organ, and no more.
* **Town.** Open while a grant is in force, for what the grant covers (R013); elsewhere a case is
  not the town's, and nothing is missing there (R113). All modes of the five notices name an
  acceptor and a decider for cases filed at the town (Part 0): the town or its department decides in
  ``direct`` and ``conferral`` (R050, R063), the centre in ``entrusted_handling`` (R058), the
  district in ``substantive_review``, ``window_forward`` and ``entrusted_acceptance`` (R052, R056,
  R061). Hence a grant in force that names none is a gap, also one that names a role which nobody
  has been found for. Where the notice is silent on another facet, that facet goes with these two
  and is not looked at.
* **Across towns.** ``entrusted_handling`` alone decides otherwise for matters that cross towns:
  the district (R066). So each counter is looked at twice; for a mode whose facets are the same for
  both, what is found is told once.
* **Bureau.** A transfer is exclusive (R064, R074): it holds at every counter and closes the
  district's. Any other grant of the item at that place is an overlap.
* **Two grants** in force for one part of an item are an overlap, even where both name one organ: an
  act could not say under which of them it was done (R065). Grants for different parts are none.

Under each grant: the agreement that its mode demands, signed, in its term and naming the item
(R070, R075, R182). A transfer needs it at the instant of the transfer; what has moved does not
come back with a term (R074). No grantor that is itself a delegatee, no facet with another town or
a body that is no organ (R059). No zone committee holds or exercises anything (R005).

An expired term is a finding only as far as the history reaches: what will run out is no fault yet.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from services.ledger.cover import lacks
from services.ledger.findings import Finding
from services.ledger.history import Act, Grant, History, Power
from services.ledger.terms import EXERCISED, FAR, HELPERS, ZONE

ACCEPT, DECIDE = "accept", "decide"
DELEGATION, CATALOG = "delegation", "catalog"


class _Fault(NamedTuple):
    code: str
    facet: str
    scope: tuple[str, ...]
    filed_at: str
    cross_town: str
    orgs: tuple[str, ...]
    grants: tuple[str, ...]
    position: int


def prove(history: History) -> list[Finding]:
    """Every gap, overlap and breach, by item, town and time; an empty list is the proof."""
    by_place: dict[tuple[str, str], list[Grant]] = defaultdict(list)
    for grant in history.grants:
        by_place[grant.item, grant.town].append(grant)
    found = [
        *(one for power in history.powers for one in _own(power, history.kinds)),
        *(one for grants in by_place.values() for one in _swept(grants, history.kinds)),
        *(one for grant in history.grants for one in _under(grant, history)),
        *(_acted(act) for act in history.acts if history.kinds.get(act.org) == ZONE),
    ]
    return sorted(found, key=lambda one: (one.item, one.town or "", one.since, one.code, one.facet
                                          or "", one.cross_town or ""))


def _own(power: Power, kinds: Mapping[str, str]) -> Iterator[Finding]:
    """The district counter: the department's own power."""
    codes = {ACCEPT: "no-acceptor", DECIDE: "no-decider"}
    if kinds.get(power.owner) == ZONE:
        codes = {DECIDE: "zone-committee-holds"}
    elif power.owner in kinds:
        return
    for facet, code in codes.items():
        yield Finding(
            code, power.programme, power.item, None, power.listed_at, None, CATALOG,
            power.position, facet=facet, filed_at="district", orgs=(power.owner,),
        )


def _swept(grants: Sequence[Grant], kinds: Mapping[str, str]) -> Iterator[Finding]:
    """The town's and the bureau's counter of one item in one town, from instant to instant."""
    since: dict[_Fault, datetime] = {}
    for instant, in_force in _spans(grants):
        faults = set(_faults(in_force, kinds))
        for fault in [one for one in since if one not in faults]:
            yield _over(fault, grants[0], since.pop(fault), instant)
        for fault in faults:
            since.setdefault(fault, instant)
    for fault, begun in since.items():
        yield _over(fault, grants[0], begun, FAR)


def _spans(grants: Sequence[Grant]) -> Iterator[tuple[datetime, list[Grant]]]:
    """Every instant at which something changes, with the grants in force from then on (R065)."""
    opened: dict[datetime, list[Grant]] = defaultdict(list)
    for grant in grants:
        opened[grant.begins].append(grant)
    in_force: list[Grant] = []
    for instant in sorted({*opened, *(grant.ends for grant in grants)} - {FAR}):
        in_force = [grant for grant in in_force if grant.ends > instant]
        in_force += [grant for grant in opened[instant] if grant.ends > instant]
        yield instant, in_force


def _over(fault: _Fault, one: Grant, since: datetime, until: datetime) -> Finding:
    return Finding(
        fault.code, one.programme, one.item, one.town, since, _end(until), DELEGATION,
        fault.position, facet=fault.facet, scope=fault.scope, filed_at=fault.filed_at,
        cross_town=fault.cross_town, orgs=fault.orgs, grants=fault.grants,
    )


def _faults(in_force: Sequence[Grant], kinds: Mapping[str, str]) -> Iterator[_Fault]:
    """What is wrong while these grants are in force together."""
    for covering, scope in _parts(in_force).items():
        for counter in dict.fromkeys(grant.filed_at for grant in covering):
            here = [one for one in covering if one.exclusive or one.filed_at == counter]
            crossing = {cross: set(_at(here, cross, kinds)) for cross in ("no", "yes")}
            for fault in crossing["no"] | crossing["yes"]:
                held = [cross for cross, faults in crossing.items() if fault in faults]
                yield fault._replace(
                    scope=scope, filed_at=counter,
                    cross_town="any" if len(held) > 1 else held[0],
                )


def _parts(in_force: Sequence[Grant]) -> dict[tuple[Grant, ...], tuple[str, ...]]:
    """The parts of the item by the grants that cover them; no names: the rest, or all of it."""
    whole = tuple(grant for grant in in_force if not grant.scope)
    parts: dict[tuple[Grant, ...], tuple[str, ...]] = {whole: ()} if whole else {}
    for name in sorted({part for grant in in_force for part in grant.scope}):
        covering = tuple(one for one in in_force if not one.scope or name in one.scope)
        if covering != whole:
            parts[covering] = (*parts.get(covering, ()), name)
    return parts


def _at(here: Sequence[Grant], cross: str, kinds: Mapping[str, str]) -> Iterator[_Fault]:
    """What is wrong for cases that cross towns or do not, at one counter, for one part."""
    grants = tuple(grant.id for grant in here)
    for facet, none in ((ACCEPT, "no-acceptor"), (DECIDE, "no-decider")):
        rows = [
            (grant, row.org) for grant in here for row in grant.rows
            if row.facet == facet and row.cross_town in ("any", cross)
        ]
        known = [(grant, org) for grant, org in rows if org in kinds]
        if not known:
            orgs = tuple(dict.fromkeys(org for _, org in rows))
            opened = max(grant.opened_by for grant in here)
            yield _Fault(none, facet, (), "", "", orgs, grants, opened)
        elif facet == DECIDE and len(known) > 1:
            orgs = tuple(dict.fromkeys(org for _, org in known))
            begun = max(grant.begun_by for grant, _ in known)
            yield _Fault("two-deciders", facet, (), "", "", orgs, grants, begun)


def _under(grant: Grant, history: History) -> Iterator[Finding]:
    """What is wrong with one grant by itself: its agreement, its grantor, its holders."""
    yield from _agreed(grant, history)
    if not grant.redelegable and grant.decided_by in history.towns:
        yield _of(grant, "redelegated", orgs=(str(grant.decided_by),))
    for row in dict.fromkeys(row._replace(cross_town="any") for row in grant.rows):
        if history.kinds.get(row.org) == ZONE:
            yield _of(grant, "zone-committee-holds", facet=row.facet, orgs=(row.org,))
        if row.facet in EXERCISED and _elsewhere(row.org, grant, history):
            yield _of(grant, "held-elsewhere", facet=row.facet, orgs=(row.org,))


def _agreed(grant: Grant, history: History) -> Iterator[Finding]:
    if grant.agreement is None:
        if grant.agreement_due:
            yield _of(grant, "agreement-missing")
        return
    papers = history.papers.get(grant.agreement, ())
    for lack in lacks(papers, grant.item, grant.begins, grant.ends):
        due = lack.since == grant.begins if grant.transfer else lack.since <= history.until
        if due:
            found = grant.begun_by if lack.position is None else lack.position
            yield _of(grant, lack.code, since=lack.since, until=lack.until, position=found)


def _elsewhere(org: str, grant: Grant, history: History) -> bool:
    """Whether *org* is of another town, a helper, or neither organ nor role of the mode (R059)."""
    if org in history.towns:
        return history.towns[org] != grant.town
    if history.kinds.get(org) in HELPERS:
        return True
    return org not in history.kinds and org not in grant.roles


def _of(
    grant: Grant, code: str, *, facet: str | None = None, orgs: tuple[str, ...] = (),
    since: datetime | None = None, until: datetime | None = None, position: int | None = None,
) -> Finding:
    """A finding about a grant; without more, over all of it, caused by the fact that made it."""
    return Finding(
        code, grant.programme, grant.item, grant.town, since or grant.begins,
        _end(until or grant.ends), DELEGATION,
        grant.opened_by if position is None else position,
        facet=facet, scope=grant.scope, orgs=orgs, grants=(grant.id,),
    )


def _acted(act: Act) -> Finding:
    return Finding(
        "zone-committee-acted", act.programme, act.item or "", act.town, act.at, act.at,
        act.source, act.position, facet=act.facet, orgs=(act.org,),
    )


def _end(instant: datetime) -> datetime | None:
    return None if instant == FAR else instant
