"""The current creation templates in ECR, judged as policies of future repositories."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from moto.ecr.models import ecr_backends
from moto.ecr.responses import ECRResponse

from tests.audit.conftest import (
    EVERYBODY_MAY_ALL,
    OWNER,
    PARTNER,
    PARTNER_PULLS,
    REGION,
    STRANGER,
    STRANGER_PULLS,
    Furnish,
    Refuse,
    Stamp,
    row,
)
from tests.cli.conftest import Run
from tests.wording import sentence

ARN = f"arn:aws:ecr:{REGION}:{OWNER}:repository-creation-template/"


def test_each_template_is_judged_and_listed(run: Run, stamp: Stamp) -> None:
    stamp({"open": EVERYBODY_MAY_ALL, "team/base": PARTNER_PULLS, "plain": None})
    done = run("audit", "--format", "json")
    assert done.status == 1
    found = {one["name"]: (one["compliance"], one["kind"], one["arn"]) for one in done.json["creation_templates"]}
    assert found == {
        "open": ("NON_COMPLIANT", "creation-template", f"{ARN}open"),
        "team/base": ("NON_COMPLIANT", "creation-template", f"{ARN}team/base"),
        "plain": ("COMPLIANT", "creation-template", f"{ARN}plain"),
    }
    assert done.json["audited"]["creation_templates"] is True
    assert done.json["repositories"] == []


def test_an_entry_counts_if_it_speaks_of_every_repository_below_the_prefix(
    run: Run, stamp: Stamp, trust: Callable[..., str]
) -> None:
    register = trust({"account": PARTNER, "repositories": ["team/*"]})
    stamp({"team": PARTNER_PULLS, "team/base": PARTNER_PULLS, "te": PARTNER_PULLS, "ROOT": PARTNER_PULLS})
    done = run("audit", "--format", "json", "--trust", register)
    found = {one["name"]: one for one in done.json["creation_templates"]}
    assert {name: one["compliance"] for name, one in found.items()} == {
        "team": "COMPLIANT",
        "team/base": "COMPLIANT",
        "te": "NON_COMPLIANT",
        "ROOT": "NON_COMPLIANT",
    }
    assert {name: len(one["trusted"]) for name, one in found.items()} == {"team": 1, "team/base": 1, "te": 0, "ROOT": 0}
    assert done.json["trust"][0]["used_by"] == 2


def test_every_form_has_them(run: Run, stamp: Stamp, tmp_path: Path) -> None:
    stamp({"team": STRANGER_PULLS})
    page = tmp_path / "page.html"
    text = run("audit", "--format", "text", "--format", f"html={page}").out
    assert f"account {STRANGER} gets READ of the creation template team" in " ".join(text.split())
    assert f'"{ARN}team","{OWNER}","{REGION}","team","creation-template"' in run("audit", "--format", "csv").out
    assert f"{ARN}team" in run("audit", "--format", "sarif").out
    (line,) = run("audit", "--format", "ocsf").out.splitlines()
    assert json.loads(line)["resource"]["type"] == "AWS::ECR::RepositoryCreationTemplate"
    shown = page.read_text("utf-8")
    assert "No repository policy gives external access without approval, but a setting of a registry may" in shown
    assert sentence("page.creation_template_gives") in shown
    assert "the creation template team" in shown


def test_what_is_left_under_resource_control_policies_is_said(run: Run, stamp: Stamp, tmp_path: Path) -> None:
    stamp({"team": STRANGER_PULLS})
    deny = {"Effect": "Deny", "Principal": "*", "Action": "ecr:*", "Resource": "*"}
    rcp = tmp_path / "rcp.json"
    rcp.write_text(json.dumps({"Version": "2012-10-17", "Statement": [deny]}), encoding="utf-8")
    done = run("audit", "--rcp", str(rcp), "--format", "json")
    (template,) = done.json["creation_templates"]
    assert template["compliance"] == "NON_COMPLIANT"
    assert template["under_rcp"]["grants"] == []


def test_templates_that_cannot_be_read_are_an_error_of_their_region(
    run: Run, furnish: Furnish, stamp: Stamp, refuse: Refuse
) -> None:
    furnish({"aa": None})
    furnish({"bb": None}, "eu-west-1")
    stamp({"team": STRANGER_PULLS})
    refuse("DescribeRepositoryCreationTemplates", "AccessDeniedException", region="eu-west-1")
    done = run("audit", "--region", REGION, "--region", "eu-west-1", "--format", "json")
    assert done.status == 3
    (error,) = done.json["errors"]
    assert (error["region"], error["arn"], error["about"]) == ("eu-west-1", None, "creation_templates")
    assert error["reason"].startswith("the creation templates: DescribeRepositoryCreationTemplates was refused")
    assert error["reason"].endswith("allow ecr:DescribeRepositoryCreationTemplates and audit again")
    assert [one["name"] for one in done.json["creation_templates"]] == ["team"]
    assert len(done.json["repositories"]) == 2
    assert "the creation templates not read" in run("audit", "--region", "eu-west-1").out


def test_another_fault_says_to_audit_again(run: Run, refuse: Refuse) -> None:
    refuse("DescribeRepositoryCreationTemplates", "ServerException")
    (error,) = run("audit", "--format", "json").json["errors"]
    assert error["reason"].endswith("; audit again")


def test_an_answer_that_says_nothing_is_an_error(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ECRResponse, "describe_repository_creation_templates", lambda _: "{}", raising=False)
    (error,) = run("audit", "--format", "json").json["errors"]
    assert "DescribeRepositoryCreationTemplates" in error["reason"]


def test_the_registry_policy_is_not_counted_for_a_template(run: Run, stamp: Stamp) -> None:
    stamp({"team": None})
    statement = {**STRANGER_PULLS["Statement"][0], "Resource": f"arn:aws:ecr:{REGION}:{OWNER}:repository/*"}
    ecr_backends[OWNER][REGION].registry_policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    done = run("audit", "--format", "json")
    assert [one["compliance"] for one in done.json["creation_templates"]] == ["COMPLIANT"]
    assert [one["compliance"] for one in done.json["registries"]] == ["NON_COMPLIANT"]


class TestSince:
    def test_a_template_that_is_gone_is_told_and_one_that_was_not_read_is_not(
        self, run: Run, furnish: Furnish, stamp: Stamp, refuse: Refuse, tmp_path: Path
    ) -> None:
        furnish({"aa": None})
        stamp({"team": STRANGER_PULLS})
        earlier = tmp_path / "earlier.json"
        earlier.write_text(run("audit", "--format", "json").out, encoding="utf-8")
        stamp({})
        changes = run("audit", "--format", "json", "--since", str(earlier)).json["changes"]
        assert ([one["arn"] for one in changes["gone"]], changes["vanished"]) == ([f"{ARN}team"], [f"{ARN}team"])
        refuse("DescribeRepositoryCreationTemplates", "AccessDeniedException")
        changes = run("audit", "--format", "json", "--since", str(earlier)).json["changes"]
        assert (changes["gone"], changes["vanished"], changes["not_compared"]) == ([], [], [f"{ARN}team"])

    def test_an_inventory_does_not_tell_of_templates(
        self, run: Run, furnish: Furnish, stamp: Stamp, tmp_path: Path
    ) -> None:
        furnish({"aa": None})
        stamp({"team": STRANGER_PULLS})
        earlier, inventory = tmp_path / "earlier.json", tmp_path / "inventory.json"
        earlier.write_text(run("audit", "--format", "json").out, encoding="utf-8")
        inventory.write_text(json.dumps({"Results": [json.dumps(row("aa"))]}), encoding="utf-8")
        given = (str(inventory), "--format", "json", "--since", str(earlier))
        report = run("audit", *given).json
        assert report["audited"]["creation_templates"] is False
        assert (report["changes"]["gone"], report["changes"]["vanished"]) == ([], [])

    def test_a_baseline_knows_them(self, run: Run, stamp: Stamp, tmp_path: Path) -> None:
        stamp({"team": STRANGER_PULLS})
        baseline = tmp_path / "baseline.json"
        baseline.write_text(run("audit", "--format", "json").out, encoding="utf-8")
        assert run("audit", "--baseline", str(baseline)).status == 0


def test_resuming_reads_them_anew(run: Run, furnish: Furnish, stamp: Stamp, tmp_path: Path) -> None:
    furnish({"aa": None})
    stamp({"team": STRANGER_PULLS})
    state = tmp_path / "state"
    done = run("audit", f"ECR_CROSSACCOUNT_RESUME={state}", "--format", "json")
    assert [one["name"] for one in done.json["creation_templates"]] == ["team"]
    assert not state.exists()


def test_a_question_about_what_exists_leaves_them_out(run: Run, furnish: Furnish, stamp: Stamp, refuse: Refuse) -> None:
    furnish({"aa": None})
    stamp({"team": STRANGER_PULLS})
    asked = ("ask", "--region", REGION, "--who", STRANGER, "--can", "ecr:BatchGetImage", "--format", "json")
    assert "team" not in run(*asked).out
    refuse("DescribeRepositoryCreationTemplates", "AccessDeniedException")
    assert run(*asked).status == 0
