"""The check for Checkov, run by Checkov itself: a resource gets the verdict that the gate gives it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.docs.markdown import ROOT

CHECKOV = ROOT / ".venv-checkov" / "bin" / "checkov"
ID = "CKV_ECRCROSSACCOUNT_1"
OWNER, PARTNER = "111122223333", "222233334444"
TEMPLATE = f"""\
AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Open:
    Type: AWS::ECR::Repository
    Properties:
      RepositoryPolicyText:
        Version: "2012-10-17"
        Statement: [{{Effect: Allow, Principal: "*", Action: "ecr:*"}}]
  Accepted:
    # checkov:skip={ID}: the whole world may have it
    Type: AWS::ECR::Repository
    Properties:
      RepositoryPolicyText:
        Version: "2012-10-17"
        Statement: [{{Effect: Allow, Principal: "*", Action: "ecr:*"}}]
  WithoutPolicy:
    Type: AWS::ECR::Repository
  Own:
    Type: AWS::ECR::Repository
    Properties:
      RepositoryPolicyText:
        Version: "2012-10-17"
        Statement: [{{Effect: Allow, Principal: {{AWS: !Ref "AWS::AccountId"}}, Action: "ecr:*"}}]
  Partner:
    Type: AWS::ECR::Repository
    Properties:
      RepositoryPolicyText:
        Version: "2012-10-17"
        Statement: [{{Effect: Allow, Principal: {{AWS: "{PARTNER}"}}, Action: "ecr:BatchGetImage"}}]
  IfExists:
    Type: AWS::ECR::Repository
    Properties:
      RepositoryPolicyText:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: "*"
            Action: "ecr:BatchGetImage"
            Condition: {{StringEqualsIfExists: {{"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}}}
"""
TERRAFORM = f"""\
data "aws_iam_policy_document" "open" {{
  statement {{
    actions = ["ecr:*"]
    principals {{
      type        = "*"
      identifiers = ["*"]
    }}
  }}
}}
resource "aws_ecr_repository_policy" "open" {{
  repository = "a"
  policy     = data.aws_iam_policy_document.open.json
}}
resource "aws_ecr_repository_policy" "partner" {{
  repository = "b"
  policy = jsonencode({{
    Version   = "2012-10-17"
    Statement = [{{ Effect = "Allow", Principal = {{ AWS = "{PARTNER}" }}, Action = "ecr:BatchGetImage" }}]
  }})
}}
module "safe" {{
  source = "./module"
  reader = "{OWNER}"
}}
module "opened" {{
  source = "./other"
  reader = "999988887777"
}}
"""
MODULE = """\
variable "reader" {
  type = string
}
resource "aws_ecr_repository_policy" "NAME" {
  repository = "c"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { AWS = var.reader }, Action = "ecr:BatchGetImage" }]
  })
}
"""
REGISTER = f"version: 1\ntrust:\n  - account: '{PARTNER}'\n"
VERDICTS = {
    "AWS::ECR::Repository.Open": "FAILED",
    "AWS::ECR::Repository.Accepted": "SKIPPED",
    "AWS::ECR::Repository.WithoutPolicy": "PASSED",
    "AWS::ECR::Repository.Own": "PASSED",
    "AWS::ECR::Repository.Partner": "PASSED",
    "AWS::ECR::Repository.IfExists": "FAILED",
    "aws_ecr_repository_policy.open": "FAILED",
    "aws_ecr_repository_policy.partner": "PASSED",
    "module.safe.aws_ecr_repository_policy.called": "PASSED",
    "module.opened.aws_ecr_repository_policy.called_too": "FAILED",
    "aws_ecr_repository_policy.planned": "FAILED",
    "aws_ecr_repository_policy.planned_safe": "PASSED",
}


def planned(name: str, principal: str) -> dict[str, object]:
    statement = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "ecr:BatchGetImage"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    return {
        "address": f"aws_ecr_repository_policy.{name}",
        "mode": "managed",
        "type": "aws_ecr_repository_policy",
        "name": name,
        "provider_name": "registry.terraform.io/hashicorp/aws",
        "values": {"repository": name, "policy": policy},
    }


def plan() -> dict[str, Any]:
    """Return a plan as `terraform show -json` prints it, with one open and one safe policy."""
    resources = [planned("planned", "999988887777"), planned("planned_safe", OWNER)]
    changes = [
        {
            **{name: value for name, value in one.items() if name != "values"},
            "change": {"actions": ["create"], "before": None, "after": one["values"], "after_unknown": {}},
        }
        for one in resources
    ]
    expressions: dict[str, object] = {"repository": {}, "policy": {}}
    configured = [
        {**{name: one[name] for name in ("address", "mode", "type", "name")}, "expressions": expressions}
        for one in resources
    ]
    return {
        "format_version": "1.2",
        "terraform_version": "1.9.5",
        "planned_values": {"root_module": {"resources": resources}},
        "resource_changes": changes,
        "configuration": {"root_module": {"resources": configured}},
    }


@dataclass(frozen=True, slots=True)
class Ran:
    """What Checkov said of each resource, and the details that it keeps."""

    verdicts: Mapping[str, str]
    details: Mapping[str, list[str]]


def checkov(folder: Path, *argv: str, **given: str) -> Ran:
    """Run our check alone, without network; what is `given` are its ECR_CROSSACCOUNT_ variables."""
    if not CHECKOV.exists():
        missing = f"no {CHECKOV.relative_to(ROOT)}: `make checkov` makes it"
        (pytest.fail if os.environ.get("REQUIRE_EVERY_TEST") == "all" else pytest.skip)(missing)
    variables = {f"ECR_CROSSACCOUNT_{name.upper()}": value for name, value in given.items()}
    environment = {**os.environ, **variables, "PYTHONPATH": str(ROOT / "rule"), "LOG_LEVEL": "ERROR"}
    where = argv or ("--directory", str(folder))
    done = subprocess.run(
        [
            str(CHECKOV), *where, "--external-checks-dir", str(ROOT / "integrations" / "checkov"), "--check", ID,
             "--framework", "cloudformation", "terraform", "terraform_plan",
            "--skip-download", "--output", "json",
        ],
        cwd=folder, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    printed = json.loads(done.stdout) if done.stdout.strip() else pytest.fail(done.stderr)
    reports = printed if isinstance(printed, list) else [printed]
    records = [one for report in reports for kind in report["results"] for one in report["results"][kind]]
    return Ran(
        {one["resource"]: one["check_result"]["result"] for one in records},
        {one["resource"]: one["details"] for one in records},
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a template, sources with modules, and a plan."""
    for name, text in {
        "templates/stack.yaml": TEMPLATE,
        "terraform/main.tf": TERRAFORM,
        "terraform/module/main.tf": MODULE.replace("NAME", "called"),
        "terraform/other/main.tf": MODULE.replace("NAME", "called_too"),
        "plans/tfplan.json": json.dumps(plan()),
        "trust.yaml": REGISTER,
    }.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return tmp_path


@pytest.mark.slow
def test_checkov_says_of_each_resource_what_the_gate_says(folder: Path) -> None:
    ran = checkov(folder, account=OWNER, trust="trust.yaml")
    assert ran.verdicts == VERDICTS
    (detail, *_) = ran.details["aws_ecr_repository_policy.open"]
    assert "any AWS account can take the repository over" in detail

    argv = [
        sys.executable,
        "-m",
        "ecr_crossaccount",
        "check",
        "--account",
        OWNER,
        "--trust",
        "trust.yaml",
        "--format",
        "json",
        ".",
    ]
    gate = json.loads(subprocess.run(argv, cwd=folder, capture_output=True, check=False).stdout)
    said = {one["resource"].rpartition("/")[2]: one["compliance"] for one in gate["policies"]}
    words = {"PASSED": "COMPLIANT", "FAILED": "NON_COMPLIANT", "SKIPPED": "NON_COMPLIANT"}
    assert said == {name.removeprefix("AWS::ECR::Repository."): words[one] for name, one in VERDICTS.items()}


@pytest.mark.slow
def test_what_cannot_be_judged_does_not_pass(folder: Path) -> None:
    ran = checkov(folder, "--file", "terraform/module/main.tf", "--file", "templates/stack.yaml")
    assert set(ran.verdicts.values()) == {"FAILED", "SKIPPED"}, "nobody says whose account it is"
    assert "give --account" in ran.details["aws_ecr_repository_policy.called"][0]
