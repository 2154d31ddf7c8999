"""The answer: who outside has access through which roles, by a request for each hop, and what is trusted."""

from __future__ import annotations

from dataclasses import dataclass

from ...judgement.patterns.tokens import matches
from ...judgement.values.actions import access_of_names
from ...judgement.values.trust import Trust
from ...judgement.values.trust_entries import Entry, Subject, glob
from ...judgement.values.verdict import Access, Witness
from .outsiders import RANKS, Outsider, Who
from .services import COGNITO


@dataclass(frozen=True, slots=True)
class Hop:
    """One call, and the ARN of the role or repository that it is about."""

    witness: Witness
    resource: str

    def to_json(self) -> dict[str, object]:
        """Return the call as its fields."""
        call = self.witness.to_json()
        context = call.pop("context")
        return {**call, "resource": self.resource, "context": context}


@dataclass(frozen=True, slots=True)
class _OfChain:
    """Something about someone outside and the roles that they assume, in their order, as ARNs."""

    outsider: Outsider
    chain: tuple[str, ...]

    def to_json(self) -> dict[str, object]:
        """Return the fields, ready for `json.dumps`."""
        return {"grantee": self.outsider.name, "kind": self.outsider.kind.value, "chain": list(self.chain)}


@dataclass(frozen=True, slots=True)
class _OfRepositories(_OfChain):
    """The same with the access to some repositories."""

    repositories: tuple[str, ...]
    access: tuple[Access, ...]

    def to_json(self) -> dict[str, object]:
        """Return the fields, ready for `json.dumps`."""
        some, access = list(self.repositories), [access.value for access in self.access]
        return {**_OfChain.to_json(self), "repositories": some, "access": access}


@dataclass(frozen=True, slots=True)
class WayIn(_OfChain):
    """Someone outside who certainly has access to repositories through roles.

    `trusted_by` is the statement of the first role's trust policy, and `hops` are the calls for the first of the
    repositories.
    """

    repositories: tuple[str, ...]
    actions: tuple[str, ...]
    trusted_by: str
    hops: tuple[Hop, ...]

    @property
    def access(self) -> tuple[Access, ...]:
        """The access levels of the actions."""
        return access_of_names(self.actions)

    def to_json(self) -> dict[str, object]:
        """Return the way as its fields."""
        return {
            **_OfChain.to_json(self),
            "repositories": list(self.repositories),
            "access": [access.value for access in self.access],
            "actions": list(self.actions),
            "statement": self.trusted_by,
            "hops": [hop.to_json() for hop in self.hops],
        }


@dataclass(frozen=True, slots=True)
class PossibleWay(_OfRepositories):
    """Access that someone may have through roles: it cannot be determined, and `reason` says why."""

    reason: str

    def to_json(self) -> dict[str, object]:
        """Return the doubt as its fields."""
        return {**_OfRepositories.to_json(self), "reason": self.reason}


@dataclass(frozen=True, slots=True)
class Approved(_OfRepositories):
    """Access that someone has, or may have, and that the trust register covers: by these `entries` of it."""

    entries: tuple[int, ...]

    def to_json(self) -> dict[str, object]:
        """Return the fields."""
        return {**_OfRepositories.to_json(self), "entries": list(self.entries)}


@dataclass(frozen=True, slots=True)
class More(_OfChain):
    """Someone outside who may do more than the role's calls to Amazon ECR show: `actions` lead to other roles."""

    actions: tuple[str, ...]
    certain: bool

    def to_json(self) -> dict[str, object]:
        """Return the fields."""
        return {**_OfChain.to_json(self), "actions": list(self.actions), "certain": self.certain}


@dataclass(frozen=True, slots=True)
class Leaves(_OfChain):
    """A chain that may leave the account: the last role may assume roles of other accounts, if these trust it.

    `roles` are as the policy of the last role names them.
    """

    roles: tuple[str, ...]

    def to_json(self) -> dict[str, object]:
        """Return the fields."""
        return {**_OfChain.to_json(self), "roles": list(self.roles)}


@dataclass(frozen=True, slots=True)
class Through:
    """Everything that was found. `unread` are reasons why more may exist.

    No one was found only if all of `ways`, `perhaps`, `more` and `unread` are empty.
    """

    ways: tuple[WayIn, ...] = ()
    perhaps: tuple[PossibleWay, ...] = ()
    more: tuple[More, ...] = ()
    unread: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    roles: int = 0
    approved: tuple[Approved, ...] = ()
    leaves: tuple[Leaves, ...] = ()

    @property
    def is_nobody(self) -> bool:
        """Whether it is certain that no one outside has access that is not approved."""
        return not (self.ways or self.perhaps or self.more or self.unread)

    def to_json(self) -> dict[str, object]:
        """Return the answer as its fields."""
        return {
            "roles": self.roles,
            "complete": not (self.perhaps or self.unread),
            "ways": [way.to_json() for way in self.ways],
            "undecided": [way.to_json() for way in self.perhaps],
            "more_is_possible": [one.to_json() for one in self.more],
            "leaves_the_account": [leaf.to_json() for leaf in self.leaves],
            "approved": [one.to_json() for one in self.approved],
            "unread": list(self.unread),
            "notes": list(self.notes),
        }


_SUBJECTS = {
    Who.GITHUB: Subject.GITHUB,
    Who.GITLAB: Subject.GITLAB,
    Who.TERRAFORM: Subject.TERRAFORM,
    Who.SAML: Subject.SAML,
    Who.OIDC: Subject.OIDC,
    Who.COGNITO: Subject.OIDC,
    Who.SERVICE: Subject.SERVICE,
}


def approved_ranks(trust: Trust, who: Outsider) -> int:
    """Return the accesses that an outsider is approved for, as bits of RANKS. Of AWS principals, circles say more."""
    subject = _SUBJECTS.get(who.kind)
    granted = [entry.access.rank for entry in trust.current if entry.subject is subject and _covers(entry, who)]
    return sum(bit for access, bit in RANKS.items() if granted and access.rank <= max(granted))


def _covers(entry: Entry, who: Outsider) -> bool:
    """Return whether an entry covers an outsider. A wider outsider, such as the owner of a repository, is not covered.

    Names at GitHub, GitLab and HCP Terraform do not differ by the case of letters alone.
    """
    name = f"{COGNITO} {who.name}" if who.kind is Who.COGNITO else who.name
    if entry.subject is Subject.OIDC:
        # A wildcard in the outsider's subject is a character here, which only a wildcard of the entry matches.
        return matches(glob(entry.name), name)
    if entry.subject in (Subject.SERVICE, Subject.SAML):
        return entry.name == name
    return f"{name}/".lower().startswith(f"{entry.name}/".lower())
