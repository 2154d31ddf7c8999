"""If a file cannot be read, files that depend on it do not use its default, because it may say anything."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import OWNER, Run, Write

NO_TEXT = b"who: '*\xff'\n"
PROGRAM = f"""\
name: x
runtime: yaml
config:
  who:
    default: "{OWNER}"
resources:
  p:
    type: aws:ecr:RepositoryPolicy
    properties:
      repository: a
      policy:
        fn::toJSON: {{Statement: [{{Effect: Allow, Principal: {{AWS: "${{who}}"}}, Action: "ecr:*"}}]}}
"""
MODULE = f"""\
variable "who" {{ default = "{OWNER}" }}
resource "aws_ecr_repository_policy" "x" {{
  repository = "a"
  policy     = jsonencode({{Statement = [{{Effect = "Allow", Principal = {{AWS = var.who}}, Action = "ecr:*"}}]}})
}}
"""


def test_the_configuration_of_a_stack_of_pulumi(run: Run, write: Write) -> None:
    program = write(PROGRAM, "Pulumi.yaml")
    assert run("check", "--account", OWNER, program).status == 0
    write(NO_TEXT, "Pulumi.prod.yaml")
    assert run("check", "--account", OWNER, program).status == 2


def test_the_folder_of_a_program_of_pulumi(run: Run, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    program = write(PROGRAM, "Pulumi.yaml")

    def refused(path: str) -> None:
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr("os.listdir", refused)
    assert run("check", "--account", OWNER, program).status == 2


def test_the_variables_beside_a_unit_of_terragrunt(run: Run, write: Write, tmp_path: Path) -> None:
    for folder in (".git", "module", "unit"):
        (tmp_path / folder).mkdir()
    write(MODULE, "module/main.tf")
    unit = write('terraform {\n  source = "../module"\n}\ninputs = {}\n', "unit/terragrunt.hcl")
    assert run("check", "--account", OWNER, unit).status == 0
    write(NO_TEXT, "unit/terraform.tfvars")
    done = run("check", "--account", OWNER, unit)
    assert (done.status, "unit/terraform.tfvars` passes more inputs" in done.out) == (2, True)


def test_a_nested_template_that_is_here(run: Run, write: Write) -> None:
    stack = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "inner.yaml"}}
    outer = write(json.dumps({"Resources": {"Inner": stack}}), "outer.json")
    assert run("check", "--account", OWNER, outer).status == 0, "it is not here, and that is said"
    inner = write(NO_TEXT, "inner.yaml")
    done = run("check", "--account", OWNER, outer)
    assert (done.status, f"{inner}: not text in UTF-8" in done.err) == (3, True)
