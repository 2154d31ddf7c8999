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
from dataclasses import dataclass, field, replace
from functools import lru_cache
from ipaddress import ip_address, ip_network
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
    inherited: tuple[tuple[str, str], ...] = ()

    @property
    def keys(self) -> dict[str, str | tuple[str, ...]]:
        found: dict[str, str | tuple[str, ...]] = {
            "aws:principalarn": self.arn,
            "aws:principalaccount": self.account,
            "aws:principaltype": "AssumedRole" if self.session else "User",
            "aws:principalisawsservice": "false",
        }
        if self.organization:
            found["aws:principalorgid"] = self.organization
        if self.session:
            found["aws:userid"] = f"{self.role_id}:{self.session}"
        else:
            found |= {"aws:username": self.arn.rpartition("/")[2], "aws:userid": "AIDAOUTSIDEROUTSIDER1"}
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
    transitive: tuple[str, ...] = ()
    address: str = "203.0.113.9"

    @property
    def keys(self) -> dict[str, str | tuple[str, ...]]:
        found: dict[str, str | tuple[str, ...]] = {"sts:rolesessionname": self.session, **way_of(self.address)}
        if self.external is not None:
            found["sts:externalid"] = self.external
        if self.source:
            found["sts:sourceidentity"] = self.source
        if self.tags:
            found["aws:tagkeys"] = tuple(name for name, _ in self.tags)
        if self.transitive:
            found["sts:transitivetagkeys"] = self.transitive
        return {**found, **{f"aws:requesttag/{name}": value for name, value in self.tags}}


def way_of(address: str) -> dict[str, str]:
    """Return the keys of the way in which a request arrives."""
    return {"aws:sourceip": address, "aws:securetransport": "true"}


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
    """What can be tried: callers from outside, calls, and tokens.

    `registry` is the policy of the registry, and `rcp` a resource control policy. `tags` are those of the repositories.
    `shows_inherited`: whether a call shows the transitive tags of its caller as tags of the request. AWS's pages do not
    say it.
    """

    owner: str
    organization: str
    callers: tuple[Caller, ...]
    calls: tuple[Call, ...]
    details: Json
    repositories: Mapping[str, Json]
    tokens: tuple[Token, ...] = ()
    registry: Json = None
    rcp: Json = None
    tags: Mapping[str, str] = field(default_factory=dict, hash=False)
    shows_inherited: bool = False
    _known: dict[Caller, tuple[set[tuple[str, str, str]], list[Caller]]] = field(
        default_factory=dict, hash=False, compare=False
    )

    def reached(self) -> set[tuple[str, str, str]]:
        """Return everything that someone outside reaches: the last role, the ARN of the repository, and the action."""
        everyone: list[Caller | Token] = [*self.callers, *self.tokens]
        return {one[1:] for caller in everyone for one in self.reached_by(caller)}

    def reached_by(self, outsider: Caller | Token) -> set[tuple[str, str, str, str]]:
        """Return what someone reaches: the first role, the last role, the ARN of the repository, and the action."""
        firsts = self._sessions(outsider) if isinstance(outsider, Caller) else self._sessions_with(outsider)
        by_role: dict[str, list[Caller]] = {}
        for one in firsts:
            by_role.setdefault(one.arn, []).append(one)
        return {(first, *one) for first, some in by_role.items() for one in self._reached_from(some)}

    def _reached_from(self, waiting: list[Caller]) -> set[tuple[str, str, str]]:
        found: set[tuple[str, str, str]] = set()
        seen: set[Caller] = set()
        while waiting:
            session = waiting.pop()
            if session in seen:
                continue
            seen.add(session)
            if session not in self._known:
                self._known[session] = ({*self._done(session)}, [*dict.fromkeys(self._sessions(session))])
            reached, following = self._known[session]
            found |= reached
            waiting += following
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
            if (_is_of_everyone(one) if one["Effect"] == "Deny" else _is_federated(one))
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
                passed = dict(call.tags)
                kept = {**dict(caller.inherited), **{name: passed[name] for name in call.transitive}}
                tags = {**_tags(role), **passed, **dict(caller.inherited)}
                yield Caller(
                    role["Arn"],
                    self.owner,
                    self.organization,
                    call.session,
                    tuple(sorted(tags.items())),
                    call.source,
                    role["RoleId"],
                    tuple(sorted(kept.items())),
                )

    def may_assume(self, caller: Caller, role: Json, call: Call) -> bool:
        """Return whether each action of a call is allowed. A call cannot pass a tag that its caller inherited."""
        if {name for name, _ in call.tags} & {name for name, _ in caller.inherited}:
            return False
        actions = ["sts:AssumeRole"]
        actions += ["sts:TagSession"] if call.tags or caller.inherited else []
        actions += ["sts:SetSourceIdentity"] if call.source else []
        shown = replace(call, tags=(*call.tags, *caller.inherited)) if self.shows_inherited else call
        keys = _shown_tags({**_tags(role), **dict(caller.inherited)})
        return self._assumes(caller, role, actions, {**caller.keys, **shown.keys, **keys})

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
                if not self._allowed(self._role(caller), caller, resource, action, {**_shown_tags(self.tags), **keys}):
                    return False
                continue
            needed = [action]
            needed += ["sts:TagSession"] if any(one.startswith("aws:requesttag/") for one in keys) else []
            needed += ["sts:SetSourceIdentity"] if "sts:sourceidentity" in keys else []
            if not self._assumes(caller, role, needed, {**_shown_tags(_tags(role)), **keys}):
                return False
        return True

    def _assumes(self, caller: Caller, role: Json, actions: list[str], keys: Keys) -> bool:
        trust = role["AssumeRolePolicyDocument"]
        own = self._role(caller)
        for action in actions:
            if denies(trust, action, None, caller, keys) or self._is_controlled(action, role["Arn"], caller, keys):
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
        about = _shown_tags(self.tags)
        ways = [way_of(one) for one in dict.fromkeys(call.address for call in self.calls)]
        for arn, action, way in product(self.repositories, ("ecr:BatchGetImage", "ecr:PutImage"), ways):
            if self._allowed(own, session, arn, action, {**session.keys, **about, **way}):
                yield own["Arn"], arn, action

    def _allowed(self, own: Json, session: Caller, arn: str, action: str, keys: Keys) -> bool:
        policies = [(one, about) for one, about in ((self.repositories[arn], None), (self.registry, arn)) if one]
        if self._is_controlled(action, arn, session, keys):
            return False
        if any(denies(one, action, about, session, keys) for one, about in policies):
            return False
        reasons = {
            how for one, about in policies for how in granting(one, action, session, keys, self.owner, resource=about)
        }
        return self._may(own, action, arn, keys, reasons, trusted=False)

    def _is_controlled(self, action: str, resource: str, caller: Caller, keys: Keys) -> bool:
        return self.rcp is not None and denies(self.rcp, action, resource, caller, keys)

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
        and (caller is None or _is_denied(one, caller))
        and _holds(one, keys)
        for one in policy["Statement"]
    )


def _is_denied(statement: Json, caller: Caller) -> bool:
    """Return whether a Deny names a caller. NotPrincipal spares everyone of an account that it names."""
    if "NotPrincipal" not in statement:
        return _names(statement["Principal"], caller) is not None
    return "account" not in [_entry(one, caller) for one in _listed(statement["NotPrincipal"]["AWS"])]


def _is_federated(statement: Json) -> bool:
    principal = statement.get("Principal")
    return isinstance(principal, dict) and "Federated" in principal


def _is_of_everyone(statement: Json) -> bool:
    """Return whether a Deny is about those who have a token."""
    return _is_federated(statement) or statement.get("Principal", "*") in ("*", {"AWS": "*"})


def granting(  # noqa: PLR0913, PLR0917 - what decides
    policy: Json, action: str, caller: Caller, keys: Keys, owner: str, resource: str | None = None
) -> Iterator[str]:
    """Yield how a resource policy grants an action to a caller: `free`, `role` or `account`."""
    for one in policy["Statement"]:
        if one["Effect"] == "Allow" and _about(one, action, resource) and _holds(one, keys):
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
    named = any(like(one.lower(), action.lower()) for one in _either(statement, "Action"))
    if named == ("NotAction" in statement):
        return False
    if resource is None:
        return True
    matched = any(like(one, resource) for one in _either(statement, "Resource"))
    return matched != ("NotResource" in statement)


def _either(statement: Json, element: str) -> list[str]:
    return _listed(statement.get(element, statement.get(f"Not{element}")))


def _holds(statement: Json, keys: Keys) -> bool:
    return all(
        _met(operator, keys.get(key.lower()), _filled([str(one) for one in _listed(values)], keys))
        for operator, block in statement.get("Condition", {}).items()
        for key, values in block.items()
    )


def _filled(values: list[str], keys: Keys) -> list[str]:
    """Return the values with their variables replaced. One whose variable has no value matches nothing."""
    found = []
    for value in values:
        names = re.findall(r"\$\{([^}]*)\}", value)
        filled = {name: keys.get(name.lower()) for name in names}
        if all(isinstance(one, str) for one in filled.values()):
            for name, one in filled.items():
                value = value.replace(f"${{{name}}}", str(one))  # noqa: PLW2901 - the same value, filled in
            found.append(value)
    return found


def _met(operator: str, actual: str | tuple[str, ...] | None, values: list[str]) -> bool:
    if operator == "Null":
        return (actual is None) == (values == ["true"])
    name, if_exists = operator.removesuffix("IfExists"), operator.endswith("IfExists")
    quantifier, _, name = name.rpartition(":")
    negated = "Not" in name

    def is_one(text: str) -> bool:
        return any(_equal(name, value, text) for value in values) != negated

    if actual is None:
        return quantifier == "ForAllValues" or if_exists or (negated and quantifier != "ForAnyValue")
    if isinstance(actual, str):
        return is_one(actual)
    assert quantifier, "a key with several values needs a quantifier"
    return all(map(is_one, actual)) if quantifier == "ForAllValues" else any(map(is_one, actual))


def _equal(name: str, value: str, text: str) -> bool:
    if "IpAddress" in name:
        return ip_address(text) in ip_network(value)
    if "IgnoreCase" in name:
        return value.lower() == text.lower()
    return like(value, text) if "Like" in name or "Arn" in name else value == text


def _shown_tags(tags: Mapping[str, str]) -> dict[str, str]:
    return {f"aws:resourcetag/{name}": value for name, value in tags.items()}


def _tags(role: Json) -> dict[str, str]:
    return {one["Key"]: one["Value"] for one in role.get("Tags", [])}


@lru_cache(maxsize=65536)
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
