"""The statements that an organization requires in every repository policy, and those that a policy does not have.

They are the Denies of a perimeter, found by Sid. A plan adds missing ones, and the AWS Config rule reports them. A plan
removes Resource elements of a policy that ECR has stored, if they have no effect.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, cast

from ...documents.document import (
    EVERYONE,
    NEW_VERSION,
    Effect,
    Form,
    Named,
    Principals,
    Statement,
    aws_principal,
)
from ...documents.json import RepeatedNames
from ...documents.parse import parse
from ...documents.pattern import holes_in, texts_in
from ...documents.problems import quote
from ...errors import RequiredError
from ...judgement.admission import STEPS_OF_RESOURCES, RepositoryArn, concerns
from ...judgement.conditions.operators import Truth
from ...judgement.judge import Repository
from ...judgement.patterns.automaton import Budget
from ...judgement.values.actions import EVERY, ActionSets
from .outcome import (
    CannotSayError,
    Change,
    Written,
    document_of,
    one_or_many,
    statements_of,
    with_statements,
)

AT = "required"
"""What the places of problems begin with."""
_WHOM = frozenset({EVERYONE, Principals(any_aws=True)})
_SID = r"[A-Za-z0-9]+"
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_sid.html"""
_PLACEHOLDER = r"\$\{([^{}]*)\}?"
_VARIABLE = re.compile(r"[*?$]|[a-z0-9-]+:[^:].*", re.DOTALL)
"""The variables that IAM fills in: a condition key, or one of three characters.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html"""
_DEEPEST = 20
"""The most levels of nesting in a statement. IAM's grammar has five."""
Problem = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Required:
    """Denies that every policy must have, in the order in which a plan adds them. Each has its own Sid."""

    statements: tuple[Written, ...]

    @classmethod
    def parse(cls, value: object, values: Mapping[str, str] | None = None) -> Required:
        """Read a list of statements, one statement, or a policy document with them, as JSON values.

        `values` fill in placeholders such as `${ORG_ID}`. Raises RequiredError, which names every problem.
        """
        found, problems = _statements_in(value)
        filled = [
            _fill_placeholders(f"{AT}[{number}]", one, values or {}, problems) for number, one in enumerate(found)
        ]
        problems += _of_values(found, values or {})
        if not problems:
            problems += _faults(cast("list[Written]", filled))
        if problems:
            raise RequiredError(tuple(problems))
        return cls(tuple(cast("list[Written]", filled)))

    @property
    def has_variables(self) -> bool:
        """Whether a statement has policy variables, which policies of the older version take literally."""
        return "${" in json.dumps(self.statements)


def _statements_in(value: object) -> tuple[list[object], list[Problem]]:
    if isinstance(value, Mapping) and "Statement" in value:
        return _in_document(value)
    found = list(value) if isinstance(value, (list, tuple)) else [value]
    if not found:
        return [], [(AT, "no statement is required: expected at least one")]
    return found, []


def _in_document(document: Written) -> tuple[list[object], list[Problem]]:
    problems = [
        (f"{AT}.{name}", "is unknown: expected Version, Id and Statement")
        for name in document
        if name not in ("Version", "Id", "Statement")
    ]
    if isinstance(document, RepeatedNames):
        problems += [(f"{AT}.{name}", "appears twice") for name in document.names]
    found = one_or_many(document["Statement"])
    if not found:
        problems.append((f"{AT}.Statement", "no statement is required: expected at least one"))
    if document.get("Version", NEW_VERSION) != NEW_VERSION:
        problems.append((f"{AT}.Version", f"expected `{NEW_VERSION}`, in which variables mean something"))
    return found, problems


def _fill_placeholders(
    at: str, value: object, values: Mapping[str, str], problems: list[Problem], depth: int = 0
) -> object:
    """Return a value with its placeholders filled in, and add each remaining one to `problems`."""
    if depth > _DEEPEST:
        problems.append((at, "nested too deeply"))
        return None
    match value:
        case str():
            return _text(at, value, values, problems)
        case RepeatedNames():
            problems += [(f"{at}.{name}", "appears twice") for name in value.names]
            return value
        case Mapping():
            return {
                name: _fill_placeholders(f"{at}.{name}", one, values, problems, depth + 1)
                for name, one in value.items()
            }
        case list() | tuple():
            return [
                _fill_placeholders(f"{at}[{place}]", one, values, problems, depth + 1)
                for place, one in enumerate(value)
            ]
    return value


def _text(at: str, text: str, values: Mapping[str, str], problems: list[Problem]) -> str:
    def fill(found: re.Match[str]) -> str:
        name = found[1]
        if found[0].endswith("}") and name in values:
            return values[name]
        if not (found[0].endswith("}") and _VARIABLE.fullmatch(name)):
            problems.append(
                (at, f"{quote(found[0])} is not filled in: write its value, or give it one (--parameter NAME=VALUE)")
            )
        return found[0]

    return re.sub(_PLACEHOLDER, fill, text)


def _of_values(found: Sequence[object], values: Mapping[str, str]) -> Iterator[Problem]:
    """Yield the problems of placeholder values: each value must be used, and must not replace a variable of IAM's."""
    used = {name for one in found for text in texts_in(one) for name in re.findall(_PLACEHOLDER, text)}
    for name in values:
        if _VARIABLE.fullmatch(name):
            yield AT, f"{quote(name)} is a variable that IAM fills in, and takes no value"
        elif name not in used:
            yield AT, f"no statement has {quote('${' + name + '}')}, for which there is a value"


def _faults(statements: Sequence[Written]) -> list[Problem]:
    read = parse({"Version": NEW_VERSION, "Statement": list(statements)})
    problems = [(invalid.at.replace("$.Statement", AT, 1), invalid.reason) for invalid in read.invalid]
    if problems:
        return problems
    for statement in read.statements:
        problems += [(f"{AT}[{statement.number}]{at}", reason) for at, reason in _faults_of(statement)]
    sids = [statement.sid for statement in read.statements]
    for number, sid in enumerate(sids):
        if sid is not None and sid in sids[:number]:
            problems.append((f"{AT}[{number}].Sid", f"{quote(sid)} appears twice: each statement is told by its Sid"))
    return problems


def _faults_of(statement: Statement) -> Iterator[Problem]:
    if statement.effect is not Effect.DENY:
        yield ".Effect", "only a Deny can be required: an Allow would open every repository that it is put into"
    if statement.sid is None:
        yield "", "has no Sid: add one, so that it can be found again"
    elif not re.fullmatch(_SID, statement.sid):
        yield ".Sid", f"{quote(statement.sid)} is not a Sid: expected letters and digits"
    if statement.resources is not None:
        yield "", "a repository policy takes no Resource: leave it out"
    if statement.empty_condition:
        yield ".Condition", "is empty, and AWS does not document its effect: remove it"
    if statement.principals not in _WHOM:
        yield "", 'expected "Principal": "*" or {"AWS": "*"}: use conditions to name principals (aws:PrincipalAccount)'
    if not ActionSets().denied_actions(statement.actions) & EVERY:
        yield "", "denies no action on a repository: expected actions such as `ecr:*`"


# --- whether a policy has a statement ---


def says_the_same(one: Written, other: Written) -> bool:
    """Return whether two statements mean the same and differ only in spelling.

    Ignored are the order of names and of list values, a single value or a list of one, the case of an action, and
    whether an account is a number or its root ARN. ECR stores the ARN.
    """
    return _canonical(one) == _canonical(other)


def _canonical(statement: Written) -> str:
    spelled: dict[str, Callable[[object], object]] = {
        "Action": lambda value: _as_set(value, _in_small_letters),
        "NotAction": lambda value: _as_set(value, _in_small_letters),
        "Principal": _principal,
        "Condition": _condition,
    }
    return json.dumps({name: spelled.get(name, _plainly)(value) for name, value in statement.items()}, sort_keys=True)


def _plainly(value: object) -> object:
    return value if isinstance(value, str) else repr(value)


def _as_set(value: object, spelled: Callable[[object], object]) -> object:
    return sorted({json.dumps(spelled(one)) for one in one_or_many(value)})


def _in_small_letters(value: object) -> object:
    return value.lower() if isinstance(value, str) else repr(value)


def _principal(value: object) -> object:
    if not isinstance(value, Mapping):
        return _plainly(value)
    return {str(kind): _as_set(entries, _account) for kind, entries in value.items()}


def _account(entry: object) -> object:
    found = aws_principal(entry) if isinstance(entry, str) else None
    is_account = isinstance(found, Named) and found.form is Form.ACCOUNT
    return found.account if is_account and isinstance(found, Named) else _plainly(entry)


def _condition(value: object) -> object:
    if not isinstance(value, Mapping):
        return _plainly(value)
    return {
        str(operator): {str(key): _as_set(values, _plainly) for key, values in keys.items()}
        if isinstance(keys, Mapping)
        else _plainly(keys)
        for operator, keys in value.items()
    }


_REASON = "a repository policy does not need a Resource, and this one names the repository anyway"


def without_idle(document: Written, repository: Repository) -> tuple[Written, tuple[Change, ...]]:
    """Return the policy without each Resource that certainly names the repository, and a change for each."""
    idle = dict(_idle(document, repository))
    if not idle:
        return document, ()
    written = [
        {name: value for name, value in cast("Written", one).items() if name != "Resource"} if place in idle else one
        for place, one in enumerate(statements_of(document))
    ]
    changes = tuple(Change(place, sid, "Resource removed", _REASON) for place, sid in idle.items())
    return with_statements(document, written), changes


def _idle(document: Written, repository: Repository) -> Iterator[tuple[int, str | None]]:
    arn = RepositoryArn(repository.partition, repository.region, repository.account, repository.name)
    budget = Budget(STEPS_OF_RESOURCES)
    for statement in parse(document).statements:
        if statement.resources is None or statement.resources.negated:
            continue
        if concerns(statement.resources, arn, budget) is Truth.YES:
            yield statement.number, statement.sid


class Missing(NamedTuple):
    """A required statement that the policy does not have. `instead` is the number of the statement that it replaces."""

    sid: str
    statement: Written
    instead: int | None


def missing_from(document: Written, required: Required) -> list[Missing]:
    """Return the required statements that a policy does not have, in order.

    Raises CannotSayError if that is unknown.
    """
    written: list[Written] = []
    for number, one in enumerate(statements_of(document)):
        if not isinstance(one, Mapping) or any(holes_in(one.get("Sid"))):
            raise CannotSayError(f"statement {number} is not known yet, nor whether it is one that is required")
        written.append(one)
    if required.has_variables and document.get("Version") != NEW_VERSION:
        raise CannotSayError(
            f"the required statements have policy variables, which need version {NEW_VERSION}, and the policy "
            "has another: change its Version first, unless its own text has `${`"
        )
    return [found for statement in required.statements for found in _missing(statement, written)]


def missing_in(policy: object, required: Required, repository: Repository) -> list[Missing]:
    """Return the required statements that ECR's stored policy does not have: all of them if there is no policy.

    The policy must be one that IAM accepts. Raises CannotSayError if the statements cannot be compared.
    """
    document = document_of(policy)
    if document is None:
        return [Missing(str(statement["Sid"]), statement, None) for statement in required.statements]
    return missing_from(without_idle(document, repository)[0], required)


def _missing(statement: Written, written: Sequence[Written]) -> Iterator[Missing]:
    sid = str(statement["Sid"])
    named = [(number, one) for number, one in enumerate(written) if one.get("Sid") == sid]
    if len(named) > 1:
        numbers = f"{named[0][0]} and {named[1][0]}"
        raise CannotSayError(f"statements {numbers} are both called `{sid}`: ECR takes each Sid once")
    if not named:
        yield Missing(sid, statement, None)
    for number, one in named:
        if not says_the_same(one, statement):
            yield Missing(sid, statement, number)
