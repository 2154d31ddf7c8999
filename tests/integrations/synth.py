"""The plug-in for the AWS CDK, run by `app.synth()`: what `check` fails on, `cdk synth` fails on, in the same words.

`make cdk` installs the CDK, which takes half a minute and 440 MB, and runs this; so does `make verify-nightly`.
"""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.docs.markdown import ROOT, page
from tests.docs.test_readme import is_as_shown
from tests.wording import sentence

PYTHON = ROOT / ".venv-cdk" / "bin" / "python"
APP = """\
from aws_cdk import Acknowledgment, App, CfnParameter, Environment, NestedStack, Stack, Stage, Validations
from aws_cdk.aws_ecr import Repository
from aws_cdk.aws_iam import AccountPrincipal, AnyPrincipal, PolicyStatement
from ecr_crossaccount.products.cdk import CrossAccountAccess

def pull(who):
    return PolicyStatement(principals=[who], actions=["ecr:BatchGetImage"])

def repository(scope, name, who):
    made = Repository(scope, name)
    made.add_to_resource_policy(pull(who))
    return made

app = App(outdir="cdk.out")
Validations.of(app).add_plugins(CrossAccountAccess({options}))
images = Stack(app, "Images", env=Environment(account="111122223333", region="eu-central-1"))
{body}
app.synth()
"""
OPEN = 'repository(images, "Base", AnyPrincipal())'
PARTNER = 'repository(images, "Base", AccountPrincipal("222233334444"))'
OWN = 'repository(images, "Base", AccountPrincipal("111122223333"))'
PARAMETER = 'repository(images, "Base", AccountPrincipal(CfnParameter(images, "Partner").value_as_string))'
ACKNOWLEDGED = (
    f'{OPEN}\nrepository(images, "Tools", AnyPrincipal())\n'
    'Validations.of(images.node.find_child("Base")).acknowledge(\n'
    '    *(Acknowledgment(id=f"ecr-crossaccount::{rule}", reason="r") for rule in ("any-read", "service-read"))\n'
    ")"
)


@dataclass(frozen=True)
class Synthesized:
    status: int
    errors: str
    violations: list[dict[str, Any]]

    @property
    def found(self) -> set[tuple[str, str, str]]:
        return {
            (
                one["ruleName"],
                one["severity"],
                (one["violatingConstructs"] or [{"constructPath": ""}])[0]["constructPath"],
            )
            for one in self.violations
        }


def run(folder: Path) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "ECR_CROSSACCOUNT"))}
    environment = {**kept, "PYTHONPATH": str(ROOT / "rule"), "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "1"}
    return subprocess.run([PYTHON, "app.py"], cwd=folder, env=environment, capture_output=True, text=True, check=False)


def synth(folder: Path, body: str, *options: str) -> Synthesized:
    (folder / "app.py").write_text(APP.format(options=", ".join(map(repr, options)), body=body))
    done = run(folder)
    report = folder / "cdk.out" / "validation-report.json"
    plugins = json.loads(report.read_text())["pluginReports"] if report.exists() else []
    ours = [one for one in plugins if one["pluginName"] == "ecr-crossaccount"]
    return Synthesized(done.returncode, done.stderr, [each for one in ours for each in one["violations"]])


def without_banner(text: str) -> str:
    """Return the text without the CDK's warning about old versions of Node.js."""
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith("b'!!"))


def test_an_open_repository_fails_with_our_message_at_its_construct(tmp_path: Path) -> None:
    done = synth(tmp_path, OPEN)
    assert done.status == 1
    assert done.found == {
        ("any-read", "error", "Images/Base/Resource"),
        ("service-read", "error", "Images/Base/Resource"),
    }
    first = done.violations[0]
    assert first["description"].startswith("HIGH: Base")
    assert first["description"].endswith(sentence("reasons.statement_allows_ecr"))
    assert first["suggestedFix"].startswith(sentence("way_out.delete_statement_nobody"))
    assert first["ruleMetadata"]["place"].startswith("cdk.out/Images.template.json:")
    assert first["description"] in done.errors
    assert "1 policy: 0 compliant, 1 non-compliant; trust: nobody" in done.errors


def test_a_closed_one_passes_and_says_which_trust_it_used(tmp_path: Path) -> None:
    done = synth(tmp_path, OWN)
    assert (done.status, done.violations) == (0, [])
    assert "1 policy: 1 compliant, 0 non-compliant; trust: nobody" in done.errors


def test_what_a_parameter_decides_is_undecided_and_names_the_option(tmp_path: Path) -> None:
    done = synth(tmp_path, PARAMETER)
    assert (done.status, done.found) == (1, {("undecided", "error", "Images/Base/Resource")})
    assert done.violations[0]["suggestedFix"] == "supply `Partner`: --parameter Partner=…"


def test_options_settings_and_register_are_those_of_check(tmp_path: Path) -> None:
    (tmp_path / "trust.yaml").write_text('version: 1\ntrust: [{account: "222233334444"}]\n')
    done = synth(tmp_path, PARAMETER, "--parameter", "Partner=222233334444")
    assert done.status == 0
    assert "trust: trust.yaml (1 entry)" in done.errors
    (tmp_path / "ecr-crossaccount.yaml").write_text("fail-on: HIGH\n")
    done = synth(tmp_path, PARTNER, "--no-trust")
    assert (done.status, done.found) == (0, {("account-read", "warning", "Images/Base/Resource")})


def test_stages_and_nested_stacks_are_judged(tmp_path: Path) -> None:
    body = (
        'repository(NestedStack(images, "Inner"), "Base", AnyPrincipal())\n'
        'repository(Stack(Stage(app, "Prod"), "Images"), "Base", AccountPrincipal("222233334444"))'
    )
    done = synth(tmp_path, body)
    assert done.status == 1
    assert {where for _, _, where in done.found} == {"Images/Inner/Base/Resource", "Prod/Images/Base/Resource"}


def test_an_acknowledged_finding_hides_no_other(tmp_path: Path) -> None:
    done = synth(tmp_path, ACKNOWLEDGED)
    assert done.status == 1
    assert {where for _, _, where in done.found} == {"Images/Tools/Resource"}


def test_strict_and_a_register_that_is_missing_fail(tmp_path: Path) -> None:
    """The command `cdk` lets an app pass if a plug-in fails without a violation."""
    for options, said in ((("--strict",), "nothing was judged"), (("--trust", "missing.yaml"), "`missing.yaml`")):
        done = synth(tmp_path, "", *options)
        assert (done.status, done.found) == (1, {("not-judged", "fatal", "")})
        assert said in done.violations[0]["description"]


def test_an_option_that_does_not_exist_fails(tmp_path: Path) -> None:
    done = synth(tmp_path, OWN, "--owner-of", "x")
    assert (done.status, done.violations) == (3, [])


def test_the_app_of_the_page_fails_as_the_page_shows(tmp_path: Path) -> None:
    app, shown = (
        one.text for one in page("docs/integrations.md").blocks("python", "console") if one.heading == "AWS CDK"
    )
    (tmp_path / "trust.yaml").write_text('version: 1\ntrust: [{account: "222233334444"}]\n')
    imports, _, _ = APP.partition("app = ")
    (tmp_path / "app.py").write_text(f'{imports}{app}images = Stack(app, "Images")\n{OPEN}\napp.synth()\n')
    _, said = shown.split("\n", 1)
    assert is_as_shown(without_banner(run(tmp_path).stderr), said)
