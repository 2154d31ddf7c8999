"""The questions that only AWS can answer, and what an answer comes to. Pure: the steps fetch, this reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .record import Agreement, Answer, Question
from .recorded import Selected, object_of, policy_shown, shows_policy

Json = Mapping[str, Any]

ITEM = Question(
    "unreadable-item",
    "What does AWS Config record of a repository whose policy its role may not read?",
    "A blank (`{}`, null, or no RepositoryPolicyText), as for a repository without a policy. So a blank is confirmed by"
    " ecr:GetRepositoryPolicy before it is called COMPLIANT.",
)
COLUMNS = Question(
    "inventory-columns",
    "Does the column `configuration` of SelectResourceConfig hold the repository's policy?",
    "It does. Where a row shows none, the rule asks ECR, which takes longer and comes to the same result.",
)
ATTEMPTS = Question(
    "dry-run-attempts",
    "Does an automatic remediation that succeeds and changes nothing use up MaximumAutomaticAttempts?",
    "AWS documents attempts both as made and as failed. The stack is safe under both readings.",
)
POLLER = Question(
    "poller-source-account",
    "Does Lambda's poller of an SQS queue take the function's role under a condition on aws:SourceAccount?",
    "It does.",
)
PAYLOAD = Question(
    "payload-type",
    "What type has the output `Payload` of aws:invokeLambdaFunction where a later step takes it as a whole?",
    "A text that holds the function's answer as JSON. The documents do not need it: their scripts call the function.",
)
QUESTIONS = (ITEM, COLUMNS, ATTEMPTS, POLLER, PAYLOAD)


def not_answered(reason: str) -> Answer:
    """Return that there is no answer, and why."""
    return Answer(reason, Agreement.NOT_ANSWERED)


def of_item(configuration: Json | None) -> Answer:
    """Answer ITEM from the `configuration` of the item of a repository that may not be read."""
    if configuration is None:
        return not_answered("AWS Config has recorded no item of the repository that may not be read")
    agrees = Agreement.DIFFERS if shows_policy(configuration) else Agreement.AGREES
    return Answer(policy_shown(configuration), agrees)


def of_columns(selected: Selected, policies: Mapping[str, str | None]) -> Answer:
    """Answer COLUMNS from the rows of repositories that have a policy; `policies` are the readable ones, by name."""
    rows = [row for row in selected.rows if policies.get(str(row.get("resourceId"))) is not None]
    if not rows:
        return not_answered("the inventory has no row of the run's repositories that have a policy")
    shown = sorted({policy_shown(object_of(row.get("configuration"))) for row in rows})
    holding = sum(shows_policy(object_of(row.get("configuration"))) for row in rows)
    named = ", ".join(selected.fields) or "none named"
    seen = f"{holding} of {len(rows)} rows with a policy show it ({'; '.join(shown)}); columns: {named}"
    return Answer(seen, Agreement.AGREES if holding == len(rows) else Agreement.DIFFERS)


@dataclass(frozen=True, slots=True)
class Watched:
    """What Config did by itself: successful dry runs by repository, and the repositories that it then gave up.

    `failed`: repositories with a dry run that failed, with its message; they tell nothing and are in nothing else.
    """

    attempts: int
    runs: Mapping[str, int]
    failed: Mapping[str, str]
    given_up: tuple[str, ...]
    watched_for: str


def of_attempts(watched: Watched) -> Answer:
    """Answer ATTEMPTS from what was watched."""
    if not watched.runs:
        failed = "".join(f"; the one of {name} failed: {reason}" for name, reason in watched.failed.items())
        return not_answered(f"no automatic dry run was seen to succeed within {watched.watched_for}{failed}")
    most = max(watched.runs.values())
    counted = f"with at most {watched.attempts} attempts allowed, up to {most} successful dry runs of one repository"
    if watched.given_up:
        seen = f"{counted}, then a remediation exception: attempts are counted as made"
    elif most > watched.attempts:
        seen = f"{counted} and no remediation exception: attempts are counted as failed"
    else:
        return not_answered(f"{counted} and no remediation exception within {watched.watched_for}: either reading fits")
    return Answer(seen, Agreement.AGREES)


def of_poller(states: Sequence[str], empty_receives: float | None) -> Answer:
    """Answer POLLER from the states of the function's event source mappings and the queue's empty receives."""
    enabled = bool(states) and set(states) == {"Enabled"}
    if not enabled:
        return Answer(f"the function's mapping is {', '.join(states) or 'not there'}", Agreement.DIFFERS)
    if not empty_receives:
        return not_answered("the mapping is enabled, but the queue's metric NumberOfEmptyReceives shows no poll yet")
    # Nobody but Lambda, with the function's role, receives from this queue.
    return Answer(f"the mapping is enabled, and the queue was polled {empty_receives:.0f} times", Agreement.AGREES)


def of_payload(types: Sequence[str]) -> Answer:
    """Answer PAYLOAD from the output of the document that looks: Python's names of types."""
    if not types:
        return not_answered("the document that looks has no output")
    seen = _TYPES.get(types[0])
    if seen is None:
        return Answer(f"a type that nobody expected: {', '.join(types)}", Agreement.DIFFERS)
    return Answer(seen, Agreement.AGREES if seen is _TEXT else Agreement.DIFFERS)


_TEXT = "a text that holds a JSON object"
_TYPES = {"str of dict": _TEXT, "dict": "an object"}
