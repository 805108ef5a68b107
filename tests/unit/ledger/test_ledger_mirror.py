"""The ledger's mirror: dense, under signed roots, and able to say where it is not."""

from base64 import b64decode
from uuid import UUID

import psycopg2.errors
import pytest

from shared.log.checkpoint import open_checkpoint
from shared.log.signer import FileKey
from shared.log.tree import leaf_hash, verify_inclusion
from shared.refusal import Refused
from tests.unit.ledger.books import Books

NOON = "2023-07-03T12:00:00+08:00"
TOWN = UUID(int=9)


def nine(books: Books) -> None:
    """Nine facts of catalog: a town, then eight names of it, all in one stream."""
    books.append(
        "catalog.TownRegistered",
        {
            "town_id": "MD2023-TOWN-11", "name": "沙土镇", "kind": "镇", "tier": None,
            "managing_zone_id": None, "matching_county_id": None, "department_id": None,
            "department_name": None, "note": None,
        },
        at=NOON, stream=TOWN,
    )
    for n in range(8):
        books.append(
            "catalog.DepartmentAliasAdded",
            {"org_id": "MD2023-TOWN-11", "alias": f"沙土{n}", "basis": "abbreviation"},
            at=NOON, stream=TOWN,
        )
    books.settle()


def test_a_mirror_in_step_is_dense_and_has_the_signed_root(books: Books):
    nine(books)
    note = books.sign("catalog")

    status = books.ask("status")["catalog"]

    checkpoint = open_checkpoint(
        note, "fuquan/test/catalog", [books.signers["catalog"].verifier]
    )
    assert status == {
        "mirrored": 9, "parked": 0, "dense": True, "first_missing": None,
        "root": checkpoint.root.hex(),
        "checkpoint": {"size": 9, "root": checkpoint.root.hex(), "note": note},
        "signature": "valid", "root_equal": True, "witness": {"state": "cosigned", "size": 9},
    }


def test_a_log_that_nobody_signed_says_so(books: Books):
    status = books.ask("status")["cases"]

    assert (status["mirrored"], status["signature"], status["root_equal"]) == (
        0, "no-checkpoint", None,
    )


def test_a_checkpoint_ahead_of_the_mirror_is_neither_right_nor_wrong(books: Books):
    nine(books)
    books.append(
        "catalog.DepartmentAliasAdded",
        {"org_id": "MD2023-TOWN-11", "alias": "沙土", "basis": "abbreviation"}, at=NOON,
    )
    books.admins["catalog"].rows("SELECT log.integrate(1000)")
    books.sign("catalog")

    status = books.ask("status")["catalog"]

    assert (status["mirrored"], status["checkpoint"]["size"], status["root_equal"]) == (9, 10, None)


def test_a_checkpoint_of_another_key_is_not_believed(books: Books):
    nine(books)
    books.sign("catalog", FileKey.generate("fuquan/test/catalog"))

    status = books.ask("status")["catalog"]

    assert (status["signature"], status["checkpoint"]) == ("unknown-key", None)


def test_an_untouched_mirror_is_verified(books: Books):
    nine(books)
    books.sign("catalog")

    answer = books.ask("verify")

    assert answer["catalog"]["ok"] is True
    assert (answer["catalog"]["size"], answer["catalog"]["vouched"]) == (9, 9)
    assert answer["delegation"] == {
        "ok": True, "size": 0, "vouched": 0,
        "root": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    }


@pytest.mark.rule("R123")
def test_an_altered_payload_in_storage_is_named_by_its_position(books: Books):
    nine(books)
    books.sign("catalog")
    books.tamper(
        "UPDATE readmodel.mirror SET envelope = replace(convert_from(envelope, 'UTF8'), '沙土3',"
        " '沙土9')::bytea WHERE source = 'catalog' AND position = 4"
    )

    answer = books.ask("verify", source="catalog")

    assert answer == {
        "catalog": {"ok": False, "position": 4, "reason": "altered", "vouched": 0}
    }


def test_a_deleted_row_is_named_and_the_mirror_is_no_longer_dense(books: Books):
    nine(books)
    books.sign("catalog")
    books.tamper("DELETE FROM readmodel.mirror WHERE source = 'catalog' AND position = 6")

    verified = books.ask("verify", source="catalog")["catalog"]
    status = books.ask("status")["catalog"]

    assert (verified["position"], verified["reason"]) == (6, "missing")
    assert (status["dense"], status["first_missing"]) == (False, 6)


def test_a_cut_off_mirror_is_missing_its_end_even_without_a_checkpoint(books: Books):
    nine(books)
    books.tamper("DELETE FROM readmodel.mirror WHERE source = 'catalog' AND position >= 7")

    verified = books.ask("verify", source="catalog")["catalog"]

    assert (verified["ok"], verified["position"], verified["reason"]) == (False, 7, "missing")


def test_a_log_altered_before_it_was_mirrored_differs_from_its_root(books: Books):
    nine(books)
    books.sign("catalog")
    books.tamper(
        "UPDATE readmodel.mirror SET envelope = %(e)s, leaf_hash = %(h)s"
        " WHERE source = 'catalog' AND position = 8",
        {
            "e": (other := _envelope(books, 8).replace(b"op-1", b"op-2")),
            "h": leaf_hash(other),
        },
    )

    verified = books.ask("verify", source="catalog")["catalog"]
    status = books.ask("status")["catalog"]

    assert (verified["position"], verified["reason"]) == (0, "root")
    assert status["root_equal"] is False


def _envelope(books: Books, position: int) -> bytes:
    fact = books.ask("fact", source="catalog", position=position)
    return str(fact["envelope"]).encode()


def test_a_fact_comes_with_its_exact_bytes_and_a_proof_that_holds(books: Books):
    nine(books)
    books.sign("catalog")

    fact = books.ask("fact", source="catalog", position=4)

    entry = books.logs["catalog"].entries(4, 1)[0]
    _, size, root, *_ = fact["checkpoint"].split("\n")
    proof = [bytes.fromhex(step) for step in fact["proof"]]
    assert fact["envelope"].encode() == entry.envelope
    assert verify_inclusion(4, int(size), leaf_hash(entry.envelope), proof, b64decode(root))


def test_a_fact_that_is_not_signed_yet_has_no_proof(books: Books):
    nine(books)

    fact = books.ask("fact", source="catalog", position=4)

    assert (fact["checkpoint"], fact["proof"]) == (None, None)


def test_a_fact_that_is_not_there_is_refused(books: Books):
    with pytest.raises(Refused) as refused:
        books.ask("fact", source="cases", position=0)

    assert refused.value.code == "ledger.unknown-fact"
    assert refused.value.facts == {"source": "cases", "position": 0}


@pytest.mark.parametrize(
    "statement", ["UPDATE mirror SET version = 2", "DELETE FROM mirror", "TRUNCATE mirror"]
)
def test_the_ledger_itself_cannot_change_its_mirror(books: Books, statement: str):
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        books.database.rows(statement)
