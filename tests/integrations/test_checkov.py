"""The check for Checkov, run by Checkov itself: a resource has the same verdict as in `check`."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cloned import cloned
from tests.docs.markdown import ROOT, page
from tests.docs.test_readme import is_as_shown
from tests.integrations.checkov import ID, OWNER, PACKAGE, Started, installed, started
from tests.wording import sentence

PARTNER = "222233334444"
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
  Cached:
    Type: AWS::ECR::PullThroughCacheRule
    Properties: {{EcrRepositoryPrefix: vendor, UpstreamRegistryUrl: 999988887777.dkr.ecr.eu-west-1.amazonaws.com}}
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
resource "aws_ecr_replication_configuration" "copies" {{
  replication_configuration {{
    rule {{
      destination {{
        region      = "eu-west-1"
        registry_id = "999988887777"
      }}
    }}
  }}
}}
resource "awscc_ecr_pull_through_cache_rule" "public" {{
  upstream_registry_url = "public.ecr.aws"
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
    "AWS::ECR::PullThroughCacheRule.Cached": "FAILED",
    "aws_ecr_replication_configuration.copies": "FAILED",
    "awscc_ecr_pull_through_cache_rule.public": "PASSED",
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


@pytest.fixture(scope="module")
def checkov(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    """Checkov, for the runs of this module. The page's own command is started as a user does."""
    with started(tmp_path_factory.mktemp("streams")) as running:
        yield running


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
def test_checkov_says_of_each_resource_what_the_gate_says(checkov: Started, folder: Path) -> None:
    ran = checkov.run(folder, runners="fork", account=OWNER, trust="trust.yaml")
    assert ran.verdicts == VERDICTS
    assert checkov.run(folder, account=OWNER, trust="trust.yaml").verdicts == VERDICTS, "in one process"
    (detail, *_) = ran.details["aws_ecr_repository_policy.open"]
    assert sentence("reasons.any_aws_account_can") in detail

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
    checked = json.loads(subprocess.run(argv, cwd=folder, capture_output=True, check=False).stdout)
    said = {one["resource"].rpartition("/")[2]: one["compliance"] for one in checked["policies"]}
    words = {"PASSED": "COMPLIANT", "FAILED": "NON_COMPLIANT", "SKIPPED": "NON_COMPLIANT"}
    assert said == {re.sub(r"^AWS::ECR::\w+\.", "", name): words[one] for name, one in VERDICTS.items()}


@pytest.mark.slow
def test_what_depends_on_an_unknown_owner_does_not_pass(checkov: Started, folder: Path) -> None:
    ran = checkov.run(folder, "--file", "terraform/module/main.tf", "--file", "templates/stack.yaml")
    passed = {name.rpartition(".")[2] for name, verdict in ran.verdicts.items() if verdict == "PASSED"}
    assert passed == {"WithoutPolicy", "Own"}, "closed, whoever the owner is"
    assert f": if the owner is not {OWNER}: " in ran.details["aws_ecr_repository_policy.called"][0]


@pytest.mark.slow
def test_variables_mean_what_they_mean_to_the_gate(checkov: Started, folder: Path) -> None:
    argv = ("--file", "terraform/module/main.tf")
    ran = checkov.run(folder, *argv, account="12", trust="trust.yaml")
    assert ran.details["aws_ecr_repository_policy.called"] == [sentence("judge.ecr_crossaccount_account")]
    ran = checkov.run(folder, *argv, account=OWNER, trust="false")
    assert not any("cannot read the trust register" in one for one in ran.details["aws_ecr_repository_policy.called"])


@pytest.mark.slow
@pytest.mark.parametrize(
    "code, why",
    [
        pytest.param(None, "ModuleNotFoundError: No module named", id="it is not installed"),
        pytest.param("raise OSError('cannot be read')", "OSError: cannot be read", id="it is damaged"),
        pytest.param("match = [", "SyntaxError: ", id="it is for another Python"),
    ],
)
def test_where_the_engine_cannot_be_loaded_everything_fails_and_says_why(
    checkov: Started, folder: Path, tmp_path_factory: pytest.TempPathFactory, code: str | None, why: str
) -> None:
    packages = tmp_path_factory.mktemp("packages")
    if code is not None:
        (packages / "ecr_crossaccount").mkdir()
        (packages / "ecr_crossaccount" / "__init__.py").write_text(code)
    ran = checkov.run(folder, packages=packages, account=OWNER, trust="trust.yaml")
    assert ran.status == 1
    assert set(ran.verdicts) == set(VERDICTS)
    assert set(ran.verdicts.values()) == {"FAILED", "SKIPPED"}
    (name,) = ran.names
    assert name.startswith("Not judged: ecr-crossaccount cannot be loaded by Python 3.")
    assert why in name


@pytest.mark.slow
def test_a_crash_of_the_engine_fails_the_resource_and_says_why(
    checkov: Started, folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    packages = cloned(tmp_path_factory.mktemp("packages"), "rule/ecr_crossaccount") / "rule"
    with (packages / "ecr_crossaccount" / "sources" / "formats" / "dispatch.py").open("a") as file:
        file.write("\ndef harvest(*_): raise RecursionError('too \\x1b deep')\n")
    ran = checkov.run(folder, packages=packages, account=OWNER, trust="trust.yaml")
    assert (ran.status, set(ran.verdicts.values())) == (1, {"FAILED", "SKIPPED"})
    assert ran.details["aws_ecr_repository_policy.partner"] == [
        sentence("batch.not_judged_internal_error_recursionerror")
    ]


@pytest.mark.slow
def test_the_page_shows_how_to_see_that_the_check_is_loaded() -> None:
    (block,) = (one for one in page("docs/integrations.md").blocks("console") if one.heading == "Checkov")
    settings, command, *shown = block.text.removeprefix("$ ").replace("\n$ ", "\n").splitlines(keepends=True)
    done = subprocess.run(
        ["bash", "-c", f"{settings}{command.strip()} --skip-download"],
        cwd=ROOT, capture_output=True, text=True, check=False,
        env={**os.environ, "PATH": f"{installed().parent}:{os.environ['PATH']}", "PYTHONPATH": str(PACKAGE.parent)},
    )  # fmt: skip
    assert done.returncode == 1
    assert is_as_shown(done.stdout, "".join(shown)), done.stdout
