"""Conditions: decided if their operands are known, and otherwise assumed both ways."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TypeGuard

from ....documents.holes import Hole, Holed
from ...files.values.nodes import Fields, Node, scalar_text
from .comparisons import Assumed, Comparison
from .template import Template

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
        by_default = self._by_default(about, left, right)
        return made is None or self._assumption(replace(made, about=frozenset(about), by_default=by_default))

    def _open(self, unknown: Text, other: Text, left: Node, right: Node) -> Comparison | None:
        """Return the comparison of two values that are not both known. None for an input with itself."""
        if self._is_input(unknown) and (isinstance(other, str) or self._is_input(other)):
            return _of_input(unknown, other) if unknown != other else None
        # Two values made from the same unknown may differ, so the question is about the two expressions.
        return Comparison((left, right), f"`{_shown(unknown)}`", f"`{_shown(other)}`", line=left.line)

    def _by_default(self, about: set[str], left: Node, right: Node) -> bool | None:
        """Return the result of a comparison if parameters have their defaults."""
        return self._settled(left, right) if about and not self._template.settled else None

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

    def chosen(self, unknown: Hole, values: Iterable[str], *, default: str | None, ask: bool) -> str | None:
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
        return all(self.assumed.get(_of_input(unknown, one)) is False for one in values)


def _shown(value: Text) -> str:
    return value.name if isinstance(value, Hole) else str(value)


def _of_input(unknown: Hole, value: str | Hole) -> Comparison:
    """Return the comparison of an input of the deployment with a text, or with another input."""
    known = value if isinstance(value, str) else None
    said = f"`{_shown(value)}`" if value else "empty"
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
