"""Rows as answers carry them."""

import json
from typing import Any


def plain(value: Any) -> Any:
    """The same as JSON values: days and instants as ISO text."""
    return json.loads(json.dumps(value, default=lambda one: one.isoformat()))
