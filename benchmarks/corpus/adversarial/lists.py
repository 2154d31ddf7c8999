"""Long lists: accounts, organizations, services, addresses, days, numbers."""

from __future__ import annotations

from benchmarks.corpus.words import (
    ORGANIZATION,
    OWNER,
    PULL,
    Json,
    Statements,
    account,
    organization,
    principal,
    source,
)

from .parts import allow, deny, letters, number_of, tag


def accounts_listed(parts: int) -> Statements:
    """One Allow to as many accounts as fit, and Denies that except half of them."""
    rng = source(f"accounts-{parts}")
    numbers = [account(rng) for _ in range(parts)]
    grantees: Json = [principal(rng, number) for number in numbers]
    excepted: Json = list(numbers[::2])
    return [allow(None, {"AWS": grantees}), deny({"StringEquals": {"aws:PrincipalAccount": excepted}})]


def accounts_under_conditions(parts: int) -> Statements:
    """Return a list of accounts in an Allow with conditions, and Denies that leave each of them few possibilities."""
    numbers = [number_of(index) for index in range(parts)]
    limits: list[Json] = [f"*{number[-3:]}*" for number in numbers[::3]]
    denies = [
        deny({"StringLike": {tag(n % 4): f"*{letters(n)}*", "aws:PrincipalArn": limits}}) for n in range(parts // 9)
    ]
    return [allow({"StringLike": {tag(n): "a*" for n in range(4)}}, {"AWS": list(numbers)}), *denies]


def accounts_denied_singly(parts: int) -> Statements:
    """Every account allowed, and denied by its own statement."""
    numbers: list[Json] = [number_of(index) for index in range(parts)]
    return [allow(None, {"AWS": numbers}), *(deny(None, {"AWS": number}) for number in numbers)]


def organizations_listed(parts: int) -> Statements:
    """Return an Allow for a long list of organizations, and a Deny for all except one."""
    rng = source(f"organizations-{parts}")
    ids: list[Json] = [organization(rng) for _ in range(parts)]
    return [
        allow({"StringEquals": {"aws:PrincipalOrgID": [*ids, ORGANIZATION]}}),
        deny({"StringEquals": {"aws:PrincipalOrgID": ids[1:]}}),
    ]


def everybody_but(parts: int) -> Statements:
    """`NotPrincipal` Denies with long lists that overlap only in part."""
    rng = source(f"but-{parts}")
    arns: list[Json] = [f"arn:aws:iam::{number}:role/r" for number in (account(rng) for _ in range(parts))]
    third = max(1, parts // 3)
    lists = (arns[: 2 * third], arns[third:], arns)
    return [allow()] + [
        {"Effect": "Deny", "NotPrincipal": {"AWS": [*names, OWNER]}, "Action": "ecr:*"} for names in lists if names
    ]


def networks(parts: int) -> Statements:
    """Address ranges that cover everything except a few gaps, each in its own Deny."""
    denies = [deny({"IpAddress": {"aws:SourceIp": f"{n % 224}.{n // 224 * 16}.0.0/{8 + n % 9}"}}) for n in range(parts)]
    return [allow({"IpAddress": {"aws:SourceIp": ["0.0.0.0/1", "128.0.0.0/1", "::/1"]}}), *denies]


def windows_of_time(parts: int) -> Statements:
    """Denied periods on three clocks, consecutive and overlapping."""
    clocks = ("aws:CurrentTime", "aws:TokenIssueTime", "aws:EpochTime")
    denies: Statements = []
    for index in range(parts):
        clock, start = clocks[index % 3], 1_700_000_000 + index * 5_000_000
        denies.append(deny({"DateGreaterThan": {clock: str(start)}, "DateLessThan": {clock: str(start + 4_999_999)}}))
    return [allow({"DateGreaterThan": dict.fromkeys(clocks, "2023-01-01T00:00:00Z")}), *denies]


def numbers(parts: int) -> Statements:
    """Excluded numbers, each in its own Deny, and bounds that leave few others."""
    key = "aws:MultiFactorAuthAge"
    denies = [deny({"NumericEquals": {key: str(index)}}) for index in range(parts)]
    return [allow({"NumericLessThan": {key: str(parts)}, "NumericGreaterThanEquals": {key: "0"}}), *denies]


def services_and_sources(parts: int) -> Statements:
    """Every service for a different account, under a Deny of all the others."""
    allows: Statements = []
    for index in range(parts):
        arn = f"arn:aws:lambda:*:{number_of(index)}:function:{letters(index)}*"
        allows.append(allow({"ArnLike": {"aws:SourceArn": arn}}, {"Service": "lambda.amazonaws.com"}, list(PULL)))
    others: Json = [number_of(index) for index in range(0, parts, 2)]
    return [*allows, deny({"StringNotEqualsIfExists": {"aws:SourceAccount": others}})]


FAMILIES = (
    accounts_listed,
    accounts_under_conditions,
    accounts_denied_singly,
    organizations_listed,
    everybody_but,
    networks,
    windows_of_time,
    numbers,
    services_and_sources,
)
