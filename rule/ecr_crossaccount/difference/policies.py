"""Policies as their owners write them, compared: the door of this package for a repository's own policy."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from ..access.admission import Origin
from ..access.judge import Repository, context_of
from ..access.trust import Trust
from ..access.verdict import Undecided
from ..policy.parse import parse
from ..policy.problems import Invalid, Problems
from ..policy.strict_json import RepeatedNames
from ..policy.text import read_json
from .answer import Difference, Direction
from .compare import Scene, compare

Origins = tuple[Origin, Origin]
PROPOSED: Origins = (Origin.PROPOSED, Origin.PROPOSED)


def difference(
    old: object, new: object, repository: Repository, trust: Trust, origins: Origins = PROPOSED
) -> Difference:
    """Return what a change of a repository's policy opens and closes for outsiders.

    A policy is its text, its JSON object, or None where there is none. Never raises for what stands in it: what cannot
    be read makes it undecided whether something is opened or closed, unless it stands the same in both.
    """
    scene = scene_of(old, new, repository, trust, origins)
    return with_unread(compare(parse(old), parse(new), scene), old, new)


def scene_of(old: object, new: object, repository: Repository, trust: Trust, origins: Origins) -> Scene:
    """Return what two policies of a repository are compared for; one register holds for both."""
    context = context_of(repository, trust, tuple(sorted(repository.tags.items())))
    about = trust.about(repository.name).naming([read_of(old), read_of(new)], repository.organization)
    return Scene(context, about, origins)


def read_of(policy: object) -> object:
    """Return the JSON of a policy, or what it is where it is none."""
    if not isinstance(policy, str) or not policy.strip():
        return policy or None
    problems = Problems()
    read = read_json(policy, problems)
    return policy if problems.found else read


# --- what cannot be read ---

_STATEMENT = re.compile(r"\$\.Statement(?:\[([0-9]{1,6})\])?(?:\..*)?", re.DOTALL)


def with_unread(found: Difference, old: object, new: object) -> Difference:
    """Return a difference with the doubts about what of a policy IAM would not accept."""
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
    """Yield the faults of statements that do not stand in the other policy as they are."""
    if not faults or (_bare(mine) == _bare(others) and not _is_ambiguous(mine)):
        return
    known = [_without_sid(one) for one in _statements(others)]
    statements = _statements(mine)
    for fault in faults:
        place = _STATEMENT.fullmatch(fault.at)
        number = None if place is None else int(place[1] or 0)
        if number is None or number >= len(statements) or _is_unknown(statements[number], known):
            yield fault


def _is_unknown(statement: object, known: list[object]) -> bool:
    return _is_ambiguous(statement) or _without_sid(statement) not in known


def _is_ambiguous(value: object) -> bool:
    """Tell whether a name appears twice somewhere, of which JSON values do not show the first meaning."""
    if isinstance(value, Mapping):
        return isinstance(value, RepeatedNames) or any(map(_is_ambiguous, value.values()))
    return isinstance(value, (list, tuple)) and any(map(_is_ambiguous, value))


def _statements(policy: object) -> list[object]:
    body = policy.get("Statement") if isinstance(policy, Mapping) else None
    return list(body) if isinstance(body, (list, tuple)) else [body]


def _bare(policy: object) -> object:
    if not isinstance(policy, Mapping):
        return policy
    return {**policy, "Id": None, "Statement": [_without_sid(one) for one in _statements(policy)]}


def _without_sid(statement: object) -> object:
    if not isinstance(statement, Mapping):
        return statement
    return {name: part for name, part in statement.items() if name != "Sid"}
