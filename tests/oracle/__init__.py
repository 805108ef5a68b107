"""Go's sumdb/note and sumdb/tlog over our logs: the program beside this file, built and asked."""

import json
import os
import shutil
import subprocess
from base64 import b64encode
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from tests.servers import Missing

SOURCE = Path(__file__).parent
GOPATH = Path("/usr/share/gocode")
LIBRARY = GOPATH / "src/golang.org/x/mod/sumdb/tlog"
INSTALL = "Debian, Ubuntu: apt-get install golang-go golang-golang-x-mod-dev"


class Refused(Exception):
    """The oracle does not accept it; the message is Go's."""


class Oracle:
    """The built program.

    Args:
        folder: to build in.

    Raises:
        Missing: Go or its library is not installed.
    """

    def __init__(self, folder: Path) -> None:
        go = shutil.which("go")
        if go is None or not LIBRARY.is_dir():
            raise Missing(f"no Go with golang.org/x/mod: install it ({INSTALL})")
        self.program = folder / "oracle"
        environment = {
            **os.environ, "GO111MODULE": "off", "GOPATH": str(GOPATH), "CGO_ENABLED": "0",
            "GOCACHE": str(folder / "cache"), "GOFLAGS": "",
        }
        subprocess.run(
            [go, "build", "-o", str(self.program), "."], cwd=SOURCE, env=environment, check=True
        )

    def folder(
        self, folder: Path, keys: Iterable[object],
        records: Sequence[tuple[int, Sequence[bytes]]] = (),
        trees: Sequence[tuple[int, bytes, Sequence[bytes]]] = (),
    ) -> dict[str, Any]:
        """Check a static folder, and proofs against it.

        Args:
            keys: the log's verifier key first; each must have signed.
            records: index and path of inclusion proofs.
            trees: older size, its root and path of consistency proofs.

        Returns:
            ``origin size root signers`` and how many ``entries records trees`` were checked.

        Raises:
            Refused: something in it does not hold.
        """
        asked = {
            "records": [{"index": index, "path": _texts(path)} for index, path in records],
            "trees": [
                {"size": size, "root": _text(root), "path": _texts(path)}
                for size, root, path in trees
            ],
        }
        return self._run("folder", folder, *keys, told=json.dumps(asked))

    def proof(self, proof: Path, entry: Path, keys: Iterable[object]) -> dict[str, Any]:
        """Check the file *proof* (tlog-proof) for the bytes of the file *entry*; or Refused."""
        return self._run("proof", proof, entry, *keys)

    def _run(self, *arguments: object, told: str = "") -> dict[str, Any]:
        done = subprocess.run(
            [str(self.program), *map(str, arguments)], input=told, capture_output=True,
            text=True, check=False, encoding="utf-8",
        )
        if done.returncode:
            raise Refused(done.stderr.strip())
        found: dict[str, Any] = json.loads(done.stdout)
        return found


def _text(value: bytes) -> str:
    return b64encode(value).decode()


def _texts(values: Iterable[bytes]) -> list[str]:
    return [_text(value) for value in values]
