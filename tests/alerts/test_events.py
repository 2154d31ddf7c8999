"""Real records, from EventBridge's pattern to the message in the topic."""

from __future__ import annotations

import json
import shlex
import subprocess
from typing import Any

import pytest
from ecr_crossaccount import Origin, Repository, Severity, Trust, judge
from ecr_crossaccount.errors import AwsError
from ecr_crossaccount.products.alerts.alert import Alert, Closing, Finding, message_of
from ecr_crossaccount.products.alerts.memory import Memory
from ecr_crossaccount.products.alerts.record import Record
from ecr_crossaccount.sources.aws.errors import AccountNotServedError, EventError

from tests.alerts.conftest import Cloud, Context
from tests.events.cloudtrail import NAMES, OWNER, delivered, record, with_policy
from tests.wording import sentence

TOLD = sentence("function.already_reported_reported")
PULL = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]


def allow(principal: object, *actions: str, **more: object) -> dict[str, object]:
    return {"Effect": "Allow", "Principal": principal, "Action": list(actions or PULL), **more}


def policy(*statements: object) -> dict[str, object]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def account(number: str) -> dict[str, str]:
    return {"AWS": f"arn:aws:iam::{number}:root"}


def set_policy(*statements: object, at: str = "09:00:00", event: str = "", **fields: object) -> dict[str, Any]:
    """Return the event of a policy that is set on `team/base`. By default, the id is made from the time."""
    time = f"2026-11-27T{at}Z"
    return with_policy(
        "set-policy-public", policy(*statements), eventTime=time, eventID=event or f"set-at-{at}", **fields
    )


def test_a_policy_that_opens_a_repository_is_told_with_who_what_and_how_to_close_it(cloud: Cloud) -> None:
    assert cloud.handle(delivered("set-policy-public")) == {"sent": 1}
    (sent,) = cloud.sent()
    assert sent.subject == "HIGH ECR 111122223333 eu-central-1: repository opened: team/base"
    assert sent.attributes == {"severity": "HIGH", "account": OWNER, "call": "SetRepositoryPolicy"}
    for told in (
        "any AWS account can pull",
        sentence("alert.request_allowed_ecr"),
        "identity: `arn:aws:sts::111122223333:assumed-role/Deployer/pipeline`",
        "source address: `203.0.113.12`",
        "user agent: `aws-cli/2.31.0",
        "call: SetRepositoryPolicy at 2026-11-27T09:00:00Z, event `11111111-0000-4000-8000-000000000001`",
        "https://eu-central-1.console.aws.amazon.com/ecr/repositories/private/111122223333/team/base?region=eu-central-1",
        "aws ecr set-repository-policy --region eu-central-1 --registry-id 111122223333 --repository-name team/base",
    ):
        assert told in sent.email
    assert sent.json["findings"][0]["witness"]["context"]["aws:PrincipalAccount"] == "999988887777"
    assert sent.json["caller"]["userAgent"] == record("set-policy-public")["userAgent"]


def test_the_command_is_one_for_a_shell_and_what_it_sets_is_compliant(cloud: Cloud) -> None:
    cloud.handle(set_policy(allow("*", Sid="it's $(touch x) `x`"), allow(account(OWNER))))
    command = cloud.last().json["command"]
    ran = subprocess.run(
        ["bash", "-c", f"aws() {{ printf '%s\\0' \"$@\"; }}; {command}"], capture_output=True, check=True, text=True
    )
    arguments = ran.stdout.split("\0")[:-1]
    assert arguments[:2] == ["ecr", "set-repository-policy"]
    options = dict(zip(arguments[2::2], arguments[3::2], strict=True))
    verdict = judge(options["--policy-text"], Repository(OWNER), Trust.nobody(), Origin.PROPOSED)
    assert verdict.compliance.value == "COMPLIANT"
    assert command.isascii()
    assert command.isprintable()
    assert shlex.split(command) == ["aws", *arguments]


@pytest.mark.parametrize("name", NAMES)
def test_every_record_is_answered_or_refused(cloud: Cloud, name: str) -> None:
    cloud.writes = "All"
    told = {
        "create-cache": 1,
        "create-template": 1,
        "delete-images-from-outside": 1,
        "put-image-from-outside": 1,
        "put-registry-policy": 1,
        "put-replication": 1,
        "replicate-image-by-service": 1,
        "set-policy-by-cloudformation": 1,
        "set-policy-china": 1,
        "set-policy-from-outside": 2,
        "set-policy-govcloud": 1,
        "set-policy-partner": 1,
        "set-policy-public": 1,
        "set-public-policy": 1,
        "start-backfill": 1,
    }
    if name == "set-policy-callers-copy":
        cloud.context = Context(f"arn:aws:lambda:eu-central-1:{record(name)['recipientAccountId']}:function:alerts")
    if name == "update-template-description":
        cloud.stub("ecr", "describe_repository_creation_templates", {"repositoryCreationTemplates": []})
    cloud.handle(delivered(name))
    assert len(cloud.sent()) == told.get(name, 0)


@pytest.mark.parametrize("name", ["set-policy-failed", "set-policy-denied"])
def test_a_call_that_failed_is_no_alarm(cloud: Cloud, name: str) -> None:
    assert cloud.handle(delivered(name)) == {"passedOver": "the call failed"}


def test_the_callers_record_is_left_to_the_owners_account(cloud: Cloud) -> None:
    with pytest.raises(AccountNotServedError):
        cloud.handle(delivered("set-policy-callers-copy"))
    cloud.context = Context("arn:aws:lambda:eu-central-1:999988887777:function:alerts")
    assert "recorded for the caller" in str(cloud.handle(delivered("set-policy-callers-copy"))["passedOver"])


def test_in_china_and_govcloud_commands_and_links_are_theirs(cloud: Cloud) -> None:
    cloud.handle(delivered("set-policy-china"))
    assert "--region cn-north-1" in cloud.last().json["command"]
    assert cloud.last().json["link"].startswith("https://cn-north-1.console.amazonaws.cn/ecr/")
    assert cloud.last().json["findings"][0]["witness"]["principal"].startswith("arn:aws-cn:iam::222233334444:")
    cloud.handle(delivered("set-policy-govcloud"))
    assert cloud.last().json["link"].startswith("https://us-gov-west-1.console.amazonaws-us-gov.com/ecr/")


# --- new or worse ---


def test_the_same_access_again_is_told_once(cloud: Cloud) -> None:
    cloud.handle(set_policy(allow(account("222233334444"))))
    again = set_policy(allow(account("222233334444"), "ecr:BatchGetImage", Sid="Other"), at="09:05:00")
    assert cloud.handle(again) == {"sent": 0}
    assert len(cloud.sent()) == 1


def test_more_access_of_the_same_account_is_told(cloud: Cloud) -> None:
    cloud.handle(set_policy(allow(account("222233334444"))))
    cloud.handle(set_policy(allow(account("222233334444"), *PULL, "ecr:PutImage"), at="09:05:00"))
    sent = cloud.last()
    assert [one["severity"] for one in sent.json["findings"]] == ["CRITICAL"]
    assert sent.json["because"] == sentence("alert.previous_policy_did")


def test_what_is_closed_and_opened_again_is_told_again(cloud: Cloud) -> None:
    for minute, statement in enumerate([allow("*"), allow(account(OWNER)), allow("*")]):
        cloud.handle(set_policy(statement, at=f"09:0{minute}:00"))
    assert len(cloud.sent()) == 2


@pytest.mark.parametrize("call", ["delete-policy", "delete-repository", "create-repository"])
def test_what_is_deleted_and_opened_again_is_told_again(cloud: Cloud, call: str) -> None:
    cloud.handle(set_policy(allow("*")))
    cloud.handle(delivered(call, eventTime="2026-11-27T09:01:00Z"))
    cloud.handle(set_policy(allow("*"), at="09:02:00"))
    assert len(cloud.sent()) == 2


def test_where_nobody_knows_what_was_there_before_everything_is_told(cloud: Cloud) -> None:
    cloud.handle(set_policy(allow(account("222233334444"))))
    assert cloud.last().json["because"].startswith(sentence("alert.before_not_known"))


def test_a_repository_and_its_policy_made_in_one_second_are_in_order(cloud: Cloud) -> None:
    cloud.handle(set_policy(allow("*")))
    cloud.handle(delivered("create-repository"))
    assert cloud.handle(set_policy(allow("*"), at="09:05:00")) == {"sent": 0}


def test_trust_is_not_told(cloud: Cloud) -> None:
    cloud.lists = {"trustedOrganizations": "none", "trustedAccounts": "222233334444"}
    assert cloud.handle(delivered("set-policy-partner")) == {"sent": 0}


# --- order and deliveries ---


def test_a_second_delivery_of_an_event_is_told_once(cloud: Cloud) -> None:
    cloud.handle(delivered("set-policy-public"))
    assert cloud.handle(delivered("set-policy-public")) == {"passedOver": TOLD}
    assert len(cloud.sent()) == 1


def test_an_attempt_that_fails_leaves_the_alarm_to_the_next_one(cloud: Cloud) -> None:
    alerts = cloud.alerts()
    cloud.fail("sns", "publish", "InternalFailure")
    with pytest.raises(Exception, match="InternalFailure"):
        alerts.handle(delivered("set-policy-public"), cloud.context)
    assert cloud.handle(delivered("set-policy-public")) == {"passedOver": TOLD}
    cloud.mend()
    cloud.later(minutes=1)
    assert cloud.handle(delivered("set-policy-public")) == {"sent": 1}


def test_an_answer_that_does_not_say_that_the_alarm_was_taken_leaves_it_to_the_next_attempt(cloud: Cloud) -> None:
    cloud.alerts()
    cloud.stub("sns", "publish", {})
    with pytest.raises(AwsError, match="has no `MessageId`"):
        cloud.handle(delivered("set-policy-public"))
    cloud.mend()
    cloud.later(minutes=1)
    assert cloud.handle(delivered("set-policy-public")) == {"sent": 1}


def test_an_attempt_that_fails_after_its_alarm_does_not_hide_the_next_change(cloud: Cloud) -> None:
    cloud.alerts()
    cloud.fail("dynamodb", "put_item", "InternalServerError", after=1)
    with pytest.raises(Exception, match="InternalServerError"):
        cloud.handle(set_policy(allow("*")))
    cloud.mend()
    cloud.later(minutes=1)
    cloud.handle(set_policy(allow("*")))
    assert len(cloud.sent()) == 2  # at least once
    assert cloud.handle(set_policy(allow("*"), at="09:05:00")) == {"sent": 0}


def test_an_event_that_comes_late_is_judged_and_the_later_policy_again(cloud: Cloud) -> None:
    cloud.handle(set_policy(allow("*"), at="09:00:00"))
    cloud.handle(set_policy(allow("*"), at="09:02:00"))
    assert len(cloud.sent()) == 1
    # In between, it was closed to all accounts except one, so what was open afterwards was new.
    cloud.handle(set_policy(allow(account("222233334444")), at="09:01:00"))
    reasons = [one["reason"] for one in cloud.last().json["findings"]]
    assert any(reason.startswith("any AWS account") for reason in reasons)
    assert any(reason.startswith("account 222233334444") for reason in reasons)
    assert "did not arrive in order" in cloud.last().email


def test_two_changes_in_one_second_leave_it_open_which_is_there(cloud: Cloud) -> None:
    cloud.handle(set_policy(allow("*"), event="first"))
    cloud.handle(set_policy(allow(account(OWNER)), event="second"))
    cloud.handle(set_policy(allow("*"), at="09:05:00"))
    assert len(cloud.sent()) == 3


def test_a_change_that_another_invocation_remembers_first_is_compared_with_it(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud.handle(set_policy(allow("*"), at="09:00:00"))
    last = Memory.last
    behind = [set_policy(allow(account(OWNER)), at="09:01:00")]

    def overtaken(memory: Memory, key: str) -> object:
        found = last(memory, key)
        if behind:
            cloud.handle(behind.pop())
        return found

    monkeypatch.setattr(Memory, "last", overtaken)
    cloud.handle(set_policy(allow("*"), at="09:02:00"))
    assert len(cloud.sent()) == 2


def test_a_policy_that_changes_all_the_time_is_an_error_and_lambda_tries_again(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    last = Memory.last
    behind = [set_policy(allow(account(OWNER)), at=f"09:0{minute}:00") for minute in (3, 2, 1)]

    def overtaken(memory: Memory, key: str) -> object:
        found = last(memory, key)
        if behind:
            with monkeypatch.context() as calm:
                calm.setattr(Memory, "last", last)
                cloud.handle(behind.pop())
        return found

    monkeypatch.setattr(Memory, "last", overtaken)
    with pytest.raises(AwsError, match="changes too fast"):
        cloud.handle(set_policy(allow("*"), at="09:05:00"))
    cloud.later(minutes=1)
    assert cloud.handle(set_policy(allow("*"), at="09:05:00")) == {"sent": 1}


def test_an_attempt_that_fails_at_its_very_end_is_told_once(cloud: Cloud) -> None:
    cloud.alerts()
    cloud.fail("dynamodb", "put_item", "InternalServerError", after=2)
    with pytest.raises(Exception, match="InternalServerError"):
        cloud.handle(set_policy(allow("*")))
    cloud.mend()
    cloud.later(minutes=1)
    assert cloud.handle(set_policy(allow("*"))) == {"sent": 0}
    assert len(cloud.sent()) == 1


# --- what the record does not have ---


def test_a_policy_that_cloudtrail_left_out_is_read_from_ecr(cloud: Cloud) -> None:
    cloud.client("ecr").create_repository(repositoryName="team/base")
    text = json.dumps(policy(allow("*")))
    cloud.client("ecr").set_repository_policy(repositoryName="team/base", policyText=text)
    cloud.handle(delivered("set-policy-omitted"))
    assert cloud.last().subject.startswith("HIGH")


def test_a_text_that_is_no_policy_is_not_taken_for_one(cloud: Cloud) -> None:
    hidden = {"repositoryName": "team/base", "policyText": "HIDDEN_DUE_TO_SECURITY_REASONS"}
    cloud.client("ecr").create_repository(repositoryName="team/base")
    text = json.dumps(policy(allow("*")))
    cloud.client("ecr").set_repository_policy(repositoryName="team/base", policyText=text)
    cloud.handle(delivered("set-policy-public", requestParameters=hidden, responseElements=hidden))
    assert "any AWS account can pull" in cloud.last().email


def test_a_policy_that_ecr_does_not_show_either_is_told(cloud: Cloud) -> None:
    cloud.fail("ecr", "get_repository_policy", "AccessDeniedException")
    cloud.handle(delivered("set-policy-omitted"))
    assert cloud.last().subject == "MEDIUM ECR 111122223333 eu-central-1: repository changed: team/base"
    assert sentence("function.undecided_cloudtrail_left") in cloud.last().email
    cloud.mend()
    cloud.handle(set_policy(allow("*"), at="09:05:00"))
    assert cloud.last().json["because"].startswith(sentence("alert.before_not_known"))


@pytest.mark.parametrize("missing", ["eventID", "eventName", "eventTime", "awsRegion", "eventSource"])
def test_a_record_that_does_not_say_what_it_is_about_is_an_error(cloud: Cloud, missing: str) -> None:
    with pytest.raises(EventError, match=missing):
        cloud.handle(delivered("set-policy-public", **{missing: ""}))


def test_a_record_that_names_no_repository_is_an_error(cloud: Cloud) -> None:
    with pytest.raises(EventError, match="names no repository"):
        cloud.handle(delivered("set-policy-omitted", resources=None))


def test_tags_are_read_where_a_policy_asks_for_them(cloud: Cloud) -> None:
    cloud.client("ecr").create_repository(repositoryName="team/base", tags=[{"Key": "share", "Value": "no"}])
    shared = {"StringEquals": {"ecr:ResourceTag/share": "yes"}}
    assert cloud.handle(set_policy(allow("*", Condition=shared))) == {"sent": 0}
    cloud.fail("ecr", "list_tags_for_resource", "AccessDeniedException")
    cloud.handle(set_policy(allow("*", Condition=shared), at="09:05:00", requestParameters=None))
    assert len(cloud.sent()) == 0
    cloud.handle(set_policy(allow("*", "ecr:PutImage", Condition=shared), at="09:06:00"))
    assert "undecided" in cloud.last().email


# --- writes from outside ---


def test_a_push_from_outside_is_told_with_account_role_repository_and_tag(cloud: Cloud) -> None:
    cloud.handle(delivered("put-image-from-outside"))
    sent = cloud.last()
    assert sent.subject == "CRITICAL ECR 111122223333 eu-central-1: PutImage from outside: team/base"
    (finding,) = sent.json["findings"]
    digest = record("put-image")["responseElements"]["image"]["imageId"]["imageDigest"]
    assert finding["reason"].startswith(
        f"account 999988887777 (not trusted with WRITE) called PutImage on latest@{digest}"
    )
    assert "identity: `AROAEXAMPLEID7654321:ci`" in sent.email
    assert sent.json["caller"]["account"] == "999988887777"


def test_pushes_of_the_same_account_within_an_hour_are_one_alarm(cloud: Cloud) -> None:
    for number in range(3):
        cloud.handle(delivered("put-image-from-outside", eventID=f"push-{number}"))
        cloud.later(minutes=20)
    assert len(cloud.sent()) == 1
    cloud.later(minutes=1)
    cloud.handle(delivered("put-image-from-outside", eventID="push-4"))
    assert len(cloud.sent()) == 2


@pytest.mark.parametrize("named", ["registryId", "resources"])
def test_what_the_owner_gets_of_somebody_else_is_about_the_owners_registry(cloud: Cloud, named: str) -> None:
    """A record of a service may name the source registry of the image."""
    event = delivered("replicate-image-by-service")
    detail = event["detail"]
    if named == "registryId":
        detail["requestParameters"]["registryId"] = "999988887777"
    else:
        del detail["requestParameters"]["registryId"]
        source = "arn:aws:ecr:eu-central-1:999988887777:repository/team/base"
        detail["resources"].insert(0, {"ARN": source, "accountId": "999988887777"})
    assert cloud.handle(event) == {"sent": 1}
    assert cloud.last().json["account"] == OWNER


@pytest.mark.parametrize("name", ["ARN", "arn"])
def test_a_repository_is_found_by_its_arn_under_either_name(cloud: Cloud, name: str) -> None:
    resources = [{name: f"arn:aws:ecr:eu-central-1:{OWNER}:repository/team/base"}]
    cloud.handle(delivered("put-image-from-outside", resources=resources, requestParameters={}, responseElements=None))
    assert cloud.last().subject.endswith("PutImage from outside: team/base")


def test_ecrs_word_on_whose_registry_it_is_counts_and_not_the_callers(cloud: Cloud) -> None:
    event = delivered("set-policy-public")
    event["detail"]["requestParameters"]["registryId"] = "999988887777"
    assert event["detail"]["responseElements"]["registryId"] == OWNER
    assert cloud.handle(event) == {"sent": 1}


def test_of_callers_without_an_account_each_is_told(cloud: Cloud) -> None:
    for number in range(2):
        user = {"type": "Unknown", "principalId": f"someone-{number}"}
        cloud.handle(delivered("put-image-from-outside", userIdentity=user, eventID=f"push-{number}"))
    assert len(cloud.sent()) == 2


def test_a_window_hides_neither_other_calls_nor_other_repositories_nor_other_accounts(cloud: Cloud) -> None:
    cloud.handle(delivered("put-image-from-outside"))
    cloud.handle(delivered("delete-images-from-outside"))
    push = record("put-image-from-outside")
    other = push["requestParameters"] | {"repositoryName": "team/other"}
    cloud.handle(delivered("put-image-from-outside", eventID="other", requestParameters=other, responseElements=None))
    someone = push["userIdentity"] | {"accountId": "444455556666"}
    cloud.handle(delivered("put-image-from-outside", eventID="account", userIdentity=someone))
    assert len(cloud.sent()) == 4


def test_a_push_of_a_trusted_account_is_logged_and_told_where_somebody_wants_it(
    cloud: Cloud, capsys: pytest.CaptureFixture[str]
) -> None:
    cloud.lists = {"trustedOrganizations": "none", "trustedWriteAccounts": "999988887777"}
    assert cloud.handle(delivered("put-image-from-outside")) == {"sent": 0}
    assert '"trust":"trusted"' in capsys.readouterr().out
    cloud.function, cloud.writes = None, "All"
    cloud.handle(delivered("put-image-from-outside", eventID="again"))
    assert cloud.last().subject.startswith("LOW")
    assert "(trusted with WRITE)" in cloud.last().email


def test_trust_to_read_is_no_trust_to_write(cloud: Cloud) -> None:
    cloud.lists = {"trustedOrganizations": "none", "trustedAccounts": "999988887777"}
    cloud.handle(delivered("put-image-from-outside"))
    assert "(not trusted with WRITE)" in cloud.last().email


def test_a_service_of_which_nobody_knows_for_whom_it_acts_is_told(cloud: Cloud) -> None:
    cloud.handle(delivered("replicate-image-by-service"))
    assert cloud.last().subject.startswith("MEDIUM")
    assert sentence("function.someone_account_not_recorded") in cloud.last().email


def test_the_owners_own_writes_are_not_told(cloud: Cloud) -> None:
    cloud.writes = "All"
    assert cloud.handle(delivered("put-image")) == {"sent": 0}
    assert cloud.handle(delivered("create-repository-by-replication")) == {"sent": 0}


# --- the register ---


def register(*entries: object) -> str:
    return json.dumps({"version": 1, "trust": list(entries)})


ORGANIZATION, CALLER = "o-a1b2c3d4e5", "999988887777"
BUILD = f"{ORGANIZATION}/r-ab12/ou-ab12-11111111/*"
IN_SSM = {"trustedOrganizations": "none", "trustRegister": "ssm:/trust"}


def test_whom_the_register_trusts_is_not_told(cloud: Cloud) -> None:
    cloud.lists = IN_SSM
    entries = ({"account": "222233334444"}, {"account": "999988887777", "access": "WRITE", "repositories": ["team/*"]})
    cloud.client("ssm").put_parameter(Name="/trust", Type="String", Value=register(*entries))
    assert cloud.handle(delivered("set-policy-partner")) == {"sent": 0}
    assert cloud.handle(delivered("put-image-from-outside")) == {"sent": 0}
    assert cloud.handle(delivered("set-policy-from-outside", eventTime="2026-11-27T09:05:00Z")) == {"sent": 2}


def put(cloud: Cloud, key: str, value: object) -> None:
    place: Any = {"LocationConstraint": "eu-central-1"}
    if not cloud.client("s3").list_buckets()["Buckets"]:
        cloud.client("s3").create_bucket(Bucket="register", CreateBucketConfiguration=place)
    cloud.client("s3").put_object(Bucket="register", Key=key, Body=json.dumps(value).encode())


@pytest.mark.parametrize(
    "listed, told", [(["999988887777"], "trusted"), (["222233334444"], "not trusted"), (None, None)]
)
def test_a_member_of_a_trusted_organization_is_trusted_where_the_members_are_known(
    cloud: Cloud, listed: list[str] | None, told: str | None
) -> None:
    cloud.writes = "All"
    organization = "o-a1b2c3d4e5"
    entry = {"organization": organization, "members": True, "access": "WRITE"}
    put(cloud, "trust.json", {"version": 1, "trust": [entry]})
    cloud.lists = {
        "trustedOrganizations": "none",
        "trustRegister": "s3://register/trust.json",
        "trustMembers": "s3://register/members.json",
    }
    if listed is None:
        cloud.handle(delivered("put-image-from-outside"))
        assert "trust register not read" in cloud.sent()[0].subject
        assert sentence("register.list_members_cannot") in cloud.last().email
        return
    accounts = [{"account": one} for one in listed]
    members = {"version": 1, "organization": organization, "listed": "2026-11-27T08:00:00Z", "accounts": accounts}
    put(cloud, "members.json", members)
    cloud.handle(delivered("put-image-from-outside"))
    assert f"({told} with WRITE)" in cloud.last().email
    assert cloud.last().subject.startswith("LOW" if told == "trusted" else "CRITICAL")


@pytest.mark.parametrize(
    "entry, listed, told",
    [
        ({"organization": ORGANIZATION}, {"account": CALLER}, "trusted"),
        ({"organization": ORGANIZATION}, {"account": "222233334444"}, "not trusted"),
        ({"organization": "o-zzzzzzzzzz"}, {"account": "222233334444"}, "not known to be trusted"),
        ({"organization_path": BUILD}, {"account": CALLER, "path": BUILD.removesuffix("*")}, "trusted"),
        ({"organization_path": BUILD}, {"account": CALLER, "path": f"{ORGANIZATION}/r-ab12/"}, "not trusted"),
        ({"organization_path": BUILD}, {"account": CALLER}, "not known to be trusted"),
        ({"organization_path": BUILD}, {"account": "222233334444"}, "not trusted"),
    ],
)
def test_a_fresh_list_says_who_is_no_member(
    cloud: Cloud, entry: dict[str, str], listed: dict[str, str], told: str
) -> None:
    """An account that is missing in the list is a stranger, also for an entry that does not ask for members."""
    cloud.writes = "All"
    asking = {"organization": ORGANIZATION, "members": True}
    put(cloud, "trust.json", {"version": 1, "trust": [asking, entry | {"access": "WRITE"}]})
    cloud.lists = {
        "trustedOrganizations": "none",
        "trustRegister": "s3://register/trust.json",
        "trustMembers": "s3://register/members.json",
    }
    members = {"version": 1, "organization": ORGANIZATION, "listed": "2026-11-27T08:00:00Z", "accounts": [listed]}
    put(cloud, "members.json", members)
    cloud.handle(delivered("put-image-from-outside"))
    assert f"({told} with WRITE)" in cloud.last().email


@pytest.mark.parametrize("call", ["DeletePullThroughCacheRule", "UpdatePullThroughCacheRule", "StartImageScan"])
def test_calls_of_outsiders_that_change_no_image_are_told_too(cloud: Cloud, call: str) -> None:
    request = {"registryId": "111122223333", "repositoryName": "team/base", "ecrRepositoryPrefix": "vendor"}
    cloud.handle(delivered("put-image-from-outside", eventName=call, requestParameters=request, responseElements=None))
    assert cloud.sent()[0].subject.startswith("CRITICAL")
    assert f"called {call}" in "".join(one.email for one in cloud.sent())


def test_a_register_that_changes_is_told_before_what_it_hides(cloud: Cloud) -> None:
    cloud.lists = IN_SSM

    def publish(*entries: object, published: str) -> None:
        body = json.dumps({"version": 1, "published": published, "trust": entries})
        cloud.client("ssm").put_parameter(Name="/trust", Type="String", Value=body, Overwrite=True)
        cloud.later(minutes=6)

    partner, caller = {"account": "222233334444"}, {"account": CALLER, "access": "WRITE", "repositories": ["team/*"]}
    publish(partner, published="2026-11-27T09:00:00Z")
    assert cloud.handle(delivered("set-policy-partner")) == {"sent": 0}
    publish(caller, published="2026-11-27T09:05:00Z")
    cloud.function = None  # a cold start
    assert cloud.handle(delivered("put-image-from-outside")) == {"sent": 1}
    (told,) = cloud.sent()
    assert told.subject == "HIGH ECR 111122223333 eu-central-1: trust register changed: team/base"
    assert "trust register changed: ssm:/trust opens 1, closes 1 approvals" in told.email
    assert "- HIGH: opens: WRITE by account 999988887777 on team/*" in told.email
    assert "- LOW: closes: READ by account 222233334444 on *" in told.email
    assert sentence("register_changed.need_not_one_who") in told.email
    publish(partner, published="2026-11-27T09:01:00Z")
    assert cloud.handle(delivered("put-image-from-outside", eventID="another")) == {"sent": 1}
    assert sentence("memory.older_than_one") in cloud.last().email


def test_a_register_that_cannot_be_read_is_told_once_and_trusts_nobody(cloud: Cloud) -> None:
    cloud.lists = IN_SSM
    assert cloud.handle(delivered("set-policy-partner")) == {"sent": 2}
    register_alarm, opening = cloud.sent()
    assert register_alarm.subject == sentence("function.medium_ecr_eu")
    assert "ParameterNotFound" in register_alarm.email
    assert "nobody is trusted by it" in opening.json["notes"][0]
    assert cloud.handle(delivered("put-image-from-outside")) == {"sent": 1}
    assert "nobody is trusted by it" in cloud.last().email
    cloud.later(minutes=61)
    assert cloud.handle(delivered("put-image")) == {"sent": 1}


@pytest.mark.parametrize("keep, alarms", [("2", 1), ("1", 2), ("0", 2)])
def test_the_last_version_that_could_be_read_counts_as_long_as_the_stack_says(
    cloud: Cloud, keep: str, alarms: int
) -> None:
    cloud.lists, cloud.keep = IN_SSM, keep
    partner = register({"account": "999988887777", "access": "WRITE"})
    cloud.client("ssm").put_parameter(Name="/trust", Type="String", Value=partner)
    assert cloud.handle(delivered("put-image-from-outside")) == {"sent": 0}
    cloud.client("ssm").delete_parameter(Name="/trust")
    cloud.later(minutes=90)
    later = delivered("put-image-from-outside", eventID="11111111-0000-4000-8000-00000000beef")
    # The register's own alarm, and one about the push because no one is trusted without the register.
    assert cloud.handle(later) == {"sent": alarms}


def test_an_organization_that_cannot_be_looked_up_trusts_nobody_and_the_alarm_says_so(cloud: Cloud) -> None:
    cloud.lists = {"trustedOrganizations": "self"}
    cloud.fail("organizations", "describe_organization", "AccessDeniedException")
    confined = {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}
    cloud.handle(set_policy(allow("*", Condition=confined)))
    assert "organizations:DescribeOrganization was refused" in cloud.last().json["notes"][0]


def test_members_of_the_owners_organization_are_no_news(cloud: Cloud) -> None:
    cloud.lists = {"trustedOrganizations": "self"}
    organization = cloud.client("organizations").create_organization(FeatureSet="ALL")["Organization"]["Id"]
    confined = {"StringEquals": {"aws:PrincipalOrgID": organization}}
    assert cloud.handle(set_policy(allow("*", Condition=confined))) == {"sent": 0}


def test_an_organization_that_the_owner_has_left_is_trusted_for_minutes_only(cloud: Cloud) -> None:
    cloud.lists = {"trustedOrganizations": "self"}
    organization = cloud.client("organizations").create_organization(FeatureSet="ALL")["Organization"]["Id"]
    confined = {"StringEquals": {"aws:PrincipalOrgID": organization}}
    assert cloud.handle(set_policy(allow("*", Condition=confined))) == {"sent": 0}
    cloud.client("organizations").delete_organization()
    cloud.later(minutes=6)
    assert cloud.handle(set_policy(allow("*", "ecr:PutImage", Condition=confined), at="09:07:00")) == {"sent": 1}


# --- hostile text ---


def test_what_the_caller_wrote_moves_no_terminal_and_becomes_no_link(cloud: Cloud) -> None:
    user = record("set-policy-public")["userIdentity"] | {"arn": "arn:aws:sts::1:assumed-role/a/\u202egnihton"}
    agent = (
        "\x1b]0;x\x07 fixed! see https://evil.example/www.evil.example WWW.EVIL.example `\r\n\r\nAll is well."
        + "A" * 9_000
    )
    cloud.handle(
        set_policy(
            allow("*", Sid="\x1b[31m\u202e https://evil.example"),
            userIdentity=user,
            userAgent=agent,
            sourceIPAddress="\n",
        )
    )
    sent = cloud.last()
    assert sent.email.isascii()
    assert all(line.isprintable() for line in sent.email.splitlines())
    above = sent.email.partition("Look at it: ")[0]
    assert "https://" not in above
    assert "www.evil" not in above.lower()
    assert "\nAll is well" not in sent.email
    assert len(above) < 4_000
    assert sent.subject.isascii()
    assert sent.subject.isprintable()
    assert len(sent.subject) <= 100


def test_a_message_is_never_too_large_for_sns(cloud: Cloud) -> None:
    many = [allow(account(f"{222233330000 + number}"), "ecr:*", Sid="x" * 40) for number in range(400)]
    cloud.handle(set_policy(*many))
    sent = cloud.last()
    assert len(sent.json["findings"]) + sent.json["leftOut"] == 400
    assert sent.json["leftOut"] > 0
    assert f"and {400 - 10} more" in sent.email


def test_a_command_that_is_too_long_for_a_message_is_left_out() -> None:
    finding = Finding(Severity.HIGH, "someone gets in")
    event = Record.parse(delivered("set-policy-public"))
    alert = Alert(
        Severity.HIGH, "opened", "it", event, (finding,), "it is new", closing=Closing("x" * 300_000, "closes")
    )
    body = json.loads(message_of(alert))
    assert "Close it" not in body["email"]
    assert json.loads(body["default"])["command"] is None
    assert json.loads(body["default"])["findings"] == [{"severity": "HIGH", "reason": "someone gets in"}]
