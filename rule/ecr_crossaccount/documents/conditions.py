"""The grammar of the Condition element: operators, keys, and values read as the type of their operator.

This module covers only what can be written. `judgement/conditions/operators.py` defines what the operators mean.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from enum import Enum
from functools import lru_cache

from ..memo import by_value
from .pattern import Holed, Pattern, Text, pattern
from .problems import quote


class Base(Enum):
    """The comparisons themselves. `Operator` has the negation, IfExists and the set operator separately."""

    STRING_EQUALS = "StringEquals"
    STRING_EQUALS_IGNORE_CASE = "StringEqualsIgnoreCase"
    STRING_LIKE = "StringLike"
    ARN_LIKE = "ArnLike"
    NUMERIC_EQUALS = "NumericEquals"
    NUMERIC_LESS_THAN = "NumericLessThan"
    NUMERIC_LESS_THAN_EQUALS = "NumericLessThanEquals"
    NUMERIC_GREATER_THAN = "NumericGreaterThan"
    NUMERIC_GREATER_THAN_EQUALS = "NumericGreaterThanEquals"
    DATE_EQUALS = "DateEquals"
    DATE_LESS_THAN = "DateLessThan"
    DATE_LESS_THAN_EQUALS = "DateLessThanEquals"
    DATE_GREATER_THAN = "DateGreaterThan"
    DATE_GREATER_THAN_EQUALS = "DateGreaterThanEquals"
    BOOL = "Bool"
    BINARY_EQUALS = "BinaryEquals"
    IP_ADDRESS = "IpAddress"
    NULL = "Null"

    __hash__ = object.__hash__  # by identity: it is looked up for every value


class Quantifier(Enum):
    """The set operators."""

    ALL = "ForAllValues"
    ANY = "ForAnyValue"


@by_value
class Operator:
    """One condition operator, split into its parts."""

    base: Base
    negated: bool = False
    if_exists: bool = False
    quantifier: Quantifier | None = None
    source: str = ""


@by_value
class Network:
    """An address range: `first` and `last` as integers, `version` 4 or 6.

    `exact` is False if AWS does not document how it reads the text: IPv6 with host bits or without a prefix.
    """

    version: int
    first: int
    last: int
    exact: bool


@by_value
class Year:
    """A date of four digits, in a policy. It can be a year or seconds since 1970, and AWS does not say which it takes.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Date
    https://www.w3.org/TR/NOTE-datetime
    """

    text: str


@by_value
class Word:
    """A text where Bool or Null expects `true` or `false`. AWS does not document what it matches.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Boolean
    """

    text: str


Value = Pattern | Decimal | datetime | Year | bool | Word | Network | Holed
"""A comparison value. The type depends on the operator:

- Pattern for String, Arn and Binary
- Decimal for Numeric
- a timezone-aware datetime for Date, or a Year
- bool for Bool and Null, or a Word
- Network for IpAddress
- Holed for a typed value that is not known yet
"""


@by_value
class Condition:
    """One operator on one key. `name` is the key in lower case, because keys are compared without regard to case."""

    operator: Operator
    key: str
    name: str
    values: tuple[Value, ...]


_NEGATIONS = {
    "StringNotEquals": Base.STRING_EQUALS,
    "StringNotEqualsIgnoreCase": Base.STRING_EQUALS_IGNORE_CASE,
    "StringNotLike": Base.STRING_LIKE,
    "ArnNotEquals": Base.ARN_LIKE,
    "ArnNotLike": Base.ARN_LIKE,
    "NumericNotEquals": Base.NUMERIC_EQUALS,
    "DateNotEquals": Base.DATE_EQUALS,
    "NotIpAddress": Base.IP_ADDRESS,
}
_BASES = {
    **{base.value.lower(): (base, False) for base in Base},
    "arnequals": (Base.ARN_LIKE, False),
    **{name.lower(): (base, True) for name, base in _NEGATIONS.items()},
}
_QUANTIFIERS = {quantifier.value.lower(): quantifier for quantifier in Quantifier}


@lru_cache(maxsize=1024)
def operator(text: str) -> Operator | None:
    """Read the name of an operator. Return None if IAM has no operator of that name."""
    prefix, colon, rest = text.rpartition(":")
    quantifier = _QUANTIFIERS.get(prefix.lower())
    name = rest.lower()
    if_exists = name.endswith("ifexists")
    found = _BASES.get(name.removesuffix("ifexists"))
    if found is None or (colon and quantifier is None) or (if_exists and found[0] is Base.NULL):
        return None
    return Operator(found[0], found[1], if_exists, quantifier, text)


_NUMBER = re.compile(r"[+-]?[0-9]{1,40}(?:\.[0-9]{1,40})?")
_TIME = r"[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?"
_DATE = re.compile(rf"[0-9]{{4}}-[0-9]{{2}}(?:-[0-9]{{2}}(?:T{_TIME})?)?")
_IPV4 = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?:/[0-9]{1,2})?")
_IPV6 = re.compile(r"[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(?:/[0-9]{1,3})?")


def number(text: str) -> Decimal:
    """Read an integer or a decimal fraction. Raises ValueError for anything else."""
    if not _NUMBER.fullmatch(text):
        raise ValueError(f"{quote(text)} is not a number")
    return Decimal(text)


def date(text: str) -> datetime:
    """Read an ISO 8601 date (UTC if it has no offset) or seconds since 1970. Raises ValueError for anything else."""
    try:
        if _NUMBER.fullmatch(text):
            return datetime.fromtimestamp(float(text), UTC)
        if _DATE.fullmatch(text):
            moment = datetime.fromisoformat(text if len(text) > len("2026-01") else f"{text}-01")
            return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError, OSError):
        pass
    raise ValueError(f"{quote(text)} is not a date: expected a form such as `2026-01-31T00:00:00Z`")


_BOOLEANS = {"true": True, "false": False}


def boolean(text: str) -> bool | Word:
    """Read `true` or `false`, in any case. Any other text is a Word."""
    known = _BOOLEANS.get(text.lower())
    return Word(text) if known is None else known


def network(text: str) -> Network:
    """Read an address or a CIDR range. Host bits of IPv4 are ignored. Raises ValueError for anything else."""
    try:
        if _IPV4.fullmatch(text):
            return _ipv4(text)
        if _IPV6.fullmatch(text):
            return _ipv6(text)
    except ValueError:
        pass
    raise ValueError(f"{quote(text)} is not an address: expected a form such as `203.0.113.0/24` or `2001:db8::/32`")


_BITS = 32


def _ipv4(text: str) -> Network:
    """Read a text that has the form of an IPv4 range. Raises ValueError if it is not one.

    The result is the same as that of `ipaddress`, in a fraction of the time.
    """
    address, _, length = text.partition("/")
    octets = address.split(".")
    if any(octet[0] == "0" != octet for octet in octets):
        raise ValueError("an octet with a leading zero, which some parsers read as octal")
    beyond = _BITS - int(length or _BITS)
    if beyond < 0:
        raise ValueError("a prefix longer than an address")
    hosts = (1 << beyond) - 1
    last = int.from_bytes(bytes(map(int, octets)), "big") | hosts
    return Network(4, last - hosts, last, exact=True)


def _ipv6(text: str) -> Network:
    range_ = ipaddress.IPv6Network(text, strict=False)
    exact = "/" in text and ipaddress.IPv6Address(text.partition("/")[0]) == range_.network_address
    return Network(6, int(range_.network_address), int(range_.broadcast_address), exact)


# --- lenient readers: AWS does not document which of these forms it accepts ---


def odd_number(text: str) -> Decimal:
    """Read a number as a lenient reader does. Raises ValueError if it is not a number.

    It may have an exponent, spaces around it, and no digits before or after the point.
    """
    try:
        found = Decimal(text.strip())
    except InvalidOperation:
        found = Decimal("NaN")
    if found.is_nan():
        raise ValueError(f"{quote(text)} is not a number")
    return found


def odd_date(text: str) -> datetime:
    """Read a date as a lenient reader does. Raises ValueError if it is not a date.

    It may be a year alone, any form of ISO 8601, or a number with an exponent.
    """
    stripped = text.strip()
    if _YEAR.fullmatch(stripped):
        return datetime(int(stripped), 1, 1, tzinfo=UTC)
    for read in (_moment_of_number, date, _moment_of_any_form):
        try:
            return read(stripped)
        except ValueError:
            continue
    raise ValueError(f"{quote(text)} is not a date")


def _moment_of_number(text: str) -> datetime:
    return _epoch(odd_number(text))


def _moment_of_any_form(text: str) -> datetime:
    moment = datetime.fromisoformat(text.upper())
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


_FIRST, _LAST = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)


def _epoch(seconds: Decimal) -> datetime:
    """Return the moment that is `seconds` after 1970.

    Outside the range of `datetime`, return the first or last moment.
    """
    try:
        return datetime.fromtimestamp(float(seconds), UTC)
    except (OverflowError, OSError, ValueError):
        return _LAST if seconds > 0 else _FIRST


_YEAR = re.compile(r"(?!0000)[0-9]{4}")


def _date_or_year(text: str) -> datetime | Year:
    """Read the value of a Date operator. Raises ValueError if it is not a date."""
    return Year(text) if _YEAR.fullmatch(text) else date(text)


def _base64(text: str) -> Pattern:
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError(f"{quote(text)} is not base64") from error
    return pattern(text, wild=False, variables=False)


_TYPED: dict[Base, Callable[[str], Value]] = {
    **{base: number for base in Base if base.value.startswith("Numeric")},
    **{base: _date_or_year for base in Base if base.value.startswith("Date")},
    Base.BOOL: boolean,
    Base.NULL: boolean,
    Base.BINARY_EQUALS: _base64,
    Base.IP_ADDRESS: network,
}
WILD = frozenset({Base.STRING_LIKE, Base.ARN_LIKE})
"""The operators that take wildcards."""


def value(base: Base, text: Text, *, variables: bool) -> Value:
    """Read one comparison value as the type of its operator. Raises ValueError with the reason if it does not fit."""
    return typed_value(base, text) if base in _TYPED else pattern(text, wild=base in WILD, variables=variables)


@lru_cache(maxsize=4096)
def typed_value(base: Base, text: Text) -> Value:
    """Read one comparison value of an operator that does not support policy variables in its values."""
    if isinstance(text, Holed):
        # BinaryEquals compares strings, so a string with holes is a value. Half of a number or a date is not one.
        return pattern(text, wild=False, variables=False) if base is Base.BINARY_EQUALS else text
    return _TYPED[base](text)
