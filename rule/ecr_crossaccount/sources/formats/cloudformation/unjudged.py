"""ECR resources of a template that are not judged. They are reported, so that they do not seem safe."""

from __future__ import annotations

from ...files.values.nodes import Node
from ...found.found import Harvest, Unjudged, unknown_type
from .template import Template

LETS_NOBODY_IN = frozenset(
    f"AWS::ECR::{name}" for name in ("PullTimeUpdateExclusion", "RegistryScanningConfiguration", "SigningConfiguration")
)
"""Types of ECR resources that give no access."""


def is_of_ecr(kind: str) -> bool:
    """Return whether a type looks like one of ECR, even if it is unknown, in any case."""
    return kind.lower().startswith("aws::ecr")


def without_policy(template: Template, key: Node, kind: str) -> Harvest:
    """Return the result for an ECR resource of an unknown type. It is empty for a type that gives no access."""
    return Harvest() if kind in LETS_NOBODY_IN else unjudged(template, key, unknown_type(kind))


def unjudged(template: Template, key: Node, reason: str) -> Harvest:
    """Return the harvest that says why the resource with the logical ID `key` was not judged."""
    shown = "/".join((*template.prefix, str(key.value)))
    return Harvest(unjudged=(Unjudged(template.file, key.line, key.column, shown, reason),))
