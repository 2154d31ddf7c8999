"""What a run of the command tells: its name and version, help, messages, errors, a crash, and the exit status.

Its parsers are argparse's, with this command's help texts, messages and exit status.

A crash is not a verdict. Its exit status is 70, and a line of a batch that causes one is answered as not judged.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from enum import IntEnum
from itertools import takewhile
from typing import Any, NoReturn, TextIO

from ....errors import InputError, closest


class ExitStatus(IntEnum):
    """The exit status of every subcommand."""

    COMPLIANT = 0
    NON_COMPLIANT = 1
    UNDECIDED = 2
    BAD_INPUT = 3
    CRASHED = 70  # EX_SOFTWARE of sysexits.h
    INTERRUPTED = 130  # as a shell reports a process that SIGINT ended
    NOBODY_READS = 141  # as a shell reports a process that SIGPIPE ended


_WORST_LAST = (ExitStatus.COMPLIANT, ExitStatus.UNDECIDED, ExitStatus.NON_COMPLIANT, ExitStatus.BAD_INPUT)


def worst_of(statuses: Iterable[ExitStatus]) -> ExitStatus:
    """Return the worst of several statuses."""
    return max(statuses, key=_WORST_LAST.index, default=ExitStatus.COMPLIANT)


def visible(text: str) -> str:
    """Return `text` with every character that a reader would not see written as an escape.

    These are all characters that Unicode does not call printable: controls (and so escape sequences), line breaks,
    bidirectional overrides, zero-width characters, spaces other than U+0020, lone surrogates and unassigned characters.
    """
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else _escape(character) for character in text)


def _escape(character: str) -> str:
    return character.encode("unicode_escape", "backslashreplace").decode("ascii")


PROGRAM = "ecr-crossaccount"


def version() -> str | None:
    """Return the version of the installed distribution. Its metadata are read only on request."""
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as version_of

    try:
        return version_of(PROGRAM)
    except PackageNotFoundError:
        return None


def complain(message: str) -> None:
    """Write a message to standard error in one line. If that fails, the exit status must be enough."""
    try:
        print(f"{PROGRAM}: {visible(message)}", file=sys.stderr)
    except OSError:
        write_no_more(sys.stderr)


def write_no_more(stream: TextIO) -> None:
    """Redirect a standard stream to the null device, so that the interpreter's flush at exit cannot fail again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


DEBUG_VARIABLE = "ECR_CROSSACCOUNT_DEBUG"
"""The environment variable that requests the traceback, like `--debug`."""

_LONGEST_REASON = 300


def tell(error: BaseException, argv: Sequence[str]) -> None:
    """Write to standard error what happened, that it proves nothing, and what to do about it."""
    if "--debug" in argv or os.environ.get(DEBUG_VARIABLE) == "1":  # argparse may be what failed
        import traceback

        for line in "".join(traceback.format_exception(error)).splitlines():
            print(visible(line), file=sys.stderr)
    print(
        f"ecr-crossaccount: internal error ({reason(error)}): nothing can be concluded from this run; {_help(error)}",
        file=sys.stderr,
    )


def reason(error: BaseException) -> str:
    """Return what happened, in one short line that is safe to show."""
    text = visible(f"{type(error).__name__}: {error}".removesuffix(": "))
    return text if len(text) <= _LONGEST_REASON else f"{text[: _LONGEST_REASON - 1]}…"


def _help(error: BaseException) -> str:
    match error:
        case ImportError():
            return "the installation is incomplete or damaged: install it again"
        case MemoryError():
            return "there was not enough memory: run it on fewer files, or on a machine with more memory"
        case _:
            return "run it again with `--debug` for the traceback, and report it as SECURITY.md describes"


_YES = frozenset({"y", "yes"})


def confirm(arguments: argparse.Namespace, asked: str) -> bool:
    """Return whether the user agrees, or gave `--yes`. Raises InputError if there is no terminal to ask on."""
    if arguments.yes:
        return True
    if not sys.stdin.isatty():
        raise InputError("nobody to ask: give --yes, or --dry-run")
    print(f"{asked} [y/N] ", end="", flush=True)
    if sys.stdin.readline().strip().lower() in _YES:
        return True
    print("nothing was written")
    return False


_CRASHED = {70: "internal error: nothing can be concluded"}
_BAD_INPUT = "bad input or usage: something could not be read and so was not judged"
VERDICTS = {0: "compliant", 1: "non-compliant", 2: "undecided only", 3: _BAD_INPUT}
"""The exit statuses of the commands that judge."""

CHECKED = VERDICTS | {2: "undecided only; with --strict, also something found and not judged, or nothing judged at all"}
AUDITED = VERDICTS | {2: "undecided only; with --strict, also if no repository was found"}

COMPARED = {
    0: "nothing is opened",
    1: "something is opened, or as --fail-on says",
    2: "undecided only: something may be opened",
    3: "bad input or usage: something could not be read and so was not compared",
}
"""The exit statuses of `diff`."""

ANSWERED = {
    0: "answered",
    1: "answered, and --fail-on fails",
    2: "answered, but something cannot be decided",
    3: _BAD_INPUT.replace("judged", "asked"),
}
"""The exit statuses of `ask`."""

LIVE = {
    0: "compliant: the repository's final policy",
    1: "non-compliant: the final policy",
    2: "undecided only: the final policy",
    3: "bad input or usage: something could not be read or written",
}
RESTORED = {0: "restored, or already there", 3: "not restored: bad input or usage, or access in use would be cut"}
PRINTED = {0: "printed", 3: "bad input or usage: nothing was printed"}
REMARKS = {0: "nothing to report", 1: "something to report", 3: "bad input or usage: the register could not be read"}
WRITTEN = {0: "written", 3: "bad input or usage: nothing was written"}
REGISTER = {0: "nothing to report, or written", 1: "something to report", 3: "bad input or usage: nothing was written"}


class Formatter(argparse.HelpFormatter):
    """Wraps a description. Text with line breaks is wrapped line by line, each aligned with its first word."""

    def __init__(self, prog: str, **layout: Any) -> None:  # noqa: ANN401 - the arguments that argparse passes on
        super().__init__(prog, max_help_position=_HELP_FROM, **{"width": _columns() - 2} | layout)

    def _format_usage(
        self, usage: str | None, actions: Iterable[argparse.Action], _: Iterable[Any], prefix: str | None
    ) -> str:
        """Name only what is required, because the options are listed below."""
        actions = list(actions)
        shown = [action for action in actions if not action.option_strings or action.required]
        others = [action for action in actions if action not in shown and action.help != argparse.SUPPRESS]
        prog = f"{self._prog} [options]" if others else self._prog
        self._prog, before = prog, self._prog
        try:
            return super()._format_usage(usage, shown, (), prefix)
        finally:
            self._prog = before

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        if "\n" not in text:
            return super()._fill_text(text, width, indent)
        return "\n".join(_wrap_line(line, width) for line in text.split("\n"))


_HELP_FROM = 27
"""The column where the text about an option begins."""

_STATUS = r" +[0-9]+  "


def _columns() -> int:
    """Return the width of the terminal. argparse would import shutil for it, which slows the start of every command."""
    given = os.environ.get("COLUMNS", "")
    if given.isdecimal() and int(given):
        return int(given)
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or _USUAL_COLUMNS
    except (OSError, ValueError):
        return _USUAL_COLUMNS


_USUAL_COLUMNS = 80
"""The width where none is known, as in a pipe."""


def _wrap_line(line: str, width: int) -> str:
    import textwrap

    begin = re.match(_STATUS, line)
    return textwrap.fill(line, width, subsequent_indent=" " * len(begin[0] if begin else ""))


def of_groups(groups: Mapping[str, Collection[str]]) -> type[Formatter]:
    """Return the formatter for a parser that lists its commands in groups, each under its title."""
    titles = {next(iter(commands)): title for title, commands in groups.items()}
    before = {first: "\n" if number else "" for number, first in enumerate(titles)}

    class Grouped(Formatter):
        def _format_action(self, action: argparse.Action) -> str:
            if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001 - argparse has no other name for it
                return "".join(map(self._format_action, self._iter_indented_subactions(action)))
            shown = super()._format_action(action)
            is_command = not action.option_strings and action.dest in titles
            return f"{before[action.dest]}  {titles[action.dest]}:\n{shown}" if is_command else shown

    return Grouped


_MORE = "settings of a project: `ecr-crossaccount config show`; options of every command: `ecr-crossaccount --help`"


def describe_command(summary: str, statuses: dict[int, str] = VERDICTS) -> dict[str, Any]:
    """Return argparse's arguments for a command: the description and epilog of `--help`, and its form."""
    lines = [f"  {status:>2}  {meaning}" for status, meaning in (statuses | _CRASHED).items()]
    return {
        "description": f"{summary[0].upper()}{summary[1:]}.",
        "epilog": "\n".join(("exit status:", *lines, "", _MORE)),
        "formatter_class": Formatter,
        "allow_abbrev": False,
    }


def add_tasks(
    parser: argparse.ArgumentParser, dest: str, tasks: Mapping[str, tuple[str, dict[int, str]]]
) -> Iterator[argparse.ArgumentParser]:
    """Add the tasks of a command, each with its one-line help and its exit statuses. Yield their parsers."""
    subparsers = parser.add_subparsers(dest=dest, metavar=dest.upper(), required=True)
    for name, (summary, statuses) in tasks.items():
        yield subparsers.add_parser(name, help=summary, **describe_command(summary, statuses))


class Parser(argparse.ArgumentParser):
    """argparse's parser, with this command's exit status for bad usage and with suggestions for misspelled words."""

    def __init__(self, **described: Any) -> None:  # noqa: ANN401 - the arguments of argparse
        super().__init__(**described)
        self._given: Sequence[str] = ()

    def parse_known_args(  # type: ignore[override] # the overload that argparse itself calls
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """Report unknown words here, because the outer parser does not have this parser's options to compare with."""
        self._given = sys.argv[1:] if args is None else args
        known, unknown = super().parse_known_args(self._given, namespace)
        if unknown:
            options = [option for action in self._actions for option in action.option_strings]
            self.error("; ".join(_unknown(word, options) for word in unknown))
        return known, unknown

    def error(self, message: str) -> NoReturn:
        """Exit with the error, and where to read more."""
        for misspelt in self._misspelt() if re.search(_REQUIRED, message) else ():
            complain(misspelt)
        complain(f"{message}{self._choices_of_what_is_missing(message)}")
        complain(f"`{self.prog} --help` says more")
        self.exit(ExitStatus.BAD_INPUT)

    def _check_value(self, action: argparse.Action, value: object) -> None:
        if action.choices is None or value in action.choices:
            return
        choices = [str(choice) for choice in action.choices]
        word = str(value)
        meant = _suggest(word, choices)
        option = f"--{word}"
        beside = f"; `{option}` is an option of its own" if option in self._option_string_actions else ""
        raise argparse.ArgumentError(
            action, f"`{word}` is unknown{meant}: expected one of {', '.join(choices)}{beside}"
        )

    def _misspelt(self) -> Iterator[str]:
        """Yield a message for each misspelled option, because it may be the option that is required."""
        options = list(self._option_string_actions)
        for word in takewhile("--".__ne__, self._given):
            option = word.partition("=")[0]
            if option.startswith("--") and option not in options and _suggest(option, options):
                yield _unknown(word, options)

    def _choices_of_what_is_missing(self, message: str) -> str:
        """Return the commands or tasks to choose from, if `message` says that none is named. Otherwise return ""."""
        for action in self._get_positional_actions():
            if action.choices and message.endswith(f": {action.metavar or action.dest}"):
                return f": expected one of {', '.join(map(str, action.choices))}"
        return ""


class Once(argparse.Action):
    """An option that names one document. A second value is an error, because argparse would ignore the first."""

    def __call__(
        self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, value: object, option: str | None = None
    ) -> None:
        """Store the first value. Exit with an error if another one follows."""
        first = getattr(namespace, self.dest, None)
        if first is not None and first != value:
            parser.error(f"{option} {value}: {option} {first} is given too: expected one of them")
        setattr(namespace, self.dest, value)


_REQUIRED = r"\b(are|is) required\b"

_TELLING = 4
"""Characters of an option, with its dashes, whose beginning says which option is meant."""


def _unknown(word: str, options: Sequence[str]) -> str:
    option = word.partition("=")[0]
    if word.startswith("-"):
        return f"`{option}` is unknown{_suggest(option, options)}"
    return f"`{word}` is not expected here"


def _suggest(word: str, known: Sequence[str]) -> str:
    found = next((text for text in known if len(word) >= _TELLING and text.startswith(word)), None) or closest(
        word, known
    )
    return f" (did you mean `{found}`?)" if found else ""


def parsers_in(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """Yield a parser and those of its subcommands."""
    yield parser
    for action in parser._actions:  # noqa: SLF001 - argparse has no other way to its own options
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001 - see above
            for subparser in action.choices.values():
                yield from parsers_in(subparser)
