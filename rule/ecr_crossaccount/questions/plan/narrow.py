"""Narrows one offending Allow to the blocks that are inside. Each block is proven to be needed.

Actions are cut to what trust covers. Covered actions stay as written. A wildcard becomes the actions that remain.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from typing import NamedTuple

from ...documents.document import Actions, Effect, Statement
from ...documents.pattern import Text
from ...judgement.context.keys import ACCOUNTS, is_of_sender
from ...judgement.values.actions import ActionSets, of_ranks
from . import reasons
from .blocks import Block, blocks, for_accounts, strangers, turned_around, whom
from .limits import Ranks, TrustedRanks, inside, is_within, limit_condition, without_idle
from .outcome import CannotSayError, Style, Written, replace_elements, write_entries
from .reasons import Bench, Loss

_WORD = re.compile(r"[A-Z][a-z]+")


def cut(actions: Actions, ranks: Ranks, style: Style) -> tuple[Text, ...]:
    """Return the actions of the element that have one of the ranks. `ranks` must be among those of the element.

    Leaves out actions that no repository policy can grant, such as `ecr:GetAuthorizationToken`. Raises CannotSayError
    if the actions are unknown until deployment.
    """
    allowed = of_ranks(ranks)
    sets = ActionSets()
    if actions.negated:
        _refuse_unknown_action(actions.patterns)
        return sets.names(sets.allowed_actions(actions)[0] & allowed)
    kept: list[Text] = []
    done = 0
    for text in actions.patterns:
        known, perhaps = sets.allowed_actions(Actions(negated=False, patterns=(text,)))
        if perhaps & ~allowed:
            _refuse_unknown_action((text,))
            names = sets.names(known & allowed & ~done)
            kept += names if style is Style.PLAIN else _shorten_actions(str(text), names, allowed)
        elif perhaps:
            kept.append(text)
        done |= known
    return tuple(kept)


def _shorten_actions(source: str, names: Sequence[str], allowed: int) -> list[str]:
    """Return each action as its first words and `*`, if the original pattern covers everything that this matches."""
    found: list[str] = []
    for name in names:
        starts = (f"{name[: word.end()]}*" for word in _WORD.finditer(name))
        found.append(next((start for start in starts if _is_within(start, source, allowed)), name))
    return list(dict.fromkeys(found))


def _is_within(start: str, source: str, allowed: int) -> bool:
    matched = ActionSets().allowed_actions(Actions(negated=False, patterns=(start,)))[0]
    return not matched & ~allowed and is_within(start.lower(), source.lower())


def ranks_of(actions: Actions) -> Ranks:
    """Return the ranks of the actions that an element allows, or may allow when its holes are filled."""
    every = ActionSets().allowed_actions(actions)[1]
    return frozenset(rank for rank in range(3) if every & of_ranks(frozenset((rank,))))


def _refuse_unknown_action(patterns: Sequence[Text]) -> None:
    if not all(isinstance(text, str) for text in patterns):
        raise CannotSayError("which actions it allows is not known yet, and so they cannot be cut")


_MOST_ASKED = 16
"""The number of accounts that are checked one by one.

A longer list stays complete, even if a condition excludes some.
"""


class Part(NamedTuple):
    """A statement that replaces an Allow, the block that it expresses, and its actions."""

    written: Written
    block: Block
    actions: Actions


class Narrowed(NamedTuple):
    """The statements that replace an Allow, possibly none, and the inside access that is lost, with reasons."""

    parts: list[Part]
    losses: tuple[Loss, ...]


def narrow_allow(statement: Statement, written: Written, question: Bench, style: Style) -> Narrowed:
    """Return the statements that replace an Allow. Raises CannotSayError if it cannot be narrowed."""
    _refuse_unknown(statement, written)
    if statement.principals.negated:
        written = turned_around(statement, written, deployed=question.is_deployed)
    return _Narrowing(statement, written, question, style).answer()


def _refuse_unknown(statement: Statement, written: Written) -> None:
    if statement.effect is not Effect.ALLOW or written.get("Effect") != "Allow":
        raise CannotSayError("whether it allows or denies is not known yet")


class _Narrowing:
    """The work of narrowing one Allow."""

    def __init__(self, statement: Statement, written: Written, question: Bench, style: Style) -> None:
        self._statement = statement
        self._written = written
        self._question = question
        self._style = style
        self._account = f"arn:{question.partition}:iam::{{}}:root" if style is Style.PLAIN else "{}"
        self._ranks = ranks_of(statement.actions)
        self._whom = whom(statement, written, deployed=question.is_deployed)

    def answer(self) -> Narrowed:
        """Return the statements that the Allow becomes. Those that keep all of its actions come first."""
        kept = self._kept_ranks()
        within = self._ranks_inside(kept)
        every = (block for block in blocks(self._whom, within, self._account) if block.ranks)
        found = [block for block in map(self._but_for_kept_out, every) if self._is_needed(block)]
        stays = Block(kept, None, self._whom.whole, self._whom.aws, self._whom.services, first=True)
        found += [stays] if kept and self._is_needed(stays) else []
        found.sort(key=lambda block: (block.ranks != self._ranks, min(block.ranks)))
        parts = [*filter(None, map(self._part_of, found))]
        return Narrowed(parts, tuple(self._losses(within)))

    def _ranks_inside(self, kept: Ranks) -> TrustedRanks:
        """Return what is inside. If a wildcard stays for some ranks, everyone has them, so they need no block."""
        owner, circles = self._question.home, self._question.circles
        if self._whom.whole is None:
            return inside(owner, circles, self._ranks, kept)
        return inside(owner, circles, self._ranks - kept, frozenset())

    def _losses(self, within: TrustedRanks) -> Iterator[Loss]:
        """Yield the trusted access that is lost because nothing shows that the Allow is meant for it."""
        if self._whom.whole is None and within.has_groups:
            yield from map(reasons.stranger, strangers(self._whom, within))
        if not self._whom.means_services:
            ranks = [block.ranks for block in self._services(within) if self._is_needed(block)]
            if ranks:
                yield reasons.services(frozenset().union(*ranks))

    def _services(self, within: TrustedRanks) -> Iterator[Block]:
        """Yield the blocks for services that a wildcard certainly allows and that act for an account inside."""
        everybody = Block(frozenset(), whole=self._whom.whole)
        return (replace(block, plainly=True) for block in for_accounts(everybody, within))

    def _kept_ranks(self) -> Ranks:
        """Return the ranks that the Allow gives to no one outside."""
        if len(self._ranks) == 1:
            return frozenset()
        return frozenset(rank for rank in self._ranks if self._holds(frozenset((rank,))))

    def _holds(self, ranks: Ranks) -> bool:
        part = self._part_of(Block(ranks, None, self._whom.whole, self._whom.aws, self._whom.services))
        return part is None or self._question.holds([part.written])

    def _but_for_kept_out(self, block: Block) -> Block:
        """Return the block without accounts that the Allow excludes, if its accounts replace everyone."""
        if not (self._tells_accounts and 0 < len(block.accounts) <= _MOST_ASKED):
            return block
        each = {name: block.with_accounts([name], self._account) for name in block.accounts}
        return block.with_accounts([name for name, one in each.items() if self._is_needed(one)], self._account)

    @cached_property
    def _tells_accounts(self) -> bool:
        """Whether the Allow, apart from its Principal, may distinguish between accounts."""
        names = {condition.name for condition in self._statement.conditions}
        return self._statement.principals.negated or not names.isdisjoint(ACCOUNTS)

    @cached_property
    def _may_mean_services(self) -> bool:
        """Whether an Allow for everyone may be meant for services: unless it tests a key that only callers send."""
        asks_people = any(is_of_sender(condition.name) for condition in self._statement.conditions)
        return self._question.has_holes or not asks_people or self._whom.means_services

    def _is_needed(self, block: Block) -> bool:
        """Return whether a block allows someone that the blocks before it do not."""
        if not block.asked:
            return True
        part = self._part_of(block)
        if part is None:
            return False
        plainly = block.plainly and not self._may_mean_services
        return self._question.lets_in(part.written, block.besides, owner_too=block.first, plainly=plainly)

    def _part_of(self, block: Block) -> Part | None:
        """Return a block as a statement, or None if it allows nothing."""
        if block.whole is None and not (block.aws or block.services):
            return None
        actions = self._statement.actions
        changes: dict[str, tuple[str, object]] = {"Principal": ("Principal", self._whom.element(block, self._written))}
        if block.ranks != self._ranks:
            cut_actions = Actions(negated=False, patterns=cut(actions, block.ranks, self._style))
            changes["NotAction" if actions.negated else "Action"] = ("Action", write_entries("*", cut_actions.patterns))
            actions = cut_actions
        condition = self._written.get("Condition", {})
        if block.limit is not None:
            found = limit_condition(condition, block.limit, variables=self._question.has_variables)
            if found is None:
                return None
            condition, block = found.condition, replace(block, limit=found.limit)
        condition = without_idle(condition, block.never_has)
        if condition:
            return Part(
                replace_elements(self._written, {**changes, "Condition": ("Condition", condition)}), block, actions
            )
        written = replace_elements(self._written, changes)
        return Part({name: value for name, value in written.items() if name != "Condition"}, block, actions)
