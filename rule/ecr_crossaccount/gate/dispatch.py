"""Which reader a file is for: decided by what it holds, not by its name."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from . import policies
from .cloudformation.documents import documents
from .cloudformation.read import read as read_template
from .cloudformation.template import Template, is_template
from .context import Context
from .files import File, paths_under, read
from .found import NOTHING, Harvest, Skipped, unread
from .json_nodes import BadJsonError
from .nodes import Node
from .terraform import read as terraform
from .yaml_nodes import BadYamlError

_MARKS = (
    "AWS::",
    "AWSTemplateFormatVersion",
    "policyText",
    "planned_values",
    "aws_ecr",
    "awscc_ecr",
    "aws_cloudformation_stack",
    '"Statement"',
    "Statement:",
)
"""Words without which a file is certainly none of ours, in whatever state it is."""

_ESCAPES = ("\\u", "\\x", "\\U", "\\\n")
"""How JSON and YAML can spell those words otherwise."""

NOT_OURS = "neither a template nor a plan nor a policy of ECR"


def harvest(paths: Iterable[str], context: Context) -> Harvest:
    """Return everything under `paths`; a file that cannot be read does not keep the others from it.

    A template that another one nests is read there, with the parameters that it gets, and not a second time.
    """
    files = list(_files(paths))
    parts = [(name, named, part) for name, named in files for part in [_harvest(name, context, named=named)]]
    followed = {os.path.realpath(path) for _, _, part in parts for path in part.followed}
    return Harvest.of(part for name, named, part in parts if named or os.path.realpath(name) not in followed)


def _files(paths: Iterable[str]) -> Iterator[tuple[str, bool]]:
    seen: set[str] = set()
    for path in paths:
        for name, named in paths_under(path):
            if name not in seen:
                seen.add(name)
                yield name, named


def _harvest(name: str, context: Context, *, named: bool) -> Harvest:
    file = read(name, named=named)
    return file if isinstance(file, Harvest) else read_file(file, context)


def read_file(file: File, context: Context) -> Harvest:
    """Return what a file holds."""
    if not file.text.strip():
        return unread(file.name, "empty") if file.named else NOTHING
    if not (file.named or _is_marked(file.text)):
        return NOTHING
    try:
        roots = documents(file.text)
    except (BadJsonError, BadYamlError) as error:
        return unread(file.name, str(error), error.line) if file.named or _is_marked(file.text) else NOTHING
    parts = [_document(root, file, context) for root in roots]
    known = [part for part in parts if part is not None]
    return Harvest.of(known) if known or not file.named else Harvest(skipped=(Skipped(file.name, NOT_OURS),))


def _document(root: Node, file: File, context: Context) -> Harvest | None:
    """Return what one document of a file holds, None if it is nothing of ours."""
    if is_template(root):
        given = {name: Node(value) for name, value in context.parameters.items()}
        account, region = context.account, context.region
        return read_template(Template(file.name, file.text, root, given, account=account, region=region))
    readers = (policies.read, terraform.read)
    return next((found for read in readers if (found := read(root, file, context)) is not None), None)


def _is_marked(text: str) -> bool:
    return any(mark in text for mark in _MARKS) or any(escape in text for escape in _ESCAPES)
