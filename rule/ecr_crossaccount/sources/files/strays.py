"""ECR policies in data that no reader knows. They are reported, so that none is missed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...documents.json_grammar import BadJsonError
from ..found.found import Harvest, Skipped, Unjudged
from ..reading.yaml_events import BadYamlError
from .cdk import is_construct_tree
from .files import File
from .marks import CALLED_WHEN_RUN, SERVICE_CALL, is_about_ecr
from .policies import is_statement_of_ecr, speaks_of_ecr
from .values.documents import documents_inside
from .values.nodes import Node

_STRAY = (
    "an ECR policy in a kind of file that is not read: check the file that sets it, or save the policy as a file and "
    "check that"
)
_TEXT = (
    "the file reads as one text, not as data, and mentions a policy of ECR: write the policy as JSON, which has no "
    "comments, or as YAML"
)
_TREE = "the construct tree of the CDK, which is not deployed: the templates beside it are judged"
_SOURCE = re.compile(
    r'resource\s+"aws(?:cc)?_ecr(?:public)?_'
    r'(?:\w*(?:policy|repository)|repository_creation_template|replication_configuration|pull_through_cache_rule)"'
)
_SIGNS = re.compile(rf"Principal|{_SOURCE.pattern}")
_MOST_NESTED = 3
"""The deepest nesting of texts in texts."""


def strays(root: Node, file: File) -> Harvest | None:
    """Return the result for a document that no reader knows, or None if it contains no ECR policy."""
    calls = tuple(_calls_in(root, file)) if SERVICE_CALL.search(file.text) else ()
    if not _SIGNS.search(file.text):
        return Harvest(unjudged=calls) if calls else None
    if is_construct_tree(root, file.name):
        return Harvest(skipped=(Skipped(file.name, _TREE),))
    found = tuple(Unjudged(file.name, at.line, at.column, name, _STRAY) for name, at in policies_in(root, "policy"))
    if not found and root.text is not None and "Effect" in root.text and is_about_ecr(root.text):
        found = (Unjudged(file.name, root.line, root.column, "policy", _TEXT),)
    return Harvest(unjudged=found + calls) if found or calls else None


def _calls_in(node: Node, file: File) -> Iterator[Unjudged]:
    """Yield the calls of ECR that a state machine or a schedule makes."""
    for one in (*(value for _, value in node.fields), *node.items):
        yield from _calls_in(one, file)
    for found in SERVICE_CALL.finditer(node.text or ""):
        yield Unjudged(file.name, node.line, node.column, found["call"], CALLED_WHEN_RUN)


def policies_in(node: Node, name: str, depth: int = 0) -> Iterator[tuple[str, Node]]:
    """Yield the policies in a value, and sources that make one, each with the name of its field.

    `depth`: the number of texts around the value.
    """
    if (node.get("Statement") is not None and speaks_of_ecr(node)) or is_statement_of_ecr(node):
        yield name, node
        return
    for field, value in node.fields:
        yield from policies_in(value, field, depth)
    for item in node.items:
        yield from policies_in(item, name, depth)
    text = node.text or ""
    if not _SIGNS.search(text):
        return
    inside = _inside(node) if depth < _MOST_NESTED else ()
    if _SOURCE.search(text) or any(any(policies_in(one, name, depth + 1)) for one in inside):
        yield name, node


def _inside(node: Node) -> tuple[Node, ...]:
    try:
        return tuple(documents_inside(node.text or "", node))
    except (BadJsonError, BadYamlError):
        return ()
