"""The result of the judgement: plain, immutable values without any computation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, IntEnum, auto
from typing import TypeAlias

from ...documents.document import Document
from ...documents.pattern import Hole
from ...documents.problems import Invalid

NO_ACCESS = "no untrusted external access"
"""The access that a compliant policy gives, in the words of every report and answer."""


class Access(Enum):
    """The access level of an action. `docs/semantics.md` has the table of actions."""

    READ = "READ"
    WRITE = "WRITE"
    ADMIN = "ADMIN"

    @property
    def rank(self) -> int:
        """0 for READ, 1 for WRITE, 2 for ADMIN. Trust for one level includes the levels before it."""
        return _RANKS[self]


_RANKS = {Access.READ: 0, Access.WRITE: 1, Access.ADMIN: 2}


class Compliance(Enum):
    """The two results that AWS Config knows for a repository that exists."""

    COMPLIANT = "COMPLIANT"
    NON_COMPLIANT = "NON_COMPLIANT"


class Severity(IntEnum):
    """The severity of a grant, in order, so that `max` returns the worst."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4


class Kind(Enum):
    """The type of a grantee."""

    ACCOUNT = "account"
    ANY = "any"
    ORGANIZATION = "organization"
    SERVICE = "service"

    __hash__ = object.__hash__  # by identity: grants are grouped by it


@dataclass(frozen=True, slots=True)
class Witness:
    """One concrete request that the policy allows and trust does not cover.

    `principal` is the caller's `aws:PrincipalArn` (an assumed-role ARN if the statement names a session), or the name
    of the service. `action` is written `ecr:BatchGetImage`. `context` has the value of each condition key, or a tuple
    if the key has several values. A key that is not in it is absent from the request.
    """

    principal: str
    action: str
    context: Mapping[str, str | tuple[str, ...]]

    def calling(self, action: str) -> Witness:
        """Return the same request with another action that the policy treats equally."""
        return self if action == self.action else Witness(self.principal, action, self.context)

    def by(self, principal: str) -> Witness:
        """Return the same request with another representation of its principal."""
        return Witness(principal, self.action, self.context)

    def values(self, key: str) -> tuple[str, ...]:
        """Return the values of a key, spelled as in `context`. Empty if it is absent."""
        found = self.context.get(key, ())
        return (found,) if isinstance(found, str) else found

    def to_json(self) -> dict[str, object]:
        """Return the request as its fields, ready for `json.dumps`."""
        context = {key: value if isinstance(value, str) else list(value) for key, value in self.context.items()}
        return {"principal": self.principal, "action": self.action, "context": context}


@dataclass(frozen=True, slots=True)
class Grant:
    """Access from outside that one statement gives and trust does not cover.

    `statement` is its number in `document`.
    """

    statement: int
    sid: str | None
    grantee: str
    kind: Kind
    public: bool
    access: tuple[Access, ...]
    actions: tuple[str, ...]
    severity: Severity
    reason: str
    witness: Witness
    document: Document = Document.REPOSITORY

    def to_json(self) -> dict[str, object]:
        """Return the grant as its fields, ready for `json.dumps`."""
        return {
            "statement": self.statement,
            "document": self.document.value,
            "sid": self.sid,
            "grantee": self.grantee,
            "kind": self.kind.value,
            "public": self.public,
            "access": [access.value for access in self.access],
            "actions": list(self.actions),
            "severity": self.severity.name,
            "reason": self.reason,
            "witness": self.witness.to_json(),
        }


class Settles(Enum):
    """What settles a doubt."""

    VALUE = auto()
    """The value of a hole that nothing supplies."""
    REGION = auto()
    SCOPE = auto()
    OWNER = auto()
    TAGS = auto()
    CORRECTION = auto()


SettledBy: TypeAlias = Settles | tuple[Hole, ...] | None
"""One thing, or the values of holes; None if only another policy settles the doubt."""


@dataclass(frozen=True, slots=True)
class Undecided:
    """A statement of `document` that could not be judged. `statement` is None if it is about the whole policy.

    `grant` is the access that exists under the condition that `reason` names, if the doubt is only about the condition.
    `settled_by` is what settles it.
    """

    statement: int | None
    reason: str
    document: Document = Document.REPOSITORY
    grant: Grant | None = field(default=None, compare=False)
    settled_by: SettledBy = field(default=None, compare=False, repr=False)

    @property
    def severity(self) -> Severity:
        """The severity of the access under the condition. Everything else counts as MEDIUM."""
        return Severity.MEDIUM if self.grant is None else self.grant.severity

    def to_json(self) -> dict[str, object]:
        """Return the doubt as its fields, ready for `json.dumps`."""
        known = {} if self.grant is None else {"grant": self.grant.to_json()}
        return {"statement": self.statement, "document": self.document.value, "reason": self.reason, **known}


@dataclass(frozen=True, slots=True)
class Verdict:
    """The judgement of one policy for one repository, owner and trust.

    - `external`: an AWS principal outside the owner account and trust has access.
    - `public`: a new account that the policy does not name has access.
    - `service`: an AWS service that acts for an outside account has access.
    - `access`: all access levels of AWS principals outside.
    - `explain`: writes the grants. Use `grants` to read them.
    """

    external: bool
    public: bool
    service: bool
    access: tuple[Access, ...]
    undecided: tuple[Undecided, ...]
    invalid: tuple[Invalid, ...]
    notes: tuple[str, ...]
    explain: Callable[[], tuple[Grant, ...]] = field(repr=False, compare=False)

    @property
    def grants(self) -> tuple[Grant, ...]:
        """Every grant, worst first. They are written when first read, because many callers need only the flags."""
        return self.explain()

    @property
    def compliance(self) -> Compliance:
        """COMPLIANT only if no one outside has access, and nothing is undecided or invalid."""
        if self.external or self.service or self.undecided or self.invalid:
            return Compliance.NON_COMPLIANT
        return Compliance.COMPLIANT

    @property
    def severity(self) -> Severity | None:
        """The worst severity, or None if compliant. Invalid parts count as MEDIUM."""
        known = [*(grant.severity for grant in self.grants), *(undecided.severity for undecided in self.undecided)]
        return max([*known, *([Severity.MEDIUM] if self.invalid else [])], default=None)

    def to_json(self) -> dict[str, object]:
        """Return the verdict as the fields of the batch form, ready for `json.dumps`."""
        return {
            "compliance": self.compliance.value,
            "external": self.external,
            "public": self.public,
            "service": self.service,
            "access": [access.value for access in self.access],
            "grants": [grant.to_json() for grant in self.grants],
            "undecided": [undecided.to_json() for undecided in self.undecided],
            "invalid": [{"at": invalid.at, "reason": invalid.reason} for invalid in self.invalid],
            "notes": list(self.notes),
        }


def combine_verdicts(
    verdicts: Sequence[Verdict],
    explain: Callable[[], tuple[Grant, ...]],
    undecided: Iterable[Undecided],
    more: tuple[tuple[Invalid, ...], tuple[str, ...]] = ((), ()),
    counted: Callable[[Iterable[bool]], bool] = any,
) -> Verdict:
    """Return the verdict on several cases, with what is true in any of them, or in all if `counted` is `all`.

    `explain` writes the grants. `more` are other invalid elements and notes, which come first.
    """
    invalid, notes = more
    return Verdict(
        external=counted([verdict.external for verdict in verdicts]),
        public=counted([verdict.public for verdict in verdicts]),
        service=counted([verdict.service for verdict in verdicts]),
        access=tuple(access for access in Access if counted([access in verdict.access for verdict in verdicts])),
        undecided=tuple(dict.fromkeys(undecided)),
        invalid=tuple(dict.fromkeys([*invalid, *(fault for verdict in verdicts for fault in verdict.invalid)])),
        notes=tuple(dict.fromkeys([*notes, *(note for verdict in verdicts for note in verdict.notes)])),
        explain=explain,
    )
