"""The step in which AWS Config starts dry runs by itself, and the outcome of these attempts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from contextlib import suppress

from . import questions, remediation
from .clients import Clients
from .clock import duration, wait_for
from .errors import AWS_ERRORS, TimedOutError, code_of
from .questions import Watched
from .remediation import Json
from .sandbox import RULE
from .session import Session

ATTEMPTS, WINDOW_SECONDS = 2, 3600
"""How often Config may try in this time, before it stops remediating a repository."""
_WATCHED_SECONDS = 2400
_EVERY = 300.0
_BUSY = frozenset({"ResourceInUseException", "LimitExceededException", "ThrottlingException"})
"""The errors of Config if the rule is running already."""


def watch_dry_runs(session: Session) -> None:
    """Answer ATTEMPTS. The stack's own remediation configuration is always restored."""
    clients = session.clients
    stacks_own = remediation.configuration(clients)
    remediation.put(clients, remediation.automatic_dry_run(stacks_own, ATTEMPTS, WINDOW_SECONDS))
    try:
        watched = _watched(session, stacks_own["TargetId"])
        session.record.answers[questions.ATTEMPTS.key] = questions.of_attempts(watched)
    finally:
        remediation.put(clients, stacks_own)
    if watched.given_up:  # otherwise these repositories could not be remediated any more
        remediation.forget_exceptions(clients, watched.given_up)


def _watched(session: Session, document: str) -> Watched:
    clients, known = session.clients, dict[str, Json]()
    seen: list[Watched] = []

    def told() -> bool | None:
        _evaluate(clients)
        over = {one: found for one, found in known.items() if remediation.is_over(found)}
        known.update(remediation.executions(clients, document, over))
        seen.append(_counted(session, known.values()))
        return bool(seen[-1].given_up) or max(seen[-1].runs.values(), default=0) > ATTEMPTS or None

    with suppress(TimedOutError):  # the answer is what was seen until then
        wait_for(session.clock, "the end of the automatic attempts", _WATCHED_SECONDS, told, every=_EVERY)
    return seen[-1]


def _evaluate(clients: Clients) -> None:
    """Start the rule, because Config remediates what it has just evaluated."""
    try:
        clients.config.start_config_rules_evaluation(ConfigRuleNames=[RULE])
    except AWS_ERRORS as error:
        if code_of(error) not in _BUSY:
            raise


def _counted(session: Session, executions: Iterable[Json]) -> Watched:
    over = [
        one for one in executions if remediation.is_over(one) and remediation.repository_of(one) in session.repositories
    ]
    failed = {
        remediation.repository_of(one): str(one.get("FailureMessage", one["AutomationExecutionStatus"]))
        for one in over
        if one["AutomationExecutionStatus"] != remediation.SUCCESS
    }
    runs = Counter(name for name in map(remediation.repository_of, over) if name not in failed)
    given_up = remediation.exceptions(session.clients, list(session.repositories))
    return Watched(ATTEMPTS, runs, failed, tuple(given_up), duration(_WATCHED_SECONDS))
