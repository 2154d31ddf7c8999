"""The principals inside, for each kind of access, and the conditions that select them.

Inside are the owner and those that trust covers. A limit is an additional condition for an Allow: a key that must have
one of some values. It is merged with the existing conditions on that key. So a mistake such as IfExists is replaced by
the form that confines, rather than kept beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeVar

from ...documents.conditions import Base, Operator, Quantifier, operator
from ...judgement.context.keys import is_of_source
from ...judgement.patterns.tokens import matches
from ...judgement.values.trust import TrustLevel
from ...judgement.values.trust_entries import Subject, glob
from ...memo import by_value
from .outcome import CannotSayError, one_or_many

Ranks = frozenset[int]
"""Kinds of access, by rank: 0 READ, 1 WRITE, 2 ADMIN."""
Name = TypeVar("Name")


class Owner(NamedTuple):
    """The account of a repository, and the organization that the account belongs to, if known."""

    account: str
    organization: str | None


@by_value
class TrustedRanks:
    """The names that trust covers, each with the ranks that it is trusted with, among the requested ranks.

    - `every`: the requested ranks.
    - `said`: the requested ranks that another statement gives to every name that does not have all of `every`.
    """

    owner: Owner
    every: Ranks
    said: Ranks
    accounts: Mapping[str, Ranks]
    organizations: Mapping[str, Ranks]
    paths: Mapping[str, Ranks]
    services: Mapping[str, Ranks]
    vpcs: Mapping[str, Ranks]
    endpoints: Mapping[str, Ranks]

    def of_account(self, account: str) -> Ranks:
        """Return the ranks that an account is trusted with."""
        return self.accounts.get(account, frozenset())

    def of_service(self, service: str) -> Ranks:
        """Return the ranks that a service is trusted with, for any account that it acts for."""
        return self.services.get(service, frozenset())

    @property
    def is_owner_a_member(self) -> bool:
        """Whether the owner account has every requested rank as a member of a trusted organization."""
        home = self.owner.organization
        return home is not None and self.organizations.get(home) == self.every

    @property
    def callers(self) -> Mapping[str, Ranks]:
        """The accounts, without the owner if it has access through its organization."""
        gone = self.owner.account if self.is_owner_a_member else None
        return {name: ranks for name, ranks in self.accounts.items() if name != gone}

    @property
    def has_groups(self) -> bool:
        """Whether trust covers accounts that it does not name, in an organization or a network."""
        return bool(self.organizations or self.paths or self.vpcs or self.endpoints)

    def by_purpose(self, names: Mapping[Name, Ranks]) -> Iterator[tuple[Ranks, tuple[Name, ...]]]:
        """Yield names grouped by the access that they share, so that each list of actions appears once.

        Names with every rank come first, in a group of their own, because their actions stay as written.
        """
        whole = tuple(name for name, ranks in names.items() if ranks == self.every)
        if whole:
            yield self.every, whole
        groups: dict[tuple[Name, ...], list[int]] = {}
        for rank in sorted(self.every - self.said):
            sharing = tuple(name for name, ranks in names.items() if ranks != self.every and rank in ranks)
            groups.setdefault(sharing, []).append(rank)
        yield from ((frozenset(ranks), sharing) for sharing, ranks in groups.items() if sharing)


def inside(owner: Owner, circles: Sequence[TrustLevel], every: Ranks, said: Ranks) -> TrustedRanks:
    """Return what is inside for some ranks: the owner for all of them, and the names in the circle of each rank."""
    organizations = _rank_names((circle.organizations for circle in circles), every)
    paths = _rank_names((circle.paths for circle in circles), every)
    return TrustedRanks(
        owner,
        every,
        said,
        {owner.account: every} | _rank_names((circle.accounts for circle in circles), every, without=owner.account),
        organizations,
        {path: ranks - organizations.get(path.partition("/")[0], frozenset()) for path, ranks in paths.items()},
        _rank_names((circle.services for circle in circles), every),
        _rank_names((circle.vpcs for circle in circles), every),
        _rank_names((circle.endpoints for circle in circles), every),
    )


def _rank_names(names: Iterable[Iterable[str]], ranks: Ranks, without: str = "") -> dict[str, Ranks]:
    found: dict[str, Ranks] = {}
    for rank, trusted in enumerate(names):
        for name in trusted if rank in ranks else ():
            if name != without:
                found[name] = found.get(name, frozenset()) | {rank}
    return dict(sorted(found.items()))


_EQUALS = "StringEquals"
_ANY_LIKE = "ForAnyValue:StringLike"
# Other operators that can express the same condition if the first already has the key. ForAllValues is safe because the
# ForAnyValue that is already there requires the key, and no caller has more than one path.
_NAMES = {
    _EQUALS: (_EQUALS, "StringLike", "ForAnyValue:StringEquals"),
    _ANY_LIKE: (_ANY_LIKE, "ForAllValues:StringLike"),
}
_COMPARED = frozenset({Base.STRING_EQUALS, Base.STRING_LIKE})


_SUBJECTS = {
    "aws:PrincipalOrgID": Subject.ORGANIZATION,
    "aws:PrincipalOrgPaths": Subject.ORGANIZATION_PATH,
    "aws:PrincipalAccount": Subject.ACCOUNT,
    "aws:SourceVpc": Subject.VPC,
    "aws:SourceVpce": Subject.VPC_ENDPOINT,
    "aws:SourceAccount": Subject.ACCOUNT,
    "aws:SourceOrgID": Subject.ORGANIZATION,
    "aws:SourceOrgPaths": Subject.ORGANIZATION_PATH,
}
"""The kind of register entry that the value of each key identifies."""


class Limit(NamedTuple):
    """`key` must have one of `values`. `operator` is StringEquals, or ForAnyValue:StringLike for patterns of paths."""

    operator: str
    key: str
    values: tuple[str, ...]

    @property
    def subject(self) -> Subject:
        """The kind of register entry that the values identify."""
        return _SUBJECTS[self.key]

    @property
    def is_of_services(self) -> bool:
        """Whether only a service's own request can meet the limit, because of the account that it acts for."""
        return is_of_source(self.key.lower())

    @property
    def is_of_callers(self) -> bool:
        """Whether only an AWS principal can meet the limit, because of its identity."""
        return not self.is_of_services and self.subject not in (Subject.VPC, Subject.VPC_ENDPOINT)


def one_of(key: str, values: Sequence[str]) -> Limit:
    """Return the limit of a single-valued key to some values."""
    return Limit(_EQUALS, key, tuple(values))


def some_like(key: str, patterns: Sequence[str]) -> Limit:
    """Return the limit of a multivalued key: one of its values must match one of the patterns."""
    return Limit(_ANY_LIKE, key, tuple(patterns))


class Limited(NamedTuple):
    """A Condition with an additional limit, and that limit without the values that the Condition rules out."""

    condition: Mapping[str, object]
    limit: Limit


def limit_condition(condition: object, limit: Limit, *, variables: bool) -> Limited | None:
    """Return a Condition with an additional limit, or None if no request can meet both.

    `variables`: whether `${…}` is a policy variable in this policy. Raises CannotSayError if the Condition is unknown
    or the limit does not fit.
    """
    if not isinstance(condition, Mapping):
        raise CannotSayError("its Condition is not known yet, and so cannot be added to")
    met: list[tuple[str, str]] = []
    for name, keys in condition.items():
        for key, raw in keys.items() if isinstance(keys, Mapping) else ():
            values = _both(operator(name), raw, limit, variables=variables) if _is(key, limit) else None
            if values is not None:
                limit = limit._replace(values=values)
                met.append((name, key))
    if not limit.values:
        return None
    if [name for name, _ in met] == [limit.operator] and _stands(condition, met[0], limit):
        return Limited(condition, limit)
    return Limited(_add_limit(_without_keys(condition, met), limit), limit)


def _stands(condition: Mapping[str, object], place: tuple[str, str], limit: Limit) -> bool:
    keys = condition[place[0]]
    return isinstance(keys, Mapping) and list(limit.values) == one_or_many(keys[place[1]])


def _without_keys(condition: Mapping[str, object], places: Sequence[tuple[str, str]]) -> dict[str, object]:
    kept: dict[str, object] = {}
    for name, keys in condition.items():
        left = (
            {key: raw for key, raw in keys.items() if (name, key) not in places} if isinstance(keys, Mapping) else keys
        )
        if left or not keys:
            kept[name] = left
    return kept


def without_idle(condition: object, is_absent: Callable[[str], bool]) -> object:
    """Return a Condition without tests that always match because, by `is_absent`, their key is always missing."""
    if not isinstance(condition, Mapping):
        return condition
    idle = [
        (name, key)
        for name, keys in condition.items()
        if isinstance(keys, Mapping) and _is_met_by_absence(operator(name))
        for key in keys
        if is_absent(key.lower())
    ]
    return _without_keys(condition, idle) if idle else condition


def _is_met_by_absence(known: Operator | None) -> bool:
    if known is None or known.base is Base.NULL or known.quantifier is Quantifier.ANY:
        return False
    return known.negated or known.if_exists or known.quantifier is Quantifier.ALL


def _is(key: str, limit: Limit) -> bool:
    return key.lower() == limit.key.lower()


def _both(known: Operator | None, raw: object, limit: Limit, *, variables: bool) -> tuple[str, ...] | None:
    """Return the values that meet a limit and an existing condition, or None if that condition must stay unchanged."""
    texts = [text for text in one_or_many(raw) if isinstance(text, str) and not (variables and "${" in text)]
    if known is None or known.negated or known.base not in _COMPARED or len(texts) < len(one_or_many(raw)) or not texts:
        return None
    if limit.operator == _EQUALS:
        return tuple(value for value in limit.values if any(_meets(known, text, value) for text in texts))
    if known.base is not Base.STRING_LIKE or known.quantifier is not Quantifier.ANY or known.if_exists:
        return None
    pairs = [(text, value) for text in texts for value in limit.values]
    if not all(is_within(text, value) or is_within(value, text) or _are_apart(text, value) for text, value in pairs):
        return None
    found = [text for text, value in pairs if is_within(text, value)]
    found += [value for text, value in pairs if is_within(value, text)]
    return tuple(dict.fromkeys(found))


def _meets(known: Operator, text: str, value: str) -> bool:
    return matches(glob(text), value) if known.base is Base.STRING_LIKE else text == value


def is_within(inner: str, outer: str) -> bool:
    """Return whether `outer` matches everything that `inner` matches. False if this cannot be determined."""
    return inner == outer or ("?" not in outer and matches(glob(outer), inner))


def _are_apart(one: str, other: str) -> bool:
    """Return whether two patterns have nothing in common: one is literal, or their literal beginnings differ."""
    if not _is_wild(one) or not _is_wild(other):
        return not (matches(glob(one), other) if _is_wild(one) else matches(glob(other), one))
    starts = zip(_start(one), _start(other), strict=False)
    return any(here != there for here, there in starts)


def _is_wild(text: str) -> bool:
    return "*" in text or "?" in text


def _start(text: str) -> str:
    return text.partition("*")[0].partition("?")[0]


def _add_limit(condition: dict[str, object], limit: Limit) -> Mapping[str, object]:
    value: object = limit.values[0] if len(limit.values) == 1 else list(limit.values)
    for name in _NAMES[limit.operator]:
        keys = condition.get(name, {})
        if isinstance(keys, Mapping) and not any(_is(key, limit) for key in keys):
            return {**condition, name: {**keys, limit.key: value}}
    raise CannotSayError(f"its Condition says too much about {limit.key} for another limit")
