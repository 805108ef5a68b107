"""The tables of applicants' details; what writes runs in the transaction that appends the fact."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from psycopg2.extensions import cursor
from psycopg2.extras import Json

from shared.commands import Overtaken
from shared.database import Database


class Held(NamedTuple):
    """What is held of one applicant now.

    Args:
        salt: 16 bytes, of the commitment in the fact that is *version* of the stream.
    """

    details: dict[str, str]
    salt: bytes
    version: int


class Keeping:
    """Looks into the tables.

    Args:
        database: of the service, as its own role; no other role may read here.
    """

    def __init__(self, database: Database) -> None:
        self.database = database

    def same(self, programme: str, details: Mapping[str, str]) -> UUID | None:
        """Who is registered with that identity document."""
        rows = self.database.rows(
            "SELECT applicant_key FROM applicants.identity"
            " WHERE (programme_id, id_kind, id_number) = (%s, %s, %s)",
            (programme, *identity(details)),
        )
        return rows[0][0] if rows else None

    def held(self, applicant: UUID) -> Held | None:
        """The details; None: never registered, or erased."""
        rows = self.database.rows(
            "SELECT details, salt, version FROM applicants.person"
            " JOIN applicants.salt USING (applicant_key, version) WHERE applicant_key = %s",
            (applicant,),
        )
        return Held(rows[0][0], bytes(rows[0][1]), rows[0][2]) if rows else None

    def salt(self, applicant: UUID, version: int) -> bytes | None:
        """The salt of a commitment; None: erased."""
        rows = self.database.rows(
            "SELECT salt FROM applicants.salt WHERE (applicant_key, version) = (%s, %s)",
            (applicant, version),
        )
        return bytes(rows[0][0]) if rows else None

    def cases(self, applicant: UUID) -> list[UUID]:
        """The cases submitted under this key, until it is erased."""
        with self.database.transaction() as at:
            return _cases(at, applicant)

    def forget(self, applicant: UUID) -> None:
        """Delete once more what a restored backup has brought back of an erased applicant."""
        with self.database.transaction() as at:
            _forget(at, applicant)


def identity(details: Mapping[str, str]) -> tuple[str, str]:
    """Kind and number of the identity document, by which a person is found again."""
    return details["id_kind"], details["id_number"].upper()


def put(at: cursor, applicant: UUID, programme: str, held: Held) -> None:
    """Hold the details of a new applicant.

    Raises:
        Overtaken: somebody has registered the same person meanwhile.
    """
    at.execute(
        "INSERT INTO applicants.person VALUES (%s, %s, %s, %s)",
        (applicant, programme, Json(held.details), held.version),
    )
    _name(at, applicant, programme, held)


def replace(at: cursor, applicant: UUID, programme: str, held: Held) -> None:
    """Put other details in the place of those held; the salts of both commitments stay.

    Where a restored backup lacks the applicant, this enters the details anew.

    Raises:
        Overtaken: the new identity has been registered meanwhile.
    """
    at.execute(
        "INSERT INTO applicants.person VALUES (%s, %s, %s, %s) ON CONFLICT (applicant_key)"
        " DO UPDATE SET details = EXCLUDED.details, version = EXCLUDED.version",
        (applicant, programme, Json(held.details), held.version),
    )
    at.execute("DELETE FROM applicants.identity WHERE applicant_key = %s", (applicant,))
    _name(at, applicant, programme, held)


def remove(at: cursor, applicant: UUID, cases: Sequence[UUID]) -> None:
    """Delete everything that is held of an applicant.

    Args:
        cases: those that were looked at; a further one may be open.

    Raises:
        Overtaken: there is a further case.
    """
    at.execute(
        "SELECT FROM applicants.person WHERE applicant_key = %s FOR UPDATE", (applicant,)
    )
    if _cases(at, applicant) != list(cases):
        raise Overtaken
    _forget(at, applicant)


def concern(at: cursor, applicant: UUID, case: UUID) -> None:
    """Note that a case is this applicant's; an erasure waits for it, or it for the erasure.

    Raises:
        Overtaken: the applicant has been erased meanwhile.
    """
    at.execute(
        "INSERT INTO applicants.concern SELECT applicant_key, %s FROM applicants.person"
        " WHERE applicant_key = %s FOR KEY SHARE", (str(case), applicant),
    )
    if at.rowcount != 1:
        raise Overtaken


def _cases(at: cursor, applicant: UUID) -> list[UUID]:
    at.execute(
        "SELECT case_id FROM applicants.concern WHERE applicant_key = %s ORDER BY case_id",
        (applicant,),
    )
    return [UUID(case) for (case,) in at.fetchall()]


def _forget(at: cursor, applicant: UUID) -> None:
    at.execute("DELETE FROM applicants.person WHERE applicant_key = %s", (applicant,))


def _name(at: cursor, applicant: UUID, programme: str, held: Held) -> None:
    """A conflict raises no error of the server, whose log would quote the number."""
    at.execute(
        "INSERT INTO applicants.identity VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
        (programme, *identity(held.details), applicant),
    )
    if at.rowcount != 1:
        raise Overtaken
    at.execute(
        "INSERT INTO applicants.salt VALUES (%s, %s, %s)", (applicant, held.version, held.salt)
    )
