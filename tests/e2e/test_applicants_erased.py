"""An applicant over HTTP, from registration to erasure: then no byte of the details is anywhere.

And all that was signed before still verifies, receipts included; the read models rebuild equal.
"""

import json
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import pytest

from services.cases.service import CasesService
from shared.database import Database
from shared.log.canonical import canonical
from shared.log.checkpoint import open_checkpoint
from shared.log.note import Verifier
from shared.log.store import Log, request_hash
from shared.log.tree import inclusion_proof, leaf_hash, verify_inclusion
from shared.log.verify import Recorded, Verified, verify_entries
from shared.rebuild import rebuild
from shared.settings import WITH_DATABASE
from tests.e2e.bad_input_caller import Running, problem
from tests.waiting import until

TOWN = "ST2021-TOWN-02"
DETAILS = {
    "kind": "person", "name": "申请人测试零零零壹", "id_kind": "other",
    "id_number": "SYNTHETIC-NUMBER-77001", "phone": "电话测试七七零零壹",
    "address": "住址测试零零零壹号（很长）" * 20, "email": "synthetic-77001@test",
}
SECRET = [DETAILS[name] for name in ("name", "id_number", "phone", "address", "email")]
CORRECTED = DETAILS | {"phone": "电话测试七七零零贰"}
TABLES = (
    "SELECT schemaname, tablename FROM pg_tables"
    " WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
)


@dataclass
class Office:
    """The running system and its databases, as the administrator sees them.

    Args:
        databases: by service.
    """

    system: Running
    databases: dict[str, Database]

    def post(self, door: str, caller: str = "town", **body: Any) -> Any:
        authorization = f"Bearer {self.system.ready['tokens'][caller]}"
        return self.system.post(
            f"cases/{door}", {"programme": "ST2021", **body}, Authorization=authorization
        )

    def done(self, door: str, caller: str = "town", **body: Any) -> dict[str, Any]:
        answer = self.post(door, caller, **body)
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told

    def where(self, *values: str) -> set[str]:
        """Every table of every database that holds one of these, in whatever writing."""
        needles = [
            form for value in values for form in (
                value, value.encode().hex(), b64encode(value.encode()).decode().rstrip("=")[:-1],
                json.dumps(value)[1:-1],
            )
        ]
        return {
            f"{service}.{schema}.{table}"
            for service, database in self.databases.items()
            for schema, table in database.rows(TABLES)
            if database.rows(
                f'SELECT 1 FROM "{schema}"."{table}" t'
                " WHERE EXISTS (SELECT FROM unnest(%s) n WHERE strpos(t::text, n) > 0) LIMIT 1",
                (needles,),
            )
        }

    def settled(self) -> bool:
        """Whether every event is signed, and every follower of cases has taken all of it in."""
        cases = self.databases["cases"]
        ((events, signed),) = cases.rows(
            "SELECT (SELECT count(*) FROM log.event), (SELECT max(size) FROM log.checkpoint)"
        )
        heads = [
            head for database in self.databases.values()
            for (head,) in database.rows("SELECT reacted FROM bus.cursor WHERE source = 'cases'")
        ]
        return events == signed and set(heads) == {events}

    def notes(self) -> list[str]:
        rows = self.databases["cases"].rows("SELECT note FROM log.checkpoint ORDER BY size")
        return [note for (note,) in rows]

    def recorded(self) -> list[Recorded]:
        rows = self.databases["cases"].rows(
            "SELECT n.position, n.previous, e.type, e.stream, e.version, e.envelope, n.leaf_hash"
            " FROM log.entry n JOIN log.event e USING (ord) ORDER BY n.position"
        )
        return [Recorded(*told, bytes(body), bytes(leaf)) for *told, body, leaf in rows]


@pytest.fixture
def office(system: Running) -> Iterator[Office]:
    url = urlsplit(system.ready["database"])
    databases = {
        name: Database(urlunsplit(url._replace(path=f"/{system.ready['prefix']}{name}")), size=2)
        for name in WITH_DATABASE
    }
    yield Office(system, databases)
    for database in databases.values():
        database.close()


@pytest.mark.rule("R223")
def test_after_an_erasure_no_byte_is_left_and_everything_still_verifies(office: Office) -> None:
    registered = office.done("register_applicant", details=DETAILS)
    key, case = registered["stream"], str(uuid4())
    office.done(
        "submit", case=case, item="ST21-01", applicant_ref=key, applicant_key=key,
        subject_key="s-77001", towns_concerned=[], channel="window", chosen_org=TOWN,
    )
    read = office.done("read_applicant", applicant=key, case=case, purpose="handling")
    refused = [
        problem(office.post("read_applicant", who, applicant=key, case=case, purpose="handling"))
        for who in ("government", "auditor")
    ]
    twice = problem(office.post("register_applicant", details=DETAILS))
    early = problem(office.post("erase_applicant", applicant=key, case=case, ground="by_law"))
    office.done("correct_applicant", applicant=key, case=case, details=CORRECTED)
    office.done("withdraw", case=case)
    until(office.settled)
    held_in = office.where(*SECRET, CORRECTED["phone"])
    note_before = office.notes()[-1]

    office.done("erase_applicant", applicant=key, case=case, ground="purpose_achieved")
    gone = problem(
        office.post("read_applicant", applicant=key, case=case, purpose="subject_access")
    )
    until(office.settled)

    assert read["shown"]["details"] == DETAILS
    assert refused == [(409, "cases.not-an-organ-of-the-case"), (403, "auth.read-only")]
    assert twice == (409, "cases.applicant-already-registered")
    assert early == (409, "cases.applicant-has-open-cases")
    assert gone == (409, "cases.applicant-erased")
    assert held_in == {"cases.applicants.person", "cases.applicants.identity"}

    unsalted = [
        request_hash(canonical(body)).hex() for details in (DETAILS, CORRECTED) for body in (
            details,
            {"door": "register_applicant", "request": {"programme": "ST2021", "details": details}},
        )
    ]
    assert office.where(*SECRET, CORRECTED["phone"], *unsalted) == set()
    server = Path(office.system.ready["keys"]).parent / "postgres" / "log"
    for written in (office.system.errors, server):
        text = written.read_text("utf-8")
        assert [one for one in (*SECRET, CORRECTED["phone"]) if one in text] == []

    entries = office.recorded()
    origin, verifier = _signer(office)
    found = verify_entries(entries, office.notes(), origin=origin, verifiers=[verifier])
    assert isinstance(found, Verified)
    assert found.vouched == found.size == len(entries)

    before = open_checkpoint(note_before, origin, [verifier])
    leaves = [leaf_hash(one.envelope) for one in entries[: before.size]]
    (index,) = (
        one.position for one in entries if one.type == "cases.ApplicationSubmitted"
        and one.stream.hex == case.replace("-", "")
    )
    assert verify_inclusion(
        index, before.size, leaf_hash(entries[index].envelope), inclusion_proof(index, leaves),
        before.root,
    )

    facts = CasesService.facts
    tables = rebuild(
        office.databases["cases"], facts.into,
        {source: Log(office.databases[source]) for source in facts.from_}, facts.from_,
    )
    assert [name for name, table in tables.items() if table.live != table.rebuilt] == []
    assert tables["applicant_act"].rows == 8


def _signer(office: Office) -> tuple[str, Verifier]:
    keys = Path(office.system.ready["keys"], "cases.vkey").read_text("utf-8")
    return "fuquan/bad-input/cases", Verifier.parse(keys.split()[0])
