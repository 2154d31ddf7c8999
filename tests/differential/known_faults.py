"""The known errors of iam-simulate 0.1.173, and how the tests handle them. No other file has them.

A `Rewrite` expresses the same in a form that iam-simulate understands, so the pair is still compared. A `Fault` cannot
be rewritten, so a statement that it applies to makes the pair incomparable. Each row has a reason.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ecr_crossaccount import Repository

from tests.properties.oracle import MANY, Request, action_matches, instant, statement_applies
from tests.properties.world import Policy, Statement, as_list, conditions_of, statements_of


@dataclass(frozen=True, slots=True)
class Context:
    """The input of a row besides the statement."""

    policy: Policy
    request: Request
    repository: Repository


@dataclass(frozen=True, slots=True)
class Fault:
    """An error of iam-simulate that cannot be avoided by rewriting."""

    name: str
    why: str
    applies: Callable[[Statement, Context], bool]


@dataclass(frozen=True, slots=True)
class Rewrite:
    """The same condition value in a form that iam-simulate reads correctly."""

    name: str
    why: str
    operators: str
    said_again: Callable[[str, str], list[str]]


@dataclass(frozen=True, slots=True)
class Comparable:
    """A policy in the form for iam-simulate, or the name of the fault that makes it incomparable."""

    policy: Policy
    fault: str | None


def comparable(policy: Policy, request: Request, repository: Repository) -> Comparable:
    """Return the policy rewritten for one request, and the first known fault that makes the answer useless."""
    context = Context(policy, request, repository)
    found = (fault.name for each in statements_of(policy) for fault in FAULTS if fault.applies(each, context))
    said = [_rewritten(each, request) for each in statements_of(policy)]
    return Comparable({**policy, "Statement": said}, next(found, None))


# --- rewrites -----------------------------------------------------------------------------------------------------


def _halves(value: str, _: str) -> list[str]:
    return ["0.0.0.0/1", "128.0.0.0/1"] if re.fullmatch(r"[\d.]+/0", value) else [value]


def _with_prefix(value: str, _: str) -> list[str]:
    return [f"{value}/32" if re.fullmatch(r"[\d.]+", value) else value]


# Later than every request, and the latest date in Python.
_END_OF_TIME = Decimal(253402300799)


def _as_spelt_in_the_request(value: str, actual: str) -> list[str]:
    seconds = min(instant(value), _END_OF_TIME)
    if re.fullmatch(r"\d+", actual):
        return [str(int(seconds))]
    return [dt.datetime.fromtimestamp(float(seconds), dt.UTC).isoformat().replace("+00:00", "Z")]


def _plain_number(value: str, _: str) -> list[str]:
    return [f"{Decimal(value):f}"]


REWRITES = (
    Rewrite("IPv4 /0", "a shift by 32 shifts by nothing in JavaScript, so /0 matches one address", "ip", _halves),
    Rewrite(
        "bare IPv4", "`NotIpAddress` with a literal without prefix is false for every IPv6 caller", "ip", _with_prefix
    ),
    Rewrite("epoch seconds", "an integer date counts as milliseconds", "date", _as_spelt_in_the_request),
    Rewrite("exponents", "`parseInt` stops at the first character that is no digit", "numeric", _plain_number),
)


def _rewritten(statement: Statement, request: Request) -> Statement:
    said: Statement = json.loads(json.dumps(statement))
    for element in {"Action", "NotAction"} & set(said):
        said[element] = [_literal_service(pattern, request) for pattern in as_list(said[element])]
    # A repository policy has no Resource. If one is written, both sides ignore it.
    for element in ("Resource", "NotResource"):
        said.pop(element, None)
    for operator, block in said.get("Condition", {}).items():
        for key, values in block.items():
            actual = request.keys.get(key.lower(), "")
            block[key] = [again for value in as_list(values) for again in _said_again(operator, value, actual)]
    return said


def _literal_service(pattern: str, request: Request) -> str:
    """Return a pattern without a wildcard in the service part, which matches nothing in iam-simulate.

    If the pattern matches, this is the request's own action.
    """
    if pattern == "*" or not re.search("[*?]", pattern.partition(":")[0]):
        return pattern
    return request.action if action_matches({"Action": pattern}, request.action) else "ecr:NoSuchAction"


def _said_again(operator: str, value: Any, actual: Any) -> list[str]:  # noqa: ANN401 - JSON, and one or many strings
    said = [str(value).lower() if isinstance(value, bool) else str(value)]
    base = operator.rpartition(":")[2].lower()
    for rewrite in REWRITES:
        if rewrite.operators in base:
            said = [
                again for each in said for again in rewrite.said_again(each, actual if isinstance(actual, str) else "")
            ]
    return said


# --- faults -------------------------------------------------------------------------------------------------------

_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_ESCAPES = {"*", "?", "$"}


def _texts(statement: Statement, operators: str) -> Iterator[tuple[str, str]]:
    """Yield the operator and value of the conditions that may contain variables."""
    for operator, _, values in conditions_of(statement):
        if re.search(operators, operator):
            yield from ((operator, str(value)) for value in values)


def _variables(statement: Statement, operators: str = "String|Arn") -> Iterator[tuple[str, str]]:
    """Yield the operator and content of every `${…}`, without the escapes."""
    for operator, text in _texts(statement, operators):
        yield from ((operator, inside) for inside in _VARIABLE.findall(text) if inside not in _ESCAPES)


def _null(inside: str, request: Request) -> bool:
    """Return whether a variable has no value. An empty value or an empty default counts as missing."""
    return not request.keys.get(inside.partition(",")[0].strip().lower())


def _ignores_version(statement: Statement, context: Context) -> bool:
    old = context.policy.get("Version") != "2012-10-17"
    return old and any("${" in text for _, text in _texts(statement, "."))


def _null_and_negated(statement: Statement, context: Context) -> bool:
    return any("Not" in operator and _null(inside, context.request) for operator, inside in _variables(statement))


def _default_of_many(statement: Statement, _: Context) -> bool:
    return any("," in inside and inside.partition(",")[0].lower() in MANY for _, inside in _variables(statement))


def _default_spelt_freely(statement: Statement, _: Context) -> bool:
    return any("," in inside and not re.fullmatch(r"[^,]+, '[^',]+'", inside) for _, inside in _variables(statement))


def _arn_with_variable(statement: Statement, _: Context) -> bool:
    return any("${" in part for _, text in _texts(statement, "Arn") for part in text.split(":", 5)[:5])


def _escape_without_like(statement: Statement, _: Context) -> bool:
    return any(inside in _ESCAPES for _, text in _texts(statement, "Equals") for inside in _VARIABLE.findall(text))


def _unclosed(statement: Statement, _: Context) -> bool:
    return any("${" in _VARIABLE.sub("", text) for _, text in _texts(statement, "String|Arn"))


_SHAPES = {
    "Bool": "true|false",
    "Numeric": r"-?[\d.]+",
    "Date": r"(?!0\d)[\d.]+|\d{4}-.*",  # not a number with leading zeros
    "IpAddress": r"[\d.]+|[0-9a-f:]*:[0-9a-f:]*",
}


def _other_type(statement: Statement, context: Context) -> bool:
    """Return whether the request's value has a type other than the operator's."""
    for operator, key, _ in conditions_of(statement):
        actual = context.request.keys.get(key.lower())
        shape = next((shape for family, shape in _SHAPES.items() if family in operator), ".*")
        if isinstance(actual, str) and not re.fullmatch(shape, actual, re.IGNORECASE):
            return True
    return False


def _empty_for_all(statement: Statement, context: Context) -> bool:
    asked = ((operator, context.request.keys.get(key.lower())) for operator, key, _ in conditions_of(statement))
    return any(operator.startswith("ForAllValues:") and actual == "" for operator, actual in asked)


def _number_as_text(statement: Statement, _: Context) -> bool:
    return any(
        isinstance(value, float)
        for operator, _, values in conditions_of(statement)
        if "Numeric" not in operator
        for value in values
    )


def _not_principal(statement: Statement, _: Context) -> bool:
    return "NotPrincipal" in statement


def _path_of_a_role(statement: Statement, context: Context) -> bool:
    named = re.findall(r":(\d{12}):role/(?:[^'\"]*/)?([\w+=,.@-]+)", str(statement.get("Principal")))
    session = re.search(r":(\d{12}):assumed-role/([^/]+)/", context.request.principal)
    own = str(context.request.keys.get("aws:principalarn"))
    return session is not None and (session[1], session[2]) in named and own not in str(statement.get("Principal"))


def _federated_by_user(statement: Statement, context: Context) -> bool:
    return ":federated-user/" in context.request.principal and ":user/" in str(statement.get("Principal"))


def _uncertain(statement: Statement, context: Context) -> bool:
    variables = context.policy.get("Version") == "2012-10-17"
    answer = statement_applies(statement, context.request, context.repository, variables=variables)
    return statement["Effect"] == "Deny" and answer is None


FAULTS = (
    Fault("version", "substitutes variables whatever the policy's Version is", _ignores_version),
    Fault("null variable", "a negated operator on a null variable does not match; to IAM it does", _null_and_negated),
    Fault("default of many", "a multivalued key as a variable takes the default; to IAM it is null", _default_of_many),
    Fault(
        "default's form", "only `, '…'` is a default; without the blank, or empty, it is none", _default_spelt_freely
    ),
    Fault(
        "variable in an ARN",
        "splits the pattern at the colon of the variable, before it is replaced",
        _arn_with_variable,
    ),
    Fault("escapes", "`${*}`, `${?}` and `${$}` stay as they are under the Equals operators", _escape_without_like),
    Fault("unclosed variable", "what `${` without `}` means is nowhere said", _unclosed),
    Fault("another type", "no typed operator matches a value of another type, negated or not", _other_type),
    Fault(
        "number as text",
        "writes a number with a fraction or an exponent as JavaScript does; how IAM writes it is nowhere said",
        _number_as_text,
    ),
    Fault("empty value", "compares an empty value; to IAM it is a null dataset for ForAllValues", _empty_for_all),
    Fault("NotPrincipal", "turns the principal match around, sessions and accounts included", _not_principal),
    Fault("path of a role", "a session matches every role of its name, whatever the path", _path_of_a_role),
    Fault(
        "federation",
        "ties a federated session to the user of the same name; GetFederationToken does not",
        _federated_by_user,
    ),
    Fault(
        "uncertain Deny",
        "has no third answer: where docs/semantics.md does not know whether a Deny applies, it guesses",
        _uncertain,
    ),
)
