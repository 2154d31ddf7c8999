from __future__ import annotations

import json
import logging
import os
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.events import ACCOUNT, REGION
from tests.fakes.cloudformation import update_as_cloudformation_does
from tests.fakes.moto_server import moto_server
from tests.guides.checkout import check_out, tools
from tests.guides.cloud import Cloud, serving
from tests.guides.imported import imported
from tests.guides.reader import Reader


def _without_containers(port: int) -> None:
    """Let moto answer an invocation itself. By default, it would run the function in a container."""
    body = json.dumps({"lambda": {"use_docker": False}}).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{port}/moto-api/config", body, method="POST")
    with urllib.request.urlopen(request):  # noqa: S310 - this machine
        pass


@dataclass(frozen=True, slots=True)
class Desk:
    """The place of a user of guides: a checkout, an account, and the tools."""

    home: Path
    environment: Mapping[str, str]
    cloud: Cloud
    readers: dict[str, Reader] = field(default_factory=dict)
    """The readers, by page."""

    @property
    def checkout(self) -> Path:
        return self.home / "ecr-crossaccount"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk with an empty account."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    update_as_cloudformation_does()
    home = tmp_path_factory.mktemp("home")
    check_out(home / "ecr-crossaccount")
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
                **tools(home),
                "AWS_SHARED_CREDENTIALS_FILE": str(home / "no-credentials"),
                "AWS_EC2_METADATA_DISABLED": "true",
                "AWS_CONFIG_FILE": str(settings),
                "AWS_ENDPOINT_URL": server.url,
                "AWS_PAGER": "",
                **credentials,
            }
            with imported(home / "imported", environment) as programs:
                environment["PATH"] = os.pathsep.join((str(programs), environment["PATH"]))
                yield Desk(home, environment, cloud)
