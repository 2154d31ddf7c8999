"""The wheel on every installed supported Python: it works, and gives the same results on each.

`.ci/run package` builds and installs it. WHEELS_UNDER_TEST has the places: `VERSION=FOLDER …`, where FOLDER is an
environment with the wheel, and `engine` beside them has only the wheel. For the oldest and the newest Python,
FOLDER-checkov is an environment with Checkov.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import boto3
import pytest

from tests.case_tables import cases
from tests.docs.markdown import ROOT
from tests.fakes.moto_server import moto_server
from tests.integrations.checkov import checkov

PLACES = {
    version: Path(folder)
    for version, _, folder in (one.partition("=") for one in os.environ["WHEELS_UNDER_TEST"].split())
}
OLDEST, *_, NEWEST = PLACES
LINES = "".join(f"{case.batch_line()}\n" for case in cases() if case.name != "nesting a thousand deep is invalid")
COMMANDS = [
    (0, "judge --owner 123456789012 --trust demo/trust.yaml demo/policies/base/guarded.json"),
    (1, "judge --owner 123456789012 --trust demo/trust.yaml --format json demo/policies/base/node.json"),
    (1, "plan --owner 123456789012 --trust demo/trust.yaml demo/policies/partner/sdk.json"),
    (1, "check --account 123456789012 --trust demo/trust.yaml demo/templates"),
    (1, "check --account 123456789012 --trust demo/trust.yaml --format sarif demo/templates"),
    (3, "check --account 111122223333 --format json tests/check/hcl/cases tests/check/cases"),
    (1, "audit demo/inventory.json --trust demo/trust.yaml --blank-is-none --format json"),
    (1, "audit demo/inventory.json --trust demo/trust.yaml --blank-is-none"),
    (3, "audit demo/inventory.json --trust demo/trust.yaml"),
    (0, "judge --jsonl"),
    (0, "plan --jsonl"),
    (0, "trust lint demo/trust.yaml"),
    (1, "trust lint tests/stability/remarks.yaml"),
    (0, "guardrail rcp --trust demo/trust.yaml --organization o-a1b2c3d4e5"),
    (0, "completion zsh"),
    (0, "--version"),
]


# The place of the documentation must not depend on the place of the wheel.
SAME = {"COLUMNS": "100", "PYTHONWARNINGS": "error", "ECR_CROSSACCOUNT_DOCS_URL": "https://docs.example/"}


def run(version: str, command: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [PLACES[version] / "bin" / "ecr-crossaccount", *command.split()],
        cwd=ROOT, input=LINES.encode(), capture_output=True, check=False,
        env={**os.environ, **SAME, **environment},
    )  # fmt: skip


answer = cache(run)


@pytest.mark.parametrize("version", PLACES)
@pytest.mark.parametrize(
    "status, command",
    # each command in one process, because the answer of the newest Python is computed once
    [pytest.param(*one, marks=pytest.mark.xdist_group(one[1]), id=one[1]) for one in COMMANDS],
)
def test_a_command_ends_as_it_should_and_says_what_it_says_on_the_newest(
    version: str, status: int, command: str
) -> None:
    done = answer(version, command)
    assert (done.returncode, b"Traceback" in done.stderr) == (status, False), done.stderr.decode()
    assert done.stdout
    assert (done.stdout, done.stderr) == (answer(NEWEST, command).stdout, answer(NEWEST, command).stderr)


@pytest.fixture(scope="module")
def aws() -> Iterator[Mapping[str, str]]:
    """Serve an account with one open repository and one without a policy. Yields the variables to reach it."""
    everybody = {"Effect": "Allow", "Principal": "*", "Action": "ecr:BatchGetImage"}
    with moto_server() as port:
        ecr = boto3.client("ecr", endpoint_url=f"http://127.0.0.1:{port}")
        for name in ("open", "closed"):
            ecr.create_repository(repositoryName=name)
        ecr.set_repository_policy(
            repositoryName="open", policyText=json.dumps({"Version": "2012-10-17", "Statement": [everybody]})
        )
        yield {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}"}


@pytest.mark.parametrize("version", PLACES)
def test_an_account_is_audited(version: str, aws: Mapping[str, str]) -> None:
    done = run(version, "audit --region eu-central-1 --format json", **aws)
    assert done.returncode == 1, done.stderr.decode()
    found = {one["name"]: one["compliance"] for one in json.loads(done.stdout)["repositories"]}
    assert found == {"open": "NON_COMPLIANT", "closed": "COMPLIANT"}


@pytest.mark.parametrize("version", [OLDEST, NEWEST])
def test_checkov_asks_the_wheel(version: str, tmp_path: Path) -> None:
    place = PLACES[version]
    done = checkov(
        tmp_path, "--file", str(ROOT / "demo/templates/registry.yaml"),
        command=place.with_name(f"{place.name}-checkov") / "bin" / "checkov", packages=place.with_name("engine"),
        account="123456789012", trust=str(ROOT / "demo/trust.yaml"),
    )  # fmt: skip
    assert done.verdicts == {"AWS::ECR::Repository.Base": "PASSED", "AWS::ECR::Repository.Tools": "FAILED"}
