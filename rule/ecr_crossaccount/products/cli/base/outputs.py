"""`--format` and `--output`, reports in one or more formats, and `--fail-on`, the severity that fails the run.

A file is written completely or not at all.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from ....judgement.values.verdict import Severity, Verdict
from .program import ExitStatus, InputError, complain

if TYPE_CHECKING:
    from ....sources.check.findings import Report


_DOUBTFUL = Severity.MEDIUM
"""The severity of undecided and invalid policies."""


@dataclass(frozen=True, slots=True)
class Counted:
    """One problem: its severity, and whether it is only undecided."""

    severity: Severity
    undecided: bool = False


UNCERTAIN = Counted(_DOUBTFUL, undecided=True)
"""A possible problem that cannot be determined."""


def add_fail_on(parser: argparse._ActionsContainer) -> None:
    """Add `--fail-on`."""
    parser.add_argument(
        "--fail-on",
        metavar="SEVERITY",
        type=str.upper,
        choices=[severity.name for severity in Severity],
        help="the lowest severity that fails: LOW (default), MEDIUM, HIGH or CRITICAL; undecided counts as MEDIUM",
    )


def least_of(given: str | None) -> Severity:
    """Return the lowest severity that fails. `given` is the value of `--fail-on`."""
    return Severity[given] if given else min(Severity)


def counted_in(verdicts: Iterable[Verdict]) -> Iterator[Counted]:
    """Yield every problem in verdicts."""
    for verdict in verdicts:
        if (verdict.external or verdict.service) and not verdict.grants:  # access without a grantee that could be named
            yield Counted(max(Severity))
        yield from (Counted(grant.severity) for grant in verdict.grants)
        yield from (Counted(one.severity, undecided=True) for one in verdict.undecided)
        yield from (Counted(_DOUBTFUL) for _ in verdict.invalid)


def counted_of(report: Report) -> Iterator[Counted]:
    """Yield the problems in a report that are neither suppressed nor known."""
    from ....sources.check.results import results_of

    return (Counted(one.severity, one.is_undecided) for one in results_of(report) if one.accepted is None)


def status_on(least: str | None, found: Iterable[Counted]) -> ExitStatus:
    """Return the status of the findings that have at least the severity `least`. By default, all of them.

    If there are only findings below it, a note on standard error says so, because it explains why a pipeline passes.
    """
    found = set(found)
    severity = least_of(least)
    failing = [one for one in found if one.severity >= severity]
    if not failing:
        if found:
            complain(f"note: nothing fails, because no finding is {severity.name} or worse")
        return ExitStatus.COMPLIANT
    return ExitStatus.UNDECIDED if all(one.undecided for one in failing) else ExitStatus.NON_COMPLIANT


_Report = TypeVar("_Report")


@dataclass(frozen=True, slots=True)
class Form:
    """A format: the full name of its module, and the function there that returns a report as text.

    The text ends with a line break. It is in pieces if it may not fit into memory. `shown` is the function that writes
    a report to standard output, if a person reads it there otherwise than in a file. `tells_errors` says whether the
    format shows what could not be read, and `tells_notes` whether it shows the notes about the whole run.
    """

    module: str
    function: str
    shown: str | None = None
    tells_errors: bool = True
    tells_notes: bool = True

    def text(self, report: object) -> Iterable[str]:
        """Return a report as text, in one or more pieces."""
        told: str | Iterable[str] = getattr(import_module(self.module), self.function)(report)
        return (told,) if isinstance(told, str) else told

    def show(self, report: object) -> None:
        """Write a report to standard output."""
        if self.shown:
            getattr(import_module(self.module), self.shown)(report)
        else:
            for piece in self.text(report):
                sys.stdout.write(piece)


Forms = Mapping[str, Form]
"""Formats by their name on the command line."""


@dataclass(frozen=True, slots=True)
class Output:
    """One requested format of a report. `file` is None for standard output.

    `implied`: whether the file was named before any format, so that it gets the text.
    """

    format: str = "text"
    file: str | None = None
    implied: bool = False


def add_outputs(parser: argparse._ActionsContainer, forms: Forms) -> None:
    """Add `--format` and `--output`. Both are repeatable, and an output belongs to the format before it."""
    parser.add_argument(
        "--format",
        choices=list(forms),
        metavar="NAME",
        action=_AddFormat,
        dest="outputs",
        help=f"how to show it: {', '.join(forms)} (default: text); may be given again, each with an --output of its "
        "own",
    )
    parser.add_argument(
        "--output",
        metavar="FILE",
        action=_AddFile,
        dest="outputs",
        help="the file for the format named before, instead of standard output",
    )


class _AddFormat(argparse.Action):
    """`--format NAME`: adds an output."""

    def __call__(
        self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, value: object, *_: object
    ) -> None:
        given: list[Output] = getattr(namespace, self.dest) or []
        if given and given[-1].file is None:
            parser.error(f"--format {given[-1].format} and --format {value}: expected an --output FILE between them")
        setattr(namespace, self.dest, [*given, Output(str(value))])


class _AddFile(argparse.Action):
    """`--output FILE`: the file for the format before it, or for the text format if there is none."""

    def __call__(
        self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, value: object, *_: object
    ) -> None:
        given: list[Output] = getattr(namespace, self.dest) or [Output(implied=True)]
        if given[-1].file is not None:
            parser.error(f"--output {value}: expected a --format NAME before it")
        setattr(namespace, self.dest, [*given[:-1], replace(given[-1], file=str(value))])


def verify(wanted: Iterable[Output] | None, *others: str | None, arguments: argparse.Namespace | None = None) -> None:
    """Raise InputError for a file that cannot be written or is named twice, before the command starts its work.

    `others` are the files that the command writes besides its outputs. `arguments` are all of its arguments: an output
    must not replace a file that the command reads, except the report of an earlier run.
    """
    wanted = tuple(wanted or ())
    if len(wanted) > 1 and wanted[0].implied:
        file, other = wanted[0].file, wanted[1].format
        complain(
            f"note: `{file}` gets the text, because an --output belongs to the --format before it: for {other} in it, "
            f"write `--format {other} --output {file}`"
        )
    named: set[str] = set()
    inputs = frozenset(_files_in(vars(arguments))) if arguments else frozenset()
    for file in (*(one.file for one in wanted), *others):
        if file is None:
            continue
        _refuse_unwritable(file)
        real = os.path.realpath(file)
        if real in named and (os.path.isfile(real) or not os.path.exists(real)):  # noqa: PTH110, PTH113 - names here
            raise InputError(f"`{file}` is named for two outputs: the second would replace the first")
        if real in inputs:
            raise InputError(f"cannot write `{file}`: it is read, too, and would be lost: name another file")
        named.add(real)


_WRITTEN = frozenset({"outputs", "html", "resume"})
_REPORTS = frozenset({"baseline", "since"})
"""Options for a report of an earlier run. The new report can replace it."""


def _files_in(arguments: Mapping[str, object]) -> Iterator[str]:
    """Yield the files that a command's arguments name, except the files that it writes and earlier reports."""
    for name, value in arguments.items():
        given = value if isinstance(value, (list, tuple)) else [value]
        texts = [one for one in given if isinstance(one, (str, Path))] if name not in _WRITTEN | _REPORTS else []
        yield from (os.path.realpath(one) for one in texts if os.path.isfile(one))  # noqa: PTH113 - names as written


def _refuse_unwritable(file: str) -> None:
    path = Path(os.path.realpath(file))
    if path.is_dir():
        raise InputError(f"cannot write `{file}`: it is a folder")
    if not path.parent.is_dir():
        raise InputError(f"cannot write `{file}`: there is no folder `{Path(file).parent}`")
    if not os.access(path if path.exists() and not path.is_file() else path.parent, os.W_OK):
        raise InputError(f"cannot write `{file}`: permission denied")


class Outputs(Generic[_Report]):
    """The outputs of one run, in the formats of its command."""

    def __init__(self, wanted: Iterable[Output] | None, forms: Forms) -> None:
        # Standard output can only be the last one, so that a reader that closes it prevents no file.
        self._wanted = tuple(wanted or [Output()])
        self._forms = forms

    @property
    def tell_errors(self) -> bool:
        """Whether standard output shows what could not be read, so that standard error need not."""
        return any(one.file is None and self._forms[one.format].tells_errors for one in self._wanted)

    @property
    def tell_notes(self) -> bool:
        """Whether every output shows the notes about the whole run, so that standard error need not."""
        return all(self._forms[one.format].tells_notes for one in self._wanted)

    def show(self, report: _Report) -> None:
        """Show `report` in every requested format. Raises InputError for a file that cannot be written."""
        for output in self._wanted:
            form = self._forms[output.format]
            if output.file is None:
                form.show(report)
            else:
                from .atomic import write_whole

                write_whole(output.file, form.text(report))
