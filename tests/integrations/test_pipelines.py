"""The recipes for other pipelines: their files are valid, and their shell lines judge what they say they judge."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import yaml

from tests.docs.markdown import ROOT
from tests.integrations.test_github import OPEN, lint

FOLDER = ROOT / "integrations" / "pipelines"
SAFE = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "*"}}
TERRAFORM = """#!/bin/sh
case "$*" in
"show -json $PLANFILE" | "show -json spacelift.plan" | "show -json plan.bin") cat "$PLAN_JSON" ;;
"plan -input=false -out=plan.bin" | "apply -input=false plan.bin") echo "$1" >>did ;;
*) exit 9 ;;
esac
"""


def parsed(name: str) -> object:
    return yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))


LINES: dict[str, Callable[[], str]] = {
    "atlantis.yaml": lambda: parsed("atlantis.yaml")["workflows"]["ecr"]["plan"]["steps"][-1]["run"],  # type: ignore[index]
    "spacelift.yml": lambda: parsed("spacelift.yml")["stack_defaults"]["after_plan"][0],  # type: ignore[index]
    "hcp-terraform.sh": lambda: (FOLDER / "hcp-terraform.sh").read_text(encoding="utf-8"),
    "Jenkinsfile": lambda: re.findall(r"sh '([^']+)'", (FOLDER / "Jenkinsfile").read_text(encoding="utf-8"))[0],
    "azure-pipelines.yml": lambda: parsed("azure-pipelines.yml")["steps"][0]["script"],  # type: ignore[index]
    "bitbucket-pipelines.yml": lambda: "\n".join(
        parsed("bitbucket-pipelines.yml")["pipelines"]["pull-requests"]["**"][0]["step"]["script"]  # type: ignore[index]
    ),
}


def test_each_recipe_is_tried_and_has_at_most_thirteen_lines() -> None:
    assert {one.name for one in FOLDER.iterdir()} == set(LINES)
    assert all(len(one.read_text(encoding="utf-8").splitlines()) <= 13 for one in FOLDER.iterdir())


@pytest.mark.parametrize("name", ["bitbucket-pipelines", "azure-pipelines"])
def test_its_server_would_accept_the_recipe(name: str) -> None:
    lint(f"vendor.{name}", FOLDER / f"{name}.yml")


@pytest.mark.parametrize("name, policy, status", [*((name, OPEN, 1) for name in LINES), ("hcp-terraform.sh", SAFE, 0)])
def test_its_lines_fail_for_what_is_open(tmp_path: Path, name: str, policy: object, status: int) -> None:
    change = {"actions": ["create"], "after": {"repository": "base", "policy": json.dumps(policy)}, "after_unknown": {}}
    address = {"address": "aws_ecr_repository_policy.a", "type": "aws_ecr_repository_policy", "name": "a"}
    resource = {**address, "mode": "managed", "provider_name": "registry.terraform.io/hashicorp/aws", "change": change}
    plan = {"format_version": "1.2", "terraform_version": "1.9.0", "resource_changes": [resource]}
    (tmp_path / "infra").mkdir()
    (tmp_path / "infra" / "policy.json").write_text(json.dumps(policy))
    (tmp_path / "made.json").write_text(json.dumps(plan))
    (tmp_path / "trust.yaml").write_text("version: 1\ntrust: []\n")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "terraform").write_text(TERRAFORM)
    (tmp_path / "bin" / "terraform").chmod(0o755)
    path = os.pathsep.join((str(tmp_path / "bin"), str(Path(sys.executable).parent), os.environ["PATH"]))
    more = {"PATH": path, "PLANFILE": "default.tfplan", "PLAN_JSON": str(tmp_path / "made.json")}
    done = subprocess.run(
        ["sh", "-e", "-c", LINES[name]()], cwd=tmp_path, env={**os.environ, **more}, capture_output=True, check=False
    )
    assert done.returncode == status, done.stderr
    assert b"1 policy: " in done.stdout
    for report in tmp_path.rglob("ecr.xml"):
        assert ET.parse(report).getroot().get("tests") == "1"
    if name == "hcp-terraform.sh":
        assert (tmp_path / "did").read_text().split() == (["plan"] if status else ["plan", "apply"])
