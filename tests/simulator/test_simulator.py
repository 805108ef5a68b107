"""The simulator's short form, that a seed replays, and that it finds what is planted.

Each runs in a process of its own: the simulator puts itself in the place of broker and clock.
"""

import os
import subprocess
import sys

SEEDS = 300


def simulate(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the simulator's command line."""
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.simulator", *arguments],
        env={**os.environ, **environment}, capture_output=True, text=True, check=False,
    )


def test_whatever_befalls_relay_broker_inbox_and_policies_nothing_is_lost_or_doubled() -> None:
    ran = simulate("--seeds", str(SEEDS))

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert f"seeds: {SEEDS} from 1\n" in ran.stdout
    assert "failed seeds: 0\n" in ran.stdout


def test_a_seed_replays_step_by_step() -> None:
    first, again = (
        simulate("--seed", "15", "--trace", PYTHONHASHSEED=hashing) for hashing in ("1", "2")
    )

    assert "!! crash" in first.stdout, first.stderr
    assert first.stdout == again.stdout


def test_every_planted_defect_is_found() -> None:
    ran = simulate("--planted", "--seeds", "400")

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout.count(": found by seed ") == 7
