"""Tokens of the API's callers: which organ, in which role, through which operator, until when."""

import os
import secrets
from datetime import timedelta
from pathlib import Path

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from services.gateway.problems import Problem
from shared.clock import system_clock
from shared.settings import Settings

ALGORITHM = "HS256"
KEY_BYTES = 32
CLAIMS = ("org", "role", "operator")
POLICY = "policy"  # the role under which a service reacts to a fact; no person has it
READ_ONLY = frozenset({"auditor", "reader"})


def key_of(settings: Settings) -> OctKey:
    """The signing key; made at first use, in a file that only its owner reads."""
    path = settings.keys / "gateway.key"
    if not path.exists():
        settings.keys.mkdir(parents=True, exist_ok=True, mode=0o700)
        _make(path)
    return OctKey.import_key(path.read_bytes())


def issue(settings: Settings, org: str, role: str, operator: str, hours: float) -> str:
    """A token for one operator of one organ.

    Args:
        settings: with the folder of the key and the name of the deployment.
        org: the organ acted for.
        role: e.g. ``officer``; an ``auditor`` or ``reader`` may only ask; a ``data_officer``
            protects personal data (个人信息保护法第五十二条).
        operator: an opaque id, never a name (R223).
        hours: how long it is valid from now.

    Raises:
        ValueError: a claim is empty, or the role is none of a person's.
    """
    if not (org and role and operator) or role == POLICY:
        raise ValueError("a token names an organ, a role of a person, and an operator")
    now = system_clock()
    claims = {
        "iss": settings.origin("gateway"), "org": org, "role": role, "operator": operator,
        "iat": int(now.timestamp()), "exp": int((now + timedelta(hours=hours)).timestamp()),
    }
    return jwt.encode({"alg": ALGORITHM}, claims, key_of(settings))


class Gate:
    """Admits callers by their token.

    Args:
        settings: with the folder of the key and the name of the deployment.
    """

    def __init__(self, settings: Settings) -> None:
        self.key = key_of(settings)
        self.registry = jwt.JWTClaimsRegistry(
            iss={"essential": True, "value": settings.origin("gateway")},
            exp={"essential": True},
            **{claim: {"essential": True} for claim in CLAIMS},
        )

    def actor(self, authorization: str | None) -> dict[str, str]:
        """Who calls: ``{"org", "role", "operator"}``, from the ``Authorization`` header.

        Raises:
            Problem: 401, without a token or with one that is not valid (any more).
        """
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise _unauthorized("auth.token-missing", "请在 Authorization 头中提供 Bearer 令牌")
        try:
            claims = jwt.decode(token.strip(), self.key, algorithms=[ALGORITHM]).claims
            self.registry.validate(claims)
        except (JoseError, ValueError) as wrong:
            raise _unauthorized("auth.token-invalid", "令牌无效或已过期，请重新申领") from wrong
        actor = {claim: claims[claim] for claim in CLAIMS}
        if not all(isinstance(value, str) for value in actor.values()) or actor["role"] == POLICY:
            raise _unauthorized("auth.token-invalid", "令牌内容不完整，请重新申领")
        return actor


def may_command(actor: dict[str, str]) -> None:
    """Let no reader act.

    Raises:
        Problem: 403, for a role that only asks.
    """
    if actor["role"] in READ_ONLY:
        raise Problem(
            403, "auth.read-only", "该角色只可查询，不可办理", facts={"role": actor["role"]}
        )


def has_role(actor: dict[str, str], roles: frozenset[str]) -> None:
    """Let only these roles pass; all, where none is named.

    Raises:
        Problem: 403, for another role.
    """
    if roles and actor["role"] not in roles:
        raise Problem(
            403, "auth.other-role", "该操作仅限特定角色办理",
            facts={"role": actor["role"], "roles": sorted(roles)},
        )


def _unauthorized(code: str, detail: str) -> Problem:
    return Problem(401, code, detail, headers={"WWW-Authenticate": "Bearer"})


def _make(path: Path) -> None:
    """Write a new key; another process may have been first, then its key stands."""
    partial = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(secrets.token_bytes(KEY_BYTES))
    try:
        os.link(partial, path)
    except FileExistsError:
        return
    finally:
        partial.unlink()
