"""`AWS::Include` of files that are here: `aws cloudformation package` uploads them, and CloudFormation puts them in.

https://docs.aws.amazon.com/cli/latest/reference/cloudformation/package.html
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from ....documents.json_grammar import BadJsonError
from ...files.files import file_text
from ...files.values.documents import documents_of, moved
from ...files.values.nodes import Fields, Node
from ...reading.files import UnreadableError
from ...reading.yaml_events import BadYamlError
from . import macros, nested
from .template import Template


def included(template: Template) -> tuple[Template, tuple[str, ...]]:
    """Return the template with the included files, and their paths. A file that is not here stays a macro."""
    if macros.INCLUDE not in template.text:
        return template, ()
    files = _Files(template)
    return replace(template, root=files.put_in(template.root)), tuple(files.followed)


@dataclass(frozen=True, slots=True)
class _Files:
    template: Template
    followed: list[str] = field(default_factory=list)

    def put_in(self, node: Node) -> Node:
        match node.value:
            case Fields() as fields:
                pairs: list[tuple[Node, Node]] = []
                for name, value in fields.pairs:
                    here = self._included(value) if macros.is_macro(str(name.value), value) else None
                    pairs += [(name, self.put_in(value))] if here is None else here.pairs
                return node.but(Fields(tuple(pairs)))
            case tuple() as items:
                return node.but(tuple(map(self.put_in, items)))
        return node

    def _included(self, macro: Node) -> Fields | None:
        """Return the fields that a macro adds; None if they are not in a file here."""
        location = (macro.get("Parameters") or Node(None)).get("Location")
        if macros.name_of(macro) != macros.INCLUDE or location is None:
            return None
        path = nested.file_of(self.template, location.text)
        try:
            roots = () if path is None else documents_of(path, file_text(path))
        except (UnreadableError, BadJsonError, BadYamlError):
            return None
        if path is None or len(roots) != 1 or not isinstance(roots[0].value, Fields):
            return None
        self.followed.append(path)
        # A finding in the file points to the macro, because a template has the places of one file.
        fields = moved(roots[0], Node(None, macro.line, macro.column)).value
        return fields if isinstance(fields, Fields) else None
