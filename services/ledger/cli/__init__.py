"""`fuquan holders`: who held which power, when; `fuquan log`: the logs behind the answer."""

from services.ledger.cli.logs import log
from services.ledger.cli.powers import holders

__all__ = ["holders", "log"]
