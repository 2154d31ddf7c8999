"""Parts of earlier registers are deleted after their last reader, and not before."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest
from ecr_crossaccount.sources.aws.clients import client_of
from ecr_crossaccount.sources.register import publishing
from ecr_crossaccount.sources.register.content import Location, RegisterError
from ecr_crossaccount.sources.register.publishing import clear, publish, seen_at
from ecr_crossaccount.sources.register.stores import DamagedError, fetched_from

from tests.wording import sentence

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

PLACE = Location.parse("ssm:/ecr/trust")
DIGEST = "0123456789abcdef"


@pytest.fixture
def ssm() -> SSMClient:
    client: SSMClient = client_of("ssm")
    return client


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Return a function that makes everything written so far count as more than an hour old."""
    return lambda: monkeypatch.setattr(publishing, "GRACE", timedelta(hours=-1))


def large(seed: int) -> bytes:
    """Return a register that takes several parts."""
    noise = [{"account": f"{number * 7919 % 10**12:012}", "reason": f"{seed}-{number**9}"} for number in range(1, 900)]
    return json.dumps({"version": 1, "trust": noise}).encode()


def published(data: bytes) -> list[str]:
    """Publish a register, and return its parts."""
    publish(PLACE, data, seen_at(PLACE, client_of), client_of)
    value = client_of("ssm").get_parameter(Name="/ecr/trust")["Parameter"]["Value"]
    head = json.loads(value)
    return [f"/ecr/trust/{head['sha256'][:16]}/{n}" for n in range(1, head["parts"] + 1)] if "parts" in head else []


def there(ssm: SSMClient) -> set[str]:
    pages = ssm.get_paginator("get_parameters_by_path").paginate(Path="/ecr/trust", Recursive=True)
    return {one["Name"] for page in pages for one in page["Parameters"]}


def test_parts_of_versions_that_counted_within_the_hour_stay(ssm: SSMClient) -> None:
    parts = [published(large(seed)) for seed in range(3)]
    assert clear(PLACE, client_of) == 0
    assert there(ssm) == {name for one in parts for name in one}


def test_parts_that_no_version_of_the_last_hour_names_go_and_the_register_can_be_read(
    ssm: SSMClient, later: Callable[[], None]
) -> None:
    first, second, third = (published(large(seed)) for seed in range(3))
    later()
    assert clear(PLACE, client_of) == len(first) + len(second)
    assert there(ssm) == set(third)
    assert fetched_from(PLACE, client_of).data == large(2)


def test_a_small_register_after_a_large_one_leaves_no_parts(ssm: SSMClient, later: Callable[[], None]) -> None:
    published(large(0))
    published(b'{"version": 1, "trust": []}')
    later()
    assert clear(PLACE, client_of) > 1
    assert there(ssm) == set()


def test_what_an_interrupted_publication_has_left_goes_and_what_is_no_part_stays(
    ssm: SSMClient, later: Callable[[], None]
) -> None:
    parts = published(large(0))
    others = [f"/ecr/trust/{name}" for name in ("members", f"{DIGEST}/x", f"{DIGEST}/0", f"{DIGEST}/1/1")]
    for name in [*others, f"/ecr/trust/{DIGEST}/1"]:
        ssm.put_parameter(Name=name, Type="String", Value="x")
    later()
    assert clear(PLACE, client_of) == 1
    assert there(ssm) == {*parts, *others}


def test_a_part_that_somebody_writes_now_stays(ssm: SSMClient, later: Callable[[], None]) -> None:
    """Publishing writes the parts of a register before the head that names them."""
    published(b'{"version": 1, "trust": []}')
    ssm.put_parameter(Name=f"/ecr/trust/{DIGEST}/1", Type="String", Value="x")
    assert clear(PLACE, client_of) == 0
    assert there(ssm) == {f"/ecr/trust/{DIGEST}/1"}
    later()
    assert clear(PLACE, client_of) == 1
    assert there(ssm) == set()


class Between:
    """A client that lets someone else publish before its deletion."""

    def __init__(self, data: bytes) -> None:
        self._ssm: Any = client_of("ssm")
        self._data: bytes | None = data

    def __getattr__(self, name: str) -> object:
        return getattr(self._ssm, name)

    def get_parameter(self, **asked: object) -> object:
        data, self._data = self._data, None
        if data is not None:
            publish(PLACE, data, seen_at(PLACE, client_of), client_of)
        return self._ssm.get_parameter(**asked)


def test_nothing_is_deleted_once_somebody_else_has_published(ssm: SSMClient, later: Callable[[], None]) -> None:
    published(large(0))
    published(large(1))
    later()
    before = there(ssm)
    client = Between(large(0))
    assert clear(PLACE, lambda _: client) == 0
    assert before <= there(ssm)
    assert fetched_from(PLACE, client_of).data == large(0)


def test_a_refusal_says_what_it_takes() -> None:
    with pytest.raises(RegisterError, match="it takes ssm:GetParameterHistory, "):
        clear(PLACE, client_of)  # there is no such parameter
    assert clear(Location.parse("s3://registers/trust.json"), client_of) == 0


def test_a_head_that_cannot_be_read_keeps_everything(ssm: SSMClient, later: Callable[[], None]) -> None:
    parts = published(large(0))
    ssm.put_parameter(Name="/ecr/trust", Value='{"parts": 0, "sha256": ""}', Overwrite=True)
    later()
    with pytest.raises(RegisterError, match="names no number of parts"):
        clear(PLACE, client_of)
    assert there(ssm) == set(parts)


@pytest.mark.parametrize("answer", [{"Parameters": []}, {}, {"Parameters": [{}]}])
def test_an_answer_that_says_too_little_deletes_nothing(answer: object) -> None:
    class Odd:
        def get_paginator(self, _: str) -> Odd:
            return self

        def paginate(self, **_: object) -> list[object]:
            return [answer]

    with pytest.raises(RegisterError, match=re.escape(sentence("publishing.use_cannot_determined"))):
        clear(PLACE, lambda _: Odd())


@pytest.mark.parametrize("value", ["no register", json.dumps({"parts": 2, "sha256": sha256(b"").hexdigest()})])
def test_what_is_there_and_cannot_be_put_together_can_be_replaced(ssm: SSMClient, value: str) -> None:
    ssm.put_parameter(Name="/ecr/trust", Type="String", Value=value)
    with pytest.raises(DamagedError) as raised:
        seen_at(PLACE, client_of)
    assert raised.value.version == "1"
