"""An audit with broken AWS answers, over real HTTP: each is one entry in its errors, and the rest is judged."""

from __future__ import annotations

import itertools
import json
import random
import socket
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from ecr_crossaccount.sources.aws import retries

from tests.cli.conftest import Result, Run
from tests.cli.conftest import run as run  # noqa: PLC0414 - a fixture, for the tests here
from tests.events import ACCOUNT, REGION
from tests.fakes.limits import Luck, TokenBucket
from tests.faults.aws import Account
from tests.faults.conftest import REPOSITORIES
from tests.faults.gateway import Answer, Exchange, Gateway
from tests.faults.table import LASTING, ODD, TRANSIENT, Fault
from tests.rule.registry import OPEN, OPEN_BY_TAGS
from tests.wording import sentence

BODIES = {
    "nothing": b"",
    "an empty object": b"{}",
    "a page in HTML": b"<!DOCTYPE html><html><body>Sign in to the guest network</body></html>",
    "half an answer": b'{"policyText": "{\\"Version\\": \\"2012-10',
    "a list": b"[]",
    "null": b"null",
    "a number": b"7",
    "too deep": b'{"policyText": ' + b"[" * 100_000,
    "no text": b"\xff\xfe\x00",
}
"""Answers with status 200 and without content."""
ALL = sorted(REPOSITORIES)
AUDIT = ("audit", "--format", "json")


pytestmark = [
    pytest.mark.slow,
    pytest.mark.usefixtures("pauses"),
]


@pytest.fixture(autouse=True)
def endpoint(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    """Point every client at the gateway."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", gateway.url)
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)


def says(body: bytes) -> Callable[[Exchange, Callable[[], Answer]], Answer]:
    return lambda *_: Answer(200, body)


def arn_of(name: str) -> str:
    return f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/{name}"


def names(answer: Result) -> list[str]:
    return [one["name"] for one in answer.json["repositories"]]


def others(name: str) -> list[str]:
    return [one for one in ALL if one != name]


def named(*faults: Fault) -> list[object]:
    return [pytest.param(fault, id=fault.name) for fault in faults]


class TestOneRepository:
    """GetRepositoryPolicy of one repository has a nonsensical answer."""

    def test_what_was_read_is_kept_until_the_registry_policy_is_read_too(
        self, run: Run, gateway: Gateway, tmp_path: Path
    ) -> None:
        kept = tmp_path / "kept"
        gateway.breaks("GetRegistryPolicy", says(b"{}"))
        assert (run(*AUDIT, f"ECR_CROSSACCOUNT_RESUME={kept}").status, kept.exists()) == (3, True)
        gateway.heal()
        assert (run(*AUDIT, f"ECR_CROSSACCOUNT_RESUME={kept}").json["errors"], kept.exists()) == ([], False)

    def test_tags_that_could_not_be_read_are_read_by_the_run_that_goes_on(
        self, run: Run, gateway: Gateway, tmp_path: Path
    ) -> None:
        kept = f"ECR_CROSSACCOUNT_RESUME={tmp_path / 'kept'}"
        gateway.breaks("ListTagsForResource", says(b"{}"), about="m-middle")
        assert [one["about"] for one in run(*AUDIT, kept).json["errors"]] == ["tags"]
        gateway.heal()
        whole = run(*AUDIT)
        assert whole.json["errors"] == []
        resumed = run(*AUDIT, kept).json["repositories"]
        assert [one | {"notes": []} for one in resumed] == [one | {"notes": []} for one in whole.json["repositories"]]

    @pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
    def test_an_answer_that_says_nothing_is_one_error(self, run: Run, gateway: Gateway, body: bytes) -> None:
        gateway.breaks("GetRepositoryPolicy", says(body), about="m-middle")
        self.assert_one_error(run(*AUDIT), "the answer of ecr to GetRepositoryPolicy cannot be read: ")

    @pytest.mark.parametrize("policy", [None, {}, [], 7, True, {"Statement": []}])
    def test_a_policy_that_is_no_text_is_one_error(self, run: Run, gateway: Gateway, policy: object) -> None:
        gateway.breaks("GetRepositoryPolicy", says(json.dumps({"policyText": policy}).encode()), about="m-middle")
        self.assert_one_error(run(*AUDIT), "the answer of ecr to GetRepositoryPolicy cannot be read: `policyText` is ")

    @pytest.mark.parametrize("fault", named(*LASTING[:1], *ODD, *TRANSIENT[:2], TRANSIENT[3]))
    def test_a_lasting_fault_is_one_error(self, run: Run, gateway: Gateway, fault: Fault) -> None:
        gateway.breaks("GetRepositoryPolicy", fault.breaks, about="m-middle")
        self.assert_one_error(run(*AUDIT, "ECR_CROSSACCOUNT_CONCURRENCY=2"), "")

    @pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
    def test_tags_that_say_nothing_are_one_error_and_the_policy_is_judged(
        self, run: Run, gateway: Gateway, body: bytes
    ) -> None:
        gateway.breaks("ListTagsForResource", says(body), about="m-middle")
        answer = run(*AUDIT)
        assert (answer.status, names(answer)) == (3, ALL)
        (error,) = answer.json["errors"]
        assert sentence("live.tags_could_not_read_answer") in error["reason"]

    @staticmethod
    def assert_one_error(answer: Result, reason: str) -> None:
        assert (answer.status, names(answer)) == (3, others("m-middle"))
        (error,) = answer.json["errors"]
        assert error["arn"].endswith(":repository/m-middle")
        assert error["reason"].startswith(reason)


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
class TestOtherCalls:
    """Each of the other calls permanently has a nonsensical answer."""

    def test_a_list_that_says_nothing_is_one_error(self, run: Run, gateway: Gateway, body: bytes) -> None:
        gateway.breaks("DescribeRepositories", says(body))
        answer = run(*AUDIT)
        assert (answer.status, names(answer)) == (3, [])
        assert [error["reason"][:48] for error in answer.json["errors"]] == [
            "the answer of ecr to DescribeRepositories cannot"
        ]

    def test_a_later_page_that_says_nothing_leaves_the_first(self, run: Run, gateway: Gateway, body: bytes) -> None:
        gateway.breaks("DescribeRepositories", says(body), first=2)
        answer = run(*AUDIT)
        assert (answer.status, names(answer), len(answer.json["errors"])) == (3, list(REPOSITORIES[:3]), 1)

    def test_a_registry_policy_that_says_nothing_is_one_error(self, run: Run, gateway: Gateway, body: bytes) -> None:
        gateway.breaks("GetRegistryPolicy", says(body))
        answer = run(*AUDIT)
        assert (answer.status, names(answer)) == (3, ALL)
        (error,) = answer.json["errors"]
        assert error["reason"].startswith("the registry policy: the answer of ecr to GetRegistryPolicy cannot be read")

    def test_an_organization_that_says_nothing_is_not_known(
        self, run: Run, gateway: Gateway, tmp_path: Path, body: bytes
    ) -> None:
        trust = tmp_path / "trust.json"
        trust.write_text('{"version": 1, "trust": [{"organization": "self"}]}')
        gateway.breaks("DescribeOrganization", says(body))
        answer = run(*AUDIT, "--trust", str(trust))
        assert (answer.status, names(answer)) == (3, ALL)
        (error,) = answer.json["errors"]
        assert error["reason"].startswith(sentence("reasons.self_trust_register_answer"))

    def test_a_caller_who_is_not_known_is_said(self, run: Run, gateway: Gateway, account: Account, body: bytes) -> None:
        account.policies = {}
        gateway.breaks("GetCallerIdentity", says(body))
        answer = run(*AUDIT)
        assert (answer.status, answer.out) == (3, "")
        assert f"{REGION}: the answer of sts to GetCallerIdentity cannot be read" in answer.err

    def test_a_history_that_says_nothing_is_one_error(self, run: Run, gateway: Gateway, body: bytes) -> None:
        gateway.breaks("LookupEvents", says(body))
        answer = run(*AUDIT, "--usage", "30")
        assert (answer.status, names(answer)) == (3, ALL)
        (error,) = answer.json["errors"]
        assert error["reason"].startswith(sentence("usage.use_unknown_answer"))

    @pytest.mark.parametrize("operation", ["ListAnalyzers", "ListFindings", "ListAnalyzedResources"])
    def test_an_analyzer_that_says_nothing_agrees_with_nothing(
        self, run: Run, gateway: Gateway, account: Account, body: bytes, operation: str
    ) -> None:
        account.analyzer.analyze(account.analyzer.analyzer(), *(arn_of(name) for name in ALL))
        gateway.breaks(operation, says(body))
        answer = run(*AUDIT, "--second-opinion", "access-analyzer")
        assert (answer.status, names(answer)) == (3, ALL)
        (error,) = answer.json["errors"]
        assert f"the answer of accessanalyzer to {operation} cannot be read" in error["reason"]
        assert {one["opinion"] for one in answer.json["second_opinion"]["repositories"]} == {"unknown"}

    def test_an_aggregator_that_says_nothing_is_one_error(self, run: Run, gateway: Gateway, body: bytes) -> None:
        gateway.breaks("SelectAggregateResourceConfig", says(body))
        answer = run(*AUDIT, "aggregator:all")
        assert (answer.status, names(answer), len(answer.json["errors"])) == (3, [], 1)
        assert "the answer of config to SelectAggregateResourceConfig cannot be read" in answer.out

    def test_an_aggregator_whose_accounts_are_not_known_is_said(
        self, run: Run, gateway: Gateway, tmp_path: Path, body: bytes
    ) -> None:
        trust = tmp_path / "trust.json"
        trust.write_text('{"version": 1, "trust": [{"organization": "self"}]}')
        gateway.breaks("DescribeConfigurationAggregators", says(body))
        answer = run(*AUDIT, "aggregator:all", "--trust", str(trust))
        assert answer.status == 3
        assert "the answer of config to DescribeConfigurationAggregators cannot be read" in answer.err


@pytest.mark.parametrize(
    "repository, reason",
    [
        ({}, "`repositories[0].repositoryName` is missing"),
        ({"repositoryName": None}, "`repositories[0].repositoryName` is missing"),
        ({"repositoryName": 7}, sentence("about.repositories_repositoryname_not_string")),
        (None, "`repositories[0]` is missing"),
        ("a-first", "`repositories[0]` is not a structure"),
    ],
)
def test_a_list_with_a_repository_without_a_name_is_one_error(
    run: Run, gateway: Gateway, repository: object, reason: str
) -> None:
    gateway.breaks("DescribeRepositories", says(json.dumps({"repositories": [repository]}).encode()))
    answer = run(*AUDIT)
    assert answer.status == 3
    assert [error["reason"].partition("read: ")[2] for error in answer.json["errors"]] == [reason]


@pytest.mark.parametrize("arn", [None, "", "a-first", "arn:aws:ecr", f"arn:aws:ecr:{REGION}::repository/a-first"])
def test_where_a_repository_does_not_say_whose_it_is_aws_is_asked(run: Run, gateway: Gateway, arn: str | None) -> None:
    page = {"repositories": [{"repositoryName": "a-first"} | ({"repositoryArn": arn} if arn is not None else {})]}
    gateway.breaks("DescribeRepositories", says(json.dumps(page).encode()))
    answer = run(*AUDIT)
    (one,) = answer.json["repositories"]
    assert (answer.status, one["arn"]) == (1, f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/a-first")


@pytest.mark.parametrize(
    "member, value",
    [
        *((name, None) for name in ("id", "resource", "resourceOwnerAccount", "status", "analyzedAt")),
        ("principal", 7),
        ("principal", {"AWS": ["*"]}),
        ("condition", [{}]),
        ("action", "ecr:*"),
        ("analyzedAt", "yesterday"),
        ("analyzedAt", ""),
        ("analyzedAt", "99999-01-01T00:00:00Z"),
        ("analyzedAt", 1e300),
        ("analyzedAt", -1),
        ("analyzedAt", {}),
        ("analyzedAt", True),
    ],
)
def test_a_finding_that_cannot_be_read_agrees_with_nothing(
    run: Run, gateway: Gateway, account: Account, member: str, value: object
) -> None:
    here = account.analyzer.analyzer()
    account.analyzer.find(here, arn_of("a-first"), "*", "ecr:*")
    good = account.analyzer.answer("ListFindings", {"analyzerArn": here})
    gateway.breaks("ListFindings", says(json.dumps({"findings": [good["findings"][0] | {member: value}]}).encode()))
    answer = run(*AUDIT, "--second-opinion", "access-analyzer")
    assert (answer.status, names(answer)) == (3, ALL)
    (error,) = answer.json["errors"]
    assert f"the answer of accessanalyzer to ListFindings cannot be read: `findings[0].{member}" in error["reason"]


@pytest.mark.parametrize(
    "member, value",
    [
        ("principal", None),
        ("principal", {}),
        ("principal", {"AWS": None}),
        ("principal", {"AWS": "\x00\u202e" * 9}),
        ("principal", {"Federated": "graph.facebook.com"}),
        ("condition", None),
        ("condition", {"aws:PrincipalArn": None}),
        ("condition", {"aws:PrincipalAccount": "[*?" * 99, "aws:userid": "::::::::"}),
        ("action", None),
        ("action", [None]),
        ("action", ["s3:GetObject", "ecr:GetAuthorizationToken"]),
        ("action", ["", "no action", "ecr:\x00", "e?r:*", "s3:*"]),
        ("isPublic", None),
        ("resourceControlPolicyRestriction", "TOMORROW"),
    ],
)
def test_a_finding_that_is_odd_is_never_agreed_with(
    run: Run, gateway: Gateway, account: Account, member: str, value: object
) -> None:
    account.policies = dict.fromkeys(REPOSITORIES, '{"Version": "2012-10-17", "Statement": []}')
    here = account.analyzer.analyzer()
    account.analyzer.analyze(here, *(arn_of(name) for name in ALL))
    account.analyzer.find(here, arn_of("a-first"), "*", "ecr:*")
    good = account.analyzer.answer("ListFindings", {"analyzerArn": here})
    gateway.breaks("ListFindings", says(json.dumps({"findings": [good["findings"][0] | {member: value}]}).encode()))
    answer = run(*AUDIT, "--second-opinion", "access-analyzer")
    (one,) = answer.json["second_opinion"]["disagreements"]
    assert (answer.status, one["arn"], one["explained_by"]) == (2, arn_of("a-first"), None)


@pytest.mark.parametrize("operation", ["ListAnalyzers", "ListFindings", "ListAnalyzedResources"])
def test_a_list_of_access_analyzer_without_end_agrees_with_nothing(
    run: Run, gateway: Gateway, account: Account, operation: str
) -> None:
    here = account.analyzer.analyzer()
    account.analyzer.analyze(here, *(arn_of(name) for name in ALL))
    request = {} if operation == "ListAnalyzers" else {"analyzerArn": here}
    page = account.analyzer.answer(operation, request) | {"nextToken": "again"}
    gateway.breaks(operation, says(json.dumps(page).encode()))
    answer = run(*AUDIT, "--second-opinion", "access-analyzer")
    (error,) = answer.json["errors"]
    assert (answer.status, error["reason"].rpartition(": ")[2]) == (3, "the next page is the same one")


def test_a_list_without_end_is_one_error(run: Run, gateway: Gateway) -> None:
    page = b'{"repositories": [{"repositoryName": "a-first"}], "nextToken": "again"}'
    gateway.breaks("DescribeRepositories", says(page))
    answer = run(*AUDIT)
    assert (answer.status, names(answer)) == (3, ["a-first"])
    assert [error["reason"] for error in answer.json["errors"]] == [sentence("account.answer_ecr_cannot")]


def test_a_history_without_end_is_one_error(run: Run, gateway: Gateway) -> None:
    gateway.breaks("LookupEvents", says(b'{"Events": [], "NextToken": "again"}'))
    answer = run(*AUDIT, "--usage", "30")
    assert [error["about"] for error in answer.json["errors"]] == ["use"]
    assert gateway.calls.count("LookupEvents") == 2


@pytest.mark.parametrize("found", [{"Id": ""}, {"Id": 7}, {}])
def test_an_organization_without_an_id_is_not_known(run: Run, gateway: Gateway, tmp_path: Path, found: object) -> None:
    trust = tmp_path / "trust.json"
    trust.write_text('{"version": 1, "trust": [{"organization": "self"}]}')
    gateway.breaks("DescribeOrganization", says(json.dumps({"Organization": found}).encode()))
    answer = run(*AUDIT, "--trust", str(trust))
    assert (answer.status, [error["about"] for error in answer.json["errors"]]) == (3, ["organization"])


@pytest.mark.parametrize("arn, number", [("nobody", "111122223333"), ("arn:aws:iam::1:user/a", "1")])
def test_a_caller_whose_account_is_none_is_said(
    run: Run, gateway: Gateway, account: Account, arn: str, number: str
) -> None:
    account.policies = {}
    body = f"<r><GetCallerIdentityResult><Arn>{arn}</Arn><Account>{number}</Account></GetCallerIdentityResult></r>"
    gateway.breaks("GetCallerIdentity", says(body.encode()))
    answer = run(*AUDIT)
    assert (answer.status, answer.out) == (3, "")
    assert sentence("account.aws_does_not_say", arn=arn) in answer.err


@pytest.mark.parametrize(
    "setting, value, says",
    [
        ("AWS_CONFIG_FILE", "broken", "Unable to parse config file"),
        ("AWS_PROFILE", "nobody", "no profile `nobody`"),
        ("AWS_ENDPOINT_URL", "nonsense", f"cannot ask ecr in `{REGION}`: Invalid endpoint: nonsense"),
    ],
)
def test_settings_that_boto3_does_not_take_are_said(
    run: Run, monkeypatch: pytest.MonkeyPatch, setting: str, value: str, says: str
) -> None:
    monkeypatch.setenv(setting, __file__ if value == "broken" else value)
    answer = run(*AUDIT)
    assert (answer.status, answer.out) == (3, "")
    assert says in answer.err


class TestConnection:
    """No server answers for AWS, or one with a different protocol."""

    @pytest.fixture
    def closed(self) -> Iterator[str]:
        """A port of this machine without a listener."""
        with closing(socket.socket()) as bound:
            bound.bind(("127.0.0.1", 0))
            yield f"127.0.0.1:{bound.getsockname()[1]}"

    def test_a_connection_that_is_refused_is_said(self, run: Run, closed: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{closed}")
        self.assert_unreachable(run(*AUDIT), "Could not connect to the endpoint URL")

    def test_who_never_answers_is_given_up_after_a_few_attempts(
        self, run: Run, closed: str, monkeypatch: pytest.MonkeyPatch, pauses: list[float]
    ) -> None:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{closed}")
        run(*AUDIT)
        # For the list of repositories and for the identity of the credentials. boto3's pauses grow up to 20 s.
        assert len(pauses) == 2 * 2
        assert sum(pauses) <= 2 * (1 + 2)

    def test_nobody_is_tried_again_who_has_been_silent_for_long(
        self, run: Run, closed: str, monkeypatch: pytest.MonkeyPatch, pauses: list[float]
    ) -> None:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{closed}")
        monkeypatch.setattr(retries, "now", itertools.count(0, 20).__next__)
        self.assert_unreachable(run(*AUDIT), "Could not connect to the endpoint URL")
        assert pauses == []

    def test_who_has_answered_is_tried_as_often_as_ever(self, run: Run, gateway: Gateway, pauses: list[float]) -> None:
        (reset,) = [fault for fault in TRANSIENT if fault.name == "reset"]
        gateway.breaks("GetRepositoryPolicy", reset.breaks, first=2, times=6)
        answer = run(*AUDIT, "ECR_CROSSACCOUNT_CONCURRENCY=1")
        assert (names(answer), len(pauses)) == (ALL, 6)

    def test_a_name_that_is_not_known_is_said(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        def unknown(*_: object, **__: object) -> None:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

        monkeypatch.setattr(socket, "getaddrinfo", unknown)
        monkeypatch.setenv("no_proxy", "*")
        monkeypatch.delenv("AWS_ENDPOINT_URL")
        self.assert_unreachable(run(*AUDIT, "--region", "eu-central-2"), ".eu-central-2.amazonaws.com/")

    def test_a_server_without_tls_is_said(self, run: Run, gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AWS_ENDPOINT_URL", gateway.url.replace("http:", "https:"))
        self.assert_unreachable(run(*AUDIT), "SSL validation failed")

    def test_a_proxy_that_nobody_reaches_is_said(self, run: Run, closed: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AWS_ENDPOINT_URL", "http://aws.example.com")
        for name, value in (("http_proxy", f"http://{closed}"), ("no_proxy", "")):
            monkeypatch.setenv(name, value)
            monkeypatch.setenv(name.upper(), value)
        self.assert_unreachable(run(*AUDIT), "Failed to connect to proxy URL")

    @staticmethod
    def assert_unreachable(answer: Result, reason: str) -> None:
        assert (answer.status, answer.out) == (3, "")
        assert "cannot reach AWS: " in answer.err
        assert reason in answer.err
        assert len(answer.err.splitlines()) == 1

    def test_what_was_read_before_nobody_answers_any_more_is_judged(self, run: Run, gateway: Gateway) -> None:
        (reset,) = [fault for fault in TRANSIENT if fault.name == "reset"]
        gateway.breaks("GetRepositoryPolicy", reset.breaks, first=2)
        answer = run(*AUDIT, "ECR_CROSSACCOUNT_CONCURRENCY=1")
        assert (answer.status, len(names(answer))) == (3, 1)
        assert [error["reason"].partition(":")[0] for error in answer.json["errors"]] == [
            "cannot reach AWS",
            "cannot reach AWS",
            "4 repositories were not read, from `i-last` on",
        ]


@pytest.mark.parametrize("operation", ["DescribeRepositories", "GetRepositoryPolicy", "LookupEvents"])
def test_credentials_that_end_on_the_way_are_one_error(run: Run, gateway: Gateway, operation: str) -> None:
    (expired,) = [fault for fault in LASTING if fault.name == "expired token"]
    gateway.breaks(operation, expired.breaks, first=2)
    answer = run(*AUDIT, "--usage", "30", "ECR_CROSSACCOUNT_CONCURRENCY=1")
    assert answer.status == 3
    assert [("the credentials have expired" in error["reason"]) for error in answer.json["errors"]] == [True]


class TestThrottling:
    """AWS throttles calls."""

    @pytest.fixture(autouse=True)
    def jitter(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Spread the attempts equally in every run. About seven spreads in a thousand take a fifth longer."""
        monkeypatch.setattr("random.random", random.Random(1).random)  # noqa: S311 - spreads attempts, hides nothing

    @pytest.fixture(autouse=True)
    def many(self, account: Account) -> None:
        account.policies = {f"r{number:03}": OPEN for number in range(300)}
        account.page_size = 1_000

    def throttle(self, gateway: Gateway, takes: Callable[[], bool]) -> None:
        refused = Answer(400, b'{"__type": "ThrottlingException", "message": "Rate exceeded"}')
        gateway.breaks("GetRepositoryPolicy", lambda _, usual: usual() if takes() else refused)

    def test_three_refusals_in_ten_lose_nothing(self, run: Run, gateway: Gateway) -> None:
        self.throttle(gateway, Luck(0.3, 1).takes)
        answer = run(*AUDIT)
        assert (answer.status, len(names(answer)), answer.json["errors"]) == (1, 300, [])
        assert gateway.calls.count("GetRepositoryPolicy") < 1.6 * 300

    def test_what_boto3_waits_after_a_refusal_is_not_waited_while_other_calls_get_through(
        self, run: Run, gateway: Gateway, pauses: list[float]
    ) -> None:
        # With one call at a time, each run has the same number of refusals in a row.
        self.throttle(gateway, Luck(0.3, 1).takes)
        assert run(*AUDIT, "ECR_CROSSACCOUNT_CONCURRENCY=1").status == 1
        assert sum(pauses) / len(pauses) < 0.1, "boto3 waits half a second on average"

    def test_a_limit_is_not_hammered(self, run: Run, gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
        passed: list[float] = []
        monkeypatch.setattr("time.sleep", passed.append)
        monkeypatch.setattr("ecr_crossaccount.sources.aws.retries.now", lambda: sum(passed))

        def takes() -> bool:
            passed.append(0.01)  # the time of a call
            return bucket.takes()

        bucket = TokenBucket(20, 20, lambda: sum(passed))
        self.throttle(gateway, takes)
        answer = run(*AUDIT, "ECR_CROSSACCOUNT_CONCURRENCY=1")
        assert (answer.status, len(names(answer)), answer.json["errors"]) == (1, 300, [])
        assert gateway.calls.count("GetRepositoryPolicy") < 1.5 * 300
        assert sum(passed) < 1.2 * (300 - 20) / 20

    def test_a_call_that_alone_is_refused_is_given_up_and_the_rest_is_judged(self, run: Run, gateway: Gateway) -> None:
        (throttled,) = [fault for fault in TRANSIENT if fault.name == "throttled"]
        gateway.breaks("GetRepositoryPolicy", throttled.breaks, about="r007")
        answer = run(*AUDIT)
        assert (answer.status, len(names(answer)), len(answer.json["errors"])) == (3, 299, 1)
        assert answer.json["errors"][0]["arn"].endswith("r007")

    def test_where_nothing_gets_through_the_rest_is_one_error(self, run: Run, gateway: Gateway) -> None:
        (throttled,) = [fault for fault in TRANSIENT if fault.name == "throttled"]
        gateway.breaks("GetRepositoryPolicy", throttled.breaks)
        # At most 4 calls run and 16 wait, so at most 19 start before the third failure is seen, on any machine.
        answer = run(*AUDIT, "ECR_CROSSACCOUNT_CONCURRENCY=4")
        *some, rest = answer.json["errors"]
        assert (answer.status, names(answer)) == (3, [])
        assert [error["arn"][-4:] for error in some] == ["r000", "r001"]
        assert rest["reason"].startswith(
            "298 repositories were not read, from `r002` on: GetRepositoryPolicy was throttled repeatedly"
        )
        assert gateway.calls.count("GetRepositoryPolicy") < 300

    @pytest.mark.parametrize("status", [429, 400])
    def test_a_refusal_in_any_form_is_sat_out(self, run: Run, gateway: Gateway, status: int) -> None:
        body = b"slow down" if status == 429 else b'{"__type": "TooManyRequestsException"}'
        gateway.breaks("GetRepositoryPolicy", lambda *_: Answer(status, body), about="r007", times=3)
        answer = run(*AUDIT)
        assert (answer.status, len(names(answer))) == (1, 300)


def test_the_fixtures_are_what_the_tests_take_them_for(run: Run) -> None:
    answer = run(*AUDIT, "--usage", "30")
    assert (answer.status, names(answer), answer.json["errors"]) == (1, ALL, [])
    assert "resourcetag/" in OPEN_BY_TAGS.lower()
