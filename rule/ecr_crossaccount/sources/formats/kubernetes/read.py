"""From a manifest to the policies that it makes."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from ....documents.json_grammar import place_in
from ...files.files import File
from ...files.values.nodes import Node
from ...found.context import Context
from ...found.found import ELSEWHERE, Harvest, Unjudged
from . import kustomize
from .charts import Chart, chart_of
from .groups import MARK, REGISTRY_POLICY
from .names import Names
from .resource import Reading
from .walk import Found, Manifest, manifests

_PROSE = (
    "a text or a patch that changes Amazon ECR and is not read: render it, and check the result with "
    "`ecr-crossaccount check -`"
)
_RENDER = "a template that changes Amazon ECR and is not read: `helm template … | ecr-crossaccount check -`"
_VALUES = "it rests on the values of its chart ({}): `--values` or `--set` may give others"

_KIND = re.compile(r"^\s*[\"']?kind[\"']?:\s*[\"']?([A-Za-z]+)", re.MULTILINE)
_NEAR = 200
"""The number of characters after the API group that are searched for the kind of a resource."""


def is_manifest(text: str) -> bool:
    """Return whether a file mentions one of ECR's API groups."""
    return MARK.search(text) is not None


def is_marked(text: str) -> bool:
    """Return whether a file may hold a manifest of ECR, or a kustomization that changes one."""
    return is_manifest(text) or kustomize.may_change(text)


def reading(roots: tuple[Node, ...], file: File, context: Context) -> Callable[[Node], Harvest | None]:
    """Return a function that reads the policies of a document. It returns None if the document has no ECR resource."""
    names = Names(roots)

    def read(root: Node) -> Harvest | None:
        changes = kustomize.is_kustomization(root, file.name) and kustomize.may_change(file.text)
        built = kustomize.read(root, file, context) if changes else None
        if built is not None:
            return built
        if root.get("apiVersion") is None and not is_manifest(file.text):
            return None
        chart = chart_of(file.name) if "{{" in file.text else Chart()
        found = [_read(one, file, context, names) for one in manifests(root, chart.opener)]
        return _noted(Harvest.of(found), chart) if found else None

    return read


def _noted(found: Harvest, chart: Chart) -> Harvest:
    """Return what a template makes, with a note that it rests on values of its chart."""
    if not chart.used:
        return found
    note = _VALUES.format(", ".join(f"`{one}`" for one in dict.fromkeys(chart.used)))
    return replace(found, policies=tuple(replace(one, notes=(*one.notes, note)) for one in found.policies))


def unrendered(file: File, _: Context) -> Harvest | None:
    """Return the result for a chart's template. None if the file is not one, or makes no ECR resource."""
    if not (is_manifest(file.text) and "{{" in file.text):
        return None
    found = [_at(file, place) for place in MARK.finditer(file.text)]
    return Harvest(unjudged=tuple(dict.fromkeys(found)))


def _at(file: File, found: re.Match[str]) -> Unjudged:
    """Return the result for a resource of a template, named as far as its first lines show."""
    line, column = place_in(file.text, found.start())
    kind = _KIND.search(file.text, found.end(), found.end() + _NEAR)
    what = kind[1] if kind else found[0]
    return Unjudged(file.name, line, column, what, _RENDER, ELSEWHERE if what == REGISTRY_POLICY else None)


def _read(one: Found, file: File, context: Context, names: Names) -> Harvest:
    if isinstance(one, Manifest):
        return Reading(one, file, context, names).harvest()
    name = "/".join(one.above) or "text"
    return Harvest(unjudged=(Unjudged(file.name, one.at.line, one.at.column, name, _PROSE),))
