"""Pages that are made from the code: every command's help, and every parameter and output of the stack."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
_WIDTH = "100"


def commands() -> str:
    """Return the page of commands: what `--help` prints of each command and task."""
    from ecr_crossaccount.cli.main import whole_parser  # noqa: PLC0415 - argparse reads the width when it is imported

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


class _Loader(yaml.SafeLoader):
    """Reads a template, whose functions in short form are no part of what is shown."""


_Loader.add_multi_constructor("!", lambda _loader, suffix, _node: f"!{suffix}")


def parameters() -> str:
    """Return the page of the stack's parameters and outputs, as template.yaml has them."""
    template = yaml.load((ROOT / "template.yaml").read_text(encoding="utf-8"), _Loader)  # noqa: S506 - a SafeLoader
    parts = [
        "# Parameters of the stack",
        "The parameters and outputs of `template.yaml`. [Deploy](deploy.md#deploy) says which you need.",
        "## Parameters",
        _table(("parameter", "type", "default", "meaning"), map(_parameter, template["Parameters"].items())),
        "## Outputs",
        _table(
            ("output", "meaning"),
            ((f"`{name}`", _text(one.get("Description", ""))) for name, one in template["Outputs"].items()),
        ),
    ]
    return "\n\n".join(parts) + "\n"


def _parameter(item: tuple[str, dict[str, object]]) -> tuple[str, ...]:
    name, one = item
    allowed = one.get("AllowedValues")
    kind = str(one["Type"])
    choices = ", ".join(f"`{value}`" for value in allowed) if isinstance(allowed, list) else f"`{kind}`"
    default = one.get("Default")
    shown = "required" if default is None else f"`{default}`" if default != "" else "empty"
    return f"`{name}`", choices, shown, _text(one.get("Description", ""))


def _text(text: object) -> str:
    return " ".join(str(text).split()).replace("|", "\\|")


def _table(head: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
