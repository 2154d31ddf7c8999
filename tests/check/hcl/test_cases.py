"""Terraform sources with their expected results: the files in `cases`.

A case is a text of one or more files:

- `#= ADDRESS VERDICT` is an expected result.
- `#@ ADDRESS` at the end of a line means that the finding points to that line.
- `#! unjudged|skipped|error WORDS` is what else is reported.
- `#$ ARGUMENTS` are additional arguments of the command.
- `#--- NAME` begins a file. The text before the first one is `main.tf`.
"""

from __future__ import annotations

import re
import shlex
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import OWNER, Run
from tests.wording import says

CASES = sorted(Path(__file__).with_name("cases").glob("*.tf"))
_FOUND = re.compile(r"#= (\S+|\S+\[\"[^\"]*\"\]\S*) (\S+)")
_MARK = re.compile(r"#@ (\S+)\s*$")
_FILE = re.compile(r"#--- (\S+)")
_OTHER = re.compile(r"#! (unjudged|skipped|error) (.+)")
_NAMES = {"skipped": "skipped", "error": "errors"}
_ARGUMENTS = re.compile(r"#\$ (.+)")


@dataclass
class Case:
    """The content and the expected results of a case."""

    files: dict[str, str] = field(default_factory=dict)
    verdicts: list[tuple[str, str]] = field(default_factory=list)
    marks: dict[str, tuple[str, int]] = field(default_factory=dict)
    others: list[tuple[str, str]] = field(default_factory=list)
    arguments: list[str] = field(default_factory=list)


def read(path: Path) -> Case:
    case, name, lines = Case(), "main.tf", list[str]()
    for line in [*path.read_text("utf-8").split("\n"), "#--- end"]:
        if file := _FILE.match(line):
            case.files[name] = "\n".join(lines) + "\n"
            name, lines = file[1], []
            continue
        lines.append(line)
        if found := _FOUND.match(line):
            case.verdicts.append((found[1], found[2]))
        elif mark := _MARK.search(line):
            case.marks[mark[1]] = (name, len(lines))
        elif other := _OTHER.match(line):
            case.others.append((other[1], other[2]))
        elif more := _ARGUMENTS.match(line):
            case.arguments += shlex.split(more[1])
    return case


def verdict(found: dict[str, Any]) -> str:
    """Return a summary of an answer: a word, or several joined by `+`."""
    outside = "public" if found["public"] else "external" if found["external"] else None
    words = [outside, "service" if found["service"] and not found["public"] else None]
    words += ["undecided" if found["undecided"] else None, "invalid" if found["invalid"] else None]
    return "+".join(word for word in words if word) or "compliant"


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path: Path, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    case = read(path)
    for name, text in case.files.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    (tmp_path / ".git").mkdir()  # a checkout
    monkeypatch.chdir(tmp_path)
    given = ["--account", OWNER, *(case.arguments or ["."])]
    done = run("check", "--format", "json", *given).json
    found = [(one["resource"], verdict(one)) for one in done["policies"]]
    assert Counter(found) == Counter(case.verdicts), done
    for one in done["policies"]:
        if one["resource"] in case.marks:
            assert (one["file"].removeprefix("./"), one["line"]) == case.marks[one["resource"]], one["resource"]
    said = [(kind, one["reason"]) for kind, listed in _NAMES.items() for one in done[listed]]
    said += [("unjudged", f"{one['resource']}: {one['reason']}") for one in done["unjudged"]]
    assert len(said) == len(case.others), said
    for kind, words in case.others:
        assert any(one == kind and says(reason, words) for one, reason in said), said


def test_there_are_enough_cases_and_each_expects_something() -> None:
    cases = [read(path) for path in CASES]
    assert len(cases) >= 20
    assert all(case.verdicts or case.others for case in cases)
