"""The names of AWS services in policies, to find a mistyped one."""

from __future__ import annotations

import re
from functools import lru_cache

from ...documents.problems import quoted
from ...errors import closest

_ENDING = ".amazonaws.com"
_REGION = re.compile(r"\.[a-z]{2}(?:-[a-z]+)+-[0-9]+(?=\.amazonaws\.com$)")
_BESIDE = ("ecs-tasks", "edgelambda", "eks-fargate-pods", "panorama", "robomaker", "spotfleet", "vpc-flow-logs")
"""Services that policies name, but that have no API of this name."""


def doubt_about(service: str) -> str:
    """Return the doubt about an unknown service name, with a similar name, or "" for a known name.

    There is no complete list of the names that AWS gives to services, so an unknown name is a note and not an error.
    """
    plain = _REGION.sub("", service.removesuffix(".cn"))
    known = sorted(_known())
    if plain.endswith(_ENDING):
        # `tasks.apprunner` is a name of App Runner, and `replication.ecr` of ECR.
        name = plain.removesuffix(_ENDING).rpartition(".")[2]
        if name in known:
            return ""
        found = closest(name, known)
        meant = f"{found}{_ENDING}" if found else None
    else:
        meant = closest(plain, (f"{one}{_ENDING}" for one in known))
    hint = f" (did you mean {quoted(meant)}?)" if meant else ""
    return f"{quoted(service)} is not known as the name of an AWS service{hint}"


@lru_cache(maxsize=1)
def _known() -> frozenset[str]:
    """Return the services that the AWS SDK knows, by the names of their APIs and of their endpoints."""
    from botocore.loaders import Loader

    loader = Loader()
    partitions = loader.load_data("endpoints")["partitions"]
    endpoints = (name.rpartition(".")[2] for one in partitions for name in one["services"])
    return frozenset([*endpoints, *loader.list_available_services("service-2"), *_BESIDE])
