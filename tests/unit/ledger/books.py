"""The ledger over real logs, into which a test writes whatever it wants found."""

import json
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from services.ledger.commands import Ledger
from services.ledger.readmodel import readmodel
from services.ledger.sources import sources_of
from shared.bus.consumer import Consumer
from shared.contracts.envelope import Given, instant, seal
from shared.database import Database
from shared.log.checkpoint import Checkpoint, sign_checkpoint
from shared.log.cosignature import Witness
from shared.log.signer import FileKey
from shared.log.store import Append, Log, request_hash
from shared.log.tree import root_of
from shared.migrate import as_role
from shared.settings import SERVICES, WITH_DATABASE, Settings
from tests.emptied import emptied


class Books:
    """The four logs and the ledger; facts are appended as their services would append them."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        own = replace(settings, database_url=as_role(settings, "ledger"))
        self.admins = {
            name: Database(settings.dsn(name), size=1, search_path="log")
            for name in (*SERVICES, "ledger")
        }
        self.database = Database(own.dsn("ledger"), size=4)
        self.sources = sources_of(own)
        self.witness = FileKey.generate(settings.origin("ledger"))
        self.city = FileKey.generate("fuquan/city/ledger")
        self.ledger = Ledger(
            self.database, None, self.sources, self.witness, [Witness.of(self.city)]
        )
        self.logs = {name: Log(source.database) for name, source in self.sources.items()}
        self.signers = {name: FileKey.generate(settings.origin(name)) for name in SERVICES}
        self.versions: dict[UUID, int] = {}
        for name in WITH_DATABASE:
            emptied(settings, name)
        consuming = Database(own.dsn("ledger"), size=2)
        self.consumer = Consumer("ledger", consuming, self.logs, readmodel, {})
        self.consumer.start()

    def append(
        self, type_: str, data: dict[str, Any], *, at: str, stream: UUID | None = None,
        programme: str = "MD2023",
    ) -> UUID:
        """Append one fact to the log of its service; returns its stream."""
        source = type_.partition(".")[0]
        stream = stream or uuid4()
        version = self.versions.get(stream, 0) + 1
        given = Given(
            command=uuid4(), at=instant(at),
            actor={"org": "MD2023-ORG-05", "role": "officer", "operator": "op-1"},
        )
        envelope = seal(
            source=source, type_=type_, stream=stream, version=version, index=0, data=data,
            given=given, programme=programme, jurisdiction="371702", recorded_at=given.at,
        )
        outcome = Log(self.admins[source]).append(
            Append(
                given.command, stream, version - 1, "op-1", request_hash(b"{}"), [type_], [envelope]
            )
        )
        assert outcome.status == "ok"
        self.versions[stream] = version
        return stream

    def settle(self) -> None:
        """Sequence the logs, and let the ledger catch up."""
        for source in SERVICES:
            self.admins[source].rows("SELECT log.integrate(1000)")
        self.consumer.catch_up()

    def sign(self, source: str, signer: FileKey | None = None) -> str:
        """Sign the log as it stands, and hand out the key."""
        entries = self.admins[source].rows("SELECT leaf_hash FROM log.entry ORDER BY position")
        root = root_of(bytes(leaf) for (leaf,) in entries)
        checkpoint = Checkpoint(self.settings.origin(source), len(entries), root)
        note = sign_checkpoint(checkpoint, signer or self.signers[source])
        self.admins[source].rows(
            "INSERT INTO log.checkpoint (size, root, note) VALUES (%s, %s, %s) RETURNING 1",
            (len(entries), root, note),
        )
        self.settings.keys.mkdir(exist_ok=True)
        key = self.settings.keys / f"{source}.vkey"
        key.write_text(f"{self.signers[source].verifier}\n", "utf-8")
        return note

    def ask(self, door: str, **asked: Any) -> Any:
        """The ledger's answer, as it goes over the wire."""
        return json.loads(json.dumps(self.ledger.ask(door, asked)["answer"]))

    def tamper(self, sql: str, parameters: Any = None) -> None:
        """What only an administrator can do to the mirror."""
        self.admins["ledger"].rows(sql + " RETURNING 1", parameters)

    def close(self) -> None:
        """Close every connection."""
        for database in (
            *self.admins.values(), self.database, self.consumer.database,
            *(source.database for source in self.sources.values()),
        ):
            database.close()


TOWN = "MD2023-TOWN-08"
CENTRE = "MD2023-TOWN-08-CENTRE"
DEPARTMENT = "MD2023-ORG-19"
GRANT = UUID("3f0c4f0e-6a43-5c52-8f3e-1f2f0a9b1c01")
DECIDES = [
    {
        "facet": "decide", "org_id": CENTRE, "capacity": "for_town_in_name_of_department",
        "filed_at": "town", "cross_town": "no",
    },
    {
        "facet": "decide", "org_id": DEPARTMENT, "capacity": "own",
        "filed_at": "town", "cross_town": "yes",
    },
]


def registered(books: Books, programme: str) -> None:
    books.append(
        "catalog.ProgrammeRegistered",
        {
            "programme_id": programme, "document_no": None, "title": "方案", "parent_documents": [],
            "issuer_org": "test-org", "issued_on": date(2021, 6, 28), "jurisdiction_id": "371702",
            "level": "district", "parent_programme_id": None, "grantor_kind": "department",
            "claim_required": True, "settings": {},
        },
        at="2021-06-28T09:00:00+08:00", programme=programme,
    )
    books.settle()


def recalled(books: Books, *, effective: str, recorded: str, in_flight: str = "hand_up") -> None:
    books.append(
        "delegation.ItemRecalled",
        {
            "recall_id": str(uuid4()), "grant_id": str(GRANT), "item_id": "MD23-04",
            "town_id": TOWN, "ground": "poor_effect", "evidence_refs": ["E-7"],
            "decided_by_org_id": DEPARTMENT, "decided_on": datetime.fromisoformat(recorded).date(),
            "effective_from": datetime.fromisoformat(effective),
            "returns_to_org_id": DEPARTMENT,
            "in_flight_policy": in_flight,
        },
        at=recorded, stream=GRANT,
    )
    books.settle()


def approved(
    books: Books, *, by: str, at: str, filed_at: str = "town", cross_town: bool = False,
    accepted: str = "2023-08-01T09:00:00+08:00",
) -> UUID:
    """An acceptance and an approval as cases would record them, whatever the law says."""
    case = uuid4()
    authority = {
        "grant_id": str(GRANT), "grant_position": 0, "mode": "entrusted_handling",
        "facet": "decide", "org_id": by, "capacity": "own", "instrument": None,
        "item_position": 0,
    }
    books.append(
        "cases.CaseAccepted",
        {
            "case_id": str(case), "item_id": "MD23-04", "subitem": None, "town_id": TOWN,
            "mode": "entrusted_handling", "cross_town": cross_town, "applicant_key": "a-1",
            "subject_key": "s-1", "accepted_by_org_id": by, "accepted_level": filed_at,
            "site": None, "acceptor_id": "op-1", "grant_id": str(GRANT), "issue_on_seal": False,
            "standard_versions": {}, "path": [], "due": {},
            "accepted_at": datetime.fromisoformat(accepted),
            "authority": authority | {"facet": "accept"},
        },
        at=accepted, stream=case,
    )
    books.append(
        "cases.ApprovalIssued",
        {
            "case_id": str(case), "item_id": "MD23-04", "town_id": TOWN,
            "decision_id": str(uuid4()), "decided_by_org_id": by,
            "in_name_of_org_id": DEPARTMENT, "acting_org_id": TOWN, "seal_kind": "seal_no_2",
            "seal_id": None, "seal_user_org_id": CENTRE, "responsible_org_id": by,
            "liable_org_id": None, "basis": "full_review", "grant_id": str(GRANT),
            "holdings_version": 1, "decided_at": datetime.fromisoformat(at), "authority": authority,
        },
        at=at, stream=case,
    )
    books.settle()
    return case
