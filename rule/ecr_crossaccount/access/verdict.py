"""What the judgement answers: plain, immutable values that every caller reads and none computes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, IntEnum

from ..policy.document import Document
from ..policy.problems import Invalid

NO_ACCESS = "no untrusted external access"
"""What a compliant policy gives: the words of every report and answer."""


class Access(Enum):
    """How far an action reaches into a repository; `docs/semantics.md` has the table of actions."""

    READ = "READ"
    WRITE = "WRITE"
    ADMIN = "ADMIN"

    @property
    def rank(self) -> int:
        """0 for READ, 1 for WRITE, 2 for ADMIN: trust for one includes the ones before it."""
        return _RANKS[self]


_RANKS = {Access.READ: 0, Access.WRITE: 1, Access.ADMIN: 2}


class Compliance(Enum):
    """The two results that AWS Config knows for a repository that exists."""

    COMPLIANT = "COMPLIANT"
    NON_COMPLIANT = "NON_COMPLIANT"


class Severity(IntEnum):
    """How bad a grant is; ordered, so that `max` finds the worst."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4


class Kind(Enum):
    """What sort of grantee a grant lets in."""

    ACCOUNT = "account"
    ANY = "any"
    ORGANIZATION = "organization"
    SERVICE = "service"

    __hash__ = object.__hash__  # by identity: grants are put together by it


@dataclass(frozen=True, slots=True)
class Witness:
    """One concrete request that the policy allows and trust does not.

    `principal` is what `aws:PrincipalArn` holds for the caller (an assumed-role ARN where the statement names
    a session), or the service's name; `action` is written `ecr:BatchGetImage`; `context` maps a condition
    key to its value, a tuple where the key has several. A key that is not there is absent from the request.
    """

    principal: str
    action: str
    context: Mapping[str, str | tuple[str, ...]]

    def calling(self, action: str) -> Witness:
        """Return the same request with an action that fares alike."""
        return self if action == self.action else Witness(self.principal, action, self.context)

    def by(self, principal: str) -> Witness:
        """Return the same request by a principal that is shown otherwise."""
        return Witness(principal, self.action, self.context)

    def values(self, key: str) -> tuple[str, ...]:
        """The values of a key, spelt as in `context`; none where it is absent."""
        found = self.context.get(key, ())
        return (found,) if isinstance(found, str) else found


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
        shown = {key: value if isinstance(value, str) else list(value) for key, value in self.witness.context.items()}
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
            "witness": {"principal": self.witness.principal, "action": self.witness.action, "context": shown},
        }


@dataclass(frozen=True, slots=True)
class Undecided:
    """A statement of `document` that could not be judged; `statement` is None where the whole policy is meant."""

    statement: int | None
    reason: str
    document: Document = Document.REPOSITORY


@dataclass(frozen=True, slots=True)
class Verdict:
    """The judgement of one policy for one repository, owner and trust.

    `external`: some AWS principal outside owner and trust gets in. `public`: a fresh account that the policy
    does not name does. `service`: some AWS service acting for an outside account does. `access`: what outside
    AWS principals get, all together. `explain` writes the grants; use `grants`.
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
        """Every grant, worst first. Written when first read: a verdict is often asked for its flags alone."""
        return self.explain()

    @property
    def compliance(self) -> Compliance:
        """COMPLIANT only if nothing gets in, nothing is undecided and nothing is unreadable."""
        if self.external or self.service or self.undecided or self.invalid:
            return Compliance.NON_COMPLIANT
        return Compliance.COMPLIANT

    @property
    def severity(self) -> Severity | None:
        """The worst severity; what is undecided or invalid counts as MEDIUM; None if compliant."""
        known = [grant.severity for grant in self.grants]
        if self.undecided or self.invalid:
            known.append(Severity.MEDIUM)
        return max(known, default=None)

    def to_json(self) -> dict[str, object]:
        """Return the verdict as the fields of the batch form, ready for `json.dumps`."""
        return {
            "compliance": self.compliance.value,
            "external": self.external,
            "public": self.public,
            "service": self.service,
            "access": [access.value for access in self.access],
            "grants": [grant.to_json() for grant in self.grants],
            "undecided": [
                {"statement": one.statement, "document": one.document.value, "reason": one.reason}
                for one in self.undecided
            ],
            "invalid": [{"at": one.at, "reason": one.reason} for one in self.invalid],
            "notes": list(self.notes),
        }
