"""Scenario 15: several callers write to a few hot streams, each from the version it has seen."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from random import Random
from uuid import uuid4

from tests.faults.client import PROGRAMME, Sent
from tests.faults.county import County
from tests.faults.scenario import Seen, recovered, scenario

TOWNS = tuple(f"{PROGRAMME}-TOWN-{n:02}" for n in range(1, 6))
CALLERS, EACH, STALE = 8, 30, 0.3
VERSION = "SELECT max(version) FROM log.event WHERE stream = %s"


@scenario(
    "15", "streams_contended",
    f"{CALLERS} callers write {EACH} times each to {len(TOWNS)} hot streams, each expecting the"
    f" version that it has just read; {STALE:.0%} of them or more come too late",
    "0 version gaps, 0 inversions, dense; of all who expect one version one writes, the others are"
    " refused", aim=None,
)
def streams_contended(county: County) -> Seen:
    streams = {
        town: str(county.caller.call("set_opening_hours", hours(town, 0))["stream"])
        for town in TOWNS
    }
    first = {stream: version(county, stream) for stream in streams.values()}
    with ThreadPoolExecutor(CALLERS) as pool:
        sent = [one for some in pool.map(
            lambda number: list(written(county, streams, number)), range(CALLERS)
        ) for one in some]
    done = sorted(
        (one.answer["stream"], one.answer["version"]) for one in sent if one.answer
    )
    assert done == sorted(
        (stream, number) for stream, begin in first.items()
        for number in range(begin + 1, version(county, stream) + 1)
    ), "a version is missing, or was written twice"
    wrong = [one.answer for one in sent if one.answer and one.answer["version"] != one.expected + 1]
    assert not wrong, wrong[:5]
    stale = len(sent) - len(done)
    assert stale >= STALE * len(sent), f"only {stale} of {len(sent)} came too late"
    seen = recovered(county)
    seen.notes.append(f"{len(done)} written, {stale} too late")
    return seen


def written(county: County, streams: dict[str, str], number: int) -> Iterator[Sent]:
    """What one caller sends, one after the other, when it has its answer."""
    chance = Random(f"{county.seed}-{number}")
    for count in range(EACH):
        town = chance.choice(TOWNS)
        one = Sent(
            uuid4(), "set_opening_hours", hours(town, 1 + number * EACH + count), time.monotonic(),
            expected=version(county, streams[town]), patience=20.0,
            may=frozenset({"log.stale-version"}),
        )
        county.caller.also(one)
        county.until(lambda one=one: one.answer is not None, f"{one.id} is not answered")
        yield one


def hours(town: str, number: int) -> dict[str, object]:
    """A request that differs from those of other numbers below 540."""
    opens = f"{8 + number // 60:02}:{number % 60:02}"
    return {
        "programme": PROGRAMME, "town": town, "extended_slots": [],
        "slots": [{"weekday": 1, "opens": opens, "closes": "17:00"}],
    }


def version(county: County, stream: str) -> int:
    """The last version of a stream of catalog's, as anyone may read it now."""
    return int(county.rows("catalog", VERSION, (stream,))[0][0])
