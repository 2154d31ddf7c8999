"""Only what an invocation uses is imported."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.events import ACCOUNT, REGION
from tests.fakes import FakeConfigService

ROOT = Path(__file__).parents[2]
OF_A_SWEEP = {"sweep", "inventory", "continuation"}
OF_A_LARGE_ITEM = {"recorder"}
NEVER = {
    "ecr_crossaccount.products.cli",
    "ecr_crossaccount.questions.plan",
    "ecr_crossaccount.sources.files",
    "ecr_crossaccount.sources.formats",
    "ecr_crossaccount.sources.check",
    "yaml",
    "rich",
}
SCRIPT = """
import json, sys
import handler
before = sorted(sys.modules)
from tests.events import event
handler.lambda_handler(event(sys.argv[1], trustedOrganizations="none"), None)
print(json.dumps([before, sorted(sys.modules)]))
"""


def imported(config: FakeConfigService, name: str) -> tuple[set[str], set[str]]:
    """Return the modules that the handler imports, and those that it imports for an event of that name."""
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": f"{ROOT / 'rule'}{os.pathsep}{ROOT}",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_REGION": REGION,
        "AWS_ENDPOINT_URL": config.url,
        "SERVED_ACCOUNTS": ACCOUNT,
    }
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, name], env=environment, capture_output=True, text=True, check=True
    )
    before, after = json.loads(done.stdout.splitlines()[-1])
    return set(before), set(after)


def of_config(modules: set[str]) -> set[str]:
    own = ("ecr_crossaccount.products.rule.", "ecr_crossaccount.sources.aws.")
    return {name.rpartition(".")[2] for name in modules if name.startswith(own)}


@pytest.mark.parametrize("name", ["change-own-service", "change-deleted"])
def test_a_change_pays_for_no_sweep_and_no_large_item(config: FakeConfigService, name: str) -> None:
    handler, after = imported(config, name)
    assert not [module for module in handler if module.startswith("ecr_crossaccount")]
    assert not (OF_A_SWEEP | OF_A_LARGE_ITEM) & of_config(after)
    assert not [module for module in after if ".".join(module.split(".")[:3]) in NEVER]


def test_a_large_item_pays_for_no_sweep(config: FakeConfigService) -> None:
    _, after = imported(config, "oversized-deleted")
    assert not OF_A_SWEEP & of_config(after)
