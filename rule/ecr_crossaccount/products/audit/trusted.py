"""The approvals behind external access that policies allow, and approvals that no policy needs.

An entry of the register covers a grant if, as the only entry, it reduces what is granted compared with an empty
register. The judgement itself makes this comparison, so that the result always agrees with it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace

from ...judgement.admission import Origin
from ...judgement.judge import Repository, judge
from ...judgement.kinds.table import OF_MANY, PREFIXED, ResourceKind
from ...judgement.values.actions import access_of_names
from ...judgement.values.trust import Trust
from ...judgement.values.trust_entries import Entry
from ...judgement.values.verdict import Access, Grant, Kind, Verdict
from ...memo import by_value
from ...questions.change.states import JUDGES
from .items import EVERY

_MOST_KEPT = 4096
"""The most cached comparisons. Consecutive repositories often share a policy, and there may be any number of them."""


@by_value
class Trusted:
    """External access that one statement allows and one entry of the register, `trust[entry]`, covers."""

    statement: int
    sid: str | None
    grantee: str
    kind: Kind
    access: tuple[Access, ...]
    actions: tuple[str, ...]
    entry: int

    def to_json(self, entries: tuple[Entry, ...]) -> dict[str, object]:
        """Return it with the register's fields of the approval."""
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
    """The entries of a register, each evaluated alone, for a kind."""

    def __init__(self, trust: Trust, kind: ResourceKind, origin: Origin = Origin.DEPLOYED) -> None:
        self._trust = trust
        self._kind = kind
        self._origin = origin
        self._nobody = replace(trust, entries=())
        self._alone = [replace(trust, entries=(self._unending(entry),)) for entry in trust.entries]
        self._known: dict[object, tuple[Trusted, ...]] = {}

    def _unending(self, entry: Entry) -> Entry:
        """Return the entry used for the evaluation: without an end, and for every repository if there is one."""
        return replace(entry, repositories=entry.repositories if self._kind in OF_MANY else ("*",), expires=None)

    def _judge_policy(self, policy: object, repository: Repository, trust: Trust) -> Verdict:
        return JUDGES.get(self._kind, judge)(policy, repository, trust, self._origin)

    def trusted_access(self, policy: object, repository: Repository, verdict: Verdict) -> tuple[Trusted, ...]:
        """Return the access that each valid entry covers in a policy. `verdict` is the one under the whole register."""
        covered = self.covered_access(policy, repository, verdict)
        return tuple(one for one in covered if not self.has_expired(one.entry))

    def covered_access(self, policy: object, repository: Repository, verdict: Verdict) -> tuple[Trusted, ...]:
        """Return the same, but including the access that expired entries would cover."""
        if policy is None or not self._alone:
            return ()
        named = tuple(self._matching_entries(policy, repository))
        return self._compare_once(policy, repository, named, verdict) if named else ()

    def has_expired(self, number: int) -> bool:
        """Return whether an entry's last day is over."""
        return self._trust.is_expired(self._trust.entries[number])

    def _matching_entries(self, policy: object, repository: Repository) -> Iterator[int]:
        """Yield the entries that apply to the repository and whose subject is in the policy.

        An entry applies to a creation template if it covers every repository below the prefix.
        """
        is_every = repository.name == EVERY and (self._kind in OF_MANY or self._kind not in PREFIXED)
        text = policy if isinstance(policy, str) else json.dumps(policy, default=str)
        is_escaped = "\\u" in text
        for number, entry in enumerate(self._trust.entries):
            if (
                not entry.roles
                and (is_escaped or entry.may_be_in(text, repository.organization))
                and (is_every or entry.covers(repository.name))
            ):
                yield number

    def _compare_once(
        self, policy: object, repository: Repository, named: tuple[int, ...], verdict: Verdict
    ) -> tuple[Trusted, ...]:
        """Compare once for all repositories that differ only in their names."""
        if not isinstance(policy, str):
            return tuple(self._compare_entries(policy, repository, named, verdict))
        key = (policy, named, _without_name(repository))
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= _MOST_KEPT:
                self._known.clear()
            found = self._known[key] = tuple(self._compare_entries(policy, repository, named, verdict))
        return found

    def _compare_entries(
        self, policy: object, repository: Repository, named: tuple[int, ...], verdict: Verdict
    ) -> Iterator[Trusted]:
        everything = _grants(self._judge_policy(policy, repository, self._nobody))
        if not everything:
            return
        valid = tuple(number for number in named if not self.has_expired(number))
        if valid == named and _names(everything) == _names(_grants(verdict)):
            return
        for number in named:
            # The other entries are not in the policy, so the result is the same with all of them or with this one
            # alone.
            is_alone = valid == named == (number,)
            left = _grants(verdict if is_alone else self._judge_policy(policy, repository, self._alone[number]))
            for key, grant in everything.items():
                kept = left[key].actions if key in left else ()
                actions = tuple(action for action in grant.actions if action not in kept)
                if actions:
                    access = grant.access if actions == grant.actions else access_of_names(actions)
                    yield Trusted(grant.statement, grant.sid, grant.grantee, grant.kind, access, actions, number)


_Key = tuple[int, Kind, str]


def _grants(verdict: Verdict) -> dict[_Key, Grant]:
    return {(grant.statement, grant.kind, grant.grantee): grant for grant in verdict.grants}


def _names(grants: Mapping[_Key, Grant]) -> dict[_Key, tuple[str, ...]]:
    return {key: grant.actions for key, grant in grants.items()}


def _without_name(repository: Repository) -> object:
    tags = tuple(sorted(repository.tags.items()))
    return repository.account, repository.partition, repository.region, repository.organization, tags
