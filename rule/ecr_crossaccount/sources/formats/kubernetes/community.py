"""The structured policy of the community's Crossplane provider, as the document that the provider makes from it.

https://github.com/crossplane-contrib/provider-aws/blob/master/pkg/clients/ecr/repository_policy.go
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from ....documents.holes import Hole, Holed, text_of
from ...files.values.nodes import Fields, Node, Scalar

_TRUE = frozenset({"true", "yes", "on", "y"})
_FALSE = frozenset({"false", "no", "off", "n", ""})
"""The Booleans of YAML 1.1, which Kubernetes reads."""

_NUMBER = re.compile(r"[-+]?[0-9]+")
_ELEMENTS = {"action": "Action", "notAction": "NotAction", "resource": "Resource", "notResource": "NotResource"}
_PRINCIPALS = {"principal": "Principal", "notPrincipal": "NotPrincipal"}
_VALUES = ("stringValue", "booleanValue", "numericValue", "dateValue", "listValue")
"""The fields of a condition's value. If there are several, the first counts."""

_ARNS = ("iamRoleArn", "iamUserArn")


def document(body: Node) -> Node:
    """Return the policy document for a structured policy. A value that is not an object is returned unchanged."""
    if not isinstance(body.value, Fields) or body.get("Statement") is not None:
        return body
    version, statements = body.get("version"), body.get("statements")
    pairs = [("Version", version or body.but("2012-10-17"))]
    if statements is not None:
        pairs.append(("Statement", _each(statements, _statement)))
    return _object(body, pairs)


def _object(at: Node, pairs: Iterable[tuple[str, Node]]) -> Node:
    return at.but(Fields(tuple((at.but(name), value) for name, value in pairs)))


def _each(written: Node, read: Callable[[Node], Node]) -> Node:
    """Return a list with `read` applied to each object in it.

    A value that is not a list is returned unchanged, so that the judgement rejects it.
    """
    if not isinstance(written.value, tuple):
        return written
    return written.but(tuple(read(one) if isinstance(one.value, Fields) else one for one in written.items))


def _statement(written: Node) -> Node:
    return _object(written, _elements(written))


def _elements(written: Node) -> Iterator[tuple[str, Node]]:
    for name, value in written.fields:
        if name in _PRINCIPALS:
            yield _PRINCIPALS[name], _principal(value)
        elif name in _ELEMENTS and value.value not in ((), None):
            yield _ELEMENTS[name], value
        elif name == "condition":
            yield "Condition", _conditions(value)
        elif name in ("effect", "sid"):
            yield name.capitalize(), value


def _is_true(value: Node) -> bool | Hole:
    """Return a Boolean as Kubernetes reads it, or a hole if it is unknown."""
    match value.value:
        case bool() as truth:
            return truth
        case str() as text if text.lower() in _TRUE | _FALSE:
            return text.lower() in _TRUE
        case None:
            return False
    return Hole("allowAnon")


def _principal(written: Node) -> Node:
    if not isinstance(written.value, Fields):
        return written
    anonymous = written.get("allowAnon")
    everybody = _is_true(anonymous) if anonymous is not None else False
    if everybody is not False:
        return written.but("*" if everybody is True else everybody)
    raw = written.get("raw")
    if raw is not None and raw.value is not None:
        return raw
    named, service = written.get("awsPrincipals"), written.get("service")
    pairs = [("Service", service)] if service is not None and service.value is not None else []
    if named is not None and named.value not in ((), None):
        pairs.append(("AWS", _each(named, _arn)))
    return _object(written, pairs)


def _arn(principal: Node) -> Node:
    """Return the ARN of a principal, or a hole if only a reference names it."""
    account = principal.get("awsAccountId")
    if account is not None and account.value is not None:
        return account.but(_root(account))
    for name in _ARNS:
        arn = principal.get(name)
        if arn is not None and arn.value is not None:
            return arn
    return principal.but(Hole(", ".join(name for name, _ in principal.fields) or "awsPrincipals"))


def _root(account: Node) -> Scalar:
    if isinstance(account.value, Hole):
        return text_of(("arn:aws:iam::", account.value, ":root"))
    if isinstance(account.value, Holed):
        return Hole(str(account.value))
    text = str(account.value)
    return f"arn:aws:iam::{text}:root" if _NUMBER.fullmatch(text) else text


def _conditions(written: Node) -> Node:
    """Return the conditions as an object. A repeated operator replaces the earlier one."""
    if not isinstance(written.value, tuple):
        return written
    operators: dict[str, tuple[str, Node]] = {}
    for one in written.items:
        operator, tests = one.get("operatorKey"), one.get("conditions")
        if operator is None or operator.text is None:
            return written.but(Hole("condition"))
        operators[operator.text] = (operator.text, _tests(tests if tests is not None else one.but(())))
    return _object(written, operators.values())


def _tests(written: Node) -> Node:
    if not isinstance(written.value, tuple):
        return written
    tests: dict[str, tuple[str, Node]] = {}
    for one in written.items:
        key = one.get("key")
        if key is None or key.text is None:
            return written.but(Hole("condition"))
        given = (one.get(name) for name in _VALUES)
        value = next((value for value in given if value is not None and value.value is not None), None)
        tests[key.text] = (key.text, value if value is not None else one.but(Hole(key.text)))
    return _object(written, tests.values())
