"""The Principal element: who a statement speaks of.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache, partial
from typing import NamedTuple

from .holes import Holed
from .problems import quoted


class Form(Enum):
    """The sorts of AWS principals that a repository policy can name."""

    ACCOUNT = "account"
    ROLE = "role"
    USER = "user"
    SESSION = "assumed-role"
    FEDERATED = "federated-user"

    __hash__ = object.__hash__  # by identity: every principal's is looked up


class Named(NamedTuple):
    """One AWS principal, by its ARN or account number.

    `name` is what follows the form in the ARN: path and name of a role or user, `Role/session`, the federated
    user's name; empty for an account.
    """

    form: Form
    account: str
    name: str
    partition: str | None
    source: str


@dataclass(frozen=True, slots=True)
class UniqueId:
    """`AROA…` or `AIDA…`: what is left of a principal that was deleted, or, not applied yet, anybody's."""

    id: str


class Principals(NamedTuple):
    """The principals of one statement, of Principal or (`negated`) of NotPrincipal.

    `everyone` is `*`; `any_aws` is `{"AWS": "*"}`; `unknown` are the entries with holes, of either sort.
    """

    negated: bool = False
    everyone: bool = False
    any_aws: bool = False
    named: tuple[Named, ...] = ()
    services: tuple[str, ...] = ()
    ids: tuple[UniqueId, ...] = ()
    unknown: tuple[Holed, ...] = ()
    unknown_services: tuple[Holed, ...] = ()


EVERYONE = Principals(everyone=True)

PARTITIONS = frozenset({"aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc"})
"""https://docs.aws.amazon.com/general/latest/gr/arns-syntax.html, and the isolated partitions of botocore."""

REGION = re.compile(r"[a-z]+(-[a-z]+)+-[0-9]+")
"""The name of a Region: no policy's condition on the Region is met in what is none."""

_PARTITION_OF = {
    "cn": "aws-cn",
    "eu-isoe": "aws-iso-e",
    "eusc": "aws-eusc",
    "us-gov": "aws-us-gov",
    "us-iso": "aws-iso",
    "us-isob": "aws-iso-b",
    "us-isof": "aws-iso-f",
}
"""Partitions by how the names of their Regions begin, likewise; the commercial one has all others."""

_ACCOUNT = re.compile(r"[0-9]{12}")
_ARN = re.compile(r"arn:([^:]*):([^:]*)::([0-9]{12}):([^/]*)(?:/(.*))?", re.DOTALL)
_UNIQUE_ID = re.compile(r"A(?:RO|ID)A[A-Z0-9]{4,124}")
_NAME = "[A-Za-z0-9_+=,.@-]+"
_IDENTITY = re.compile(
    rf"^((?:arn:({'|'.join(sorted(PARTITIONS))}):iam::)?([0-9]{{12}})"
    rf"(?(2):(?:root|(role|user)/({_NAME}|[!-)+->@-~]*/{_NAME}))))$",
    re.MULTILINE,
)
"""An account number, or the ARN of an account, role or user: one a line."""
_FORMS = {"": Form.ACCOUNT, "role": Form.ROLE, "user": Form.USER}
_SESSIONS = {
    ("sts", "assumed-role"): (Form.SESSION, re.compile(f"{_NAME}/{_NAME}")),
    ("sts", "federated-user"): (Form.FEDERATED, re.compile(_NAME)),
}
SERVICE = re.compile(r"[a-z0-9][a-z0-9-]*(?:\.[a-z0-9-]+)+")
"""The name of a service principal."""


def is_region(text: str) -> bool:
    """Tell whether a text can be the name of a Region."""
    return bool(REGION.fullmatch(text))


def partition_of(region: str | None) -> str:
    """Return the partition that a Region is in, the commercial one where none is named."""
    return next((name for start, name in _PARTITION_OF.items() if (region or "").startswith(f"{start}-")), "aws")


def is_account(text: str) -> bool:
    """Tell whether a text is an account number."""
    return _ACCOUNT.fullmatch(text) is not None


def identities(texts: Sequence[str]) -> tuple[Named, ...] | None:
    """Read entries of `{"AWS": …}` that are accounts, roles and users, all at once; None if one is something else."""
    lines = "\n".join(texts)
    found = _IDENTITY.findall(lines)
    if not len(found) == len(texts) == lines.count("\n") + 1:
        return None
    forms = _FORMS
    return tuple(
        [_named((forms[kind], account, name, part or None, text)) for text, part, account, kind, name in found]
    )


_named = partial(tuple.__new__, Named)
"""Makes a Named of its fields, in half the time of NamedTuple's own function."""


@lru_cache(maxsize=4096)
def aws_principal(text: str) -> Named | UniqueId | str:
    """Read one entry of `{"AWS": …}`; a plain string in return is the reason why it is none.

    The same accounts stand in the policies of many repositories.
    """
    identity = identities((text,))
    return identity[0] if identity else _rarer_principal(text)


def _rarer_principal(text: str) -> Named | UniqueId | str:
    """Read an entry that is not an account, role or user."""
    found = _ARN.fullmatch(text)
    if found is None:
        return UniqueId(text) if _UNIQUE_ID.fullmatch(text) else _refusal(text)
    partition, service, account, kind, name = found.groups()
    if partition not in PARTITIONS:
        return f"{quoted(text)} is in no partition of AWS: {quoted(partition)}"
    known = _SESSIONS.get((service, kind))
    if known is None or name is None or not known[1].fullmatch(name):
        return _refusal(text)
    return Named(known[0], account, name, partition, text)


def _refusal(text: str) -> str:
    expected = "expected `*`, an account number of 12 digits, or the ARN of an account, role, user or session"
    wild = ", which takes no wildcards" if "*" in text or "?" in text else ""
    return f"{quoted(text)} is not a principal: {expected}{wild}"


@lru_cache(maxsize=1024)
def service_principal(text: str) -> str | None:
    """Return the reason why `text` is not a service principal, or None if it is one."""
    if SERVICE.fullmatch(text):
        return None
    return f"{quoted(text)} is not a service: expected a name such as `lambda.amazonaws.com`, without wildcards"
