"""What several forms of a policy give together, without losing an action of any of them.

Access that a grantee has in every form is certain. Access that only some forms give is reported with their condition
and with its own severity, so that less knowledge never makes a result greener.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from ...documents.document import Document, statements_in
from ...documents.pattern import holes_in
from ...judgement.grants import severity
from ...judgement.reasons import abilities, telling_action
from ...judgement.values.actions import access_of_names, mask_of
from ...judgement.values.verdict import Grant, Kind, Settles, Undecided, Verdict, combine_verdicts
from .answer import Change, Opened
from .owners import TOO_MANY_OWNERS, Owner
from .states import Form, Guard, State, either, owners_of

_Grantee = tuple[Document, Kind, str]


class Case(NamedTuple):
    """What is found under a condition.

    `by_default`: whether it applies if parameters have their defaults. `otherwise`: says in words that this case does
    not apply, and that one of the other cases does. `settled_by`: what settles whether it applies.
    """

    when: Guard
    by_default: bool
    found: Opened
    otherwise: str = ""
    settled_by: Settles | None = None


def verdict_of_forms(state: State) -> Verdict:
    """Judge a state for every account that may own it, in every form, and combine the verdicts.

    Access under a condition is undecided. The doubt has its grant.
    """
    if state.owners is None:
        return _of_forms(state)
    owners = owners_of(state.owners, state)
    if owners is None:
        return combine_verdicts([], tuple, [Undecided(None, TOO_MANY_OWNERS)])
    judged = [(owner, _of_forms(state.owned_by(owner.account))) for owner in owners]
    cases = [case_of(owner, Opened(tuple(map(Change, one.grants)), one.undecided)) for owner, one in judged]
    usual = [verdict for owner, verdict in judged if owner.by_default] or [verdict for _, verdict in judged]
    is_each = bool(state.owners.accounts and state.owners.each)
    found = anywhere(cases) if is_each else together(cases)
    return combine_verdicts(usual, found.grants, found.undecided, counted=any if is_each else all)


def case_of(owner: Owner, found: Opened) -> Case:
    """Return what is found if an account is the owner."""
    return Case(Guard(owner.words), owner.by_default, found, owner.otherwise, Settles.OWNER)


def _of_forms(state: State) -> Verdict:
    judged = [(one, state.verdict(one)) for one in state.forms]
    doubts = tuple(Undecided(None, reason) for reason in state.doubts)
    _, first = judged[0]
    if len(judged) == 1:
        return replace(first, undecided=tuple(dict.fromkeys((*first.undecided, *doubts)))) if doubts else first
    found = together([Case(form.when, form.by_default, _access_of_form(form, verdict)) for form, verdict in judged])
    usual = [verdict for form, verdict in judged if form in state.usual]
    return combine_verdicts(usual, found.grants, (*found.undecided, *doubts), counted=all)


def _access_of_form(form: Form, verdict: Verdict) -> Opened:
    """Return what a form gives. If parameters do not have their defaults, its faults are doubts."""
    faults = [Undecided(None, f"{invalid.at}: {invalid.reason}") for invalid in verdict.invalid if not form.by_default]
    changes = tuple(map(Change, verdict.grants))
    return number_statements(form, Opened(changes, (*verdict.undecided, *faults)))


def number_statements(form: Form, found: Opened) -> Opened:
    """Return what a form gives, with the numbers that statements have among those of all forms.

    If parameters do not have their defaults, a doubt about a value that may be anything says nothing.
    """

    def number_grant(grant: Grant) -> Grant:
        return replace(grant, statement=form.number(grant.statement, grant.document))

    def doubt(one: Undecided) -> Undecided:
        number = None if one.statement is None else form.number(one.statement, one.document)
        return replace(one, statement=number, grant=None if one.grant is None else number_grant(one.grant))

    changes = tuple(replace(change, grant=number_grant(change.grant)) for change in found.changes)
    doubts = (undecided for undecided in found.undecided if form.by_default or not _is_beyond(form, undecided))
    return Opened(changes, tuple(map(doubt, doubts)), found.invalid)


def _is_beyond(form: Form, doubt: Undecided) -> bool:
    """Return whether a doubt is about a statement, or a policy that is one text, whose value may be anything."""
    is_elsewhere = doubt.document is Document.REGISTRY and form.registry is not None
    policy = form.registry.document if is_elsewhere and form.registry is not None else form.policy
    if isinstance(policy, Mapping):
        if doubt.statement is None:
            return False
        policy = dict(enumerate(statements_in(policy))).get(doubt.statement, policy)
    return not form.beyond.isdisjoint(holes_in(policy))


# --- all cases together ---


def together(cases: Sequence[Case]) -> Opened:
    """Return what is found in all cases: what is certain as changes, and the rest with its condition as doubts.

    If every case gives someone access, but no grantee has any of it in all of them, each change is kept, and says when
    it applies.
    """
    if len(cases) == 1:
        return cases[0].found
    usual = [one for one in cases if one.by_default] or cases
    always = _always(usual)
    certain: list[Change] = []
    doubts = _doubts(cases, usual)
    for held in _alike(cases):
        change = held[0][1]
        of_usual = [one for one, _ in held if one in usual]
        if len(of_usual) < len(usual):
            change = _qualify_change(held, cases)
        grant = change.grant
        known = always[_class(grant)]
        in_every = known is not None and (not known or set(grant.actions) <= known.get(_grantee(grant), frozenset()))
        if len(of_usual) == len(usual) or (of_usual and in_every):
            certain.append(change)
        else:
            doubts[Undecided(grant.statement, grant.reason, grant.document, grant)] = None
    certain += _remaining_access(usual, always, certain)
    certain.sort(key=lambda one: -one.grant.severity)
    invalid = dict.fromkeys(fault for one in cases for fault in one.found.invalid)
    return Opened(tuple(certain), tuple(doubts), tuple(invalid))


def anywhere(cases: Sequence[Case]) -> Opened:
    """Return what is found in any of several cases that all apply, such as a resource in each of several accounts."""
    alike = _alike(cases)
    changes = [held[0][1] if len(held) == len(cases) else _qualify_change(held, cases) for held in alike]
    changes.sort(key=lambda one: -one.grant.severity)
    invalid = dict.fromkeys(fault for one in cases for fault in one.found.invalid)
    return Opened(tuple(changes), tuple(_doubts(cases, cases)), tuple(invalid))


def _qualify_change(held: Sequence[tuple[Case, Change]], cases: Sequence[Case]) -> Change:
    """Return a change that says in which of the cases it is found."""
    change = held[0][1]
    reason = _qualify_reason([one for one, _ in held], cases, change.grant.reason)
    return replace(change, grant=replace(change.grant, reason=reason))


_Always = Mapping[_Grantee, frozenset[str]]
"""The actions that each grantee has in every case."""


def _class(grant: Grant) -> bool:
    """Return whether a grantee is a service. A service's access does not make that of a principal certain."""
    return grant.kind is Kind.SERVICE


def _grantee(grant: Grant) -> _Grantee:
    return grant.document, grant.kind, grant.grantee


def _always(usual: Sequence[Case]) -> Mapping[bool, _Always | None]:
    """Return what grantees have in every case, for services and for others. None if a case gives none of them access.

    It is empty if all cases give access, but no grantee has the same access in all of them.
    """
    return {served: _of_class(usual, served=served) for served in (False, True)}


def _of_class(usual: Sequence[Case], *, served: bool) -> _Always | None:
    held: list[dict[_Grantee, set[str]]] = []
    for one in usual:
        mine: dict[_Grantee, set[str]] = {}
        for grant in (change.grant for change in one.found.changes):
            if _class(grant) is served:
                mine.setdefault(_grantee(grant), set()).update(grant.actions)
        held.append(mine)
    if not all(held):
        return None
    first, *others = held
    common = {
        who: frozenset(actions).intersection(*(one.get(who, ()) for one in others)) for who, actions in first.items()
    }
    return {who: actions for who, actions in common.items() if actions}


def _alike(cases: Sequence[Case]) -> Iterable[list[tuple[Case, Change]]]:
    """Return the same access in all cases that give it, those by default first."""
    groups: dict[object, list[tuple[Case, Change]]] = {}
    for one in sorted(cases, key=lambda one: not one.by_default):
        for change in one.found.changes:
            grant = change.grant
            key = (*_grantee(grant), grant.statement, grant.actions, grant.public, change.by_trust)
            groups.setdefault(key, []).append((one, change))
    return groups.values()


def _doubts(cases: Sequence[Case], usual: Sequence[Case]) -> dict[Undecided, None]:
    """Return the doubts of all cases. Those that not all cases have say when they apply."""
    groups: dict[Undecided, list[Case]] = {}
    for one in cases:
        for doubt in one.found.undecided:
            groups.setdefault(doubt, []).append(one)
    found: dict[Undecided, None] = {}
    for doubt, held in groups.items():
        is_usual = sum(one in usual for one in held) == len(usual)
        found[doubt if is_usual else _limit_doubt(doubt, held, cases)] = None
    return found


def _limit_doubt(doubt: Undecided, held: Sequence[Case], cases: Sequence[Case]) -> Undecided:
    """Return a doubt that says when it applies. Settling that settles it, too."""
    reason = _qualify_reason(held, cases, doubt.reason)
    return replace(doubt, reason=reason, settled_by=doubt.settled_by or held[0].settled_by)


def _qualify_reason(held: Sequence[Case], cases: Sequence[Case], reason: str) -> str:
    """Return a reason with the conditions of the cases in which it is true."""
    others = [one for one in cases if one not in held]
    is_simple = len(others) == 1 and bool(others[0].otherwise)
    when = Guard(others[0].otherwise) if is_simple else either(one.when for one in held if one.when)
    return f"if {when}: {reason}" if when else reason


def _remaining_access(
    usual: Sequence[Case], always: Mapping[bool, _Always | None], certain: Sequence[Change]
) -> list[Change]:
    """Return the access that is certain, though a different statement or set of actions gives it in each case."""
    left: list[Change] = []
    for who, actions in ((who, actions) for each in always.values() if each for who, actions in each.items()):
        rest = actions.difference(*(change.grant.actions for change in certain if _grantee(change.grant) == who))
        mine = [change for case in usual for change in case.found.changes if _grantee(change.grant) == who]
        while rest:
            most = max(mine, key=lambda one: len(rest.intersection(one.grant.actions)))
            left.append(replace(most, grant=_only(most.grant, rest)))
            rest = rest.difference(most.grant.actions)
    return left


def _only(grant: Grant, actions: Iterable[str]) -> Grant:
    names = tuple(name for name in grant.actions if name in actions)
    action = grant.witness.action if grant.witness.action in names else telling_action(names)
    return replace(
        grant,
        actions=names,
        access=access_of_names(names),
        severity=severity(grant.kind, mask_of(names), public=grant.public),
        reason=f"{grant.reason.partition(' can ')[0]} can {abilities(names)}, whichever of the conditions holds",
        witness=grant.witness.calling(action),
    )
