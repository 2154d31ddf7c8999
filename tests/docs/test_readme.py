"""The commands of the README, and of the pages with command output, run as a reader would type them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import yaml
from ecr_crossaccount import Trust
from ecr_crossaccount.products.cli.main import whole_parser

from tests.cloned import cloned
from tests.docs.markdown import ROOT, page

README = page("README.md")
_PAGES = ("audit", "check", "how-it-decides", "library", "remediation")
SHOWING = [README, *(page(f"docs/{name}.md") for name in _PAGES)]
TUTORIAL = page("docs/tutorial.md")
INSTALLS = "Install"
"""The tutorial's heading for installing the command, which is already installed here."""
MOST_LINES = 150
NEEDS_AN_ACCOUNT = ("sam ", "ecr-crossaccount audit ", "ecr-crossaccount remediate ")
OWNED = {
    "registryId": "111122223333",
    "repositoryName": "NAME",
    "policyText": json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "ecr:*"},
        }
    ),
}
"""The answer of the reader's AWS CLI, because there is no AWS here."""


def session(text: str) -> Iterator[tuple[str, str]]:
    """Yield the commands of a console block, each with its output."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, shown = part.partition("\n")
        yield command, shown


def transcript() -> Iterator[tuple[str, str]]:
    """Yield the commands of the console blocks, each with its output."""
    for one in SHOWING:
        for block in one.blocks("console"):
            yield from session(block.text)


def typed() -> Iterator[tuple[str, str]]:
    """Yield what a reader of the tutorial types after the installation, in order, with the output."""
    for block in TUTORIAL.blocks("console", "shell"):
        if block.language == "console":
            yield from session(block.text)
        elif block.heading != INSTALLS:
            yield from ((line, "…\n") for line in block.text.splitlines())


def commands() -> Iterator[str]:
    """Yield the commands of the shell blocks, line by line, without comments."""
    for block in README.blocks("shell"):
        yield from (line.partition(" #")[0].rstrip() for line in block.text.splitlines())


TRANSCRIPT = list(dict.fromkeys(transcript()))
COMMANDS = list(commands())


@pytest.fixture
def shell(tmp_path: Path) -> Path:
    """Return a folder with the fake AWS CLI and the README's trust register."""
    command = tmp_path / "aws"
    command.write_text(f"#!/bin/sh\ncat <<'EOF'\n{json.dumps(OWNED)}\nEOF\n", encoding="utf-8")
    command.chmod(0o755)
    (block,) = README.blocks("yaml")
    (tmp_path / "trust.yaml").write_text(block.text, encoding="utf-8")
    return tmp_path


def run(command: str, shell: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a line with the project's own command on PATH.

    A target of make is only looked up, because it has its own tests.
    """
    path = os.pathsep.join((str(shell), str(Path(sys.executable).parent), os.environ["PATH"]))
    line = command.replace("make ", "make --dry-run ", 1) if command.startswith("make ") else command
    return subprocess.run(
        ["bash", "-c", line],
        cwd=folder,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def is_as_shown(printed: str, shown: str) -> bool:
    """Compare the output with the page. A line `…` matches any lines."""
    lines = (r"(?:.*\n)*?" if line == "…\n" else re.escape(line) for line in shown.splitlines(keepends=True))
    return re.fullmatch("".join(lines), printed) is not None


@pytest.mark.parametrize("command, shown", TRANSCRIPT, ids=[command for command, _ in TRANSCRIPT])
def test_a_command_prints_what_the_page_shows(command: str, shown: str, shell: Path) -> None:
    done = run(command, shell, ROOT)
    assert done.stderr == ""
    if command.startswith("make "):
        assert done.returncode == 0
    else:
        open_ = any(words in shown for words in ("NON_COMPLIANT", "1 non-compliant", "CRITICAL", "set another policy"))
        assert done.returncode == open_
        assert is_as_shown(done.stdout, shown), done.stdout


def test_the_tutorial_works_from_its_first_command_to_its_last_and_leaves_nothing_behind(
    shell: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    clone = cloned(tmp_path_factory.mktemp("clone"), "demo")
    commands = list(typed())
    assert len(commands) >= 9
    for command, shown in commands:
        done = run(command, shell, clone)
        assert (done.stderr, done.returncode in (0, 1)) == ("", True), command
        assert is_as_shown(done.stdout, shown), (command, done.stdout)
    assert [one.name for one in clone.iterdir()] == ["demo"]


def test_the_tutorial_takes_ten_minutes() -> None:
    """The limit is ten minutes of typing and reading, at 200 words a minute."""
    words = re.sub(r"```.*?```", "", TUTORIAL.path.read_text(encoding="utf-8"), flags=re.DOTALL).split()
    assert len(words) / 200 + len(list(typed())) * 0.5 <= 10


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_without_shown_output_works(command: str, shell: Path) -> None:
    if command.startswith(NEEDS_AN_ACCOUNT):
        assert (ROOT / "template.yaml").is_file()
        if not command.startswith("sam "):
            whole_parser().parse_args(command.split()[1:])
    elif command.startswith("."):
        assert os.access(ROOT / command, os.X_OK)
    elif command.startswith("make "):
        assert run(command, shell, ROOT).returncode == 0
    else:
        done = run(command, shell, shell)
        assert (done.returncode, done.stderr) == (0, "")
        assert "COMPLIANT" in done.stdout


def test_each_example_is_followed_by_why() -> None:
    text = README.path.read_text(encoding="utf-8")
    after = re.findall(
        r"^demo/policies/\S+ \(\d+\): (COMPLIANT|NON_COMPLIANT)[^`]*```\n\n(\S+ \S+)", text, re.MULTILINE
    )
    assert after == [(result, f"{result} **because**") for result in ("COMPLIANT", "NON_COMPLIANT")]


def test_the_rule_is_deployed_from_the_readme_alone() -> None:
    """The page about deployment begins with the same command, and the README says what it takes, gives and costs."""
    heading = "Deploy the rule"
    (block,) = [one for one in README.blocks("shell") if one.heading == heading]
    assert block.text == page("docs/deploy.md").blocks("shell")[0].text == "sam build && sam deploy\n"
    section = README.path.read_text(encoding="utf-8").partition(f"## {heading}\n")[2].partition("\n## ")[0]
    assert re.findall(r"^- \*\*(.*?)\*\*", section, re.MULTILINE) == ["You get", "It costs", "After an hour"]
    oldest = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["requires-python"]
    python = f"Python {oldest.removeprefix('>=')} or later"
    for said in ("AWS SAM CLI", "GNU make", python, "credentials", "Region", "`AWS::ECR::Repository`"):
        assert said in section
    for command in ("start-config-rules-evaluation", "describe-configuration-recorder-status", "`sam delete`"):
        assert command in section


@pytest.mark.parametrize("name, entries", [("README.md", 2), ("docs/trust.md", 4)])
def test_the_register_is_accepted(name: str, entries: int) -> None:
    block = page(name).blocks("yaml")[0]
    trust = Trust.parse(yaml.safe_load(block.text), today=date(2026, 11, 25))
    assert len(trust.valid) == entries


def test_it_is_short() -> None:
    assert len(README.path.read_text(encoding="utf-8").splitlines()) <= MOST_LINES


def test_the_picture_has_words_for_those_who_cannot_see_it() -> None:
    picture = (ROOT / "docs" / "flow.svg").read_text(encoding="utf-8")
    assert "<title" in picture
    assert "<desc" in picture
    assert re.search(r"!\[[^\]]{40,}\]\(docs/flow\.svg\)", README.path.read_text(encoding="utf-8"))
