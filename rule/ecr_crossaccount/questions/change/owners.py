"""The owner of a resource if it is unknown: one account of each kind that the policies can tell apart.

A policy distinguishes accounts by the numbers and patterns that it contains, so what holds for one account of a kind
holds for all of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from ...documents.conditions import Base
from ...documents.document import is_account
from ...documents.parse import parse
from ...documents.pattern import OWNER, Hole, Holed, leaves_in, pattern_of
from ...documents.problems import first_of
from ...judgement.patterns.automaton import Budget, BudgetSpentError, classes
from ...judgement.patterns.charsets import DIGIT
from ...judgement.patterns.tokens import Block, exactly
from ...judgement.values.trust_entries import Entry, Subject, glob
from ...memo import by_value

MOST_OWNERS = 32
"""The most owners that a resource is judged for. If the policies tell more apart, the result is undecided."""
TOO_MANY_OWNERS = f"its owner is unknown, and the policies tell more than {MOST_OWNERS} accounts apart"

UNOWNED = "999999999999"
"""Stands for the account of a repository whose owner is unknown. Nothing is judged for it."""

_STEPS = 50_000
_MOST_NAMED = 3
_ANY = exactly(DIGIT, 12)
_VARIABLE = r"\$\{[^}]*\}"
_RUN = r"[0-9*?]+"
_FEW = 9
"""A pattern with at least this many digits matches so few accounts that a register may name all of them."""
_AS_TEXT = frozenset({Base.STRING_EQUALS, Base.STRING_EQUALS_IGNORE_CASE, Base.STRING_LIKE, Base.ARN_LIKE, Base.NULL})
"""The operators that compare an account as a text. Others compare it as a number, which no pattern shows."""


@by_value
class Owners:
    """The accounts that may own a resource, if it is not known to be one.

    `accounts`: the only ones that may, or empty if any account may. `each`: whether the resource exists in each of
    these accounts, and not in one of them. `hole`: stands for the owner in policies.
    """

    accounts: tuple[str, ...] = ()
    each: bool = False
    hole: Hole = OWNER


class Owner(NamedTuple):
    """One account that may own a resource.

    `words`: says so in messages. `otherwise`: says that it is not the owner, or is empty if the account stands for
    others. `by_default`: whether it certainly owns one of the resources, or may be the only owner.
    """

    account: str
    words: str
    otherwise: str
    by_default: bool


def owners_in(
    owners: Owners, documents: Iterable[object], numbers: Iterable[str], register: Iterable[Entry]
) -> list[Owner] | None:
    """Return an account of each kind that may own a resource, or None if there are too many kinds.

    `documents`: all that decides about the resource, read. `numbers`: other accounts that the owner is compared with.
    `register`: the entries that are valid.
    """
    if owners.accounts:
        named = [_make_owner(account, by_default=True) for account in owners.accounts]
        return named if len(named) <= MOST_OWNERS else None
    documents = list(documents)
    if any(map(_compares_numbers, documents)):
        return None
    patterns = dict.fromkeys((*numbers, *(pattern for document in documents for pattern in _patterns(document))))
    wild = {pattern: Block(glob(pattern)) for pattern in patterns if not is_account(pattern)}
    few = [block for one, block in wild.items() if sum(map(str.isdigit, one)) >= _FEW]
    trusted = (entry.name for entry in register if entry.subject is Subject.ACCOUNT)
    patterns |= dict.fromkeys(text for text in trusted if any(block.matches(text) for block in few))
    blocks = [wild.get(pattern) or Block(glob(pattern)) for pattern in patterns]
    try:
        found, complete = classes(_ANY, blocks, MOST_OWNERS + 1, Budget(_STEPS))
    except BudgetSpentError:
        return None
    if not complete or len(found) > MOST_OWNERS:
        return None
    return [_of_kind(text, patterns, wild, owners) for text in found]


def _make_owner(account: str, *, by_default: bool) -> Owner:
    return Owner(account, f"the owner is {account}", f"the owner is not {account}", by_default)


def _of_kind(account: str, patterns: Mapping[str, None], wild: Mapping[str, Block], owners: Owners) -> Owner:
    """Return an account in words. A resource in each of many accounts is in one that no policy names."""
    if account in patterns:
        return _make_owner(account, by_default=not owners.each)
    like = [f"`{name}`" for name, block in wild.items() if block.matches(account)]
    if like:
        return Owner(
            account, f"the owner is an account like {first_of(like, _MOST_NAMED)}", "", by_default=not owners.each
        )
    return Owner(account, "the owner is another account", "", by_default=True)


def _patterns(value: object) -> Iterator[str]:
    """Yield the account numbers, and the patterns that some accounts match and others do not, in a policy."""
    for leaf in leaves_in(value):
        text = pattern_of(leaf) if isinstance(leaf, (str, Holed)) else str(leaf) if isinstance(leaf, int) else ""
        for run in re.findall(_RUN, re.sub(_VARIABLE, "*", text)):
            if is_account(run) or (not run.isdigit() and re.search("[0-9]", run)):
                yield run


def _compares_numbers(document: object) -> bool:
    """Return whether a condition may compare an account with numbers or dates."""
    return any(
        condition.operator.base not in _AS_TEXT and re.search("account|userid", condition.name) is not None
        for statement in parse(document).statements
        for condition in statement.conditions
    )
