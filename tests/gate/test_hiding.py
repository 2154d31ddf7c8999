"""The law of hidden policies: hiding a part of an open policy never turns a result green.

`HIDING_SEED` is the first seed. `HYPOTHESIS_PROFILE=nightly` and `HYPOTHESIS_TIMES` raise the number of folders.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import OWNER, Run
from tests.gate.hiding.ansible import Play
from tests.gate.hiding.cloudformation import Template
from tests.gate.hiding.hider import Folder
from tests.gate.hiding.kubernetes import Manifests
from tests.gate.hiding.scripts import Script
from tests.gate.hiding.serverless import Service
from tests.gate.test_cases import in_words
from tests.profiles import share_of

USUAL = 320
FIRST = int(os.environ.get("HIDING_SEED", "0"))
HIDERS: dict[str, Callable[[int], Folder]] = {
    "CloudFormation": lambda seed: Template(seed).folder(),
    "Serverless": lambda seed: Service(seed).folder(),
    "Ansible": lambda seed: Play(seed).folder(),
    "Kubernetes": lambda seed: Manifests(seed).folder(),
    "scripts": lambda seed: Script(seed).folder(),
}


def folders(kind: str) -> Iterator[tuple[int, Folder]]:
    for seed in range(FIRST, FIRST + share_of(USUAL)):
        yield seed, HIDERS[kind](seed)


def write(folder: Folder, at: Path, *, as_json: bool) -> Path:
    for name, text in folder.written(as_json=as_json).items():
        path = at / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return at


def told(folder: Folder) -> str:
    shown = "\n".join(f"--- {name}\n{text}" for name, text in folder.written(as_json=False).items())
    return f"hidden by {', '.join(folder.hidden)}\n{shown}"


def check(run: Run, at: Path, *options: str) -> Any:  # noqa: ANN401 - JSON
    return run("check", "--format", "json", "--no-trust", "--strict", "--account", OWNER, *options, str(at))


def words_of(answer: Any) -> dict[str, list[str]]:  # noqa: ANN401 - JSON
    found: dict[str, list[str]] = {}
    for one in answer["policies"]:
        found.setdefault(one["resource"], []).append(in_words(one))
    return {name: sorted(words) for name, words in found.items()}


@pytest.mark.parametrize("kind", HIDERS)
def test_hiding_a_part_of_an_open_policy_never_turns_a_result_green(run: Run, tmp_path: Path, kind: str) -> None:
    judged = 0
    for seed, folder in folders(kind):
        done = check(run, write(folder, tmp_path / str(seed), as_json=False))
        assert done.status not in (0, 70), f"seed {seed}, {told(folder)}\n{done.out}"
        judged += bool(done.json["policies"])
    assert judged > share_of(USUAL) * 3 // 4, "and nearly every folder has a closed policy that was judged"


@pytest.mark.parametrize("kind", HIDERS)
def test_an_unknown_input_is_at_least_as_bad_as_each_value(run: Run, tmp_path: Path, kind: str) -> None:
    for seed, folder in folders(kind):
        if not folder.answers:
            continue
        at = write(folder, tmp_path / str(seed), as_json=False)
        open_words = words_of(check(run, at).json)
        for answer in folder.answers:
            given = [part for name, value in answer.items() for part in ("--parameter", f"{name}={value}")]
            known = words_of(check(run, at, *given).json)
            for name, words in open_words.items():
                if set(words) == {"safe"}:
                    assert set(known.get(name, ["safe"])) == {"safe"}, f"seed {seed} {answer} {name} {told(folder)}"


@pytest.mark.parametrize("kind", HIDERS)
def test_yaml_and_json_say_the_same(run: Run, tmp_path: Path, kind: str) -> None:
    for seed, folder in folders(kind):
        said = [
            words_of(check(run, write(folder, tmp_path / f"{seed}{form}", as_json=form)).json) for form in (False, True)
        ]
        assert said[0] == said[1], f"seed {seed}, {told(folder)}"
