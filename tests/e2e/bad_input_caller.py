"""What the tests of bad input send, and the running system as they see it."""

import json
from contextlib import closing
from pathlib import Path
from subprocess import Popen
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID, uuid4

import psycopg2
import requests

from shared.contracts.requests import all_requests
from shared.settings import SERVICES

PROBLEM = "application/problem+json"
JSON = "application/json"
DAY, INSTANT = "2021-08-01", "2021-08-01T09:00:00+08:00"
LIMIT = 120

# What would be done, if nothing were wrong with it.
GOOD: dict[str, dict[str, Any]] = {
    "delegation/delegate": {
        "programme": "ST2021", "town": "ST2021-TOWN-03", "item": "ST21-02", "mode": "direct",
        "effective_from": DAY,
    },
    "delegation/claim": {
        "programme": "MD2023", "town": "MD2023-TOWN-02", "item": "MD23-04",
        "claimed_on": "2023-05-10",
    },
    "delegation/draft_list": {
        "programme": "MD2023", "town": "MD2023-TOWN-02",
        "entries": [{"item": "MD23-04", "mode": "entrusted_handling"}],
    },
    "delegation/draft_agreement": {
        "programme": "MD2023", "kind": "entrustment", "department": "MD2023-ORG-19",
        "town": "MD2023-TOWN-02", "items": ["MD23-04"], "term_from": "2023-07-01",
        "term_to": "2026-06-30",
    },
    "delegation/authorise_seal": {
        "programme": "MD2023", "department": "MD2023-ORG-19", "town": "MD2023-TOWN-02",
        "authorised_by": "MD2023-ORG-02", "instrument_ref": "授权刻制",
    },
    "delegation/survey_needs": {
        "programme": "MD2023", "town": "MD2023-TOWN-02", "outline_ref": "调研提纲",
        "visited_on": "2023-05-01",
    },
    "delegation/hold_docking": {
        "programme": "MD2023", "town": "MD2023-TOWN-02", "department": "MD2023-ORG-19",
        "held_on": "2023-05-01", "items": ["MD23-04"], "outcome": "可以承接",
    },
    "delegation/register_seal": {
        "programme": "ST2021", "kind": "town_approval_seal", "org": "ST2021-TOWN-03",
    },
    "delegation/run_due": {"programme": "ST2021", "now": INSTANT},
    "catalog/add_recipient": {"programme": "ST2021", "town": "ST2021-TOWN-03", "from": DAY},
    "catalog/add_alias": {
        "programme": "ST2021", "org_id": "ST2021-ORG-07", "alias": "区审批局",
        "basis": "abbreviation",
    },
    "catalog/record_legal_constraint": {
        "programme": "ST2021", "item": "ST21-03", "kind": "entrust_forbidden", "norm_rank": "law",
        "article": "第一条", "valid_from": DAY, "valid_to": "2022-08-01",
    },
    "catalog/set_time_limit": {
        "programme": "ST2021", "item": "ST21-03", "step": "accept", "value": 5,
        "unit": "working_day",
    },
    "catalog/list_item": {
        "programme": "ST2021", "item_id": "ST21-99", "catalogue_id": "ST2021-CATALOGUE", "seq": 99,
        "name": "新事项", "power_type": "行政许可", "domain": "approval", "power_level": "district",
        "granting_org_id": "ST2021-ORG-07", "mode": "direct",
    },
    "cases/submit": {
        "programme": "ST2021", "case": str(uuid4()), "item": "ST21-01", "applicant_ref": "a-1",
        "applicant_key": "k-1", "subject_key": "s-1", "towns_concerned": ["ST2021-TOWN-03"],
        "channel": "window", "chosen_org": "ST2021-TOWN-03",
    },
    "cases/run_due": {"programme": "ST2021", "now": INSTANT},
    "cases/accept": {"programme": "ST2021", "case": str(uuid4())},
    "supervision/collect_record": {
        "programme": "ST2021", "source_org": "ST2021-ORG-07", "kind": "inspection",
        "subject_key": "s-1", "ref": "检查〔2021〕1号",
    },
    "supervision/assign_task": {"programme": "MD2023", "task_no": "1", "unit": "MD2023-ORG-02"},
    "supervision/sign_memorandum": {
        "programme": "MD2023", "town": "MD2023-TOWN-02", "supervising_org": "MD2023-ORG-20",
        "entries": [{"item": "MD23-04"}],
    },
}

# What a question needs to be answered, by the name of the field.
ASKED = {
    "programme": "ST2021", "item": "ST21-01", "town": "ST2021-TOWN-03", "org": "ST2021-ORG-07",
    "facet": "decide", "at": INSTANT, "on": DAY, "unit": "GZ2020-UNIT-15",
    "into": "ST2021-ORG-08", "mode": "direct", "kind": "entrust_forbidden", "norm_rank": "law",
    "grant": str(UUID(int=1)), "agreement": str(UUID(int=2)),
    "sheet": {"rows": []},
}
UNKNOWN = {
    "programme": "register.unknown-programme", "item": "register.unknown-item",
    "town": "register.unknown-town", "towns_concerned": "register.unknown-town",
    "org": "register.unknown-organ", "org_id": "register.unknown-organ",
    "unit": "register.unknown-organ", "department": "register.unknown-organ",
}


class Running:
    """The system in a process of its own, seen from outside."""

    def __init__(
        self, process: Popen[str], ready: dict[str, Any], errors: Path
    ) -> None:
        self.process, self.ready, self.errors = process, ready, errors
        self.session = requests.Session()

    def headers(self, **further: str) -> dict[str, str]:
        told = {"kind": "notice", "ref": "ST2021", "dated": "2021-06-28"}
        return {
            "Authorization": f"Bearer {self.ready['tokens']['government']}", "Content-Type": JSON,
            "Idempotency-Key": str(uuid4()), "Instrument": json.dumps(told),
        } | {name.replace("_", "-"): value for name, value in further.items()}

    def post(self, door: str, body: Any, **headers: str) -> requests.Response:
        """Send a command; *body* as it is, if it is bytes."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        url = f"{self.ready['url']}/api/{door}"
        token = self.ready["tokens"][_caller_of(door)]
        headers = {"Authorization": f"Bearer {token}"} | headers
        return self.session.post(url, data, headers=self.headers(**headers))

    def get(self, door: str, **asked: Any) -> requests.Response:
        url = f"{self.ready['url']}/api/{door}"
        return self.session.get(url, params=asked, headers=self.headers())

    def ask(self, door: str, **asked: Any) -> requests.Response:
        """Ask a question, in the address or in the body, as it is to be asked."""
        service, _, name = door.partition("/")
        in_body = all_requests()[service, name].in_body
        return self.post(door, asked) if in_body else self.get(door, **asked)

    def rows(self, service: str, query: str) -> list[tuple[Any, ...]]:
        url = urlsplit(self.ready["database"])._replace(path=f"/{self.ready['prefix']}{service}")
        with closing(psycopg2.connect(urlunsplit(url))) as held, held.cursor() as at:
            at.execute(query)
            return at.fetchall()

    def recorded(self) -> dict[str, int]:
        """How many events each log has."""
        return {name: self.rows(name, "SELECT count(*) FROM log.event")[0][0] for name in SERVICES}


def _caller_of(door: str) -> str:
    """Who may give this command: some are the operators' alone."""
    service, _, name = door.partition("/")
    kind = all_requests().get((service, name))
    return "operator" if kind is not None and kind.roles else "government"


def problem(answer: requests.Response) -> tuple[int, str]:
    """Status and code of problem details, whose title must be Chinese."""
    assert answer.headers["Content-Type"] == PROBLEM, answer.text
    told = answer.json()
    assert told["status"] == answer.status_code
    assert told["type"] == f"urn:fuquan:problem:{told['code']}"
    assert any("\u4e00" <= letter <= "\u9fff" for letter in told["title"]), told
    return answer.status_code, told["code"]


def changed(door: str, **fields: Any) -> tuple[str, dict[str, Any]]:
    """A good request with these fields instead."""
    return door, GOOD[door] | fields
