"""infra/secrets.sh: what Compose mounts, made once; what a first run told holds."""

import os
import subprocess
from pathlib import Path

import pytest

from shared.migrate import role_password
from shared.settings import WITH_DATABASE, Settings
from tests.unit.test_infra import COMPOSE, OVER_TLS, ROOT, read

MUDAN = {"FUQUAN_DEPLOYMENT": "mudan"}


def told(folder: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the script, which may fail."""
    return subprocess.run(
        ["sh", ROOT / "infra/secrets.sh", folder, *words], check=False, capture_output=True,
        text=True, env={"PATH": os.environ["PATH"], **variables},
    )


def files(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text("utf-8") for path in folder.iterdir() if path.is_file()}


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    told(tmp_path / "made", **MUDAN).check_returncode()
    return tmp_path / "made"


def test_the_roles_passwords_derive_as_migrate_does_it(secrets: Path):
    admin = Settings(database_url=f"postgresql://postgres:{read(secrets, 'postgres_admin')}@h/")

    made = {role: read(secrets, f"postgres_{role}") for role in (*WITH_DATABASE, "relay")}

    assert made == {role: role_password(admin, role) for role in made}


def test_every_file_that_compose_mounts_is_made_for_its_owner_alone(secrets: Path):
    mounted = {Path(one["file"]).name for one in COMPOSE["secrets"].values()}

    assert {path.name for path in secrets.iterdir()} == mounted | {"env"}
    assert secrets.stat().st_mode & 0o077 == 0


def test_a_deployment_without_a_name_is_refused_and_nothing_is_made(tmp_path: Path):
    refused = told(tmp_path / "made")

    assert refused.returncode != 0
    assert "set FUQUAN_DEPLOYMENT, it names the logs for ever" in refused.stderr
    assert not (tmp_path / "made").exists()


def test_a_second_run_keeps_what_is_there_and_what_the_first_was_told(tmp_path: Path):
    folder = tmp_path / "made"
    told(folder, FUQUAN_PREFIX="md_", **MUDAN).check_returncode()
    with (folder / "env").open("a") as env:
        env.write("FUQUAN_SM=on\n")
    before = files(folder)

    told(folder).check_returncode()

    assert files(folder) == before
    assert {"FUQUAN_DEPLOYMENT=mudan", "FUQUAN_PREFIX=md_"} <= set(before["env"].splitlines())


@pytest.mark.parametrize(
    ("variable", "kept"), [("FUQUAN_DEPLOYMENT", "mudan"), ("FUQUAN_PREFIX", "fuquan_")]
)
def test_a_second_run_under_another_name_is_refused_and_changes_nothing(
    secrets: Path, variable: str, kept: str
):
    before = files(secrets)

    refused = told(secrets, **{variable: "other_"})

    assert refused.returncode == 2
    assert f"env has {variable}={kept}, not other_" in refused.stderr
    assert files(secrets) == before


def test_with_tls_it_makes_the_certificates_that_compose_mounts(secrets: Path):
    done = told(secrets, "tls", "broker.example", "10.0.0.7")

    made = secrets / "tls"
    modes = {path.name: path.stat().st_mode & 0o777 for path in made.iterdir()}
    mounted = {Path(one["file"]).name for one in OVER_TLS["secrets"].values()}
    assert modes == dict.fromkeys(mounted, 0o444) | {"ca.key": 0o600}
    assert f"keep {made}/ca.key elsewhere" in done.stderr
    assert about(made / "server.pem", "-ext", "subjectAltName").split("\n", 1)[1].strip() == (
        "DNS:rabbitmq, DNS:broker.example, IP Address:10.0.0.7"
    )
    assert "COMPOSE_FILE=docker-compose.yml:infra/rabbitmq/compose.tls.yml" in read(
        secrets, "env"
    ).splitlines()


def test_a_certificate_that_was_removed_is_made_anew_by_the_same_ca(secrets: Path):
    told(secrets, "tls").check_returncode()
    made = secrets / "tls"
    before = {name: about(made / name, "-serial") for name in ("ca.pem", "client-relay.pem")}
    for kind in ("pem", "key"):
        (made / f"client-relay.{kind}").unlink()

    told(secrets, "tls").check_returncode()

    assert about(made / "ca.pem", "-serial") == before["ca.pem"]
    assert about(made / "client-relay.pem", "-serial") != before["client-relay.pem"]
    assert (made / "client-relay.key").stat().st_mode & 0o777 == 0o444
    subprocess.run(
        ["openssl", "verify", "-CAfile", made / "ca.pem", made / "client-relay.pem"],
        check=True, capture_output=True,
    )


def test_what_is_neither_tls_nor_nothing_is_refused(secrets: Path):
    refused = told(secrets, "tsl")

    assert (refused.returncode, refused.stderr) == (2, "tls or nothing, not tsl\n")


def about(certificate: Path, *what: str) -> str:
    """What openssl tells of it."""
    done = subprocess.run(
        ["openssl", "x509", "-in", certificate, "-noout", *what],
        check=True, capture_output=True, text=True,
    )
    return done.stdout
