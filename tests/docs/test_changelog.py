"""CHANGELOG.md is readable: each version has three groups, the newest is first, and each item appears once."""

from __future__ import annotations

import re
import tomllib
from collections import Counter

import pytest

from tests.docs.markdown import ROOT, page

TEXT = page("CHANGELOG.md").path.read_text(encoding="utf-8")
VERSIONS = {one.partition("\n")[0]: one for one in re.split(r"^## ", TEXT, flags=re.MULTILINE)[1:]}
GROUPS = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"]


@pytest.mark.parametrize("version", VERSIONS)
def test_each_group_of_a_version_stands_once_and_in_order(version: str) -> None:
    found = re.findall(r"^### (.*)$", VERSIONS[version], re.MULTILINE)
    assert found == [group for group in GROUPS if group in found]


def test_versions_have_their_days_and_the_newest_is_this_one() -> None:
    first, *released = VERSIONS
    assert first == "[Unreleased]"
    days = [re.fullmatch(r"\[(\d+\.\d+\.\d+)\] - (\d{4}-\d\d-\d\d)", one) for one in released]
    assert None not in days
    assert released == sorted(released, key=lambda one: one.partition(" - ")[2], reverse=True)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert days[0]
    assert days[0][1] == project["version"]


def test_nothing_stands_twice() -> None:
    entries = Counter(re.findall(r"^- (.*)$", TEXT, re.MULTILINE))
    assert [entry for entry, times in entries.items() if times > 1] == []
