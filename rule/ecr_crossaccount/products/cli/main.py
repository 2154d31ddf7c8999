"""The command `ecr-crossaccount`: finds the subcommand, runs it, and turns expected errors into messages."""

from __future__ import annotations

import argparse
import errno
import os
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from importlib import import_module
from types import ModuleType
from typing import NoReturn

from ...errors import AwsError, InputError, in_our_words
from .base import program
from .base.program import PROGRAM, ExitStatus, Parser, complain, parsers_in, version, write_no_more

GROUPS = {
    "understand a policy": {
        "judge": "judge policy documents: who outside the owner account can do what, and why",
        "ask": "ask who may do what, which statement allows it and what it depends on: one caller, or everyone with "
        "access",
        "plan": "plan the narrowest policy that keeps what is trusted, with a reason for each change",
    },
    "before deployment": {
        "check": "find every ECR policy in files and folders and judge it, before it is deployed",
        "diff": "compare two policies, folders or Git revisions: which access a change opens and closes, with a proof",
        "guardrail": "print an AWS Organizations policy that protects every registry, from the register or for named "
        "roles",
    },
    "what exists": {
        "audit": "judge what exists in an account, an organization or an inventory, and show who approved it",
        "remediate": "narrow the live policy of a repository, after asking CloudTrail who uses it",
        "restore": "put back the policy in a backup that `remediate` made",
    },
    "the register": {
        "trust": "maintain the trust register: check it, list what ends soon, add entries, draft it from an audit"
    },
    "this tool": {
        "explain": "explain a rule of a finding, a condition key or an action; without one, list every rule",
        "config": "show the settings and where they come from, or their JSON schema for an editor",
        "completion": "print a script with which your shell completes commands, options and files",
    },
}
"""The subcommands with their one-line help, by task."""

COMMANDS = {name: summary for group in GROUPS.values() for name, summary in group.items()}
"""The subcommands by name. Each is the module of that name in this package, and is imported when it is used."""

_UNWRITABLE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})
"""The errors of writing to a disk that is full or broken."""

_STATUSES = {
    "ask": program.ANSWERED,
    "check": program.CHECKED,
    "audit": program.AUDITED,
    "diff": program.COMPARED,
    "remediate": program.LIVE,
    "restore": program.RESTORED,
    "guardrail": program.PRINTED,
    "trust": program.REGISTER,
    "config": program.PRINTED,
    "completion": program.PRINTED,
    "explain": program.PRINTED,
}
"""The exit statuses of the commands that do not just judge what they read."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command with `argv`, by default the process's own arguments, and return its exit status."""
    _open_what_is_closed()
    for stream in (sys.stdout, sys.stderr):
        _never_refuse_a_character(stream)
    try:
        status = _run(sys.argv[1:] if argv is None else argv)
        sys.stdout.flush()
    except (InputError, AwsError) as error:
        for problem in error.args:
            complain(problem)
        return ExitStatus.BAD_INPUT
    except BrokenPipeError:
        write_no_more(sys.stdout)
        return ExitStatus.NOBODY_READS
    except PermissionError as error:
        if error.filename is None:
            raise
        complain(f"cannot read `{error.filename}`: {in_our_words(error)}")
        return ExitStatus.BAD_INPUT
    except OSError as error:
        if error.errno not in _UNWRITABLE:
            raise
        write_no_more(sys.stdout)
        complain(f"cannot write the result: {in_our_words(error)}")
        return ExitStatus.BAD_INPUT
    except KeyboardInterrupt:
        return ExitStatus.INTERRUPTED
    return status


def _run(argv: Sequence[str]) -> ExitStatus:
    with ExitStack() as closing:
        arguments = arguments_of(argv, closing)
        if getattr(arguments, "region", None) or getattr(arguments, "regions", None):
            from .base.options import doubts_about

            for doubt in doubts_about(arguments):
                complain(f"note: {doubt}")
        status: ExitStatus = _module(arguments.command).run(arguments)
        return status


def arguments_of(argv: Sequence[str], closing: ExitStack) -> argparse.Namespace:
    """Return the arguments of a command line and the settings. A batch has no settings. Raises InputError.

    `closing` removes what the arguments need during the run.
    """
    name = _command_in(argv)
    parser = _parser(name)
    if name is None or "--jsonl" in argv:
        arguments = parser.parse_args(argv)  # without a command, this exits with the help or an error
        if getattr(arguments, "jsonl", False):
            return arguments
    from .settings.options import parse_arguments

    return parse_arguments(parser, argv, closing)


def _command_in(argv: Sequence[str]) -> str | None:
    before = ("", *argv)
    words = (
        word for last, word in zip(before, argv, strict=False) if last not in _WITH_VALUE and not word.startswith("-")
    )
    return next(words, None)


_WITH_VALUE = ("--config", "--base")
"""The options with a value that can come before the command."""


def _module(name: str) -> ModuleType:
    """Return the module of a command. Its `configure` adds its arguments to a parser, and its `run` runs it."""
    return import_module(f".{name}", __package__)


class _Version(argparse.Action):
    """`--version`."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        print(PROGRAM, version() or "(not installed: run from its source)")
        parser.exit()


def whole_parser() -> argparse.ArgumentParser:
    """Return the parser with the arguments of every subcommand. Imports all of their modules."""
    return _parser(*COMMANDS)


def _parser(*chosen: str | None) -> argparse.ArgumentParser:
    """Return the parser that knows every subcommand by name, and the arguments of the `chosen` ones."""
    described = program.describe_command(
        "says exactly what someone outside your AWS account can do to an ECR repository"
    )
    parser = Parser(prog=PROGRAM, **{**described, "formatter_class": program.of_groups(GROUPS)})
    parser.add_argument("--version", action=_Version, nargs=0, help="show the version and exit")
    subparsers = parser.add_subparsers(title="commands", dest="command", metavar="COMMAND", required=True)
    for name, summary in COMMANDS.items():
        subparser = subparsers.add_parser(
            name, help=summary, **program.describe_command(summary, _STATUSES.get(name, program.VERDICTS))
        )
        if name in chosen:
            _module(name).configure(subparser)
            for one in parsers_in(subparser):
                _add_global(one)
                _hide_global(one)
    _add_global(parser)
    return parser


def _add_global(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("with every command")
    group.add_argument(
        "--config",
        metavar="FILE",
        default=argparse.SUPPRESS,
        help="the settings file (default: ecr-crossaccount.yaml or pyproject.toml, here or above); "
        "with this option, a trust.yaml here is used only if a setting or --trust names it",
    )
    group.add_argument(
        "--no-config",
        action="store_true",
        default=argparse.SUPPRESS,
        help="read no settings file, and a trust.yaml only if --trust names it",
    )
    group.add_argument(
        "--base",
        metavar="REVISION",
        default=argparse.SUPPRESS,
        help="use the settings, the register, the baseline and the suppressions of a Git revision; `check` and "
        "`diff` name what the change since then does to its own result",
    )
    # `crash` looks for it, wherever it is.
    group.add_argument(
        "--debug", action="store_true", default=argparse.SUPPRESS, help="show the traceback of an internal error"
    )


def _hide_global(parser: argparse.ArgumentParser) -> None:
    """Leave the options of the program out of a command's help, because the program's own help lists them."""
    for action in parser._actions:  # noqa: SLF001 - argparse has no other way to its own options
        if action.dest in _GLOBAL:
            action.help = argparse.SUPPRESS


_GLOBAL = frozenset({"help", "config", "no_config", "base", "debug"})


def _open_what_is_closed() -> None:
    """Replace a standard stream that the caller closed, which is None in Python, by an empty one."""
    for name, mode in {"stdin": "r", "stdout": "w", "stderr": "w"}.items():
        if getattr(sys, name) is None:
            from pathlib import Path

            stream = Path(os.devnull).open(mode, encoding="utf-8")  # noqa: SIM115 - stays open as long as the process
            setattr(sys, name, stream)


def _never_refuse_a_character(stream: object) -> None:
    """Write a character that the terminal's encoding does not have as an escape, so that writing does not fail."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="backslashreplace")
