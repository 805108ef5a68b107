"""A later release for the tests: ``python -m tests.faults.next_release 2 catalog``.

It differs in one contract: `catalog.WindowOpened` has had a required field more in every release.
What an earlier release wrote is lifted when it is read; what this one writes has its version.
"""

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

from marshmallow import fields

from shared.contracts import events

if TYPE_CHECKING:
    from tests.faults.county import County

EVENT = "catalog.WindowOpened"
WRITTEN, LIFTED = "written", "lifted"


def register(release: int) -> None:
    """Make this process one of that release; 1 is the one that there is."""
    first = events.contract_of(EVENT)
    while first.contract_version > 1:
        first = first.__mro__[1]
    own: dict[str, Any] = {"get_attribute": _written}
    for number in range(2, release + 1):
        own[_added(number)] = fields.String(required=True)
        own[f"from_v{number - 1}"] = _lift(number)
    kind = first if release == 1 else type(first)(first.__name__, (first,), own)
    events.contract(EVENT, release)(kind)


def of(processes: object) -> int:
    """The release that these processes are of."""
    return int(getattr(processes, "release", 1))


def latest(county: "County") -> int:
    """The latest release that is at work in this county."""
    return max(of(unit.processes) for unit in county.units.values())


def _added(release: int | str) -> str:
    return f"added_{release}"


def _written(self: events.EventSchema, obj: Any, attr: str, default: Any) -> Any:
    """The value told for a field; what this release has added is told when it is written."""
    return obj.get(attr, WRITTEN if attr.startswith(_added("")) else default)


def _lift(release: int) -> Any:
    return staticmethod(lambda data: {**data, _added(release): LIFTED})


def main(release: int, name: str) -> None:
    """Run a service or the relay, as `fuquan up` does, in that release."""
    if name == "relay":
        register(release)
        import_module("shared.cli.run").relay()
    else:
        serve = import_module("shared.serve")  # it patches first of all
        register(release)
        serve.main(name)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
