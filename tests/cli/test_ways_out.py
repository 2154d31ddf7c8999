"""The way out of an undecided result names the value, the option or the document that settles it."""

from __future__ import annotations

import json

import pytest

from tests.cli.conftest import OWNER, SAFE, Run, Write
from tests.wording import sentence

ALONE = sentence("way_out.write_condition_policy")
LATER = sentence("way_out.write_value_known")


def template(principal: str) -> str:
    policy = (
        f"{{Version: '2012-10-17', Statement: {{Effect: Allow, Principal: {{AWS: {principal}}}, Action: 'ecr:*'}}}}"
    )
    parameters = (
        "Parameters: {Partner: {Type: String}, Stored: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /a}}"
    )
    properties = f"{{RepositoryPolicyText: {policy}}}"
    return f"{parameters}\nResources: {{A: {{Type: 'AWS::ECR::Repository', Properties: {properties}}}}}\n"


def terraform(principal: str) -> str:
    statement = f'{{Effect = "Allow", Principal = {{AWS = {principal}}}, Action = "ecr:*"}}'
    policy = f'jsonencode({{Version = "2012-10-17", Statement = [{statement}]}})'
    body = f'  repository = "a"\n  policy = {policy}\n'
    return f'variable "org" {{}}\nresource "aws_ecr_repository_policy" "a" {{\n{body}}}\n'


def conditioned(key: str) -> dict[str, object]:
    statement = {"Effect": "Allow", "Principal": "*", "Action": "ecr:*", "Condition": {"StringEquals": {key: "x"}}}
    return {"Version": "2012-10-17", "Statement": [statement]}


SERVICE = "service: s\nprovider: {name: aws}\nresources:\n  " + template("'${opt:partner}'").split("\n")[1]
CHECKED = [
    pytest.param("a.yaml", template("!Ref Partner"), "supply `Partner`: --parameter Partner=…", id="a parameter"),
    pytest.param(
        "a.yaml", template("!Ref Stored"), "supply `Stored`: --parameter Stored=…", id="one of Parameter Store"
    ),
    pytest.param(
        "a.yaml",
        template("!ImportValue Exported"),
        sentence("resolve.supply_fn_importvalue"),
        id="an export",
    ),
    pytest.param("a.yaml", template("!GetAtt Role.Arn"), LATER, id="an attribute"),
    pytest.param(
        "serverless.yml",
        SERVICE,
        "supply `opt:partner`: --parameter opt:partner=…",
        id="an option of the Serverless Framework",
    ),
    pytest.param(
        "a.tf", terraform("var.org"), "supply `var.org`: --parameter org=…, or --var-file FILE", id="a variable"
    ),
    pytest.param(
        "a.tf",
        terraform("aws_iam_role.ci.arn"),
        "check the plan: terraform show -json plan.bin | ecr-crossaccount check -",
        id="what only Terraform knows",
    ),
    pytest.param("a.json", json.dumps(conditioned("aws:KeyOfTomorrow")), ALONE, id="a key"),
]


@pytest.mark.parametrize("name, text, way", CHECKED)
def test_check_names_what_settles_it(run: Run, write: Write, name: str, text: str, way: str) -> None:
    lines = run("check", "--account", OWNER, write(text, name)).out.splitlines()
    assert [line for line in lines if "way out" in line] == [f"    way out   {way}"]


def test_the_named_option_settles_it(run: Run, write: Write) -> None:
    for name, text, given in (
        ("a.yaml", template("!Ref Partner"), "Partner"),
        ("serverless.yml", SERVICE, "opt:partner"),
        ("a.tf", terraform("var.org"), "org"),
    ):
        assert run("check", "--account", OWNER, write(text, name), "--parameter", f"{given}={OWNER}").status == 0


def test_judge_names_its_own_option(run: Run, write: Write) -> None:
    argv = ("judge", "--account", OWNER)
    out = run(*argv, write(conditioned("aws:ResourceTag/team"))).out
    assert sentence("judge.way_out_add") in out
    assert f"  way out   {ALONE}\n" in run(*argv, write(conditioned("aws:KeyOfTomorrow"))).out


def of(*statements: dict[str, object]) -> str:
    policy = {"Version": "2012-10-17", "Statement": statements}
    resource = {"Type": "AWS::ECR::Repository", "Properties": {"RepositoryPolicyText": policy}}
    return json.dumps({"Parameters": {"Partner": {"Type": "String"}}, "Resources": {"A": resource}})


ANYBODY: dict[str, object] = {"Effect": "Allow", "Principal": "*", "Action": "ecr:*"}


def test_an_account_settles_what_depends_on_the_owner(run: Run, write: Write) -> None:
    tested = {"StringEquals": {"aws:ResourceAccount": "111122223333", "aws:KeyOfTomorrow": "x"}}
    assert "    way out   add --account ID\n" in run("check", write(of(ANYBODY | {"Condition": tested}), "a.json")).out


def test_a_region_settles_what_depends_on_the_partition(run: Run, write: Write) -> None:
    tested = {"ArnLike": {"aws:PrincipalArn": "arn:aws-cn:iam::222233334444:role/*"}}
    policy = {"Version": "2012-10-17", "Statement": ANYBODY | {"Principal": {"AWS": "*"}, "Condition": tested}}
    assert "  way out   add --region REGION\n" in run("judge", "--account", OWNER, write(policy)).out


def test_what_a_deny_lacks_settles_it_too(run: Run, write: Write) -> None:
    tested = {"StringNotEquals": {"aws:PrincipalOrgID": {"Ref": "Partner"}}}
    text = of(ANYBODY, ANYBODY | {"Effect": "Deny", "Condition": tested})
    out = run("check", "--account", OWNER, write(text, "a.json")).out
    assert "    way out   supply `Partner`: --parameter Partner=…\n" in out


@pytest.mark.parametrize("before", ["a.json", "z.json"])
def test_a_value_of_the_same_name_in_another_file_changes_nothing(run: Run, write: Write, before: str) -> None:
    """Values with one name are one value for the judgement, which keeps what it has read of a text."""
    tested = {"StringNotEquals": {"aws:PrincipalOrgID": {"Ref": f"Partner{before[0]}"}}}
    declared = json.loads(of(ANYBODY, ANYBODY | {"Effect": "Deny", "Condition": tested}))
    undeclared = write({"Resources": declared["Resources"]}, before)
    declared["Parameters"] = {f"Partner{before[0]}": {"Type": "String"}}
    lines = run("check", "--account", OWNER, undeclared, write(declared, "m.json")).out.splitlines()
    supplied = f"    way out   supply `Partner{before[0]}`: --parameter Partner{before[0]}=…"
    assert sorted(line for line in lines if "way out" in line) == sorted([supplied, f"    way out   {LATER}"])


@pytest.mark.parametrize(
    "new, because, way",
    [
        pytest.param(
            {"Version": "2012-10-17", "Statement": {"Effect": "Permit", "Principal": "*", "Action": "ecr:*"}},
            sentence("ask.cannot_compare_iam"),
            "correct it at that place",
            id="invalid",
        ),
        pytest.param(conditioned("aws:KeyOfTomorrow"), "perhaps opened: whether statement 0", ALONE, id="undecided"),
    ],
)
def test_diff_says_it_too(run: Run, write: Write, new: object, because: str, way: str) -> None:
    done = run("diff", "--account", OWNER, write(SAFE, "old.json"), write(new, "new.json"))
    assert done.status == 2
    assert f"    because   {because}" in done.out
    assert f"    way out   {way}" in done.out
