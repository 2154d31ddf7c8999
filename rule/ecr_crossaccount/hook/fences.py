"""Denies of a registry policy that go: they kept requests from every repository, whatever its own policy allows."""

from __future__ import annotations

from ..access.judge import Repository
from ..access.registry import judge_registry
from ..access.verdict import Compliance
from ..gate.values.holed import holes_in
from ..policy.document import NEW_VERSION, Effect, Statement
from ..policy.parse import parse
from ..policy.principals import partition_of
from .judging import DeploymentContext
from .request import RequestError

REGISTRY_POLICY = "AWS::ECR::RegistryPolicy"

_EVERYTHING = {"Effect": "Allow", "Principal": "*", "Action": "ecr:*", "Resource": "*"}
"""The most that the policies of repositories could allow."""


def missed(name: str, old: object, new: object, place: DeploymentContext) -> str | None:
    """Return why it is not known what a change of a registry policy opens, None where it opens nothing.

    `new` is None where the policy is deleted. Raises RequestError where the old one cannot be read.
    """
    if parse(old).invalid or any(holes_in(old)):
        raise RequestError(f"what {name} denies before the change cannot be read")
    gone = _denies(old) - _denies(new)
    if not gone or (new is not None and _is_a_fence(new, place)):
        return None
    return (
        f"{name}: {_words(len(gone))} of the registry policy would be removed: whether the policy of a repository "
        "gives the access that it prevents cannot be determined from here"
    )


def statements_in(policy: object) -> list[object]:
    """Return the statements of a policy as they are written."""
    body = policy.get("Statement") if isinstance(policy, dict) else None
    return body if isinstance(body, list) else [body]


def _words(denies: int) -> str:
    return "a Deny" if denies == 1 else f"{denies} Denies"


def _denies(policy: object) -> frozenset[Statement]:
    statements = () if policy is None else parse(policy).statements
    return frozenset(one._replace(number=0, sid=None) for one in statements if one.effect is Effect.DENY)


def _is_a_fence(policy: object, place: DeploymentContext) -> bool:
    """Tell whether what a policy denies keeps everybody out who is not trusted, whatever others allow."""
    denies = [one for one in statements_in(policy) if isinstance(one, dict) and one.get("Effect") == "Deny"]
    registry = Repository(
        place.account, region=place.region, partition=partition_of(place.region), organization=place.organization
    )
    fenced = {"Version": NEW_VERSION, "Statement": [_EVERYTHING, *denies]}
    return judge_registry(fenced, registry, place.trust).compliance is Compliance.COMPLIANT
