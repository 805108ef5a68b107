"""Fixtures: the gateway's application over that service, and an officer's token."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from services.gateway.app import make_app
from services.gateway.tokens import issue
from shared.settings import Settings
from tests.unit.gateway.backend import Backend


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    keys = tmp_path_factory.mktemp("gateway") / "keys"
    return Settings(database_url="", deployment="mudan", keys=keys)


@pytest.fixture(scope="session")
def served(settings: Settings) -> tuple[Backend, Flask]:
    """The application, made once, and what stands behind it."""
    backend = Backend()
    return backend, make_app(backend, settings)


@pytest.fixture
def backend(served: tuple[Backend, Flask]) -> Backend:
    served[0].empty()
    return served[0]


@pytest.fixture
def client(backend: Backend, served: tuple[Backend, Flask]) -> FlaskClient:
    return served[1].test_client()


@pytest.fixture
def officer(settings: Settings) -> dict[str, str]:
    """Headers of an officer of the approval bureau."""
    return {"Authorization": f"Bearer {issue(settings, 'MD2023-ORG-05', 'officer', 'op-7', 1)}"}
