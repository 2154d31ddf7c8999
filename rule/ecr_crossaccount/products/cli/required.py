"""`--required FILE`: the statements that an organization requires in every policy, as JSON or YAML."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import TYPE_CHECKING

from ...errors import InputError, RequiredError
from ...questions.plan.outcome import Strategy
from ...questions.plan.required import Required
from ...sources.reading.files import MEGABYTE, UnreadableError, text_named
from .base.json_text import name_place, value_and_places
from .base.options import parameter, values_of
from .base.program import Once

if TYPE_CHECKING:
    from ...sources.reading.yaml_events import Place

LARGEST_FILE = MEGABYTE
"""In bytes. ECR accepts policies of at most 10,240 characters."""


def add_required(parser: argparse._ActionsContainer) -> None:
    """Add `--strategy`, `--required`, `--parameter` and `--cut-trusted`."""
    parser.add_argument(
        "--strategy",
        choices=[strategy.value for strategy in Strategy],
        metavar="NAME",
        help="narrow keeps trusted access (default), remove removes statements with a finding, delete deletes the "
        "policy, require adds the statements of --required",
    )
    parser.add_argument(
        "--required",
        metavar="FILE",
        action=Once,
        help="the Denies that every policy must have, by their Sids: a policy or a list of statements, JSON or YAML",
    )
    parser.add_argument(
        "--parameter",
        metavar="NAME=VALUE",
        type=parameter,
        action="append",
        dest="values",
        help="the value of `${NAME}` in --required, once for each",
    )
    parser.add_argument(
        "--cut-trusted",
        action="store_const",
        const=True,
        help="add them even if they deny access to trusted principals, or to principals of the owner account",
    )


def required_in(arguments: argparse.Namespace) -> Required | None:
    """Return the required statements, or None for another strategy, and set the default strategy. Raises InputError."""
    file: str | None = arguments.required
    if arguments.strategy is None:
        arguments.strategy = (Strategy.NARROW if file is None else Strategy.REQUIRE).value
    if arguments.strategy != Strategy.REQUIRE.value:
        given = {"--required": file, "--parameter": arguments.values, "--cut-trusted": arguments.cut_trusted}
        for option in (name for name, value in given.items() if value):
            goes = f"does not go with --strategy {arguments.strategy}" if file else "goes with --required FILE"
            raise InputError(f"{option} {goes}")
        return None
    if file is None:
        raise InputError("--strategy require needs the statements that are required: give --required FILE")
    try:
        text = text_named(file, LARGEST_FILE)
    except UnreadableError as error:
        raise InputError(f"cannot read `{file}`: {error}") from None
    value, places = value_and_places(file, text, is_json=text.lstrip().startswith(("{", "[")))
    try:
        return Required.parse(value, values_of(arguments.values or (), "--parameter {}=… is given twice"))
    except RequiredError as error:
        problems = (f"{_where(file, places, at)}: {at}: {reason}" for at, reason in error.problems)
        raise InputError(*problems) from None


def _where(file: str, places: Mapping[str, Place], at: str) -> str:
    """Return the file and, for YAML, the line and column of a path such as `required[0].Effect`."""
    inner = at.removeprefix("required")
    listed, named = inner.removeprefix("."), f"Statement{inner}"
    return name_place(file, places, listed, named, listed.rpartition(".")[0], named.rpartition(".")[0])
