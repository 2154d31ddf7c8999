"""The address of a rule's documentation, for every format.

The user can set the address in ECR_CROSSACCOUNT_DOCS_URL, and the publisher in the metadata of the distribution
(`[project.urls]`, Documentation). If neither does, people see the command that explains the rule. Programs that need an
address get that of the page installed with the command.
"""

from __future__ import annotations

import os
import re
from functools import lru_cache
from pathlib import Path

from ....errors import InputError
from ....sources.check.rules import Rule
from .program import PROGRAM

VARIABLE = "ECR_CROSSACCOUNT_DOCS_URL"
_PAGE = "findings.md"
_FOLDER = "docs"
_ADDRESS = r"https?://[A-Za-z0-9][A-Za-z0-9.-]*(?::[0-9]{1,5})?(?:/(?:[A-Za-z0-9._~:@!$&+,;=-]|%[0-9A-Fa-f]{2})*)*"
"""An absolute address without password, query or fragment, and without characters special to Markdown or a shell."""
_DOCUMENTATION = re.compile(r"^Project-URL: *Documentation *, *(\S+) *$", re.MULTILINE)
_INSTALLED = (Path(__file__).parent / _PAGE, Path(__file__).parents[5] / _FOLDER / _PAGE)
"""The paths of the page in an installation and in a clone."""
BESIDE = Path(__file__).parents[4]
"""The folder of the package, in which an installation also has the metadata of the distribution."""


def verify() -> None:
    """Raise InputError if the user's address is not valid, before anything is read or written."""
    _users_address()


def link(rule: Rule) -> str:
    """Return where a person reads about a rule: an address, or the command that shows it."""
    base = _base()
    return f"{base}/{_PAGE}#{rule.anchor}" if base else f"{PROGRAM} explain {rule.id}"


def address(rule: Rule) -> str | None:
    """Return the absolute URI of a rule's documentation, or None if the page does not exist."""
    page = _page()
    return page and f"{page}#{rule.anchor}"


def home() -> str | None:
    """Return the absolute URI of the documentation, or None if it does not exist."""
    return _base() or _page()


def _page() -> str | None:
    base = _base()
    if base:
        return f"{base}/{_PAGE}"
    page = installed_page()
    return page.as_uri() if page else None


def installed_page() -> Path | None:
    """Return the page about findings that came with the command."""
    return next((page for page in _INSTALLED if page.is_file()), None)


def _base() -> str | None:
    return _users_address() or published_address()


def _users_address() -> str | None:
    given = os.environ.get(VARIABLE)
    if not given:
        return None
    if not re.fullmatch(_ADDRESS, given):
        raise InputError(
            f"{VARIABLE}: `{given}` is not an address of a folder: expected one such as `https://example.com/docs`"
        )
    return given.rstrip("/")


@lru_cache(maxsize=1)
def published_address() -> str | None:
    """Return the address in the metadata of the distribution, which are read once.

    importlib.metadata would look for them everywhere, which takes longer than the check of a file.
    """
    for file in BESIDE.glob("ecr_crossaccount-*.dist-info/METADATA"):
        found = _DOCUMENTATION.search(file.read_text(encoding="utf-8").partition("\n\n")[0])
        if found and re.fullmatch(_ADDRESS, found[1]):
            return found[1].rstrip("/")
    return None
