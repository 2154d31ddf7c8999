"""The common parts of each command's `--help`: its summary as a sentence, and the meanings of its exit status."""

from __future__ import annotations

import argparse
import re
import textwrap
from collections.abc import Collection, Mapping
from itertools import chain
from typing import Any, TypedDict

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
    1: "answered, and --fail-if fails",
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
PRINTED = {0: "printed", 3: "bad input or usage: nothing was printed"}
REMARKS = {0: "nothing to report", 1: "something to report", 3: "bad input or usage: the register could not be read"}
WRITTEN = {0: "written", 3: "bad input or usage: nothing was written"}
REGISTER = {0: "nothing to report, or written", 1: "something to report", 3: "bad input or usage: nothing was written"}


class Formatter(argparse.HelpFormatter):
    """Wraps a description. Text with line breaks is wrapped line by line, each aligned with its first word."""

    def _format_usage(self, *of: Any) -> str:  # noqa: ANN401 - the arguments that argparse passes on
        """Wrap the usage below its first word. argparse would wrap it far to the right, below the options."""
        width, self._width = self._width, _ENDLESS
        try:
            text = super()._format_usage(*of)
        finally:
            self._width = width
        return f"{_usage_wrapped(text, width)}\n\n"

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        if "\n" not in text:
            return super()._fill_text(text, width, indent)
        return "\n".join(_wrapped(line, width) for line in text.split("\n"))


_ENDLESS = 1_000_000
_USAGE_PART = re.compile(r"usage: |\(.*?\)+(?=\s|$)|\[.*?\]+(?=\s|$)|\S+")
"""Like argparse's own pattern: text in brackets stays together."""


def _usage_wrapped(text: str, width: int) -> str:
    lines = [""]
    indent = " " * len("usage: ")
    parts = ([one] if len(indent + one) <= width else one.split() for one in _USAGE_PART.findall(text))
    for part in chain.from_iterable(parts):
        before = "" if lines[-1].endswith(" ") or not lines[-1] else " "
        if lines[-1].strip() and len(lines[-1]) + len(before) + len(part) > width:
            lines.append(f"{indent}{part}")
        else:
            lines[-1] += f"{before}{part}"
    return "\n".join(lines)


_STATUS = re.compile(r" +[0-9]+  ")


def _wrapped(line: str, width: int) -> str:
    begin = _STATUS.match(line)
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


def described(summary: str, statuses: dict[int, str] = VERDICTS) -> Described:
    """Return the description and epilog of a command's `--help`."""
    lines = [f"  {status:>2}  {meaning}" for status, meaning in (statuses | _CRASHED).items()]
    return {
        "description": f"{summary[0].upper()}{summary[1:]}.",
        "epilog": "\n".join(("exit status:", *lines, "")),
        "formatter_class": Formatter,
        "allow_abbrev": False,
    }
