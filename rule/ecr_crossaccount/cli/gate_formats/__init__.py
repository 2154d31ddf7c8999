"""The formats of a check: one module a format, imported when it is asked for, each from a Report to text."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

from ..main import complain

if TYPE_CHECKING:
    from ...gate.findings import Report


@dataclass(frozen=True, slots=True)
class _Format:
    """A format's module here; `tells_errors`: whether it has a place for what could not be read."""

    module: str
    tells_errors: bool = True


FORMATS = {
    "text": _Format("as_text", tells_errors=False),
    "lines": _Format("as_lines", tells_errors=False),
    "json": _Format("as_json"),
    "sarif": _Format("as_sarif"),
    "junit": _Format("as_junit"),
    "github": _Format("as_github"),
    "gitlab": _Format("as_gitlab"),
    "markdown": _Format("as_markdown"),
    "csv": _Format("as_csv"),
}
"""The formats by their name on the command line."""

_QUIET = _Format("as_quiet_text", tells_errors=False)
"""The text under `--quiet`."""


class Format(Protocol):
    """What the module of a format offers; that of the text also shows it on a terminal."""

    def render(self, report: Report) -> str:
        """Return `report` as text, with a line break at its end."""

    def show(self, report: Report) -> None:
        """Write `report` to standard output."""


@dataclass(frozen=True, slots=True)
class Output:
    """One form in which a report is wanted; `file` is None for standard output."""

    format: str = "text"
    file: str | None = None
    quiet: bool = False

    @property
    def form(self) -> _Format:
        """The format's module; of the text, the one that says less if it is to be quiet."""
        return _QUIET if self.quiet and self.format == "text" else FORMATS[self.format]


def add_outputs(parser: argparse.ArgumentParser) -> None:
    """Add `--format` and `--output`, which may be given again and again: an output belongs to the format before it."""
    parser.add_argument(
        "--format",
        choices=list(FORMATS),
        action=_AddFormat,
        dest="outputs",
        help="how to show it (default: text); may be given again, each with an --output of its own",
    )
    parser.add_argument(
        "--output",
        metavar="FILE",
        action=_AddFile,
        dest="outputs",
        help="the file for the format named before, instead of standard output",
    )


class _AddFormat(argparse.Action):
    """`--format NAME`: one more output."""

    def __call__(
        self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, value: object, *_: object
    ) -> None:
        given: list[Output] = getattr(namespace, self.dest) or []
        if given and given[-1].file is None:
            parser.error(f"--format {given[-1].format} and --format {value}: expected an --output FILE between them")
        setattr(namespace, self.dest, [*given, Output(str(value))])


class _AddFile(argparse.Action):
    """`--output FILE`: where the format before it goes; the text, where no format was named."""

    def __call__(
        self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, value: object, *_: object
    ) -> None:
        given: list[Output] = getattr(namespace, self.dest) or [Output()]
        if given[-1].file is not None:
            parser.error(f"--output {value}: expected a --format NAME before it")
        setattr(namespace, self.dest, [*given[:-1], Output(given[-1].format, str(value))])


def show_all(report: Report, outputs: Iterable[Output]) -> None:
    """Show `report` in every form that is wanted, files first: a reader that goes away must not keep them back.

    What could not be read is told on standard error as well, unless standard output tells it.
    """
    ordered = sorted(outputs, key=lambda one: one.file is None)
    for output in ordered:
        _show(report, output)
    if not any(output.file is None and output.form.tells_errors for output in ordered):
        from ...gate.results import faults_of

        for fault in faults_of(report):
            complain(f"{fault.first.where}: {fault.message}" if len(fault.errors) == 1 else fault.message)


def _show(report: Report, output: Output) -> None:
    module = cast("Format", import_module(f".{output.form.module}", __package__))
    if output.file is not None:
        from ..atomic import write_whole

        write_whole(output.file, module.render(report))
        return
    if output.format == "text":
        module.show(report)
    else:
        sys.stdout.write(module.render(report))
