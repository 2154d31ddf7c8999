"""One offending Allow, narrowed: the blocks of it that are inside, each proven to be needed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import NamedTuple

from ..policy.document import Actions, Effect, Statement
from .blocks import Block, blocks, whom
from .cut import cut, ranks_of
from .inside import Ranks, inside
from .limits import CannotSayError, limited, without_idle
from .not_principal import turned_around
from .question import Question
from .written import Style, Written, like, replaced

_OF_ACCOUNTS = frozenset({"aws:principalaccount", "aws:principalarn", "aws:userid"})
_OF_SERVICES = frozenset(
    {
        "aws:principalisawsservice",
        "aws:principalservicename",
        "aws:principalservicenameslist",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceorgid",
        "aws:sourceorgpaths",
    }
)
_OF_PEOPLE = (
    "aws:calledvia",
    "aws:multifactorauth",
    "aws:principal",
    "aws:referer",
    "aws:sourceidentity",
    "aws:sourceip",
    "aws:sourcevpc",
    "aws:tokenissuetime",
    "aws:useragent",
    "aws:userid",
    "aws:username",
    "aws:viaawsservice",
    "aws:vpc",
)
"""How keys begin of which nobody can tell what a service holds: who asks about them means people."""
_MOST_ASKED = 16
"""Accounts that are asked for one by one; more of them stay in a list, whether or not a condition leaves them out."""


class Part(NamedTuple):
    """A statement that an Allow becomes, and the block of it that it says."""

    written: Written
    block: Block


def narrowed(statement: Statement, written: Written, question: Question, style: Style) -> list[Part]:
    """Return what an Allow becomes: one statement, several, or none. Raises CannotSayError."""
    _refuse_unknown(statement, written)
    if statement.principals.negated:
        written = turned_around(statement, written, deployed=question.is_deployed)
    return _Narrowing(statement, written, question, style).parts()


def _refuse_unknown(statement: Statement, written: Written) -> None:
    if statement.effect is not Effect.ALLOW or written.get("Effect") != "Allow":
        raise CannotSayError("whether it allows or denies is not known yet")


class _Narrowing:
    """An Allow on its way to what of it is inside."""

    def __init__(self, statement: Statement, written: Written, question: Question, style: Style) -> None:
        self._statement = statement
        self._written = written
        self._question = question
        self._style = style
        self._account = f"arn:{question.partition}:iam::{{}}:root" if style is Style.PLAIN else "{}"
        self._ranks = ranks_of(statement.actions)
        self._whom = whom(statement, written, deployed=question.is_deployed)

    def parts(self) -> list[Part]:
        """The statements that the Allow becomes."""
        kept = self._kept_ranks()
        within = inside(self._question.owner, self._question.circles, self._ranks)
        candidates = map(self._but_for_covered, blocks(self._whom, within, self._ranks, self._account))
        found = [block for block in candidates if not block.ranks <= kept and self._is_needed(block)]
        if kept:
            whole = [block for block in found if block.limit is None and block.ranks == self._ranks]
            found.insert(len(whole), self._all_but_repeated(kept, found))
        return [part for part in map(self._part_of, found) if part is not None]

    def _kept_ranks(self) -> Ranks:
        """The ranks of which the Allow lets nobody outside have any."""
        if len(self._ranks) == 1:
            return frozenset()
        return frozenset(rank for rank in self._ranks if self._holds(frozenset((rank,))))

    def _holds(self, ranks: Ranks) -> bool:
        part = self._part_of(Block(ranks, None, self._whom.whole, self._whom.aws, self._whom.services))
        return part is None or self._question.holds([part.written])

    def _all_but_repeated(self, kept: Ranks, found: Sequence[Block]) -> Block:
        """The Allow for the ranks of it that may stay, without those who have them by a block as well."""
        named = [block for block in found if block.limit is None and kept <= block.ranks]
        callers = {text for block in named for text in block.aws}
        services = {text for block in named for text in block.services}
        return Block(
            kept,
            None,
            self._whom.whole,
            tuple(text for text in self._whom.aws if text not in callers),
            tuple(text for text in self._whom.services if text not in services),
        )

    def _but_for_covered(self, block: Block) -> Block:
        """Leave out of the accounts that take the place of everybody those to whom the block gives nothing new."""
        if not block.accounts:
            return block
        actions = self._statement.actions if block.ranks == self._ranks else self._cut(block.ranks)
        names = [name for name in block.accounts if not self._question.has_plainly(name, actions)]
        if self._tells_accounts and len(names) <= _MOST_ASKED:
            names = [name for name in names if self._is_needed(block.with_accounts([name], self._account))]
        return block.with_accounts(names, self._account)

    @cached_property
    def _tells_accounts(self) -> bool:
        """Whether the Allow may let in some accounts and not others, besides its Principal."""
        names = {condition.name for condition in self._statement.conditions}
        return self._statement.principals.negated or not names.isdisjoint(_OF_ACCOUNTS)

    @cached_property
    def _may_mean_services(self) -> bool:
        """Whether an Allow for everybody may be meant for services: unless it asks what only people have."""
        names = {condition.name for condition in self._statement.conditions}
        asks_people = any(name.startswith(_OF_PEOPLE) for name in names)
        return self._question.has_holes or not asks_people or not names.isdisjoint(_OF_SERVICES)

    def _cut(self, ranks: Ranks) -> Actions:
        return Actions(negated=False, patterns=cut(self._statement.actions, ranks, self._style))

    def _is_needed(self, block: Block) -> bool:
        """Whether a block lets somebody in whom the blocks before it do not."""
        if not block.asked:
            return True
        part = self._part_of(block)
        if part is None:
            return False
        plainly = block.plainly and not self._may_mean_services
        return self._question.lets_in(part.written, block.besides, owner_too=block.first, plainly=plainly)

    def _part_of(self, block: Block) -> Part | None:
        """Write a block as a statement; None if it allows nobody anything."""
        if block.whole is None and not (block.aws or block.services):
            return None
        changes: dict[str, tuple[str, object]] = {"Principal": ("Principal", self._whom.element(block, self._written))}
        if block.ranks != self._ranks:
            actions = cut(self._statement.actions, block.ranks, self._style)
            changes["NotAction" if self._statement.actions.negated else "Action"] = ("Action", like("*", actions))
        condition = self._written.get("Condition", {})
        if block.limit is not None:
            found = limited(condition, block.limit, variables=self._question.has_variables)
            if found is None:
                return None
            condition, block = found.condition, replace(block, limit=found.limit)
        condition = without_idle(condition, block.absent)
        if condition:
            return Part(replaced(self._written, {**changes, "Condition": ("Condition", condition)}), block)
        written = replaced(self._written, changes)
        return Part({name: value for name, value in written.items() if name != "Condition"}, block)
