"""An account: what one operator may do for an organ in one of the two systems (R092)."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from eventsourcing.domain import Aggregate, event

from services.delegation.domain import capability_refusals, refusals, rights
from services.delegation.domain.operators import Bar
from services.delegation.domain.rights import Held
from services.delegation.domain.stream import stream_id
from shared.clock import end_of, start_of

OPEN = ("granted", "narrowed")
NOTHING_LEFT = "no_rights_left"


class Account(Aggregate):
    """Granted, narrowed any number of times, revoked; nothing widens it again.

    Each item and facet with the instant from which the account has it no more, or None.
    """

    class SystemAccountGranted(Aggregate.Created):
        account_id: str
        system: str
        org_id: str
        operator_id: str
        item_ids: list[str]
        facets: list[str]
        valid_from: datetime
        valid_to: datetime | None

    class SystemAccountNarrowed(Aggregate.Event):
        account_id: str
        removed_item_ids: list[str]
        removed_facets: list[str]
        from_: datetime

    class SystemAccountRevoked(Aggregate.Event):
        account_id: str
        from_: datetime
        reason: str

    @staticmethod
    def create_id(programme: str, system: str, org: str, operator: str, ordinal: int) -> UUID:
        return stream_id("account", programme, system, org, operator, ordinal)

    @classmethod
    def grant(
        cls, *, programme: str, system: str, org: str, operator: str, items: Sequence[str],
        facets: Sequence[str], valid_from: date, valid_to: date | None, held: Held,
        bars: Sequence[Bar], ordinal: int,
    ) -> "Account":
        """Login rights within what the organ holds and the operator may do (R092, R094, R097).

        Args:
            valid_from: first day; on the day of a publication it begins with the power.
            valid_to: last day; None: until the grants end.
            ordinal: how many earlier accounts of this operator for the organ there were.
        """
        if valid_to is not None and valid_to < valid_from:
            raise refusals.wrong_date_order("启用日", valid_from, "停用日", valid_to)
        begins = rights.beginning(held, items, facets, valid_from)
        ends = end_of(valid_to) if valid_to else None
        for bar in bars:
            if bar.meets(begins, ends) and (bar.facets is None or {*bar.facets} & {*facets}):
                raise bar.refusal
        for item in items:
            rights.check(held, org=org, item=item, facets=facets, begins=begins, ends=ends)
        stream = cls.create_id(programme, system, org, operator, ordinal)
        return cls._create(
            cls.SystemAccountGranted, id=stream, account_id=str(stream), system=system, org_id=org,
            operator_id=operator, item_ids=list(dict.fromkeys(items)),
            facets=list(dict.fromkeys(facets)), valid_from=begins, valid_to=ends,
        )

    def check_apart(self, items: Sequence[str], day: date) -> None:
        """Another account may have these items from *day*: this one has them no more by then."""
        at = start_of(day)
        over = [end for end in (self.valid_to, self.revoked_from) if end is not None]
        shared = [
            item for item in items
            if item in self.items and not any(
                end <= at for end in (*over, self.items[item]) if end is not None
            )
        ]
        if shared:
            raise capability_refusals.account_exists(self.id, shared)

    def narrow(self, *, items: Sequence[str], facets: Sequence[str], since: datetime) -> None:
        """Take items or facets out of it; without any left it is revoked (R092)."""
        self._in(*OPEN)
        if not items and not facets:
            raise refusals.nothing_to_do("narrow_account", self.org_id)
        has = {*_kept(self.items), *_kept(self.facets)}
        if wrong := [right for right in (*items, *facets) if right not in has]:
            raise capability_refusals.not_in_account(self.id, wrong)
        self._take_out(items, facets, since)
        self._close()

    def revoke(self, *, since: datetime, reason: str) -> None:
        """Nobody may log in with it from that instant on (R092)."""
        self._in(*OPEN)
        self._revoked(account_id=str(self.id), from_=since, reason=reason)

    def fit(self, *, held: Held, bars: Sequence[Bar]) -> None:
        """Narrow it to what the organ holds and the operator may do (R092, R181).

        What it holds in part only, after a change of mode, it loses as an item: facets are those
        of all items.
        """
        if self.state not in OPEN:
            return
        standing = [bar for bar in bars if bar.meets(self.valid_from, self.valid_to)]
        for bar in standing:
            if taken := [facet for facet in _kept(self.facets) if facet in (bar.facets or ())]:
                self._take_out([], taken, max(bar.begins, self.valid_from))
        whole = [max(bar.begins, self.valid_from) for bar in standing if bar.facets is None]
        lost: dict[datetime, list[str]] = {}
        for item in self.items:
            over = rights.held_until(held, item, _kept(self.facets), self.valid_from)
            ends = [end for end in (over, *whole) if end is not None]
            if ends and self._has_at(item, min(ends)):
                lost.setdefault(min(ends), []).append(item)
        for since, items in sorted(lost.items()):
            self._take_out(items, [], since)
        self._close()

    def _has_at(self, item: str, at: datetime) -> bool:
        ends = (self.items[item], self.valid_to)
        return all(end is None or at < end for end in ends)

    def _take_out(self, items: Sequence[str], facets: Sequence[str], since: datetime) -> None:
        self._narrowed(
            account_id=str(self.id), removed_item_ids=list(items), removed_facets=list(facets),
            from_=since,
        )

    def _close(self) -> None:
        """Revoked when the last item or the last facet goes."""
        gone = [
            max(end for end in ends.values() if end is not None)
            for ends in (self.items, self.facets) if not _kept(ends)
        ]
        if gone:
            self._revoked(account_id=str(self.id), from_=min(gone), reason=NOTHING_LEFT)

    def _in(self, *states: str) -> None:
        if self.state not in states:
            raise refusals.wrong_state("account", self.state, states)

    @event(SystemAccountGranted)
    def __init__(
        self, system: str, org_id: str, operator_id: str, item_ids: list[str], facets: list[str],
        valid_from: datetime, valid_to: datetime | None,
    ) -> None:
        self.system, self.org_id, self.operator_id = system, org_id, operator_id
        self.items: dict[str, datetime | None] = dict.fromkeys(item_ids)
        self.facets: dict[str, datetime | None] = dict.fromkeys(facets)
        self.valid_from, self.valid_to = valid_from, valid_to
        self.revoked_from: datetime | None = None
        self.state = "granted"

    @event(SystemAccountNarrowed)
    def _narrowed(
        self, account_id: str, removed_item_ids: list[str], removed_facets: list[str],
        from_: datetime
    ) -> None:
        self.items |= dict.fromkeys(removed_item_ids, from_)
        self.facets |= dict.fromkeys(removed_facets, from_)
        self.state = "narrowed"

    @event(SystemAccountRevoked)
    def _revoked(self, account_id: str, from_: datetime, reason: str) -> None:
        self.state, self.revoked_from = "revoked", from_


def _kept(ends: dict[str, datetime | None]) -> list[str]:
    return [right for right, end in ends.items() if end is None]
