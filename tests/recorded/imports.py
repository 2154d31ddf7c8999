"""How many modules each command and each function imports, counted in a fresh interpreter.

A command does not wait for a module that it does not import. The number of modules is the same on every machine, their
time is not.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]
_ACCOUNT = "--account 123456789012 --trust demo/trust.yaml --no-config"
_OWNER = "--owner 123456789012 --trust demo/trust.yaml --no-config"
_SOURCES = "tests/check/hcl/cases"
COMMANDS = (
    "--help",
    "--version",
    "check --help",
    f"judge {_OWNER} demo/policies/partner/sdk.json",
    "judge --jsonl",
    f"plan {_OWNER} demo/policies/partner/sdk.json",
    f"check {_ACCOUNT} demo/templates",
    f"check {_ACCOUNT} demo/policies/base/node.json",
    f"check {_ACCOUNT} {_SOURCES}/jsonencode-with-references.tf",
    "explain",
    f"diff {_ACCOUNT} demo/policies/base/guarded.json demo/policies/base/node.json",
    f"ask {_OWNER} --can pull demo/policies/base/node.json",
    "audit --no-config demo/inventory.json --blank-is-none --no-trust",
    "guardrail rcp --no-config --organization o-a1b2c3d4e5 --trust demo/trust.yaml",
    "trust lint --no-config demo/trust.yaml",
    "config show --no-config",
    "completion bash",
)
FUNCTIONS = {
    "alerts": "import alerts",
    "handler": "import handler, ecr_crossaccount.products.rule.evaluator, ecr_crossaccount.products.rule.rule",
    "hook": "import hook",
    "membership": "import membership",
    "planner": "import planner",
}
_ENVIRONMENT = {"AWS_REGION": "eu-central-1", "RULE_PARAMETERS": "{}"}
_COUNTED = """
import json, sys
before = set(sys.modules)
try:
    {run}
except SystemExit:
    pass
found = [name for name in sys.modules.keys() - before]
ours = [name for name in found if name.partition(".")[0] == "ecr_crossaccount"]
print(json.dumps({{"ours": len(ours), "others": len(found) - len(ours)}}), file=sys.stderr)
"""
_COMMAND = "from ecr_crossaccount import __main__; assert __main__.process() != __main__.CRASHED"


def budget() -> Mapping[str, Mapping[str, int]]:
    """Return how many modules of the package and how many others each command and function imports."""
    commands = {line: _counted(_COMMAND, *line.split()) for line in COMMANDS}
    return {**commands, **{f"{name}.py": _counted(run) for name, run in FUNCTIONS.items()}}


def _counted(run: str, *argv: str) -> Mapping[str, int]:
    environment = {**_ENVIRONMENT, "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "rule")}
    done = subprocess.run(
        [sys.executable, "-c", _COUNTED.format(run=run), *argv],
        cwd=ROOT, env=environment, input="", capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    counted: dict[str, int] = json.loads(done.stderr.splitlines()[-1])
    return counted
