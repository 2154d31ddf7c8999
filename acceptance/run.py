"""A run from end to end: nothing is made in an account that is no sandbox, and everything that was made is removed."""

from __future__ import annotations

from . import account, teardown
from .errors import AWS_ERRORS, AcceptanceError, one_line
from .record import Agreement, Record, Step
from .session import Session
from .steps import STEPS, StepOf
from .subjects import owed


def run(session: Session) -> None:
    """Make the whole run, and note it in the session's record. Raises RefusedError before anything was made.

    Whatever ends it, an interrupt (KeyboardInterrupt, passed on) too, everything is removed.
    """
    session.say("looking whether this account is a sandbox")
    account.check_sandbox(session.clients, session.sandbox)
    for step in STEPS:
        for subject in step.subjects:
            session.record.expect(owed(subject, session.cases), (subject,))
    try:
        _go(session)
    except KeyboardInterrupt:
        session.record.interrupted = True
        raise
    finally:
        session.say("tearing down")
        teardown.tear_down(session.clients, session.clock, session.record, session.say)
        session.record.ended = session.clock.now()


def _go(session: Session) -> None:
    """Take the steps. One that fails leaves its questions open; after a vital one there is no other."""
    for step in STEPS:
        problem = _taken(session, step)
        if problem is not None:
            for subject in step.subjects:
                session.record.excuse(subject, problem)
            if step.vital:
                return


def _taken(session: Session, step: StepOf) -> str | None:
    """Take a step and return why it failed, None if it went through."""
    session.say(step.name)
    started, problem = session.clock.now(), None
    try:
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
