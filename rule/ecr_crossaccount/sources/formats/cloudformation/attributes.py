"""The values of references to other resources of the template, as far as their properties show them."""

from __future__ import annotations

from collections.abc import Callable

from ....documents.holes import Hole, Holed, text_of
from ...files.values.nodes import Node, parts_of
from .template import Template

Text = str | Holed | Hole
Ask = Callable[[Node | None], Text | None]
"""Resolves a value to text."""

_NAMED_BY = {
    "AWS::ECR::Repository": "RepositoryName",
    "AWS::ECR::PublicRepository": "RepositoryName",
    "AWS::IAM::Role": "RoleName",
    "AWS::IAM::User": "UserName",
    "AWS::IAM::Group": "GroupName",
    "AWS::Lambda::Function": "FunctionName",
    "AWS::Serverless::Function": "FunctionName",
    "AWS::CodeBuild::Project": "Name",
    "AWS::CodePipeline::Pipeline": "Name",
    "AWS::S3::Bucket": "BucketName",
}
"""Types whose `Ref` is a name, each with the property that sets it."""

_ARNS = {
    "AWS::IAM::Role": "iam::{account}:role/",
    "AWS::IAM::User": "iam::{account}:user/",
    "AWS::ECR::Repository": "ecr:{region}:{account}:repository/",
    "AWS::Lambda::Function": "lambda:{region}:{account}:function:",
    "AWS::Serverless::Function": "lambda:{region}:{account}:function:",
    "AWS::CodeBuild::Project": "codebuild:{region}:{account}:project/",
    "AWS::StepFunctions::StateMachine": "states:{region}:{account}:stateMachine:",
    "AWS::Serverless::StateMachine": "states:{region}:{account}:stateMachine:",
    "AWS::ECS::Cluster": "ecs:{region}:{account}:cluster/",
    "AWS::EKS::Cluster": "eks:{region}:{account}:cluster/",
    "AWS::AppRunner::Service": "apprunner:{region}:{account}:service/",
    "AWS::SageMaker::Domain": "sagemaker:{region}:{account}:domain/",
    "AWS::Events::Rule": "events:{region}:{account}:rule/",
}
"""Types whose ARN names the account of the stack. The path of a role or user comes after this beginning."""

_ARN = {"AWS::AppRunner::Service": "ServiceArn", "AWS::SageMaker::Domain": "DomainArn"}
"""The attribute with the ARN, if it is not `Arn`."""

_WITH_ROLE = frozenset({"AWS::Serverless::Function", "AWS::Serverless::StateMachine"})
"""SAM makes a role `<LogicalId>Role` for each of these, unless one is given."""


def value_of_reference(template: Template, name: str, ask: Ask) -> Text:
    """Return the value of `Ref` for a resource."""
    resource = template.resources.get(name)
    kind = _kind(resource)
    if resource is None or kind not in _NAMED_BY:
        return Hole(name)
    given = ask(_property(resource, _NAMED_BY[kind]))
    return Hole(name) if given is None else given


def value_of_attribute(template: Template, name: str, wanted: str, ask: Ask) -> Text:
    """Return the value of `Fn::GetAtt` for a resource."""
    whole = Hole(f"{name}.{wanted}")
    kind = _kind(template.resources.get(name)) or _made_by_sam(template, name)
    if kind not in _ARNS or wanted != _ARN.get(kind, "Arn"):
        return whole
    account, region = template.pseudo("AWS::AccountId"), template.pseudo("AWS::Region")
    partition = template.pseudo("AWS::Partition")
    before, _, after = _ARNS[kind].partition("{account}")
    start, has_region, _ = before.partition("{region}")
    parts = ["arn:", partition, f":{start}", *([region, ":"] if has_region else [])]
    known = [part.value if isinstance(part, Node) else part for part in [*parts, account, after]]
    texts = [part for part in known if isinstance(part, (str, Hole))]
    named = value_of_reference(template, name, ask)
    return text_of([*texts, *_path(template, name, ask), *parts_of(named)])


def _path(template: Template, name: str, ask: Ask) -> tuple[str | Hole, ...]:
    """Return the path in the ARN of a role or user, without its first slash."""
    resource = template.resources.get(name)
    if _kind(resource) not in ("AWS::IAM::Role", "AWS::IAM::User") or resource is None:
        return ()
    path = ask(_property(resource, "Path"))
    if path is None:
        return ()
    return (path.removeprefix("/"),) if isinstance(path, str) else (Hole(f"{name}.Path"),)


def _kind(resource: Node | None) -> str | None:
    kind = resource.get("Type") if resource else None
    return kind.text if kind else None


def _property(resource: Node, name: str) -> Node | None:
    properties = resource.get("Properties")
    return properties.get(name) if properties else None


def _made_by_sam(template: Template, name: str) -> str | None:
    maker = template.resources.get(name.removesuffix("Role")) if name.endswith("Role") else None
    return "AWS::IAM::Role" if maker and _kind(maker) in _WITH_ROLE else None
