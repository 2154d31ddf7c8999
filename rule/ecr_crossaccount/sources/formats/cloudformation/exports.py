"""The exports of the stacks of one run. CloudFormation makes them available in the same account and Region.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from ....documents.holes import Hole
from ....documents.json import BadJsonError
from ...files.cdk import environment_of
from ...files.files import file_text
from ...files.values.documents import documents_of
from ...files.values.nodes import Node, plain
from ...found.kept import Kept
from ...reading.files import UnreadableError
from ...reading.yaml_events import BadYamlError
from .nested import output_of
from .resolve import Resolver
from .template import Template, is_template

_MARK = "Export"
_MOST_IMPORTS = 20
"""The most stacks that an export is imported through."""
_MOST_KEPT = 1_000_000
"""The most characters of templates that are kept parsed, which takes about 30 times as much memory."""


class Exports:
    """The exports of the templates in some files. The files are read at the first import."""

    def __init__(self, files: Sequence[str], parameters: Mapping[str, str]) -> None:
        self._exporting = dict.fromkeys(files)
        self._names: dict[tuple[str | None, str | None], dict[str, dict[str, None]]] = {}
        self._kept = Kept[tuple[Template, ...]](_MOST_KEPT)
        self._parameters = parameters
        self._asking: set[str] = set()

    def value(self, name: str, importer: Template) -> tuple[Node, bool] | None:
        """Return the value of an export, and whether it depends on a default there.

        Returns None if no template here has it, or if several have it with different values, or if it is imported
        through too many stacks.
        """
        if name in self._asking or len(self._asking) >= _MOST_IMPORTS:
            return None
        self._asking.add(name)
        try:
            found = [(value, rests) for value, rests in self._values(name, importer) if value is not None]
        finally:
            self._asking.discard(name)
        values = [value for value, _ in found]
        if not found or any(isinstance(node.value, Hole) or plain(node) != plain(values[0]) for node in values):
            return None
        return values[0], any(rests for _, rests in found)

    def _values(self, name: str, importer: Template) -> Iterator[tuple[Node | None, bool]]:
        for file in self._files_by_name(importer).get(name, ()):
            for template in self._templates(file):
                exporter = template.deployed_like(importer)
                resolver = Resolver(exporter)
                for export, value in _exports(template):
                    if resolver.text(export) == name and _is_of(template, importer):
                        yield resolver.resolve(value), bool(resolver.rests_on)

    def _files_by_name(self, importer: Template) -> Mapping[str, Iterable[str]]:
        """Return the files by the names of their exports, as these are in the account and Region of an importer."""
        where = importer.account, importer.region
        if where not in self._names:
            names = self._names[where] = {}
            for file in tuple(self._exporting):
                found = self._templates(file)
                for template in found:
                    resolver = Resolver(template.deployed_like(importer))
                    for export, _ in _exports(template):
                        names.setdefault(str(resolver.text(export)), {})[file] = None
                if not found:
                    del self._exporting[file]
        return self._names[where]

    def _templates(self, file: str) -> tuple[Template, ...]:
        """Return the templates of a file that export anything. Few are kept; other files are read again."""
        known = self._kept.get(file)
        if known is not None:
            return known
        found = tuple(self._read_templates(file))
        return self._kept.keep(file, found, sum(len(template.text) for template in found))

    def _read_templates(self, file: str) -> Iterator[Template]:
        """Yield the templates of a file that export anything. An unreadable file is reported elsewhere."""
        try:
            text = file_text(file)
            roots = documents_of(file, text) if _MARK in text else ()
        except (UnreadableError, BadJsonError, BadYamlError):
            return
        values = {**environment_of(file).parameters, **self._parameters}
        given = {name: Node(value) for name, value in values.items()}
        yield from (Template(file, text, root, output_of, given) for root in roots if is_template(root))


def _exports(template: Template) -> Iterator[tuple[Node | None, Node]]:
    """Yield the name and the value of each export of a template."""
    for output in template.declared_outputs.values():
        export, value = output.get(_MARK), output.get("Value")
        if export is not None and value is not None:
            yield export.get("Name"), value


def _is_of(template: Template, importer: Template) -> bool:
    """Return whether a template may be deployed into the account of an importer."""
    return environment_of(template.file).account in (None, importer.account)
