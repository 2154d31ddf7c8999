"""Conditions on one key, and values for it that are independent of the judgement's classes.

The values have many spellings: case, kinds of space, signs, leading and trailing zeros, exponents, offsets of time,
forms of addresses, lengths. The possible values of a key are those in AWS's API documentation, without further limits.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from tests.properties.oracle import Request, Value
from tests.properties.world import FRESH, NAMED, OWNER, Policy, Statement, as_list

_SPACES = " \u00a0\u2009\u3000"
_WORDS = ("true", "True", "TRUE", "tRuE", "false", "False", "yes", "", "a", "ab", "T", "t", "outsider", "x1", "none")


@dataclass(frozen=True, slots=True)
class Key:
    """A condition key. `fits` returns whether AWS may send a value, and `context` the request with the value.

    `besides` are statements of every policy on it.
    """

    name: str
    fits: Callable[[str], bool]
    context: Callable[[str], Request]
    principal: object
    action: str = "ecr:BatchGetImage"
    besides: tuple[Statement, ...] = ()


def _like(expression: str) -> Callable[[str], bool]:
    pattern = re.compile(expression)
    return lambda text: pattern.fullmatch(text) is not None


def _is_tag(text: str) -> bool:
    return len(text) <= 256 and all(c.isalnum() or c in "_.:/=+-@" + _SPACES for c in text)


def _is_account(text: str) -> bool:
    return re.fullmatch("[0-9]{12}", text, re.ASCII) is not None and text != OWNER


_SESSION = {
    "aws:PrincipalType": "AssumedRole",
    "aws:PrincipalIsAWSService": "false",
    "aws:SourceIp": "198.51.100.7",
    "aws:ViaAWSService": "false",
    "aws:SecureTransport": "true",
    "aws:CurrentTime": "2026-06-30T00:00:00Z",
    "aws:EpochTime": "1782777600",
    "aws:ResourceAccount": OWNER,
}


def _by_role(account: str, more: dict[str, str], action: str = "ecr:BatchGetImage") -> Request:
    arn = f"arn:aws:iam::{account}:role/ci"
    own = {"aws:PrincipalArn": arn, "aws:PrincipalAccount": account, "aws:userid": "AROAEXAMPLEQ9W8E7R6T5:ci"}
    return Request(arn, action, {**_SESSION, **own, **more})


def _by_user(name: str) -> Request:
    arn = f"arn:aws:iam::{NAMED}:user/{name}"
    own = {"aws:PrincipalArn": arn, "aws:PrincipalAccount": NAMED, "aws:username": name, "aws:PrincipalType": "User"}
    return Request(arn, "ecr:BatchGetImage", {**_SESSION, **own, "aws:userid": "AIDAEXAMPLEQ9W8E7R6T5"})


def _by_root(account: str) -> Request:
    arn = f"arn:aws:iam::{account}:root"
    own = {"aws:PrincipalArn": arn, "aws:PrincipalAccount": account, "aws:userid": account}
    return Request(arn, "ecr:BatchGetImage", {**_SESSION, **own, "aws:PrincipalType": "Account"})


def _by_service(account: str) -> Request:
    own: dict[str, Value] = {
        "aws:PrincipalIsAWSService": "true",
        "aws:PrincipalServiceName": "lambda.amazonaws.com",
        "aws:PrincipalServiceNamesList": ("lambda.amazonaws.com",),
        "aws:SourceAccount": account,
    }
    kept: dict[str, Value] = {key: _SESSION[key] for key in ("aws:SecureTransport", "aws:CurrentTime", "aws:EpochTime")}
    return Request("lambda.amazonaws.com", "ecr:BatchGetImage", {**kept, **own, "aws:ResourceAccount": OWNER})


def _tagging(value: str) -> Request:
    request = _by_role(NAMED, {"aws:RequestTag/level": value}, "ecr:TagResource")
    return Request(request.principal, request.action, {**request.context, "aws:TagKeys": ("level",)})


_NAMED = {"AWS": NAMED}
_TAG = "aws:PrincipalTag/level"
_NO_SERVICE: tuple[Statement, ...] = (
    {"Effect": "Deny", "Principal": "*", "Action": "*", "Condition": {"Bool": {"aws:PrincipalIsAWSService": "true"}}},
)
KEYS = (
    Key(_TAG, _is_tag, lambda value: _by_role(NAMED, {_TAG: value}), _NAMED),
    Key("aws:RequestTag/level", _is_tag, _tagging, _NAMED, "ecr:TagResource"),
    Key(
        "aws:SourceIdentity",
        _like(r"[A-Za-z0-9_+=,.@-]{2,64}"),
        lambda value: _by_role(NAMED, {"aws:SourceIdentity": value}),
        _NAMED,
    ),
    Key("aws:username", _like(r"[A-Za-z0-9_+=,.@-]{1,64}"), _by_user, _NAMED),
    Key("aws:UserAgent", lambda text: text != "", lambda value: _by_role(NAMED, {"aws:UserAgent": value}), _NAMED),
    Key("aws:userid", _is_account, _by_root, "*", besides=_NO_SERVICE),
    Key("aws:PrincipalAccount", _is_account, lambda value: _by_role(value, {}), "*", besides=_NO_SERVICE),
    Key("aws:SourceAccount", _is_account, _by_service, {"Service": "lambda.amazonaws.com"}),
    Key(
        "aws:MultiFactorAuthAge",
        _like("0|[1-9][0-9]{0,8}"),
        lambda value: _by_role(NAMED, {"aws:MultiFactorAuthAge": value}),
        _NAMED,
    ),
)

# --- conditions ---------------------------------------------------------------------------------------------------

_ORDERS = ("Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals")
_STRINGS = ("StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "StringEqualsIgnoreCase")
_NUMBERS = ("0", "1", "3", "3.5", "-2", "007", "42", "99", "1000", "100000000000", "999999999999", "1782777600", "0.25")
_DATES = ("2026-01-01", "2026-01-01T00:00:00Z", "2027-01-01", "2027-06-30T12:00:00+02:00", "2026-06-30T23:59:59Z")
_NETWORKS = ("203.0.113.0/24", "203.0.113.7/32", "198.51.100.0/25", "0.0.0.0/0", "2001:db8::/32", "192.0.2.0/30")
_PATTERNS = (
    "*",
    "?",
    "T*",
    "t*",
    "1*",
    "*5*",
    "2027-*",
    "20??-*",
    "203.0.113.*",
    "*.0",
    "0*",
    "???",
    "*e*",
    "+*",
    "[*",
)


def _condition(draw: random.Random) -> tuple[str, list[str]]:
    family = draw.choice(("String", "String", "Numeric", "Numeric", "Date", "Bool", "Ip"))
    many = draw.choice((1, 1, 1, 2, 3))
    match family:
        case "Numeric":
            return f"Numeric{draw.choice(_ORDERS)}", draw.sample(_NUMBERS, many)
        case "Date":
            return f"Date{draw.choice(_ORDERS)}", draw.sample(_DATES, many)
        case "Bool":
            return "Bool", [draw.choice(("true", "false"))]
        case "Ip":
            return draw.choice(("IpAddress", "NotIpAddress")), draw.sample(_NETWORKS, many)
        case _:
            operator = draw.choice(_STRINGS)
            pool = (*_PATTERNS, *_WORDS) if operator.endswith("Like") else (*_WORDS, *_NUMBERS, *_DATES)
            return operator, draw.sample(pool, many)


def _block(draw: random.Random, key: str, most: int) -> Statement:
    block: Statement = {}
    for _ in range(draw.randint(1, most)):
        operator, values = _condition(draw)
        block[operator + draw.choice(("", "", "", "IfExists"))] = {key: values}
    return block


def policy_on(draw: random.Random, key: Key) -> Policy:
    """Return an Allow with up to three conditions on one key, and sometimes a Deny with others."""
    allow = {"Effect": "Allow", "Principal": key.principal, "Action": key.action}
    statements = [{**allow, "Condition": _block(draw, key.name, 3)}, *key.besides]
    for _ in range(draw.choice((0, 0, 1, 1, 2))):
        deny = {"Effect": "Deny", "Principal": "*", "Action": "*"}
        statements.append({**deny, "Condition": _block(draw, key.name, 2)})
    return {"Version": "2012-10-17", "Statement": statements}


# --- values -------------------------------------------------------------------------------------------------------


def _respelt(draw: random.Random, text: str) -> Iterator[str]:
    yield text
    yield draw.choice((text.upper(), text.lower(), text.swapcase(), text.title()))
    yield draw.choice(_SPACES) + text
    yield text + draw.choice(_SPACES)
    yield draw.choice(("+", "-", "0", "00")) + text
    yield text + draw.choice((".0", "0", "e0", "E1", ".50", "Z"))
    yield text.replace("T", " ").removesuffix("Z")


def _near(draw: random.Random, text: str) -> Iterator[str]:
    try:
        number = Decimal(text)
    except ArithmeticError:
        return
    for step in (Decimal("0.1"), Decimal(1), Decimal(draw.randint(2, 10**6))):
        yield f"{number + step:f}"
        yield f"{number - step:f}"
    yield f"{number:e}"


def _moments(draw: random.Random, text: str) -> Iterator[str]:
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return
    moment = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    moved = moment + dt.timedelta(seconds=draw.choice((-1, 0, 1, 86_400, -86_400, 40_000_000)))
    zone = dt.timezone(dt.timedelta(hours=draw.randint(-12, 14)))
    yield moved.isoformat()
    yield moved.astimezone(zone).isoformat()
    yield moved.date().isoformat()
    yield moved.strftime(draw.choice(("%Y-%m", "%Y-%m-%dT%H:%MZ", "%Y%m%d", "%Y")))
    yield str(int(moved.timestamp()))


def _addresses(draw: random.Random, text: str) -> Iterator[str]:
    try:
        network = ipaddress.ip_network(text)
    except ValueError:
        return
    offset = draw.randrange(min(network.num_addresses, 2**32))
    address = ipaddress.ip_address(int(network.network_address) + offset)
    yield str(address)
    yield address.exploded
    yield str(address).upper()


def _literals(policy: Policy) -> list[str]:
    blocks = [block for statement in policy["Statement"] for block in statement["Condition"].values()]
    return [value for block in blocks for values in block.values() for value in as_list(values)]


def values_for(draw: random.Random, key: Key, policy: Policy) -> Iterator[str]:
    """Yield possible values of a key, close to the policy's values and elsewhere."""
    for literal in (*_literals(policy), draw.choice(_WORDS), draw.choice(_NUMBERS), draw.choice(_DATES)):
        filled = literal.replace("*", draw.choice(("", "1", "x", "rue", "01-01"))).replace("?", draw.choice("05xT"))
        for maker in (_respelt, _near, _moments, _addresses):
            yield from (text for text in maker(draw, filled) if key.fits(text))
    if key.fits("000000000001"):
        yield from (f"{draw.randrange(10**12):012}", "999999999999", "000000000001", FRESH)


def requests_for(draw: random.Random, key: Key, policy: Policy) -> Iterator[Request]:
    """Yield requests with such values, without repetition."""
    return (key.context(value) for value in dict.fromkeys(values_for(draw, key, policy)))
