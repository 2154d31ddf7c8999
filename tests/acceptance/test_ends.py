"""However a run ends, it removes what it has created: in time, with a closed terminal, and after each failure."""

from __future__ import annotations

import io
import os
import signal
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import boto3
import pytest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from ecr_crossaccount import Access, Repository, Trust, judge

from acceptance.__main__ import end_by_signals
from acceptance.credentials import end_of
from acceptance.sandbox import NAME, PREFIX
from tests.acceptance.cloud import REGION, Cloud
from tests.acceptance.conftest import Accept
from tests.acceptance.deploying import InProcess
from tests.acceptance.test_acceptance import FEW, Report, few, short, there
from tests.fakes.calls import Proceed, around_calls

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:Tried to parse AWS")]
__all__ = ["few", "short"]


# --- credentials


@pytest.mark.usefixtures("few")
def test_a_run_leaves_its_teardown_the_time_before_the_credentials_end(
    accept: Accept, report: Report, cloud: Cloud
) -> None:
    end = cloud.now() + timedelta(hours=2)
    cloud.mute = True  # AWS Config answers nothing, so the run waits
    assert accept(InProcess(), "--until", end.isoformat()) == 2
    found = report()
    assert f"the credentials end at {end:%H:%M} UTC, and the teardown needs them" in {
        one["problem"] for one in found["steps"]
    }
    assert cloud.now() < end
    assert found["left"] == there() == []


@pytest.mark.parametrize(
    "options, refused",
    [
        ([], "the credentials are temporary and do not say when they end: give `--until TIME`"),
        (["--until", "later"], "`later` is not a time"),
    ],
)
def test_temporary_credentials_of_unknown_length_are_refused(
    accept: Accept,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    options: list[str],
    refused: str,
) -> None:
    monkeypatch.setattr("boto3.Session.get_credentials", lambda _: Credentials("key", "secret", "token"))
    assert accept(InProcess(), *options) == 3
    assert f"refused: {refused}" in capsys.readouterr().err
    assert there() == []


def test_the_environment_may_say_when_credentials_end() -> None:
    session = boto3.Session("key", "secret", "token")
    found = end_of(session, None, {"AWS_CREDENTIAL_EXPIRATION": "2026-12-01T19:30:00+02:00"})
    assert found == datetime(2026, 12, 1, 17, 30, tzinfo=UTC)
    assert end_of(session, "2026-12-01T16:00Z", {}) == datetime(2026, 12, 1, 16, tzinfo=UTC)
    assert end_of(boto3.Session("key", "secret"), None, {}) is None


# --- signals


@pytest.fixture
def handlers() -> Iterator[None]:
    before = {one: signal.getsignal(one) for one in (signal.SIGTERM, signal.SIGHUP)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("handlers")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_a_run_as_ctrl_c_does_and_a_second_one_does_not_end_the_teardown(number: signal.Signals) -> None:
    end_by_signals()
    with pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), number)
    os.kill(os.getpid(), number)


class Closed(io.StringIO):
    """A terminal that is closed."""

    def write(self, _: str) -> int:
        raise OSError(5, "Input/output error")


@pytest.mark.usefixtures("few", "short")
def test_a_closed_terminal_does_not_keep_a_teardown_back(
    accept: Accept, report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    class HungUp(InProcess):
        def deploy(self, *arguments: Any) -> None:  # noqa: ANN401 - passed on
            super().deploy(*arguments)
            monkeypatch.setattr(sys, "stdout", Closed())
            raise KeyboardInterrupt

    assert accept(HungUp()) == 130
    assert report()["left"] == there() == []


# --- failures


@pytest.mark.parametrize(
    "operation, left",
    [
        ("DeleteRepository", [f"repository {PREFIX}a", f"repository {PREFIX}b"]),
        ("DescribeRepositories", None),
        ("DeleteBucket", [f"bucket {NAME}-x"]),
        ("ListBuckets", None),
        ("DescribeStacks", None),
        ("DeleteAnalyzer", [f"analyzer {NAME}"]),
        ("ListAnalyzers", None),
    ],
)
@pytest.mark.usefixtures("cloud")
def test_a_teardown_goes_on_after_each_part_that_fails(
    accept: Accept,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    operation: str,
    left: list[str] | None,
) -> None:
    """`left` is None if what is left cannot be listed either."""
    for name in ("a", "b"):
        boto3.client("ecr").create_repository(repositoryName=f"{PREFIX}{name}")
    where: Any = {"LocationConstraint": REGION}
    boto3.client("s3").create_bucket(Bucket=f"{NAME}-x", CreateBucketConfiguration=where)
    boto3.client("accessanalyzer", region_name=REGION).create_analyzer(analyzerName=NAME, type="ACCOUNT")
    assert len(there()) == 4

    def answer(_client: Any, asked: str, _request: Any, proceed: Proceed) -> Any:  # noqa: ANN401 - of any call
        if asked == operation:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, operation)
        return proceed()

    with monkeypatch.context() as broken:
        around_calls(broken, answer)
        broken.setattr("acceptance.__main__.teardown.found", lambda _: ["something"]) if left is None else None
        assert accept(InProcess(), "--tear-down") == 3
    assert "AccessDenied" in capsys.readouterr().err
    assert there() == (left if left is not None else there())
    assert len(there()) <= 2


# --- previews


@pytest.mark.usefixtures("few")
def test_previews_are_asked_for_at_once_and_reported_in_order(accept: Accept, report: Report, cloud: Cloud) -> None:
    cloud.analyzer.opinion = lambda _arn, _policy: []
    both = Barrier(2)

    def preview(_client: Any, asked: str, _request: Any, proceed: Proceed) -> Any:  # noqa: ANN401 - of any call
        if asked == "CreateAccessPreview":
            both.wait(timeout=20)  # for another one
        return proceed()

    with pytest.MonkeyPatch.context() as watched:
        around_calls(watched, preview)
        assert accept(InProcess(), "--only", "analyzer") in (1, 2)
    assert not both.broken
    names = [one["name"] for one in report()["cases"]]
    assert sorted(names) == sorted(FEW)


@pytest.mark.usefixtures("few")
def test_beyond_the_quota_of_an_hour_a_preview_is_asked_for_later(accept: Accept, report: Report, cloud: Cloud) -> None:
    cloud.analyzer.opinion = lambda _arn, _policy: []
    start = cloud.now()
    cloud.analyzer.fail("CreateAccessPreview", "ServiceQuotaExceededException", times=3, status=402)
    accept(InProcess(), "--only", "analyzer")
    assert cloud.now() - start >= timedelta(minutes=5)
    assert all("uota" not in one["why"] for one in report()["comparisons"])
    assert len(report()["comparisons"]) == len(FEW)


# --- what is open meanwhile


@pytest.mark.usefixtures("short")
def test_everyone_may_only_read_and_that_last(accept: Accept, cloud: Cloud) -> None:
    written: list[str] = []

    def noted(_client: Any, asked: str, request: Any, proceed: Proceed) -> Any:  # noqa: ANN401 - of any call
        if asked == "SetRepositoryPolicy":
            written.append(request["policyText"])
        return proceed()

    cloud.mute = True
    with pytest.MonkeyPatch.context() as watched:
        around_calls(watched, noted)
        accept(InProcess())
    verdicts = [judge(one, Repository("111122223333", "one"), Trust.nobody()) for one in written]
    public = [grant for one in verdicts for grant in one.grants if grant.public]
    assert {access for one in public for access in one.access} == {Access.READ}
    names_everyone = ['"Principal": "*"' in one for one in written]
    assert names_everyone == sorted(names_everyone)
