"""`--only analyzer`: the engine beside IAM Access Analyzer, on policies of repositories that do not exist.

An access preview of a new resource needs no stack, no recorder and no repository, and opens nothing:
https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-access-preview.html. The run creates an analyzer if the
account has none, and removes it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from . import previews, teardown
from .cases import Case, names
from .errors import AWS_ERRORS, AcceptanceError, one_line
from .opinions import compared
from .record import Comparison, Step
from .session import Session
from .subjects import ANALYZER

TABLES = Path(__file__).parents[1] / "tests" / "cases"
_OWNER = "111122223333"
"""The owner account in the tables. The sandbox takes its place."""
_CIRCUMSTANCES = frozenset({"repository", "region", "partition", "origin", "tags", "organization"})
"""Fields of a case about something that a preview cannot be told."""
_NEW = "ecr-crossaccount-acceptance/new"
"""The repository that no one creates."""


def tables(folder: Path) -> Iterator[Case]:
    """Yield the cases of tables of the judgement whose policy alone decides. Raises OSError, ValueError."""
    for file in sorted(folder.glob("*.json")):
        found: Any = json.loads(file.read_text(encoding="utf-8"))
        for row in found if isinstance(found, list) else found["cases"]:
            if row["policy"] is not None and not _CIRCUMSTANCES & set(row):
                text = row["policy"] if isinstance(row["policy"], str) else json.dumps(row["policy"])
                yield Case(f"{file.stem}: {row['name']}", row["why"], text, "")


def only_analyzer(session: Session) -> None:
    """Compare the engine's verdicts with previews, and record them. The analyzer is removed in any case."""
    session.record.expect([one.name for one in session.cases], (ANALYZER,))
    started, problem = session.clock.now(), None
    try:
        _compare(session)
    except KeyboardInterrupt:
        session.record.interrupted = True
        raise
    except (*AWS_ERRORS, AcceptanceError) as error:
        problem = one_line(error)
        session.record.excuse(ANALYZER, problem)
    finally:
        session.record.steps.append(Step("ask IAM Access Analyzer", started, session.clock.now(), problem))
        teardown.remove_analyzer(session.clients, session.clock, session.record)
        session.record.ended = session.clock.now()


def _compare(session: Session) -> None:
    arn = previews.analyzer(session.clients, session.clock)
    filled = names(session.sandbox, f"arn:aws:iam::{session.sandbox.account}:role/recorder", "")
    policies = {case.name: _policy(session, case, filled) for case in session.cases}
    session.record.policies.update(policies)
    asked = [(session.sandbox.arn(_NEW), policy or "") for policy in policies.values()]
    answers = previews.at_once(session.clients, session.clock, arn, asked)
    for number, (case, answer) in enumerate(zip(session.cases, answers, strict=True), start=1):
        session.say(f"{number} of {len(session.cases)}: {case.name}")
        try:
            found = answer.result()
        except (*AWS_ERRORS, AcceptanceError) as error:
            session.record.settle(Comparison(case.name, ANALYZER, why=one_line(error)))
            continue
        session.record.settle(compared(case.name, session.sandbox, _NEW, policies[case.name], found))


def _policy(session: Session, case: Case, filled: dict[str, str]) -> str | None:
    if ": " in case.name:  # of a table
        return (case.policy or "").replace(_OWNER, session.sandbox.account)
    return case.filled(filled)
