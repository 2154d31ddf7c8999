"""One kind of outside request: who asks, on whose behalf, over which network; and what holds for all of its kind."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from functools import partial
from typing import NamedTuple, assert_never

from ...policy.conditions import Base, Quantifier
from ..by_identity import by_identity
from ..conditions.comparisons import Comparison, Test, account_field, written
from ..conditions.operators import Answer, Mode, Want, answer, whatever_the_value
from ..patterns.automaton import Budget
from ..patterns.charset import ANY
from ..patterns.tokens import Tokens, star
from .domains import Constraint, Domain, Strings, Values
from .readings import ONE_OF_LIST, PLAIN


class RepositoryContext(NamedTuple):
    """The repository's side of a request."""

    owner: str
    partition: str
    region: str | None
    organization: str | None
    tags: tuple[tuple[str, str], ...]
    tags_known: bool
    floor: datetime
    path: str | None = None


class PrincipalType(Enum):
    """The types of AWS principals, by what `aws:PrincipalType` says of them."""

    ROLE = "AssumedRole"
    USER = "User"
    FEDERATED = "FederatedUser"
    ROOT = "Account"

    __hash__ = object.__hash__  # by identity: it is asked for at every key


class NetworkPath(NamedTuple):
    """The way of a request: from an address, through a VPC endpoint, or by a service on the caller's behalf.

    Exactly one of `address` and `endpoint` is certain; both, or none under `via`, only perhaps.
    """

    address: bool = True
    endpoint: bool = False
    via: bool = False


class Tagging(Enum):
    """What a call says of tags, by its action."""

    NONE = "no tags"
    TAG = "TagResource"
    UNTAG = "UntagResource"

    __hash__ = object.__hash__  # by identity: it is asked for at every key


@by_identity
class TrustedIdentities:
    """The accounts, organizations and organization paths of owner and trust. Compared by identity."""

    accounts: tuple[str, ...] = ()
    organizations: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()


@by_identity
class NamedIdentities:
    """The accounts and organizations that are asked for one by one, and so are none of "some other".

    Compared by identity.
    """

    accounts: tuple[str, ...] = ()
    organizations: tuple[str, ...] = ()


_NOBODY_TRUSTED, NOBODY_NAMED = TrustedIdentities(), NamedIdentities()
SOME_ACCOUNT = "some other account"
SOME_ORGANIZATION = "some other organization"
"""Stand for one that nobody chose: which one is part of what the search finds."""


class PrincipalRequest(NamedTuple):
    """A request by an AWS principal outside.

    `fresh`: his organization's root and units are ones that no policy names.
    """

    repository: RepositoryContext
    account: str
    organization: str | None
    fresh: bool
    principal_type: PrincipalType = PrincipalType.ROLE
    network_path: NetworkPath = NetworkPath()
    tagging: Tagging = Tagging.NONE
    trusted: TrustedIdentities = _NOBODY_TRUSTED
    named_apart: NamedIdentities = NOBODY_NAMED


principal_request = partial(tuple.__new__, PrincipalRequest)
"""Makes one of its fields, in half the time of NamedTuple's own function."""


class ServiceRequest(NamedTuple):
    """A request by an AWS service on behalf of an outside account."""

    repository: RepositoryContext
    service: str
    account: str
    organization: str | None
    fresh: bool
    tagging: Tagging = Tagging.NONE


RequestKind = PrincipalRequest | ServiceRequest


@dataclass(frozen=True, slots=True)
class Fixed:
    """A key whose values are the same for all requests of the kind."""

    values: Values
    many: bool = False


ANY_VALUE = (star(ANY),)


@dataclass(frozen=True, slots=True)
class Unsure:
    """A key of which nobody can tell what it holds; `present` is None where not even its presence is known.

    `single`: it is known to have one value at most. `shapes`: what is known of a value.
    """

    present: bool | None = None
    single: bool = False
    shapes: tuple[Tokens, ...] = ANY_VALUE

    def value(self, key: str) -> Strings:
        """Return the one value that the key has, if it has one: nobody is known to choose it."""
        reading = PLAIN if self.single else ONE_OF_LIST
        return Strings({key: reading}, (), optional=self.present is None, unsure=self.shapes)


@dataclass(frozen=True, slots=True)
class Contains:
    """A multivalued key that holds `name`, and others that are not known: none of those that `never` matches."""

    name: str
    never: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class NobodysCustomer:
    """A key that, where a service asks, is absent or holds something that is no customer's.

    `customers` are the patterns that nothing but values of customers match, as they are written: what begins so is one.
    """

    customers: re.Pattern[str]

    def value(self, key: str) -> Strings:
        """Return the one value that the key has, if it has one: any text, for what it may not be is asked before."""
        return Strings({key: PLAIN}, (), optional=True, unsure=ANY_VALUE)


Open = Unsure | NobodysCustomer
"""What has one value or none, of which more or less is known."""

Settled = Fixed | Contains | Open
Meaning = Settled | Domain


def settled(meaning: Settled, test: Test, budget: Budget) -> Answer:
    """Answer a test on a key whose value is not the outsider's choice."""
    match meaning:
        case Fixed():
            return answer(test, meaning.values, many=meaning.many)
        case Contains():
            return _contains(test, meaning)
        case NobodysCustomer():
            return _no_customer(test, meaning.customers)
        case Unsure():
            return _unsure(test, meaning, budget)
        case _:
            assert_never(meaning)


def _unsure(test: Test, key: Unsure, budget: Budget) -> Answer:
    """The answer that absence and every value give alike, if there is one."""
    present = whatever_the_value(test, many=not key.single) or _whichever(test, key, budget)
    absent = answer(test, None, many=False)
    if key.present is not None:
        return present if key.present else absent
    return present if present is absent else Answer.UNSURE


def _whichever(test: Test, key: Unsure, budget: Budget) -> Answer:
    """The answer that every value of the key's shapes gives alike, and absence where it may be absent."""
    if key.shapes is ANY_VALUE:
        return Answer.UNSURE
    value = key.value("")
    if value.assign([Constraint("", test, Want.NOT_SURELY)], Mode.MAY, budget) is None:
        return Answer.YES
    return Answer.UNSURE if value.assign([Constraint("", test, Want.POSSIBLY)], Mode.MAY, budget) else Answer.NO


def _contains(test: Test, key: Contains) -> Answer:
    """What the element that is known and all that there may be beside it answer together."""
    every = whatever_the_value(test, many=True)
    if every is not None:
        return every
    operator = test.condition.operator
    known = answer(test, (key.name,), many=True)
    others = _none_matches(test, key)
    if operator.quantifier is Quantifier.ALL:
        return known if known is Answer.NO or others is Answer.YES else Answer.UNSURE
    return known if known is Answer.YES or others is Answer.NO else Answer.UNSURE


_NAME = re.compile(r"[\w.-]+")
"""What the name of any service is made of: no wildcards, for one."""


def _none_matches(test: Test, key: Contains) -> Answer:
    """What each element beside the known one answers, if all comparison strings are names that it cannot be."""
    names = [written(one.parts) for one in test.comparisons if one.certain and _is_literal(one)]
    if test.condition.operator.base is Base.STRING_EQUALS_IGNORE_CASE:
        names = [name.lower() for name in names]
    others = (name == key.name or key.never.fullmatch(name) or not _NAME.fullmatch(name) for name in names)
    if len(names) < len(test.condition.values) or not all(others):
        return Answer.UNSURE
    return Answer.YES if test.condition.operator.negated else Answer.NO


def _is_literal(compared: Comparison) -> bool:
    """Whether a comparison string has no wildcards and no unknown parts."""
    return all(isinstance(part, str) for part in compared.parts)


def _is_customers(base: Base, compared: Comparison, customers: re.Pattern[str]) -> bool:
    """Whether a comparison string matches certainly nothing but values of customers' principals."""
    if compared.certain and customers.match(written(compared.parts)):
        return True
    field = account_field(compared.parts) if compared.certain and base is Base.ARN_LIKE else None
    return field is not None and field.isdecimal()


def _no_customer(test: Test, customers: re.Pattern[str]) -> Answer:
    """Both that the key is absent and that it holds no customer's value must give the same answer."""
    absent = answer(test, None, many=False)
    present = whatever_the_value(test, many=False)
    base = test.condition.operator.base
    if test.comparisons and all(_is_customers(base, compared, customers) for compared in test.comparisons):
        present = Answer.YES if test.condition.operator.negated else Answer.NO
    return absent if absent is present else Answer.UNSURE
