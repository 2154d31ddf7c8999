"""A question about access: who, what, and with which condition keys.

The caller is an account, one AWS principal, a service, or someone unknown to the policy. It wants an action, the
actions that a pattern matches, or those of a word. The keys that the question fixes decide which requests can have
these values, and what the keys then mean.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC
from enum import Enum
from functools import partial
from ipaddress import ip_address
from operator import itemgetter

from ...documents.conditions import Base, Condition, Operator, Quantifier, date, number
from ...documents.document import Actions, Effect, Form, Named, aws_principal, is_account, service_principal
from ...documents.pattern import Text
from ...documents.problems import quote
from ...errors import QuestionError, closest
from ...judgement.conditions.operators import Clause, Demand, Mode, clause, is_read_by, key_condition
from ...judgement.context.domains import Constraint, Strings, Values
from ...judgement.context.keys import documented_name, is_multivalued, row
from ...judgement.context.request import Fixed, Meaning, PrincipalType, RequestKind, Shows, Type
from ...judgement.context.typed_domains import Addresses, RequestTags, Times
from ...judgement.patterns.numbers import timestamp
from ...judgement.search.candidates import FRESH_ACCOUNT
from ...judgement.search.constraints import ALL_TYPES, TYPES_OF, JudgementCache
from ...judgement.values.actions import MASKS, NAMES, ActionSets, unlisted_matches
from ...judgement.values.trust_entries import ORGANIZATION
from ...judgement.values.verdict import Access
from ...memo import by_value

_ANYONE = frozenset({"*", "anyone"})
_EXPECTED = (
    "expected an account of 12 digits, the ARN of a role, user, root, assumed-role session or federated user, "
    "a service such as `lambda.amazonaws.com`, or `anyone`"
)


@by_value
class Caller:
    """A caller of Amazon ECR, written as `text`.

    `named` is one AWS principal, or None for any principal of the account. `service` is a service principal. `account`
    is None for a service. For `anyone`, it is an account that no policy names, and that is in no organization that a
    policy names.
    """

    text: str
    account: str | None = None
    named: Named | None = None
    service: str | None = None
    types: tuple[PrincipalType, ...] = ALL_TYPES

    @property
    def is_anyone(self) -> bool:
        """Whether the caller is someone unknown to the policy."""
        return self.account == FRESH_ACCOUNT


def caller_of(text: str) -> Caller:
    """Read a caller. Raises QuestionError.

    A root ARN is the root user, because that is the ARN in a request of the root user. Only an account number means all
    principals of the account.
    """
    if text in _ANYONE:
        return Caller("anyone", FRESH_ACCOUNT)
    found = aws_principal(text)
    if isinstance(found, Named):
        if found.form is not Form.ACCOUNT:
            return Caller(text, found.account, found, types=TYPES_OF[found.form])
        is_root = found.partition is not None
        return Caller(text, found.account, found, types=(PrincipalType.ROOT,)) if is_root else Caller(text, text)
    if not text.startswith("arn:") and service_principal(text) is None:
        return Caller(text, service=text)
    raise QuestionError(f"{quote(text)} is not a caller: {_EXPECTED}")


@by_value
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
            raise QuestionError(f"{quote(name)} appears twice: the case of a key does not matter")
        if held is not None and len(held) > 1 and row(key) is not None and not is_multivalued(key):
            raise QuestionError(f"{quote(name)} has one value in a request, not {len(held)}")
        for value in held or ():
            _check(key, name, value)
        values[key], spelling[key] = held, documented_name(name)
    return Given(tuple(values.items()), tuple(spelling.items()))


def _check(key: str, name: str, value: str) -> None:
    """Raise QuestionError for a value that the key cannot have. With a mistyped value, the answer would be "denied"."""
    one = row(key)
    if one is None:
        return
    is_right, expected = _SHOWN.get(one.shows) or _VALUES.get(one.type, _ANY_TEXT)
    if not is_right(value):
        raise QuestionError(f"{quote(name)} cannot be {quote(value)}: expected {expected}")


_ANY_TEXT: tuple[Callable[[str], bool], str] = (lambda _: True, "any text")
_VALUES: dict[Type, tuple[Callable[[str], bool], str]] = {
    Type.IP: (partial(is_read_by, ip_address), "an address such as `203.0.113.9`"),
    Type.BOOL: (lambda text: text in ("true", "false"), "`true` or `false`"),
    Type.DATE: (partial(is_read_by, date), "a date and time such as `2027-03-31T12:00:00Z`"),
    Type.NUMERIC: (partial(is_read_by, number), "a number"),
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


@by_value
class Kept:
    """The meanings of keys in one kind of request, and clauses that must be true of keys that depend on each other."""

    meanings: Mapping[str, Meaning]
    clauses: tuple[Clause, ...]


def kept_in(request: RequestKind, given: Given, asked: frozenset[str], cache: JudgementCache) -> Kept | None:
    """Return what the question fixes in a kind of request, or None if no request of this kind can have these values.

    `asked`: the keys that matter. If a key depends on another key that matters, it becomes a clause, so that the search
    considers both together.
    """
    meanings = _GivenMeanings(cache.meanings.for_kind(request))
    clauses: list[Clause] = []
    for key, values in sorted(given.values, key=itemgetter(0)):
        found = meanings[key]
        if isinstance(found, Fixed):
            if set(found.values or ()) != set(values or ()) or (found.values is None) != (values is None):
                return None
        elif isinstance(found, Times):
            meanings |= _times(found, values)
        elif isinstance(found, RequestTags) or (
            isinstance(found, Strings) and not (asked | given.keys).isdisjoint(found.readings.keys() - {key})
        ):
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


def _all_fit(found: Strings | Addresses, key: str, values: Values, cache: JudgementCache) -> bool:
    if isinstance(found, Addresses):
        return all(map(found.may_hold, values or ()))
    return all(_fits(found, pin, cache) for pin in _pins(key, values))


def _fits(found: Strings, one: Clause, cache: JudgementCache) -> bool:
    assert one.test is not None, "a condition without variables is ready at once"
    return cache.assign(found, (Constraint(one.key, one.test, Demand.MUST),), Mode.MAY) is not None


def _pins(key: str, values: Values) -> list[Clause]:
    """Return the clauses that are true if a key has exactly these values."""
    if values is None:
        return [_present(key, present=False)]
    if not is_multivalued(key):
        return [clause(key_condition(key, values, Base.STRING_EQUALS), Effect.ALLOW)]
    each = [key_condition(key, [value], Base.STRING_EQUALS, quantifier=Quantifier.ANY) for value in values]
    none_else = key_condition(key, values, Base.STRING_EQUALS, quantifier=Quantifier.ALL)
    return [_present(key, present=True), *(clause(condition, Effect.ALLOW) for condition in (*each, none_else))]


def _present(key: str, *, present: bool) -> Clause:
    null = Condition(Operator(Base.NULL, source="Null"), key, key, (not present,))
    return clause(null, Effect.ALLOW)


_SERVICE = "ecr:"
_PREFIXED = tuple(f"{_SERVICE}{name}" for name in NAMES)


class Needs(Enum):
    """Whether all of several actions are needed, or any one of them."""

    ALL = "all"
    ANY = "any"


@by_value
class Wanted:
    """The actions in question, such as `ecr:PutImage`, in the order of the table. `text` is what the user wrote.

    `telling` has the actions that are useful alone. A caller who may do none of them can do nothing that is wanted.
    `pattern` is the pattern that they match, or None for a word.
    """

    text: str
    actions: tuple[str, ...]
    needs: Needs
    telling: frozenset[str]
    pattern: str | None = None

    def reaching(self, names: Iterable[Text]) -> Wanted:
        """Return it with the actions in `names` that match its pattern.

        They are not in the table, but AWS may know them.
        """
        more = () if self.pattern is None else unlisted_matches(names, self.pattern)
        return replace(self, actions=(*self.actions, *more), telling=self.telling.union(more))


WORDS = {
    "pull": ("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"),
    "push": (
        "ecr:BatchCheckLayerAvailability",
        "ecr:CompleteLayerUpload",
        "ecr:InitiateLayerUpload",
        "ecr:PutImage",
        "ecr:UploadLayerPart",
    ),
}
"""All actions that a pull and a push need.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html
https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policy-examples.html
"""

_TELL_NOTHING = frozenset({"ecr:BatchCheckLayerAvailability"})
"""The actions that a push needs, but that push nothing."""

ADMIN = "admin"
"""The word for any one of the ADMIN actions. Each of them alone gives control over the repository."""


def wanted_of(text: str) -> Wanted:
    """Read the wanted actions. Raises QuestionError.

    An action that is not in the table is an error, because "denied" would be a wrong answer.
    """
    word = text.lower()
    if word in WORDS:
        return Wanted(word, WORDS[word], Needs.ALL, frozenset(WORDS[word]) - _TELL_NOTHING)
    sets = ActionSets()
    if word == ADMIN:
        return _any_of(word, sets.names(MASKS[Access.ADMIN]))
    pattern = text if ":" in text else f"{_SERVICE}{text}"
    names = sets.names(sets.allowed_actions(Actions(negated=False, patterns=(pattern,)))[0])
    found = tuple(name for name in names if name in _PREFIXED)
    if not found:
        raise QuestionError(_refusal(text, pattern))
    return _any_of(text, found, pattern)


def _any_of(text: str, actions: tuple[str, ...], pattern: str | None = None) -> Wanted:
    return Wanted(text, actions, Needs.ANY, frozenset(actions), pattern)


def _refusal(text: str, pattern: str) -> str:
    meant = closest(text, (*WORDS, ADMIN)) or closest(pattern, _PREFIXED)
    hint = f" (did you mean `{meant}`?)" if meant else ""
    return (
        f"{quote(text)} is not a known action on a repository{hint}: expected one such as `ecr:PutImage`, "
        "a pattern such as `ecr:Put*`, or pull, push or admin"
    )


@by_value
class Question:
    """Whether `caller` may do what is `wanted`, in requests that have the condition keys in `given`."""

    caller: Caller
    wanted: Wanted
    given: Given = NOTHING_GIVEN
