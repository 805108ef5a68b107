"""Recalls, step by step: proposed, heard, decided, published (R180, R181)."""

from typing import Any

from psycopg2.extensions import cursor

from services.delegation.domain.recalling import steps_of
from shared.contracts.envelope import Fact
from shared.database import Database
from shared.plain import plain
from shared.projection import Projection
from shared.register.questions import Register

recalls = Projection()


def _of(fact: Fact) -> dict[str, Any]:
    return fact.data | {
        "programme": fact.programme, "position": fact.position, "at": fact.occurred_at,
        "fact": fact.id,
    }


@recalls.on("delegation.RecallProposed")
def proposed(at: cursor, fact: Fact) -> None:
    at.execute(
        "INSERT INTO recall (grant_id, recall_id, programme_id, ground, proposed_at,"
        " proposed_by_org_id, position) VALUES (%(grant_id)s, %(recall_id)s, %(programme)s,"
        " %(ground)s, %(at)s, %(proposed_by_org_id)s, %(position)s) ON CONFLICT (grant_id)"
        " DO UPDATE SET ground = EXCLUDED.ground, proposed_at = EXCLUDED.proposed_at,"
        " proposed_by_org_id = EXCLUDED.proposed_by_org_id", _of(fact),
    )


@recalls.on("delegation.RecallOpinionHeard")
def heard(at: cursor, fact: Fact) -> None:
    at.execute(
        "UPDATE recall SET heard_at = %(at)s, opinion_ref = %(opinion_ref)s"
        " WHERE grant_id = %(grant_id)s", _of(fact),
    )


@recalls.on("delegation.ItemRecalled")
def decided(at: cursor, fact: Fact) -> None:
    at.execute(
        "INSERT INTO recall (grant_id, recall_id, programme_id, ground, decided_on,"
        " decided_by_org_id, effective_from, decision_id, position) VALUES (%(grant_id)s,"
        " %(recall_id)s, %(programme)s, %(ground)s, %(decided_on)s, %(decided_by_org_id)s,"
        " %(effective_from)s, %(fact)s, %(position)s) ON CONFLICT (grant_id) DO UPDATE SET"
        " ground = EXCLUDED.ground, decided_on = EXCLUDED.decided_on,"
        " decided_by_org_id = EXCLUDED.decided_by_org_id, decision_id = EXCLUDED.decision_id,"
        " effective_from = EXCLUDED.effective_from", _of(fact),
    )


@recalls.on("delegation.TownListRevised")
def struck(at: cursor, fact: Fact) -> None:
    """The version of the list that the recall led to."""
    at.execute(
        "UPDATE recall SET list_version = %(version)s WHERE decision_id = %(recall)s",
        fact.data | {"recall": fact.causation},
    )


@recalls.on("catalog.TownListPublished")
def published(at: cursor, fact: Fact) -> None:
    at.execute(
        "INSERT INTO published_channel VALUES (%(programme)s, %(town_id)s, %(channel)s,"
        " %(list_version)s, %(url)s, %(published_at)s)"
        " ON CONFLICT (programme_id, town_id, channel) DO UPDATE SET version = EXCLUDED.version,"
        " url = EXCLUDED.url, published_at = EXCLUDED.published_at", _of(fact),
    )


class RecallQuestions:
    """Questions on recalls under way and done."""

    database: Database
    register: Register

    def recalls(self, *, programme: str, town: str | None) -> Any:
        """R180: each with its steps, and the first that is still to be done."""
        rows = self.database.dicts(
            "SELECT r.*, g.town_id, g.item_id, (SELECT min(p.published_at) FROM published_list p"
            "  WHERE p.programme_id = r.programme_id AND p.town_id = g.town_id"
            "  AND p.version >= r.list_version) AS published_at"
            " FROM recall r JOIN granted g USING (grant_id) WHERE r.programme_id = %(programme)s"
            " AND g.town_id = coalesce(%(town)s, g.town_id) ORDER BY r.position",
            {"programme": programme, "town": town},
        )
        rules = self.register.programme(programme)
        return plain([row | {"next": _next(steps_of(rules, row["ground"]), row)} for row in rows])


def _next(steps: list[str], row: dict[str, Any]) -> str | None:
    """The first step not done; without a list there is nothing to publish."""
    unlisted = row["decided_on"] and row["list_version"] is None
    done = {
        "propose": row["proposed_at"], "hear_town": row["heard_at"], "decide": row["decided_on"],
        "publish": row["published_at"] or unlisted,
    }
    return next((step for step in steps if not done.get(step, True)), None)
