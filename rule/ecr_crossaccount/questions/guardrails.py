"""Policies of AWS Organizations that protect every registry at once, made for you to attach.

A resource control policy from the register lets only the organization and trusted principals in. It denies all other
access, whatever a repository policy allows. It protects every registry of the organization, but it does not replace the
judgement. It uses only who an entry trusts. The repository policies still decide the access and the repositories.
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html

A service control policy allows only named roles to open a registry to others.
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html

The documents are within the syntax and the length that AWS Organizations accepts:
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps_syntax.html
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_syntax.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum

from ..documents.parse import parse
from ..errors import InputError
from ..judgement.values.actions import OPENING, OPENING_PUBLIC
from ..judgement.values.trust import Trust, TrustLevel
from ..judgement.values.verdict import Access
from ..memo import by_value

LARGEST = 5_120
"""The most characters, spaces included, of a resource or service control policy.

https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html
"""

Statement = Mapping[str, object]


class PolicyType(Enum):
    """The two policy types of AWS Organizations that can guard a registry."""

    RCP = "resource control policy"
    SCP = "service control policy"


@by_value
class Guardrail:
    """A policy that AWS Organizations accepts. `notes` says what to know before you attach it."""

    kind: PolicyType
    statements: tuple[Statement, ...]
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        problems = tuple(problems_of(self.kind, self.minified))
        if problems:
            raise InputError(f"no {self.kind.value} that AWS would accept: {'; '.join(problems)}")

    @property
    def document(self) -> dict[str, object]:
        """The policy as a JSON value."""
        return {"Version": "2012-10-17", "Statement": [dict(statement) for statement in self.statements]}

    @property
    def minified(self) -> str:
        """The policy as its shortest text."""
        return json.dumps(self.document, separators=(",", ":"))

    @property
    def readable(self) -> str | None:
        """The policy with line breaks, or None if it is too long with them."""
        text = json.dumps(self.document, indent=2)
        return text if len(text) <= LARGEST else None


_ELEMENTS = {
    PolicyType.RCP: frozenset({"Sid", "Effect", "Principal", "Action", "Resource", "NotResource", "Condition"}),
    PolicyType.SCP: frozenset({"Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"}),
}
_SID = re.compile(r"[A-Za-z0-9]+")


def problems_of(kind: PolicyType, text: str) -> Iterator[str]:
    """Yield the reasons why AWS Organizations would refuse `text` as a policy of this kind."""
    if len(text) > LARGEST:
        yield f"it has {len(text):,} characters of at most {LARGEST:,}"
    policy = json.loads(text)
    for number, statement in enumerate(policy["Statement"]):
        yield from (f"Statement[{number}] {problem}" for problem in _problems_of(kind, statement))
    # `parse` checks everything that the two kinds share with a repository policy.
    shared = {**policy, "Statement": [_as_its_statement(statement) for statement in policy["Statement"]]}
    yield from (f"{invalid.at}: {invalid.reason}" for invalid in parse(shared).invalid)


def _problems_of(kind: PolicyType, statement: Statement) -> Iterator[str]:
    for name in statement:
        if name not in _ELEMENTS[kind]:
            yield f"has `{name}`, which a {kind.value} cannot have"
    if statement.get("Effect") != "Deny":
        yield "does not deny"
    if kind is PolicyType.RCP and statement.get("Principal") != "*":
        yield "names a Principal other than `*`"
    if not _SID.fullmatch(str(statement.get("Sid", ""))):
        yield "has no Sid of letters and digits"
    if not {"Resource", "NotResource"} & statement.keys():
        yield "has no Resource"
    for action in _strings(statement.get("Action")):
        if ":" not in action:
            yield f"has an action, `{action}`, without its service"


def _strings(value: object) -> Sequence[str]:
    return [value] if isinstance(value, str) else value if isinstance(value, list) else []


def _as_its_statement(statement: Statement) -> dict[str, object]:
    kept = {name: value for name, value in statement.items() if name not in ("Resource", "NotResource")}
    return {"Principal": "*", **kept}


_Condition = dict[str, dict[str, object]]


def resource_control_policy(trust: Trust, organization: str) -> Guardrail:
    """Return the policy for an organization. It allows its accounts, and everyone whom `trust` names today.

    Raises InputError if the register has more entries than fit into the policy.
    """
    circle, _, _ = trust.circles(organization)
    statements = (
        _deny("OnlyTrustedPrincipals", _outsiders(circle, organization)),
        _deny("OnlyServicesOfTrustedAccounts", _deputies(circle, organization)),
    )
    try:
        return Guardrail(PolicyType.RCP, statements, tuple(_notes(trust)))
    except InputError as error:
        raise InputError(
            f"{error} (the register trusts {len(circle.accounts)} accounts, about 30 characters each:"
            " trust their organization or its paths, or attach policies of smaller registers further down)"
        ) from None


def _deny(sid: str, condition: _Condition) -> Statement:
    return {
        "Sid": sid,
        "Effect": "Deny",
        "Principal": "*",
        "Action": "ecr:*",
        "Resource": "*",
        "Condition": condition,
    }


def _outsiders(circle: TrustLevel, organization: str) -> _Condition:
    """Return a condition for callers that are not services and that the register does not trust.

    A missing key matches a negated operator, so this also denies callers without an organization. IfExists makes that
    visible to a reader, as in AWS's own examples.
    """
    unlike: dict[str, object] = {"aws:PrincipalOrgID": _sort_names({organization, *circle.organizations})}
    for key, names in (
        ("aws:PrincipalAccount", circle.accounts),
        ("aws:SourceVpc", circle.vpcs),
        ("aws:SourceVpce", circle.endpoints),
    ):
        if names:
            unlike[key] = _sort_names(names)
    return {
        "StringNotEqualsIfExists": unlike,
        **_no_path_of("aws:PrincipalOrgPaths", circle),
        "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
    }


def _deputies(circle: TrustLevel, organization: str) -> _Condition:
    """Return a condition for services that say for which account they act, if the register does not trust it.

    Not every service says so. A service that does not is left to the repository policies, because it may act for the
    owner.
    """
    unlike: dict[str, object] = {"aws:SourceOrgID": _sort_names({organization, *circle.organizations})}
    if circle.accounts:
        unlike["aws:SourceAccount"] = _sort_names(circle.accounts)
    if circle.services:
        unlike["aws:PrincipalServiceName"] = _sort_names(circle.services)
    return {
        "StringNotEqualsIfExists": unlike,
        **_no_path_of("aws:SourceOrgPaths", circle),
        "Null": {"aws:SourceAccount": "false"},
        "Bool": {"aws:PrincipalIsAWSService": "true"},
    }


def _no_path_of(key: str, circle: TrustLevel) -> _Condition:
    """Return a condition for callers that are in none of the trusted paths.

    It also matches callers without an organization, because ForAllValues matches a missing key.
    """
    return {"ForAllValues:StringNotLike": {key: _sort_names(circle.paths)}} if circle.paths else {}


def _sort_names(names: Iterable[str]) -> str | list[str]:
    """Return names in a stable order. A single name is a plain string, which means the same to IAM."""
    ordered = sorted(set(names))
    return ordered[0] if len(ordered) == 1 else ordered


def _notes(trust: Trust) -> Iterator[str]:
    """Yield notes: where the policy is wider than the register, and when to print it again."""
    limited = [one for one in trust.valid if one.access is not Access.ADMIN or one.repositories != ("*",)]
    if limited:
        entries = "1 entry is" if len(trust.valid) == 1 else f"{len(trust.valid)} entries are"
        yield (
            f"{len(limited)} of {entries} limited to an access level or to some repositories:"
            " the policy cannot express these limits, so the repository policies must"
        )
    expired = len(trust.entries) - len(trust.valid)
    if expired:
        several = f"{expired} expired entries trust nobody and are left out"
        yield "1 expired entry trusts nobody and is left out" if expired == 1 else several
    days = sorted(entry.expires for entry in trust.valid if entry.expires is not None)
    if days:
        yield f"the policy does not expire when the register's entries do: print it again after {days[0].isoformat()}"


ACTIONS = (*OPENING, *OPENING_PUBLIC)
"""The actions that open a registry, or remove a Deny that protects it."""

_ARN = re.compile(
    r"arn:[a-z*?-]+:iam::(?:[0-9]{12}|[0-9?]*\*[0-9*?]*|(?=[0-9]*\?)[0-9?]{12}):role/[\w+=,.@/*?-]+", re.ASCII
)
_NAME = re.compile(r"[\w+=,.@/*?-]+", re.ASCII)


def service_control_policy(roles: Sequence[str]) -> Guardrail:
    """Return the policy that allows ACTIONS only to `roles`: ARNs, or names (with their path) in any member account.

    Raises InputError for a name that is not a role or that matches every role, and if the roles do not fit into the
    policy.
    """
    if not roles:
        raise InputError("name at least one role that may open a registry: without one, nobody could")
    arns = [_arn(role) for role in roles]
    for role, arn in zip(roles, arns, strict=True):
        if _is_everybody(arn):
            raise InputError(f"`{role}` matches every role, so the policy would deny nobody: name the roles")
    statement = {
        "Sid": "OnlyNamedRolesOpenRegistries",
        "Effect": "Deny",
        "Action": list(ACTIONS),
        "Resource": "*",
        "Condition": {"ArnNotLike": {"aws:PrincipalArn": arns[0] if len(arns) == 1 else arns}},
    }
    wide = [role for role, arn in zip(roles, arns, strict=True) if "*" in arn.partition(":role/")[0] or "*" in role]
    return Guardrail(PolicyType.SCP, (statement,), tuple(map(_NOTE.format, wide)))


def _arn(role: str) -> str:
    if _ARN.fullmatch(role):
        return role
    name = role.removeprefix("role/").removeprefix("/")
    if not _NAME.fullmatch(name):
        raise InputError(f"`{role}` is not a role: expected a name, its path before it, or a role's ARN")
    return f"arn:*:iam::*:role/{name}"


def _is_everybody(arn: str) -> bool:
    accounts, _, name = arn.partition(":role/")
    return set(accounts.rpartition(":")[2]) == {"*"} and "*" in name and not name.strip("*?/")


_NOTE = "anyone who can create a role that `{}` matches, in any account, has what it keeps: guard that name too"
