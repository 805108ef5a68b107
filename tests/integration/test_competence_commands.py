"""Whatever delegation is commanded to do: it never reaches a state that the proof rejects."""

from collections.abc import Iterator
from contextlib import suppress
from copy import deepcopy
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import psycopg2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.database import Database
from shared.migrate import as_role
from shared.refusal import Refused
from shared.settings import WITH_DATABASE, Settings
from tests.world import World, programme_content

DAY_0 = date(2023, 7, 1)
BUREAU, TOWN, CENTRE = "MD2023-ORG-19", "MD2023-TOWN-08", "MD2023-TOWN-08-CENTRE"
ITEMS = ("MD23-04", "MD23-05")
VILLAGE = {"programme": "ST2021", "town": "ST2021-TOWN-01", "item": "ST21-05"}
CLAUSES = ("授权事项", "权限范围", "委托期限", "受审转报机制", "双方权利义务", "法律责任")
MODES = ("entrusted_handling", "entrusted_acceptance")
SUBITEMS = ["个人参保缴费证明查询打印", "待遇领取证明查询打印"]
STARTED = ("in_transition", "in_force")
OPEN = ("decided", "recall_proposed", *STARTED)
LOG = ("log.entry", "log.event", "log.command")
PROGRAMMES = ("MD2023", "ST2021")
EXAMPLES, LONGEST = 12, 20


def day(number: int) -> str:
    return (DAY_0 + timedelta(days=number)).isoformat()


def ungated(programme: str) -> dict[str, Any]:
    """A notice without the gates before a start: who holds what does not depend on them."""
    content = deepcopy(programme_content(programme))
    rules = content["programme"]
    rules["gates"] = dict.fromkeys(rules["gates"])
    rules["supervision"]["supervisor_required"] = False
    return content


class Proving(World):
    """Catalog, delegation and the ledger; `fresh` forgets all but the catalogue."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.services, self.consumers, self._admin = {}, {}, {}
        for name in WITH_DATABASE:
            self._admin[name] = Database(settings.dsn(name), size=1, search_path="log")
        for name in ("catalog", "delegation", "ledger"):
            self._service(name, replace(settings, database_url=as_role(settings, name)))
        self.empty()
        for programme in PROGRAMMES:
            self.do("catalog", "import_programme", {
                "programme": programme, "content": ungated(programme),
            }, at="2020-01-01T09:00:00+08:00")
        self.settle()
        self.derived = {name: self._empty_tables(name) for name in ("delegation", "ledger")}
        self.consumers = {name: self.consumers[name] for name in self.derived}
        self.now = 0

    def _empty_tables(self, name: str) -> list[str]:
        """The read model's tables that catalog's facts leave empty."""
        names = self._admin[name].rows(
            "SELECT relname FROM pg_class WHERE relnamespace = 'readmodel'::regnamespace"
            " AND relkind IN ('r', 'p')"
        )
        return [
            f"readmodel.{table}" for (table,) in names
            if not self._admin[name].rows(f"SELECT 1 FROM readmodel.{table} LIMIT 1")
        ]

    def fresh(self) -> "Proving":
        """Delegation as on its first day."""
        for name, tables in self.derived.items():
            held = psycopg2.connect(self.settings.dsn(name))
            with held, held.cursor() as at:
                at.execute("SET session_replication_role = replica")
                for table in (*tables, *(LOG if name == "delegation" else ())):
                    at.execute(f"DELETE FROM {table}")
                at.execute(
                    "UPDATE bus.cursor SET projected = 0, reacted = 0 WHERE source = 'delegation'"
                )
                if name == "delegation":
                    at.execute(
                        "UPDATE log.sequence SET next_position = 0, last_ord = (SELECT CASE WHEN"
                        " is_called THEN last_value ELSE 0 END FROM log.event_ord_seq)"
                    )
                else:
                    at.execute("DELETE FROM readmodel.mirror WHERE source = 'delegation'")
            held.close()
            self.consumers[name].start()
        self.now = 0
        return self

    # Commands by their few random numbers: days from now on; what is refused changes nothing.

    def day(self, number: int) -> str:
        return day(self.now + number)

    def attempt(self, door: str, request: dict[str, Any]) -> str | None:
        """The stream of what was done; None: refused."""
        with suppress(Refused):
            at = f"{day(self.now)}T09:00:00+08:00"
            answer = self.do("delegation", door, {"programme": "MD2023"} | request, at=at)
            self.settle()
            return str(answer["stream"])
        return None

    def agree(self, first: int, last: int, which: int) -> None:
        """A signed agreement of either kind on one item or both."""
        items = (ITEMS, ITEMS[:1], ITEMS[1:])[which % 3]
        drafted = self.attempt("draft_agreement", {
            "kind": "acceptance" if which > 3 else "entrustment", "department": BUREAU,
            "town": TOWN, "items": list(items), "clauses": [{"key": key} for key in CLAUSES],
            "term_from": self.day(first), "term_to": self.day(first + last),
        })
        if drafted:
            self.attempt("sign_agreement", {
                "agreement": drafted, "signed_on": self.day(min(first, 0)),
                "signatories": [BUREAU, TOWN],
            })

    def renew(self, first: int, last: int, which: int) -> None:
        for agreement in self._agreements(which):
            self.attempt("renew_agreement", {
                "agreement": agreement, "signed_on": self.day(0), "term_from": self.day(first),
                "term_to": self.day(first + last),
            })

    def amend(self, first: int, last: int, which: int) -> None:
        items = (ITEMS, ITEMS[:1], ITEMS[1:])[last % 3]
        for agreement in self._agreements(which):
            self.attempt("amend_agreement", {
                "agreement": agreement, "items": list(items), "amended_on": self.day(first),
            })

    def terminate(self, first: int, last: int, which: int) -> None:
        for agreement in self._agreements(which):
            self.attempt("terminate_agreement", {
                "agreement": agreement, "reason": "r", "terminated_on": self.day(first),
            })

    def delegate(self, first: int, last: int, which: int) -> None:
        """By the department, or by the town itself; under the covering agreement."""
        by = {} if last > 1 else {"decided_by": CENTRE}
        self.attempt("delegate", by | {
            "town": TOWN, "item": ITEMS[which % 2], "mode": MODES[which // 4],
            "effective_from": self.day(first),
        })

    def devolve(self, first: int, last: int, which: int) -> None:
        """The scoped item of the other programme, to which no agreement belongs."""
        self.attempt("delegate", VILLAGE | {"mode": "direct", "effective_from": self.day(first)})

    def start(self, first: int, last: int, which: int) -> None:
        for programme, grant in self._grants(which, "decided"):
            self.attempt("start_implementation", {"programme": programme, "grant": grant})

    def recall(self, first: int, last: int, which: int) -> None:
        for programme, grant in self._grants(which, *OPEN):
            named = {"programme": programme, "grant": grant}
            self.attempt("propose_recall", named | {
                "ground": "poor_effect", "evidence_refs": ["e"], "proposed_by": BUREAU,
            })
            self.attempt("hear_town", named | {"opinion_ref": "o"})
            self.attempt("recall", named | {
                "ground": None if programme == "MD2023" else "law_forbids",
                "decided_on": self.day(0), "effective_from": self.day(first),
            })

    def correct(self, first: int, last: int, which: int) -> None:
        for programme, grant in self._grants(which):
            self.attempt("correct_grant", {
                "programme": programme, "grant": grant, "effective_from": self.day(first),
                "reason": "r",
            })

    def change_mode(self, first: int, last: int, which: int) -> None:
        for programme, grant in self._grants(which, *STARTED):
            self.attempt("change_mode", {
                "programme": programme, "grant": grant, "mode": MODES[last % 2],
                "effective_from": self.day(first),
            })

    def change_scope(self, first: int, last: int, which: int) -> None:
        for programme, grant in self._grants(which, *STARTED):
            self.attempt("change_scope", {
                "programme": programme, "grant": grant, "scope": SUBITEMS[last % 2:],
                "effective_from": self.day(first),
            })

    def pass_days(self, first: int, last: int, which: int) -> None:
        self.now += which

    def tell_time(self) -> None:
        """Delegation is told what time it is: a term that is over ends its grants (R075, R224)."""
        for programme in PROGRAMMES:
            self.attempt("run_due", {
                "programme": programme, "now": f"{day(self.now)}T09:00:00+08:00",
            })

    def _agreements(self, which: int) -> list[str]:
        """One of those that are signed; or none."""
        rows = self.ask("delegation", "agreements", {"programme": "MD2023", "state": "signed"})
        ids = sorted(row["agreement_id"] for row in rows)
        return ids[which % len(ids):][:1] if ids else []

    def _grants(self, which: int, *states: str) -> list[tuple[str, str]]:
        """One of those in these states, programme and id; or none."""
        rows = [
            (programme, row["grant_id"]) for programme in PROGRAMMES
            for row in self.ask("delegation", "grants_of", {"programme": programme})
            if row["state"] in states or not states
        ]
        return rows[which % len(rows):][:1] if rows else []


@pytest.fixture(scope="module")
def proving(migrated: Settings) -> Iterator[Proving]:
    proving = Proving(migrated)
    yield proving
    proving.close()


ACTS = (
    *["agree"] * 3, *["delegate"] * 4, *["devolve"] * 2, *["start"] * 4, *["recall"] * 3,
    *["correct"] * 3, *["change_mode"] * 2, *["change_scope"] * 2, "renew", "amend", "terminate",
    *["pass_days"] * 3,
)


@pytest.mark.rule("R059")
@pytest.mark.rule("R064")
@pytest.mark.rule("R065")
@pytest.mark.rule("R075")
@settings(
    max_examples=EXAMPLES, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(chance=st.randoms(use_true_random=False))
def test_no_sequence_of_commands_reaches_a_state_that_the_proof_rejects(proving, chance):
    proving.fresh()
    proving.agree(0, 12, 0)
    for _ in range(LONGEST):
        act = chance.choice(ACTS)
        getattr(proving, act)(chance.randint(-2, 5), chance.randint(1, 12), chance.randint(0, 5))
        proving.tell_time()
        proof = proving.ask("ledger", "prove", {})
        assert proof["findings"] == [], f"after {act}"
    assert proving.parked() == []
