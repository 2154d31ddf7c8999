"""Reads trust policies and identity policies with the grammar of resource policies. They are variants of it.

A trust policy also names federated principals. An identity policy names none, and applies to the role that has it.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from functools import lru_cache
from typing import NamedTuple

from ...documents.document import Effect, Policy, Principals, Statement
from ...documents.elements import read_json
from ...documents.json import RepeatedNames
from ...documents.parse import parse
from ...documents.problems import Problems
from .account import Text
from .calls import calls_of

_FEDERATED = "Federated"


class TrustStatement(NamedTuple):
    """A statement of a trust policy: its AWS principals and services, its federated principals, and its actions."""

    statement: Statement
    federated: tuple[str, ...]
    calls: int

    @property
    def is_allow(self) -> bool:
        """Whether it is an Allow."""
        return self.statement.effect is Effect.ALLOW


class TrustPolicy(NamedTuple):
    """A trust policy, and the reasons why parts of it could not be read."""

    statements: tuple[TrustStatement, ...]
    unread: tuple[str, ...]


def trust_policy(text: Text) -> TrustPolicy:
    """Read a trust policy."""
    if isinstance(text.document, str):
        return _trust_text(text.name, text.document)
    return _trust(text.name, text.document)


@lru_cache(maxsize=4096)
def _trust_text(name: str, text: str) -> TrustPolicy:
    value, unread = _value(name, text)
    return _trust(name, value) if unread is None else TrustPolicy((), (unread,))


def _trust(name: str, document: object) -> TrustPolicy:
    faults: list[str] = []
    federated: dict[int, tuple[str, ...]] = {}
    alone: set[int] = set()
    items = _items(document)
    for number, item in enumerate(items):
        principal = item.get("Principal")
        if isinstance(principal, dict) and _FEDERATED in principal and not isinstance(principal, RepeatedNames):
            named = principal[_FEDERATED]
            texts = named if isinstance(named, list) else [named]
            federated[number] = tuple(str(text) for text in texts)
            others = {key: value for key, value in principal.items() if key != _FEDERATED}
            item["Principal"] = others or "*"
            if not others:
                alone.add(number)
    read = parse(_with_statements(document, items))
    faults += _faults(name, document, read)
    statements = [
        statement._replace(principals=Principals()) if statement.number in alone else statement
        for statement in read.statements
    ]
    found = (
        TrustStatement(statement, federated.get(statement.number, ()), calls_of(statement.actions))
        for statement in statements
    )
    return TrustPolicy(tuple(found), tuple(faults))


class IdentityPolicy(NamedTuple):
    """An identity policy, and the reasons why parts of it could not be read."""

    name: str
    statements: tuple[Statement, ...]
    unread: tuple[str, ...]


def identity_policy(text: Text) -> IdentityPolicy:
    """Read an identity policy or a permissions boundary."""
    if isinstance(text.document, str):
        return _identity_text(text.name, text.document)
    return _identity(text.name, text.document)


@lru_cache(maxsize=4096)
def _identity_text(name: str, text: str) -> IdentityPolicy:
    value, unread = _value(name, text)
    return _identity(name, value) if unread is None else IdentityPolicy(name, (), (unread,))


def _identity(name: str, document: object) -> IdentityPolicy:
    items = _items(document)
    faults = [
        f"{name}: $.Statement[{number}] names principals, which an identity policy does not have"
        for number, item in enumerate(items)
        if "Principal" in item or "NotPrincipal" in item
    ]
    for item in items:
        item["Principal"] = "*"
        item.pop("NotPrincipal", None)
    read: Policy = parse(_with_statements(document, items))
    faults += _faults(name, document, read)
    faults += [
        f"{name}: {statement.place} has no Resource" for statement in read.statements if statement.resources is None
    ]
    whole = tuple(statement for statement in read.statements if statement.resources is not None)
    return IdentityPolicy(name, whole, tuple(faults))


def _value(name: str, text: str) -> tuple[object, str | None]:
    """Return the JSON value of a text, or the reason why it has none. Two equal keys of an object are such a reason."""
    problems = Problems()
    value = read_json(text, problems)
    unread = "; ".join(f"{name}: {invalid.at} {invalid.reason}" for invalid in problems.found)
    return value, unread or (None if value is not None else f"{name} is empty")


def _faults(name: str, document: object, read: Policy) -> Iterator[str]:
    """Yield what IAM would not accept. An empty policy of a repository is none, but IAM stores no empty document."""
    yield from (f"{name}: {invalid.at} {invalid.reason}" for invalid in read.invalid)
    if not read.invalid and isinstance(document, dict) and "Statement" not in document:
        yield f"{name} has no statement"


def _items(document: object) -> list[dict[object, object]]:
    """Return copies of the statements. Other items are left to the reader of policies."""
    body = document.get("Statement") if isinstance(document, dict) else None
    items = body if isinstance(body, list) else [body]
    return [copy(item) for item in items if isinstance(item, dict)]  # which keeps that a name appears twice


def _with_statements(document: object, items: list[dict[object, object]]) -> object:
    """Return the document with these statements in place of its own, if it has only statements."""
    if not isinstance(document, dict) or isinstance(document, RepeatedNames):
        return document
    body = document.get("Statement")
    count = len(body) if isinstance(body, list) else 1
    if len(items) < count:
        return document
    found = copy(document)
    found["Statement"] = items
    return found
