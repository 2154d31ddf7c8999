"""The tables in `cases/`: what is found in files of every form, where, and the result.

A case is the text of one or more files, and the result of every resource, in a few words:

- `safe`: no one outside has access.
- `public READ`: any account has READ.
- `222233334444 READ,WRITE`: that account has them. An organization is written in the same way, and a service with
  `for …`.
- `undecided`: it cannot be determined before deployment.
- `invalid`: IAM would not accept it.

Several of them are joined by ` and `. ` @7` at the end is the line of the finding, and ` @7:12` also its column.
`because` is in the reason of an undecided policy, and `certain` in the reasons of its grants. With `account: unknown`,
no `--account` is given. `by: file` or `by: line` says what distinguishes policies.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli.conftest import OWNER, Run
from tests.wording import says

TABLES = Path(__file__).with_name("cases")
_FIELDS = {
    "case",
    "file",
    "text",
    "files",
    "options",
    "expect",
    "errors",
    "skipped",
    "unjudged",
    "notes",
    "region",
    "check",
    "because",
    "certain",
    "account",
    "by",
}


@dataclass(frozen=True, slots=True)
class Case:
    """One row of a table."""

    name: str
    files: Mapping[str, str]
    check: str
    options: tuple[str, ...] = ()
    expect: Mapping[str, str] = field(default_factory=dict)
    errors: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    unjudged: tuple[str, ...] = ()
    notes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    because: Mapping[str, str] = field(default_factory=dict)
    certain: Mapping[str, Sequence[str]] = field(default_factory=dict)
    account: str = OWNER
    by: str = "resource"


def cases() -> Iterator[Case]:
    """Yield the rows of all tables."""
    for table in sorted(TABLES.glob("*.yaml")):
        for row in yaml.load(table.read_text("utf-8"), yaml.CSafeLoader):
            unknown = row.keys() - _FIELDS
            assert not unknown, f"{table.name}: {row.get('case')}: unknown fields {unknown}"
            files = row.get("files") or {row.get("file", "template.yaml"): row["text"]}
            yield Case(
                f"{table.stem}: {row['case']}",
                files,
                row.get("check", "."),
                tuple(map(str, row.get("options", ()))),
                row.get("expect", {}),
                tuple(row.get("errors", ())),
                tuple(row.get("skipped", ())),
                tuple(row.get("unjudged", ())),
                row.get("notes", {}),
                row.get("because", {}),
                row.get("certain", {}),
                row.get("account", OWNER),
                row.get("by", "resource"),
            )


def in_words(policy: Mapping[str, Any]) -> str:
    """Return a policy's result in the words of a table."""
    words = []
    for grant in policy["grants"]:
        access = ",".join(grant["access"])
        who = "public" if grant["kind"] == "any" else grant["grantee"]
        if not (grant["kind"] == "service" and policy["public"]):
            words.append(f"{who} {access}")
    if policy["undecided"]:
        words.append("undecided")
    if policy["invalid"]:
        words.append("invalid")
    return " and ".join(words) or "safe"


ALL = list(cases())


def test_names_are_unique() -> None:
    assert len({case.name for case in ALL}) == len(ALL)


@pytest.mark.parametrize("case", ALL, ids=lambda case: case.name)
def test_a_case(case: Case, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in case.files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (tmp_path / ".git").mkdir()  # a checkout
    monkeypatch.chdir(tmp_path)
    account = () if case.account == "unknown" else ("--account", case.account)
    answer = run("check", "--format", "json", *account, *case.options, case.check).json
    found = {str(policy[case.by]).removeprefix("./"): policy for policy in answer["policies"]}
    assert len(found) == len(answer["policies"]), "each resource, or each file, once"
    told = {name: in_words(policy) for name, policy in found.items()}
    assert told == {name: words.partition(" @")[0] for name, words in case.expect.items()}
    for name, words in case.expect.items():
        _, _, place = words.partition(" @")
        if place:
            line, *column = map(int, place.split(":"))
            assert found[name]["line"] == line, name
            assert column in ([], [found[name]["column"]]), name
    for name, cause in case.because.items():
        assert says(found[name]["undecided"][0]["reason"], cause), name
    for name, causes in case.certain.items():
        _all_told(tuple(causes), [grant["reason"] for grant in found[name]["grants"]])
    for name, notes in case.notes.items():
        _all_told(tuple(notes), found[name]["notes"])
    _all_told(case.errors, [error["reason"] for error in answer["errors"]])
    _all_told(case.skipped, [skipped["reason"] for skipped in answer["skipped"]])
    _all_told(case.unjudged, [f"{one['line']} {one['resource']}: {one['reason']}" for one in answer["unjudged"]])


def _all_told(wanted: tuple[str, ...], told: list[str]) -> None:
    assert len(told) == len(wanted), told
    for part, reason in zip(wanted, told, strict=True):
        assert says(reason, part), reason
