"""A policy document after reading: immutable, in one normal form, whatever way its author wrote it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from .conditions import Condition
from .holes import Holed, Text
from .pattern import Pattern
from .principals import Principals
from .problems import Invalid

OLD_VERSION, NEW_VERSION = "2008-10-17", "2012-10-17"
"""The versions of the policy language; only the newer one has variables."""
VERSIONS = frozenset({OLD_VERSION, NEW_VERSION})


class Effect(Enum):
    """What a statement does to the requests that it matches."""

    ALLOW = "Allow"
    DENY = "Deny"


class Document(Enum):
    """Which of the documents about a repository a statement stands in."""

    REPOSITORY = "repository"
    REGISTRY = "registry"
    RESOURCE_CONTROL = "resource-control"

    __hash__ = object.__hash__  # by identity: statements are compared by it

    @property
    def prefix(self) -> str:
        """What precedes a place in it; nothing in the repository's own policy."""
        return "" if self is Document.REPOSITORY else f"{self.value}:"


class Actions(NamedTuple):
    """The patterns of Action or (`negated`) of NotAction, as written."""

    negated: bool
    patterns: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Resources:
    """The patterns of Resource or (`negated`) of NotResource: part of a registry policy."""

    negated: bool
    patterns: tuple[Pattern, ...]


class Statement(NamedTuple):
    """One statement.

    `unsure` holds what is not certain about its form: an empty Condition or operator object, or a whole
    element that is a hole. It weakens a Deny; an Allow that depends on a hole is undecided.
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
        """Where it stands, such as `$.Statement[0]` or `registry:$.Statement[0]`."""
        return f"{self.document.prefix}$.Statement[{self.number}]"


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy and everything that IAM would not accept in it.

    `statements` holds each statement that can be judged; one that cannot be read is in `invalid` alone.
    """

    statements: tuple[Statement, ...]
    invalid: tuple[Invalid, ...]


NO_POLICY = Policy((), ())
