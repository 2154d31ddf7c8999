"""The values of options that several subcommands take, checked as they are read."""

from __future__ import annotations

import argparse
import re

ACCOUNT = re.compile(r"[0-9]{12}")
REPOSITORY = re.compile(r"[a-z0-9][a-z0-9._/-]{1,255}")
TIME = re.compile(r"([0-9]{1,4})([dw]?)")
ORGANIZATION = re.compile(r"o-[a-z0-9]{10,32}")


def account(text: str) -> str:
    """Return `text` if it is the number of an account."""
    if not ACCOUNT.fullmatch(text):
        raise argparse.ArgumentTypeError(f"`{text}` is no account: expected 12 digits")
    return text


def organization(text: str) -> str:
    """Return `text` if it is the id of an organization."""
    if not ORGANIZATION.fullmatch(text):
        raise argparse.ArgumentTypeError(f"`{text}` is no organization: expected an id such as `o-a1b2c3d4e5`")
    return text


def days(text: str) -> int:
    """Return how many days `text` says, in days or weeks: `30`, `30d`, `4w`."""
    found = TIME.fullmatch(text)
    if not found:
        raise argparse.ArgumentTypeError(f"`{text}` is no time: expected days or weeks, such as `30d` or `4w`")
    return int(found[1]) * (7 if found[2] == "w" else 1)


def repository(text: str) -> str:
    """Return `text` if it can be the name of a repository."""
    if not REPOSITORY.fullmatch(text):
        raise argparse.ArgumentTypeError(f"`{text}` is no repository: expected a name such as `team/base`")
    return text


def tag(text: str) -> tuple[str, str]:
    """Return the tag that `text`, `KEY=VALUE`, names."""
    key, equals, value = text.partition("=")
    if not (key and equals):
        raise argparse.ArgumentTypeError(f"`{text}` is no tag: expected `KEY=VALUE`")
    return key, value


def parameter(text: str) -> tuple[str, str]:
    """Return the parameter that `text`, `NAME=VALUE`, sets; the value may be empty."""
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise argparse.ArgumentTypeError(f"`{text}` is no parameter: expected `NAME=VALUE`")
    return name, value


def add_trust(parser: argparse._ActionsContainer) -> None:
    """Add `--trust FILE` and `--no-trust`."""
    register = parser.add_mutually_exclusive_group()
    register.add_argument(
        "--trust", metavar="FILE", help="the trust register, YAML or JSON (default: trust.yaml, if it is here)"
    )
    register.add_argument(
        "--no-trust", action="store_const", const=None, dest="trust", help="trust nobody, whatever trust.yaml says"
    )
