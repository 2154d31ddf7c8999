from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError
from ecr_crossaccount.products.rule.evaluator import CrossAccountEvaluator
from ecr_crossaccount.sources.aws.errors import EventError
from moto.core.exceptions import JsonRESTError
from moto.ecr.models import ECRBackend

from tests.events import ACCOUNT, MEMBER, changed, event, load, of_account, with_policy
from tests.fakes import FakeConfigService
from tests.wording import sentence

if TYPE_CHECKING:
    from mypy_boto3_ecr import ECRClient

PULL = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]


def policy(principal: object, action: object = "ecr:*", **more: object) -> str:
    statement = {"Sid": "One", "Effect": "Allow", "Principal": principal, "Action": action} | more
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


BY_TAG = policy("*", Condition={"StringEquals": {"aws:ResourceTag/shared": "yes"}})


def refuse(*_: object, **__: object) -> None:
    """Answer as AWS does if a permission is missing."""
    raise JsonRESTError("AccessDeniedException", "not authorized")


def compliance_after(evaluator: CrossAccountEvaluator, config: FakeConfigService, message: Mapping[str, object]) -> str:
    """Send one event, and return the single result in Config."""
    evaluator.handle(message)
    (evaluation,) = config.evaluations
    return str(evaluation["ComplianceType"])


@pytest.mark.parametrize(
    "name, expected",
    [
        ("change-policy-text", "NON_COMPLIANT"),
        ("change-policy-object", "NON_COMPLIANT"),
        ("change-own-service", "COMPLIANT"),
        ("change-deleted", "NOT_APPLICABLE"),
        ("change-left-scope", "NOT_APPLICABLE"),
        ("change-other-type", "NOT_APPLICABLE"),
        ("change-sparse", "NON_COMPLIANT"),
    ],
)
def test_an_event_is_answered_with_one_result(
    evaluator: CrossAccountEvaluator, config: FakeConfigService, name: str, expected: str
) -> None:
    assert compliance_after(evaluator, config, event(name)) == expected
    assert config.operations() == ["PutEvaluations"]


@pytest.mark.parametrize(
    "left, expected",
    [("true", "NOT_APPLICABLE"), (False, "NON_COMPLIANT"), ("false", "NON_COMPLIANT"), (None, "NON_COMPLIANT")],
)
def test_a_scope_is_left_where_the_event_says_so(
    evaluator: CrossAccountEvaluator, config: FakeConfigService, left: object, expected: str
) -> None:
    assert compliance_after(evaluator, config, event("change-policy-text") | {"eventLeftScope": left}) == expected


def test_a_result_names_the_resource_and_the_time_of_the_item(
    evaluator: CrossAccountEvaluator, config: FakeConfigService
) -> None:
    answer = evaluator.handle(event("change-policy-object"))
    assert answer == [
        {
            "ComplianceResourceType": "AWS::ECR::Repository",
            "ComplianceResourceId": "team/base",
            "ComplianceType": "NON_COMPLIANT",
            "OrderingTimestamp": "2026-11-20T09:15:42.318Z",
            "Annotation": sentence("exchanges.medium_account_can"),
        }
    ]
    assert config.evaluations[0]["OrderingTimestamp"] == pytest.approx(1795166142.318, abs=1)


def test_a_compliant_result_says_only_which_trust_it_used(
    evaluator: CrossAccountEvaluator, config: FakeConfigService
) -> None:
    evaluator.handle(event("change-own-service"))
    assert config.evaluations[0]["Annotation"] == "trust: nobody"


@pytest.mark.parametrize("nothing", [[], 0, False, 7, ["x"]])
def test_what_is_no_policy_at_all_is_never_taken_for_none(
    evaluator: CrossAccountEvaluator, config: FakeConfigService, nothing: object
) -> None:
    assert compliance_after(evaluator, config, with_policy(nothing)) == "NON_COMPLIANT"


@pytest.mark.parametrize("status", ["OK", "ResourceDiscovered", "SomethingNew"])
def test_every_status_but_the_deleted_ones_is_judged(
    evaluator: CrossAccountEvaluator, config: FakeConfigService, status: str
) -> None:
    message = changed("change-policy-text", configurationItemStatus=status)
    assert compliance_after(evaluator, config, message) == "NON_COMPLIANT"


@pytest.mark.parametrize("status", ["ResourceDeleted", "ResourceDeletedNotRecorded", "ResourceNotRecorded"])
def test_a_repository_that_is_not_there_is_not_applicable(
    evaluator: CrossAccountEvaluator, config: FakeConfigService, status: str
) -> None:
    message = changed("change-policy-text", configurationItemStatus=status)
    assert compliance_after(evaluator, config, message) == "NOT_APPLICABLE"


def test_a_policy_that_the_item_does_not_show_is_read_from_ecr(
    evaluator: CrossAccountEvaluator, config: FakeConfigService, ecr: ECRClient
) -> None:
    ecr.create_repository(repositoryName="team/unrecorded")
    ecr.set_repository_policy(repositoryName="team/unrecorded", policyText=policy("*"))
    assert compliance_after(evaluator, config, event("change-policy-absent")) == "NON_COMPLIANT"


def test_no_policy_in_ecr_either_is_compliant(
    evaluator: CrossAccountEvaluator, config: FakeConfigService, ecr: ECRClient
) -> None:
    ecr.create_repository(repositoryName="team/unrecorded")
    assert compliance_after(evaluator, config, event("change-policy-absent")) == "COMPLIANT"


def test_a_repository_that_ecr_does_not_know_is_not_applicable(
    evaluator: CrossAccountEvaluator, config: FakeConfigService
) -> None:
    assert compliance_after(evaluator, config, event("change-policy-absent")) == "NOT_APPLICABLE"


def test_the_owner_is_the_account_of_item_and_event(
    evaluator: CrossAccountEvaluator, config: FakeConfigService
) -> None:
    own = of_account(with_policy(policy({"AWS": ACCOUNT})), MEMBER)
    assert compliance_after(evaluator, config, own) == "COMPLIANT"


@pytest.mark.parametrize(
    "fields",
    [
        {"awsAccountId": MEMBER},
        {"accountId": MEMBER},
        {"ARN": f"arn:aws:ecr:eu-central-1:{MEMBER}:repository/demodev"},
        {"awsAccountId": None, "arn": f"arn:aws:ecr:eu-central-1:{MEMBER}:repository/demodev", "ARN": None},
        {"awsAccountId": 444455556666},
        {"awsAccountId": [ACCOUNT]},
        {"awsAccountId": MEMBER, "configurationItemStatus": "ResourceDeleted"},
        {"awsAccountId": MEMBER, "resourceType": "AWS::S3::Bucket"},
    ],
)
def test_an_item_of_another_account_than_the_events_is_refused(
    evaluator: CrossAccountEvaluator, config: FakeConfigService, fields: dict[str, object]
) -> None:
    """Both accounts are served.

    The account of the rule decides the rights of the function, and which account it answers for.
    """
    with pytest.raises(EventError, match="a rule judges its own account"):
        evaluator.handle(changed("change-policy-text", **fields))
    assert config.calls == []


@pytest.mark.parametrize("name", ["oversized", "oversized-deleted"])
def test_a_summary_of_another_account_is_refused_before_its_history_is_read(
    evaluator: CrossAccountEvaluator, config: FakeConfigService, name: str
) -> None:
    with pytest.raises(EventError, match="name different accounts"):
        evaluator.handle(event(name) | {"accountId": MEMBER})
    assert config.calls == []


def test_the_owner_is_the_account_of_the_event_where_the_item_names_none(
    evaluator: CrossAccountEvaluator, config: FakeConfigService
) -> None:
    own = with_policy(policy({"AWS": "111122223333"}), awsAccountId=None, ARN=None)
    assert compliance_after(evaluator, config, own) == "COMPLIANT"


@pytest.mark.parametrize("partition", ["aws", "aws-cn", "aws-us-gov"])
def test_the_partition_is_that_of_the_items_arn(
    evaluator: CrossAccountEvaluator, config: FakeConfigService, partition: str
) -> None:
    arn = f"arn:{partition}:ecr:cn-north-1:111122223333:repository/demodev"
    own = with_policy(policy({"AWS": f"arn:{partition}:iam::111122223333:root"}), ARN=arn)
    assert compliance_after(evaluator, config, own) == "COMPLIANT"


@pytest.mark.parametrize("tags, expected", [({"team": "red"}, "COMPLIANT"), ({"team": "blue"}, "NON_COMPLIANT")])
def test_the_tags_of_the_item_count(
    evaluator: CrossAccountEvaluator, config: FakeConfigService, tags: dict[str, str], expected: str
) -> None:
    only_blue = policy("*", PULL, Condition={"StringEquals": {"aws:ResourceTag/team": "blue"}})
    assert compliance_after(evaluator, config, with_policy(only_blue, tags=tags)) == expected


def test_tags_that_the_item_does_not_show_are_read_from_ecr(
    evaluator: CrossAccountEvaluator, config: FakeConfigService, ecr: ECRClient
) -> None:
    ecr.create_repository(repositoryName="demodev", tags=[{"Key": "team", "Value": "red"}])
    only_blue = policy("*", PULL, Condition={"StringEquals": {"aws:ResourceTag/team": "blue"}})
    item = {"RepositoryPolicyText": only_blue}
    message = changed("change-policy-text", configuration=item, tags=None)
    assert compliance_after(evaluator, config, message) == "COMPLIANT"


def test_a_repository_that_vanishes_before_its_tags_are_read_is_not_applicable(
    evaluator: CrossAccountEvaluator, config: FakeConfigService
) -> None:
    message = changed("change-policy-text", configuration={"RepositoryPolicyText": BY_TAG}, tags=None)
    assert compliance_after(evaluator, config, message) == "NOT_APPLICABLE"


def test_tags_that_may_not_be_read_fail_the_invocation(
    evaluator: CrossAccountEvaluator, config: FakeConfigService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ECRBackend, "list_tags_for_resource", refuse)
    message = changed("change-policy-text", configuration={"RepositoryPolicyText": BY_TAG}, tags=None)
    with pytest.raises(ClientError, match="AccessDeniedException"):
        evaluator.handle(message)
    assert config.evaluations == []


def test_a_principal_that_was_deleted_grants_nothing(
    evaluator: CrossAccountEvaluator, config: FakeConfigService, capsys: pytest.CaptureFixture[str]
) -> None:
    deleted = policy({"AWS": ["AIDAZL6XWCR2NXJCMOAER"]})
    assert compliance_after(evaluator, config, with_policy(deleted)) == "COMPLIANT"
    assert "stale principal" in capsys.readouterr().out


def test_ecr_that_refuses_to_answer_fails_the_invocation_and_reports_nothing(
    evaluator: CrossAccountEvaluator, config: FakeConfigService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ECRBackend, "get_repository_policy", refuse)
    with pytest.raises(ClientError, match="AccessDeniedException"):
        evaluator.handle(event("change-policy-absent"))
    assert config.evaluations == []


def test_rdks_test_token_records_nothing(evaluator: CrossAccountEvaluator, config: FakeConfigService) -> None:
    evaluator.handle(event("change-policy-text") | {"resultToken": "TESTMODE"})
    assert (len(config.evaluations), len(config.tested)) == (0, 1)


def test_an_invoking_event_that_is_an_object_already_is_read(
    evaluator: CrossAccountEvaluator, config: FakeConfigService
) -> None:
    message = event("change-policy-text")
    message["invokingEvent"] = json.loads(message["invokingEvent"])
    assert compliance_after(evaluator, config, message) == "NON_COMPLIANT"


@pytest.mark.parametrize(
    "broken, said",
    [
        ({"invokingEvent": None}, sentence("record.event_no_invokingevent")),
        ({"invokingEvent": "{"}, "`invokingEvent` of the event is not JSON"),
        ({"invokingEvent": "[]"}, sentence("record.event_no_invokingevent")),
        ({"invokingEvent": '{"messageType": "ConfigurationItemChangeNotification"}'}, "no `configurationItem`"),
        ({"invokingEvent": '{"messageType": "Weather"}'}, sentence("evaluator.weather_not_message_rule")),
        ({"ruleParameters": "{"}, "`ruleParameters` of the event is not JSON"),
        ({"resultToken": ""}, "no `resultToken`"),
    ],
)
def test_an_event_of_another_shape_fails_with_its_fault_named(
    evaluator: CrossAccountEvaluator, config: FakeConfigService, broken: dict[str, object], said: str
) -> None:
    with pytest.raises(EventError, match=said):
        evaluator.handle(load("change-policy-text") | broken)
    assert config.evaluations == []
