"""Every read model rebuilt from the logs and compared with the live one, service by service."""

import warnings
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

from shared.database import Database
from shared.log.store import Log
from shared.rebuild import Compared, rebuild
from shared.settings import Settings

if TYPE_CHECKING:
    from shared.entrypoints import Facts


class NotHere(LookupError):
    """The service is not installed here, so its projections are not either."""


def replayed(settings: Settings, service: str) -> dict[str, Compared]:
    """Replay all logs that a service follows into empty tables, as far as it has come itself.

    Args:
        settings: of a role that may read the service's database and the logs, and make temporary
            tables: the administrator.

    Returns:
        By table; see `shared.rebuild`.

    Raises:
        NotHere: no such service is installed.
    """
    facts = facts_of(service)
    sources = {
        name: Database(settings.dsn(name), size=1, search_path="log") for name in facts.from_
    }
    own = Database(settings.dsn(service), size=1)
    try:
        logs = {name: Log(source) for name, source in sources.items()}
        return rebuild(own, facts.into, logs, facts.from_)
    finally:
        for database in (own, *sources.values()):
            database.close()


def facts_of(service: str) -> "Facts":
    """How the service takes in facts, found by its entry point: no service imports another."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what the libraries of the edge have to say of each other
        from shared.entrypoints import Facts  # noqa: PLC0415 - no other command needs the edge

        for found in entry_points(group="fuquan.services", name=service):
            try:
                kind = found.load()
            except ModuleNotFoundError as missing:
                raise NotHere(service) from missing
            return next(value for value in vars(kind).values() if isinstance(value, Facts))
    raise NotHere(service)
