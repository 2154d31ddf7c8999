"""The values that the files of a Helm chart give to its templates.

https://helm.sh/docs/chart_template_guide/values_files/
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from ....documents.holes import Hole, Text
from ...files.files import file_text
from ...files.values.documents import read_yaml
from ...files.values.nodes import Node
from ...files.values.templated import variables
from ...reading.files import UnreadableError, files_like, is_file
from ...reading.yaml_events import BadYamlError

_CHART, _TEMPLATES, _PARTS = "Chart.yaml", "templates", "charts"
_VALUE = re.compile(r"\{\{\s*\.Values((?:\.\w+)+)\s*(\|\s*quote\s*)?\}\}")
_PLAIN = re.compile(r"[\w./:@*+=,-]+")
_MOST_FILES = 32


@dataclass(frozen=True, slots=True)
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
            return Chart() if inside else Chart(_agreed(chart))
    return Chart()


def _agreed(chart: Path) -> Mapping[str, str]:
    """Return the values in `values.yaml` that no other value file of the chart changes."""
    names = (one for end in ("yaml", "yml") for one in map(Path, files_like(str(chart), f"**/*values*.{end}")))
    files = list(islice((one for one in names if _TEMPLATES not in one.relative_to(chart).parts), _MOST_FILES + 1))
    usual = chart / "values.yaml"
    if usual not in files or len(files) > _MOST_FILES:
        return {}
    try:
        said = {one: _scalars(one) for one in files}
    except (UnreadableError, BadYamlError):
        return {}
    own = said.pop(usual)
    return {path: value for path, value in own.items() if all(one.get(path, value) == value for one in said.values())}


def _scalars(path: Path) -> Mapping[str, str]:
    """Return the texts in a file of values, by path. One that may be more than one word is empty."""
    documents = read_yaml(file_text(str(path)))
    found: dict[str, str] = {}
    waiting = [("", one) for one in documents[:1]]
    while waiting:
        path_, node = waiting.pop()
        waiting += [(f"{path_}.{name}", value) for name, value in node.fields]
        found[path_] = _word(node)
    return {name: value for name, value in found.items() if value}


def _word(node: Node) -> str:
    return node.text if node.text is not None and _PLAIN.fullmatch(node.text) else ""
