"""A smoke test of deploying: `sam package` and `sam deploy` of what was built, into a make-believe AWS."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from samcli.yamlhelper import yaml_parse
from samtranslator.translator.transform import transform

from tests.events import ACCOUNT, REGION
from tests.fakes.moto_server import moto_server
from tests.stack.cloudformation import ROOT
from tests.stack.test_artefact import LARGEST_ZIP

pytestmark = [
    pytest.mark.artefact,
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:Tried to parse AWS"),  # moto's way to say that it passes over it
]

BUCKET = "artefacts"
STACK = "ecr-crossaccount"
NOT_IN_MOTO = {
    "AWS::CloudWatch::Alarm",
    "AWS::Config::ConfigRule",
    "AWS::Config::RemediationConfiguration",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::QueuePolicy",
}
"""What moto passes over in silence; tests/stack/test_template.py and its neighbours look at these in the template."""


@pytest.fixture(scope="module")
def aws() -> Iterator[Mapping[str, str]]:
    """The environment of commands that are to deploy into a make-believe AWS."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MOTO_ACCOUNT_ID", ACCOUNT)
        with moto_server() as port:
            # Not 127.0.0.1: moto takes a bucket's name from the host.
            yield {
                "PATH": os.environ["PATH"],
                "HOME": os.environ.get("HOME", "/"),
                "AWS_ENDPOINT_URL": f"http://localhost:{port}",
                "AWS_ACCESS_KEY_ID": "testing",
                "AWS_SECRET_ACCESS_KEY": "testing",
                "AWS_DEFAULT_REGION": REGION,
                "SAM_CLI_TELEMETRY": "0",
            }


def client(service: str, aws: Mapping[str, str]) -> Any:  # noqa: ANN401 - of whichever service
    return boto3.client(  # type: ignore[call-overload]  # a name, not a literal
        service,
        region_name=REGION,
        endpoint_url=aws["AWS_ENDPOINT_URL"],
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
        config=Config(s3={"addressing_style": "path"}),
    )


def sam(*arguments: str, aws: Mapping[str, str], folder: Path) -> None:
    command = [str(Path(sys.executable).with_name("sam")), *arguments]
    done = subprocess.run(
        command, cwd=folder, env=aws, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=180
    )
    assert done.returncode == 0, done.stdout + done.stderr


def settings() -> str:
    """Return the shipped settings, but for the bucket: moto drops the outputs of the stack that makes the CLI's own."""
    shipped = (ROOT / "samconfig.toml").read_text(encoding="utf-8")
    assert shipped.count("resolve_s3 = true") == 1
    return shipped.replace("resolve_s3 = true", f's3_bucket = "{BUCKET}"')


@pytest.fixture(scope="module")
def deployed(built: Path, aws: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    """Deploy with an alarm topic and the shipped settings, as a pipeline does; return what CloudFormation has by id."""
    folder = tmp_path_factory.mktemp("deploy")
    client("s3", aws).create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    template, packaged = str(built / "template.yaml"), str(folder / "packaged.yaml")
    sam(
        *("package", "--template-file", template, "--s3-bucket", BUCKET, "--output-template-file", packaged),
        aws=aws,
        folder=folder,
    )
    # moto knows no macro of SAM's: it gets what CloudFormation would make of the template.
    expanded = transform(yaml_parse(Path(packaged).read_text(encoding="utf-8")), {}, None)
    for name, resource in expanded["Resources"].items():
        if resource["Type"] == "AWS::SQS::Queue":  # CloudFormation gives a FIFO queue its ending, moto does not
            resource["Properties"]["QueueName"] = f"{STACK}-{name}.fifo"
    (folder / "expanded.json").write_text(json.dumps(expanded), encoding="utf-8")
    (folder / "samconfig.toml").write_text(settings(), encoding="utf-8")
    sam(
        *("deploy", "--template-file", "expanded.json", "--parameter-overrides", "AlarmTopic=create"),
        aws=aws,
        folder=folder,
    )
    found = client("cloudformation", aws).list_stack_resources(StackName=STACK)["StackResourceSummaries"]
    return {one["LogicalResourceId"]: one for one in found}


def test_everything_is_made_that_the_template_asks_for(
    deployed: Mapping[str, Any], expanded: Mapping[str, Any]
) -> None:
    asked = {
        name
        for name, resource in expanded["Resources"].items()
        if resource["Type"] not in NOT_IN_MOTO and resource.get("Condition") in (None, "MakesAlarmTopic", "MakesTopic")
    }
    assert asked <= set(deployed)
    assert {one["ResourceStatus"] for one in deployed.values()} == {"CREATE_COMPLETE"}


def test_the_function_is_what_was_built(deployed: Mapping[str, Any], aws: Mapping[str, str]) -> None:
    name = deployed["RuleFunction"]["PhysicalResourceId"]
    function = client("lambda", aws).get_function(FunctionName=name)["Configuration"]
    assert (function["Handler"], function["Runtime"]) == ("handler.lambda_handler", "python3.13")
    assert 1_000_000 < function["CodeSize"] <= LARGEST_ZIP
    variables = function["Environment"]["Variables"]
    assert variables["SERVED_ACCOUNTS"] == ACCOUNT
    assert variables["CONTINUATION_QUEUE_URL"].endswith(".fifo")


def test_the_topic_is_encrypted_with_the_stacks_own_key(deployed: Mapping[str, Any], aws: Mapping[str, str]) -> None:
    topic = deployed["OwnAlarmTopic"]["PhysicalResourceId"]
    attributes = client("sns", aws).get_topic_attributes(TopicArn=topic)["Attributes"]
    assert attributes["KmsMasterKeyId"] == deployed["TopicKey"]["PhysicalResourceId"]


def test_the_queue_invokes_the_function(deployed: Mapping[str, Any], aws: Mapping[str, str]) -> None:
    (mapping,) = client("lambda", aws).list_event_source_mappings()["EventSourceMappings"]
    assert mapping["FunctionArn"].rpartition(":")[2] == deployed["RuleFunction"]["PhysicalResourceId"]
    assert mapping["EventSourceArn"].endswith("SweepQueue.fifo")
    assert mapping["BatchSize"] == 1
