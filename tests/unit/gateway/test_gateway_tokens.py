"""Tokens: whose key, whose deployment, how long, and for whom."""

import stat
from dataclasses import replace
from pathlib import Path

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from services.gateway.problems import Problem
from services.gateway.tokens import Gate, issue, key_of, may_command
from shared.settings import Settings

ACTOR = {"org": "MD2023-ORG-05", "role": "officer", "operator": "op-7"}
EXPIRES = 4_102_444_800  # 2100-01-01


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A deployment that has no key yet."""
    return Settings(database_url="", deployment="mudan", keys=tmp_path / "keys")


def admitted(settings: Settings, token: str) -> dict[str, str]:
    return Gate(settings).actor(f"Bearer {token}")


def forged(settings: Settings, header: dict[str, str], key: OctKey, **changed: object) -> str:
    claims = {"iss": settings.origin("gateway"), "exp": EXPIRES, **ACTOR, **changed}
    return jwt.encode(
        header, {name: value for name, value in claims.items() if value is not None}, key
    )


def test_a_token_says_who_acts(settings: Settings):
    token = issue(settings, "MD2023-ORG-05", "officer", "op-7", hours=8)

    assert admitted(settings, token) == ACTOR


def test_the_key_is_made_once_and_only_its_owner_reads_it(settings: Settings):
    first = key_of(settings)

    path = settings.keys / "gateway.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(path.read_bytes()) == 32
    assert key_of(settings).as_dict() == first.as_dict()
    assert list(settings.keys.iterdir()) == [path]


def test_a_token_ends(settings: Settings):
    token = issue(settings, "MD2023-ORG-05", "officer", "op-7", hours=-0.01)

    with pytest.raises(Problem) as problem:
        admitted(settings, token)

    assert (problem.value.status, problem.value.code) == (401, "auth.token-invalid")


def test_a_token_of_another_deployment_is_not_valid_here(settings: Settings):
    token = issue(replace(settings, deployment="shanting"), "ST2021-ORG-01", "officer", "op-1", 1)

    with pytest.raises(Problem):
        admitted(settings, token)


def test_a_token_of_another_key_is_not_valid(settings: Settings):
    key_of(settings)
    token = forged(settings, {"alg": "HS256"}, OctKey.import_key(b"x" * 32))

    with pytest.raises(Problem):
        admitted(settings, token)


@pytest.mark.parametrize(
    "changed",
    [
        {"exp": None}, {"iss": None}, {"org": None}, {"role": None}, {"operator": None},
        {"role": ["officer"]}, {"org": ""}, {"role": "policy"}, {"exp": "never"},
    ],
    ids=str,
)
def test_a_token_must_have_every_claim(settings: Settings, changed: dict[str, object]):
    token = forged(settings, {"alg": "HS256"}, key_of(settings), **changed)

    with pytest.raises(Problem):
        admitted(settings, token)


def test_an_unsigned_token_is_not_valid(settings: Settings):
    key_of(settings)
    token = "eyJhbGciOiJub25lIn0.eyJvcmciOiJNRDIwMjMtT1JHLTA1In0."  # alg: none

    with pytest.raises(Problem):
        admitted(settings, token)


@pytest.mark.parametrize("token", ["", "x", "a.b", "a.b.c", "é.é.é", "..", "e30.e30.e30"])
def test_what_is_no_token_is_not_valid(settings: Settings, token: str):
    with pytest.raises(Problem) as problem:
        admitted(settings, token)

    assert problem.value.status == 401


@pytest.mark.parametrize(
    ("org", "role", "operator"), [("", "officer", "op"), ("o", "", "op"), ("o", "policy", "op")]
)
def test_no_token_is_issued_for_nobody_or_for_a_policy(
    settings: Settings, org: str, role: str, operator: str
):
    with pytest.raises(ValueError, match="an organ, a role"):
        issue(settings, org, role, operator, 1)


@pytest.mark.parametrize("role", ["auditor", "reader"])
def test_who_only_reads_may_not_act(role: str):
    with pytest.raises(Problem) as problem:
        may_command(ACTOR | {"role": role})

    assert (problem.value.status, problem.value.facts) == (403, {"role": role})
