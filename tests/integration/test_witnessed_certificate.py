"""A receipt that the witness has cosigned: page and file show it to who has the key."""

from typing import Any

import pytest

from services.gateway.app import make_app
from services.ledger.commands import Ledger
from services.ledger.verify import Key, Refused, checked
from services.ledger.witness import look_at_all
from shared.log.cosignature import Witness
from shared.log.signer import FileKey
from tests.certified import Certified

pytest_plugins = ("tests.certified",)

NAME = "fuquan/test/witness"


@pytest.fixture(scope="module")
def witness() -> FileKey:
    return FileKey.generate(NAME)


@pytest.fixture(scope="module")
def ledger(certified: Certified, witness: FileKey) -> Ledger:
    found = Ledger(certified.signing.database, None, certified.signing.sources, witness)
    assert set(look_at_all(found.questions.watches.values()).values()) == {"cosigned"}
    return found


def page_of(ledger: Ledger, certified: Certified, path: str, **sent: Any) -> str:
    def call(_: str, __: str, *, door: str, request: dict[str, Any]) -> Any:
        return ledger.ask(door, request)

    client = make_app(call, certified.signing.settings).test_client()
    return (client.post(path, data=sent) if sent else client.get(path)).text


def receipt(ledger: Ledger, certified: Certified) -> str:
    return str(ledger.ask("receipt", {"case": certified.cases["direct"]})["answer"]["receipt"])


def test_the_page_names_the_witness_and_the_keys_it_was_checked_with(
    ledger: Ledger, certified: Certified, witness: FileKey
):
    page = page_of(ledger, certified, f"/certificate/{certified.cases['direct']}")

    assert f"见证方已会签：{NAME}。" in page
    assert f"<code>{NAME}+{Witness.of(witness).key_hash.hex()}</code>" in page


def test_the_check_of_a_receipt_names_when_the_witness_saw_each_log(
    ledger: Ledger, certified: Certified
):
    page = page_of(ledger, certified, "/verify", text=receipt(ledger, certified))

    assert "<strong>通过。</strong>" in page
    assert f"见证 witnessed: {NAME}" in page


def test_the_file_alone_shows_the_witness_to_who_has_the_witness_key(
    ledger: Ledger, certified: Certified, witness: FileKey
):
    logs = [Key.parse(one) for one in certified.signing.trusted]

    facts = checked(
        receipt(ledger, certified).encode(), [*logs, Key.parse(str(Witness.of(witness)))]
    )

    assert all(set(one.seen_at) == {NAME} for one in facts)


def test_another_key_under_the_witness_name_has_not_cosigned(
    ledger: Ledger, certified: Certified, witness: FileKey
):
    forger = FileKey.generate(NAME)
    logs = [Key.parse(one) for one in certified.signing.trusted]

    with pytest.raises(Refused) as refused:
        checked(receipt(ledger, certified).encode(),
                [*logs, Key.parse(str(Witness.of(forger)))])

    assert refused.value.code == "not-witnessed"


def test_a_witness_that_has_not_cosigned_is_not_asked_for(certified: Certified, ledger: Ledger):
    other = Ledger(
        certified.signing.database, None, certified.signing.sources,
        FileKey.generate("fuquan/test/silent"),
    )

    told = other.ask("check_receipt", {"receipt": receipt(ledger, certified)})["answer"]

    assert (told["ok"], told["witnesses"]) == (True, [])
