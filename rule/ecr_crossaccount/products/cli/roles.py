"""The option `--roles` of `audit`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import InputError

if TYPE_CHECKING:
    from ..audit.report import AuditReport
    from ..audit.roles import Details
    from ..audit.sources import Source


def add_roles(group: argparse._ActionsContainer) -> None:
    """Add `--roles`."""
    group.add_argument(
        "--roles",
        metavar="FILE",
        nargs="?",
        action="append",
        const=None,
        help="also find who outside has access by assuming roles, as IAM says, or FILE, the output of `aws iam "
        "get-account-authorization-details`",
    )


def refuse_other_sources(arguments: argparse.Namespace) -> None:
    """Refuse to ask IAM for other accounts than the audited one. Raises InputError."""
    if None not in (arguments.roles or ()):
        return
    if arguments.aggregator or arguments.inventory or arguments.organization_role:
        raise InputError("--roles without FILE needs an audit of the account itself: give the output of IAM as FILE")


def with_roles(
    report: AuditReport, arguments: argparse.Namespace, source: Source, organization: str | None
) -> AuditReport:
    """Return the report with the access through roles, if it was asked for."""
    if arguments.roles is None:
        return report
    from ..audit import roles
    from .base.progress import spinner

    with spinner() as tell:
        tell("reading roles")
        read = _read(arguments, source)
        if organization is None:
            found = source.self_is()
            organization = found if isinstance(found, str) else None
        tell("following roles")
        return roles.with_roles(report, read, organization)


def _read(arguments: argparse.Namespace, source: Source) -> Details:
    from ..audit.roles import read_account, read_files

    paths = [Path(role) for role in arguments.roles if role is not None]
    if paths or source.caller is None:
        return read_files(paths)
    where = arguments.regions[0] if arguments.regions else str(source.caller.region)
    return read_account(source.caller.iam(where))
