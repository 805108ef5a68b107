"""What a supervising department did about a subject, as it reaches the register (R152, R155)."""

from datetime import datetime
from uuid import NAMESPACE_URL, UUID, uuid5

from eventsourcing.domain import Aggregate, event


class Record(Aggregate):
    """One document of a supervising department; town and granting department are to hear of it."""

    class SupervisionRecordCollected(Aggregate.Created):
        record_id: str
        case_id: str | None
        subject_ref: str
        kind: str
        source_org_id: str
        ref: str
        at: datetime

    @staticmethod
    def create_id(source_org_id: str, ref: str) -> UUID:
        """One stream per department and document."""
        return uuid5(NAMESPACE_URL, f"fuquan:supervision-record/{source_org_id}/{ref}")

    @classmethod
    def collect(
        cls, *, source_org: str, ref: str, kind: str, subject: str, case: str | None, at: datetime
    ) -> "Record":
        """Take a document of the supervising department into the register."""
        return cls(
            record_id=str(cls.create_id(source_org, ref)),
            case_id=case,
            subject_ref=subject,
            kind=kind,
            source_org_id=source_org,
            ref=ref,
            at=at,
        )

    @event(SupervisionRecordCollected)
    def __init__(
        self,
        record_id: str,
        case_id: str | None,
        subject_ref: str,
        kind: str,
        source_org_id: str,
        ref: str,
        at: datetime,
    ) -> None:
        self.case = case_id
