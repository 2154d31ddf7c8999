"""The answer: who outside has access through which roles, by a request for each hop, and what is trusted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from ...documents.document import Form
from ...judgement.patterns.tokens import matches
from ...judgement.values.actions import access_of_names
from ...judgement.values.trust import Trust
from ...judgement.values.trust_entries import Entry, Subject, glob
from ...judgement.values.verdict import Access, Witness
from ...memo import by_value
from ..ask.question import Caller
from .account import Role
from .outsiders import RANKS, Outsider, Who
from .services import COGNITO


@by_value
class Hop:
    """One call, and the ARN of the role or repository that it is about."""

    witness: Witness
    resource: str

    def to_json(self) -> dict[str, object]:
        """Return the call as its fields."""
        call = self.witness.to_json()
        context = call.pop("context")
        return {**call, "resource": self.resource, "context": context}


@by_value
class _OfChain:
    """Something about someone outside and the roles that they assume, in their order, as ARNs."""

    outsider: Outsider
    chain: tuple[str, ...]

    def to_json(self) -> dict[str, object]:
        """Return the fields, ready for `json.dumps`."""
        return {"grantee": self.outsider.name, "kind": self.outsider.kind.value, "chain": list(self.chain)}


@by_value
class _OfRepositories(_OfChain):
    """The same with the access to some repositories."""

    repositories: tuple[str, ...]
    access: tuple[Access, ...]

    def to_json(self) -> dict[str, object]:
        """Return the fields, ready for `json.dumps`."""
        some, access = list(self.repositories), [access.value for access in self.access]
        return {**_OfChain.to_json(self), "repositories": some, "access": access}


@by_value
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


@by_value
class PossibleWay(_OfRepositories):
    """Access that someone may have through roles: it cannot be determined, and `reason` says why."""

    reason: str

    def to_json(self) -> dict[str, object]:
        """Return the doubt as its fields."""
        return {**_OfRepositories.to_json(self), "reason": self.reason}


@by_value
class Approved(_OfRepositories):
    """Access that someone has, or may have, and that the trust register covers: by these `entries` of it."""

    entries: tuple[int, ...]

    def to_json(self) -> dict[str, object]:
        """Return the fields."""
        return {**_OfRepositories.to_json(self), "entries": list(self.entries)}


@by_value
class More(_OfChain):
    """Someone outside who may do more than the role's calls to Amazon ECR show: `actions` lead to other roles."""

    actions: tuple[str, ...]
    certain: bool

    def to_json(self) -> dict[str, object]:
        """Return the fields."""
        return {**_OfChain.to_json(self), "actions": list(self.actions), "certain": self.certain}


@by_value
class Leaves(_OfChain):
    """A chain that may leave the account: the last role may assume roles of other accounts, if these trust it.

    `roles` are as the policy of the last role names them.
    """

    roles: tuple[str, ...]

    def to_json(self) -> dict[str, object]:
        """Return the fields."""
        return {**_OfChain.to_json(self), "roles": list(self.roles)}


@by_value
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

    def select(self, concerns: Callable[[Outsider], bool]) -> Through:
        """Return what was found about some outsiders."""
        return replace(
            self,
            ways=tuple(way for way in self.ways if concerns(way.outsider)),
            perhaps=tuple(way for way in self.perhaps if concerns(way.outsider)),
            more=tuple(more for more in self.more if concerns(more.outsider)),
            leaves=tuple(leaf for leaf in self.leaves if concerns(leaf.outsider)),
            approved=tuple(approved for approved in self.approved if concerns(approved.outsider)),
        )

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


def may_be(caller: Caller, who: Outsider) -> bool:
    """Return whether a caller may be one of those whom a trust policy allows, as far as it names them."""
    if who.kind is Who.UNKNOWN:
        return True
    if caller.service is not None:
        return who.kind is Who.SERVICE and who.name == caller.service
    if who.kind in (Who.ANY_ACCOUNT, Who.ANYBODY):
        return True
    if who.kind is Who.ORGANIZATION:
        return not caller.is_anyone
    if who.kind is Who.ACCOUNT:
        return who.name == caller.account
    return who.kind is Who.PRINCIPAL and who.name.split(":")[4] == caller.account and _is_principal(caller, who.name)


def _is_principal(caller: Caller, arn: str) -> bool:
    """Return whether a caller may be a principal of the same account. A session is one of its role, with any path."""
    if caller.named is None or caller.text == arn:
        return True
    if caller.named.form is Form.SESSION:
        return arn.rpartition("/")[2] == caller.named.name.rpartition("/")[0] and ":role/" in arn
    return False


# --- hops ---

_USERID = "aws:userid"


def with_sender(role: Role, witness: Witness) -> Witness:
    """Return a request with the ARN of the session of a role that sends it."""
    name = str(witness.context.get(_USERID, ":session")).rpartition(":")[2]
    arn = f"arn:{role.partition}:sts::{role.account}:assumed-role/{role.name}/{name}"
    context = {**witness.context, "aws:PrincipalArn": role.arn}
    return Witness(arn, witness.action, {**context, _USERID: f"{role.id}:{name}"} if role.id else context)


_NAMED, _SOURCE = "sts:RoleSessionName", "sts:SourceIdentity"
_TAG_OF_CALL, _TAG_OF_SESSION = "aws:RequestTag/", "aws:PrincipalTag/"


def join_hops(hops: Sequence[Hop]) -> tuple[Hop, ...]:
    """Return calls in which each session shows what the call that started it chose."""
    found = [*hops]
    for place in range(1, len(found)):
        call, following = found[place - 1], found[place]
        session = following.witness
        name = str(call.witness.context.get(_NAMED) or session.principal.rpartition("/")[2])
        shown = {**session.context, _USERID: f"{str(session.context[_USERID]).partition(':')[0]}:{name}"}
        for key, value in call.witness.context.items():
            if key.startswith(_TAG_OF_CALL):
                shown[_TAG_OF_SESSION + key.removeprefix(_TAG_OF_CALL)] = value
            if key == _SOURCE:
                shown["aws:SourceIdentity"] = value
        role = session.principal.rpartition("/")[0]
        found[place - 1] = Hop(
            Witness(call.witness.principal, call.witness.action, {**call.witness.context, _NAMED: name}), call.resource
        )
        found[place] = Hop(Witness(f"{role}/{name}", session.action, shown), following.resource)
    return tuple(found)
