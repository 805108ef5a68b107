"""One act before its judge: the fact, the case as it stood, and who held what then; pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from services.ledger.audit import grants, papers, register, seals, staff
from services.ledger.audit.case import Case
from services.ledger.audit.grants import DECIDE, SEAL, Grant, Grants, Row, Span
from services.ledger.audit.papers import Papers
from services.ledger.audit.register import Programme, Register
from services.ledger.audit.seals import Seal, Seals
from services.ledger.audit.staff import Staff
from services.ledger.audit.told import Told
from services.ledger.terms import FINISH

OWN_SEAL = "own:department_seal"
FLAGGED = "IssuedWithoutAuthorityFlagged"

# The facts that say who held what; the others are judged, and teach nothing.
LEARNT = frozenset({
    FLAGGED, *register.TAKES, *grants.TAKES, *papers.TAKES, *seals.TAKES, *staff.TAKES,
})


@dataclass
class World:
    """All that the logs of catalog, delegation and supervision say."""

    register: Register = field(default_factory=Register)
    grants: Grants = field(default_factory=Grants)
    papers: Papers = field(default_factory=Papers)
    seals: Seals = field(default_factory=Seals)
    staff: Staff = field(default_factory=Staff)
    flagged: set[str] = field(default_factory=set)  # decisions that supervision has marked (R131)
    open: dict[tuple[str, str, str], list[Case]] = field(default_factory=dict)  # by key (R112)

    def take(self, told: Told) -> None:
        """Learn from one fact of catalog, delegation or supervision."""
        if told.source == "catalog":
            self.register.take(told)
        elif told.source == "delegation":
            for book in (self.grants, self.papers, self.seals, self.staff):
                book.take(told)
        elif told.name == FLAGGED:
            self.flagged.add(told.data["decision_id"])


class Scene:
    """A fact with what stood on record when it occurred.

    Args:
        case: as it was before the fact; None for a fact of no case, or of an unknown one.
        known: judge by what was recorded by then; None: by all that is.
    """

    def __init__(
        self, world: World, told: Told, case: Case | None, known: datetime | None = None
    ) -> None:
        self.world, self.told, self.case, self.known = world, told, case, known
        self.at, self.data = told.occurred, told.data

    def as_known(self, known: datetime) -> "Scene":
        """The same act, judged by what was recorded by then."""
        return Scene(self.world, self.told, self.case, known)

    @cached_property
    def programme(self) -> Programme | None:
        return self.world.register.programmes.get(self.told.programme)

    def setting(self, *path: str) -> Any:
        """A setting of the programme; None where the notice is silent."""
        return None if self.programme is None else self.programme.setting(*path)

    @cached_property
    def authority(self) -> Mapping[str, Any]:
        """The power that the act pins (DESIGN 4.5)."""
        pinned: Mapping[str, Any] = self.data["authority"]
        return pinned

    @cached_property
    def org(self) -> str:
        """The organ that acts by the pinned power."""
        return str(self.authority["org_id"])

    @cached_property
    def grant(self) -> Grant | None:
        """The grant that the act pins; None: the department's own power, or no such grant."""
        return self.world.grants.by_id.get(self.authority["grant_id"] or "")

    @cached_property
    def span(self) -> Span | None:
        """The interval of that grant which covers the act; also one that may be finished (R131)."""
        return None if self.grant is None else self._of(self.grant)

    @cached_property
    def case_span(self) -> Span | None:
        """The interval of the grant the case was accepted under that covers the act."""
        if self.case is None or self.case.grant is None:
            return None
        grant = self.world.grants.by_id.get(self.case.grant)
        return None if grant is None else self._of(grant)

    def _of(self, grant: Grant) -> Span | None:
        found = grant.at(self.at, self.known)
        if found is not None or not self._finishes(grant):
            return found
        assert self.case is not None
        assert self.case.accepted_at is not None
        return grant.at(self.case.accepted_at, self.known)

    def _finishes(self, grant: Grant) -> bool:
        """R131: a reviewed case may be finished where recall or programme say so."""
        case = self.case
        if case is None or case.reviewed_by is None or case.accepted_at is None:
            return False
        end = grant.end(self.at, self.known)
        policy = end.policy if end else None
        return (policy or self.setting("recall", "in_flight_policy")) == FINISH

    @cached_property
    def cross_town(self) -> bool:
        """Whether the matter concerns two or more towns, as known at the act (R066)."""
        if self.told.name == "CaseAccepted":
            return bool(self.data["cross_town"])
        return self.case is not None and self.case.cross_town

    @cached_property
    def owner(self) -> str | None:
        """The department whose power the item is."""
        if self.case is None:
            return None
        return self.world.register.owner(self.case.item, self.at, self.known)

    @cached_property
    def moved(self) -> Grant | None:
        """The transfer that has taken the item from its department."""
        if self.case is None:
            return None
        return self.world.grants.moved(self.case.item, self.at, self.known)

    def row(self, facet: str, span: Span | None, *, cross_town: bool | None = None) -> Row | None:
        """Who has *facet* under the grant's interval; a silent notice on the seal: who decides."""
        if span is None:
            return None
        crossing = self.cross_town if cross_town is None else cross_town
        found = span.row(facet, cross_town=crossing)
        if found is None and facet == SEAL:
            found = span.row(DECIDE, cross_town=crossing)
        return found

    def standing(self, org: str) -> str:
        """Who stands for an organ at the act (R131)."""
        return self.world.register.standing(org, self.at, self.known)

    def of_town(self, org: str) -> str | None:
        """The town of a body of a town; None: a department, or a bureau's."""
        return self.world.register.towns.get(org)

    @cached_property
    def seal(self) -> Seal | None:
        return self.world.seals.by_id.get(self.data["seal_id"])
