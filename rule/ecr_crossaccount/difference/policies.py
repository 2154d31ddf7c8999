"""Compares policies as their owners write them. Start here to compare a repository's own policies."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from ..access.admission import Origin
from ..access.judge import Repository, context_of
from ..access.trust import Trust
from ..access.verdict import Undecided
from ..policy.holes import Hole
from ..policy.parse import parse
from ..policy.problems import Invalid, Problems, first_of
from ..policy.strict_json import RepeatedNames
from ..policy.text import read_json
from ..policy.texts import statements_in
from .answer import Difference, Direction
from .compare import ComparisonContext, compare

Origins = tuple[Origin, Origin]
PROPOSED: Origins = (Origin.PROPOSED, Origin.PROPOSED)


def difference(
    old: object, new: object, repository: Repository, trust: Trust, origins: Origins = PROPOSED
) -> Difference:
    """Return the access that a change of a repository's policy opens and closes for principals outside.

    A policy is its text, its JSON object, or None if there is none. Never raises because of the content of a policy. If
    a part cannot be read, it is undecided what the change opens or closes, unless every reading gives the same result.
    """

    def compared(one: object, other: object) -> Difference:
        return compare(parse(one), parse(other), scene_of(one, other, repository, trust, origins))

    return with_unread(compared, old, new)


def scene_of(old: object, new: object, repository: Repository, trust: Trust, origins: Origins) -> ComparisonContext:
    """Return the context in which two policies of a repository are compared. The same register applies to both."""
    context = context_of(repository, trust, tuple(sorted(repository.tags.items())))
    about = trust.about(repository.name).naming([read_of(old), read_of(new)], repository.organization)
    return ComparisonContext(context, about, origins)


def read_of(policy: object) -> object:
    """Return a policy as its JSON value. If the text is not JSON, return it unchanged."""
    if not isinstance(policy, str) or not policy.strip():
        return policy or None
    problems = Problems()
    read = read_json(policy, problems)
    return policy if problems.found else read


# --- parts that cannot be read ---

_STATEMENT = re.compile(r"\$\.Statement(?:\[([0-9]{1,6})\])?(?:\..*)?", re.DOTALL)


def with_unread(compared: Callable[[object, object], Difference], old: object, new: object) -> Difference:
    """Return the result of a comparison, and add the doubts that arise from elements that IAM would not accept.

    An invalid statement that both policies have means the same in both, but its meaning is unknown. So it also counts
    as the same hole in each of them.
    """
    found = _with_new_faults(compared(old, new), old, new)
    kept = _kept(found.invalid, read_of(old), read_of(new))
    if kept is None:
        return found
    places, before, after = kept
    holed = compared(before, after)
    doubts = (_depending(found.opened, holed.opened, places), _depending(found.closed, holed.closed, places))
    return replace(found, opened=_with(found.opened, doubts[0]), closed=_with(found.closed, doubts[1]))


def _depending(found: Direction, holed: Direction, places: Sequence[str]) -> tuple[Undecided, ...]:
    """Return the doubts that arise because it is unknown how AWS reads some statements."""
    reason = f"what this changes cannot be determined: it depends on how AWS reads {first_of(places, 3)}"
    known = {one.statement for one in found.undecided}
    unknown = dict.fromkeys(one.statement for one in holed.undecided if one.statement not in known)
    return tuple(Undecided(statement, reason) for statement in unknown)


def _kept(
    invalid: tuple[tuple[Invalid, ...], tuple[Invalid, ...]], old: object, new: object
) -> tuple[list[str], object, object] | None:
    """Return both policies with a hole for each invalid statement that they share.

    The first item of the result has the places of these statements in the old policy. Returns None if the policies are
    equal or share no invalid statement.
    """
    if _bare(old) == _bare(new) or not (isinstance(old, Mapping) and isinstance(new, Mapping)):
        return None
    mine, theirs = (_faulty(faults, policy) for faults, policy in zip(invalid, (old, new), strict=True))
    kept = [one for one in mine if one in theirs]
    if not kept:
        return None
    places = [
        f"statement {number} of the old policy" for number, one in enumerate(_bare_statements(old)) if one in kept
    ]
    return places, _with_holes(old, kept), _with_holes(new, kept)


def _faulty(faults: Iterable[Invalid], policy: object) -> list[object]:
    """Return the statements that IAM would not accept, without their Sids."""
    statements = _bare_statements(policy)
    numbers = {int(place[1] or 0) for place in (_STATEMENT.fullmatch(fault.at) for fault in faults) if place}
    return [statements[number] for number in sorted(numbers) if number < len(statements)]


def _with_holes(policy: Mapping[object, object], kept: Sequence[object]) -> object:
    statements = [Hole(f"invalid {kept.index(one)}") if one in kept else one for one in _bare_statements(policy)]
    return {**policy, "Statement": statements}


def _bare_statements(policy: object) -> list[object]:
    return [_without_sid(one) for one in statements_in(policy)]


def _with_new_faults(found: Difference, old: object, new: object) -> Difference:
    before, after = read_of(old), read_of(new)
    faults = [
        *(("old", fault) for fault in _new_faults(found.invalid[0], before, after)),
        *(("new", fault) for fault in _new_faults(found.invalid[1], after, before)),
    ]
    doubts = tuple(
        Undecided(None, f"what IAM would not accept is in the {name} policy, at {fault.at}: {fault.reason}")
        for name, fault in faults
    )
    if not doubts:
        return found
    return replace(found, opened=_with(found.opened, doubts), closed=_with(found.closed, doubts))


def _with(direction: Direction, doubts: tuple[Undecided, ...]) -> Direction:
    return replace(direction, undecided=(*direction.undecided, *doubts))


def _new_faults(faults: tuple[Invalid, ...], mine: object, others: object) -> Iterator[Invalid]:
    """Yield the faults of statements that are not, in the same form, in the other policy."""
    if not faults or (_bare(mine) == _bare(others) and not _is_ambiguous(mine)):
        return
    known = [_without_sid(one) for one in statements_in(others)]
    statements = statements_in(mine)
    for fault in faults:
        place = _STATEMENT.fullmatch(fault.at)
        number = None if place is None else int(place[1] or 0)
        if number is None or number >= len(statements) or _is_unknown(statements[number], known):
            yield fault


def _is_unknown(statement: object, known: list[object]) -> bool:
    return _is_ambiguous(statement) or _without_sid(statement) not in known


def _is_ambiguous(value: object) -> bool:
    """Return whether a name appears twice in any object. A JSON value shows only the last one's meaning."""
    if isinstance(value, Mapping):
        return isinstance(value, RepeatedNames) or any(map(_is_ambiguous, value.values()))
    return isinstance(value, (list, tuple)) and any(map(_is_ambiguous, value))


def _bare(policy: object) -> object:
    if not isinstance(policy, Mapping):
        return policy
    return {**policy, "Id": None, "Statement": [_without_sid(one) for one in statements_in(policy)]}


def _without_sid(statement: object) -> object:
    if not isinstance(statement, Mapping):
        return statement
    return {name: part for name, part in statement.items() if name != "Sid"}
