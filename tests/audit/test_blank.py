"""Blank policies in AWS Config: no policy, or one that Config may not read. Neither may be called compliant."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.audit.conftest import EVERYBODY_MAY_ALL, OWNER, REGION, SAFE, row
from tests.cli.conftest import Result, Run, Write
from tests.cli.conftest import write as write  # noqa: PLC0414 - a fixture, for the tests here
from tests.fakes import FakeConfigService
from tests.wording import sentence

Audit = Callable[..., Result]
BLANKS: list[object] = [{}, None, "", " ", "{}", "null"]
REASON = sentence("recordings.aws_config_shows")


@pytest.fixture(params=["aggregator", "inventory"])
def audit(request: pytest.FixtureRequest, run: Run, write: Write, config: FakeConfigService) -> Audit:
    """Audit these rows, from an aggregator and from a file."""

    def audit(*rows: object, options: tuple[str, ...] = ("--format", "json")) -> Result:
        if request.param == "aggregator":
            config.inventory += rows  # type: ignore[arg-type]  # rows are objects
            return run("audit", "aggregator:all", *options)
        return run("audit", write({"Results": [json.dumps(one) for one in rows]}), *options)

    return audit


@pytest.mark.parametrize("blank", BLANKS, ids=repr)
def test_a_blank_is_an_error_and_never_compliant(audit: Audit, blank: object) -> None:
    answer = audit(row("bare", blank), row("safe"))
    assert answer.status == 3
    assert [one["name"] for one in answer.json["repositories"]] == ["safe"]
    assert answer.json["errors"] == [
        {
            "account": OWNER,
            "region": REGION,
            "arn": f"arn:aws:ecr:{REGION}:{OWNER}:repository/bare",
            "about": "policy",
            "reason": REASON,
        }
    ]


@pytest.mark.parametrize("blank", BLANKS, ids=repr)
def test_a_blank_is_taken_for_none_where_the_user_says_so_and_the_report_says_it(audit: Audit, blank: object) -> None:
    answer = audit(row("bare", blank), options=("--format", "json", "ECR_CROSSACCOUNT_BLANK_IS_NONE=true"))
    (one,) = answer.json["repositories"]
    assert (answer.status, one["compliance"], answer.json["errors"]) == (0, "COMPLIANT", [])
    assert one["notes"] == [sentence("recordings.aws_config_shows_treats")]


def test_a_row_that_does_not_show_the_policy_at_all_stays_an_error(audit: Audit) -> None:
    lacking = row("lacking")
    del lacking["configuration"]["RepositoryPolicyText"]
    bare = row("bare") | {"configuration": {"Arn": f"arn:aws:ecr:{REGION}:{OWNER}:repository/bare"}}
    answer = audit(lacking, bare, options=("--format", "json", "ECR_CROSSACCOUNT_BLANK_IS_NONE=true"))
    assert (answer.status, answer.json["repositories"], len(answer.json["errors"])) == (3, [], 2)


def test_what_is_open_is_a_finding_whatever_is_blank(audit: Audit) -> None:
    rows = row("open", json.dumps(EVERYBODY_MAY_ALL)), row("bare", {})
    answer = audit(*rows, options=("--format", "json", "ECR_CROSSACCOUNT_BLANK_IS_NONE=true"))
    assert (answer.status, answer.json["summary"]["severities"]["CRITICAL"]) == (1, 1)


def test_many_blanks_are_one_line_for_a_person(audit: Audit) -> None:
    answer = audit(*(row(f"r{number:03}", {}) for number in range(60)), row("safe", SAFE), options=())
    (line,) = answer.err.splitlines()
    assert REASON in line
    assert "60 places" in line
    assert "1 compliant, 0 not; 60 not read" in answer.out


def test_many_blanks_are_one_entry_of_the_page(run: Run, write: Write, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    rows = [json.dumps(row(f"r{number:03}", {})) for number in range(60)]
    run("audit", write({"Results": rows}), "--format", "text", "--format", f"html={page}")
    words = page.read_text(encoding="utf-8")
    assert words.count("AWS Config shows no policy") == 1
    assert "and 57 more" in words


def test_the_option_goes_with_what_config_has_alone(run: Run) -> None:
    answer = run("audit", "--blank-is-none")
    assert (answer.status, answer.out) == (3, "")
    assert sentence("audit.blank_none_needs") in answer.err
