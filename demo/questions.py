"""Twenty answers: who held facet F of item I in town T at the instant D, as known on the day K."""

from typing import Any

from demo.material import content
from demo.player import Player

NOW = "2026-01-01T00:00:00+08:00"
BEFORE_GRANT, BEFORE_RECALL = "2021-07-01T00:00:00+08:00", "2024-01-01T00:00:00+08:00"
WHERE = {"town": "镇街受理", "district": "区级受理", "bureau": "划转"}
# programme, item, town, facet, effective at, known at
ASKED = (
    ("ST2021", "ST21-05", "ST2021-TOWN-01", "decide", "2021-06-29T12:00:00+08:00", NOW),
    ("ST2021", "ST21-05", "ST2021-TOWN-01", "decide", "2021-08-01T00:00:00+08:00", NOW),
    ("ST2021", "ST21-05", "ST2021-TOWN-01", "decide", "2021-08-01T00:00:00+08:00", BEFORE_GRANT),
    ("ST2021", "ST21-06", "ST2021-TOWN-09", "substantive_review", "2021-08-01T00:00:00+08:00", NOW),
    ("ST2021", "ST21-06", "ST2021-TOWN-09", "decide", "2021-08-01T00:00:00+08:00", NOW),
    ("ST2021", "ST21-06", "ST2021-TOWN-09", "substantive_review", "2021-07-31T23:59:59+08:00", NOW),
    ("ST2021", "ST21-13", "ST2021-TOWN-05", "accept", "2021-09-01T12:00:00+08:00", NOW),
    ("ST2021", "ST21-01", "ST2021-TOWN-01", "seal", "2021-09-01T12:00:00+08:00", NOW),
    ("MD2023", "MD23-04", "MD2023-TOWN-08", "decide", "2023-09-01T12:00:00+08:00", NOW),
    ("MD2023", "MD23-04", "MD2023-TOWN-07", "decide", "2023-09-01T12:00:00+08:00", NOW),
    ("MD2023", "MD23-12", "MD2023-TOWN-18", "decide", "2024-02-29T23:59:59+08:00", NOW),
    ("MD2023", "MD23-12", "MD2023-TOWN-18", "decide", "2024-03-01T00:00:00+08:00", NOW),
    ("MD2023", "MD23-12", "MD2023-TOWN-18", "decide", "2024-03-01T00:00:00+08:00", BEFORE_RECALL),
    ("MD2023", "MD23-37", "MD2023-TOWN-07", "decide", "2024-06-30T23:59:59+08:00", NOW),
    ("MD2023", "MD23-37", "MD2023-TOWN-07", "decide", "2024-07-01T00:00:00+08:00", NOW),
    ("SR2020", "SR20-001", "SR2020-TOWN-01", "decide", "2020-05-20T23:59:59+08:00", NOW),
    ("SR2020", "SR20-001", "SR2020-TOWN-01", "decide", "2020-05-21T00:00:00+08:00", NOW),
    ("ZZ2021", "ZZ21-01", "ZZ2021-TOWN-03", "decide", "2021-08-01T12:00:00+08:00", NOW),
    ("GZ2020", "GZ20-001", "GZ2020-UNIT-15", "decide", "2021-04-19T23:59:59+08:00", NOW),
    ("GZ2020", "GZ20-001", "GZ2020-UNIT-15", "decide", "2021-04-20T00:00:00+08:00", NOW),
)


def ask(player: Player) -> list[dict[str, Any]]:
    """The questions with the ledger's answers; holders by name, with where the case was filed."""
    answers = []
    for programme, item, town, facet, at, known_at in ASKED:
        asked = {"item": item, "town": town, "facet": facet, "at": at, "known_at": known_at}
        rows = player.ask("ledger", "holders", {"programme": programme, **asked})
        names = _names(programme)
        answers.append({
            **asked, "town_name": names[town],
            "holders": [
                f"{names.get(row['org_id'], row['org_id'])}（{WHERE[row['filed_at']]}）"
                for row in rows
            ],
        })
    return answers


def _names(programme: str) -> dict[str, str]:
    told = content(programme)
    named = {
        "town_id": "name", "centre_id": "centre_name", "department_id": "department_name",
    }
    return {row["org_id"]: row["name"] for row in told["organs"]} | {
        row[key]: row[name] for row in told["towns"] for key, name in named.items() if row[key]
    }
