"""`ask`: whether somebody may do something to a repository, by which statement, and on what it depends."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from ..access.context.request import RepositoryContext
from ..access.judge import Repository, context_of, reads_tags
from ..access.judgement import Judgement, Origin, Prepared
from ..access.patterns.automaton import Budget, BudgetSpentError
from ..access.search.cache import JudgementCache
from ..access.trust import Trust
from ..policy.parse import parse
from ..policy.problems import first_of
from .answer import Answer, Answered, Reply
from .completions import Fate
from .fates import fates_of
from .opened import opened
from .question import Question
from .replies import Replies
from .wanted import Needs, Wanted

STEPS = 200_000
"""The work budget of one question, in steps of the search: five times that of a verdict, which asks less."""
_SHOWN = 3


def ask(
    policy: object, repository: Repository, question: Question, trust: Trust, origin: Origin = Origin.PROPOSED
) -> Answered:
    """Answer a question by the policy of a repository: its text, its JSON object, or None where there is none.

    Of `trust` nothing counts but the date. Raises QuestionError if there can be no request such as is asked about.
    """
    tags = repository.tags
    unread = not tags or (isinstance(policy, str) and not reads_tags(policy))
    context = context_of(repository, trust, () if unread else tuple(sorted(tags.items())))
    if isinstance(policy, str):
        return _ask_text(policy, context, question, origin)
    return _answered(policy, context, question, origin)


@lru_cache(maxsize=4096)
def _ask_text(policy: str, context: RepositoryContext, question: Question, origin: Origin) -> Answered:
    """Answer once for identical policies of the same owner."""
    return _answered(policy, context, question, origin)


def _answered(policy: object, context: RepositoryContext, question: Question, origin: Origin) -> Answered:
    prepared = Judgement(parse(policy), context, Trust.nobody(), origin).prepared()
    asking = _Asking(prepared, context, question)
    found = asking.answered()
    if not prepared.invalid:
        return found
    shown = first_of([f"{one.at}: {one.reason}" for one in prepared.invalid], _SHOWN)
    undecided = Reply(Answer.UNDECIDED, question.wanted.actions, (), f"IAM would not accept the policy: {shown}")
    return Answered(undecided, (), found.notes)


class _Asking:
    """One question about one policy."""

    def __init__(self, prepared: Prepared, context: RepositoryContext, question: Question) -> None:
        self._prepared = prepared
        self._context = context
        self._question = question
        self._cache = JudgementCache(Budget(STEPS))
        self._is_owner = question.caller.account == context.owner

    def answered(self) -> Answered:
        """Answer it: for each set of actions that fare alike, and then for all that are wanted."""
        question = self._question
        fates = list(fates_of(question.wanted.actions, question.caller, self._prepared))
        single = [self._single(fate) for fate in fates]
        reply = single[0] if len(single) == 1 else self._together(fates, single)
        return Answered(reply, tuple(single) if len(single) > 1 else (), tuple(dict.fromkeys(self._prepared.notes)))

    def _open(self, fates: Sequence[Fate]) -> Replies:
        return Replies(opened(self._question, fates, self._prepared.roles, self._context, self._cache))

    def _single(self, fate: Fate) -> Reply:
        try:
            replies = self._open((fate,))
            return replies.within(fate) if self._is_owner else replies.about(fate)
        except BudgetSpentError:
            return _too_intricate(fate.actions)

    def _together(self, fates: Sequence[Fate], single: Sequence[Reply]) -> Reply:
        wanted = self._question.wanted
        if wanted.needs is Needs.ANY:
            return _strongest(single)
        answers = {one.answer for one in single}
        if len(answers) == 1 and answers <= {Answer.ALLOWED, Answer.DENIED}:
            return _united(single, wanted.actions)
        if Answer.DENIED in answers:
            return _partly(wanted, single)
        if self._is_owner:
            return _united([one for one in single if one.answer is not Answer.ALLOWED], wanted.actions)
        try:
            return self._open(fates).about_all(fates, single, wanted)
        except BudgetSpentError:
            return _too_intricate(wanted.actions)


_ORDER = (Answer.ALLOWED, Answer.DEPENDS, Answer.UNDECIDED, Answer.DENIED)


def _strongest(single: Sequence[Reply]) -> Reply:
    """Of actions each of which will do: what is answered of those that get furthest."""
    answer = min((one.answer for one in single), key=_ORDER.index)
    found = [one for one in single if one.answer is answer]
    return _united(found, tuple(action for one in found for action in one.actions))


def _united(replies: Sequence[Reply], actions: tuple[str, ...]) -> Reply:
    """Say the same of several sets of actions at once, with the examples of the first."""
    first = replies[0]
    by = tuple(dict.fromkeys(cited for one in replies for cited in one.by))
    reason = "; ".join(dict.fromkeys(one.reason for one in replies))
    return Reply(first.answer, actions, by, reason, first.depends, first.allowed, first.refused)


def _partly(wanted: Wanted, single: Sequence[Reply]) -> Reply:
    """Say that some of what it takes together is denied; where that is all that tells, it is denied as a whole."""
    denied = [one for one in single if one.answer is Answer.DENIED]
    left = [action for one in single if one.answer is not Answer.DENIED for action in one.actions]
    telling = not wanted.telling.isdisjoint(left)
    lost = first_of([action for one in denied for action in one.actions], _SHOWN)
    why = "; ".join(dict.fromkeys(one.reason for one in denied))
    by = tuple(dict.fromkeys(cited for one in (single if telling else denied) for cited in one.by))
    reason = f"a {wanted.text} takes {lost}: {why}" + (f"; not denied: {first_of(left, _SHOWN)}" if telling else "")
    return Reply(Answer.PARTLY if telling else Answer.DENIED, wanted.actions, by, reason)


def _too_intricate(actions: tuple[str, ...]) -> Reply:
    reason = "the policy is too intricate for this question to be decided within the work budget"
    return Reply(Answer.UNDECIDED, actions, (), reason)
