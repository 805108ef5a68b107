"""The standards of an item: the granting side sets them, towns apply them (R017, R019)."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from eventsourcing.domain import event

from services.catalog.domain import item_refusals as refusals
from services.catalog.domain.stream import Stream


class Standards(Stream):
    """The standards of one item, each kind in versions; towns apply them (R017, R019)."""

    class ItemStandardIssued(Stream.Happened):
        item_id: str
        kind: str
        version: int
        issuer_org_id: str
        ref: str
        in_force_from: date

    class ItemStandardRevised(Stream.Happened):
        item_id: str
        kind: str
        version: int
        replaces: int
        issuer_org_id: str
        ref: str
        in_force_from: date

    @staticmethod
    def create_id(item_id: str) -> UUID:
        """The stream of an item's standards."""
        return uuid5(NAMESPACE_URL, f"fuquan:standards:{item_id}")

    def begin(self) -> None:
        """No standard yet."""
        self.latest: dict[str, dict[str, Any]] = {}

    def issue(
        self, *, item: str, kind: str, kinds: Sequence[str] | None, issuer: str,
        issuers: Sequence[str], ref: str, in_force_from: date,
    ) -> None:
        """Issue the next version of a kind, in force from a day after the last one's.

        Args:
            kinds: that the programme's notice names; None: it names none.
            issuers: the organs that may; a town is none of them.
        """
        if issuer not in issuers:
            raise refusals.only_granting_department_may_set_standard(item, issuer, issuers)
        if kinds is not None and kind not in kinds:
            raise refusals.standard_not_of_programme(item, kind, kinds)
        known = self.latest.get(kind)
        row: dict[str, Any] = {"issuer_org_id": issuer, "ref": ref, "in_force_from": in_force_from}
        if known is None:
            self._issued(item_id=item, kind=kind, version=1, **row)
        elif {name: known[name] for name in row} == row:
            return
        elif in_force_from <= known["in_force_from"]:
            raise refusals.standard_not_later(item, kind, known["in_force_from"], in_force_from)
        else:
            version = known["version"]
            self._revised(item_id=item, kind=kind, version=version + 1, replaces=version, **row)

    @event(ItemStandardIssued)
    def _issued(
        self, *, item_id: str, kind: str, version: int, issuer_org_id: str, ref: str,
        in_force_from: date,
    ) -> None:
        self.latest[kind] = {
            "version": version, "issuer_org_id": issuer_org_id, "ref": ref,
            "in_force_from": in_force_from,
        }

    @event(ItemStandardRevised)
    def _revised(
        self, *, item_id: str, kind: str, version: int, replaces: int, issuer_org_id: str,
        ref: str, in_force_from: date,
    ) -> None:
        self.latest[kind] = {
            "version": version, "issuer_org_id": issuer_org_id, "ref": ref,
            "in_force_from": in_force_from,
        }
