"""Grants under which their towns have started to work, and in which state they are."""

from typing import Any

from tests.delegating import County
from tests.ready import ready

SHATU = "MD2023-TOWN-08"
DECIDED, FIRST_DAY = "2021-07-20T09:00:00+08:00", "2021-08-01T09:00:00+08:00"


def of(county: County, grant: str, **more: Any) -> dict[str, Any]:
    """What a command about a grant says."""
    return {"programme": county.ask("delegation", "grant", {"grant": grant})["programme_id"],
            "grant": grant, **more}


def started(
    county: County, grant: str, at: str = "2023-07-03T09:00:00+08:00"
) -> dict[str, Any]:
    return county.told("start_implementation", of(county, grant), at)


def state(county: County, grant: str) -> str:
    return str(county.ask("delegation", "grant", {"grant": grant})["state"])


def entrusted_and_started(
    county: County, item: str = "MD23-04", town: str = SHATU, **more: Any
) -> str:
    """At work in entrusted handling, with a seal and an agreement."""
    county.sealed(town=town)
    county.agreed([item], town)
    grant = county.delegated(item, town, "entrusted_handling", "2023-07-01", **more)
    ready(county, town, on="2023-06-25", since="2023-07-01")
    started(county, grant)
    return grant
