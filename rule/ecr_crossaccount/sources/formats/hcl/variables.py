"""Variables of a root module: their types, and without a given value their defaults and what else they may be.

A type constraint converts values, and gives the defaults of optional attributes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import field, replace

from ....documents.pattern import Hole
from ....documents.problems import first_of
from ....memo import by_value
from ....questions.change.states import Assumption
from ...files.values.partial import Conditional, Either, Encoded, Placed, Prose, Value, json_text, text_of
from . import tree
from .evaluate import evaluate
from .functions import to_set
from .operators import FailedError, number_of, truth
from .tree import Argument, Block, Expression, Scope, literal_text


def convert(value: Value, kind: Argument | None, scope: Scope) -> Value:
    """Return a value converted to a type. A value that does not fit is returned unchanged."""
    return value if kind is None else _convert_value(value, kind.expression, scope)


def _convert_value(value: Value, kind: Expression, scope: Scope) -> Value:
    if isinstance(value, Hole):
        return value
    if isinstance(value, Conditional):
        return value.but(_convert_value(value.value, kind, scope))
    match kind:
        case tree.Name():
            return _simple(value, kind.name)
        case tree.Call(name="list" | "set" | "map" | "object" | "tuple" | "optional", arguments=(inner, *_)):
            return _compound(value, kind.name, inner, scope)
    return value


def _simple(value: Value, name: str) -> Value:
    try:
        match name:
            case "string":
                return value if isinstance(value, (Prose, Either, Encoded)) else _as_string(text_of(value))
            case "number":
                return number_of(value)
            case "bool":
                return truth(value)
    except FailedError:
        return value
    return value


def _as_string(value: Value) -> Value:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (int, float)) else value


def _compound(value: Value, name: str, inner: Expression, scope: Scope) -> Value:
    if name == "optional":
        return _convert_value(value, inner, scope)
    if name in ("list", "set") and isinstance(value, list):
        items = [_convert_value(one, inner, scope) for one in value]
        return to_set(items) if name == "set" else items
    if name == "map" and isinstance(value, Mapping):
        return _with_pairs(value, {key: _convert_value(one, inner, scope) for key, one in value.items()})
    if name == "object" and isinstance(value, Mapping) and isinstance(inner, tree.ObjectOf):
        return _with_pairs(value, _fields(value, inner, scope))
    return value


def _with_pairs(value: Mapping[str, Value], pairs: Mapping[str, Value]) -> Placed:
    return Placed(pairs, value.at if isinstance(value, Placed) else None)


def _fields(value: Mapping[str, Value], kind: tree.ObjectOf, scope: Scope) -> dict[str, Value]:
    """Return the attributes of an object's type, with the defaults of optional ones."""
    found: dict[str, Value] = {}
    for name, inner in kind.pairs:
        key = literal_text(name)
        if key is None:
            continue
        given = value.get(key)
        if given is None and isinstance(inner, tree.Call) and inner.name == "optional" and len(inner.arguments) > 1:
            given = evaluate(inner.arguments[1], scope)
        if given is None and key not in value and not (isinstance(inner, tree.Call) and inner.name == "optional"):
            continue
        found[key] = _convert_value(given, inner, scope)
    return found


_TRUTH: Mapping[object, object] = {True: False, False: True, "true": "false", "false": "true"}


@by_value
class Variables:
    """The variables that may have other values than the usual ones.

    `defaults`: those without a given value. `listed`: the values that a validation lists. `files`: the values in the
    files that the user may name.
    """

    defaults: Mapping[str, Value]
    listed: Mapping[str, list[str]]
    files: Mapping[str, Mapping[str, Value]]

    @classmethod
    def from_blocks(
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


def other_value(name: str, default: Value) -> Value:
    """Return the other value of a switch, and for other variables an unknown one."""
    return _TRUTH[text_of(default)] if is_switch(default) else unknown(name)


def unknown(name: str) -> Hole:
    """Return an unknown value for a variable."""
    return Hole(f"var.{name}")


def allowed_values(variable: Block) -> list[str]:
    """Return the texts that a validation of a variable allows. Empty if there is no such validation."""
    for block in variable.inner("validation"):
        said = block.attributes.get("condition")
        found = _listed_values(said.expression, variable.labels[0]) if said is not None else []
        if found:
            return found
    return []


def _listed_values(condition: Expression, name: str) -> list[str]:
    match condition:
        case tree.Call(name="contains", arguments=(tree.ListOf(items=items), asked)) if _is(asked, name):
            values = list(_literals(items))
            return values if len(values) == len(items) else []
        case tree.Template(parts=(tree.Interpolation(expression=inner),)):
            # In JSON, an expression is a template with a single part.
            return _listed_values(inner, name)
    return []


def _is(expression: Expression, name: str) -> bool:
    match expression:
        case tree.Access(of=tree.Name(name="var"), steps=(tree.Attribute(name=asked),)):
            return asked == name
    return False


def _literals(items: Iterable[Expression]) -> Iterator[str]:
    for item in items:
        match item:
            case tree.Template(parts=(tree.Piece(text=text),)):
                yield text
            case tree.Template(parts=()):
                yield ""


_MOST_NAMED = 4


@by_value
class World:
    """Values of variables that differ from the usual ones.

    `values`: by name, a hole for any value. `files`: the variable files that are given, each with its values, which
    count before the others. `more`: the sources of more inputs than those that are known.
    """

    values: Mapping[str, Value] = field(default_factory=dict)
    files: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)
    more: tuple[str, ...] = ()

    def having(self, values: Mapping[str, Value]) -> World:
        """Return the world in which variables have other values too."""
        return replace(self, values={**self.values, **values})

    def with_file(self, path: str, values: Mapping[str, Value]) -> World:
        """Return the world in which a variable file is given too."""
        return replace(self, files={**self.files, path: values})

    def restrict(self, names: AbstractSet[str]) -> World:
        """Return the assumptions about some variables, the files that give one of them a value, and what may do so."""
        return World(
            {name: value for name, value in self.values.items() if name in names},
            {path: said for path, said in self.files.items() if not names.isdisjoint(said)},
            self.more,
        )

    @property
    def everything(self) -> Mapping[str, Value]:
        """The value of each variable."""
        return {**self.values, **self.in_files}

    @property
    def in_files(self) -> Mapping[str, Value]:
        """The values in the given files."""
        return {name: value for said in self.files.values() for name, value in said.items()}

    @property
    def assumed(self) -> Mapping[str, str | None]:
        """The text of each value, by name. None stands for any value, and also for each source of more inputs."""
        return {**{name: _text(value) for name, value in self.everything.items()}, **dict.fromkeys(self.more)}

    @property
    def ways(self) -> tuple[frozenset[Assumption], ...]:
        """The assumptions as values, as far as they say one."""
        known = frozenset((name, text, True) for name, text in self.assumed.items() if text is not None)
        return (known,) if known else ()

    @property
    def words(self) -> str:
        """The assumptions in words."""
        own = {name: _text(value) for name, value in self.values.items() if name not in self.in_files}
        unknown = sorted(name for name, text in own.items() if text is None)
        said = [f"{in_words(unknown)} is not left at its default"] if unknown else []
        said += [f"`{name}` is `{text}`" for name, text in own.items() if text is not None]
        said += [f"`{path}` is given" for path in self.files]
        said += [f"{in_words(self.more)} passes more inputs than are read here"] if self.more else []
        return " and ".join(said)


def in_words(names: Iterable[str]) -> str:
    """Return the names of variables for a message, at most four."""
    return first_of([f"`{name}`" for name in names], _MOST_NAMED)


def _text(value: Value) -> str | None:
    text = text_of(value)
    if isinstance(text, Hole):
        return None
    return text if isinstance(text, str) else str(json_text(text))
