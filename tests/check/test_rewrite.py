"""A policy is replaced in place: everything around it stays, and the new text is the wanted policy."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ecr_crossaccount import Compliance, Trust
from ecr_crossaccount.products.cli.formats.sarif import fix_of
from ecr_crossaccount.sources.check.findings import Finding, report_of
from ecr_crossaccount.sources.check.rewrite import Rewrite, rewrite
from ecr_crossaccount.sources.files.values.nodes import Place
from ecr_crossaccount.sources.formats.dispatch import harvest
from ecr_crossaccount.sources.found.context import Context

OWNER, PARTNER = "111122223333", "222233334444"
SHARED = {
    "Version": "2012-10-17",
    "Statement": [
        {"Sid": "Ours", "Effect": "Allow", "Principal": {"AWS": OWNER}, "Action": "ecr:*"},
        {"Effect": "Allow", "Principal": {"AWS": [PARTNER, "999988887777"]}, "Action": "ecr:BatchGetImage"},
    ],
}
REGISTER = {"version": 1, "trust": [{"account": PARTNER}]}
BLOCK = f"""\
Resources:
  # ours
  Repository:
    Type: AWS::ECR::Repository
    Properties:
      RepositoryPolicyText:
        Version: "2012-10-17"
        Statement:
          - Sid: Ours
            Effect: Allow
            Principal:
              AWS: '{OWNER}'
            Action: ecr:*
          - Effect: Allow
            Principal:
              AWS:
                - '{PARTNER}'
                - "999988887777"
            Action: ecr:BatchGetImage # to pull
      # the name
      RepositoryName: base/python
Outputs: {{}}
"""


def template(policy: str) -> str:
    repository = f'{{"Type": "AWS::ECR::Repository", "Properties": {{"RepositoryPolicyText": {policy}}}}}'
    return f'{{"Resources": {{"A": {repository}}}}}'


def findings(path: Path) -> tuple[Finding, ...]:
    context = Context(OWNER, trust=Trust.parse(REGISTER))
    report = report_of(harvest([str(path)], context), context)
    assert report.errors == ()
    return report.findings


def applied(text: str, fix: Rewrite) -> str:
    """Return a text with a rewrite applied as an editor does it: by lines and columns."""
    lines = text.split("\n")
    before = "\n".join([*lines[: fix.start.line - 1], lines[fix.start.line - 1][: fix.start.column - 1]])
    after = "\n".join([lines[fix.end_line - 1][fix.end_column - 1 :], *lines[fix.end_line :]])
    return before + fix.text + after


FILES = {
    "a bare policy": ("policy.json", json.dumps(SHARED)),
    "a bare policy in lines": ("policy.json", json.dumps(SHARED, indent=4) + "\n"),
    "tabs": ("policy.json", json.dumps(SHARED, indent="\t") + "\n"),
    "a template in JSON": ("stack.json", template(json.dumps(SHARED))),
    "a template in JSON in lines": ("stack.json", json.dumps(json.loads(template(json.dumps(SHARED))), indent=2)),
    "a template in YAML": ("stack.yaml", BLOCK),
    "a template with line breaks of Windows": ("stack.yaml", BLOCK.replace("\n", "\r\n")),
    "characters of other scripts before it": ("stack.yaml", BLOCK.replace("# ours", "# ours: 日本語 😀 é")),
    "a text in lines at its end": (
        "stack.yaml",
        BLOCK.replace("Action: ecr:BatchGetImage # to pull", "Action: >-\n              ecr:BatchGetImage"),
    ),
    "the policy last": ("stack.yaml", BLOCK.partition("      # the name")[0]),
    "JSON inside YAML": (
        "stack.yaml",
        BLOCK.partition("        Version")[0].rstrip() + f" {json.dumps(SHARED)}\n",
    ),
}


@pytest.mark.parametrize("name, text", FILES.values(), ids=FILES)
def test_the_tightened_policy_takes_the_place_of_the_open_one(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text, newline="")
    (finding,) = findings(path)
    assert finding.verdict.compliance is Compliance.NON_COMPLIANT
    fix = fix_of(finding)
    assert fix is not None
    after = applied(text, fix)
    path.write_text(after, newline="")
    (again,) = findings(path)
    assert again.verdict.compliance is Compliance.COMPLIANT
    assert again.found.policy == finding.plan().policy
    for around in ("# ours", "# the name", "Outputs: {}"):
        assert (around in after) == (around in text)


@pytest.mark.parametrize(
    "name, indent",
    [("a bare policy in lines", 4), ("tabs", "\t"), ("a template in JSON in lines", 2)],
)
def test_json_in_lines_keeps_its_form(tmp_path: Path, name: str, indent: int | str) -> None:
    file, text = FILES[name]
    (tmp_path / file).write_text(text)
    (finding,) = findings(tmp_path / file)
    fix = fix_of(finding)
    assert fix is not None
    after = applied(text, fix)
    assert after.rstrip() == json.dumps(json.loads(after), indent=indent)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(BLOCK.replace(f'"{999988887777}"', "!Ref Other"), id="an intrinsic"),
        pytest.param(
            BLOCK.replace("AWS:\n", "AWS: &them\n").replace("Outputs: {}", "Outputs: {}\nx: *them"), id="an anchor"
        ),
        pytest.param(
            "Parameters: {Other: {Type: String, Default: '999988887777'}}\n"
            + BLOCK.replace('"999988887777"', "!Ref Other"),
            id="a parameter with a default",
        ),
        pytest.param(template(json.dumps(json.dumps(SHARED))), id="a policy as text"),
    ],
)
def test_what_is_not_written_out_is_not_replaced(tmp_path: Path, text: str) -> None:
    path = tmp_path / "stack.yaml"
    path.write_text(text)
    for finding in findings(path):
        assert finding.verdict.compliance is Compliance.NON_COMPLIANT
        assert fix_of(finding) is None


def test_a_policy_that_is_to_go_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "policy.json"
    statement = {"Effect": "Allow", "Principal": {"AWS": "999988887777"}, "Action": "ecr:BatchGetImage"}
    path.write_text(json.dumps({"Version": "2012-10-17", "Statement": statement}))
    (finding,) = findings(path)
    assert fix_of(finding) is None


WANTED = {"Version": "2012-10-17", "Statement": []}


@pytest.mark.parametrize(
    "text, line, column",
    [
        pytest.param("", 1, 1, id="nothing there"),
        pytest.param("a: 1\n", 7, 1, id="below its end"),
        pytest.param("a: 1\n", 1, 9, id="beyond its line"),
        pytest.param("a: 1\n", 1, 4, id="within a value"),
        pytest.param("a: {b: 1\n", 1, 4, id="what is not closed"),
        pytest.param("a: [\n", 1, 1, id="a text that is not YAML"),
        pytest.param("a: {b: *x}\n", 1, 4, id="an alias to nothing"),
        pytest.param("a: {b: !Ref c}\n", 1, 4, id="an intrinsic"),
        pytest.param("a: " + "[" * 5_000, 1, 4, id="nested without end"),
        pytest.param("{" * 100_000, 1, 1, id="objects without end"),
    ],
)
def test_where_the_policy_does_not_stand_nothing_is_replaced(text: str, line: int, column: int) -> None:
    assert rewrite(text, Place("f", line, column), {"b": "1"}, WANTED) is None


def test_flow_style_in_yaml_is_replaced_in_one_line() -> None:
    text = "a:\n  b: {Statement: [],\n    Version: '2012-10-17'}\nc: 1\n"
    fix = rewrite(text, Place("f", 2, 6), {"Statement": [], "Version": "2012-10-17"}, WANTED)
    assert fix is not None
    assert applied(text, fix) == f"a:\n  b: {json.dumps(WANTED)}\nc: 1\n"


def test_a_file_that_is_gone_has_no_fix(tmp_path: Path) -> None:
    path = tmp_path / "policy.json"
    path.write_text(json.dumps(SHARED))
    (finding,) = findings(path)
    path.unlink()
    assert fix_of(finding) is None
