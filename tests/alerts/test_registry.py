"""The registry: its policy, removed Denies, and the exchange of images with other registries."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.alerts.conftest import Cloud
from tests.alerts.test_events import PULL, account, allow, policy, set_policy
from tests.events.cloudtrail import OWNER, delivered, record, with_policy
from tests.wording import sentence

ARN = f"arn:aws:ecr:eu-central-1:{OWNER}:repository/"
FENCE = {
    "Sid": "OnlyTheOwner",
    "Effect": "Deny",
    "Principal": "*",
    "Action": "ecr:*",
    "Resource": "*",
    "Condition": {"StringNotEquals": {"aws:PrincipalAccount": OWNER}},
}
NOT_PARTNER = {"Effect": "Deny", "Principal": account("222233334444"), "Action": "ecr:*"}


def registry(*statements: object, at: str = "09:00:00") -> dict[str, Any]:
    time = f"2026-11-27T{at}Z"
    return with_policy("put-registry-policy", policy(*statements), eventTime=time, eventID=f"registry-at-{at}")


def put_registry(cloud: Cloud, *statements: object) -> None:
    """Set the registry policy. moto accepts only what version 1 of registry policies allows."""
    cloud.stub("ecr", "get_registry_policy", {"registryId": OWNER, "policyText": json.dumps(policy(*statements))})


def replication(*rules: object, at: str = "09:00:00") -> dict[str, Any]:
    found = {"replicationConfiguration": {"rules": list(rules)}}
    return delivered(
        "put-replication",
        requestParameters=found,
        responseElements=found,
        eventTime=f"2026-11-27T{at}Z",
        eventID=f"replication-at-{at}",
    )


def rule(number: str, prefix: str = "", **more: object) -> dict[str, object]:
    filters = {"repositoryFilters": [{"filter": prefix, "filterType": "PREFIX_MATCH"}]} if prefix else {}
    return {"destinations": [{"region": "eu-west-1", "registryId": number}], **filters, **more}


def reasons(cloud: Cloud) -> list[str]:
    return [one["reason"] for one in cloud.last().json["findings"]]


# --- Denies that stay ---


def scope(cloud: Cloud, value: str) -> None:
    cloud.stub("ecr", "get_account_setting", {"name": "REGISTRY_POLICY_SCOPE", "value": value})


def severities(cloud: Cloud) -> set[str]:
    return {one["severity"] for one in cloud.last().json["findings"]}


def test_what_the_registry_denies_is_told_as_closed_for_now(cloud: Cloud) -> None:
    put_registry(cloud, FENCE)
    scope(cloud, "V2")
    assert cloud.handle(set_policy(allow("*"))) == {"sent": 1}
    assert severities(cloud) == {"LOW"}
    assert all(one.startswith(sentence("alert.closed_now_deny")) for one in reasons(cloud))


@pytest.mark.parametrize("value", ["V1", "V3"])
def test_where_the_scope_leaves_it_open_it_is_told_as_open(cloud: Cloud, value: str) -> None:
    put_registry(cloud, FENCE)
    scope(cloud, value)
    assert cloud.handle(set_policy(allow("*"))) == {"sent": 1}
    assert "HIGH" in severities(cloud)


@pytest.mark.parametrize("operation", ["get_registry_policy", "get_account_setting"])
def test_a_registry_that_may_not_be_read_closes_nothing(cloud: Cloud, operation: str) -> None:
    put_registry(cloud, FENCE)
    scope(cloud, "V2")
    cloud.fail("ecr", operation, "AccessDeniedException")
    assert cloud.handle(set_policy(allow("*"))) == {"sent": 1}
    assert "HIGH" in severities(cloud)


def test_where_the_scope_cannot_be_asked_for_lambda_tries_again(cloud: Cloud) -> None:
    put_registry(cloud, FENCE)
    cloud.fail("ecr", "get_account_setting", "ServerException")
    with pytest.raises(ClientError):
        cloud.handle(set_policy(allow("*")))


@pytest.mark.parametrize(
    "deny",
    [
        NOT_PARTNER | {"Resource": "*"},
        FENCE | {"Resource": f"{ARN}other"},
        FENCE | {"Action": "ecr:PutImage"},
        {**allow(account(OWNER)), "Resource": "*"},
    ],
    ids=["another", "elsewhere", "another-action", "no-deny"],
)
def test_a_deny_that_does_not_close_it_changes_nothing(cloud: Cloud, deny: dict[str, Any]) -> None:
    put_registry(cloud, deny)
    scope(cloud, "V2")
    assert cloud.handle(set_policy(allow("*"))) == {"sent": 1}
    assert "HIGH" in severities(cloud)


def test_a_deny_that_iam_would_not_accept_leaves_it_undecided(cloud: Cloud) -> None:
    put_registry(cloud, {name: value for name, value in FENCE.items() if name != "Resource"})
    assert cloud.handle(set_policy(allow("*"))) == {"sent": 1}
    assert severities(cloud) == {"MEDIUM"}
    assert "has no Resource" in reasons(cloud)[0]


def test_of_what_the_registry_denies_in_part_the_rest_is_told(cloud: Cloud) -> None:
    put_registry(cloud, FENCE | {"Action": "ecr:PutImage"})
    scope(cloud, "V2")
    both = allow(account("222233334444")) | {"Action": ["ecr:BatchGetImage", "ecr:PutImage"]}
    assert cloud.handle(set_policy(both)) == {"sent": 1}
    (finding,) = cloud.last().json["findings"]
    assert (finding["severity"], finding["access"]) == ("MEDIUM", ["READ"])


# --- Denies that are removed ---


def test_a_registry_that_denies_less_is_told_though_it_allows_nothing(cloud: Cloud) -> None:
    assert cloud.handle(registry(FENCE)) == {"sent": 0}
    assert cloud.handle(registry(at="09:05:00")) == {"sent": 1}
    (reason,) = reasons(cloud)
    assert reason.startswith("undecided: ")
    assert reason.endswith("statement `OnlyTheOwner` (Deny) of the old policy stops it")


def test_a_registry_policy_that_is_deleted_is_known_from_the_answer(cloud: Cloud) -> None:
    fenced = record("delete-registry-policy")["responseElements"] | {"policyText": json.dumps(policy(FENCE))}
    assert cloud.handle(delivered("delete-registry-policy", responseElements=fenced)) == {"sent": 1}
    assert cloud.last().json["command"].startswith("aws ecr put-registry-policy --region eu-central-1 --policy-text '{")
    assert cloud.handle(delivered("delete-registry-policy", eventID="none", eventTime="2026-11-27T09:05:00Z")) == {
        "sent": 0
    }


def test_a_registry_that_still_keeps_everybody_out_is_not_told(cloud: Cloud) -> None:
    assert cloud.handle(registry(FENCE, {**NOT_PARTNER, "Resource": "*"})) == {"sent": 0}
    assert cloud.handle(registry({**FENCE, "Sid": "Renamed"}, at="09:05:00")) == {"sent": 0}


def test_a_repository_whose_deny_goes_is_told_whom_the_registry_lets_in(cloud: Cloud) -> None:
    put_registry(cloud, {**allow(account("222233334444")), "Resource": f"{ARN}*"})
    scope(cloud, "V2")
    cloud.handle(set_policy(NOT_PARTNER))
    assert cloud.sent() == []
    cloud.handle(delivered("delete-policy", eventTime="2026-11-27T09:05:00Z", responseElements={}))
    (reason,) = reasons(cloud)
    assert reason.startswith(sentence("reasons.account_can_pull"))
    assert sentence("alert.previous_policy_did") in cloud.last().email
    assert cloud.last().json["findings"][0]["document"] == "registry"
    assert cloud.last().json["effect"] == sentence("alert.puts_back_before")


def test_a_deny_that_goes_is_put_back_if_the_registry_gives_the_access(cloud: Cloud) -> None:
    """To narrow the policy of the repository would not close it."""
    put_registry(cloud, {**allow(account("222233334444")), "Resource": "*"})
    other = allow(account("444455556666"))
    cloud.handle(set_policy(other, NOT_PARTNER))
    assert cloud.handle(set_policy(other, at="09:05:00")) == {"sent": 1}
    assert cloud.last().json["effect"] == sentence("alert.puts_back_before")


@pytest.mark.parametrize("call", ["create-repository", "delete-repository", "delete-template"])
def test_what_has_just_been_made_or_deleted_opens_nothing(cloud: Cloud, call: str) -> None:
    put_registry(cloud, {**allow(account("222233334444")), "Resource": "*"})
    assert cloud.handle(delivered(call)) == {"sent": 0}


def test_the_registrys_policy_may_ask_for_the_tags_of_the_repository(cloud: Cloud) -> None:
    shared = {"StringNotEquals": {"aws:ResourceTag/share": "yes"}}
    put_registry(cloud, {**allow("*"), "Effect": "Deny", "Resource": "*", "Condition": shared})
    cloud.client("ecr").create_repository(repositoryName="team/base", tags=[{"Key": "share", "Value": "no"}])
    assert cloud.handle(set_policy(allow("*"))) == {"sent": 1}
    assert severities(cloud) == {"LOW"}


def test_where_a_deny_of_the_registry_names_somebody_the_rest_keeps_its_severity(cloud: Cloud) -> None:
    """The Deny changes the grantee of the statement: from any account to any outside one organization."""
    of_one = {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}
    put_registry(cloud, {**allow("*"), "Action": "ecr:*", "Effect": "Deny", "Resource": "*", "Condition": of_one})
    assert cloud.handle(set_policy(allow("*", "ecr:PutImage"))) == {"sent": 1}
    assert "CRITICAL" in severities(cloud)


def test_a_registry_is_not_read_where_nothing_opened_whatever_its_policy_says(cloud: Cloud) -> None:
    cloud.handle(set_policy(allow("*")))
    cloud.fail("ecr", "get_registry_policy", "ServerException")
    assert cloud.handle(set_policy(allow(account("222233334444")), at="09:05:00")) == {"sent": 0}
    with pytest.raises(ClientError):
        cloud.handle(set_policy(allow(account("444455556666")), at="09:06:00"))


def test_a_registry_whose_scope_leaves_the_action_out_is_not_told(cloud: Cloud) -> None:
    """With the scope V1, a registry policy does not apply to a pull."""
    put_registry(cloud, {**allow(account("222233334444")), "Resource": f"{ARN}*"})
    deleted = record("delete-policy")["responseElements"] | {"policyText": json.dumps(policy(NOT_PARTNER))}
    scope(cloud, "V1")
    assert cloud.handle(delivered("delete-policy", responseElements=deleted)) == {"sent": 0}
    cloud.fail("ecr", "get_account_setting", "AccessDeniedException")
    cloud.handle(delivered("delete-policy", responseElements=deleted, eventID="scope refused"))
    (reason,) = reasons(cloud)
    assert reason.startswith(sentence("beside.undecided_registry_policy"))


SELF = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "ecr:*",
    "Condition": {"StringEquals": {"aws:PrincipalAccount": "${aws:PrincipalAccount}"}},
}
"""It denies everyone in the version that has variables, and no one in the other version."""


def test_a_deny_means_what_the_version_of_its_own_policy_says(cloud: Cloud) -> None:
    put_registry(cloud, {**allow(account("222233334444")), "Resource": f"{ARN}*"})
    scope(cloud, "V2")
    old = with_policy("set-policy-public", {"Version": "2008-10-17", "Statement": [SELF]})
    assert cloud.handle(old) == {"sent": 1}
    assert reasons(cloud)[0].startswith(sentence("reasons.account_can_pull"))


def test_a_deny_of_a_registry_without_variables_closes_nothing(cloud: Cloud) -> None:
    text = json.dumps({"Version": "2008-10-17", "Statement": [{**SELF, "Resource": "*"}]})
    cloud.stub("ecr", "get_registry_policy", {"registryId": OWNER, "policyText": text})
    scope(cloud, "V2")
    assert cloud.handle(set_policy(allow("*"))) == {"sent": 1}
    assert "HIGH" in severities(cloud)


def test_a_registry_that_speaks_of_other_repositories_is_not_told(cloud: Cloud) -> None:
    put_registry(cloud, {**allow(account("222233334444")), "Resource": f"{ARN}other/*"})
    scope(cloud, "V2")
    deleted = record("delete-policy")["responseElements"] | {"policyText": json.dumps(policy(NOT_PARTNER))}
    assert cloud.handle(delivered("delete-policy", responseElements=deleted)) == {"sent": 0}


def test_a_registry_whose_policy_is_refused_may_let_somebody_in(cloud: Cloud) -> None:
    cloud.fail("ecr", "get_registry_policy", "AccessDeniedException")
    deleted = record("delete-policy")["responseElements"] | {"policyText": json.dumps(policy(NOT_PARTNER))}
    cloud.handle(delivered("delete-policy", responseElements=deleted))
    (reason,) = reasons(cloud)
    assert reason.startswith(sentence("beside.undecided_whether_statement"))
    assert "AccessDeniedException" in reason


def test_no_command_is_told_that_would_not_close_what_is_open(cloud: Cloud) -> None:
    """The earlier Denies are unknown. To delete a policy that gives no access would only make it worse."""
    put_registry(cloud, {**allow(account("222233334444")), "Resource": f"{ARN}*"})
    scope(cloud, "V2")
    assert cloud.handle(set_policy(allow(account(OWNER)))) == {"sent": 1}
    assert cloud.last().json["command"] is None
    assert cloud.handle(registry({**allow(account(OWNER)), "Resource": "*"})) == {"sent": 1}
    assert cloud.last().json["command"] is None
    assert "Close it" not in cloud.last().email


def set_scope(value: str, at: str = "09:05:00") -> dict[str, Any]:
    setting = {"name": "REGISTRY_POLICY_SCOPE", "value": value}
    return delivered(
        "put-registry-scope",
        requestParameters=setting,
        responseElements=setting,
        eventTime=f"2026-11-27T{at}Z",
        eventID=f"scope-at-{at}",
    )


def test_a_scope_that_widens_tells_what_the_registry_opens(cloud: Cloud) -> None:
    assert cloud.handle(set_scope("V2")) == {"sent": 0}
    put_registry(cloud, {**allow("*"), "Resource": "*"})
    assert cloud.handle(set_scope("V1", "09:06:00")) == {"sent": 0}
    assert cloud.handle(set_scope("V2", "09:07:00")) == {"sent": 1}
    assert cloud.last().subject == f"HIGH ECR {OWNER} eu-central-1: registry opened"
    assert sentence("alert.applies_other_actions") in cloud.last().email
    assert cloud.last().json["command"] == (
        "aws ecr put-account-setting --region eu-central-1 --name REGISTRY_POLICY_SCOPE --value V1"
    )
    assert cloud.handle(set_scope("V2", "09:08:00")) == {"sent": 0}
    cloud.fail("ecr", "get_registry_policy", "AccessDeniedException")
    assert cloud.handle(set_scope("V2", "09:09:00")) == {"sent": 1}


@pytest.mark.parametrize("value, told", [("V1", 0), ("V2", 1), ("V3", 1)])
def test_without_memory_the_registry_had_the_other_scope(cloud: Cloud, value: str, told: int) -> None:
    """A scope that is not known may be any, before and after."""
    put_registry(cloud, {**allow("*"), "Resource": "*"})
    assert cloud.handle(set_scope(value)) == {"sent": told}


@pytest.mark.parametrize("seen", [True, False], ids=["with-memory", "without-memory"])
def test_a_scope_that_narrows_removes_a_fence(cloud: Cloud, *, seen: bool) -> None:
    """With the scope V1, the Denies of a registry policy do not apply to a pull."""
    put_registry(cloud, FENCE)
    if seen:
        assert cloud.handle(registry(FENCE)) == {"sent": 0}
    assert cloud.handle(set_scope("V1")) == {"sent": 1}
    (reason,) = reasons(cloud)
    assert reason.startswith("undecided: ")
    assert reason.endswith("statement `OnlyTheOwner` (Deny) of the old policy stops it")
    assert cloud.last().json["command"].endswith("--name REGISTRY_POLICY_SCOPE --value V2")
    assert cloud.last().json["effect"] == sentence("alert.sets_scope_registrys")
    assert cloud.handle(set_scope("V2", "09:06:00")) == {"sent": 0}


def test_another_setting_is_not_told(cloud: Cloud) -> None:
    put_registry(cloud, {**allow("*"), "Resource": "*"})
    setting = {"name": "BASIC_SCAN_TYPE_VERSION", "value": "AWS_NATIVE"}
    assert cloud.handle(delivered("put-registry-scope", requestParameters=setting, responseElements=setting)) == {
        "sent": 0
    }


def test_a_registry_policy_opens_what_its_scope_lets_it_open(cloud: Cloud) -> None:
    everybody = {**allow("*"), "Resource": "*"}
    assert cloud.handle(registry({**allow(account(OWNER)), "Resource": "*"})) == {"sent": 1}  # what was there?
    scope(cloud, "V1")
    assert cloud.handle(registry(everybody, at="09:01:00")) == {"sent": 0}
    cloud.fail("ecr", "get_account_setting", "AccessDeniedException")
    copied = {**allow("*", *PULL, "ecr:PutImage"), "Resource": "*"}
    assert cloud.handle(registry(copied, at="09:02:00")) == {"sent": 1}
    assert all(one.startswith(sentence("beside.undecided_registry_policy_scope")) for one in reasons(cloud))
    assert severities(cloud) == {"CRITICAL", "HIGH"}


# --- replication ---


def test_replication_to_another_account_is_told_and_can_be_ended(cloud: Cloud) -> None:
    cloud.handle(delivered("put-replication"))
    assert reasons(cloud)[0].startswith(sentence("exchanges.account_gets_copy"))
    assert cloud.last().json["command"] == (
        "aws ecr put-replication-configuration --region eu-central-1 --replication-configuration '{\"rules\":[]}'"
    )
    assert cloud.handle(delivered("put-replication-own-region", eventTime="2026-11-27T09:05:00Z")) == {"sent": 0}


def test_replication_to_whom_the_register_trusts_is_not_told(cloud: Cloud) -> None:
    cloud.lists = {"trustedOrganizations": "none", "trustedAccounts": "222233334444"}
    assert cloud.handle(delivered("put-replication")) == {"sent": 0}


def test_more_repositories_and_more_accounts_are_new_and_the_same_are_not(cloud: Cloud) -> None:
    cloud.handle(replication(rule("222233334444", "team/")))
    assert cloud.handle(replication(rule(OWNER), rule("222233334444", "team/"), at="09:01:00")) == {"sent": 0}
    assert cloud.handle(replication(rule("222233334444", "base/"), at="09:02:00")) == {"sent": 1}
    assert cloud.handle(replication(rule("222233334444"), at="09:03:00")) == {"sent": 1}
    assert cloud.handle(replication(rule("222233334444"), rule("444455556666"), at="09:04:00")) == {"sent": 1}
    assert len(reasons(cloud)) == 1
    assert json.loads(cloud.last().json["command"].partition("'")[2].rstrip("'")) == {"rules": [rule("222233334444")]}


def test_deletions_that_are_replicated_are_told(cloud: Cloud) -> None:
    cloud.handle(replication(rule(OWNER)))
    deleting = rule(OWNER, deleteReplication=True)
    assert cloud.handle(replication(deleting, at="09:01:00")) == {"sent": 1}
    assert sentence("exchanges.deletions_replicated_well_2") in cloud.last().email
    assert json.loads(cloud.last().json["command"].partition("'")[2].rstrip("'")) == {"rules": [rule(OWNER)]}
    assert cloud.handle(replication(deleting, at="09:02:00")) == {"sent": 0}


def test_a_replication_that_the_record_lacks_is_read(cloud: Cloud) -> None:
    configuration = record("put-replication")["requestParameters"]
    cloud.stub("ecr", "describe_registry", {"registryId": OWNER, **configuration})
    assert cloud.handle(delivered("put-replication", requestParameters=None, responseElements=None)) == {"sent": 1}


def test_a_backfill_copies_what_is_there_already(cloud: Cloud) -> None:
    cloud.handle(delivered("start-backfill"))
    assert cloud.last().subject == sentence("comparer.medium_ecr_eu", owner=OWNER)
    assert reasons(cloud)[0].startswith(sentence("exchanges.account_gets_copy_every"))
    assert cloud.last().json["command"].startswith("aws ecr stop-replication-backfill --region eu-central-1 --replic")
    own = {"destination": {"region": "eu-west-1", "registryId": OWNER}}
    again = {"eventID": "own", "requestParameters": own, "responseElements": own}
    assert cloud.handle(delivered("start-backfill", **again)) == {"sent": 0}


def test_a_backfill_to_nobody_knows_where_is_told(cloud: Cloud) -> None:
    assert cloud.handle(delivered("start-backfill", requestParameters={}, responseElements={})) == {"sent": 1}
    assert reasons(cloud) == [sentence("exchanges.undecided_rules_destinations")]
    assert cloud.last().json["command"] is None


# --- pull-through caches ---


def test_a_cache_of_another_accounts_registry_is_told(cloud: Cloud) -> None:
    cloud.handle(delivered("create-cache"))
    assert cloud.last().subject == f"CRITICAL ECR {OWNER} eu-central-1: pull-through cache opened"
    assert reasons(cloud)[0].startswith(sentence("exchanges.account_chooses_images"))
    command = "aws ecr delete-pull-through-cache-rule --region eu-central-1 --ecr-repository-prefix upstream"
    assert cloud.last().json["command"] == command
    assert cloud.handle(delivered("delete-cache", eventTime="2026-11-27T09:05:00Z")) == {"sent": 0}
    again = delivered("create-cache", eventTime="2026-11-27T09:06:00Z", eventID="again")
    assert cloud.handle(again) == {"sent": 1}


def test_a_cache_that_the_record_lacks_is_read(cloud: Cloud) -> None:
    rule = record("create-cache")["requestParameters"]
    cloud.stub("ecr", "describe_pull_through_cache_rules", {"pullThroughCacheRules": [rule]})
    lacking = {"requestParameters": {"ecrRepositoryPrefix": "upstream"}, "responseElements": None}
    assert cloud.handle(delivered("create-cache", **lacking)) == {"sent": 1}


# --- creation templates ---


def test_a_template_is_trusted_with_the_repositories_below_its_prefix(cloud: Cloud) -> None:
    cloud.lists = {"trustedOrganizations": "none", "trustRegister": "ssm:/trust"}
    trust = {"version": 1, "trust": [{"account": "222233334444", "repositories": ["team/*"]}]}
    cloud.client("ssm").put_parameter(Name="/trust", Type="String", Value=json.dumps(trust))
    text = json.dumps(policy(allow(account("222233334444"))))
    for prefix, told in (("team", 0), ("base", 1), ("ROOT", 1)):
        request = {"prefix": prefix, "repositoryPolicy": text}
        event = delivered("create-template", requestParameters=request, responseElements=None, eventID=prefix)
        assert cloud.handle(event) == {"sent": told}


def test_an_update_that_does_not_speak_of_the_policy_is_judged_by_the_one_that_is_there(cloud: Cloud) -> None:
    text = json.dumps(policy(allow("*")))
    cloud.stub(
        "ecr",
        "describe_repository_creation_templates",
        {"repositoryCreationTemplates": [{"prefix": "team", "repositoryPolicy": text}]},
    )
    assert cloud.handle(delivered("update-template-description")) == {"sent": 1}
    again = delivered("update-template-description", eventTime="2026-11-27T09:05:00Z", eventID="again")
    assert cloud.handle(again) == {"sent": 0}


def template(*uses: str, at: str = "09:00:00", name: str = "create-template", **more: object) -> dict[str, Any]:
    request = {"prefix": "team", "repositoryPolicy": json.dumps(policy(allow("*"))), "appliedFor": list(uses), **more}
    time = f"2026-11-27T{at}Z"
    return delivered(name, requestParameters=request, responseElements=None, eventTime=time, eventID=f"template-{at}")


def test_a_template_that_is_used_for_more_opens_all_that_it_gives(cloud: Cloud) -> None:
    cloud.handle(template("REPLICATION", "CREATE_ON_PUSH"))
    assert cloud.handle(template("CREATE_ON_PUSH", at="09:01:00")) == {"sent": 0}
    assert cloud.handle(template("CREATE_ON_PUSH", "PULL_THROUGH_CACHE", at="09:02:00")) == {"sent": 1}
    assert "HIGH" in severities(cloud)
    assert cloud.last().json["because"].startswith(sentence("alert.template_used_grown"))
    assert cloud.last().json["command"].endswith(" --applied-for CREATE_ON_PUSH")
    assert cloud.handle(delivered("delete-template", eventTime="2026-11-27T09:03:00Z")) == {"sent": 0}
    assert cloud.handle(template("CREATE_ON_PUSH", at="09:04:00")) == {"sent": 1}
    assert cloud.last().json["because"] == sentence("alert.previous_policy_did")


def test_what_a_template_is_used_for_is_read_where_the_record_lacks_it(cloud: Cloud) -> None:
    found = {"prefix": "team", "repositoryPolicy": "{}", "appliedFor": ["CREATE_ON_PUSH"]}
    cloud.stub("ecr", "describe_repository_creation_templates", {"repositoryCreationTemplates": [found]})
    cloud.handle(template("CREATE_ON_PUSH"))

    def update(at: str) -> dict[str, Any]:
        return template(at=at, name="update-template-description", appliedFor=None)

    assert cloud.handle(update("09:01:00")) == {"sent": 0}
    cloud.stub(
        "ecr",
        "describe_repository_creation_templates",
        {"repositoryCreationTemplates": [found | {"appliedFor": ["REPLICATION"]}]},
    )
    assert cloud.handle(update("09:02:00")) == {"sent": 1}
    cloud.fail("ecr", "describe_repository_creation_templates", "AccessDeniedException")
    assert cloud.handle(update("09:03:00")) == {"sent": 1}
    assert "is not known" in cloud.last().json["because"]


def test_what_an_earlier_version_remembered_is_not_known_of_a_template(cloud: Cloud) -> None:
    cloud.handle(template("CREATE_ON_PUSH"))
    table, key = cloud.client("dynamodb"), {"id": {"S": f"TEMPLATE#{OWNER}#eu-central-1#team"}}
    item = table.get_item(TableName="memory", Key=key)["Item"]
    earlier = {name: value for name, value in item.items() if name not in ("scope", "appliedFor")}
    table.put_item(TableName="memory", Item=earlier)
    assert cloud.handle(template("CREATE_ON_PUSH", at="09:01:00")) == {"sent": 1}
    assert cloud.handle(template("CREATE_ON_PUSH", at="09:02:00")) == {"sent": 0}


def test_every_kind_can_be_put_back(cloud: Cloud) -> None:
    safe = json.dumps(policy(allow(account(OWNER), "ecr-public:PutImage")))
    for name, option in (
        ("set-public-policy", "ecr-public set-repository-policy"),
        ("create-template", "ecr update-rep"),
    ):
        before = json.loads(json.dumps(record(name)))
        field = "policyText" if name == "set-public-policy" else "repositoryPolicy"
        request = before["requestParameters"] | {field: safe}
        early = {"eventTime": "2026-11-27T08:00:00Z", "eventID": "before", "responseElements": None}
        cloud.handle(delivered(name, requestParameters=request, **early | {"eventID": f"before-{name}"}))
        cloud.handle(delivered(name))
        assert cloud.last().json["effect"] == sentence("alert.puts_back_before")
        assert f"aws {option}" in cloud.last().json["command"]
        assert json.dumps(json.loads(safe), separators=(",", ":")) in cloud.last().json["command"]


def test_where_the_console_is_not_known_there_is_no_link(cloud: Cloud) -> None:
    cloud.handle(set_policy(allow("*"), awsRegion="eusc-de-east-1"))
    assert cloud.last().json["link"] is None
    assert "Look at it" not in cloud.last().email
