"""A resource control policy from the register: nobody from outside organization and trust, whatever a policy says.

A fence around every registry of the organization, not the judgement: it knows of an entry whom it trusts, and
leaves to the policies which access to which repositories that entry is for.
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..access.trust import Circle, Entry, Trust
from ..access.verdict import Access
from .document import Guardrail, GuardrailError, Kind, Statement

_Condition = dict[str, dict[str, object]]


def resource_control_policy(trust: Trust, organization: str) -> Guardrail:
    """Return the policy for an organization, whose own accounts and those whom `trust` names today stay inside.

    Raises GuardrailError if the register names more than fits.
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
    """Whoever is not a service and nothing that the register trusts.

    A negated operator is met by a key that is missing: who is in no organization is denied as well. IfExists says so
    to a reader, as AWS's own examples do.
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
    """A service that says for which account it acts, and that account is nobody whom the register trusts.

    Not every service says so; one that does not is left to the policies, since it may well act for the owner.
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
    """Met by who is in none of the trusted paths, and (as ForAllValues is) by who is in no organization at all."""
    return {"ForAllValues:StringNotLike": {key: _listed(circle.paths)}} if circle.paths else {}


def _listed(names: Iterable[str]) -> str | list[str]:
    """Return names in a stable order, a single one without its list, which IAM reads alike."""
    ordered = sorted(set(names))
    return ordered[0] if len(ordered) == 1 else ordered


def _way_out(circle: Circle) -> str:
    return (
        f" (the register trusts {len(circle.accounts)} accounts, about 30 characters each:"
        " trust their organization or its paths, or attach policies of smaller registers further down)"
    )


def _notes(trust: Trust) -> Iterator[str]:
    """Yield where the fence is wider than the register, and until when it is true."""
    limited = [entry for entry in trust.valid if _is_limited(entry)]
    if limited:
        yield (
            f"{len(limited)} of {len(trust.valid)} entries trust with one access or for some repositories only:"
            " the policy allows them, and leaves these limits to the repository policies"
        )
    expired = len(trust.entries) - len(trust.valid)
    if expired:
        yield f"{expired} expired entries trust nobody and are left out"
    days = sorted(entry.expires for entry in trust.valid if entry.expires is not None)
    if days:
        yield f"the policy does not expire when the register's entries do: print it again after {days[0].isoformat()}"


def _is_limited(entry: Entry) -> bool:
    return entry.access is not Access.ADMIN or entry.repositories != ("*",)
