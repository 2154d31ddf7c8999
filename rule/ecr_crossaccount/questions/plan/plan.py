"""Plans the narrowest policy that keeps trusted access, from a policy, its repository and trust."""

from __future__ import annotations

from dataclasses import replace

from ...judgement.admission import Origin
from ...judgement.judge import Repository, judge
from ...judgement.values.trust import Trust
from ...judgement.values.verdict import Compliance, Verdict
from . import reasons
from .errors import CannotSayError
from .outcome import Action, Change, Plan, Strategy
from .question import Question
from .required import Required
from .resources import without_idle
from .work import Work
from .written import document_of


def plan(  # noqa: PLR0913 - what a plan depends on, all of it
    policy: object,
    repository: Repository,
    trust: Trust,
    strategy: Strategy | str = Strategy.NARROW,
    origin: Origin = Origin.PROPOSED,
    *,
    required: Required | None = None,
    cut_trusted: bool = False,
) -> Plan:
    """Plan the change of a repository's policy. The arguments are those of `judge`.

    A policy that is set or left is judged COMPLIANT, unless the plan is `refused`. It allows no request that the old
    policy did not allow. Under `narrow`, it also allows every request of the owner account, or covered by trust, that
    the old policy allowed.

    `require` adds the statements of `required` and closes nothing else. `after` is the verdict on the resulting policy.
    The plan is refused if it would shut out the owner or a trusted principal, unless `cut_trusted` is set.

    Raises ValueError for an unknown strategy or a missing or unexpected `required`, but never because of a policy.
    """
    strategy = Strategy(strategy)
    if (strategy is Strategy.REQUIRE) != (required is not None):
        raise ValueError("the strategy `require` takes the statements that are required, and no other does")
    if required is not None:
        # Imported here because some functions that plan do not include `questions/ask/`, which this module needs.
        from .require import Situation, plan_required  # noqa: PLC0415

        return plan_required(policy, required, Situation(repository, trust, origin), cut_trusted=cut_trusted)
    verdict = judge(policy, repository, trust, origin)
    if verdict.compliance is Compliance.COMPLIANT:
        return Plan(Action.NONE, document_of(policy))
    if strategy is Strategy.DELETE:
        return Plan(Action.DELETE, None, _whole(verdict), verdict.invalid)
    document = document_of(policy)
    if document is None:
        return Plan(Action.NONE, None, (), verdict.invalid, reasons.still_open(verdict))
    slim, dropped = without_idle(document, repository) if origin is Origin.DEPLOYED else (document, ())
    try:
        work = Work(slim, verdict, Question(slim, repository, trust, origin))
        found = work.narrowed() if strategy is Strategy.NARROW else work.without_offenders()
    except CannotSayError as error:
        return Plan(Action.NONE, document, (), verdict.invalid, str(error))
    return replace(found, changes=(*found.changes, *dropped)) if found.action is Action.SET else found


def _whole(verdict: Verdict) -> tuple[Change, ...]:
    return (Change(None, None, "policy deleted", reasons.still_open(verdict)),)
