"""Programs that make something of ECR, or give Terraform values: a row for each sign of each tool."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest
from ecr_crossaccount.sources.formats import programs

from tests.check.conftest import Look
from tests.wording import sentence

CDK = "a program of the AWS CDK"
CDKTF = "a program of CDK for Terraform"
PULUMI = "a Pulumi program"
TEMPLATE = sentence("programs.program_makes_template_2")
SDK = "called by a program"
TYPES = [
    *("RepositoryPolicy", "RepositoryCreationTemplate", "RegistryPolicy"),
    *("ReplicationConfiguration", "PullThroughCacheRule"),
]
IN_CDK = ["aws-cdk-lib", "@aws-cdk/x", "aws_cdk", "awscdk", "Amazon.CDK"]
OF_ECR = ["'aws-ecr'", "aws_ecr", "services.ecr", "AWS.ECR", "awsecr"]
IN_PULUMI = ["@pulumi/aws", "pulumi_aws", "pulumi-aws", "Pulumi.Aws", "com.pulumi.aws", "sst.aws", ".sst/platform"]
IN_TEMPLATES = ["troposphere", "goformation", "@serverless/typescript"]
TEXTS = ["RepositoryPolicyText", "repositoryPolicyText", "repository_policy_text", "AWS::ECR::RegistryPolicy"]
OPERATIONS = [
    *("set_repository_policy", "SetRepositoryPolicy", "put_registry_policy", "putRegistryPolicy"),
    *("create_repository_creation_template", "updateRepositoryCreationTemplate", "put_replication_configuration"),
    *("putReplicationConfiguration", "create_pull_through_cache_rule", "CreatePullThroughCacheRule"),
]
COMMANDS = [
    *("set-repository-policy", "put-registry-policy", "create-repository-creation-template"),
    *("update-repository-creation-template", "put-replication-configuration", "create-pull-through-cache-rule"),
]
FOUND: list[tuple[str, str, str]] = [
    *((f"{one} {of_ecr}\nnew Repository(", CDK, "Repository") for one, of_ecr in product(IN_CDK, OF_ECR)),
    *(
        (f"aws_cdk aws_ecr\n{made}", CDK, what)
        for made, what in (
            *(("Repository (", "Repository"), ("Repository\t(", "Repository"), ("NewRepository(", "NewRepository")),
            *(("ecr.Repository(", "Repository"), ("PublicRepository(", "PublicRepository")),
            *(("Repository.Builder.create(", "Repository"), ("NewPublicRepository(", "NewPublicRepository")),
        )
    ),
    *((f"{one}\nCfnRepository(", CDK, "CfnRepository") for one in IN_CDK),
    *((f"aws_cdk\nCfn{one}(", CDK, f"Cfn{one}") for one in (*TYPES, "Repository", "PublicRepository")),
    *((f"aws_cdk\nNewCfn{one}(", CDK, f"NewCfn{one}") for one in TYPES),
    *((f"aws_cdk\nCfn{one}.Builder.create(", CDK, f"Cfn{one}") for one in TYPES),
    *(
        (f"aws_cdk\nr.{one}(", CDK, one)
        for one in ("grantPull", "grantPush", "grantPullPush", "GrantPull", "grant_pull")
    ),
    *((f"aws_cdk\nr.{one} (", CDK, one) for one in ("grant_push", "grant_pull_push", "GrantPullPush")),
    *((f"aws_cdk\n{one}", CDK, one) for one in TEXTS),
    *((f"{one}\nEcrRepositoryPolicy(", CDKTF, "EcrRepositoryPolicy") for one in ("cdktf", "@cdktf/x", "cdktn")),
    *((f"cdktf\nEcr{one}(", CDKTF, f"Ecr{one}") for one in TYPES),
    *(
        (f"cdktf\n{one}RepositoryPolicy (", CDKTF, f"{one}RepositoryPolicy")
        for one in ("Ecrpublic", "EcrPublic", "NewEcr")
    ),
    *((f"{one}\nRepositoryPolicy(", PULUMI, "RepositoryPolicy") for one in IN_PULUMI),
    *((f"pulumi_aws\n{one} (", PULUMI, one) for one in TYPES),
    *((f"pulumi_aws\nNew{one}(", PULUMI, f"New{one}") for one in TYPES),
    *((f"pulumi_aws\n{one}", PULUMI, one) for one in TEXTS),
    *((f"{one}\nRepositoryPolicy(", TEMPLATE, "RepositoryPolicy") for one in IN_TEMPLATES),
    *((f"troposphere\n{one}(", TEMPLATE, one) for one in TYPES),
    *((f"troposphere\n{one}", TEMPLATE, one) for one in TEXTS),
    *((f"x\nclient.{one}(", SDK, one) for one in OPERATIONS),
    *((f"x\nnew {one}Command (", SDK, f"{one}Command") for one in OPERATIONS),
    *((f"x\nclient.{one}Request.builder()", SDK, f"{one}Request") for one in OPERATIONS),
    *((f"x\nclient.{one}{{", SDK, one) for one in OPERATIONS),
    *((f"x\naws ecr {one} x", SDK, one) for one in COMMANDS),
    *((f"x\naws ecr-public {one} x", SDK, one) for one in COMMANDS),
    *((f'x\n"{one}"', SDK, one) for one in COMMANDS),
    *((f"x\n'{one}'", SDK, one) for one in COMMANDS),
]


@pytest.mark.parametrize("text, reason, what", FOUND, ids=range(len(FOUND)))
def test_each_sign_of_a_program(look: Look, text: str, reason: str, what: str) -> None:
    (one,) = look({"x.py": text}, "x.py").unjudged
    assert (one.line, one.resource, one.reason.startswith(reason)) == (2, what, True)


NOTHING = [
    *(
        "aws_cdk aws_ecr\ncodecommit.Repository(",
        "aws_cdk aws_ecr\nmyRepository(",
        "aws_cdk aws-ecr-assets\nRepository(",
    ),
    *(
        "aws_cdk aws-ecr_x\nRepository(",
        "aws_cdk\nRepository(",
        "aws_ecr\nRepository(",
        "aws_cdk aws_ecr\nRepository  (",
    ),
    *("x\nCfnRepository(", "x\nEcrRepositoryPolicy(", "x\nRepositoryPolicy(", "x\nRepositoryPolicyText"),
    *("aws_cdk\ngrantPull(", "aws_cdk\nr.grantRead(", "cdktf\nRepositoryPolicy(", "troposphere\nRepository("),
    *("x\nset_repository_policy(", "x\nclient.set_repository_policy", "x\nget_repository_policy("),
    *(
        "x\nset-repository-policy",
        "x\nxecr set-repository-policy",
        "x\n'set-repository-policy",
        "x\nset-repository-policy'",
    ),
    *(f"aws_cdk\n{mark} CfnRepository(" for mark in ("#", "//", "*", "/*", "   #", "\t//")),
]


@pytest.mark.parametrize("text", NOTHING)
def test_other_programs(look: Look, text: str) -> None:
    for named in ("", "x.py") if text.startswith("aws_") else ("",):
        assert look({"cdk.json": "{}", "x.py": text}, named).unjudged == ()


def test_a_program_in_a_comment_and_below_it(look: Look) -> None:
    (one,) = look({"x.py": "aws_cdk\n# CfnRepository(\nx = 1; CfnRepository(\nCfnRepository("}).unjudged
    assert (one.line, one.column) == (3, 8)


REPOSITORY = "aws_cdk aws_ecr\nRepository("
SHARING = [
    "grant",
    "Grant",
    "resourcePolicy",
    "ResourcePolicy",
    "repository_policy",
    "registry_policy",
    "RegistryPolicy",
]


@pytest.mark.parametrize("word", [*SHARING, "resource_policy", "RepositoryPolicy", "principal", "Principal"])
def test_a_snippet_of_the_cdk_counts_if_it_shares(look: Look, word: str) -> None:
    assert [one.reason.startswith(CDK) for one in look({"x.py": f"{REPOSITORY}\n{word}"}).unjudged] == [True]


@pytest.mark.parametrize(
    "files, count",
    [
        ({"x.py": REPOSITORY}, 0),
        ({"cdk.json": "{}", "x.py": REPOSITORY}, 1),
        ({"cdk.json": "{}", "a/b/x.py": REPOSITORY}, 1),
        ({"a/cdk.json": "{}", "b/x.py": REPOSITORY}, 0),
        ({"cdktf.json": "{}", "x.py": REPOSITORY}, 0),
    ],
)
def test_a_snippet_of_the_cdk_counts_in_a_project(look: Look, files: dict[str, str], count: int) -> None:
    assert len(look(files).unjudged) == count
    assert len(look(files, next(name for name in files if name.endswith(".py"))).unjudged) == 1


PROJECTS = {
    "cdk.json": ("aws_cdk\nCfnRepository(", CDK),
    "cdktf.json": ("cdktf\nEcrRepositoryPolicy(", CDKTF),
    "Pulumi.yaml": ("pulumi_aws\nRepositoryPolicy(", PULUMI),
    "": ("troposphere\nRepositoryPolicy(", TEMPLATE),
}


@pytest.mark.parametrize("project", PROJECTS)
def test_the_programs_of_a_project_are_one(look: Look, project: str) -> None:
    text, reason = PROJECTS[project]
    files = {f"p/{folder}/{number}.py": text for folder in "ab" for number in range(2)}
    found = look({**files, f"p/{project or 'x.json'}": "{}"}).unjudged
    assert [one.reason.startswith(reason) for one in found] == [True] * (1 if project else 4)
    assert found[0].reason.endswith(" (and 3 more files of this project)") is bool(project)
    apart = look({**files, **({f"p/{one}/{project}": "{}" for one in "ab"} if project else {})}).unjudged
    assert [one.reason.endswith(" (and 1 more file of this project)") for one in apart] == (
        [True] * 2 if project else [False] * 4
    )
    outside = look({**files, (project or "x.json"): "{}"}, "p").unjudged
    assert len(outside) == 4, "a project above the folder that the user names does not count"


def test_programs_of_two_tools_are_two(look: Look) -> None:
    files = {"cdk.json": "{}", "a.py": "aws_cdk\nCfnRepository(", "b.py": "x\nclient.set_repository_policy("}
    assert [one.resource for one in look(files).unjudged] == ["CfnRepository", "set_repository_policy"]


def test_what_makes_something_is_told_apart_from_what_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1")
    (tmp_path / "b.py").write_text("aws_cdk\nCfnRepository(")
    names = [str(tmp_path / name) for name in ("a.py", "b.py", "c.py")]
    found, making = programs.read([(name, True) for name in names], (), (), [str(tmp_path)])
    assert making == {names[1], names[2]}
    assert [(one.file, one.line) for one in found.errors] == [(names[2], None)]
    assert [one.file for one in found.unjudged] == [names[1]]


# --- what gives values to variables ---

VARIABLES = "abcdefgh"
SOURCE = (
    "".join(f'variable "{one}{one}" {{}}\n' for one in VARIABLES)
    + 'resource "aws_ecr_repository" "x" { name = var.aa }\n'
)
FLUX = "apiVersion: infra.contrib.fluxcd.io/v1\nkind: Terraform\n"
SPACE = "apiVersion: {}/v1\nkind: Workspace\n"
GIVES = sentence("callers.gives_variable_value")
ANY = sentence("callers.gives_terraforms_variables")
FILE = sentence("callers.gives_terraform_variable")
ONE = GIVES.format("`aa`")
CALLS: list[tuple[str, str, int, str, str]] = [
    *(
        (f"x{end}", "x {\n  aa = 1\n}", 2, "component", ONE)
        for end in (".tfcomponent.hcl", ".tfstack.hcl", ".TFSTACK.HCL")
    ),
    ("x.yaml", "components:\n  terraform:\n    vars:\n      aa: 1", 4, "component", ONE),
    ("x.yaml", "terraform:\n  vars:\n    'aa' : 1", 3, "component", ONE),
    ("x.yaml", 'terraform:\n  vars:\n    "aa": 1', 3, "component", ONE),
    ("x.yaml", "terraform:\n  vars:\n  - aa: 1", 3, "component", ONE),
    ("x.yaml", f"{FLUX}name: aa", 3, "Terraform", ONE),
    ("x.yaml", f'{FLUX}- name: "aa"', 3, "Terraform", ONE),
    ("x.yaml", f"{FLUX}  aa: 1", 3, "Terraform", ONE),
    ("x.yaml", f"{FLUX}x:\n  varsFrom: x", 4, "Terraform", ANY),
    *(
        ("x.yaml", f"{SPACE.format(f'{one}.io')}- key: aa", 3, "Workspace", ONE)
        for one in ("tf.upbound", "opentofu.upbound", "tf.m.upbound", "opentofu.m.upbound", "tf.crossplane")
    ),
    *(("x.yaml", f"{SPACE.format('tf.upbound.io')}  {one}: x", 3, "Workspace", ANY) for one in ("varFiles", "varmap")),
    ("x.sh", "x\nterraform apply -var aa=1", 2, "terraform", ONE),
    ("x.sh", "x\nterraform apply -var=aa=1", 2, "terraform", ONE),
    ("x.sh", "x\nterraform apply -var 'aa=1'", 2, "terraform", ONE),
    ("x.sh", 'x\nterraform apply -var="aa=1"', 2, "terraform", ONE),
    ("x.json", '["x",\n"-var", "aa=1"]', 2, "terraform", ONE),
    ("x.sh", "x\nexport TF_VAR_aa=1", 2, "terraform", ONE),
    ("Makefile", "x:\n\tTF_VAR_aa=1 terraform", 2, "terraform", ONE),
    ("x.sh", "x\nTF_VAR_cc=1 TF_VAR_aa=1", 2, "terraform", GIVES.format("`cc`, `aa`")),
    ("x.sh", "x\nTF_VAR_cc=1 TF_VAR_cc=2", 2, "terraform", GIVES.format("`cc`")),
    ("x.sh", "x\nTF_VAR_cc=1 TF_VAR_aa=1 TF_VAR_bb=1", 2, "terraform", GIVES.format("`cc`, `aa`, `bb`")),
    (
        *("x.sh", "x\nTF_VAR_cc=1 TF_VAR_aa=1 TF_VAR_bb=1 TF_VAR_dd=1", 2, "terraform"),
        GIVES.format("`cc`, `aa`, `bb` and 1 more"),
    ),
    ("x.sh", "x\nterraform apply -var-file=p.tfvars", 2, "terraform", FILE.format("p.tfvars")),
    ("x.sh", "x\nterraform apply -var-file p.tfvars", 2, "terraform", FILE.format("p.tfvars")),
    ("x.sh", "x\nterraform apply -var-file='p.tfvars'", 2, "terraform", FILE.format("p.tfvars")),
    ("x.json", '["x",\n"-var-file", "p.tfvars"]', 2, "terraform", FILE.format("p.tfvars")),
    ("x.sh", "x\nterraform -var-file=p.pkrvars.hcl -var-file=a/p.tfvars", 2, "terraform", FILE.format("a/p.tfvars")),
    ("x.yaml", "x: -var-file=${{ a b }}.x", 1, "terraform", FILE.format("${{ a b }}.x")),
]


@pytest.mark.parametrize("case", CALLS, ids=range(len(CALLS)))
def test_each_way_to_give_a_value(look: Look, case: tuple[str, str, int, str, str]) -> None:
    name, text, *told = case
    (one,) = look({"infra/main.tf": SOURCE, "infra/known.tfvars": "", name: text}).unjudged
    assert [one.line, one.resource, one.reason] == told


NO_CALLS = [
    *(("x.yaml", text) for text in ("vars:\n  aa: 1", "components:\n  aa: 1", "terraform:\n  aa: 1")),
    *(
        ("x.yaml", text)
        for text in ("components:\n  terraform:\n    zz: 1", "kind: Terraform\nname: aa", f"{FLUX}name: zz")
    ),
    *(("x.yaml", text) for text in (SPACE.format("tf.upbound.io"), f"{SPACE.format('x.upbound.io')}key: aa")),
    *(("x.sh", text) for text in ("terraform apply -var zz=1", "TF_VAR_zz=1", "TF_VAR_aaa=1", "-variable aa=1")),
    *(("x.sh", f"terraform -var-file={one}") for one in ("p.pkrvars.hcl", "p.pkrvars.json", "known.tfvars")),
    *(
        ("x.sh", f"terraform -var-file={one}")
        for one in ("a/known.tfvars", "$X.tfvars", "a/${X}n.tfvars", "$(x).tfvars")
    ),
    *(("x.yaml", f"a: terraform -var-file={one}.tfvars") for one in ("${{ a b }}", "{{ a b }}", "kn{{ x }}")),
    ("x.yaml", f"{SPACE.format('x.upbound.io')}- key: aa\n# TF_VAR_"),
    ("x.txt", "terraform apply -var aa=1"),
    ("x.hcl.txt", "x {\n  aa = 1\n}"),
]


@pytest.mark.parametrize("name, text", NO_CALLS, ids=range(len(NO_CALLS)))
def test_what_gives_no_value(look: Look, name: str, text: str) -> None:
    assert look({"infra/main.tf": SOURCE, "infra/known.tfvars": "", name: text}).unjudged == ()


CALLING = 'variable "aa" {}\nmodule "x" {\n  source = "../x"\n}\n'
CALLED = (
    'resource "aws_ecr_repository_policy" "x" {\n  repository = "x"\n  policy     = jsonencode({ Statement = [] })\n}\n'
)
FOLDERS = [
    ({"infra/main.tf": SOURCE}, {}, 1),
    ({"infra/main.tf.json": {"variable": {"aa": {}}, "resource": {"aws_ecr_repository": {"x": {"name": "x"}}}}}, {}, 1),
    ({"main.TF.JSON": {"variable": {"aa": {}}, "resource": {"aws_ecr_repository": {"x": {"name": "x"}}}}}, {}, 1),
    ({"infra/main.tf": SOURCE.replace("ecr_repository", "vpc")}, {}, 0),
    ({"infra/main.tf": CALLING, "x/main.tf": CALLED}, {}, 1),
    ({"infra/main.tf": SOURCE, "infra/x.tf": "variable zz {\n}\n"}, {}, 1),
    ({"infra/main.tf": SOURCE}, {"parameters": {"aa": "x"}}, 0),
    ({}, {}, 0),
]


@pytest.mark.parametrize("files, options, count", FOLDERS, ids=range(len(FOLDERS)))
def test_whose_variables_count(look: Look, files: dict[str, object], options: dict[str, object], count: int) -> None:
    assert len(look({**files, "x.sh": "terraform apply -var aa=1"}, **options).unjudged) == count
