"""Where an Allow and a Deny overlap: the requests that both match, as an Allow that can be judged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from ...documents.conditions import Condition
from ...documents.document import Actions, Policy, Statement
from ...documents.parse import parse
from ...judgement.admission import Origin
from ...judgement.context.request import RepositoryContext
from ...judgement.judge import Repository, context_of
from ...judgement.judgement import verdict_of
from ...judgement.values.actions import EVERY, ActionSets, of_ranks
from ...judgement.values.trust import Trust
from ...judgement.values.verdict import Access, Verdict


def crossed(allow: Statement, deny: Statement) -> Statement | None:
    """Return an Allow of the requests that two statements match, or None if they have no action in common.

    The principals are those of the Allow, as if the Deny applied to everyone. So the result may match more requests
    than both do, but never fewer.
    """
    sets = ActionSets()
    allowed = sets.allowed(allow.actions)[1]
    shared = allowed & sets.denied(deny.actions) & (-1 if _is_known(allow.actions) else EVERY)
    if not shared:
        return None
    actions = Actions(negated=False, patterns=sets.names(shared))
    return allow._replace(actions=actions, conditions=(*allow.conditions, *deny.conditions))


def of_access(statements: Iterable[Statement], access: Access) -> list[Statement]:
    """Return the parts of some Allows that give one kind of access."""
    found = []
    for one in statements:
        sets = ActionSets()
        part = sets.allowed(one.actions)[1] & of_ranks((access.rank,)) & (-1 if _is_known(one.actions) else EVERY)
        if part:
            found.append(one._replace(actions=Actions(negated=False, patterns=sets.names(part))))
    return found


def _is_known(actions: Actions) -> bool:
    return all(isinstance(text, str) for text in actions.patterns)


def met_by(statements: Iterable[Statement], conditions: Sequence[Condition]) -> list[Statement]:
    """Return the statements with additional conditions. A request must meet all of them."""
    return [one._replace(conditions=(*one.conditions, *conditions)) for one in statements]


def holding(operator: str, key: str, values: Iterable[str]) -> tuple[Condition, ...]:
    """Return the condition that a key has one of the values."""
    condition: Mapping[str, object] = {operator: {key: sorted(values)}}
    allow = {"Effect": "Allow", "Principal": "*", "Action": "*", "Condition": condition}
    return parse({"Statement": [allow]}).statements[0].conditions


@dataclass(frozen=True)
class Bench:
    """Judges statements that are not part of a document, for one repository."""

    repository: Repository
    trust: Trust
    origin: Origin

    @cached_property
    def _context(self) -> RepositoryContext:
        return context_of(self.repository, self.trust, tuple(sorted(self.repository.tags.items())))

    def verdict(self, statements: Iterable[Statement], trust: Trust) -> Verdict:
        """Judge the statements as a policy."""
        return verdict_of(Policy(tuple(statements), ()), self._context, trust, self.origin)
