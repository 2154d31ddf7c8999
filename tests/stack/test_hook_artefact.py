"""The hook's function from a release, run as in AWS: under Lambda's runtime interface emulator."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from ecr_crossaccount.products.hook.evaluation import Settings, evaluate, source_of, trust_now

from tests.events import REGION
from tests.events.hook import NAMES, load
from tests.hook.limits import assert_within_limits
from tests.stack.cloudformation import ROOT
from tests.stack.emulator import Function, emulated
from tests.wording import sentence

pytestmark = [pytest.mark.artefact, pytest.mark.slow]

LISTS = {"trustedOrganizations": "none", "trustedAccounts": "333344445555"}
SECONDS = 30
"""CloudFormation's time limit for an answer."""


@pytest.fixture(scope="module")
def artefact(unpacked: Callable[[str], Path]) -> Path:
    """Return the folder that AWS Lambda gets for the hook's function."""
    return unpacked("hook")


@pytest.fixture(scope="module")
def function(artefact: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Function]:
    log = tmp_path_factory.mktemp("log") / "log"
    lists = json.dumps(LISTS)
    with emulated(artefact, "hook.lambda_handler", log, AWS_REGION=REGION, RULE_PARAMETERS=lists) as running:
        running.invoke({})  # the start takes as long as the machine needs
        yield running


def test_it_carries_no_command_and_nothing_that_it_does_not_use(artefact: Path) -> None:
    names = {path.name for path in artefact.iterdir() if not path.name.endswith(".dist-info")}
    assert names == {"LICENSE", "ecr_crossaccount", "hook.py", "yaml"}
    parts = {path.name for path in (artefact / "ecr_crossaccount").rglob("*")}
    assert not parts & {"cli", "audit", "automation", "guardrails"}
    assert not list(artefact.rglob("*.so"))
    sources = sum(path.stat().st_size for path in artefact.rglob("*.py"))
    assert sources < 1_615_000


def test_it_needs_nothing_from_outside_itself(artefact: Path, tmp_path: Path) -> None:
    script = """import json, sys; sys.path.insert(0, sys.argv[1]); import hook
class Context:
    def get_remaining_time_in_millis(self): return 29_000
for line in sys.stdin: print(hook.lambda_handler(json.loads(line), Context())['hookStatus'])"""
    of_resources = [name for name in NAMES if not name.startswith("change-set")]
    # Without site packages (-S): only the build and the standard library.
    ran = subprocess.run(
        [sys.executable, "-B", "-S", "-c", script, str(artefact)],
        input="\n".join(json.dumps(load(name)) for name in of_resources),
        env={"AWS_REGION": REGION},
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    )
    told = [line for line in ran.stdout.splitlines() if not line.startswith("{")]
    assert len(told) == len(of_resources)


@pytest.mark.parametrize("name", [name for name in NAMES if not name.startswith("change-set")])
def test_an_event_is_answered_in_time_within_the_limits_and_as_in_this_process(function: Function, name: str) -> None:
    event, settings = load(name), Settings(REGION, lists=LISTS)
    start = time.monotonic()
    answer = function.invoke(event)
    assert time.monotonic() - start < SECONDS
    assert_within_limits(answer, 4096 if event["stackId"] else 1024)
    assert answer == evaluate(event, settings, trust_now(source_of(settings, lambda: datetime.now(UTC))))
    assert answer["clientRequestToken"] == event["clientRequestToken"]
    (*_, line) = [line for line in function.lines() if line["message"] == "hook answered"]
    assert line["answer"] == answer


def test_it_reads_a_template_in_yaml_without_anything_from_outside_itself(artefact: Path, tmp_path: Path) -> None:
    script = """import json, sys; sys.path.insert(0, sys.argv[1])
from ecr_crossaccount import Trust
from ecr_crossaccount.products.hook.evaluation import evaluate
from ecr_crossaccount.products.hook.evaluation import Settings
from ecr_crossaccount.sources.register.lists import TrustNow
event, payload = json.load(sys.stdin)
answer = evaluate(event, Settings("eu-central-1"), TrustNow(Trust.nobody()), lambda _: json.dumps(payload).encode())
print(json.dumps(answer))"""
    payload = json.loads((ROOT / "tests/events/hook/payloads/changed.json").read_text(encoding="utf-8"))
    ran = subprocess.run(
        [sys.executable, "-B", "-S", "-E", "-c", script, str(artefact)],
        input=json.dumps([load("change-set-create"), payload]),
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    )
    answer = json.loads(ran.stdout.splitlines()[-1])
    # Only the template, which is YAML, decides one of the repositories. The other is named.
    assert answer["message"].startswith("MEDIUM: Shared: account 222233334444 can pull")
    assert len(answer["annotations"]) == 1


def test_a_change_set_whose_payload_nobody_can_fetch_is_not_fine(function: Function) -> None:
    event = load("change-set-create")
    event["requestData"]["payload"] = "https://127.0.0.1/payload"
    answer = function.invoke(event)
    assert (answer["hookStatus"], answer["errorCode"]) == ("FAILED", "InternalFailure")
    assert answer["message"].endswith(sentence("request.payloads_url_does"))


def test_an_answer_that_takes_too_long_comes_in_time_and_is_not_fine(artefact: Path, tmp_path: Path) -> None:
    # The reserve is longer than the time that is left, so no real time passes.
    (tmp_path / "late.py").write_text(
        "import hook\nhook.SECONDS_TO_SPARE = 600\nlambda_handler = hook.lambda_handler\n"
    )
    path = {"PYTHONPATH": os.pathsep.join((str(artefact), str(tmp_path)))}
    with emulated(artefact, "late.lambda_handler", tmp_path / "log", AWS_REGION=REGION, **path) as late:
        answer = late.invoke(load("repository-create-own"))
    assert (answer["hookStatus"], answer["errorCode"]) == ("FAILED", "InternalFailure")
    assert answer["message"].endswith(sentence("hook.no_time_all"))


def test_what_cannot_be_read_is_answered_and_not_fine(function: Function) -> None:
    answer = function.invoke({"clientRequestToken": "token"})
    assert (answer["hookStatus"], answer["errorCode"]) == ("FAILED", "InternalFailure")
    assert function.lines()[-1]["level"] == "ERROR"
