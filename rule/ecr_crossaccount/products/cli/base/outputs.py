"""`--format NAME[=FILE]`, reports in one or more formats, and `--fail-on`, the severity that fails the run.

A file is written completely or not at all.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ....errors import InputError
from ....judgement.values.verdict import Severity, Verdict
from ....memo import by_value
from .program import ExitStatus, complain

if TYPE_CHECKING:
    from ....sources.check.findings import Report

_DOUBTFUL = Severity.MEDIUM
"""The severity of undecided and invalid policies."""


@by_value
class Counted:
    """One problem: its severity, and whether it is only undecided."""

    severity: Severity
    undecided: bool = False


class Unread(NamedTuple):
    """A file that could not be read and so was not judged."""

    file: str
    reason: str


UNCERTAIN = Counted(_DOUBTFUL, undecided=True)
"""A possible problem that cannot be determined."""


def add_fail_on(parser: argparse._ActionsContainer) -> None:
    """Add `--fail-on`."""
    parser.add_argument(
        "--fail-on",
        metavar="SEVERITY",
        type=str.upper,
        choices=[severity.name for severity in Severity],
        help="LOW (default), MEDIUM, HIGH or CRITICAL; undecided counts as MEDIUM",
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
        yield from (Counted(undecided.severity, undecided=True) for undecided in verdict.undecided)
        yield from (Counted(_DOUBTFUL) for _ in verdict.invalid)


def counted_of(report: Report) -> Iterator[Counted]:
    """Yield the problems in a report that are neither suppressed nor known."""
    from ....sources.check.results import results_of

    return (Counted(result.severity, result.is_undecided) for result in results_of(report) if result.accepted is None)


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


def status_of(verdict: Verdict) -> ExitStatus:
    """Return the status of a verdict: undecided if nothing in it is certain."""
    return status_on(None, counted_in([verdict]))


@by_value
class Form:
    """A format: the full name of its module, and the function there that returns a report as text.

    The text ends with a line break. It is in pieces if it may not fit into memory. `tells_errors` says whether the
    format shows what could not be read, `tells_notes` whether it shows the notes about the whole run, and `tells_trust`
    whether it shows the trust that was used, if any was.
    """

    module: str
    function: str
    tells_errors: bool = True
    tells_notes: bool = True
    tells_trust: bool = True

    def text(self, report: object) -> Iterable[str]:
        """Return a report as text, in one or more pieces."""
        told: str | Iterable[str] = getattr(import_module(self.module), self.function)(report)
        return (told,) if isinstance(told, str) else told

    def show(self, report: object) -> None:
        """Write a report to standard output."""
        for piece in self.text(report):
            sys.stdout.write(piece)


Forms = Mapping[str, Form]
"""Formats by their name on the command line."""


@by_value
class Output:
    """One requested format of a report. `file` is None for standard output."""

    format: str = "text"
    file: str | None = None

    def __str__(self) -> str:
        """Return the name of the format, for messages."""
        return self.format


def add_outputs(parser: argparse._ActionsContainer, forms: Forms) -> None:
    """Add `--format NAME[=FILE]`."""
    parser.add_argument(
        "--format",
        choices=_Outputs(forms),
        type=_output,
        metavar="NAME[=FILE]",
        action=_AddFormat,
        dest="outputs",
        help=f"{', '.join(forms)} (default: text), into a file or to standard output; repeatable",
    )


def _output(text: str) -> Output:
    name, equals, file = text.partition("=")
    if equals and not file:
        raise argparse.ArgumentTypeError(f"`{text}` names no file: expected `{name}=FILE`, or `{name}`")
    return Output(name, file or None)


class _Outputs(tuple[str, ...]):
    """The names of formats. An output is among them if its format is."""

    __slots__ = ()

    def __contains__(self, one: object) -> bool:
        return super().__contains__(one.format if isinstance(one, Output) else one)


class _AddFormat(argparse.Action):
    """Adds an output."""

    def __call__(
        self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, value: object, *_: object
    ) -> None:
        given: list[Output] = getattr(namespace, self.dest) or []
        assert isinstance(value, Output)  # noqa: S101 - its type
        other = next((output.format for output in given if value.file is output.file is None), None)
        if other is not None:
            parser.error(
                f"--format {other} and --format {value.format} both write to standard output: "
                f"expected a file, `--format {other}=FILE`"
            )
        setattr(namespace, self.dest, [*given, value])


def verify(wanted: Iterable[Output] | None, *others: str | None, arguments: argparse.Namespace | None = None) -> None:
    """Raise InputError for a file that cannot be written or is named twice, before the command starts its work.

    `others` are the files that the command writes besides its outputs. `arguments` are all of its arguments: an output
    must not replace a file that the command reads, except the report of an earlier run.
    """
    named: set[str] = set()
    inputs = frozenset(_files_in(vars(arguments))) if arguments else frozenset()
    for file in (*(output.file for output in wanted or ()), *others):
        if file is None:
            continue
        _refuse_unwritable(file)
        real = os.path.realpath(file)
        if real in named and (os.path.isfile(real) or not os.path.exists(real)):  # noqa: PTH110, PTH113 - names here
            raise InputError(f"`{file}` is named for two outputs: the second would replace the first")
        if real in inputs:
            raise InputError(f"cannot write `{file}`: it is read, too, and would be lost: name another file")
        named.add(real)


_WRITTEN = frozenset({"outputs", "resume"})
_REPORTS = frozenset({"baseline", "since"})
"""Options for a report of an earlier run. The new report can replace it."""


def _files_in(arguments: Mapping[str, object]) -> Iterator[str]:
    """Yield the files that a command's arguments name, except the files that it writes and earlier reports."""
    for name, value in arguments.items():
        given = value if isinstance(value, (list, tuple)) else [value]
        texts = [one for one in given if isinstance(one, (str, Path))] if name not in _WRITTEN | _REPORTS else []
        yield from (os.path.realpath(text) for text in texts if os.path.isfile(text))  # noqa: PTH113 - names as written


def _refuse_unwritable(file: str) -> None:
    path = Path(os.path.realpath(file))
    if path.is_dir():
        raise InputError(f"cannot write `{file}`: it is a folder")
    if not path.parent.is_dir():
        raise InputError(f"cannot write `{file}`: there is no folder `{Path(file).parent}`")
    if not os.access(path if path.exists() and not path.is_file() else path.parent, os.W_OK):
        raise InputError(f"cannot write `{file}`: permission denied")


class Outputs:
    """The outputs of one run, in the formats of its command."""

    def __init__(self, wanted: Iterable[Output] | None, forms: Forms) -> None:
        # Standard output is the last one, so that a reader that closes it prevents no file.
        self._wanted = tuple(sorted(wanted or [Output()], key=lambda one: one.file is None))
        self._forms = forms

    @property
    def tell_errors(self) -> bool:
        """Whether standard output shows what could not be read, so that standard error need not."""
        return any(output.file is None and self._forms[output.format].tells_errors for output in self._wanted)

    @property
    def tell_notes(self) -> bool:
        """Whether every output shows the notes about the whole run, so that standard error need not."""
        return all(self._forms[output.format].tells_notes for output in self._wanted)

    def show(self, report: Any) -> None:  # noqa: ANN401 - whatever the command reports
        """Show `report` in every requested format. Raises InputError for a file that cannot be written.

        If none of them has a place for the trust that was used, standard error says it.
        """
        for output in self._wanted:
            form = self._forms[output.format]
            if output.file is None:
                form.show(report)
            else:
                from .atomic import write_whole

                write_whole(output.file, form.text(report))
        if not any(self._forms[one.format].tells_trust for one in self._wanted):
            complain(f"trust: {report.provenance.trust}")
