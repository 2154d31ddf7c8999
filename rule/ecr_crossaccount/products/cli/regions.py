"""The Regions of AWS, to find a mistyped one: a condition on the Region is then judged for the wrong one."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from ...errors import closest

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
