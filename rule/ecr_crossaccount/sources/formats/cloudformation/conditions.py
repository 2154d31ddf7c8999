"""Conditions, mappings and comparisons: decided if their operands are known, and otherwise assumed both ways.

An unknown may be one of a few values: a parameter with allowed values, or a key of a mapping.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import field, replace
from typing import TypeGuard

from ....documents.pattern import Hole, Holed
from ....memo import by_value
from ....questions.change.states import Assumption
from ...files.values.nodes import Fields, Node, fillings, parts_of, scalar_text
from .template import Template, macro_in


@by_value
class Comparison:
    """An open comparison. Two comparisons with the same `key` are the same.

    `left` and `right`: the operands as a message shows them; `right` is None for a condition that holds or does not.
    `line`: its line, if it has no name. `of` and `value`: the input of the deployment and the text that it is compared
    with; None for other comparisons. `about`: the parameters with a default that it depends on. `by_default`: its
    result if each of them has its default; None if that is unknown too.
    """

    key: Hashable
    left: str = field(compare=False)
    right: str | None = field(default=None, compare=False)
    line: int | None = field(default=None, compare=False)
    of: Hole | None = field(default=None, compare=False)
    value: str | None = field(default=None, compare=False)
    about: frozenset[str] = field(default=frozenset(), compare=False)
    by_default: bool | None = field(default=None, compare=False)

    def render_answer(self, *, holds: bool) -> str:
        """Return the answer in words."""
        place = "" if self.line is None else f" in line {self.line}"
        if self.right is None:
            return f"{self.left} {'holds' if holds else 'does not hold'}{place}"
        return f"{self.left} {'is' if holds else 'is not'} {self.right}{place}"


Assumed = Mapping[Comparison, bool]
"""The answers that define a world."""


def is_consistent(world: Assumed) -> bool:
    """Return whether no input is assumed to have two values at once."""
    equal = [one.of for one, answer in world.items() if answer and one.value is not None]
    return len(equal) == len(set(equal))


def is_default(world: Assumed) -> bool:
    """Return whether all parameters with a default have it in a world."""
    return all(one.by_default in (answer, None) for one, answer in world.items())


def value_in(world: Assumed, unknown: Hole) -> str | None:
    """Return the value that an input is assumed to have, or None."""
    every = (one.value for one, answer in world.items() if answer and one.of == unknown)
    return next((value for value in every if value is not None), None)


def has_default(world: Assumed, name: str) -> bool:
    """Return whether a parameter can have its default under all assumptions."""
    return is_default({one: answer for one, answer in world.items() if name in one.about})


def in_words(world: Assumed) -> str:
    """Return the assumptions of a world for a message. If an input has a value, its other values are omitted."""
    known = {one.of for one, answer in world.items() if answer and one.value is not None}
    told = ((one, answer) for one, answer in world.items() if answer or one.value is None or one.of not in known)
    return " and ".join(one.render_answer(holds=answer) for one, answer in told)


def ways_of(world: Assumed) -> tuple[frozenset[Assumption], ...]:
    """Return the assumptions of a world as values. Comparisons of other things than inputs are known by their words."""
    return (frozenset(_assumption(one, holds=answer) for one, answer in world.items()),) if world else ()


def _assumption(one: Comparison, *, holds: bool) -> Assumption:
    if one.of is not None and one.value is not None:
        return one.of.name, one.value, holds
    return one.render_answer(holds=True), "", holds


Operand = Callable[[Node, set[str]], Node | None]
"""Resolves an operand, and adds the parameters with a default that it depends on to a set."""

Text = str | Holed | Hole | None
"""A value for a comparison. None for an object, and for a list that is partly unknown."""

_TRUTH = {"yes": True, "on": True, "true": True, "no": False, "off": False, "false": False}


class Conditions:
    """The conditions of one template in one world.

    `resolve`: resolves an operand. `settled`: returns the result of a comparison if parameters have their defaults.
    `assumed`: answers to comparisons that cannot be decided before deployment. A comparison that is not assumed is
    added to `open`, and has no answer.
    """

    def __init__(
        self, template: Template, resolve: Operand, settled: Callable[[Node, Node], bool | None], assumed: Assumed
    ) -> None:
        self._template = template
        self._resolve = resolve
        self._settled = settled
        self.assumed = assumed
        self.open: dict[Comparison, None] = {}
        self._known: dict[str, bool | None] = {}
        self._asking: set[str] = set()

    def answer(self, name: str) -> bool | None:
        """Return whether a condition holds. None if unknown."""
        if name in self._known:
            return self._known[name]
        written = self._template.conditions.get(name)
        if written is None or name in self._asking:
            return self._assumption(Comparison(("condition", name), f"condition `{name}`"))
        self._asking.add(name)
        self._known[name] = found = self.holds(written)
        self._asking.discard(name)
        return found

    def holds(self, node: Node) -> bool | None:
        """Return whether an expression of conditions holds. None if unknown."""
        function, argument = node.fields[0] if len(node.fields) == 1 else ("an object that is not a condition", node)
        match function:
            case "Condition" | "Ref" if argument.text is not None:
                return self.answer(argument.text)
            case "Fn::Not" if argument.items:
                return _not(self.holds(argument.items[0]))
            case "Fn::And":
                return _all([self.holds(item) for item in argument.items])
            case "Fn::Or":
                return _not(_all([_not(self.holds(item)) for item in argument.items]))
            case "Fn::Equals" if len(argument.items) == 2:
                return self.equal(*argument.items)
        return self._assumption(Comparison(node, f"`{function}`", line=node.line))

    def equal(self, left: Node, right: Node) -> bool | None:
        """Return whether two operands are the same. None if unknown."""
        about: set[str] = set()
        values = [self._resolve(left, about), self._resolve(right, about)]
        texts = [_text(value) for value in values]
        if all(isinstance(text, str) for text in texts):
            return texts[0] == texts[1] or self._may_be_alike(*map(str, texts))
        for hole, value in (texts, reversed(texts)):
            if isinstance(hole, Hole) and isinstance(value, str) and not self.allows(hole, value):
                return False
        unknown, other = sorted(texts, key=lambda text: (isinstance(text, str), str(text)))
        made = self._open(unknown, other, left, right)
        by_default = self._settled(left, right) if about and not self._template.settled else None
        return made is None or self._assumption(replace(made, about=frozenset(about), by_default=by_default))

    def _open(self, unknown: Text, other: Text, left: Node, right: Node) -> Comparison | None:
        """Return the comparison of two values that are not both known. None for an input with itself."""
        if self._is_input(unknown) and (isinstance(other, str) or self._is_input(other)):
            return _of_input(unknown, other) if unknown != other else None
        # Two values made from the same unknown may differ, so the question is about the two expressions.
        return Comparison((left, right), f"`{_render_text(unknown)}`", f"`{_render_text(other)}`", line=left.line)

    def _may_be_alike(self, one: str, other: str) -> bool | None:
        """Return whether CloudFormation treats two different texts as the same. In YAML, unquoted `yes` is `true`."""
        if _TRUTH.get(one.lower(), one) != _TRUTH.get(other.lower(), other):
            return False
        return self._assumption(Comparison(frozenset({one, other}), f"`{one}`", f"`{other}`"))

    def _is_input(self, value: Text) -> TypeGuard[Hole]:
        """Return whether a value is an input of the deployment itself, and not made from others."""
        return isinstance(value, Hole) and self._template.is_input(value.name)

    def _assumption(self, comparison: Comparison) -> bool | None:
        if comparison not in self.assumed:
            self.open[comparison] = None
        return self.assumed.get(comparison)

    def choose_value(self, unknown: Hole, values: Iterable[str], *, default: str | None, ask: bool) -> str | None:
        """Return which of some values an unknown is assumed to have. `ask`: whether to open the question if not."""
        for value in values:
            comparison = _of_input(unknown, value)
            if default is not None:
                about = frozenset({unknown.name})
                comparison = replace(comparison, about=about, by_default=value == default)
            answer = self._assumption(comparison) if ask else self.assumed.get(comparison)
            if answer or (ask and answer is None):
                return value if answer else None
        return None

    def allows(self, unknown: Hole, value: str) -> bool:
        """Return whether an unknown can have a value."""
        return self._template.allows(unknown.name, value)

    def is_none_of(self, unknown: Hole, values: Iterable[str]) -> bool:
        """Return whether an unknown is assumed to have none of some values."""
        return all(self.assumed.get(_of_input(unknown, value)) is False for value in values)


def _render_text(value: Text) -> str:
    return value.name if isinstance(value, Hole) else str(value)


def _of_input(unknown: Hole, value: str | Hole) -> Comparison:
    """Return the comparison of an input of the deployment with a text, or with another input."""
    known = value if isinstance(value, str) else None
    said = f"`{_render_text(value)}`" if value else "empty"
    return Comparison((unknown, value), f"`{unknown.name}`", said, of=unknown, value=known)


def _text(node: Node | None) -> Text:
    if node is None:
        return ""
    if isinstance(node.value, tuple):
        items = [_text(item) for item in node.value]
        return ",".join(map(str, items)) if all(isinstance(item, str) for item in items) else None
    return None if isinstance(node.value, Fields) else scalar_text(node.value)


def _not(answer: bool | None) -> bool | None:  # noqa: FBT001 - the answer itself
    return None if answer is None else not answer


def _all(answers: list[bool | None]) -> bool | None:
    if False in answers:
        return False
    return None if None in answers else True


def looked_up(mappings: Node, keys: Sequence[str | Holed | Hole | None]) -> Node | None:
    """Return the value under three keys. If a key is unknown, return a value only if all candidates are the same.

    Returns a hole if the value is in a part that is unknown, or that a macro may change.
    """
    candidates: list[Node] = [mappings]
    for key in keys:
        unknown = next(
            (candidate for candidate in candidates if macro_in(candidate) or isinstance(candidate.value, Hole)), None
        )
        if unknown is not None:
            return unknown if isinstance(unknown.value, Hole) else Node(Hole("Fn::Transform"))
        if isinstance(key, str):
            candidates = [found for candidate in candidates if (found := candidate.get(key)) is not None]
        else:
            candidates = [value for candidate in candidates for _, value in candidate.fields]
    values = {repr(_bare(candidate)) for candidate in candidates}
    return candidates[0] if len(values) == 1 else None


def _bare(node: Node) -> object:
    match node.value:
        case Fields() as fields:
            return [(name, _bare(value)) for name, value in fields.items()]
        case tuple() as items:
            return [_bare(item) for item in items]
        case scalar:
            return scalar


Key = str | Holed | Hole | None
Default = Callable[[Hole], str | None]

_NO_KEY = ""
"""A key that no mapping has."""


class Choices:
    """The choices of one world.

    `impossible`: whether something in it can have no value. `is_comparing`: whether a value is currently only compared.
    """

    def __init__(self, conditions: Conditions) -> None:
        self._conditions = conditions
        self.is_comparing = False
        self.impossible = False

    @contextmanager
    def comparing(self) -> Iterator[None]:
        """Set `is_comparing` inside the context. A value that is only compared is not taken as each possible value."""
        before, self.is_comparing = self.is_comparing, True
        try:
            yield
        finally:
            self.is_comparing = before

    def choose_value(self, unknown: Hole, values: Sequence[str], default: str | None = None) -> str | None:
        """Return the value that an unknown has in this world, or None if that is open."""
        value = self._ask_value(unknown, values, default)
        self.impossible |= bool(values) and value is None and self._conditions.is_none_of(unknown, values)
        return value

    def keys(self, mappings: Node, keys: list[Key], default: Default, *, others: bool) -> list[Key]:
        """Return the keys to look up in mappings. An unknown key becomes one of the existing keys.

        `default`: returns the default of a hole. `others`: whether a key may be none of the existing ones.
        """
        level: Node | None = mappings
        if not others and looked_up(mappings, keys) is not None:
            return keys
        for place, key in enumerate(keys):
            if isinstance(key, (Hole, Holed)) and level is not None:
                names = [name for name, _ in level.fields]
                chosen = self.select_name(key, names, default, others=others)
                keys[place] = key if chosen is None else chosen
            one = keys[place]
            level = level.get(one) if level is not None and isinstance(one, str) else None
        return keys

    def select_name(self, key: Holed | Hole, names: Iterable[str], default: Default, *, others: bool) -> str | None:
        """Return the name that an unknown key is in this world, or None if that is open.

        `others`: whether it may be none of the names. Then the result may be "", which is no name.
        """
        unknown, *more = (part for part in parts_of(key) if isinstance(part, Hole))
        if more:
            return None
        found = fillings(key, names)
        values = [value for value in found if self._conditions.allows(unknown, value)]
        if others and self._conditions.is_none_of(unknown, values):
            return _NO_KEY
        ask = self._ask_value if others else self.choose_value
        value = ask(unknown, values, default(unknown))
        return None if value is None else found[value]

    def _ask_value(self, unknown: Hole, values: Sequence[str], default: str | None) -> str | None:
        return self._conditions.choose_value(unknown, values, default=default, ask=not self.is_comparing)
