"""Compares other policies than a repository's own: those of registries and public repositories, and exchanges."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from ..access.actions import CONTRADICTED, EVERY_OF_REGISTRY
from ..access.conditions.operators import Answer
from ..access.context.shapes import LABELS
from ..access.exchanges import flows_of, judge_cache, judge_replication
from ..access.judge import Repository, context_of
from ..access.patterns.automaton import Budget, BudgetSpentError, classes
from ..access.patterns.tokens import Block, literal
from ..access.public import changing, named
from ..access.resources import RepositoryArn, certain_blocks, concerns, possible_blocks
from ..access.search.searches import STEPS
from ..access.trust import Trust, glob
from ..access.verdict import Kind, Undecided, Verdict
from ..policy.conditions import Base, Condition, Operator
from ..policy.document import Actions, Effect, Policy, Resources, Statement
from ..policy.holes import Hole, Holed
from ..policy.parse import parse
from ..policy.pattern import pattern
from ..policy.principals import EVERYONE
from .answer import Change, Difference, Direction
from .compare import MOST_STEPS, ComparisonContext, compare
from .policies import PROPOSED, Origins, read_of, scene_of, with_unread

STEPS_OF_KINDS = 400_000
"""The steps for finding the kinds of repositories in a registry. Beyond these, the difference is undecided."""
_MOST = 64
"""The most kinds of repositories that are compared. If there are more, the difference is undecided."""


# --- public repositories ---


def public_difference(
    old: object, new: object, repository: Repository, trust: Trust, origins: Origins = PROPOSED
) -> Difference:
    """Return the access that a change of a public repository's policy opens and closes.

    It covers only who can push, because everyone can pull.
    """

    def compared(one: object, other: object) -> Difference:
        before, after = (_changing(parse(each)) for each in (one, other))
        return compare(before, after, scene_of(one, other, repository, trust, origins))

    found = with_unread(compared, old, new)
    return replace(found, opened=_named(found.opened), closed=_named(found.closed))


def _changing(policy: Policy) -> Policy:
    return Policy(tuple(map(changing, policy.statements)), policy.invalid)


def _named(direction: Direction) -> Direction:
    return replace(direction, changes=tuple(replace(one, grant=named(one.grant)) for one in direction.changes))


# --- the policy of a registry ---


def registry_difference(
    old: object, new: object, registry: Repository, trust: Trust, origins: Origins = PROPOSED
) -> Difference:
    """Return the access that a change of a registry's policy opens and closes on any repository.

    The name of `registry` is ignored. Repositories that the same Resources and register entries match form a kind,
    because both policies treat them equally. The function makes up one repository of each kind. It then compares the
    statements about that repository as if they were its own policies.
    """
    return with_unread(lambda one, other: _on_registry(one, other, registry, trust, origins), old, new)


def _on_registry(old: object, new: object, registry: Repository, trust: Trust, origins: Origins) -> Difference:
    before, after = parse(old), parse(new)
    trust = trust.naming([read_of(old), read_of(new)], registry.organization)
    registry = replace(registry, tags={}, tags_known=False)  # tags belong to one repository, and are unknown here
    kinds = _kinds((*before.statements, *after.statements), registry, trust)
    invalid = (before.invalid, after.invalid)
    if kinds is None:
        reason = "the policies distinguish more kinds of repositories than the work budget of a comparison allows"
        doubt = Direction((), (Undecided(None, reason),))
        return Difference(doubt, doubt, invalid)
    scene = ComparisonContext(context_of(registry, trust, ()), trust, origins, EVERY_OF_REGISTRY)
    scene = scene._replace(steps=max(MOST_STEPS // len(kinds), STEPS))
    found = [_on(arn, (before, after), scene) for arn in kinds]
    opened, closed = (_united([getattr(one, name) for one in found]) for name in ("opened", "closed"))
    return Difference(opened, closed, invalid)


def _kinds(statements: Iterable[Statement], registry: Repository, trust: Trust) -> list[RepositoryArn] | None:
    """Return one repository of every kind that the statements and the register distinguish.

    Returns None if there are too many kinds.
    """
    region = LABELS if registry.region is None else literal(registry.region)
    start = literal(f"arn:{registry.partition}:ecr:") + region + literal(f":{registry.account}:repository/")
    blocks: dict[Block, None] = {}
    for resources in (one.resources for one in statements):
        if resources is not None:
            blocks |= dict.fromkeys((*certain_blocks(resources), *possible_blocks(resources)))
    for names in (entry.repositories for entry in trust.valid):
        blocks |= dict.fromkeys(Block(start + glob(name)) for name in names if name != "*")
    shape = RepositoryArn(registry.partition, registry.region, registry.account).shape
    try:
        texts, complete = classes(shape, list(blocks), _MOST, Budget(STEPS_OF_KINDS))
    except BudgetSpentError:
        return None
    return list(map(_arn, texts)) if complete else None


def _arn(text: str) -> RepositoryArn:
    _, partition, _, region, account, resource = text.split(":", 5)
    return RepositoryArn(partition, region, account, resource.partition("/")[2])


def _on(arn: RepositoryArn, policies: tuple[Policy, Policy], registry: ComparisonContext) -> Difference:
    """Return the difference on one repository of a registry."""
    old, new = (Policy(tuple(_narrowed(one.statements, arn)), ()) for one in policies)
    scene = registry._replace(trust=registry.trust.about(arn.name))
    found, contradicted = compare(old, new, scene), compare(old, new, scene._replace(reach=CONTRADICTED))
    others = compare(_denying(old), _denying(new), scene)
    return Difference(
        _with_others(_with_contradicted(found.opened, contradicted.opened), others.opened, "opened"),
        _with_others(_with_contradicted(found.closed, contradicted.closed), others.closed, "closed"),
    )


_EVERYTHING = Statement(0, None, Effect.ALLOW, EVERYONE, Actions(negated=False, patterns=("*",)), None, ())


def _denying(policy: Policy) -> Policy:
    """Return the Denies of a registry's policy, together with an Allow of everything.

    The Allow represents anything that a repository's own policy may allow.
    """
    denies = (one for one in policy.statements if one.effect is Effect.DENY or one.holes)
    return Policy((_EVERYTHING, *denies), ())


def _with_others(found: Direction, others: Direction, what: str) -> Direction:
    """Add that a changed Deny also affects access that the policies of repositories give."""
    if not others.changes and not others.undecided:
        return found
    why = dict.fromkeys(one.otherwise for one in others.changes) or ["what a Deny stops cannot be determined"]
    doubts = (Undecided(None, f"{_OF_REPOSITORIES.format(what)}: {one}") for one in why)
    return replace(found, undecided=(*found.undecided, *doubts))


_OF_REPOSITORIES = "what the policies of repositories allow is perhaps {} by a Deny of the registry's policy"


def _narrowed(statements: Iterable[Statement], arn: RepositoryArn) -> Iterator[Statement]:
    """Yield the statements that apply to a repository, as they would be in its own policy."""
    for one in statements:
        whole = one._replace(resources=None)
        resources = one.resources
        answer = Answer.YES if resources is None else concerns(resources, arn, Budget(STEPS_OF_KINDS))
        if resources is None or answer is Answer.YES:
            yield whole
        elif answer is Answer.UNSURE:
            yield whole._replace(conditions=(*one.conditions, _doubt_about(resources)))


def _doubt_about(resources: Resources) -> Condition:
    """Return a condition for a statement that may apply to a repository. Equal Resources give equal conditions."""
    written = sorted(one.source for one in resources.patterns)
    element = "NotResource" if resources.negated else "Resource"
    unknown = Holed((Hole(f"{element} {', '.join(written)}"),))
    value = pattern(unknown, wild=False, variables=False)
    return Condition(Operator(Base.STRING_EQUALS, source="StringEquals"), "Resource", "resource", (value,))


_CONTRADICTION = (
    "whether a registry policy can grant ecr:CreatePullThroughCacheRule cannot be determined: AWS's pages contradict "
    "each other"
)


def _with_contradicted(found: Direction, contradicted: Direction) -> Direction:
    numbers = [one.grant.statement for one in contradicted.changes]
    doubts = (Undecided(number, _CONTRADICTION) for number in dict.fromkeys(numbers))
    return replace(found, undecided=(*found.undecided, *doubts))


def _united(directions: Sequence[Direction]) -> Direction:
    """Return the changes on any repository.

    Each grantee of a statement appears once, with the most access on any of them.
    """
    most: dict[tuple[int, Kind, str], Change] = {}
    for change in (one for direction in directions for one in direction.changes):
        key = change.grant.statement, change.grant.kind, change.grant.grantee
        if key not in most or len(change.grant.actions) > len(most[key].grant.actions):
            most[key] = change
    changes = sorted(most.values(), key=lambda one: (-one.grant.severity, one.grant.statement))
    undecided = dict.fromkeys(one for direction in directions for one in direction.undecided)
    return Direction(tuple(changes), tuple(undecided))


# --- replication and pull-through caches ---


def replication_difference(
    old: object, new: object, registry: Repository, trust: Trust, _: Origins = PROPOSED
) -> Difference:
    """Return the accounts that receive copies of images from one replication configuration and not from the other."""
    return _exchanged(old, new, lambda one: judge_replication(one, registry, trust))


def cache_difference(old: object, new: object, registry: Repository, trust: Trust, _: Origins = PROPOSED) -> Difference:
    """Return the account whose images one pull-through cache rule caches and the other does not."""
    return _exchanged(old, new, lambda one: judge_cache(one, registry, trust))


def _exchanged(old: object, new: object, judge: Callable[[object], Verdict]) -> Difference:
    before, after = (None if one is None else judge(one) for one in (old, new))
    invalid = tuple(() if one is None else one.invalid for one in (before, after))
    if old == new:
        return Difference(Direction(), Direction(), (invalid[0], invalid[1]))
    doubts = _doubts("old", before), _doubts("new", after)
    opened = Direction(tuple(_beyond(after, new, old, "the old configuration")), (*doubts[1], *doubts[0]))
    closed = Direction(tuple(_beyond(before, old, new, "the new configuration")), (*doubts[0], *doubts[1]))
    return Difference(opened, closed, (invalid[0], invalid[1]))


def _doubts(name: str, verdict: Verdict | None) -> tuple[Undecided, ...]:
    if verdict is None:
        return ()
    faults = (f"{fault.at}: {fault.reason}" for fault in verdict.invalid)
    reasons = (*(one.reason for one in verdict.undecided), *faults)
    return tuple(Undecided(None, f"in the {name} configuration, {reason}") for reason in reasons)


def _beyond(verdict: Verdict | None, giver: object, base: object, base_name: str) -> Iterator[Change]:
    """Yield the grants of images that the other configuration does not send."""
    known = flows_of(base) if base is not None else frozenset()
    mine = flows_of(giver) if giver is not None else frozenset()
    beyond = {account for account, name in mine if not any(_covers(other, (account, name)) for other in known)}
    for grant in () if verdict is None else verdict.grants:
        if grant.grantee in beyond:
            yield Change(grant, f"{base_name} does not say so of all these images")


def _covers(known: tuple[str, str], other: tuple[str, str]) -> bool:
    (account, pattern), (other_account, name) = known, other
    covered = name == pattern or (pattern.endswith("*") and name.startswith(pattern[:-1]))
    return account == other_account and covered
