"""Resource control policies: Denies of the owner's organization that count together with the policies of a registry.

They apply to ECR and to every caller in any account. They do not apply to service-linked roles, or to resources of the
management account.
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps_syntax.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from ..documents.conditions import Base, Condition, Operator
from ..documents.document import EVERYONE, NEW_VERSION, Actions, Document, Effect, Policy, Statement
from ..documents.elements import read_json
from ..documents.parse import parse
from ..documents.pattern import Wild
from ..documents.problems import Invalid, Problems, quote
from .conditions.operators import key_condition

NO_SERVICE_LINKED_ROLE = (
    key_condition("aws:principalarn", ["arn:*:iam::*:role/aws-service-role/*"], Base.ARN_LIKE, negated=True),
)
"""The condition that a caller is not a service-linked role. No other role can have that path.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

A_SERVICE = Condition(
    Operator(Base.BOOL, negated=False, source="Bool"),
    "aws:PrincipalIsAWSService",
    "aws:principalisawsservice",
    (True,),
)
"""The condition that a caller is a service itself. Resource control policies apply to services."""

SPARED = (
    "resource control policies do not apply to repositories of the organization's management account or to "
    "service-linked roles. ECR replicates images and fills caches with such roles: a pull that only such a role could "
    "make is undecided"
)
"""The note about the principals and repositories that resource control policies do not apply to."""

_LONGEST = 5_120
"""The most characters of a policy, white space included.

https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html
"""
_ALL_ACTIONS = Actions(negated=False, patterns=("*",))
_OF_ONE_SERVICE = r"[A-Za-z0-9-]+:.+"
"""An Action. Wildcards can be anywhere in its name, but not in the service, and not alone."""
_PREFIX = Document.RESOURCE_CONTROL.prefix


def control_statements(policies: Sequence[object]) -> tuple[list[Statement], list[Invalid]]:
    """Return the Denies of resource control policies, and the elements that Organizations would not accept.

    A policy with a fault is refused as a whole, so none of its statements denies anything.
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
    invalid = (*_prefix_faults(problems.found), *_too_long(policy))
    return Policy((), invalid) if invalid else _read(value)


def _read(policy: object) -> Policy:
    """Return the Denies of a policy's JSON object, and its faults."""
    version = policy.get("Version") if isinstance(policy, Mapping) else None
    if version != NEW_VERSION:
        reason = f"{quote(version)} is not a version of a resource control policy: expected `{NEW_VERSION}`"
        return Policy((), (Invalid(f"{_PREFIX}$.Version", reason),))
    read = parse(policy)
    invalid = list(_prefix_faults(read.invalid))
    for statement in read.statements:
        fault = _fault(statement, alone=len(read.statements) == 1)
        if fault is not None:
            invalid.append(Invalid(f"{_PREFIX}$.Statement[{statement.number}]", fault))
    if not invalid:
        invalid += _too_long(json.dumps(policy, ensure_ascii=False, separators=(",", ":"), default=_plain))
    if invalid:
        return Policy((), tuple(invalid))
    denies = (statement for statement in read.statements if statement.effect is Effect.DENY)
    return Policy(tuple(deny._replace(document=Document.RESOURCE_CONTROL) for deny in denies), ())


def _plain(value: object) -> object:
    """Return a mapping that is not a `dict`, or a hole, in a form that JSON can write."""
    return dict(value) if isinstance(value, Mapping) else str(value)


def _too_long(text: str) -> Iterator[Invalid]:
    if len(text) > _LONGEST:
        reason = f"has {len(text)} characters: a resource control policy has at most {_LONGEST}, white space included"
        yield Invalid(f"{_PREFIX}$", reason)


def _prefix_faults(faults: Iterable[Invalid]) -> Iterator[Invalid]:
    return (replace(fault, at=f"{_PREFIX}{fault.at}") for fault in faults)


def _fault(statement: Statement, *, alone: bool) -> str | None:
    """Return why Organizations does not accept a statement, or None if it does.

    `alone`: it is the only statement of its policy.
    """
    if statement.effect is Effect.ALLOW and alone and _allows_everything(statement):
        return None
    actions = statement.actions.patterns
    known = [action for action in actions if isinstance(action, str)]
    wide = [text for text in known if not re.fullmatch(_OF_ONE_SERVICE, text)]
    faults = (
        (statement.holes or len(known) < len(actions), "is not known yet"),
        (
            statement.principals != EVERYONE,
            "its Principal is not `*`, the only principal that a resource control policy can name",
        ),
        (statement.actions.negated, "has a NotAction, which a resource control policy may not have"),
        (statement.resources is None, "has no Resource, which a resource control policy needs"),
        (statement.effect is Effect.ALLOW, "is an Allow: only `RCPFullAWSAccess` has one, and nothing else"),
        (wide, f"its Action {quote(next(iter(wide), None))} does not name one service: write for example `ecr:*`"),
    )
    return next((reason for found, reason in faults if found), None)


def _allows_everything(statement: Statement) -> bool:
    """Return whether a statement is that of `RCPFullAWSAccess`, which is attached everywhere and denies nothing."""
    resources = statement.resources
    everywhere = resources is not None and [pattern.parts for pattern in resources.patterns] == [(Wild.ANY,)]
    everybody = statement.principals == EVERYONE and not statement.holes
    return everywhere and everybody and statement.actions == _ALL_ACTIONS and not statement.conditions
