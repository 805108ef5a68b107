"""Who held what when: ten thousand grants, a hundred thousand, a million; the same questions."""

import os
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from random import Random
from typing import Any

import psycopg2
from psycopg2.extensions import connection

from shared.database import Database
from shared.holdings.questions import Holdings
from shared.settings import Settings
from tests.bench.figure import Figure
from tests.integration.conftest import role_of

MANY = 1_000_000
LARGEST = int(os.environ.get("FUQUAN_BENCH_GRANTS", MANY))  # fewer, for a quick look
SIZES = [size for size in (10_000, 100_000, MANY) if size <= LARGEST]
ASKED, WARM_UP, AIM = 2_000, 100, 5.0
FIRST_DAY = datetime.fromisoformat("2021-01-01T00:00:00+08:00")
DAYS = 1_700
ITEMS, TOWNS = 100, 18  # of a county

# Ten grants of six powers, two facets each: four stand as they were told; one power was granted,
# recalled, granted again with a first day that had to be corrected, recalled, and granted a third
# time; one was granted, recalled and granted without a correction. One row for each interval and
# what was known of it; days count from the power's own first one.
TEN = """
(slot, power, begins, ends, known_from, known_to, written, closed, superseded) AS (VALUES
 (0, 0, 0, NULL::int, -10, NULL::int, 0, NULL::int, NULL::int),
 (1, 1, 0, NULL, -10, NULL, 0, NULL, NULL),
 (2, 2, 0, NULL, -10, NULL, 0, NULL, NULL),
 (3, 3, 0, NULL, -10, NULL, 0, NULL, NULL),
 (4, 4, 0, NULL, -10, 380, 0, NULL, 2), (4, 4, 0, 400, 380, NULL, 2, 2, NULL),
 (5, 4, 395, NULL, 390, 398, 0, NULL, 1), (5, 4, 400, NULL, 398, 780, 1, NULL, 2),
 (5, 4, 400, 800, 780, NULL, 2, 2, NULL),
 (6, 4, 800, NULL, 790, NULL, 0, NULL, NULL),
 (7, 5, 0, NULL, -10, 380, 0, NULL, 2), (7, 5, 0, 400, 380, NULL, 2, 2, NULL),
 (8, 5, 400, NULL, 390, 780, 0, NULL, 2), (8, 5, 400, 800, 780, NULL, 2, 2, NULL),
 (9, 5, 800, NULL, 790, NULL, 0, NULL, NULL))
"""
# One power in sixty was transferred wholly. A bureau grants six items in ten, ten departments the
# rest; each supervises the acts of the towns, so that a bureau holds some thousand intervals.
GRANTS = f"""
WITH ten {TEN},
powers AS (
  SELECT ten.*, tens, tens * 6 + power AS number, tens * 30 + slot * 3 AS opened
    FROM generate_series(%(first)s, %(last)s) AS tens CROSS JOIN ten),
placed AS (
  SELECT powers.*, number / %(items)s AS town, number %% %(items)s AS item,
         power = 0 AND tens %% 10 = 0 AS moved,
         %(first_day)s::timestamptz + number %% 700 * 7919 %% 700 * interval '1 day' AS day_0,
         'C' || number / %(items)s / %(towns)s AS county
    FROM powers),
named AS (
  SELECT placed.*, county || '-' || item AS item_id,
         county || '-TOWN-' || town %% %(towns)s AS town_id,
         county || CASE WHEN item < 60 THEN '-BUREAU' ELSE '-ORG-' || item %% 10 END AS org_id
    FROM placed)
INSERT INTO readmodel.holding
 (opened_by, nth, written_by, grant_id, programme_id, item_id, town_id, scope, mode, facet, org_id,
  capacity, filed_at, cross_town, exclusive, instrument, effective_from, effective_to, known_from,
  known_to, closed_by, superseded_by)
SELECT opened, nth, opened + written, md5(opened::text)::uuid, county, item_id, town_id, '{{}}',
       CASE WHEN moved THEN 'transfer' ELSE 'entrusted_handling' END, facet,
       CASE WHEN facet = 'decide' THEN town_id || '-CENTRE' ELSE org_id END, 'own',
       CASE WHEN moved THEN 'bureau' ELSE 'town' END, 'any', moved,
       '{{"kind": "decision", "ref": "2021-1", "dated": "2021-01-01", "sha256": null}}',
       day_0 + begins * interval '1 day', day_0 + ends * interval '1 day',
       day_0 + known_from * interval '1 day', day_0 + known_to * interval '1 day',
       opened + closed, opened + superseded
  FROM named CROSS JOIN (VALUES (0, 'decide'), (1, 'act_supervision')) AS facets (nth, facet)
"""
REGISTER = """
INSERT INTO readmodel.item
 (item_id, programme_id, seq, name, power_type, granting_org_id, position, recorded_at,
  catalogue_id)
SELECT 'C' || county || '-' || item, 'C' || county, item, 'n', 't',
       'C' || county || CASE WHEN item < 60 THEN '-BUREAU' ELSE '-ORG-' || item %% 10 END,
       county * 1000 + item, %(first_day)s, 'c'
  FROM generate_series(0, %(counties)s) AS county, generate_series(0, %(items)s - 1) AS item
    ON CONFLICT DO NOTHING
"""


def as_of_figures(admin: Settings) -> Iterator[Figure]:
    """`holders`, and a page of `held_by`, as the ledger answers them, while grants multiply."""
    held = psycopg2.connect(admin.dsn("ledger"))
    held.autocommit = True
    database = Database(role_of(admin, "ledger").dsn("ledger"), size=1)
    asked = {"holders": _holders, "held_by": _held_by}
    p99s: dict[str, list[float]] = {name: [] for name in asked}
    for above, size in pairwise((0, *SIZES)):
        _load(held, above, size)
        for name, ask in asked.items():
            waits = _waits(Holdings(database), ask, size)
            p99 = statistics.quantiles(waits, n=100)[98]
            p99s[name].append(p99)
            many = size == MANY
            yield Figure(f"{name}, {size:,} grants, median", statistics.median(waits), "ms")
            yield Figure(f"{name}, {size:,} grants, p99", p99, "ms",
                         aim=f"≤ {AIM:.0f} ms" if many else "", met=p99 <= AIM if many else None)
    for name, found in p99s.items():
        growth = found[-1] / found[0]
        yield Figure(f"{name}, p99, {SIZES[-1]:,} against {SIZES[0]:,}", growth, "×")
    database.close()
    with held.cursor() as at:
        at.execute("TRUNCATE readmodel.holding, readmodel.item")
    held.close()


def _load(held: connection, above: int, size: int) -> None:
    """Add grants up to *size*, three intervals for each."""
    given = {
        "first": above // 10, "last": size // 10 - 1, "first_day": FIRST_DAY, "items": ITEMS,
        "towns": TOWNS, "counties": size * 6 // 10 // ITEMS // TOWNS,
    }
    with held.cursor() as at:
        at.execute(GRANTS, given)
        at.execute(REGISTER, given)
        at.execute("VACUUM ANALYZE readmodel.holding, readmodel.item")
        at.execute("CHECKPOINT")


def _waits(
    questions: Holdings, ask: Callable[[Holdings, Random, int], Sequence[Any]], size: int
) -> list[float]:
    """Milliseconds of each question, after the first ones."""
    chance, waits = Random(size), []
    for _ in range(WARM_UP + ASKED):
        started = time.perf_counter()
        ask(questions, chance, size)
        waits.append((time.perf_counter() - started) * 1000)
    return waits[WARM_UP:]


def _day(chance: Random) -> datetime:
    return FIRST_DAY + timedelta(days=chance.randrange(DAYS))


def _place(chance: Random, size: int) -> tuple[str, str, int]:
    """County, town and item number of one of the powers."""
    town, item = divmod(chance.randrange(size * 6 // 10), ITEMS)
    return f"C{town // TOWNS}", f"C{town // TOWNS}-TOWN-{town % TOWNS}", item


def _holders(questions: Holdings, chance: Random, size: int) -> list[dict[str, Any]]:
    county, town, item = _place(chance, size)
    return questions.holders(
        item=f"{county}-{item}", town=town, facet=chance.choice(("decide", "act_supervision")),
        at=_day(chance), known_at=_day(chance),
    )


def _held_by(questions: Holdings, chance: Random, size: int) -> list[dict[str, Any]]:
    county, town, item = _place(chance, size)
    org = chance.choice((f"{town}-CENTRE", f"{county}-BUREAU", f"{county}-ORG-{item % 10}"))
    return questions.held_by(org=org, at=_day(chance), known_at=_day(chance))
