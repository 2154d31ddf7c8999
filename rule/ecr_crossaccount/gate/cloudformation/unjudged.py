"""What of ECR a template has that nobody judges: said, so that nobody takes it for safe."""

from __future__ import annotations

from collections.abc import Iterable

from ..exchanges import Exchange, cache, outside, replication, unknown_type
from ..found import Harvest, Unjudged
from ..values.nodes import Node, plain
from .template import Template
from .worlds import World, worlds

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
    found = worlds(template, properties)
    rests_on = {name for one in found for name in one.rests_on}
    reasons = _reasons(template, exchange, found)
    if not reasons and rests_on:
        reasons = _reasons(template, exchange, worlds(template.undefaulted(rests_on), properties))
    return Harvest.of(unjudged(template, key, one) for one in reasons)


def _reasons(template: Template, exchange: Exchange, found: Iterable[World]) -> dict[str, None]:
    values = (plain(one.resolved) for one in found if one.resolved is not None)
    return dict.fromkeys(one for value in values for one in outside(exchange, value, template.account))


def unjudged(template: Template, key: Node, reason: str) -> Harvest:
    """Return the harvest that says why a resource, whose logical id is `key`, was not judged."""
    shown = "/".join((*template.prefix, str(key.value)))
    return Harvest(unjudged=(Unjudged(template.file, key.line, key.column, shown, reason),))
