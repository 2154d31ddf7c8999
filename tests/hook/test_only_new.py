"""`Fails=new`: only access that the previous policy did not give stops an operation."""

from __future__ import annotations

from typing import Any

import pytest
from ecr_crossaccount import RegistryPolicy, Scope
from ecr_crossaccount.products.hook.evaluation import Fails, Settings, evaluate
from ecr_crossaccount.sources.register.lists import TrustNow

from tests.events.hook import load, with_properties
from tests.hook.test_evaluation import FINE, OPEN, asked, outcome, trust
from tests.wording import sentence

Json = dict[str, Any]

NEW = Settings("eu-central-1", fails=Fails.NEW)
PULL = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
ORGANIZATION = {"StringEquals": {"aws:PrincipalOrgID": "o-z9y8x7w6v5"}}


def allow(principal: object, actions: object = PULL, **more: object) -> Json:
    return {"Effect": "Allow", "Principal": principal, "Action": actions, **more}


def deny(**more: object) -> Json:
    return {"Effect": "Deny", "Principal": "*", "Action": "ecr:*", **more}


def accounts(*numbers: str) -> Json:
    return {"AWS": list(numbers)}


def everybody_but(*numbers: str) -> Json:
    return {"Effect": "Allow", "NotPrincipal": accounts(*numbers), "Action": PULL}


def changed(old: list[Json] | None, new: list[Json], settings: Settings = NEW) -> Json:
    before = None if old is None else {"RepositoryPolicyText": {"Version": "2012-10-17", "Statement": old}}
    after = {"RepositoryPolicyText": {"Version": "2012-10-17", "Statement": new}}
    return asked(with_properties("repository-update", after, before), settings=settings)


P, Q = "222233334444", "333344445555"


def test_what_was_there_before_goes_on_and_is_told() -> None:
    answer = asked(load("repository-update-tags"), settings=NEW)
    assert outcome(answer) == FINE
    assert answer["message"].startswith(sentence("evaluation.nothing_new_policy"))
    assert [(one["annotationName"], one["status"]) for one in answer["annotations"]] == [("account-read", "SKIPPED")]
    assert outcome(asked(load("repository-update-tags"))) == OPEN


def test_what_is_new_stops_the_operation_and_the_rest_is_told_besides() -> None:
    answer = changed([allow(accounts(P))], [allow(accounts(P)), allow(accounts(Q))])
    assert outcome(answer) == OPEN
    assert Q in answer["message"]
    assert [one["status"] for one in answer["annotations"]] == ["FAILED", "SKIPPED"]


@pytest.mark.parametrize(
    "old, new",
    [
        ([allow(accounts(P))], [allow(P and accounts(P), Sid="Renamed")]),
        ([allow(accounts(P, Q))], [allow(accounts(Q))]),
        ([allow(accounts(P), "ecr:*")], [allow(accounts(P), "ecr:BatchGetImage")]),
        ([allow("*")], [allow("*", ["ecr:BatchGetImage"])]),
        ([allow("*")], [allow(accounts(P)), allow("*")]),
        ([allow("*", Condition=ORGANIZATION)], [allow("*", Condition=ORGANIZATION)]),
        ([allow("*")], [allow("*"), deny(Condition={"Bool": {"aws:SecureTransport": "false"}})]),
        ([allow(accounts(P), ["ecr:PutImage"]), allow(accounts(P))], [allow(accounts(P))]),
        ([everybody_but(Q)], [everybody_but(Q) | {"Action": "ecr:BatchGetImage"}]),
        ([allow("*")], [allow(accounts(P))]),
        ([allow(accounts(P))], [allow(accounts(f"arn:aws:iam::{P}:role/ci"))]),
        ([allow(accounts(P))], [allow(accounts(P), Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}})]),
        ([allow(accounts(f"arn:aws:iam::{P}:root"))], [allow(accounts(P))]),
        # Amazon ECR is only reached by HTTPS.
        ([allow(accounts(P), Condition={"Bool": {"aws:SecureTransport": "true"}})], [allow(accounts(P))]),
        ([allow({"AWS": "*"})], [allow("*")]),
    ],
)
def test_less_than_before_or_as_much_goes_on(old: list[Json], new: list[Json]) -> None:
    assert outcome(changed(old, new)) == FINE


@pytest.mark.parametrize(
    "old, new",
    [
        (None, [allow(accounts(P))]),
        ([], [allow(accounts(P))]),
        ([allow(accounts(P))], [allow(accounts(Q))]),
        ([allow(accounts(P))], [allow("*")]),
        ([allow(accounts(P))], [allow(accounts(P), "ecr:*")]),
        ([allow(accounts(f"arn:aws:iam::{P}:role/ci"))], [allow(accounts(P))]),
        ([allow("*", Condition=ORGANIZATION)], [allow("*")]),
        ([allow("*", Condition={"StringEquals": {"aws:SourceVpc": "vpc-1"}})], [allow("*")]),
        ([allow({"Service": "lambda.amazonaws.com"})], [allow({"Service": "ecs.amazonaws.com"})]),
        ([allow(accounts(P))], [everybody_but(Q)]),
        ([everybody_but(P, Q)], [everybody_but(Q)]),
        ([allow("*", Condition=ORGANIZATION)], [allow("*", Condition={"StringEquals": {"aws:Unknown": "1"}})]),
        ([allow(accounts(P))], [{"Effect": "Allow"}]),
    ],
)
def test_more_than_before_stops_the_operation(old: list[Json] | None, new: list[Json]) -> None:
    assert outcome(changed(old, new)) == OPEN


def test_what_cannot_be_decided_is_known_where_it_says_the_same() -> None:
    doubtful = allow("*", Condition={"StringEquals": {"aws:Unknown": "1"}})
    assert outcome(changed([doubtful], [doubtful | {"Sid": "Same"}, allow(accounts("111122223333"))])) == FINE
    assert outcome(changed([doubtful], [doubtful])) == FINE
    assert outcome(changed([doubtful], [doubtful | {"Action": "ecr:*"}])) == OPEN


def test_a_policy_before_that_cannot_be_read_excuses_nothing() -> None:
    event = with_properties("registry-policy-create", load("registry-policy-create")["requestData"]["targetModel"])
    event["requestData"]["targetModel"] = load("registry-policy-create")["requestData"]["targetModel"]
    event["requestData"]["targetModel"]["previousResourceProperties"] = {}
    assert asked(event, settings=NEW)["hookStatus"] == "FAILED"


def test_a_rule_that_was_there_replicates_on() -> None:
    assert outcome(asked(load("replication-update"), settings=NEW)) == FINE
    assert outcome(asked(load("replication-create"), settings=NEW)) == OPEN
    event = load("replication-update")
    model = event["requestData"]["targetModel"]
    del model["resourceProperties"]["ReplicationConfiguration"]["Rules"][1]["RepositoryFilters"]
    assert outcome(asked(event, settings=NEW)) == OPEN
    assert outcome(asked(load("pull-through-cache-update"), settings=NEW)) == FINE


def test_a_cache_that_takes_from_another_account_than_before_is_new() -> None:
    event = load("pull-through-cache-update")
    was = event["requestData"]["targetModel"]["previousResourceProperties"]
    was["UpstreamRegistryUrl"] = f"{Q}.dkr.ecr.eu-west-1.amazonaws.com"
    assert outcome(asked(event, settings=NEW)) == OPEN


def test_a_resource_of_another_name_is_new_with_all_that_it_gives() -> None:
    policy = {"RepositoryPolicyText": {"Version": "2012-10-17", "Statement": [allow(accounts(P))]}}
    before, after = ({"RepositoryName": name} | policy for name in ("scratch", "prod"))
    assert outcome(asked(with_properties("repository-update", after, before), settings=NEW)) == OPEN


def test_a_reference_that_is_not_resolved_may_be_to_another_value_than_before() -> None:
    policy = {"Version": "2012-10-17", "Statement": [allow({"AWS": "{{resolve:ssm:/partner}}"})]}
    same = {"RepositoryPolicyText": policy}
    assert outcome(asked(with_properties("repository-update", same, same), settings=NEW)) == OPEN


def test_a_creation_template_that_makes_more_repositories_opens_those_anew() -> None:
    policy = {"Version": "2012-10-17", "Statement": [allow(accounts(P))]}

    def applied(*causes: str) -> Json:
        return {"Prefix": "p", "AppliedFor": list(causes), "RepositoryPolicy": policy}

    less, more = applied("PULL_THROUGH_CACHE"), applied("PULL_THROUGH_CACHE", "REPLICATION")
    assert outcome(asked(with_properties("creation-template-update", more, less), settings=NEW)) == OPEN
    assert outcome(asked(with_properties("creation-template-update", less, more), settings=NEW)) == FINE


@pytest.mark.parametrize("unknown", ["****", "{{resolve:ssm:/team}}"])
def test_a_grant_that_a_value_limits_which_is_not_known_may_be_another_than_before(unknown: str) -> None:
    limited = allow(accounts(P), Condition={"StringEquals": {"aws:PrincipalTag/team": unknown}})
    assert outcome(changed([limited], [limited])) == OPEN
    without = [allow(accounts(P)), deny(Condition={"StringEquals": {"aws:PrincipalTag/team": unknown}})]
    assert outcome(changed(without, without)) == OPEN
    beside = [allow(accounts(P)), allow(accounts("111122223333"), Condition={"StringLike": {"aws:userid": unknown}})]
    assert outcome(changed(beside, beside)) == FINE


@pytest.mark.parametrize("unknown", ["****", "team/****", "{{resolve:ssm:/name}}", [["deep"] * 2, "****"]])
def test_a_repository_whose_name_is_not_known_may_be_another_than_before(unknown: object) -> None:
    policy = {"RepositoryPolicyText": {"Version": "2012-10-17", "Statement": [allow(accounts(P))]}}
    for before, after in [(unknown, unknown), ("team/a", unknown), (unknown, "team/a")]:
        event = with_properties(
            "repository-update", {"RepositoryName": after} | policy, {"RepositoryName": before} | policy
        )
        assert outcome(asked(event, settings=NEW)) == OPEN


@pytest.mark.parametrize(
    "name, properties",
    [
        ("replication", {"Rules": [{"Destinations": [{"Region": "eu-west-1", "RegistryId": "****"}]}]}),
        (
            "replication",
            {
                "Rules": [
                    {
                        "Destinations": [{"Region": "eu-west-1", "RegistryId": P}],
                        "RepositoryFilters": [{"Filter": "****", "FilterType": "PREFIX_MATCH"}],
                    }
                ]
            },
        ),
        ("pull-through-cache", "****.dkr.ecr.eu-central-1.amazonaws.com"),
    ],
)
def test_an_exchange_of_which_a_part_is_not_known_may_be_another_than_before(name: str, properties: Json | str) -> None:
    caches = {
        "EcrRepositoryPrefix": "p",
        "UpstreamRegistry": "ecr",
        "UpstreamRegistryUrl": properties,
    }
    same = {"ReplicationConfiguration": properties} if name == "replication" else caches
    assert outcome(asked(with_properties(f"{name}-update", same, same), settings=NEW)) == OPEN


def test_a_policy_before_that_is_hidden_or_unreadable_excuses_nothing() -> None:
    after = {"RepositoryPolicyText": {"Version": "2012-10-17", "Statement": [allow(accounts(P))]}}
    deep: object = "x"
    for _ in range(20_000):
        deep = [deep]
    for before in ("****", "{", "", None, [], {"Statement": []}, {"Statement": "****"}, deep):
        event = with_properties("repository-update", after, {"RepositoryPolicyText": before})
        assert evaluate(event, NEW, TrustNow(trust()))["hookStatus"] == "FAILED"
    event = with_properties("repository-update", after, after | {"RepositoryName": deep})
    assert evaluate(event, NEW, TrustNow(trust()))["hookStatus"] == "FAILED"


def repository(*statements: Json, **properties: object) -> Json:
    return {"RepositoryPolicyText": {"Version": "2012-10-17", "Statement": list(statements)}, **properties}


def updated(old: Json, new: Json, **more: Any) -> Json:  # noqa: ANN401 - the arguments of `asked`
    return asked(with_properties("repository-update", new, old), settings=NEW, **more)


def test_access_that_a_tag_opens_is_new() -> None:
    limited = allow(accounts(P), Condition={"StringEquals": {"ecr:ResourceTag/open": "yes"}})
    no, yes = (repository(limited, Tags=[{"Key": "open", "Value": value}]) for value in ("no", "yes"))
    assert outcome(updated(no, yes)) == OPEN
    assert outcome(updated(yes, yes)) == FINE


@pytest.mark.parametrize("name", [{}, {"RepositoryName": "base"}])
def test_a_repository_that_is_replaced_is_new_with_all_that_it_gives(name: Json) -> None:
    old, new = (
        repository(allow(accounts(P)), EncryptionConfiguration={"EncryptionType": kind}, **name)
        for kind in ("AES256", "KMS")
    )
    assert outcome(updated(old, new)) == OPEN
    assert outcome(updated(new, new)) == FINE


FENCE = {"Effect": "Deny", "Principal": accounts(P), "Action": "ecr:*"}
OPENING = {"Effect": "Allow", "Principal": accounts(P), "Action": "ecr:PutImage", "Resource": "*"}


@pytest.mark.parametrize(
    "registry, expected",
    [
        (None, FINE),
        (RegistryPolicy({"Version": "2012-10-17", "Statement": [OPENING]}, Scope.V2), OPEN),
        (RegistryPolicy({"Version": "2012-10-17", "Statement": [OPENING]}, Scope.V1), FINE),
        (RegistryPolicy({"Version": "2012-10-17", "Statement": [OPENING]}), OPEN),
        (RegistryPolicy(unread="ECR does not show it"), OPEN),
    ],
)
@pytest.mark.parametrize("settings", [NEW, Settings("eu-central-1")])
def test_a_deny_that_goes_may_open_what_the_registry_policy_allows(
    registry: RegistryPolicy | None, expected: object, settings: Settings
) -> None:
    asked_for: list[str] = []

    def read(account: str) -> RegistryPolicy | None:
        asked_for.append(account)
        return registry

    event = with_properties("repository-update", repository(), repository(FENCE))
    answer = evaluate(event, settings, TrustNow(trust()), registry=read)
    assert outcome(answer) == expected
    assert asked_for == [event["awsAccountId"]]


def test_the_registry_policy_is_read_only_if_a_deny_goes() -> None:
    def read(account: str) -> RegistryPolicy | None:
        raise AssertionError(account)

    event = with_properties("repository-update", repository(FENCE), repository())
    assert outcome(evaluate(event, NEW, TrustNow(trust()), registry=read)) == FINE
    same = with_properties("repository-update", repository(FENCE, allow(accounts(P))), repository(FENCE))
    assert outcome(evaluate(same, NEW, TrustNow(trust()), registry=read)) == FINE
