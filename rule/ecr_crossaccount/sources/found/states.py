"""A policy that was found, as a state: each form that it may have, with each form of its registry's policy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ...documents.document import partition_of, statements_in
from ...documents.pattern import Holed, Text, holes_in
from ...judgement.beside import SCOPE_FROM, SCOPE_SETTING, RegistryPolicy
from ...judgement.judge import Repository
from ...judgement.kinds.table import EXCHANGES
from ...judgement.kinds.table import ResourceKind as Kind
from ...questions.change.owners import UNOWNED, Owners
from ...questions.change.states import Form, Guard, State, read_of
from ..files.values.nodes import REGION, Place, fill_hole
from .context import Context
from .found import FoundPolicy, Otherwise
from .registries import STRIDE, Candidate, in_own_region, location_of, of_own_registry

_ANY_REGION = "us-east-1"
"""The Region for a deployment whose Region is unknown.

Policies differ by Region only in the Region names that they contain, and those are judged separately.
"""
_MOST = 64
"""The most forms that are judged. Above this number, the registry policy counts as unknown."""
_TOO_MANY = "it and the repository's own policy may have too many forms together: give --parameter"


def state_of(found: FoundPolicy, context: Context, candidates: Sequence[Candidate] = ()) -> State:
    """Return a policy as a state. `candidates`: the registry policies that may apply to it."""
    account = None if found.owners else found.account or context.account
    owners = found.owners or (None if account else Owners())
    owner = Holed((owners.hole,)) if owners else str(account)
    return State(
        found.kind,
        repository_of(found, account or UNOWNED, context),
        context.trust,
        tuple(_forms(found, owner, context, _within_bounds(found, candidates))),
        found.called or found.names,
        found.applied_for,
        found.origin,
        context.rcps,
        found.doubts,
        owners,
    )


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
        other_tags=found.other_tags,
    )


def _region(found: FoundPolicy, context: Context) -> str | None:
    """Return the Region of a policy, None if it is not known.

    A policy elsewhere may name the Region of the deployment, which may be the same or another one.
    """
    if found.location is not None and any(REGION in holes_in(form) for form in found.forms):
        return None
    return location_of(found, context).region


def _fill_location(policy: object, kind: Kind, owner: Text, region: str | None) -> object:
    """Return a policy with the Region and account of its deployment."""
    if policy is None and kind in EXCHANGES:
        return {}  # a configuration that is not there is not one that exchanges nothing
    here = region or _ANY_REGION
    if kind is not Kind.REGISTRY:
        return fill_hole(policy, REGION, here)
    # If the Region is unknown, the policy means the repositories in the registry's own Region.
    own = policy if region else in_own_region(policy)
    return of_own_registry(fill_hole(own, REGION, here), region or "*", owner)


# --- forms ---


def forms_of(found: FoundPolicy) -> list[Otherwise]:
    """Return all forms that a policy may have, the main form first."""
    return [Otherwise(found.when, found.policy, found.statements, ways=found.ways), *found.otherwise]


def places_of(found: FoundPolicy) -> Sequence[Place]:
    """Return the place of each statement of all forms, by its number."""
    return [place for place, _ in _places(found)] if found.otherwise else found.statements


def place_of(found: FoundPolicy, statement: int | None) -> Place:
    """Return the place of a statement by its number, or the place of the policy if that is unknown."""
    places = () if statement is None else places_of(found)
    return places[statement] if statement is not None and statement < len(places) else found.at


def _numbers(found: FoundPolicy) -> list[tuple[int, ...]]:
    """Return, for each form, the numbers of its statements among those of all forms."""
    if not found.otherwise:
        return [()]
    known = {where: number for number, where in enumerate(_places(found))}
    return [tuple(known[where] for where in _in_form(found, number)) for number in range(len(found.otherwise) + 1)]


_Where = tuple[Place, object]
"""The place of a statement, and what tells it from others in the same place."""


def _places(found: FoundPolicy) -> list[_Where]:
    """Return each statement of all forms once: a statement in the same place is the same one in another form."""
    every = (where for number in range(len(found.otherwise) + 1) for where in _in_form(found, number))
    return list(dict.fromkeys(every))


def _in_form(found: FoundPolicy, number: int) -> Iterator[_Where]:
    form = forms_of(found)[number]
    seen: Counter[object] = Counter()
    for statement, text in enumerate(statements_in(read_of(form.policy))):
        is_known = statement < len(form.statements)
        place = form.statements[statement] if is_known else found.at
        what = None if is_known else repr(text)
        seen[place, what] += 1
        yield place, (what, seen[place, what])


def _forms(found: FoundPolicy, owner: Text, context: Context, candidates: Sequence[Candidate]) -> Iterator[Form]:
    own, numbers = forms_of(found), _numbers(found)
    choices = list(_choices(candidates, owner, context, found))
    alike = _are_alike(found, candidates)
    for form, mine in zip(own, numbers, strict=True):
        guard = Guard(form.when, form.ways)
        for choice, region, of_candidate in choices:
            if guard.excludes(choice.when) or (alike and form.when != choice.when.words):
                continue
            policy = _fill_location(form.policy, found.kind, owner, region)
            yield replace(
                choice,
                policy=policy,
                when=guard if alike else choice.when & guard,
                by_default=form.by_default and choice.by_default,
                beyond=form.beyond | choice.beyond,
                numbers=mine,
                region=region if of_candidate else None,
            )


_Choice = tuple[Form, str | None, bool]
"""A form without the own policy, the Region of the repository in it, and whether a candidate gives that Region."""


def _choices(candidates: Sequence[Candidate], owner: Text, context: Context, found: FoundPolicy) -> Iterator[_Choice]:
    """Yield what the policy of the registry of `found` may be, and under which condition."""
    is_alone, region = len(candidates) == 1, _region(found, context)
    for place, one in enumerate(candidates):
        start = Guard("" if is_alone and one.is_certain else one.chosen)
        there = region or _region(one.found, context)
        if one.unread is not None:
            yield Form(None, start, RegistryPolicy(unread=one.unread)), there, True
            continue
        is_together = one.found.deployed_with == found.deployed_with
        for form, mine in zip(forms_of(one.found), _numbers(one.found), strict=True):
            policy = _fill_location(form.policy, Kind.REGISTRY, owner, there)
            way_out = SCOPE_FROM.format(SCOPE_SETTING)
            yield (
                Form(
                    None,
                    start & (Guard(form.when, form.ways) if is_together else _elsewhere(one.found, form.when)),
                    RegistryPolicy(policy, one.scope, way_out=way_out),
                    by_default=form.by_default,
                    beyond=form.beyond,
                    of_registry=_in_range(place, mine, policy),
                ),
                there,
                True,
            )
    if not any(candidate.is_certain for candidate in candidates):
        yield Form(None, Guard("its registry has no policy that is known here" if candidates else "")), region, False


def _elsewhere(found: FoundPolicy, when: str) -> Guard:
    """Return a condition of a policy that is deployed with other files. Its parameters may have other values."""
    return Guard(f"{when} (in {found.at.file})" if when else "")


def _in_range(place: int, numbers: tuple[int, ...], policy: object) -> tuple[int, ...]:
    """Return the numbers of a candidate's statements. Each candidate has a range of its own."""
    return tuple(place * STRIDE + number for number in numbers or range(len(statements_in(read_of(policy)))))


def _within_bounds(found: FoundPolicy, candidates: Sequence[Candidate]) -> Sequence[Candidate]:
    """Return the candidates, or an unknown one if there are too many forms."""
    count = sum(1 if candidate.unread is not None else len(forms_of(candidate.found)) for candidate in candidates)
    count += not any(candidate.is_certain for candidate in candidates)
    if count == 1 or len(forms_of(found)) * count <= _MOST:
        return candidates
    return (replace(candidates[0], doubt="", unread=_TOO_MANY, found=replace(candidates[0].found, perhaps="")),)


def _are_alike(found: FoundPolicy, candidates: Sequence[Candidate]) -> bool:
    """Return whether the same conditions decide about a policy and that of its registry, as in one template."""
    if len(candidates) != 1 or not candidates[0].is_certain or candidates[0].found.at.file != found.at.file:
        return False
    own, other = (sorted(form.when for form in forms_of(each)) for each in (found, candidates[0].found))
    return len(own) > 1 and own == other and len(set(own)) == len(own)
