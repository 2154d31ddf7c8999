"""What of ECR a template has that nobody judges: said, so that nobody takes it for safe."""

from __future__ import annotations

from ..found import Harvest, Unjudged
from ..nodes import Node
from .template import Template


def unjudged(template: Template, key: Node, reason: str) -> Harvest:
    """Return the harvest that says why a resource, whose logical id is `key`, was not judged."""
    shown = "/".join((*template.prefix, str(key.value)))
    return Harvest(unjudged=(Unjudged(template.file, key.line, key.column, shown, reason),))
