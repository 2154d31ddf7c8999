"""Named files that include others: these are judged too, and the missing ones are listed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ecr_crossaccount.sources.files.included import included_by

from tests.cli.conftest import OPEN, OWNER, SAFE, Run
from tests.wording import sentence

TASK = f"- community.aws.ecs_ecr: {{name: base, policy: {json.dumps(OPEN)}}}\n"
MANIFEST = f"""\
apiVersion: ecr.aws.upbound.io/v1beta1
kind: RepositoryPolicy
metadata: {{name: x}}
spec: {{forProvider: {{repository: base, policy: '{json.dumps(OPEN)}'}}}}
"""
SERVICE = "service: x\nprovider: {name: aws}\nresources: ['${file(ecr.yml)}']\n"
RESOURCES = (
    f"Resources: {{R: {{Type: 'AWS::ECR::Repository', Properties: {{RepositoryPolicyText: {json.dumps(OPEN)}}}}}}}\n"
)
KUSTOMIZATION = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"


def play(text: str) -> str:
    return f"- hosts: all\n{text}\n"


INCLUDING = {
    "tasks": ("p.yml", play("  tasks: [{import_tasks: more.yml}]"), "more.yml", TASK),
    "tasks by their full name": (
        "p.yml",
        play("  tasks: [{ansible.builtin.include_tasks: {file: more.yml}}]"),
        "more.yml",
        TASK,
    ),
    "tasks with arguments": ("p.yml", play("  tasks: [{include: more.yml a=b}]"), "more.yml", TASK),
    "tasks in a block": ("p.yml", play("  tasks: [{block: [{import_tasks: t/more.yml}]}]"), "t/more.yml", TASK),
    "tasks that are known in part": (
        "p.yml",
        play("  tasks: [{include_tasks: 'tasks-{{ env }}.yml'}]"),
        "tasks-prod.yml",
        TASK,
    ),
    "a playbook": ("site.yml", "- import_playbook: p.yml\n", "p.yml", play(f"  tasks:\n    {TASK}")),
    "a role": ("p.yml", play("  roles: [ecr]"), "roles/ecr/tasks/main.yml", TASK),
    "a role as an object": ("p.yml", play("  roles: [{role: ecr, when: x}]"), "roles/ecr/tasks/main.yaml", TASK),
    "a role above": ("plays/p.yml", play("  roles: [ecr]"), "roles/ecr/tasks/main.yml", TASK),
    "a role of a task": ("p.yml", play("  tasks: [{include_role: {name: ecr}}]"), "roles/ecr/tasks/other.yml", TASK),
    "handlers of a role": ("p.yml", play("  roles: [ecr]"), "roles/ecr/handlers/main.yml", TASK),
    "a role of a role": ("roles/app/tasks/main.yml", "- import_role: {name: ecr}\n", "roles/ecr/tasks/main.yml", TASK),
    "a service": ("serverless.yml", SERVICE, "ecr.yml", RESOURCES),
    "resources": ("kustomization.yaml", f"{KUSTOMIZATION}resources: [policy.yaml]\n", "policy.yaml", MANIFEST),
    "a patch": ("kustomization.yaml", f"{KUSTOMIZATION}patches: [{{path: policy.yaml}}]\n", "policy.yaml", MANIFEST),
    "a base": ("over/kustomization.yaml", "resources: [../base/policy.yaml]\n", "base/policy.yaml", MANIFEST),
}


@pytest.mark.parametrize("case", INCLUDING.values(), ids=INCLUDING)
def test_what_a_named_file_includes_is_judged(run: Run, tmp_path: Path, case: tuple[str, str, str, str]) -> None:
    including, text, included, more = case
    for name, content in ((including, text), (included, more), ("closed.json", json.dumps(SAFE))):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content, "utf-8")
    if included.startswith("roles/ecr/handlers"):
        (tmp_path / "roles/ecr/tasks").mkdir()
    done = run(
        "check", "--format", "json", "--account", OWNER, str(tmp_path / including), str(tmp_path / "closed.json")
    )
    assert done.status == 1
    assert [one["public"] for one in done.json["policies"]].count(True) == 1
    whole = run("check", "--format", "json", "--account", OWNER, str(tmp_path))
    assert [one["public"] for one in whole.json["policies"]].count(True) == 1


def test_the_kustomization_of_a_folder_is_followed(run: Run, tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()  # a checkout
    for folder, text in (("over", "resources: [../base]\n"), ("base", "resources: [policy.yaml]\n")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "kustomization.yaml").write_text(text, "utf-8")
    (tmp_path / "base" / "policy.yaml").write_text(MANIFEST, "utf-8")
    done = run("check", "--account", OWNER, str(tmp_path / "over" / "kustomization.yaml"))
    assert done.status == 1


MISSING = {
    "tasks": ("p.yml", play("  tasks: [{import_tasks: more.yml}]"), "more.yml"),
    "an absolute path": ("p.yml", play("  tasks: [{import_tasks: /etc/more.yml}]"), "/etc/more.yml"),
    "tasks that are not known": ("p.yml", play("  tasks: [{include_tasks: '{{ x }}'}]"), "{{ x }}"),
    "a role": ("p.yml", play("  roles: [ecr]"), "ecr"),
    "a role that is not known": ("p.yml", play("  roles: ['{{ x }}']"), "{{ x }}"),
    "resources": (
        "kustomization.yaml",
        "resources: ['https://example.com/ecr?ref=v1']\n",
        "https://example.com/ecr?ref=v1",
    ),
}


@pytest.mark.parametrize("name, text, missing", MISSING.values(), ids=MISSING)
def test_what_a_named_file_includes_and_is_not_here_is_listed(
    run: Run, tmp_path: Path, name: str, text: str, missing: str
) -> None:
    (tmp_path / name).write_text(text, "utf-8")
    (tmp_path / "closed.json").write_text(json.dumps(SAFE), "utf-8")
    check = ("check", "--format", "json", "--account", OWNER, str(tmp_path / name), str(tmp_path / "closed.json"))
    reasons = [one["reason"] for one in run(*check).json["skipped"]]
    assert sentence("included.includes_not_here_check", missing=missing) in reasons
    assert run(*check, "--strict").status == 2


def test_files_that_include_each_other_are_read_once(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(f"- import_tasks: b.yml\n{TASK}", "utf-8")
    (tmp_path / "b.yml").write_text("- import_tasks: a.yml\n", "utf-8")
    done = run("check", "--format", "json", "--account", OWNER, str(tmp_path / "a.yml"))
    assert len(done.json["policies"]) == 1


RESOURCES = "resources bases components crds patchesStrategicMerge generators transformers"
PATCHES = "patches patchesJson6902 replacements"
OF_TASKS = "import_tasks include_tasks include import_playbook ansible.builtin.import_tasks"
OF_ROLES = "import_role include_role ansible.builtin.include_role"
NAMED: list[tuple[str, str, str]] = [
    *(("kustomization.yaml", f"{name}: [more.yaml]\n", "more.yaml") for name in RESOURCES.split()),
    *(("kustomization.yaml", f"{name}: [{{path: more.yaml}}]\n", "more.yaml") for name in PATCHES.split()),
    *((name, "resources: [more.yaml]\n", "more.yaml") for name in ("kustomization.yml", "Kustomization")),
    *(("x.yaml", f"kind: {kind}\nresources: [more.yaml]\n", "more.yaml") for kind in ("Kustomization", "Component")),
    *(("kustomization.yaml", "resources: [more]\n", f"more/{name}") for name in ("kustomization.yml", "Kustomization")),
    *(("p.yml", f"- hosts: all\n  tasks: [{{{name}: more.yaml}}]\n", "more.yaml") for name in OF_TASKS.split()),
    *(("p.yml", f"- {name}: {{name: ecr}}\n", "roles/ecr/tasks/main.yml") for name in OF_ROLES.split()),
    *(("a/p.yml", f"- {name}: {{name: ecr}}\n", "roles/ecr/tasks/main.yml") for name in OF_ROLES.split()),
    ("a/b/p.yml", "- import_role: {name: ecr}\n", "roles/ecr/tasks/main.yml"),
    ("p.yml", "- {hosts: all, roles: [{name: ecr}]}\n", "roles/ecr/tasks/main.yml"),
    ("p.yml", "- {hosts: all, roles: [{role: ecr}]}\n", "roles/ecr/tasks/more.yaml"),
    ("p.json", '[{"import_tasks": "more.yaml"}]', ""),
    ("p.txt", "- import_tasks: more.yaml\n", ""),
    ("x.yaml", "kind: Other\nresources: [more.yaml]\n", ""),
    ("kustomization.yaml", "others: [more.yaml]\n", ""),
    ("p.yml", "- {other_tasks: more.yaml}\n", ""),
    ("p.yml", "import_tasks: [\n", ""),
]


@pytest.mark.parametrize("name, text, included", NAMED)
def test_each_name_by_which_a_file_includes_another(tmp_path: Path, name: str, text: str, included: str) -> None:
    for path, content in ((name, text), (included or "more.yaml", "a: b\n"), ("roles/ecr/tasks/.keep", "")):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(content, "utf-8")
    found = included_by([str(tmp_path / name)])
    assert [Path(one).resolve() for one in found.files] == ([tmp_path / included] if included else [])
    assert found.missing == ()


@pytest.mark.parametrize("files, read", [(1000, 1000), (1001, 1000)])
def test_a_file_includes_no_more_than_are_read(tmp_path: Path, files: int, read: int) -> None:
    for number in range(files):
        (tmp_path / f"{number}.yml").write_text(f"- import_tasks: {number + 1}.yml\n", "utf-8")
    (tmp_path / f"{files}.yml").write_text("[]\n", "utf-8")
    assert len(included_by([str(tmp_path / "0.yml")]).files) == read
