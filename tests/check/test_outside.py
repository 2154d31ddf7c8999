"""Files outside of the checked folder, and `.git`, are not read, whatever names them. That is told."""

from __future__ import annotations

import ast
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from ecr_crossaccount.sources.check.changed import Files, changed_files, relative
from ecr_crossaccount.sources.formats.dispatch import harvest
from ecr_crossaccount.sources.found.context import Context
from ecr_crossaccount.sources.reading.files import (
    UnreadableError,
    files_like,
    is_file,
    is_folder,
    limit_reading,
    list_folder,
    text_found,
)

from tests.cli.conftest import OPEN, OWNER, SAFE, Run
from tests.wording import sentence

SECRET = "ghs0123456789"
SOURCES = Path(__file__).parents[2] / "rule" / "ecr_crossaccount" / "sources"
READERS = sorted(path for part in ("files", "found", "formats", "check") for path in (SOURCES / part).rglob("*.py"))
PAGE = {"Statement": {"Sid": SECRET, "Effect": "Allow", "Principal": "*", "Action": "ecr:*"}}
TEMPLATE = json.dumps(
    {"Resources": {SECRET: {"Type": "AWS::ECR::Repository", "Properties": {"RepositoryPolicyText": PAGE}}}}
)


def terraform(policy: str) -> str:
    return f'resource "aws_ecr_repository_policy" "x" {{\n  repository = "a"\n  policy     = {policy}\n}}\n'


MODULE = terraform(f"<<EOT\n{json.dumps(PAGE)}\nEOT\n")
TASK = f"- community.aws.ecs_ecr: {{name: base, policy: {json.dumps(PAGE)}}}\n"
MANIFEST = f"""\
apiVersion: ecr.aws.upbound.io/v1beta1
kind: RepositoryPolicy
metadata: {{name: x}}
spec: {{forProvider: {{repository: base, policy: '{json.dumps(PAGE)}'}}}}
"""
PULUMI = """\
name: x
runtime: yaml
resources:
  p: {type: "aws:ecr:RepositoryPolicy", properties: {repository: a, policy: {"fn::readFile": ../outside/p.json}}}
"""
STACK = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "../outside/t.json"}}
SETS = "aws ecr set-repository-policy --repository-name a --policy-text"
TASKS = "- hosts: all\n  tasks: [{include_tasks: ../outside/tasks.yml}]\n"
LOOKUP = "- community.aws.ecs_ecr: {name: a, policy: \"{{ lookup('file', '../outside/p.json') }}\"}\n"
SERVICE = "service: x\nprovider: {name: aws}\nresources: '${file(../outside/t.json)}'\n"
HERE = {
    "file": ("main.tf", terraform('file("../outside/p.json")')),
    "file of a whole path": ("main.tf", terraform('file("OUTSIDE/p.json")')),
    "file behind a link": ("main.tf", terraform('file("link/p.json")')),
    "templatefile": ("main.tf", terraform('templatefile("../outside/p.json", {})')),
    "fileset": ("main.tf", terraform('join("", [for one in fileset("../outside", "*.json") : one])')),
    "file of Git": ("main.tf", terraform('jsonencode({Statement = split("=", file(".git/config"))})')),
    "module": ("main.tf", 'module "x" {\n  source = "../outside/module"\n}\n'),
    "include of Terragrunt": (
        "terragrunt.hcl",
        'include "x" {\n  path = "../outside/root.hcl"\n}\nterraform {\n  source = "./ecr"\n}\n',
    ),
    "source of Terragrunt": ("terragrunt.hcl", 'terraform {\n  source = "../outside/module"\n}\n'),
    "nested stack": ("t.json", json.dumps({"Resources": {"S": STACK}})),
    "service": ("serverless.yml", SERVICE),
    "file of a script": ("x.sh", f"{SETS} file://../outside/p.json\n"),
    "file of Pulumi": ("Pulumi.yaml", PULUMI),
    "included tasks": ("p.yml", TASKS),
    "lookup": ("p.yml", LOOKUP),
    "kustomization": ("kustomization.yaml", "kind: Kustomization\nresources: [../outside/m.yaml]\n"),
}
OUTSIDE = {
    "p.json": json.dumps(PAGE),
    "t.json": TEMPLATE,
    "tasks.yml": TASK,
    "m.yaml": MANIFEST,
    "root.hcl": f'inputs = {{\n  policy = "{SECRET}"\n}}\n',
    "module/main.tf": MODULE,
}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Return a repository beside a folder with open policies, whose names are secrets."""
    for name, text in OUTSIDE.items():
        path = tmp_path / "outside" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    found = tmp_path / "repository"
    (found / ".git").mkdir(parents=True)
    (found / ".git" / "config").write_text(f"token={SECRET}", "utf-8")
    (found / ".git" / "p.json").write_text(json.dumps(PAGE), "utf-8")
    (found / "closed.json").write_text(json.dumps(SAFE), "utf-8")
    (found / "link").symlink_to(tmp_path / "outside")
    return found


@pytest.mark.parametrize("name, text", HERE.values(), ids=HERE)
def test_no_file_names_another_outside(run: Run, repository: Path, name: str, text: str) -> None:
    (repository / name).write_text(text.replace("OUTSIDE", str(repository.parent / "outside")), "utf-8")
    for form in ("json", "text", "github-summary"):
        done = run(
            "check", "--format", form, "--account", OWNER, str(repository / name), str(repository / "closed.json")
        )
        assert SECRET not in done.out + done.err
    found = run(
        "check", "--format", "json", "--account", OWNER, str(repository / name), str(repository / "closed.json")
    )
    assert "outside the checked folder" in found.out
    assert not any(one["external"] for one in found.json["policies"])
    strict = run("check", "--strict", "--account", OWNER, str(repository / name), str(repository / "closed.json"))
    assert strict.status in (2, 3)


@pytest.mark.parametrize(
    "target", ["../outside", "../outside/p.json", ".git", ".git/p.json", "../outside/module/main.tf"]
)
def test_a_link_in_a_folder_leads_nowhere_outside(run: Run, repository: Path, target: str) -> None:
    name = f"linked{Path(target).suffix}"
    (repository / "link").unlink()
    (repository / name).symlink_to(target)
    done = run("check", "--format", "json", "--account", OWNER, str(repository))
    assert SECRET not in done.out + done.err
    told = [one for one in (*done.json["skipped"], *done.json["errors"]) if one["file"] == str(repository / name)]
    assert ["outside the checked folder" in one["reason"] for one in told] == [True]
    assert run("check", "--strict", "--account", OWNER, str(repository)).status in (2, 3)


def test_many_links_outside_are_told_once(run: Run, repository: Path) -> None:
    for number in range(50):
        (repository / f"l{number}.json").symlink_to(f"../outside/p{number}.json")
        (repository.parent / "outside" / f"p{number}.json").write_text("{}", "utf-8")
    done = run("check", "--format", "json", "--account", OWNER, str(repository))
    assert [one["reason"].partition(",")[0] for one in done.json["skipped"]] == [
        sentence("dispatch.files_folders_outside")
    ]


def test_a_link_to_the_whole_machine_is_not_walked(run: Run, repository: Path) -> None:
    (repository / "all").symlink_to("/")
    done = run("check", "--format", "json", "--account", OWNER, str(repository))
    assert (done.status, len(done.json["policies"])) == (0, 1)


@pytest.mark.parametrize("name", ["linked", "linked/p.json", "p.json"])
def test_a_link_that_the_user_names_does_not_lead_out_of_its_repository(run: Run, repository: Path, name: str) -> None:
    (repository / "linked").symlink_to("../outside")
    (repository / "p.json").symlink_to("../outside/p.json")
    done = run("check", "--account", OWNER, str(repository / name))
    assert (done.status, sentence("bounds.link_leads_out") in done.err) == (3, True)
    assert SECRET not in done.out + done.err
    assert run("check", "--account", OWNER, os.path.realpath(repository / name)).status == 1


def test_a_register_or_settings_that_are_links_outside_are_not_quoted(
    run: Run, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(repository)
    (repository.parent / "outside" / "secret").write_text(SECRET, "utf-8")
    (repository / "trust.yaml").symlink_to("../outside/secret")
    done = run("check", "--account", OWNER, "--trust", "trust.yaml", "closed.json")
    assert (done.status, SECRET in done.err, "leads out of its repository" in done.err) == (3, False, True)
    for target in ("../outside/secret", ".git/config"):
        (repository / "ecr-crossaccount.yaml").unlink(missing_ok=True)
        (repository / "ecr-crossaccount.yaml").symlink_to(target)
        done = run("check", "--account", OWNER, "closed.json")
        assert (done.status, SECRET in done.err, "leads out of its repository" in done.err) == (3, False, True)


def test_links_within_the_repository_are_followed(run: Run, repository: Path) -> None:
    (repository / "infra").mkdir()
    (repository / "shared").mkdir()
    (repository / "shared" / "p.json").write_text(json.dumps(OPEN), "utf-8")
    (repository / "infra" / "here").symlink_to("../shared")
    (repository / "infra" / "main.tf").write_text(terraform('file("../shared/p.json")'), "utf-8")
    done = run("check", "--format", "json", "--account", OWNER, str(repository / "infra"))
    assert [one["public"] for one in done.json["policies"]] == [True]


def test_without_a_repository_the_named_folders_count_together(run: Run, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    (tmp_path / "a" / "main.tf").write_text(terraform('file("../b/p.json")'), "utf-8")
    (tmp_path / "b" / "p.json").write_text(json.dumps(OPEN), "utf-8")
    argv = ("check", "--format", "json", "--account", OWNER)
    assert not any(one["public"] for one in run(*argv, str(tmp_path / "a")).json["policies"])
    both = run(*argv, str(tmp_path / "a"), str(tmp_path / "b")).json["policies"]
    assert [one["public"] for one in both] == [True]


def test_a_file_outside_is_not_compared(repository: Path) -> None:
    (repository / ".." / "new").mkdir()
    states = []
    for one in (repository, repository / ".." / "new"):
        (one / "here.yaml").write_text("a: 1\n", "utf-8")
        (one / "there.yaml").symlink_to(repository / ".." / "outside" / "p.json")
        context = Context(account=OWNER)
        states.append(Files(harvest([str(one / "here.yaml")], context), context, relative(str(one)), root=str(one)))
    changed = changed_files(*states)
    assert "there.yaml" in changed
    assert "here.yaml" not in changed


def test_what_may_not_be_read_is_not_known_to_exist(repository: Path) -> None:
    outside = str(repository / ".." / "outside")
    with limit_reading([str(repository)]) as bounds:
        assert not is_file(f"{outside}/p.json")
        assert not is_folder(outside)
        assert not is_folder(str(repository / ".GIT" / ".." / ".git"))
        assert list_folder(outside) == ()
        assert list(files_like(outside, "**/*")) == []
        assert list(files_like(str(repository), "link/*")) == []
        assert list(files_like(str(repository), "*.json")) == [str(repository / "closed.json")]
        with pytest.raises(UnreadableError, match="outside the checked folder"):
            text_found(str(repository / "link" / "p.json"), 10)
        with pytest.raises(UnreadableError):
            text_found("a\0b", 10)
        with pytest.raises(UnreadableError):
            text_found("x" * 5000, 10)
    assert f"{outside}/p.json" in bounds.refused
    with limit_reading([]), pytest.raises(UnreadableError, match="outside the checked folder"):
        text_found(str(repository / "closed.json"), 10)


# --- no reader opens files in another way ---

_PATHS = frozenset(
    {"iterdir", "glob", "rglob", "walk", "is_file", "is_dir", "exists", "open", "read_text", "read_bytes", "scandir"}
)
_OS = frozenset({"open", "listdir", "scandir", "walk", "fwalk"})
_OS_PATH = frozenset({"isfile", "isdir", "exists", "lexists"})
_ALLOWED = {
    "files.py": {"walk", "isfile", "isdir"},  # the walk itself, which asks for each folder, and its own questions
    "changed.py": {"walk"},  # the names of two states
    "module_sources.py": {"read_text"},  # files of this package
    "callers.py": {"isdir"},  # of a folder that was read
    "nested.py": {"lexists"},  # beside the question whether it may be read
}


def _ways(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id="open")):
                yield "open"
            case ast.Attribute(value=ast.Name(id="os"), attr=name) if name in _OS:
                yield name
            case ast.Attribute(value=ast.Attribute(value=ast.Name(id="os"), attr="path"), attr=name) if (
                name in _OS_PATH
            ):
                yield name
            case ast.Call(func=ast.Attribute(value=ast.Name(id="files" | "paths" | "os"))):
                pass
            case ast.Call(func=ast.Attribute(attr=name)) if name in _PATHS:
                yield name


@pytest.mark.parametrize("path", READERS, ids=lambda path: str(path.relative_to(SOURCES)))
def test_no_reader_opens_files_in_another_way(path: Path) -> None:
    assert {*_ways(ast.parse(path.read_text("utf-8")))} <= _ALLOWED.get(path.name, set())
