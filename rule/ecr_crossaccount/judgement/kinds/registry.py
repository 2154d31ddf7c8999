"""A registry policy, judged by what it grants on every repository that its Resource matches.

The repositories are unknown. But the policy treats two repositories equally if the same Resources and the same entries
of the register match them. So this module makes up one repository of each such kind. It judges the statements that
apply to that repository as if they were its own policy.
https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-permissions.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from ...documents.document import Document, Effect, Policy, Statement
from ...documents.parse import parse
from ...memo import by_value
from .. import reasons
from ..admission import Origin, RepositoryArn, answers, certain_blocks, possible_blocks, select_statements
from ..beside import without_resource
from ..judge import Repository, context_of
from ..judgement import other_partitions, verdict_of
from ..patterns.automaton import Budget, BudgetSpentError, TextQuestion, find
from ..patterns.tokens import Block
from ..search.callers import STEPS
from ..values.actions import CONTRADICTED, EVERY_OF_REGISTRY
from ..values.trust import Trust
from ..values.trust_entries import glob
from ..values.verdict import Compliance, Grant, Kind, Undecided, Verdict, combine_verdicts

NO_REPOSITORY = "no Resource of an Allow is a repository of this registry, so it grants nothing on any"
STEPS_OF_KINDS = 30_000
"""The steps for finding the kinds of repositories in a registry. Beyond these, the rest is undecided."""


def judge_registry(policy: object, registry: Repository, trust: Trust, origin: Origin = Origin.PROPOSED) -> Verdict:
    """Decide what outsiders can do to the repositories of a registry through its policy.

    `registry` gives the account and the Region. Its name is ignored. Never raises because of the policy's content.
    """
    read, trust = parse(policy), trust.naming(policy, registry.organization)
    budgets = Budget(STEPS_OF_KINDS), Budget(STEPS)
    found = _judge_partition(read, registry, trust, origin, budgets)
    if registry.region is not None or found.compliance is not Compliance.COMPLIANT:
        return found
    elsewhere = (
        (name, _judge_partition(read, replace(registry, partition=name), trust, origin, budgets))
        for name in other_partitions(read.statements, registry.partition)
    )
    return replace(
        found, undecided=tuple(doubt for name, there in elsewhere for doubt in reasons.elsewhere(name, there))
    )


def _judge_partition(
    read: Policy, registry: Repository, trust: Trust, origin: Origin, budgets: tuple[Budget, Budget]
) -> Verdict:
    """Decide it for a registry in its partition. `budgets`: to find the kinds of repositories, and to judge them."""
    to_find, to_judge = budgets
    invalid = (*read.invalid, *without_resource(read.statements))
    kinds, complete = _kinds(read.statements, registry, trust, to_find)
    judged = _Judging(read.statements, registry, trust, origin, to_judge).judge_repository
    verdicts = [judged(kind, EVERY_OF_REGISTRY) for kind in kinds]
    contradicted = [judged(kind, CONTRADICTED) for kind in kinds]
    allows = any(statement.effect is Effect.ALLOW for statement in read.statements)
    notes = (NO_REPOSITORY,) if allows and not kinds and complete else ()
    found = (replace(one, document=Document.REGISTRY) for verdict in verdicts for one in verdict.undecided)
    united = combine_verdicts(verdicts, lambda: _grants(verdicts), found, (invalid, notes))
    united = _with_doubts(united, contradicted)
    if complete:
        return united
    doubt = Undecided(
        None,
        "it distinguishes more kinds of repositories than the work budget of a judgement allows",
        Document.REGISTRY,
    )
    return replace(united, undecided=(*united.undecided, doubt))


def _with_doubts(united: Verdict, contradicted: Iterable[Verdict]) -> Verdict:
    """Add doubts about the action for which AWS's pages contradict each other.

    A statement that already has a grant gets no doubt.
    """
    doubtful = (grant for verdict in contradicted for grant in verdict.grants)
    statements = dict.fromkeys(grant.statement for grant in doubtful)
    if not statements:
        return united
    known = {grant.statement for grant in united.grants}
    doubts = [Undecided(number, CONTRADICTION, Document.REGISTRY) for number in statements if number not in known]
    return replace(united, undecided=(*united.undecided, *doubts))


_GUIDE = "https://docs.aws.amazon.com/AmazonECR/latest/userguide/"
CONTRADICTION = (
    "whether a registry policy can grant ecr:CreatePullThroughCacheRule cannot be determined: "
    f"{_GUIDE}registry-permissions.html says that it can, {_GUIDE}pull-through-cache-iam.html that identity-based "
    "policies alone can"
)


# --- the kinds of repositories that statements and the register distinguish ---


@by_value
class _Closer:
    """A Deny or an entry of the register that applies to some repositories only, so that a repository can escape it.

    A repository escapes if its ARN matches one of `wanted` (None: any ARN does) and none of `unwanted`.
    """

    wanted: tuple[Block, ...] | None
    unwanted: tuple[Block, ...]


def _kinds(
    statements: Sequence[Statement], registry: Repository, trust: Trust, budget: Budget
) -> tuple[list[RepositoryArn], bool]:
    """Return a repository of every kind that an Allow applies to, and whether these are all kinds."""
    arn = RepositoryArn(registry.partition, registry.region, registry.account)
    closers = [*_denies(statements), *_entries(trust, arn)]
    found: dict[str, None] = {}
    try:
        for statement in statements:
            if statement.effect is Effect.ALLOW:
                for text in _escapes(arn, _reach(statement), closers, budget):
                    found[text] = None
    except BudgetSpentError:
        return list(map(RepositoryArn.parse, found)), False
    return list(map(RepositoryArn.parse, found)), True


def _reach(allow: Statement) -> _Closer:
    resources = allow.resources
    if resources is None:
        return _Closer(None, ())
    if resources.negated:
        return _Closer(None, certain_blocks(resources))
    return _Closer(possible_blocks(resources), ())


def _denies(statements: Iterable[Statement]) -> Iterator[_Closer]:
    for statement in statements:
        if statement.effect is Effect.DENY and statement.resources is not None:
            if statement.resources.negated:
                yield _Closer(possible_blocks(statement.resources), ())
            else:
                yield _Closer(None, certain_blocks(statement.resources))


def _entries(trust: Trust, arn: RepositoryArn) -> Iterator[_Closer]:
    for names in dict.fromkeys(entry.repositories for entry in trust.valid if entry.repositories != ("*",)):
        yield _Closer(None, tuple(Block(arn.start + glob(name)) for name in names))


def _escapes(arn: RepositoryArn, reach: _Closer, closers: Sequence[_Closer], budget: Budget) -> Iterator[str]:
    """Yield an ARN for each largest set of closers that one repository can escape.

    Smaller sets are not needed, because another Deny or another trusted account only removes grants.
    """
    every = frozenset(range(len(closers)))
    largest: list[frozenset[int]] = []
    rest: list[tuple[int, frozenset[int]]] = [(0, frozenset())]
    while rest:
        done, escaped = rest.pop()
        if any(escaped | {number for number in every if number >= done} <= known for known in largest):
            continue
        text = _one(arn, [reach, *(closers[number] for number in sorted(escaped))], budget)
        if text is not None and done == len(closers):
            largest.append(escaped)
            yield text
        elif text is not None:
            rest += [(done + 1, escaped), (done + 1, escaped | {done})]


def _one(arn: RepositoryArn, escaped: Sequence[_Closer], budget: Budget) -> str | None:
    wanted = tuple(one.wanted for one in escaped if one.wanted is not None)
    unwanted = tuple(block for one in escaped for block in one.unwanted)
    return find(TextQuestion((arn.shape,), wanted, unwanted), budget)


# --- the verdict ---


class _Judging(NamedTuple):
    """Everything with which each kind of repository is judged."""

    statements: Sequence[Statement]
    registry: Repository
    trust: Trust
    origin: Origin
    budget: Budget

    def judge_repository(self, arn: RepositoryArn, reach: int) -> Verdict:
        """Judge the statements that apply to a repository, for some actions."""
        spoken = tuple(select_statements(self.statements, answers(self.statements, arn)))
        # Tags belong to one repository, and are unknown here.
        repository = replace(self.registry, name=arn.name, tags={}, tags_known=False)
        context, about = context_of(repository, self.trust, ()), self.trust.about(arn.name)
        return verdict_of(Policy(spoken, ()), context, about, self.origin, reach, budget=self.budget)


def _grants(verdicts: Iterable[Verdict]) -> tuple[Grant, ...]:
    """Return the grants on any of the repositories.

    Each grantee of a statement appears once, with the most access on any of them.
    """
    most: dict[tuple[int, Kind, str], Grant] = {}
    for verdict in verdicts:
        for grant in verdict.grants:
            key = grant.statement, grant.kind, grant.grantee
            if key not in most or len(grant.actions) > len(most[key].actions):
                most[key] = grant
    of_registry = [replace(grant, document=Document.REGISTRY) for grant in most.values()]
    return tuple(sorted(of_registry, key=lambda grant: (-grant.severity, grant.statement)))
