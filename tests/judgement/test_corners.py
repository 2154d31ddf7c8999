"""Corners of the judgement. Each was once changed, and no other test noticed."""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from fnmatch import fnmatchcase

import pytest
from ecr_crossaccount import Compliance, Kind, Origin, RegistryPolicy, Repository, Trust, judge
from ecr_crossaccount.documents.parse import parse
from ecr_crossaccount.judgement.context.keys import is_of_sender
from ecr_crossaccount.judgement.judge import context_of
from ecr_crossaccount.judgement.judgement import Judgement
from ecr_crossaccount.judgement.kinds.registry import judge_registry

from tests.case_tables import ANY_DAY
from tests.judgement.policies import OTHER, OWNER, account, allow, deny, policy, reasons, trusting, verdict

OWN_ORGANIZATION = "o-ownorg00001"
LAMBDA = {"Service": "lambda.amazonaws.com"}


def test_a_service_acts_for_an_account_in_the_organization_that_a_deny_spares() -> None:
    statements = [
        allow(LAMBDA, "*", {"StringEquals": {"aws:SourceAccount": OTHER}}),
        deny("*", "*", {"StringNotEqualsIfExists": {"aws:SourceOrgID": OWN_ORGANIZATION}}),
    ]
    found = judge(policy(*statements), Repository(OWNER, organization=OWN_ORGANIZATION), Trust.nobody())
    assert found.service


@pytest.mark.parametrize("names, external", [(["x*"], False), (["*"], True), (["xa", "ya"], True)])
def test_an_account_that_is_trusted_for_some_repositories_is_outside_in_the_others(
    names: list[str],
    external: bool,  # noqa: FBT001
) -> None:
    resources = [f"arn:aws:ecr:eu-west-1:{OWNER}:repository/{name}" for name in names]
    on = {**allow(account(OTHER)), "Resource": resources}
    entry = {"account": OTHER, "repositories": ["x*"], "access": "ADMIN", "reason": "the team that builds x"}
    trust = Trust.parse({"version": 1, "trust": [entry]}, today=ANY_DAY)
    assert judge_registry(policy(on), Repository(OWNER, region="eu-west-1"), trust).external is external


def test_a_tag_whose_key_is_written_with_an_escape_counts() -> None:
    text = json.dumps(policy(allow(account(OTHER), "*", {"StringEquals": {"aws:ResourceTag/team": "open"}})))
    escaped = text.replace("ResourceTag", "\\u0052esourceTag")
    assert judge(escaped, Repository(OWNER, tags={"team": "open"}), Trust.nobody()).external


def test_tags_that_are_given_are_all_that_there_are() -> None:
    asks = allow(account(OTHER), "*", {"StringEquals": {"aws:ResourceTag/other": "x"}})
    for known in (Repository(OWNER, tags={"team": "a"}), Repository(OWNER, tags_known=True)):
        assert judge(policy(asks), known, Trust.nobody()).compliance is Compliance.COMPLIANT
    assert judge(policy(asks), Repository(OWNER), Trust.nobody()).undecided


@pytest.mark.parametrize(
    "condition, external",
    [
        ({"Null": {"aws:RequestedRegion": "true"}}, False),
        ({"StringLike": {"aws:RequestedRegion": "*"}}, True),
        ({"StringEqualsIfExists": {"aws:RequestedRegion": "*"}, "Null": {"aws:RequestedRegion": "true"}}, False),
    ],
)
def test_a_region_that_is_not_known_is_there_all_the_same(condition: object, external: bool) -> None:  # noqa: FBT001
    found = judge(policy(allow(account(OTHER), "*", condition)), Repository(OWNER), Trust.nobody())
    assert (found.external, found.undecided) == (external, ())


def test_an_organization_may_have_an_id_longer_than_usual() -> None:
    longer = {"StringLike": {"aws:PrincipalOrgID": f"o-{'?' * 14}"}}
    assert judge(policy(allow("*", "*", longer)), Repository(OWNER), Trust.nobody()).external


def test_whether_an_outsider_has_an_endpoint_in_a_trusted_organization_is_undecided() -> None:
    organization = "o-a1b2c3d4e5"
    asks = allow(account(OTHER), "*", {"StringEquals": {"aws:VpceOrgID": organization}})
    entry = {"organization_path": f"{organization}/*", "access": "ADMIN", "reason": "a sister company"}
    trust = Trust.parse({"version": 1, "trust": [entry]}, today=ANY_DAY)
    found = judge(policy(asks), Repository(OWNER), trust)
    assert not found.external
    assert found.undecided


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:sns:1111?x",
        "arn:aws:sns:1111*x",
        "arn:aws:sns:?1111x",
        "arn:aws:sns:1111?x2y",
        "arn:aws:sns:*1?::releases",
        "arn:aws:sns:us-east-1:2*x1?:releases",
    ],
)
def test_a_wildcard_beside_a_part_of_an_account_number_is_undecided(arn: str) -> None:
    """The wildcard may match the rest of the number, and colons."""
    asks = allow({"Service": "sns.amazonaws.com"}, "*", {"StringLike": {"aws:SourceArn": arn}})
    assert judge(policy(asks), Repository(OWNER), Trust.nobody()).undecided


@pytest.mark.parametrize(
    "operator, arn",
    [
        ("ArnLike", "arn:aws:s3:::logs-1*"),
        ("StringLike", "arn:aws:s3:::logs-1-*"),
        ("StringLike", "arn:aws:s3:::*-1-logs"),
        ("StringLike", f"*{OWNER}*"),
        ("StringLike", f"arn:aws:sns:us-east-1:{OWNER}:releases-1*"),
        ("StringLike", f"arn:aws:sns:us-east-1:{OWNER[:-1]}?:releases"),
    ],
)
def test_wildcards_in_an_arn_leave_the_account_that_must_be_the_source(operator: str, arn: str) -> None:
    own = {"StringEquals": {"aws:SourceAccount": OWNER}}
    asks = allow({"Service": "sns.amazonaws.com"}, "*", {**own, operator: {"aws:SourceArn": arn}})
    assert judge(policy(asks), Repository(OWNER), Trust.nobody()).compliance is Compliance.COMPLIANT


def test_a_variable_that_stands_for_nothing_matches_no_tag_that_is_not_known() -> None:
    asks = allow(account(OTHER), "*", {"StringNotEquals": {"aws:ResourceTag/team": "${aws:SourceAccount}"}})
    found = judge(policy(asks), Repository(OWNER), Trust.nobody())
    assert (found.external, found.undecided) == (True, ())


def test_each_grant_has_the_actions_that_no_table_names_of_its_own_statement() -> None:
    statements = [allow(account(OTHER), "ecr:BrandNew"), allow(account("333344445555"), "ecr:NewerStill")]
    found = judge(policy(*statements), Repository(OWNER), Trust.nobody())
    assert [grant.actions for grant in found.grants] == [("ecr:BrandNew",), ("ecr:NewerStill",)]


@pytest.mark.parametrize("key", ["aws:principalaccount", "aws:PrincipalAccount"])
@pytest.mark.parametrize("effect", ["Allow", "Deny"])
def test_a_condition_that_names_a_key_twice_is_not_read(key: str, effect: str) -> None:
    """It is unknown which of the two counts. So the statement certainly allows no one, and certainly denies no one."""
    twice = f'{{"StringEquals": {{"aws:PrincipalAccount": "{OTHER}", "{key}": "{OTHER}"}}}}'
    text = json.dumps(policy(allow(account(OTHER)), {**deny("*"), "Effect": effect, "Condition": "TWICE"}))
    found = judge(text.replace('"TWICE"', twice), Repository(OWNER), Trust.nobody())
    assert [grant.statement for grant in found.grants] == [0]
    assert found.invalid


def test_of_all_services_one_is_shown_that_exists_and_that_nobody_trusts() -> None:
    known = ["codebuild", "lambda", "sagemaker", "ecs-tasks", "events", "cloudtrail", "config", "batch"]
    for first in range(len(known)):
        trusted = [{"service": f"{name}.amazonaws.com", "access": "ADMIN"} for name in known[:first]]
        found = judge(policy(allow("*")), Repository(OWNER), trusting(*trusted))
        shown = [grant.witness.principal for grant in found.grants if grant.kind is Kind.SERVICE]
        assert shown == [f"{known[first]}.amazonaws.com"]


def test_why_an_address_that_is_none_is_undecided_names_the_key() -> None:
    found = judge(
        policy(allow("*", "*", {"StringEquals": {"aws:SourceIp": "111122223333"}})), Repository(OWNER), Trust.nobody()
    )
    assert ["aws:SourceIp" in one.reason for one in found.undecided] == [True]


def test_the_tags_of_repositories_that_a_registry_policy_speaks_of_are_not_known() -> None:
    condition = {"StringEquals": {"aws:ResourceTag/team": "open"}}
    on_all = {**allow(account(OTHER), condition=condition), "Resource": f"arn:aws:ecr:eu-west-1:{OWNER}:repository/*"}
    found = judge_registry(policy(on_all), Repository(OWNER, region="eu-west-1"), Trust.nobody())
    assert not found.external
    assert found.undecided


def test_a_witness_shows_the_tag_of_the_repository_that_a_variable_stands_for() -> None:
    condition = {"StringEquals": {"aws:PrincipalTag/team": "${aws:ResourceTag/team}"}}
    repository = Repository(OWNER, tags={"team": "blue", "other": "x"})
    (grant,) = judge(policy(allow(account(OTHER), condition=condition)), repository, Trust.nobody()).grants
    shown = {key.lower(): value for key, value in grant.witness.context.items() if "tag/" in key.lower()}
    assert shown == {"aws:principaltag/team": "blue", "aws:resourcetag/team": "blue"}


def test_values_may_stand_in_any_sequence_of_python() -> None:
    condition = {"StringEquals": {"aws:PrincipalAccount": (OTHER, "333344445555")}}
    found = judge(policy(allow("*", condition=condition)), Repository(OWNER), Trust.nobody())
    assert not found.invalid
    assert {grant.grantee for grant in found.grants} == {OTHER, "333344445555"}


def test_a_witness_shows_all_that_every_request_of_its_kind_carries() -> None:
    found = judge(policy(allow("*")), Repository(OWNER), Trust.nobody())
    every = {"aws:CurrentTime", "aws:EpochTime", "aws:PrincipalIsAWSService", "aws:ResourceAccount"}
    every |= {"aws:SecureTransport"}
    caller = {"aws:PrincipalAccount", "aws:PrincipalArn", "aws:PrincipalType", "aws:SourceIp", "aws:ViaAWSService"}
    service = {"aws:PrincipalServiceName", "aws:PrincipalServiceNamesList", "aws:SourceAccount"}
    assert [set(grant.witness.context) for grant in found.grants] == [every | caller | {"aws:userid"}, every | service]
    shown = found.grants[0].witness.context
    assert (shown["aws:PrincipalIsAWSService"], shown["aws:ViaAWSService"]) == ("false", "false")


def test_a_witness_shows_the_region_of_the_repository_where_it_is_given() -> None:
    found = judge(policy(allow("*")), Repository(OWNER, region="eu-west-1"), Trust.nobody())
    assert {grant.witness.context["aws:RequestedRegion"] for grant in found.grants} == {"eu-west-1"}


def test_a_deny_of_other_owners_than_a_tag_names_is_met_by_a_tag_with_the_owner() -> None:
    guarded = deny("*", "*", {"StringNotEquals": {"aws:ResourceAccount": "${aws:PrincipalTag/owner}"}})
    grant, *_ = judge(policy(allow("*"), guarded), Repository(OWNER), Trust.nobody()).grants
    assert grant.public
    assert grant.witness.context["aws:PrincipalTag/owner"] == OWNER


def test_a_variable_of_few_values_is_met_by_one_of_them() -> None:
    agent = {"StringEquals": {"aws:UserAgent": "${aws:MultiFactorAuthPresent}"}}
    guarded = deny("*", "*", {"StringNotEquals": {"aws:UserAgent": "false"}})
    (grant,) = judge(policy(allow(account(OTHER), condition=agent), guarded), Repository(OWNER), Trust.nobody()).grants
    assert grant.witness.context["aws:UserAgent"] == grant.witness.context["aws:MultiFactorAuthPresent"] == "false"


@pytest.mark.parametrize(
    "name, pattern, covers",
    [
        ("teamx", "team*x", True),
        ("team/x", "team*x", True),
        ("team/xy", "team*x", False),
        ("team/x", "team/*", True),
        ("team", "team/*", False),
        ("ab", "a?", True),
        ("abc", "a?", False),
        ("team/x", "team/x", True),
        ("team/xy", "team/x", False),
        ("a", "*", True),
    ],
)
def test_a_register_speaks_of_repositories_by_patterns(name: str, pattern: str, covers: bool) -> None:  # noqa: FBT001
    trust = trusting({"account": OTHER, "repositories": [pattern], "reason": "the team"})
    found = judge(policy(allow(account(OTHER))), Repository(OWNER, name=name), trust)
    assert (found.compliance is Compliance.COMPLIANT) is covers


_OF_ONE_SERVICE = (
    ("lambda", "edgelambda", "replicator.lambda"),
    ("codebuild",),
    ("sagemaker",),
    ("ecs", "ecs-tasks"),
    ("ecr", "replication.ecr", "pullthroughcache.ecr"),
    ("apprunner", "build.apprunner", "tasks.apprunner"),
    ("batch",),
    ("events",),
    ("config",),
    ("cloudtrail",),
    ("s3",),
)


@pytest.mark.parametrize("own", _OF_ONE_SERVICE, ids=lambda own: own[0])
def test_a_service_bears_none_of_the_names_of_another_one(own: tuple[str, ...]) -> None:
    for other in _OF_ONE_SERVICE:
        for mine, theirs in itertools.product(own, other):
            listed = {"ForAnyValue:StringEquals": {"aws:PrincipalServiceNamesList": f"{theirs}.amazonaws.com"}}
            asked = allow({"Service": f"{mine}.amazonaws.com"}, condition=listed)
            found = judge(policy(asked), Repository(OWNER), Trust.nobody())
            assert (found.compliance is Compliance.COMPLIANT) is (other is not own), (mine, theirs)


@pytest.mark.parametrize(
    "asked",
    [
        {"ForAllValues:StringLike": "lambda*"},
        {"ForAllValues:StringLike": "*.amazonaws.com"},
        {"ForAllValues:StringNotLike": "codebuild*"},
        {"ForAllValues:StringEquals": "lambda.amazonaws.com"},
        {"ForAllValues:StringNotLike": "codebuild*", "ForAnyValue:StringLike": "codebuild.*"},
        {"ForAnyValue:StringLike": "*", "ForAllValues:StringLike": "lambda*"},
    ],
)
def test_a_witness_shows_the_name_on_which_it_hangs_that_a_deny_does_not_apply(asked: dict[str, str]) -> None:
    listed = "aws:PrincipalServiceNamesList"
    denied = {operator: {listed: text} for operator, text in asked.items()}
    found = judge(policy(allow(LAMBDA), deny("*", "*", denied)), Repository(OWNER), Trust.nobody())
    names = found.grants[0].witness.context[listed]
    assert names[0] == "lambda.amazonaws.com"
    assert not all(_holds(operator, text, names) for operator, text in asked.items()), names


def _holds(operator: str, text: str, names: Sequence[str]) -> bool:
    quantifier, _, base = operator.partition(":")
    answers = [fnmatchcase(name, text) is ("Not" not in base) for name in names]
    return all(answers) if quantifier == "ForAllValues" else any(answers)


@pytest.mark.parametrize("text", ["lambda*", "*", "l?mbda.amazonaws.com", "a name"])
def test_no_name_of_a_service_equals_a_text_that_is_none(text: str) -> None:
    denied = {"ForAllValues:StringNotEquals": {"aws:PrincipalServiceNamesList": text}}
    found = judge(policy(allow(LAMBDA), deny("*", "*", denied)), Repository(OWNER), Trust.nobody())
    assert found.compliance is Compliance.COMPLIANT


def test_a_witness_does_without_another_name_where_no_service_bears_such() -> None:
    denied = {
        "ForAllValues:StringNotLike": {"aws:PrincipalServiceNamesList": "codebuild*"},
        "ForAnyValue:StringLike": {"aws:PrincipalServiceNamesList": "codebuild*"},
    }
    statements = [deny("*", "*", {operator: asked}) for operator, asked in denied.items()]
    found = judge(policy(allow(LAMBDA), *statements), Repository(OWNER), Trust.nobody())
    assert found.grants[0].witness.context["aws:PrincipalServiceNamesList"] == ("lambda.amazonaws.com",)


@pytest.mark.parametrize(
    "operator, value, external",
    [
        ("StringEquals", "x${aws:PrincipalTag/a}", False),
        ("StringNotEquals", "x${aws:PrincipalTag/a}", True),
        ("StringEquals", "1${aws:PrincipalTag/a}", True),
        ("StringEqualsIgnoreCase", "x${aws:PrincipalTag/a}", False),
        ("StringEqualsIgnoreCase", "1${aws:PrincipalTag/a}", True),
    ],
)
def test_the_owners_number_is_compared_with_a_text_around_a_variable(
    operator: str,
    value: str,
    external: bool,  # noqa: FBT001 - a column of the table
) -> None:
    condition = {operator: {"aws:ResourceAccount": value}}
    assert (
        judge(policy(allow(account(OTHER), condition=condition)), Repository(OWNER), Trust.nobody()).external
        is external
    )


@pytest.mark.parametrize("operator", ["StringEquals", "StringNotEquals"])
def test_a_deny_that_compares_the_owner_with_whom_a_service_acts_for_does_not_confine(operator: str) -> None:
    denied = deny("*", condition={operator: {"aws:ResourceAccount": "${aws:SourceAccount}"}})
    found = judge(policy(allow({"Service": "lambda.amazonaws.com"}), denied), Repository(OWNER), Trust.nobody())
    assert found.service


@pytest.mark.parametrize(
    "entry, types",
    [("AROAEXAMPLEID0000001", {"AssumedRole"}), ("AIDAEXAMPLEID0000001", {"User", "FederatedUser"})],
)
def test_an_id_may_be_that_of_any_principal_of_its_kind(entry: str, types: set[str]) -> None:
    def is_undecided(principal_type: str) -> bool:
        asks = allow(account(entry), "*", {"StringEquals": {"aws:PrincipalType": principal_type}})
        return bool(judge(policy(asks), Repository(OWNER), Trust.nobody()).undecided)

    assert set(filter(is_undecided, ["Account", "AssumedRole", "User", "FederatedUser"])) == types


@pytest.mark.parametrize("principal", ["*", account(OTHER)])
def test_an_account_in_no_organization_perhaps_gets_in(principal: object) -> None:
    condition = {"Null": {"aws:PrincipalOrgID": "true"}, "StringEquals": {"example:NewKey": "x"}}
    assert judge(policy(allow(principal, "*", condition)), Repository(OWNER), Trust.nobody()).undecided


@pytest.mark.parametrize("entry", [f"arn:aws:iam::{OTHER}:role/ci-*", f"arn:aws:iam::{OTHER}:role/ci-?"])
def test_a_principal_with_a_wildcard_is_invalid_and_the_wildcard_is_why(entry: str) -> None:
    (found,) = judge(policy(allow(account(entry))), Repository(OWNER), Trust.nobody()).invalid
    assert found.reason.endswith("which takes no wildcards")


@pytest.mark.parametrize("arn", ["arn:aws:events:eu-west-1:222233334444:rule/*", "arn:aws:events:eu-*:rule/*"])
@pytest.mark.parametrize("operator", ["ArnLike", "StringLike"])
def test_a_service_acts_for_resources_of_a_region(operator: str, arn: str) -> None:
    if operator == "ArnLike":
        arn = arn.replace("eu-*:", "eu-*:*:")
    asks = allow({"Service": "events.amazonaws.com"}, "*", {operator: {"aws:SourceArn": arn}})
    assert judge(policy(asks), Repository(OWNER), Trust.nobody()).service


@pytest.mark.parametrize("operator", ["ArnLike", "StringLike"])
def test_a_resource_of_sagemaker_is_shown_in_a_region(operator: str) -> None:
    """All resources of Amazon SageMaker AI have a Region."""
    condition = {operator: {"aws:SourceArn": "arn:aws:sagemaker:*:*:notebook-instance/*"}}
    asks = allow({"Service": "sagemaker.amazonaws.com"}, condition=condition)
    (grant,) = judge(policy(asks), Repository(OWNER), Trust.nobody()).grants
    (arn,) = grant.witness.values("aws:SourceArn")
    assert arn.split(":")[2:4] != ["sagemaker", ""]
    assert arn.startswith("arn:aws:sagemaker:")


@pytest.mark.parametrize("key", [1, None, True])
def test_a_condition_key_that_is_no_text_is_invalid(key: object) -> None:
    """A policy as a mapping can contain what JSON cannot."""
    found = judge(policy(allow(account(OTHER), "*", {"StringEquals": {key: "x"}})), Repository(OWNER), Trust.nobody())
    assert [one.at for one in found.invalid] == [f"$.Statement[0].Condition.StringEquals.{key}"]


def test_an_endpoint_may_be_that_of_an_account_in_no_organization() -> None:
    condition = {"Null": {"aws:SourceVpce": "false", "aws:VpceOrgID": "true"}}
    found = judge(policy(allow(account(OTHER), condition=condition)), Repository(OWNER), Trust.nobody())
    assert (found.external, found.undecided) == (True, ())


@pytest.mark.parametrize("until, external", [("2026-11-01T00:00:00Z", False), ("2026-11-01T00:00:01Z", True)])
def test_where_no_day_is_given_time_runs_from_a_fixed_one(until: str, external: bool) -> None:  # noqa: FBT001
    asks = allow(account(OTHER), condition={"DateLessThan": {"aws:CurrentTime": until}})
    assert judge(policy(asks), Repository(OWNER), Trust.nobody()).external is external


def test_time_runs_from_the_day_of_the_trust() -> None:
    asks = allow(account(OTHER), condition={"DateLessThan": {"aws:CurrentTime": "2026-11-30"}})
    assert judge(policy(asks), Repository(OWNER), Trust.nobody()).external
    assert not judge(policy(asks), Repository(OWNER), trusting()).external


@pytest.mark.parametrize("operator, external", [("StringEquals", False), ("StringNotEquals", True)])
def test_a_variable_that_stands_for_nothing_matches_no_organization_that_is_not_known(
    operator: str,
    external: bool,  # noqa: FBT001
) -> None:
    asks = allow(account(OTHER), "*", {operator: {"aws:ResourceOrgID": "${aws:SourceAccount}"}})
    found = judge(policy(asks), Repository(OWNER), Trust.nobody())
    assert (found.external, found.undecided) == (external, ())


ROLE, USER = f"arn:aws:iam::{OTHER}:role/ci", f"arn:aws:iam::{OTHER}:user/ci"


@pytest.mark.parametrize(
    "spared, shown",
    [
        ([OTHER], f"arn:aws:iam::{OTHER}:role/outsider"),
        ([USER], USER),
        ([USER, OTHER], f"arn:aws:iam::{OTHER}:role/outsider"),
        ([f"arn:aws:sts::{OTHER}:federated-user/ci"], f"arn:aws:sts::{OTHER}:federated-user/ci"),
        ([f"arn:aws:sts::{OTHER}:assumed-role/ci/x", ROLE], ROLE),
    ],
)
@pytest.mark.parametrize("everybody", ["*", {"AWS": "*"}])
def test_whom_a_deny_spares_by_name_gets_in_by_an_allow_of_everybody(
    everybody: object, spared: list[str], shown: str
) -> None:
    guard = {"Effect": "Deny", "NotPrincipal": account(OWNER, *spared), "Action": "*"}
    (grant,) = judge(policy(allow(everybody), guard), Repository(OWNER), Trust.nobody()).grants
    assert (grant.grantee, grant.witness.principal) == (OTHER, shown)


def test_whom_a_deny_spares_by_name_gets_in_as_another_type_of_principal() -> None:
    guard = {"Effect": "Deny", "NotPrincipal": account(OWNER, OTHER), "Action": "*"}
    no_roles = deny("*", "*", {"StringEquals": {"aws:PrincipalType": "AssumedRole"}})
    (grant,) = judge(policy(allow("*"), guard, no_roles), Repository(OWNER), Trust.nobody()).grants
    assert grant.witness.principal == f"arn:aws:iam::{OTHER}:user/outsider"


@pytest.mark.parametrize("values", [["vpc-0a*"], ["vpc-0a*", "vpc-0123456789abcdef0"]])
def test_patterns_of_vpcs_are_met_by_any_account_that_has_such_a_vpc(values: list[str]) -> None:
    found = judge(policy(allow("*", "*", {"StringLike": {"aws:SourceVpc": values}})), Repository(OWNER), Trust.nobody())
    assert (found.public, found.undecided) == (True, ())
    assert [grant.grantee for grant in found.grants if grant.kind is Kind.ANY] == ["any AWS account"]


def test_a_deny_of_one_action_that_no_table_names_spares_another() -> None:
    statements = [allow(account(OTHER), ["ecr:BrandNew", "ecr:NewerStill"]), deny("*", "ecr:NewerStill")]
    (grant,) = judge(policy(*statements), Repository(OWNER), Trust.nobody()).grants
    assert grant.actions == ("ecr:BrandNew",)


def test_accounts_are_told_apart_by_the_id_of_the_root_user() -> None:
    asks = allow(account("333344445555", OTHER), "*", {"StringEquals": {"aws:userid": OTHER}})
    found = judge(policy(asks), Repository(OWNER), Trust.nobody())
    assert [grant.grantee for grant in found.grants] == [OTHER]


@pytest.mark.parametrize("value", ["arn:aws:iam::*", f"arn:aws:iam::{OTHER}", f"arn:aws:iam::{OTHER}*"])
@pytest.mark.parametrize("operator", ["ArnLike", "ArnNotLike"])
def test_what_an_arn_of_five_fields_matches_is_not_known(operator: str, value: str) -> None:
    asks = allow("*", "*", {operator: {"aws:PrincipalArn": value}})
    found = judge(policy(asks), Repository(OWNER), Trust.nobody())
    assert not found.external
    assert found.undecided


def test_statements_are_prepared_as_they_are_written_with_those_that_may_not_count() -> None:
    guard = {**deny("*", "ecr:PutImage"), "Condition": {}}
    read = parse(policy(allow(account(OTHER), ["ecr:PutImage", "ecr:BatchGetImage"]), deny("*", "ecr:PutImage"), guard))
    context = context_of(Repository(OWNER), trusting(), ())
    prepared = Judgement(read, context, trusting(), Origin.PROPOSED).prepare()
    (written,) = prepared.allows
    assert prepared.sets.names(written.actions) == ("ecr:BatchGetImage", "ecr:PutImage")
    assert [prepared.sets.names(one.actions) for one in prepared.denies] == [("ecr:PutImage",), ()]


def test_an_arn_that_is_written_out_is_not_certainly_of_another_type() -> None:
    role = f"arn:aws:iam::{OTHER}:role/ci"
    for operator, value in (("Bool", "false"), ("NumericNotEquals", "5")):
        block = {"StringEquals": {"aws:PrincipalArn": role}, operator: {"aws:PrincipalArn": value}}
        assert reasons(verdict(allow(account(OTHER), "ecr:BatchGetImage", block)))
        assert verdict(allow(account(OTHER)), deny("*", "*", {operator: {"aws:PrincipalArn": value}})).external


def test_text_beside_a_variable_is_compared_without_regard_to_case() -> None:
    block = {"StringEqualsIgnoreCase": {"aws:RequestedRegion": "EU-${aws:PrincipalTag/r}"}}
    found = verdict(allow(account(OTHER), "ecr:BatchGetImage", block), region="eu-west-1")
    assert found.compliance is Compliance.NON_COMPLIANT


def test_a_variable_of_a_tag_of_the_request_is_met_with_text_around_it() -> None:
    block = {
        "StringLike": {"aws:RequestTag/t": "x*"},
        "StringEquals": {"aws:PrincipalTag/a": "p-${aws:RequestTag/t}"},
    }
    assert verdict(allow(account(OTHER), "ecr:TagResource", block)).external


def test_an_organization_that_one_statement_names_is_some_other_one_to_another() -> None:
    others = [f"o-aaaaaaaaa{one}" for one in "bcdefghijklmnopqrstuvwxyz0123456789"]
    like, unlike = ({"aws:PrincipalOrgID": one} for one in ("o-a*", "o-aaaaaaaaaa"))
    found = verdict(
        allow("*", "ecr:BatchGetImage", {"StringLike": like, "StringNotEquals": unlike}),
        allow(
            "*",
            "ecr:PutImage",
            {"StringLike": {"aws:PrincipalOrgID": "o-aaaaaaaaa?"}, "StringNotEquals": {"aws:PrincipalOrgID": others}},
        ),
        region="ap-south-2",
    )
    assert {(one.statement, one.witness.context["aws:PrincipalOrgID"]) for one in found.grants if one.statement} == {
        (1, "o-aaaaaaaaaa")
    }


def test_a_doubt_under_one_scope_alone_is_a_doubt() -> None:
    unknown = allow(account(OTHER), "ecr:BatchGetImage", {"StringEquals": {"aws:NobodyKnowsThisKey": "x"}})
    registry = RegistryPolicy(policy({**unknown, "Resource": "*"}))
    found = judge(None, Repository(OWNER, "app", "eu-west-1"), trusting(), registry=registry)
    assert found.compliance is Compliance.NON_COMPLIANT


def test_a_registry_policy_that_grants_something_has_no_note_that_it_grants_nothing() -> None:
    found = judge_registry(policy({**allow(account(OTHER)), "Resource": "*"}), Repository(OWNER), trusting())
    assert found.external
    assert not found.notes


@pytest.mark.parametrize(
    "key, of_sender",
    [("aws:principalarn", True), ("aws:sourceip", True), ("aws:sourcearn", False), ("aws:currenttime", False)],
)
def test_what_a_key_says_of_whoever_sends_a_request(key: str, of_sender: bool) -> None:  # noqa: FBT001
    assert is_of_sender(key) is of_sender
