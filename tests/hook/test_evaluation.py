"""The hook's answers to CloudFormation and to the Cloud Control API."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from ecr_crossaccount import Trust
from ecr_crossaccount.products.hook.evaluation import Settings, evaluate
from ecr_crossaccount.sources.register.content import Location
from ecr_crossaccount.sources.register.lists import TrustNow
from ecr_crossaccount.sources.register.stores import Held

from tests.events.hook import NAMES, load, with_properties
from tests.hook.limits import assert_within_limits
from tests.wording import sentence

Json = dict[str, Any]

SETTINGS = Settings("eu-central-1", docs="https://example.com/docs")
PARTNER = {"account": "222233334444", "access": "WRITE", "repositories": ["base/*"]}


def trust(*entries: Json) -> Trust:
    return Trust.parse({"version": 1, "trust": list(entries)}, today=date(2026, 11, 27))


def without_register(problem: str | None, *entries: Json) -> TrustNow:
    """Return the trust in `entries`, while a register cannot be used if there is a `problem`."""
    held = Held(Location.parse("ssm:/ecr/trust"), "register", Trust.nobody(), problem=problem)
    return TrustNow(trust(*entries), held=held if problem else None)


def asked(event: Json, *entries: Json, settings: Settings = SETTINGS, problem: str | None = None) -> Json:
    answer = evaluate(event, settings, without_register(problem, *entries))
    assert_within_limits(answer, 4096 if event.get("stackId") else 1024)
    json.dumps(answer)
    return answer


def outcome(answer: Json) -> tuple[str, str | None]:
    return answer["hookStatus"], answer.get("errorCode")


FINE = ("SUCCESS", None)
OPEN = ("FAILED", "NonCompliant")
BROKEN = ("FAILED", "InternalFailure")


def test_an_account_that_nobody_trusts_stops_the_deployment_with_a_way_out() -> None:
    answer = asked(load("repository-create"))
    assert outcome(answer) == OPEN
    assert answer["clientRequestToken"] == load("repository-create")["clientRequestToken"]
    assert answer["message"].startswith("MEDIUM: Python: account 222233334444 can pull")
    (said,) = answer["annotations"]
    assert (said["annotationName"], said["status"], said["severityLevel"]) == ("account-read", "FAILED", "MEDIUM")
    assert said["statusMessage"].startswith("Python: account 222233334444 can pull")
    assert said["remediationMessage"] == sentence("hook.remove_policy_gives")
    assert said["remediationLink"] == "https://example.com/docs/findings.md#a-named-account"


def test_a_trusted_account_may_be_deployed() -> None:
    assert outcome(asked(load("repository-create"), PARTNER)) == FINE
    assert outcome(asked(load("repository-create"), PARTNER | {"repositories": ["team/*"]})) == OPEN


def test_the_way_out_is_the_policy_that_keeps_what_is_trusted() -> None:
    policy = load("repository-create")["requestData"]["targetModel"]["resourceProperties"]["RepositoryPolicyText"]
    policy["Statement"][0]["Principal"]["AWS"] = ["222233334444", "333344445555"]
    answer = asked(with_properties("repository-create", {"RepositoryPolicyText": policy}), {"account": "333344445555"})
    (said,) = answer["annotations"]
    written = json.loads(said["remediationMessage"].removeprefix("make the policy "))
    assert written["Statement"][0]["Principal"] == {"AWS": ["333344445555"]}


@pytest.mark.parametrize("name", ["repository-create-own", "repository-create-without-policy"])
def test_what_lets_nobody_in_may_be_deployed(name: str) -> None:
    answer = asked(load(name))
    assert outcome(answer) == FINE
    assert [one["status"] for one in answer["annotations"]] == ["PASSED"]


def test_a_policy_may_be_a_text() -> None:
    answer = asked(load("repository-create-text"))
    assert outcome(answer) == OPEN
    assert answer["message"].startswith("HIGH: Python: any AWS account can pull")


@pytest.mark.parametrize("name", ["repository-create-dynamic-reference", "repository-create-unresolved"])
def test_what_is_not_resolved_is_not_fine(name: str) -> None:
    answer = asked(load(name))
    assert outcome(answer) == OPEN
    assert answer["annotations"][0]["annotationName"] == "undecided"
    assert "policy {" not in answer["annotations"][0]["remediationMessage"]


def test_cloud_control_gets_a_message_of_its_length() -> None:
    answer = asked(load("cloud-control-create"), problem="it could not be read " * 400)
    assert outcome(answer) == BROKEN
    assert 1000 < len(answer["message"]) <= 1024
    answer = asked(load("repository-create"), problem="it could not be read " * 400)
    assert 4000 < len(answer["message"]) <= 4096


def test_who_is_asked_by_cloud_control_has_no_logical_id() -> None:
    assert asked(load("cloud-control-create"))["message"].startswith("HIGH: AWS::ECR::Repository: any AWS account")


def test_of_many_findings_the_first_are_told_and_how_many_there_are() -> None:
    event = load("repository-create")
    policy = event["requestData"]["targetModel"]["resourceProperties"]["RepositoryPolicyText"]
    policy["Statement"][0]["Principal"] = {"AWS": [f"{number:012}" for number in range(400)]}
    answer = asked(event)
    assert outcome(answer) == OPEN
    assert answer["message"].endswith("; and 399 more; trust: nobody")
    assert len(answer["annotations"]) == 21
    first, second = (one["remediationMessage"] for one in answer["annotations"][:2])
    assert first == sentence("hook.remove_policy_gives")
    assert second == sentence("hook.above_policy_python")
    assert len(json.dumps(answer)) < 20_000
    assert answer["annotations"][-1]["statusMessage"] == "and 380 more"


@pytest.mark.parametrize(
    "change, told",
    [
        ({"awsAccountId": "me"}, "`awsAccountId` is `me`"),
        ({"awsAccountId": None}, "`awsAccountId` is `None`"),
        ({"actionInvocationPoint": "IMPORT_PRE_PROVISION"}, "`actionInvocationPoint` is `IMPORT_PRE_PROVISION`"),
        ({"actionInvocationPoint": None}, "`actionInvocationPoint` is `None`"),
        ({"requestData": None}, sentence("request.requestdata_targetname_does")),
        ({"requestData": {"targetName": "AWS::ECR::Repository"}}, sentence("inventory.not_object")),
        (
            {
                "requestData": {
                    "targetName": "AWS::ECR::Repository",
                    "targetModel": {"resourceProperties": {}, "previousResourceProperties": "{}"},
                }
            },
            sentence("inventory.not_object_2"),
        ),
    ],
)
def test_a_malformed_request_is_not_fine(change: Json, told: str) -> None:
    answer = asked(load("repository-create-own") | change)
    assert outcome(answer) == BROKEN
    assert told in answer["message"]


@pytest.mark.parametrize("event", [{}, {"clientRequestToken": 1}])
def test_an_empty_request_is_not_fine(event: Json) -> None:
    answer = asked(event)
    assert outcome(answer) == BROKEN
    assert "clientRequestToken" not in answer


@pytest.mark.parametrize("kind", ["AWS::S3::Bucket", "AWS::ECR::Something", "AWS::ECR::Repository\n", ""])
@pytest.mark.parametrize("name", ["repository-create-own", "repository-delete"])
def test_an_unknown_type_is_not_fine(kind: str, name: str) -> None:
    event = load(name)
    event["requestData"]["targetName"] = kind
    answer = asked(event)
    assert outcome(answer) == BROKEN
    assert sentence("judging.not_type_version_judges") in answer["message"]


def test_a_callback_is_judged_like_the_first_call() -> None:
    again = {"requestContext": {"invocation": 3, "callbackContext": {"hookStatus": "SUCCESS"}}}
    assert outcome(asked(load("repository-create") | again)) == OPEN
    assert outcome(asked(load("repository-create-own") | again)) == FINE


def test_what_the_register_might_trust_is_never_fine_while_it_cannot_be_read() -> None:
    problem = sentence("live.trust_register_registers")
    answer = asked(load("repository-create"), problem=problem)
    assert outcome(answer) == BROKEN
    assert answer["message"].startswith(f"{problem}; MEDIUM: Python: account 222233334444 ")
    assert [one["annotationName"] for one in answer["annotations"]] == ["ecr-crossaccount-register", "account-read"]
    answer = asked(load("repository-create-own"), problem=problem)
    assert outcome(answer) == FINE
    assert [(one["status"], one["annotationName"]) for one in answer["annotations"]] == [
        ("PASSED", "ecr-crossaccount"),
        ("SKIPPED", "ecr-crossaccount-register"),
    ]


def test_the_organization_of_the_account_is_what_the_stack_says() -> None:
    policy = {
        "Statement": {
            "Effect": "Allow",
            "Principal": "*",
            "Action": "ecr:BatchGetImage",
            "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}},
        }
    }
    event = with_properties("repository-create", {"RepositoryPolicyText": policy})
    own = {"organization": "self"}
    assert outcome(asked(event, own, settings=Settings("eu-central-1", "o-a1b2c3d4e5"))) == FINE
    assert outcome(asked(event, own, settings=Settings("eu-central-1", "o-z9y8x7w6v5"))) == OPEN
    assert outcome(asked(event, own)) == OPEN


def test_a_registry_policy_and_a_creation_template_are_judged_as_check_does() -> None:
    assert outcome(asked(load("registry-policy-create"))) == OPEN
    assert outcome(asked(load("registry-policy-create"), {"account": "222233334444", "access": "WRITE"})) == FINE
    assert outcome(asked(load("registry-policy-update"))) == FINE
    assert outcome(asked(load("creation-template-create"))) == OPEN
    assert outcome(asked(load("creation-template-update"))) == FINE


@pytest.mark.parametrize(
    "element",
    [
        {"Action": "ecr-{{changeSet:KnownAfterApply}}:PutImage"},
        {"Action": "ECR-PUBLIC:{{changeSet:KnownAfterApply}}"},
        {"NotAction": "s3:{{changeSet:KnownAfterApply}}"},
    ],
    ids=["service", "capitals", "NotAction"],
)
def test_an_action_of_a_public_repository_that_is_known_afterwards_is_no_other_action(element: Json) -> None:
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", **element}]}
    event = with_properties("public-repository-create", {"RepositoryPolicyText": policy})
    assert outcome(asked(event)) == OPEN


def test_a_public_repository_is_judged_by_who_may_push() -> None:
    assert outcome(asked(load("public-repository-create"))) == OPEN
    assert outcome(asked(load("public-repository-create"), {"account": "222233334444", "access": "WRITE"})) == FINE


def test_a_registry_policy_without_its_policy_is_not_fine() -> None:
    assert outcome(asked(with_properties("registry-policy-create", {}))) == BROKEN


def test_types_of_ecr_that_let_nobody_in_may_be_deployed() -> None:
    event = with_properties("repository-create", {"ScanType": "BASIC"})
    event["requestData"]["targetName"] = "AWS::ECR::RegistryScanningConfiguration"
    assert outcome(asked(event)) == FINE


@pytest.mark.parametrize("name", NAMES)
def test_every_event_is_answered_within_the_limits(name: str) -> None:
    asked(load(name))


def test_what_a_policy_says_is_harmless_in_the_answer() -> None:
    policy = load("repository-create")["requestData"]["targetModel"]["resourceProperties"]["RepositoryPolicyText"]
    policy["Statement"][0]["Sid"] = "\x1b[31m\n<script>\u202e"
    assert outcome(asked(with_properties("repository-create", {"RepositoryPolicyText": policy}))) == OPEN


def test_replication_to_another_account_needs_trust() -> None:
    answer = asked(load("replication-create"))
    assert outcome(answer) == OPEN
    assert answer["message"].startswith(sentence("exchanges.medium_replication_account"))
    assert answer["annotations"][0]["remediationMessage"].startswith("remove that registry")
    assert outcome(asked(load("replication-create"), PARTNER)) == FINE
    assert outcome(asked(load("replication-update"), PARTNER)) == FINE


def test_a_cache_of_another_account_needs_trust_for_write() -> None:
    answer = asked(load("pull-through-cache-create"))
    assert outcome(answer) == OPEN
    assert answer["message"].startswith(sentence("exchanges.critical_vendor_account"))
    assert outcome(asked(load("pull-through-cache-create"), PARTNER | {"repositories": ["vendor/*"]})) == FINE
    assert outcome(asked(load("pull-through-cache-create"), PARTNER)) == OPEN


@pytest.mark.parametrize("name", ["replication-create", "pull-through-cache-create"])
def test_what_says_nothing_of_where_images_go_is_not_fine(name: str) -> None:
    assert outcome(asked(with_properties(name, {}))) == BROKEN


def allowing(**more: object) -> Json:
    return {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "ecr:BatchGetImage"} | more


def denying(**more: object) -> Json:
    return {"Effect": "Deny", "Principal": "*", "Action": "ecr:*"} | more


PARTNERS = allowing(Principal={"AWS": "222233334444"})


@pytest.mark.parametrize("mask", ["****", "*****", "********"])
@pytest.mark.parametrize(
    "statements",
    [
        lambda mask: [allowing(Principal=mask)],
        lambda mask: [allowing(Principal={"AWS": ["111122223333", mask]})],
        lambda mask: [allowing(Principal={"AWS": f"arn:aws:iam::{mask}:root"})],
        lambda mask: [allowing(Principal={"Service": mask})],
        lambda mask: [allowing(Principal="*", Condition={"StringEquals": {"aws:PrincipalOrgID": mask}})],
        lambda mask: [allowing(Principal="*", Condition={"StringEquals": {"aws:PrincipalOrgID": f"o-{mask}"}})],
        lambda mask: [allowing(Principal="*", Condition={"StringEquals": {"aws:PrincipalTag/team": mask}})],
        lambda mask: [allowing(Principal="*", Condition={mask: {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}})],
        lambda mask: [PARTNERS | {"Effect": mask}],
        lambda mask: [PARTNERS, denying(Action=mask)],
        lambda mask: [PARTNERS, denying(Principal={"AWS": mask})],
        lambda mask: [PARTNERS, denying(Condition={"StringLike": {"aws:PrincipalAccount": mask}})],
        lambda mask: [PARTNERS, denying(Condition={"StringNotEquals": {"aws:PrincipalTag/team": mask}})],
    ],
)
@pytest.mark.parametrize("written", [lambda policy: policy, json.dumps])
def test_what_cloudformation_hides_may_be_anything(
    statements: Callable[[str], list[Json]], mask: str, written: Callable[[object], object]
) -> None:
    policy = written({"Version": "2012-10-17", "Statement": statements(mask)})
    answer = asked(with_properties("repository-create", {"RepositoryPolicyText": policy}))
    assert outcome(answer) == OPEN
    for one in answer["annotations"]:
        assert "****" not in one["remediationMessage"]


def test_what_cloudformation_hides_is_called_so() -> None:
    policy = {"Version": "2012-10-17", "Statement": [allowing(Principal={"AWS": "****"})]}
    told = asked(with_properties("repository-create", {"RepositoryPolicyText": policy}))["message"]
    assert told.endswith(sentence("judging.depends_unknown_values"))
    assert outcome(asked(with_properties("repository-create", {"RepositoryPolicyText": "****"}))) == OPEN


def test_what_holds_whatever_is_hidden_is_decided() -> None:
    allowed = allowing(Condition={"StringEquals": {"aws:PrincipalTag/team": "****"}})
    policy = {"Version": "2012-10-17", "Statement": [allowed]}
    assert outcome(asked(with_properties("repository-create", {"RepositoryPolicyText": policy}))) == FINE
    named = {"RepositoryName": "team/****", "RepositoryPolicyText": policy | {"Statement": [PARTNERS]}}
    assert outcome(asked(with_properties("repository-create", named), PARTNER | {"repositories": ["base/*"]})) == OPEN
    assert outcome(asked(with_properties("repository-create", named), PARTNER | {"repositories": ["team/*"]})) == FINE


def test_wildcards_that_somebody_writes_are_wildcards() -> None:
    policy = {"Version": "2012-10-17", "Statement": [PARTNERS, denying(Principal="*", Action="ecr:***")]}
    assert outcome(asked(with_properties("repository-create", {"RepositoryPolicyText": policy}))) == FINE


@pytest.mark.parametrize(
    "name, properties",
    [
        ("replication-create", {"Rules": [{"Destinations": [{"Region": "eu-west-1", "RegistryId": "****"}]}]}),
        ("replication-create", "****"),
        ("pull-through-cache-create", "****.dkr.ecr.eu-central-1.amazonaws.com"),
        ("pull-through-cache-create", "****"),
    ],
)
def test_a_registry_that_cloudformation_hides_may_be_anybodys(name: str, properties: object) -> None:
    field = "ReplicationConfiguration" if name.startswith("replication") else "UpstreamRegistryUrl"
    described = {field: properties, "EcrRepositoryPrefix": "p", "UpstreamRegistry": "ecr"}
    assert outcome(asked(with_properties(name, described))) == OPEN


@pytest.mark.parametrize("depth", [300, 20_000])
def test_properties_that_nobody_can_read_are_not_fine(depth: int) -> None:
    deep: object = "x"
    for _ in range(depth):
        deep = [deep]
    event = with_properties("repository-create", {"RepositoryPolicyText": deep})
    answer = evaluate(event, SETTINGS, TrustNow(trust()))
    assert outcome(answer) == BROKEN
    assert "the properties of Python cannot be read" in str(answer["message"])


@pytest.mark.parametrize("text", ["\ud800", "a\udfffb"])
def test_half_a_character_is_not_fine_and_is_not_repeated(text: str) -> None:
    statement = PARTNERS | {"Sid": text, "Condition": {"StringEquals": {text: text}}}
    answer = asked(with_properties("repository-create", {"RepositoryPolicyText": {"Statement": [statement]}}))
    assert answer["hookStatus"] == "FAILED"
    json.dumps(answer, ensure_ascii=False).encode()
    event = load("repository-create") | {"awsAccountId": text, "actionInvocationPoint": text}
    event["requestData"]["targetName"] = event["requestData"]["targetLogicalId"] = text
    json.dumps(asked(event), ensure_ascii=False).encode()


@pytest.mark.parametrize("kind", ["STACK", "CHANGESET", "RESOURCE", "", None, 7, ["CHANGE_SET"]])
def test_a_target_without_properties_is_not_fine_whatever_its_type_is_called(kind: object) -> None:
    event = load("change-set-create")
    event["requestData"]["targetType"] = kind
    assert outcome(asked(event)) == BROKEN
    event = load("repository-create")
    event["requestData"]["targetType"] = kind
    assert outcome(asked(event)) == OPEN


@pytest.mark.parametrize(
    "model", [None, [], "", {}, {"resourceProperties": None}, {"resourceProperties": ""}, {"resourceProperties": []}]
)
@pytest.mark.parametrize(
    "name", [name for name in NAMES if name.endswith(("-create", "-update")) and "change" not in name]
)
def test_a_resource_that_is_not_described_is_not_fine(name: str, model: object) -> None:
    event = load(name)
    event["requestData"]["targetModel"] = model
    assert outcome(asked(event)) == BROKEN


def parts_of(value: object, *above: object) -> Iterator[tuple[object, ...]]:
    """Yield the path of every part of a value, as names and numbers."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, one in pairs:
        yield (*above, name)
        yield from parts_of(one, *above, name)


def with_part(value: Any, place: tuple[object, ...], *new: object) -> Json:  # noqa: ANN401 - JSON
    """Return a value with a part replaced or removed."""
    changed: Any = json.loads(json.dumps(value))
    *above, last = place
    inner = changed
    for name in above:
        inner = inner[name]
    if new:
        (inner[last],) = new
    else:
        del inner[last]
    found: Json = changed
    return found


NOT_FINE = [name for name in NAMES if "change" not in name and asked(load(name))["hookStatus"] == "FAILED"]
DESCRIBED = ("requestData", "targetModel", "resourceProperties")


ODD: tuple[tuple[object, ...], ...] = ((), (None,), ("",), ([],), ({},), (0,), (True,), ("x",))
"""Replacements for a part. () removes it."""
ODDER: tuple[tuple[object, ...], ...] = ((1e300,), ({"Fn::If": []},), ({"Ref": ""},), ("{{changeSet:}}",))


def answered(event: Json) -> str:
    return str(evaluate(event, SETTINGS, TrustNow(trust()))["hookStatus"])


@pytest.mark.parametrize("name", NOT_FINE)
def test_no_part_that_is_hidden_makes_a_request_fine(name: str) -> None:
    event = load(name)
    for place in parts_of(event):
        assert answered(with_part(event, place, "****")) == "FAILED", place


@pytest.mark.parametrize("name", NOT_FINE)
def test_no_part_around_the_properties_that_is_missing_or_odd_makes_a_request_fine(name: str) -> None:
    event = load(name)
    for place in parts_of(event):
        for odd in ODD if place[:3] != DESCRIBED else ():
            assert answered(with_part(event, place, *odd)) == "FAILED", (place, odd)


@pytest.mark.parametrize("name", NOT_FINE)
def test_a_request_is_answered_whatever_stands_in_a_part_of_the_properties(name: str) -> None:
    event = load(name)
    for place in parts_of(event):
        for odd in (*ODD, *ODDER) if place[:3] == DESCRIBED else ():
            assert answered(with_part(event, place, *odd))
