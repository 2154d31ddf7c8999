"""What the product answers today to the case tables and a corpus, part by part, as text that two versions can compare.

A part is a table or a corpus. Its answers have a name, and are JSON with sorted keys. Nothing in them depends on the
day, on the machine or on the folder.
"""

from __future__ import annotations

import contextlib
import io
import json
import tempfile
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any, TypeAlias
from unittest.mock import patch

from ecr_crossaccount import Origin, Repository, Trust, Verdict, judge, plan
from ecr_crossaccount.judgement.annotation import annotation
from ecr_crossaccount.products.cli import main
from ecr_crossaccount.products.cli.base import clock, progress
from ecr_crossaccount.products.cli.batch import answers, plans

from benchmarks.corpus import OWNER, REGISTER, adversarial, mixed, nasty, plain
from tests.assignments import assigned
from tests.case_tables import ANY_DAY, DIRECTORY, cases, cases_beside
from tests.change.test_cases import difference_of
from tests.check.hcl import test_cases as hcl
from tests.check.test_cases import cases as gate_cases
from tests.judgement.test_cases import verdict_of
from tests.plan_tables import plan_cases
from tests.questions.test_cases import CASES, answer_to

ROOT = Path(__file__).parents[2]
Answers: TypeAlias = Iterator[tuple[str, object]]

_DAY = datetime.combine(ANY_DAY, datetime.min.time(), UTC)
_CHECKED = ("demo/policies", "demo/templates", "tests/stability/samples", "tests/stability/kept/templates")
_AUDITED = ("demo/inventory.json", "tests/stability/kept/inventory.json")


def parts() -> Mapping[str, Callable[[], Answers]]:
    """Return the parts by their names, each with what computes its answers."""
    found: dict[str, Callable[[], Answers]] = {}
    for table in sorted({case.table for case in cases()}):
        found[f"judge {table}"] = partial(_judged, table)
    found["judge beside"] = _judged_beside
    found["judge corpus"] = _judged_corpus
    found["plan"] = _planned
    for path in sorted((DIRECTORY / "differences").glob("*.json")):
        found[f"diff {path.name}"] = partial(_compared, path)
    found["ask"] = _asked
    for table in sorted({case.name.partition(":")[0] for case in gate_cases()}):
        found[f"check {table}"] = partial(_checked, table)
    for path in hcl.CASES:
        found[f"check {path.name}"] = partial(_checked_source, path)
    found["check corpus"] = _checked_corpus
    found["audit"] = _audited
    return found


def lines(answered: Answers) -> Iterator[str]:
    """Yield the answers of a part, each as one line."""
    for name, answer in answered:
        yield f"{name}\t{json.dumps(answer, sort_keys=True)}"


def _told(verdict: Verdict) -> dict[str, object]:
    return {**verdict.to_json(), "annotation": annotation(verdict)}


def _judged(table: str) -> Answers:
    for case in cases():
        if case.table == table:
            trust = Trust.parse(case.register, today=case.today or ANY_DAY)
            repository = Repository(case.owner, **case.repository_fields())
            planned = plan(case.policy, repository, trust, origin=Origin(case.origin or "proposed"))
            yield case.name, {"verdict": _told(verdict_of(case)), "plan": planned.to_json()}


def _judged_beside() -> Answers:
    for answer in map(json.loads, answers([case.batch_line().encode() for case in cases_beside()], ANY_DAY)):
        yield answer["id"], answer


def _judged_corpus() -> Answers:
    trust = Trust.parse(REGISTER, today=ANY_DAY)
    policies = [*adversarial(), *nasty("recorded", 50), *mixed("recorded", 200), *plain("recorded", 50)]
    for number, (family, text) in enumerate(policies):
        yield f"{number} {family}", _told(judge(text, Repository(OWNER, "base/node"), trust))


def _planned() -> Answers:
    asked = [json.dumps(case.batch_request()).encode() for case in plan_cases()]
    for answer in map(json.loads, plans(asked, ANY_DAY)):
        yield answer["id"], answer


def _compared(path: Path) -> Answers:
    for case in json.loads(path.read_text("utf-8")):
        yield case["name"], difference_of(path.stem, case).to_json()


def _asked() -> Answers:
    for case in CASES:
        yield case["name"], answer_to(case, case["policy"]).to_json()


def _checked(table: str) -> Answers:
    for case in gate_cases():
        if case.name.startswith(f"{table}:"):
            with _folder(case.files):
                yield case.name, _printed("check", "--account", OWNER, *case.options, case.check)


def _checked_source(path: Path) -> Answers:
    case = hcl.read(path)
    with _folder(case.files):
        yield path.stem, _printed("check", "--account", OWNER, *(case.arguments or ["."]))


def _checked_corpus() -> Answers:
    with contextlib.chdir(ROOT):
        for path in _CHECKED:
            yield path, _printed("check", "--no-config", "--account", OWNER, "--trust", "demo/trust.yaml", path)


def _audited() -> Answers:
    with contextlib.chdir(ROOT):
        for path in _AUDITED:
            options = ("--no-config", "--blank-is-none", "--trust", "demo/trust.yaml")
            yield path, _printed("audit", path, *options)


@contextlib.contextmanager
def _folder(files: Mapping[str, str]) -> Iterator[None]:
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        for name, text in files.items():
            path = Path(name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        yield


def _printed(*argv: str) -> dict[str, Any]:
    """Return what a command prints as JSON on the day of the tables, its notes, and its exit status."""
    out, notes = io.StringIO(), io.StringIO()
    with (
        assigned(argv) as words,
        patch.object(clock, "now", lambda: _DAY),
        patch.object(progress, "wait", Event.wait),  # no progress lines on a slow machine
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(notes),
    ):
        status = main.main([*words, "--format", "json"])
    return {"status": status, "notes": notes.getvalue(), **json.loads(out.getvalue().replace(str(Path.cwd()), ""))}
