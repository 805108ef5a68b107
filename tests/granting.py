"""A grant as the domain decides on it, with the rows of a notice."""

from datetime import date
from typing import Any

from services.delegation.domain.delegating import OnRecord
from services.delegation.domain.grant import Grant
from tests.notice import notice

ANY = date(2023, 7, 1)


def asked(code: str, item_code: str, town_code: str, mode: str, **more: Any) -> Grant:
    """A grant under the notice *code*, with nothing on record but what is told."""
    rows = notice(code)
    return Grant.delegate(**({
        "programme": rows.programme, "town": rows.town(town_code), "item": rows.item(item_code),
        "mode": mode,
        "scope": [], "effective_from": ANY, "named": None, "known": OnRecord(), "ordinal": 0,
    } | more))


def event_of(grant: Grant) -> Any:
    """What was decided."""
    return grant.pending_events[0]
