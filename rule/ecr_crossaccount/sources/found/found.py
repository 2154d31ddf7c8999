"""What readers find in files: policies and their places, resources that were not judged, and unreadable files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import field, fields, replace
from datetime import date

from ...documents.pattern import Hole, Holed, Text, holes_in, pattern_of
from ...judgement.admission import Origin
from ...judgement.kinds.table import ResourceKind as Kind
from ...judgement.values.verdict import SettledBy
from ...memo import by_value
from ...questions.change.owners import Owners
from ...questions.change.states import Assumption, Guard, either
from ..files.values.nodes import Place

SCOPE_SETTING = "REGISTRY_POLICY_SCOPE"
"""The account setting that says which actions registry policies apply to."""

ANY_NAME = ("*",)
"""The name pattern of a repository whose name is unknown."""


@by_value
class Otherwise:
    """The form that a policy has if `when` holds, a condition that is unknown before deployment.

    `by_default`: whether it holds if all parameters with a default have it. `beyond`: the holes of parameters that then
    have another, unknown value. A doubt that depends only on such a value is not reported, because the value may be
    anything. `ways`: the assumptions that `when` says in words, if they are known.
    """

    when: str
    policy: object
    statements: tuple[Place, ...] = ()
    by_default: bool = True
    beyond: frozenset[Hole] = frozenset()
    ways: tuple[frozenset[Assumption], ...] = ()


@by_value
class Location:
    """Where something is deployed, as far as known. `by`: distinguishes unknown locations from each other."""

    account: str | None
    region: str | None
    by: str = ""


NOWHERE = Location(None, None)
"""The location of something that may belong to any registry."""

ELSEWHERE = Location(None, None, "what makes it")
"""The location of something in a registry that its file does not name."""


@by_value
class FoundPolicy:
    """One resource that has, or could have, an ECR policy.

    `policy`: the input of `judge`, including holes; None for a resource without a policy, which is still listed.
    `statements`: the place of each statement, in order, as far as known. `names`: repository names or patterns of them.
    `account` and `region`: those that the file itself names. `otherwise`: the other forms that the policy may have;
    then `policy` applies only under the condition `when`. `doubts`: the reasons why the result is uncertain whatever
    the policy says. `resource_at`: where the resource begins. `heads`: other places that represent the whole resource.
    Suppressions apply from all of these places.

    `undefaulted`: for each input with a default that the policy depends on, in words such as "parameter `Partner`", the
    same policy without that default, and the policy without any of them. `perhaps`: why the resource may not exist.
    `location`: set if it differs from `account`, `region` and the deployment. `deployed_with`: the file or folder that
    it is deployed with.

    `ways`: the assumptions of `when`. `called`: the names with their holes, if a part of them is unknown.
    `applied_for`: what a creation template is used for, if known. `other_tags`: whether it may have more tags than
    `tags`. `owners`: set if the account that owns it is unknown, and need not be that of the deployment.
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
    undefaulted: Mapping[frozenset[str], FoundPolicy] = field(default_factory=dict)
    perhaps: str = ""
    location: Location | None = None
    deployed_with: str = ""
    ways: tuple[frozenset[Assumption], ...] = ()
    called: tuple[Text, ...] = ()
    applied_for: tuple[str, ...] | None = None
    other_tags: bool = False
    owners: Owners | None = None

    @property
    def forms(self) -> tuple[object, ...]:
        """All that the policy may be."""
        return self.policy, *(one.policy for one in self.otherwise)

    def settle(self, settled_by: SettledBy) -> SettledBy:
        """Return what settles a doubt about this policy, with each unknown value as this file has it.

        Values with one name are one for the judgement, which keeps what it has read of a text. In another file, another
        option may supply the value.
        """
        if not isinstance(settled_by, tuple):
            return settled_by
        own = {hole: hole for form in self.forms for hole in holes_in(form)}
        return tuple(own.get(hole, hole) for hole in settled_by)

    def with_names(self, names: Iterable[Text]) -> FoundPolicy:
        """Return the policy for repositories with these names, which may have holes."""
        every = tuple(dict.fromkeys(names))
        called = every if any(isinstance(text, Holed) for text in every) else ()
        return replace(self, names=tuple(dict.fromkeys(map(pattern_of, every))), called=called)

    def drop_defaults(self, defaults: AbstractSet[str]) -> FoundPolicy:
        """Return the policy without these defaults, as far as it depends on them."""
        known = max((names for names in self.undefaulted if names <= defaults), key=len, default=None)
        if known is None:
            return self
        other = self.undefaulted[known]
        return replace(other, at=self.at, account=self.account, owners=self.owners, deployed_with=self.deployed_with)


def alike(readings: Iterable[Otherwise]) -> list[Otherwise]:
    """Return the readings, merged if they have the same policy. Those by default come first."""
    found: list[tuple[Otherwise, list[Guard]]] = []
    for reading in sorted(readings, key=lambda one: not one.by_default):
        same = next((guards for other, guards in found if other.policy == reading.policy), None)
        if same is None:
            found.append((reading, [Guard(reading.when, reading.ways)]))
        else:
            same.append(Guard(reading.when, reading.ways))
    merged = ((one, either(guards)) for one, guards in found)
    return [replace(one, when=guard.words, ways=guard.ways) for one, guard in merged]


def owners_by(registry: object) -> Owners | None:
    """Return the owners of something in a registry whose account is a text with holes. None if the account is known."""
    parts = (registry,) if isinstance(registry, Hole) else registry.parts if isinstance(registry, Holed) else ()
    if not any(isinstance(part, Hole) for part in parts):
        return None
    only = parts[0] if len(parts) == 1 else Hole(str(registry))
    return Owners(hole=only) if isinstance(only, Hole) else None


def doubts_about_blank(policy: object, otherwise: Iterable[Otherwise] = ()) -> tuple[str, ...]:
    """Return why the effective policy is unknown after someone sets a blank policy.

    If some forms are not blank, the blank forms change nothing, because ECR refuses them.
    """
    forms = (policy, *(one.policy for one in otherwise))
    return (_BLANK,) if all(map(_is_blank, forms)) else ()


def _is_blank(policy: object) -> bool:
    return policy is None or policy == {} or (isinstance(policy, str) and policy.strip() in ("", "null", "{}"))


_BLANK = "it sets a blank policy, which Amazon ECR refuses: the existing policy stays, and it is unknown here"


@by_value
class Unread:
    """Something that could not be read, so it was not judged.

    `line`: None if the reason is about the whole file. `registry`: where a registry policy is deployed, if this is or
    may be one.
    """

    file: str
    line: int | None
    reason: str
    registry: Location | None = None

    @property
    def where(self) -> str:
        """The file, with the line if it is known."""
        return self.file if self.line is None else f"{self.file}:{self.line}"


@by_value
class Skipped:
    """Something that was skipped.

    `absent`: whether it is missing here and may hold policies, such as a module of a registry. `excluded_by`: the
    user's patterns that exclude it; then the name of a folder ends with a slash.
    """

    file: str
    reason: str
    absent: bool = False
    excluded_by: tuple[str, ...] = ()


@by_value
class Unjudged:
    """An ECR resource that was found and not judged. `reason`: what it does, and what to check instead.

    `registry`: set if it certainly sets a registry policy whose content is unknown; where that policy is deployed.
    """

    file: str
    line: int
    column: int
    resource: str
    reason: str
    registry: Location | None = None

    def to_json(self) -> dict[str, object]:
        """Return the JSON fields of a report: `file`, `line`, `column`, `resource`, `reason`."""
        return {
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "resource": self.resource,
            "reason": self.reason,
        }


@by_value
class FoundScope:
    """The account setting for the actions that registry policies apply to. `value`: None if it is unknown.

    `account`, `region`, `location` and `deployed_with` are those of FoundPolicy. `may_not_run`: whether a command sets
    it.
    """

    value: str | None
    account: str | None = None
    region: str | None = None
    location: Location | None = None
    deployed_with: str = ""
    may_not_run: bool = False


@by_value
class Suppression:
    """A decision to accept a finding. `line`: the line that it applies to. `until`: its last day, UTC."""

    file: str
    line: int
    reason: str
    until: date

    def holds(self, today: date | None) -> bool:
        """Return whether it is in effect today. If the day is unknown, it is not."""
        return today is not None and today <= self.until

    def __str__(self) -> str:
        return f"suppressed until {self.until}: {self.reason}"


@by_value
class Harvest:
    """Everything that was found in some files.

    `followed`: the files that were read because others refer to them. `suppressions`: those in data. `declares`: the
    parameters and variables that the user can give values for. `scopes`: the account settings for the scope of registry
    policies.
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
        return Harvest.from_parts((self, other))

    def map_policies(self, change: Callable[[FoundPolicy], FoundPolicy]) -> Harvest:
        """Return this harvest, with `change` of each policy."""
        return replace(self, policies=tuple(map(change, self.policies)))

    def with_perhaps(self, why: str) -> Harvest:
        """Return this harvest, with the reason `why` its policies may not exist. "" changes nothing."""
        return self.map_policies(lambda policy: replace(policy, perhaps=policy.perhaps or why)) if why else self

    def add_notes(self, *notes: str) -> Harvest:
        """Return this harvest, with more notes on each policy."""
        return self.map_policies(lambda policy: replace(policy, notes=(*policy.notes, *notes)))

    def deployed_with(self, unit: str) -> Harvest:
        """Return this harvest, with `deployed_with` set to `unit` wherever it is empty."""
        policies = tuple(replace(policy, deployed_with=policy.deployed_with or unit) for policy in self.policies)
        scopes = tuple(replace(scope, deployed_with=scope.deployed_with or unit) for scope in self.scopes)
        return replace(self, policies=policies, scopes=scopes)

    def owned_by(self, account: str | None) -> Harvest:
        """Return this harvest, with `account` as the owner wherever it is that of the deployment."""
        policies = (
            policy if policy.owners else replace(policy, account=policy.account or account) for policy in self.policies
        )
        scopes = (replace(scope, account=scope.account or account) for scope in self.scopes)
        return replace(self, policies=tuple(policies), scopes=tuple(scopes))

    @classmethod
    def from_parts(cls, parts: Iterable[Harvest]) -> Harvest:
        """Return all of `parts` as one, in order."""
        parts = tuple(parts)
        return cls(*(tuple(one for part in parts for one in getattr(part, kind.name)) for kind in fields(cls)))


NOTHING = Harvest()


def unknown_type(kind: str) -> str:
    """Return the reason for an ECR resource whose type this version does not know."""
    return f"this version does not know the type `{kind}`: check which access it gives to others"


NOT_READ = "could not be read and does not mention ECR"
"""Why a file that the user did not name is skipped: its fault does not concern ECR."""


def unjudged_at(at: Place, resource: str, reason: str, registry: Location | None = None) -> Harvest:
    """Return the harvest of a resource that was not judged. `registry`: where it deploys an unknown registry policy."""
    return Harvest(unjudged=(Unjudged(at.file, at.line, at.column, resource, reason, registry),))


def unread(file: str, reason: str, line: int | None = None, registry: Location | None = None) -> Harvest:
    """Return the harvest of an unreadable file. `registry`: where it may deploy a registry policy."""
    return Harvest(errors=(Unread(file, line, reason, registry=registry),))
