"""Policy files, and the output of the AWS CLI: found, placed and judged."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import NEIGHBOUR, OPEN, OWNER, SAFE, Run, Write, printed_by_aws
from tests.wording import sentence

STATEMENT = '{"Effect": "Allow", "Principal": "*", "Action": "ecr:*"}'


def test_a_bare_policy_is_judged_and_its_statement_placed(run: Run, write: Write) -> None:
    file = write('{\n  "Version": "2012-10-17",\n  "Statement": [\n    ' + STATEMENT + "\n  ]\n}\n")
    done = run("check", "--format", "json", "--account", OWNER, file)
    assert done.status == 1
    (policy,) = done.json["policies"]
    assert (policy["file"], policy["line"], policy["column"]) == (file, 4, 5)
    assert (policy["resource"], policy["kind"]) == ("policy", "repository")
    assert (policy["compliance"], policy["public"]) == ("NON_COMPLIANT", True)
    assert done.json["errors"] == done.json["skipped"] == []


def test_what_the_cli_prints_says_owner_and_name_itself(run: Run, write: Write) -> None:
    trust = {"version": 1, "trust": [{"account": "222233334444", "repositories": ["base/*"]}]}
    register = write(trust, "trust.json")
    printed = write(printed_by_aws(NEIGHBOUR))
    done = run("check", "--format", "json", "--trust", register, printed)
    assert [(one["resource"], one["compliance"]) for one in done.json["policies"]] == [("base/python", "COMPLIANT")]
    other = write(printed_by_aws(NEIGHBOUR, name="tools/x"), "other.json")
    assert run("check", "--trust", register, other).status == 1


@pytest.mark.parametrize(
    "printed",
    [
        printed_by_aws(NEIGHBOUR),
        {"registryId": OWNER, "repositoryCreationTemplates": [{"prefix": "x", "repositoryPolicy": json.dumps(SAFE)}]},
    ],
    ids=["a policy", "a creation template"],
)
def test_what_aws_has_printed_is_of_its_own_account_and_says_so(run: Run, write: Write, printed: object) -> None:
    file = write(printed)
    asked = {owner: run("check", "--format", "json", "--account", owner, file) for owner in (OWNER, "222233334444")}
    (same,), (other,) = (done.json["policies"] for done in asked.values())
    assert same["compliance"] == other["compliance"]
    assert same["notes"] == []
    note = sentence("bare.registryid_not_given_account", owner=OWNER)
    assert other["notes"] == [note]


def test_a_statement_inside_a_policy_text_is_placed_where_it_stands(run: Run, write: Write) -> None:
    file = write(json.dumps(printed_by_aws(OPEN), indent=2))
    (policy,) = run("check", "--format", "json", file).json["policies"]
    text = Path(file).read_text("utf-8").split("\n")[policy["line"] - 1]
    assert text[policy["column"] - 1 :].startswith('{\\"Sid\\"')


def test_a_deleted_principal_of_a_deployed_policy_is_noted(run: Run, write: Write) -> None:
    stale = {"Statement": {"Effect": "Allow", "Principal": {"AWS": "AROAEXAMPLEID12345678"}, "Action": "ecr:*"}}
    deployed = run("check", "--format", "json", write(printed_by_aws(stale))).json["policies"][0]
    assert deployed["compliance"] == "COMPLIANT"
    assert deployed["notes"]
    assert run("check", "--account", OWNER, write(stale)).status == 2


def test_a_registry_policy_and_creation_templates_as_printed(run: Run, write: Write) -> None:
    printed = {
        "registryId": OWNER,
        "repositoryCreationTemplates": [
            {"prefix": "team", "repositoryPolicy": json.dumps(NEIGHBOUR)},
            {"prefix": "ROOT"},
        ],
    }
    policies = run("check", "--format", "json", write(printed)).json["policies"]
    assert [(one["resource"], one["kind"], one["compliance"]) for one in policies] == [
        ("team", "creation-template", "NON_COMPLIANT"),
        ("ROOT", "creation-template", "COMPLIANT"),
    ]


def test_a_folder_is_searched_and_files_of_others_are_passed_over(run: Run, write: Write, tmp_path: Path) -> None:
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "node_modules").mkdir()
    write(OPEN, "deep/er/open.json")
    write(OPEN, "node_modules/open.json")
    write(SAFE, "safe.json")
    write({"compilerOptions": {}}, "tsconfig.json")
    write("// a comment\n{}", "with-comments.json")
    write({"Statement": {"Effect": "Allow", "Principal": "*", "Action": "s3:*"}}, "bucket.json")
    write({"Statement": {"Effect": "Allow", "Principal": "*", "Action": "s?3:*"}}, "wild.json")
    done = run("check", "--format", "json", "--account", OWNER, str(tmp_path))
    found = [(Path(one["file"]).name, one["compliance"]) for one in done.json["policies"]]
    assert found == [("safe.json", "COMPLIANT"), ("open.json", "NON_COMPLIANT")]
    assert done.json["errors"] == done.json["skipped"] == []


@pytest.mark.parametrize("action", ["ecr:*", "ECR:x", "ecr-public:*", "*", "e?r:*", "ec*:*", "?c*r:Get*", "???:*"])
def test_a_policy_in_a_folder_is_one_of_ecr_by_its_actions(run: Run, write: Write, tmp_path: Path, action: str) -> None:
    write({"Statement": {"Effect": "Allow", "Principal": "*", "Action": action}}, "policy.json")
    assert len(run("check", "--format", "json", "--account", OWNER, str(tmp_path)).json["policies"]) == 1


@pytest.mark.parametrize("action", ["s3:*", "e?:*", "ecrx:*", "e?r?:*", "?cs:*", "*s:*", "ecs*:*"])
def test_a_policy_in_a_folder_whose_actions_are_others_is_passed_over(
    run: Run, write: Write, tmp_path: Path, action: str
) -> None:
    write({"Statement": {"Effect": "Allow", "Principal": "*", "Action": action}}, "policy.json")
    assert run("check", "--format", "json", "--account", OWNER, str(tmp_path)).json["policies"] == []


def test_a_link_that_leads_back_ends(run: Run, write: Write, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    write(OPEN, "a/open.json")
    (tmp_path / "a" / "back").symlink_to(tmp_path, target_is_directory=True)
    done = run("check", "--format", "json", "--account", OWNER, str(tmp_path))
    assert len(done.json["policies"]) <= 2
    assert done.json["errors"] == []


@pytest.mark.parametrize(
    "content, reason",
    [
        ("", "empty"),
        ('{"Statement": [', "not JSON at line 1 column 16"),
        (b"\x00\x01\x02", "binary"),
        (b'{"Statement": "\xff"}', "not text in UTF-8 at byte 15"),
        ('{"a": ' * 300, "nested more than"),
        ('{"policyText": 5}', "`policyText` is not a text"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_error_and_the_others_are_judged(
    run: Run, write: Write, content: str | bytes, reason: str
) -> None:
    bad, good = write(content, "bad.json"), write(OPEN, "good.json")
    done = run("check", "--format", "json", "--account", OWNER, bad, good)
    assert done.status == 3
    assert [(one["file"], reason in one["reason"]) for one in done.json["errors"]] == [(bad, True)]
    assert [one["file"] for one in done.json["policies"]] == [good]


NO_JSON = {
    "a trailing comma": '{"Statement": [],}',
    "a comment": '{"Statement": [] # none\n}',
    "single quotes": "{'Statement': []}",
    "a name without quotes": "{Statement: []}",
    "blocks of YAML": "Statement: []\n",
}


@pytest.mark.parametrize("text", NO_JSON.values(), ids=NO_JSON)
def test_what_amazon_ecr_would_not_take_as_json_is_not_judged_as_yaml(run: Run, write: Write, text: str) -> None:
    for file, status in ((write(text), 3), (write(text, "policy.yaml"), 0)):
        assert run("check", "--account", OWNER, file).status == status
    assert run("judge", "--owner", OWNER, write(text)).status == 3


@pytest.mark.parametrize("name", ["-", "policy", "policy.txt", "POLICY.JSON"])
def test_what_begins_as_json_is_yaml_only_under_a_name_of_yaml(run: Run, write: Write, name: str) -> None:
    text = NO_JSON["a trailing comma"]
    done = run("check", "--account", OWNER, name if name == "-" else write(text, name), stdin=text)
    assert done.status == 3
    assert sentence("json.not_json_line_column_trailing") in done.err


def test_a_nested_template_is_read_as_strictly_as_a_file(run: Run, write: Write) -> None:
    write('{"Resources": {"Repo": {"Type": "AWS::ECR::Repository"},}}', "inner.json")
    nested = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "inner.json"}}
    assert run("check", "--account", OWNER, write({"Resources": {"Nested": nested}}, "outer.json")).status == 3


def test_a_named_file_that_is_none_of_ours_is_listed(run: Run, write: Write) -> None:
    file = write({"compilerOptions": {}}, "tsconfig.json")
    done = run("check", "--format", "json", "--account", OWNER, file)
    assert done.status == 0
    assert [one["file"] for one in done.json["skipped"]] == [file]


def test_without_an_owner_what_any_owner_opens_is_judged(run: Run, write: Write) -> None:
    done = run("check", write(OPEN))
    assert (done.status, done.err) == (1, "")


def test_text_says_where_who_and_why(run: Run, write: Write) -> None:
    file = write(OPEN)
    out = run("check", "--account", OWNER, file).out
    for part in (f"{file}:1:", "non-compliant", "CRITICAL", "any AWS account gets READ, WRITE, ADMIN", "because"):
        assert part in out


def test_the_way_out_for_replication_is_not_that_for_a_pull(run: Run, write: Write) -> None:
    allowed = {
        "Effect": "Allow",
        "Principal": {"AWS": "333344445555"},
        "Action": ["ecr:CreateRepository", "ecr:ReplicateImage"],
        "Resource": f"arn:aws:ecr:eu-central-1:{OWNER}:repository/*",
    }
    argv = ("check", "--account", OWNER, "--region", "eu-central-1")
    shown = run(*argv, write({"Statement": [allowed]})).out
    assert sentence("way_out.tighten_name_resource") in shown
    assert "a pull needs no more" not in shown
    more = run(*argv, write({"Statement": [allowed | {"Action": "ecr:*"}]}))
    assert "a pull needs no more" in more.out


def test_standard_input_is_a_file(run: Run) -> None:
    done = run("check", "--format", "json", "--account", OWNER, "-", stdin=json.dumps(OPEN))
    assert [one["file"] for one in done.json["policies"]] == ["-"]


def test_a_file_that_a_pulumi_program_names_by_its_whole_path_is_another_machine_s(run: Run, write: Write) -> None:
    resource = {"type": "aws:ecr:RepositoryPolicy", "properties": {"repository": "base"}}
    for path, undecided in (("policy.json", False), (write(SAFE, "policy.json"), True)):
        resource["properties"] = {"repository": "base", "policy": {"fn::readFile": path}}
        program = write(json.dumps({"name": "x", "runtime": "yaml", "resources": {"base": resource}}), "Pulumi.yaml")
        [found] = run("check", "--format", "json", "--account", OWNER, program).json["policies"]
        assert bool(found["undecided"]) is undecided


def test_a_statement_of_the_communitys_provider_is_called_by_its_name(run: Run, write: Write) -> None:
    statement = {"sid": "Open", "effect": "Allow", "principal": {"allowAnon": True}, "action": ["ecr:BatchGetImage"]}
    manifest = {
        "apiVersion": "ecr.aws.crossplane.io/v1beta1",
        "kind": "RepositoryPolicy",
        "metadata": {"name": "base"},
        "spec": {"forProvider": {"policy": {"version": "2012-10-17", "statements": [statement]}}},
    }
    done = run("check", "--account", OWNER, "--format", "json", write(manifest))
    (found,) = done.json["policies"]
    assert found["grants"]
    assert all("statement `Open` allows" in grant["reason"] for grant in found["grants"])


ELSEWHERE = {"Statement": {"Effect": "Allow", "Principal": "*", "Action": ["s3:GetObject", "sts:AssumeRole"]}}
SKIPPED = sentence("bare.no_statement_action_amazon")


@pytest.mark.parametrize("more", [{}, {"Resource": "*"}, {"Action": "erc:*"}], ids=["bucket", "table", "misspelled"])
def test_a_policy_of_another_service_is_never_called_compliant(run: Run, write: Write, more: dict[str, str]) -> None:
    file = write({"Statement": {**ELSEWHERE["Statement"], **more}})
    done = run("check", "--format", "json", "--account", OWNER, file)
    assert (done.status, done.json["policies"]) == (0, [])
    assert done.json["skipped"] == [{"file": file, "reason": SKIPPED}]
    assert "nothing was judged" in done.err
    assert run("check", "--strict", "--account", OWNER, file).status == 2
    assert run("check", "--account", OWNER, "--registry-policy", file, write(SAFE, "safe.json")).status == 3


@pytest.mark.parametrize(
    "change, status",
    [
        ({"Action": ["s3:*", "ecr:*"]}, 1),
        ({"Action": "*"}, 1),
        ({"Action": "e?r:*"}, 1),
        ({"Action": "s3"}, 1),
        ({"Actions": "ecr:*"}, 1),
        ({"Principal": None}, 1),
        ({"Action": None, "NotAction": "s3:*"}, 1),
    ],
)
def test_a_policy_that_may_be_of_ecr_is_judged(run: Run, write: Write, change: dict[str, object], status: int) -> None:
    statement = {name: one for name, one in {**ELSEWHERE["Statement"], **change}.items() if one is not None}
    done = run("check", "--format", "json", "--account", OWNER, write({"Statement": statement}))
    assert (done.status, len(done.json["policies"])) == (status, 1)


def test_a_policy_without_statements_is_judged(run: Run, write: Write) -> None:
    done = run("check", "--format", "json", "--account", OWNER, write({"Statement": []}))
    assert [one["compliance"] for one in done.json["policies"]] == ["COMPLIANT"]


def test_the_misspelled_actions_of_a_template_are_noted(run: Run, write: Write) -> None:
    def noted(action: str) -> list[str]:
        policy = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": action}]}
        template = {
            "Resources": {"R": {"Type": "AWS::ECR::Repository", "Properties": {"RepositoryPolicyText": policy}}}
        }
        done = run("check", "--format", "json", "--account", OWNER, write(template, "t.json"))
        (found,) = done.json["policies"]
        return [note for note in found["notes"] if sentence("findings.no_statement_action_amazon_ecr") in note]

    assert len(noted("erc:PutImage")) == 1
    assert noted("ecr:PutImage") == noted("*") == []
