"""Types of arguments that several subcommands take."""

from __future__ import annotations

import argparse
import re

ACCOUNT = re.compile(r"[0-9]{12}")
_ORGANIZATION = re.compile(r"o-[a-z0-9]{10,32}")


def account(text: str) -> str:
    """Return an account number. Raises ArgumentTypeError."""
    if not ACCOUNT.fullmatch(text):
        raise argparse.ArgumentTypeError(f"`{text}` is no account: expected 12 digits")
    return text


def organization(text: str) -> str:
    """Return the id of an organization. Raises ArgumentTypeError."""
    if not _ORGANIZATION.fullmatch(text):
        raise argparse.ArgumentTypeError(f"`{text}` is no organization: expected an id such as `o-a1b2c3d4e5`")
    return text


class Assignment:
    """Reads `NAME=VALUE`; the value may be empty and hold `=`. `what`: how a message calls it, and its form."""

    def __init__(self, what: str) -> None:
        self._what = what

    def __call__(self, text: str) -> tuple[str, str]:
        """Return name and value. Raises ArgumentTypeError."""
        name, equals, value = text.partition("=")
        if not (name and equals):
            raise argparse.ArgumentTypeError(f"`{text}` is no {self._what}")
        return name, value
