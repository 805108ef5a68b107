"""An agreement between a department and a town or bureau: drafted, signed, filed, ended."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from eventsourcing.domain import Aggregate, event

from services.delegation.domain import agreement_refusals, list_refusals, refusals
from services.delegation.domain.agreement_terms import (
    check_items,
    check_signatories,
    check_term,
    kind_policy,
    missing_clauses,
)
from services.delegation.domain.programme import Row, setting
from services.delegation.domain.stream import stream_id
from services.delegation.domain.succession import Parties
from shared.clock import day_of, end_of


class Agreement(Parties):
    """One document between two parties, for one or many items (R070, R074)."""

    class AgreementDrafted(Aggregate.Created):
        agreement_id: str
        kind: str
        department_id: str
        town_id: str
        parties: list[str]
        item_ids: list[str]
        clauses: list[dict[str, Any]]
        term_from: date | None
        term_to: date | None
        transfer_at: datetime | None

    class AgreementSigned(Aggregate.Event):
        agreement_id: str
        kind: str
        department_id: str
        town_id: str
        item_ids: list[str]
        signatories: list[str]
        signed_on: date
        term_from: date | None
        term_to: date | None
        file_hash: str | None

    class AgreementFiled(Aggregate.Event):
        agreement_id: str
        recipient_org_id: str
        filed_on: date
        receipt_ref: str

    class AgreementAmended(Aggregate.Event):
        agreement_id: str
        item_ids: list[str]
        clauses: list[dict[str, Any]]
        file_hash: str | None
        amended_on: date

    class AgreementExpiring(Aggregate.Event):
        agreement_id: str
        town_id: str
        term_to: date
        days_left: int

    class AgreementRenewed(Aggregate.Event):
        agreement_id: str
        signed_on: date
        term_from: date
        term_to: date

    class AgreementExpired(Aggregate.Event):
        agreement_id: str
        item_ids: list[str]
        town_id: str
        expired_at: datetime

    class AgreementTerminated(Aggregate.Event):
        agreement_id: str
        reason: str
        terminated_on: date

    @staticmethod
    def create_id(programme: str, kind: str, department: str, town: str, key: str) -> UUID:
        """*key*: the item where each has its own agreement (R074), else a running number."""
        return stream_id("agreement", programme, kind, department, town, key)

    @classmethod
    def draft(
        cls, *, programme: Row, kind: str, department: str, town: Row, key: str,
        items: Sequence[Row], clauses: Sequence[Row], term_from: date | None, term_to: date | None,
        transfer_at: datetime | None,
    ) -> "Agreement":
        """A draft; its clauses are checked when it is signed."""
        policy = kind_policy(programme, kind)
        if not town["recipient"]:
            raise refusals.not_a_recipient(town["town_id"], programme["programme_id"])
        check_items(policy, department, items)
        check_term(term_from, term_to)
        receives = town["department_id"] if policy["exclusive"] else town["town_id"]
        if receives == department:
            raise refusals.same_organ(department)
        stream = cls.create_id(programme["programme_id"], kind, department, town["town_id"], key)
        return cls._create(
            cls.AgreementDrafted, id=stream, agreement_id=str(stream), kind=kind,
            department_id=department, town_id=town["town_id"], parties=[department, receives],
            item_ids=[item["item_id"] for item in items],
            clauses=[dict(clause) for clause in clauses], term_from=term_from, term_to=term_to,
            transfer_at=transfer_at,
        )

    def sign(
        self, *, programme: Row, town: Row, signed_on: date, signatories: Sequence[str],
        file_hash: str | None
    ) -> None:
        """Both parties sign a complete agreement (R070, R072)."""
        self._in("drafted")
        self._complete(programme, self.clauses)
        check_signatories(self.parties, signatories, town)
        if self.term_to is not None and self.term_to < signed_on:
            raise refusals.wrong_date_order("签订日", signed_on, "期限届满", self.term_to)
        self._signed(
            agreement_id=str(self.id), kind=self.kind, department_id=self.department_id,
            town_id=self.town_id, item_ids=self.item_ids, signatories=list(signatories),
            signed_on=signed_on, term_from=self.term_from, term_to=self.term_to,
            file_hash=file_hash,
        )

    def file(self, *, programme: Row, recipient: str, filed_on: date, receipt_ref: str) -> None:
        """For record with the organ that the notice names; only kinds for which it asks (R071)."""
        self._in("signed")
        if kind_policy(programme, self.kind)["filing"] is None:
            raise agreement_refusals.filing_not_asked(self.kind)
        recipients = setting(programme, "filing", "agreement", "recipient_org_ids") or ()
        if recipient not in recipients:
            raise list_refusals.recipient_not_named(recipient, recipients)
        if self.signed_on is not None and filed_on < self.signed_on:
            raise refusals.wrong_date_order("签订日", self.signed_on, "备案日", filed_on)
        self._filed(
            agreement_id=str(self.id), recipient_org_id=recipient, filed_on=filed_on,
            receipt_ref=receipt_ref
        )

    def renew(self, *, signed_on: date, term_from: date, term_to: date) -> None:
        """A new term that joins the old one, signed before the old one ends (R075)."""
        if self.term_to is None:
            raise agreement_refusals.no_term(self.id)
        if self.state == "expired" or signed_on > self.term_to:
            raise agreement_refusals.agreement_expired(self.id, self.term_to, signed_on)
        self._in("signed")
        check_term(term_from, term_to)
        if term_from > self.term_to + timedelta(days=1):
            raise agreement_refusals.term_gap(self.term_to, term_from)
        if term_to <= self.term_to:
            raise refusals.wrong_date_order("原期限届满", self.term_to, "新期限届满", term_to)
        self._renewed(
            agreement_id=str(self.id), signed_on=signed_on, term_from=term_from, term_to=term_to
        )

    def amend(
        self, *, programme: Row, items: Sequence[Row], clauses: Sequence[Row],
        file_hash: str | None, amended_on: date, in_use: Sequence[tuple[str, str]] = (),
    ) -> None:
        """Other items or clauses; filing is due again (R182).

        Args:
            in_use: item and grant of what is in force under it after that day; it stays in.
        """
        self._in("signed")
        kept_items = [item["item_id"] for item in items]
        if dropped := [grant for item, grant in in_use if item not in kept_items]:
            raise agreement_refusals.still_in_use(self.id, dropped)
        check_items(kind_policy(programme, self.kind), self.department_id, items)
        kept = [dict(clause) for clause in clauses] or self.clauses
        self._complete(programme, kept)
        if self.signed_on is not None and amended_on < self.signed_on:
            raise refusals.wrong_date_order("签订日", self.signed_on, "变更日", amended_on)
        self._amended(
            agreement_id=str(self.id), item_ids=kept_items, clauses=kept, file_hash=file_hash,
            amended_on=amended_on,
        )

    def drop(self, *, item: str, on: date) -> None:
        """A recalled item leaves the agreement, which ends with its last one (R182)."""
        if self.state != "signed" or item not in self.item_ids:
            return
        if kept := [other for other in self.item_ids if other != item]:
            self._amended(
                agreement_id=str(self.id), item_ids=kept, clauses=self.clauses, file_hash=None,
                amended_on=on
            )
        else:
            self._terminated(agreement_id=str(self.id), reason="last_item_ended", terminated_on=on)

    def terminate(self, *, reason: str, terminated_on: date, in_use: Sequence[str]) -> None:
        """The agreement ends when nothing is in force under it any more (R182)."""
        self._in("signed")
        if in_use:
            raise agreement_refusals.still_in_use(self.id, in_use)
        self._terminated(agreement_id=str(self.id), reason=reason, terminated_on=terminated_on)

    def warn(self, *, now: datetime, notice_days: int | None) -> None:
        """The term ends soon: once per term, and only where a notice period is set (R075)."""
        if self.state != "signed" or self.term_to is None or notice_days is None or self.warned:
            return
        days_left = (self.term_to - day_of(now)).days
        if 0 <= days_left <= notice_days:
            self._expiring(
                agreement_id=str(self.id), town_id=self.town_id, term_to=self.term_to,
                days_left=days_left
            )

    def expire(self, *, now: datetime) -> None:
        """The term is over; nothing happens before that, or twice (R075, R224)."""
        if self.state == "signed" and self.term_to is not None and now >= end_of(self.term_to):
            self._expired(
                agreement_id=str(self.id), item_ids=self.item_ids, town_id=self.town_id,
                expired_at=end_of(self.term_to),
            )

    def covers(self, *, kind: str, town: str, item: str) -> bool:
        """Whether it is of that kind, with that town, on that item."""
        return self.kind == kind and self.town_id == town and item in self.item_ids

    def holds_on(self, day: date, item: str) -> bool:
        """Whether it is signed by then and the day lies in its term (R070, R075)."""
        return self.state == "signed" and self.spans(day, item)

    def spans(self, day: date, item: str) -> bool:
        """Whether it was signed by then, on that item too, and the day lies in its term.

        It may have ended since.
        """
        return (
            self.signed_on is not None and self.signed_on <= day
            and self.added.get(item, day) <= day
            and (self.term_from is None or self.term_from <= day)
            and (self.term_to is None or day <= self.term_to)
        )

    def _in(self, state: str) -> None:
        if self.state != state:
            raise refusals.wrong_state("agreement", self.state, [state])

    def _complete(self, programme: Row, clauses: Sequence[Row]) -> None:
        keys = [clause["key"] for clause in clauses]
        if missing := missing_clauses(
            programme, self.kind, keys, term_to=self.term_to, transfer_at=self.transfer_at
        ):
            raise agreement_refusals.clause_missing(missing)

    @event(AgreementDrafted)
    def __init__(
        self, agreement_id: str, kind: str, department_id: str, town_id: str, parties: list[str],
        item_ids: list[str], clauses: list[dict[str, Any]], term_from: date | None,
        term_to: date | None, transfer_at: datetime | None,
    ) -> None:
        self.kind, self.department_id, self.town_id = kind, department_id, town_id
        self.parties, self.item_ids, self.clauses = parties, item_ids, clauses
        self.term_from, self.term_to, self.transfer_at = term_from, term_to, transfer_at
        self.state = "drafted"
        self.signed_on: date | None = None
        self.filed = self.warned = False
        self.added: dict[str, date] = {}  # items that joined later, by the day of the amendment

    @event(AgreementSigned)
    def _signed(
        self, agreement_id: str, kind: str, department_id: str, town_id: str, item_ids: list[str],
        signatories: list[str], signed_on: date, term_from: date | None, term_to: date | None,
        file_hash: str | None,
    ) -> None:
        self.state, self.signed_on = "signed", signed_on

    @event(AgreementFiled)
    def _filed(
        self, agreement_id: str, recipient_org_id: str, filed_on: date, receipt_ref: str
    ) -> None:
        self.filed = True

    @event(AgreementAmended)
    def _amended(
        self, agreement_id: str, item_ids: list[str], clauses: list[dict[str, Any]],
        file_hash: str | None, amended_on: date,
    ) -> None:
        self.added |= {item: amended_on for item in item_ids if item not in self.item_ids}
        self.item_ids, self.clauses, self.filed = item_ids, clauses, False

    @event(AgreementExpiring)
    def _expiring(self, agreement_id: str, town_id: str, term_to: date, days_left: int) -> None:
        self.warned = True

    @event(AgreementRenewed)
    def _renewed(self, agreement_id: str, signed_on: date, term_from: date, term_to: date) -> None:
        self.term_to, self.warned = term_to, False

    @event(AgreementExpired)
    def _expired(
        self, agreement_id: str, item_ids: list[str], town_id: str, expired_at: datetime
    ) -> None:
        self.state = "expired"

    @event(AgreementTerminated)
    def _terminated(self, agreement_id: str, reason: str, terminated_on: date) -> None:
        self.state = "terminated"
