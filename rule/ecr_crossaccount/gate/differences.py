"""What a change of files opens and closes: the policies of two states, matched and compared one by one."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ..access.judge import Repository
from ..access.named import trust_in
from ..access.verdict import Undecided
from ..difference.answer import Change, Difference, Direction
from ..difference.kinds import cache_difference, public_difference, registry_difference, replication_difference
from ..difference.policies import difference
from ..provenance import NOTHING_BEHIND, Provenance
from .alternatives import forms_of
from .context import Context
from .dispatch import NOT_OURS
from .findings import NO_ACCOUNT
from .found import FoundPolicy, Kind, Otherwise, Skipped, Unjudged, Unread
from .judging import RESTS_ON_DEFAULT, placed, repository_of
from .matching import Pair, State, pairs_of
from .values.places import Place

_COMPARE = {
    Kind.REGISTRY: registry_difference,
    Kind.PUBLIC_REPOSITORY: public_difference,
    Kind.REPLICATION: replication_difference,
    Kind.PULL_THROUGH_CACHE: cache_difference,
}
"""The comparison for each kind of policy other than that of a private repository."""


Left = Unjudged | Skipped
"""Something that was found and not judged, or that is absent."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One resource in both states, or in one of them."""

    pair: Pair
    repository: Repository
    difference: Difference
    notes: tuple[str, ...] = ()

    @property
    def what(self) -> str:
        """What happened to the resource: "added", "removed" or "changed"."""
        if self.pair.before is None:
            return "added"
        return "removed" if self.pair.after is None else "changed"

    def place_of(self, statement: int | None, found: FoundPolicy | None) -> Place:
        """Return the place of a statement in one state, or that of the policy if it is unknown."""
        one = found or self.pair.found
        known = statement is not None and statement < len(one.statements)
        return one.statements[statement or 0] if known else one.at


@dataclass(frozen=True, slots=True)
class Side:
    """The parts of one state that were not compared."""

    errors: tuple[Unread, ...] = ()
    unknown: tuple[Left, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything that one comparison found, in the order of the new files. Removed resources come last.

    `unknown`: what was found in one state and not judged, unless it is unchanged in the other state.
    """

    compared: tuple[Compared, ...]
    old: Side = Side()
    new: Side = Side()
    names: tuple[str, str] = ("OLD", "NEW")
    provenance: Provenance = NOTHING_BEHIND

    @property
    def told(self) -> tuple[Compared, ...]:
        """The resources whose access may differ from before, and those with notes."""
        return tuple(one for one in self.compared if one.notes or not one.difference.is_none)

    @property
    def errors(self) -> tuple[tuple[str, Unread], ...]:
        """Everything that could not be read, each with the name of its state."""
        return tuple(
            (name, one) for name, side in zip(self.names, (self.old, self.new), strict=True) for one in side.errors
        )

    @property
    def unknown(self) -> tuple[tuple[str, Left], ...]:
        """Everything that was found and not judged, each with the name of its state."""
        sides = zip(self.names, (self.old, self.new), strict=True)
        return tuple((name, one) for name, side in sides for one in side.unknown)


def comparison_of(old: State, new: State, names: tuple[str, str] = ("OLD", "NEW")) -> Comparison:
    """Compare the policies of two states. A policy without a known owner becomes an error."""
    errors: tuple[list[Unread], list[Unread]] = ([], [])
    before, after = (_owned(state, faults) for state, faults in zip((old, new), errors, strict=True))
    compared = [_compared(pair, old, new) for pair in pairs_of(before, after, old, new)]
    sides = [
        Side(
            tuple(dict.fromkeys((*state.harvest.errors, *faults))),
            tuple(_unlike(state, other)),
        )
        for state, other, faults in ((old, new, errors[0]), (new, old, errors[1]))
    ]
    return Comparison(tuple(compared), sides[0], sides[1], names)


def _owned(state: State, faults: list[Unread]) -> list[FoundPolicy]:
    owned: list[FoundPolicy] = []
    for found in state.harvest.policies:
        account = found.account or state.context.account
        if account is None:
            faults.append(Unread(found.at.file, found.at.line, NO_ACCOUNT, found.resource))
        else:
            owned.append(replace(found, account=account))
    return owned


# --- policies that were not judged ---


def _absent(state: State) -> tuple[Skipped, ...]:
    """Return the absent files, and the files that the user named and that hold nothing about ECR.

    Such a file may be the wrong one.
    """
    return tuple(one for one in state.harvest.skipped if one.absent or one.reason == NOT_OURS)


def _left(state: State) -> tuple[Left, ...]:
    return (*state.harvest.unjudged, *_absent(state))


def _unlike(state: State, other: State) -> Iterator[Left]:
    """Yield each unjudged item, unless the other state has it too in the same file with the same text."""
    known = {_identity(one, other) for one in _left(other)}
    for one in dict.fromkeys(_left(state)):
        name = state.named(one.file)
        if _identity(one, state) not in known or state.text_of(name) != other.text_of(name):
            yield one


def _identity(one: Left, state: State) -> Hashable:
    return state.named(one.file), getattr(one, "resource", ""), one.reason


# --- one resource ---


def _compared(pair: Pair, old: State, new: State) -> Compared:
    repository = repository_of(pair.found, str(pair.found.account), (old if pair.after is None else new).context)
    found = _as_far_as_read(_difference(pair, repository, new.context), pair, old, new)
    notes = (*_notes(pair, old, new), *_defaults(pair, found, repository, new.context))
    return Compared(pair, repository, found, notes)


def _as_far_as_read(found: Difference, pair: Pair, old: State, new: State) -> Difference:
    """Make a lost grant undecided if its resource may be in an unread file of the new state.

    Access that a new resource opens stays certain even if the old state was not read. Reading fewer old files must
    never hide new access.
    """
    if pair.after is not None:
        return found
    name = old.named(pair.found.at.file)
    unread = [one.file for one in new.harvest.errors] + [one.file for one in _left(new) if new.named(one.file) == name]
    if not unread:
        return found
    reason = f"`{unread[0]}` could not be read in full, and may still have this policy: {{}}"
    doubts = (Undecided(one.grant.statement, reason.format(one.grant.reason)) for one in found.closed.changes)
    undecided = tuple(dict.fromkeys((*found.closed.undecided, *doubts)))
    return replace(found, closed=Direction((), undecided))


def _defaults(pair: Pair, found: Difference, repository: Repository, context: Context) -> Iterator[str]:
    """Yield a note for each default that the result depends on."""
    for name, other in pair.after.undefaulted.items() if pair.after is not None else ():
        before = None if pair.before is None else pair.before.undefaulted.get(name, pair.before)
        made = _difference(Pair(other, before, other), repository, context)
        if _outcome(made) != _outcome(found):
            yield RESTS_ON_DEFAULT.format(name)


def _outcome(found: Difference) -> tuple[object, ...]:
    """Return the opened access without its wording."""
    return frozenset(map(_grantee, found.opened.changes)), bool(found.opened.undecided)


def _notes(pair: Pair, old: State, new: State) -> Iterator[str]:
    before, after = pair.before, pair.after
    if before is None or after is None:
        return
    if (old.named(before.at.file), before.resource) != (new.named(after.at.file), after.resource):
        yield f"it was {before.resource} in {before.at.file}: the same repository by its name and owner"
    elif before.names != after.names:
        yield f"its repository was called {_listed(before.names)}, and is now {_listed(after.names)}"


def _listed(names: Iterable[str]) -> str:
    return ", ".join("by a name that is not known" if name == "*" else f"`{name}`" for name in names)


def _difference(pair: Pair, repository: Repository, context: Context) -> Difference:
    """Compare every form that a policy may have with every form that it had."""
    kind = pair.found.kind
    trust = trust_in(context.trust, pair.found.names)
    ask = _COMPARE.get(kind, difference)
    olds, news = _forms(pair.before), _forms(pair.after)
    origins = ((pair.before or pair.found).origin, (pair.after or pair.found).origin)
    policies = [[placed(one.policy, kind, repository) for one in forms] for forms in (olds, news)]
    table = {
        (one, other): ask(policies[0][one], policies[1][other], repository, trust, origins)
        for one, other in _cells(olds, news)
    }
    made = _together(table, olds, news)
    doubts = (*_doubts(pair.after, pair.before), *_doubts(pair.before, pair.after))
    return replace(made, opened=_and(made.opened, doubts), closed=_and(made.closed, doubts)) if doubts else made


def _forms(found: FoundPolicy | None) -> list[Otherwise]:
    return [Otherwise("", None)] if found is None else forms_of(found)


def _cells(olds: Sequence[Otherwise], news: Sequence[Otherwise]) -> list[tuple[int, int]]:
    """Return the pairs of forms to compare: those with the same condition, or all pairs if the conditions differ.

    For a parameter with a default, other values are ignored because nothing is known about them.
    """
    cells = list(itertools.product(range(len(olds)), range(len(news))))
    conditions = [one.when for one in olds]
    if sorted(conditions) == sorted(one.when for one in news) and len(set(conditions)) == len(conditions):
        cells = [(one, other) for one, other in cells if olds[one].when == news[other].when]
    usual = [(one, other) for one, other in cells if not (olds[one].beyond or news[other].beyond)]
    return usual or cells


def _doubts(found: FoundPolicy | None, other: FoundPolicy | None) -> Iterator[Undecided]:
    """Yield the reasons why a policy is uncertain, except the reasons that the other policy has too."""
    for reason in () if found is None else found.doubts:
        if other is None or reason not in other.doubts:
            yield Undecided(None, reason)


def _and(direction: Direction, doubts: Iterable[Undecided]) -> Direction:
    return replace(direction, undecided=tuple(dict.fromkeys((*direction.undecided, *doubts))))


_Table = Mapping[tuple[int, int], Difference]


def _together(table: _Table, olds: Sequence[Otherwise], news: Sequence[Otherwise]) -> Difference:
    """Return what holds for all forms before and after. A change that holds only for some forms is undecided."""
    if len(table) == 1:
        return next(iter(table.values()))
    opened = _of_forms(table, lambda one: one.opened, news, 1)
    closed = _of_forms(table, lambda one: one.closed, olds, 0)
    invalid = tuple(tuple(dict.fromkeys(fault for one in table.values() for fault in one.invalid[at])) for at in (0, 1))
    return Difference(opened, closed, (invalid[0], invalid[1]))


def _of_forms(
    table: _Table, of: Callable[[Difference], Direction], forms: Sequence[Otherwise], place: int
) -> Direction:
    """Merge one direction. Access that changes in every case is certain; other changes become doubts that say when."""
    counts = Counter(
        _grantee(one) for each in table.values() for one in {_grantee(c): c for c in of(each).changes}.values()
    )
    changes: dict[Hashable, Change] = {}
    undecided: dict[Undecided, None] = {}
    for cell, each in table.items():
        when = forms[cell[place]].when
        start = f"if {when}: " if when else ""
        for change in of(each).changes:
            if counts[_grantee(change)] == len(table):
                known = changes.get(_grantee(change))
                if known is None or len(change.grant.actions) < len(known.grant.actions):
                    changes[_grantee(change)] = change
            else:
                undecided[Undecided(change.grant.statement, f"{start}{change.grant.reason}")] = None
        for doubt in of(each).undecided:
            undecided[Undecided(doubt.statement, f"{start}{doubt.reason}")] = None
    return Direction(tuple(changes.values()), tuple(undecided))


def _grantee(change: Change) -> tuple[Hashable, ...]:
    return change.grant.kind, change.grant.grantee
