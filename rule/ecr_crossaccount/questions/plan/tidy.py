"""Removes parts of a plan's statements that others repeat, joins statements, and names them.

Statements are joined that differ only in principals. A principal may have the same access through another Allow. A Sid
is the author's own, or a name that says what the statement allows, and to whom.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, count
from typing import NamedTuple

from ...documents.conditions import Base, operator
from ...documents.document import Actions, Form, Named, aws_principal
from ...documents.pattern import Text, as_text
from ...judgement.values.actions import MASKS, ActionSets
from ...judgement.values.trust_entries import Subject
from ...judgement.values.verdict import Access
from ...memo import by_value
from .blocks import write_principal
from .narrow import Part
from .outcome import Style, Written, one_or_many, replace_elements

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
    """The parts of an Allow. `sure` has the actions that it names, `possible` also those that it may name.

    `tested` has the operator and key of each condition.
    """

    principals: frozenset[Hashable]
    sure: int
    possible: int
    conditions: tuple[_Condition, ...]
    tested: frozenset[tuple[str, str]]
    others: Mapping[str, object]

    def asks_no_more(self, other: Allowed) -> bool:
        """Return whether this Allow requires no more than `other`. Ignores principals and actions."""
        return (
            self.tested <= other.tested
            and self.others == other.others
            and all(any(_is_met(condition, met) for met in other.conditions) for condition in self.conditions)
        )


class Allows:
    """The Allows of one policy. They share a table of actions, so an unknown action is the same one in all of them."""

    def __init__(self) -> None:
        self._sets = ActionSets()

    def taken_apart(self, statement: Written, actions: Actions) -> Allowed:
        """Return the parts of an Allow that has these actions."""
        others = {name: value for name, value in statement.items() if name not in _OWN}
        sure, possible = self._sets.allowed_actions(actions)
        conditions = tuple(_conditions(statement))
        tested = frozenset((name, key) for name, key, _ in conditions)
        return Allowed(frozenset(_principals(statement)), sure, possible, conditions, tested, others)


def covered_principals(one: Allowed, others: Iterable[Allowed]) -> frozenset[Hashable]:
    """Return the principals of an Allow that have all of its access through others, by name or as everyone."""
    lacking = dict.fromkeys(one.principals, one.possible)
    for other in others:
        if not one.possible & other.sure:
            continue
        shared = lacking.keys() if EVERYBODY in other.principals else lacking.keys() & other.principals
        if shared and other.asks_no_more(one):
            for who in list(shared):
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


Parts = Mapping[int, Sequence[Part]]
"""The parts that each changed statement becomes, by its number."""


@by_value
class _Placed:
    """A part, the number of the statement that it comes from, and whether the author gave that statement a name."""

    number: int
    has_name: bool
    part: Part
    allowed: Allowed


def tidy_parts(parts: Parts, others: Sequence[Allowed], allows: Allows) -> dict[int, list[Part]]:
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
    for one in _join_parts(_but_for_repeated(placed, others)):
        tidy[one.number].append(one.part)
    return tidy


def _but_for_repeated(placed: Sequence[_Placed], others: Sequence[Allowed]) -> list[_Placed]:
    """Return the parts without those that others repeat.

    The last is removed first, so the first of two equal ones stays.
    """
    left: list[_Placed | None] = list(placed)
    for place in reversed(range(len(placed))):
        beside = [one.allowed for at, one in enumerate(left) if one and at != place]
        left[place] = _uncovered_part(placed[place], [*others, *beside])
    return [one for one in left if one]


def _uncovered_part(one: _Placed, others: Iterable[Allowed]) -> _Placed | None:
    """Return a part without the principals that have the same access through others. None if no principal is left."""
    gone = covered_principals(one.allowed, others)
    block = one.part.block
    if block.whole is not None:
        return None if EVERYBODY in gone else one
    aws = tuple(text for text in block.aws if principal("AWS", text) not in gone)
    services = tuple(text for text in block.services if principal("Service", text) not in gone)
    if not (aws or services):
        return None
    allowed = one.allowed._replace(principals=one.allowed.principals - gone)
    return replace(one, part=_with_principals(one.part, aws, services), allowed=allowed)


def _join_parts(placed: Iterable[_Placed]) -> list[_Placed]:
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
    return all(text in others for text in some) and all(text in some for text in others)


def _join(one: Part, other: Part) -> Part:
    aws = tuple(dict.fromkeys((*one.block.aws, *other.block.aws)))
    services = tuple(dict.fromkeys((*one.block.services, *other.block.services)))
    return _with_principals(one, aws, services)


def _with_principals(part: Part, aws: tuple[Text, ...], services: tuple[Text, ...]) -> Part:
    lists = part.written["Principal"]
    element = write_principal(lists if isinstance(lists, Mapping) else {}, aws, services)
    written = replace_elements(part.written, {"Principal": ("Principal", element)})
    return part._replace(written=written, block=replace(part.block, aws=aws, services=services))


_LONGEST_NAME = 40
_NO_NAME = frozenset({"", "None", "null"})
"""What programs write if a statement has no name."""
_PULL = frozenset({"ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"})
_PUSH = frozenset({"ecr:PutImage", "ecr:InitiateLayerUpload", "ecr:UploadLayerPart", "ecr:CompleteLayerUpload"})
_OF_PUSHING = frozenset({"ecr:BatchCheckLayerAvailability"})
"""A read action that a push also needs: it checks which layers exist."""
_OF_READING = frozenset(ActionSets().names(MASKS[Access.READ]))
_WORDS = {
    Subject.ORGANIZATION: "Organization",
    Subject.ORGANIZATION_PATH: "OrganizationPath",
    Subject.VPC: "Vpc",
    Subject.VPC_ENDPOINT: "VpcEndpoint",
}


class Sids:
    """The Sids of a policy's statements, each of them unique.

    IAM allows letters and digits: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_sid.html
    """

    def __init__(self, owner: str, written: Sequence[object], style: Style) -> None:
        self._owner = owner
        self._style = style
        sids = (statement.get("Sid") for statement in written if isinstance(statement, Mapping))
        self._given = [sid for sid in sids if isinstance(sid, str)]
        self._taken = set(self._given)

    def name_statements(self, parts: Sequence[Part]) -> list[Written]:
        """Return the statements that one became. The first keeps its Sid, and the others get one that describes them.

        A single statement without a Sid does not need one. If the policy must be short, no Sid is added.
        """
        if not parts:
            return []
        first, *rest = parts
        if self._is_kept(first.written) or not (rest or "Sid" in first.written):
            return [first.written, *map(self._with_sid, rest)]
        return [self._with_sid(part) for part in parts]

    def _is_kept(self, statement: Written) -> bool:
        sid = statement.get("Sid")
        if isinstance(sid, str):
            return sid not in _NO_NAME and self._given.count(sid) == 1
        return sid is not None

    def _with_sid(self, part: Part) -> Written:
        bare = {name: value for name, value in part.written.items() if name != "Sid"}
        if self._style is Style.SHORT:
            return bare
        sid = _purpose(part) + _grantee(part, self._owner)
        numbered = (f"{sid}{number}" for number in count(2))
        name = next(name for name in chain((sid,), numbered) if name not in self._taken)
        self._taken.add(name)
        return {"Sid": name, **bare}


def _purpose(part: Part) -> str:
    ranks = part.block.ranks
    if Access.ADMIN.rank in ranks:
        return "Manage"
    sets = ActionSets()
    names = frozenset(sets.names(sets.allowed_actions(part.actions)[1]))
    pushes = not names.isdisjoint(_PUSH)
    if Access.WRITE.rank not in ranks:
        return _reading(names)
    if Access.READ.rank not in ranks or (pushes and names & _OF_READING <= _OF_PUSHING):
        return "Push" if pushes else "Write"
    return f"{_reading(names)}And{'Push' if pushes else 'Write'}"


def _reading(names: Collection[str]) -> str:
    return "Read" if _PULL.isdisjoint(names) else "Pull"


def _grantee(part: Part, owner: str) -> str:
    block, limit = part.block, part.block.limit
    if limit is None:
        return "" if block.whole is not None else "From" + "And".join(_names(block.aws, block.services, owner))
    who = f"From{_service(block.services)}For" if limit.is_of_services else "From"
    if limit.subject is Subject.ACCOUNT:
        return who + _accounts(limit.values, owner)
    return who + _WORDS[limit.subject] + ("s" if len(limit.values) > 1 else "")


def _names(aws: Sequence[Text], services: Sequence[Text], owner: str) -> Iterator[str]:
    if aws:
        entries = [aws_principal(text) if isinstance(text, str) else None for text in aws]
        accounts = dict.fromkeys(entry.account if isinstance(entry, Named) else "" for entry in entries)
        yield _accounts(tuple(accounts), owner)
    if services:
        yield _service(services)


def _accounts(names: Sequence[str], owner: str) -> str:
    if len(names) > 1:
        return "Accounts"
    return "Owner" if names[0] == owner else f"Account{names[0]}"


def _service(services: Sequence[Text]) -> str:
    name = services[0] if len(services) == 1 and isinstance(services[0], str) else ""
    words = re.findall(r"[A-Za-z0-9]+", name.partition(".amazon")[0])
    return "".join(map(str.capitalize, words))[:_LONGEST_NAME] or "Services"
