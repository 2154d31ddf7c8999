"""A resource at one time: everything that decides who outside has access to it, and what IAM would not accept."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from operator import eq

from ...documents.document import Document, is_account, partition_of, statements_in
from ...documents.elements import read_json
from ...documents.json import RepeatedNames
from ...documents.pattern import Hole, Text, pattern_of, with_values
from ...documents.problems import Invalid, Problems, first_of
from ...judgement.admission import Origin
from ...judgement.beside import RegistryPolicy, Scope
from ...judgement.judge import Repository, judge
from ...judgement.kinds.exchanges import Exchanged, judge_cache, judge_replication, parts_of_cache, parts_of_replication
from ...judgement.kinds.public import judge_public
from ...judgement.kinds.registry import judge_registry
from ...judgement.kinds.table import EXCHANGES, PREFIXED, ResourceKind
from ...judgement.values.trust import Trust, contains, trust_in
from ...judgement.values.verdict import Settles, Undecided, Verdict
from ...memo import by_value
from .answer import Opened
from .owners import Owner, Owners, owners_in

JUDGES: Mapping[ResourceKind, Callable[[object, Repository, Trust, Origin], Verdict]] = {
    ResourceKind.REGISTRY: judge_registry,
    ResourceKind.PUBLIC_REPOSITORY: judge_public,
    ResourceKind.REPLICATION: judge_replication,
    ResourceKind.PULL_THROUGH_CACHE: judge_cache,
}
"""The judges of kinds. All others are judged as the policy of a repository, with what counts beside it."""
EXCHANGED: Mapping[ResourceKind, Callable[[object, Repository, Trust], Iterator[Exchanged]]] = {
    ResourceKind.REPLICATION: parts_of_replication,
    ResourceKind.PULL_THROUGH_CACHE: parts_of_cache,
}
"""The parts of each exchange, which are compared."""
Documents = tuple[object, object]
"""The policy and the registry policy of one state."""
Compared = Callable[[Documents, Documents], tuple[Opened, tuple[Invalid, ...]]]
"""Compares the documents of two states: what the second opens, and what IAM would not accept in the first."""


def read_of(policy: object) -> object:
    """Return a policy as its JSON value. If the text is not JSON, return it unchanged."""
    if not isinstance(policy, str) or not policy.strip():
        return policy or None
    problems = Problems()
    read = read_json(policy, problems)
    return policy if problems.found else read


def with_unread(compared: Compared, old: Documents, new: Documents, names: tuple[str, str]) -> Opened:
    """Return the result of a comparison, and add the doubts that arise from elements that IAM would not accept.

    An invalid statement that both states have means the same in both, but its meaning is unknown. So it also counts as
    the same hole in each of them. `names`: both states, in messages.
    """
    found, faults = compared(old, new)
    if not faults and not found.invalid:
        return found
    pairs = [(read_of(one), read_of(other)) for one, other in zip(old, new, strict=True)]
    parts = [
        (*pair, _faults_of_document(faults, document), _faults_of_document(found.invalid, document))
        for pair, document in zip(pairs, (Document.REPOSITORY, Document.REGISTRY), strict=True)
    ]
    doubts = [doubt for part in parts for doubt in _new_faults(*part, names)]
    kept = [_with_shared_holes(*part, names[0]) for part in parts]
    if any(places for places, _, _ in kept):
        places = [place for each, _, _ in kept for place in each]
        holed, _ = compared((kept[0][1], kept[1][1]), (kept[0][2], kept[1][2]))
        doubts += _depending(found, holed, places)
    return replace(found, undecided=tuple(dict.fromkeys((*found.undecided, *doubts))))


def _faults_of_document(faults: Iterable[Invalid], document: Document) -> list[Invalid]:
    """Return the faults of one document, with their places in it."""
    prefix = Document.REGISTRY.prefix
    is_registry = document is Document.REGISTRY
    mine = [fault for fault in faults if fault.at.startswith(prefix) is is_registry]
    return [replace(invalid, at=invalid.at.removeprefix(prefix)) for invalid in mine]


def _depending(found: Opened, holed: Opened, places: Sequence[str]) -> Iterator[Undecided]:
    """Yield the doubts that arise because it is unknown how AWS reads some statements."""
    reason = f"what this changes cannot be determined: it depends on how AWS reads {first_of(list(places), 3)}"
    known = {undecided.statement for undecided in found.undecided}
    unknown = dict.fromkeys(undecided.statement for undecided in holed.undecided if undecided.statement not in known)
    yield from (Undecided(statement, reason) for statement in unknown)


# --- statements that both policies have ---

_STATEMENT = re.compile(r"\$\.Statement(?:\[([0-9]{1,6})\])?(?:\..*)?", re.DOTALL)


def _with_shared_holes(
    old: object, new: object, faults: list[Invalid], others: list[Invalid], name: str
) -> tuple[list[str], object, object]:
    """Return both policies with a hole for each invalid statement that they share.

    The first item of the result has the places of these statements in the old policy. It is empty if the policies are
    equal or share no invalid statement.
    """
    if _bare(old) == _bare(new) or not (isinstance(old, Mapping) and isinstance(new, Mapping)):
        return [], old, new
    mine, theirs = _faulty(faults, old), _faulty(others, new)
    kept = [one for one in mine if one in theirs]
    places = [f"statement {number} of {name}" for number, one in enumerate(_bare_statements(old)) if one in kept]
    return places, _with_holes(old, kept), _with_holes(new, kept)


def _faulty(faults: Iterable[Invalid], policy: object) -> list[object]:
    """Return the statements that IAM would not accept, without their Sids."""
    statements = _bare_statements(policy)
    numbers = {int(place[1] or 0) for place in (_STATEMENT.fullmatch(fault.at) for fault in faults) if place}
    return [statements[number] for number in sorted(numbers) if number < len(statements)]


def _with_holes(policy: Mapping[object, object], kept: Sequence[object]) -> object:
    statements = [
        Hole(f"invalid {kept.index(statement)}") if statement in kept else statement
        for statement in _bare_statements(policy)
    ]
    return {**policy, "Statement": statements}


# --- statements that only one of them has ---


def _new_faults(
    old: object, new: object, faults: list[Invalid], others: list[Invalid], names: tuple[str, str]
) -> Iterator[Undecided]:
    for name, mine, theirs, found in ((names[0], old, new, faults), (names[1], new, old, others)):
        for fault in _unlike(found, mine, theirs):
            reason = f"cannot compare: IAM would reject {name}, at {fault.at}: {fault.reason}"
            yield Undecided(None, reason, settled_by=Settles.CORRECTION)


def _unlike(faults: list[Invalid], mine: object, others: object) -> Iterator[Invalid]:
    """Yield the faults of statements that are not, in the same form, in the other policy."""
    if not faults or (_bare(mine) == _bare(others) and not is_ambiguous(mine)):
        return
    known = _bare_statements(others)
    statements = statements_in(mine)
    for fault in faults:
        place = _STATEMENT.fullmatch(fault.at)
        number = None if place is None else int(place[1] or 0)
        statement = None if number is None or number >= len(statements) else statements[number]
        if statement is None or is_ambiguous(statement) or _without_sid(statement) not in known:
            yield fault


def is_ambiguous(value: object) -> bool:
    """Return whether a name appears twice in any object. A JSON value shows only the last one's meaning."""
    if isinstance(value, Mapping):
        return isinstance(value, RepeatedNames) or any(map(is_ambiguous, value.values()))
    return isinstance(value, (list, tuple)) and any(map(is_ambiguous, value))


def _bare(policy: object) -> object:
    if not isinstance(policy, Mapping):
        return policy
    return {**policy, "Id": None, "Statement": _bare_statements(policy)}


def _bare_statements(policy: object) -> list[object]:
    return [_without_sid(statement) for statement in statements_in(policy)]


def _without_sid(statement: object) -> object:
    if not isinstance(statement, Mapping):
        return statement
    return {name: part for name, part in statement.items() if name != "Sid"}


Assumption = tuple[str, str, bool]
"""An input, a value, and whether the input is assumed to have it."""

_MOST_NAMED = 3
"""The number of cases that a message names."""
ANY_NAME: tuple[Text, ...] = ("*",)


@by_value
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
        ways = tuple(way | two for way in self.ways for two in other.ways if not _contradict(way, two))
        words = dict.fromkeys(guard.words for guard in (self, other) if guard)
        return Guard(" and ".join(words), ways if self.ways and other.ways else self.ways or other.ways)

    def assume(self, name: str, value: str) -> Guard | None:
        """Return the condition if an input has a value. None if it then does not hold."""
        known = frozenset({(name, value, True)})
        ways = [way for way in self.ways if not _contradict(way, known)]
        if self.ways and not ways:
            return None
        return Guard(self.words, tuple(frozenset(one for one in way if one[0] != name) for way in ways))

    def excludes(self, other: Guard) -> bool:
        """Return whether both certainly do not hold together."""
        pairs = [(way, two) for way in self.ways for two in other.ways]
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
    words = [guard.words for guard in every]
    more = len(words) - _MOST_NAMED
    said = " or ".join(words[:_MOST_NAMED]) + (f" or in {more} more cases" if more > 0 else "")
    ways = tuple(way for guard in every for way in guard.ways)
    return Guard(said, ways if all(guard.ways for guard in every) else ())


NO_CONDITION = Guard()


@by_value
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

    def fill_holes(self, values: Mapping[Hole, str | Hole]) -> Form:
        """Return the form with other values in place of some holes."""
        registry = self.registry
        beside = None if registry is None else replace(registry, document=with_values(registry.document, values))
        return replace(self, policy=with_values(self.policy, values), registry=beside)

    def number(self, statement: int, document: Document) -> int:
        """Return the number of a statement among the statements of all forms."""
        known = self.of_registry if document is Document.REGISTRY and self.registry is not None else self.numbers
        return known[statement] if statement < len(known) else statement


@by_value
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
        return [form for form in self.forms if form.by_default] or self.forms

    @property
    def trusted(self) -> Trust:
        """The entries of the register that apply to every repository of the state."""
        return trust_in(self.trust, tuple(map(pattern_of, self.names)))

    def owned_by(self, owner: str) -> State:
        """Return the state if an account owns the resource."""
        hole = (self.owners or Owners()).hole
        here = self._forms_in(owner) or [replace(form, when=Guard(form.when.words)) for form in self.forms]
        forms = tuple(form.fill_holes({hole: owner}) for form in here)
        return replace(self, repository=replace(self.repository, account=owner), forms=forms, owners=None)

    def may_be_owned_by(self, owner: str) -> bool:
        """Return whether the resource has a form in an account."""
        return bool(self._forms_in(owner))

    def _forms_in(self, owner: str) -> list[Form]:
        name = (self.owners or Owners()).hole.name
        left = ((form, form.when.assume(name, owner)) for form in self.forms)
        return [replace(one, when=guard) for one, guard in left if guard is not None]

    def for_form(self, form: Form) -> State:
        """Return the state if it has one form, which may say its Region."""
        if form.region is None or self.repository.region is not None:
            return self
        where = replace(self.repository, region=form.region, partition=partition_of(form.region))
        return replace(self, repository=where)

    def verdict(self, form: Form) -> Verdict:
        """Judge one form."""
        repository, trust, origin = self.for_form(form).repository, self.trusted, self.origin
        own = None if self.kind in EXCHANGES and form.policy is None else JUDGES.get(self.kind)
        if own is not None:
            return own(form.policy, repository, trust, origin)
        return judge(form.policy, repository, trust, origin, registry=form.registry, rcps=self.rcps)

    def is_judged_like(self, other: State) -> bool:
        """Return whether both certainly have the same verdict: a name only chooses entries of the register."""
        if self.kind is not ResourceKind.REPOSITORY or self.trusted is not other.trusted:
            return False
        mine, theirs = (
            replace(state, names=(), repository=replace(state.repository, name="*")) for state in (self, other)
        )
        return mine == theirs and all(form.registry is None for form in self.forms)

    def is_within(self, other: State) -> bool:
        """Return whether every repository that this state is about is one that the other is about."""
        mine, theirs = self.repository, other.repository
        regions = {mine.region, theirs.region} - {None}
        owned = mine.account == theirs.account if self.owners is None else True
        here = self.kind is other.kind and self.owners == other.owners and owned and mine.partition == theirs.partition
        is_named = contains if self.kind in PREFIXED else eq
        named = all(any(is_named(known, name) for known in other.names) for name in self.names)
        return here and len(regions) < 2 and named and self._is_used(other)  # noqa: PLR2004 - two different ones

    def _is_used(self, other: State) -> bool:
        """Return whether a template is used for nothing that the other is not used for."""
        mine, theirs = self.applied_for, other.applied_for
        return mine == theirs or (mine is not None and theirs is not None and set(mine) <= set(theirs))


def owners_of(owners: Owners, *states: State) -> list[Owner] | None:
    """Return an account of each kind that may own a resource with these states. None if there are too many kinds."""
    forms = [form for state in states for form in state.forms]
    documents = [read_of(document) for form in forms for document in form.documents]
    documents += [read_of(rcp) for state in states for rcp in state.rcps]
    assumed = (one for form in forms for way in form.when.ways for one in way)
    numbers = [value for name, value, _ in assumed if name == owners.hole.name and is_account(value)]
    found = owners_in(owners, documents, numbers, [entry for state in states for entry in state.trust.valid])
    if found is None:
        return None
    return [owner for owner in found if any(state.may_be_owned_by(owner.account) for state in states)] or found
