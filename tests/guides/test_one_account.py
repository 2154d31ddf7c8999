"""The guides for one account, typed block by block, with an AWS that is moto's and stricter."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.cloudformation.parsing import get_model_map
from samcli.yamlhelper import yaml_parse

from organization import sources
from organization.artefacts import Artefact
from organization.processed import expanded
from organization.stacks import STACKS
from tests.docs.markdown import ROOT
from tests.events import ACCOUNT
from tests.guides import releasing
from tests.guides.cloud import PASSED_OVER, UNANSWERED
from tests.guides.conftest import Desk
from tests.guides.following import Step, follow, steps
from tests.guides.guides import ONE_ACCOUNT, REMOVAL
from tests.organization.releases import Release

pytestmark = [
    pytest.mark.artefact,
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:Tried to parse AWS"),  # moto's note that it ignores it
]


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Release:
    return Release.read(releasing.released(tmp_path_factory))


@pytest.mark.parametrize("step", steps(ONE_ACCOUNT), ids=lambda step: step.id)
def test_it_is_followed(desk: Desk, released: Release, step: Step) -> None:
    follow(desk, step)
    if "sam build" in step.block.text:
        for name, files in functions_in(desk.checkout / ".aws-sam" / "build").items():
            assert files == without_licence(released.archive(ARCHIVES[name])), "other than `make release` makes it"


ARCHIVES = {name: archive for stack in STACKS for name, archive in stack.functions.items()}


def functions_in(folder: Path) -> Mapping[str, Mapping[str, bytes]]:
    """Return the files of each function that `sam build` has built."""
    built = [function for function in folder.iterdir() if function.is_dir()]
    assert built
    return {
        function.name: {
            path.relative_to(function).as_posix(): path.read_bytes() for path in function.rglob("*") if path.is_file()
        }
        for function in built
    }


def without_licence(archived: Artefact) -> Mapping[str, bytes]:
    """Return the files of an archive without our licence, which a release adds."""
    with zipfile.ZipFile(io.BytesIO(archived.content)) as archive:
        return {name: archive.read(name) for name in archive.namelist() if name != "LICENSE"}


@pytest.fixture
def deployed(desk: Desk) -> Mapping[str, Any]:
    """Return CloudFormation's resources of the rule's stack, by logical id."""
    assert desk.cloud.operations
    found = boto3.client("cloudformation").list_stack_resources(StackName="ecr-crossaccount")["StackResourceSummaries"]
    return {one["LogicalResourceId"]: one for one in found}


def test_everything_is_made_that_the_template_asks_for(deployed: Mapping[str, Any]) -> None:
    chosen = (None, "MakesAlarmTopic", "MakesTopic")
    asked = {
        name
        for name, resource in expanded(sources.template())["Resources"].items()
        if resource["Type"] not in PASSED_OVER and resource.get("Condition") in chosen
    }
    assert asked <= set(deployed)
    assert {one["ResourceStatus"] for one in deployed.values()} == {"CREATE_COMPLETE"}


def test_the_function_is_what_was_built(deployed: Mapping[str, Any]) -> None:
    name = deployed["RuleFunction"]["PhysicalResourceId"]
    function = boto3.client("lambda").get_function(FunctionName=name)["Configuration"]
    assert (function["Handler"], function["Runtime"]) == ("handler.lambda_handler", "python3.13")
    assert function["CodeSize"] > 1_000_000
    variables = function["Environment"]["Variables"]
    assert variables["SERVED_ACCOUNTS"] == ACCOUNT
    assert variables["CONTINUATION_STATE_MACHINE"].endswith(":stateMachine:ecr-crossaccount-sweep")


def test_the_topic_is_encrypted_with_the_stacks_own_key(deployed: Mapping[str, Any]) -> None:
    topic = deployed["OwnAlarmTopic"]["PhysicalResourceId"]
    attributes = boto3.client("sns").get_topic_attributes(TopicArn=topic)["Attributes"]
    assert attributes["KmsMasterKeyId"] == deployed["TopicKey"]["PhysicalResourceId"]


def test_the_state_machine_is_the_one_that_the_function_names(deployed: Mapping[str, Any]) -> None:
    name = deployed["RuleFunction"]["PhysicalResourceId"]
    variables = boto3.client("lambda").get_function(FunctionName=name)["Configuration"]["Environment"]["Variables"]
    assert variables["CONTINUATION_STATE_MACHINE"] == deployed["Sweeps"]["PhysicalResourceId"]


def test_sam_uploads_the_documents_as_they_are_shipped(deployed: Mapping[str, Any]) -> None:
    """CloudFormation includes the shipped file: SAM uploads it, and writes its place into the template."""
    assert deployed
    template = boto3.client("cloudformation").get_template(StackName="ecr-crossaccount")["TemplateBody"]
    for name, file in {"RemediateDocument": "remediate.yaml", "RestoreDocument": "restore.yaml"}.items():
        text = (ROOT / "remediation" / file).read_text(encoding="utf-8")
        assert template["Resources"][name]["Properties"]["Content"] == yaml_parse(text), (
            "included from where SAM put it"
        )


@pytest.mark.parametrize("step", steps(REMOVAL), ids=lambda step: step.id)
def test_it_is_removed(desk: Desk, step: Step) -> None:
    follow(desk, step)
    stacks = boto3.client("cloudformation").list_stacks()["StackSummaries"]
    assert [one["StackStatus"] for one in stacks if one["StackName"] == "ecr-crossaccount"] == ["DELETE_COMPLETE"]


def test_what_moto_does_not_answer_was_asked_for_and_held_to_the_services_model(desk: Desk) -> None:
    assert set(UNANSWERED) <= set(desk.cloud.operations)


def test_what_moto_passes_over_is_listed(desk: Desk) -> None:
    assert {one for one in desk.cloud.types if one not in get_model_map()} <= PASSED_OVER
