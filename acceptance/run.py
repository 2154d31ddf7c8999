"""A complete run. It creates nothing unless the account is a sandbox, and removes everything that it created."""

from __future__ import annotations

from dataclasses import replace

from . import account, teardown
from .credentials import UntilTeardown
from .errors import AWS_ERRORS, AcceptanceError, one_line
from .record import Agreement, Record, Step
from .session import Session
from .steps import STEPS, StepOf
from .subjects import owed


def run(session: Session) -> None:
    """Do the complete run, and record it in the session. Raises RefusedError before anything is created.

    Everything is removed in any case, also after an interrupt (KeyboardInterrupt), which is raised again.
    """
    session.say("looking whether this account is a sandbox")
    account.check_sandbox(session.clients, session.sandbox)
    for step in STEPS:
        for subject in step.subjects:
            session.record.expect(owed(subject, session.cases), (subject,))
    try:
        _go(session, UntilTeardown(session.clock, session.credentials_end))
    except KeyboardInterrupt:
        session.record.interrupted = True
        raise
    finally:
        session.say("tearing down")
        teardown.tear_down(session.clients, session.clock, session.record, session.say)
        session.record.ended = session.clock.now()


def _go(session: Session, clock: UntilTeardown) -> None:
    """Do the steps. A failed step leaves its questions open, and a failed vital step is the last one."""
    in_time = replace(session, clock=clock)
    for step in STEPS:
        problem = _taken(in_time, step, clock)
        if problem is not None:
            for subject in step.subjects:
                session.record.excuse(subject, problem)
            if step.vital:
                return


def _taken(session: Session, step: StepOf, clock: UntilTeardown) -> str | None:
    """Do a step and return why it failed, or None if it succeeded."""
    session.say(step.name)
    started, problem = session.clock.now(), None
    try:
        clock.check()
        step.act(session)
    except (*AWS_ERRORS, AcceptanceError) as error:
        problem = one_line(error)
    session.record.steps.append(Step(step.name, started, session.clock.now(), problem))
    return problem


def status(record: Record) -> int:
    """Return the exit status: 0 all agrees, 1 something differs, 2 something is not answered, 3 something is left."""
    if record.left:
        return 3
    if Agreement.DIFFERS in record.agreements:
        return 1
    return 2 if Agreement.NOT_ANSWERED in record.agreements or record.problems or record.interrupted else 0
