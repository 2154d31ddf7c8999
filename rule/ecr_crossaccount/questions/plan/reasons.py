"""The texts of a plan: what changes, and why; and the questions behind them.

A plan asks the judge: does this statement, with the policy's own Denies, allow anyone?
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from typing import NamedTuple

from ...documents.document import NEW_VERSION, Effect, Named, aws_principal
from ...documents.parse import parse
from ...documents.pattern import Text, holes_in
from ...documents.problems import first_of, quote
from ...judgement.admission import Origin
from ...judgement.judge import Repository, context_for
from ...judgement.judgement import verdict_of
from ...judgement.patterns.automaton import Budget
from ...judgement.values.trust import Trust, TrustLevel
from ...judgement.values.trust_entries import SELF, Entry, Subject
from ...judgement.values.verdict import Access, Compliance, Grant, Verdict
from .blocks import Block
from .limits import Owner, Ranks
from .outcome import Written, plain, statements_of

STEPS_TO_ASK, STEPS_TO_PROVE = 12_000, 14_000
"""The work budgets of all questions, and of the verdicts on what the policy becomes."""
MOST_QUESTIONS = 40
"""The most judgements that a plan spends on finding parts that are not needed.

After that, it keeps every part. The plan of a complicated policy becomes longer, but does not take longer.
"""


class Bench:
    """One policy, one repository and one trust. Every question of a plan is about them."""

    def __init__(self, document: Written, repository: Repository, trust: Trust, origin: Origin) -> None:
        policy = parse(document)
        written = statements_of(document)
        self.statements = {statement.number: statement for statement in policy.statements}
        self._document = document
        self._repository = repository
        self._trust = trust.about(repository.name).naming(document, repository.organization)
        self._origin = origin
        self._asked = 0
        self._to_ask, self._to_prove = Budget(STEPS_TO_ASK), Budget(STEPS_TO_PROVE)
        self._denies = [written[statement.number] for statement in policy.statements if statement.effect is Effect.DENY]
        self.home = Owner(repository.account, repository.organization)
        self.partition = repository.partition
        self.circles: Sequence[TrustLevel] = self._trust.circles(repository.organization)
        self.is_deployed = origin is Origin.DEPLOYED
        self.has_holes = any(holes_in(document))
        self.has_variables = document.get("Version") == NEW_VERSION

    def _may_ask(self) -> bool:
        self._asked += 1
        self._to_ask.left -= self._length // 24  # to read the statements again
        return self._asked <= MOST_QUESTIONS and self._to_ask.left > 0

    def verdict(self, document: Written) -> Verdict:
        """Return the verdict on a policy, with the same repository, trust and origin."""
        return self._judge_document(document, self._repository, self._trust, self._to_prove)

    def _judge_document(self, document: Written, repository: Repository, trust: Trust, budget: Budget) -> Verdict:
        context = context_for([document], repository, trust)
        about = trust.about(repository.name).naming(document, repository.organization)
        return verdict_of(parse(document), context, about, self._origin, budget=budget)

    def holds(self, statements: Sequence[Written]) -> bool:
        """Return whether some Allows, with the Denies, give no one outside access.

        False if the limit of questions is reached.
        """
        if not self._may_ask():
            return False
        document = {**self._document, "Statement": [*statements, *self._denies]}
        found = self._judge_document(document, self._repository, self._trust, self._to_ask)
        return found.compliance is Compliance.COMPLIANT

    def lets_in(self, statement: Written, besides: frozenset[Subject], *, owner_too: bool, plainly: bool) -> bool:
        """Return whether an Allow, with the Denies, allows anyone that the kinds of entries in `besides` do not cover.

        `owner_too`: a principal of the owner account counts as well. Otherwise the owner is covered. `plainly`: only an
        AWS service that certainly has access counts. Also returns True if the limit of questions is reached.
        """
        if (owner_too and self._asks_for_owner) or not self._may_ask():
            return True
        document = {**self._document, "Statement": [statement, *self._denies]}
        trust = replace(self._trust, entries=tuple(entry for entry in self._trust.entries if entry.subject in besides))
        repository = replace(self._repository, account=self._stranger) if owner_too else self._repository
        verdict = self._judge_document(document, repository, trust, self._to_ask)
        return verdict.service if plainly else verdict.compliance is not Compliance.COMPLIANT

    @cached_property
    def _length(self) -> int:
        return len(json.dumps(plain(self._document)))

    @cached_property
    def _asks_for_owner(self) -> bool:
        """Whether a condition is about the account of the repository. Another owner would then change the answer."""
        return "resourceaccount" in json.dumps(plain(self._document)).lower()

    def entry_for(self, name: str) -> Entry | None:
        """Return the register entry that covers a name, or None if only a part of an entry covers it."""
        own = self._repository.organization
        return next((entry for entry in self._trust.valid if (own if entry.name == SELF else entry.name) == name), None)

    @cached_property
    def _stranger(self) -> str:
        """An account that the policy does not name. If it is the owner, the real owner counts as outside."""
        text = json.dumps(plain(self._document))
        names = (f"{number:012}" for number in range(len(text)))
        return next(name for name in names if name not in text and name != self.home.account)


WORDS = {
    Subject.ORGANIZATION: "organization",
    Subject.ORGANIZATION_PATH: "organization path",
    Subject.ACCOUNT: "account",
    Subject.VPC: "VPC",
    Subject.VPC_ENDPOINT: "VPC endpoint",
}
NOTHING_LEFT = "no part of it is inside: it is not of the owner account, and trust does not cover it"
SAID_BY_OTHERS = "other statements of the policy allow what is left of it"
DELETED = "it was deleted and grants nothing, and ECR refuses to write a policy that names it"
NO_STATEMENT = "no statement is left"
_MOST = 4


class Loss(NamedTuple):
    """A change that takes access from trusted principals, and the reason."""

    change: str
    reason: str


def services(ranks: Ranks) -> Loss:
    """Return the loss when a wildcard no longer allows services."""
    return Loss(
        f"{_of_ranks(ranks)} removed from AWS services that act for the owner or a trusted account",
        "a wildcard allows every AWS service, and the plan keeps only those that trust names: to keep one, add a "
        "`service` entry",
    )


def stranger(entry: Text) -> Loss:
    """Return the loss when an account that trust does not name leaves a list with trusted accounts.

    It leaves even if it is in a trusted organization.
    """
    change = f"{quote(str(entry))} left out of Principal"
    return Loss(change, "trust names other accounts of the list, not this one; to keep it, add an `account` entry")


def describe_lost_access(grant: Grant) -> str:
    """Return who loses which access, as text."""
    whom = grant.grantee if " " in grant.grantee else f"{grant.kind.value} {grant.grantee}"
    return f"{', '.join(access.value for access in grant.access)} removed from {whom}"


def describe_kept_access(block: Block) -> str:
    """Return who keeps which access, as text."""
    return f"{_of_ranks(block.ranks)} kept for {_block_principals(block)}"


def _of_ranks(ranks: Ranks) -> str:
    return ", ".join(access.value for access in Access if access.rank in ranks)


def inside(block: Block, question: Bench) -> str:
    """Return, as text, which trust puts the principals of a block inside."""
    found = list(dict.fromkeys(_word(block, subject, name, question) for subject, name in _subjects(block)))
    shown = "; ".join(found[:_MOST]) + (f"; and {len(found) - _MOST} more" if len(found) > _MOST else "")
    return shown or "it is the owner account, or the register trusts it"


def _subjects(block: Block) -> Iterator[tuple[Subject, str]]:
    if block.limit is not None:
        yield from ((block.limit.subject, value) for value in block.limit.values)
    elif block.whole is None:
        entries = map(aws_principal, block.texts)
        yield from ((Subject.ACCOUNT, entry.account) for entry in entries if isinstance(entry, Named))
        yield from ((Subject.SERVICE, str(name)) for name in block.services)


def _word(block: Block, subject: Subject, name: str, question: Bench) -> str:
    if subject is Subject.ACCOUNT and name == question.home.account:
        return "it is the owner account"
    entry = question.entry_for(name)
    if entry is None and block.limit is None:
        return "only the owner account or trusted principals meet its conditions and the Denies"
    return f"the register trusts {quote(name)}" + (f" ({entry.reason})" if entry is not None and entry.reason else "")


def _block_principals(block: Block) -> str:
    if block.limit is None:
        return (
            _first(map(str, (*block.aws, *block.services))) if block.whole is None else "the principals that it allows"
        )
    what = ("services acting for " if block.limit.is_of_services else "") + WORDS[block.limit.subject]
    return f"{what}{'s' if len(block.limit.values) > 1 else ''} {_first(block.limit.values)}"


def _first(names: Iterable[str]) -> str:
    return first_of(list(map(quote, names)), _MOST)


def still_open(verdict: Verdict) -> str:
    """Return why a candidate policy is not compliant."""
    if verdict.grants:
        return verdict.grants[0].reason
    found = [undecided.reason for undecided in verdict.undecided] + [
        f"{invalid.at}: {invalid.reason}" for invalid in verdict.invalid
    ]
    return found[0]
