"""The demo: a registry, the rule's handler on an event for each repository, remediation, and the rule again."""

from __future__ import annotations

import io
import sys
from contextlib import redirect_stdout
from types import SimpleNamespace
from typing import TYPE_CHECKING

import boto3
from rich.console import Console

from .cloud import cloud, furnish
from .events import change_event
from .registry import EXAMPLES, PARAMETERS, REGION, Example
from .remedy import Clinic, Cure
from .show import Row, show

if TYPE_CHECKING:
    from mypy_boto3_ecr import ECRClient

    from tests.fakes import FakeConfigService


def main() -> None:
    """Run the demo and print its results."""
    # Rich needs a width, but a file or a pipeline's log has none.
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 118)
    with console.status("starting ECR and AWS Config on this machine…"):
        found, cures, left = _course()
    show(console, found, cures, left)


def _course() -> tuple[list[Row], list[Cure], list[Row]]:
    """Return the rule's results, the remediations, and the rule's results afterwards."""
    clinic = Clinic()
    with cloud(clinic.world.monotonic, clinic.planned) as config:
        ecr = boto3.client("ecr", region_name=REGION)
        furnish(ecr, EXAMPLES)
        found = _judged(ecr, config)
        clinic.open()
        cures = [clinic.cure(row.example) for row in found if not row.is_compliant]
        return found, cures, _judged(ecr, config)


def _judged(ecr: ECRClient, config: FakeConfigService) -> list[Row]:
    """Return the result in Config for each repository, after the handler has answered an event for each."""
    from handler import lambda_handler  # its clients are created here, so after the environment

    context = SimpleNamespace(aws_request_id="demo", get_remaining_time_in_millis=lambda: 60_000)
    with redirect_stdout(io.StringIO()):  # the handler's log, which Lambda would keep
        for example in EXAMPLES:
            lambda_handler(change_event(ecr, example.name, PARAMETERS), context)
    return [_row(example, config.results[example.name]) for example in EXAMPLES]


def _row(example: Example, result: dict[str, str]) -> Row:
    return Row(example, result["ComplianceType"], result.get("Annotation", ""))


if __name__ == "__main__":
    main()
