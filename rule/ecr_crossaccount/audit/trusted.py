"""By whose word someone outside gets in: the approvals behind what policies allow, and those that nothing needs.

An entry of the register covers a grant if, were it the only one, less would be granted than if nobody were trusted.
The judgement itself is asked both ways, so that no second reading of policies can disagree with it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from .. import Origin, Repository, Trust, Verdict, judge
from ..access.actions import access_of_names
from ..access.registry import judge_registry
from ..access.trust import SELF, Entry
from ..access.verdict import Access, Grant, Kind
from .items import EVERY

_MOST_KEPT = 4096
"""Comparisons that are remembered: many repositories in a row have one policy, and an organization has any number."""


@dataclass(frozen=True, slots=True)
class Trusted:
    """Access from outside that one statement gives and one entry of the register, `trust[entry]`, covers."""

    statement: int
    sid: str | None
    grantee: str
    kind: Kind
    access: tuple[Access, ...]
    actions: tuple[str, ...]
    entry: int

    def to_json(self, entries: tuple[Entry, ...]) -> dict[str, object]:
        """Return it with what the register says about the approval."""
        entry = entries[self.entry]
        return {
            "statement": self.statement,
            "sid": self.sid,
            "grantee": self.grantee,
            "kind": self.kind.value,
            "access": [access.value for access in self.access],
            "actions": list(self.actions),
            "entry": self.entry,
            "trusted_by": entry.owner,
            "because": entry.reason,
            "until": entry.expires.isoformat() if entry.expires else None,
        }


class Approvals:
    """The entries of a register, each asked about on its own; counts how many repositories use each."""

    def __init__(self, trust: Trust, origin: Origin = Origin.DEPLOYED) -> None:
        self._trust = trust
        self._origin = origin
        self._nobody = replace(trust, entries=())
        self._alone = [replace(trust, entries=(self._unending(entry),)) for entry in trust.entries]
        self._known: dict[object, tuple[Trusted, ...]] = {}
        self.used: Counter[int] = Counter()

    def _unending(self, entry: Entry) -> Entry:
        """Return an entry as it is asked about: without an end, and of whichever repository is asked about."""
        return replace(entry, repositories=("*",), expires=None)

    def _judged(self, policy: object, repository: Repository, trust: Trust) -> Verdict:
        return judge(policy, repository, trust, self._origin)

    def of(self, policy: object, repository: Repository, verdict: Verdict) -> tuple[Trusted, ...]:
        """Return what of a policy is covered by which entry that is valid today; `verdict` is with them all.

        Entries that have expired are counted as used where they would cover something.
        """
        covered = self.covered(policy, repository, verdict)
        self.used.update({one.entry for one in covered})
        return tuple(one for one in covered if not self.has_expired(one.entry))

    def covered(self, policy: object, repository: Repository, verdict: Verdict) -> tuple[Trusted, ...]:
        """Return the same with what entries would cover that have expired, and count nothing."""
        if policy is None or not self._alone:
            return ()
        named = tuple(self._named(policy, repository))
        return self._covered(policy, repository, named, verdict) if named else ()

    def has_expired(self, number: int) -> bool:
        """Tell whether an entry's last day is over."""
        return self._trust.expired(self._trust.entries[number])

    def _named(self, policy: object, repository: Repository) -> Iterator[int]:
        """Yield the entries that speak of the repository and whose subject stands in the policy."""
        text = policy if isinstance(policy, str) else json.dumps(policy, default=str)
        is_escaped = "\\u" in text
        for number, entry in enumerate(self._trust.entries):
            name = repository.organization if entry.name == SELF else entry.name.partition("/")[0]
            if (
                name
                and (is_escaped or entry.members or name in text)
                and (repository.name == EVERY or entry.covers(repository.name))
            ):
                yield number

    def _covered(
        self, policy: object, repository: Repository, named: tuple[int, ...], verdict: Verdict
    ) -> tuple[Trusted, ...]:
        """Compare once for all repositories that differ in nothing but their names."""
        if not isinstance(policy, str):
            return tuple(self._compared(policy, repository, named, verdict))
        key = (policy, named, _without_name(repository))
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= _MOST_KEPT:
                self._known.clear()
            found = self._known[key] = tuple(self._compared(policy, repository, named, verdict))
        return found

    def _compared(
        self, policy: object, repository: Repository, named: tuple[int, ...], verdict: Verdict
    ) -> Iterator[Trusted]:
        everything = _grants(self._judged(policy, repository, self._nobody))
        if not everything:
            return
        valid = tuple(number for number in named if not self.has_expired(number))
        if valid == named and _names(everything) == _names(_grants(verdict)):
            return
        for number in named:
            # The others do not stand in the policy: with all of them or with this one alone is the same.
            is_alone = valid == named == (number,)
            left = _grants(verdict if is_alone else self._judged(policy, repository, self._alone[number]))
            for key, grant in everything.items():
                kept = left[key].actions if key in left else ()
                actions = tuple(action for action in grant.actions if action not in kept)
                if actions:
                    yield _trusted(grant, actions, number)


Judged = Callable[[object, Repository, Trust, Origin], Verdict]


class WholeApprovals(Approvals):
    """The same of what speaks of many repositories at once, and is judged by `judged`: a registry's policy at first."""

    def __init__(self, trust: Trust, judged: Judged = judge_registry, origin: Origin = Origin.DEPLOYED) -> None:
        super().__init__(trust, origin)
        self._asked = judged

    def _unending(self, entry: Entry) -> Entry:
        return replace(entry, expires=None)

    def _judged(self, policy: object, repository: Repository, trust: Trust) -> Verdict:
        return self._asked(policy, repository, trust, self._origin)


class TemplateApprovals(Approvals):
    """The same of a creation template: an entry counts that speaks of every repository below the prefix."""

    def _named(self, policy: object, repository: Repository) -> Iterator[int]:
        entries = self._trust.entries
        yield from (one for one in super()._named(policy, repository) if entries[one].covers(repository.name))


_Key = tuple[int, Kind, str]


def _grants(verdict: Verdict) -> dict[_Key, Grant]:
    return {(grant.statement, grant.kind, grant.grantee): grant for grant in verdict.grants}


def _names(grants: Mapping[_Key, Grant]) -> dict[_Key, tuple[str, ...]]:
    return {key: grant.actions for key, grant in grants.items()}


def _without_name(repository: Repository) -> object:
    tags = tuple(sorted(repository.tags.items()))
    return repository.account, repository.partition, repository.region, repository.organization, tags


def _trusted(grant: Grant, actions: tuple[str, ...], entry: int) -> Trusted:
    access = grant.access if actions == grant.actions else access_of_names(actions)
    return Trusted(grant.statement, grant.sid, grant.grantee, grant.kind, access, actions, entry)
