"""One found policy put to the judgement: every form that it may take, and what they come to together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from ..access.exchanges import judge_cache, judge_replication
from ..access.judge import Repository, judge
from ..access.named import trust_in
from ..access.public import judge_public
from ..access.registry import judge_registry
from ..access.verdict import Access, Grant, Undecided, Verdict
from ..access.verdict import Kind as Grantee
from ..policy.principals import partition_of
from .context import Context
from .found import FoundPolicy, Kind, Otherwise
from .own_registry import of_own_registry
from .values.holed import filled, holes_in
from .values.places import REGION, Place

_ANY_REGION = "us-east-1"
"""Stands for the deployment's Region where nobody names it: nothing that a policy says distinguishes one from another,
but what it writes out, which is asked for separately."""

RESTS_ON_DEFAULT = "rests on the default of {}: give --parameter"
"""What a reader should know of a result that another value of an input could change."""

_JUDGES = {
    Kind.REGISTRY: judge_registry,
    Kind.PUBLIC_REPOSITORY: judge_public,
    Kind.REPLICATION: judge_replication,
    Kind.PULL_THROUGH_CACHE: judge_cache,
}
"""Who decides about what is no private repository."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict and the repository that it is about."""

    repository: Repository
    verdict: Verdict


def judged(found: FoundPolicy, account: str, context: Context) -> Judged:
    """Judge a policy in each of its forms, and say on which defaults that rests."""
    one = _judged(found, account, context)
    others = ((name, _judged(other, account, context)) for name, other in found.undefaulted.items())
    notes = tuple(RESTS_ON_DEFAULT.format(name) for name, other in others if _outcome(other) != _outcome(one))
    return replace(one, verdict=replace(one.verdict, notes=(*one.verdict.notes, *notes)))


def _outcome(one: Judged) -> tuple[object, ...]:
    """Return what a verdict comes to, whatever its words."""
    verdict = one.verdict
    who = frozenset((grant.grantee, grant.kind, grant.access) for grant in verdict.grants)
    return who, bool(verdict.undecided), bool(verdict.invalid)


def _judged(found: FoundPolicy, account: str, context: Context) -> Judged:
    repository = repository_of(found, account, context)
    trust = trust_in(context.trust, found.names)
    ask = _JUDGES.get(found.kind, partial(judge, rcps=context.rcps) if context.rcps else judge)
    forms = forms_of(found)
    verdicts = [
        (one, ask(placed(one.policy, found.kind, repository), repository, trust, found.origin)) for one in forms
    ]
    usual = [(one, verdict) for one, verdict in verdicts if one.by_default] or verdicts
    verdict = together([(one.when, verdict) for one, verdict in usual], [one.statements for one, _ in usual])
    others = [(one, verdict) for one, verdict in verdicts if not one.by_default] if len(usual) < len(verdicts) else []
    verdict = replace(verdict, undecided=(*verdict.undecided, *_besides(verdict, others, forms[0].statements)))
    doubts = tuple(Undecided(None, reason) for reason in found.doubts)
    notes = (*found.notes, *verdict.notes)
    return Judged(repository, replace(verdict, undecided=(*verdict.undecided, *doubts), notes=notes))


def repository_of(found: FoundPolicy, account: str, context: Context) -> Repository:
    """Return the repository that a policy is judged for."""
    region = found.region or context.region
    return Repository(
        account,
        name=found.names[0] if len(found.names) == 1 else "*",
        region=region,
        partition=partition_of(region),
        organization=context.organization,
        tags=found.tags,
    )


def forms_of(found: FoundPolicy) -> list[Otherwise]:
    """Return all that a policy may be, what it is first."""
    return [Otherwise(found.when, found.policy, found.statements), *found.otherwise]


def _besides(
    usual: Verdict, others: Sequence[tuple[Otherwise, Verdict]], first: Sequence[Place]
) -> Iterator[Undecided]:
    """Yield what is wrong only if some parameter has another value than its default."""
    for form, verdict in others:
        for one in verdict.undecided:
            if not _is_beyond(form, one.statement):
                number = None if one.statement is None else _number(one.statement, form.statements, first)
                yield Undecided(number, f"if {form.when}: {one.reason}")
        for grant in verdict.grants:
            if not any(_covers(known, grant) for known in usual.grants):
                yield Undecided(_number(grant.statement, form.statements, first), f"if {form.when}: {grant.reason}")
        for fault in verdict.invalid:
            if fault not in usual.invalid:
                yield Undecided(None, f"if {form.when}: {fault.at}: {fault.reason}")


def _is_beyond(form: Otherwise, number: int | None) -> bool:
    """Tell whether a statement, or a policy that is one text, depends on a value that anybody may give."""
    policy = form.policy
    if not isinstance(policy, dict):
        return not form.beyond.isdisjoint(holes_in(policy))
    body = policy.get("Statement")
    statement = body[number] if number is not None and isinstance(body, list) and number < len(body) else body
    return number is not None and not form.beyond.isdisjoint(holes_in(statement))


def _covers(known: Grant, other: Grant) -> bool:
    """Tell whether a grant says all that another one does."""
    return _grantee(known) == _grantee(other) and set(other.actions) <= set(known.actions)


def placed(policy: object, kind: Kind, repository: Repository) -> object:
    """Return a policy in the Region and account that it is deployed into."""
    here = repository.region or _ANY_REGION
    found = filled(policy, REGION, here)
    return of_own_registry(found, here, repository.account) if kind is Kind.REGISTRY else found


def together(verdicts: Sequence[tuple[str, Verdict]], places: Sequence[Sequence[Place]]) -> Verdict:
    """Return what holds in all forms of a policy as it is, and what holds in some of them only as undecided.

    Where someone gets in in every form, but not the same, each of them is a grant that says when. `places`: of the
    statements of each form; a grant bears the number that its statement has in the first one.
    """
    (_, first), *others = verdicts
    if not others:
        return first
    forms = [verdict for _, verdict in verdicts]
    always = _Always(all(one.external for one in forms), all(one.service for one in forms))
    common = list(_certain(forms))
    certain = [*common, *_differing(verdicts, places, always, set(map(_grantee, common)))]
    certain.sort(key=lambda grant: -grant.severity)
    kept = set(map(_grantee, certain))
    return Verdict(
        external=always.external,
        public=all(one.public for one in forms),
        service=always.service,
        access=tuple(access for access in Access if all(access in one.access for one in forms)),
        undecided=tuple(dict.fromkeys(_undecided(verdicts, places, kept))),
        invalid=tuple(dict.fromkeys(fault for one in forms for fault in one.invalid)),
        notes=tuple(dict.fromkeys(note for one in forms for note in one.notes)),
        explain=lambda: tuple(certain),
    )


@dataclass(frozen=True, slots=True)
class _Always:
    """Whether someone outside gets in whatever the form, by himself or through a service."""

    external: bool
    service: bool

    def covers(self, kind: Grantee) -> bool:
        """Tell whether someone of a kind gets in in every form."""
        return self.service if kind is Grantee.SERVICE else self.external


def _certain(verdicts: Sequence[Verdict]) -> Iterator[Grant]:
    """Yield what someone gets in every form: of the grants to him, the one that gives least."""
    groups = [{_grantee(grant): grant for grant in reversed(verdict.grants)} for verdict in verdicts]
    for grantee in groups[0]:
        if all(grantee in group for group in groups):
            yield min((group[grantee] for group in groups), key=lambda grant: len(grant.actions))


def _differing(
    verdicts: Sequence[tuple[str, Verdict]],
    places: Sequence[Sequence[Place]],
    always: _Always,
    common: set[tuple[str, Grantee]],
) -> Iterator[Grant]:
    """Yield the grants of single forms where someone else gets in in every other one, if nobody does in all."""
    served = {kind is Grantee.SERVICE for _, kind in common}
    known = set(common)
    for (when, verdict), here in zip(verdicts, places, strict=True):
        for grant in verdict.grants:
            alone = (grant.kind is Grantee.SERVICE) not in served and always.covers(grant.kind)
            if alone and _grantee(grant) not in known:
                known.add(_grantee(grant))
                number = _number(grant.statement, here, places[0])
                kept = grant.statement if number is None else number
                yield replace(grant, statement=kept, reason=f"if {when}: {grant.reason}")


def _number(statement: int, here: Sequence[Place], first: Sequence[Place]) -> int | None:
    """Return the number that a statement has in the first form, None where it is not there."""
    known = statement < len(here) and here[statement] in first
    return first.index(here[statement]) if known else None


def _grantee(grant: Grant) -> tuple[str, Grantee]:
    return grant.grantee, grant.kind


def _undecided(
    verdicts: Sequence[tuple[str, Verdict]], places: Sequence[Sequence[Place]], kept: set[tuple[str, Grantee]]
) -> Iterator[Undecided]:
    yield from verdicts[0][1].undecided
    for (when, verdict), here in zip(verdicts, places, strict=True):
        for one in verdict.undecided if verdict is not verdicts[0][1] else ():
            number = None if one.statement is None else _number(one.statement, here, places[0])
            yield Undecided(number, f"if {when}: {one.reason}")
        for grant in verdict.grants:
            if _grantee(grant) not in kept:
                yield Undecided(_number(grant.statement, here, places[0]), f"if {when}: {grant.reason}")
