"""Which registry policy applies to a repository: the one in the same account and Region, as far as files show.

Region and account in the Resource of a registry policy are those of the registry itself if they are unknown. A registry
is in one Region of one account, and a Resource in another one has no effect, so policies do not name another one. A
variable in these places is the Region or account that the registry is deployed into.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import replace
from enum import Enum
from itertools import chain

from ...documents.pattern import Hole, Holed, Text, text_of
from ...judgement.beside import Scope
from ...judgement.kinds.table import GOVERNED
from ...judgement.kinds.table import ResourceKind as Kind
from ...memo import by_value
from ..files.values.nodes import REGION, Place, Stencil, fill_hole, parts_of
from .context import Context
from .found import NOWHERE, FoundPolicy, FoundScope, Harvest, Location, Unjudged, Unread

_FIELDS = 6


_ELEMENTS = ("Resource", "NotResource")


def in_own_region(policy: object) -> object:
    """Return a policy whose Resource elements have `*` in place of the unknown Region of the deployment."""
    return _with_statements(policy, _in_any_region)


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


def _in_any_region(statement: object) -> object:
    if type(statement) is not dict:
        return statement
    return {name: fill_hole(one, REGION, "*") if name in _ELEMENTS else one for name, one in statement.items()}


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
    known = [fields[3], fields[4]]
    fields[3:5] = [own if _is_hole(one) else one for one, own in zip(known, (region, account), strict=True)]
    return text_of(part for number, one in enumerate(fields) for part in (*((":",) if number else ()), *parts_of(one)))


def _is_hole(text: Text) -> bool:
    return isinstance(text, Holed) and len(text.parts) == 1 and isinstance(text.parts[0], Hole)


STRIDE = 10_240
"""The distance between the statement numbers of two candidates. A policy has fewer characters than this.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html
"""
_SCOPES = frozenset({Scope.V1.value, Scope.V2.value})
_DEPLOYMENT = "the deployment"
"""Where everything is that no file puts elsewhere, if the account is not given."""
_SET = "what sets it runs or is applied"
_MOST = 8
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
            *_unread(harvest.errors),
            *_unjudged_candidates(harvest.unjudged),
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
        if len(candidates) <= _MOST:
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


def _unread(errors: Iterable[Unread]) -> Iterator[Candidate]:
    for error in errors:
        if error.registry is not None:
            found = FoundPolicy(
                Place(error.file, error.line or 1),
                "policy",
                Kind.REGISTRY,
                None,
                location=error.registry,
                deployed_with=error.file,
            )
            yield Candidate(found, unread=f"{error.file}: {error.reason}")


def _unjudged_candidates(found: Iterable[Unjudged]) -> Iterator[Candidate]:
    """Yield the registry policies that something sets without showing their content."""
    for one in dict.fromkeys(found):
        if one.registry is not None:
            policy = FoundPolicy(
                Place(one.file, one.line, one.column),
                one.resource,
                Kind.REGISTRY,
                None,
                location=one.registry,
                deployed_with=one.file,
                perhaps=_SET,
            )
            yield Candidate(policy, unread=_not_known(one.resource, one.file, one.reason))
