"""A hundred random tamperings by a superuser: the verifier names the first bad position of each."""

import json
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from uuid import UUID

import pytest

from services.ledger.offline import verified
from shared.contracts import events
from shared.log.verify import Bad, Verified
from shared.migrate import as_role
from shared.settings import Settings
from tests.receipts import golden
from tests.tampering import TAMPERINGS, Superuser, edit_envelope_and_hash
from tests.unit.ledger.books import Books

TYPE = "supervision.TaskReported"
SIGNED_AT = [1, 7, 40, 100, 101, 170, 256, 257, 300]
SIZE = SIGNED_AT[-1]


class Log:
    """Supervision's log: three hundred entries of thirty streams, signed nine times, mirrored."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.books = Books(settings)
        data, chance = events.load(TYPE, golden("TaskReported"), 1), Random(4)
        for size in SIGNED_AT:
            for nth in range(self.books.logs["supervision"].size(), size):
                self.books.append(
                    TYPE, data, at=f"2023-07-{nth % 28 + 1:02}T09:00:00+08:00",
                    stream=UUID(int=chance.randrange(30) + 1),
                )
            self.books.settle()
            self.books.sign("supervision")
        assert self.verified() == Verified(SIZE, self.verified().root, vouched=SIZE)
        root = self.verified().root.hex()
        self.last = Path(settings.keys) / "supervision.last"
        self.last.write_text(json.dumps({"size": SIZE, "root": root}), "utf-8")
        self.superuser = Superuser(settings.dsn("supervision"))

    def verified(self, role: str = "ledger") -> Verified | Bad:
        """What the verifier says to a role."""
        own = replace(self.settings, database_url=as_role(self.settings, role))
        return verified(own, "supervision")

    def close(self) -> None:
        self.superuser.close()
        self.last.unlink()
        self.books.close()


@pytest.fixture(scope="module")
def log(migrated: Settings) -> Iterator[Log]:
    log = Log(migrated)
    yield log
    log.close()


@pytest.fixture
def untouched(log: Log) -> Iterator[Log]:
    """The log as it was signed, before and after."""
    assert log.verified() == Verified(SIZE, log.verified().root, vouched=SIZE)
    yield log
    log.superuser.restore()


@pytest.mark.rule("R123")
@pytest.mark.parametrize("seed", range(100))
def test_the_first_bad_position_of_a_random_tampering_is_named(untouched: Log, seed: int):
    chance = Random(seed)
    how = TAMPERINGS[seed % len(TAMPERINGS)]

    first = untouched.superuser.tamper(how, chance, SIZE)

    found = untouched.verified()
    assert isinstance(found, Bad)
    assert found.position == first


@pytest.mark.parametrize("seed", range(0, 100, 3))
def test_without_the_mirror_it_is_named_between_two_checkpoints(untouched: Log, seed: int):
    chance = Random(seed)
    how = TAMPERINGS[seed % len(TAMPERINGS)]

    first = untouched.superuser.tamper(how, chance, SIZE)

    found = untouched.verified(role="supervision")
    assert isinstance(found, Bad)
    signed = bisect_right(SIGNED_AT, first)
    assert found.vouched == [0, *SIGNED_AT][signed]
    assert found.vouched <= found.position


def test_a_mirror_that_was_tampered_with_too_is_not_believed(untouched: Log):
    place = untouched.superuser.tamper(edit_envelope_and_hash, Random(1), SIZE)
    mirrored = "UPDATE readmodel.mirror SET leaf_hash = {} WHERE (source, position) = ('{}', 0)"
    untouched.books.tamper(mirrored.format("sha256(leaf_hash)", "supervision"))

    found = untouched.verified()

    untouched.books.tamper(mirrored.format("sha256('\\x00' || envelope)", "supervision"))
    vouched = [0, *SIGNED_AT][bisect_right(SIGNED_AT, place)]
    assert found == Bad(vouched, "root", vouched)


def test_checkpoints_that_changed_places_are_out_of_order(untouched: Log):
    with untouched.superuser.held, untouched.superuser.held.cursor() as at:
        at.execute("SET session_replication_role = replica")
        at.execute(
            "UPDATE log.checkpoint c SET note = o.note FROM log.checkpoint o"
            " WHERE (c.size, o.size) IN ((100, 170), (170, 100))"
        )

    assert untouched.verified() == Bad(170, "checkpoint-order", 170)


def test_a_history_rewritten_with_all_its_checkpoints_is_not_the_one_signed_last(untouched: Log):
    place = untouched.superuser.tamper(edit_envelope_and_hash, Random(2), SIZE)
    with untouched.superuser.held, untouched.superuser.held.cursor() as at:
        at.execute("SET session_replication_role = replica")
        at.execute("DELETE FROM log.checkpoint")

    assert untouched.verified(role="supervision") == Bad(0, "root", 0)
    assert untouched.verified() == Bad(place, "not-as-mirrored", 0)
