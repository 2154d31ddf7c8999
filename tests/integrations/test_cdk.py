"""The plug-in for the AWS CDK beside a CDK that only keeps what it is given: a report says what `check` says.

`tests/integrations/synth.py` runs it in the real one.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.wording import sentence

Plugin = Callable[..., SimpleNamespace]
"""The class, without the CDK's types."""
REPOSITORY = (
    '{"Resources": {"Base": {"Type": "AWS::ECR::Repository", "Properties": {"RepositoryPolicyText": '
    '{"Statement": {"Effect": "Allow", "Principal": {"AWS": "WHO"}, "Action": "ecr:BatchGetImage"}}}}}}'
)


@pytest.fixture
def plugin(monkeypatch: pytest.MonkeyPatch) -> Plugin:
    names = ("IPolicyValidationContext", "IPolicyValidationPlugin")
    kept = ("PolicyValidationPluginReport", "PolicyViolatingResource", "PolicyViolation")
    cdk = SimpleNamespace(**dict.fromkeys(names), **dict.fromkeys(kept, SimpleNamespace))
    monkeypatch.setitem(sys.modules, "aws_cdk", cdk)
    monkeypatch.setitem(sys.modules, "jsii", SimpleNamespace(implements=lambda _: lambda given: given))
    module = import_module("ecr_crossaccount.products.cdk")
    monkeypatch.delitem(sys.modules, module.__name__)
    found: Plugin = module.CrossAccountAccess
    return found


def validated(plugin: Plugin, folder: Path, who: str, *options: str) -> SimpleNamespace:
    template = folder / "Images.template.json"
    template.write_text(REPOSITORY.replace("WHO", who))
    context = SimpleNamespace(template_paths=[str(template)])
    found: SimpleNamespace = plugin("--account", "111122223333", *options).validate(context)
    return found


def test_a_finding_is_a_violation(plugin: Plugin, tmp_path: Path) -> None:
    report = validated(plugin, tmp_path, "222233334444")
    (found,) = report.violations
    assert (report.success, found.rule_name, found.severity) == (False, "account-read", "error")
    assert found.description.startswith("MEDIUM: Base: account 222233334444 can pull")
    assert found.fix == sentence("way_out.delete_statement_nobody_document")
    assert found.violating_resources[0].resource_logical_id == "Base"
    assert report.metadata == {"trust": "nobody"}


def test_without_a_finding_it_succeeds(plugin: Plugin, tmp_path: Path) -> None:
    report = validated(plugin, tmp_path, "111122223333")
    assert (report.success, report.violations) == (True, [])


def test_what_does_not_fail_is_a_warning(plugin: Plugin, tmp_path: Path) -> None:
    report = validated(plugin, tmp_path, "222233334444", "--fail-on", "HIGH")
    assert (report.success, [one.severity for one in report.violations]) == (True, ["warning"])


def test_what_cannot_be_read_or_used_is_fatal(plugin: Plugin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fatal(who: str, *options: str) -> str:
        report = validated(plugin, tmp_path, who, *options)
        (found,) = report.violations
        assert (report.success, found.severity) == (False, "fatal")
        return str(found.description)

    assert "Images.template.json" in fatal('"')
    assert "`missing.yaml`" in fatal("111122223333", "--trust", "missing.yaml")
    monkeypatch.setitem(vars(plugin)["validate"].__globals__, "examine_files", lambda _: 1 // 0)
    assert "ZeroDivisionError" in fatal("111122223333")


def test_everything_that_it_reports_is_one_of_its_rules(plugin: Plugin, tmp_path: Path) -> None:
    report = validated(plugin, tmp_path, "*")
    assert {one.rule_name for one in report.violations} <= set(plugin().rule_ids)
    assert plugin().name == "ecr-crossaccount"
