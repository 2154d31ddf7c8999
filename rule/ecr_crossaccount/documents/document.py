"""A policy document after reading. It is immutable, and has the same form however its author wrote it.

Its contents are also there as JSON: the texts anywhere in a value, and the statements as written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from .conditions import Condition
from .holes import Holed, Text
from .pattern import Pattern
from .principals import Principals
from .problems import Invalid

OLD_VERSION, NEW_VERSION = "2008-10-17", "2012-10-17"
"""The versions of the policy language. Only the newer one has policy variables."""
VERSIONS = frozenset({OLD_VERSION, NEW_VERSION})


class Effect(Enum):
    """What a statement does to the requests that it matches."""

    ALLOW = "Allow"
    DENY = "Deny"


class Document(Enum):
    """The document about a repository that a statement is from."""

    REPOSITORY = "repository"
    REGISTRY = "registry"
    RESOURCE_CONTROL = "resource-control"

    __hash__ = object.__hash__  # by identity: statements are compared by it

    @property
    def prefix(self) -> str:
        """The prefix of a place in this document. It is empty for the repository's own policy."""
        return "" if self is Document.REPOSITORY else f"{self.value}:"


class Actions(NamedTuple):
    """The patterns of Action, or of NotAction if `negated`, as written."""

    negated: bool
    patterns: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Resources:
    """The patterns of Resource, or of NotResource if `negated`. A registry policy has them."""

    negated: bool
    patterns: tuple[Pattern, ...]

    def __hash__(self) -> int:
        """Return a hash of the first pattern only: a registry policy is looked up for each kind of repository."""
        return hash((self.negated, *(pattern.source for pattern in self.patterns[:1])))


class Statement(NamedTuple):
    """One statement.

    Two fields describe a form that is not certain. `empty_condition` is True if the Condition or an operator in it is
    empty. `holes` has each whole element that is a hole. Both weaken a Deny. An Allow that depends on a hole is
    undecided.
    """

    number: int
    sid: str | None
    effect: Effect
    principals: Principals
    actions: Actions
    resources: Resources | None
    conditions: tuple[Condition, ...]
    empty_condition: bool = False
    holes: tuple[Holed, ...] = ()
    document: Document = Document.REPOSITORY

    @property
    def place(self) -> str:
        """The place of the statement, such as `$.Statement[0]` or `registry:$.Statement[0]`."""
        return f"{self.document.prefix}$.Statement[{self.number}]"


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy, and everything in it that IAM would not accept.

    `statements` has each statement that can be judged. A statement that cannot be read is only in `invalid`.
    """

    statements: tuple[Statement, ...]
    invalid: tuple[Invalid, ...]


NO_POLICY = Policy((), ())


def texts_in(value: object) -> Iterator[str]:
    """Yield every text in a value, except the names in its objects. It does not recurse, so any depth is possible."""
    rest = [value]
    while rest:
        match rest.pop():
            case str() as text:
                yield text
            case Mapping() as fields:
                rest.extend(fields.values())
            case list() | tuple() as items:
                rest.extend(items)


def statements_in(policy: object) -> list[object]:
    """Return the statements of a policy's JSON object as written. A single statement does not need a list."""
    body = policy.get("Statement") if isinstance(policy, Mapping) else None
    return list(body) if isinstance(body, (list, tuple)) else [body]
