"""The history that a proof of competence rests on, as intervals and facts: pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from services.ledger.cover import Paper


class Row(NamedTuple):
    """One facet in one organ's hands; *org* may be a role that nobody has been found for."""

    facet: str
    org: str
    cross_town: str


@dataclass(frozen=True)
class Grant:
    """A grant or transfer over an interval in which nothing about it changed.

    Args:
        scope: sub-items; empty: the whole item.
        filed_at: the counter: town or bureau.
        begins: first instant. *ends*: exclusive; `FAR`: open.
        opened_by: position of the fact that made it.
        begun_by: position of the fact that set its beginning: the same, or a correction.
        decided_by: the grantor; None for a transfer.
        agreement: id, or None where none is named.
        agreement_due: whether the mode demands one.
        redelegable: whether the programme lets a delegatee grant.
        roles: words of the mode that stand for no one organ.
    """

    id: str
    programme: str
    item: str
    town: str
    scope: tuple[str, ...]
    filed_at: str
    exclusive: bool
    begins: datetime
    ends: datetime
    opened_by: int
    begun_by: int
    rows: tuple[Row, ...]
    decided_by: str | None = None
    agreement: str | None = None
    agreement_due: bool = False
    transfer: bool = False
    redelegable: bool = False
    roles: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Power:
    """An item, and the department whose power it is."""

    programme: str
    item: str
    owner: str
    listed_at: datetime
    position: int


@dataclass(frozen=True)
class Act:
    """An organ exercised a power or moved it."""

    programme: str
    item: str | None
    town: str | None
    org: str
    facet: str | None
    at: datetime
    source: str
    position: int


@dataclass(frozen=True)
class History:
    """All that a proof rests on.

    Args:
        kinds: of every known organ, by id.
        towns: town of every body of a town: itself, its department, its centre.
        papers: of each agreement, in the order of the log.
        until: how far the history reaches.
    """

    grants: Sequence[Grant]
    powers: Sequence[Power]
    acts: Sequence[Act]
    kinds: Mapping[str, str]
    towns: Mapping[str, str]
    papers: Mapping[str, Sequence[Paper]]
    until: datetime
