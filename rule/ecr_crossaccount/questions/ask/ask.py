"""`ask`: whether a caller may act on a repository, which statement decides it, and on what it depends."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TypeVar

from ...documents.document import Document, Policy
from ...documents.parse import parse
from ...documents.problems import Invalid, first_of, quote
from ...errors import closest
from ...judgement.admission import Origin, RepositoryArn
from ...judgement.beside import Beside, Scope, Spoken, spoken_of
from ...judgement.context.keys import NAMES, meanings_for, row
from ...judgement.context.request import RepositoryContext
from ...judgement.judge import Repository, context_for
from ...judgement.judgement import Judgement, Prepared
from ...judgement.patterns.automaton import Budget, BudgetSpentError
from ...judgement.search.constraints import Allow, JudgementCache
from ...judgement.search.denies import Deny
from ...judgement.values import actions
from ...judgement.values.trust import Trust
from .completions import ActionGroup, completions_of, fates_of
from .question import Needs, Question, Wanted
from .replies import Answer, Answered, Replies, Reply

STEPS = 200_000
"""The work budget of one question, in steps of the search: five times that of a verdict, which needs fewer searches."""
_SHOWN = 3
_Statement = TypeVar("_Statement", Allow, Deny)


NOTHING_BESIDE = Beside(None, ())


def ask(  # noqa: PLR0913, PLR0917 - everything that an answer depends on
    policy: object,
    repository: Repository,
    question: Question,
    trust: Trust,
    origin: Origin = Origin.PROPOSED,
    beside: Beside = NOTHING_BESIDE,
) -> Answered:
    """Answer a question from the policy of a repository: its text, its JSON object, or None if there is none.

    `beside`: the registry policy and the resource control policies that also apply. Only the date of `trust` is used.
    Raises QuestionError if no request can be as the question describes it.
    """
    context = context_for([policy, *beside.documents], repository, trust)
    arn = RepositoryArn(context.partition, context.region, context.owner, repository.name)
    spoken, faults = spoken_of(beside, arn)
    registry = beside.registry
    scope = Scope.UNKNOWN if registry is None else registry.scope
    own = _answer_once if isinstance(policy, str) else _answer_once.__wrapped__
    found = own(policy, context, question, origin, spoken, scope)
    if faults:
        return _undecided_answer(found, f"IAM would reject a policy: {_faults(faults)}")
    if registry is not None and registry.unread is not None:
        return _undecided_answer(found, f"the registry policy could not be read: {registry.unread}")
    return found


@lru_cache(maxsize=4096)
def _answer_once(  # noqa: PLR0913, PLR0917 - everything that an answer depends on
    policy: object, context: RepositoryContext, question: Question, origin: Origin, spoken: Spoken, scope: Scope
) -> Answered:
    """Answer once for identical policies of the same owner."""
    own = parse(policy)
    union = Policy((*own.statements, *spoken.statements), own.invalid)
    mask = actions.SCOPE_V1 if scope is Scope.V1 else -1
    prepared = Judgement(union, context, Trust.nobody(), origin, scope=mask).prepare()
    if scope is Scope.UNKNOWN:  # what a registry policy certainly says in every scope, and what it may say
        allows, denies = tuple(map(_in_every_scope, prepared.allows)), tuple(map(_in_every_scope, prepared.denies))
        prepared = prepared._replace(allows=allows, denies=denies)
    found = _Asking(prepared, context, question).answer_question()
    if not prepared.invalid:
        return found
    return _undecided_answer(found, f"IAM would reject the policy: {_faults(prepared.invalid)}")


def _in_every_scope(one: _Statement) -> _Statement:
    if one.statement.document is not Document.REGISTRY:
        return one
    return replace(one, actions=one.actions & actions.SCOPE_V1)


def _faults(invalid: Iterable[Invalid]) -> str:
    return first_of([f"{one.at}: {one.reason}" for one in invalid], _SHOWN)


def _undecided_answer(found: Answered, reason: str) -> Answered:
    return Answered(Reply(Answer.UNDECIDED, found.reply.actions, (), reason), (), found.notes)


class _Asking:
    """One question about one policy."""

    def __init__(self, prepared: Prepared, context: RepositoryContext, question: Question) -> None:
        self._prepared = prepared
        self._context = context
        self._question = replace(question, wanted=question.wanted.reaching(prepared.sets.others))
        self._cache = JudgementCache(Budget(STEPS), meanings_for(context))
        self._is_owner = question.caller.account == context.owner

    def answer_question(self) -> Answered:
        """Return the answer: for each set of actions that the policy treats equally, then for all wanted actions."""
        question = self._question
        fates = list(fates_of(question.wanted.actions, question.caller, self._prepared))
        single = [self._single(fate) for fate in fates]
        reply = single[0] if len(single) == 1 else self._together(fates, single)
        notes = dict.fromkeys([*self._prepared.notes, *self._unheard()])
        return Answered(reply, tuple(single) if len(single) > 1 else (), tuple(notes))

    def _unheard(self) -> Iterator[str]:
        """Yield a note for each given key that is unknown to AWS's table and to the policy. It may be mistyped."""
        every: list[Allow | Deny] = [*self._prepared.allows, *self._prepared.denies]
        asked = {key for one in every for clause in one.clauses for key in (clause.key, *clause.variables)}
        for key, name in self._question.given.spelling:
            if row(key) is None and key not in asked:
                meant = closest(key, [*NAMES.values(), *(each.condition.key for one in every for each in one.clauses)])
                hint = f" (did you mean {quote(meant)}?)" if meant else ""
                yield f"{quote(name)} is not a known condition key, and no statement asks about it{hint}"

    def _open(self, fates: Sequence[ActionGroup]) -> Replies:
        roles = self._prepared.roles
        return Replies(completions_of(self._question, fates, roles, self._context, self._cache), roles)

    def _single(self, fate: ActionGroup) -> Reply:
        try:
            replies = self._open((fate,))
            return replies.reply_to_owner(fate) if self._is_owner else replies.reply_to_outsider(fate)
        except BudgetSpentError:
            return _too_intricate(fate.actions)

    def _together(self, fates: Sequence[ActionGroup], single: Sequence[Reply]) -> Reply:
        wanted = self._question.wanted
        if wanted.needs is Needs.ANY:
            return _strongest(single)
        answers = {reply.answer for reply in single}
        if len(answers) == 1 and answers <= {Answer.ALLOWED, Answer.DENIED}:
            return _unite_replies(single, wanted.actions)
        if Answer.DENIED in answers:
            return _partly(wanted, single)
        if self._is_owner:
            return _unite_replies([reply for reply in single if reply.answer is not Answer.ALLOWED], wanted.actions)
        try:
            return self._open(fates).about_all(fates, single, wanted)
        except BudgetSpentError:
            return _too_intricate(wanted.actions)


_ORDER = (Answer.ALLOWED, Answer.DEPENDS, Answer.UNDECIDED, Answer.DENIED)


def _strongest(single: Sequence[Reply]) -> Reply:
    """Return the best answer, for a question in which any one of the actions is enough."""
    answer = min((reply.answer for reply in single), key=_ORDER.index)
    found = [reply for reply in single if reply.answer is answer]
    return _unite_replies(found, tuple(action for reply in found for action in reply.actions))


def _unite_replies(replies: Sequence[Reply], actions: tuple[str, ...]) -> Reply:
    """Return one reply for several sets of actions with the same answer, with the examples of the first."""
    first = replies[0]
    by = tuple(dict.fromkeys(cited for reply in replies for cited in reply.by))
    reason = "; ".join(dict.fromkeys(reply.reason for reply in replies))
    return Reply(first.answer, actions, by, reason, first.depends, first.allowed, first.refused)


def _partly(wanted: Wanted, single: Sequence[Reply]) -> Reply:
    """Return the reply if some of the needed actions are denied.

    If the others are of no use alone, the whole is denied.
    """
    denied = [reply for reply in single if reply.answer is Answer.DENIED]
    left = [action for reply in single if reply.answer is not Answer.DENIED for action in reply.actions]
    telling = not wanted.telling.isdisjoint(left)
    lost = first_of([action for reply in denied for action in reply.actions], _SHOWN)
    why = "; ".join(dict.fromkeys(reply.reason for reply in denied))
    by = tuple(dict.fromkeys(cited for reply in (single if telling else denied) for cited in reply.by))
    reason = f"a {wanted.text} needs {lost}: {why}" + (f"; not denied: {first_of(left, _SHOWN)}" if telling else "")
    return Reply(Answer.PARTLY if telling else Answer.DENIED, wanted.actions, by, reason)


def _too_intricate(actions: tuple[str, ...]) -> Reply:
    reason = "the policy is too complex to answer this question within the work budget"
    return Reply(Answer.UNDECIDED, actions, (), reason)
