"""States of a resource, and changes of them. The laws of the engine are about these."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ecr_crossaccount import RegistryPolicy, Scope
from ecr_crossaccount.judgement.kinds.table import ResourceKind
from ecr_crossaccount.judgement.values.verdict import Grant
from ecr_crossaccount.questions.change.states import Form, Guard, State
from ecr_crossaccount.questions.change.together import verdict_of_forms
from hypothesis import strategies as st

from tests.properties.agreement import allowed
from tests.properties.mutations import pairs
from tests.properties.oracle import Request
from tests.properties.outsiders import is_outside
from tests.strategies import Situation, entries, situations

_TAGS: tuple[dict[str, str], ...] = ({}, {"open": "yes"}, {"open": "no"}, {"team": "red", "open": "yes"})


def state_of(situation: Situation, *forms: Form) -> State:
    """Return a situation as a state. Its policy is the only form, unless others are given."""
    return State(
        ResourceKind.REPOSITORY,
        situation.repository,
        situation.trust,
        forms or (Form(situation.policy),),
        names=(situation.repository.name,),
        origin=situation.origin,
    )


@st.composite
def moved(draw: st.DrawFn, situation: Situation) -> Situation:
    """Draw the same policy in another context: other tags, another organization or Region of the owner, other trust."""
    repository = situation.repository
    match draw(st.sampled_from(("tags", "organization", "region", "trust", "trust", "less trust"))):
        case "tags":
            return replace(
                situation, repository=replace(repository, tags=draw(st.sampled_from(_TAGS)), tags_known=True)
            )
        case "organization":
            other = draw(st.sampled_from((None, "o-ownorg00001", "o-otherown0001")))
            return replace(situation, repository=replace(repository, organization=other))
        case "region" if repository.region is not None:
            return replace(situation, repository=replace(repository, region=None))
        case "trust":
            return replace(situation, entries=tuple(draw(st.lists(entries(), max_size=2))))
    return replace(situation, entries=situation.entries[1:])


@st.composite
def changes(draw: st.DrawFn) -> tuple[Situation, Situation]:
    """Draw a policy before and after a change of the policy, of its context, or of both."""
    before, after = draw(pairs()) if draw(st.booleans()) else (draw(situations()),) * 2
    if before is after or draw(st.integers(0, 2)) == 0:
        after = draw(moved(after))
        if draw(st.booleans()):
            before, after = after, before
    return before, after


@st.composite
def several_forms(draw: st.DrawFn) -> State:
    """Draw a policy with two to four forms. Some may differ from those of the defaults."""
    first = draw(situations())
    policies = [first.policy, *(draw(pairs())[1].policy for _ in range(draw(st.integers(1, 3))))]
    defaults = draw(st.lists(st.booleans(), min_size=len(policies), max_size=len(policies)))
    forms = [
        Form(policy, Guard(f"X is {number}"), by_default=default, numbers=tuple(range(number * 100, number * 100 + 50)))
        for number, (policy, default) in enumerate(zip(policies, defaults, strict=True))
    ]
    return state_of(first, *forms)


@st.composite
def registries(draw: st.DrawFn, situation: Situation) -> RegistryPolicy:
    """Draw a registry policy of statements that apply to every repository."""
    statements = [{**one, "Resource": "*"} for one in draw(situations()).statements]
    del situation
    return RegistryPolicy({"Version": "2012-10-17", "Statement": statements}, draw(st.sampled_from(Scope)))


_OF_REPOSITORY = ("aws:requestedregion", "aws:resourceorgid", "aws:resourcetag/", "ecr:resourcetag/")


def as_in(request: Request, situation: Situation) -> Request:
    """Return a request with what the keys of the repository are in a situation."""
    repository = situation.repository
    kept = {key: value for key, value in request.context.items() if not key.lower().startswith(_OF_REPOSITORY)}
    known = {"aws:RequestedRegion": repository.region, "aws:ResourceOrgID": repository.organization}
    tags = {f"{start}:ResourceTag/{key}": value for key, value in repository.tags.items() for start in ("aws", "ecr")}
    shown = {key: value for key, value in known.items() if value is not None}
    return Request(request.principal, request.action, kept | shown | tags)


def is_open(situation: Situation, request: Request) -> bool | None:
    """Return whether a request from outside is allowed, or None if the oracle cannot tell."""
    seen = as_in(request, situation)
    return allowed(situation, seen) if is_outside(seen, situation) else False


def lost_actions(state: State) -> Iterator[Grant]:
    """Yield the grants of each form that are not reported about all forms: an action, a grantee, or the severity."""
    whole = verdict_of_forms(state)
    told: list[Grant] = [*whole.grants, *(one.grant for one in whole.undecided if one.grant is not None)]
    for form in state.forms:
        for grant in state.verdict(form).grants:
            same = [one for one in told if (one.kind, one.grantee) == (grant.kind, grant.grantee)]
            known = {action for one in same for action in one.actions}
            if not known.issuperset(grant.actions) or max(one.severity for one in same) < grant.severity:
                yield grant
