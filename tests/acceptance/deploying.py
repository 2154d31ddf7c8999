"""Deploys the stack without the AWS SAM CLI: does what `sam package` and `sam deploy` do, in this process."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import boto3

from acceptance.errors import DeploymentError
from acceptance.sandbox import NAME, Sandbox
from organization.sources import template
from remediation.__main__ import ROOT

FUNCTIONS = ("RuleFunction", "PlanFunction")


@dataclass(slots=True)
class InProcess:
    """A deployment. `problem` is why it fails, and `deployed` has the parameters of each call."""

    problem: str | None = None
    deployed: list[Mapping[str, str]] = field(default_factory=list)

    def deploy(self, sandbox: Sandbox, parameters: Mapping[str, str]) -> None:
        self.deployed.append(parameters)
        cloudformation: Any = boto3.client("cloudformation")
        done = cloudformation.create_stack if len(self.deployed) == 1 else cloudformation.update_stack
        done(
            StackName=NAME,
            TemplateBody=packaged(sandbox.artefacts),
            Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()],
            Capabilities=["CAPABILITY_IAM"],
        )
        if self.problem is not None:
            raise DeploymentError(self.problem)


def packaged(bucket: str) -> str:
    """Upload the files that the template names, and return the template with the uploaded places."""
    s3, whole = boto3.client("s3"), template()
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w"):
        pass  # the functions run from this checkout
    s3.put_object(Bucket=bucket, Key="function.zip", Body=archive.getvalue())
    for name, resource in whole["Resources"].items():
        if name in FUNCTIONS:
            resource["Properties"]["CodeUri"] = f"s3://{bucket}/function.zip"
        if resource["Type"] == "AWS::SSM::Document":
            include = resource["Properties"]["Content"]["Fn::Transform"]["Parameters"]
            s3.upload_file(str(ROOT / include["Location"]), bucket, include["Location"])
            include["Location"] = f"s3://{bucket}/{include['Location']}"
    return json.dumps(whole)
