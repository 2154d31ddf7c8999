"""Which reader a file is for: decided by what it holds, not by its name."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from . import policies
from .context import Context
from .files import HCL_SUFFIXES, File, paths_under, read
from .found import NOTHING, Harvest, Skipped, unread
from .json_nodes import BadJsonError
from .nodes import Node
from .terraform import read as terraform

_MARKS = ("AWS::", "AWSTemplateFormatVersion", "policyText", "planned_values", "aws_ecr", '"Statement"')
"""Words without which a file that cannot be read is certainly none of ours."""

NOT_OURS = "neither a template nor a plan nor a policy of ECR"


def harvest(paths: Iterable[str], context: Context) -> Harvest:
    """Return everything under `paths`; a file that cannot be read does not keep the others from it."""
    return Harvest.of(_harvests(paths, context))


def _harvests(paths: Iterable[str], context: Context) -> Iterator[Harvest]:
    seen: set[str] = set()
    sources: list[str] = []
    for path in paths:
        for name, named in paths_under(path):
            if name in seen:
                continue
            seen.add(name)
            if name.lower().endswith(HCL_SUFFIXES):
                # The files of a folder are one configuration: what one of them says depends on all of them.
                sources.append(os.path.dirname(name))  # noqa: PTH120 - keeps `./a` as the user wrote it
                continue
            file = read(name, named=named)
            yield file if isinstance(file, Harvest) else read_file(file, context)
    if sources:
        from .hcl.read import read as read_sources

        yield read_sources(sources, context)


def read_file(file: File, context: Context) -> Harvest:
    """Return what a file holds."""
    if not file.text.strip():
        return unread(file.name, "empty") if file.named else NOTHING
    if file.text.lstrip().startswith(("{", "[")):
        return _json(file, context)
    return _not_ours(file)


def _json(file: File, context: Context) -> Harvest:
    root = policies.read_text(file)
    if isinstance(root, BadJsonError):
        return unread(file.name, str(root), root.line) if file.named or _is_marked(file) else NOTHING
    found = _first(root, file, context)
    return _not_ours(file) if found is None else found


def _first(root: Node, file: File, context: Context) -> Harvest | None:
    """Return what the first reader finds that knows the file."""
    readers = (policies.read, terraform.read)
    return next((found for read in readers if (found := read(root, file, context)) is not None), None)


def _is_marked(file: File) -> bool:
    return any(mark in file.text for mark in _MARKS)


def _not_ours(file: File) -> Harvest:
    return Harvest(skipped=(Skipped(file.name, NOT_OURS),)) if file.named else NOTHING
