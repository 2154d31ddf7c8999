"""The arguments of `trust publish`. They are apart from its code, so that parsing imports no AWS library."""

from __future__ import annotations

import argparse
from pathlib import Path

from .base.options import organization, region


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `trust publish`."""
    parser.add_argument("file", metavar="FILE", help="the register, YAML or JSON")
    parser.add_argument(
        "location",
        metavar="PLACE",
        help="`s3://bucket/key`, `ssm:/name` or `appconfig:APPLICATION/ENVIRONMENT/PROFILE`",
    )
    shown = parser.add_argument_group("what the change means")
    shown.add_argument(
        "--inventory",
        metavar="FILE",
        type=Path,
        action="append",
        default=[],
        help="repositories to judge by the old register and the new one, as `audit --inventory` takes them; repeatable",
    )
    shown.add_argument(
        "--organization", metavar="ID", type=organization, help="what `self` stands for, for the inventory"
    )
    shown.add_argument("--members", metavar="FILE", help="the accounts of the organization, for the inventory")
    parser.add_argument(
        "--region", metavar="REGION", type=region, help="of the parameter or the profile (default: yours)"
    )
    parser.add_argument("--profile", metavar="NAME", help="the AWS profile (default: yours)")
    parser.add_argument("--dry-run", action="store_true", help="show the change, and write nothing")
    parser.add_argument("--yes", action="store_true", help="do not ask")
