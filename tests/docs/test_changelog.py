"""CHANGELOG.md can be read: what is not released yet stands in three groups, and each thing once."""

from __future__ import annotations

import re
from collections import Counter

from tests.docs.markdown import page

UNRELEASED = re.split(r"^## ", page("CHANGELOG.md").path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1]


def test_what_is_not_released_stands_in_three_groups() -> None:
    assert re.findall(r"^### (.*)$", UNRELEASED, re.MULTILINE) == ["Added", "Changed", "Fixed"]


def test_nothing_stands_twice() -> None:
    entries = Counter(re.findall(r"^- (.*)$", UNRELEASED, re.MULTILINE))
    assert [entry for entry, times in entries.items() if times > 1] == []
