"""Hook and alarms in every account: the result of docs/organization.md's commands, and what such StackSets refuse.

https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStackSet.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
"""

from __future__ import annotations

import base64
import json
import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import botocore.session
import pytest
from botocore.model import ListShape, Shape, StructureShape
from moto import mock_aws

from organization.sources import ROOT
from organization.stacks import STACKS
from tests.docs.markdown import page
from tests.fakes import models
from tests.organization.cloud import CODE, HOME, Organization, client_in, upload
from tests.organization.releases import Release
from tests.organization.test_account import LARGEST_IN_S3

pytestmark = pytest.mark.filterwarnings("ignore:Tried to parse AWS")  # moto's note that it ignores it

Json = dict[str, Any]

MOST = {"Parameters": 200, "Resources": 500, "Outputs": 200, "Mappings": 200}
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-custom-execution-role.html
NESTED = {"AWS::CloudFormation::Stack", "AWS::CloudFormation::Macro", "AWS::CloudFormation::StackSet"}
NAMED_IAM = {"RoleName", "UserName", "GroupName", "ManagedPolicyName", "InstanceProfileName"}
FIXED = {"FunctionName", "TableName", "QueueName", "TopicName", "BucketName", "LogGroupName", "AlarmName", "RoleName"}
BESIDE = ["hook", "alerts"]
WORDS = {"true": True, "false": False}


def commands(name: str) -> list[tuple[str, Json]]:
    """Return the page's calls for a StackSet, each as an operation with its parameters."""
    (block,) = [
        one.text for one in page("docs/organization.md").blocks("shell") if f"echo templates/{name}-*" in one.text
    ]
    return [parsed(line) for line in block.replace("\\\n", " ").splitlines() if line.startswith("aws ")]


def parsed(line: str) -> tuple[str, Json]:
    """Return a command of the AWS CLI as the operation and the parameters of the API."""
    service, operation, *words = shlex.split(line)[1:]
    assert service == "cloudformation"
    name = operation.title().replace("-", "")
    shape = botocore.session.get_session().get_service_model(service).operation_model(name).input_shape
    assert shape is not None
    options = [one.split() for one in shlex.join(words).split("--")[1:]]
    given = {option.title().replace("-", "").replace("Url", "URL"): values for option, *values in options}
    assert given.pop("Region") == [HOME]
    return operation.replace("-", "_"), {key: valued(shape.members[key], values) for key, values in given.items()}


def valued(shape: Shape, words: list[str]) -> Any:  # noqa: ANN401 - JSON
    """Return the value of words on a command line: a list, an object in the CLI's short form, or a text."""
    words = [word.strip("'") for word in words]
    if isinstance(shape, ListShape):
        return [valued(shape.member, [word]) for word in words]
    (word,) = words
    if isinstance(shape, StructureShape):
        return {key: valued(shape.members[key], [value]) for key, value in re.findall(r"(\w+)=([^,]+)", word)}
    return [word] if shape.type_name == "list" else WORDS.get(word, word)


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", HOME)


@pytest.fixture
def organization(made: Release) -> Iterator[Organization]:
    with mock_aws():
        upload(made)
        yield Organization.founded("a", "b")


@pytest.mark.parametrize("name", BESIDE)
def test_the_commands_of_the_page_give_each_account_the_released_code(
    organization: Organization, made: Release, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(models, "UNCHECKED", {"ListFunctions"})  # moto's variables may be numbers
    (create, chosen), (deploy, instances) = commands(name)
    assert (create, deploy) == ("create_stack_set", "create_stack_instances")
    cloudformation = boto3.client("cloudformation")
    url = f"https://{CODE}-{HOME}.s3.{HOME}.amazonaws.com/{made.stored(name).key}"
    assert chosen["TemplateURL"].rpartition("/")[2] == "$template"
    given = {one["ParameterKey"]: one["ParameterValue"] for one in chosen["Parameters"]} | {"CodeBuckets": CODE}
    parameters = [{"ParameterKey": key, "ParameterValue": value} for key, value in given.items()]
    cloudformation.create_stack_set(**{**chosen, "TemplateURL": url, "Parameters": parameters, "CallAs": "SELF"})
    targets: Any = {**instances["DeploymentTargets"], "OrganizationalUnitIds": [organization.unit]}
    cloudformation.create_stack_instances(**{**instances, "DeploymentTargets": targets, "CallAs": "SELF"})
    for region in instances["Regions"]:
        for account in organization.accounts.values():
            listed = client_in(account, "lambda", region).list_functions()["Functions"]
            running = {base64.b64decode(one["CodeSha256"]).hex() for one in listed}
            assert running == {made.files[key].sha256 for key in made.files if key.startswith(f"functions/{name}-")}


@pytest.mark.parametrize("name", BESIDE)
def test_an_update_keeps_the_value_of_every_parameter(made: Release, tmp_path: Path, name: str) -> None:
    keys = sorted(made.of_buckets(name)["Parameters"])
    (block,) = [one.text for one in page("docs/organization.md").blocks("shell") if "update-stack-set" in one.text]
    templates = tmp_path / "build" / "release" / "templates"
    templates.mkdir(parents=True)
    (templates / f"{name}-abc.json").touch()
    aws = tmp_path / "aws"
    listed = "\\t".join(keys)
    aws.write_text(f'#!/bin/sh\n[ "$2" = describe-stack-set ] && printf "{listed}\\n" || printf "%s\\n" "$@"\n')
    aws.chmod(0o755)
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    typed = ["bash", "-euc", block.replace("hook", name)]
    told = subprocess.run(
        typed, cwd=tmp_path, env=environment, check=True, capture_output=True, text=True
    ).stdout.split()
    assert told[:2] == ["cloudformation", "update-stack-set"]
    kept = told[told.index("--parameters") + 1 :]
    assert sorted(kept) == [f"ParameterKey={key},UsePreviousValue=true" for key in keys]


@pytest.mark.parametrize("name", BESIDE)
def test_the_commands_acknowledge_what_the_template_makes_and_no_more(made: Release, name: str) -> None:
    (_, chosen), _ = commands(name)
    resources = made.of_buckets(name)["Resources"].values()
    assert any(one["Type"].startswith("AWS::IAM::") for one in resources)
    assert not [one for one in resources if one["Type"].startswith("AWS::IAM::") and NAMED_IAM & set(one["Properties"])]
    assert (chosen["Capabilities"], chosen["PermissionModel"]) == (["CAPABILITY_IAM"], "SERVICE_MANAGED")
    assert chosen["AutoDeployment"] == {"Enabled": True, "RetainStacksOnAccountRemoval": False}


@pytest.mark.parametrize("name", [one.name for one in STACKS])
def test_a_service_managed_stackset_takes_it(made: Release, name: str) -> None:
    template = made.of_buckets(name)
    assert len(made.stored(name).content) <= LARGEST_IN_S3
    for part, most in MOST.items():
        assert len(template.get(part, {})) <= most, part
    assert not [key for key, one in template["Resources"].items() if one["Type"] in NESTED]


@pytest.mark.parametrize("name", BESIDE)
def test_no_name_stands_in_the_way_of_another_stack_or_of_the_next_one(made: Release, name: str) -> None:
    for key, one in made.of_buckets(name)["Resources"].items():
        fixed = {word: value for word, value in one["Properties"].items() if word in FIXED}
        assert all(isinstance(value, dict) for value in fixed.values()), key
        assert all("Ref" in value or "${AWS::StackName}" in json.dumps(value) for value in fixed.values()), key


def test_every_stack_of_the_list_has_its_place_on_the_page() -> None:
    text = (ROOT / "docs" / "organization.md").read_text(encoding="utf-8")
    for stack in STACKS:
        assert f"`templates/{stack.name}-….json`" in text
