"""Parts of a policy that IAM would not accept, in a comparison of two policies."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from ...documents.document import Document
from ...documents.holes import Hole
from ...documents.problems import Invalid, Problems, first_of
from ...documents.strict_json import RepeatedNames
from ...documents.text import read_json
from ...documents.texts import statements_in
from ...judgement.values.verdict import Undecided
from .answer import Opened

Documents = tuple[object, object]
"""The policy and the registry policy of one state."""
Compared = Callable[[Documents, Documents], tuple[Opened, tuple[Invalid, ...]]]
"""Compares the documents of two states: what the second opens, and what IAM would not accept in the first."""


def read_of(policy: object) -> object:
    """Return a policy as its JSON value. If the text is not JSON, return it unchanged."""
    if not isinstance(policy, str) or not policy.strip():
        return policy or None
    problems = Problems()
    read = read_json(policy, problems)
    return policy if problems.found else read


def with_unread(compared: Compared, old: Documents, new: Documents, names: tuple[str, str]) -> Opened:
    """Return the result of a comparison, and add the doubts that arise from elements that IAM would not accept.

    An invalid statement that both states have means the same in both, but its meaning is unknown. So it also counts as
    the same hole in each of them. `names`: both states, in messages.
    """
    found, faults = compared(old, new)
    if not faults and not found.invalid:
        return found
    pairs = [(read_of(one), read_of(other)) for one, other in zip(old, new, strict=True)]
    parts = [
        (*pair, _of(faults, document), _of(found.invalid, document))
        for pair, document in zip(pairs, (Document.REPOSITORY, Document.REGISTRY), strict=True)
    ]
    doubts = [doubt for part in parts for doubt in _new_faults(*part, names)]
    kept = [_kept(*part, names[0]) for part in parts]
    if any(places for places, _, _ in kept):
        places = [place for each, _, _ in kept for place in each]
        holed, _ = compared((kept[0][1], kept[1][1]), (kept[0][2], kept[1][2]))
        doubts += _depending(found, holed, places)
    return replace(found, undecided=tuple(dict.fromkeys((*found.undecided, *doubts))))


def _of(faults: Iterable[Invalid], document: Document) -> list[Invalid]:
    """Return the faults of one document, with their places in it."""
    prefix = Document.REGISTRY.prefix
    is_registry = document is Document.REGISTRY
    mine = [one for one in faults if one.at.startswith(prefix) is is_registry]
    return [replace(one, at=one.at.removeprefix(prefix)) for one in mine]


def _depending(found: Opened, holed: Opened, places: Sequence[str]) -> Iterator[Undecided]:
    """Yield the doubts that arise because it is unknown how AWS reads some statements."""
    reason = f"what this changes cannot be determined: it depends on how AWS reads {first_of(list(places), 3)}"
    known = {one.statement for one in found.undecided}
    unknown = dict.fromkeys(one.statement for one in holed.undecided if one.statement not in known)
    yield from (Undecided(statement, reason) for statement in unknown)


# --- statements that both policies have ---

_STATEMENT = re.compile(r"\$\.Statement(?:\[([0-9]{1,6})\])?(?:\..*)?", re.DOTALL)


def _kept(
    old: object, new: object, faults: list[Invalid], others: list[Invalid], name: str
) -> tuple[list[str], object, object]:
    """Return both policies with a hole for each invalid statement that they share.

    The first item of the result has the places of these statements in the old policy. It is empty if the policies are
    equal or share no invalid statement.
    """
    if _bare(old) == _bare(new) or not (isinstance(old, Mapping) and isinstance(new, Mapping)):
        return [], old, new
    mine, theirs = _faulty(faults, old), _faulty(others, new)
    kept = [one for one in mine if one in theirs]
    places = [f"statement {number} of {name}" for number, one in enumerate(_bare_statements(old)) if one in kept]
    return places, _with_holes(old, kept), _with_holes(new, kept)


def _faulty(faults: Iterable[Invalid], policy: object) -> list[object]:
    """Return the statements that IAM would not accept, without their Sids."""
    statements = _bare_statements(policy)
    numbers = {int(place[1] or 0) for place in (_STATEMENT.fullmatch(fault.at) for fault in faults) if place}
    return [statements[number] for number in sorted(numbers) if number < len(statements)]


def _with_holes(policy: Mapping[object, object], kept: Sequence[object]) -> object:
    statements = [Hole(f"invalid {kept.index(one)}") if one in kept else one for one in _bare_statements(policy)]
    return {**policy, "Statement": statements}


# --- statements that only one of them has ---


def _new_faults(
    old: object, new: object, faults: list[Invalid], others: list[Invalid], names: tuple[str, str]
) -> Iterator[Undecided]:
    for name, mine, theirs, found in ((names[0], old, new, faults), (names[1], new, old, others)):
        for fault in _unlike(found, mine, theirs):
            yield Undecided(None, f"what IAM would not accept is in {name}, at {fault.at}: {fault.reason}")


def _unlike(faults: list[Invalid], mine: object, others: object) -> Iterator[Invalid]:
    """Yield the faults of statements that are not, in the same form, in the other policy."""
    if not faults or (_bare(mine) == _bare(others) and not is_ambiguous(mine)):
        return
    known = _bare_statements(others)
    statements = statements_in(mine)
    for fault in faults:
        place = _STATEMENT.fullmatch(fault.at)
        number = None if place is None else int(place[1] or 0)
        if number is None or number >= len(statements) or _is_unknown(statements[number], known):
            yield fault


def _is_unknown(statement: object, known: list[object]) -> bool:
    return is_ambiguous(statement) or _without_sid(statement) not in known


def is_ambiguous(value: object) -> bool:
    """Return whether a name appears twice in any object. A JSON value shows only the last one's meaning."""
    if isinstance(value, Mapping):
        return isinstance(value, RepeatedNames) or any(map(is_ambiguous, value.values()))
    return isinstance(value, (list, tuple)) and any(map(is_ambiguous, value))


def _bare(policy: object) -> object:
    if not isinstance(policy, Mapping):
        return policy
    return {**policy, "Id": None, "Statement": _bare_statements(policy)}


def _bare_statements(policy: object) -> list[object]:
    return [_without_sid(one) for one in statements_in(policy)]


def _without_sid(statement: object) -> object:
    if not isinstance(statement, Mapping):
        return statement
    return {name: part for name, part in statement.items() if name != "Sid"}
