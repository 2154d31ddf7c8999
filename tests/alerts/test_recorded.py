"""The policy before a change that the function has not seen: AWS Config recorded it, or it stays unknown."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.alerts.conftest import Cloud
from tests.alerts.test_events import account, allow, policy, set_policy
from tests.alerts.test_registry import FENCE, registry
from tests.events.cloudtrail import OWNER, with_policy
from tests.wording import sentence

Json = dict[str, Any]

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
PARTNER = allow(account("222233334444"))


def recording(cloud: Cloud, *items: Json, started: datetime = LONG_AGO, **recorder: object) -> list[Json]:
    """Give the account a recorder with these items, newest first. Return the requests for its history."""
    status = {"name": "default", "recording": True, "lastStatus": "SUCCESS", "lastStartTime": started}
    group = {"allSupported": True}
    cloud.stub("config", "describe_configuration_recorder_status", {"ConfigurationRecordersStatus": [status]})
    cloud.stub(
        "config",
        "describe_configuration_recorders",
        {"ConfigurationRecorders": [{"name": "default", "recordingGroup": group} | recorder]},
    )
    asked: list[Json] = []

    def history(**request: object) -> Json:
        asked.append(request)
        return {"configurationItems": list(items)}

    cloud.stubs.setattr(cloud.client("config"), "get_resource_config_history", history)
    return asked


def item(field: str, value: object, status: str = "OK") -> Json:
    return {"configurationItemStatus": status, "configuration": json.dumps({field: value})}


def of_repository(*statements: object) -> Json:
    return item("RepositoryPolicyText", json.dumps(policy(*statements)))


def of_registry(*statements: object) -> Json:
    return item("PolicyText", policy(*statements))


def test_the_first_change_of_a_repository_is_compared_with_what_aws_config_recorded(cloud: Cloud) -> None:
    asked = recording(cloud, of_repository(PARTNER))
    assert cloud.handle(set_policy(PARTNER | {"Sid": "Renamed"})) == {"sent": 0}
    (request,) = asked
    assert (request["resourceType"], request["resourceId"]) == ("AWS::ECR::Repository", "team/base")
    assert request["laterTime"] < datetime(2026, 11, 27, 9, tzinfo=UTC)
    assert cloud.handle(set_policy(allow("*"), at="09:05:00")) == {"sent": 1}
    assert len(asked) == 1  # from then on, the function remembers


def test_more_than_what_was_recorded_is_told_as_new(cloud: Cloud) -> None:
    recording(cloud, of_repository(PARTNER))
    assert cloud.handle(set_policy(PARTNER, allow(account("333344445555")))) == {"sent": 1}
    assert cloud.last().json["because"] == sentence("alert.previous_policy_did")
    assert "222233334444" not in json.dumps(cloud.last().json["findings"])


OWN = {**allow(account(OWNER)), "Resource": "*"}


def test_the_first_registry_policy_of_an_account_does_not_cry(cloud: Cloud) -> None:
    asked = recording(cloud)
    cloud.fail("config", "get_resource_config_history", "ResourceNotDiscoveredException")
    assert cloud.handle(registry(OWN)) == {"sent": 0}
    assert asked == []


def test_a_registry_policy_that_opens_nothing_more_than_the_recorded_one_does_not_cry(cloud: Cloud) -> None:
    asked = recording(cloud, of_registry(FENCE, OWN))
    assert cloud.handle(registry(FENCE, OWN | {"Sid": "Own"})) == {"sent": 0}
    assert (asked[0]["resourceType"], asked[0]["resourceId"]) == ("AWS::ECR::RegistryPolicy", OWNER)


def test_a_recorded_deny_that_goes_is_told(cloud: Cloud) -> None:
    recording(cloud, of_registry(FENCE, OWN))
    assert cloud.handle(registry(OWN)) == {"sent": 1}


def test_a_deleted_registry_policy_denied_nothing(cloud: Cloud) -> None:
    recording(cloud, item("PolicyText", None, "ResourceDeleted"))
    assert cloud.handle(registry(OWN)) == {"sent": 0}


@pytest.mark.parametrize(
    "recorder",
    [
        {"started": datetime(2026, 11, 27, 8, tzinfo=UTC)},
        {"recordingMode": {"recordingFrequency": "DAILY"}},
        {"recordingGroup": {"resourceTypes": ["AWS::ECR::Repository"]}},
    ],
    ids=["just-started", "daily", "another-type"],
)
def test_a_recorder_that_may_have_missed_it_proves_nothing(cloud: Cloud, recorder: Json) -> None:
    recording(cloud, of_registry(OWN), **recorder)
    assert cloud.handle(registry(OWN)) == {"sent": 1}
    assert "not known" in cloud.last().json["because"]


@pytest.mark.parametrize("code", ["AccessDeniedException", "ThrottlingException"])
def test_without_an_answer_of_aws_config_everything_open_is_told(cloud: Cloud, code: str) -> None:
    recording(cloud, of_repository(PARTNER))
    cloud.fail("config", "get_resource_config_history", code)
    assert cloud.handle(set_policy(PARTNER)) == {"sent": 1}
    assert "not known" in cloud.last().json["because"]


@pytest.mark.parametrize(
    "shown",
    [
        {},
        {"configuration": "not JSON"},
        item("RepositoryPolicyText", {}),
        item("RepositoryPolicyText", "{}"),
        item("RepositoryPolicyText", " "),
    ],
)
def test_an_item_that_shows_no_policy_proves_nothing(cloud: Cloud, shown: Json) -> None:
    recording(cloud, shown)
    assert cloud.handle(set_policy(PARTNER)) == {"sent": 1}
    assert "not known" in cloud.last().json["because"]


def test_an_answer_without_items_is_asked_for_more_and_then_left(cloud: Cloud) -> None:
    recording(cloud)
    pages = iter(range(1000))
    cloud.stubs.setattr(
        cloud.client("config"),
        "get_resource_config_history",
        lambda **_: {"configurationItems": [], "nextToken": str(next(pages))},
    )
    assert cloud.handle(set_policy(PARTNER)) == {"sent": 1}
    assert timedelta(days=7) * next(pages) > timedelta(days=365)


# --- what was asked for, and what ECR stored ---


def stored(asked: object, answer: object) -> Json:
    event = with_policy("set-policy-public", policy(asked))
    event["detail"]["responseElements"]["policyText"] = json.dumps(policy(answer))
    return event


@pytest.mark.parametrize(
    "asked, answer",
    [(allow("*"), PARTNER), (PARTNER, allow("*")), (allow("*"), allow({"AWS": "AROAEXAMPLEID"}))],
    ids=["asked", "stored", "unique-id"],
)
def test_of_the_policy_that_was_asked_for_and_the_stored_one_the_worse_counts(
    cloud: Cloud, asked: object, answer: object
) -> None:
    assert cloud.handle(stored(asked, answer)) == {"sent": 1}
    assert cloud.last().json["severity"] == "HIGH"
    assert any("any AWS account" in one["reason"] for one in cloud.last().json["findings"])


def test_two_spellings_of_one_policy_are_told_once(cloud: Cloud) -> None:
    cloud.handle(stored(allow("*"), allow("*")))
    reasons = [one["reason"] for one in cloud.last().json["findings"]]
    assert len(reasons) == len(set(reasons))
