"""Programs that create ECR resources are not read. If their output is also missing, that is reported."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.cli.conftest import OPEN, OWNER, Run, Write
from tests.wording import sentence

CDK = sentence("programs.program_aws_cdk")
CDKTF = sentence("programs.program_cdk_terraform")
PULUMI = sentence("programs.pulumi_program_not_read")
SDK = sentence("programs.called_program_not_read")
TEMPLATE = sentence("programs.program_makes_template")

TYPESCRIPT = """\
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { AccountPrincipal } from 'aws-cdk-lib/aws-iam';
// new Repository( in a comment makes nothing
const base = new Repository(this, 'Base');
base.grantPull(new AccountPrincipal('222233334444'));
"""

PROGRAMS = [
    ("lib/stack.ts", TYPESCRIPT, 4, "Repository", CDK),
    (
        "lib/comments.ts",
        "import * as ecr from 'aws-cdk-lib/aws-ecr';\n/* new Repository(\n * new Repository( */\nnew Repository(s);\n",
        4,
        "Repository",
        CDK,
    ),
    ("lib/share.ts", "import * as cdk from 'aws-cdk-lib';\nrepo.grantPullPush(partner);\n", 2, "grantPullPush", CDK),
    (
        "app.js",
        "const { aws_ecr } = require('aws-cdk-lib');\nnew aws_ecr.CfnRegistryPolicy(s, 'P', {});\n",
        2,
        "CfnRegistryPolicy",
        CDK,
    ),
    (
        "app/stack.py",
        "from aws_cdk import aws_ecr as ecr\n\nrepo = ecr.Repository(self, 'Base')\n",
        3,
        "Repository",
        CDK,
    ),
    ("app/pull.py", "import aws_cdk as cdk\nrepo.grant_pull(partner)\n", 2, "grant_pull", CDK),
    (
        "src/App.java",
        'import software.amazon.awscdk.services.ecr.Repository;\nvar r = Repository.Builder.create(this, "R");\n',
        2,
        "Repository",
        CDK,
    ),
    ("src/Stack.cs", 'using Amazon.CDK.AWS.ECR;\nvar r = new Repository(this, "Base");\n', 2, "Repository", CDK),
    (
        "main.go",
        'import "github.com/aws/aws-cdk-go/awscdk/v2/awsecr"\nr := awsecr.NewRepository(s, x, nil)\n',
        2,
        "NewRepository",
        CDK,
    ),
    (
        "main.ts",
        (
            'import { EcrRepositoryPolicy } from "@cdktf/provider-aws/lib/ecr-repository-policy";\n'
            'new EcrRepositoryPolicy(this, "p", {});\n'
        ),
        2,
        "EcrRepositoryPolicy",
        CDKTF,
    ),
    (
        "index.ts",
        'import * as aws from "@pulumi/aws";\nnew aws.ecr.RepositoryPolicy("p", {});\n',
        2,
        "RepositoryPolicy",
        PULUMI,
    ),
    ("__main__.py", 'import pulumi_aws as aws\naws.ecr.RegistryPolicy("p", policy=p)\n', 2, "RegistryPolicy", PULUMI),
    ("Program.fs", "open Pulumi.Aws\nRepositoryPolicy ( args )\n", 2, "RepositoryPolicy", PULUMI),
    (
        "sst.config.ts",
        '/// <reference path="./.sst/platform/config.d.ts" />\nnew aws.ecr.RepositoryPolicy("p", {});\n',
        2,
        "RepositoryPolicy",
        PULUMI,
    ),
    (
        "serverless.ts",
        "import type { AWS } from '@serverless/typescript';\nconst base = { RepositoryPolicyText: policy };\n",
        2,
        "RepositoryPolicyText",
        TEMPLATE,
    ),
    (
        "open.py",
        "import boto3\nclient = boto3.client('ecr')\nclient.set_repository_policy(\n    policyText=text)\n",
        3,
        "set_repository_policy",
        SDK,
    ),
    (
        "open.mjs",
        "await client.send(new SetRepositoryPolicyCommand({ policyText }));\n",
        1,
        "SetRepositoryPolicyCommand",
        SDK,
    ),
    (
        "Open.kt",
        "client.putRegistryPolicy(PutRegistryPolicyRequest.builder().policyText(t).build())\n",
        1,
        "putRegistryPolicy",
        SDK,
    ),
    ("open.go", "out, err := client.SetRepositoryPolicy(ctx, in)\n", 1, "SetRepositoryPolicy", SDK),
    (
        "run.py",
        'subprocess.run(["aws", "ecr", "set-repository-policy", "--policy-text", p])\n',
        1,
        "set-repository-policy",
        SDK,
    ),
    ("run.js", "exec(`aws ecr put-registry-policy --policy-text ${p}`);\n", 1, "put-registry-policy", SDK),
    (
        "bin/open",
        "#!/usr/bin/env -S python3 -u\nclient.set_repository_policy(policyText=p)\n",
        2,
        "set_repository_policy",
        SDK,
    ),
    (
        "bin/share",
        "#!/usr/local/bin/node\nclient.send(new PutRegistryPolicyCommand(p));\n",
        2,
        "PutRegistryPolicyCommand",
        SDK,
    ),
    (
        "template.py",
        "from troposphere import ecr\necr.RegistryPolicy('P', PolicyText=p)\n",
        2,
        "RegistryPolicy",
        TEMPLATE,
    ),
]


@pytest.mark.parametrize("program", PROGRAMS, ids=[one[0] for one in PROGRAMS])
def test_a_program_is_found_and_not_judged(
    run: Run, write: Write, tmp_path: Path, program: tuple[str, str, int, str, str]
) -> None:
    name, text, *told = program
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    write("{}", "cdk.json")
    for path in (write(text, name), str(tmp_path)):
        done = run("check", "--account", OWNER, "--format", "json", path)
        assert done.status == 0
        assert [[one["line"], one["resource"], one["reason"]] for one in done.json["unjudged"]] == [told], path
        assert run("check", "--account", OWNER, "--strict", path).status == 2


NOTHING_OF_ECR = [
    ("snippet.ts", "import { Repository } from 'aws-cdk-lib/aws-ecr';\nnew Repository(this, 'R');\n"),
    (
        "deploy.ts",
        "import { Repository } from 'aws-cdk-lib/aws-ecr';\nRepository.fromRepositoryName(this, 'R', 'b');\n",
    ),
    ("git.ts", "import * as codecommit from 'aws-cdk-lib/aws-codecommit';\nnew codecommit.Repository(this, 'ecr');\n"),
    ("image.py", "from aws_cdk import aws_ecr_assets\naws_ecr_assets.DockerImageAsset(self, 'I', directory='.')\n"),
    ("role.py", "from aws_cdk import aws_iam\niam.PolicyStatement(actions=['ecr:SetRepositoryPolicy'])\n"),
    ("backend.py", "class Ecr:\n    def set_repository_policy(self, text): ...\n"),
    ("orm.py", "from app.ecr import Repository\nRepository('policy')\n"),
    ("movie.ts", b"G@\x00\x11ecr policy new SetRepositoryPolicyCommand(\x00\xff" * 200),
    ("site-packages/moto/server.py", "backend.set_repository_policy(text)\n"),
    ("vendor/sdk/api.go", "client.SetRepositoryPolicy(ctx, in)\n"),
    ("vendor/bin/open", "#!/usr/bin/python3.13\nclient.set_repository_policy(policyText=p)\n"),
    ("notes", "client.set_repository_policy(policyText=p)\n"),
]


@pytest.mark.parametrize("name, data", NOTHING_OF_ECR, ids=[one[0] for one in NOTHING_OF_ECR])
def test_a_program_that_makes_nothing_of_ecr_is_passed_over(
    run: Run, tmp_path: Path, name: str, data: str | bytes
) -> None:
    program = tmp_path / name
    program.parent.mkdir(parents=True, exist_ok=True)
    program.write_bytes(data.encode() if isinstance(data, str) else data)
    done = run("check", "--account", OWNER, "--format", "json", str(tmp_path))
    assert (done.status, done.json["unjudged"], done.json["errors"]) == (0, [], [])


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16", "utf-8-sig"])
def test_a_program_is_found_in_whatever_encoding(run: Run, tmp_path: Path, encoding: str) -> None:
    (tmp_path / "stack.ts").write_bytes(f"// für alle\n{TYPESCRIPT}".encode(encoding))
    done = run("check", "--account", OWNER, "--format", "json", str(tmp_path))
    assert [(one["line"], one["reason"]) for one in done.json["unjudged"]] == [(5, CDK)]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no named pipes")
def test_what_cannot_be_read_is_an_error(run: Run, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "stack.ts")
    assert run("check", "--account", OWNER, str(tmp_path)).status == 3


def test_the_guide_shows_what_is_printed(
    run: Run, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "app" / "lib").mkdir(parents=True)
    write(TYPESCRIPT, "app/lib/stack.ts")
    guide = (Path(__file__).parents[2] / "docs" / "check.md").read_text("utf-8")
    monkeypatch.chdir(tmp_path)
    (line, _) = run("check", "--account", OWNER, "app").out.splitlines()
    assert f"```text\n{line}\n```" in guide


def test_a_project_has_one_entry(run: Run, write: Write, tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder / "lib").mkdir(parents=True)
        write("{}", f"{folder}/cdk.json")
        for name in ("a.ts", "b.ts"):
            write(TYPESCRIPT, f"{folder}/lib/{name}")
    third = write(TYPESCRIPT, "one/lib/c.ts")
    done = run("check", "--account", OWNER, "--format", "json", str(tmp_path))
    found = [(Path(one["file"]).relative_to(tmp_path).as_posix(), one["reason"]) for one in done.json["unjudged"]]
    assert found == [
        ("one/lib/a.ts", f"{CDK} (and 2 more files of this project)"),
        ("two/lib/a.ts", f"{CDK} (and 1 more file of this project)"),
    ]
    done = run("check", "--account", OWNER, "--format", "json", third)
    assert [one["reason"] for one in done.json["unjudged"]] == [CDK]


@pytest.mark.parametrize("name", ["policy.js", "policy.py", "policy.ts"])
def test_data_that_the_user_names_is_judged_whatever_its_name(run: Run, write: Write, name: str) -> None:
    done = run("check", "--account", OWNER, "--format", "json", write(OPEN, name))
    assert (done.status, len(done.json["policies"]), done.json["unjudged"]) == (1, 1, [])


# --- their output is here ---

STACK = {"Resources": {"Base": {"Type": "AWS::ECR::Repository", "Properties": {"RepositoryPolicyText": OPEN}}}}


def _assembly(folder: Path, stack: str = "App") -> None:
    folder.mkdir(parents=True)
    (folder / f"{stack}.template.json").write_text(json.dumps(STACK))
    artifact = {"type": "aws:cloudformation:stack", "properties": {"templateFile": f"{stack}.template.json"}}
    (folder / "manifest.json").write_text(json.dumps({"version": "40.0.0", "artifacts": {stack: artifact}}))


@pytest.mark.parametrize("output", ["cdk.out", "cdk.out/assembly-Prod", "build/templates"])
def test_a_program_whose_templates_are_judged_is_not_listed(run: Run, tmp_path: Path, output: str) -> None:
    app = tmp_path / "app"
    _assembly(app / output)
    if output.startswith("cdk.out/"):
        (app / "cdk.out" / "manifest.json").write_text(json.dumps({"version": "40.0.0", "artifacts": {}}))
    home = (app / output).parent if output.startswith("build") else app
    (home / "lib").mkdir(exist_ok=True)
    (home / "lib" / "stack.ts").write_text(TYPESCRIPT)
    (home / "lib" / "open.py").write_text("client.set_repository_policy(policyText=text)\n")
    done = run("check", "--account", OWNER, "--format", "json", str(tmp_path))
    assert (done.status, len(done.json["policies"])) == (1, 1)
    assert [one["reason"] for one in done.json["unjudged"]] == [SDK], "what the SDK sets is in no template"


def test_a_program_whose_templates_are_left_out_is_listed(run: Run, tmp_path: Path) -> None:
    _assembly(tmp_path / "cdk.out")
    (tmp_path / "stack.ts").write_text(TYPESCRIPT)
    (tmp_path / "other").mkdir()
    done = run("check", "--account", OWNER, "--format", "json", "--exclude", "cdk.out", str(tmp_path))
    assert [one["reason"] for one in done.json["unjudged"]] == [CDK]


def test_templates_of_another_app_say_nothing_of_a_program(run: Run, tmp_path: Path) -> None:
    _assembly(tmp_path / "one" / "cdk.out")
    (tmp_path / "two").mkdir()
    (tmp_path / "two" / "stack.ts").write_text(TYPESCRIPT)
    done = run("check", "--account", OWNER, "--format", "json", str(tmp_path))
    assert [one["reason"] for one in done.json["unjudged"]] == [CDK]


def test_a_folder_that_only_looks_like_an_assembly_covers_no_program(run: Run, tmp_path: Path) -> None:
    web = tmp_path / "web"
    web.mkdir()
    (web / "manifest.json").write_text('{"name": "app", "icons": []}')
    (web / "page.template.json").write_text("{}")
    (tmp_path / "stack.ts").write_text(TYPESCRIPT)
    done = run("check", "--account", OWNER, "--format", "json", str(tmp_path))
    assert [one["reason"] for one in done.json["unjudged"]] == [CDK]


@pytest.mark.parametrize("left", ["manifest.json", "tree.json", "half.template.json"])
def test_an_assembly_of_which_no_template_is_named_covers_no_program(run: Run, tmp_path: Path, left: str) -> None:
    """The remains of a `cdk synth` that ended too early."""
    (tmp_path / "cdk.out").mkdir()
    (tmp_path / "cdk.out" / left).write_text("{}")
    (tmp_path / "stack.ts").write_text(TYPESCRIPT)
    done = run("check", "--account", OWNER, "--format", "json", str(tmp_path))
    assert [one["reason"] for one in done.json["unjudged"]] == [CDK]


def test_an_output_of_cdk_for_terraform_without_a_stack_covers_no_program(run: Run, tmp_path: Path) -> None:
    (tmp_path / "main.ts").write_text(next(text for _, text, _, _, reason in PROGRAMS if reason == CDKTF))
    (tmp_path / "cdktf.out").mkdir()
    (tmp_path / "cdktf.out" / "manifest.json").write_text('{"stacks": {}}')
    done = run("check", "--account", OWNER, "--format", "json", str(tmp_path))
    assert [one["reason"] for one in done.json["unjudged"]] == [CDKTF]


def test_a_program_of_cdk_for_terraform_is_covered_by_its_output(run: Run, tmp_path: Path) -> None:
    program = next(text for name, text, _, _, reason in PROGRAMS if reason == CDKTF)
    (tmp_path / "main.ts").write_text(program)
    stack = tmp_path / "cdktf.out" / "stacks" / "app"
    stack.mkdir(parents=True)
    policy = {"p": {"repository": "base", "policy": json.dumps(OPEN)}}
    (stack / "cdk.tf.json").write_text(json.dumps({"resource": {"aws_ecr_repository_policy": policy}}))
    done = run("check", "--account", OWNER, "--format", "json", str(tmp_path))
    assert (done.status, done.json["unjudged"]) == (1, [])
