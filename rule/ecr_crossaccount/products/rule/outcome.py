"""A result on its way to AWS Config: the verdict under resource control policies, and missing statements.

Resource control policies of the organization only deny, so a repository without findings is not checked. Only what is
known closes access. If the policies cannot be read, or may not apply to the account, the verdict without them counts,
and the result says why. Without the required statements, a repository is always NON_COMPLIANT.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rdklib import Evaluation

from ...documents.problems import first_of
from ...judgement.judge import Repository
from ...judgement.values.verdict import Compliance, Severity, Undecided, Verdict
from ...sources.aws.events import REPOSITORY
from ...sources.aws.organizations import Membership

if TYPE_CHECKING:
    from ...sources.register.location import Location  # imported where one is named
    from ...sources.register.required import HeldStatements  # imported where they are named


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


SEVERITY = Severity.LOW
"""The severity of a missing statement. By itself, it gives no one access."""
_NAMED = 2
"""The most statements that an annotation names."""
_LONGEST_NAME = 40


@dataclass(frozen=True, slots=True)
class Lacks:
    """The Sids of the missing statements. `unknown` is why this cannot be determined, or None if it can."""

    sids: tuple[str, ...] = ()
    unknown: str | None = None

    @property
    def said(self) -> str:
        """The missing statements, in few words, or "" if there are none."""
        if not self.sids:
            return ""
        named = first_of([f"`{_short(sid)}`" for sid in self.sids], _NAMED)
        is_one = len(self.sids) == 1
        return f"required statement{' ' if is_one else 's '}{named} {'is' if is_one else 'are'} missing or different"

    def noted(self, verdict: Verdict) -> Verdict:
        """Return the verdict. It is also undecided if the missing statements cannot be determined."""
        if self.unknown is None:
            return verdict
        return replace(verdict, undecided=(*verdict.undecided, Undecided(None, self.unknown)))

    def compliance(self, verdict: Verdict) -> Compliance:
        """Return the compliance of the result."""
        return Compliance.NON_COMPLIANT if self.sids else verdict.compliance

    def severity(self, verdict: Verdict) -> Severity | None:
        """Return the highest severity, or None if there is no finding."""
        found = verdict.severity
        return SEVERITY if found is None and self.sids else found

    @property
    def told(self) -> Mapping[str, object]:
        """The log fields about it."""
        return {"missing": list(self.sids), "unknown": self.unknown}


NOTHING = Lacks()


def lacks_of(held: HeldStatements, policy: object, repository: Repository, verdict: Verdict) -> Lacks:
    """Return the required statements that a policy does not have. An invalid policy is not compliant anyway."""
    if verdict.invalid:
        return NOTHING
    if held.required is None:
        return Lacks(unknown=f"whether the policy has the required statements: {held.problem}")
    # If no statements are required, these modules are not imported.
    from ...questions.plan.errors import CannotSayError
    from ...questions.plan.missing import missing_in

    try:
        return Lacks(tuple(one.sid for one in missing_in(policy, held.required, repository)))
    except CannotSayError as error:
        return Lacks(unknown=f"whether the policy has the required statements: {error}")


def _short(sid: str) -> str:
    return sid if len(sid) <= _LONGEST_NAME else f"{sid[: _LONGEST_NAME - 1]}…"


@dataclass(frozen=True, slots=True)
class Grounds:
    """The basis of a result: a verdict, and the policy if it is known.

    `lacks` says which required statements are missing, or is "" if none are.
    """

    verdict: Verdict
    policy: object = None
    lacks: str = ""


class Outcome(Evaluation):  # type: ignore[misc]  # rdklib has no type information
    """rdklib's Evaluation and its grounds, which are None for an unjudged resource.

    `is_news`: whether Security Hub must be told. This is true unless a scheduled run has seen that it has been.
    """

    def __init__(
        self, compliance: str, name: str, said: str = "", kind: str = REPOSITORY, grounds: Grounds | None = None
    ) -> None:
        super().__init__(compliance, name, kind, said)
        self.grounds = grounds
        self.is_news = True
