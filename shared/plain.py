"""Values as answers carry them: JSON values only."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID


def plain(value: Any) -> Any:
    """*value* as JSON has it: instants and days as ISO 8601 text, ids as text."""
    if isinstance(value, Mapping):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value
