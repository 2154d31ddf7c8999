"""The requests that a question leaves open, as far as some statements distinguish them."""

from __future__ import annotations

from collections.abc import Sequence

from ...documents.problems import first_of, quoted
from ...errors import QuestionError
from ...judgement.conditions.clause import Clause, Roles
from ...judgement.conditions.operators import Mode
from ...judgement.context.keys import row
from ...judgement.context.request import RepositoryContext
from ...judgement.search.cache import JudgementCache
from ...judgement.search.candidates import named_accounts, named_organizations
from .completions import ActionGroup, Completions, Speaking
from .given import kept_in
from .kinds import QuestionContext, clauses_of, kinds_of
from .question import Question

_SHOWN = 3


def opened(
    question: Question, fates: Sequence[ActionGroup], roles: Roles, repository: RepositoryContext, cache: JudgementCache
) -> Completions:
    """Return all requests of a caller for some actions. Raises QuestionError if there are none."""
    caller, given = question.caller, question.given
    speaking = [one for fate in fates for one in (*fate.allows, *fate.denies)]
    whose = clauses_of(caller, roles)
    clauses = (*whose, *(clause for one in speaking for clause in _clauses(one)))
    asked = frozenset(key for one in clauses for key in (one.key, *one.variables))
    scene = QuestionContext(repository, given, clauses, asked, fates[0].tagging, cache.budget)
    kinds = kinds_of(caller, scene)
    kept = {
        mode: [
            (request, found)
            for request in kinds.of(mode)
            if (found := kept_in(request, given, asked, cache)) is not None
        ]
        for mode in Mode
    }
    spelling = {**dict.fromkeys(asked, ""), **{one.key: one.condition.key for one in clauses}, **dict(given.spelling)}
    taken = _taken(speaking, clauses, repository)
    completions = Completions(caller, whose, kept, kinds.complete, cache, spelling, taken, given.keys)
    if not completions.exist():
        raise QuestionError(_refusal(question, fates[0].shown))
    return completions


def _clauses(one: Speaking) -> tuple[Clause, ...]:
    ways = dict.fromkeys(clause for way in (*one.certain, *one.possible) for clause in way)
    return (*ways, *one.statement.clauses)


def _taken(speaking: Sequence[Speaking], clauses: Sequence[Clause], repository: RepositoryContext) -> frozenset[str]:
    """Return the accounts and organizations that are not "someone else"."""
    listed = (entry.account for one in speaking for entry in one.statement.statement.principals.named)
    own = [repository.organization] if repository.organization else []
    return frozenset([repository.owner, *own, *listed, *named_accounts(clauses), *named_organizations(clauses)])


def _refusal(question: Question, action: str) -> str:
    given = question.given
    said = [
        f"{name} {first_of(values, _SHOWN)}" if values else f"no {name}"
        for (_, values), (_, name) in zip(given.values, given.spelling, strict=True)
    ]
    carrying = f" {', '.join(said)}" if said else " the partition of the repository"
    return (
        f"no request by {quoted(question.caller.text)} for {action} can have{carrying}: "
        f"these keys contradict each other, or the caller, the action or the repository{_holding(question)}"
    )


def _holding(question: Question) -> str:
    """Return a text that says which values the given keys can have."""
    of_service = question.caller.service is not None
    rows = [one for key, values in question.given.values if values and (one := row(key)) is not None]
    return "".join(f"; {one.name} holds {(of_service and one.of_service) or one.values}" for one in rows)
