"""Removed Denies of a registry policy. They denied requests to every repository, whatever its own policy allows."""

from __future__ import annotations

from ..access.fences import denies_of, is_fence
from ..access.judge import Repository
from ..gate.values.holed import holes_in
from ..policy.parse import parse
from ..policy.principals import partition_of
from .judging import DeploymentContext
from .request import RequestError

REGISTRY_POLICY = "AWS::ECR::RegistryPolicy"


def missed(name: str, old: object, new: object, place: DeploymentContext) -> str | None:
    """Return why it is unknown what a change of a registry policy opens, or None if it opens nothing.

    `new` is None if the policy is deleted. Raises RequestError if the old policy cannot be read.
    """
    if parse(old).invalid or any(holes_in(old)):
        raise RequestError(f"what {name} denies before the change cannot be read")
    gone = denies_of(parse(old)) - denies_of(parse(new))
    if not gone or is_fence(new, _registry_at(place), place.trust):
        return None
    return (
        f"{name}: {_words(len(gone))} of the registry policy would be removed: whether the policy of a repository "
        "gives the access that it prevents cannot be determined from here"
    )


def _words(denies: int) -> str:
    return "a Deny" if denies == 1 else f"{denies} Denies"


def _registry_at(place: DeploymentContext) -> Repository:
    partition = partition_of(place.region)
    return Repository(place.account, region=place.region, partition=partition, organization=place.organization)
