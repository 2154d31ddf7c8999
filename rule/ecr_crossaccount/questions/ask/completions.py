"""Searches all requests that a question leaves open, for one that is allowed and for one that is not.

Each search has two modes. A result in mode MUST is certain. If a search in mode MAY has no result, no such request
exists. So every request is allowed if a search in mode MAY for a request that is not allowed finds none.

The actions that the policy treats equally are searched together, because the same statements apply to them.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence

from ...documents.document import Form
from ...documents.problems import first_of, quote
from ...errors import QuestionError
from ...judgement.conditions.operators import Clause, Demand, Mode, Roles
from ...judgement.context.call import ACTIONS_BY_TAGGING
from ...judgement.context.domains import Values
from ...judgement.context.keys import row
from ...judgement.context.request import RepositoryContext, RequestKind, Tagging
from ...judgement.judgement import Prepared
from ...judgement.reasons import telling_action
from ...judgement.search.candidates import named_accounts, named_organizations
from ...judgement.search.constraints import Allow, Constraints, DenyPart, JudgementCache
from ...judgement.search.denies import Deny
from ...judgement.search.outsiders import solve
from ...judgement.search.solver import Solver
from ...judgement.search.witness import witness
from ...judgement.values.verdict import Witness
from ...memo import by_value
from .kinds import QuestionContext, Way, certain_ways, clauses_of, kinds_of, possible_ways
from .question import Caller, Kept, Question, kept_in

_TRANSPORT = "aws:securetransport"


class CompletingSolver(Solver):
    """The search in one kind of request, with the keys that a question fixes.

    In mode MUST it does not rely on anything uncertain: a statement that it avoids certainly does not apply.
    """

    __slots__ = ()

    def escape(self, one: Clause) -> Demand:  # noqa: ARG002 - the same for every clause
        """Return the wanted result of one clause of a statement that must not apply."""
        return Demand.MUST_NOT if self.mode is Mode.MUST else Demand.MAY_NOT


@by_value
class Speaking:
    """A statement that applies to some actions, with the ways in which its principals include the caller.

    `certain` is empty if it is not certain that the statement applies to these actions.
    """

    statement: Allow | Deny
    certain: tuple[Way, ...]
    possible: tuple[Way, ...]

    def clauses(self, way: Way) -> tuple[Clause, ...]:
        """Return all clauses that must be true for the statement to apply to a caller whom it includes in this way."""
        return (*way, *self.statement.clauses)

    def parts(self, ways: Iterable[Way]) -> Iterator[DenyPart]:
        """Yield, for each way, what must be avoided so that the statement does not apply."""
        return (DenyPart(self.clauses(way)) for way in ways)


@by_value
class ActionGroup:
    """Actions that the policy treats equally: the same statements apply, and the calls have the same tags.

    `shown` is the action in examples.
    """

    actions: tuple[str, ...]
    shown: str
    tagging: Tagging
    allows: tuple[Speaking, ...]
    denies: tuple[Speaking, ...]


@by_value
class Found:
    """The result of a search: the statements, and, in mode MUST, an example of the request."""

    by: tuple[Speaking, ...] = ()
    example: Witness | None = None


@by_value
class Completions:
    """All requests that a question leaves open.

    `kinds` has the kinds of requests for each mode, with the keys that the question fixes in each. `whose`: clauses
    that are true for every request of the caller.
    """

    caller: Caller
    whose: tuple[Clause, ...]
    kinds: Mapping[Mode, Sequence[tuple[RequestKind, Kept]]]
    complete: bool
    cache: JudgementCache
    spelling: Mapping[str, str]
    taken: frozenset[str]
    given: frozenset[str]

    def exist(self) -> bool:
        """Return whether any such request may exist."""
        return self._possible(Constraints((), ()))

    def is_certain(self, one: Clause) -> bool:
        """Return whether it is known for every request if a condition matches."""
        for problem in (Constraints((one,), ()), Constraints((), (DenyPart((one,)),))):
            if self._possible(problem) and not self._has_solution(problem, Mode.MUST):
                return False
        return True

    def _possible(self, problem: Constraints) -> bool:
        return self._has_solution(problem, Mode.MAY)

    def _has_solution(self, problem: Constraints, mode: Mode) -> bool:
        return any(
            solve(CompletingSolver(request, mode, self.cache, kept.meanings), self._of_the_caller(problem, kept))
            is not None
            for request, kept in self.kinds[mode]
        )

    def _of_the_caller(self, problem: Constraints, kept: Kept) -> Constraints:
        return Constraints((*self.whose, *kept.clauses, *problem.allow), problem.denies)

    def allowed_request(self, fates: Sequence[ActionGroup], mode: Mode) -> Found | None:
        """Return a request for which all of these actions are allowed, each by some Allow, or None if there is none."""
        denies = [part for fate in fates for deny in fate.denies for part in deny.parts(_hits(deny, mode))]
        options = [[*_applications(fate.allows, mode)] for fate in fates]
        for chosen in itertools.product(*options):
            clauses = [clause for speaking, way in chosen for clause in speaking.clauses(way)]
            found = self._first(clauses, denies, mode, fates[0].shown, tuple(one for one, _ in chosen))
            if found is not None:
                return found
        return None

    def denied_request(self, fate: ActionGroup, mode: Mode) -> Found | None:
        """Return a request that a Deny refuses, or None if there is none."""
        for deny, way in _applications(fate.denies, mode):
            if mode is Mode.MUST and len(self._without_transport(deny.statement.clauses)) < len(deny.statement.clauses):
                continue
            found = self._first(deny.clauses(way), (), mode, fate.shown, (deny,))
            if found is not None:
                return found
        return None

    def _without_transport(self, clauses: tuple[Clause, ...]) -> tuple[Clause, ...]:
        """Return the clauses, without those that ask whether the request of a service uses TLS.

        AWS may omit that key.
        """
        if self.caller.service is None or _TRANSPORT in self.given:
            return clauses
        return tuple(clause for clause in clauses if clause.key != _TRANSPORT)

    def not_granted(self, fate: ActionGroup, mode: Mode, *, by: Sequence[Speaking] | None = None) -> Found | None:
        """Return a request that no Allow allows (or none of `by`), or None if there is none."""
        allows = fate.allows if by is None else by
        parts = [part for allow in allows for part in allow.parts(_grants(allow, mode))]
        if mode is Mode.MUST:
            parts = [DenyPart(self._without_transport(part.clauses)) for part in parts]
        return self._first((), parts, mode, fate.shown, ())

    def not_denied(self, fate: ActionGroup) -> Found | None:
        """Return a request that no Deny certainly refuses, or None if there is none."""
        parts = [part for deny in fate.denies for part in deny.parts(deny.certain)]
        return self._first((), parts, Mode.MAY, fate.shown, ())

    def _first(
        self, clauses: Iterable[Clause], escaped: Iterable[DenyPart], mode: Mode, action: str, by: tuple[Speaking, ...]
    ) -> Found | None:
        asked = Constraints(tuple(clauses), tuple(escaped))
        for request, kept in self.kinds[mode]:
            problem = self._of_the_caller(asked, kept)
            solver = CompletingSolver(request, mode, self.cache, kept.meanings)
            values = solve(solver, problem)
            if values is None:
                continue
            if mode is Mode.MAY:
                return Found(by)
            shown = self._write_witness(solver, problem, values, action)
            if shown is not None:
                return Found(by, shown)
        return None

    def _write_witness(
        self, solver: CompletingSolver, problem: Constraints, values: dict[str, Values], action: str
    ) -> Witness | None:
        found = witness(solver, problem, values, action, self)
        named = self.caller.named
        if found is not None and named is not None and named.form is Form.SESSION:
            return Witness(named.source, found.action, found.context)
        return _as_session(found) if found is not None and "aws:userid" in self.spelling else found


def _as_session(found: Witness) -> Witness:
    """Return the example with a role session as its principal, for statements that distinguish sessions."""
    arn, unique_id = found.principal, "".join(found.values("aws:userid"))
    fields = arn.split(":")
    session = unique_id.partition(":")[2]
    if not (fields[-1].startswith("role/") and session):
        return found
    start, role = ":".join((*fields[:2], "sts", *fields[3:5])), fields[-1].rpartition("/")[2]
    return Witness(f"{start}:assumed-role/{role}/{session}", found.action, found.context)


def _applications(speaking: Iterable[Speaking], mode: Mode) -> Iterator[tuple[Speaking, Way]]:
    """Yield each statement with the ways in which it includes the caller. In mode MUST, only the certain ones."""
    for one in speaking:
        for way in one.certain if mode is Mode.MUST else one.possible:
            yield one, way


def _hits(deny: Speaking, mode: Mode) -> tuple[Way, ...]:
    """Return the ways of a Deny that a request must avoid. In mode MUST, these are all possible ways."""
    return deny.possible if mode is Mode.MUST else deny.certain


_grants = _hits
"""The ways of an Allow that a request must avoid to stay refused. They are chosen in the same way."""


_SHOWN = 3


def completions_of(
    question: Question, fates: Sequence[ActionGroup], roles: Roles, repository: RepositoryContext, cache: JudgementCache
) -> Completions:
    """Return all requests of a caller for some actions. Raises QuestionError if there are none."""
    caller, given = question.caller, question.given
    speaking = [allow for fate in fates for allow in (*fate.allows, *fate.denies)]
    whose = clauses_of(caller, roles)
    clauses = (*whose, *(clause for one in speaking for clause in _clauses(one)))
    asked = frozenset(key for one in clauses for key in (one.key, *one.variables))
    scene = QuestionContext(repository, given, clauses, asked, fates[0].tagging, cache.budget)
    kinds = kinds_of(caller, scene)
    kept = {
        mode: [
            (request, found)
            for request in kinds.by_mode[mode]
            if (found := kept_in(request, given, asked, cache)) is not None
        ]
        for mode in Mode
    }
    spelling = {**dict.fromkeys(asked, ""), **{one.key: one.condition.key for one in clauses}, **dict(given.spelling)}
    taken = _taken_identities(speaking, clauses, repository)
    completions = Completions(caller, whose, kept, kinds.complete, cache, spelling, taken, given.keys)
    if not completions.exist():
        raise QuestionError(_refusal(question, fates[0].shown))
    return completions


def _clauses(one: Speaking) -> tuple[Clause, ...]:
    ways = dict.fromkeys(clause for way in (*one.certain, *one.possible) for clause in way)
    return (*ways, *one.statement.clauses)


def _taken_identities(
    speaking: Sequence[Speaking], clauses: Sequence[Clause], repository: RepositoryContext
) -> frozenset[str]:
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
        f"no request by {quote(question.caller.text)} for {action} can have{carrying}: "
        f"these keys contradict each other, or the caller, the action or the repository{_holding(question)}"
    )


def _holding(question: Question) -> str:
    """Return a text that says which values the given keys can have."""
    of_service = question.caller.service is not None
    rows = [one for key, values in question.given.values if values and (one := row(key)) is not None]
    return "".join(f"; {one.name} holds {(of_service and one.of_service) or one.values}" for one in rows)


def fates_of(actions: Iterable[str], caller: Caller, prepared: Prepared) -> Iterator[ActionGroup]:
    """Split actions such as `ecr:PutImage` into groups that the policy treats equally, each with its statements."""
    alike: dict[object, tuple[list[str], Tagging, tuple[Speaking, ...], tuple[Speaking, ...]]] = {}
    for action in actions:
        bit = prepared.sets.bit_of(action)
        allows = tuple(_speaking(prepared.allows, bit, caller, prepared.roles))
        denies = tuple(_speaking(prepared.denies, bit, caller, prepared.roles))
        key = (_tagging(bit), *((id(allow.statement), bool(allow.certain)) for allow in (*allows, *denies)))
        alike.setdefault(key, ([], _tagging(bit), allows, denies))[0].append(action)
    for names, tagging, allows, denies in alike.values():
        yield ActionGroup(tuple(names), telling_action(names), tagging, allows, denies)


def _tagging(bit: int) -> Tagging:
    return next(tagging for tagging, only in ACTIONS_BY_TAGGING.items() if bit & only)


def _speaking(statements: Iterable[Allow | Deny], bit: int, caller: Caller, roles: Roles) -> Iterator[Speaking]:
    """Yield the statements that may apply to an action and to the caller."""
    for statement in statements:
        if statement.perhaps & bit:
            possible = tuple(possible_ways(statement.statement, caller, roles))
            is_certain = statement.actions & bit and not statement.statement.holes
            certain = tuple(certain_ways(statement.statement, caller, roles)) if is_certain else ()
            if possible:
                yield Speaking(statement, certain, possible)
