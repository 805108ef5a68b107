"""Accounts at 店子镇 and 沙土镇, and what the towns hold: for tests of who may have one."""

from collections.abc import Sequence
from typing import Any

from tests.delegating import County

DIANZI = "ST2021-TOWN-05"
SHATU = "MD2023-TOWN-08"
SHATU_CENTRE = f"{SHATU}-CENTRE"
NOW = "2021-07-30T09:00:00+08:00"
LATER = "2021-09-20T09:00:00+08:00"
REVIEWS = ["accept", "substantive_review", "decide"]


def forwarded(county: County, *items: str) -> dict[str, str]:
    """店子镇 holds the items by 服务窗口前移 from 2021-08-01."""
    return {
        item: county.delegated(item, DIANZI, "window_forward", "2021-08-01", NOW) for item in items
    }


def account(
    county: County, org: str, items: Sequence[str], facets: Sequence[str] = ("accept",),
    at: str = NOW, **more: Any
) -> str:
    """An account of op-1 in the approval system."""
    return str(county.told("grant_account", {
        "programme": org.partition("-")[0], "system": "approval", "org": org, "operator": "op-1",
        "items": list(items), "facets": list(facets), "valid_from": "2021-08-01", **more,
    }, at)["stream"])


def shatu_account(county: County, facets: Sequence[str] = REVIEWS, **more: Any) -> str:
    """The same at 沙土镇's centre, for what it was entrusted with."""
    return account(county, SHATU_CENTRE, ["MD23-04"], facets, "2023-07-03T09:00:00+08:00", **{
        "valid_from": "2023-07-03", **more
    })


def recalled(
    county: County, grant: str, effective_from: str = "2021-10-01", at: str = LATER
) -> dict[str, Any]:
    """店子镇 loses a grant, because the law forbids it."""
    return county.told("recall", {
        "programme": "ST2021", "grant": grant, "ground": "law_forbids", "decided_on": at[:10],
        "effective_from": effective_from,
    }, at)


def accounts(county: County, town: str, at: str | None = None) -> list[dict[str, Any]]:
    """The accounts in a town; those of an instant, if one is named."""
    programme = town.partition("-")[0]
    asked = {"programme": programme, "town": town}
    return county.ask("delegation", "accounts", asked | ({"at": at} if at else {}))
