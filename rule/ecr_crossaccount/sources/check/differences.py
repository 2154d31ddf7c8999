"""What a change of files opens and closes: the policies of two states, matched and compared one by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import field, replace

from ...judgement.judge import Repository
from ...judgement.values.verdict import Undecided
from ...memo import by_value
from ...questions.change.answer import Difference, Opened
from ...questions.change.opening import NEW, OLD, opened_access
from ...questions.change.states import State
from ..files.values.nodes import Place
from ..formats.dispatch import NOT_OURS
from ..found.found import FoundPolicy, Skipped, Suppression, Unjudged, Unread
from ..found.remarks import Remark
from ..found.states import Registries, place_of, state_of
from .changed import Files, Pair, changed_files, holes_that_moved, pairs_of, with_other_holes
from .findings import ASSUMED, notes_on_defaults, of_deployment, read_suppressions
from .provenance import NOTHING_BEHIND, Provenance

Left = Unjudged | Skipped
"""Something that was found and not judged, or that is absent."""


@by_value
class Compared:
    """One resource in both states, or in one of them.

    `trusted`: the access that only the new register covers. `owner_is_unknown`: whether the owner is the account of the
    deployment, and that is unknown.
    """

    pair: Pair
    repository: Repository
    difference: Difference
    notes: tuple[str, ...] = ()
    trusted: Opened = field(default_factory=Opened)
    owner_is_unknown: bool = False

    @property
    def what(self) -> str:
        """What happened to the resource: "added", "removed" or "changed"."""
        if self.pair.before is None:
            return "added"
        return "removed" if self.pair.after is None else "changed"

    def place_of(self, statement: int | None, found: FoundPolicy | None) -> Place:
        """Return the place of a statement in one state, or that of the policy if it is unknown."""
        return place_of(found or self.pair.found, statement)


@by_value
class Comparison:
    """Everything that one comparison found, in the order of the new files. Removed resources come last.

    `errors`: what could not be read, with the name of its state. `unknown`: what was found in one state and not judged,
    unless it is unchanged in the other state. `remarks`: what the change does to its own judgement.
    """

    compared: tuple[Compared, ...]
    errors: tuple[tuple[str, Unread], ...] = ()
    unknown: tuple[tuple[str, Left], ...] = ()
    names: tuple[str, str] = ("OLD", "NEW")
    provenance: Provenance = NOTHING_BEHIND
    remarks: tuple[Remark, ...] = ()

    @property
    def told(self) -> tuple[Compared, ...]:
        """The resources whose access may differ from before, and those with notes."""
        return tuple(
            one for one in self.compared if one.notes or not (one.difference.is_none and one.trusted.is_nothing)
        )

    @property
    def lacks_owner(self) -> bool:
        """Whether a difference depends on the account of the deployment, which is unknown."""
        return any(
            one.owner_is_unknown and (one.difference.opened.undecided or one.difference.closed.undecided)
            for one in self.compared
        )


def comparison_of(old: Files, new: Files, names: tuple[str, str] = ("OLD", "NEW")) -> Comparison:
    """Compare the policies of two states."""
    before, after = (files.harvest.owned_by(files.context.account).policies for files in (old, new))
    changed = changed_files(old, new)
    both = _Both(old, new, (_registries(old), _registries(new)), changed)
    compared = tuple(both.compare_pair(pair) for pair in pairs_of(before, after, old, new))
    sides = tuple(zip(names, (old, new), (new, old), strict=True))
    errors = ((name, error) for name, files, _ in sides for error in dict.fromkeys(files.harvest.errors))
    unknown = ((name, one) for name, files, other in sides for one in _unlike(files, other, changed))
    remarks = tuple(_suppression_remarks(old, new))
    return Comparison(compared, tuple(errors), tuple(unknown), names, remarks=remarks)


def _suppression_remarks(old: Files, new: Files) -> Iterator[Remark]:
    """Yield a remark about each suppression that only the new state has."""
    before = Counter(
        (old.named(suppression.file), suppression.reason, suppression.until) for suppression in _suppressions_in(old)
    )
    for suppression in _suppressions_in(new):
        known = (new.named(suppression.file), suppression.reason, suppression.until)
        before[known] -= 1
        if before[known] < 0:
            text = f"this change also suppresses a finding until {suppression.until}: {suppression.reason}"
            yield Remark(text, Place(suppression.file, suppression.line))


def _suppressions_in(files: Files) -> list[Suppression]:
    found, _ = read_suppressions(files.harvest.policies, lambda file: files.text_of(files.named(file)) or "")
    return [*files.harvest.suppressions, *found]


def _registries(files: Files) -> Registries:
    """Return the registry policies of a state. Their files have the names that they have in both states."""
    harvest = files.harvest

    renamed = replace(
        harvest,
        policies=tuple(map(files.by_name, harvest.policies)),
        errors=tuple(replace(error, file=files.named(error.file)) for error in harvest.errors),
        unjudged=tuple(replace(one, file=files.named(one.file)) for one in harvest.unjudged),
    )
    return Registries(renamed, files.context)


# --- policies that were not judged ---


def _unjudged_items(files: Files) -> tuple[Left, ...]:
    # A file that the user named and that holds nothing about ECR may be the wrong one.
    absent = (one for one in files.harvest.skipped if one.absent or one.reason == NOT_OURS)
    return (*files.harvest.unjudged, *absent)


def _unlike(files: Files, other: Files, changed: frozenset[str]) -> Iterator[Left]:
    """Yield each unjudged item, unless the other state has it too and nothing changed that may decide about it.

    That is its own file, or any other file that is not judged completely: a program's module, a file of values.
    """
    known = {_identity(item, other) for item in _unjudged_items(other)}
    for item in dict.fromkeys(_unjudged_items(files)):
        name = files.named(item.file)
        if _identity(item, files) not in known or changed or files.text_of(name) != other.text_of(name):
            yield item


def _identity(one: Left, files: Files) -> Hashable:
    return files.named(one.file), getattr(one, "resource", ""), one.reason


# --- one resource ---


@by_value
class _Both:
    """Both states, with the registry policies of each. `changed`: the files that changed and that are not judged."""

    old: Files
    new: Files
    registries: tuple[Registries, Registries]
    changed: frozenset[str]

    def compare_pair(self, pair: Pair) -> Compared:
        """Compare one resource."""
        before, after = self._states(pair)
        found = _as_far_as_read(
            Difference(opened_access(before, after), _closed_access(before, after)), pair, self.old, self.new
        )
        trusted = _trusted_access(after, self.old, self.new)
        notes = (*_notes(pair, self.old, self.new), *self._defaults(pair, found))
        here = before if pair.after is None else after
        return Compared(pair, here.repository, found, notes, trusted, of_deployment(here))

    def _states(self, pair: Pair, without: AbstractSet[str] = frozenset()) -> tuple[State, State]:
        """Return the resource in both states. If one does not have it, it has no policy there.

        `without`: the defaults that do not count.
        """
        here = self._state(pair.found, 0 if pair.after is None else 1, without)
        before = _without_policy(here) if pair.before is None else self._state(pair.before, 0, without)
        after = _without_policy(here) if pair.after is None else here
        moved = holes_that_moved(before, self.old, self.new, self.changed)
        return (with_other_holes(before, moved) if moved else before), after

    def _state(self, found: FoundPolicy, place: int, without: AbstractSet[str]) -> State:
        files = (self.old, self.new)[place]
        named = files.by_name(found)
        candidates = tuple(
            candidate.drop_defaults(without) for candidate in self.registries[place].candidates_of(named)
        )
        return state_of(named.drop_defaults(without), files.context, candidates)

    def _defaults(self, pair: Pair, found: Difference) -> list[str]:
        if pair.after is None:
            return []

        def differs(defaults: AbstractSet[str]) -> bool:
            return _outcome(opened_access(*self._states(pair, defaults))) != _outcome(found.opened)

        registries = (candidate.found for candidate in self.registries[1].candidates_of(self.new.by_name(pair.after)))
        return notes_on_defaults([pair.after, *registries], differs)


def _without_policy(state: State) -> State:
    return replace(state, forms=tuple(replace(form, policy=None) for form in state.forms), doubts=())


def _closed_access(before: State, after: State) -> Opened:
    """Return the access that is closed. What only the new register covers is told apart."""
    found = opened_access(after, before, (NEW, OLD))
    return replace(found, changes=tuple(change for change in found.changes if not change.by_trust))


def _trusted_access(after: State, old: Files, new: Files) -> Opened:
    """Return the access that the new state gives to someone outside whom only the new register trusts."""
    if old.context.trust is new.context.trust:
        return Opened()
    found = opened_access(after, replace(after, trust=old.context.trust), ("the new register", "the old register"))
    return replace(found, undecided=(), invalid=())


def _as_far_as_read(found: Difference, pair: Pair, old: Files, new: Files) -> Difference:
    """Make a lost grant undecided if its resource may be in an unread file of the new state.

    Access that a new resource opens stays certain even if the old state was not read. Reading fewer old files must
    never hide new access.
    """
    if pair.after is not None:
        return found
    name = old.named(pair.found.at.file)
    unread = [error.file for error in new.harvest.errors] + [
        item.file for item in _unjudged_items(new) if new.named(item.file) == name
    ]
    if not unread:
        return found
    reason = f"`{unread[0]}` could not be read in full, and may still have this policy: {{}}"
    doubts = (Undecided(change.grant.statement, reason.format(change.grant.reason)) for change in found.closed.changes)
    undecided = tuple(dict.fromkeys((*found.closed.undecided, *doubts)))
    return replace(found, closed=replace(found.closed, changes=(), undecided=undecided))


def _outcome(found: Opened) -> tuple[object, ...]:
    """Return the opened access without its wording."""
    grants = [change.grant for change in found.changes]
    return frozenset((grant.kind, grant.grantee, grant.actions) for grant in grants), bool(found.undecided)


def _notes(pair: Pair, old: Files, new: Files) -> Iterator[str]:
    before, after = pair.before, pair.after
    known, now = (() if policy is None else policy.notes for policy in (before, after))
    yield from (note for note in now if note.startswith(ASSUMED) and note not in known)
    if before is None or after is None:
        return
    if (old.named(before.at.file), before.resource) != (new.named(after.at.file), after.resource):
        yield f"it was {before.resource} in {before.at.file}: the same repository by its name and owner"
    elif before.names != after.names:
        yield f"its repository was called {_render_names(before.names)}, and is now {_render_names(after.names)}"


def _render_names(names: Iterable[str]) -> str:
    return ", ".join("by a name that is not known" if name == "*" else f"`{name}`" for name in names)
