"""A log's signing key hands over to the next one: the door that every service with a log has."""

from datetime import datetime
from uuid import UUID

from eventsourcing.domain import Aggregate, event

from shared.log.keys import NoteError, Verifier
from shared.log.trust import stated, stream_of
from shared.refusal import Refused


class SigningKey(Aggregate):
    """A key that a log was signed with, and the one key that it hands over to."""

    class SigningKeyRotated(Aggregate.Created):
        old_key: str
        new_key: str
        algorithm: str
        rotated_at: datetime
        reason: str

    @staticmethod
    def create_id(old_key: str) -> UUID:
        """One stream per key: it hands over once, and who knows the key finds out."""
        return stream_of(Verifier.parse(old_key))

    @classmethod
    def rotate(
        cls, *, known: "SigningKey | None", service: str, old: Verifier, new: Verifier,
        statement: str, rotated_at: datetime, reason: str,
    ) -> "SigningKey":
        """Hand over from *old* to *new*; again, it changes nothing.

        Args:
            known: what is recorded of the old key.
            statement: the signed note in which both keys ask for it (`shared.log.trust`). So
                nobody rotates who has not both keys, whatever else they may do.

        Raises:
            Refused: ``log.key-of-another-log``, ``log.rotation-not-signed``,
                ``log.key-already-rotated``.
        """
        facts = {"old_key": str(old), "new_key": str(new)}
        if old.name.rpartition("/")[2] != service or _kind(old) != _kind(new) or old == new:
            raise Refused(
                "log.key-of-another-log", facts,
                "新旧公钥须属于本日志、算法相同且不是同一密钥，请核对后重试",
            )
        if not _both_ask(statement, old, new):
            raise Refused(
                "log.rotation-not-signed", facts,
                "声明须由新旧两把密钥共同签署，请用 fuquan ledger rotate 生成",
            )
        if known is None:
            return cls(
                old_key=str(old), new_key=str(new), algorithm=old.algorithm.name,
                rotated_at=rotated_at, reason=reason,
            )
        if known.new_key != str(new):
            raise Refused(
                "log.key-already-rotated", facts | {"to": known.new_key},
                "该密钥已更换为另一把密钥，请以现用密钥重新办理",
            )
        return known

    @event(SigningKeyRotated)
    def __init__(
        self, old_key: str, new_key: str, algorithm: str, rotated_at: datetime, reason: str
    ) -> None:
        self.old_key, self.new_key, self.algorithm = old_key, new_key, algorithm
        self.rotated_at, self.reason = rotated_at, reason


def _kind(key: Verifier) -> tuple[str, str]:
    return key.name, key.algorithm.name


def _both_ask(statement: str, old: Verifier, new: Verifier) -> bool:
    try:
        return stated(statement, old, new)
    except NoteError:
        return False
