"""Accounts with a way in of two or three hops, in which each document also has something at random.

Each role on the way is trusted by the one before it, and each may assume the next, in one of the ways that people
write. Then conditions, Denies, boundaries, resource control policies and policies of repositories are put in anywhere.
Nothing here knows how the product searches. An account is made from a number, so that it can be made again.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import combinations, product
from random import Random
from typing import Any

from tests.roles.second import AUDIENCE, ISSUER, Call, Caller, Token, World, like

OWNER, VENDOR, OTHER, FRESH = "111122223333", "222233334444", "333344445555", "998877665544"
OWN_ORG, OTHER_ORG = "o-ownorg00001", "o-named000001"
NAMES = ("a", "b", "path/c", "d")
ARNS = tuple(f"arn:aws:iam::{OWNER}:role/{name}" for name in NAMES)
REPOSITORIES = tuple(f"arn:aws:ecr:eu-central-1:{OWNER}:repository/{name}" for name in ("app/web", "base"))
PROVIDER = f"arn:aws:iam::{OWNER}:oidc-provider/{ISSUER}"
Json = Any

TOKENS = (
    Token("repo:acme/app:ref:refs/heads/main", "acme/app"),
    Token("repo:acme-x/app:pull_request", "acme-x/app"),
    Token("repo:evil/x:ref:refs/heads/acme/app", "evil/x"),
)
_TEXTS = ("StringEquals", "StringLike", "StringNotEquals", "StringNotLike", "StringEqualsIfExists",
          "StringNotEqualsIfExists", "StringEqualsIgnoreCase", "ForAnyValue:StringEquals",
          "ForAllValues:StringLike")  # fmt: skip
_LISTS = ("ForAnyValue:StringEquals", "ForAllValues:StringEquals", "ForAllValues:StringLike",
          "ForAnyValue:StringNotEquals", "ForAllValues:StringNotEquals")  # fmt: skip
_ARNS = ("ArnLike", "ArnEquals", "ArnNotLike", "StringLike", "StringEquals", "StringNotEquals")
_TAGS = ("1", "2", "*", "${aws:PrincipalTag/q}", "${aws:PrincipalTag/p}", "${aws:RequestTag/p}")
_KEYS: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("sts:ExternalId", _TEXTS, ("x", "y", "*", "${aws:PrincipalAccount}")),
    ("sts:RoleSessionName", _TEXTS, ("s1", "s*", "s2", "${aws:username}", "${aws:PrincipalTag/p}")),
    ("sts:SourceIdentity", _TEXTS, ("alice", "bob", "a*", "${aws:SourceIdentity}")),
    ("aws:SourceIdentity", _TEXTS, ("alice", "bob", "*")),
    ("aws:RequestTag/p", _TEXTS, _TAGS),
    ("aws:RequestTag/q", _TEXTS, _TAGS),
    ("aws:TagKeys", _LISTS, ("p", "q", "*")),
    ("sts:TransitiveTagKeys", _LISTS, ("p", "q")),
    ("aws:PrincipalTag/p", _TEXTS, (*_TAGS, "${aws:ResourceTag/p}")),
    ("aws:PrincipalTag/q", _TEXTS, _TAGS),
    ("aws:ResourceTag/p", _TEXTS, _TAGS),
    ("aws:PrincipalOrgID", _TEXTS, (OWN_ORG, OTHER_ORG, "o-*")),
    ("aws:PrincipalAccount", _TEXTS, (OWNER, VENDOR, OTHER, "2222*")),
    ("aws:PrincipalArn", _ARNS, (*ARNS, f"arn:aws:iam::{VENDOR}:role/ci", "arn:aws:iam::*:role/*", "*",
                                 f"arn:aws:iam::{OWNER}:role/path/*")),
    ("aws:userid", ("StringLike", "StringNotLike", "StringEquals"), ("AROA*:s1", "*:s2", "AROAA*", "AIDA*", "*:*")),
    ("aws:PrincipalType", _TEXTS[:4], ("AssumedRole", "User", "Account")),
    ("aws:username", _TEXTS, ("bob", "*")),
    ("aws:SourceIp", ("IpAddress", "NotIpAddress", "IpAddressIfExists"), ("203.0.113.0/24", "198.51.100.0/24")),
    ("aws:SecureTransport", ("Bool",), ("true", "false")),
    ("aws:PrincipalIsAWSService", ("Bool",), ("true", "false")),
)  # fmt: skip
_KINDS, _MOST = 4, 20
"""How many keys the conditions of an account are about, and how many calls and callers are tried."""
_STS, _ECR = ("sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"), ("ecr:BatchGetImage", "ecr:PutImage")


class _Maker:
    """Makes one account."""

    def __init__(self, number: int) -> None:
        self._random = Random(number)  # noqa: S311 - examples, not secrets
        self._some = self._random.choice
        self._keys = self._random.sample(_KEYS, _KINDS)

    def _few(self, every: Sequence[Any]) -> tuple[Any, ...]:
        """Return the plainest one, and some of the others."""
        return (every[0], *self._random.sample(every[1:], min(len(every) - 1, _MOST)))

    def _is(self, chance: float) -> bool:
        return self._random.random() < chance

    # --- statements ---

    def condition(self, most: int = 2) -> dict[str, Json]:
        """Return a condition with a few keys."""
        found: dict[str, Json] = {}
        for _ in range(self._random.randint(1, most)):
            key, operators, values = self._some(self._keys)
            operator = self._some((*operators, "Null"))
            value = ["true", "false"] if operator == "Null" else [*values]
            count = 1 if operator in ("Null", "Bool") else self._random.randint(1, 2)
            chosen = self._random.sample(value, count)
            found.setdefault(operator, {})[key] = chosen if len(chosen) > 1 else chosen[0]
        return found

    def actions(self, *needed: str) -> dict[str, Json]:
        """Return an Action or NotAction that has the needed actions."""
        service = needed[0].partition(":")[0]
        other = "ecr:DeleteRepository" if service == "ecr" else "sts:GetFederationToken"
        way = self._random.randint(0, 5)
        if way == 0:
            return {"Action": f"{service}:*"}
        if way == 1:
            return {"NotAction": [other]}
        return {"Action": [*needed] if len(needed) > 1 or self._is(0.5) else needed[0]}

    def resources(self, *needed: str) -> dict[str, Json]:
        """Return a Resource or NotResource that has the needed resources."""
        way = self._random.randint(0, 5)
        if way == 0:
            others = [one for one in (*ARNS, *REPOSITORIES) if one not in needed]
            return {"NotResource": self._random.sample(others, 2)}
        if way == 1:
            return {"Resource": ["arn:aws:iam::*:role/*", "arn:aws:ecr:*:*:repository/*"]}
        return {"Resource": [*needed]} if way < 4 else {"Resource": "*"}

    def decorated(self, statement: dict[str, Json], chance: float = 0.45) -> dict[str, Json]:
        """Return an Allow, with a condition perhaps."""
        more = {"Condition": self.condition()} if self._is(chance) else {}
        return {"Effect": "Allow", **statement, **more}

    def deny(self, actions: Sequence[str], *, principal: bool, resource: bool) -> dict[str, Json]:
        """Return a Deny of something, nearly always under a condition."""
        found: dict[str, Json] = {"Effect": "Deny", **self.actions(*self._random.sample([*actions], 1))}
        if principal:
            found |= self._denied_principal()
        if resource:
            found |= self.resources(self._some((*ARNS, *REPOSITORIES)))
        if self._is(0.85):
            found["Condition"] = self.condition()
        return found

    def _denied_principal(self) -> dict[str, Json]:
        if self._is(0.2):
            arn = self._some(ARNS)
            name = arn.rpartition("/")[2]
            sessions = [f"arn:aws:sts::{OWNER}:assumed-role/{name}/{one}" for one in ("s1", "s2")]
            return {"NotPrincipal": {"AWS": [OWNER, arn, *sessions][: self._random.randint(1, 4)]}}
        return {
            "Principal": self._some(("*", {"AWS": "*"}, {"AWS": self._some(ARNS)}, {"AWS": VENDOR}, {"AWS": OWNER}))
        }

    def from_outside(self) -> Json:
        """Return principals, some of them outside."""
        one = f"arn:aws:iam::{VENDOR}"
        ways = ("*", {"AWS": "*"}, {"AWS": VENDOR}, {"AWS": f"{one}:root"}, {"AWS": f"{one}:role/ci"},
                {"AWS": [f"{one}:user/bob", OTHER]}, {"AWS": [f"arn:aws:sts::{VENDOR}:assumed-role/ci/theirs", OWNER]},
                {"AWS": [VENDOR, "AROADELETEDDELETED123"]})  # fmt: skip
        return self._some(ways)

    def from_role(self, arn: str) -> Json:
        """Return principals, one of them a session of a role."""
        name = arn.rpartition("/")[2]
        ways = ({"AWS": arn}, {"AWS": OWNER}, {"AWS": f"arn:aws:iam::{OWNER}:root"}, "*", {"AWS": [arn, VENDOR]},
                {"AWS": f"arn:aws:sts::{OWNER}:assumed-role/{name}/{self._some(('s1', 's2'))}"},
                {"AWS": [OWNER, self._some(ARNS)]})  # fmt: skip
        return self._some(ways)

    # --- documents ---

    def _policy(self, *statements: dict[str, Json]) -> Json:
        found = [*statements]
        self._random.shuffle(found)
        return {"Version": "2012-10-17", "Statement": found}

    def _calls(self) -> list[list[str]]:
        """Return the actions of STS that statements allow: one after the other, or all in one statement."""
        needed = ["sts:AssumeRole", *(one for one in _STS[1:] if self._is(0.5))]
        return [[one] for one in needed] if self._is(0.3) else [needed]

    def trust(self, principal: Json) -> Json:
        """Return a trust policy."""
        if principal == TOKENS:
            subjects = self._some(("repo:acme/app:*", "repo:acme*", "*acme/app*", "repo:acme/*:pull_request", "repo:*"))
            when = {"StringLike": {f"{ISSUER}:sub": subjects}, "StringEquals": {f"{ISSUER}:aud": AUDIENCE}}
            statements = [{"Effect": "Allow", "Principal": {"Federated": PROVIDER},
                           "Action": "sts:AssumeRoleWithWebIdentity", "Condition": when}]  # fmt: skip
        else:
            statements = [self.decorated({"Principal": principal, **self.actions(*one)}) for one in self._calls()]
        if self._is(0.25):
            statements.append(self.deny(_STS, principal=True, resource=False))
        return self._policy(*statements)

    def _role(self, place: int, principal: Json, following: Sequence[str], *, reaches: bool) -> dict[str, Json]:
        own: list[dict[str, Json]] = []
        if following and self._is(0.85):
            own += [self.decorated({**self.actions(*one), **self.resources(*following)}, 0.3) for one in self._calls()]
        if reaches and self._is(0.8):
            pulled = self._random.sample(_ECR, self._random.randint(1, 2))
            own.append(self.decorated({**self.actions(*pulled), **self.resources(self._some(REPOSITORIES))}))
        if self._is(0.25):
            own.append(self.deny((*_STS, *_ECR), principal=False, resource=True))
        name, arn = NAMES[place], ARNS[place]
        return {
            "Path": "/",
            "RoleName": name.rpartition("/")[2],
            "RoleId": f"AROA{name.upper().replace('/', '')}XXXXXXXXXXXXXXXX",
            "Arn": arn,
            "AssumeRolePolicyDocument": self.trust(principal),
            "RolePolicyList": [{"PolicyName": "own", "PolicyDocument": self._policy(*own)}] if own else [],
            "AttachedManagedPolicies": [],
            "Tags": [{"Key": one, "Value": self._some(("1", "2"))} for one in ("p", "q") if self._is(0.3)],
        }

    def _boundary(self) -> Json:
        allows = [self.decorated({"Action": one, **self.resources(self._some((*ARNS, *REPOSITORIES)))}, 0.3)
                  for one in (["sts:*", "ecr:*"], "sts:*", "ecr:*", "*") if self._is(0.5)]  # fmt: skip
        return self._policy(*allows, *([self.deny((*_STS, *_ECR), principal=False, resource=True)] * self._is(0.2)))

    def _repository(self) -> Json:
        if self._is(0.5):
            return None
        principal = self._some(("*", {"AWS": OWNER}, {"AWS": self._some(ARNS)}, self.from_role(self._some(ARNS))))
        allow = self.decorated({"Principal": principal, **self.actions(self._some(_ECR))}, 0.6)
        return self._policy(allow, *([self.deny(_ECR, principal=True, resource=False)] * self._is(0.3)))

    def _registry(self) -> Json:
        """Return the policy of a registry. Amazon ECR accepts no NotResource there."""
        made: dict[str, Json] = self.from_role(self._some(ARNS))
        allow = self.decorated({"Principal": made, **self.actions(self._some(_ECR)), "Resource": [*REPOSITORIES]})
        return self._policy(allow)

    def _control(self) -> Json:
        deny = self.deny((*_STS, *_ECR), principal=False, resource=True)
        action = self._some((*_STS, *_ECR, "sts:*", "ecr:*"))
        return self._policy({**{k: v for k, v in deny.items() if k != "NotAction"}, "Action": action, "Principal": "*"})

    # --- the account ---

    def world(self) -> World:
        """Return the account, and everything that the second program tries in it."""
        hops = self._random.randint(1, 3)
        order = self._random.sample(range(len(NAMES)), len(NAMES))
        roles = []
        for place, number in enumerate(order):
            before = None if place == 0 else ARNS[order[place - 1]]
            first = TOKENS if self._is(0.15) else self.from_outside()
            principal = first if before is None else self.from_role(before)
            following = [ARNS[order[place + 1]]] if place < hops else []
            roles.append(self._role(number, principal, following, reaches=place >= hops - 1))
        managed = []
        for role in roles:
            if self._is(0.2):
                arn = f"arn:aws:iam::{OWNER}:policy/boundary-{role['RoleName']}"
                version = {"VersionId": "v1", "IsDefaultVersion": True, "Document": self._boundary()}
                managed.append({"Arn": arn, "DefaultVersionId": "v1", "PolicyVersionList": [version]})
                role["PermissionsBoundary"] = {"PermissionsBoundaryArn": arn}
        details = {"RoleDetailList": roles, "Policies": managed, "UserDetailList": [], "GroupDetailList": []}
        repositories = {arn: self._repository() for arn in REPOSITORIES}
        registry = self._registry() if self._is(0.15) else None
        rcp = self._control() if self._is(0.15) else None
        tags = {one: self._some(("1", "2")) for one in ("p",) if self._is(0.5)}
        text = json.dumps([details, repositories, registry, rcp])
        return World(
            OWNER,
            OWN_ORG,
            self._few(_callers(text)),
            self._few(_calls(text)),
            details,
            repositories,
            TOKENS,
            registry,
            rcp,
            tags,
            shows_inherited=self._is(0.5),
        )


def _if(text: str, part: str, usual: Sequence[Any], others: Sequence[Any]) -> list[Any]:
    """Return values that can matter: the usual ones, and others if a document has a text."""
    return [*usual, *(others if part in text else ())]


def _callers(text: str) -> tuple[Caller, ...]:
    organizations = _if(text, "aws:PrincipalOrgID", [None], [OTHER_ORG, OWN_ORG])
    tags = _if(text, "aws:PrincipalTag", [()], [(("p", "1"),), (("p", "2"), ("q", "1"))])
    sources = _if(text, "ourceIdentity", [None], ["alice"])
    inherited = _if(text, "TagSession", [()], [(("p", "1"),)])
    found = []
    for account, organization, some, source, kept in product(
        (VENDOR, OTHER, FRESH), organizations, tags, sources, inherited
    ):
        arn = f"arn:aws:iam::{account}:role/ci"
        every = tuple(sorted({**dict(some), **dict(kept)}.items()))
        found.append(Caller(arn, account, organization, "theirs", every, source, inherited=kept))
        if not (source or kept):
            found.append(Caller(f"arn:aws:iam::{account}:user/bob", account, organization, None, some))
    return tuple(found)


def _calls(text: str) -> tuple[Call, ...]:
    pairs = [(name, value) for name in ("p", "q") for value in ("1", "2")]
    every = [(), *((one,) for one in pairs), *(two for two in combinations(pairs, 2) if two[0][0] != two[1][0])]
    tags = _if(text, "Tag", [()], every[1:] if '"sts:' in text else [])
    found = []
    for external, session, some, source, address in product(
        _if(text, "ExternalId", [None], ["x", "y", VENDOR]),
        _if(text, "s2", ["s1"], ["s2"]) + _if(text, "username", [], ["bob"]),
        tags,
        _if(text, "ourceIdentity", [None], ["alice", "bob"]),
        _if(text, "aws:SourceIp", ["203.0.113.9"], ["198.51.100.7"]),
    ):
        names = tuple(name for name, _ in some)
        every_kept = dict.fromkeys([(), names, names[:1]])
        found += [Call(external, session, some, source, kept, address) for kept in every_kept]
    return tuple(found)


def register(number: int) -> list[Json]:
    """Return entries of a register for an account."""
    some = Random(number).choice  # noqa: S311 - examples, not secrets
    who = ({"account": VENDOR}, {"account": OTHER}, {"organization": OTHER_ORG}, {"github": "acme/app"},
           {"github": "acme-x"})  # fmt: skip
    return [
        {
            **whom,
            "access": some(("READ", "WRITE")),
            "repositories": some((["*"], ["app/*"], ["base"])),
            **some(({}, {"role": some(("*", "path/*", *NAMES))})),
            "reason": "an example",
            "owner": "x@example.com",
            "expires": "never",
        }
        for whom in who
        if some((True, False))
    ]


def is_covered(entries: Sequence[Json], caller: Caller | Token, first: str, repository: str, action: str) -> bool:
    """Return whether an entry approves what someone does by a first role."""
    return any(
        _is_about(one, caller)
        and (action == "ecr:BatchGetImage" or one["access"] == "WRITE")
        and any(like(some, repository.partition(":repository/")[2]) for some in one["repositories"])
        and like(one.get("role", "*"), first.partition(":role/")[2])
        for one in entries
    )


def _is_about(entry: Json, caller: Caller | Token) -> bool:
    if isinstance(caller, Token):
        return "github" in entry and f"{caller.whose}/".startswith(f"{entry['github']}/")
    return bool(entry.get("account") == caller.account or entry.get("organization", "") == caller.organization)


def is_of(kind: str, name: str, caller: Caller | Token) -> bool:
    """Return whether an outsider of an answer is a caller, or some who include the caller."""
    if kind == "unknown":
        return True
    if isinstance(caller, Token):
        owner = f"{caller.whose}/".startswith(f"{name}/")
        return (kind == "anybody" and name == ISSUER) or (kind == "github" and owner) or kind == "oidc"
    session = f"arn:aws:sts::{caller.account}:assumed-role/ci/{caller.session}"
    # An account that a pattern of accounts matches stands for all of them.
    like_vendor = caller.account == VENDOR and name.startswith(VENDOR[:4])
    return kind == "any-account" or like_vendor or name in (caller.account, caller.organization, caller.arn, session)


def world(number: int) -> World:
    """Return an account. The same number gives the same account."""
    return _Maker(number).world()
