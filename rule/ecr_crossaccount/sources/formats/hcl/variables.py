"""Variables of a root module without a given value: the meaning of their defaults, and their other values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from ....documents.holes import Hole
from ...files.values.partial import Value, text_of
from . import tree
from .tree import Argument, Block, Expression

_TRUTH: Mapping[object, object] = {True: False, False: True, "true": "false", "false": "true"}


@dataclass(frozen=True, slots=True)
class Variables:
    """The variables that may have other values than the usual ones.

    `defaults`: those without a given value. `listed`: the values that a validation lists. `files`: the values in the
    files that the user may name.
    """

    defaults: Mapping[str, Value]
    listed: Mapping[str, list[str]]
    files: Mapping[str, Mapping[str, Value]]

    @classmethod
    def of(
        cls,
        blocks: Mapping[str, Block],
        given: Mapping[str, Argument],
        files: Mapping[str, Mapping[str, Argument]],
        value: Callable[[Argument], Value],
    ) -> Variables:
        """Return the variables of some blocks. `given`: those with values. `value`: evaluates an expression."""
        free = {name: block for name, block in blocks.items() if name not in given}
        listed = ((name, allowed_values(block)) for name, block in free.items())
        return cls(
            {name: value(block.attributes["default"]) for name, block in free.items() if "default" in block.attributes},
            {name: values for name, values in listed if values},
            {path: {name: value(one) for name, one in said.items()} for path, said in files.items()},
        )

    @property
    def required(self) -> AbstractSet[str]:
        """The variables with listed values and no default."""
        return self.listed.keys() - self.defaults.keys()

    @property
    def placeholders(self) -> AbstractSet[str]:
        """The variables whose defaults stand for values to be given."""
        return {name for name, one in self.defaults.items() if is_placeholder(one)} - self.listed.keys()

    @property
    def ordinary(self) -> frozenset[str]:
        """The variables whose defaults count, with a note if another value matters."""
        return frozenset(self.defaults.keys() - self.listed.keys() - self.placeholders)

    @property
    def switches(self) -> AbstractSet[str]:
        """The variables whose defaults are one of two values."""
        return {name for name in self.ordinary if is_switch(self.defaults[name])}


def is_placeholder(default: Value) -> bool:
    """Return whether a default is a placeholder for a value to be given: null, or only empty texts."""
    value = text_of(default)
    if isinstance(value, list):
        return all(text_of(one) in (None, "") for one in value)
    return value in (None, "") or value == {}


def is_switch(default: Value) -> bool:
    """Return whether a default is one of two values."""
    value = text_of(default)
    return isinstance(value, (bool, str)) and value in _TRUTH


def turned(name: str, default: Value) -> Value:
    """Return the other value of a switch, and for other variables an unknown one."""
    return _TRUTH[text_of(default)] if is_switch(default) else unknown(name)


def unknown(name: str) -> Hole:
    """Return an unknown value for a variable."""
    return Hole(f"var.{name}")


def allowed_values(variable: Block) -> list[str]:
    """Return the texts that a validation of a variable allows. Empty if there is no such validation."""
    for one in variable.inner("validation"):
        said = one.attributes.get("condition")
        found = _listed(said.expression, variable.labels[0]) if said is not None else []
        if found:
            return found
    return []


def _listed(condition: Expression, name: str) -> list[str]:
    match condition:
        case tree.Call(name="contains", arguments=(tree.ListOf(items=items), asked)) if _is(asked, name):
            values = list(_literals(items))
            return values if len(values) == len(items) else []
        case tree.Template(parts=(tree.Interpolation(expression=inner),)):
            # In JSON, an expression is a template with a single part.
            return _listed(inner, name)
    return []


def _is(expression: Expression, name: str) -> bool:
    match expression:
        case tree.Access(of=tree.Name(name="var"), steps=(tree.Attribute(name=asked),)):
            return asked == name
    return False


def _literals(items: Iterable[Expression]) -> Iterator[str]:
    for one in items:
        match one:
            case tree.Template(parts=(tree.Piece(text=text),)):
                yield text
            case tree.Template(parts=()):
                yield ""
