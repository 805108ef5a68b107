"""How a command ended: counted, and told in one line that leads back to the HTTP request."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from marshmallow import ValidationError

from shared.contracts.envelope import Given
from shared.ops.counters import COMMANDS
from shared.refusal import Refused

log = structlog.get_logger()


@contextmanager
def commanded(service: str, door: str, given: Given) -> Iterator[dict[str, Any]]:
    """Count and tell how a command ends.

    One line ``command`` with its outcome, its id, its correlation, what caused it, and the
    milliseconds it took. The correlation is the HTTP request's, and stands in the events too.

    Yields:
        A dict for what else is to be told, e.g. the stream and its version.
    """
    begun, told, outcome = time.monotonic(), dict[str, Any](), "failed"
    try:
        yield told
        outcome = "done"
    except Refused as refused:
        outcome, told["code"] = "refused", refused.code
        raise
    except ValidationError:
        outcome = "invalid"
        raise
    finally:
        COMMANDS.labels(service, outcome).inc()
        log.info(
            "command", door=f"{service}.{door}", outcome=outcome, command=str(given.command),
            correlation=str(given.correlation or given.command),
            causation=given.causation and str(given.causation),
            ms=round((time.monotonic() - begun) * 1000, 1), **told,
        )
