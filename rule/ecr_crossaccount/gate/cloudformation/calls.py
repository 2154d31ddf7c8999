"""Custom resources of the AWS CDK that call an API of ECR to set a policy.

https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.custom_resources.AwsCustomResource.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ...policy.holes import Hole, Holed
from ..found import ANY_NAME, FoundPolicy, Harvest, Kind, Place
from ..located import parsed
from ..nodes import Fields, Node, plain, statements_of
from ..policies import names_under
from .resolve import Resolver
from .template import Template


@dataclass(frozen=True, slots=True)
class _Call:
    """What an API call is for, and where it has the policy and the name."""

    kind: Kind
    policy: str = "policyText"
    name: str | None = "repositoryName"


_CALLS = {
    "setrepositorypolicy": _Call(Kind.REPOSITORY),
    "putregistrypolicy": _Call(Kind.REGISTRY, name=None),
    "createrepositorycreationtemplate": _Call(Kind.CREATION_TEMPLATE, "repositoryPolicy", "prefix"),
    "updaterepositorycreationtemplate": _Call(Kind.CREATION_TEMPLATE, "repositoryPolicy", "prefix"),
}
_EVENTS = ("Create", "Update")


def called(template: Template, name: str, resource: Node) -> Harvest:
    """Return the policies that a custom resource sets by its calls, one for each that is unlike those before."""
    found: list[FoundPolicy] = []
    for written, call in _calls(template, resource):
        policy = _policy(template, name, written, call)
        if policy is not None and all(policy.policy != other.policy for other in found):
            found.append(policy)
    return Harvest(tuple(found))


def _calls(template: Template, resource: Node) -> Iterator[tuple[Node, Node]]:
    properties = resource.get("Properties") or Node(None)
    for event in _EVENTS:
        written = properties.get(event)
        resolved = Resolver(template).resolve(written) if written else None
        if written is not None and resolved is not None:
            yield written, parsed(resolved)


def _policy(template: Template, name: str, written: Node, call: Node) -> FoundPolicy | None:
    service, action = (_text(call.get(field)) for field in ("service", "action"))
    known = _CALLS.get(action.removesuffix("command"))
    if known is None or "ecr" not in service:
        return None
    at = Place(template.file, written.line, written.column)
    parameters = call.get("parameters") or Node(None)
    given = parameters.get(known.policy)
    policy = Node(Hole(known.policy)) if given is None else parsed(given)
    kind = Kind.PUBLIC_REPOSITORY if "public" in service and known.kind is Kind.REPOSITORY else known.kind
    return FoundPolicy(
        at,
        "/".join((*template.prefix, name)),
        kind,
        plain(policy),
        (at,) * len(statements_of(policy)),
        names=_names(parameters.get(known.name) if known.name else None, kind),
        account=template.account,
        region=template.region,
        notes=template.notes,
    )


def _text(node: Node | None) -> str:
    return (node.text or "").lower() if node else ""


def _names(name: Node | None, kind: Kind) -> tuple[str, ...]:
    if name is None or isinstance(name.value, (Hole, Holed, Fields, tuple)) or not name.text:
        return ANY_NAME
    return names_under(name.text) if kind is Kind.CREATION_TEMPLATE else (name.text,)
