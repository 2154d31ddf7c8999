"""The required statements of the planning function: those that can be read now, or none."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from ecr_crossaccount.products.automation.planner import Requiring
from ecr_crossaccount.sources.aws.clients import client_of
from moto import mock_aws

DENY = {
    "Sid": "OnlyEncrypted",
    "Effect": "Deny",
    "Principal": "*",
    "Action": "ecr:*",
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}
PLACE = "ssm:/ecr/required"


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    with mock_aws():
        yield


@pytest.fixture
def times() -> list[datetime]:
    """Return the times of the test. The last one is the current time."""
    return [datetime(2026, 11, 27, 12, tzinfo=UTC)]


@pytest.fixture
def requiring(times: list[datetime]) -> Requiring:
    return Requiring({"requiredStatements": f" {PLACE} "}, lambda: times[-1])


def publish(value: object) -> None:
    text = value if isinstance(value, str) else json.dumps(value)
    client_of("ssm").put_parameter(Name="/ecr/required", Value=text, Type="String", Overwrite=True)


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_where_no_place_is_named_nothing_is_required(times: list[datetime]) -> None:
    assert Requiring({"requiredStatements": ""}, lambda: times[-1]).now() is None
    assert Requiring({}, lambda: times[-1]).now() is None


@pytest.mark.parametrize("value", [DENY, [DENY], {"Version": "2012-10-17", "Statement": DENY}])
def test_it_is_read_and_the_log_says_which_version(
    requiring: Requiring, capsys: pytest.CaptureFixture[str], value: object
) -> None:
    publish(value)
    held = requiring.now()
    assert held is not None
    assert held.value is not None
    assert [one["Sid"] for one in held.value.statements] == ["OnlyEncrypted"]
    (line,) = lines(capsys)
    assert line["message"] == "required statements read"
    assert (line["requiredStatements"], line["requiredStatementsVersion"]) == (PLACE, "1")
    assert line["requiredStatementsSha256"] == held.digest


@pytest.mark.parametrize("text, why", [("{", "it is not JSON"), (json.dumps([DENY | {"Effect": "Allow"}]), "valid")])
def test_an_earlier_version_never_counts(
    requiring: Requiring, times: list[datetime], capsys: pytest.CaptureFixture[str], text: str, why: str
) -> None:
    publish(DENY)
    assert requiring.now()
    publish(text)
    times.append(times[-1] + timedelta(minutes=6))
    held = requiring.now()
    assert held is not None
    assert held.value is None
    assert held.problem is not None
    assert why in held.problem
    warning = lines(capsys)[-1]
    assert (warning["level"], warning["place"]) == ("WARN", PLACE)
    publish(DENY)
    times.append(times[-1] + timedelta(minutes=1))
    again = requiring.now()
    assert again is not None
    assert again.value is not None
