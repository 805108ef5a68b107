"""A county on a real port, with its gateway or what it likes to show, and a city that follows."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

from flask import Flask, send_from_directory
from werkzeug.serving import make_server

from services.gateway.app import make_app
from services.ledger.commands import Ledger
from services.ledger.counties import counties_of
from services.ledger.folder import Folder
from services.ledger.follow import Follower
from services.ledger.remote import Remote
from shared.log.checkpoint import Checkpoint, sign_checkpoint
from shared.log.signer import FileKey
from shared.log.tree import leaf_hash, root_of
from shared.settings import Settings
from tests.unit.ledger.books import Books

ORIGIN = "fuquan/test/catalog"
LOG = FileKey.generate(ORIGIN)


class Doors:
    """What the gateway calls; only the ledger stands behind it."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger

    def __call__(self, service: str, method: str, **told: Any) -> Any:
        assert service == "ledger"
        if method == "cosigned":
            return self.ledger.cosigned(**told)
        return self.ledger.ask(told["door"], told["request"])


@contextmanager
def on_line(books: Books, keys: Path) -> Iterator[str]:
    """The base address of the county's logs."""
    app = make_app(Doors(books.ledger), Settings(deployment="test", keys=keys))
    with served(app) as url:
        yield f"{url}/log"


@contextmanager
def served(app: Any) -> Iterator[str]:
    """A WSGI application on a free port; its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Shown:
    """A web server over a folder that a test may change: a county that shows what it likes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.app = Flask("shown")

        @self.app.get("/catalog/<path:path>")
        def file(path: str) -> object:
            return send_from_directory(folder, path)

    def history(self, entries: list[bytes], size: int, *signers: FileKey) -> None:
        """Show these entries under a checkpoint that the log's key, or these, have signed."""
        shutil.rmtree(self.folder / "tile", ignore_errors=True)
        (self.folder / "checkpoint").unlink(missing_ok=True)
        Folder(self.folder).extend(entries[:size], noted(entries, size, *signers or (LOG,)))


def noted(entries: list[bytes], size: int, *signers: FileKey) -> str:
    """A checkpoint over the first so many entries."""
    root = root_of(map(leaf_hash, entries[:size]))
    return sign_checkpoint(Checkpoint(ORIGIN, size, root), *signers)


def entries_of(count: int, odd: int | None = None) -> list[bytes]:
    """Made-up entries; the one at *odd* is another."""
    return [f"entry {nth}{' altered' if nth == odd else ''}".encode() for nth in range(count)]


def following(url: str, folder: Path, log: FileKey, city: FileKey) -> Follower:
    """The city's follower of the county's catalog, whose key is *log*."""
    return Follower(
        Remote(f"{url}/catalog"), Folder(folder), ORIGIN, [log.verifier], [], city
    )


def written(folder: Path, url: str, *keys: object) -> Path:
    """A file that names one county, and the file with its keys beside."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "county.vkeys").write_text("".join(f"{key}\n" for key in keys), "utf-8")
    path = folder / "counties.toml"
    path.write_text(f'[mudan]\nurl = "{url}"\nkeys = "county.vkeys"\n', "utf-8")
    assert counties_of(path)
    return path
