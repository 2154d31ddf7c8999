"""Functions on texts and lists, and the values of references to other resources of the template.

They return a value as far as arguments and properties are known, else a hole.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Protocol

from ....documents.pattern import Hole, Holed, text_of
from ...files.values.nodes import ABSENT, Fields, Node, parts_of, text_in
from .template import Template

_IN_TEXT = re.compile(r"\$\{([^{}]*)\}")
_NAME = re.compile(r"!?[A-Za-z0-9:._]+")
_LONGEST = 1_048_576
"""The longest text that is made from others, in characters. ECR takes policies of 10,240."""


class Parts:
    """The parts of a text, and their length. A few names can make a text that does not fit in memory."""

    def __init__(self) -> None:
        self.parts: list[str | Hole] = []
        self._length = 0

    def add(self, *parts: str | Hole) -> None:
        """Append parts."""
        self.parts += parts
        self._length += sum(len(part) if isinstance(part, str) else 1 for part in parts)

    @property
    def too_long(self) -> bool:
        """Whether the text is too long to be a policy or a part of one."""
        return self._length > _LONGEST


def pieces(text: str) -> Iterator[tuple[str, str | None]]:
    """Yield the literal pieces of a text of Fn::Sub, each with the name that follows it."""
    end = 0
    for found in _IN_TEXT.finditer(text):
        name = found[1].strip()
        if _NAME.fullmatch(name) and not name.startswith("aws:"):
            yield text[end : found.start()], name
            end = found.end()
    yield text[end:], None


Resolved = Node | None
"""A resolved value. None represents `AWS::NoValue`."""


class Resolver(Protocol):
    """A resolver for the arguments of functions."""

    def resolve(self, node: Node) -> Resolved:
        """Return a value without intrinsic functions."""

    def text(self, node: Node | None) -> str | Holed | Hole | None:
        """Return a resolved scalar as text; None for any other value."""

    def static(self, text: str | Holed | Hole) -> str | Holed | Hole:
        """Return a text with a hole for each part that is stored elsewhere."""


def join(resolver: Resolver, argument: Node) -> Resolved:
    """Return the result of `Fn::Join`, of a delimiter and a list."""
    if len(argument.items) != 2:
        return Node(Hole("Fn::Join"))
    delimiter, values = resolver.text(argument.items[0]), resolver.resolve(argument.items[1])
    if delimiter is None or values is None or not isinstance(values.value, tuple):
        return Node(_made_of("Fn::Join", values))
    parts = Parts()
    for number, item in enumerate(values.items):
        text = text_in(item)
        if text is None or parts.too_long:
            return Node(Hole("Fn::Join"))
        parts.add(*(parts_of(delimiter) if number else ()), *parts_of(text))
    return Node(resolver.static(text_of(parts.parts)))


def split(resolver: Resolver, argument: Node) -> Resolved:
    """Return the result of `Fn::Split`: a list, or a hole if its length is unknown."""
    pieces, rest = _split(resolver, argument)
    if rest is not None:
        return Node(Hole(f"Fn::Split {rest.name}"))
    return Node(tuple(Node(piece) for piece in pieces))


def _split(resolver: Resolver, argument: Node) -> tuple[list[str], Hole | None]:
    """Return the pieces that are certain, and the hole that the rest depends on."""
    delimiter = resolver.text(argument.items[0]) if len(argument.items) == 2 else None
    source = resolver.text(argument.items[1]) if len(argument.items) == 2 else None
    if not isinstance(delimiter, str) or not delimiter or source is None:
        return [], Hole("Fn::Split")
    if isinstance(source, str):
        return source.split(delimiter), None
    parts = parts_of(source)
    before = parts[0] if isinstance(parts[0], str) else ""
    hole = next(part for part in parts if isinstance(part, Hole))
    return before.split(delimiter)[:-1], hole


def select(resolver: Resolver, argument: Node) -> Resolved:
    """Return the result of `Fn::Select`. In a split text, the pieces before its first hole are known."""
    index = resolver.text(argument.items[0]) if len(argument.items) == 2 else None
    if not isinstance(index, str) or not re.fullmatch("[0-9]{1,6}", index):
        return Node(Hole("Fn::Select"))
    place, values = int(index), argument.items[1]
    split = values.get("Fn::Split") if isinstance(values.value, Fields) and len(values.fields) == 1 else None
    if split is not None:
        pieces, hole = _split(resolver, split)
        if place < len(pieces):
            return Node(pieces[place])
        return Node(Hole(f"Fn::Select {place} {hole.name if hole else ''}".strip()))
    resolved = resolver.resolve(values)
    if resolved is not None and place < len(resolved.items):
        return resolved.items[place]
    return Node(_made_of(f"Fn::Select {place}", resolved))


def length(resolver: Resolver, argument: Node) -> Resolved:
    """Return the result of `Fn::Length`."""
    resolved = resolver.resolve(argument)
    if resolved is not None and isinstance(resolved.value, tuple):
        return Node(str(len(resolved.value)))
    return Node(Hole("Fn::Length"))


def _made_of(function: str, value: Resolved) -> Hole:
    """Return the hole for the result of a function with an unknown argument, named after both."""
    return Hole(f"{function} {value.value.name}" if value and isinstance(value.value, Hole) else function)


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
    resource = template.resources.get(name, ABSENT)
    named_by = _NAMED_BY.get(_kind(resource))
    given = ask(resource.find("Properties").get(named_by)) if named_by else None
    return Hole(name) if given is None else given


def value_of_attribute(template: Template, name: str, wanted: str, ask: Ask) -> Text:
    """Return the value of `Fn::GetAtt` for a resource."""
    whole = Hole(f"{name}.{wanted}")
    kind = _kind(template.resources.get(name, ABSENT)) or _made_by_sam(template, name)
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
    resource = template.resources.get(name, ABSENT)
    if _kind(resource) not in ("AWS::IAM::Role", "AWS::IAM::User"):
        return ()
    path = ask(resource.find("Properties").get("Path"))
    if path is None:
        return ()
    return (path.removeprefix("/"),) if isinstance(path, str) else (Hole(f"{name}.Path"),)


def _kind(resource: Node) -> str:
    return resource.find("Type").text or ""


def _made_by_sam(template: Template, name: str) -> str:
    maker = template.resources.get(name.removesuffix("Role"), ABSENT) if name.endswith("Role") else ABSENT
    return "AWS::IAM::Role" if _kind(maker) in _WITH_ROLE else ""
