"""Running a policy on a fact: what passes by itself is tried again, what is an answer is one."""

import time
from collections.abc import Callable

import psycopg2
import psycopg2.errors
import structlog

from shared.contracts.envelope import Fact
from shared.ops import counters
from shared.refusal import Refused

# Not the fact's fault: the database is away, full, not migrated or not ours to write. Nothing is
# parked then; the consumer tries again until an operator has mended it.
ENVIRONMENT = (
    psycopg2.OperationalError,
    psycopg2.InterfaceError,
    psycopg2.errors.UndefinedTable,
    psycopg2.errors.UndefinedColumn,
    psycopg2.errors.InsufficientPrivilege,
    psycopg2.errors.ReadOnlySqlTransaction,
    psycopg2.errors.IdleInTransactionSessionTimeout,
)

# Somebody else's command has the id that is this reaction's: an answer, but to another question.
NOT_ITS_ANSWER = "log.command-id-reused"

log = structlog.get_logger()

Policy = Callable[[Fact], object]


def reacted(consumer: str, fact: Fact, policy: Policy) -> str:
    """Run *policy* until it has answered; "" then, else the error for which it never will."""
    wait = 0.05
    while True:
        try:
            policy(fact)
        except (Refused, *ENVIRONMENT) as no:
            if isinstance(no, Refused) and no.code == NOT_ITS_ANSWER:
                return repr(no)
            if isinstance(no, Refused) and not no.passing:
                log.info(
                    "policy.refused",
                    consumer=consumer, fact=str(fact.id), type=fact.type, code=no.code,
                )
                return ""
            counters.RETRIES.labels(consumer).inc()
            log.warning("policy.retry", consumer=consumer, fact=str(fact.id), error=str(no).strip())
            time.sleep(wait)
            wait = min(wait * 2, 5.0)
        except Exception as poison:  # noqa: BLE001 - parked with its error, never lost
            return repr(poison)
        else:
            return ""
