"""A resource control policy from the register: only the organization and trusted principals have access.

It denies all other access, whatever a repository policy allows. It protects every registry of the organization, but it
does not replace the judgement. It uses only who an entry trusts. The repository policies still decide the access and
the repositories.
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ...judgement.values.trust import Circle, Trust
from ...judgement.values.trust_entries import Entry
from ...judgement.values.verdict import Access
from .document import Guardrail, GuardrailError, Kind, Statement

_Condition = dict[str, dict[str, object]]


def resource_control_policy(trust: Trust, organization: str) -> Guardrail:
    """Return the policy for an organization. It allows its accounts, and everyone whom `trust` names today.

    Raises GuardrailError if the register has more entries than fit into the policy.
    """
    circle, _, _ = trust.circles(organization)
    statements = (
        _deny("OnlyTrustedPrincipals", _outsiders(circle, organization)),
        _deny("OnlyServicesOfTrustedAccounts", _deputies(circle, organization)),
    )
    try:
        return Guardrail(Kind.RCP, statements, tuple(_notes(trust)))
    except GuardrailError as error:
        raise GuardrailError(f"{error}{_way_out(circle)}") from None


def _deny(sid: str, condition: _Condition) -> Statement:
    return {
        "Sid": sid,
        "Effect": "Deny",
        "Principal": "*",
        "Action": "ecr:*",
        "Resource": "*",
        "Condition": condition,
    }


def _outsiders(circle: Circle, organization: str) -> _Condition:
    """Return a condition for callers that are not services and that the register does not trust.

    A missing key matches a negated operator, so this also denies callers without an organization. IfExists makes that
    visible to a reader, as in AWS's own examples.
    """
    unlike: dict[str, object] = {"aws:PrincipalOrgID": _listed({organization, *circle.organizations})}
    for key, names in (
        ("aws:PrincipalAccount", circle.accounts),
        ("aws:SourceVpc", circle.vpcs),
        ("aws:SourceVpce", circle.endpoints),
    ):
        if names:
            unlike[key] = _listed(names)
    return {
        "StringNotEqualsIfExists": unlike,
        **_no_path_of("aws:PrincipalOrgPaths", circle),
        "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
    }


def _deputies(circle: Circle, organization: str) -> _Condition:
    """Return a condition for services that say for which account they act, if the register does not trust it.

    Not every service says so. A service that does not is left to the repository policies, because it may act for the
    owner.
    """
    unlike: dict[str, object] = {"aws:SourceOrgID": _listed({organization, *circle.organizations})}
    if circle.accounts:
        unlike["aws:SourceAccount"] = _listed(circle.accounts)
    if circle.services:
        unlike["aws:PrincipalServiceName"] = _listed(circle.services)
    return {
        "StringNotEqualsIfExists": unlike,
        **_no_path_of("aws:SourceOrgPaths", circle),
        "Null": {"aws:SourceAccount": "false"},
        "Bool": {"aws:PrincipalIsAWSService": "true"},
    }


def _no_path_of(key: str, circle: Circle) -> _Condition:
    """Return a condition for callers that are in none of the trusted paths.

    It also matches callers without an organization, because ForAllValues matches a missing key.
    """
    return {"ForAllValues:StringNotLike": {key: _listed(circle.paths)}} if circle.paths else {}


def _listed(names: Iterable[str]) -> str | list[str]:
    """Return names in a stable order. A single name is a plain string, which means the same to IAM."""
    ordered = sorted(set(names))
    return ordered[0] if len(ordered) == 1 else ordered


def _way_out(circle: Circle) -> str:
    return (
        f" (the register trusts {len(circle.accounts)} accounts, about 30 characters each:"
        " trust their organization or its paths, or attach policies of smaller registers further down)"
    )


def _notes(trust: Trust) -> Iterator[str]:
    """Yield notes: where the policy is wider than the register, and when to print it again."""
    limited = [entry for entry in trust.valid if _is_limited(entry)]
    if limited:
        yield (
            f"{len(limited)} of {_entries(len(trust.valid))} limited to an access level or to some repositories:"
            " the policy cannot express these limits, so the repository policies must"
        )
    expired = len(trust.entries) - len(trust.valid)
    if expired:
        several = f"{expired} expired entries trust nobody and are left out"
        yield "1 expired entry trusts nobody and is left out" if expired == 1 else several
    days = sorted(entry.expires for entry in trust.valid if entry.expires is not None)
    if days:
        yield f"the policy does not expire when the register's entries do: print it again after {days[0].isoformat()}"


def _entries(count: int) -> str:
    return "1 entry is" if count == 1 else f"{count} entries are"


def _is_limited(entry: Entry) -> bool:
    return entry.access is not Access.ADMIN or entry.repositories != ("*",)
