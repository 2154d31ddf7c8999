"""The page of condition keys matches the table."""

from __future__ import annotations

import re

from ecr_crossaccount.judgement.context.table import KEYS

from tests.docs.condition_keys import page
from tests.docs.markdown import page as page_of


def test_the_page_is_written_from_the_table() -> None:
    assert page_of("docs/condition-keys.md").path.read_text(encoding="utf-8") == page(), "run `make keys`"


def test_every_key_says_when_it_is_there_and_what_it_holds() -> None:
    lines = [line for line in page().splitlines() if line.startswith("- [`")]
    assert len(lines) == len(KEYS)
    assert [line for line in lines if not re.search(r"\)(?: \(.*?\))? \*.+:\* .+", line)] == []
