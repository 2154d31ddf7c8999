"""The kinds of findings by stable names, which scanners, dashboards and suppressions refer to."""

from __future__ import annotations

from ...judgement.values.verdict import Grant, Kind, Severity
from ...memo import by_value


@by_value
class Rule:
    """A kind of finding. All findings of a kind have the same severity.

    `avoid` and `prefer`: examples of elements of a statement. `anchor`: the section of docs/findings.md.
    """

    id: str
    severity: Severity
    title: str
    why: str
    avoid: str
    prefer: str
    anchor: str


_PULL = '"Action": ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]'
_ORGANIZATION = '"Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}'
_MEANING = {
    "write": "can write or administer: push, delete, take over the repository",
    "read": "can read",
    "settings": "can read settings, but not images",
}


@by_value
class _Grantee:
    """The common parts of the rules about one kind of grantee."""

    who: str
    why: str
    avoid: str
    prefer: str
    anchor: str


_GRANTEES = {
    Kind.ANY: _Grantee(
        who="any AWS account",
        why="Anyone can open an AWS account. A condition restricts nobody if an outsider can meet it, or if it matches "
        "when its key is missing.",
        avoid='"Principal": "*"',
        prefer=f'"Principal": "*", {_ORGANIZATION}',
        anchor="any-aws-account",
    ),
    Kind.ACCOUNT: _Grantee(
        who="an account outside",
        why="The trust register does not cover this access. If it is intended, add an entry with the access, the "
        "reason and the last day.",
        avoid='"Principal": {"AWS": "222233334444"}',
        prefer=f'"Principal": {{"AWS": "222233334444"}}, {_PULL}',
        anchor="a-named-account",
    ),
    Kind.ORGANIZATION: _Grantee(
        who="another organization",
        why="Every account of the organization has access, including accounts that it creates later. Name the "
        "accounts that you mean, or trust the organization or a unit of it in the register.",
        avoid='"Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-z9y8x7w6v5"}}',
        prefer=f'"Principal": {{"AWS": "222233334444"}}, {_PULL}',
        anchor="an-organization",
    ),
    Kind.SERVICE: _Grantee(
        who="a service that acts for someone outside",
        why="An AWS service acts for every AWS customer. Without a condition on its source, anyone can make it act "
        "for them: the confused deputy.",
        avoid='"Principal": {"Service": "lambda.amazonaws.com"}',
        prefer='"Principal": {"Service": "lambda.amazonaws.com"}, '
        '"Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}}',
        anchor="a-service-that-acts-for-others",
    ),
}
_SEVERITIES = {
    Kind.ANY: (Severity.CRITICAL, Severity.HIGH, Severity.LOW),
    Kind.ACCOUNT: (Severity.CRITICAL, Severity.MEDIUM, Severity.LOW),
    Kind.ORGANIZATION: (Severity.CRITICAL, Severity.MEDIUM, Severity.LOW),
    Kind.SERVICE: (Severity.HIGH, Severity.MEDIUM, Severity.LOW),
}
"""The severities of write, read and settings access, by kind of grantee."""


def _rule(kind: Kind, what: str, severity: Severity) -> Rule:
    about = _GRANTEES[kind]
    title = f"{about.who} {_MEANING[what]}"
    name = f"{kind.value}-{what}"
    anchor = "settings-only" if what == "settings" else about.anchor
    return Rule(name, severity, f"{title[0].upper()}{title[1:]}", about.why, about.avoid, about.prefer, anchor)


_BY_GRANT = {
    (kind, severity): _rule(kind, what, severity)
    for kind, severities in _SEVERITIES.items()
    for what, severity in zip(_MEANING, severities, strict=True)
}

_BY_GRANT[Kind.ANY, Severity.MEDIUM] = Rule(
    "network-read",
    Severity.MEDIUM,
    "Any AWS account can read from a network that the policy names",
    "A VPC, a VPC endpoint or an address says how a request arrives, but not who sends it. Anyone who works in that "
    "network can use the credentials of any account. Add a condition on the caller's account or organization.",
    '"Principal": "*", "Condition": {"StringEquals": {"aws:SourceVpce": "vpce-0a1b2c3d4e5f67890"}}',
    _ORGANIZATION,
    "a-network-that-the-policy-names",
)
"""A grant to any account that is not public, because a network restricts it."""

UNDECIDED = Rule(
    "undecided",
    Severity.MEDIUM,
    "It cannot be decided who has access",
    "The policy depends on something that is unknown here: a key that only the request has, a value that is known "
    "after deployment, or an operator whose meaning AWS does not define. An undecided policy never passes as safe.",
    '"Condition": {"StringEquals": {"aws:PrincipalOrganisation": "o-a1b2c3d4e5"}}',
    _ORGANIZATION,
    "undecided",
)
INVALID = Rule(
    "invalid",
    Severity.MEDIUM,
    "IAM would not accept the policy",
    "The effect of a policy that IAM rejects cannot be determined. Each fault is listed with its place.",
    '"Principal": {"AWS": "arn:aws:iam::222233334444:role/*"}',
    '"Principal": {"AWS": "222233334444"}, '
    '"Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::222233334444:role/*"}}',
    "invalid",
)

RULES = (*_BY_GRANT.values(), UNDECIDED, INVALID)
"""Every rule, in a stable order."""


def rule_of(grant: Grant) -> Rule:
    """Return the rule that a grant breaks."""
    return rule_about(grant.kind, grant.severity)


def rule_about(kind: Kind, severity: Severity) -> Rule:
    """Return the rule about access of a severity that a kind of grantee has."""
    return _BY_GRANT[kind, severity]
