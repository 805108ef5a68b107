"""Scenario 16 under fire: who grants, hears and reacts dies while the commands race."""

import time
from concurrent.futures import ThreadPoolExecutor

from tests.faults.county import County
from tests.faults.processes import strike
from tests.faults.proxy import Moment
from tests.faults.races import prepared, raced_while
from tests.faults.scenario import Seen, scenario

POWERS, LEAST = 8, 60  # few, so that each is raced on again; interleavings
PAUSE = 3.0  # seconds until the next one dies: the last is about to be there again
# Who dies at what: a command is durable and not answered; a fact's reactions are durable and the
# cursor does not know.
DEATHS: tuple[tuple[str, bytes, Moment], ...] = (
    ("delegation", b"SET reacted", "before"), ("cases", b"SET reacted", "before"),
    ("supervision", b"SET reacted", "before"), ("delegation", b"append", "answered"),
    ("cases", b"append", "answered"),
)
HANDED_UP = "SELECT count(*) FROM log.event WHERE type = 'cases.CaseHandedUp'"


@scenario(
    "16", "power_raced_under_fire",
    "the same race, while delegation, cases and supervision are killed −9 one after the other,"
    " after a command's commit or between a fact's reactions and the cursor",
    "as without; every reaction once, every acknowledged command in its service's log",
    needs=("cases", "supervision"),
)
def power_raced_under_fire(county: County) -> Seen:
    items = prepared(county)[:POWERS]
    before = handed_up(county)
    with ThreadPoolExecutor(1) as pool:
        fire = pool.submit(struck, county)
        seen = raced_while(county, items, lambda rounds: rounds < LEAST or not fire.done())
        fire.result()
    reactions = handed_up(county) - before
    assert reactions, f"no case was handed up, there was nothing to react to: {seen.notes}"
    seen.notes.append(f"{len(DEATHS)} kills; {reactions} cases handed up by reaction")
    return seen


def struck(county: County) -> None:
    """Kill one after the other; the supervisor starts them again."""
    for name, statement, moment in DEATHS:
        strike(county, name, statement, moment=moment)
        time.sleep(PAUSE)


def handed_up(county: County) -> int:
    """How many cases went up, since their grant had ended."""
    return int(county.rows("cases", HANDED_UP)[0][0])
