"""The demo's pushes, played on after a run that was killed between the push and its answer."""

from types import SimpleNamespace
from typing import Any

import pytest

from demo import supervision


class Desk:
    """Stands for the demo's player: pushes in given states; what it is told to do changes them."""

    def __init__(self, states: dict[str, str]) -> None:
        self.states = states
        self.system = SimpleNamespace(settle=lambda: None)

    def ask(self, service: str, door: str, request: dict[str, str]) -> list[dict[str, str]]:
        return [
            {"push_id": push, "direction": "approval", "state": state,
             "owed_by_org_id": "MD2023-TOWN-01", "to_org_id": "MD2023-ORG-19"}
            for push, state in self.states.items()
            if request.get("state") in {None, state}
        ]

    def do(self, key: str, service: str, door: str, request: dict[str, str], **_: Any) -> None:
        now = {"send_push": "sent", "acknowledge_push": "acknowledged"}.get(door)
        if now:
            self.states[request["push"]] = now

    def at_once(self, steps: list[Any]) -> None:
        for step in steps:
            step()


@pytest.mark.parametrize("state", ["expected", "sent", "overdue", "acknowledged"])
def test_a_push_is_acknowledged_in_the_end_wherever_an_earlier_run_was_killed(state: str):
    desk = Desk({"push": state})

    supervision.play(desk)  # type: ignore[arg-type]

    assert desk.states == {"push": "acknowledged"}
