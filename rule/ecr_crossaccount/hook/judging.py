"""A resource put to the judgement, by the reader that `check` reads templates with."""

from __future__ import annotations

import json
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
from ..gate.values.json_nodes import read_json
from ..gate.values.nodes import Node
from ..policy.problems import quoted
from .request import Json, RequestError

_REQUIRED = {
    "AWS::ECR::RegistryPolicy": "PolicyText",
    "AWS::ECR::ReplicationConfiguration": "ReplicationConfiguration",
    "AWS::ECR::PullThroughCacheRule": "UpstreamRegistryUrl",
}
"""What a type cannot be without."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is deployed, and whom its owner trusts."""

    account: str
    region: str
    organization: str | None
    trust: Trust

    @property
    def context(self) -> Context:
        """The same, as the gate takes it."""
        return Context(self.account, self.region, self.organization, self.trust, today=self.trust.today)


def findings_of(kind: str, name: str, properties: Json, place: Place) -> tuple[Finding, ...]:
    """Judge the resource that properties make. Raises RequestError where they cannot be read."""
    check_type(kind)
    if kind in LETS_NOBODY_IN:
        return ()
    required = _REQUIRED.get(kind)
    if required is not None and required not in properties:
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


def finding(found: FoundPolicy, place: Place) -> Finding:
    """Judge a policy that was found."""
    one = judged(found, found.account or place.account, place.context)
    return Finding(found, one.repository, one.verdict, trust=trust_in(place.trust, found.names))


def _harvest(kind: str, name: str, properties: Json, place: Place) -> Harvest:
    root = read_json(json.dumps({"Resources": {name: {"Type": kind, "Properties": properties}}}))
    template = Template("", "", root, no_outputs, account=place.account, region=place.region)
    resource = template.resources[name]
    return policy_of(template, Node(name), resource, kind)


def no_outputs(template: Template, name: str, output: str) -> None:
    """Return what a nested stack gives, which is not known here."""
