"""The policy itself, as `aws ecr set-repository-policy --policy-text file://…` takes it."""

from __future__ import annotations

from ... import Repository
from ..json_text import written
from . import Document

FILE = "policy.json"


def render(policy: Document, repository: Repository) -> str:  # noqa: ARG001 - every form is asked alike
    """Return `policy` as JSON, in ASCII: what it hides from the eye stays an escape."""
    return written(policy)
