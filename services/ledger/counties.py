"""Which counties a city follows: a TOML file with a table for each, and the keys it trusts."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import requests

from services.ledger.folder import Folder
from services.ledger.follow import Follower
from services.ledger.remote import Remote
from shared.log.cosignature import COSIGNATURE, Witness
from shared.log.keys import NoteError, Verifier, strict_base64, verifiers_in
from shared.log.signer import FileKey
from shared.settings import NotConfigured

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")


@dataclass(frozen=True)
class County:
    """One county whose logs are followed.

    Args:
        name: of its folder.
        url: base of its logs; ``<url>/<service>/checkpoint``.
        verifiers: the logs' keys; a log is followed where there is a key of it.
        witnesses: the county's own witness, whose cosignature is kept beside.
    """

    name: str
    url: str
    verifiers: tuple[Verifier, ...]
    witnesses: tuple[Witness, ...]

    def logs(self) -> dict[str, str]:
        """The origin of each log, by service."""
        return {key.name.rpartition("/")[2]: key.name for key in self.verifiers}


def counties_of(path: Path) -> list[County]:
    """Read the file: ``[name]``, ``url = "https://…/log"``, ``keys = "name.vkeys"`` beside it.

    Raises:
        NotConfigured: it cannot be read, or something in it is missing or wrong.
    """
    try:
        tables = tomllib.loads(path.read_text("utf-8"))
        return [_county(name, table, path.parent) for name, table in tables.items()]
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, NoteError) as wrong:
        raise NotConfigured(f"{path}: {wrong}") from wrong


def followers(
    counties: list[County], folder: Path, signer: FileKey
) -> Iterator[tuple[str, str, Follower]]:
    """(county, service, follower) of each log; its copy is in ``<folder>/<county>/<service>``."""
    with requests.Session() as session:
        for county in counties:
            for service, origin in county.logs().items():
                verifiers = [key for key in county.verifiers if key.name == origin]
                yield county.name, service, Follower(
                    Remote(f"{county.url}/{service}", session),
                    Folder(folder / county.name / service), origin, verifiers,
                    county.witnesses, signer,
                )


def _county(name: str, table: object, beside: Path) -> County:
    if not NAME.fullmatch(name) or not isinstance(table, dict):
        raise NotConfigured(f"[{name}] is no county: lower case letters, digits, - and _")
    if table.keys() != {"url", "keys"} or not all(isinstance(v, str) for v in table.values()):
        raise NotConfigured(f'[{name}] wants url = "https://…/log" and keys = "{name}.vkeys"')
    if not table["url"].startswith(("https://", "http://")):
        raise NotConfigured(f"[{name}]: {table['url']} is no http address")
    lines = (beside / table["keys"]).read_text("utf-8").split()
    witnesses = [Witness.parse(line) for line in lines if _of_witness(line)]
    verifiers = verifiers_in("\n".join(line for line in lines if not _of_witness(line)))
    unsafe = [key.name for key in verifiers if not NAME.fullmatch(key.name.rpartition("/")[2])]
    if unsafe or not verifiers:
        raise NotConfigured(f"[{name}]: {table['keys']} holds no usable key of a log {unsafe}")
    return County(name, table["url"].rstrip("/"), tuple(verifiers), tuple(witnesses))


def _of_witness(line: str) -> bool:
    try:
        typed = strict_base64(line.partition("+")[2].partition("+")[2])
    except ValueError:
        return False  # and no key of a log either, as will be told
    return typed.startswith(COSIGNATURE)
