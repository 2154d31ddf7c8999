"""Resources that call the API of ECR: what they set, as far as the template says it.

Of the AWS CDK's custom resources, the template has the very call; of others, at most that there is one.

https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.custom_resources.AwsCustomResource.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ...policy.holes import Hole, Holed
from ..exchanges import cache, outside, replication
from ..found import ANY_NAME, FoundPolicy, Harvest, Kind, Place
from ..located import parsed
from ..nodes import Fields, Node, plain, statements_of
from ..policies import names_under
from .resolve import Resolver
from .template import Template
from .unjudged import unjudged


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
_EXCHANGES = {
    "putreplicationconfiguration": replication("replicationConfiguration", "rules", "destinations", "registryId"),
    "createpullthroughcacherule": cache("upstreamRegistryUrl"),
}
_WITHOUT_ACCESS = re.compile(
    r"(?:get|describe|list|batch|delete|tag|untag|startimagescan|startlifecycle|validate)[a-z]*"
    r"|createrepository|putlifecyclepolicy|putimage(?:scanningconfiguration|tagmutability)?"
    r"|putregistryscanningconfiguration|putaccountsetting|put(?:registry|repository)catalogdata"
)
"""Calls of ECR that let nobody in."""

_HARMLESS = frozenset({"Custom::ECRAutoDeleteImages"})
"""Custom resources of the AWS CDK that speak of ECR and let nobody in."""

_EVENTS = ("Create", "Update")
_SPEAKS_OF_ECR = re.compile(r"\becr\b|ecr:|(?:repository|registry)_?policy", re.IGNORECASE)
_SETS_POLICIES = re.compile(
    r"(?:aws-sdk:ecr:|(?<!ecr:)(?<!ecr-public:))\b(?:set[-_]?repository[-_]?policy|put[-_]?registry[-_]?policy)\b",
    re.IGNORECASE,
)
"""A call in a program, and not an action in a policy of IAM."""


def called(template: Template, key: Node, resource: Node) -> Harvest:
    """Return the policies that a custom resource sets by its calls, one for each that is unlike those before."""
    kind = resource.get("Type")
    if kind is not None and kind.text in _HARMLESS:
        return Harvest()
    found: list[FoundPolicy] = []
    others: list[Harvest] = []
    calls = list(_calls(template, resource))
    for written, call in calls:
        policy = _policy(template, str(key.value), written, call)
        if policy is None:
            others.append(_other(template, key, call))
        elif all(policy.policy != other.policy for other in found):
            found.append(policy)
    if not calls and _speaks_of_ecr(resource):
        return unjudged(template, key, "its function may set ECR policies: check what that does")
    return Harvest.of([Harvest(tuple(found)), *others])


def by_its_code(template: Template, key: Node, resource: Node) -> Harvest:
    """Return what to say of a resource of another service whose code calls ECR to set a policy."""
    if not _SETS_POLICIES.search(template.text):
        return Harvest()
    call = next((found[0] for text in _texts(resource) if (found := _SETS_POLICIES.search(text))), None)
    if call is None:
        return Harvest()
    return unjudged(template, key, f"it calls `{call}` when it runs: check which policies it sets")


def _other(template: Template, key: Node, call: Node) -> Harvest:
    """Return what to say of a call that sets no policy; nothing of one that lets nobody in."""
    service, action = _names_of(call)
    exchange = _EXCHANGES.get(action)
    if "ecr" not in service or _WITHOUT_ACCESS.fullmatch(action):
        return Harvest()
    if exchange is None:
        return unjudged(template, key, f"it calls `{action}` of ECR: check what that lets others do")
    reasons = dict.fromkeys(outside(exchange, plain(call.get("parameters") or Node(None)), template.account))
    return Harvest.of(unjudged(template, key, one) for one in reasons)


def _speaks_of_ecr(resource: Node) -> bool:
    return any(_SPEAKS_OF_ECR.search(text) for text in _texts(resource))


def _texts(node: Node) -> Iterator[str]:
    """Yield every text in a value, names too."""
    for name, value in node.fields:
        yield name
        yield from _texts(value)
    for item in node.items:
        yield from _texts(item)
    if node.text is not None:
        yield node.text


def _calls(template: Template, resource: Node) -> Iterator[tuple[Node, Node]]:
    properties = resource.get("Properties") or Node(None)
    for event in _EVENTS:
        written = properties.get(event)
        resolved = Resolver(template).resolve(written) if written else None
        if written is not None and resolved is not None:
            yield written, parsed(resolved)


def _policy(template: Template, name: str, written: Node, call: Node) -> FoundPolicy | None:
    service, action = _names_of(call)
    known = _CALLS.get(action)
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


def _names_of(call: Node) -> tuple[str, str]:
    """Return service and action of a call in small letters, whichever version of the SDK they are of."""
    return _text(call.get("service")), _text(call.get("action")).removesuffix("command")


def _text(node: Node | None) -> str:
    return (node.text or "").lower() if node else ""


def _names(name: Node | None, kind: Kind) -> tuple[str, ...]:
    if name is None or isinstance(name.value, (Hole, Holed, Fields, tuple)) or not name.text:
        return ANY_NAME
    return names_under(name.text) if kind is Kind.CREATION_TEMPLATE else (name.text,)
