"""The other platforms that may send: which user of the broker speaks for which organs."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
from marshmallow import RAISE, Schema, ValidationError, fields
from marshmallow.validate import Length, NoneOf, OneOf, Regexp

from services.gateway.tokens import POLICY, READ_ONLY
from shared.contracts.inbound import COMMANDS, REPLAY

FILE = "platforms.toml"

log = structlog.get_logger()


@dataclass(frozen=True)
class Platform:
    """What one user of the broker may do.

    Args:
        orgs: organs that it speaks for.
        role: in which it acts.
        types: of messages that it may send.
        jurisdictions: whose facts it may have sent again; empty: everybody's.
    """

    user: str
    orgs: tuple[str, ...]
    role: str
    types: tuple[str, ...]
    jurisdictions: tuple[str, ...]


class _Entry(Schema):
    class Meta:
        unknown = RAISE

    orgs = fields.List(fields.String(), required=True, validate=Length(min=1))
    role = fields.String(
        load_default="platform", validate=[Length(min=1), NoneOf([POLICY, *READ_ONLY])]
    )
    types = fields.List(
        fields.String(validate=OneOf([*COMMANDS, REPLAY])),
        load_default=lambda: [*COMMANDS, REPLAY],
    )
    jurisdictions = fields.List(fields.String(), load_default=list)


class Platforms:
    """The file ``platforms.toml`` in the gateway's folder of keys; a change counts at once.

    Example of an entry, under the name of the broker's user::

        [mudan-xt]
        orgs = ["MD2023-TOWN-11-CENTRE"]
        jurisdictions = ["371702"]
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE
        self._read_at: int | None = None
        self._known: dict[str, Platform] = {}

    def get(self, user: str | None) -> Platform | None:
        """What *user* may do, or None where nobody has entered it."""
        self._refresh()
        return self._known.get(user or "")

    def _refresh(self) -> None:
        """Read the file if it has changed; while it is wrong, what was there before counts."""
        try:
            changed = self.path.stat().st_mtime_ns
        except FileNotFoundError:
            self._read_at, self._known = None, {}
            return
        if changed == self._read_at:
            return
        self._read_at = changed
        try:
            self._known = platforms_in(self.path.read_text("utf-8"))
        except (ValueError, ValidationError) as wrong:
            log.error(  # noqa: TRY400 - the message says all
                "platforms.wrong", file=str(self.path), error=str(wrong)
            )


def platforms_in(text: str) -> dict[str, Platform]:
    """The platforms by user.

    Raises:
        ValueError: the text is no TOML, or not in UTF-8.
        marshmallow.ValidationError: an entry is wrong; by user and field.
    """
    users = fields.Dict(
        keys=fields.String(validate=Regexp(r"[A-Za-z0-9-]{1,64}\Z")),
        values=fields.Nested(_Entry),
    )
    told: dict[str, dict[str, Any]] = users.deserialize(tomllib.loads(text))
    return {
        user: Platform(
            user=user, orgs=tuple(one["orgs"]), role=one["role"], types=tuple(one["types"]),
            jurisdictions=tuple(one["jurisdictions"]),
        )
        for user, one in told.items()
    }
