"""Values with their intrinsics resolved; what is not known before deployment is a hole in its place."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from ...policy.holes import Hole, Holed
from ..holed import parts_of, replaced, scalar_text, text_of
from ..nodes import Fields, Node
from . import attributes
from .choices import Choices
from .conditions import Conditions
from .foreign import filled_in, parts_filled_in, pointed_to
from .mappings import looked_up
from .template import Template
from .texts import Parts, pieces

Resolved = Node | None
"""A resolved value; None stands for `AWS::NoValue`."""

_DYNAMIC = re.compile(r"\{\{resolve:[^{}]*\}\}")


_MOST_POINTED = 100
"""Variables of another tool that stand for an object or a list; such a one may contain itself."""


class Resolver:
    """Resolves the values of one template in one world: `conditions` says what is assumed in it."""

    def __init__(self, template: Template, assumed: Mapping[str, bool] | None = None) -> None:
        self.template = template
        self._references: dict[str, Resolved] = {}
        self.conditions = Conditions(template, self._operand, dict(assumed or {}))
        self.choices = Choices(self.conditions)
        self._pointed = 0

    def _operand(self, node: Node) -> Resolved:
        with self.choices.comparing():
            return self.resolve(node)

    def resolve(self, node: Node) -> Resolved:
        """Return a value without intrinsics, in the places of what it came from."""
        match node.value:
            case Fields() as fields:
                name = intrinsic(fields)
                return self._call(name, fields.pairs[0][1], node) if name else self._object(node, fields)
            case tuple() as items:
                resolved = (self.resolve(item) for item in items)
                return node.but(tuple(one for one in resolved if one is not None))
            case str() as text if self.template.outer is not None and self._pointed < _MOST_POINTED:
                pointed = pointed_to(text, self.template)
                self._pointed += pointed is not None
                return self.resolve(pointed) if pointed is not None else self._scalar(node, text)
            case scalar:
                value = scalar_text(scalar)
                return node if value is None else self._scalar(node, value)

    def _scalar(self, node: Node, text: str | Holed | Hole) -> Node:
        return Node(self._static(text), node.line, node.column, node.block)

    def text(self, node: Node | None) -> str | Holed | Hole | None:
        """Return a resolved scalar as text; None for anything else."""
        resolved = self.resolve(node) if node is not None else None
        if resolved is None or isinstance(resolved.value, (tuple, Fields)):
            return None
        return scalar_text(resolved.value)

    def _object(self, node: Node, fields: Fields) -> Resolved:
        if "Fn::Transform" in fields.names():
            return node.but(Hole("Fn::Transform"))
        pairs = [(name, self.resolve(value)) for name, value in fields.pairs]
        return node.but(Fields(tuple((name, value) for name, value in pairs if value is not None)))

    def _call(self, name: str, argument: Node, node: Node) -> Resolved:
        if name == "Fn::If":
            return self._if(argument, node)
        function = _FUNCTIONS.get(name)
        if function is None:
            return node.but(Hole(name))
        found = function(self, argument)
        return None if found is None else Node(found.value, node.line, node.column)

    def _static(self, text: str | Holed | Hole) -> str | Holed | Hole:
        """Return a text with a hole for each dynamic reference, whose value is stored elsewhere."""
        if isinstance(text, Hole):
            return text
        if "{{resolve:" in str(text):
            text = replaced(text, _DYNAMIC, lambda found: Hole(found.strip("{}")))
        return text if self.template.outer is None else filled_in(text, self.template)

    # --- references ---

    def reference(self, name: str) -> Resolved:
        """Return what `Ref` gives, worked out once."""
        if name not in self._references:
            self._references[name] = self._referred(name)
        found = self._references[name]
        if found is None or not isinstance(found.value, Hole):
            return found
        value = self.choices.chosen(found.value, self.template.choices(name))
        return found if value is None else found.but(value)

    def _referred(self, name: str) -> Resolved:
        if name == "AWS::NoValue":
            return None
        for known in (self.template.pseudo(name), self.template.parameter(name)):
            if known is not None:
                return self.resolve(known) if _is_written(known) else known
        return Node(attributes.reference(self.template, name, self.text))

    def attribute(self, name: str, attribute: str) -> Resolved:
        """Return what `Fn::GetAtt` gives."""
        kind, output = attribute.partition(".")[::2]
        if kind == "Outputs":
            from .nested import output_of  # noqa: PLC0415 - which resolves values itself

            found = output_of(self.template, name, output)
            return Node(Hole(f"{name}.{attribute}")) if found is None else found
        return Node(attributes.attribute(self.template, name, attribute, self.text))

    def _in_text(self, name: str, local: Mapping[str, Resolved]) -> tuple[str | Hole, ...]:
        """Return what `${name}` in a text of Fn::Sub stands for."""
        if name.startswith("!"):
            return (f"${{{name[1:]}}}",)
        if name in local:
            found = local[name]
        elif "." in name:
            found = self.attribute(*name.split(".", 1))
        else:
            found = self.reference(name)
        if found is None:
            return ()
        if isinstance(found.value, (tuple, Fields)):
            return (Hole(name),)
        text = scalar_text(found.value)
        return () if text is None else parts_of(text)

    # --- functions ---

    def ref(self, argument: Node) -> Resolved:
        """`Ref`."""
        name = argument.text
        return Node(Hole("Ref")) if name is None else self.reference(name)

    def get_att(self, argument: Node) -> Resolved:
        """`Fn::GetAtt`: a list of two, or in one text."""
        if argument.text is not None:
            name, _, wanted = argument.text.partition(".")
            return self.attribute(name, wanted)
        texts = [self.text(item) for item in argument.items]
        if len(texts) == 2 and isinstance(texts[0], str) and isinstance(texts[1], str):
            return self.attribute(texts[0], texts[1])
        return Node(Hole("Fn::GetAtt"))

    def sub(self, argument: Node) -> Resolved:
        """`Fn::Sub`: a text, or a list of a text and an object of values."""
        template, local = argument, {}
        if argument.items:
            template = argument.items[0]
            values = argument.items[1].fields if len(argument.items) > 1 else ()
            local = {name: self.resolve(value) for name, value in values}
        written = template if template.text is not None else self.resolve(template)
        if written is None or written.text is None:
            return Node(Hole("Fn::Sub")) if written is None else written
        parts = Parts()
        for piece in (written.text,) if self.template.outer is None else parts_filled_in(written.text, self.template):
            for literal, name in [(piece, None)] if isinstance(piece, Hole) else pieces(piece):
                parts.add(literal)
                if name is not None:
                    parts.add(*self._in_text(name, local))
                if parts.too_long:
                    return Node(Hole("Fn::Sub of a text that is too long"))
        return Node(self._static(text_of(parts.parts)))

    def join(self, argument: Node) -> Resolved:
        """`Fn::Join`: a delimiter and a list."""
        if len(argument.items) != 2:
            return Node(Hole("Fn::Join"))
        delimiter, values = self.text(argument.items[0]), self.resolve(argument.items[1])
        if delimiter is None or values is None or not isinstance(values.value, tuple):
            return Node(_made_of("Fn::Join", values))
        parts = Parts()
        for number, item in enumerate(values.items):
            if isinstance(item.value, (tuple, Fields)) or parts.too_long:
                return Node(Hole("Fn::Join"))
            text = scalar_text(item.value)
            parts.add(*(parts_of(delimiter) if number else ()), *(() if text is None else parts_of(text)))
        return Node(self._static(text_of(parts.parts)))

    def split(self, argument: Node) -> Resolved:
        """`Fn::Split`: a list; a hole if its length is not known."""
        pieces, rest = self._split(argument)
        if rest is not None:
            return Node(Hole(f"Fn::Split {rest.name}"))
        return Node(tuple(Node(piece) for piece in pieces))

    def _split(self, argument: Node) -> tuple[list[str], Hole | None]:
        """Return the pieces that are certain, and the hole that the rest depends on."""
        delimiter = self.text(argument.items[0]) if len(argument.items) == 2 else None
        source = self.text(argument.items[1]) if len(argument.items) == 2 else None
        if not isinstance(delimiter, str) or not delimiter or source is None:
            return [], Hole("Fn::Split")
        if isinstance(source, str):
            return source.split(delimiter), None
        parts = parts_of(source)
        before = parts[0] if isinstance(parts[0], str) else ""
        hole = next(part for part in parts if isinstance(part, Hole))
        return before.split(delimiter)[:-1], hole

    def select(self, argument: Node) -> Resolved:
        """`Fn::Select`: an index and a list; of a split text, also what stands before its first hole."""
        index = self.text(argument.items[0]) if len(argument.items) == 2 else None
        if not isinstance(index, str) or not re.fullmatch("[0-9]{1,6}", index):
            return Node(Hole("Fn::Select"))
        place, values = int(index), argument.items[1]
        split = values.get("Fn::Split") if isinstance(values.value, Fields) and len(values.fields) == 1 else None
        if split is not None:
            pieces, hole = self._split(split)
            if place < len(pieces):
                return Node(pieces[place])
            return Node(Hole(f"Fn::Select {place} {hole.name if hole else ''}".strip()))
        resolved = self.resolve(values)
        if resolved is not None and place < len(resolved.items):
            return resolved.items[place]
        return Node(_made_of(f"Fn::Select {place}", resolved))

    def find_in_map(self, argument: Node) -> Resolved:
        """`Fn::FindInMap`: known keys, or keys of which every value is the same."""
        if len(argument.items) < 3:
            return Node(Hole("Fn::FindInMap"))
        default = argument.items[3].get("DefaultValue") if len(argument.items) > 3 else None
        keys = [self.text(item) for item in argument.items[:3]]
        if self.template.alternatives:
            keys = self.choices.keys(self.template.mappings, keys, others=default is not None)
        found = looked_up(self.template.mappings, keys)
        if found is not None:
            return self.resolve(found)
        if default is not None and all(isinstance(key, str) for key in keys):
            return self.resolve(default)
        return Node(Hole(f"Fn::FindInMap {'.'.join(map(str, keys))}"))

    def import_value(self, argument: Node) -> Resolved:
        """`Fn::ImportValue`: of another stack, so a hole, unless a template of the same run exports it."""
        name = self.text(argument)
        exports = self.template.exports
        found = exports.value(name, self.template) if exports is not None and isinstance(name, str) else None
        return Node(Hole(f"Fn::ImportValue {name}")) if found is None else found

    def to_json_string(self, argument: Node) -> Resolved:
        """`Fn::ToJsonString`: the value itself, for a policy may be a text or an object."""
        return self.resolve(argument)

    def length(self, argument: Node) -> Resolved:
        """`Fn::Length`."""
        resolved = self.resolve(argument)
        if resolved is not None and isinstance(resolved.value, tuple):
            return Node(str(len(resolved.value)))
        return Node(Hole("Fn::Length"))

    def _if(self, argument: Node, node: Node) -> Resolved:
        if len(argument.items) != 3:
            return node.but(Hole("Fn::If"))
        condition, yes, no = argument.items
        name = condition.text or (condition.get("Condition") or Node(None)).text
        answer = self.conditions.answer(name) if name is not None else None
        if answer is None:
            return node.but(Hole(f"Fn::If {name}"))
        return self.resolve(yes if answer else no)


_FUNCTIONS: dict[str, Callable[[Resolver, Node], Resolved]] = {
    "Ref": Resolver.ref,
    "Fn::GetAtt": Resolver.get_att,
    "Fn::Sub": Resolver.sub,
    "Fn::Join": Resolver.join,
    "Fn::Split": Resolver.split,
    "Fn::Select": Resolver.select,
    "Fn::FindInMap": Resolver.find_in_map,
    "Fn::ImportValue": Resolver.import_value,
    "Fn::ToJsonString": Resolver.to_json_string,
    "Fn::Length": Resolver.length,
}


def intrinsic(fields: Fields) -> str | None:
    """Return the name of the function that an object calls; None for an ordinary object."""
    if len(fields.pairs) != 1:
        return None
    name = str(fields.pairs[0][0].value)
    loops = name.startswith("Fn::ForEach::")
    return name if name == "Ref" or (name.startswith("Fn::") and not loops) else None


def _made_of(function: str, value: Resolved) -> Hole:
    """Return the hole that a function makes of a value that is not known, by a name of its own."""
    return Hole(f"{function} {value.value.name}" if value and isinstance(value.value, Hole) else function)


def _is_written(node: Node) -> bool:
    """Whether a value stands in the template itself, and so may hold a dynamic reference."""
    return isinstance(node.value, (str, tuple))
