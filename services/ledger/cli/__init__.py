"""`fuquan holders`, `log`, `ledger`, `verify`: powers, the logs behind them, proofs."""

# They hang their commands in `ledger`.
from services.ledger.cli import (  # noqa: F401
    auditing,
    exports,
    following,
    replaying,
    restoring,
    rotating,
)
from services.ledger.cli.logs import log
from services.ledger.cli.powers import holders
from services.ledger.cli.proofs import verify
from services.ledger.cli.publishing import ledger
from services.ledger.cli.receipts import receipt

__all__ = ["holders", "ledger", "log", "receipt", "verify"]
