"""The help of every command: at most 14 options, on one screen."""

from __future__ import annotations

import argparse

import pytest
from ecr_crossaccount.products.cli.base.program import parsers_in
from ecr_crossaccount.products.cli.main import whole_parser

MOST_OPTIONS = 14
MOST_LINES, WIDTH = 55, 80


def options_of(parser: argparse.ArgumentParser) -> list[str]:
    """Return the options that a parser's own help lists.

    Where exactly one of several is required, as whom `trust add` trusts, the first stands for all.
    """
    choices = [one._group_actions[1:] for one in parser._mutually_exclusive_groups if one.required]  # noqa: SLF001 - argparse has no other way
    others = [action for one in choices for action in one]
    shown = (one for one in parser._actions if one.help != argparse.SUPPRESS and one not in others)  # noqa: SLF001 - see above
    return [one.option_strings[0] for one in shown if one.option_strings]


PARSERS = [pytest.param(one, id=one.prog) for one in parsers_in(whole_parser())]


@pytest.mark.parametrize("parser", PARSERS)
def test_a_command_has_few_options(parser: argparse.ArgumentParser) -> None:
    options = options_of(parser)
    assert len(options) <= MOST_OPTIONS, options


@pytest.mark.parametrize("parser", PARSERS[1:])
def test_its_help_is_one_screen(parser: argparse.ArgumentParser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(WIDTH))
    text = parser.format_help()
    assert text.count("\n") <= MOST_LINES
    assert max(map(len, text.splitlines())) <= WIDTH


@pytest.mark.parametrize("parser", PARSERS[1:])
def test_the_options_of_every_command_are_in_the_help_of_the_program(parser: argparse.ArgumentParser) -> None:
    everywhere = {"--help", "-h", "--config", "--no-config", "--base", "--debug"}
    hidden = {word for one in parser._actions if one.help == argparse.SUPPRESS for word in one.option_strings}  # noqa: SLF001
    assert hidden == everywhere
    program = whole_parser().format_help()
    assert all(one in program for one in everywhere)
