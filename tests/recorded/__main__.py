"""Dumps today's answers, compares two dumps, or records what the tests compare.

make answers ARGS=dump > new.txt              every answer, a line each
make answers ARGS="compare old.txt new.txt"   the answers that differ; the status is 1 if any does
make answers                                  writes all records except sentences

make answers ARGS=sentences                   takes new wordings from the tests that failed last
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from difflib import unified_diff
from hashlib import sha256
from pathlib import Path

from tests.breadth import operators_on_keys
from tests.check.cloudformation import every_form, every_variable
from tests.check.hcl import every_form as every_form_of_hcl
from tests.judgement import whole_answers, work
from tests.plan import every_register
from tests.wording import SENTENCES

from .answers import lines, parts
from .imports import budget

DIGESTS = Path(__file__).with_name("digests.json")
IMPORTS = Path(__file__).with_name("imports.json")
_FAILED_LAST = (sys.executable, "-m", "pytest", "--quiet", "--last-failed", "--last-failed-no-failures=none")


def digest_of(part: str) -> str:
    """Return the digest of a part's answers."""
    return sha256("\n".join(lines(parts()[part]())).encode()).hexdigest()[:16]


def dump() -> int:
    """Write every answer."""
    for part, answered in parts().items():
        for line in lines(answered()):
            print(f"{part}\t{line}")
    return 0


def compare(old: str, new: str) -> int:
    """Write what differs between two dumps. Return 1 if anything does."""
    before, after = _read(old), _read(new)
    answered = {**before, **after}
    differing = [key for key in answered if before.get(key) != after.get(key)]
    for part, name in differing:
        old_answer, new_answer = (found.get((part, name)) for found in (before, after))
        print(f"{part}: {name}{' is new' if old_answer is None else ' is gone' if new_answer is None else ''}")
        if old_answer and new_answer:
            print("\n".join(unified_diff(_pretty(old_answer), _pretty(new_answer), "old", "new", lineterm="", n=1)))
    print(f"{len(differing)} of {len(answered)} answers differ")
    return 1 if differing else 0


def record() -> int:
    """Write everything that is recorded as it is today."""
    DIGESTS.write_text(json.dumps({part: digest_of(part) for part in parts()}, indent=1) + "\n", "utf-8")
    rows = [f" {json.dumps(name)}: {json.dumps(counted)}" for name, counted in budget().items()]
    IMPORTS.write_text("{\n" + ",\n".join(rows) + "\n}\n", "utf-8")
    work.record()
    operators_on_keys.record()
    for grid in (every_form, every_variable, every_form_of_hcl, every_register):
        grid.record()
    whole_answers.record()
    return 0


def sentences() -> int:
    """Take the new wordings from the tests that failed last. A test can have several, and shows one at a time."""
    before = ""
    while before != (before := SENTENCES.read_text("utf-8")):
        subprocess.run([*_FAILED_LAST, "--record-sentences"], check=False)
    return 0


def _read(path: str) -> Mapping[tuple[str, str], str]:
    rows = [line.split("\t", 2) for line in Path(path).read_text("utf-8").splitlines()]
    return {(part, name): answer for part, name, answer in rows}


def _pretty(answer: str) -> list[str]:
    return json.dumps(json.loads(answer), indent=1).splitlines()


def main() -> int:
    """Run the command that the arguments name."""
    match sys.argv[1:]:
        case ["dump"]:
            return dump()
        case ["compare", old, new]:
            return compare(old, new)
        case ["record"]:
            return record()
        case ["sentences"]:
            return sentences()
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
