"""Recent use: each trap of CloudTrail's event history, and what a plan takes from whom."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError
from ecr_crossaccount.products.automation.find_use import (
    READING_SECONDS,
    REFUSED,
    UNKNOWN,
    Call,
    Clock,
    TargetRepository,
    Use,
    call_of,
    loss,
    search_for_use,
    uses,
)

from tests.remediation.events import OWNER, REPOSITORY, called
from tests.wording import sentence

Json = dict[str, Any]

ARN = f"arn:aws:ecr:eu-central-1:{OWNER}:repository/{REPOSITORY}"
OURS = TargetRepository(OWNER, REPOSITORY, ARN)
OUTSIDER = "999988887777"
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


def groups(actions: Mapping[str, list[str]]) -> list[Json]:
    return [{"who": [who], "actions": names} for who, names in actions.items()]


PULLS = {"ask": ["BatchGetImage"], "cut": groups({"any": ["ecr:BatchGetImage"]}), "kept": [], "conditional": []}


class Time:
    """A clock that only moves by sleeping."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds

    @property
    def clock(self) -> Clock:
        return Clock(lambda: self.seconds, self.sleep)


class History:
    """An event history: pages of records by the requested value, after some errors."""

    def __init__(self, time: Time, pages: Mapping[str, list[list[Json]]] | None = None, *errors: Exception) -> None:
        self.requests: list[Json] = []
        self.moments: list[float] = []
        self._time = time
        self._pages = pages or {}
        self._errors = list(errors)

    def lookup_events(self, **request: Any) -> Json:  # noqa: ANN401 - JSON
        self.requests.append(dict(request))
        self.moments.append(self._time.seconds)
        if self._errors:
            raise self._errors.pop(0)
        pages = self._pages.get(request["LookupAttributes"][0]["AttributeValue"], [[]])
        number = int(request.get("NextToken", 0))
        events = [{"EventId": "id", "CloudTrailEvent": json.dumps(event)} for event in pages[number]]
        return {"Events": events} | ({"NextToken": str(number + 1)} if number + 1 < len(pages) else {})


def ask(history: History, time: Time, cuts: Json = PULLS, **other: object) -> Json:
    request = {
        "Repository": REPOSITORY,
        "Account": OWNER,
        "Arn": ARN,
        "Cuts": json.dumps(cuts),
        "Days": "30",
        "OrganizationAccounts": [],
    }
    return search_for_use(history, request | other, NOW, time.clock)


def refusal(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "as asked"}}, "LookupEvents")


def endless() -> list[list[Json]]:
    return [[] for _ in range(READING_SECONDS * 3)]


def test_one_attribute_a_request_and_at_most_fifty_events_of_the_days_asked_for() -> None:
    history = History(time := Time())
    ask(history, time, {**PULLS, "ask": ["BatchGetImage", "PutImage"]}, Days="7")
    attributes = [request["LookupAttributes"] for request in history.requests]
    assert attributes == [
        [{"AttributeKey": "ResourceName", "AttributeValue": REPOSITORY}],
        [{"AttributeKey": "ResourceName", "AttributeValue": ARN}],
        [{"AttributeKey": "EventName", "AttributeValue": "BatchGetImage"}],
        [{"AttributeKey": "EventName", "AttributeValue": "PutImage"}],
    ]
    assert {request["MaxResults"] for request in history.requests} == {50}
    assert {(NOW - request["StartTime"]).days for request in history.requests} == {7}
    assert {request["EndTime"] for request in history.requests} == {NOW}


def test_no_more_than_two_requests_a_second() -> None:
    history = History(time := Time(), {"BatchGetImage": [[] for _ in range(20)]})
    ask(history, time)
    assert all(later - earlier >= 0.5 for earlier, later in zip(history.moments, history.moments[1:], strict=False))
    assert time.seconds == pytest.approx(0.5 * len(history.requests))  # the first waits too, as other readers count


def test_an_empty_page_with_a_token_is_not_the_end() -> None:
    history = History(time := Time(), {"BatchGetImage": [[], [], [called("BatchGetImage")]]})
    assert ask(history, time)["Status"] == "InUse"


@pytest.mark.parametrize("form", [REPOSITORY, ARN])
def test_use_is_found_by_whichever_name_cloudtrail_gives_the_repository(form: str) -> None:
    history = History(time := Time(), {form: [[called("BatchGetImage")]]})
    assert ask(history, time)["Status"] == "InUse"


def test_what_is_asked_for_by_name_shows_use_before_a_long_history_ends() -> None:
    pages = {ARN: [[called("BatchGetImage")]], "BatchGetImage": endless()}
    assert ask(History(time := Time(), pages), time)["Status"] == "InUse"


def test_nothing_found_by_name_proves_nothing_where_the_history_is_too_long() -> None:
    answer = ask(History(time := Time(), {"BatchGetImage": endless()}), time)
    assert answer["Status"] == "Unreadable"
    assert "too long for 9 minutes" in answer["Report"]
    assert time.seconds <= READING_SECONDS


def test_pages_by_name_are_bounded() -> None:
    history = History(time := Time(), {ARN: endless(), REPOSITORY: endless()})
    assert ask(history, time)["Status"] == "NoUseSeen"


def test_finding_nothing_is_reported_as_no_use_seen_never_as_unused() -> None:
    answer = ask(History(time := Time()), time)
    assert answer["Status"] == "NoUseSeen"
    assert answer["Report"].startswith(sentence("find_use.no_use_seen_regions"))
    assert "unused" not in answer["Report"]


def test_a_throttled_request_is_made_again_later() -> None:
    history = History(
        time := Time(), {"BatchGetImage": [[called("BatchGetImage")]]}, *[refusal("ThrottlingException")] * 3
    )
    assert ask(history, time)["Status"] == "InUse"
    assert time.seconds > 7


def test_a_history_that_stays_throttled_cannot_be_read() -> None:
    answer = ask(History(time := Time(), {}, *[refusal("ThrottlingException")] * 12), time)
    assert answer["Status"] == "Unreadable"
    assert "keeps throttling" in answer["Report"]


@pytest.mark.parametrize(
    "error",
    [refusal("AccessDeniedException"), refusal("InternalFailure"), ConnectTimeoutError(endpoint_url="https://x")],
)
def test_a_history_that_is_refused_cannot_be_read(error: Exception) -> None:
    answer = ask(History(time := Time(), {}, error), time)
    assert answer["Status"] == "Unreadable"
    assert answer["Report"].startswith("who uses `team/base` cannot be determined: CloudTrail ")


@pytest.mark.parametrize("text", ["{", "[]", "null", None])
def test_a_record_that_is_no_json_object_cannot_be_read(text: str | None) -> None:
    class Broken(History):
        def lookup_events(self, **_: Any) -> Json:  # noqa: ANN401 - JSON
            return {"Events": [{"EventId": "0a1b"} | ({} if text is None else {"CloudTrailEvent": text})]}

    answer = ask(Broken(time := Time()), time)
    assert answer["Status"] == "Unreadable"
    assert "event `0a1b`" in answer["Report"]


# --- the content of an event ---


def caller(event: Json) -> str | None:
    call = call_of(event, OURS)
    return None if call is None else call.caller


def test_the_caller_is_who_identifies_not_who_receives() -> None:
    event = called(
        "BatchGetImage", recipientAccountId=OWNER, userIdentity={"type": "AssumedRole", "accountId": OUTSIDER}
    )
    assert caller(event) == OUTSIDER


def test_a_caller_may_be_known_by_account_and_principal_id_alone() -> None:
    assert (
        caller(called("BatchGetImage", userIdentity={"accountId": OUTSIDER, "principalId": "AIDAEXAMPLE"})) == OUTSIDER
    )


def test_a_caller_may_be_known_by_arn_alone() -> None:
    arn = f"arn:aws:sts::{OUTSIDER}:assumed-role/ci/build"
    assert caller(called("BatchGetImage", userIdentity={"type": "AssumedRole", "arn": arn})) == OUTSIDER


@pytest.mark.parametrize("by", ["AWS Internal", "ecr.amazonaws.com"])
def test_docker_looks_like_a_service_and_is_a_user(by: str) -> None:
    identity = {"type": "AWSAccount", "accountId": OUTSIDER, "invokedBy": by}
    assert caller(called("BatchGetImage", sourceIPAddress=by, userIdentity=identity)) == OUTSIDER


def test_a_service_is_a_caller_of_its_own() -> None:
    identity = {"type": "AWSService", "invokedBy": "lambda.amazonaws.com"}
    assert caller(called("BatchGetImage", userIdentity=identity)) == "lambda.amazonaws.com"


@pytest.mark.parametrize(
    "identity", [None, {}, {"type": "Unknown"}, {"invokedBy": "AWS Internal"}, "text", {"arn": "x"}, {"arn": 7}]
)
def test_a_caller_who_is_not_named_is_somebody(identity: object) -> None:
    event = called("BatchGetImage") | {"userIdentity": identity}
    assert caller(event) == UNKNOWN


def test_the_owner_is_nobody_from_outside() -> None:
    assert caller(called("BatchGetImage", OWNER)) is None


@pytest.mark.parametrize("code", sorted(REFUSED))
def test_a_call_that_was_denied_is_no_use(code: str) -> None:
    assert caller(called("BatchGetImage", errorCode=code, errorMessage="no")) is None


@pytest.mark.parametrize(
    "code", ["ImageNotFoundException", "ImageTagAlreadyExistsException", "ThrottlingException", "ServerException"]
)
def test_a_call_that_failed_otherwise_is_use(code: str) -> None:
    """A push to a tag that is immutable is refused after it was allowed."""
    assert caller(called("PutImage", errorCode=code, errorMessage="no")) == OUTSIDER


def test_asking_for_a_token_is_no_use() -> None:
    assert caller(called("GetAuthorizationToken")) is None


@pytest.mark.parametrize("source", ["ecr-public.amazonaws.com", "s3.amazonaws.com", None])
def test_another_service_with_the_same_call_is_none_of_ours(source: str | None) -> None:
    assert caller(called("BatchGetImage", eventSource=source)) is None


def test_another_repository_is_none_of_ours() -> None:
    assert caller(called("BatchGetImage", repository="team/other")) is None
    assert caller(called("BatchGetImage", repository=f"{REPOSITORY}-old")) is None


@pytest.mark.parametrize(
    "where",
    [
        {"resources": [{"accountId": "222233334444", "ARN": ARN.replace(OWNER, "222233334444")}]},
        {"resources": [{"ARN": ARN.replace(OWNER, "222233334444")}]},
        {"resources": [{"arn": ARN.replace(OWNER, "222233334444")}]},
        {"resources": None, "requestParameters": {"repositoryName": REPOSITORY, "registryId": "222233334444"}},
    ],
)
def test_a_repository_of_the_same_name_elsewhere_is_none_of_ours(where: Json) -> None:
    assert caller(called("BatchGetImage", **where)) is None


@pytest.mark.parametrize(
    "missing",
    [
        ("readOnly",),
        ("resources",),
        ("requestParameters",),
        ("resources", "requestParameters"),
        ("sharedEventID", "eventID"),
        ("eventTime",),
    ],
)
def test_an_event_from_which_something_is_missing_still_counts(missing: tuple[str, ...]) -> None:
    event = {name: value for name, value in called("BatchGetImage").items() if name not in missing}
    assert caller(event) == OUTSIDER


@pytest.mark.parametrize(
    "parameters",
    [
        {"repositoryName": REPOSITORY},
        {"repositoryNames": ["team/other", REPOSITORY]},
        {"resourceArn": ARN},
        {"repositoryName": REPOSITORY, "imageIds": [{"imageTag": "1"}, {"imageDigest": "sha256:00"}]},
    ],
)
def test_the_repository_is_found_in_whatever_names_it(parameters: Json) -> None:
    assert caller(called("BatchGetImage", resources=None, requestParameters=parameters)) == OUTSIDER


# --- use, and what a plan takes away ---


def test_a_call_whose_copy_both_accounts_have_is_counted_once() -> None:
    one = called("BatchGetImage", sharedEventID="shared", eventID="owner's")
    other = one | {"eventID": "caller's", "recipientAccountId": OUTSIDER}
    calls = [call for event in (one, other) if (call := call_of(event, OURS))]
    assert [use.calls for use in uses(calls)] == [1]


def test_an_event_found_by_two_attributes_is_counted_once() -> None:
    event = called("BatchGetImage")
    answer = ask(History(time := Time(), {ARN: [[event]], "BatchGetImage": [[event]]}), time)
    assert "1 call," in answer["Report"]


def test_use_tells_account_action_calls_and_last_time() -> None:
    calls = [Call(OUTSIDER, "ecr:PutImage", f"2026-11-{day}T00:00:00Z", str(day)) for day in (10, 20, 15)]
    assert uses(calls) == [Use(OUTSIDER, "ecr:PutImage", 3, "2026-11-20T00:00:00Z")]


PULL = Use(OUTSIDER, "ecr:BatchGetImage", 2, "2026-11-20T00:00:00Z")


def lost(
    use: Use,
    cut: Json,
    kept: Json | None = None,
    conditional: Json | None = None,
    members: frozenset[str] = frozenset(),
) -> str:
    parts = {"cut": cut, "kept": kept or {}, "conditional": conditional or {}}
    return loss(use, {name: groups(part) for name, part in parts.items()}, members)


@pytest.mark.parametrize("who", ["any", "organization", OUTSIDER])
def test_what_anybody_of_whom_the_caller_may_be_loses_the_caller_loses(who: str) -> None:
    assert (
        lost(PULL, {who: [PULL.action]}) == f"account {OUTSIDER}: ecr:BatchGetImage, 2 calls, the last on {PULL.last}"
    )


def test_what_others_lose_is_no_loss() -> None:
    assert lost(PULL, {"222233334444": [PULL.action], "any": ["ecr:PutImage"]}) == ""


def test_what_is_kept_by_another_statement_is_no_loss() -> None:
    assert lost(PULL, {"any": [PULL.action]}, kept={OUTSIDER: [PULL.action]}) == ""


def test_what_is_kept_for_an_organization_is_kept_by_those_known_to_be_in_it() -> None:
    cut, conditional = {"any": [PULL.action]}, {"organization": [PULL.action]}
    assert lost(PULL, cut, conditional=conditional, members=frozenset({OUTSIDER})) == ""
    assert "OrganizationAccounts can say so" in lost(PULL, cut, conditional=conditional)


def test_what_is_kept_under_conditions_may_be_lost() -> None:
    assert lost(PULL, {"any": [PULL.action]}, conditional={OUTSIDER: [PULL.action]}).endswith(
        "CloudTrail does not record"
    )


def test_a_caller_who_is_not_named_loses_what_anybody_loses() -> None:
    unknown = PULL._replace(caller=UNKNOWN)
    assert lost(unknown, {"222233334444": [PULL.action]}).startswith(UNKNOWN)


def test_a_service_loses_what_it_loses_and_nothing_else() -> None:
    service = PULL._replace(caller="lambda.amazonaws.com")
    assert lost(service, {"any": [PULL.action]}) == ""
    assert lost(service, {"lambda.amazonaws.com": [PULL.action]}).startswith("lambda.amazonaws.com: ")
    assert lost(service, {"any AWS service": [PULL.action]}).startswith("lambda.amazonaws.com: ")


def test_a_long_report_is_cut_and_says_so() -> None:
    events = [called("BatchGetImage", f"{number:012}") for number in range(1, 61)]
    report = ask(History(time := Time(), {"BatchGetImage": [events]}), time)["Report"]
    assert report.splitlines()[-1] == "and 20 more"


def test_the_use_of_accounts_known_to_be_in_the_organization_does_not_count_against_it() -> None:
    cuts = PULLS | {"conditional": groups({"organization": ["ecr:BatchGetImage"]})}
    history = History(time := Time(), {"BatchGetImage": [[called("BatchGetImage")]]})
    answer = ask(history, time, cuts, OrganizationAccounts=["222233334444", OUTSIDER])
    assert answer["Status"] == "NoUseSeen"
