"""The output of `make release`, typed once in a run as in docs/organization.md, in a separate checkout.

The page is followed with it, and the tests of the functions run its contents.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.markdown import Block, page
from tests.guides.checkout import check_out, tools
from tests.guides.reader import Reader
from tests.once import once


def block() -> Block:
    """Return the page's block that makes a release."""
    (found,) = [one for one in page("docs/organization.md").blocks("shell") if one.heading == "What a release has"]
    return found


def released(factory: pytest.TempPathFactory) -> Path:
    """Return the folder with a release. It needs the package index that pip is set up for."""
    return once(factory, "release", _type) / "ecr-crossaccount" / "build" / "release"


def _type(home: Path) -> None:
    typed = Reader(check_out(home / "ecr-crossaccount"), tools(home), note=home / "note").types(block().text)
    assert typed.status == 0, typed.shown
