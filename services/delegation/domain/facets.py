"""Who holds each facet after a grant or a transfer: the mode's table, with organs for roles."""

from typing import Any

from services.delegation.domain.programme import Row


def of_grant(mode: Row, item: Row, town: Row) -> list[dict[str, Any]]:
    """The facets of town-filed cases; the district's concurrent right is its own (R064)."""
    return _rows(mode, "town", _organs(item, town))


def of_transfer(mode: Row, item: Row, unit: Row) -> list[dict[str, Any]]:
    """The facets at the bureau of a unit (R064, R074)."""
    return _rows(mode, "bureau", _organs(item, unit))


def _organs(item: Row, town: Row) -> dict[str, str | None]:
    return {
        "town": town["town_id"],
        "town_department": town["department_id"],
        "town_centre": town["centre_id"],
        "town_window": town["centre_id"],
        "district_department": item["granting_org_id"],
        "former_department": item["granting_org_id"],
        "bureau": town["department_id"],
    }


def _rows(mode: Row, filed_at: str, organs: dict[str, str | None]) -> list[dict[str, Any]]:
    return [
        {
            "facet": row["facet"],
            "org_id": organs.get(row["holder"]) or row["holder"],
            "capacity": row["capacity"] or "",
            "filed_at": filed_at,
            "cross_town": row["cross_town"],
        }
        for row in mode["facets"] if row["filed_at"] == filed_at
    ]
