"""`fuquan holders`, `log`, `ledger`, `verify`: powers, the logs behind them, proofs."""

from services.ledger.cli import auditing, replaying  # noqa: F401 - they hang themselves in `ledger`
from services.ledger.cli.logs import log
from services.ledger.cli.powers import holders
from services.ledger.cli.proofs import verify
from services.ledger.cli.publishing import ledger

__all__ = ["holders", "ledger", "log", "verify"]
