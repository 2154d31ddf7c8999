"""The two opinions about someone's access, in the same terms: a claim of this audit, and a finding of the analyzer."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import lru_cache

from ...documents.document import Actions, UniqueId, aws_principal
from ...judgement.values.actions import ActionSets, access_of, access_of_names
from ...judgement.values.verdict import Access, Kind
from ...memo import by_value
from .report import AuditReport
from .rows import Audited
from .second_opinion import Finding, Says, Side

_EVERYBODY = "*"
_OF_CALLERS = frozenset(
    {
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceorgid",
        "aws:sourceorgpaths",
        "aws:userid",
    }
)
"""The condition keys whose values name an account or organization."""
_VALUES = re.compile(r"[^\s,\[\]\"']+")
"""The values of one key. The API has one string for each key, and does not document how it contains several values."""
_ACCOUNT = re.compile(r"[0-9*?]{1,12}")
_ORGANIZATION = re.compile(r"o-[a-z0-9*?]{1,32}")
_OF_AN_ARN = 6


@by_value
class Grantee:
    """The grantee of a finding: patterns of accounts and organizations, services, or everyone.

    `anybody` means that its principal is `*`. The accounts and organizations are then those in its conditions.
    """

    accounts: frozenset[str]
    organizations: frozenset[str]
    services: frozenset[str]
    anybody: bool

    @property
    def everybody(self) -> bool:
        """Whether no account and no organization is named, even if there are other conditions."""
        return self.anybody and not self.accounts and not self.organizations

    def is_exactly(self, kind: Kind, grantee: str) -> bool:
        """Return whether the finding is about this grantee in particular, and not only about everyone."""
        match kind:
            case Kind.ACCOUNT:
                return _any_like(grantee, self.accounts)
            case Kind.ORGANIZATION:
                return _any_like(grantee.rpartition(" ")[2], self.organizations)
            case Kind.SERVICE:
                return grantee.partition(" ")[0] in self.services
            case Kind.ANY:
                return self.everybody

    def includes(self, kind: Kind) -> bool:
        """Return whether the finding is about everyone, including grantees of this kind."""
        return self.everybody or (self.anybody and kind in (Kind.ANY, Kind.SERVICE))


def grantee_of(finding: Finding) -> Grantee:
    """Return the grantee of a finding."""
    aws = finding.principal.get("AWS", "")
    conditions = [text for key, text in finding.condition.items() if key.lower() in _OF_CALLERS]
    texts = [value for text in (aws, *conditions) for value in _values(text)]
    accounts = {account for account in map(_account_in, texts) if account.strip("*")}
    organizations = {text.partition("/")[0] for text in texts if _ORGANIZATION.match(text)}
    return Grantee(
        frozenset(accounts),
        frozenset(
            organization
            for organization in organizations
            if _ORGANIZATION.fullmatch(organization) and organization != "o-*"
        ),
        frozenset(_values(finding.principal.get("Service", ""))),
        _EVERYBODY in _values(aws),
    )


def name_grantee(finding: Finding) -> tuple[Kind, str]:
    """Return the kind and name of a finding's grantee, for a reader."""
    grantee = grantee_of(finding)
    principal = ", ".join(finding.principal.values()) or "a principal that it does not name"
    if grantee.services:
        return Kind.SERVICE, principal
    if len(grantee.accounts) == 1 and not grantee.organizations:
        return Kind.ACCOUNT, next(iter(grantee.accounts))
    if len(grantee.organizations) == 1 and not grantee.accounts:
        return Kind.ORGANIZATION, next(iter(grantee.organizations))
    return Kind.ANY, "any AWS account" if grantee.everybody else principal


def is_deleted(finding: Finding) -> bool:
    """Return whether a finding is about the unique ID that remains of a deleted principal."""
    return isinstance(aws_principal(finding.principal.get("AWS", "")), UniqueId)


def _values(text: str) -> list[str]:
    return _VALUES.findall(text)


def _account_in(text: str) -> str:
    """Return the account in a number or an ARN, which may be a pattern, or "" if there is none."""
    parts = text.split(":", _OF_AN_ARN - 1)
    found = parts[4] if len(parts) == _OF_AN_ARN else parts[0]
    return found if _ACCOUNT.fullmatch(found) else ""


def _any_like(name: str, patterns: frozenset[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


@dataclass(slots=True)
class Claim:
    """The external access of one grantee according to this audit: unapproved actions and approved ones."""

    kind: Kind
    grantee: str
    public: bool = False
    open: set[str] = field(default_factory=set)
    approved: set[str] = field(default_factory=set)
    reasons: dict[str, None] = field(default_factory=dict)

    @property
    def access(self) -> tuple[Access, ...]:
        """The access levels of all its actions."""
        return access_of_names(self.open | self.approved)

    def side(self) -> Side:
        """Return the claim as this audit's side of a comparison."""
        return Side(Says.GRANTED if self.open else Says.APPROVED, self.access, "; ".join(self.reasons))

    def covers(self, finding: Finding) -> bool:
        """Return whether the claim covers all principals of a finding."""
        return self.public or self.is_of(finding) or (self.kind is Kind.ANY and finding.public)

    def is_of(self, finding: Finding) -> bool:
        """Return whether a finding is about the claim's grantee in particular, and not only about everyone."""
        return grantee_of(finding).is_exactly(self.kind, self.grantee)


def claims_of(report: AuditReport, one: Audited) -> Iterable[Claim]:
    """Return this audit's claim about each grantee, approved or not.

    For a repository, only its own policy counts. A second opinion does not analyze the registry policy, which has its
    own entry.
    """
    found: dict[tuple[Kind, str], Claim] = {}
    for grant in (grant for grant in one.verdict.grants if grant.document is one.own):
        claim = found.setdefault((grant.kind, grant.grantee), Claim(grant.kind, grant.grantee, grant.public))
        claim.open.update(grant.actions)
        claim.reasons[grant.reason] = None
    for trusted in one.trusted:
        claim = found.setdefault((trusted.kind, trusted.grantee), Claim(trusted.kind, trusted.grantee))
        claim.approved.update(trusted.actions)
        entry = report.trust.entries[trusted.entry]
        by = f", by {entry.owner}" if entry.owner else ""
        claim.reasons[f"trust[{trusted.entry}] approves it{by}: {entry.reason or 'no reason given'}"] = None
    return found.values()


@lru_cache(maxsize=1024)
def reach(actions: tuple[str, ...]) -> frozenset[Access]:
    """Return the access levels of a finding's actions. A finding without actions may allow all of them."""
    if not actions:
        return frozenset(Access)
    element = Actions(negated=False, patterns=actions)
    return frozenset(access_of(ActionSets().allowed_actions(element)[0]))
