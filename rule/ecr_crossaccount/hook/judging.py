"""A resource put to the judgement, by the reader that `check` reads templates with."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from ..access.named import trust_in
from ..access.trust import Trust
from ..gate.cloudformation.resources import is_ours, policy_of
from ..gate.cloudformation.template import Template
from ..gate.cloudformation.unjudged import LETS_NOBODY_IN
from ..gate.context import Context
from ..gate.findings import Finding
from ..gate.found import FoundPolicy, Harvest
from ..gate.judging import judged
from ..gate.values.holed import replaced
from ..gate.values.json_nodes import BadJsonError, read_json
from ..gate.values.nodes import Fields, Node
from ..policy.holes import Hole, Text
from ..policy.problems import quoted
from .request import Json, RequestError

_REQUIRED = {
    "AWS::ECR::RegistryPolicy": "PolicyText",
    "AWS::ECR::ReplicationConfiguration": "ReplicationConfiguration",
    "AWS::ECR::PullThroughCacheRule": "UpstreamRegistryUrl",
}
"""What a type cannot be without."""

_HIDDEN = "a value that CloudFormation hides"
# AWS documents five asterisks for a parameter with NoEcho and for what is hidden of a custom resource's attributes, and
# its API answers four: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
# What a hook is sent for such a value is not documented. Nobody needs four wildcards in a row.
_MASKED = re.compile(r"\*{4,}")
# https://docs.aws.amazon.com/cloudformation-cli/latest/hooks-userguide/lambda-hooks-create-lambda-function.html
_UNKNOWN = re.compile(rf"\{{\{{changeSet:[^{{}}]*\}}\}}|{_MASKED.pattern}")
"""What stands for a value that is known after the change, or that is not shown."""


@dataclass(frozen=True, slots=True)
class DeploymentContext:
    """Where something is deployed, and whom its owner trusts."""

    account: str
    region: str
    organization: str | None
    trust: Trust

    @property
    def context(self) -> Context:
        """The same, as the gate takes it."""
        return Context(self.account, self.region, self.organization, self.trust, today=self.trust.today)


def findings_of(kind: str, name: str, properties: Json, place: DeploymentContext) -> tuple[Finding, ...]:
    """Judge the resource that properties make. Raises RequestError where they cannot be read."""
    check_type(kind)
    if kind in LETS_NOBODY_IN:
        return ()
    required = _REQUIRED.get(kind)
    if required is not None and properties.get(required) is None:
        raise RequestError(f"{name} has no `{required}`")
    harvest = _harvest(kind, name, properties, place)
    if harvest.errors:
        raise RequestError("; ".join(one.message for one in harvest.errors))
    return tuple(finding(found, place) for found in harvest.policies)


def check_type(kind: str) -> None:
    """Raise RequestError for a type of which this version knows nothing."""
    if kind not in LETS_NOBODY_IN and not is_ours(kind):
        way_out = "take it out of the hook's TargetNames"
        raise RequestError(f"{quoted(kind)} is not a type that this version judges: {way_out}")


def finding(found: FoundPolicy, place: DeploymentContext) -> Finding:
    """Judge a policy that was found."""
    one = judged(found, found.account or place.account, place.context)
    return Finding(found, one.repository, one.verdict, trust=trust_in(place.trust, found.names))


def is_open(value: object) -> bool:
    """Tell whether a value, or a part of it, is not known yet, stored elsewhere, or not shown. Raises RequestError."""
    text = _written(value, "its names")
    return "{{" in text or _MASKED.search(text) is not None


def _written(value: object, what: str) -> str:
    try:
        return json.dumps(value)
    except RecursionError:
        raise RequestError(f"{what} cannot be read: nested too deeply") from None


def _harvest(kind: str, name: str, properties: Json, place: DeploymentContext) -> Harvest:
    what = f"the properties of {name}"
    try:
        read = read_json(_written({"Resources": {name: {"Type": kind, "Properties": properties}}}, what))
    except BadJsonError as error:
        raise RequestError(f"{what} cannot be read: {error}") from None
    root = _with_holes(read)
    template = Template("", "", root, no_outputs, account=place.account, region=place.region)
    resource = template.resources[name]
    return policy_of(template, Node(name), resource, kind)


def _with_holes(node: Node) -> Node:
    """Return a value with a hole for everything in it that is not known yet, or not shown."""
    match node.value:
        case Fields() as fields:
            return node.but(Fields(tuple((name, _with_holes(one)) for name, one in fields.pairs)))
        case tuple() as items:
            return node.but(tuple(map(_with_holes, items)))
        case str() as text:
            return node.but(replaced(text, _UNKNOWN, _hole))
        case _:
            return node


def _hole(found: Text | Hole) -> Hole:
    return Hole(_HIDDEN if str(found).startswith("*") else str(found).strip("{}"))


def no_outputs(template: Template, name: str, output: str) -> None:
    """Return what a nested stack gives, which is not known here."""
