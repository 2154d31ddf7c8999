"""Resource control policies: Denies of the owner's organization, which count beside the policies of a registry.

They apply to ECR, to every caller from wherever, and neither to service-linked roles nor to what the management account
owns.
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps_syntax.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from ..policy.conditions import Base
from ..policy.document import Document, Effect, Policy, Statement
from ..policy.parse import parse
from ..policy.pattern import Wild
from ..policy.principals import EVERYONE
from ..policy.problems import Invalid, Problems, quoted
from ..policy.text import read_json
from .conditions.clause import like

NO_SERVICE_LINKED_ROLE = (
    like("aws:principalarn", ["arn:*:iam::*:role/aws-service-role/*"], Base.ARN_LIKE, negated=True),
)
"""The condition under which a caller is not a service-linked role: no other role can have that path.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

SPARED = (
    "resource control policies do not apply to repositories of the organization's management account, nor to "
    "service-linked roles, such as those with which ECR replicates images and fills caches"
)
"""Note whom they spare."""

_VERSION = "2012-10-17"
_PREFIX = Document.RESOURCE_CONTROL.prefix


def control_statements(policies: Sequence[object]) -> tuple[list[Statement], list[Invalid]]:
    """Return the Denies of resource control policies, and what Organizations would not accept in them.

    A policy that has a fault of its own, and a statement that has one, deny nothing.
    """
    statements: list[Statement] = []
    invalid: list[Invalid] = []
    for place, policy in enumerate(policies):
        read = _read_text(policy) if isinstance(policy, str) else _read(policy)
        statements += read.statements
        invalid += [replace(one, at=one.at.replace(_PREFIX, f"{_PREFIX}{place}:", 1)) for one in read.invalid]
    return statements, invalid


@lru_cache(maxsize=64)
def _read_text(policy: str) -> Policy:
    problems = Problems()
    value = read_json(policy, problems)
    return Policy((), tuple(_placed(problems.found))) if problems.found else _read(value)


def _read(policy: object) -> Policy:
    """Return the Denies of a policy's JSON object, and its faults."""
    version = policy.get("Version") if isinstance(policy, Mapping) else None
    if version != _VERSION:
        reason = f"{quoted(version)} is not a version of a resource control policy: expected `{_VERSION}`"
        return Policy((), (Invalid(f"{_PREFIX}$.Version", reason),))
    read = parse(policy)
    invalid = list(_placed(read.invalid))
    counted: list[Statement] = []
    for one in read.statements:
        fault = _fault(one)
        if fault is not None:
            invalid.append(Invalid(f"{_PREFIX}$.Statement[{one.number}]", fault))
        elif one.effect is Effect.DENY:
            counted.append(one._replace(document=Document.RESOURCE_CONTROL))
    return Policy(tuple(counted), tuple(invalid))


def _placed(faults: Iterable[Invalid]) -> Iterator[Invalid]:
    return (replace(one, at=f"{_PREFIX}{one.at}") for one in faults)


def _fault(statement: Statement) -> str | None:
    """Why Organizations does not accept a statement; None if it does."""
    if statement.holes:
        return "is not known yet"
    if statement.principals != EVERYONE:
        return "its Principal is not `*`, which alone a resource control policy may name"
    if statement.actions.negated:
        return "has a NotAction, which a resource control policy may not have"
    if statement.resources is None:
        return "has no Resource, which a resource control policy needs"
    if statement.effect is Effect.ALLOW and not _allows_everything(statement):
        return "is an Allow: the one of `RCPFullAWSAccess` is the only one there is"
    return None


def _allows_everything(statement: Statement) -> bool:
    """Whether a statement is that of `RCPFullAWSAccess`, which is attached everywhere and changes nothing."""
    resources = statement.resources
    everywhere = resources is not None and [one.parts for one in resources.patterns] == [(Wild.ANY,)]
    return everywhere and statement.actions.patterns == ("*",) and not statement.conditions
