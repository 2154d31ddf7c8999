"""What of ECR a template has that nobody judges: said, so that nobody takes it for safe."""

from __future__ import annotations

from ..found import Harvest, Unjudged, unknown_type
from ..values.nodes import Node
from .template import Template

LETS_NOBODY_IN = frozenset(
    f"AWS::ECR::{name}" for name in ("PullTimeUpdateExclusion", "RegistryScanningConfiguration", "SigningConfiguration")
)
"""Types of ECR that let nobody in."""


def is_of_ecr(kind: str) -> bool:
    """Tell whether a type looks like one of ECR, known here or not, in whatever case it is written."""
    return kind.lower().startswith("aws::ecr")


def without_policy(template: Template, key: Node, kind: str) -> Harvest:
    """Return what to say of a resource of ECR that no judge knows; nothing of one that lets nobody in."""
    return Harvest() if kind in LETS_NOBODY_IN else unjudged(template, key, unknown_type(kind))


def unjudged(template: Template, key: Node, reason: str) -> Harvest:
    """Return the harvest that says why a resource, whose logical id is `key`, was not judged."""
    shown = "/".join((*template.prefix, str(key.value)))
    return Harvest(unjudged=(Unjudged(template.file, key.line, key.column, shown, reason),))
