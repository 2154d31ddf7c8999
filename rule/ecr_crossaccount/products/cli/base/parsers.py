"""The parsers of command lines: argparse's, with this command's messages and exit status."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import Any, NoReturn

from ....errors import closest
from .exit_status import ExitStatus
from .program import complain


class Parser(argparse.ArgumentParser):
    """argparse's parser, with this command's exit status for bad usage and with suggestions for misspelled words."""

    def __init__(self, **described: Any) -> None:  # noqa: ANN401 - the arguments of argparse
        super().__init__(**described)
        self._given: Sequence[str] = ()
        # Added to every command and task, so that it can appear anywhere. `crash` looks for it.
        self.add_argument(
            "--debug", action="store_true", default=argparse.SUPPRESS, help="show the traceback of an internal error"
        )

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
        """Exit with the usage, the error, and where to read more."""
        self.print_usage(sys.stderr)
        for misspelt in self._misspelt() if _REQUIRED.search(message) else ():
            complain(misspelt)
        complain(f"{message}{self._choices_of_what_is_missing(message)}")
        complain(f"`{self.prog} --help` says more")
        self.exit(ExitStatus.BAD_INPUT)

    def _check_value(self, action: argparse.Action, value: object) -> None:
        if action.choices is None or value in action.choices:
            return
        choices = [str(choice) for choice in action.choices]
        meant = _meant(str(value), choices)
        option = f"--{value}"
        beside = f"; `{option}` is an option of its own" if option in self._option_string_actions else ""
        raise argparse.ArgumentError(
            action, f"`{value}` is unknown{meant}: expected one of {', '.join(choices)}{beside}"
        )

    def _misspelt(self) -> Iterator[str]:
        """Yield a message for each misspelled option, because it may be the option that is required."""
        options = list(self._option_string_actions)
        for word in takewhile("--".__ne__, self._given):
            option = word.partition("=")[0]
            if option.startswith("--") and option not in options and _meant(option, options):
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


_REQUIRED = re.compile(r"\b(are|is) required\b")
_INVENTORY = "--inventory"
"""The option for files of a command without file arguments."""


_TELLING = 4
"""Characters of an option, with its dashes, whose beginning says which option is meant."""


def _unknown(word: str, options: Sequence[str]) -> str:
    """Return the message about an unexpected word."""
    option = word.partition("=")[0]
    if word.startswith("-"):
        return f"`{option}` is unknown{_meant(option, options)}"
    hint = ": name a file with `--inventory`" if _INVENTORY in options else ""
    return f"`{word}` is not expected here{hint}"


def _meant(word: str, known: Sequence[str]) -> str:
    """Return a suggestion for `word` as part of a sentence, or "" if no known word is similar."""
    found = next((one for one in known if len(word) >= _TELLING and one.startswith(word)), None) or closest(word, known)
    return f" (did you mean `{found}`?)" if found else ""


def parsers_in(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """Yield a parser and those of its subcommands."""
    yield parser
    for action in parser._actions:  # noqa: SLF001 - argparse has no other way to its own options
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001 - see above
            for subparser in action.choices.values():
                yield from parsers_in(subparser)
