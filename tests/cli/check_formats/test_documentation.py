"""The documentation that each finding links to exists."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import pytest
from ecr_crossaccount.products.cli.base import documentation
from ecr_crossaccount.sources.check.rules import RULES

from tests.cli.conftest import OPEN, OWNER, Run, Write
from tests.docs.markdown import ROOT, page
from tests.wording import sentence

from .conftest import Checked
from .test_other_formats import tokens

DOCS = "https://docs.example/ecr"
LINK = "ecr-crossaccount explain any-write"


@pytest.fixture(autouse=True)
def nobody_has_published_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(documentation.VARIABLE, raising=False)


def test_every_rule_has_its_section() -> None:
    headings = re.findall(r"^## (.+)$", page("docs/findings.md").path.read_text(encoding="utf-8"), re.MULTILINE)
    sections = {heading.lower().replace(" ", "-") for heading in headings}
    assert {rule.anchor for rule in RULES} <= sections
    assert {rule.id: rule.anchor for rule in RULES}["service-settings"] == "settings-only"


@pytest.mark.parametrize("name", ["text", "lines", "markdown", "github", "gitlab", "junit", "csv"])
def test_every_form_names_the_rule_and_the_page(checked: Checked, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    shown = checked(name, "ecr/open.json").out
    assert "any-write" in shown
    assert LINK in shown
    monkeypatch.setenv(documentation.VARIABLE, f"{DOCS}/")
    shown = checked(name, "ecr/open.json").out.replace("%3A", ":")
    assert f"{DOCS}/findings.md#any-aws-account" in shown
    assert LINK not in shown


def test_what_a_line_and_a_cell_look_like(checked: Checked) -> None:
    first = checked("lines", "ecr/open.json").out.splitlines()[0]
    assert first.startswith(sentence("rules.ecr_open_json"))
    assert first.endswith(f" ({LINK})")
    assert f"    rule      any-write, {LINK}" in checked("text", "ecr/open.json").out.splitlines()
    (row, *_) = csv.DictReader(io.StringIO(checked("csv", "ecr/open.json").out))
    assert (row["rule"], row["help"]) == ("any-write", LINK)
    out = checked("text", "ecr/undecided.json", "ecr/invalid.json").out
    assert "    rule      undecided, ecr-crossaccount explain undecided\n" in out
    assert "    rule      invalid, ecr-crossaccount explain invalid\n" in out


def test_a_comment_links_to_the_page_that_is_published(checked: Checked, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not [one for one in tokens(checked("markdown").out) if one.type == "link_open"], "there is none to lead to"
    monkeypatch.setenv(documentation.VARIABLE, DOCS)
    links = [one.attrGet("href") for one in tokens(checked("markdown").out) if one.type == "link_open"]
    assert links[0] == f"{DOCS}/findings.md#any-aws-account"
    assert len(links) == 6


def test_judge_names_them_too(run: Run, write: Write) -> None:
    wrong = {"Version": "2012-10-17", "Statement": [*OPEN["Statement"], {"Effect": "Permit"}]}
    assert f"    rule      any-write, {LINK}\n" in run("judge", "--owner", OWNER, write(OPEN)).out
    assert "  rule      invalid, ecr-crossaccount explain invalid\n" in run("judge", "--owner", OWNER, write(wrong)).out


def driver(checked: Checked) -> dict[str, object]:
    found: dict[str, object] = checked("sarif", "ecr/open.json").json["runs"][0]["tool"]["driver"]
    return found


def test_a_program_gets_an_address_that_is_there(checked: Checked, monkeypatch: pytest.MonkeyPatch) -> None:
    uri = str(driver(checked)["informationUri"])
    assert Path(url2pathname(urlsplit(uri).path)) == ROOT / "docs" / "findings.md"
    monkeypatch.setenv(documentation.VARIABLE, DOCS)
    assert driver(checked)["informationUri"] == DOCS
    assert f'"helpUri": "{DOCS}/findings.md#an-organization"' in checked("sarif", "ecr/open.json").out


@pytest.mark.parametrize(
    "urls, base",
    [
        pytest.param(["Homepage, https://x.example", f"Documentation, {DOCS}/"], DOCS, id="published"),
        pytest.param(["Homepage, https://x.example"], None, id="another address"),
        pytest.param(["Documentation, javascript:alert(1)"], None, id="no address"),
        pytest.param(None, None, id="none"),
    ],
)
def test_whoever_publishes_it_says_where_it_is(
    checked: Checked, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, urls: list[str] | None, base: str | None
) -> None:
    if urls is not None:
        (tmp_path / "ecr_crossaccount-1.0.0.dist-info").mkdir()
        written = "".join(f"Project-URL: {one}\n" for one in urls)
        text = f"Name: ecr-crossaccount\n{written}\nProject-URL: Documentation, https://in.the.text.example\n"
        (tmp_path / "ecr_crossaccount-1.0.0.dist-info" / "METADATA").write_text(text, encoding="utf-8")
    monkeypatch.setattr(documentation, "BESIDE", tmp_path)
    documentation.published_address.cache_clear()
    try:
        shown = checked("lines", "ecr/open.json").out
    finally:
        documentation.published_address.cache_clear()
    assert f"({f'{base}/findings.md#any-aws-account' if base else LINK})" in shown


@pytest.mark.parametrize(
    "given",
    [
        "docs",
        "javascript:alert(1)",
        "https://a b",
        "https://x/)[",
        "https://x\x1b[31m",
        "https://x#y",
        "https://me:pw@x/docs",
        "https://",
        "https://x/%zz",
        "https://x/y?z",
    ],
)
@pytest.mark.usefixtures("folder")
def test_an_address_that_is_none_ends_the_run_before_anything_is_written(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    monkeypatch.setenv(documentation.VARIABLE, given)
    for argv in (
        ("check", "--account", OWNER, "--format", "text=out", "ecr"),
        ("judge", "--owner", OWNER, "ecr/open.json"),
    ):
        done = run(*argv)
        assert (done.status, done.out) == (3, "")
        assert "ECR_CROSSACCOUNT_DOCS_URL: `" in done.err
        assert sentence("documentation.expected_one_such") in done.err
        assert done.err.replace("\n", "").isprintable()
    assert not (folder / "out").exists()


def test_the_rules_as_json(run: Run, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setenv(documentation.VARIABLE, DOCS)
    done = run("explain", "--format", "json")
    assert (done.status, done.err) == (0, "")
    assert [one["id"] for one in done.json["rules"]] == [rule.id for rule in RULES]
    first = done.json["rules"][0]
    assert set(first) == {"id", "severity", "title", "why", "avoid", "prefer", "helpUri"}
    assert (first["severity"], first["helpUri"]) == ("CRITICAL", f"{DOCS}/findings.md#any-aws-account")
    assert json.loads("{" + first["avoid"] + "}") == {"Principal": "*"}
    assert run("explain", "--format", "json=rules.json").out == ""
    assert json.loads((folder / "rules.json").read_text()) == done.json


def test_the_rules_as_text(run: Run, folder: Path) -> None:
    text = run("explain").out
    blocks = text.split("\n\n")
    assert len(blocks) == len(RULES)
    assert blocks[0].splitlines()[0] == sentence("rules.critical_any_write")
    assert [line.split()[0] for line in blocks[0].splitlines()[1:]] == ["why", "avoid", "prefer", "see"]
    assert blocks[0].endswith(f"see       {LINK}")
    assert run("explain", "--format", "text=rules.txt").out == ""
    assert (folder / "rules.txt").read_text() == text


@pytest.mark.parametrize(
    "argv, complaint",
    [
        pytest.param(["any-write", "--format", "json"], sentence("explain.list_rules_leave"), id="a topic"),
        pytest.param(["--format", "csv"], "`csv` is unknown: expected one of text, json", id="as a table"),
    ],
)
def test_what_does_not_go_together(run: Run, argv: list[str], complaint: str) -> None:
    done = run("explain", *argv)
    assert (done.status, done.out) == (3, "")
    assert complaint in done.err
