"""Applies the resource control policies of the organization to a verdict, and decides whether that counts.

These policies only deny, so a repository without findings is not checked. Only what is known closes access. If the
policies cannot be read, or may not apply to the account, the verdict without them counts, and the result says why.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ...judgement.values.verdict import Compliance, Verdict
from ...sources.aws.organizations import Membership

if TYPE_CHECKING:
    from ...sources.register.location import Location  # imported where one is named

_LEFT_OUT = "resource control policies are left out"
_CLOSED = "resource control policies close it"
_UNDECIDED = "whether resource control policies close it is undecided"
_OPEN = "resource control policies leave it open"


@dataclass(frozen=True, slots=True)
class ControlPolicies:
    """The texts of resource control policies. If there are none, `problem` says briefly why they are not used."""

    location: Location
    texts: tuple[str, ...] = ()
    version: str | None = None
    digest: str | None = None
    problem: str | None = None

    @property
    def provenance(self) -> Mapping[str, object]:
        """The fields about them in every line of the log."""
        return {
            "resourceControlPolicies": str(self.location),
            "resourceControlPoliciesVersion": self.version,
            "resourceControlPoliciesSha256": self.digest,
        }


@dataclass(frozen=True, slots=True)
class Beneath:
    """The verdict that counts, and briefly what resource control policies change.

    `said` is None if they were not considered. `told` are the log fields about it.
    """

    counting: Verdict
    said: str | None = None
    told: Mapping[str, object] | None = None

    @property
    def alone(self) -> bool:
        """Whether the result is COMPLIANT only because of resource control policies."""
        return self.said is not None and self.counting.compliance is Compliance.COMPLIANT


def unused(verdict: Verdict, policies: ControlPolicies, account: str, membership: Membership) -> Beneath | None:
    """Return the unchanged verdict on a repository if the policies cannot be used for its account, otherwise None."""
    problem = policies.problem or _not_for(account, membership)
    if problem is None:
        return None
    said = f"{_LEFT_OUT} ({problem})"
    return Beneath(_noted(verdict, said), said, {"counted": False, "leftOut": problem})


def beneath(verdict: Verdict, left: Verdict, *, counts: bool) -> Beneath:
    """Return a verdict with findings, and what is `left` of it under resource control policies."""
    said = _said_of(left)
    told = {"counted": counts, "withThem": left.compliance.value, "withoutThem": verdict.compliance.value}
    return Beneath(_noted(left if counts else verdict, said), said, told)


def _not_for(account: str, membership: Membership) -> str | None:
    """Return why resource control policies may not apply to an account, or None if they do.

    https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
    """
    if membership.refused is not None:
        return membership.refused
    if membership.organization is None:
        return "the account is in no organization"
    if membership.management is None:
        return "which account manages the organization is not known"
    return "they do not apply to the management account" if membership.management == account else None


def _said_of(left: Verdict) -> str:
    if left.compliance is Compliance.COMPLIANT:
        return _CLOSED
    return _OPEN if left.grants or left.invalid else _UNDECIDED


def _noted(verdict: Verdict, note: str) -> Verdict:
    return replace(verdict, notes=(*verdict.notes, note))
