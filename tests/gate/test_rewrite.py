"""A policy replaced where it stands: everything around it stays, and what stands there then is the policy wanted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ecr_crossaccount import Compliance, Trust
from ecr_crossaccount.cli.gate_formats.fixes import Fixes
from ecr_crossaccount.gate.context import Context
from ecr_crossaccount.gate.dispatch import harvest
from ecr_crossaccount.gate.findings import Finding, report_of
from ecr_crossaccount.gate.rewrite import Rewrite

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
    """Put a rewrite into a text, as an editor does: by lines and columns."""
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
    fix = Fixes().of(finding)
    assert fix is not None
    after = applied(text, fix)
    path.write_text(after, newline="")
    (again,) = findings(path)
    assert again.verdict.compliance is Compliance.COMPLIANT
    assert again.found.policy == finding.plan().policy
    for around in ("# ours", "# the name", "Outputs: {}"):
        assert (around in after) == (around in text)


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
        assert Fixes().of(finding) is None


def test_a_policy_that_is_to_go_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "policy.json"
    statement = {"Effect": "Allow", "Principal": {"AWS": "999988887777"}, "Action": "ecr:BatchGetImage"}
    path.write_text(json.dumps({"Version": "2012-10-17", "Statement": statement}))
    (finding,) = findings(path)
    assert Fixes().of(finding) is None
