"""Papers to be signed and put up: agreements and town lists as .docx, with what is recorded.

The templates in `services/delegation/templates` are edited in a word processor; what they may
name stands in `docs/design/papers.md`.
"""

from base64 import b64encode
from collections.abc import Mapping
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

from jinja2 import StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

from services.delegation.domain import agreement_refusals, list_refusals, refusals
from services.delegation.domain.agreement_terms import kind_policy
from services.delegation.domain.programme import setting
from services.delegation.domain.recalling import GROUNDS
from services.delegation.readmodel.lookups import Lookups
from shared.clock import SHANGHAI
from shared.database import Database
from shared.register.questions import Register

TEMPLATES = Path(__file__).parents[1] / "templates"
DIGITS = ("", *"一二三四五六七八九")

# In the order asked for; the scope granted under the agreement, else that of the catalogue.
ITEMS = (
    "SELECT asked.item_id, i.code, i.name, i.power_type,"
    " g.mode, coalesce(g.scope, s.subitems, '{}') AS scope,"
    " coalesce(s.exclusions, '{}') AS exclusions"
    " FROM unnest(%(items)s::text[]) WITH ORDINALITY AS asked (item_id, nth)"
    " LEFT JOIN item i USING (item_id) LEFT JOIN item_scope s USING (item_id)"
    " LEFT JOIN granted g ON g.item_id = i.item_id AND g.agreement_id = %(agreement)s::uuid"
    "  AND g.state <> 'ended'"
    " ORDER BY nth"
)


class PaperQuestions:
    """Questions whose answer is a file: ``{"name", "docx"}``, its bytes in base64."""

    database: Database
    register: Register
    lookups: Lookups

    def agreement_paper(self, *, agreement: UUID) -> dict[str, str]:
        """An agreement with its parties, articles, items and term (R070 to R075)."""
        found = self.lookups.agreement(agreement)
        if found is None:
            raise refusals.unknown("agreement", agreement)
        template = TEMPLATES / f"{found['kind']}.docx"
        if not template.is_file():
            raise agreement_refusals.no_template(found["kind"])
        programme = self.register.programme(found["programme_id"])
        return _file(f"agreement-{agreement}", template, self._of_agreement(programme, found))

    def list_paper(self, *, town: str, on: date | None) -> dict[str, str]:
        """A town's list, the current one or that of a day (R021, R183)."""
        found = self.lookups.town_list(town, on)
        if found is None:
            raise list_refusals.no_current_list(town)
        programme = self.register.programme(found["programme_id"])
        return _file(
            f"list-{town}-{found['version']}", TEMPLATES / "town_list.docx",
            self._of_list(programme, found),
        )

    def _of_agreement(self, programme: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
        asked = kind_policy(programme, found["kind"])
        told = {clause["key"]: clause["text_ref"] for clause in found["clauses"]}
        filing = setting(programme, "filing", "agreement", "recipient_org_ids")
        names = self.register.names([*found["parties"], *(filing or ())])
        return _of(programme) | {
            "agreement": {"id": str(found["agreement_id"]), "kind": found["kind"]},
            "parties": [names.get(org, org) for org in found["parties"]],
            "articles": [
                {"number": f"第{numeral(nth)}条", "key": key, "text_ref": told.get(key)}
                for nth, key in enumerate(dict.fromkeys([*asked["clauses"], *told]), start=1)
            ],
            "items": [
                row | {"mode": _mode(programme, row["mode"] or _mode_of(programme, found["kind"]))}
                for row in self._items(found["item_ids"], found["agreement_id"])
            ],
            "term_from": day(found["term_from"]), "term_to": day(found["term_to"]),
            "transfer_at": moment(found["transfer_at"]), "signed_on": day(found["signed_on"]),
            "filing": [names.get(org, org) for org in filing or ()] if asked["filing"] else [],
            "filed_on": day(found["filed_on"]),
        }

    def _of_list(self, programme: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
        entries = found["entries"]
        catalogue = self._items([entry["item_id"] for entry in entries], None)
        columns = ("granting_org_id", "supervising_org_id")
        names = self.register.names([
            found["approved_by_org_id"], *(entry[key] for entry in entries for key in columns),
        ])
        approver = found["approved_by_org_id"]
        return _of(programme) | {
            "town": self.register.town(None, found["town_id"])["name"],
            "list": {"version": found["version"], "decision_ref": found["decision_ref"]},
            "approved_by": names.get(approver, approver), "from_day": day(found["from_day"]),
            "reason": GROUNDS.get(found["reason"], found["reason"]),
            "entries": [
                row | {
                    "power_type": entry["power_type"], "scope": entry["scope"],
                    "mode": _mode(programme, entry["mode"]),
                    "granting": names.get(entry["granting_org_id"], entry["granting_org_id"]),
                    "supervising": names.get(entry["supervising_org_id"]),
                }
                for row, entry in zip(catalogue, entries, strict=True)
            ],
        }

    def _items(self, items: list[str], agreement: UUID | None) -> list[dict[str, Any]]:
        """The items, numbered; one outside the catalogue has no name but its code (R022)."""
        rows = self.database.dicts(
            ITEMS, {"items": items, "agreement": str(agreement) if agreement else None}
        )
        return [
            row | {"no": nth, "name": row["name"] or row["item_id"]}
            for nth, row in enumerate(rows, start=1)
        ]


def _of(programme: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "programme": {
            "title": programme["title"], "document_no": setting(programme, "document_no"),
            "issued_on": day(programme["issued_on"]),
        }
    }


def _mode_of(programme: Mapping[str, Any], kind: str) -> str:
    """The mode whose agreements are of this kind, the first where there are more."""
    return next(
        mode for mode, row in programme["modes"].items()
        if row["policy"]["agreement_kind"] == kind
    )


def _mode(programme: Mapping[str, Any], mode: str) -> str:
    return str(programme["modes"][mode]["mode_zh"])


def _file(name: str, template: Path, context: dict[str, Any]) -> dict[str, str]:
    """The template filled in; a name that it misspells is a fault, never an empty place."""
    from docxtpl import DocxTemplate  # noqa: PLC0415 - heavy, and few starts ever need it

    paper, written = DocxTemplate(template), BytesIO()
    paper.render(context, SandboxedEnvironment(undefined=StrictUndefined), autoescape=True)
    paper.save(written)
    return {"name": f"{name}.docx", "docx": b64encode(written.getvalue()).decode()}


def numeral(number: int) -> str:
    """A number below one hundred in Chinese, as articles are counted."""
    tens, ones = divmod(number, 10)
    return {0: "", 1: "十"}.get(tens, f"{DIGITS[tens]}十") + DIGITS[ones]


def day(found: date | None) -> str | None:
    return found and f"{found.year}年{found.month}月{found.day}日"


def moment(found: datetime | None) -> str | None:
    if found is None:
        return None
    here = found.astimezone(SHANGHAI)
    return f"{day(here.date())}{here.hour}时" + (f"{here.minute}分" if here.minute else "")
