from __future__ import annotations

import json
import logging
import os
import shutil
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.docs.markdown import ROOT
from tests.events import ACCOUNT, REGION
from tests.fakes.moto_server import moto_server
from tests.guides.cloud import Cloud, serving
from tests.guides.reader import Reader

_LEFT_OUT = shutil.ignore_patterns(
    ".git",
    ".venv*",
    ".pythons",
    "build",
    "dist",
    "tests",
    "node_modules",
    "__pycache__",
    ".*_cache",
    ".aws-sam",
    "benchmarks",
)


def _of_the_machine() -> dict[str, str]:
    """What the tools need to know of the machine: its language, and how packages are reached; nothing of AWS."""
    kept = ("PIP_", "SSL_", "REQUESTS_", "LANG", "LC_")
    found = {
        name: value for name, value in os.environ.items() if name.startswith(kept) or name.lower().endswith("_proxy")
    }
    home = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return {**found, "XDG_CONFIG_HOME": home, "NO_PROXY": "localhost,127.0.0.1"}


def _without_containers(port: int) -> None:
    """Let moto answer an invocation itself; it would run the function in a container."""
    body = json.dumps({"lambda": {"use_docker": False}}).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{port}/moto-api/config", body, method="POST")
    with urllib.request.urlopen(request):  # noqa: S310 - this machine
        pass


def _with_environment(folder: Path) -> None:
    """Make the environment of these tests that of a checkout. Its stamps are new, so that `make` installs nothing."""
    folder.mkdir()
    for one in Path(sys.prefix).iterdir():
        if one.name in ("bin", "include", "lib", "lib64", "pyvenv.cfg"):
            (folder / one.name).symlink_to(one)
    for stamp in (".dependencies-installed", ".project-installed"):
        (folder / stamp).touch()


@dataclass(frozen=True, slots=True)
class Desk:
    """Where someone sits who follows guides: a checkout of his own, an account, and the tools."""

    home: Path
    environment: Mapping[str, str]
    cloud: Cloud
    readers: dict[str, Reader] = field(default_factory=dict)
    """By the page that each follows."""

    @property
    def checkout(self) -> Path:
        return self.home / "ecr-crossaccount"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk, with an account in which nothing is."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    home = tmp_path_factory.mktemp("home")
    checkout = home / "ecr-crossaccount"
    shutil.copytree(ROOT, checkout, ignore=_LEFT_OUT)
    _with_environment(checkout / ".venv")
    settings = home / "config"
    settings.write_text("[plugins]\nstrict = tests.guides.strict\n", encoding="utf-8")
    cloud = Cloud()
    credentials = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_DEFAULT_REGION": REGION}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MOTO_ACCOUNT_ID", ACCOUNT)
        with moto_server() as port, serving(port, cloud) as server:
            for name, value in {**credentials, "AWS_ENDPOINT_URL": f"http://localhost:{port}"}.items():
                patch.setenv(name, value)
            _without_containers(port)
            environment = {
                **_of_the_machine(),
                "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"])),
                "HOME": str(home),
                "AWS_SHARED_CREDENTIALS_FILE": str(home / "no-credentials"),
                "AWS_EC2_METADATA_DISABLED": "true",
                "PYTHONPATH": str(ROOT),
                "AWS_CONFIG_FILE": str(settings),
                "AWS_ENDPOINT_URL": server.url,
                "AWS_PAGER": "",
                "SAM_CLI_TELEMETRY": "0",
                "COLUMNS": "200",
                "TERM": "dumb",
                **credentials,
            }
            yield Desk(home, environment, cloud)
