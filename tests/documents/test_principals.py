"""The names that a Region can have."""

from __future__ import annotations

import pytest
from ecr_crossaccount.documents.document import is_region


@pytest.mark.parametrize("text", ["eu-central-1", "ap-southeast-7", "us-gov-east-1"])
def test_a_region_is_recognized(text: str) -> None:
    assert is_region(text)


@pytest.mark.parametrize("text", ["", "eu-central", "eu-central-1a", "EU-CENTRAL-1", "eu-central-1\n", "*"])
def test_anything_else_is_no_region(text: str) -> None:
    assert not is_region(text)
