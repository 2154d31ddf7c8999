"""What is the same access: several forms of a policy, suppressions, baselines and `diff` follow one engine."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.wording import sentence

from .conftest import NEIGHBOUR, OWNER, Result, Run, Write

CHECK = ("check", "--account", OWNER)
COMPLIANT, FOUND, UNDECIDED = 0, 1, 2
PARTNER, STRANGER = "222233334444", "333344445555"

FORMS = """
Parameters:
  Env: {{Type: String{default}}}
Conditions:
  Prod: !Equals [!Ref Env, prod]
Resources:
  Base:
    Type: AWS::ECR::{kind}
    Properties:
      {name}:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow{more}
            Principal: {{AWS: "222233334444"}}
            Action: !If [Prod, ["ecr:PutImage", "ecr:SetRepositoryPolicy"], "ecr:DescribeRepositories"]
"""


def forms(default: str = "", kind: str = "Repository", name: str = "RepositoryPolicyText", more: str = "") -> str:
    return FORMS.format(default=default, kind=kind, name=name, more=more)


# --- several forms ---


@pytest.mark.parametrize("default", ["", ", AllowedValues: [prod, dev]", ", AllowedValues: [dev, prod], Default: dev"])
@pytest.mark.parametrize("severity", ["LOW", "MEDIUM", "HIGH", "CRITICAL"])
def test_no_action_of_any_form_is_lost(run: Run, write: Write, default: str, severity: str) -> None:
    done = run(*CHECK, "--fail-on", severity, write(forms(default), "a.yaml"))
    assert done.status in (FOUND, UNDECIDED), done.out
    assert sentence("reasons.account_can_take") in done.out
    assert "if `Env` is `prod`" in done.out


def test_no_action_of_any_form_of_a_registry_policy_is_lost(run: Run, write: Write) -> None:
    text = forms(kind="RegistryPolicy", name="PolicyText", more='\n            Resource: "*"')
    assert run(*CHECK, "--fail-on", "CRITICAL", write(text, "a.yaml")).status in (FOUND, UNDECIDED)


@pytest.mark.parametrize(
    "action",
    [
        'var.env == "prod" ? ["ecr:PutImage", "ecr:SetRepositoryPolicy"] : ["ecr:DescribeRepositories"]',
        'var.env != "prod" ? ["ecr:DescribeRepositories"] : ["ecr:*"]',
    ],
)
def test_no_action_of_a_ternary_is_lost(run: Run, write: Write, action: str) -> None:
    text = f"""
variable "env" {{}}
resource "aws_ecr_repository_policy" "a" {{
  repository = "a"
  policy = jsonencode({{
    Version = "2012-10-17"
    Statement = [{{ Effect = "Allow", Principal = {{ AWS = "222233334444" }}, Action = {action} }}]
  }})
}}
"""
    assert run(*CHECK, "--fail-on", "CRITICAL", write(text, "main.tf")).status in (FOUND, UNDECIDED)


def test_what_is_certain_is_told_apart_from_what_is_not(run: Run, write: Write) -> None:
    text = forms().replace('"ecr:DescribeRepositories"', '["ecr:DescribeRepositories", "ecr:PutImage"]')
    (policy,) = run(*CHECK, "--format", "json", write(text, "a.yaml")).json["policies"]
    assert [grant["actions"] for grant in policy["grants"]] == [["ecr:PutImage"]]
    conditional = [one["grant"] for one in policy["undecided"]]
    assert {action for grant in conditional for action in grant["actions"]} == {
        "ecr:DescribeRepositories",
        "ecr:PutImage",
        "ecr:SetRepositoryPolicy",
    }
    assert {grant["severity"] for grant in conditional} == {"CRITICAL"}
    assert policy["access"] == ["WRITE"]


# --- suppressions and baselines ---

TWO_STATEMENTS = """
Parameters:
  Env: {Type: String}
Conditions:
  Prod: !Equals [!Ref Env, prod]
Resources:
  Base:
    Type: AWS::ECR::Repository
    Properties:
      RepositoryPolicyText:
        Version: "2012-10-17"
        Statement:
          # ecr-crossaccount: ignore until 2027-03-31: the partner pulls
          - {Effect: Allow, Principal: {AWS: "222233334444"}, Action: "ecr:BatchGetImage"}
"""
WRITING = '{Effect: Allow, Principal: {AWS: "222233334444"}, Action: ["ecr:PutImage", "ecr:SetRepositoryPolicy"]}'
ADDED = {
    "in every form": f"          - !If [Prod, {WRITING}, {WRITING.replace('PutImage', 'BatchDeleteImage')}]\n",
    "in one form": f"          - !If [Prod, {WRITING}, !Ref AWS::NoValue]\n",
}


@pytest.mark.parametrize("added", ADDED.values(), ids=ADDED)
def test_a_suppression_hides_no_other_statement(run: Run, write: Write, added: str) -> None:
    assert run(*CHECK, write(TWO_STATEMENTS, "a.yaml")).status == COMPLIANT
    done = run(*CHECK, "--fail-on", "CRITICAL", write(TWO_STATEMENTS + added, "a.yaml"))
    assert done.status in (FOUND, UNDECIDED)


@pytest.fixture
def since(run: Run, tmp_path: Path) -> Callable[..., Result]:
    """Check files with the report of a check of other files as the baseline."""

    def since(old: object, new: object, *argv: str, name: str = "a.json", before: tuple[str, ...] = ()) -> Result:
        path, baseline = tmp_path / name, tmp_path / "baseline.out"
        path.write_text(old if isinstance(old, str) else json.dumps(old), encoding="utf-8")
        baseline.write_text(run(*CHECK, "--format", "json", *argv, *before, str(path)).out, encoding="utf-8")
        path.write_text(new if isinstance(new, str) else json.dumps(new), encoding="utf-8")
        return run(*CHECK, "--baseline", str(baseline), *argv, str(path))

    return since


Since = Callable[..., Result]


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **one} for one in statements]}


def allow(action: object, principal: object = PARTNER, **more: object) -> dict[str, Any]:
    return {"Principal": {"AWS": principal} if principal != "*" else "*", "Action": action, **more}


UNKNOWN = {"Condition": {"StringEquals": {"aws:SomeKeyOfTomorrow": "x"}}}
ORGANIZATION = {"Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-z9y8x7w6v5"}}}


@pytest.mark.parametrize("added", ADDED.values(), ids=ADDED)
def test_a_baseline_made_before_a_statement_does_not_know_it(since: Since, added: str) -> None:
    assert since(TWO_STATEMENTS, TWO_STATEMENTS + added, name="a.yaml").status in (FOUND, UNDECIDED)


@pytest.mark.parametrize(
    "old, new",
    [
        (policy(allow("ecr:DescribeRepositories")), policy(allow(["ecr:DescribeRepositories", "ecr:BatchGetImage"]))),
        (policy(allow("ecr:TagResource")), policy(allow("ecr:PutImage"))),
        (policy(allow("ecr:DescribeRepositories", "*", **UNKNOWN)), policy(allow("ecr:*", "*", **UNKNOWN))),
        (policy(allow("ecr:PutImage", f"arn:aws:iam::{PARTNER}:role/ci")), policy(allow("ecr:PutImage"))),
        (policy(allow("ecr:PutImage", **ORGANIZATION)), policy(allow("ecr:PutImage"))),
        (policy(), policy(allow("ecr:BatchGetImage"))),
    ],
)
def test_a_baseline_knows_access_and_not_levels(since: Since, old: object, new: object) -> None:
    assert since(old, new).status in (FOUND, UNDECIDED)
    assert since(new, new).status == COMPLIANT


@pytest.mark.parametrize(
    "old, new",
    [
        (
            policy(allow("ecr:PutImage", Sid="A"), allow("ecr:ListImages", STRANGER)),
            policy(allow("ecr:ListImages", [STRANGER]), allow("ecr:PutImage", Sid="Renamed")),
        ),
        (policy(allow("ecr:*", [PARTNER, STRANGER])), policy(allow("ecr:Put*", PARTNER))),
        (policy(allow("ecr:*", "*")), policy(allow("ecr:*"))),
        (policy(allow("ecr:PutImage", f"arn:aws:iam::{PARTNER}:root")), policy(allow("ecr:PutImage"))),
        (policy(allow("ecr:PutImage")), policy(allow("ecr:PutImage", f"arn:aws:iam::{PARTNER}:role/ci"))),
    ],
)
def test_what_only_reorders_renames_or_narrows_is_known(since: Since, old: object, new: object) -> None:
    done = since(old, new)
    assert done.status == COMPLIANT, done.out
    assert "KNOWN" in done.out


def test_trust_that_is_lost_is_new(since: Since, write: Write) -> None:
    trust = write({"version": 1, "trust": [{"account": PARTNER}]}, "trust.json")
    same = policy(allow("ecr:BatchGetImage"))
    assert since(same, same, before=("--trust", trust)).status == FOUND


@pytest.mark.parametrize("default", ["", ", Default: dev"])
def test_a_baseline_of_several_forms_is_known_to_itself(since: Since, default: str) -> None:
    assert since(forms(default), forms(default), name="a.yaml").status == COMPLIANT


def test_a_baseline_without_states_is_read_by_its_actions_and_says_so(run: Run, tmp_path: Path) -> None:
    path, baseline = tmp_path / "a.json", tmp_path / "baseline.out"
    for old, status in ((allow("ecr:*"), COMPLIANT), (allow("ecr:TagResource"), FOUND)):
        path.write_text(json.dumps(policy(old)), encoding="utf-8")
        report = run(*CHECK, "--format", "json", str(path)).json
        del report["recorded"]
        for one in report["policies"]:
            del one["state"]
        baseline.write_text(json.dumps(report), encoding="utf-8")
        path.write_text(json.dumps(policy(allow("ecr:PutImage"))), encoding="utf-8")
        done = run(*CHECK, "--baseline", str(baseline), str(path))
        assert done.status == status
        assert "does not record the policies" in done.err


# --- diff ---

TREE = """
Parameters:
  A: {Type: String}
  B: {Type: String}
Resources:
  One:
    Type: AWS::ECR::%s
    Properties: %s
"""


@pytest.fixture
def differ(tmp_path: Path, run: Run) -> Callable[..., Result]:
    """Compare two folders, each given as its files."""

    def differ(old: dict[str, str], new: dict[str, str], *argv: str) -> Result:
        for folder, files in (("old", old), ("new", new)):
            for name, text in files.items():
                path = tmp_path / folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
        return run("diff", "--account", OWNER, str(tmp_path / "old"), str(tmp_path / "new"), *argv)

    return differ


Differ = Callable[..., Result]


def resource(kind: str, properties: dict[str, Any]) -> str:
    return TREE % (kind, json.dumps(properties))


def tagged(value: str) -> dict[str, Any]:
    limited = allow("ecr:PutImage", Condition={"StringEquals": {"ecr:ResourceTag/open": "yes"}})
    return {"RepositoryName": "a", "Tags": [{"Key": "open", "Value": value}], "RepositoryPolicyText": policy(limited)}


def stamping(prefix: str, *applied_for: str) -> dict[str, Any]:
    return {"Prefix": prefix, "AppliedFor": list(applied_for), "RepositoryPolicy": policy(allow("ecr:PutImage"))}


def replicating(**filters: object) -> dict[str, Any]:
    rule = {"Destinations": [{"Region": "eu-west-1", "RegistryId": PARTNER}], **filters}
    return {"ReplicationConfiguration": {"Rules": [rule]}}


def starting(with_: object) -> dict[str, Any]:
    return {"RepositoryFilters": [{"Filter": with_, "FilterType": "PREFIX_MATCH"}]}


def caching(prefix: object) -> dict[str, Any]:
    return {"EcrRepositoryPrefix": prefix, "UpstreamRegistryUrl": f"{PARTNER}.dkr.ecr.eu-west-1.amazonaws.com"}


A, B = {"Ref": "A"}, {"Ref": "B"}


@pytest.mark.parametrize(
    "kind, old, new",
    [
        ("Repository", tagged("no"), tagged("yes")),
        ("RepositoryCreationTemplate", stamping("team", "REPLICATION"), stamping("ROOT", "REPLICATION")),
        (
            "RepositoryCreationTemplate",
            stamping("team", "REPLICATION"),
            stamping("team", "REPLICATION", "PULL_THROUGH_CACHE", "CREATE_ON_PUSH"),
        ),
        ("ReplicationConfiguration", replicating(**starting(A)), replicating()),
        ("ReplicationConfiguration", replicating(**starting(A)), replicating(**starting(B))),
        ("PullThroughCacheRule", caching(A), caching("ROOT")),
        ("PullThroughCacheRule", caching(A), caching(B)),
    ],
)
def test_diff_judges_each_state_as_it_is(differ: Differ, kind: str, old: dict[str, Any], new: dict[str, Any]) -> None:
    done = differ({"a.yaml": resource(kind, old)}, {"a.yaml": resource(kind, new)})
    assert done.status == FOUND, done.out


@pytest.mark.parametrize(
    "kind, same",
    [
        ("Repository", tagged("yes")),
        ("RepositoryCreationTemplate", stamping("team", "REPLICATION")),
        ("ReplicationConfiguration", replicating(**starting(A))),
        ("PullThroughCacheRule", caching(A)),
    ],
)
def test_diff_of_the_same_is_nothing(differ: Differ, kind: str, same: dict[str, Any]) -> None:
    done = differ({"a.yaml": resource(kind, same)}, {"a.yaml": resource(kind, same)})
    assert (done.status, sentence("diff.nothing_opened_nothing") in done.out) == (COMPLIANT, True)


def test_a_rename_out_of_what_trust_covers_opens_all_that_it_gives(differ: Differ, write: Write) -> None:
    trust = write({"version": 1, "trust": [{"account": PARTNER, "repositories": ["base/*"]}]}, "trust.json")
    old, new = ({"RepositoryName": name, "RepositoryPolicyText": NEIGHBOUR} for name in ("base/a", "prod"))
    files = [{"a.yaml": resource("Repository", one)} for one in (old, new)]
    assert differ(*files, "--trust", trust).status == FOUND


def test_write_that_is_opened_in_every_form_is_told_as_write(differ: Differ) -> None:
    writing = forms().replace('"ecr:DescribeRepositories"]', '["ecr:PutImage"]]')
    done = differ({"a.yaml": "Resources: {}\n"}, {"a.yaml": writing}, "--fail-on", "CRITICAL")
    assert done.status == FOUND
    assert "account 222233334444 gets WRITE" in done.out


CDK = {
    "cdk.json": '{"app": "npx ts-node bin/app.ts"}',
    "bin/app.ts": 'import * as ecr from "aws-cdk-lib/aws-ecr";\nnew ecr.Repository(this, "Base", options());\n',
}
BOTO3 = {"deploy.py": 'import boto3\nimport policies\nboto3.client("ecr").set_repository_policy(**policies.ALL)\n'}
MODULE = {
    "main.tf": 'module "ecr" {\n  source = "git::https://example.com/ecr-repository.git"\n  who = var.principals\n}\n'
}
VARIABLE = 'variable "principals" {\n  default = ["%s"]\n}\n'


@pytest.mark.parametrize(
    "files, name, old, new",
    [
        (CDK, "lib/policy.ts", "export const who = '111122223333';\n", "export const who = '*';\n"),
        (BOTO3, "policies.py", "ALL = {}\n", "ALL = {'policyText': '{}'}\n"),
        (MODULE, "variables.tf", VARIABLE % "111122223333", VARIABLE % "222233334444"),
    ],
)
def test_what_was_not_judged_is_unchanged_only_if_nothing_else_changed(
    differ: Differ, files: dict[str, str], name: str, old: str, new: str
) -> None:
    done = differ(files | {name: old}, files | {name: new})
    assert done.status != COMPLIANT, done.out
    assert "nothing is opened" not in done.out


def test_what_was_not_judged_is_unchanged_if_only_prose_changed(differ: Differ) -> None:
    done = differ(CDK | {"README.md": "old\n"}, CDK | {"README.md": "new\n"})
    assert done.status == COMPLIANT, done.out


def test_an_unknown_value_may_change_with_the_file_that_gives_it(differ: Differ) -> None:
    files = {
        "main.tf": 'data "local_file" "p" {\n  filename = "p.txt"\n}\nresource "aws_ecr_repository_policy" "a" {\n'
        '  repository = "a"\n  policy = templatefile("p.tftpl", { who = var.partner })\n}\n'
        'variable "partner" {}\n'
    }
    old, new = (files | {"partner.auto.yaml": f"partner: {who}\n"} for who in ("111122223333", "222233334444"))
    done = differ(old, new)
    assert sentence("diff.nothing_opened_nothing") not in done.out
