"""The locations of a register that are accepted."""

from __future__ import annotations

import re

import pytest
from ecr_crossaccount.sources.register.content import Location, RegisterError, Store

from tests.wording import sentence


@pytest.mark.parametrize(
    "text, store, parts",
    [
        ("s3://security/trust.json", Store.S3, ("security", "trust.json")),
        ("s3://my.bucket-1/registers/ecr/trust.json", Store.S3, ("my.bucket-1", "registers/ecr/trust.json")),
        ("ssm:/ecr/trust", Store.SSM, ("/ecr/trust",)),
        ("appconfig:abc1234/def5678/ghi9012", Store.APPCONFIG, ("abc1234", "def5678", "ghi9012")),
    ],
)
def test_a_location_names_a_store_and_a_place(text: str, store: Store, parts: tuple[str, ...]) -> None:
    found = Location.parse(text)
    assert (found.store, found.parts, str(found)) == (store, parts, text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "trust.json",
        "s3://bucket",
        "s3://bucket/",
        "s3:///key",
        "s3://bucket//key",
        "S3://bucket/key",
        "s3://bucket/*",
        "s3://bucket/a?c",
        "s3://bucket/${aws:username}",
        's3://bucket/a"b',
        "s3://bucket/a\nb",
        "s3://bucket/" + "k" * 600,
        "s3://Bucket/key",
        "ssm:name",
        "ssm:/aws/service/x",
        "ssm:/SSM-x",
        "ssm:/a//b",
        "ssm:/" + "/".join("abcdefghijklmn"),
        "appconfig:a/b",
        "appconfig:a/b/c/d",
        "appconfig:a/*/c",
        "https://bucket.s3.amazonaws.com/key",
        " s3://bucket/key",
    ],
)
def test_anything_else_is_refused_with_what_a_location_looks_like(text: str) -> None:
    with pytest.raises(RegisterError, match=re.escape(sentence("content.not_place_register_expected"))):
        Location.parse(text)
