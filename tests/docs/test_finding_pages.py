"""docs/findings/: a page for each section of docs/findings.md, with reproducible examples.

The AWS CDK is not installed here. As text, its examples must have the same actions, principals and conditions as the
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

from tests.docs.finding_pages import FOLDER, INDEX, files, page_of, ran_in, runs
from tests.docs.markdown import ROOT, Block, Page
from tests.docs.test_findings import OURS, SECTIONS, TODAY, pair
from tests.docs.test_readme import run

ANCHORS = {section.lower().replace(" ", "-"): section for section in SECTIONS}
SETS = "aws ecr set-repository-policy --repository-name team/base --policy-text file://fixed.json"
STATUS = {"undecided": 2}
"""The exit status of `judge` if it is not 1."""
STILL_OPEN = {"more-than-trust-covers": ["ADMIN"]}
"""Access that the page's register entry does not cover, as the page says."""
each_page = pytest.mark.parametrize("anchor", ANCHORS)


def rules_line(of: Page) -> str:
    return of.path.read_text(encoding="utf-8").split("\n", 3)[2]


def row_of(anchor: str) -> list[str]:
    (row,) = (row for table in INDEX.tables() for row in table if f"(#{anchor})" in row[0])
    return row


def block(of: Page, language: str) -> Block:
    (found,) = of.blocks(language)
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a fake AWS CLI that records its arguments."""
    command = tmp_path / "aws"
    command.write_text('#!/bin/sh\necho "aws $*" >> calls\ncat policy.json\n', encoding="utf-8")
    command.chmod(0o755)
    return tmp_path


def test_each_section_has_its_page_and_no_page_is_left_over() -> None:
    assert sorted(path.stem for path in (ROOT / FOLDER).iterdir()) == sorted(ANCHORS)
    assert {f"findings/{anchor}.md" for anchor in ANCHORS} <= set(INDEX.links())


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_each_rule_is_on_the_page_of_its_section_and_in_the_index(rule: Rule) -> None:
    assert f"`{rule.id}`" in rules_line(page_of(rule.anchor))
    assert f"`{rule.id}`" in row_of(rule.anchor)[2]


@each_page
def test_each_rule_of_a_page_exists_with_the_severity_that_the_page_says(anchor: str) -> None:
    known = {rule.id: rule.severity.name for rule in RULES}
    line = rules_line(page_of(anchor))
    assert set(re.findall(r"`([a-z-]+)`", line)) <= set(known)
    for name, severity in re.findall(r"`([a-z-]+)` \(([A-Z]+)\)", line):
        assert known[name] == severity
    assert set(re.findall(r"`([a-z-]+)`", row_of(anchor)[2])) <= set(re.findall(r"`([a-z-]+)`", line))


@each_page
def test_its_policies_are_those_of_the_index(anchor: str) -> None:
    of = page_of(anchor)
    assert of.path.read_text(encoding="utf-8").startswith(f"# {ANCHORS[anchor]}\n")
    assert [one.text for one in of.blocks("json")] == [one.text for one in pair(ANCHORS[anchor])]


@each_page
def test_its_commands_print_what_it_shows(anchor: str, tmp_path: Path) -> None:
    of = page_of(anchor)
    ran = runs(of, tmp_path)
    shown = [one.text for one in of.blocks("console")]
    assert shown == [f"$ {command}\n{out}" for command, _, out in ran], "`make findings` writes what they print"
    (_, found, judged), (_, passed, checked) = ran
    assert (found, passed) == (STATUS.get(anchor, 1), 0)
    assert judged.startswith("policy.json (111122223333): NON_COMPLIANT, ")
    rule = re.search(r"^ +rule +([a-z-]+), docs/findings\.md#", judged, re.MULTILINE)
    assert rule
    assert f"`{rule[1]}`" in rules_line(of)
    assert checked.startswith("COMPLIANT main.tf:")
    assert checked.endswith("\n1 policy: 1 compliant, 0 non-compliant\n")


def test_the_commands_of_the_aws_cli_set_the_corrected_policy(folder: Path) -> None:
    pages = [page_of(anchor) for anchor in ANCHORS]
    (command,) = {block(of, "shell").text for of in pages}
    done = run(command, files(pages[0], folder), folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert "fixed.json (111122223333): COMPLIANT" in done.stdout
    assert json.loads((folder / "before.json").read_text()) == json.loads(pages[0].blocks("json")[0].text)
    assert (folder / "calls").read_text().splitlines()[1:] == [SETS]


@each_page
def test_its_corrected_policy_is_one_that_the_aws_cli_may_set(anchor: str, tmp_path: Path) -> None:
    of = page_of(anchor)
    judges = next(line for line in block(of, "shell").text.splitlines() if line.startswith("ecr-crossaccount judge "))
    argv = shlex.split(judges.removesuffix(" &&"))[1:]
    status, out = ran_in(files(of, tmp_path), *argv)
    assert (status, out.partition(", ")[0]) == (0, "fixed.json (111122223333): COMPLIANT")


def test_the_commands_of_the_aws_cli_do_not_set_a_policy_that_is_open(folder: Path) -> None:
    of = page_of("any-aws-account")
    files(of, folder).joinpath("fixed.json").write_text(of.blocks("json")[0].text, encoding="utf-8")
    assert run(block(of, "shell").text, folder, folder).returncode == 1
    assert SETS not in (folder / "calls").read_text()


def names(statement: dict[str, object]) -> Iterator[str]:
    """Yield what every form of a statement must contain: actions, principals, and conditions with their values."""
    for element in ("Sid", "Action", "Principal", "Condition"):
        yield from leaves(statement.get(element, []))


def leaves(value: object) -> Iterator[str]:
    match value:
        case dict():
            for key, inner in value.items():
                if key not in ("AWS", "Service"):
                    yield key
                yield from leaves(inner)
        case list():
            for inner in value:
                yield from leaves(inner)
        case str():
            account = re.fullmatch(r"arn:aws:iam::([0-9]{12}):root", value)
            yield account[1] if account else value


@each_page
def test_its_forms_in_code_name_what_the_corrected_policy_names(anchor: str) -> None:
    of = page_of(anchor)
    statements = json.loads(of.blocks("json")[1].text)["Statement"]
    wanted = {name for statement in statements for name in names(statement)}
    terraform = re.findall(r'"([^"]+)"', block(of, "hcl").text)
    assert wanted <= {next(leaves(name)) for name in terraform}
    cdk = block(of, "typescript").text.replace("new iam.AnyPrincipal()", "'*'")
    assert wanted <= {*re.findall(r"'([^']+)'", cdk), *re.findall(r"\b([A-Za-z]+): \{", cdk)}
    assert cdk.count("repository.addToResourcePolicy(new iam.PolicyStatement({\n") == len(statements)
    assert {name for name in (*terraform, *re.findall(r"'([^']+)'", cdk)) if name.startswith("ecr:")} <= wanted


def approved(anchor: str, entries: list[dict[str, str]]) -> Verdict:
    """Judge a page's example with the index's register. The page's entry replaces any entry for the same grantee."""
    register = yaml.safe_load(block(INDEX, "yaml").text)
    grantees = [
        (key, entry[key]) for entry in entries for key in ("account", "service", "organization") if key in entry
    ]
    kept = [old for old in register["trust"] if not any(old.get(key) == value for key, value in grantees)]
    trust = Trust.parse({**register, "trust": [*kept, *entries]}, today=TODAY)
    example = json.loads(page_of(anchor).blocks("json")[0].text)
    return judge(example, replace(OURS, name="team/base"), trust)


@each_page
def test_the_register_closes_what_the_page_says(anchor: str) -> None:
    of = page_of(anchor)
    section = of.path.read_text(encoding="utf-8").partition("\n## Document it\n")[2]
    entries = of.blocks("yaml")
    assert bool(entries) != ("the register cannot document this finding" in section.lower())
    for entry in entries:
        verdict = approved(anchor, yaml.safe_load(entry.text))
        open_ = [access.value for grant in verdict.grants for access in grant.access]
        assert open_ == STILL_OPEN.get(anchor, [])
        assert (verdict.compliance is Compliance.COMPLIANT) == (anchor not in STILL_OPEN)
