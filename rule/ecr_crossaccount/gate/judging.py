"""Judge one policy that was found: every form that it may have, and the combined verdict."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ..access.beside import SCOPE_FROM, RegistryPolicy
from ..access.exchanges import judge_cache, judge_replication
from ..access.judge import Repository, judge
from ..access.named import trust_in
from ..access.public import judge_public
from ..access.registry import judge_registry
from ..access.verdict import Access, Grant, Undecided, Verdict
from ..access.verdict import Kind as Grantee
from ..policy.document import Document
from ..policy.principals import partition_of
from .alternatives import Alternative, Numbers, alternatives
from .context import Context
from .found import FoundPolicy, Kind, Otherwise
from .own_registry import in_own_region, of_own_registry
from .registries import Candidate, location_of
from .values.holed import filled, holes_in
from .values.places import REGION

_ANY_REGION = "us-east-1"
"""The Region for a deployment whose Region is unknown.

Policies differ by Region only in the Region names that they contain, and those are judged separately.
"""

RESTS_ON_DEFAULT = "rests on the default of {}: give --parameter"
"""The note for a result that another value of an input could change."""

_JUDGES = {
    Kind.REGISTRY: judge_registry,
    Kind.PUBLIC_REPOSITORY: judge_public,
    Kind.REPLICATION: judge_replication,
    Kind.PULL_THROUGH_CACHE: judge_cache,
}
"""The judgement for each kind of policy other than that of a private repository."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict and the repository that it is about."""

    repository: Repository
    verdict: Verdict


def judged(found: FoundPolicy, account: str, context: Context, candidates: tuple[Candidate, ...] = ()) -> Judged:
    """Judge a policy in each of its forms, and add a note for each default that the result depends on.

    `candidates`: the registry policies that may apply to it.
    """
    one = _judged(found, account, context, candidates)
    others = [(name, _judged(other, account, context, candidates)) for name, other in found.undefaulted.items()]
    for number, registry in enumerate(candidates):
        for name, other in registry.found.undefaulted.items():
            instead = (*candidates[:number], replace(registry, found=other), *candidates[number + 1 :])
            others.append((name, _judged(found, account, context, instead)))
    notes = dict.fromkeys(RESTS_ON_DEFAULT.format(name) for name, other in others if _outcome(other) != _outcome(one))
    return replace(one, verdict=replace(one.verdict, notes=(*one.verdict.notes, *notes)))


def _outcome(one: Judged) -> tuple[object, ...]:
    """Return the result of a verdict without its wording."""
    verdict = one.verdict
    who = frozenset((grant.grantee, grant.kind, grant.access) for grant in verdict.grants)
    return who, bool(verdict.undecided), bool(verdict.invalid)


def _judged(found: FoundPolicy, account: str, context: Context, candidates: tuple[Candidate, ...]) -> Judged:
    repository = repository_of(found, account, context)
    every, candidates = alternatives(found, candidates)
    ask = _Asking(found, repository, context, candidates)
    verdicts = [(one, ask.verdict(one)) for one in every]
    usual = [(one, verdict) for one, verdict in verdicts if one.by_default] or verdicts
    verdict = together(usual, Numbers(usual[0][0].own, candidates))
    others = [(one, verdict) for one, verdict in verdicts if not one.by_default] if len(usual) < len(verdicts) else []
    besides = _besides(verdict, others, Numbers(every[0].own, candidates))
    doubts = (Undecided(None, reason) for reason in found.doubts)
    verdict = replace(verdict, undecided=tuple(dict.fromkeys((*verdict.undecided, *besides, *doubts))))
    return Judged(repository, replace(verdict, notes=(*found.notes, *verdict.notes)))


@dataclass(frozen=True, slots=True)
class _Asking:
    """Everything that the alternatives of one policy are judged with."""

    found: FoundPolicy
    repository: Repository
    context: Context
    candidates: tuple[Candidate, ...]

    def verdict(self, one: Alternative) -> Verdict:
        """Judge one alternative."""
        found, number = self.found, one.choice.number
        trust = trust_in(self.context.trust, found.names)
        repository = self.repository if number is None else self._of_registry(self.candidates[number].found)
        policy = placed(one.own.policy, found.kind, repository)
        if found.kind in _JUDGES:
            return _JUDGES[found.kind](policy, repository, trust, found.origin)
        registry = None if number is None else self._registry(self.candidates[number], one, repository)
        return judge(policy, repository, trust, found.origin, registry=registry, rcps=self.context.rcps)

    def _of_registry(self, registry: FoundPolicy) -> Repository:
        """Return the repository in the Region of the candidate for its registry policy."""
        region = self.repository.region or _region(registry, self.context)
        return replace(self.repository, region=region, partition=partition_of(region or self.context.region))

    def _registry(self, candidate: Candidate, one: Alternative, repository: Repository) -> RegistryPolicy:
        if one.choice.form is None:
            return RegistryPolicy(unread=candidate.unread)
        policy = placed(one.choice.form.policy, Kind.REGISTRY, repository)
        return RegistryPolicy(policy, candidate.scope, way_out=SCOPE_FROM.format("--registry-scope"))


def repository_of(found: FoundPolicy, account: str, context: Context) -> Repository:
    """Return the repository that a policy is judged for."""
    region = _region(found, context)
    return Repository(
        account,
        name=found.names[0] if len(found.names) == 1 else "*",
        region=region,
        partition=partition_of(region or context.region),
        organization=context.organization,
        tags=found.tags,
    )


def _region(found: FoundPolicy, context: Context) -> str | None:
    """Return the Region of a policy, None if it is not known.

    A policy elsewhere may name the Region of the deployment, which may be the same or another one.
    """
    if found.location is not None and any(REGION in holes_in(form) for form in found.forms):
        return None
    return location_of(found, context).region


def _besides(usual: Verdict, others: Sequence[_Judgement], numbers: Numbers) -> Iterator[Undecided]:
    """Yield the faults that exist only if a parameter has a value other than its default."""
    for one, verdict in others:
        for doubt in verdict.undecided:
            if not _is_beyond(one.form_of(doubt.document), doubt.statement):
                yield _doubt(one, numbers, doubt.statement, doubt.reason, doubt.document)
        for grant in verdict.grants:
            if not any(_covers(known, grant) for known in usual.grants):
                yield _doubt(one, numbers, grant.statement, grant.reason, grant.document)
        for fault in verdict.invalid:
            if fault not in usual.invalid:
                yield Undecided(None, f"if {one.when}: {fault.at}: {fault.reason}")


def _doubt(one: Alternative, numbers: Numbers, statement: int | None, reason: str, document: Document) -> Undecided:
    """Return a doubt that applies under one alternative only."""
    number = None if statement is None else numbers.of(statement, document, one)
    return Undecided(number, f"if {one.when}: {reason}", document)


def _is_beyond(form: Otherwise, number: int | None) -> bool:
    """Return whether a statement, or a policy that is one text, depends on a value that may be anything."""
    policy = form.policy
    if not isinstance(policy, dict):
        return not form.beyond.isdisjoint(holes_in(policy))
    body = policy.get("Statement")
    statement = body[number] if number is not None and isinstance(body, list) and number < len(body) else body
    return number is not None and not form.beyond.isdisjoint(holes_in(statement))


def _is_to_the_same(known: Grant, other: Grant) -> bool:
    return _grantee(known) == _grantee(other)


def _covers(known: Grant, other: Grant) -> bool:
    """Return whether one grant includes another."""
    return _grantee(known) == _grantee(other) and set(other.actions) <= set(known.actions)


def placed(policy: object, kind: Kind, repository: Repository) -> object:
    """Return a policy with the Region and account of its deployment."""
    here = repository.region or _ANY_REGION
    if kind is not Kind.REGISTRY:
        return filled(policy, REGION, here)
    # If the Region is unknown, the policy means the repositories in the registry's own Region.
    own = policy if repository.region else in_own_region(policy)
    return of_own_registry(filled(own, REGION, here), repository.region or "*", repository.account)


_Judgement = tuple[Alternative, Verdict]


def together(verdicts: Sequence[_Judgement], numbers: Numbers) -> Verdict:
    """Combine the verdicts of all alternatives. Results that only some of them share become undecided.

    If every alternative gives external access, but to different principals, each of these grants is kept and says when
    it applies.
    """
    (_, first), *others = verdicts
    if not others:
        return first
    forms = [verdict for _, verdict in verdicts]
    always = _Always(all(one.external for one in forms), all(one.service for one in forms))
    common = list(_certain(verdicts, numbers))
    certain = [*common, *_differing(verdicts, numbers, always, set(map(_grantee, common)))]
    certain.sort(key=lambda grant: -grant.severity)
    return Verdict(
        external=always.external,
        public=all(one.public for one in forms),
        service=always.service,
        access=tuple(access for access in Access if all(access in one.access for one in forms)),
        undecided=tuple(dict.fromkeys(_undecided(verdicts, numbers, certain))),
        invalid=tuple(dict.fromkeys(fault for one in forms for fault in one.invalid)),
        notes=tuple(dict.fromkeys(note for one in forms for note in one.notes)),
        explain=lambda: tuple(certain),
    )


@dataclass(frozen=True, slots=True)
class _Always:
    """Whether every alternative gives external access, directly or through a service."""

    external: bool
    service: bool

    def covers(self, kind: Grantee) -> bool:
        """Return whether every form gives access to a grantee of this kind."""
        return self.service if kind is Grantee.SERVICE else self.external


def _certain(verdicts: Sequence[_Judgement], numbers: Numbers) -> Iterator[Grant]:
    """Yield the grants that every alternative has. For each grantee, take the grant with the fewest actions."""
    groups = [{_grantee(grant): (one, grant) for grant in reversed(verdict.grants)} for one, verdict in verdicts]
    for grantee in groups[0]:
        if all(grantee in group for group in groups):
            one, least = min((group[grantee] for group in groups), key=lambda found: len(found[1].actions))
            yield replace(least, statement=numbers.kept(least.statement, least.document, one))


def _differing(
    verdicts: Sequence[_Judgement], numbers: Numbers, always: _Always, common: set[_Grantee]
) -> Iterator[Grant]:
    """Yield the grants of single alternatives if all alternatives give access, but to no common grantee."""
    served = {kind is Grantee.SERVICE for _, _, kind in common}
    known = set(common)
    for one, verdict in verdicts:
        for grant in verdict.grants:
            alone = (grant.kind is Grantee.SERVICE) not in served and always.covers(grant.kind)
            if alone and _grantee(grant) not in known:
                known.add(_grantee(grant))
                number = numbers.kept(grant.statement, grant.document, one)
                yield replace(grant, statement=number, reason=f"if {one.when}: {grant.reason}")


_Grantee = tuple[Document, str, Grantee]


def _grantee(grant: Grant) -> _Grantee:
    return grant.document, grant.grantee, grant.kind


def _undecided(verdicts: Sequence[_Judgement], numbers: Numbers, certain: Sequence[Grant]) -> Iterator[Undecided]:
    (_, first), *_ = verdicts
    yield from first.undecided
    for one, verdict in verdicts:
        for doubt in verdict.undecided if verdict is not first else ():
            yield _doubt(one, numbers, doubt.statement, doubt.reason, doubt.document)
        for grant in verdict.grants:
            # The registry's policy may be any of several candidates. If one of them gives a grantee more actions,
            # report that too.
            is_elsewhere = one.choice.number is not None and grant.document is Document.REGISTRY
            same = _covers if is_elsewhere else _is_to_the_same
            if not any(same(known, grant) for known in certain):
                yield _doubt(one, numbers, grant.statement, grant.reason, grant.document)
