"""An applicant as the log knows one: a key, which fields are held, and commitments. R223."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self
from uuid import UUID, uuid5

from eventsourcing.domain import Aggregate, event

from services.cases.domain import applicant_refusals as refusals
from shared.refusal import Refused

OFFICER = "officer"
PROTECTION = "data_officer"  # 个人信息保护负责人 (个人信息保护法第五十二条)


@dataclass(frozen=True)
class Access:
    """Who asks for an applicant's details, when, and on which case.

    Args:
        role: of the caller's token.
        case: the case named, or None.
        concerned: whether that case is this applicant's and names the organ.
    """

    org: str
    role: str
    at: datetime
    case: str | None
    concerned: bool


class Applicant(Aggregate):
    """Whose details are held elsewhere. Public methods decide; private ones only assign."""

    class ApplicantRegistered(Aggregate.Created):
        applicant_key: str
        programme_id: str
        commitment: str
        held_fields: list[str]
        registered_by_org_id: str
        registered_at: datetime

    class ApplicantDetailsRead(Aggregate.Event):
        applicant_key: str
        purpose: str
        case_id: str | None
        read_fields: list[str]
        commitment: str
        read_by_org_id: str
        read_at: datetime

    class ApplicantDetailsCorrected(Aggregate.Event):
        applicant_key: str
        commitment: str
        held_fields: list[str]
        changed_fields: list[str]
        corrected_by_org_id: str
        corrected_at: datetime

        def apply(self, aggregate: "Applicant") -> None:
            aggregate.commitment, aggregate.held = self.commitment, list(self.held_fields)

    class ApplicantErased(Aggregate.Event):
        applicant_key: str
        erased_fields: list[str]
        ground: str
        instrument_ref: str | None
        erased_by_org_id: str
        erased_at: datetime

        def apply(self, aggregate: "Applicant") -> None:
            aggregate.held, aggregate.ground = [], self.ground
            aggregate.erased_at = self.erased_at

    class ApplicantAccessRefused(Aggregate.Event):
        applicant_key: str
        act: str
        purpose: str | None
        case_id: str | None
        org_id: str
        reason_code: str
        reason_zh: str
        facts: dict[str, Any]
        at: datetime

    @event(ApplicantRegistered)
    def __init__(self, programme_id: str, commitment: str, held_fields: list[str]) -> None:
        self.programme, self.commitment, self.held = programme_id, commitment, held_fields
        self.erased_at: datetime | None = None
        self.ground = ""

    @staticmethod
    def create_id(applicant_key: str) -> UUID:
        """The stream of an applicant bears the applicant's key."""
        return UUID(applicant_key)

    @staticmethod
    def key_for(command: UUID) -> str:
        """A key that derives from the command alone, and so from nothing about the person."""
        return str(uuid5(command, "applicant"))

    @classmethod
    def register(
        cls, *, key: str, programme: str, commitment: str, held: Sequence[str], org: str,
        at: datetime,
    ) -> Self:
        """Hold details, of which only the names and the commitment are recorded."""
        return cls._create(
            cls.ApplicantRegistered, applicant_key=key, programme_id=programme,
            commitment=commitment, held_fields=list(held), registered_by_org_id=org,
            registered_at=at,
        )

    def read(self, by: Access, *, purpose: str, wanted: Sequence[str]) -> None:
        """Record that details are shown, of all that is held or of the fields *wanted*.

        Raises:
            Refused: of record.
        """
        self.admit(by)
        self.trigger_event(
            self.ApplicantDetailsRead, applicant_key=str(self.id), purpose=purpose, case_id=by.case,
            read_fields=[name for name in self.held if name in wanted or not wanted],
            commitment=self.commitment, read_by_org_id=by.org, read_at=by.at,
        )

    def correct(
        self, by: Access, *, commitment: str, held: Sequence[str], changed: Sequence[str]
    ) -> None:
        """Record that other details took the place of those held.

        Raises:
            Refused: of record, but where nothing differs.
        """
        self.admit(by)
        if not changed:
            raise refusals.nothing_to_correct(str(self.id))
        self.trigger_event(
            self.ApplicantDetailsCorrected, applicant_key=str(self.id), commitment=commitment,
            held_fields=list(held), changed_fields=list(changed), corrected_by_org_id=by.org,
            corrected_at=by.at,
        )

    def erase(
        self, by: Access, *, ground: str, instrument_ref: str | None, open_cases: Sequence[str]
    ) -> None:
        """Record that the details are no more; never while a case is open.

        Raises:
            Refused: of record.
        """
        self.admit(by)
        if open_cases:
            raise refusals.applicant_has_open_cases(str(self.id), open_cases)
        self.trigger_event(
            self.ApplicantErased, applicant_key=str(self.id), erased_fields=list(self.held),
            ground=ground, instrument_ref=instrument_ref, erased_by_org_id=by.org, erased_at=by.at,
        )

    def admit(self, by: Access) -> None:
        """Let an officer of an organ of the applicant's case pass, or who protects personal data.

        Raises:
            Refused: of record.
        """
        if by.role != PROTECTION and not (by.role == OFFICER and by.concerned):
            raise refusals.not_an_organ_of_the_case(str(self.id), by.case, by.org, by.role)
        self.exists()

    def exists(self, *, of_record: bool = True) -> None:
        """Refuse where the details have been erased."""
        if self.erased_at is not None:
            raise refusals.applicant_erased(
                str(self.id), self.erased_at, self.ground, of_record=of_record
            )

    def refuse(
        self, refused: Refused, *, act: str, purpose: str | None, case: str | None, org: str,
        at: datetime,
    ) -> None:
        """Keep a refused attempt."""
        self.trigger_event(
            self.ApplicantAccessRefused, applicant_key=str(self.id), act=act, purpose=purpose,
            case_id=case, org_id=org, reason_code=refused.code, reason_zh=refused.zh,
            facts=refused.facts, at=at,
        )
