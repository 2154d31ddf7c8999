"""Who has access to what, over policies from any source: the report of `ask`.

Policies are collected one by one. Each is judged twice to find its grantees: with an empty register, for everyone
outside that it grants access to, and with the real one, for those whom no entry approves. So the result always agrees
with the judgement.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from itertools import filterfalse
from typing import TYPE_CHECKING

from ...documents.document import Statement
from ...documents.parse import parse
from ...judgement.admission import Origin
from ...judgement.beside import Beside, RegistryPolicy
from ...judgement.judge import Repository, judge
from ...judgement.kinds.table import ResourceKind
from ...judgement.patterns.tokens import matches
from ...judgement.values.actions import ActionSets
from ...judgement.values.trust import Trust
from ...judgement.values.trust_entries import glob
from ...judgement.values.verdict import Grant, Kind, Verdict
from ...memo import by_value
from ...questions.ask.ask import NOTHING_BESIDE, ask
from ...questions.ask.question import Given, Needs, Question, Wanted
from ...questions.ask.replies import Answer, Answered
from ...questions.change.states import JUDGES
from ...sources.check.provenance import NOTHING_BEHIND, Provenance
from ..kinds.handling import SETTINGS
from .items import AMBIGUOUS, EVERY, Ambiguous, Item, Registries, Unread
from .outcomes import repository_of
from .trusted import Approvals, Trusted

if TYPE_CHECKING:
    from ...questions.roles.answer import Through


@by_value
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


@by_value
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
        kinds = (ResourceKind.REPOSITORY, ResourceKind.REGISTRY)
        self._approvals = {(kind, origin): Approvals(trust, kind, origin) for kind in kinds for origin in Origin}

    def holders_of(
        self, policy: object, repository: Repository, origin: Origin, kind: ResourceKind = ResourceKind.REPOSITORY
    ) -> Holders:
        """Return who outside can call wanted actions through a policy. That of a registry is for any repository."""
        judge_policy = JUDGES.get(kind, judge)
        everything = judge_policy(policy, repository, self._nobody, origin)
        verdict = judge_policy(policy, repository, self._trust, origin)
        named = replace(repository, name=EVERY) if kind is ResourceKind.REGISTRY else repository
        trusted = self._approvals[kind, origin].trusted_access(policy, named, verdict)
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
            said = next((one.reason for one in verdict.grants if _is_of(one, grant)), grant.reason)
            every = asked.needs is Needs.ANY or held[grant.kind, grant.grantee] == wanted
            found.append(Holder(grant, actions, conditions.get(grant.statement, ()), every, by, left, said))
        return Holders(tuple(found), tuple(dict.fromkeys(_doubts(policy, everything, self._wanted))))


def _conditions(policy: object) -> dict[int, tuple[str, ...]]:
    return {
        statement.number: tuple(dict.fromkeys(condition.key for condition in statement.conditions))
        for statement in parse(policy).statements
    }


def _may_give(statement: Statement, wanted: Wanted) -> bool:
    """Return whether a statement allows some wanted actions, or may allow them once unknown values are known."""
    sets = ActionSets()
    _, perhaps = sets.allowed_actions(statement.actions)
    return not wanted.reaching(sets.others).telling.isdisjoint(sets.names(perhaps))


def _is_of(one: Trusted | Grant, grant: Grant) -> bool:
    return (one.statement, one.kind, one.grantee) == (grant.statement, grant.kind, grant.grantee)


def _doubts(policy: object, verdict: Verdict, wanted: Wanted) -> Iterator[str]:
    if verdict.undecided:
        beside = {statement.number for statement in parse(policy).statements if not _may_give(statement, wanted)}
        yield from (undecided.reason for undecided in verdict.undecided if undecided.statement not in beside)
    yield from (f"{invalid.at}: {invalid.reason}" for invalid in verdict.invalid)


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
                "entry": number,
                "owner": entry.owner,
                "reason": entry.reason,
                "expires": entry.expires.isoformat() if entry.expires else None,
            }
            for number, entry in ((by.entry, trust.entries[by.entry]) for by in one.trusted)
        ],
        "because": one.because,
    }


@by_value
class PolicyLocation:
    """The place of a policy. `where` is its file or ARN, and `name` the repository's name, or `*` if it is unknown."""

    where: str
    account: str
    region: str
    name: str
    kind: ResourceKind = ResourceKind.REPOSITORY

    def to_json(self) -> dict[str, object]:
        """Return the place, ready for `json.dumps`."""
        return {
            "where": self.where,
            "account": self.account,
            "region": self.region or None,
            "repository": None if self.name == "*" else self.name,
            "policy": self.kind.value,
        }


@by_value
class AnsweredAt:
    """The answer about one repository."""

    place: PolicyLocation
    answered: Answered


@by_value
class HeldAt:
    """The principals that have access through one policy."""

    place: PolicyLocation
    holders: Holders


@by_value
class AccessReport:
    """The results of one run of `ask`.

    `who` is None if the run asked for every grantee. `held` then has the results; otherwise `answers` has them.
    `source` is where the policies were read. `notes` are for every reader. `roles` is the same access through roles of
    each account, if roles were read: with `who`, of those whom the caller may be one of.
    """

    who: str | None
    wanted: Wanted
    given: Given
    on: date
    source: str
    answers: tuple[AnsweredAt, ...]
    held: tuple[HeldAt, ...]
    errors: tuple[Unread, ...]
    trust: Trust
    notes: tuple[str, ...]
    provenance: Provenance = NOTHING_BEHIND
    roles: Mapping[str, Through] | None = None

    @property
    def is_undecided(self) -> bool:
        """Whether some access could not be decided."""
        undecided = (answer.answered.answer is Answer.UNDECIDED for answer in self.answers)
        by_roles = (role.perhaps or role.more or role.unread for role in (self.roles or {}).values())
        return any(undecided) or any(one.holders.doubts for one in self.held) or any(by_roles)

    @property
    def has_ways_by_roles(self) -> bool:
        """Whether someone has access through roles that the register does not cover."""
        return any(role.ways for role in (self.roles or {}).values())

    @property
    def has_untrusted(self) -> bool:
        """Whether someone has access that the register does not cover."""
        by_policies = (not holder.is_trusted for one in self.held for holder in one.holders.holders)
        return any(by_policies) or self.has_ways_by_roles


_NOT_COUNTED = "the registry policy was not read: it may allow or deny more"
_OTHER_POLICIES = (
    "`allowed` is what the policies of the repository and its registry allow: identity-based policies of a caller in "
    "another account, {} control policies can still deny it"
)
_ANYONE = (
    "`anyone` is an account that the policy does not name, in no organization that it names: accounts and "
    "organizations that it names may have access. Ask without `--who` to list everyone who has"
)
_Read = Item | Ambiguous | Unread


@by_value
class _Taken:
    """A repository's policy that waits to be evaluated. `notes` are for the reader, about how it was read."""

    place: PolicyLocation
    policy: object
    repository: Repository
    origin: Origin
    notes: tuple[str, ...] = ()


class Gathering:
    """Evaluates one question for every policy, or, if it is None, lists who can call the wanted actions.

    `beside` are the documents that apply in addition to every policy. A registry policy that is read applies to the
    registry's repositories.
    """

    def __init__(
        self, wanted: Wanted, question: Question | None, trust: Trust, beside: Beside = NOTHING_BESIDE
    ) -> None:
        self._wanted = wanted
        self._question = question
        self._trust = trust
        self._beside = beside
        self._register = Register(trust, wanted)
        self._taken: list[_Taken] = []
        self._held: list[HeldAt] = []
        self.items: list[Item] = []
        self.registries = Registries()
        self.errors: list[Unread] = []
        self.knows_registries = False
        """Whether every registry policy was taken, or its error, so that a registry without either has none."""

    def take_errors(self, unread: Iterable[Unread]) -> None:
        """Keep errors of reading."""
        self.errors += unread

    def take_policy(self, place: PolicyLocation, policy: object, repository: Repository, origin: Origin) -> None:
        """Take one policy of a repository."""
        self._taken.append(_Taken(place, policy, repository, origin))
        where = f"arn:{repository.partition}:ecr:{place.region}:{place.account}:repository/{place.name}"
        tags = dict(repository.tags) if repository.tags_known else None
        self.items.append(Item(where, place.account, place.region, place.name, policy, tags))

    def take_items(self, found: Iterable[_Read], organization: str | None, named: str | None) -> int:
        """Take items. Of the repositories, take only those whose name matches `named`, and return their number."""
        count = 0
        for one in filterfalse(_is_of_settings, found):
            if isinstance(one, Unread):
                if one.registry is not None:
                    self.registries.know(one.account, one.region, one.registry)
                    self.errors.append(one)
                elif named is None or one.arn is None or _fits(named, one.arn.partition(":repository/")[2]):
                    self.errors.append(one)
                continue
            items = one.items if isinstance(one, Ambiguous) else (one,)
            if items[0].kind is ResourceKind.REGISTRY:
                for item in items:
                    self._take_registry(item, organization, ambiguous=isinstance(one, Ambiguous))
            elif named is None or _fits(named, items[0].name):
                count += 1
                for item in items:
                    self._take_item(item, organization, ambiguous=isinstance(one, Ambiguous))
        return count

    def _take_item(self, item: Item, organization: str | None, *, ambiguous: bool) -> None:
        self.items.append(item)
        place = PolicyLocation(item.arn, item.account, item.region, item.name)
        notes = tuple(note for note in (item.note, AMBIGUOUS if ambiguous else None) if note)
        # As text, so that identical policies are evaluated once, whether AWS Config has them as text or objects.
        policy = item.policy if item.policy is None or isinstance(item.policy, str) else json.dumps(item.policy)
        self._taken.append(_Taken(place, policy, repository_of(item, organization), Origin.DEPLOYED, notes))

    def _take_registry(self, item: Item, organization: str | None, *, ambiguous: bool) -> None:
        unread = AMBIGUOUS if ambiguous else None
        self.registries.know(item.account, item.region, RegistryPolicy(item.policy, item.scope, unread))
        if self._question is None and item.policy is not None:
            place = PolicyLocation(item.arn, item.account, item.region, item.name, ResourceKind.REGISTRY)
            repository = repository_of(item, organization)
            held = self._register.holders_of(item.policy, repository, Origin.DEPLOYED, ResourceKind.REGISTRY)
            self._held.append(HeldAt(place, held))

    def report(self, source: str, on: date, given: Given) -> AccessReport:
        """Evaluate everything that was taken, and return the report in the order of places. Raises QuestionError."""
        taken = sorted(self._taken, key=lambda one: one.place.where)
        question = self._question
        answers: list[AnsweredAt] = []
        if question is not None:
            answers = [AnsweredAt(one.place, self._answer_question(one, question)) for one in taken]
        else:
            self._held += [
                HeldAt(one.place, self._register.holders_of(one.policy, one.repository, one.origin)) for one in taken
            ]
        held = sorted(self._held, key=lambda one: one.place.where)
        return AccessReport(
            None if question is None else question.caller.text,
            self._wanted,
            given,
            on,
            source,
            tuple(answers),
            tuple(held),
            tuple(self.errors),
            self._trust,
            tuple(self._notes()),
        )

    def _answer_question(self, one: _Taken, question: Question) -> Answered:
        known = self.registries.find_policy(one.place.account, one.place.region)
        beside = self._beside if known is None else self._beside._replace(registry=known)
        found = ask(one.policy, one.repository, question, self._trust, one.origin, beside)
        return replace(found, notes=(*found.notes, *one.notes)) if one.notes else found

    def _notes(self) -> Iterator[str]:
        if self._question is not None:
            if self._question.caller.is_anyone:
                yield _ANYONE
            yield _OTHER_POLICIES.format("and service" if self._beside.rcps else "service and resource")
        places = {(one.place.account, one.place.region) for one in self._taken}
        is_known = self.knows_registries or self._beside.registry is not None
        if not is_known and any(self.registries.find_policy(*place) is None for place in places):
            yield _NOT_COUNTED


def _is_of_settings(one: _Read) -> bool:
    """Return whether an item is about future repositories or exchanges between registries: `ask` ignores these."""
    if isinstance(one, Unread):
        return one.about in {setting.lack for setting in SETTINGS.values()}
    return isinstance(one, Item) and one.kind in SETTINGS


def _fits(named: str, name: str) -> bool:
    return matches(glob(named), name)
