"""Policies with everything at once: many statements, Denies, conditions on any key with any operator, wildcards.

They are random, so that no engine can be tuned to them. `adversarial` has the ones that are built to hurt.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from .words import (
    ACTIONS,
    ORGANIZATION,
    OWNER,
    REGIONS,
    ROOM,
    SERVICES,
    STAGES,
    TEAMS,
    TRUSTED,
    Json,
    Policies,
    account,
    name,
    organization,
    organization_path,
    principal,
    some,
    source,
    text_of,
)

_STRING = ("StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "StringEqualsIgnoreCase")
_ARN = ("ArnLike", "ArnNotLike", "ArnEquals", "ArnNotEquals", "StringLike", "StringNotLike")
_NUMERIC = ("NumericLessThan", "NumericGreaterThanEquals", "NumericEquals", "NumericNotEquals")
_DATE = ("DateLessThan", "DateGreaterThanEquals", "DateNotEquals")
_ADDRESS = ("IpAddress", "NotIpAddress")
_SETS = ("ForAnyValue:StringLike", "ForAnyValue:StringNotLike", "ForAllValues:StringLike", "ForAllValues:StringEquals")
_SMALLEST, _USUAL = 300, 2_000


@dataclass(frozen=True, slots=True)
class _Key:
    """A condition key, the operators used with it, and a function that generates a value."""

    name: str
    operators: tuple[str, ...]
    value: Callable[[random.Random], str]


def nasty(seed: str, count: int) -> Policies:
    """Return random policies of 300 to 2,000 characters: as long as people write them, and far worse."""
    rng = source(seed)
    return [("random", _policy(rng, rng.randint(_SMALLEST, _USUAL))) for _ in range(count)]


def long(seed: str, count: int) -> Policies:
    """Return random policies of 2,000 to 10,240 characters, with all lengths equally frequent."""
    rng = source(seed)
    return [("long", _policy(rng, rng.randint(_USUAL, ROOM))) for _ in range(count)]


def _policy(rng: random.Random, size: int) -> str:
    """Add statements to a policy until another one does not fit into the size."""
    statements = [_statement(rng, "Allow")]
    text = text_of(statements)
    while True:
        effect = rng.choice(("Allow", "Deny", "Deny"))
        statements.insert(rng.randint(0, len(statements)), _statement(rng, effect))
        longer = text_of(statements)
        if len(longer) > size:
            return text if len(text) <= ROOM else _policy(rng, size)
        text = longer


def _statement(rng: random.Random, effect: str) -> dict[str, Json]:
    element = "NotPrincipal" if effect == "Deny" and rng.random() < 0.15 else "Principal"
    statement: dict[str, Json] = {
        "Effect": effect,
        element: _grantee(rng, element),
        rng.choice(("Action", "Action", "Action", "NotAction")): _actions(rng),
    }
    if effect == "Deny" or rng.random() < 0.8:
        statement["Condition"] = _condition(rng)
    return statement


def _grantee(rng: random.Random, element: str) -> Json:
    if element == "Principal" and rng.random() < 0.6:
        return rng.choice(("*", {"AWS": "*"}))
    if element == "Principal" and rng.random() < 0.2:
        return {"Service": [f"{service}.amazonaws.com" for service in rng.sample(SERVICES, rng.randint(1, 4))]}
    return {"AWS": [principal(rng, _number(rng)) for _ in range(rng.randint(1, 10))]}


def _actions(rng: random.Random) -> Json:
    if rng.random() < 0.4:
        return rng.choice(("ecr:*", "*", "ecr:Batch*", "ecr:Get*", "ecr:*Image*", "e?r:*Lay*"))
    return some(rng, ACTIONS, 1, 8)


def _condition(rng: random.Random) -> Json:
    condition: dict[str, dict[str, Json]] = {}
    for _ in range(rng.randint(1, 6)):
        operator, key, values = _test(rng)
        condition.setdefault(operator, {})[key] = values
    return {operator: dict(keys) for operator, keys in condition.items()}


def _test(rng: random.Random) -> tuple[str, str, Json]:
    key = rng.choice(_KEYS)
    if rng.random() < 0.08:
        return "Null", key.name, rng.choice(("true", "false"))
    operator = rng.choice(key.operators)
    if rng.random() < 0.2 and not operator.startswith("For"):
        operator += "IfExists"
    values: list[Json] = [_globbed(rng, operator, key.value(rng)) for _ in range(rng.choice((1, 1, 2, 3, 5, 8)))]
    return operator, key.name, values[0] if len(values) == 1 else values


def _globbed(rng: random.Random, operator: str, value: str) -> str:
    """Return the value with a wildcard or a variable in it, if the operator allows one."""
    if "Like" not in operator or rng.random() < 0.3:
        return value
    if rng.random() < 0.1:
        return value + rng.choice(("${aws:PrincipalAccount}", "${aws:PrincipalTag/team, 'none'}", "${aws:username}"))
    start, end = sorted((rng.randint(0, len(value)), rng.randint(0, len(value))))
    return value[:start] + rng.choice(("*", "*", "?")) + value[end:]


def _number(rng: random.Random) -> str:
    return rng.choice((OWNER, *TRUSTED, account(rng), account(rng), account(rng)))


def _arn(rng: random.Random) -> str:
    return f"arn:aws:iam::{_number(rng)}:{rng.choice(('role', 'role', 'user'))}/{name(rng)}"


def _source_arn(rng: random.Random) -> str:
    service = rng.choice(("lambda", "codebuild", "ecs", "sagemaker"))
    return f"arn:aws:{service}:{rng.choice(REGIONS)}:{_number(rng)}:function:{name(rng)}"


def _organization(rng: random.Random) -> str:
    return rng.choice((ORGANIZATION, organization(rng)))


def _network(rng: random.Random) -> str:
    if rng.random() < 0.2:
        return f"2600:1f{rng.randrange(10, 99)}::/{rng.choice((16, 32, 48))}"
    return f"{rng.choice((3, 18, 34, 52, 198))}.{rng.randrange(256)}.0.0/{rng.choice((1, 8, 16))}"


def _day(rng: random.Random) -> str:
    return f"{rng.randint(2020, 2032)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}T00:00:00Z"


def _truth(rng: random.Random) -> str:
    return rng.choice(("true", "false"))


def _team(rng: random.Random) -> str:
    return rng.choice(TEAMS)


_KEYS = (
    _Key("aws:PrincipalArn", _ARN, _arn),
    _Key("aws:PrincipalArn", _ARN, _arn),
    _Key("aws:PrincipalAccount", _STRING, _number),
    _Key("aws:PrincipalOrgID", _STRING, _organization),
    _Key("aws:PrincipalOrgID", _STRING, _organization),
    _Key("aws:PrincipalOrgPaths", _SETS, organization_path),
    _Key("aws:PrincipalType", _STRING, lambda rng: rng.choice(("Account", "User", "AssumedRole"))),
    _Key("aws:PrincipalIsAWSService", ("Bool",), _truth),
    _Key("aws:PrincipalTag/team", _STRING, _team),
    _Key("aws:PrincipalTag/stage", _STRING, lambda rng: rng.choice(STAGES)),
    _Key("aws:userid", _STRING, lambda rng: f"{_number(rng)}:{name(rng)}"),
    _Key("aws:username", _STRING, name),
    _Key("aws:SourceArn", _ARN, _source_arn),
    _Key("aws:SourceAccount", _STRING, _number),
    _Key("aws:SourceIp", _ADDRESS, _network),
    _Key("aws:SourceVpc", _STRING, lambda rng: f"vpc-{rng.randrange(16**8):08x}"),
    _Key("aws:SourceVpce", _STRING, lambda rng: f"vpce-{rng.randrange(16**8):08x}"),
    _Key("aws:UserAgent", _STRING, lambda rng: f"docker/{rng.randint(18, 29)}.0.{rng.randint(0, 9)}"),
    _Key("aws:RequestedRegion", _STRING, lambda rng: rng.choice(REGIONS)),
    _Key("aws:SecureTransport", ("Bool",), _truth),
    _Key("aws:MultiFactorAuthPresent", ("Bool",), _truth),
    _Key("aws:MultiFactorAuthAge", _NUMERIC, lambda rng: str(rng.randrange(0, 90_000))),
    _Key("aws:CurrentTime", _DATE, _day),
    _Key("aws:EpochTime", _NUMERIC, lambda rng: str(rng.randrange(1_500_000_000, 2_000_000_000))),
    _Key("aws:TokenIssueTime", _DATE, _day),
    _Key("aws:ViaAWSService", ("Bool",), _truth),
    _Key("aws:CalledVia", _SETS, lambda rng: f"{rng.choice(SERVICES)}.amazonaws.com"),
    _Key("aws:TagKeys", _SETS, _team),
    _Key("aws:RequestTag/team", _STRING, _team),
    _Key("ecr:ResourceTag/team", _STRING, _team),
    _Key("lambda:SourceFunctionArn", _ARN, _source_arn),
)
