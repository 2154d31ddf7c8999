"""The resource control policies that an audit applies, and the access that they leave.

These policies only deny. So a policy that was not read can only close more. Access that the others close stays closed,
and all other access cannot be determined.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ...judgement.values.verdict import Compliance, Grant, Undecided, Verdict
from ..kinds.handling import Lack
from .items import Unread

_PERHAPS = "a resource control policy that was not read may deny it"
_MANAGES = (
    "{} is the management account of its organization: resource control policies do not apply to its repositories"
)


@dataclass(frozen=True, slots=True)
class ControlPolicy:
    """A resource control policy in AWS Organizations. Its name may be any text."""

    id: str
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Applied:
    """The policies that apply to the repositories of an account.

    `policies` are those that were read, from the root down. `unread` says why more may apply, or is None if these are
    all. `spared` says whether the account is the management account, to which none applies.
    """

    policies: tuple[ControlPolicy, ...] = ()
    unread: str | None = None
    spared: bool = False

    def to_json(self) -> dict[str, object]:
        """Return the policies without their texts."""
        return {
            "policies": [{"id": policy.id, "name": policy.name} for policy in self.policies],
            "unread": self.unread,
            "management_account": self.spared,
        }


@dataclass(frozen=True, slots=True)
class ControlPolicies:
    """The policies of an audit: `given` in files, for every account, or `read` from AWS Organizations, by account."""

    given: tuple[str, ...] = ()
    read: Mapping[str, Applied] | None = None

    @property
    def option(self) -> str:
        """The option that requests them."""
        return "--rcp" if self.read is None else "--rcp @live"

    def texts(self, account: str) -> tuple[str, ...]:
        """Return the texts of the policies that apply to an account."""
        return self.given if self.read is None else tuple(policy.text for policy in self.read[account].policies)

    def leaves(self, account: str, verdict: Verdict) -> Verdict:
        """Return the access that remains in an account. `verdict` is the judgement with the account's policies."""
        applied = None if self.read is None else self.read[account]
        if applied is None:
            return verdict
        if applied.spared:
            return replace(verdict, notes=(*verdict.notes, _MANAGES.format(account)))
        if applied.unread is None or verdict.compliance is Compliance.COMPLIANT:
            return verdict
        return _doubt_grants(verdict, applied.unread)

    def is_undetermined(self, account: str) -> bool:
        """Return whether more policies may apply to an account than were read."""
        return self.read is not None and self.read[account].unread is not None

    def to_json(self) -> dict[str, object]:
        """Return the report's field with the policies of AWS Organizations. Empty for policies from files."""
        if self.read is None:
            return {}
        return {
            "resource_control_policies": [{"account": text, **self.read[text].to_json()} for text in sorted(self.read)]
        }

    @property
    def errors(self) -> tuple[Unread, ...]:
        """The errors of reading, each reason once."""
        reasons: dict[str, list[str]] = {}
        for account, applied in sorted((self.read or {}).items()):
            if applied.unread is not None:
                reasons.setdefault(applied.unread, []).append(account)
        return tuple(_unread(reason, accounts) for reason, accounts in reasons.items())


def _doubt_grants(verdict: Verdict, reason: str) -> Verdict:
    """Return a verdict without grants: each of them becomes undecided, because an unread policy may deny it."""
    perhaps = (Undecided(grant.statement, f"{_PERHAPS}: {grant.reason}", grant.document) for grant in verdict.grants)
    return Verdict(
        external=False,
        public=False,
        service=False,
        access=(),
        undecided=(*verdict.undecided, *perhaps),
        invalid=verdict.invalid,
        notes=(*verdict.notes, f"what is left cannot be determined: {reason}"),
        explain=_nobody,
    )


def _nobody() -> tuple[Grant, ...]:
    return ()


def _unread(reason: str, accounts: list[str]) -> Unread:
    first, count = accounts[0], len(accounts)
    whose = f"account {first}" if count == 1 else f"{count:,} accounts, {first} for example"
    says = f"the resource control policies of {whose}: {reason}"
    return Unread(says, first if count == 1 else None, about=Lack.CONTROL_POLICIES)
