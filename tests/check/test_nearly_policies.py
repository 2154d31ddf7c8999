"""A text that is almost a policy, or almost AWS's output of one, is never skipped silently."""

from __future__ import annotations

import json

import pytest

from tests.cli.conftest import OPEN, OWNER, Run, Write
from tests.wording import sentence

STATEMENT = {"Effect": "Allow", "Principal": "*", "Action": "ecr:*"}
LOWER = {"effect": "Allow", "principal": "*", "action": "ecr:*"}


@pytest.mark.parametrize(
    "policy, reason",
    [
        pytest.param({"Statment": [STATEMENT]}, sentence("documents.unknown_element_statment"), id="mistyped"),
        pytest.param({"statement": LOWER}, sentence("documents.unknown_element_statement"), id="in small letters"),
        pytest.param({"Version": "2012-10-17"}, "has no Statement", id="left out"),
        pytest.param({"Id": "x", "Version": "2012-10-17"}, "has no Statement", id="left out, with an Id"),
    ],
)
def test_a_policy_whose_statement_is_not_found_is_invalid(run: Run, write: Write, policy: object, reason: str) -> None:
    done = run("check", "--account", OWNER, "--format", "json", write(policy))
    assert done.status == 1
    (found,) = done.json["policies"]
    assert any(one["reason"].startswith(reason) for one in found["invalid"])


def test_in_a_folder_it_counts_if_it_names_ecr(run: Run, write: Write, tmp_path: object) -> None:
    write({"Statment": [STATEMENT]}, "a.json")
    write({"Statment": [STATEMENT | {"Action": "s3:GetObject"}]}, "b.json")
    write({"Version": "2012-10-17"}, "c.json")
    done = run("check", "--account", OWNER, "--format", "json", str(tmp_path))
    assert [one["file"].rpartition("/")[2] for one in done.json["policies"]] == ["a.json"]


@pytest.mark.parametrize("content", [STATEMENT, [STATEMENT], {"rules": [{"allow": [STATEMENT]}]}])
def test_a_statement_without_a_policy_is_found_and_not_judged(run: Run, write: Write, content: object) -> None:
    done = run("check", "--account", OWNER, "--format", "json", "--strict", write(content))
    assert (done.status, len(done.json["unjudged"])) == (2, 1)


def test_a_statement_that_names_no_principal_is_none_of_a_policy_of_ecr(run: Run, write: Write) -> None:
    """It is part of an identity-based policy."""
    of_identity = {key: value for key, value in STATEMENT.items() if key != "Principal"} | {"Resource": "*"}
    content = {"rules": [{"allow": [of_identity, STATEMENT | {"Action": "s3:GetObject"}]}]}
    done = run("check", "--account", OWNER, "--format", "json", write(content))
    assert done.json["unjudged"] == []


@pytest.mark.parametrize(
    "printed, reason",
    [
        pytest.param({"policyText": ""}, "its `policyText` is blank", id="an empty text"),
        pytest.param({"policyText": "{}"}, "its `policyText` is blank", id="an empty object in it"),
        pytest.param({"policyText": "null"}, "its `policyText` is blank", id="null in it"),
        pytest.param({"repositoryCreationTemplates": None}, "is not a list of objects", id="no list"),
        pytest.param({"repositoryCreationTemplates": "x"}, "is not a list of objects", id="a text for a list"),
        pytest.param({"repositoryCreationTemplates": ["x"]}, "is not a list of objects", id="a text in the list"),
        pytest.param({"registryId": "1", "repositoryCreationTemplates": []}, "is not an account", id="no owner"),
        pytest.param({"repositoryCreationTemplates": [{"Prefix": "x"}]}, "has no `prefix`", id="a mistyped prefix"),
        pytest.param({"repositoryCreationTemplates": [{"prefix": ""}]}, "has no `prefix`", id="an empty prefix"),
        pytest.param(
            {"repositoryCreationTemplates": [{"prefix": "x", "repositoryPolcy": json.dumps(OPEN)}]},
            sentence("bare.template_no_repositorypolicy_unknown"),
            id="a mistyped policy",
        ),
        pytest.param(
            {"repositoryCreationTemplates": [], "nextToken": "x"}, "ends before the last page", id="a page of several"
        ),
    ],
)
def test_what_aws_never_prints_of_everything_is_an_error(
    run: Run, write: Write, printed: dict[str, object], reason: str
) -> None:
    done = run("check", "--account", OWNER, write(printed))
    assert (done.status, reason in done.err) == (3, True)
    if "policyText" in printed:
        assert run("judge", "--owner", OWNER, write(printed)).status == 3


def test_what_aws_prints_of_no_template_is_none(run: Run, write: Write) -> None:
    done = run("check", "--account", OWNER, write({"repositoryCreationTemplates": [], "nextToken": None}))
    assert (done.status, "nothing was judged" in done.err) == (0, True)


def test_a_field_that_is_new_to_this_version_does_not_hide_the_policy_of_a_template(run: Run, write: Write) -> None:
    template = {"prefix": "x", "repositoryPolicy": json.dumps(OPEN), "newSetting": True}
    done = run("check", "--account", OWNER, write({"repositoryCreationTemplates": [template]}))
    assert done.status == 1


@pytest.mark.parametrize(
    "resource, name",
    [
        pytest.param({"Properties": {"RepositoryPolicytext": OPEN}}, "RepositoryPolicytext", id="mistyped"),
        pytest.param({"Properties": {"PolicyText": json.dumps(OPEN)}}, "PolicyText", id="that of another type"),
        pytest.param({"RepositoryPolicyText": OPEN}, "RepositoryPolicyText", id="beside the Properties"),
    ],
)
def test_a_policy_where_cloudformation_looks_for_none_is_undecided(
    run: Run, write: Write, resource: dict[str, object], name: str
) -> None:
    template = {"Resources": {"Repo": {"Type": "AWS::ECR::Repository", **resource}}}
    done = run("check", "--account", OWNER, "--format", "json", write(template))
    assert done.status == 2
    (undecided,) = done.json["policies"][0]["undecided"]
    assert sentence("strays.policy_where_aws", name=name) in undecided["reason"]


def test_metadata_may_hold_what_they_like(run: Run, write: Write) -> None:
    repository = {"Type": "AWS::ECR::Repository", "Metadata": {"Statement": [STATEMENT]}}
    assert run("check", "--account", OWNER, write({"Resources": {"Repo": repository}})).status == 0


@pytest.mark.parametrize("blank", ["null", '""', "jsonencode({})", 'file("null.json")'])
def test_a_blank_policy_in_terraform_sets_nothing(run: Run, write: Write, blank: str) -> None:
    write("null", "null.json")
    source = f'resource "aws_ecr_repository_policy" "x" {{\n  repository = "a"\n  policy     = {blank}\n}}\n'
    assert run("check", "--account", OWNER, write(source, "main.tf")).status == 2


@pytest.mark.parametrize("blank", ["''", "null", "'{}'", "file://null.json"])
def test_a_blank_policy_in_a_script_sets_nothing(run: Run, write: Write, blank: str) -> None:
    write("null", "null.json")
    script = f"aws ecr set-repository-policy --repository-name a --policy-text {blank}\n"
    assert run("check", "--account", OWNER, write(script, "deploy.sh")).status == 2


@pytest.mark.parametrize("properties", [{}, {"PolicyText": {}}, {"PolicyText": ""}])
def test_a_registry_policy_that_is_blank_sets_nothing(run: Run, write: Write, properties: object) -> None:
    registry = {"Type": "AWS::ECR::RegistryPolicy", "Properties": properties}
    assert run("check", "--account", OWNER, write({"Resources": {"Registry": registry}})).status == 2


def test_one_of_two_forms_may_be_blank(run: Run, write: Write) -> None:
    policy = 'var.on ? jsonencode({Statement = [{Effect = "Deny", Principal = "*", Action = "ecr:*"}]}) : null'
    resource = f'resource "aws_ecr_repository_policy" "x" {{\n  repository = "a"\n  policy = {policy}\n}}\n'
    source = f'variable "on" {{}}\n{resource}'
    assert run("check", "--account", OWNER, write(source, "main.tf")).status == 0
