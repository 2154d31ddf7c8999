"""The demo's course: a registry, an event for each repository, the real handler, and what Config then shows."""

from __future__ import annotations

import io
import sys
from contextlib import redirect_stdout
from types import SimpleNamespace

import boto3
from rich.console import Console

from .cloud import cloud, furnish
from .events import change_event
from .registry import EXAMPLES, PARAMETERS, REGION, Example
from .show import Row, show


def main() -> None:
    """Run the demo and print what it found."""
    # Rich asks for a width; what is read in a file or a pipeline's log has none.
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 118)
    with console.status("starting ECR and AWS Config on this machine…"):
        rows = _judged()
    show(console, rows)


def _judged() -> list[Row]:
    """Return what Config shows for each repository, once the handler has answered an event for each."""
    with cloud() as config:
        from handler import lambda_handler  # its clients are made here, so after the environment

        ecr = boto3.client("ecr", region_name=REGION)
        furnish(ecr, EXAMPLES)
        events = [change_event(ecr, example.name, PARAMETERS) for example in EXAMPLES]
        context = SimpleNamespace(aws_request_id="demo", get_remaining_time_in_millis=lambda: 60_000)
        with redirect_stdout(io.StringIO()):  # the handler's log, which Lambda would keep
            for event in events:
                lambda_handler(event, context)
        return [_row(example, config.results[example.name]) for example in EXAMPLES]


def _row(example: Example, result: dict[str, str]) -> Row:
    return Row(example, result["ComplianceType"], result.get("Annotation", ""))


if __name__ == "__main__":
    main()
