"""The parsers of command lines: argparse's, with this command's help texts, messages and exit status."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import takewhile
from typing import Any, NoReturn, TypedDict

from ....errors import closest
from .program import ExitStatus, complain

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


class Described(TypedDict):
    """The argparse arguments that all commands share."""

    description: str
    epilog: str
    formatter_class: type[argparse.HelpFormatter]
    allow_abbrev: bool


_MORE = "settings of a project: `ecr-crossaccount config show`; options of every command: `ecr-crossaccount --help`"


def describe_command(summary: str, statuses: dict[int, str] = VERDICTS) -> Described:
    """Return the description and epilog of a command's `--help`."""
    lines = [f"  {status:>2}  {meaning}" for status, meaning in (statuses | _CRASHED).items()]
    return {
        "description": f"{summary[0].upper()}{summary[1:]}.",
        "epilog": "\n".join(("exit status:", *lines, "", _MORE)),
        "formatter_class": Formatter,
        "allow_abbrev": False,
    }


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
    """Return the message about an unexpected word."""
    option = word.partition("=")[0]
    if word.startswith("-"):
        return f"`{option}` is unknown{_suggest(option, options)}"
    return f"`{word}` is not expected here"


def _suggest(word: str, known: Sequence[str]) -> str:
    """Return a suggestion for `word` as part of a sentence, or "" if no known word is similar."""
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
