"""The figures in docs/scale.md are the output of its commands."""

from __future__ import annotations

import csv
import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from ecr_crossaccount.products.audit import inventory

from benchmarks.sweep.organization import ALARMS, Registry, watched
from organization.sources import template
from tests.cli.conftest import Run
from tests.cli.conftest import run as run  # noqa: PLC0414 - a fixture, for the tests here
from tests.stack.test_alarms import made

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "scale.md").read_text(encoding="utf-8")


def test_the_command_prints_what_the_page_shows() -> None:
    block = PAGE.split("```console\n")[1].split("```")[0]
    command, shown = block.removeprefix("$ ").split("\n", 1)
    _, *arguments = shlex.split(command)
    ran = subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout == shown


@pytest.mark.parametrize("repositories", [50, 1_000, 100_000])
def test_the_table_holds_what_the_command_would_print(repositories: int) -> None:
    (row,) = [line for line in PAGE.splitlines() if line.startswith(f"| {repositories:,} |")]
    calls, seconds, night = row.split(" | ")[1:4]
    registry = Registry(repositories, processor=200e-6, log=3000.0)
    assert int(calls.replace(",", "")) == sum(registry.calls().values())
    assert float(seconds.replace(",", "")) == pytest.approx(registry.seconds(), rel=0.01)
    assert int(night.replace(",", "")) == sum(registry.calls().values()) * 20_000


def test_a_hundred_thousand_repositories_take_fewer_than_2_200_calls() -> None:
    assert sum(Registry(100_000, 0, 0).calls().values()) == 2_104


def test_every_alarm_of_a_stack_is_counted() -> None:
    whole = template()
    for chosen, number in ALARMS.items():
        assert len(made(whole, "AWS::CloudWatch::Alarm", Alarms=chosen)) == number


def test_the_prices_of_the_text_are_those_of_the_command() -> None:
    for number in ALARMS.values():
        assert f"${watched(number) * 20_000:,.0f}" in PAGE


def selected() -> list[str]:
    (sentence,) = re.findall(r"^.*Select (.*) of each configuration item", PAGE, re.MULTILINE)
    return re.findall(r"`([a-z]+)`", sentence)


def test_the_columns_of_the_query_are_those_that_an_inventory_is_read_by() -> None:
    assert {"arn", "configuration"} < set(selected()) <= inventory.COLUMNS


@pytest.mark.parametrize("form", ["csv", "json"])
def test_the_result_of_the_query_is_read(run: Run, tmp_path: Path, form: str) -> None:
    columns = selected()
    open_to_all = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "ecr:*"}]}
    arn = "arn:aws:ecr:eu-central-1:111122223333:repository/app"
    values = ["111122223333", "eu-central-1", arn, "app", "AWS::ECR::Repository"]
    values += [json.dumps({"RepositoryPolicyText": open_to_all}), "2026-11-27T06:00:00.000Z", "OK"]
    file = tmp_path / "result"
    if form == "json":
        file.write_text(json.dumps(dict(zip(columns, values, strict=True))) + "\n", encoding="utf-8")
    else:
        with file.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream, quoting=csv.QUOTE_ALL).writerows([columns, values])
    answer = run("audit", str(file), "--format", "json")
    (one,) = answer.json["repositories"]
    assert (answer.status, answer.json["errors"], one["arn"], one["compliance"]) == (1, [], arn, "NON_COMPLIANT")
