from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from organization import sources
from tests.stack.cloudformation import ROOT


@pytest.fixture(scope="session")
def template() -> dict[str, Any]:
    """The template with its short intrinsics written out."""
    return sources.template()


@pytest.fixture(scope="session")
def expanded(template: dict[str, Any]) -> dict[str, Any]:
    """The template as CloudFormation sees it, after the SAM transform."""
    from organization.processed import expanded

    return expanded(template)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that `sam build` fills; needs the package index that pip is set up for."""
    return build("template.yaml", tmp_path_factory.mktemp("build"))


def build(template: str, folder: Path) -> Path:
    """Return the folder, with what `sam build` makes of a template."""
    options = ("--template", template, "--build-dir", folder, "--cache-dir", folder / "cache")
    done = subprocess.run(
        [Path(sys.executable).with_name("sam"), "build", *options],
        cwd=ROOT,
        env=os.environ | {"SAM_CLI_TELEMETRY": "0", "AWS_DEFAULT_REGION": "eu-central-1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )
    assert done.returncode == 0, done.stderr
    return folder
