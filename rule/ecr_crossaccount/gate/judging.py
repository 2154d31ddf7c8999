"""One found policy put to the judgement: every form that it may take, and what they come to together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from ..access.judge import Repository, judge
from ..access.public import judge_public
from ..access.registry import judge_registry
from ..access.trust import Trust
from ..access.verdict import Access, Grant, Undecided, Verdict
from ..access.verdict import Kind as Grantee
from .context import Context, partition_of
from .found import REGION, FoundPolicy, Kind
from .holed import filled

_ANY_REGION = "us-east-1"
"""Stands for the deployment's Region where nobody names it: nothing that a policy says distinguishes one from another,
but what it writes out, which is asked for separately."""

_SAMPLES = ("0", "zz0-a.name_that/nobody/would-choose-0123456789")
"""What an unknown part of a repository's name may be: an entry of the register covers both only if it covers all."""


_JUDGES = {Kind.REGISTRY: judge_registry, Kind.PUBLIC_REPOSITORY: judge_public}
"""Who decides about what is no private repository."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict and the repository that it is about."""

    repository: Repository
    verdict: Verdict


def judged(found: FoundPolicy, account: str, context: Context) -> Judged:
    """Judge a policy in each of its forms."""
    region = found.region or context.region
    name = found.names[0] if len(found.names) == 1 else "*"
    repository = Repository(
        account,
        name=name,
        region=region,
        partition=partition_of(region),
        organization=context.organization,
        tags=found.tags,
    )
    trust = about(context.trust, found.names)
    forms = [(found.when, found.policy), *((one.when, one.policy) for one in found.otherwise)]
    ask = _JUDGES.get(found.kind, judge)
    verdicts = [
        (when, ask(filled(policy, REGION, region or _ANY_REGION), repository, trust, found.origin))
        for when, policy in forms
    ]
    verdict = together(verdicts)
    doubts = tuple(Undecided(None, reason) for reason in found.doubts)
    notes = (*found.notes, *verdict.notes)
    return Judged(repository, replace(verdict, undecided=(*verdict.undecided, *doubts), notes=notes))


@lru_cache(maxsize=1024)
def about(trust: Trust, names: tuple[str, ...]) -> Trust:
    """Return the entries that speak of every repository that has one of `names`, patterns among them."""
    if not trust.names_repositories or names == ("*",):
        return trust
    samples = [name.replace("*", sample) for name in names for sample in (_SAMPLES if "*" in name else ("",))]
    entries = (
        replace(one, repositories=("*",)) for one in trust.entries if all(one.covers(sample) for sample in samples)
    )
    return Trust(tuple(entries), trust.today)


def together(verdicts: Sequence[tuple[str, Verdict]]) -> Verdict:
    """Return what holds in all forms of a policy as it is, and what holds in some of them only as undecided."""
    (_, first), *others = verdicts
    if not others:
        return first
    certain = list(_certain([verdict for _, verdict in verdicts]))
    callers = [grant for grant in certain if grant.kind is not Grantee.SERVICE]
    kept = set(map(_grantee, certain))
    return Verdict(
        external=bool(callers),
        public=any(grant.public for grant in callers),
        service=len(callers) < len(certain),
        access=tuple(access for access in Access if any(access in grant.access for grant in callers)),
        undecided=tuple(dict.fromkeys(_undecided(verdicts, kept))),
        invalid=tuple(dict.fromkeys(fault for _, verdict in verdicts for fault in verdict.invalid)),
        notes=tuple(dict.fromkeys(note for _, verdict in verdicts for note in verdict.notes)),
        explain=lambda: tuple(certain),
    )


def _certain(verdicts: Sequence[Verdict]) -> Iterator[Grant]:
    """Yield what somebody gets in every form: of the grants to him, the one that gives least."""
    groups = [{_grantee(grant): grant for grant in reversed(verdict.grants)} for verdict in verdicts]
    for grantee in groups[0]:
        if all(grantee in group for group in groups):
            yield min((group[grantee] for group in groups), key=lambda grant: len(grant.actions))


def _grantee(grant: Grant) -> tuple[str, Grantee]:
    return grant.grantee, grant.kind


def _undecided(verdicts: Sequence[tuple[str, Verdict]], kept: set[tuple[str, Grantee]]) -> Iterator[Undecided]:
    yield from verdicts[0][1].undecided
    for when, verdict in verdicts:
        for one in verdict.undecided if verdict is not verdicts[0][1] else ():
            yield Undecided(None, f"if {when}: {one.reason}")
        for grant in verdict.grants:
            if _grantee(grant) not in kept:
                yield Undecided(None, f"if {when}: {grant.reason}")
