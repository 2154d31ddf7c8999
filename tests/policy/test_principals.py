"""Names that principals and Regions have."""

from __future__ import annotations

import pytest

from ecr_crossaccount.policy.principals import is_region, partition_of


@pytest.mark.parametrize(
    ("region", "partition"),
    [
        (None, "aws"),
        ("eu-central-1", "aws"),
        ("cn-north-1", "aws-cn"),
        ("us-gov-west-1", "aws-us-gov"),
        ("us-iso-east-1", "aws-iso"),
        ("us-isob-east-1", "aws-iso-b"),
        ("eusc-de-east-1", "aws-eusc"),
    ],
)
def test_a_region_tells_its_partition(region: str | None, partition: str) -> None:
    assert partition_of(region) == partition


@pytest.mark.parametrize("text", ["eu-central-1", "ap-southeast-7", "us-gov-east-1"])
def test_a_region_is_recognized(text: str) -> None:
    assert is_region(text)


@pytest.mark.parametrize("text", ["", "eu-central", "eu-central-1a", "EU-CENTRAL-1", "eu-central-1\n", "*"])
def test_anything_else_is_no_region(text: str) -> None:
    assert not is_region(text)
