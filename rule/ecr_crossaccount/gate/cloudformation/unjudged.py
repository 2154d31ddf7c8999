"""What of ECR a template has that nobody judges: said, so that nobody takes it for safe."""

from __future__ import annotations

from ..exchanges import cache, outside, replication, unknown_type
from ..found import Harvest, Unjudged
from ..nodes import Node, plain
from .template import Template
from .worlds import worlds

_EXCHANGES = {
    "AWS::ECR::ReplicationConfiguration": replication(
        "ReplicationConfiguration", "Rules", "Destinations", "RegistryId"
    ),
    "AWS::ECR::PullThroughCacheRule": cache("UpstreamRegistryUrl"),
}
_WITHOUT_ACCESS = frozenset(
    f"AWS::ECR::{name}" for name in ("PullTimeUpdateExclusion", "RegistryScanningConfiguration", "SigningConfiguration")
)
"""Types of ECR that let nobody in."""


def without_policy(template: Template, key: Node, resource: Node, kind: str) -> Harvest:
    """Return what to say of a resource of ECR that has no policy; nothing where it keeps to its own registry."""
    if kind in _WITHOUT_ACCESS:
        return Harvest()
    exchange = _EXCHANGES.get(kind)
    if exchange is None:
        return unjudged(template, key, unknown_type(kind))
    properties = resource.get("Properties") or Node(None)
    values = [plain(resolved) for _, resolved in worlds(template, properties) if resolved is not None]
    reasons = dict.fromkeys(one for value in values for one in outside(exchange, value, template.account))
    return Harvest.of(unjudged(template, key, one) for one in reasons)


def unjudged(template: Template, key: Node, reason: str) -> Harvest:
    """Return the harvest that says why a resource, whose logical id is `key`, was not judged."""
    shown = "/".join((*template.prefix, str(key.value)))
    return Harvest(unjudged=(Unjudged(template.file, key.line, key.column, shown, reason),))
