"""Rows as questions answer them: JSON values only."""

from datetime import date, datetime
from typing import Any
from uuid import UUID


def plain(value: Any) -> Any:
    """*value* with dates, instants and ids as text."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value
