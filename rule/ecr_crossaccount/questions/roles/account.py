"""The roles of an account, with everything that decides who may assume them and what they may do.

Nothing is missing silently: what could not be read is in `unread`, with its reason.

Documents do not tell some roles apart. What is found of one of them is true of all. A document can tell a role by its
ARN and its id, by the name in a session's ARN, and by its tags.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import field

from ...documents.conditions import Base
from ...documents.document import Form, Statement
from ...documents.pattern import Pattern
from ...documents.problems import quote
from ...judgement.patterns.comparisons import comparison
from ...judgement.patterns.tokens import Tokens, matches
from ...judgement.values.trust_entries import glob
from ...memo import by_identity, by_value

_SERVICE_LINKED, _IDENTITY_CENTER = "/aws-service-role/", "/aws-reserved/sso.amazonaws.com/"


@by_value
class Text:
    """A policy document: its text or its JSON object. `name` is how a person finds it."""

    name: str
    document: object


Tags = tuple[tuple[str, str], ...] | None
"""Tags in order, or None if they are unknown."""


@by_identity
class Role:
    """A role. Compared by identity.

    - `trust`: its trust policy, or None if the answer does not have it.
    - `policies`: its identity policies, inline and managed, each in the version that counts.
    - `boundary`: its permissions boundary, if it has one that was read.
    - `tags`: None if they are unknown.
    - `unread`: why a part of its permissions is not known. `unbounded`: why its boundary is not known.
    """

    arn: str
    id: str = ""
    trust: Text | None = None
    policies: tuple[Text, ...] = ()
    boundary: Text | None = None
    tags: Mapping[str, str] | None = field(default_factory=dict)
    unread: tuple[str, ...] = ()
    unbounded: str | None = None

    @property
    def known_tags(self) -> Tags:
        """The tags in order, or None if they are unknown."""
        return None if self.tags is None else tuple(sorted(self.tags.items()))

    @property
    def account(self) -> str:
        """The account of the role."""
        return self.arn.split(":")[4]

    @property
    def partition(self) -> str:
        """The partition of the role."""
        return self.arn.split(":")[1]

    @property
    def name(self) -> str:
        """The name of the role, without its path."""
        return self.arn.rpartition("/")[2]

    @property
    def shown(self) -> str:
        """The role as a sentence shows it, with its path."""
        return quote(self.arn.partition(":role/")[2])

    @property
    def is_service_linked(self) -> bool:
        """Whether only the service that it belongs to can assume it. No other role can have that path.

        https://docs.aws.amazon.com/IAM/latest/UserGuide/using-service-linked-roles.html
        """
        return f":role{_SERVICE_LINKED}" in self.arn

    @property
    def is_of_identity_center(self) -> bool:
        """Whether IAM Identity Center decides who has sessions. The path says so, because a name can be copied.

        https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html
        """
        return f":role{_IDENTITY_CENTER}" in self.arn


_ARN, _ID = "aws:principalarn", "aws:userid"
MOST = 2_000_000
"""The most comparisons of a pattern with an ARN. If there are more, every role is told apart."""
_FIELDS = 6


def is_about_caller(one: Statement) -> bool:
    """Return whether a condition compares the caller's ARN or id, or uses one of them as a variable."""
    return any(
        condition.name in (_ARN, _ID) or any(map(_uses_caller, condition.values)) for condition in one.conditions
    )


def _uses_caller(value: object) -> bool:
    return isinstance(value, Pattern) and any(part.key in (_ARN, _ID) for part in value.variables)


class Marks:
    """By what some statements can tell roles apart. They treat roles with equal marks the same."""

    def __init__(self, statements: Iterable[Statement], roles: Sequence[Role]) -> None:
        self._apart = False
        self._literals: set[str] = set()
        self._names: set[str] = set()
        self._ids: set[str] = set()
        self._wild: dict[str, Pattern] = {}
        for statement in statements:
            self._note(statement)
        self._found: dict[str, set[object]] = {}
        self._match(sorted(role.arn for role in roles))

    def marks_of(self, role: Role) -> Hashable:
        """Return a role's marks."""
        arn = role.arn
        named = arn.lower() in self._literals or role.name in self._names
        named = named or any(map(role.id.lower().startswith, self._ids))
        if self._apart or named or arn.count(":") >= _FIELDS:
            return arn
        return frozenset(self._found.get(arn, ()))

    def _note(self, one: Statement) -> None:
        for entry in one.principals.named:
            self._literals.add(entry.source.lower())
            if entry.form is Form.SESSION:
                self._names.add(entry.name.rpartition("/")[0])
        for pattern in one.resources.patterns if one.resources else ():
            self._compare(pattern)
        for condition in one.conditions:
            for value in condition.values:
                if not isinstance(value, Pattern):
                    continue
                self._apart = self._apart or _uses_caller(value)
                if condition.name == _ARN:
                    self._compare(value)
                elif condition.name == _ID:
                    self._compare_id(value)

    def _compare(self, pattern: Pattern) -> None:
        if pattern.literal is not None:
            self._literals.add(pattern.literal.lower())
        elif pattern.source != "*":
            self._wild[pattern.source] = pattern

    def _compare_id(self, pattern: Pattern) -> None:
        """Note the start of an id, up to the colon. A pattern such as `*:deploy` is about the session's name alone."""
        if not pattern.source.startswith("*:"):
            self._ids.add(start_of(pattern).partition(":")[0].lower())

    def _match(self, arns: Sequence[str]) -> None:
        places = []
        for pattern in self._wild.values():
            start = start_of(pattern)
            low, high = bisect_left(arns, start), bisect_left(arns, start + chr(0x10FFFF))
            places.append((pattern, low, high))
        if sum(high - low for _, low, high in places) > MOST:
            self._apart = True
            return
        for pattern, low, high in places:
            whole, last = comparison(Base.STRING_LIKE, pattern.parts).tokens, _last_field(pattern)
            for arn in arns[low:high]:
                if pattern.variables:
                    self._found.setdefault(arn, set()).add(arn)
                elif matches(whole, arn):
                    mark = last is not None and matches(last, arn.split(":", _FIELDS - 1)[-1])
                    self._found.setdefault(arn, set()).add((pattern.source, mark))


def start_of(pattern: Pattern) -> str:
    """Return the text before the first wildcard or variable."""
    first = pattern.parts[0] if pattern.parts else ""
    return first if isinstance(first, str) else ""


def _last_field(pattern: Pattern) -> Tokens | None:
    """Return what ArnLike compares with the last field of an ARN. No wildcard in an earlier field reaches it."""
    fields = pattern.source.split(":", _FIELDS - 1)
    return glob(fields[-1]) if len(fields) == _FIELDS else None
