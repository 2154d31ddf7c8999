"""What the stacks of one run export: CloudFormation hands it to every stack of the same account and Region.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from ...policy.holes import Hole
from ..files import UnreadableError, text_of
from ..json_nodes import BadJsonError
from ..nodes import Node, plain
from ..yaml_nodes import BadYamlError
from .assembly import environment_of
from .documents import documents
from .template import Template, is_template

_MARK = "Export"


class Exports:
    """The exports of the templates in some files, which are read when the first import is met."""

    def __init__(self, files: Sequence[str], parameters: Mapping[str, str]) -> None:
        self._files = files
        self._parameters = parameters
        self._asking: set[str] = set()

    def value(self, name: str, importer: Template) -> tuple[Node, bool] | None:
        """Return the value of an export and whether it rests on a default there.

        None if no template here has it, or several do and differ.
        """
        if name in self._asking:
            return None
        self._asking.add(name)
        try:
            found = [(value, rests) for value, rests in self._values(name, importer) if value is not None]
        finally:
            self._asking.discard(name)
        values = [value for value, _ in found]
        if not found or any(isinstance(one.value, Hole) or plain(one) != plain(values[0]) for one in values):
            return None
        return values[0], any(rests for _, rests in found)

    def _values(self, name: str, importer: Template) -> Iterator[tuple[Node | None, bool]]:
        from .resolve import Resolver  # noqa: PLC0415 - which asks for imports itself

        for template in self._templates:
            there = environment_of(template.file).account
            if there is not None and there != importer.account:
                continue
            exporter = template.deployed_like(importer)
            resolver = Resolver(exporter)
            for _, output in (template.root.get("Outputs") or Node(None)).fields:
                export, value = output.get(_MARK), output.get("Value")
                if export is not None and value is not None and resolver.text(export.get("Name")) == name:
                    yield resolver.resolve(value), bool(resolver.rests_on)

    @cached_property
    def _templates(self) -> tuple[Template, ...]:
        return tuple(template for file in self._files for template in self._in(file))

    def _in(self, file: str) -> Iterator[Template]:
        """Yield the templates of a file that export anything; one that cannot be read is told elsewhere."""
        try:
            text = text_of(file)
            roots = documents(text) if _MARK in text else ()
        except (UnreadableError, BadJsonError, BadYamlError):
            return
        values = {**environment_of(file).parameters, **self._parameters}
        given = {name: Node(value) for name, value in values.items()}
        yield from (Template(file, text, root, given) for root in roots if is_template(root))
