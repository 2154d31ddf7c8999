"""Judges a resource, with the reader that `check` uses for templates."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from ...documents.holes import Hole, Text
from ...documents.json_grammar import BadJsonError
from ...documents.problems import quoted
from ...judgement.values.trust import Trust
from ...sources.check.findings import Finding, judged
from ...sources.files.values.documents import read_json
from ...sources.files.values.nodes import Node, mapped, replaced
from ...sources.formats.cloudformation.resources import is_ours, policy_of
from ...sources.formats.cloudformation.template import Template
from ...sources.formats.cloudformation.unjudged import LETS_NOBODY_IN
from ...sources.found.context import Context
from ...sources.found.found import FoundPolicy, Harvest
from .request import Json, RequestError

_REQUIRED = {
    "AWS::ECR::RegistryPolicy": "PolicyText",
    "AWS::ECR::ReplicationConfiguration": "ReplicationConfiguration",
    "AWS::ECR::PullThroughCacheRule": "UpstreamRegistryUrl",
}
"""The required property of each type."""

_HIDDEN = "a value that CloudFormation hides"
# AWS documents five asterisks for a parameter with NoEcho and for the hidden attributes of a custom resource. Its API
# returns four: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
# It is not documented what a hook receives for such a value. No policy needs four wildcards in a row.
_MASKED = re.compile(r"\*{4,}")
# https://docs.aws.amazon.com/cloudformation-cli/latest/hooks-userguide/lambda-hooks-create-lambda-function.html
_UNKNOWN = re.compile(rf"\{{\{{changeSet:[^{{}}]*\}}\}}|{_MASKED.pattern}")
"""The placeholders for values that are known after the change, or that are hidden."""


@dataclass(frozen=True, slots=True)
class DeploymentContext:
    """Where something is deployed, and what its owner trusts."""

    account: str
    region: str
    organization: str | None
    trust: Trust

    @property
    def context(self) -> Context:
        """The same as the gate's context."""
        return Context(self.account, self.region, self.organization, self.trust, today=self.trust.today)


def findings_of(kind: str, name: str, properties: Json, place: DeploymentContext) -> tuple[Finding, ...]:
    """Judge a resource with these properties. Raises RequestError if they cannot be read."""
    check_type(kind)
    if kind in LETS_NOBODY_IN:
        return ()
    required = _REQUIRED.get(kind)
    if required is not None and properties.get(required) is None:
        raise RequestError(f"{name} has no `{required}`")
    harvest = _harvest(kind, name, properties, place)
    if harvest.errors:
        raise RequestError("; ".join(one.reason for one in harvest.errors))
    return tuple(finding(found, place) for found in harvest.policies)


def check_type(kind: str) -> None:
    """Raise RequestError for a type that this version does not know."""
    if kind not in LETS_NOBODY_IN and not is_ours(kind):
        way_out = "take it out of the hook's TargetNames"
        raise RequestError(f"{quoted(kind)} is not a type that this version judges: {way_out}")


def finding(found: FoundPolicy, place: DeploymentContext) -> Finding:
    """Judge a policy that was found."""
    one = judged(found, place.context)
    return Finding(found, one.state, one.verdict)


def is_open(value: object) -> bool:
    """Return whether a value, or a part of it, is unknown, stored elsewhere, or hidden. Raises RequestError."""
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
    """Return a value with a hole for each part that is unknown or hidden."""
    return mapped(node, lambda one: one if one.text is None else one.but(replaced(one.text, _UNKNOWN, _hole)))


def _hole(found: Text | Hole) -> Hole:
    return Hole(_HIDDEN if str(found).startswith("*") else str(found).strip("{}"))


def no_outputs(template: Template, name: str, output: str) -> None:
    """Return the output of a nested stack: None, because it is unknown here."""
