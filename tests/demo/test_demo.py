"""`make demo`: the output for a new user."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from ecr_crossaccount.products.cli.main import main
from rich.console import Console

from demo.inventory import inventory
from demo.registry import EXAMPLES, OWNER
from demo.remedy import Cure
from demo.show import Row, show

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def shown() -> str:
    """Return the output of the demo."""
    # The demo must not use the account that the user is logged in to, nor a proxy for the simulated AWS.
    elsewhere = {"AWS_PROFILE": "production", "AWS_ENDPOINT_URL_ECR": "http://192.0.2.1"}
    proxy = {"http_proxy": "http://127.0.0.1:9", "no_proxy": "example.com"}
    environment = {**os.environ, **elsewhere, **proxy}
    done = subprocess.run([sys.executable, "-m", "demo"], cwd=ROOT, env=environment, capture_output=True, check=False)
    assert done.stderr == b""
    assert done.returncode == 0
    return done.stdout.decode()


def first_table(shown: str) -> str:
    """Return the rule's findings before any remediation."""
    return shown.partition("Remediated, by ")[0]


def test_every_repository_is_shown_with_its_result(shown: str) -> None:
    expected = {
        "team/scratch": "COMPLIANT",
        "team/api": "COMPLIANT",
        "base/python": "COMPLIANT",
        "base/guarded": "COMPLIANT",
        "team/web": "NON_COMPLIANT +MEDIUM",
        "functions/resize": "NON_COMPLIANT +MEDIUM",
        "base/node": "NON_COMPLIANT +HIGH",
        "partner/sdk": "NON_COMPLIANT +CRITICAL",
        "public/tools": "NON_COMPLIANT +CRITICAL",
    }
    assert set(expected) == {example.name for example in EXAMPLES}
    for name, result in expected.items():
        assert re.search(rf"^ *{name} +{result}\b", first_table(shown), re.MULTILINE), name


def test_the_worst_comes_first_and_says_why(shown: str) -> None:
    order = [shown.index(name) for name in ("public/tools", "base/node", "team/web", "team/api")]
    assert order == sorted(order)
    assert "9 repositories, 5 of them open" in shown
    assert "any AWS account" in shown


def test_it_is_plain_text_that_fits_a_page(shown: str) -> None:
    assert "\x1b" not in shown
    assert max(len(line) for line in shown.splitlines()) <= 118
    assert len(shown.splitlines()) < 100


@pytest.mark.parametrize("width", [60, 80, 100])
def test_nothing_is_cut_off_on_a_narrow_terminal(width: int) -> None:
    name = "functions/resize"
    example = next(one for one in EXAMPLES if one.name == name)
    told = "account 222233334444 may ecr:BatchCheckLayerAvailability by `" + "X" * 70 + "`"
    row = Row(example, "NON_COMPLIANT", f"CRITICAL: {told}")
    file = StringIO()
    cure = Cure(replace(example, name="partner/sdk"), "", (), {"Version": "2012-10-17"}, None, "")
    left = Row(cure.example, "COMPLIANT", "")
    show(Console(file=file, width=width), [row], [cure], [left])
    table = first_table(file.getvalue()).partition(name)[2].partition("1 repositories")[0]
    assert max(map(len, first_table(file.getvalue()).splitlines())) <= width
    assert told.replace(" ", "") in "".join(line[-(width - 48) :] for line in table.splitlines()).replace(" ", "")


def test_what_it_found_is_remediated_and_compliant_in_the_end(shown: str) -> None:
    _, _, second = shown.partition("Remediated, by remediation/remediate.yaml")
    for name in ("public/tools", "partner/sdk", "base/node", "team/web", "functions/resize"):
        assert re.search(rf"^ *{name} +COMPLIANT +\S.* removed from ", second, re.MULTILINE), name
    assert "NON_COMPLIANT" not in second
    assert "9 repositories, 0 of them open" in second


def test_one_policy_is_shown_before_and_after(shown: str) -> None:
    _, _, difference = shown.partition("partner/sdk, before and after")
    assert re.search(r'^ +- .*"Action": "ecr:\*"', difference, re.MULTILINE)
    assert re.search(r'^ +\+ .*"ecr:BatchGetImage"', difference, re.MULTILINE)


def test_the_command_that_it_suggests_works(
    shown: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    (suggested,) = re.findall(r"\.venv/bin/ecr-crossaccount (judge --owner .*)", shown)
    assert main(suggested.split()) == 1
    assert "IfExists" in capsys.readouterr().out


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_the_register_says_what_the_parameters_say(
    shown: str, capsys: pytest.CaptureFixture[str], example: object
) -> None:
    from demo.registry import Example

    assert isinstance(example, Example)
    if example.policy is None:
        return
    register = str(ROOT / "demo" / "trust.yaml")
    status = main(["judge", "--owner", OWNER, "--trust", register, str(example.file)])
    capsys.readouterr()
    compliant = re.search(rf"^ *{example.name} +COMPLIANT\b", first_table(shown), re.MULTILINE)
    assert (status == 0) == bool(compliant)


def test_the_inventory_is_of_the_same_repositories() -> None:
    """The file is generated. `python -m demo.inventory > demo/inventory.json` updates it."""
    assert json.loads((ROOT / "demo" / "inventory.json").read_text(encoding="utf-8")) == inventory()
