"""Whether the process of this container does its work: a door answers, a lease is held."""  # noqa: INP001 - a script

import eventlet

eventlet.monkey_patch()

import os  # noqa: E402 - everything after the patch
import sys  # noqa: E402
from http import HTTPStatus  # noqa: E402
from urllib.request import urlopen  # noqa: E402

from nameko.exceptions import MethodNotFound  # noqa: E402

from shared.database import Database  # noqa: E402
from shared.entrypoints import calling  # noqa: E402
from shared.settings import SERVICES, Settings  # noqa: E402

WITHIN = 25


def gateway(settings: Settings) -> bool:
    """The page of the HTTP edge that needs no sign-in."""
    with urlopen(f"http://127.0.0.1:{settings.http_port}/healthz", timeout=WITHIN) as answer:
        return bool(answer.status == HTTPStatus.OK)


def relay(settings: Settings) -> bool:
    """Every log has a relay, this one or the one it stands by for."""
    return all(
        Database(settings.dsn(source), size=1).rows("SELECT until > now() FROM log.relay")
        == [(True,)]
        for source in SERVICES
    )


def service(settings: Settings, name: str) -> bool:
    """Its database is there, and it answers; that it has no such method is an answer."""
    Database(settings.dsn(name), size=1).rows("SELECT 1")
    with calling(settings) as call:
        try:
            call(name, "healthy")
        except MethodNotFound:
            return True
    return False


def main(name: str) -> int:
    """0 where the process works, 1 where it does not."""
    settings = Settings.from_environment()
    with eventlet.Timeout(WITHIN):
        if name == "gateway":
            return not gateway(settings)
        if name == "relay":
            return not relay(settings)
        return not service(settings, name)


if __name__ == "__main__":
    sys.exit(main(os.environ["FUQUAN_PROCESS"]))
