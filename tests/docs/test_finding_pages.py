"""docs/findings.md: its commands print what it shows, its fix passes in every form, and its register entries hold.

The AWS CDK is not installed here. As text, its example must have the same actions, principals and conditions as the
policy.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from ecr_crossaccount import Compliance, Trust, Verdict, judge
from ecr_crossaccount.sources.check.rules import RULES, Rule

from tests.docs.test_findings import EXAMPLES, FINDINGS, OURS, SECTIONS, TODAY, pair
from tests.docs.test_readme import is_as_shown, run, session

ANCHORS = {section.lower().replace(" ", "-"): section for section in SECTIONS}
FIXED = "Any AWS account"
"""The section whose fix the page shows in every form."""
SETS = "aws ecr set-repository-policy --repository-name team/base --policy-text file://fixed.json"
STILL_OPEN = {"More than trust covers": ["ADMIN"]}
"""Access that a section's register entry does not cover, as the section says."""
REGISTER, *ENTRIES = FINDINGS.blocks("yaml")


def text_of(section: str) -> str:
    return FINDINGS.path.read_text(encoding="utf-8").partition(f"\n## {section}\n")[2].partition("\n## ")[0]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with the page's files, and a fake AWS CLI that records its arguments."""
    policy, fixed = pair(FIXED)
    (terraform,) = FINDINGS.blocks("hcl")
    texts = {"policy.json": policy, "fixed.json": fixed, "main.tf": terraform, "trust.yaml": REGISTER}
    for name, block in texts.items():
        (tmp_path / name).write_text(block.text, encoding="utf-8")
    command = tmp_path / "aws"
    command.write_text('#!/bin/sh\necho "aws $*" >> calls\ncat policy.json\n', encoding="utf-8")
    command.chmod(0o755)
    return tmp_path


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_each_rule_is_in_the_row_of_its_section(rule: Rule) -> None:
    (row,) = (row for table in FINDINGS.tables() for row in table if f"(#{rule.anchor})" in row[0])
    assert f"`{rule.id}`" in row[2]


def test_each_rule_of_the_table_exists() -> None:
    (table,) = FINDINGS.tables()
    assert {name for row in table for name in re.findall(r"`([a-z-]+)`", row[2])} == {rule.id for rule in RULES}


def test_its_commands_print_what_it_shows(folder: Path) -> None:
    (judged, checked) = (session(block.text) for block in FINDINGS.blocks("console"))
    for (command, shown), status in ((next(judged), 1), (next(checked), 0)):
        done = run(command, folder, folder)
        assert (done.returncode, done.stderr) == (status, "")
        assert is_as_shown(done.stdout, shown), done.stdout


def test_the_commands_of_the_aws_cli_set_the_corrected_policy(folder: Path) -> None:
    (command,) = FINDINGS.blocks("shell")
    done = run(command.text, folder, folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert "fixed.json (111122223333): COMPLIANT" in done.stdout
    assert json.loads((folder / "before.json").read_text()) == json.loads(pair(FIXED)[0].text)
    assert (folder / "calls").read_text().splitlines()[1:] == [SETS]


def test_the_commands_of_the_aws_cli_do_not_set_a_policy_that_is_open(folder: Path) -> None:
    (folder / "fixed.json").write_text(pair(FIXED)[0].text, encoding="utf-8")
    (command,) = FINDINGS.blocks("shell")
    assert run(command.text, folder, folder).returncode == 1
    assert SETS not in (folder / "calls").read_text()


@pytest.mark.parametrize("section", SECTIONS)
def test_each_corrected_policy_is_one_that_the_aws_cli_may_set(section: str, folder: Path) -> None:
    (folder / "fixed.json").write_text(pair(section)[1].text, encoding="utf-8")
    (block,) = FINDINGS.blocks("shell")
    judges = next(line for line in block.text.splitlines() if line.startswith("ecr-crossaccount judge "))
    done = run(shlex.join(shlex.split(judges.removesuffix(" &&"))), folder, folder)
    assert (done.returncode, done.stdout.partition(", ")[0]) == (0, "fixed.json (111122223333): COMPLIANT")


def names(statement: dict[str, object]) -> Iterator[str]:
    """Yield what every form of a statement must contain: actions, principals, and conditions with their values."""
    for element in ("Sid", "Action", "Principal", "Condition"):
        yield from leaves(statement.get(element, []))


def leaves(value: object) -> Iterator[str]:
    match value:
        case dict():
            for key, inner in value.items():
                yield key
                yield from leaves(inner)
        case list():
            for inner in value:
                yield from leaves(inner)
        case str():
            yield value


def test_its_forms_in_code_name_what_the_corrected_policy_names() -> None:
    (statement,) = json.loads(pair(FIXED)[1].text)["Statement"]
    wanted = set(names(statement))
    (hcl,), (cdk,) = FINDINGS.blocks("hcl"), FINDINGS.blocks("typescript")
    terraform = re.findall(r'"([^"]+)"', hcl.text)
    assert wanted <= set(terraform)
    typescript = cdk.text.replace("new iam.AnyPrincipal()", "'*'")
    assert wanted <= {*re.findall(r"'([^']+)'", typescript), *re.findall(r"\b([A-Za-z]+): \{", typescript)}
    assert {name for name in (*terraform, *re.findall(r"'([^']+)'", typescript)) if name.startswith("ecr:")} <= wanted


def approved(section: str, entries: list[dict[str, str]]) -> Verdict:
    """Judge a section's example with the page's register. The entries replace those for the same grantee."""
    register = yaml.safe_load(REGISTER.text)
    grantees = [
        (key, entry[key]) for entry in entries for key in ("account", "service", "organization") if key in entry
    ]
    kept = [old for old in register["trust"] if not any(old.get(key) == value for key, value in grantees)]
    trust = Trust.parse({**register, "trust": [*kept, *entries]}, today=TODAY)
    return judge(json.loads(pair(section)[0].text), replace(OURS, name="team/base"), trust)


@pytest.mark.parametrize("section", SECTIONS)
def test_the_register_closes_what_the_section_says(section: str) -> None:
    entries = [entry for entry in ENTRIES if entry.heading == section]
    said = text_of(section).partition("**Register:**")[2]
    assert bool(entries) != ("no entry can name" in said or "cannot document this finding" in said)
    for entry in entries:
        verdict = approved(section, yaml.safe_load(entry.text))
        assert [access.value for grant in verdict.grants for access in grant.access] == STILL_OPEN.get(section, [])
        assert (verdict.compliance is Compliance.COMPLIANT) == (section not in STILL_OPEN)


def test_every_example_belongs_to_a_section() -> None:
    assert len(EXAMPLES) == 2 * len(SECTIONS)
