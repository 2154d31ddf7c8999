"""Removes parts of a plan's statements that others repeat, and joins statements that differ only in principals."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ...documents.holes import Text
from .allowed import EVERYBODY, Allowed, Allows, covered, principal
from .blocks import listed
from .narrow import Part
from .written import replaced

Parts = Mapping[int, Sequence[Part]]
"""The parts that each changed statement becomes, by its number."""


@dataclass(frozen=True, slots=True)
class _Placed:
    """A part, the number of the statement that it comes from, and whether the author gave that statement a name."""

    number: int
    has_name: bool
    part: Part
    allowed: Allowed


def tidied(parts: Parts, others: Sequence[Allowed], allows: Allows) -> dict[int, list[Part]]:
    """Return the parts without principals that others repeat. Joins parts that differ only in principals.

    `others` are the Allows that stay unchanged, taken apart by `allows`.
    """
    names = {number: any("Sid" in part.written for part in found) for number, found in parts.items()}
    placed = [
        _Placed(number, names[number], part, allows.taken_apart(part.written, part.actions))
        for number, found in parts.items()
        for part in found
    ]
    tidy: dict[int, list[Part]] = {number: [] for number in parts}
    for one in _joined(_but_for_repeated(placed, others)):
        tidy[one.number].append(one.part)
    return tidy


def _but_for_repeated(placed: Sequence[_Placed], others: Sequence[Allowed]) -> list[_Placed]:
    """Return the parts without those that others repeat.

    The last is removed first, so the first of two equal ones stays.
    """
    left: list[_Placed | None] = list(placed)
    for place in reversed(range(len(placed))):
        beside = [one.allowed for at, one in enumerate(left) if one and at != place]
        left[place] = _without(placed[place], [*others, *beside])
    return [one for one in left if one]


def _without(one: _Placed, others: Iterable[Allowed]) -> _Placed | None:
    """Return a part without the principals that have the same access through others. None if no principal is left."""
    gone = covered(one.allowed, others)
    block = one.part.block
    if not gone or block.whole is not None:
        return None if EVERYBODY in gone else one
    aws = tuple(text for text in block.aws if principal("AWS", text) not in gone)
    services = tuple(text for text in block.services if principal("Service", text) not in gone)
    if not (aws or services):
        return None
    allowed = one.allowed._replace(principals=one.allowed.principals - gone)
    return replace(one, part=_with_principals(one.part, aws, services), allowed=allowed)


def _joined(placed: Iterable[_Placed]) -> list[_Placed]:
    found: list[_Placed] = []
    for one in placed:
        place = next((place for place, other in enumerate(found) if _may_join(other, one)), None)
        if place is None:
            found.append(one)
        else:
            found[place] = replace(found[place], part=_join(found[place].part, one.part))
    return found


def _may_join(one: _Placed, other: _Placed) -> bool:
    """Return whether two parts differ only in their principals.

    Parts of different statements with a Sid stay separate.
    """
    if one.number != other.number and (one.has_name or other.has_name):
        return False
    here, there = one.part, other.part
    return (
        here.block.whole is None
        and there.block.whole is None
        and here.block.limit == there.block.limit
        and here.actions.negated == there.actions.negated
        and _are_same(here.actions.patterns, there.actions.patterns)
        and one.allowed.asks_no_more(other.allowed)
        and other.allowed.asks_no_more(one.allowed)
    )


def _are_same(some: Collection[Text], others: Collection[Text]) -> bool:
    return all(one in others for one in some) and all(one in some for one in others)


def _join(one: Part, other: Part) -> Part:
    aws = tuple(dict.fromkeys((*one.block.aws, *other.block.aws)))
    services = tuple(dict.fromkeys((*one.block.services, *other.block.services)))
    return _with_principals(one, aws, services)


def _with_principals(part: Part, aws: tuple[Text, ...], services: tuple[Text, ...]) -> Part:
    lists = part.written["Principal"]
    element = listed(lists if isinstance(lists, Mapping) else {}, aws, services)
    written = replaced(part.written, {"Principal": ("Principal", element)})
    return part._replace(written=written, block=replace(part.block, aws=aws, services=services))
