"""A second program for access through roles: it tries every concrete request of a small world.

It is written for clarity, shares no code with the product, and searches nothing. It reads an account as
`iam:GetAccountAuthorizationDetails` returns it, knows the operators and keys of the generator in `world.py`, and
follows the IAM guide:

- "How IAM evaluates requests": an explicit Deny wins. In one account, an identity policy or the resource's policy is
  enough. A trust policy must always allow.
- "Permissions boundaries": a boundary limits identity policies, and a resource policy's grant to a role's ARN. It does
  not limit a grant to a session's ARN or to `*`.
- "Pass session tags": tags need sts:TagSession. A source identity needs sts:SetSourceIdentity, and stays in a chain.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Any

Json = Any
Keys = Mapping[str, str | tuple[str, ...]]


@dataclass(frozen=True)
class Caller:
    """Who sends a request: an ARN, its account and organization, and the session's own keys."""

    arn: str
    account: str
    organization: str | None
    session: str | None = None
    tags: tuple[tuple[str, str], ...] = ()
    source: str | None = None
    role_id: str = "AROAOUTSIDEROUTSIDER1"

    @property
    def keys(self) -> dict[str, str | tuple[str, ...]]:
        found: dict[str, str | tuple[str, ...]] = {
            "aws:principalarn": self.arn,
            "aws:principalaccount": self.account,
        }
        if self.organization:
            found["aws:principalorgid"] = self.organization
        if self.session:
            found["aws:userid"] = f"{self.role_id}:{self.session}"
        if self.source:
            found["aws:sourceidentity"] = self.source
        return {**found, **{f"aws:principaltag/{name}": value for name, value in self.tags}}


@dataclass(frozen=True)
class Call:
    """A call of sts:AssumeRole, as far as its caller chooses it."""

    external: str | None = None
    session: str = "s1"
    tags: tuple[tuple[str, str], ...] = ()
    source: str | None = None

    @property
    def actions(self) -> list[str]:
        found = ["sts:AssumeRole"]
        found += ["sts:TagSession"] if self.tags else []
        return found + (["sts:SetSourceIdentity"] if self.source else [])

    @property
    def keys(self) -> dict[str, str | tuple[str, ...]]:
        found: dict[str, str | tuple[str, ...]] = {"sts:rolesessionname": self.session}
        if self.external is not None:
            found["sts:externalid"] = self.external
        if self.source:
            found["sts:sourceidentity"] = self.source
        if self.tags:
            found["aws:tagkeys"] = tuple(name for name, _ in self.tags)
        return {**found, **{f"aws:requesttag/{name}": value for name, value in self.tags}}


ISSUER, AUDIENCE = "token.actions.githubusercontent.com", "sts.amazonaws.com"


@dataclass(frozen=True)
class Token:
    """A token of GitHub. `whose` is the owner and repository whose workflow has it."""

    subject: str
    whose: str

    @property
    def keys(self) -> dict[str, str | tuple[str, ...]]:
        return {f"{ISSUER}:sub": self.subject, f"{ISSUER}:aud": AUDIENCE}


@dataclass(frozen=True)
class World:
    """What can be tried: callers from outside, calls, and tokens."""

    owner: str
    organization: str
    callers: tuple[Caller, ...]
    calls: tuple[Call, ...]
    details: Json
    repositories: Mapping[str, Json]
    tokens: tuple[Token, ...] = ()
    inside: dict[str, Json] = field(default_factory=dict, hash=False, compare=False)

    def reached(self) -> set[tuple[str, str, str]]:
        """Return everything that someone outside reaches: the last role, the ARN of the repository, and the action."""
        waiting = [one for caller in self.callers for one in self._sessions(caller)]
        return self._reached_by([*waiting, *(one for token in self.tokens for one in self._sessions_with(token))])

    def reached_with(self, token: Token) -> set[tuple[str, str, str]]:
        """Return what someone with a token reaches."""
        return self._reached_by([*self._sessions_with(token)])

    def _reached_by(self, waiting: list[Caller]) -> set[tuple[str, str, str]]:
        found: set[tuple[str, str, str]] = set()
        seen: set[Caller] = set()
        while waiting:
            session = waiting.pop()
            if session in seen:
                continue
            seen.add(session)
            found.update(self._done(session))
            waiting += self._sessions(session)
        return found

    def _sessions_with(self, token: Token) -> Iterator[Caller]:
        """Yield the sessions of roles that a token can start. A token of GitHub has no tags and no source identity."""
        for role, call in product(self.details["RoleDetailList"], self.calls):
            if call.tags or call.source or call.external or not self.admits(role, token.keys | call.keys):
                continue
            tags = tuple(sorted((one["Key"], one["Value"]) for one in role.get("Tags", [])))
            yield Caller(role["Arn"], self.owner, self.organization, call.session, tags, role_id=role["RoleId"])

    def admits(self, role: Json, keys: Keys) -> bool:
        """Return whether a trust policy allows a call with a token."""
        hits = [
            one["Effect"]
            for one in role["AssumeRolePolicyDocument"]["Statement"]
            if isinstance(one["Principal"], dict)
            and "Federated" in one["Principal"]
            and _about(one, "sts:AssumeRoleWithWebIdentity", None)
            and _holds(one, keys)
        ]
        return "Allow" in hits and "Deny" not in hits

    def _sessions(self, caller: Caller) -> Iterator[Caller]:
        """Yield the sessions of roles that a caller can start."""
        for role, call in product(self.details["RoleDetailList"], self.calls):
            if caller.source and call.source != caller.source:
                continue
            if self.may_assume(caller, role, call):
                tags = {one["Key"]: one["Value"] for one in role.get("Tags", [])} | dict(call.tags)
                yield Caller(
                    role["Arn"],
                    self.owner,
                    self.organization,
                    call.session,
                    tuple(sorted(tags.items())),
                    call.source,
                    role["RoleId"],
                )

    def may_assume(self, caller: Caller, role: Json, call: Call) -> bool:
        """Return whether each action of a call is allowed."""
        return self._assumes(caller, role, call.actions, {**caller.keys, **call.keys})

    def replayed(self, hops: list[tuple[str, str, dict[str, Any]]]) -> bool:
        """Return whether requests, each with its action, its resource and its context, are allowed one by one."""
        for action, resource, context in hops:
            keys = {key.lower(): value for key, value in context.items()}
            if action == "sts:AssumeRoleWithWebIdentity":
                opened = next(one for one in self.details["RoleDetailList"] if one["Arn"] == resource)
                if not self.admits(opened, {"sts:rolesessionname": "session", **keys}):
                    return False
                continue
            userid = str(keys.get("aws:userid", ""))
            session = userid.partition(":")[2] or None
            organization = keys.get("aws:principalorgid")
            caller = Caller(keys["aws:principalarn"], keys["aws:principalaccount"], organization, session)
            role = next((one for one in self.details["RoleDetailList"] if one["Arn"] == resource), None)
            if role is None:
                if not self._allowed(self._role(caller), caller, resource, action, keys):
                    return False
                continue
            needed = [action]
            needed += ["sts:TagSession"] if any(one.startswith("aws:requesttag/") for one in keys) else []
            needed += ["sts:SetSourceIdentity"] if "sts:sourceidentity" in keys else []
            if not self._assumes(caller, role, needed, keys):
                return False
        return True

    def _assumes(self, caller: Caller, role: Json, actions: list[str], keys: Keys) -> bool:
        trust = role["AssumeRolePolicyDocument"]
        own = self._role(caller)
        for action in actions:
            if denies(trust, action, None, caller, keys):
                return False
            reasons = set(granting(trust, action, caller, keys, self.owner))
            if own is None:
                if not reasons:
                    return False
            elif not self._may(own, action, role["Arn"], keys, reasons, trusted=True):
                return False
        return True

    def _done(self, session: Caller) -> Iterator[tuple[str, str, str]]:
        own = self._role(session)
        assert own is not None
        for arn, action in product(self.repositories, ("ecr:BatchGetImage", "ecr:PutImage")):
            if self._allowed(own, session, arn, action, session.keys):
                yield own["Arn"], arn, action

    def _allowed(self, own: Json, session: Caller, arn: str, action: str, keys: Keys) -> bool:
        policy = self.repositories[arn]
        if policy is not None and denies(policy, action, None, session, keys):
            return False
        reasons = set() if policy is None else set(granting(policy, action, session, keys, self.owner))
        return self._may(own, action, arn, keys, reasons, trusted=False)

    def _role(self, caller: Caller) -> Json:
        return next((one for one in self.details["RoleDetailList"] if one["Arn"] == caller.arn), None)

    def _may(  # noqa: PLR0913 - what decides
        self, role: Json, action: str, resource: str, keys: Keys, reasons: set[str], *, trusted: bool
    ) -> bool:
        """Return whether a session may do something to a resource whose policy grants it for some `reasons`."""
        policies, boundary = self._documents(role)
        every = [*policies, *([boundary] if boundary is not None else [])]
        if any(denies(one, action, resource, None, keys) for one in every):
            return False
        bounded = boundary is None or allows(boundary, action, resource, keys)
        own = bounded and any(allows(one, action, resource, keys) for one in policies)
        if "free" in reasons or ("role" in reasons and bounded):
            return True
        return own and ("account" in reasons or not trusted)

    def _documents(self, role: Json) -> tuple[list[Json], Json]:
        managed = {
            one["Arn"]: next(
                v["Document"] for v in one["PolicyVersionList"] if v["VersionId"] == one["DefaultVersionId"]
            )
            for one in self.details["Policies"]
        }
        policies = [one["PolicyDocument"] for one in role["RolePolicyList"]]
        policies += [managed[one["PolicyArn"]] for one in role["AttachedManagedPolicies"]]
        limit = role.get("PermissionsBoundary")
        return policies, None if limit is None else managed[limit["PermissionsBoundaryArn"]]


# --- one statement ---


def allows(policy: Json, action: str, resource: str, keys: Keys) -> bool:
    """Return whether an identity policy allows an action."""
    return any(
        one["Effect"] == "Allow" and _about(one, action, resource) and _holds(one, keys) for one in policy["Statement"]
    )


def denies(policy: Json, action: str, resource: str | None, caller: Caller | None, keys: Keys) -> bool:
    """Return whether a policy denies an action."""
    return any(
        one["Effect"] == "Deny"
        and _about(one, action, resource)
        and (caller is None or _names(one["Principal"], caller) is not None)
        and _holds(one, keys)
        for one in policy["Statement"]
    )


def granting(policy: Json, action: str, caller: Caller, keys: Keys, owner: str) -> Iterator[str]:
    """Yield how a resource policy grants an action to a caller: `free`, `role` or `account`."""
    for one in policy["Statement"]:
        if one["Effect"] == "Allow" and _about(one, action, None) and _holds(one, keys):
            how = _names(one["Principal"], caller)
            if how is not None:
                yield how if caller.account == owner else "outside"


def _names(principal: Json, caller: Caller) -> str | None:
    """Return how a Principal names a caller: freely, as a role or user, or as everyone of an account."""
    entries = ["*"] if principal == "*" else _listed(principal.get("AWS", []))
    how = {_entry(entry, caller) for entry in entries}
    return next((one for one in ("free", "role", "account") if one in how), None)


def _entry(entry: str, caller: Caller) -> str | None:
    if entry == "*":
        return "free"
    if entry in (caller.account, f"arn:aws:iam::{caller.account}:root"):
        return "account"
    name = caller.arn.rpartition("/")[2]
    if entry == f"arn:aws:sts::{caller.account}:assumed-role/{name}/{caller.session}":
        return "free"
    return "role" if entry == caller.arn else None


def _about(statement: Json, action: str, resource: str | None) -> bool:
    named = any(like(one.lower(), action.lower()) for one in _listed(statement["Action"]))
    return named and (resource is None or any(like(one, resource) for one in _listed(statement["Resource"])))


def _holds(statement: Json, keys: Keys) -> bool:
    return all(
        _met(operator, keys.get(key.lower()), [str(one) for one in _listed(values)])
        for operator, block in statement.get("Condition", {}).items()
        for key, values in block.items()
    )


def _met(operator: str, actual: str | tuple[str, ...] | None, values: list[str]) -> bool:
    if operator == "Null":
        return (actual is None) == (values == ["true"])
    name, if_exists = operator.removesuffix("IfExists"), operator.endswith("IfExists")
    name = name.removeprefix("ForAnyValue:").removeprefix("ForAllValues:")  # a subject is one value, always present
    negated = "Not" in name
    if actual is None:
        return if_exists or negated
    assert isinstance(actual, str), "the generator uses no operator on a list but Null"
    compare = like if "Like" in name or "Arn" in name else str.__eq__
    return any(compare(value, actual) for value in values) != negated


def like(wild: str, text: str) -> bool:
    """Return whether a text is like a pattern with `*` and `?`."""
    parts = (".*" if one == "*" else "." if one == "?" else re.escape(one) for one in wild)
    return re.fullmatch("".join(parts), text, re.DOTALL) is not None


def _listed(value: Json) -> list[str]:
    return value if isinstance(value, list) else [value]


def outsiders(accounts: Iterable[str], organizations: Iterable[str | None]) -> tuple[Caller, ...]:
    """Return callers from some accounts, each in each organization or in none."""
    arns = ("role/ci", "user/bob")
    return tuple(
        Caller(
            f"arn:aws:iam::{account}:{arn}",
            account,
            organization,
            "theirs" if "role" in arn else None,
            tags,
        )
        for account, organization, arn, tags in product(accounts, organizations, arns, ((), (("p", "1"),)))
        if not (tags and "user" in arn)
    )
