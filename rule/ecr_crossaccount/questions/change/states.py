"""A resource at one time: everything that decides who outside has access to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ...documents.document import Document
from ...documents.holes import Hole, Holed, Text, with_values
from ...documents.principals import is_account, partition_of
from ...judgement.admission import Origin
from ...judgement.beside import RegistryPolicy, Scope
from ...judgement.judge import Repository, judge
from ...judgement.kinds.exchanges import judge_cache, judge_replication
from ...judgement.kinds.public import judge_public
from ...judgement.kinds.registry import judge_registry
from ...judgement.values.named import contains, trust_in
from ...judgement.values.resource_kind import PREFIXED, ResourceKind
from ...judgement.values.trust import Trust
from ...judgement.values.verdict import Verdict
from .owners import Owner, Owners, owners_in
from .unread import read_of

Assumption = tuple[str, str, bool]
"""An input, a value, and whether the input is assumed to have it."""

_MOST_NAMED = 3
"""The number of cases that a message names."""
ANY_NAME: tuple[Text, ...] = ("*",)


@dataclass(frozen=True, slots=True)
class Guard:
    """The condition under which a policy has a form, in words. It is empty if the policy always has that form.

    `ways`: sets of assumptions. If all assumptions of one set hold, so does the condition. Empty if only the words are
    known.
    """

    words: str = ""
    ways: tuple[frozenset[Assumption], ...] = ()

    def __bool__(self) -> bool:
        """Return whether there is a condition."""
        return bool(self.words)

    def __str__(self) -> str:
        """Return the words."""
        return self.words

    def __and__(self, other: Guard) -> Guard:
        """Return the condition that both hold."""
        ways = tuple(one | two for one in self.ways for two in other.ways if not _contradict(one, two))
        words = dict.fromkeys(one.words for one in (self, other) if one)
        return Guard(" and ".join(words), ways if self.ways and other.ways else self.ways or other.ways)

    def given(self, name: str, value: str) -> Guard | None:
        """Return the condition if an input has a value. None if it then does not hold."""
        known = frozenset({(name, value, True)})
        ways = [way for way in self.ways if not _contradict(way, known)]
        if self.ways and not ways:
            return None
        return Guard(self.words, tuple(frozenset(one for one in way if one[0] != name) for way in ways))

    def excludes(self, other: Guard) -> bool:
        """Return whether both certainly do not hold together."""
        pairs = [(one, two) for one in self.ways for two in other.ways]
        return bool(pairs) and all(_contradict(one, two) for one, two in pairs)


def _contradict(one: frozenset[Assumption], other: frozenset[Assumption]) -> bool:
    return any(
        name == their_name and (value == their_value) != (holds == they_hold) and (holds or they_hold)
        for name, value, holds in one
        for their_name, their_value, they_hold in other
    )


def either(guards: Iterable[Guard]) -> Guard:
    """Return the condition that one of the guards holds."""
    every = list(dict.fromkeys(guards))
    words = [one.words for one in every]
    more = len(words) - _MOST_NAMED
    said = " or ".join(words[:_MOST_NAMED]) + (f" or in {more} more cases" if more > 0 else "")
    return Guard(said, tuple(way for one in every for way in one.ways) if all(one.ways for one in every) else ())


NO_CONDITION = Guard()


@dataclass(frozen=True, slots=True)
class Form:
    """One form that a policy may have.

    `policy`: its text, its JSON object, or None if there is none; for an exchange, its configuration. `registry`: what
    the policy of its registry then is. `scope`: the actions to which a registry policy applies, if this is one.
    `by_default`: whether parameters with a default have it. `beyond`: the holes of those that have another value, which
    may be anything, so that a doubt about it is not reported.

    `numbers` and `of_registry`: for each statement of either policy, its number among the statements of all forms.
    `region`: the Region of the repository, if it is only known in this form.
    """

    policy: object
    when: Guard = NO_CONDITION
    registry: RegistryPolicy | None = None
    scope: Scope = Scope.V2
    by_default: bool = True
    beyond: frozenset[Hole] = frozenset()
    numbers: tuple[int, ...] = ()
    of_registry: tuple[int, ...] = ()
    region: str | None = None

    @property
    def documents(self) -> tuple[object, ...]:
        """The policy, and that of the registry if there is one."""
        return (self.policy,) if self.registry is None else (self.policy, self.registry.document)

    def filled(self, values: Mapping[Hole, str | Hole]) -> Form:
        """Return the form with other values in place of some holes."""
        registry = self.registry
        beside = None if registry is None else replace(registry, document=with_values(registry.document, values))
        return replace(self, policy=with_values(self.policy, values), registry=beside)

    def number(self, statement: int, document: Document) -> int:
        """Return the number of a statement among the statements of all forms."""
        known = self.of_registry if document is Document.REGISTRY and self.registry is not None else self.numbers
        return known[statement] if statement < len(known) else statement


@dataclass(frozen=True, slots=True)
class State:
    """A resource at one time.

    `names`: the names of its repositories, or patterns of names, with holes where they are unknown. `applied_for`: what
    a creation template is used for, or None if that is unknown or the resource is another one. `doubts`: the reasons
    why the policy is uncertain whatever it says. `owners`: set if several accounts may own it; then the account of
    `repository` does not count.
    """

    kind: ResourceKind
    repository: Repository
    trust: Trust
    forms: tuple[Form, ...]
    names: tuple[Text, ...] = ANY_NAME
    applied_for: tuple[str, ...] | None = None
    origin: Origin = Origin.PROPOSED
    rcps: tuple[object, ...] = ()
    doubts: tuple[str, ...] = ()
    owners: Owners | None = None

    @property
    def usual(self) -> Sequence[Form]:
        """The forms that count first: those that the defaults of parameters allow, or all."""
        return [one for one in self.forms if one.by_default] or self.forms

    @property
    def trusted(self) -> Trust:
        """The entries of the register that apply to every repository of the state."""
        return trust_in(self.trust, tuple(map(pattern_of, self.names)))

    def owned_by(self, owner: str) -> State:
        """Return the state if an account owns the resource."""
        hole = (self.owners or Owners()).hole
        here = self._forms_in(owner) or [replace(one, when=Guard(one.when.words)) for one in self.forms]
        forms = tuple(one.filled({hole: owner}) for one in here)
        return replace(self, repository=replace(self.repository, account=owner), forms=forms, owners=None)

    def may_be_owned_by(self, owner: str) -> bool:
        """Return whether the resource has a form in an account."""
        return bool(self._forms_in(owner))

    def _forms_in(self, owner: str) -> list[Form]:
        name = (self.owners or Owners()).hole.name
        left = ((one, one.when.given(name, owner)) for one in self.forms)
        return [replace(one, when=guard) for one, guard in left if guard is not None]

    def under(self, form: Form) -> State:
        """Return the state if it has one form, which may say its Region."""
        if form.region is None or self.repository.region is not None:
            return self
        where = replace(self.repository, region=form.region, partition=partition_of(form.region))
        return replace(self, repository=where)

    def verdict(self, form: Form) -> Verdict:
        """Judge one form."""
        repository, trust, origin = self.under(form).repository, self.trusted, self.origin
        match self.kind:
            case ResourceKind.REGISTRY:
                return judge_registry(form.policy, repository, trust, origin)
            case ResourceKind.PUBLIC_REPOSITORY:
                return judge_public(form.policy, repository, trust, origin)
            case ResourceKind.REPLICATION if form.policy is not None:
                return judge_replication(form.policy, repository, trust, origin)
            case ResourceKind.PULL_THROUGH_CACHE if form.policy is not None:
                return judge_cache(form.policy, repository, trust, origin)
        return judge(form.policy, repository, trust, origin, registry=form.registry, rcps=self.rcps)

    def is_judged_like(self, other: State) -> bool:
        """Return whether both certainly have the same verdict: a name only chooses entries of the register."""
        if self.kind is not ResourceKind.REPOSITORY or self.trusted is not other.trusted:
            return False
        mine, theirs = (replace(one, names=(), repository=replace(one.repository, name="*")) for one in (self, other))
        return mine == theirs and all(one.registry is None for one in self.forms)

    def is_within(self, other: State) -> bool:
        """Return whether every repository that this state is about is one that the other is about."""
        mine, theirs = self.repository, other.repository
        regions = {mine.region, theirs.region} - {None}
        owned = mine.account == theirs.account if self.owners is None else True
        here = self.kind is other.kind and self.owners == other.owners and owned and mine.partition == theirs.partition
        named = all(any(self._is_named(one, known) for known in other.names) for one in self.names)
        return here and len(regions) < 2 and named and self._is_used(other)  # noqa: PLR2004 - two different ones

    def _is_named(self, name: Text, known: Text) -> bool:
        return contains(known, name) if self.kind in PREFIXED else name == known

    def _is_used(self, other: State) -> bool:
        """Return whether a template is used for nothing that the other is not used for."""
        mine, theirs = self.applied_for, other.applied_for
        return mine == theirs or (mine is not None and theirs is not None and set(mine) <= set(theirs))


def owners_of(owners: Owners, *states: State) -> list[Owner] | None:
    """Return an account of each kind that may own a resource with these states. None if there are too many kinds."""
    forms = [form for state in states for form in state.forms]
    documents = [read_of(document) for form in forms for document in form.documents]
    documents += [read_of(one) for state in states for one in state.rcps]
    assumed = (one for form in forms for way in form.when.ways for one in way)
    numbers = [value for name, value, _ in assumed if name == owners.hole.name and is_account(value)]
    found = owners_in(owners, documents, numbers, [one for state in states for one in state.trust.valid])
    if found is None:
        return None
    return [one for one in found if any(state.may_be_owned_by(one.account) for state in states)] or found


def pattern_of(name: Text) -> str:
    """Return a name with `*` in place of its unknown parts."""
    return "".join(
        "*" if isinstance(part, Hole) else part for part in (name.parts if isinstance(name, Holed) else (name,))
    )
