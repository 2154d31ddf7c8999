"""The Regions of AWS and the names of its services in policies, to find mistyped ones.

A condition on a Region is judged for the wrong one if the Region is mistyped.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from functools import lru_cache

from ...documents.problems import quote
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
    known = sorted(_known_services())
    if plain.endswith(_ENDING):
        # `tasks.apprunner` is a name of App Runner, and `replication.ecr` of ECR.
        name = plain.removesuffix(_ENDING).rpartition(".")[2]
        if name in known:
            return ""
        found = closest(name, known)
        meant = f"{found}{_ENDING}" if found else None
    else:
        meant = closest(plain, (f"{text}{_ENDING}" for text in known))
    hint = f" (did you mean {quote(meant)}?)" if meant else ""
    return f"{quote(service)} is not known as the name of an AWS service{hint}"


@lru_cache(maxsize=1)
def _known_services() -> frozenset[str]:
    """Return the services that the AWS SDK knows, by the names of their APIs and of their endpoints."""
    from botocore.loaders import Loader

    loader = Loader()
    partitions = loader.load_data("endpoints")["partitions"]
    endpoints = (name.rpartition(".")[2] for partition in partitions for name in partition["services"])
    return frozenset([*endpoints, *loader.list_available_services("service-2"), *_BESIDE])


KNOWN = frozenset(
    {
        *("af-south-1", "ap-east-1", "ap-east-2", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3"),
        *("ap-south-1", "ap-south-2", "ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ap-southeast-4"),
        *("ap-southeast-5", "ap-southeast-6", "ap-southeast-7", "ca-central-1", "ca-west-1"),
        *("eu-central-1", "eu-central-2", "eu-north-1", "eu-south-1", "eu-south-2"),
        *("eu-west-1", "eu-west-2", "eu-west-3", "il-central-1", "me-central-1", "me-south-1", "mx-central-1"),
        *("sa-east-1", "us-east-1", "us-east-2", "us-west-1", "us-west-2"),
        *("cn-north-1", "cn-northwest-1", "us-gov-east-1", "us-gov-west-1", "eusc-de-east-1", "eu-isoe-west-1"),
        *("us-iso-east-1", "us-iso-west-1", "us-isob-east-1", "us-isob-west-1", "us-isof-east-1", "us-isof-south-1"),
    }
)
"""The Regions of botocore's endpoints. The commands that read files do not import botocore."""


def doubts_about(arguments: argparse.Namespace) -> Iterator[str]:
    """Yield the doubt about each Region of a command line and its settings that is not known.

    AWS adds Regions, so an unknown one is a note and not an error.
    """
    given = (getattr(arguments, "region", None), *(getattr(arguments, "regions", None) or ()))
    for name in dict.fromkeys(one for one in given if isinstance(one, str) and one not in KNOWN):
        found = closest(name, KNOWN)
        hint = f" (did you mean `{found}`?)" if found else ""
        yield f"`{name}` is not known as a Region{hint}: if it is mistyped, conditions on the Region are judged wrongly"
