"""Explains in words why a question cannot be decided."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ...documents.document import Document, Statement
from ...documents.problems import first_of
from ...judgement.gaps import name_of
from ...judgement.reasons import unknown_of
from .completions import ActionGroup, Completions, Speaking

_SHOWN = 3
_MANY = (
    "the policy distinguishes accounts or organizations that it does not name, so the answer is not the same for all "
    "of them"
)


def doubt(fate: ActionGroup, among: Completions) -> str:
    """Return a text that says what cannot be determined about the statements on some actions."""
    if not among.complete:
        return _MANY
    speaking = (*fate.allows, *fate.denies)
    reasons = [reason for one in speaking for reason in _reasons(one, among)]
    found = list(dict.fromkeys(reasons))
    return "; ".join(found[:_SHOWN]) or f"whether {named(speaking)} apply together cannot be determined"


def _reasons(one: Speaking, among: Completions) -> Iterator[str]:
    statement = one.statement.statement
    whether = f"whether {name_of(statement)} ({statement.effect.value}) applies"
    holes = unknown_of(statement)
    if holes:
        yield f"{whether} depends on unknown values: {first_of(holes, _SHOWN)}"
    keys = dict.fromkeys(clause.condition.key for clause in one.statement.clauses if not among.is_certain(clause))
    if keys:
        yield f"{whether} depends on {', '.join(keys)}, whose value in such a request cannot be determined"
    if not holes and one.certain != one.possible:
        yield f"{whether} cannot be determined: it is not known whether its Principal includes this caller"


def named(speaking: Sequence[Speaking]) -> str:
    """Return the names of some statements for a sentence, each once."""
    return first_of([name_of(one) for one in statements_of(speaking)], _SHOWN)


def statements_of(speaking: Iterable[Speaking]) -> list[Statement]:
    """Return the statements, each once, in the order of the policies."""
    found = {id(one.statement.statement): one.statement.statement for one in speaking}
    return sorted(found.values(), key=lambda one: (_DOCUMENTS.index(one.document), one.number))


_DOCUMENTS = tuple(Document)
