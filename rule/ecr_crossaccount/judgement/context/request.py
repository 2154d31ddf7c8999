"""One kind of request from outside, and what is known about each condition key in it.

A kind says who calls, on whose behalf and over which network. A row of the table of condition keys has everything that
is known about one key.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from enum import Enum, Flag, auto
from functools import partial
from typing import NamedTuple, assert_never

from ...documents.conditions import Base, Quantifier
from ...memo import by_identity, by_value
from ..conditions.operators import Demand, Mode, Truth, answer, whatever_the_value
from ..patterns.automaton import Budget
from ..patterns.charsets import ANY
from ..patterns.comparisons import Comparison, Test, account_field, write_pattern
from ..patterns.tokens import Tokens, star
from .domains import Constraint, Domain, Strings, Values
from .shapes import ONE_OF_LIST, PLAIN


class RepositoryContext(NamedTuple):
    """The repository's part of a request."""

    owner: str
    partition: str
    region: str | None
    organization: str | None
    tags: tuple[tuple[str, str], ...]
    tags_known: bool
    floor: datetime
    path: str | None = None


class PrincipalType(Enum):
    """The types of AWS principals, by their value of `aws:PrincipalType`."""

    ROLE = "AssumedRole"
    USER = "User"
    FEDERATED = "FederatedUser"
    ROOT = "Account"

    __hash__ = object.__hash__  # by identity: it is looked up for every key


class NetworkPath(NamedTuple):
    """The network path of a request: from an address, through a VPC endpoint, or by a service on the caller's behalf.

    Exactly one of `address` and `endpoint` is certain. Both, or none under `via`, are only possible.
    """

    address: bool = True
    endpoint: bool = False
    via: bool = False


class Tagging(Enum):
    """The tags in a call, by its action. `judgement/context/call.py` has the actions."""

    NONE = "no tags"
    TAG = "TagResource"
    CREATE = "CreateRepository"
    UNTAG = "UntagResource"
    UNKNOWN = "an action that is not known"

    __hash__ = object.__hash__  # by identity: it is looked up for every key


@by_identity
class TrustedIdentities:
    """The accounts, organizations and organization paths of owner and trust. Compared by identity."""

    accounts: tuple[str, ...] = ()
    organizations: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()


@by_identity
class NamedIdentities:
    """The accounts and organizations that are searched one by one, so that "some other" excludes them.

    Compared by identity.
    """

    accounts: tuple[str, ...] = ()
    organizations: tuple[str, ...] = ()


_NOBODY_TRUSTED, NOBODY_NAMED = TrustedIdentities(), NamedIdentities()
SOME_ACCOUNT = "some other account"
SOME_ORGANIZATION = "some other organization"
"""Represent an account or organization that the search must find."""


class PrincipalRequest(NamedTuple):
    """A request by an AWS principal outside.

    `fresh`: no policy names the root and the units of its organization.
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
"""Makes a PrincipalRequest from its fields, in half the time of NamedTuple's own constructor."""


class ServiceRequest(NamedTuple):
    """A request by an AWS service on behalf of an outside account."""

    repository: RepositoryContext
    service: str
    account: str
    organization: str | None
    fresh: bool
    tagging: Tagging = Tagging.NONE


RequestKind = PrincipalRequest | ServiceRequest


@by_value
class Fixed:
    """A key whose values are the same for all requests of the kind."""

    values: Values
    many: bool = False


ANY_VALUE = (star(ANY),)


@by_value
class Unsure:
    """A key whose value cannot be determined. `present`: every request has it.

    `single`: it has at most one value. `shapes`: the known shapes of a value.
    """

    present: bool = False
    single: bool = False
    shapes: tuple[Tokens, ...] = ANY_VALUE

    def value(self, key: str) -> Strings:
        """Return the domain of the key's value if it has one. It is uncertain whether anyone can choose it."""
        reading = PLAIN if self.single else ONE_OF_LIST
        return Strings({key: reading}, (), optional=not self.present, unsure=self.shapes)


@by_value
class Contains:
    """A multivalued key that has `name` and other, unknown values. None of these matches `never`."""

    name: str
    never: re.Pattern[str]


@by_value
class NobodysCustomer:
    """A key that, in a service's request, is absent or has a value that is not a customer's.

    `customers` is a regular expression for comparison strings, as written. A string that begins with a match can only
    match values of customers.
    """

    customers: re.Pattern[str]

    def value(self, key: str) -> Strings:
        """Return the domain of the key's value if it has one.

        It is any text, because values of customers are handled before.
        """
        return Strings({key: PLAIN}, (), optional=True, unsure=ANY_VALUE)


Open = Unsure | NobodysCustomer
"""The meanings of a key that has at most one value, about which more or less is known."""

Settled = Fixed | Contains | Open
Meaning = Settled | Domain


def settled_answer(meaning: Settled, test: Test, budget: Budget) -> Truth:
    """Return the result of a test on a key whose value an outsider cannot choose."""
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


def _unsure(test: Test, key: Unsure, budget: Budget) -> Truth:
    """Return the answer if absence and every value give the same one, else UNKNOWN."""
    present = _whichever(test, key, budget)
    return present if key.present or present is answer(test, None, many=False) else Truth.UNKNOWN


def _whichever(test: Test, key: Unsure, budget: Budget) -> Truth:
    """Return the answer if every value of the key's shapes gives the same one, and absence too if it can be absent."""
    if key.shapes is ANY_VALUE:
        return whatever_the_value(test, many=not key.single) or Truth.UNKNOWN
    value = key.value("")
    if value.assign([Constraint("", test, Demand.MAY_NOT)], Mode.MAY, budget) is None:
        return Truth.YES
    return Truth.UNKNOWN if value.assign([Constraint("", test, Demand.MAY)], Mode.MAY, budget) else Truth.NO


def _contains(test: Test, key: Contains) -> Truth:
    """Return the answer that the known element and all possible other elements give together."""
    every = whatever_the_value(test, many=True)
    if every is not None:
        return every
    operator = test.condition.operator
    known = answer(test, (key.name,), many=True)
    others = _none_matches(test, key)
    if operator.quantifier is Quantifier.ALL:
        return known if known is Truth.NO or others is Truth.YES else Truth.UNKNOWN
    return known if known is Truth.YES or others is Truth.NO else Truth.UNKNOWN


_NAME = r"[\w.-]+"
"""The characters in the name of a service. Wildcards are not among them."""


def _none_matches(test: Test, key: Contains) -> Truth:
    """Return the answer of each other element, if all comparison strings are names that it cannot have."""
    names = [
        write_pattern(one.parts)
        for one in test.comparisons
        if one.certain and all(isinstance(part, str) for part in one.parts)
    ]
    if test.condition.operator.base is Base.STRING_EQUALS_IGNORE_CASE:
        names = [name.lower() for name in names]
    others = (name == key.name or key.never.fullmatch(name) or not re.fullmatch(_NAME, name) for name in names)
    if len(names) < len(test.condition.values) or not all(others):
        return Truth.UNKNOWN
    return Truth.YES if test.condition.operator.negated else Truth.NO


def _is_customers(base: Base, compared: Comparison, customers: re.Pattern[str]) -> bool:
    """Return whether a comparison string certainly matches only values of customers' principals."""
    if compared.certain and customers.match(write_pattern(compared.parts)):
        return True
    field = account_field(compared.parts) if compared.certain and base is Base.ARN_LIKE else None
    return field is not None and field.isdecimal()


def _no_customer(test: Test, customers: re.Pattern[str]) -> Truth:
    """Return the answer if the absent key and a value that is not a customer's give the same one, else UNKNOWN."""
    absent = answer(test, None, many=False)
    present = whatever_the_value(test, many=False)
    base = test.condition.operator.base
    if test.comparisons and all(_is_customers(base, compared, customers) for compared in test.comparisons):
        present = Truth.YES if test.condition.operator.negated else Truth.NO
    return absent if absent is present else Truth.UNKNOWN


GLOBAL = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html"
FEDERATION = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html"
ECR = "https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html"
GITHUB = "https://docs.github.com/en/actions/reference/security/oidc"
"""The pages that say when a key is present, and which values it has."""


class Type(Enum):
    """The types of values, by the operators that AWS gives for them."""

    STRING = "String"
    ARN = "ARN"
    NUMERIC = "Numeric"
    DATE = "Date"
    BOOL = "Boolean"
    IP = "IP address"


class SetBy(Enum):
    """Who decides a key's value. AWS writes all of them. For some values it relies on the caller or the service."""

    PRINCIPAL = "AWS, by who calls"
    SESSION = "AWS, by how the session was made"
    NETWORK = "AWS, by the way of the request"
    RESOURCE = "AWS, by the repository"
    REQUEST = "AWS, by the request"
    CALLER = "the caller"
    SERVICE = "the calling service"


class Depends(Flag):
    """What the meaning of a key depends on, in a kind of request."""

    NOTHING = 0
    ACCOUNT = auto()
    """The account of the caller, or the account that a service acts for."""
    ORGANIZATION = auto()
    """The organization of that account."""
    TYPE = auto()
    """The type of principal. Some types can have values that a role's session cannot have."""
    ROUTE = auto()
    """Whether the request comes from an address or through a VPC endpoint."""
    FORWARDED = auto()
    """Whether a service forwards the request."""
    TRUST = auto()
    """The identities that trust covers. It cannot be determined whether an outsider can choose values that they own."""
    TAGS = auto()
    """The tags that the action takes."""
    SERVICE = auto()
    """The service that calls."""
    KNOWN_ARNS = auto()
    """Whether the ARNs of the resources that the service acts for are known."""


class Shows(Enum):
    """The identity that a key shows. Searches use those identities that conditions on the key distinguish."""

    ACCOUNT = "an account's number"
    OF_ACCOUNT = "an ARN or an id with an account's number in it"
    ORGANIZATION = "an organization's id"
    OF_ORGANIZATION = "a path with an organization's id in it"
    SERVICE = "a service's name"


class Way(Enum):
    """The network paths on which a key can be present."""

    ANY = "any way"
    ADDRESS = "from an address, not through a VPC endpoint"
    ENDPOINT = "through a VPC endpoint"
    FORWARDED = "if a service passes it on"

    def fits(self, path: NetworkPath) -> bool:
        """Return whether a network path is of this kind."""
        match self:
            case Way.ADDRESS:
                return path.address
            case Way.ENDPOINT:
                return path.endpoint
            case Way.FORWARDED:
                return path.via
        return True


CallerRule = Callable[[PrincipalRequest, str], Meaning]
ServiceRule = Callable[[ServiceRequest, str], Meaning]

ABSENT = Fixed(None)
EVERYBODY = frozenset(PrincipalType)
ROLES = frozenset({PrincipalType.ROLE})


def absent(_request: object, _key: str) -> Meaning:
    """Return the meaning of a key that is never present."""
    return ABSENT


def always(value: str) -> Callable[[object, str], Meaning]:
    """Return the rule of a key that has one value in every request."""
    return lambda _request, _key: Fixed((value,))


@by_identity
class Key:
    """A row of the table.

    - `name`: spelled as in AWS's documentation. A name that ends in `/` or `:` covers all keys that begin with it. A
      name that begins with `:` covers this claim of any OpenID Connect issuer, as in `accounts.google.com:sub`.
    - `caller` and `service`: the values that AWS may send, as a superset: in the request of an AWS principal, and in a
      service's own request. If `service` is None, no page says what a service's request has.
    - `held_by` and `way`: the principals and network paths with which the key can be present. On all others it is
      absent.
    - `present` and `values`: the same for a reader. `of_service`: the values in a service's own call, if they differ.
    - `page` and `section`: where AWS documents it.
    """

    name: str
    type: Type
    set_by: SetBy
    present: str
    values: str
    caller: CallerRule
    service: ServiceRule | None = None
    depends: Depends = Depends.NOTHING
    shows: Shows | None = None
    many: bool = False
    held_by: frozenset[PrincipalType] = EVERYBODY
    way: Way = Way.ANY
    section: str = ""
    page: str = GLOBAL
    of_service: str = ""

    @property
    def absent(self) -> Fixed:
        """The meaning of the key if it is absent."""
        return Fixed(None, many=True) if self.many else ABSENT

    @property
    def source(self) -> str:
        """The page and its section."""
        if self.section or self.page != GLOBAL:
            return self.page + (f"#{self.section}" if self.section else "")
        return f"{self.page}#condition-keys-{self.name.removeprefix('aws:').rstrip('/').lower()}"
