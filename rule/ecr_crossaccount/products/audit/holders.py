"""Who has access: every grantee of a policy, and the approvals of each.

The policy is judged twice: with an empty register, for everyone outside that it grants access to, and with the real
one, for those whom no entry approves. So the result always agrees with the judgement.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ...documents.document import Statement
from ...documents.parse import parse
from ...judgement.admission import Origin
from ...judgement.judge import Repository, judge
from ...judgement.kinds.registry import judge_registry
from ...judgement.values.actions import ActionSets
from ...judgement.values.trust import Trust
from ...judgement.values.verdict import Grant, Kind, Verdict
from ...questions.ask.wanted import Needs, Wanted
from .items import EVERY
from .trusted import Approvals, Trusted, WholeApprovals


@dataclass(frozen=True, slots=True)
class Holder:
    """Someone outside who can call some of the wanted actions, through one statement.

    - `actions`: the wanted actions that the statement allows, under conditions on the keys of `conditions`.
    - `whole`: whether all statements together allow everything that is needed.
    - `trusted`: the entries of the register that cover the access.
    - `open`: the actions that no entry covers.
    - `because`: why the grantee has access.
    """

    grant: Grant
    actions: tuple[str, ...]
    conditions: tuple[str, ...]
    whole: bool
    trusted: tuple[Trusted, ...]
    open: tuple[str, ...]
    because: str

    @property
    def is_trusted(self) -> bool:
        """Whether the register covers all of the access."""
        return not self.open


@dataclass(frozen=True, slots=True)
class Holders:
    """Everyone outside who can call wanted actions, and the parts of the policy that cannot be decided."""

    holders: tuple[Holder, ...]
    doubts: tuple[str, ...]


class Register:
    """Evaluates policies under a register. It caches the approvals of identical policies."""

    def __init__(self, trust: Trust, wanted: Wanted) -> None:
        self._trust = trust
        self._wanted = wanted
        self._nobody = replace(trust, entries=())
        self._approvals = {origin: Approvals(trust, origin) for origin in Origin}
        self._of_registries = {origin: WholeApprovals(trust, origin=origin) for origin in Origin}

    @property
    def trust(self) -> Trust:
        """The trust of the register."""
        return self._trust

    def holders_of(self, policy: object, repository: Repository, origin: Origin) -> Holders:
        """Return who outside can call wanted actions through the policy of a repository."""
        everything = judge(policy, repository, self._nobody, origin)
        verdict = judge(policy, repository, self._trust, origin)
        return self._told(policy, everything, verdict, self._approvals[origin].of(policy, repository, verdict))

    def holders_by_registry(self, policy: object, registry: Repository, origin: Origin) -> Holders:
        """Return who outside can call wanted actions through a registry policy, in any repository."""
        everything = judge_registry(policy, registry, self._nobody, origin)
        verdict = judge_registry(policy, registry, self._trust, origin)
        named = replace(registry, name=EVERY)
        return self._told(policy, everything, verdict, self._of_registries[origin].of(policy, named, verdict))

    def _told(self, policy: object, everything: Verdict, verdict: Verdict, trusted: tuple[Trusted, ...]) -> Holders:
        asked = self._wanted.reaching(action for grant in everything.grants for action in grant.actions)
        wanted = frozenset(asked.actions)
        grants = [grant for grant in everything.grants if not asked.telling.isdisjoint(grant.actions)]
        held: dict[tuple[Kind, str], set[str]] = {}
        for grant in grants:
            held.setdefault((grant.kind, grant.grantee), set()).update(wanted.intersection(grant.actions))
        conditions = _conditions(policy) if grants else {}
        found = []
        for grant in grants:
            actions = tuple(action for action in asked.actions if action in grant.actions)
            by = tuple(one for one in trusted if _is_of(one, grant) and not set(actions).isdisjoint(one.actions))
            left = tuple(action for action in actions if not any(action in one.actions for one in by))
            said = next((one.reason for one in verdict.grants if _is_same(one, grant)), grant.reason)
            every = asked.needs is Needs.ANY or held[grant.kind, grant.grantee] == wanted
            found.append(Holder(grant, actions, conditions.get(grant.statement, ()), every, by, left, said))
        return Holders(tuple(found), tuple(dict.fromkeys(_doubts(policy, everything, self._wanted))))


def _conditions(policy: object) -> dict[int, tuple[str, ...]]:
    """Return the condition keys of each statement of a policy, as written."""
    return {
        one.number: tuple(dict.fromkeys(condition.key for condition in one.conditions))
        for one in parse(policy).statements
    }


def _may_give(statement: Statement, wanted: Wanted) -> bool:
    """Return whether a statement allows some wanted actions, or may allow them once unknown values are known."""
    sets = ActionSets()
    _, perhaps = sets.allowed(statement.actions)
    return not wanted.reaching(sets.others).telling.isdisjoint(sets.names(perhaps))


def _is_of(one: Trusted, grant: Grant) -> bool:
    return (one.statement, one.kind, one.grantee) == (grant.statement, grant.kind, grant.grantee)


def _is_same(one: Grant, other: Grant) -> bool:
    return (one.statement, one.kind, one.grantee) == (other.statement, other.kind, other.grantee)


def _doubts(policy: object, verdict: Verdict, wanted: Wanted) -> Iterator[str]:
    """Yield the reasons why it cannot be decided whether someone can call some wanted actions."""
    if verdict.undecided:
        beside = {one.number for one in parse(policy).statements if not _may_give(one, wanted)}
        yield from (one.reason for one in verdict.undecided if one.statement not in beside)
    yield from (f"{one.at}: {one.reason}" for one in verdict.invalid)


def holder_json(one: Holder, trust: Trust) -> dict[str, object]:
    """Return a holder, ready for `json.dumps`."""
    grant = one.grant
    return {
        "statement": grant.statement,
        "sid": grant.sid,
        "grantee": grant.grantee,
        "kind": grant.kind.value,
        "public": grant.public,
        "actions": list(one.actions),
        "conditions": list(one.conditions),
        "whole": one.whole,
        "trusted": one.is_trusted,
        "untrusted_actions": list(one.open),
        "approvals": [
            {
                "entry": by.entry,
                "owner": trust.entries[by.entry].owner,
                "reason": trust.entries[by.entry].reason,
                "expires": _day(trust, by.entry),
            }
            for by in one.trusted
        ],
        "because": one.because,
    }


def _day(trust: Trust, entry: int) -> str | None:
    expires = trust.entries[entry].expires
    return None if expires is None else expires.isoformat()
