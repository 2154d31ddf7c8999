"""The package is a house of floors, and imports go down: documents, judgement, questions, sources, products.

A folder is a room. No two rooms import each other, directly or through others. No room imports one of a floor above.
Every floor may import `errors` and `memo`. No file is longer than a reader holds in mind, and a policy passes few of
them.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import FrameType

from ecr_crossaccount import Repository, Trust, judge

from tests.test_imports import Graph, circles, graph

ROOT = Path(__file__).parents[1] / "rule"
FILES = 330
"""The most files of the package."""
LONGEST = 450
"""The most lines of a file."""
PASSED = 35
"""The most files that the judgement of a policy with one condition passes."""
FLOORS = ("memo", "documents", "judgement", "questions", "sources", "products")


def rooms() -> Graph:
    """Return the folders of the package, each with those whose modules its own modules import."""
    found: dict[str, set[str]] = {}
    for module, imported in graph(ROOT).items():
        if module.startswith("ecr_crossaccount.") and module != "ecr_crossaccount.__main__":
            found.setdefault(room_of(module), set()).update(map(room_of, imported))
    return {room: frozenset(others - {room}) & found.keys() for room, others in found.items()}


def room_of(module: str) -> str:
    """Return the folder of a module. A package is in its own folder, and a module of the top is a room of its own."""
    path = ROOT.joinpath(*module.split("."))
    return module if (path / "__init__.py").exists() or module.count(".") == 1 else module.rpartition(".")[0]


def test_no_two_rooms_import_each_other() -> None:
    assert circles(rooms()) == frozenset()


def test_imports_go_down() -> None:
    floors = {room: FLOORS.index(name) for room in rooms() if (name := room.split(".")[1]) in FLOORS}
    assert {*floors.values()} == {*range(len(FLOORS))}
    arrows = {(room, other) for room, others in rooms().items() for other in others}
    upwards = {(room, other) for room, other in arrows if floors.get(room, -1) < floors.get(other, -1)}
    assert upwards == set()


def test_files_are_few() -> None:
    assert len([*(ROOT / "ecr_crossaccount").rglob("*.py")]) <= FILES


def test_no_file_is_too_long() -> None:
    lengths = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in ROOT.rglob("*.py")}
    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}


def test_a_condition_passes_few_files() -> None:
    passed: set[str] = set()

    def note(frame: FrameType, _event: str, _argument: object) -> None:
        passed.add(frame.f_code.co_filename)

    condition = {"StringEquals": {"aws:PrincipalOrgID": "o-passedhere"}}
    statement = {"Effect": "Allow", "Principal": "*", "Action": "ecr:BatchGetImage", "Condition": condition}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    before = sys.getprofile()
    sys.setprofile(note)
    try:
        verdict = judge(policy, Repository("123456789012"), Trust(()))
        assert len(verdict.grants) == 1
    finally:
        sys.setprofile(before)
    files = {name for name in passed if name.startswith(str(ROOT / "ecr_crossaccount"))}
    assert 0 < len(files) <= PASSED, sorted(files)
