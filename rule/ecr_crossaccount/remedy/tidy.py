"""The statements of a plan, without what others say already, and those that say the same of other principals as one."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from ..access.actions import ActionSets
from ..policy.conditions import Base, operator
from ..policy.document import Actions
from ..policy.holes import Text, as_text
from ..policy.principals import Form, Named, aws_principal
from .blocks import listed
from .narrow import Part
from .written import Written, one_or_many, replaced

_EVERYBODY = ("*", "*")
_OWN = frozenset({"Sid", "Effect", "Principal", "Action", "NotAction", "Condition"})
"""The elements that are compared each in its way; all others have to be equal."""
_WIDER_WITH_MORE = frozenset({Base.STRING_EQUALS, Base.STRING_LIKE, Base.ARN_LIKE})
"""Operators that match more if they have more values, unless they are negated."""

_Condition = tuple[str, str, object]
"""An operator, a key in lower case, and the values; what is not known yet stands for itself."""

Parts = Mapping[int, Sequence[Part]]
"""What each statement that changes becomes, by its number."""


class Allowed(NamedTuple):
    """An Allow taken apart: who, what, under which conditions, and what else it says."""

    principals: frozenset[Hashable]
    actions: Actions
    conditions: tuple[_Condition, ...]
    others: Mapping[str, object]


def allowed(statement: Written, actions: Actions) -> Allowed:
    """Take an Allow apart."""
    others = {name: value for name, value in statement.items() if name not in _OWN}
    return Allowed(frozenset(_principals(statement)), actions, tuple(_conditions(statement)), others)


class _Placed(NamedTuple):
    number: int
    has_name: bool
    part: Part
    allowed: Allowed


def tidied(parts: Parts, others: Sequence[Allowed]) -> dict[int, list[Part]]:
    """Return the parts without principals to whom others give as much, and with those in one that differ in no more.

    `others` are the Allows that stay as they are.
    """
    names = {number: any("Sid" in part.written for part in found) for number, found in parts.items()}
    placed = [_placed(number, names[number], part) for number, found in parts.items() for part in found]
    tidy: dict[int, list[Part]] = {number: [] for number in parts}
    for one in _joined(_but_for_repeated(placed, others)):
        tidy[one.number].append(one.part)
    return tidy


def _placed(number: int, has_name: bool, part: Part) -> _Placed:  # noqa: FBT001 - a column
    return _Placed(number, has_name, part, allowed(part.written, part.actions))


# --- what is said already ---


def _but_for_repeated(placed: Sequence[_Placed], others: Sequence[Allowed]) -> list[_Placed]:
    """Leave out what others give, the last first: of two that say the same, the first one stays."""
    left: list[_Placed | None] = list(placed)
    for place in reversed(range(len(placed))):
        beside = [one.allowed for at, one in enumerate(left) if one and at != place]
        slim = _without(placed[place], [*others, *beside])
        left[place] = slim and _placed(slim.number, slim.has_name, slim.part)
    return [one for one in left if one]


def _without(one: _Placed, others: Iterable[Allowed]) -> _Placed | None:
    """Return a part without the principals that have as much by others; None if nobody is left."""
    given = _given(other for other in others if _asks_no_more(other, one.allowed))
    if not given:
        return one
    block, has = one.part.block, _Has(one.part.actions, given)
    if block.whole is not None:
        return None if has.all_of(_EVERYBODY) else one
    aws = tuple(text for text in block.aws if not has.all_of(_who("AWS", text)))
    services = tuple(text for text in block.services if not has.all_of(_who("Service", text)))
    return one._replace(part=_with_principals(one.part, aws, services)) if aws or services else None


class _Has:
    """Answers who has all of some actions by other statements."""

    def __init__(self, actions: Actions, given: Mapping[Hashable, Sequence[Actions]]) -> None:
        self._sets = ActionSets()
        self._wanted = self._sets.allowed(actions)[1]
        self._given = given

    def all_of(self, who: Hashable) -> bool:
        """Whether a principal has all of them, by its name or with everybody."""
        found = 0
        for actions in (*self._given.get(who, ()), *self._given.get(_EVERYBODY, ())):
            found |= self._sets.allowed(actions)[0]
        return not self._wanted & ~found


def _given(statements: Iterable[Allowed]) -> dict[Hashable, list[Actions]]:
    """The actions that statements give, by principal."""
    given: dict[Hashable, list[Actions]] = {}
    for one in statements:
        for who in one.principals:
            given.setdefault(who, []).append(one.actions)
    return given


def _principals(statement: Written) -> Iterator[Hashable]:
    value = statement.get("Principal")
    if value == "*":
        yield _EVERYBODY
    lists = value if isinstance(value, Mapping) else {}
    for kind in ("AWS", "Service"):
        yield from (_who(kind, text) for text in map(as_text, one_or_many(lists.get(kind, []))) if text is not None)


def _who(kind: str, text: Text) -> Hashable:
    """Return a principal as what it is compared by: an account may be written in two ways."""
    if (kind, text) == ("AWS", "*"):
        return _EVERYBODY
    entry = aws_principal(text) if kind == "AWS" and isinstance(text, str) else None
    return (kind, entry.account if isinstance(entry, Named) and entry.form is Form.ACCOUNT else text)


def _asks_no_more(wide: Allowed, narrow: Allowed) -> bool:
    """Whether a statement applies wherever another does, as far as principals and actions allow."""
    return wide.others == narrow.others and all(
        any(_is_met(one, other) for other in narrow.conditions) for one in wide.conditions
    )


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
    """Whether what meets one condition meets another, which is on the same key or is not found to be met."""
    (name, key, many), (other_name, other_key, few) = wide, narrow
    if (name, key) != (other_name, other_key):
        return False
    known = operator(name)
    more, less = one_or_many(many), one_or_many(few)
    if known is not None and not known.negated and known.base in _WIDER_WITH_MORE and less:
        return all(value in more for value in less)
    return more == less


# --- what differs in its principals alone ---


def _joined(placed: Iterable[_Placed]) -> list[_Placed]:
    found: list[_Placed] = []
    for one in placed:
        place = next((place for place, other in enumerate(found) if _may_join(other, one)), None)
        if place is None:
            found.append(one)
        else:
            found[place] = found[place]._replace(part=_join(found[place].part, one.part))
    return found


def _may_join(one: _Placed, other: _Placed) -> bool:
    """Whether two parts differ in their principals alone; statements that their author named stay apart."""
    if one.number != other.number and (one.has_name or other.has_name):
        return False
    here, there = one.part, other.part
    return (
        here.block.whole is None
        and there.block.whole is None
        and here.block.limit == there.block.limit
        and here.actions.negated == there.actions.negated
        and _are_same(here.actions.patterns, there.actions.patterns)
        and _asks_no_more(one.allowed, other.allowed)
        and _asks_no_more(other.allowed, one.allowed)
    )


def _are_same(some: Collection[Text], others: Collection[Text]) -> bool:
    return all(one in others for one in some) and all(one in some for one in others)


def _join(one: Part, other: Part) -> Part:
    aws = tuple(dict.fromkeys((*one.block.aws, *other.block.aws)))
    services = tuple(dict.fromkeys((*one.block.services, *other.block.services)))
    return _with_principals(one, aws, services)


def _with_principals(part: Part, aws: tuple[Text, ...], services: tuple[Text, ...]) -> Part:
    lists = part.written["Principal"]
    principal = listed(lists if isinstance(lists, Mapping) else {}, aws, services)
    written = replaced(part.written, {"Principal": ("Principal", principal)})
    return part._replace(written=written, block=replace(part.block, aws=aws, services=services))
