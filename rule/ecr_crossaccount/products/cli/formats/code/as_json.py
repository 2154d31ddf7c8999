"""The policy itself, as `aws ecr set-repository-policy --policy-text file://…` takes it."""

from __future__ import annotations

from .....judgement.judge import Repository
from ...base.json_text import written
from . import Document

FILE = "policy.json"


def render(policy: Document, repository: Repository) -> str:  # noqa: ARG001 - every form has the same signature
    """Return `policy` as JSON in ASCII, so that invisible characters stay visible as escapes."""
    return written(policy)
