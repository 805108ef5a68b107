"""Backup and restore as the operators' guide has them for Compose, with what its images hold."""

import tarfile
from pathlib import Path

import docker
import pytest
import requests

from tests.containers.deployment import UP, Deployment
from tests.waiting import until

HOME, NAME = "/var/lib/fuquan", "2024-03-01"
FOLDER, KEYS = f"{HOME}/backup", ("keys", "public", "witness", "gateway")
BEHIND, COPY = "2024-03-02", f"{FOLDER}/log"
TOOLS = ("run", "--rm", "-T", "tools")
HOLDER = ("run", "--rm", "-T", "keys")
LOST = ("postgres", "rabbitmq", "keys", "public", "witness", "gateway-keys", "backup")


@pytest.fixture(scope="module")
def known(secured: Deployment) -> set[str]:
    """The programmes that the deployment knows of when it is backed up."""
    secured.registered("ST2021")
    return until(lambda: programmes(secured), lambda found: "ST2021" in found, every=0.5)


@pytest.fixture(scope="module")
def archives(
    secured: Deployment, known: set[str], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Path]:
    """A backup and every key, out of their volumes."""
    folder = tmp_path_factory.mktemp("archives")
    backup, keys = folder / "backup.tar", folder / "keys.tar"
    secured.compose(*TOOLS, "fuquan", "backup", f"{FOLDER}/{NAME}")
    with backup.open("wb") as file:
        secured.compose(*TOOLS, "tar", "-cC", FOLDER, NAME, into=file)
    with keys.open("wb") as file:
        secured.compose(*TOOLS, "tar", "-cC", HOME, *KEYS, into=file)
    return backup, keys


def test_a_backup_is_for_its_owner_alone_and_comes_out_as_an_archive(archives: tuple[Path, Path]):
    with tarfile.open(archives[0]) as archive:
        modes = {member.name: member.mode & 0o077 for member in archive}

    assert f"{NAME}/manifest.json" in modes
    assert set(modes.values()) == {0}


def test_what_was_recorded_comes_back_from_the_archives_alone_and_the_deployment_goes_on(
    secured: Deployment, known: set[str], archives: tuple[Path, Path]
):
    backup, keys = archives
    token, verifiers = secured.caller(), public(secured)

    secured.compose("down", "--timeout", "5")
    for volume in LOST:
        docker.from_env().volumes.get(f"{secured.name}_{volume}").remove()
    secured.compose(*UP, "postgres")
    with backup.open("rb") as file:
        secured.compose(*TOOLS, "tar", "-xC", FOLDER, given=file)
    with keys.open("rb") as file:
        secured.compose(*HOLDER, "tar", "-xC", HOME, given=file)
    told = secured.compose(*TOOLS, "fuquan", "restore", f"{FOLDER}/{NAME}")
    secured.compose(*UP)

    assert "catalog" in told
    assert programmes(secured, token) == known
    assert public(secured) == verifiers
    after = secured.registered("GZ2020")
    assert after["events"] == ["catalog.ProgrammeRegistered"]


def test_what_the_backup_lacks_is_told_and_comes_from_a_copy_of_the_log(secured: Deployment):
    """The lost cluster of `tests/integration/test_drill.py`, with what Compose's images hold."""
    secured.compose(*TOOLS, "fuquan", "backup", f"{FOLDER}/{BEHIND}")
    backed_up = signed(secured)
    secured.registered("SR2020")
    before = until(lambda: signed(secured), lambda size: size > backed_up, every=0.5)
    secured.compose(*TOOLS, "fuquan", "ledger", "tiles", COPY)

    secured.compose("down", "--timeout", "5")
    docker.from_env().volumes.get(f"{secured.name}_postgres").remove()
    secured.compose(*UP, "postgres")
    with pytest.raises(AssertionError, match="fuquan ledger restore catalog"):
        secured.compose(*TOOLS, "fuquan", "restore", f"{FOLDER}/{BEHIND}")
    secured.compose(*TOOLS, "fuquan", "ledger", "restore", "catalog", "--from", COPY, "--yes")
    secured.compose(*UP)

    assert until(lambda: signed(secured), lambda size: size >= before, every=0.5) == backed_up + 1
    until(lambda: programmes(secured), lambda found: "SR2020" in found, every=0.5)
    after = secured.registered("ZZ2021")
    assert after["events"] == ["catalog.ProgrammeRegistered"]
    assert until(lambda: signed(secured), lambda size: size > before, every=0.5) == before + 1


def test_a_key_hands_over_where_the_keys_are(secured: Deployment, known: set[str]):
    before = public(secured)
    asker = secured.caller("operator")["Authorization"].removeprefix("Bearer ")

    secured.compose(
        *HOLDER[:-1], "-e", f"FUQUAN_TOKEN={asker}", "keys", "fuquan", "ledger", "rotate", "cases",
        "--programme", *known & {"ST2021"}, "--reason", "年度更换",
    )

    after = until(lambda: public(secured), lambda found: found != before, every=0.5)
    assert before < after
    (added,) = after - before
    assert added.startswith("fuquan/compose/cases+")


def test_the_tools_have_no_rights_and_cannot_write_the_keys(secured: Deployment):
    for folder in KEYS:
        with pytest.raises(AssertionError, match="Read-only file system"):
            secured.compose(*TOOLS, "touch", f"{HOME}/{folder}/x")

    assert secured.compose(*TOOLS, "id", "-u") == "10001"


def programmes(deployment: Deployment, caller: dict[str, str] | None = None) -> set[str]:
    """The programmes that the deployment knows of."""
    answer = requests.get(
        f"http://127.0.0.1:{deployment.http_port}/api/catalog/programmes", timeout=60,
        headers=caller or deployment.caller(),
    )
    return {one["programme_id"] for one in answer.json()["answer"]}


def signed(deployment: Deployment) -> int:
    """How many entries the newest signed checkpoint of catalog's log is over."""
    answer = requests.get(
        f"http://127.0.0.1:{deployment.http_port}/log/catalog/checkpoint", timeout=60
    )
    return int(answer.text.splitlines()[1])


def public(deployment: Deployment) -> set[str]:
    """The verifier keys that the ledger sees."""
    return set(deployment.compose("exec", "-T", "ledger", "fuquan", "ledger", "keys").splitlines())
