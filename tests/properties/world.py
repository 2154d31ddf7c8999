"""The small world of the generated policies and requests: its principals, and the values that can be compared."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

Policy = dict[str, Any]
Statement = dict[str, Any]

TODAY = dt.date(2026, 6, 1)

OWNER, TRUSTED, READER, NAMED, OTHER = "111122223333", "222233334444", "222299994444", "333344445555", "444455556666"
FRESH = "998877665544"
ACCOUNTS = (OWNER, TRUSTED, READER, NAMED, OTHER)

OWN_ORG, TRUSTED_ORG, NAMED_ORG, FRESH_ORG = "o-ownorg00001", "o-trusted0001", "o-named000001", "o-fresh000001"
ORGANIZATIONS = (OWN_ORG, TRUSTED_ORG, NAMED_ORG)
UNIT = "r-ab12/ou-ab12-11111111/"

SERVICES = (
    "lambda.amazonaws.com",
    "codebuild.amazonaws.com",
    "ecs-tasks.amazonaws.com",
    "replication.ecr.amazonaws.com",
)


def statements_of(policy: Policy) -> list[Statement]:
    found = policy.get("Statement", [])
    return list(found) if isinstance(found, list) else [found]


def as_list(value: object) -> list[Any]:
    """Return IAM's one-or-many value as a list: a list unchanged, anything else as a list of one."""
    return value if isinstance(value, list) else [value]


def conditions_of(statement: Statement) -> Iterator[tuple[str, str, list[Any]]]:
    """Yield operator, key and values of every condition of a statement."""
    for operator, block in statement.get("Condition", {}).items():
        for key, values in block.items():
            yield operator, key, as_list(values)


# --- literals, by what they describe ------------------------------------------------------------------------------


def _account_literals(_: str) -> tuple[str, ...]:
    return (*ACCOUNTS, *ACCOUNTS, "1111*", "2222*4444", "????????????", "*", "*3333", "33334444555?", "", "none")


def _organization_literals(_: str) -> tuple[str, ...]:
    return (*ORGANIZATIONS, *ORGANIZATIONS, "o-*", "*", "o-own*", "o-???????????", "o-", "O-OWNORG00001")


def _path_literals(_: str) -> tuple[str, ...]:
    literal = tuple(f"{organization}/{UNIT}{end}" for organization in ORGANIZATIONS for end in ("", "*"))
    return (
        *literal,
        f"{OWN_ORG}/*",
        f"{TRUSTED_ORG}/*",
        "o-*/r-ab12/*",
        "*/ou-ab12-11111111/*",
        "*",
        f"{OWN_ORG}/r-ab12",
    )


def _principal_arn_literals(partition: str) -> tuple[str, ...]:
    named = tuple(
        f"arn:{partition}:{rest}"
        for account in (OWNER, TRUSTED, NAMED)
        for rest in (
            f"iam::{account}:role/ci",
            f"iam::{account}:role/build/ci-*",
            f"iam::{account}:user/bob",
            f"iam::{account}:root",
            f"iam::{account}:*",
            f"sts::{account}:federated-user/*",
            f"sts::{account}:assumed-role/ci/*",
        )
    )
    return (
        *named,
        f"arn:{partition}:iam::*:role/ci",
        f"arn:{partition}:iam::????????????:root",
        f"arn:*:iam::{OWNER}:role/*",
        f"arn:{partition}:iam::1111*:role/ci?",
        f"*{OWNER}*",
        f"*:{OWNER}:role/*",
        "*:role/ci",
        "*",
        f"arn:{partition}:iam::*",
        f"arn:{partition}:iam::${{aws:PrincipalAccount}}:role/*",
        f"arn:{partition}:iam::{OWNER}:role/${{aws:PrincipalTag/team, 'ci'}}",
    )


def _source_arn_literals(partition: str) -> tuple[str, ...]:
    named = tuple(
        f"arn:{partition}:{rest}"
        for account in (OWNER, TRUSTED, NAMED)
        for rest in (
            f"lambda:eu-west-1:{account}:function:*",
            f"lambda:*:{account}:function:*",
            f"codebuild:*:{account}:project/*",
            f"*:*:{account}:*",
        )
    )
    return (*named, f"arn:{partition}:lambda:*:*:function:*", f"arn:{partition}:s3:::bucket", f"*{OWNER}*", "*")


def _own_arn_literals(partition: str) -> tuple[str, ...]:
    """Return values of session keys that contain the caller's own account."""
    named = tuple(f"arn:{partition}:lambda:eu-west-1:{account}:function:f" for account in (OWNER, NAMED))
    return (*named, "arn:*", "*")


def _pool(*literals: str) -> Callable[[str], tuple[str, ...]]:
    return lambda _: literals


_words = _pool("ci", "c*", "prod", "Prod", "*", "?i", "${aws:username}", "${aws:PrincipalTag/team, 'ci'}", "a b")
_bools = _pool("true", "false", "true", "True", "no")
_dates = _pool("2001-01-01T00:00:00Z", "2020-04-01", "2099-12-31T23:59:59Z", "4102444800", "2031-06-01T12:00:00.5Z")
_numbers = _pool("0", "3600", "0.5", "-1", "86400", "1e3")
_addresses = _pool(
    "203.0.113.0/24", "198.51.100.7", "0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1", "10.0.0.0/8", "203.0.113.9/24",
    "2001:db8::/32", "::/0", "2001:db8::1/32",
)  # fmt: skip
_networks = _pool("vpc-0123456789abcdef0", "vpc-0fedcba9876543210", "vpc-*", "vpce-0123456789abcdef0", "vpce-*", "*")
_services = _pool(*SERVICES, "lambda*", "*.amazonaws.com", "*")


@dataclass(frozen=True, slots=True)
class Key:
    """A condition key: the family of its operators, sample literals, and whether requests have several values of it."""

    name: str
    family: str
    literals: Callable[[str], tuple[str, ...]]
    many: bool = False
    weight: int = 1


KEYS = (
    Key("aws:PrincipalArn", "arn", _principal_arn_literals, weight=8),
    Key("aws:PrincipalAccount", "string", _account_literals, weight=8),
    Key("aws:PrincipalOrgID", "string", _organization_literals, weight=10),
    Key("aws:PrincipalOrgPaths", "string", _path_literals, many=True, weight=6),
    Key(
        "aws:PrincipalType",
        "string",
        _pool("Account", "User", "AssumedRole", "FederatedUser", "Service", "*"),
        weight=2,
    ),
    Key(
        "aws:userid",
        "string",
        _pool(NAMED, f"{NAMED}:bob", "*:ci", "AROAEXAMPLEID0000001:*", f"{OWNER}*", "*"),
        weight=2,
    ),
    Key("aws:username", "string", _words, weight=2),
    Key("aws:PrincipalIsAWSService", "bool", _bools, weight=4),
    Key("aws:PrincipalTag/team", "string", _words, weight=3),
    Key("aws:PrincipalServiceName", "string", _services),
    Key("aws:PrincipalServiceNamesList", "string", _services, many=True),
    Key("aws:SourceAccount", "string", _account_literals, weight=6),
    Key("aws:SourceArn", "arn", _source_arn_literals, weight=6),
    Key("aws:SourceOrgID", "string", _organization_literals, weight=3),
    Key("aws:SourceOrgPaths", "string", _path_literals, many=True),
    Key("aws:SourceIp", "ip", _addresses, weight=4),
    Key("aws:VpcSourceIp", "ip", _addresses),
    Key("aws:SourceVpc", "string", _networks, weight=2),
    Key("aws:SourceVpce", "string", _networks, weight=2),
    Key("aws:VpceAccount", "string", _account_literals),
    Key("aws:VpceOrgID", "string", _organization_literals),
    Key("aws:VpceOrgPaths", "string", _path_literals, many=True),
    Key("aws:UserAgent", "string", _words),
    Key("aws:Referer", "string", _words),
    Key("aws:MultiFactorAuthPresent", "bool", _bools),
    Key("aws:MultiFactorAuthAge", "number", _numbers),
    Key("aws:CalledVia", "string", _services, many=True),
    Key("aws:CalledViaFirst", "string", _services),
    Key("aws:CalledViaLast", "string", _services),
    Key("aws:ViaAWSService", "bool", _bools),
    Key("aws:SourceIdentity", "string", _words),
    Key("aws:TokenIssueTime", "date", _dates),
    Key("aws:RequestTag/team", "string", _words),
    Key("aws:TagKeys", "string", _pool("team", "Team", "cost*", "*"), many=True),
    Key("aws:SecureTransport", "bool", _bools, weight=3),
    Key("aws:CurrentTime", "date", _dates, weight=3),
    Key("aws:EpochTime", "date", _dates),
    Key("aws:RequestedRegion", "string", _pool("eu-west-1", "us-east-1", "eu-*", "*"), weight=2),
    Key("aws:ResourceAccount", "string", _account_literals),
    Key("aws:ResourceOrgID", "string", _pool(*ORGANIZATIONS, "${aws:PrincipalOrgID}", "*"), weight=2),
    Key("aws:ResourceOrgPaths", "string", _path_literals, many=True),
    Key("aws:ResourceTag/team", "string", _words, weight=2),
    Key("ecr:ResourceTag/team", "string", _words, weight=3),
    Key("lambda:SourceFunctionArn", "arn", _own_arn_literals),
    Key("ec2:SourceInstanceArn", "arn", _own_arn_literals),
    Key("token.actions.githubusercontent.com:sub", "string", _words),
    Key("saml:sub", "string", _words),
    Key("aws:FederatedProvider", "string", _words),
    Key("ec2:RoleDelivery", "number", _numbers),
    Key("s3:prefix", "string", _words),
    Key("kms:ViaService", "string", _services),
    Key("aws:PrincipalOrgId2", "string", _organization_literals),
    Key("ecr:Surprise", "string", _words),
)

_STRING = ("StringEquals", "StringNotEquals", "StringLike", "StringNotLike")
_STRING_IGNORE_CASE = ("StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase")
_ARN = ("ArnLike", "ArnEquals", "ArnNotLike", "ArnNotEquals")
_COMPARED = ("Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals")
OPERATORS = {
    "string": (*_STRING, *_STRING, *_STRING_IGNORE_CASE),
    "arn": (*_ARN, *_ARN, *_STRING),
    "bool": ("Bool", "Bool", "Bool", "StringEquals"),
    "number": tuple(f"Numeric{comparison}" for comparison in _COMPARED),
    "date": tuple(f"Date{comparison}" for comparison in _COMPARED),
    "ip": ("IpAddress", "NotIpAddress"),
}
