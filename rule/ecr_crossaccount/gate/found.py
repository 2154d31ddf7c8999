"""What readers find in files: policies and their places, what nobody judged, and what could not be read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from enum import StrEnum

from ..access.judgement import Origin
from ..policy.holes import Hole
from .values.places import Place


class Kind(StrEnum):
    """What a policy governs; the last two are no policies, but send images to registries or take them from one."""

    REPOSITORY = "repository"
    REGISTRY = "registry"
    CREATION_TEMPLATE = "creation-template"
    PUBLIC_REPOSITORY = "public-repository"
    REPLICATION = "replication"
    PULL_THROUGH_CACHE = "pull-through-cache"


SCOPE_SETTING = "REGISTRY_POLICY_SCOPE"
"""The setting of an account that says on which actions its registry policies count."""

EXCHANGES = (Kind.REPLICATION, Kind.PULL_THROUGH_CACHE)

ANY_NAME = ("*",)
"""The names of a repository of which none is known."""


@dataclass(frozen=True, slots=True)
class Otherwise:
    """What a policy is instead if `when` holds, a condition that is not known before deployment.

    `by_default`: whether it holds if parameters have their defaults, as far as they have any. `beyond`: the holes of
    parameters that have some other value then: what depends on that value alone is not told, for anything may be given.
    """

    when: str
    policy: object
    statements: tuple[Place, ...] = ()
    by_default: bool = True
    beyond: frozenset[Hole] = frozenset()


@dataclass(frozen=True, slots=True)
class Location:
    """Where something is deployed, as far as that is known. `by`: what tells what is not known here from the rest."""

    account: str | None
    region: str | None
    by: str = ""


NOWHERE = Location(None, None)
"""Of what could be of any registry."""

ELSEWHERE = Location(None, None, "what makes it")
"""Of what is in a registry that its file does not tell."""


@dataclass(frozen=True, slots=True)
class FoundPolicy:
    """One resource that has, or could have, an ECR policy.

    `policy`: what `judge` takes, holes included; None for a resource without a policy, which is listed all the same.
    `statements`: the place of each statement, in order, as far as known. `names`: repository names or patterns of them.
    `account` and `region`: where the file says them itself. `otherwise`: what the policy may be instead, where `policy`
    holds only `when`. `doubts`: why, whatever the policy says, nobody can tell. `resource_at`: where the resource
    begins; `heads`: other places that stand for all of it. Suppressions are looked for at all of these.
    `undefaulted`: by each input with a default that it depends on, in words such as "parameter `Partner`", the same
    policy if that default does not count. `perhaps`: why it is not certain that the resource is there at all.
    `location`: where that is not what `account`, `region` and the deployment say; `deployed_with`: the file or folder
    whose deployment it is part of.
    """

    at: Place
    resource: str
    kind: Kind
    policy: object
    statements: tuple[Place, ...] = ()
    names: tuple[str, ...] = ANY_NAME
    account: str | None = None
    region: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    origin: Origin = Origin.PROPOSED
    when: str = ""
    otherwise: tuple[Otherwise, ...] = ()
    doubts: tuple[str, ...] = ()
    resource_at: Place | None = None
    heads: tuple[Place, ...] = ()
    undefaulted: Mapping[str, FoundPolicy] = field(default_factory=dict)
    perhaps: str = ""
    location: Location | None = None
    deployed_with: str = ""

    @property
    def forms(self) -> tuple[object, ...]:
        """All that the policy may be."""
        return self.policy, *(one.policy for one in self.otherwise)


def doubts_about_blank(policy: object, otherwise: Iterable[Otherwise] = ()) -> tuple[str, ...]:
    """Return why nobody can tell what a repository or registry has after someone sets a policy that is blank.

    Of several forms that are not all blank, the blank ones set nothing: they are refused.
    """
    forms = (policy, *(one.policy for one in otherwise))
    return (_BLANK,) if all(map(_is_blank, forms)) else ()


def _is_blank(policy: object) -> bool:
    return policy is None or policy == {} or (isinstance(policy, str) and policy.strip() in ("", "null", "{}"))


_BLANK = "it sets a blank policy, which Amazon ECR refuses: the existing policy stays, and it is unknown here"


@dataclass(frozen=True, slots=True)
class Unread:
    """Something that could not be read and so was not judged.

    `line` is None where the whole file is meant; `resource` is the one in it that is meant, where one is. `registry`:
    where it is a registry policy, or may hold one, and where that is deployed.
    """

    file: str
    line: int | None
    reason: str
    resource: str = ""
    registry: Location | None = None

    @property
    def message(self) -> str:
        """What is wrong, and with which resource."""
        return f"{self.resource}: {self.reason}" if self.resource else self.reason

    @property
    def where(self) -> str:
        """The file, with the line where one is known."""
        return self.file if self.line is None else f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something that was left out.

    `absent`: it is not here, such as a module of a registry, and may hold policies. `excluded_by`: the user's patterns
    that leave it out; then a folder's name ends with a slash.
    """

    file: str
    reason: str
    absent: bool = False
    excluded_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unjudged:
    """Something of ECR that was found and that nobody judged; `reason`: what it does, and what to check instead.

    `registry`: where it certainly sets a registry policy, of which nobody knows what it says, and where that is
    deployed.
    """

    file: str
    line: int
    column: int
    resource: str
    reason: str
    registry: Location | None = None

    def to_json(self) -> dict[str, object]:
        """Return what a report says of it: `file`, `line`, `column`, `resource`, `reason`."""
        return {
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "resource": self.resource,
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class FoundScope:
    """A setting of an account that says on which actions its registry policies count. `value`: None if not known.

    `account`, `region`, `location` and `deployed_with` as of a policy; `may_not_run`: whether a command sets it.
    """

    value: str | None
    account: str | None = None
    region: str | None = None
    location: Location | None = None
    deployed_with: str = ""
    may_not_run: bool = False


@dataclass(frozen=True, slots=True)
class Suppression:
    """A decision to leave something as it is. `line`: of what it speaks; `until`: its last day, UTC."""

    file: str
    line: int
    reason: str
    until: date

    def holds(self, today: date | None) -> bool:
        """Tell whether its last day is still to come; on no known day it is over."""
        return today is not None and today <= self.until

    def __str__(self) -> str:
        return f"suppressed until {self.until}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Harvest:
    """Everything that was found in some files.

    `followed` are the files that others refer to and that were read so; `suppressions` those that stand in data;
    `declares` the parameters and variables for which the user can give values; `scopes` what settings of accounts say
    of registry policies.
    """

    policies: tuple[FoundPolicy, ...] = ()
    errors: tuple[Unread, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    followed: tuple[str, ...] = ()
    suppressions: tuple[Suppression, ...] = ()
    declares: tuple[str, ...] = ()
    unjudged: tuple[Unjudged, ...] = ()
    scopes: tuple[FoundScope, ...] = ()

    def __add__(self, other: Harvest) -> Harvest:
        return Harvest.of((self, other))

    def deployed_with(self, unit: str) -> Harvest:
        """Return the same, whose policies are deployed with a file or folder where they are with no other."""
        policies = tuple(replace(one, deployed_with=one.deployed_with or unit) for one in self.policies)
        scopes = tuple(replace(one, deployed_with=one.deployed_with or unit) for one in self.scopes)
        return replace(self, policies=policies, scopes=scopes)

    def owned_by(self, account: str | None) -> Harvest:
        """Return the same, whose policies belong to an account where they say no other."""
        policies = tuple(replace(one, account=one.account or account) for one in self.policies)
        return replace(
            self,
            policies=policies,
            scopes=tuple(replace(one, account=one.account or account) for one in self.scopes),
        )

    @classmethod
    def of(cls, parts: Iterable[Harvest]) -> Harvest:
        """Return all of `parts` as one, in order."""
        parts = tuple(parts)
        return cls(*(tuple(one for part in parts for one in getattr(part, kind.name)) for kind in fields(cls)))


NOTHING = Harvest()


def unknown_type(kind: str) -> str:
    """Return what to say of a resource of ECR whose type nobody knows here."""
    return f"this version does not know the type `{kind}`: check which access it gives to others"


NOT_READ = "could not be read and does not mention ECR"
"""Why a file is passed over that nobody named: what is wrong with it concerns someone else."""


def unread(file: str, reason: str, line: int | None = None, registry: Location | None = None) -> Harvest:
    """Return the harvest of what could not be read; `registry`: where that may be the policy of one, and which."""
    return Harvest(errors=(Unread(file, line, reason, registry=registry),))
