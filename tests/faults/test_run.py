"""A run in which something came back later than aimed at has not gone as expected."""

from types import SimpleNamespace

import pytest

from tests.faults.invariants import Found
from tests.faults.run import Result, attempt
from tests.faults.scenario import Scenario, Seen

WELL = SimpleNamespace(check=Found)


def tried(*recoveries: float, aim: float | None) -> Result:
    """The result of one trial that took so long."""
    one = Scenario("1", "killed", "kill −9", "0 lost", lambda _: Seen(list(recoveries)), aim)
    result = Result(seed=1)
    attempt(SimpleNamespace(), one, WELL, result)
    return result


@pytest.mark.parametrize(("took", "aim", "wrong"), [
    (10.0, 10.0, False), (10.1, 10.0, True), (10.1, None, False),
])
def test_a_late_recovery_makes_the_run_fail_unless_nothing_was_aimed_at(
    took: float, aim: float | None, wrong: bool
):
    assert bool(tried(1.0, took, aim=aim)) is wrong


def test_a_late_recovery_is_told_in_its_row():
    result = tried(12.0, 3.0, 11.0, aim=10.0)

    assert result.late == 2
    assert [row.failures for row in result.rows.values()] == [["took 12.0 s", "took 11.0 s"]]
