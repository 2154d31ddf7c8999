"""A policy document after reading, and its Principal elements: the principals that a statement applies to.

A document is immutable, and has the same form however its author wrote it. The statements are also there as written.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache, partial
from typing import NamedTuple

from ..memo import by_value
from .conditions import Condition
from .pattern import Holed, Pattern, Text
from .problems import Invalid, quote


class Form(Enum):
    """The types of AWS principals that a repository policy can name."""

    ACCOUNT = "account"
    ROLE = "role"
    USER = "user"
    SESSION = "assumed-role"
    FEDERATED = "federated-user"

    __hash__ = object.__hash__  # by identity: it is looked up for every principal


class Named(NamedTuple):
    """One AWS principal, given by its ARN or account number.

    `name` is the part of the ARN after the form: path and name of a role or user, `Role/session`, or the name of a
    federated user. It is empty for an account.
    """

    form: Form
    account: str
    name: str
    partition: str | None
    source: str


@by_value
class UniqueId:
    """A unique id, `AROA…` or `AIDA…`.

    In a policy that AWS returned, it is the id of a deleted principal. In a policy that is not applied yet, it can be
    the id of a principal in any account.
    """

    id: str


class Principals(NamedTuple):
    """The principals of one statement: of Principal, or of NotPrincipal if `negated`.

    `everyone` is `*`, and `any_aws` is `{"AWS": "*"}`. `unknown` are the entries with holes, of either kind.
    """

    negated: bool = False
    everyone: bool = False
    any_aws: bool = False
    named: tuple[Named, ...] = ()
    services: tuple[str, ...] = ()
    ids: tuple[UniqueId, ...] = ()
    unknown: tuple[Holed, ...] = ()
    unknown_services: tuple[Holed, ...] = ()

    @property
    def is_wild(self) -> bool:
        """Whether a wildcard stands for every AWS principal."""
        return self.everyone or self.any_aws

    @property
    def admits_anyone(self) -> bool:
        """Whether an Allow for them includes AWS principals of accounts that it does not name."""
        return self.everyone or self.any_aws or self.negated


EVERYONE = Principals(everyone=True)

PARTITIONS = frozenset({"aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc"})
"""https://docs.aws.amazon.com/general/latest/gr/arns-syntax.html, and the isolated partitions from botocore."""

CONSOLES = {
    "aws": "console.aws.amazon.com",
    "aws-cn": "console.amazonaws.cn",
    "aws-us-gov": "console.amazonaws-us-gov.com",
}
"""The host of the AWS console, by partition, as far as it is known."""

REGION = r"[a-z]+(-[a-z]+)+-[0-9]+"
"""The name of a Region. No condition on the Region matches a name that does not have this form."""

_PARTITION_OF = {
    "cn": "aws-cn",
    "eu-isoe": "aws-iso-e",
    "eusc": "aws-eusc",
    "us-gov": "aws-us-gov",
    "us-iso": "aws-iso",
    "us-isob": "aws-iso-b",
    "us-isof": "aws-iso-f",
}
"""Partitions by the start of their Regions' names, from the same sources. All other Regions are in `aws`."""

_ACCOUNT = re.compile(r"[0-9]{12}")
_ARN = re.compile(r"arn:([^:]*):([^:]*)::([0-9]{12}):([^/]*)(?:/(.*))?", re.DOTALL)
_UNIQUE_ID = r"A(?:RO|ID)A[A-Z0-9]{4,124}"
_NAME = "[A-Za-z0-9_+=,.@-]+"
_IDENTITY = re.compile(
    rf"^((?:arn:({'|'.join(sorted(PARTITIONS))}):iam::)?([0-9]{{12}})"
    rf"(?(2):(?:root|(role|user)/({_NAME}|[!-)+->@-~]*/{_NAME}))))$",
    re.MULTILINE,
)
"""An account number, or the ARN of an account, role or user, one per line."""
_FORMS = {"": Form.ACCOUNT, "role": Form.ROLE, "user": Form.USER}
_SESSIONS = {
    ("sts", "assumed-role"): (Form.SESSION, re.compile(f"{_NAME}/{_NAME}")),
    ("sts", "federated-user"): (Form.FEDERATED, re.compile(_NAME)),
}
SERVICE = r"[a-z0-9][a-z0-9-]*(?:\.[a-z0-9-]+)+"
"""The name of a service principal."""


def is_region(text: str) -> bool:
    """Return whether a text can be the name of a Region."""
    return bool(re.fullmatch(REGION, text))


@lru_cache(maxsize=256)
def partition_of(region: str | None) -> str:
    """Return the partition of a Region, or `aws` if no Region is given."""
    return next((name for start, name in _PARTITION_OF.items() if (region or "").startswith(f"{start}-")), "aws")


def is_account(text: str) -> bool:
    """Return whether a text is an account number."""
    return _ACCOUNT.fullmatch(text) is not None


def identities(texts: Sequence[str]) -> tuple[Named, ...] | None:
    """Read entries of `{"AWS": …}` that are accounts, roles and users, all at once. Return None if any is not."""
    lines = "\n".join(texts)
    found = _IDENTITY.findall(lines)
    if not len(found) == len(texts) == lines.count("\n") + 1:
        return None
    forms = _FORMS
    return tuple(
        [_named((forms[kind], account, name, part or None, text)) for text, part, account, kind, name in found]
    )


_named = partial(tuple.__new__, Named)
"""Makes a Named from its fields, in half the time of NamedTuple's own constructor."""


@lru_cache(maxsize=4096)
def aws_principal(text: str) -> Named | UniqueId | str:
    """Read one entry of `{"AWS": …}`. If it is not a principal, return the reason as a string.

    The result is cached because the policies of many repositories name the same accounts.
    """
    identity = identities((text,))
    return identity[0] if identity else _rarer_principal(text)


def _rarer_principal(text: str) -> Named | UniqueId | str:
    """Read an entry that is not an account, role or user."""
    found = _ARN.fullmatch(text)
    if found is None:
        return UniqueId(text) if re.fullmatch(_UNIQUE_ID, text) else _refusal(text)
    partition, service, account, kind, name = found.groups()
    if partition not in PARTITIONS:
        return f"{quote(text)} is in no partition of AWS: {quote(partition)}"
    known = _SESSIONS.get((service, kind))
    if known is None or name is None or not known[1].fullmatch(name):
        return _refusal(text)
    return Named(known[0], account, name, partition, text)


def _refusal(text: str) -> str:
    expected = "expected `*`, an account number of 12 digits, or the ARN of an account, role, user or session"
    wild = ", which takes no wildcards" if "*" in text or "?" in text else ""
    return f"{quote(text)} is not a principal: {expected}{wild}"


@lru_cache(maxsize=1024)
def service_principal(text: str) -> str | None:
    """Return the reason why `text` is not a service principal, or None if it is one."""
    if re.fullmatch(SERVICE, text):
        return None
    return f"{quote(text)} is not a service: expected a name such as `lambda.amazonaws.com`, without wildcards"


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


@by_value
class Policy:
    """A policy, and everything in it that IAM would not accept.

    `statements` has each statement that can be judged. A statement that cannot be read is only in `invalid`.
    """

    statements: tuple[Statement, ...]
    invalid: tuple[Invalid, ...]


NO_POLICY = Policy((), ())


def statements_in(policy: object) -> list[object]:
    """Return the statements of a policy's JSON object as written. A single statement does not need a list."""
    body = policy.get("Statement") if isinstance(policy, Mapping) else None
    return list(body) if isinstance(body, (list, tuple)) else [body]
