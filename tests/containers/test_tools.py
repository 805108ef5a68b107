"""Backup and restore as the operators' guide has them for Compose, with what its images hold."""

import docker
import requests

from tests.containers.deployment import UP, Deployment
from tests.waiting import until

BACKUP = "/var/lib/fuquan/backup/2024-03-01"
TOOLS = ("run", "--rm", "-T", "tools")


def test_what_was_recorded_comes_back_into_a_new_cluster_and_the_deployment_goes_on(
    secured: Deployment
):
    secured.registered("ST2021")
    before = until(lambda: programmes(secured), lambda known: "ST2021" in known, every=0.5)
    secured.compose(*TOOLS, "fuquan", "backup", BACKUP)

    secured.compose("stop", "--timeout", "5")
    secured.compose("rm", "-f", "postgres")
    docker.from_env().volumes.get(f"{secured.name}_postgres").remove()
    secured.compose(*UP, "postgres")
    told = secured.compose(*TOOLS, "fuquan", "restore", BACKUP)
    secured.compose(*UP)

    assert "catalog" in told
    assert programmes(secured) == before
    after = secured.registered("GZ2020")
    assert after["events"] == ["catalog.ProgrammeRegistered"]


def test_a_backup_is_for_its_owner_alone_and_comes_out_as_an_archive(secured: Deployment):
    names = secured.compose(
        *TOOLS, "sh", "-c", f"tar -cC {BACKUP} . | tar -tv"
    ).splitlines()

    assert any("manifest.json" in name for name in names)
    assert {name[4:10] for name in names} == {"------"}


def programmes(deployment: Deployment) -> set[str]:
    """The programmes that the deployment knows of."""
    answer = requests.get(
        f"http://127.0.0.1:{deployment.http_port}/api/catalog/programmes", timeout=60,
        headers=deployment.caller(),
    )
    return {one["programme_id"] for one in answer.json()["answer"]}
