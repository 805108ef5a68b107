"""From a command to its effect in another service, through RabbitMQ; every service a process.

Runs as a process of its own: the caller's green threads want to be there before anything else.
"""

import eventlet

eventlet.monkey_patch()

import json  # noqa: E402 - everything after the patch
import sys  # noqa: E402
import time  # noqa: E402
from collections.abc import Callable  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import Any  # noqa: E402
from uuid import uuid4  # noqa: E402

import psycopg2  # noqa: E402
from psycopg2.extensions import connection  # noqa: E402

from demo.system import await_answers  # noqa: E402
from services.catalog.domain import folder  # noqa: E402
from shared.cli.run import Processes  # noqa: E402
from shared.entrypoints import calling  # noqa: E402
from shared.settings import Settings  # noqa: E402

COMMANDS = 200
WARM_UP = 20
PROGRAMME = Path(folder.__file__).parents[1] / "programmes" / "ST2021"


def main() -> None:
    """Print the waits in milliseconds as a JSON list."""
    admin = Settings.from_environment()
    held = psycopg2.connect(admin.dsn("delegation"))
    held.autocommit = True
    told = {"actor": {"org": "bench", "role": "registrar", "operator": "op"}}
    names = ("catalog", "delegation", "relay")
    with Processes(admin, names) as processes, calling(admin) as call:
        await_answers(call, processes, names[:2])
        request = {"programme": "ST2021", "content": folder.load(PROGRAMME)}
        call("catalog", "do", door="import_programme", request=request,
             given={"command": str(uuid4()), **told})
        _until(held, "ST2021-TOWN-09-CENTRE")
        waits = [_effect(call, held, told) for _ in range(WARM_UP + COMMANDS)]
    json.dump(waits[WARM_UP:], sys.stdout)


def _effect(call: Callable[..., Any], held: connection, told: dict[str, Any]) -> float:
    """Milliseconds from calling catalog until the alias can be looked up in delegation's copy."""
    alias = f"别名{uuid4().hex[:8]}"
    request = {"programme": "ST2021", "org_id": "ST2021-ORG-07", "alias": alias,
               "basis": "abbreviation"}
    started = time.perf_counter()
    call("catalog", "do", door="add_alias", request=request,
         given={"command": str(uuid4()), **told})
    _until(held, alias)
    return (time.perf_counter() - started) * 1000


def _until(held: connection, name: str) -> None:
    with held.cursor() as at:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            at.execute(
                "SELECT 1 FROM readmodel.alias WHERE alias = %(n)s"
                " UNION SELECT 1 FROM readmodel.centre WHERE centre_id = %(n)s", {"n": name},
            )
            if at.fetchone():
                return
            time.sleep(0.001)
    raise TimeoutError(f"{name} did not arrive in delegation's copy")


if __name__ == "__main__":
    main()
