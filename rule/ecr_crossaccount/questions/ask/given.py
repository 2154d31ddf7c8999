"""The condition keys that a question fixes: which requests can have these values, and what the keys then mean."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC
from ipaddress import ip_address
from operator import itemgetter

from ...documents.conditions import Base, Condition, Operator, Quantifier, date, number
from ...documents.document import Effect
from ...documents.principals import is_account
from ...documents.problems import quoted
from ...errors import QuestionError
from ...judgement.conditions.clause import Clause, clause, like
from ...judgement.conditions.operators import Mode, Want
from ...judgement.context.domains import Constraint, Strings, Values
from ...judgement.context.key import Shows, Type
from ...judgement.context.keys import documented, is_multivalued, row
from ...judgement.context.lists import RequestTags
from ...judgement.context.request import Fixed, Meaning, RequestKind
from ...judgement.context.typed_domains import Addresses, Times
from ...judgement.patterns.samples import timestamp
from ...judgement.search.cache import JudgementCache
from ...judgement.values.trust_entries import ORGANIZATION


@dataclass(frozen=True, slots=True)
class Given:
    """Condition keys with the values that a request has for them, or None if the request does not have the key.

    `values` is by the key in lower case. `spelling` has each key as the user wrote it.
    """

    values: tuple[tuple[str, Values], ...] = ()
    spelling: tuple[tuple[str, str], ...] = ()

    @property
    def keys(self) -> frozenset[str]:
        """The keys, in lower case."""
        return frozenset(key for key, _ in self.values)

    def get(self, key: str) -> Values:
        """Return the given values of a key, or None if it is not given or is given as absent."""
        return dict(self.values).get(key)


NOTHING_GIVEN = Given()


def given_of(context: Mapping[str, Values]) -> Given:
    """Read the given condition keys. Raises QuestionError."""
    values: dict[str, Values] = {}
    spelling: dict[str, str] = {}
    for name, held in context.items():
        key = name.lower()
        if key in values:
            raise QuestionError(f"{quoted(name)} appears twice: the case of a key does not matter")
        if held is not None and len(held) > 1 and row(key) is not None and not is_multivalued(key):
            raise QuestionError(f"{quoted(name)} has one value in a request, not {len(held)}")
        for value in held or ():
            _check(key, name, value)
        values[key], spelling[key] = held, documented(name)
    return Given(tuple(values.items()), tuple(spelling.items()))


def _check(key: str, name: str, value: str) -> None:
    """Raise QuestionError for a value that the key cannot have. With a mistyped value, the answer would be "denied"."""
    one = row(key)
    if one is None:
        return
    is_right, expected = _SHOWN.get(one.shows) or _VALUES.get(one.type, _ANY_TEXT)
    if not is_right(value):
        raise QuestionError(f"{quoted(name)} cannot be {quoted(value)}: expected {expected}")


def _is_read_by(reader: Callable[[str], object]) -> Callable[[str], bool]:
    def is_read(text: str) -> bool:
        try:
            reader(text)
        except ValueError:
            return False
        return True

    return is_read


_ANY_TEXT: tuple[Callable[[str], bool], str] = (lambda _: True, "any text")
_VALUES: dict[Type, tuple[Callable[[str], bool], str]] = {
    Type.IP: (_is_read_by(ip_address), "an address such as `203.0.113.9`"),
    Type.BOOL: (lambda text: text in ("true", "false"), "`true` or `false`"),
    Type.DATE: (_is_read_by(date), "a date and time such as `2027-03-31T12:00:00Z`"),
    Type.NUMERIC: (_is_read_by(number), "a number"),
}


_ID = re.compile(ORGANIZATION)
_PATH = re.compile(rf"{ORGANIZATION}/.+", re.DOTALL)
_SHOWN: dict[Shows | None, tuple[Callable[[str], bool], str]] = {
    Shows.ACCOUNT: (is_account, "an account of 12 digits"),
    Shows.ORGANIZATION: (
        lambda text: _ID.fullmatch(text) is not None,
        "the id of an organization such as `o-a1b2c3d4e5`",
    ),
    Shows.OF_ORGANIZATION: (
        lambda text: _PATH.fullmatch(text) is not None,
        "a path such as `o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/`",
    ),
}


class _GivenMeanings(dict[str, Meaning]):
    """The meanings of keys in one kind of request. The keys that a question fixes replace the usual meanings."""

    __slots__ = ("_others",)

    def __init__(self, others: Mapping[str, Meaning]) -> None:
        super().__init__()
        self._others = others

    def __missing__(self, key: str) -> Meaning:
        return self._others[key]


@dataclass(frozen=True, slots=True)
class Kept:
    """The meanings of keys in one kind of request, and clauses that must be true of keys that depend on each other."""

    meanings: Mapping[str, Meaning]
    clauses: tuple[Clause, ...]


def kept_in(request: RequestKind, given: Given, asked: frozenset[str], cache: JudgementCache) -> Kept | None:
    """Return what the question fixes in a kind of request, or None if no request of this kind can have these values.

    `asked`: the keys that matter. If a key depends on another key that matters, it becomes a clause, so that the search
    considers both together.
    """
    meanings = _GivenMeanings(cache.meanings.of(request))
    clauses: list[Clause] = []
    for key, values in sorted(given.values, key=itemgetter(0)):
        found = meanings[key]
        if isinstance(found, Fixed):
            if set(found.values or ()) != set(values or ()) or (found.values is None) != (values is None):
                return None
        elif isinstance(found, Times):
            meanings |= _times(found, values)
        elif isinstance(found, RequestTags) or (isinstance(found, Strings) and _moves(found, key, asked | given.keys)):
            clauses += _pins(key, values)
        elif isinstance(found, Strings | Addresses) and not _all_fit(found, key, values, cache):
            return None
        else:
            many = is_multivalued(key) or len(values or ()) > 1
            meanings[key] = Fixed(values, many=many)
            meanings |= _ends(key, values)
    return Kept(meanings, tuple(clauses))


def _ends(key: str, values: Values) -> dict[str, Meaning]:
    """Return what `aws:CalledVia` fixes about its first and last service.

    With several services, the order is not known.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-calledvia
    """
    if key != "aws:calledvia" or len(values or ()) > 1:
        return {}
    return {"aws:calledviafirst": Fixed(values), "aws:calledvialast": Fixed(values)}


def _times(found: Times, values: Values) -> dict[str, Meaning]:
    """Return one moment for all keys that show it, in the form of each. If it is absent, return that."""
    if values is None:
        return {found.key: Fixed(None)}
    moment = date(values[0]).astimezone(UTC)
    shown: dict[str, Meaning] = {found.key: Fixed((timestamp(moment),))}
    if found.seconds is not None:
        shown[found.seconds] = Fixed((str(int(moment.timestamp())),))
    return shown


def _moves(found: Strings, key: str, asked: frozenset[str]) -> bool:
    return any(other in asked for other in found.readings if other != key)


def _all_fit(found: Strings | Addresses, key: str, values: Values, cache: JudgementCache) -> bool:
    if isinstance(found, Addresses):
        return all(map(found.may_hold, values or ()))
    return all(_fits(found, one, cache) for one in _pins(key, values))


def _fits(found: Strings, one: Clause, cache: JudgementCache) -> bool:
    assert one.test is not None, "a condition without variables is ready at once"
    return cache.assign(found, (Constraint(one.key, one.test, Want.SURELY),), Mode.MAY) is not None


def _pins(key: str, values: Values) -> list[Clause]:
    """Return the clauses that are true if a key has exactly these values."""
    if values is None:
        return [_present(key, present=False)]
    if not is_multivalued(key):
        return [clause(like(key, values, Base.STRING_EQUALS), Effect.ALLOW)]
    each = [like(key, [value], Base.STRING_EQUALS, quantifier=Quantifier.ANY) for value in values]
    none_else = like(key, values, Base.STRING_EQUALS, quantifier=Quantifier.ALL)
    return [_present(key, present=True), *(clause(one, Effect.ALLOW) for one in (*each, none_else))]


def _present(key: str, *, present: bool) -> Clause:
    null = Condition(Operator(Base.NULL, source="Null"), key, key, (not present,))
    return clause(null, Effect.ALLOW)
