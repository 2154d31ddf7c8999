"""A test runs every block of code on every page, or `examples.yaml` says why not."""

from __future__ import annotations

import json
import logging
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml
from ecr_crossaccount import Members, Trust
from ecr_crossaccount.products.cli.main import whole_parser
from ecr_crossaccount.products.rule.outcome import Lacks

from tests.cli.conftest import OPEN
from tests.docs.markdown import ROOT, Page, page, pages
from tests.docs.named_tests import exists
from tests.docs.test_readme import is_as_shown, session
from tests.events import ACCOUNT, REGION
from tests.fakes.moto_server import moto_server
from tests.guides.cloud import Cloud, serving
from tests.mutation.mutants import mutants
from tests.mutation.suites import SUITES

Entry = Mapping[str, Any]

TABLE: Mapping[str, Mapping[str, Entry]] = yaml.safe_load(
    (ROOT / "tests/docs/examples.yaml").read_text(encoding="utf-8")
)
HISTORY = ("CHANGELOG.md",)
"""Pages that were true when they were written."""


@dataclass(frozen=True, slots=True)
class Example:
    """A block, and its entry in the table. `key` is the place of the entry."""

    page: str
    heading: str
    language: str
    text: str
    line: int

    @property
    def id(self) -> str:
        return f"{self.page}:{self.line}"

    @property
    def key(self) -> tuple[str, str]:
        """The page, and the language, with the heading if the table has it."""
        found = self.page if self.page in TABLE else os.path.dirname(self.page)  # noqa: PTH120 - a name, not a path
        exact = f"{self.language} > {self.heading}"
        return found, exact if exact in TABLE.get(found, {}) else self.language

    @property
    def entry(self) -> Entry:
        """The entry in the table. Empty if the table does not have the block."""
        place, key = self.key
        return TABLE.get(place, {}).get(key, {})


def _examples_of(one: Page) -> Iterator[Example]:
    heading = ""
    for before, token in pairwise(one._tokens()):  # noqa: SLF001 - all languages, and blocks without one
        if before.type == "heading_open":
            heading = token.content
        if token.type in ("fence", "code_block") and token.map:
            language = (token.info or "text") if token.type == "fence" else "indented"
            yield Example(one.name, heading, language, token.content, token.map[0] + 1)


EXAMPLES = [one for each in pages() if not each.name.startswith(HISTORY) for one in _examples_of(each)]
HERE = [one for one in EXAMPLES if "here" in one.entry]
NEVER = [one for one in EXAMPLES if "never" in one.entry]


def test_every_block_is_in_the_table_and_every_row_is_about_a_block() -> None:
    assert [one.id for one in EXAMPLES if not one.entry] == []
    rows = {(place, key) for place, one in TABLE.items() for key in one}
    assert rows - {one.key for one in EXAMPLES} == set()


def test_a_row_names_one_test_that_exists_or_a_status_or_a_reason() -> None:
    for place, rows in TABLE.items():
        for key, entry in rows.items():
            (kind,) = entry
            assert kind in ("by", "here", "never"), (place, key)
            assert kind != "by" or exists(entry["by"]), entry
            assert kind != "never" or len(entry["never"].split()) > 2, entry
            named = re.findall(r"`([\w.-]+/[\w./-]+)`", str(entry[kind]))
            assert [path for path in named if not (ROOT / path).exists()] == [], entry


def _commands(text: str) -> Iterator[list[str]]:
    """Yield the arguments of every call of the command in a block."""
    for line in text.replace("\\\n", " ").splitlines():
        for part in re.split(r"\||&&|;|\$\(", re.sub(r"\s#.*", "", line)):
            words = part.strip().removeprefix("$ ").strip()
            if words.startswith("ecr-crossaccount "):
                yield shlex.split(words.partition(" > ")[0])[1:]


@pytest.mark.parametrize("example", NEVER, ids=lambda one: one.id)
def test_of_a_block_that_never_runs_the_options_exist(example: Example) -> None:
    for command in _commands(example.text):
        whole_parser().parse_args(command)


TARGETS = re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("example", [one for one in EXAMPLES if one.language == "indented"], ids=lambda one: one.id)
def test_a_block_for_developers_names_what_exists(example: Example) -> None:
    for line in example.text.splitlines():
        first, *words = [word for word in shlex.split(line, comments=True) if "PYTHONPATH=" not in word]
        if first == "make":
            assert words[0] in TARGETS, line
        elif "-m" in words:
            assert (ROOT / f"{words[1].replace('.', '/')}.py").is_file(), line
        else:
            assert first == "npm" or (ROOT / [first, *words][first == "cd"]).exists(), line


def test_the_mutants_of_the_example_exist() -> None:
    (only,) = re.findall(r'ARGS="judgement --only (\S+)"', page("CONTRIBUTING.md").path.read_text(encoding="utf-8"))
    suite = SUITES[0]
    assert any(only in str(mutant) for mutant in mutants(suite.root, suite.folders))


# --- blocks that run here ---

_POLICY = {
    "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": [ACCOUNT, "333344445555"]}, "Action": "ecr:BatchGetImage"},
    ]
}
_MANIFEST = {
    "apiVersion": "ecr.services.k8s.aws/v1alpha1",
    "kind": "Repository",
    "metadata": {"name": "app"},
    "spec": {"name": "app", "policy": json.dumps(OPEN)},
}
_PULUMI = {
    "steps": [
        {
            "op": "create",
            "urn": "urn:pulumi:dev::app::aws:ecr/repositoryPolicy:RepositoryPolicy::app",
            "newState": {
                "urn": "urn:pulumi:dev::app::aws:ecr/repositoryPolicy:RepositoryPolicy::app",
                "custom": True,
                "type": "aws:ecr/repositoryPolicy:RepositoryPolicy",
                "inputs": {"repository": "app", "policy": json.dumps(OPEN)},
                "outputs": {"repository": "app", "policy": json.dumps(OPEN)},
            },
        }
    ]
}
_PLAN = {
    "format_version": "1.2",
    "terraform_version": "1.9.0",
    "planned_values": {
        "root_module": {
            "resources": [
                {
                    "address": "aws_ecr_repository_policy.app",
                    "mode": "managed",
                    "type": "aws_ecr_repository_policy",
                    "name": "app",
                    "values": {"repository": "app", "policy": json.dumps(OPEN)},
                }
            ]
        }
    },
    "resource_changes": [
        {
            "address": "aws_ecr_repository_policy.app",
            "mode": "managed",
            "type": "aws_ecr_repository_policy",
            "name": "app",
            "change": {
                "actions": ["create"],
                "before": None,
                "after": {"repository": "app", "policy": json.dumps(OPEN)},
                "after_unknown": {},
            },
        }
    ],
}
_ROW = {
    "awsaccountid": ACCOUNT,
    "awsregion": REGION,
    "arn": f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/app",
    "resourceid": "app",
    "resourcetype": "AWS::ECR::Repository",
    "configuration": json.dumps({"RepositoryPolicyText": OPEN}),
    "configurationitemcapturetime": "2026-11-27T06:00:00.000Z",
    "configurationitemstatus": "OK",
}
_OWNED = {"registryId": ACCOUNT, "repositoryName": "NAME", "policyText": json.dumps(_POLICY)}
_OTHERS = {
    "helm": _MANIFEST,
    "kustomize": _MANIFEST,
    "pulumi": _PULUMI,
    "terraform": _PLAN,
    "npx": {},
    "checkov": {},
}
"""The output of other tools, which are not installed here."""


@pytest.fixture(scope="module")
def account() -> Iterator[Mapping[str, str]]:
    """Return the environment of a user whose account has one shared repository."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    credentials = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_DEFAULT_REGION": REGION}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MOTO_ACCOUNT_ID", ACCOUNT)
        with moto_server() as port, serving(port, Cloud()) as server:
            for name, value in credentials.items():
                patch.setenv(name, value)
            ecr = boto3.client("ecr", endpoint_url=f"http://localhost:{port}")
            ecr.create_repository(repositoryName="team/base")
            ecr.set_repository_policy(repositoryName="team/base", policyText=json.dumps(_POLICY))
            yield {**credentials, "AWS_ENDPOINT_URL": server.url, "AWS_EC2_METADATA_DISABLED": "true"}


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory, account: Mapping[str, str]) -> Path:
    """Return a folder with a clone that has the files and the tools that the pages mention."""
    place = tmp_path_factory.mktemp("reader")
    origin, clone = place / "origin", place / "clone"
    origin.mkdir()
    register = page("README.md").blocks("yaml")[0].text
    old, new = (block.text for block in page("docs/diff.md").blocks("json"))
    _write(origin, "trust.yaml", re.sub("expires: [0-9]{4}", "expires: 2099", register))
    _write(origin, "ecr-crossaccount.yaml", 'account: "111122223333"\n')
    for name, text in {"old.json": old, "new.json": new, "before/a.json": old, "after/a.json": new}.items():
        _write(origin, name, text)
    _write(origin, "infra/registry.yaml", (ROOT / "demo/templates/registry.yaml").read_text(encoding="utf-8"))
    _write(origin, "cdk.out/app.template.json", json.dumps(_template()))
    _git(origin, "init", "--quiet", "--initial-branch=main")
    _git(origin, "add", "--all")
    _git(origin, "commit", "--quiet", "--message=first")
    _git(place, "clone", "--quiet", str(origin), str(clone))
    _git(clone, "switch", "--quiet", "--create=branch")
    changed = (clone / "infra/registry.yaml").read_text(encoding="utf-8").replace('Principal: "*"', "Principal: '*'")
    _write(clone, "infra/registry.yaml", changed)
    audited = subprocess.run(
        [sys.executable, "-m", "ecr_crossaccount", "audit", "--format", "json"],
        cwd=clone, env={**os.environ, **account}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert audited.returncode == 1, audited.stderr
    _write(clone, "2026-06.json", audited.stdout)
    tools = place / "tools"
    tools.mkdir()
    for name, answer in _OTHERS.items():
        _tool(tools / name, f"cat <<'EOF'\n{json.dumps(answer)}\nEOF")
    csv = ",".join(_ROW) + "\n" + ",".join('"' + value.replace('"', '""') + '"' for value in _ROW.values())
    said = f"case \"$1\" in s3) cat <<'EOF'\n{csv}\nEOF\n;; ecr) cat <<'EOF'\n{json.dumps(_OWNED)}\nEOF\n;; esac"
    _tool(tools / "aws", said)
    return place


@pytest.fixture
def folder(tmp_path: Path, prepared: Path) -> Path:
    """Return the clone of a reader who has not done anything yet."""
    for name in ("clone", "tools"):
        shutil.copytree(prepared / name, tmp_path / name)
    return tmp_path / "clone"


def _template() -> dict[str, object]:
    policy = {"RepositoryPolicyText": OPEN}
    return {"Resources": {"Base": {"Type": "AWS::ECR::Repository", "Properties": policy}}}


def _write(folder: Path, name: str, text: str) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")


def _tool(path: Path, script: str) -> None:
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)


def _git(folder: Path, *arguments: str) -> None:
    who = ("-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


def _typed(example: Example, folder: Path, account: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Type a block line by line. After a line that fails, the next one is still typed.

    Any line with a status other than a verdict's is an error.
    """
    trap = "trap '[ $? -le 2 ] || echo \"error: $BASH_COMMAND\" >&2' ERR"
    path = os.pathsep.join((str(folder.parent / "tools"), str(Path(sys.executable).parent), os.environ["PATH"]))
    return subprocess.run(
        ["bash", "-o", "pipefail", "-c", f"{trap}\n{example.text}"],
        cwd=folder, env={**os.environ, **account, "PATH": path}, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_a_line_that_cannot_run_is_seen_wherever_it_is(folder: Path, account: Mapping[str, str]) -> None:
    for line in ("ecr-crossaccount check nowhere", "no-such-tool", "cat x | no-such-tool | cat"):
        done = _typed(Example("page", "", "shell", f"{line} 2>/dev/null\ntrue\n", 1), folder, account)
        assert (done.returncode, done.stderr.count("error: ")) == (0, 1), line


@pytest.mark.parametrize("example", HERE, ids=lambda one: one.id)
def test_a_block_runs_as_it_is(example: Example, folder: Path, account: Mapping[str, str]) -> None:
    done = _typed(example, folder, account)
    assert done.returncode == example.entry["here"], done.stdout + done.stderr
    assert "error" not in done.stderr.lower(), done.stderr
    assert "Traceback" not in done.stderr


# --- blocks that are read here ---


def _block(name: str, language: str, heading: str) -> str:
    (found,) = (one.text for one in EXAMPLES if (one.page, one.language, one.heading) == (name, language, heading))
    return found


def test_the_annotation_of_a_missing_statement() -> None:
    text = _block("docs/deploy.md", "text", "Required statements").strip()
    assert text == f"LOW: {Lacks(('EnforceIdentityPerimeter',)).said}"


def test_a_suppression_is_read(tmp_path: Path) -> None:
    """Without its comment, the template has a finding. The comment suppresses it until the last day."""
    text = _block("docs/check.md", "yaml", "Suppressions").replace("2027-", "2099-")
    metadata = json.loads(_block("docs/check.md", "json", "Suppressions").replace("2027-", "2099-"))
    template = yaml.safe_load(text)
    template["Resources"]["Base"] |= metadata
    bare = "\n".join(line for line in text.splitlines() if "ignore until" not in line)
    _write(tmp_path, "comment.yaml", text)
    _write(tmp_path, "metadata.json", json.dumps(template))
    _write(tmp_path, "bare.yaml", bare)
    statuses = [_checked(tmp_path, name).returncode for name in ("comment.yaml", "metadata.json", "bare.yaml")]
    assert statuses == [0, 0, 1]


def test_a_module_that_is_not_here_is_judged(tmp_path: Path) -> None:
    _write(tmp_path, "main.tf", _block("docs/terraform.md", "hcl", "Modules that are not here"))
    ((command, shown),) = session(_block("docs/terraform.md", "console", "Terraform and OpenTofu"))
    done = _checked(tmp_path, command.split()[-1])
    assert done.returncode == 1
    assert is_as_shown(done.stdout, shown)


def _checked(folder: Path, name: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ecr_crossaccount", "check", "--account", "111122223333", "--no-trust", name]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_a_register_with_members_is_accepted() -> None:
    text = _block("docs/trust.md", "yaml", "Members of an organization")
    trust = Trust.parse(yaml.safe_load(text), today=date(2026, 11, 27))
    assert trust.asks_for_members


def test_a_register_about_roles_is_accepted() -> None:
    text = _block("docs/trust.md", "yaml", "Those who come through roles")
    trust = Trust.parse(yaml.safe_load(text), today=date(2026, 11, 27))
    assert len(trust.current) == 6
    assert not trust.valid, "no policy is judged by them"


def test_a_list_of_members_is_read() -> None:
    members = Members.parse(json.loads(_block("docs/trust.md", "json", "Members of an organization")))
    assert members.problem(datetime(2026, 11, 28, tzinfo=UTC)) is None
    assert "222233334444" in members.paths


def test_a_register_with_a_wrong_day_is_refused_as_shown(tmp_path: Path) -> None:
    command, _, shown = _block("docs/trust.md", "console", "The file").removeprefix("$ ").partition("\n")
    wrong = 'version: 1\ntrust:\n  - account: "222233334444"\n    reason: the CI account\n    expires: 2027-02-30\n'
    _write(tmp_path, "trust.yaml", wrong)
    ran = [sys.executable, "-m", "ecr_crossaccount", *shlex.split(command)[1:]]
    done = subprocess.run(ran, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (3, shown)


def test_the_policy_of_the_tutorial_is_that_of_the_demo() -> None:
    shown = json.loads(_block("docs/tutorial.md", "json", "Judge a policy"))
    assert shown == json.loads((ROOT / "demo/policies/functions/resize.json").read_text(encoding="utf-8"))


def test_the_register_of_the_tutorial_is_that_of_the_demo() -> None:
    (entry,) = yaml.safe_load(_block("docs/tutorial.md", "yaml", "Say whom you trust"))["trust"]
    demo = yaml.safe_load((ROOT / "demo/trust.yaml").read_text(encoding="utf-8"))["trust"]
    assert entry in demo or entry["account"] in {one.get("account") for one in demo}


def test_a_condition_to_add_is_json() -> None:
    found = [one.text for one in EXAMPLES if (one.page, one.language) == ("remediation/README.md", "json")]
    conditions = [json.loads(f"{{{text}}}")["Condition"]["StringEquals"] for text in found]
    assert [next(iter(one)) for one in conditions] == ["aws:PrincipalOrgID", "aws:SourceAccount"]


def test_what_samconfig_is_to_have_is_read() -> None:
    import tomllib

    (text,) = (one.text for one in EXAMPLES if (one.page, one.language) == ("remediation/README.md", "toml"))
    given = tomllib.loads(text)["default"]["deploy"]["parameters"]["parameter_overrides"]
    assert f"\n  {given.partition('=')[0]}:\n" in (ROOT / "template.yaml").read_text(encoding="utf-8")
    assert "default" in tomllib.loads((ROOT / "samconfig.toml").read_text(encoding="utf-8"))


def test_the_conditions_are_those_of_the_demo() -> None:
    guarded, node = (
        json.loads((ROOT / f"demo/policies/base/{name}.json").read_text(encoding="utf-8"))["Statement"]
        for name in ("guarded", "node")
    )
    shown = [json.loads(one.text) for one in EXAMPLES if (one.page, one.language) == ("docs/how-it-decides.md", "json")]
    assert shown == [{key: value for key, value in guarded[1].items() if key != "Sid"}, node[0]["Condition"]]
