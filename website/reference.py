"""The page made during the site's build: every command's help, whose layout depends on the version of Python."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator

_WIDTH = "100"


def commands() -> str:
    """Return the page of commands: the output of `--help` for each command and task."""
    from ecr_crossaccount.products.cli.main import whole_parser  # noqa: PLC0415 - argparse reads the width when it is imported

    os.environ["COLUMNS"] = _WIDTH
    parts = ["# Commands", "What `--help` prints."]
    for parser in _parsers(whole_parser()):
        level = "#" * min(2 + parser.prog.count(" "), 4)
        parts += [f"{level} {parser.prog}", f"```text\n{parser.format_help().rstrip()}\n```"]
    return "\n\n".join(parts) + "\n"


def _parsers(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    yield parser
    for action in parser._actions:  # noqa: SLF001 - argparse has no public way to list subcommands
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            for one in action.choices.values():
                yield from _parsers(one)
