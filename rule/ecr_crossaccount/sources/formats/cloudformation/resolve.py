"""Values with their intrinsic functions resolved. Values that are unknown before deployment become holes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager

from ....documents.pattern import Hole, Holed, text_of
from ...files.values.nodes import Fields, Node, parts_of, replace_matches, scalar_text, text_in
from . import functions
from .conditions import Assumed, Choices, Conditions, Key, has_default, looked_up, value_in
from .foreign import Variables, place_value, plain_name
from .functions import Parts, Resolved, pieces
from .template import Template, macro_in

_DYNAMIC = re.compile(r"\{\{resolve:[^{}]*\}\}")


_MOST_REFERRED = 20
"""The most resources whose names refer to each other. CloudFormation refuses a circle of names."""

_MOST_POINTED = 100
"""The most variables of another tool that are replaced by an object or a list. Such a value may contain itself."""


class Resolver:
    """A resolver for the values of one template in one world. `conditions` has the assumptions of the world.

    `rests_on`: the parameters whose default was used. `beyond`: the holes of parameters that have another, unknown
    value in this world.
    """

    def __init__(self, template: Template, assumed: Assumed | None = None) -> None:
        self.template = template
        self._references: dict[str, Resolved] = {}
        self._asking: set[str] = set()
        self.conditions = Conditions(template, self._operand, self._equal_by_default, dict(assumed or {}))
        self.choices = Choices(self.conditions)
        self.rests_on: set[str] = set()
        self.beyond: set[Hole] = set()
        self._pointed = 0
        self._variables = Variables(template.outer, self) if template.outer is not None else None
        self._defaults: dict[str, str | None] = {}

    def _operand(self, node: Node, about: set[str]) -> Resolved:
        """Resolve an operand of a comparison. Adds the parameters with a default that it depends on to `about`."""
        before, self.rests_on = self.rests_on, set()
        with self.choices.comparing():
            found = self.resolve(node)
        about |= {name for name in self.rests_on if name in self._defaults or self.template.default(name) is not None}
        self.rests_on |= before
        return found

    def _equal_by_default(self, left: Node, right: Node) -> bool | None:
        return Resolver(self.template.by_default()).conditions.equal(left, right)

    def resolve(self, node: Node) -> Resolved:
        """Return a value without intrinsic functions, with the places of the original."""
        match node.value:
            case Fields() as fields:
                name = intrinsic(fields)
                return self._call(name, fields.pairs[0][1], node) if name else self._object(node, fields)
            case tuple() as items:
                resolved = (self.resolve(item) for item in items)
                return node.but(tuple(one for one in resolved if one is not None))
            case str() as text if self._variables is not None:
                pointed = self._pointed_to(text, node)
                return self.resolve(pointed) if pointed is not None else self._scalar(node, text)
            case scalar:
                value = scalar_text(scalar)
                return node if value is None else self._scalar(node, value)

    def _pointed_to(self, text: str, at: Node) -> Node | None:
        """Return the object or list for a text that is one variable of another tool, else None."""
        variables, outer = self._variables, self.template.outer
        found = variables.whole(text) if variables is not None and self._pointed < _MOST_POINTED else None
        if found is None or outer is None or not isinstance(found.value.value, (tuple, Fields)):
            return None
        self._pointed += 1
        if found.is_whole:
            outer.followed.append(found.file)
        return place_value(found, at, self.template.file)

    def _scalar(self, node: Node, text: str | Holed | Hole) -> Node:
        return Node(self.static(text), node.line, node.column, node.block)

    def text(self, node: Node | None) -> str | Holed | Hole | None:
        """Return a resolved scalar as text; None for any other value."""
        return text_in(self.resolve(node) if node is not None else None)

    def _object(self, node: Node, fields: Fields) -> Resolved:
        if macro_in(node) is not None:
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

    def static(self, text: str | Holed | Hole) -> str | Holed | Hole:
        """Return a text with a hole for each dynamic reference, whose value is stored elsewhere."""
        if isinstance(text, Hole):
            return text
        if "{{resolve:" in str(text):
            text = replace_matches(text, _DYNAMIC, lambda found: Hole(found.strip("{}")))
        filled = text if self._variables is None else self._variables.filled_in(text)
        # A text that is one hole is that value itself, and can be compared.
        return filled.parts[0] if isinstance(filled, Holed) and len(filled.parts) == 1 else filled

    # --- references ---

    def reference(self, name: str) -> Resolved:
        """Return the value of `Ref`. It is computed once."""
        if name in self._asking or len(self._asking) > _MOST_REFERRED:
            return Node(Hole(name))
        if name not in self._references:
            self._asking.add(name)
            self._references[name] = self._resolve_reference(name)
            self._asking.discard(name)
        found = self._references[name]
        default = self.template.default(name)
        if default is not None:
            self.rests_on.add(name)
        if found is None or not isinstance(found.value, Hole):
            return found
        usual = default.text if default is not None and name not in self.template.ignored else None
        value = self.choices.choose_value(found.value, self.template.choices(name), usual)
        value = value_in(self.conditions.assumed, found.value) if value is None else value
        if value is not None:
            return found.but(value)
        return found if default is None else self._by_default(name, found.value, default)

    def _by_default(self, name: str, hole: Hole, default: Node) -> Resolved:
        """Return the default of a parameter, or a hole if it is only compared, or has another value in this world."""
        template = self.template
        if self.choices.is_comparing or name in template.ignored or template.is_limited(name):
            return default.but(hole)
        if has_default(self.conditions.assumed, name):
            return self.resolve(default) if _is_written(default) and name in template.parameters else default
        if not _is_empty(default):
            self.beyond.add(hole)
        return default.but(hole)

    def _resolve_reference(self, name: str) -> Resolved:
        if name == "AWS::NoValue":
            return None
        for known in (self.template.pseudo(name), self.template.parameter(name)):
            if known is not None:
                return self.resolve(known) if _is_written(known) else known
        return Node(functions.value_of_reference(self.template, name, self.text))

    def attribute(self, name: str, attribute: str) -> Resolved:
        """Return the value of `Fn::GetAtt`."""
        kind, output = attribute.partition(".")[::2]
        if kind == "Outputs":
            return self._elsewhere(f"{name}.{attribute}", self.template.outputs(self.template, name, output))
        return Node(functions.value_of_attribute(self.template, name, attribute, self.text))

    def _in_text(self, name: str, local: Mapping[str, Resolved]) -> tuple[str | Hole, ...]:
        """Return the value of `${name}` in a text of Fn::Sub."""
        if name.startswith("!"):
            return (f"${{{name[1:]}}}",)
        if name == "AWS::NoValue":
            return ()
        if name in local:
            found = local[name]
        elif "." in name:
            found = self.attribute(*name.split(".", 1))
        else:
            found = self.reference(name)
        text = text_in(found)
        return (Hole(name),) if text is None else parts_of(text)

    # --- variables of another tool ---

    def input_value(self, name: str, default: Node | None) -> Node:
        """Return the value of an input that another tool fills in, a hole if it is unknown.

        `name`: such as `opt:stage`, perhaps with the default after a comma.
        """
        template = self.template
        said = template.given.get(plain_name(name))
        if said is not None:
            return said
        plain = plain_name(name)
        hole = Hole(name if default is not None else plain, f"--parameter {plain}=…")
        if default is not None:
            self.rests_on.add(name)
            self._defaults[name] = default.text
            if template.settled and name not in template.ignored:
                return default
        value = value_in(self.conditions.assumed, hole)
        if value is not None:
            return Node(value)
        found = Node(hole) if default is None else self._by_default(name, hole, default)
        return found or Node(hole)

    def select_name(self, key: Holed | Hole, names: Sequence[str], *, others: bool) -> str | None:
        """Return the name that an unknown key is, or None if that is open. "" if it is none of the names."""
        if not self.template.alternatives:
            return None
        return self.choices.select_name(key, names, self._usual, others=others)

    def pseudo(self, name: str) -> Node | None:
        """Return the value of a pseudo parameter."""
        return self.template.pseudo(name)

    def as_key(self) -> AbstractContextManager[None]:
        """Take inputs as unknown inside the context."""
        return self.choices.comparing()

    # --- functions ---

    def ref(self, argument: Node) -> Resolved:
        """Return the result of `Ref`."""
        name = argument.text
        return Node(Hole("Ref")) if name is None else self.reference(name)

    def get_att(self, argument: Node) -> Resolved:
        """Return the result of `Fn::GetAtt`, of a list of two or one text."""
        if argument.text is not None:
            name, _, wanted = argument.text.partition(".")
            return self.attribute(name, wanted)
        texts = [self.text(item) for item in argument.items]
        if len(texts) == 2 and isinstance(texts[0], str) and isinstance(texts[1], str):
            return self.attribute(texts[0], texts[1])
        return Node(Hole("Fn::GetAtt"))

    def sub(self, argument: Node) -> Resolved:
        """Return the result of `Fn::Sub`, of a text, or of a list of a text and an object of values."""
        template, local = argument, {}
        if argument.items:
            template = argument.items[0]
            values = argument.items[1].fields if len(argument.items) > 1 else ()
            local = {name: self.resolve(value) for name, value in values}
        written = text_in(template if template.text is not None else self.resolve(template))
        if written is None:
            return Node(Hole("Fn::Sub"))
        if self._variables is not None and not isinstance(written, Hole):
            written = self._variables.in_sub(written)
        parts = Parts()
        for piece in parts_of(written):
            for literal, name in [(piece, None)] if isinstance(piece, Hole) else pieces(piece):
                parts.add(literal)
                if name is not None:
                    parts.add(*self._in_text(name, local))
                if parts.too_long:
                    return Node(Hole("Fn::Sub of a text that is too long"))
        return Node(self.static(text_of(parts.parts)))

    def find_in_map(self, argument: Node) -> Resolved:
        """Return the result of `Fn::FindInMap`. It is known if the keys are, or if all their values are the same."""
        if len(argument.items) < 3:
            return Node(Hole("Fn::FindInMap"))
        default = argument.items[3].get("DefaultValue") if len(argument.items) > 3 else None
        found, keys = self._in_mappings(argument.items[:3], others=default is not None)
        # An unknown key may be missing in the mapping, and then the default value counts.
        if default is None or all(isinstance(key, str) for key in keys):
            found = default if found is None else found
            if found is not None:
                return self.resolve(found)
        return Node(Hole(f"Fn::FindInMap {'.'.join(map(str, keys))}"))

    def _in_mappings(self, written: Sequence[Node], *, others: bool) -> tuple[Node | None, list[Key]]:
        """Return the value under keys, and the keys. If possible, an unknown key becomes one of the mapping's."""
        mappings = self.template.mappings
        keys = [self._key(item) for item in written]
        if self.template.alternatives:
            keys = self.choices.keys(mappings, keys, self._usual, others=others)
        found = looked_up(mappings, keys)
        if found is not None or all(isinstance(key, str) for key in keys) or not self.template.alternatives:
            return found, keys
        keys = [self.text(item) for item in written]
        return looked_up(mappings, keys), keys

    def _key(self, node: Node) -> Key:
        """Return a key of a mapping.

        An input without allowed values is a hole, and its default is one of the choices.
        """
        name = node.get("Ref")
        if name is not None and name.text is not None and self.template.is_limited(name.text):
            return self.text(node)
        with self.choices.comparing():
            return self.text(node)

    def _usual(self, hole: Hole) -> str | None:
        if hole.name in self.template.ignored:
            return None
        default = self.template.default(hole.name)
        return self._defaults.get(hole.name) if default is None else default.text

    def import_value(self, argument: Node) -> Resolved:
        """Return the result of `Fn::ImportValue`: a hole, unless a template of the same run exports the value."""
        name = self.text(argument)
        exports = self.template.exports
        found = exports.value(name, self.template) if exports is not None and isinstance(name, str) else None
        return self._elsewhere(f"Fn::ImportValue {name}", found)

    def _elsewhere(self, name: str, found: tuple[Node, bool] | None) -> Resolved:
        """Return a value from another stack, or a hole.

        `found`: the value, and whether it depends on a default there.
        """
        if found is None or (found[1] and name in self.template.ignored):
            return Node(Hole(name, "check the template that exports it in the same run"))
        if found[1]:
            self.rests_on.add(name)
        return found[0]

    def _if(self, argument: Node, node: Node) -> Resolved:
        if len(argument.items) != 3:
            return node.but(Hole("Fn::If"))
        condition, yes, no = argument.items
        name = condition.text or condition.find("Condition").text
        answer = self.conditions.answer(name) if name is not None else None
        if answer is None:
            return node.but(Hole(f"Fn::If {name}"))
        return self.resolve(yes if answer else no)


_FUNCTIONS: dict[str, Callable[[Resolver, Node], Resolved]] = {
    "Ref": Resolver.ref,
    "Fn::GetAtt": Resolver.get_att,
    "Fn::Sub": Resolver.sub,
    "Fn::Join": functions.join,
    "Fn::Split": functions.split,
    "Fn::Select": functions.select,
    "Fn::FindInMap": Resolver.find_in_map,
    "Fn::ImportValue": Resolver.import_value,
    # A policy may be a text or an object, so the value itself is enough.
    "Fn::ToJsonString": Resolver.resolve,
    "Fn::Length": functions.length,
}


def intrinsic(fields: Fields) -> str | None:
    """Return the name of the function that an object calls; None for an ordinary object."""
    if len(fields.pairs) != 1:
        return None
    name = str(fields.pairs[0][0].value)
    loops = name.startswith("Fn::ForEach::")
    return name if name == "Ref" or (name.startswith("Fn::") and not loops) else None


def _is_written(node: Node) -> bool:
    """Return whether a value is written in the template itself, so that it may contain a dynamic reference."""
    return isinstance(node.value, (str, tuple))


def _is_empty(default: Node) -> bool:
    """Return whether a default stands for no value, such as an optional partner. No verdict can rest on it."""
    return all(item.value == "" for item in default.items) if default.items else default.value == ""
