"""From a manifest to the policies that it makes, with the values that the files of a Helm chart give to its templates.

https://helm.sh/docs/chart_template_guide/values_files/
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import field
from itertools import islice
from pathlib import Path

from ....documents.json import place_in
from ....documents.pattern import Hole, Text
from ....memo import by_value
from ...files.files import File, file_text
from ...files.marks import KUBERNETES, may_kustomize
from ...files.values.documents import read_yaml, variables
from ...files.values.nodes import Node
from ...found.context import Context
from ...found.found import ELSEWHERE, Harvest, Unjudged, unjudged_at
from ...reading.files import UnreadableError, files_like, is_file
from ...reading.yaml_events import BadYamlError
from . import kustomize
from .resource import Reading
from .walk import REGISTRY_POLICY, Found, Manifest, Names, manifests

_CHART, _TEMPLATES, _PARTS = "Chart.yaml", "templates", "charts"
_VALUE = re.compile(r"\{\{\s*\.Values((?:\.\w+)+)\s*(\|\s*quote\s*)?\}\}")
_PLAIN = re.compile(r"[\w./:@*+=,-]+")
_MOST_FILES = 32


@by_value
class Chart:
    """The values that all value files of a chart agree on, by path (`.partner`). `used`: those that a text has."""

    values: Mapping[str, str] = field(default_factory=dict)
    used: list[str] = field(default_factory=list)

    def opener(self, text: str) -> Text | Hole:
        """Return a text with the known values, and a hole for each other expression."""
        return variables(_VALUE.sub(self._value, text))

    def _value(self, found: re.Match[str]) -> str:
        value = self.values.get(found[1])
        if value is None:
            return found[0]
        self.used.append(f"Values{found[1]}")
        return f'"{value}"' if found[2] else value


def chart_of(template: str) -> Chart:
    """Return the chart of a template. It has no values if the file is not in one, or if another chart sets them."""
    for folder in Path(template).parents:
        if folder.name == _TEMPLATES and is_file(str(folder.parent / _CHART)):
            chart = folder.parent
            inside = chart.parent.name == _PARTS and is_file(str(chart.parent.parent / _CHART))
            return Chart() if inside else Chart(_agreed_values(chart))
    return Chart()


def _agreed_values(chart: Path) -> Mapping[str, str]:
    """Return the values in `values.yaml` that no other value file of the chart changes."""
    names = (one for end in ("yaml", "yml") for one in map(Path, files_like(str(chart), f"**/*values*.{end}")))
    files = list(islice((name for name in names if _TEMPLATES not in name.relative_to(chart).parts), _MOST_FILES + 1))
    usual = chart / "values.yaml"
    if usual not in files or len(files) > _MOST_FILES:
        return {}
    try:
        said = {file: _scalars(file) for file in files}
    except (UnreadableError, BadYamlError):
        return {}
    own = said.pop(usual)
    return {path: value for path, value in own.items() if all(one.get(path, value) == value for one in said.values())}


def _scalars(path: Path) -> Mapping[str, str]:
    """Return the texts in a file of values, by path. One that may be more than one word is empty."""
    documents = read_yaml(file_text(str(path)))
    found: dict[str, str] = {}
    waiting = [("", document) for document in documents[:1]]
    while waiting:
        path_, node = waiting.pop()
        waiting += [(f"{path_}.{name}", value) for name, value in node.fields]
        found[path_] = node.text if node.text is not None and _PLAIN.fullmatch(node.text) else ""
    return {name: value for name, value in found.items() if value}


_PROSE = (
    "a text or a patch that changes Amazon ECR and is not read: render it, and check the result with "
    "`ecr-crossaccount check -`"
)
_RENDER = "a template that changes Amazon ECR and is not read: `helm template … | ecr-crossaccount check -`"
_VALUES = "it rests on the values of its chart ({}): `--values` or `--set` may give others"

_KIND = re.compile(r"^\s*[\"']?kind[\"']?:\s*[\"']?([A-Za-z]+)", re.MULTILINE)
_NEAR = 200
"""The number of characters after the API group that are searched for the kind of a resource."""


def reading(roots: tuple[Node, ...], file: File, context: Context) -> Callable[[Node], Harvest | None]:
    """Return a function that reads the policies of a document. It returns None if the document has no ECR resource."""
    names = Names(roots)

    def read(root: Node) -> Harvest | None:
        changes = kustomize.is_kustomization(root, file.name) and may_kustomize(file.text)
        built = kustomize.read(root, file, context) if changes else None
        if built is not None:
            return built
        if root.get("apiVersion") is None and not KUBERNETES.search(file.text):
            return None
        chart = chart_of(file.name) if "{{" in file.text else Chart()
        found = [_read(manifest, file, context, names) for manifest in manifests(root, chart.opener)]
        return _add_note(Harvest.from_parts(found), chart) if found else None

    return read


def _add_note(found: Harvest, chart: Chart) -> Harvest:
    """Return what a template makes, with a note that it rests on values of its chart."""
    note = _VALUES.format(", ".join(f"`{text}`" for text in dict.fromkeys(chart.used)))
    return found.add_notes(note) if chart.used else found


def read_as_text(file: File, _: Context) -> Harvest | None:
    """Return the result for a chart's template. None if the file is not one, or makes no ECR resource."""
    if not (KUBERNETES.search(file.text) and "{{" in file.text):
        return None
    found = [_unjudged_resource(file, place) for place in KUBERNETES.finditer(file.text)]
    return Harvest(unjudged=tuple(dict.fromkeys(found)))


def _unjudged_resource(file: File, found: re.Match[str]) -> Unjudged:
    """Return the result for a resource of a template, named as far as its first lines show."""
    line, column = place_in(file.text, found.start())
    kind = _KIND.search(file.text, found.end(), found.end() + _NEAR)
    what = kind[1] if kind else found[0]
    return Unjudged(file.name, line, column, what, _RENDER, ELSEWHERE if what == REGISTRY_POLICY else None)


def _read(one: Found, file: File, context: Context, names: Names) -> Harvest:
    if isinstance(one, Manifest):
        return Reading(one, file, context, names).harvest()
    return unjudged_at(one.at.place(file.name), "/".join(one.above) or "text", _PROSE)
