"""The command `ecr-crossaccount`: finds the subcommand, runs it, ends quietly."""

from __future__ import annotations

import argparse
import errno
import os
import sys
from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import Any, NoReturn, Protocol, TextIO, cast

from ..errors import closest, in_our_words
from . import help_text
from .errors import InputError
from .exit_status import ExitStatus

PROGRAM = "ecr-crossaccount"

COMMANDS = {
    "judge": "judge policy documents: who outside the owner account can do what, and why",
    "plan": "plan the narrowest policy that keeps what is trusted, with a reason for each change",
    "remediate": "narrow the live policy of a repository, after asking CloudTrail who uses it, or restore a backup",
    "check": "find every ECR policy in files and folders and judge it, before it is deployed",
    "guardrail": "print an AWS Organizations policy that protects every registry, from the register or for named roles",
    "audit": "judge what exists in an account, an organization or an inventory, and show who approved it",
    "trust": "maintain the trust register: check it, list what ends soon, add entries, draft it from an audit",
    "config": "show the settings and where they come from, or their JSON schema for an editor",
    "completion": "print a script with which your shell completes commands, options and files",
}
"""Subcommands with their one-line help; each is the module of its name in this package, imported when it is used."""

_UNWRITABLE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})
"""What writing to a disk that is full or broken ends with."""

_STATUSES = {
    "check": help_text.CHECKED,
    "remediate": help_text.LIVE,
    "guardrail": help_text.PRINTED,
    "trust": help_text.REGISTER,
    "config": help_text.PRINTED,
    "completion": help_text.PRINTED,
}
"""What the exit status says of those that do more or other than give a verdict about what they read."""


class Command(Protocol):
    """What the module of a subcommand offers."""

    def configure(self, parser: argparse.ArgumentParser) -> None:
        """Add the subcommand's arguments to `parser`."""

    def run(self, arguments: argparse.Namespace) -> ExitStatus:
        """Do it. Raises InputError for bad input that leaves nothing to answer."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command with `argv`, the process's own arguments by default, and return its exit status."""
    _open_what_is_closed()
    for stream in (sys.stdout, sys.stderr):
        _never_refuse_a_character(stream)
    try:
        status = _run(sys.argv[1:] if argv is None else argv)
        sys.stdout.flush()
    except InputError as error:
        for problem in error.problems:
            complain(problem)
        return ExitStatus.BAD_INPUT
    except BrokenPipeError:
        _write_no_more(sys.stdout)
        return ExitStatus.NOBODY_READS
    except OSError as error:
        if error.errno not in _UNWRITABLE:
            raise
        _write_no_more(sys.stdout)
        complain(f"cannot write the result: {in_our_words(error)}")
        return ExitStatus.BAD_INPUT
    except KeyboardInterrupt:
        return ExitStatus.INTERRUPTED
    return status


def version() -> str | None:
    """Return the version of the installed distribution; its metadata are read only when they are asked for."""
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as version_of

    try:
        return version_of(PROGRAM)
    except PackageNotFoundError:
        return None


def complain(message: str) -> None:
    """Say on standard error, in one line, what is wrong; where nobody can read that, the exit status says it alone."""
    from .visible import visible

    try:
        print(f"{PROGRAM}: {visible(message)}", file=sys.stderr)
    except OSError:
        _write_no_more(sys.stderr)


def _run(argv: Sequence[str]) -> ExitStatus:
    arguments = arguments_of(argv)
    return _command(arguments.command).run(arguments)


def arguments_of(argv: Sequence[str]) -> argparse.Namespace:
    """Return what a command line and settings say together; of a batch, each line says all of it. Raises InputError."""
    name = _command_in(argv)
    parser = _parser(name)
    if name is None or "--jsonl" in argv:
        arguments = parser.parse_args(argv)  # without a command, this ends with the help or a complaint
        if getattr(arguments, "jsonl", False):
            return arguments
    from .settings.options import parsed

    return parsed(parser, argv)


def _command_in(argv: Sequence[str]) -> str | None:
    """Return the subcommand that a command line names, None if it names none."""
    before = ("", *argv)
    words = (word for last, word in zip(before, argv, strict=False) if last != "--config" and not word.startswith("-"))
    return next(words, None)


def _command(name: str) -> Command:
    return cast("Command", import_module(f".{name}", __package__))


class _Parser(argparse.ArgumentParser):
    """argparse's parser, but ending with our exit status for bad usage, and naming what may have been meant."""

    def __init__(self, **described: Any) -> None:  # noqa: ANN401 - whatever argparse takes
        super().__init__(**described)
        # Of every command and task, so that it may stand anywhere; `crash` looks for it.
        self.add_argument(
            "--debug", action="store_true", default=argparse.SUPPRESS, help="show the traceback of an internal error"
        )

    def parse_known_args(  # type: ignore[override]  # of its overloads, the one by which argparse calls it
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """Leave nothing unknown to the parser outside, which has none of this one's options to compare it with."""
        known, unknown = super().parse_known_args(args, namespace)
        if unknown:
            options = [option for action in self._actions for option in action.option_strings]
            self.error("; ".join(_unknown(word, options) for word in unknown))
        return known, unknown

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        complain(message)
        complain(f"`{self.prog} --help` says more")
        self.exit(ExitStatus.BAD_INPUT)

    def _check_value(self, action: argparse.Action, value: object) -> None:
        if action.choices is None or value in action.choices:
            return
        choices = [str(choice) for choice in action.choices]
        meant = _meant(str(value), choices)
        raise argparse.ArgumentError(action, f"`{value}` is unknown{meant}: expected one of {', '.join(choices)}")


def _unknown(word: str, options: Sequence[str]) -> str:
    """Say that nobody asked for `word`."""
    option = word.partition("=")[0]
    return (
        f"`{option}` is unknown{_meant(option, options)}" if word.startswith("-") else f"`{word}` is not expected here"
    )


def _meant(word: str, known: Sequence[str]) -> str:
    """Return what may have been meant by `word`, as a part of a sentence; nothing if nothing is like it."""
    found = closest(word, known)
    return f" (did you mean `{found}`?)" if found else ""


class _Version(argparse.Action):
    """`--version`."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        print(PROGRAM, version() or "(not installed: run from its source)")
        parser.exit()


def whole_parser() -> argparse.ArgumentParser:
    """Return the parser with the arguments of every subcommand, all of which are imported for it."""
    return _parser(*COMMANDS)


def _parser(*chosen: str | None) -> argparse.ArgumentParser:
    """Return the parser that knows every subcommand by name, and the arguments of the `chosen` ones."""
    parser = _Parser(
        prog=PROGRAM,
        **help_text.described("says exactly what somebody outside your AWS account can do to an ECR repository"),
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="show the version and exit")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, summary in COMMANDS.items():
        subparser = subparsers.add_parser(
            name, help=summary, **help_text.described(summary, _STATUSES.get(name, help_text.VERDICTS))
        )
        if name in chosen:
            _command(name).configure(subparser)
    _add_settings(parser)
    return parser


def _add_settings(parser: argparse.ArgumentParser) -> None:
    """Add to every command, and to all of its tasks, what says where settings stand."""
    for one in parsers_in(parser):
        group = one.add_argument_group("settings")
        group.add_argument(
            "--config",
            metavar="FILE",
            default=argparse.SUPPRESS,
            help="the settings file (default: ecr-crossaccount.yaml or pyproject.toml, here or above); "
            "then a trust.yaml here is used only if it is named",
        )
        group.add_argument(
            "--no-config",
            action="store_true",
            default=argparse.SUPPRESS,
            help="read no settings file, and a trust.yaml only if it is named",
        )


def parsers_in(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """Yield a parser and those of its subcommands."""
    yield parser
    for action in parser._actions:  # noqa: SLF001 - argparse has no other way to its own options
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001 - likewise
            for subparser in action.choices.values():
                yield from parsers_in(subparser)


def _open_what_is_closed() -> None:
    """Take a standard stream that the caller closed for one with nothing behind it; Python's is None."""
    for name, mode in {"stdin": "r", "stdout": "w", "stderr": "w"}.items():
        if getattr(sys, name) is None:
            from pathlib import Path

            stream = Path(os.devnull).open(mode, encoding="utf-8")  # noqa: SIM115 - stays open as long as the process
            setattr(sys, name, stream)


def _never_refuse_a_character(stream: object) -> None:
    """Show a character that the terminal's encoding lacks as an escape, instead of failing."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="backslashreplace")


def _write_no_more(stream: TextIO) -> None:
    """Let go of a standard stream, which the interpreter flushes once more at exit: that must not fail again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
