"""What is on record of the readiness gates, and what is missing before a start (R091)."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.delegation.domain import gates, refusals
from services.delegation.domain.programme import Row, policy
from services.delegation.domain.seal import SEAL_NO_2
from services.delegation.readmodel.capability import CapabilityRecords
from services.delegation.readmodel.handover import HandoverRecords
from services.delegation.readmodel.lookups import Lookups
from services.delegation.readmodel.readiness import plan_filed
from shared.clock import day_of, start_of, system_clock
from shared.database import Database
from shared.plain import plain
from shared.register.questions import Register


class GateRecords:
    """What facts say of each gate: passed, open, or nothing.

    Args:
        database: of this service.
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        self.register = Register(database)
        self.lookups = Lookups(database)
        self.handover = HandoverRecords(database)
        self.capability = CapabilityRecords(database)

    def of_grant(self, grant: UUID, at: datetime | None = None) -> dict[str, bool]:
        """The gates of a grant, at an instant or when it takes effect.

        Raises:
            Refused: ``delegation.unknown-grant``.
        """
        found = self.lookups.grant(grant)
        if found is None:
            raise refusals.unknown("grant", grant)
        return self.of(
            found["programme_id"], found["town_id"], found["item_id"], found["mode"],
            max(at or found["effective_from"], found["effective_from"]), granted=found,
            agreement=found["agreement_id"],
        )

    def of(
        self, programme: str, town: str, item: str, mode: str, at: datetime, *,
        granted: Row | None = None, agreement: UUID | None = None,
    ) -> dict[str, bool]:
        """The gates of an item in a town in a mode, at an instant.

        Args:
            granted: the grant, once there is one.
            agreement: named by the grant; None: the signed one that covers the item.
        """
        kinds = policy(self.register.programme(programme), mode)
        row, day = self.register.item(programme, item), day_of(at)
        kind = kinds["seal_kind"]
        owner, of_town = (row["granting_org_id"], town) if kind == SEAL_NO_2 else (town, None)
        if agreement is None and kinds["agreement_kind"]:
            agreement = self.lookups.covering_agreement(
                programme, kinds["agreement_kind"], town, item, day
            )
        place = {"programme": programme, "town": town, "item": item}
        return {
            "agreement": self.lookups.agreement_in_force(agreement, day),
            "seal": kind is not None and self.lookups.seal_in_use(kind, owner, of_town) is not None,
            "publication": self.lookups.published(programme, town, item),
            "supervisor": row["supervising_org_id"] is not None,
            "training": self.capability.trained(**place),
            "account": self.capability.has_account(**place, at=at),
            "guide": self.register.guide_published(item, town),
            "window": self.register.window_open(town, item, day),
            "mechanism": self._recorded("forwarding_mechanism", place),
            "handling_body": self._recorded("handling_body", place),
            "takeover_plan": plan_filed(self.database, programme, town),
            # where the programme's checklist has no line for the mode, nothing is owed
            "handover": granted is not None
            and self.handover.complete(granted["grant_id"]) is not False,
        }

    def _recorded(self, table: str, place: Mapping[str, str]) -> bool:
        return bool(self.database.rows(
            f"SELECT 1 FROM {table} WHERE programme_id = %(programme)s AND town_id = %(town)s"
            " AND item_id = %(item)s", place,
        ))


class GateQuestions:
    """Questions on what is missing before a start."""

    database: Database
    register: Register
    lookups: Lookups

    def gates(self, *, grant: UUID) -> Any:
        """R091: passed, open, or null where nothing is recorded."""
        found = self.lookups.grant(grant)
        if found is None:
            raise refusals.unknown("grant", grant)
        programme = self.register.programme(found["programme_id"])
        known = GateRecords(self.database).of_grant(grant)
        return gates.check(programme, policy(programme, found["mode"]), known)

    def readiness(self, *, programme: str, town: str, item: str | None, on: date | None) -> Any:
        """R042, R091: of one item, or of every item granted to the town or on its list."""
        granted = {
            row["item_id"]: row for row in self.lookups.open_grants(programme, town=town, item=item)
        }
        listed = {entry["item_id"]: entry["mode"] for entry in self._entries(programme, town)}
        if item is not None:
            return plain(self._readiness(programme, town, item, granted, listed, on))
        rows = [
            self._readiness(programme, town, code, granted, listed, on)
            for code in sorted({*granted, *listed})
        ]
        missing: dict[str, list[str]] = {}
        for row in rows:
            for gate in row["gates"]:
                if gate["setting"] == "block" and gate["state"] != "passed":
                    missing.setdefault(gate["name"], []).append(row["item"])
        return plain({
            "programme": programme, "town": town, "ready": not missing, "missing": missing,
            "items": rows,
        })

    def _readiness(
        self, programme: str, town: str, item: str, granted: Mapping[str, Row],
        listed: Mapping[str, str], on: date | None,
    ) -> dict[str, Any]:
        rules, grant = self.register.programme(programme), granted.get(item)
        named = self.register.item(programme, item)
        mode = grant["mode"] if grant else listed.get(item) or named["mode"]
        rows = gates.decided(granted=grant is not None, mode=mode)
        if mode is not None:
            at = start_of(on) if on else grant["effective_from"] if grant else system_clock()
            known = GateRecords(self.database).of(
                programme, town, item, mode, at, granted=grant,
                agreement=grant["agreement_id"] if grant else None,
            )
            rows += gates.readiness(rules, policy(rules, mode), known)
        return {
            "item": item, "name": named["name"], "department": named["granting_org_id"],
            "mode": mode,
            "grant": grant["grant_id"] if grant else None,
            "state": grant["state"] if grant else None,
            "effective_from": grant["effective_from"] if grant else None,
            "ready": not [
                row for row in rows if row["setting"] == "block" and row["state"] != "passed"
            ],
            "gates": rows,
        }

    def _entries(self, programme: str, town: str) -> list[dict[str, Any]]:
        rows = self.database.rows(
            "SELECT entries FROM town_list WHERE programme_id = %s AND town_id = %s"
            " AND state = 'current'", (programme, town),
        )
        return [entry for (entries,) in rows for entry in entries if not entry["outside_catalogue"]]
