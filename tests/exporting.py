"""An answer over the ledger's real books, and the keys that a check of it trusts."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from shared.database import Database
from shared.export.answer import Answer
from shared.export.gather import gathered
from shared.log.checkpoint import Checkpoint, sign_checkpoint
from shared.log.note import Signer, Verifier
from shared.log.tree import root_of
from shared.settings import SERVICES, Settings
from tests.unit.ledger.books import TOWN, Books
from tests.unit.ledger.planted import ITEM, corrected, county, delegated, recalled

MADE_AT = datetime(2024, 1, 5, 1, 30, tzinfo=UTC)
PROGRAMME = {"programme_id": "MD2023", "title": "方案", "document_no": None}
LISTS = {
    "programmes": [PROGRAMME], "items": [{"item_id": ITEM, "name": "食品经营许可"}],
    "towns": [{"town_id": TOWN, "name": "沙土镇", "recipient": True}],
}
HELD = {"item": "MD23-04", "town": TOWN, "at": "2023-09-01T00:00:00+08:00"}


def asking(books: Books) -> Callable[[str, Mapping[str, Any]], Any]:
    """What `gathered` asks with."""
    return lambda door, asked: {"answer": books.ask(door, **asked), "as_of": {"delegation": 1}}


def answer(books: Books, door: str = "holders", **asked: Any) -> Answer:
    """An answer, made at `MADE_AT`."""
    return gathered(
        asking(books), door, asked or HELD, made_at=MADE_AT, base="http://127.0.0.1:8080"
    )


def recorded(settings: Settings) -> Books:
    """A grant, corrected and recalled, all signed; and one more that is not signed yet."""
    books = Books(settings)
    county(books)
    delegated(books, "grant", "2023-07-01", at="2023-06-28")
    corrected(books, "grant", "2023-07-01", "2023-08-01", at="2023-09-15")
    recalled(books, "grant", "2024-03-01", at="2024-01-03")
    for source in ("catalog", "delegation"):
        books.sign(source)
    delegated(books, "again", "2024-07-01", at="2024-06-02")
    return books


def behind_gateway(books: Books) -> Callable[..., Any]:
    """What a gateway calls: the real ledger, and a catalogue that only lists."""

    def call(service: str, _: str, *, door: str, request: dict[str, Any]) -> Any:
        if service == "catalog":
            return {"answer": LISTS[door], "as_of": {}}
        return json.loads(json.dumps(books.ledger.ask(door, request)))

    return call


def planted(name: str) -> Answer:
    """An answer of one row, which no ledger gave, with an organ of that name."""
    row = {"item_id": "MD23-04", "facet": "decide", "org_id": "MD2023-ORG-19", "org_name": name}
    return Answer("holders", HELD, MADE_AT, {}, [row], {}, [])


def sign(settings: Settings) -> dict[str, list[Verifier]]:
    """Sign every log as it stands; the public keys, which lie in the folder of keys too."""
    settings.keys.mkdir(exist_ok=True)
    keys = {}
    for name in SERVICES:
        signer, log = Signer.generate(settings.origin(name)), Database(settings.dsn(name), size=1)
        leaves = [bytes(leaf) for (leaf,) in log.rows(
            "SELECT leaf_hash FROM log.entry ORDER BY position"
        )]
        checkpoint = Checkpoint(settings.origin(name), len(leaves), root_of(leaves))
        log.rows(
            "INSERT INTO log.checkpoint (size, root, note) VALUES (%s, %s, %s) RETURNING 1",
            (len(leaves), checkpoint.root, sign_checkpoint(checkpoint, signer)),
        )
        log.close()
        (settings.keys / f"{name}.vkey").write_text(f"{signer.verifier}\n", "utf-8")
        keys[name] = [signer.verifier]
    return keys


def trusted(books: Books) -> dict[str, list[Verifier]]:
    """The public keys of the logs."""
    return {source: [books.signers[source].verifier] for source in SERVICES}


@contextmanager
def tampered(books: Books, source: str = "catalog", position: int = 1) -> Iterator[None]:
    """The mirror while an administrator has altered the bytes of one fact."""
    where = "WHERE source = %s AND position = %s"
    ((envelope,),) = books.database.rows(
        f"SELECT envelope FROM readmodel.mirror {where}", (source, position)
    )
    put = f"UPDATE readmodel.mirror SET envelope = %s {where}"
    books.tamper(put, (bytes(envelope).replace(b"2023", b"2024", 1), source, position))
    yield
    books.tamper(put, (bytes(envelope), source, position))
