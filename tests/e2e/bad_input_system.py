"""The whole system in one process on the system clock, two programmes imported and nothing played.

Run by conftest.py as ``python -m tests.e2e.bad_input_system``: one line of JSON says where
it is and who may enter; it ends when its standard input does.
"""

import eventlet

eventlet.monkey_patch()

import json  # noqa: E402 - everything after the patch
import sys  # noqa: E402
import tempfile  # noqa: E402
from collections.abc import Iterator  # noqa: E402
from contextlib import contextmanager  # noqa: E402
from dataclasses import replace  # noqa: E402
from pathlib import Path  # noqa: E402
from uuid import uuid4  # noqa: E402

from eventlet import tpool  # noqa: E402

from demo.material import content  # noqa: E402
from demo.system import System  # noqa: E402
from services.gateway.tokens import issue  # noqa: E402
from shared.bus.relay import Relays  # noqa: E402
from shared.cli.run import PROCESSES, settings_of  # noqa: E402
from shared.embedded import postgres  # noqa: E402
from shared.entrypoints import calling, running  # noqa: E402
from shared.logs import configure  # noqa: E402
from shared.migrate import migrate  # noqa: E402
from shared.settings import Settings  # noqa: E402
from tests.servers import free_port  # noqa: E402

PROGRAMMES = ("ST2021", "MD2023")
CALLERS = {
    "government": ("ST2021-ORG-02", "officer"),
    "town": ("ST2021-TOWN-02", "officer"),
    "auditor": ("ST2021-ORG-02", "auditor"),
    "operator": ("ST2021-ORG-02", "operator"),
}


@contextmanager
def system(folder: Path) -> Iterator[System]:
    """As the demo's embedded system, but acts have to be over before they are recorded."""
    with postgres(folder) as url:
        admin = Settings(
            database_url=url, deployment="bad-input", keys=folder / "keys", http_port=free_port()
        )
        migrate(admin)
        relays = Relays(replace(admin, database_url=settings_of(admin, "relay").database_url))
        relays.start()
        try:
            services = {name: settings_of(admin, name) for name in PROCESSES}
            with running(services), calling(admin) as call:
                yield System(admin, call, "embedded")
        finally:
            relays.stop()


def main() -> None:
    """Bring the system up, say where it is, and wait for the end of the input."""
    configure("bad-input")
    with tempfile.TemporaryDirectory(prefix="fuquan-bad-") as folder, system(Path(folder)) as one:
        for programme in PROGRAMMES:
            given = {
                "command": str(uuid4()), "at": "2023-04-01T09:00:00+08:00",
                "actor": {"org": f"{programme}-ORG-02", "role": "officer", "operator": "op-1"},
            }
            request = {"programme": programme, "content": content(programme)}
            one.call("catalog", "do", door="import_programme", request=request, given=given)
        for item in content("ST2021")["items"]:  # its annex names no supervisor (R016)
            request = {
                "programme": "ST2021", "item": item["item_id"], "org": item["granting_org_id"],
                "content": "事中事后监管", "measures": [], "from": "2021-07-01",
            }
            given = given | {"command": str(uuid4())}
            one.call("catalog", "do", door="assign_supervisor", request=request, given=given)
        one.settle()
        ready = {
            "url": f"http://127.0.0.1:{one.admin.http_port}",
            "database": one.admin.database_url, "prefix": one.admin.prefix,
            "keys": str(one.admin.keys),
            "tokens": {
                name: issue(one.admin, org, role, "op-1", 1)
                for name, (org, role) in CALLERS.items()
            },
        }
        sys.stdout.write(json.dumps(ready) + "\n")
        sys.stdout.flush()
        tpool.execute(sys.stdin.buffer.read)


if __name__ == "__main__":
    main()
