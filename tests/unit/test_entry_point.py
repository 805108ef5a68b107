"""The entry point of a container: secret files and certificates become the addresses it gets."""

import os
import ssl
import subprocess
from pathlib import Path

from shared.bus.broker import address

ROOT = Path(__file__).parents[2]


def test_the_entry_point_puts_a_secret_file_into_the_url(tmp_path: Path):
    (tmp_path / "password").write_text("s3cret", "utf-8")
    given = {
        "PATH": os.environ["PATH"],
        "FUQUAN_DATABASE_AT": "fuquan_cases@postgres:5432",
        "FUQUAN_DATABASE_PASSWORD_FILE": str(tmp_path / "password"),
    }

    printed = subprocess.run(
        ["sh", ROOT / "infra/docker/entrypoint.sh", "printenv", "FUQUAN_DATABASE_URL"],
        check=True, env=given, capture_output=True, text=True,
    )

    assert printed.stdout.strip() == "postgresql://fuquan_cases:s3cret@postgres:5432/"


def test_the_entry_point_names_every_node_of_a_broker(tmp_path: Path):
    (tmp_path / "password").write_text("s3cret", "utf-8")
    given = {
        "PATH": os.environ["PATH"],
        "FUQUAN_AMQP_AT": "cases@mq-0.nodes:5672,mq-1.nodes:5672",
        "FUQUAN_AMQP_PASSWORD_FILE": str(tmp_path / "password"),
    }

    printed = subprocess.run(
        ["sh", ROOT / "infra/docker/entrypoint.sh", "printenv", "FUQUAN_AMQP_URL"],
        check=True, env=given, capture_output=True, text=True,
    )

    assert printed.stdout.strip() == (
        "amqp://cases:s3cret@mq-0.nodes:5672/;amqp://cases:s3cret@mq-1.nodes:5672/"
    )


def test_the_entry_point_takes_the_users_certificate_in_place_of_a_password(tmp_path: Path):
    folder = tmp_path / "tls"
    for user in ("cases", "gateway"):
        subprocess.run(
            ["sh", ROOT / "infra/rabbitmq/certificates.sh", folder, "client", user],
            check=True, env={"PATH": os.environ["PATH"]},
        )
    given = {
        "PATH": os.environ["PATH"], "FUQUAN_AMQP_TLS": str(folder),
        "FUQUAN_AMQP_AT": "cases@mq-0.nodes:5671,mq-1.nodes:5671",
    }

    printed = subprocess.run(
        ["sh", ROOT / "infra/docker/entrypoint.sh", "printenv", "FUQUAN_AMQP_URL"],
        check=True, env=given, capture_output=True, text=True,
    )

    assert address(printed.stdout.strip()) == {
        "hostname": "amqp://cases@mq-0.nodes:5671//;amqp://cases@mq-1.nodes:5671//",
        "login_method": "EXTERNAL",
        "ssl": {
            "ca_certs": str(folder / "ca.pem"), "certfile": str(folder / "client-cases.pem"),
            "keyfile": str(folder / "client-cases.key"), "cert_reqs": ssl.CERT_REQUIRED,
            "server_hostname": "mq-0.nodes",
        },
    }


def test_the_entry_point_says_which_certificate_is_missing(tmp_path: Path):
    given = {
        "PATH": os.environ["PATH"], "FUQUAN_AMQP_TLS": str(tmp_path),
        "FUQUAN_AMQP_AT": "cases@rabbitmq:5671",
    }
    (tmp_path / "ca.pem").touch()

    ended = subprocess.run(
        ["sh", ROOT / "infra/docker/entrypoint.sh", "printenv", "FUQUAN_AMQP_URL"],
        check=False, env=given, capture_output=True, text=True,
    )

    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == f"FUQUAN_AMQP_TLS: cannot read {tmp_path}/client-cases.pem\n"
