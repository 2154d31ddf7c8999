"""The access of outsiders through roles of an account: all entries, all chains, all repositories.

A question of `ask` is about a part of it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import or_
from typing import NamedTuple

from ...documents.conditions import Base, Condition, Operator
from ...documents.document import Effect
from ...documents.problems import first_of, quote
from ...judgement.conditions.operators import Clause, clause, key_condition
from ...judgement.context.domains import Values
from ...judgement.patterns.automaton import BudgetSpentError
from ...judgement.reasons import name_of, telling_of
from ...judgement.values.actions import ActionSets, access_of, split
from ...judgement.values.trust import Trust, TrustLevel
from ...judgement.values.trust_entries import BY_ROLES
from ...judgement.values.verdict import Witness
from ..ask.question import Caller, Wanted
from .account import Role
from .answer import (
    Approved,
    Hop,
    Leaves,
    More,
    PossibleWay,
    Through,
    WayIn,
    approved_ranks,
    join_hops,
    may_be,
    with_sender,
)
from .chains import Chains, Part, Step
from .house import NOBODY_TRUSTED, Account, House, leading
from .outsiders import RANKS, SOMEONE, Entry, Outsider, TrustStatement, Who
from .permissions import Shown
from .services import doubts_about_services, services_inside, web_entries
from .sessions import (
    ANY_FORMS,
    ASSUME,
    OWN_NAME,
    OWN_SOURCE,
    PRINCIPAL_TAG,
    REQUEST_TAG,
    SAML,
    SESSION_NAME,
    SOURCE_IDENTITY,
    WEB_IDENTITY,
    WRITTEN,
    Session,
)

_RANKS = (*RANKS.values(),)
_EVERY = sum(_RANKS)
_ADMIN = _RANKS[-1]
_USERID = "aws:userid"
_OF_A_DOOR, _OF_A_WAY = 500, 50
_Circles = tuple[TrustLevel, TrustLevel, TrustLevel]


Asked = Callable[[ActionSets], int]
"""The actions that a question is about, of those that were read."""


def search_roles(account: Account, trust: Trust, asked: Asked = lambda _: -1) -> Through:
    """Return the access of outsiders through roles of an account."""
    return _Search(House(account, trust), asked).answer()


@dataclass(slots=True)
class _Doubtful:
    places: int = 0
    mask: int = 0


_Approvals = tuple[int, ...] | None
"""The places of the entries of the register that approve an access, or None if it is not approved."""


class _Key(NamedTuple):
    """Entries that are followed together: of one outsider, to the same accesses, under the same parts of a register."""

    outsider: Outsider
    ranks: int
    about: tuple[Trust, ...]
    approved: _Approvals


class _Search:
    """One search of an account."""

    def __init__(self, house: House, asked: Asked) -> None:
        self._house = house
        self._asked = asked
        self._chains = Chains(house)
        self._ways: list[WayIn] = []
        self._doubts: dict[tuple[Outsider, tuple[str, ...], str], _Doubtful] = {}
        self._approved: dict[tuple[Outsider, tuple[str, ...], tuple[int, ...]], _Doubtful] = {}
        self._told: dict[tuple[Outsider, str, int, _Approvals], list[int]] = {}
        self._more: dict[tuple[Outsider, tuple[str, ...]], More] = {}
        self._leaves: dict[tuple[Outsider, str], Leaves] = {}
        self._entered_by: dict[Hashable, list[Entry]] = {}
        self._everywhere = house.trust.about("*")
        self._alone = [replace(house.trust, entries=(entry,)) for entry in house.trust.entries]
        self._led: dict[tuple[Step, tuple[tuple[str, Values], ...]], tuple[Hop, ...] | None] = {}
        self._calls: dict[tuple[int, tuple[tuple[str, Values], ...]], Witness | None] = {}

    def answer(self) -> Through:
        """Return the answer. First come the roles that outsiders may assume themselves, and then chains."""
        account = self._house.account
        unread = [*self._house.unread]
        try:
            firsts = self._firsts()
            for key, steps in firsts.items():
                for step in steps:
                    self._reach(step, key)
            self._chains.find_alike()
            for key, steps in firsts.items():
                for step in self._chains.following(steps):
                    self._reach(step, key)
        except BudgetSpentError:
            unread.append("the work budget was spent before everything was tried: outsiders may have more access")
        perhaps = tuple(
            PossibleWay(who, chain, self._arns(one.places), access_of(one.mask), reason)
            for (who, chain, reason), one in self._doubts.items()
        )
        return Through(
            tuple(sorted(self._ways, key=_worst_first)),
            perhaps,
            tuple(self._more.values()),
            tuple(unread),
            tuple(self._notes()),
            len(account.roles),
            leaves=tuple(self._leaves.values()),
            approved=tuple(
                Approved(who, chain, self._arns(one.places), access_of(one.mask), by)
                for (who, chain, by), one in self._approved.items()
            ),
        )

    def _firsts(self) -> dict[_Key, list[Step]]:
        found: dict[_Key, list[Step]] = {}
        groups = tuple({id(one): one for one, _ in self._house.groups}.values())
        # Whatever repository it is about, what else a role may do matters to those who may do everything with it.
        every = dict.fromkeys((*groups, self._everywhere))
        for role in self._house.account.roles:
            entries: dict[tuple[int, int, _Approvals], tuple[Entry, list[Trust]]] = {}
            for about in every:
                for entry, ranks, approved in self._by_approval(role, about):
                    entries.setdefault((id(entry), ranks, approved), (entry, []))[1].append(about)
            for (_, ranks, approved), (entry, some) in entries.items():
                key = _Key(entry.outsider, ranks, tuple(some), approved)
                found.setdefault(key, []).append(self._chains.first_step(role, entry))
        return found

    def _by_approval(self, role: Role, about: Trust) -> Iterator[tuple[Entry, int, _Approvals]]:
        """Yield each entry with the accesses that the register does not cover, and with those that it covers."""
        open_to: dict[Outsider, int] = {}
        for entry, ranks in self._left_by(role, about):
            open_to[entry.outsider] = open_to.get(entry.outsider, 0) | ranks
            if ranks:
                yield entry, ranks, None
        for entry in self._entries(role, NOBODY_TRUSTED) if about.current else ():
            covered = entry.ranks & ~open_to.get(entry.outsider, 0)
            if covered and entry.outsider.kind is not Who.UNKNOWN:
                yield entry, covered, tuple(self._approving(role, about, entry.outsider, covered))

    def _left_by(self, role: Role, about: Trust) -> Iterator[tuple[Entry, int]]:
        """Yield who can assume a role, with the accesses that a register does not cover.

        It says whom a policy of the repository may allow, and who may come by the role.
        """
        trusted = self._naming(about.by_role(role.arn.partition(":role/")[2]), role)
        for entry in self._entries(role, _without_networks(trusted.circles(self._house.account.organization))):
            yield entry, entry.ranks & ~approved_ranks(trusted, entry.outsider)

    def _approving(self, role: Role, about: Trust, outsider: Outsider, ranks: int) -> Iterator[int]:
        """Yield the entries of the register that cover some of the accesses of an outsider, each if it were alone."""
        document = None if role.trust is None else role.trust.document
        said = document if isinstance(document, str) else json.dumps(document, default=str)
        for place, alone in enumerate(self._alone):
            (entry,) = alone.entries
            may_name = entry.subject in BY_ROLES or "\\u" in said
            if entry in about.current and (may_name or entry.may_be_in(said, self._house.account.organization)):
                left = [open_to for one, open_to in self._left_by(role, alone) if one.outsider == outsider]
                if ranks & ~reduce(or_, left, 0):
                    yield place

    def _arns(self, places: int) -> tuple[str, ...]:
        every = self._house.account.repositories
        return tuple(one.arn for place, one in enumerate(every) if places >> place & 1)

    def _naming(self, trust: Trust, role: Role) -> Trust:
        document = None if role.trust is None else role.trust.document
        return trust.naming(document, self._house.account.organization)

    def _notes(self) -> Iterator[str]:
        services: dict[str, None] = {}
        for role in self._house.account.roles:
            yield from (f"{role.shown}: {note}" for note in self._house.notes_of(role))
            if not role.is_service_linked:
                services |= dict.fromkeys(services_inside(self._house.trust_of(role).statements, role.account))
        if services:
            names = first_of(sorted(services), 3)
            yield f"services that act for this account, because a role is passed only within its account: {names}"
        if any(role.is_service_linked for role in self._house.account.roles):
            yield "service-linked roles act for this account, because only the service of each can assume it"

    # --- entries ---

    def _entries(self, role: Role, circles: _Circles) -> list[Entry]:
        """Return who can assume a role from outside, and why someone else may: those for certain come first."""
        key = (self._house.door_key(role), circles)
        found = self._entered_by.get(key)
        if found is None:
            self._chains.budget.spend(_OF_A_DOOR)
            every = sorted(self._entering(role, circles), key=lambda entry: entry.doubt is not None)
            found = self._entered_by[key] = every
        return found

    def _entering(self, role: Role, circles: _Circles) -> Iterator[Entry]:
        if role.is_service_linked:
            return
        if role.is_of_identity_center:
            reason = f"IAM Identity Center decides, in another account perhaps, who gets into {role.shown}"
            yield from _perhaps(SOMEONE, reason)
            return
        policy = self._house.trust_of(role)
        if policy.unread:  # then no statement of it is certain
            yield from _perhaps(SOMEONE, policy.unread[0])
            return
        door = self._house.door(role, circles)
        yield from door.entries()
        for who, reason in doubts_about_services(door.allows, role.account):
            yield from _perhaps(who, reason)
        for allow in door.allows:
            yield from self._token_entries(allow, door.denies)

    def _token_entries(self, one: TrustStatement, denies: Sequence[TrustStatement]) -> Iterator[Entry]:
        """Yield who has access with a token, or why that is not known."""
        principals, account = one.statement.principals, self._house.account.number
        for found in web_entries(one, account, denies, _EVERY) if one.calls & WEB_IDENTITY else ():
            yield from (found,) if isinstance(found, Entry) else _perhaps(*found)
        for provider in one.federated if one.calls & SAML else ():
            own = provider.partition(f":iam::{account}:saml-provider/")[2]
            who = Outsider(Who.SAML, own) if own else SOMEONE
            reason = f"{name_of(one.statement)} allows whom {quote(provider)} knows"
            yield from _perhaps(who, f"{reason}; an entry `saml` of the register can approve it" if own else reason)
        if principals.admits_anyone and one.calls & (WEB_IDENTITY | SAML):
            yield from _perhaps(SOMEONE, f"{name_of(one.statement)} allows `*` with a token, which is not documented")

    # --- what they reach ---

    def _reach(self, step: Step, key: _Key) -> None:
        """Tell what a session can do with each repository, and what else."""
        allowed = _of_ranks(key.ranks) & self._asked(self._house.sets)
        for part in self._chains.parts(step.role):
            if part.about in key.about:
                if key.approved is None:
                    self._reach_part(step, part, allowed)
                else:
                    self._approve(step, part, allowed, key.approved)
        if key.ranks & _ADMIN and key.approved is None and self._everywhere in key.about:
            self._find_more(step)

    def _reach_part(self, step: Step, part: Part, allowed: int) -> None:
        self._chains.budget.spend(1)
        found = self._chains.of_part(step, part)
        known = self._told.setdefault((step.entry.outsider, step.role.arn, part.places, None), [0, 0])
        sure, perhaps = found.sure & allowed & ~known[0], (found.sure | found.perhaps) & allowed & ~known[0]
        if not perhaps:
            return
        shown = self._tell(step, part, found.shown, sure) if sure and step.doubt is None else 0
        known[0] |= shown
        left = perhaps & ~shown & ~known[1]
        if left:
            known[1] |= left
            reason = step.doubt or self._chains.doubt_of(step, part)
            doubtful = self._doubts.setdefault((step.entry.outsider, step.chain, reason), _Doubtful())
            doubtful.places |= part.places
            doubtful.mask |= left

    def _approve(self, step: Step, part: Part, allowed: int, entries: tuple[int, ...]) -> None:
        self._chains.budget.spend(1)
        found = self._chains.of_part(step, part)
        known = self._told.setdefault((step.entry.outsider, step.role.arn, part.places, entries), [0, 0])
        mask = (found.sure | found.perhaps) & allowed & ~known[0]
        if mask:
            known[0] |= mask
            least = min(access.rank for access in access_of(mask))
            by = tuple(entry for entry in entries if self._house.trust.entries[entry].access.rank >= least)
            approved = self._approved.setdefault((step.entry.outsider, step.chain, by), _Doubtful())
            approved.places |= part.places
            approved.mask |= mask

    def _tell(self, step: Step, part: Part, shown: Iterable[Shown], sure: int) -> int:
        """Add a way for those actions whose requests fit together, and return them."""
        found = 0
        hops: tuple[Hop, ...] = ()
        for one in sorted(shown, key=lambda one: -(one.actions & sure)):
            mask = one.actions & sure & ~found
            if not mask:
                continue
            action = telling_of(self._house.sets, mask)
            witness = one.witness(action)
            before = None if witness is None else self._leading_hops(step, pins_of(step.session, one))
            self._chains.budget.spend(_OF_A_WAY)
            if witness is None or before is None:
                continue
            if not found:
                hops = (*before, Hop(with_sender(step.role, witness), part.first.arn))
            found |= mask
        if found:
            statement = step.entry.statement
            place = "" if statement is None else name_of(statement)
            names, some = self._house.sets.names(found), self._arns(part.places)
            self._ways.append(WayIn(step.entry.outsider, step.chain, some, names, place, join_hops(hops)))
        return found

    def _leading_hops(self, step: Step, pins: Mapping[str, Values]) -> tuple[Hop, ...] | None:
        """Return the calls that lead to a session that has some values, or None if no calls certainly do."""
        key = (step, tuple(sorted(pins.items(), key=lambda pin: pin[0])))
        if key not in self._led:
            self._led[key] = self._leading(step, pins)
        return self._led[key]

    def _leading(self, step: Step, pins: Mapping[str, Values]) -> tuple[Hop, ...] | None:
        if step.before is None or step.edge is None:
            witness = self._entry_witness(step.entry, pins)
            return None if witness is None else (Hop(witness, step.role.arn),)
        shown = step.edge.shown if not pins else step.edge.again(_clauses_of_pins(pins))
        witness = None if shown is None else shown.witness(WRITTEN[ASSUME])
        if shown is None or witness is None:
            return None
        before = self._leading_hops(step.before, pins_of(step.before.session, shown))
        return None if before is None else (*before, Hop(with_sender(step.before.role, witness), step.role.arn))

    def _entry_witness(self, entry: Entry, pins: Mapping[str, Values]) -> Witness | None:
        """Return the call from outside with which a session has some values."""
        if not pins or entry.call is None:
            return entry.witness
        key = (id(entry), tuple(sorted(pins.items(), key=lambda pin: pin[0])))
        if key not in self._calls:
            again = entry.call.entries(_clauses_of_pins(pins))
            fitting = (one.witness for one in again if one.outsider == entry.outsider and one.doubt is None)
            self._calls[key] = next(fitting, None)
        return self._calls[key]

    def _find_more(self, step: Step) -> None:
        found, who = self._chains.more(step), step.entry.outsider
        actions, roles = leading(found.sure | found.perhaps), self._chains.leaving(step.session)
        if actions:
            certain = step.doubt is None and leading(found.sure) == actions
            self._more.setdefault((who, step.chain), More(who, step.chain, actions, certain))
        if roles:
            self._leaves.setdefault((who, step.role.arn), Leaves(who, step.chain, roles))


def _perhaps(who: Outsider, reason: str) -> Iterator[Entry]:
    """Yield entries of someone who may have a session. It is not certain, and not known what they choose for it."""
    for form in ANY_FORMS:
        yield Entry(who, _EVERY, form, None, None, reason)


def _of_ranks(ranks: int) -> int:
    """Return the actions of the accesses in a set of RANKS."""
    return sum(mask for rank, mask in enumerate(_MASKS) if _RANKS[rank] & ranks)


_MASKS = tuple(part for _, part in split(-1))


def _without_networks(circles: _Circles) -> _Circles:
    """Return whom the register trusts. A trusted network is about calls of Amazon ECR, and not about those of STS."""
    read, write, admin = (circle._replace(vpcs=frozenset(), endpoints=frozenset()) for circle in circles)
    return read, write, admin


def _worst_first(way: WayIn) -> tuple[int, str, int, str]:
    worst = max(access.rank for access in way.access)
    return -worst, way.repositories[0], len(way.chain), way.outsider.name


def pins_of(session: Session, shown: Shown) -> Mapping[str, Values]:
    """Return the values of the session that a request needs and the caller chose, by the key of the call."""
    found: dict[str, Values] = {}
    asked = shown.problem.keys
    for key, values in shown.values.items():
        if key == _USERID and values is not None and asked & {_USERID, OWN_NAME}:
            found[SESSION_NAME] = (values[0].partition(":")[2],)
        elif key == OWN_SOURCE and session.form.sourced and key in asked:
            found[SOURCE_IDENTITY] = values
        elif key.startswith(PRINCIPAL_TAG) and session.form.tagged and key in asked:
            name = key.removeprefix(PRINCIPAL_TAG)
            own = [value for other, value in (session.role.tags or {}).items() if other.lower() == name]
            if values is None or [*values] != own:
                found[REQUEST_TAG + name] = values
    return found


def _clauses_of_pins(pins: Mapping[str, Values]) -> tuple[Clause, ...]:
    found: list[Condition] = []
    for key, values in pins.items():
        if values is None:
            found.append(Condition(Operator(Base.NULL, source="Null"), key, key, (True,)))
        else:
            found.append(key_condition(key, values, Base.STRING_EQUALS))
    return tuple(clause(condition, Effect.ALLOW) for condition in found)


# --- of this access, what a question of `ask` is about ---

INSIDE = "the caller is of the account itself, and its way to a role is not followed"
"""Why more may exist than the access of outsiders."""


def asked_through(account: Account, trust: Trust, wanted: Wanted, caller: Caller | None) -> Through:
    """Return who can call wanted actions through roles of an account: everyone outside, or those a caller may be of."""

    def actions_asked_in(sets: ActionSets) -> int:
        return reduce(or_, map(sets.bit_of, wanted.reaching(sets.others).actions), 0)

    found = search_roles(account, trust, actions_asked_in)
    telling = wanted.reaching(action for way in found.ways for action in way.actions).telling
    found = replace(found, ways=tuple(way for way in found.ways if not telling.isdisjoint(way.actions)))
    if caller is None:
        return found
    if caller.account == account.number:
        return replace(found.select(lambda _: False), unread=(*found.unread, INSIDE))
    return found.select(lambda who: may_be(caller, who))
