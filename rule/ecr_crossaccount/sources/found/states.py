"""A policy that was found, as a state: each form that it may have, with each form of its registry's policy.

A registry policy applies to the repositories in its account and Region, as far as files show. Region and account in its
Resource are those of the registry itself if they are unknown. A Resource in another registry has no effect, so a
variable in these places is the Region or account that the registry is deployed into.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from enum import Enum
from itertools import chain

from ...documents.document import partition_of, statements_in
from ...documents.pattern import Hole, Holed, Text, holes_in, text_of
from ...judgement.beside import SCOPE_FROM, SCOPE_SETTING, RegistryPolicy, Scope
from ...judgement.judge import Repository
from ...judgement.kinds.table import EXCHANGES, GOVERNED
from ...judgement.kinds.table import ResourceKind as Kind
from ...memo import by_value
from ...questions.change.owners import UNOWNED, Owners
from ...questions.change.states import Form, Guard, State, read_of
from ..files.values.nodes import REGION, Place, Stencil, fill_hole, parts_of
from .context import Context
from .found import NOWHERE, FoundPolicy, FoundScope, Harvest, Location, Otherwise

_FIELDS = 6
_ELEMENTS = ("Resource", "NotResource")


def in_own_region(policy: object) -> object:
    """Return a policy whose Resource elements have `*` in place of the unknown Region of the deployment."""

    def in_any_region(statement: object) -> object:
        if type(statement) is not dict:
            return statement
        return {name: fill_hole(one, REGION, "*") if name in _ELEMENTS else one for name, one in statement.items()}

    return _with_statements(policy, in_any_region)


def of_own_registry(policy: object, region: str, account: Text) -> object:
    """Return a policy with Region and account filled in where the Resource of an Allow has unknown ones.

    Deny statements stay unchanged, so that none becomes more certain.
    """
    return _with_statements(policy, lambda statement: _statement(statement, region, account))


def _with_statements(policy: object, change: Callable[[object], object]) -> object:
    body = policy.get("Statement") if type(policy) is dict else None
    if type(policy) is not dict or not isinstance(body, (list, dict)):
        return policy
    return {**policy, "Statement": [change(one) for one in (body if isinstance(body, list) else [body])]}


def _statement(statement: object, region: str, account: Text) -> object:
    if type(statement) is not dict or statement.get("Effect") != "Allow" or "Resource" not in statement:
        return statement
    written = statement["Resource"]
    resources = [_resource(one, region, account) for one in (written if isinstance(written, list) else [written])]
    return {**statement, "Resource": resources}


def _resource(resource: object, region: str, account: Text) -> object:
    if not isinstance(resource, Holed):
        return resource
    stencil = Stencil(resource)
    fields: list[Text] = [stencil.restore_holes(text) for text in stencil.text.split(":", _FIELDS - 1)]
    if len(fields) < _FIELDS or fields[:3:2] != ["arn", "ecr"]:
        return resource
    for number, own in ((3, region), (4, account)):
        match fields[number]:
            case Holed(parts=(Hole(),)):
                fields[number] = own
    return text_of(part for number, one in enumerate(fields) for part in (*((":",) if number else ()), *parts_of(one)))


STRIDE = 10_240
"""The distance between the statement numbers of two candidates. A policy has fewer characters than this.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html
"""
_SCOPES = frozenset({Scope.V1.value, Scope.V2.value})
_DEPLOYMENT = "the deployment"
"""Where everything is that no file puts elsewhere, if the account is not given."""
_SET = "what sets it runs or is applied"
_MOST_CANDIDATES = 8
"""The most registry policies that are considered for a repository. If more may apply, the result is unknown."""


@by_value
class Candidate:
    """A registry policy that may apply to a repository.

    `doubt`: why it may be in another account or Region, or "" if it is certainly in the same. `unread`: why its content
    is unknown. `is_given`: whether the user gave it as the policy that is deployed now. `scope`: the actions that it
    applies to.
    """

    found: FoundPolicy
    doubt: str = ""
    unread: str | None = None
    is_given: bool = False
    scope: Scope = Scope.UNKNOWN

    def drop_defaults(self, defaults: AbstractSet[str]) -> Candidate:
        """Return the policy without these defaults."""
        return replace(self, found=self.found.drop_defaults(defaults))

    @property
    def called(self) -> str:
        """Its name in messages."""
        if self.is_given:
            return f"the registry policy of --registry-policy {self.found.at.file}"
        return f"the registry policy `{self.found.resource}` of {self.found.at.file}"

    @property
    def is_certain(self) -> bool:
        """Whether it certainly exists, in the same account and Region."""
        return not (self.doubt or self.found.perhaps)

    @property
    def chosen(self) -> str:
        """The condition under which this policy applies, in words."""
        if self.doubt:
            return f"{self.called} is of the same account and Region ({self.doubt})"
        if self.found.perhaps:
            return f"{self.called} is there ({self.found.perhaps})"
        return f"{self.called} counts, which is one of several of its account and Region"


class _Relation(Enum):
    """Whether two policies are deployed into the same account and Region."""

    SAME = "the same"
    OTHER = "another"
    UNKNOWN = "not known"


class Registries:
    """The registry policies of a run, including unreadable and unjudged ones, and the one that the user gives."""

    def __init__(self, harvest: Harvest, context: Context) -> None:
        self._context = context
        of_registries = (policy for policy in harvest.policies if policy.kind is Kind.REGISTRY)
        self._known = [
            *(Candidate(registry, unread=_doubtful(registry)) for registry in of_registries),
            *_unread(harvest),
        ]
        self._scopes = harvest.scopes
        self._given = None if context.registry is None else Candidate(context.registry, is_given=True)

    @property
    def are_none(self) -> bool:
        """Whether there are no registry policies."""
        return not self._known and self._given is None

    def candidates_of(self, found: FoundPolicy) -> tuple[Candidate, ...]:
        """Return the registry policies that may apply to a repository.

        If one certainly applies, the policy that is deployed now is not among them.
        """
        if found.kind not in GOVERNED or self.are_none:
            return ()
        here = [candidate for known in self._known for candidate in self._related_candidates(found, known)]
        given = [] if self._given is None else list(self._related_candidates(found, self._given))
        # A policy that will certainly be deployed replaces the one that is deployed now.
        candidates = here if any(candidate.is_certain for candidate in here) else [*given, *here]
        if len(candidates) <= _MOST_CANDIDATES:
            return tuple(candidates)
        reason = f"{len(candidates)} registry policies may be that of its account and Region: check fewer files at once"
        return (replace(candidates[0], doubt="", unread=reason),)

    def notes_on(self, found: FoundPolicy) -> Iterator[str]:
        """Yield a note if the registry policy that the user gives belongs to another registry."""
        given = self._given
        if given is None or found.kind not in GOVERNED or self._relation(found, given) is not _Relation.OTHER:
            return
        where = location_of(given.found, self._context)
        region = f" in {where.region}" if where.region else ""
        yield f"the policy of its registry was not given: --registry-policy is of {where.account}{region}"

    def _related_candidates(self, found: FoundPolicy, known: Candidate) -> Iterator[Candidate]:
        relation = self._relation(found, known)
        if relation is not _Relation.OTHER:
            doubt = self._doubt(found, known) if relation is _Relation.UNKNOWN else ""
            yield replace(known, doubt=doubt, scope=self._scope(found, known))

    def _scope(self, found: FoundPolicy, known: Candidate) -> Scope:
        """Return the scope that the user gives, or the scope in the files' settings if that is certain.

        A command that may not run decides only about policies that are deployed with it.
        """
        if self._context.registry_scope is not Scope.UNKNOWN:
            return self._context.registry_scope
        certain, values = False, set[str | None]()
        for scope in self._scopes:
            relations = {self._compare_locations(found, scope), self._compare_locations(known.found, scope)}
            if _Relation.OTHER not in relations:
                values.add(scope.value)
                counts = not scope.may_not_run or scope.deployed_with == known.found.deployed_with
                certain |= counts and _Relation.SAME in relations
        (value, *others) = values or {None}
        return Scope(value) if certain and not others and value in _SCOPES else Scope.UNKNOWN

    def _relation(self, found: FoundPolicy, known: Candidate) -> _Relation:
        return self._compare_locations(found, known.found, together=known.is_given)

    def _compare_locations(
        self, found: FoundPolicy, other: FoundPolicy | FoundScope, *, together: bool = False
    ) -> _Relation:
        """Return how two locations are related. `together`: whether values that both do not know are the same."""
        here, there = location_of(found, self._context), location_of(other, self._context)
        together = together or found.deployed_with == other.deployed_with
        if together and here == there and NOWHERE not in (here, there):
            return _Relation.SAME
        pairs = ((here.account, there.account), (here.region, there.region))
        if any(one is not None and other is not None and one != other for one, other in pairs):
            return _Relation.OTHER
        return _Relation.UNKNOWN if None in chain(*pairs) else _Relation.SAME

    def _doubt(self, found: FoundPolicy, known: Candidate) -> str:
        here, there = location_of(found, self._context), location_of(known.found, self._context)
        unknown = [name for name in ("account", "region") if None in (getattr(here, name), getattr(there, name))]
        words = " and ".join("the Region" if name == "region" else "the account" for name in unknown)
        if not {here.by, there.by} <= {"", _DEPLOYMENT}:
            return f"{words} of one of them is not known before deployment"
        return f"give {' and '.join(f'--{name}' for name in unknown)}"


def location_of(found: FoundPolicy | FoundScope, context: Context) -> Location:
    """Return the account and the Region that something is deployed into, as far as they are known."""
    if found.location is not None:
        return found.location
    region = found.region or context.region
    if isinstance(found, FoundPolicy) and found.owners is not None:
        return Location(None, region, found.owners.hole.name)
    account = found.account or context.account
    return Location(account, region, "" if account else _DEPLOYMENT)


def _doubtful(found: FoundPolicy) -> str | None:
    return next((_not_known(found.resource, found.at.file, doubt) for doubt in found.doubts), None)


def _not_known(resource: str, file: str, reason: str) -> str:
    return f"the policy that `{resource}` in {file} sets is unknown: {reason}"


def _unread(harvest: Harvest) -> Iterator[Candidate]:
    """Yield the registry policies that cannot be read, and those that something sets without showing their content."""
    for error in harvest.errors:
        if error.registry is not None:
            at = Place(error.file, error.line or 1)
            yield _unknown(at, "policy", error.registry, f"{error.file}: {error.reason}")
    for one in dict.fromkeys(harvest.unjudged):
        if one.registry is not None:
            at = Place(one.file, one.line, one.column)
            yield _unknown(at, one.resource, one.registry, _not_known(one.resource, one.file, one.reason), _SET)


def _unknown(at: Place, resource: str, location: Location, unread: str, perhaps: str = "") -> Candidate:
    found = FoundPolicy(at, resource, Kind.REGISTRY, None, location=location, deployed_with=at.file, perhaps=perhaps)
    return Candidate(found, unread=unread)


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
            # The parameters of a policy that is deployed with other files may have other values.
            other = Guard(f"{form.when} (in {one.found.at.file})" if form.when else "")
            numbers = mine or range(len(statements_in(read_of(policy))))
            made = Form(
                None,
                start & (Guard(form.when, form.ways) if is_together else other),
                RegistryPolicy(policy, one.scope, way_out=SCOPE_FROM.format(SCOPE_SETTING)),
                by_default=form.by_default,
                beyond=form.beyond,
                of_registry=tuple(place * STRIDE + number for number in numbers),
            )
            yield made, there, True
    if not any(candidate.is_certain for candidate in candidates):
        yield Form(None, Guard("its registry has no policy that is known here" if candidates else "")), region, False


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
