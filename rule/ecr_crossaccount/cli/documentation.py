"""The address of a rule's documentation, for every format.

The user can set the address in ECR_CROSSACCOUNT_DOCS_URL, and the publisher in the metadata of the distribution
(`[project.urls]`, Documentation). If neither does, people see the page's name. Programs that need an address get that
of the page installed with the command.
"""

from __future__ import annotations

import os
import re
from functools import lru_cache
from pathlib import Path

from ..gate.rules import Rule
from .errors import InputError
from .program import PROGRAM

VARIABLE = "ECR_CROSSACCOUNT_DOCS_URL"
_PAGE = "findings.md"
_FOLDER = "docs"
_ADDRESS = re.compile(
    r"https?://[A-Za-z0-9][A-Za-z0-9.-]*(?::[0-9]{1,5})?(?:/(?:[A-Za-z0-9._~:@!$&+,;=-]|%[0-9A-Fa-f]{2})*)*"
)
"""An absolute address without password, query or fragment, and without characters special to Markdown or a shell."""
_INSTALLED = (Path(__file__).parent / _PAGE, Path(__file__).parents[3] / _FOLDER / _PAGE)
"""The paths of the page in an installation and in a clone."""


def verify() -> None:
    """Raise InputError if the user's address is not valid, before anything is read or written."""
    _base()


def link(rule: Rule) -> str:
    """Return the link to a rule's documentation, for a person."""
    return f"{_base() or _FOLDER}/{_PAGE}#{rule.anchor}"


def address(rule: Rule) -> str | None:
    """Return the absolute URI of a rule's documentation, or None if the page does not exist."""
    page = _page()
    return page and f"{page}#{rule.anchor}"


def home() -> str | None:
    """Return the absolute URI of the documentation, or None if it does not exist."""
    return _base() or _page()


def _page() -> str | None:
    base = _base()
    return f"{base}/{_PAGE}" if base else next((page.as_uri() for page in _INSTALLED if page.is_file()), None)


def _base() -> str | None:
    given = os.environ.get(VARIABLE)
    if not given:
        return published()
    if not _ADDRESS.fullmatch(given):
        raise InputError(
            f"{VARIABLE}: `{given}` is not an address of a folder: expected one such as `https://example.com/docs`"
        )
    return given.rstrip("/")


@lru_cache(maxsize=1)
def published() -> str | None:
    """Return the address in the metadata of the distribution, which are read once."""
    from importlib.metadata import PackageNotFoundError, metadata

    try:
        urls = metadata(PROGRAM).get_all("Project-URL") or []
    except PackageNotFoundError:
        return None
    named = dict(tuple(part.strip() for part in one.split(",", 1)) for one in urls if "," in one)
    found = named.get("Documentation", "")
    return found.rstrip("/") if _ADDRESS.fullmatch(found) else None
