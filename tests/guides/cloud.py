"""An AWS account for a user of a guide: moto, and before it a check for what AWS refuses and moto accepts.

`UNANSWERED` has the operations that moto does not have, with what is known about each. The AWS CLI and `strict` check
such a call against the service's model, and it gets an empty answer. Any other call that moto does not have fails the
guide.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit
from xml.sax.saxutils import escape

import boto3
from botocore.config import Config
from samcli.yamlhelper import yaml_parse

from tests.fakes.cloudformation import cloudformation
from tests.fakes.overlay import Forward, Overlay, Request, Response
from tests.guides.strict import OPERATION

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Why moto does not answer an operation, and an empty answer."""

    because: str
    body: str = "{}"


_NO_HOOKS = "moto has no hooks of CloudFormation"
UNANSWERED = {
    "cloudformation.ListHookResults": Unanswered(_NO_HOOKS, "<Answer><ListHookResultsResult/></Answer>"),
    "cloudformation.GetHookResult": Unanswered(_NO_HOOKS, "<Answer><GetHookResultResult/></Answer>"),
    "config.StartConfigRulesEvaluation": Unanswered("moto runs no rule of AWS Config"),
    "config.GetComplianceDetailsByConfigRule": Unanswered("moto has no results of AWS Config"),
    "access-analyzer.GET /analyzer": Unanswered("moto has no Access Analyzer", '{"analyzers": []}'),
}
"""The operations that moto does not answer."""
PASSED_OVER = {
    "AWS::CloudFormation::LambdaHook",
    "AWS::CloudFormation::StackSet",
    "AWS::CloudWatch::Alarm",
    "AWS::Config::ConfigRule",
    "AWS::Config::OrganizationConformancePack",
    "AWS::Config::RemediationConfiguration",
    "AWS::Lambda::EventInvokeConfig",
    "AWS::Lambda::ResourcePolicy",
    "AWS::Logs::MetricFilter",
    "AWS::S3::BucketPolicy",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::QueuePolicy",
    "AWS::Scheduler::Schedule",
    "AWS::SecurityHub::AutomationRule",
}
"""Resources of our stacks that moto's CloudFormation ignores. Tests of the templates check them."""
_ACTION = re.compile(rb"(?:^|&)Action=([A-Za-z]+)")
_WITH_TEMPLATE = frozenset({"CreateChangeSet", "CreateStack", "CreateStackSet", "UpdateStack", "UpdateStackSet"})
_NAMED = {
    "AWS::IAM::Group": "GroupName",
    "AWS::IAM::InstanceProfile": "InstanceProfileName",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::IAM::Role": "RoleName",
    "AWS::IAM::User": "UserName",
}


@dataclass(slots=True)
class Cloud:
    """The calls to AWS: every operation, and the errors that AWS would have refused a call for."""

    operations: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    types: set[str] = field(default_factory=set)
    """The types of the resources in the templates that CloudFormation got."""
    parameters: set[str] = field(default_factory=set)
    """The parameters of these templates, by name."""

    def answer(self, request: Request, forward: Forward) -> Response:
        """Answer a call of any service."""
        operation = _operation(request)
        self.operations.append(operation)
        if operation in UNANSWERED:
            return Response(200, UNANSWERED[operation].body.encode(), {"Content-Type": "application/json"})
        own = self._of_cloudformation if request.service == "cloudformation" else _passed_on
        answer = own(request, forward)
        if _is_unknown(request, answer):
            self.unknown.append(f"{operation}: {answer.status} {answer.body[:200]!r}")
        return answer

    def _of_cloudformation(self, request: Request, forward: Forward) -> Response:
        fields = dict(parse_qsl(request.body.decode(), keep_blank_values=True))
        if fields.get("Action") not in _WITH_TEMPLATE:
            return cloudformation(request, forward)
        template = template_of(fields)
        faults = list(refused(template, fields))
        if faults:
            return _refusal(faults)
        self.parameters |= set(template.get("Parameters", {}))
        types = {one["Type"] for one in template["Resources"].values()}
        self.types |= {one for one in types if not one.startswith("AWS::Serverless::")}
        fields.pop("TemplateURL", None)
        fields["TemplateBody"] = json.dumps(_as_moto_reads(template))
        return cloudformation(replace(request, body=urlencode(fields).encode()), forward)


def _passed_on(request: Request, forward: Forward) -> Response:
    return forward(request)


def _refusal(faults: list[tuple[str, str]]) -> Response:
    text = escape("; ".join(message for _, message in faults))
    error = f"<Error><Type>Sender</Type><Code>{faults[0][0]}</Code><Message>{text}</Message></Error>"
    return Response(400, f"<ErrorResponse>{error}</ErrorResponse>".encode(), {"Content-Type": "text/xml"})


def _as_moto_reads(template: Json) -> Json:
    """Return a template without the outputs that depend on resources that moto ignores."""
    without = {name for name, one in template["Resources"].items() if one["Type"] in PASSED_OVER}
    outputs = template.get("Outputs", {})
    kept = {
        name: one for name, one in outputs.items() if not without & set(re.findall(r"\w+", json.dumps(one["Value"])))
    }
    return {**template, "Outputs": kept}


def _is_unknown(request: Request, answer: Response) -> bool:
    """Return whether moto does not have an operation. It then answers with an error of its web server."""
    html = answer.body.lstrip().lower().startswith((b"<!doctype html", b"not yet implemented"))
    return answer.status in (404, 500, 501) and request.method != "HEAD" and html


def serving(port: int, cloud: Cloud) -> Overlay:
    """Return the server that answers before moto at a port."""
    return Overlay(port, _Every(cloud.answer))


class _Every(dict[str, Callable[[Request, Forward], Response]]):
    """The same answering function for every service."""

    def __init__(self, own: Callable[[Request, Forward], Response]) -> None:
        self._own = own
        super().__init__()

    def get(self, *_: object) -> Any:  # noqa: ANN401 - of `dict`
        return self._own


def _operation(request: Request) -> str:
    """Return the operation, from the AWS CLI's header or the protocol of the SDKs."""
    if OPERATION in request.headers:
        return request.headers[OPERATION]
    action = _ACTION.search(request.body)
    name = request.operation or (action[1].decode() if action else f"{request.method} {request.path.partition('?')[0]}")
    return f"{request.service}.{name}"


def template_of(fields: Mapping[str, str]) -> Json:
    """Return the template in a call, given as text or as the address of an object."""
    text = fields.get("TemplateBody") or _at(fields["TemplateURL"])
    template: Json = yaml_parse(text)
    return template


def _at(address: str) -> str:
    """Return an object: `https://BUCKET.s3.REGION.amazonaws.com/KEY`, or the form that this server's clients use."""
    parts = urlsplit(address)
    host, path = parts.netloc, parts.path.lstrip("/")
    hosted = re.fullmatch(r"(?P<bucket>[a-z0-9.-]+)\.s3\.(?P<region>[a-z0-9-]+)\.amazonaws\.com", host)
    bucket, key = (hosted["bucket"], path) if hosted else path.partition("/")[::2]
    s3 = boto3.client("s3", config=Config(s3={"addressing_style": "path"}))
    return s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode()


def refused(template: Json, fields: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the errors for which CloudFormation refuses a template and the fields of a call, each with its code.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html
    """
    yield from _capabilities(template, fields)
    declared = template.get("Parameters", {})
    given = {
        value: fields.get(f"{name.removesuffix('ParameterKey')}ParameterValue")
        for name, value in fields.items()
        if name.endswith(".ParameterKey")
    }
    unknown = sorted(set(given) - set(declared))
    if unknown:
        yield "ValidationError", f"Parameters: [{', '.join(unknown)}] do not exist in the template"
    missing = sorted(name for name, one in declared.items() if "Default" not in one and name not in given)
    if missing:
        yield "ValidationError", f"Parameters: [{', '.join(missing)}] must have values"
    for name, value in given.items():
        if name in declared and value is not None:
            yield from (("ValidationError", f"{name}: {fault}") for fault in _faults(declared[name], value))


def _capabilities(template: Json, fields: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    given = {value for name, value in fields.items() if name.startswith("Capabilities.")}
    resources = template["Resources"].values()
    if any(one["Type"] in _NAMED and _NAMED[one["Type"]] in one.get("Properties", {}) for one in resources):
        accepted = {"CAPABILITY_NAMED_IAM"}
    elif any(one["Type"].startswith("AWS::IAM::") for one in resources):
        accepted = {"CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"}
    else:
        accepted = given
    if given.isdisjoint(accepted) and accepted:
        yield "InsufficientCapabilitiesException", f"Requires capabilities : [{', '.join(sorted(accepted))}]"
    has_macros = "Transform" in template
    if has_macros and fields["Action"] != "CreateChangeSet" and "CAPABILITY_AUTO_EXPAND" not in given:
        yield "InsufficientCapabilitiesException", "Requires capabilities : [CAPABILITY_AUTO_EXPAND]"


def _faults(declared: Json, value: str) -> Iterator[str]:
    values = value.split(",") if declared["Type"] == "CommaDelimitedList" else [value]
    for one in values:
        pattern, allowed = declared.get("AllowedPattern"), declared.get("AllowedValues")
        if pattern and not re.fullmatch(pattern, one):
            yield f"`{one}` does not match {pattern}"
        if allowed and one not in [str(each) for each in allowed]:
            yield f"`{one}` is none of {allowed}"
        if len(one) > int(declared.get("MaxLength", len(one))):
            yield f"`{one}` is too long"
        if declared["Type"] == "Number" and not (
            float(declared.get("MinValue", one)) <= float(one) <= float(declared.get("MaxValue", one))
        ):
            yield f"{one} is out of range"
