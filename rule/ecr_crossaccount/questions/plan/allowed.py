"""The parts of an Allow, for comparing Allows: a principal may have the same access through another one."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from typing import NamedTuple

from ...documents.conditions import Base, operator
from ...documents.document import Actions
from ...documents.holes import Text, as_text
from ...documents.principals import Form, Named, aws_principal
from ...judgement.values.actions import ActionSets
from .written import Written, one_or_many

EVERYBODY = ("*", "*")
_OWN = frozenset({"Sid", "Effect", "Principal", "Action", "NotAction", "Condition"})
"""The elements that are compared in their own ways. All other elements must be equal."""
_WIDER_WITH_MORE = frozenset({Base.STRING_EQUALS, Base.STRING_LIKE, Base.ARN_LIKE})
"""Operators that match more when they have more values, unless they are negated."""

_Condition = tuple[str, str, object]
"""An operator, a key in lower case, and the values.

A value that is unknown until deployment is equal only to itself.
"""


class Allowed(NamedTuple):
    """The parts of an Allow. `sure` has the actions that it names, `possible` also those that it may name."""

    principals: frozenset[Hashable]
    sure: int
    possible: int
    conditions: tuple[_Condition, ...]
    others: Mapping[str, object]

    def asks_no_more(self, other: Allowed) -> bool:
        """Return whether this Allow requires no more than `other`. Ignores principals and actions."""
        return self.others == other.others and all(
            any(_is_met(one, met) for met in other.conditions) for one in self.conditions
        )


class Allows:
    """The Allows of one policy. They share a table of actions, so an unknown action is the same one in all of them."""

    def __init__(self) -> None:
        self._sets = ActionSets()

    def taken_apart(self, statement: Written, actions: Actions) -> Allowed:
        """Return the parts of an Allow that has these actions."""
        others = {name: value for name, value in statement.items() if name not in _OWN}
        sure, possible = self._sets.allowed(actions)
        return Allowed(frozenset(_principals(statement)), sure, possible, tuple(_conditions(statement)), others)


def covered(one: Allowed, others: Iterable[Allowed]) -> frozenset[Hashable]:
    """Return the principals of an Allow that have all of its access through others, by name or as everyone."""
    lacking = dict.fromkeys(one.principals, one.possible)
    for other in others:
        if lacking and one.possible & other.sure and other.asks_no_more(one):
            for who in list(lacking) if EVERYBODY in other.principals else lacking.keys() & other.principals:
                lacking[who] &= ~other.sure
                if not lacking[who]:
                    del lacking[who]
    return one.principals - lacking.keys()


def principal(kind: str, text: Text) -> Hashable:
    """Return the form in which an entry is compared. An account can be written as a number or as its root ARN."""
    if (kind, text) == ("AWS", "*"):
        return EVERYBODY
    entry = aws_principal(text) if kind == "AWS" and isinstance(text, str) else None
    return (kind, entry.account if isinstance(entry, Named) and entry.form is Form.ACCOUNT else text)


def _principals(statement: Written) -> Iterator[Hashable]:
    value = statement.get("Principal")
    if value == "*":
        yield EVERYBODY
    lists = value if isinstance(value, Mapping) else {}
    for kind in ("AWS", "Service"):
        yield from (principal(kind, text) for text in map(as_text, one_or_many(lists.get(kind, []))) if text)


def _conditions(statement: Written) -> Iterator[_Condition]:
    condition = statement.get("Condition", {})
    if not isinstance(condition, Mapping):
        yield "", "", condition
        return
    for name, keys in condition.items():
        if isinstance(keys, Mapping):
            yield from ((name, str(key).lower(), value) for key, value in keys.items())
        else:
            yield name, "", keys


def _is_met(wide: _Condition, narrow: _Condition) -> bool:
    """Return whether a request that meets `narrow` meets `wide`.

    Only conditions with the same operator and key compare.
    """
    (name, key, many), (other_name, other_key, few) = wide, narrow
    if (name, key) != (other_name, other_key):
        return False
    known = operator(name)
    more, less = one_or_many(many), one_or_many(few)
    if known is not None and not known.negated and known.base in _WIDER_WITH_MORE and less:
        return all(value in more for value in less)
    return more == less
