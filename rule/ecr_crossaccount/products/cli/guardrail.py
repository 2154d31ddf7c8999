"""`ecr-crossaccount guardrail`: prints organization policies that protect every registry, ready to attach."""

from __future__ import annotations

import argparse
import sys

from ...errors import InputError
from ...questions.guardrails import LARGEST, Guardrail
from .base.options import add_trust, organization
from .base.program import PRINTED, ExitStatus, add_tasks, complain

_SUMMARIES = {
    "rcp": "a resource control policy: only your organization, and access that the register trusts, reaches a registry",
    "scp": "a service control policy: only the roles named may open a registry to others",
}


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `guardrail`."""
    rcp, scp = add_tasks(parser, "kind", {name: (summary, PRINTED) for name, summary in _SUMMARIES.items()})
    rcp.add_argument("--organization", metavar="ID", type=organization, help="your organization (required)")
    add_trust(rcp)
    scp.add_argument(
        "--role",
        metavar="ROLE",
        action="append",
        required=True,
        help="a role's name (its path before it), in any account, or its ARN; `*` and `?` allowed; once for each",
    )
    for kind in (rcp, scp):
        kind.add_argument("--minified", action="store_true", help="without spaces and line breaks")


def run(arguments: argparse.Namespace) -> ExitStatus:
    """Print the policy. Notes for those who attach it go to standard error."""
    guardrail = _guardrail(arguments)
    readable = None if arguments.minified else guardrail.readable
    if readable is None and not arguments.minified:
        complain(f"note: printed without spaces; with them it would exceed {LARGEST:,} characters")
    for note in guardrail.notes:
        complain(f"note: {note}")
    sys.stdout.write((readable or guardrail.minified) + "\n")
    return ExitStatus.COMPLIANT


def _guardrail(arguments: argparse.Namespace) -> Guardrail:
    if arguments.kind == "scp":
        from ...questions.guardrails import service_control_policy

        return service_control_policy(arguments.role)
    from ...questions.guardrails import resource_control_policy
    from .register import trust_in

    if arguments.organization is None:
        raise InputError("no organization: give --organization, or the setting `organization`")
    return resource_control_policy(trust_in(arguments.trust), arguments.organization)
