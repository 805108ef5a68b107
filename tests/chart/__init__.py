"""The Helm chart rendered by the program beside this file, with Helm's template engine."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.servers import Missing

SOURCE = Path(__file__).parent
CHART = SOURCE.parents[1] / "infra" / "kubernetes" / "fuquan"
GOPATH = Path("/usr/share/gocode")
LIBRARY = GOPATH / "src/github.com/Masterminds/sprig"
INSTALL = "Debian, Ubuntu: apt-get install golang-go golang-github-masterminds-sprig-dev"


class Refused(Exception):
    """The chart wants a value that was not given; the message says which."""


class Chart:
    """The built program.

    Raises:
        Missing: Go or its library is not installed.
    """

    def __init__(self, folder: Path) -> None:
        go = shutil.which("go")
        if go is None or not LIBRARY.is_dir():
            raise Missing(f"no Go with Masterminds/sprig: install it ({INSTALL})")
        self._program = folder / "chart"
        environment = {
            **os.environ, "GO111MODULE": "off", "GOPATH": str(GOPATH), "CGO_ENABLED": "0",
            "GOCACHE": str(folder / "cache"), "GOFLAGS": "",
        }
        subprocess.run(
            [go, "build", "-o", str(self._program), "."], cwd=SOURCE, env=environment, check=True
        )

    def render(self, given: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The manifests for *given*, which lies over values.yaml; or Refused."""
        chart = yaml.safe_load((CHART / "Chart.yaml").read_text("utf-8"))
        told = {
            "Values": _over(yaml.safe_load((CHART / "values.yaml").read_text("utf-8")), given),
            "Chart": {"Name": chart["name"], "Version": chart["version"],
                      "AppVersion": chart["appVersion"]},
            "Release": {"Name": "county", "Namespace": "fuquan", "Service": "Helm", "Revision": 1},
        }
        done = subprocess.run(
            [str(self._program), str(CHART)], input=json.dumps(told), capture_output=True,
            text=True, check=False, encoding="utf-8",
        )
        if done.returncode:
            raise Refused(done.stderr.strip())
        return [one for one in yaml.safe_load_all(done.stdout) if one]


def _over(values: dict[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(values)
    for key, value in given.items():
        nested = isinstance(value, Mapping) and isinstance(values.get(key), dict)
        merged[key] = _over(values[key], value) if nested else value
    return merged
