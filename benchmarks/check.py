"""`make bench-check`: the check of one template and of three hundred, beside Checkov's check of the same resource type.

Each contender runs as a fresh process, so its start and its imports count. README.md has the details.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from time import perf_counter

import yaml

from .compare.peers import LINTED
from .corpus import OWNER, REGIONS, REGISTER, mixed
from .figures import Figure, Result, status_of, table

_ROOT = Path(__file__).parents[1]
_CHECKOV = _ROOT / ".venv-checkov" / "bin" / "checkov"
_CFN_LINT = Path(sys.executable).with_name("cfn-lint")
_MANY = 300
_REPOSITORIES = 3
OURS, PEER, HELP = "ecr-crossaccount check", "Checkov CKV_AWS_32", "ecr-crossaccount --help"
LINTER = "cfn-lint, all rules"

_FOUND = {LINTER: LINTED}
"""The exit statuses of a successful run, if they are not 0 and 1."""

Seconds = dict[str, float]


def main() -> int:
    """Return 0, or 1 if --check was given and a limit is exceeded."""
    options = _options()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        many = furnish(root, options.templates)
        results = [
            _result("one template", rounds_of(commands(root, many / "t0000.yaml"), options.rounds), 0.2),
            _result(f"{options.templates} templates", rounds_of(commands(root, many), options.rounds), 1 / 3),
            _help(options.rounds),
        ]
    sys.stdout.write(table(results, options.slack) + "\n")
    return status_of(results, options.slack, check=options.check)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.check", description=__doc__)
    parser.add_argument("--templates", type=int, default=_MANY, help=f"how many there are (default: {_MANY})")
    parser.add_argument("--rounds", type=int, default=5, help="how often everybody runs (default: 5)")
    parser.add_argument("--check", action="store_true", help="exit with 1 if a limit is missed")
    parser.add_argument("--slack", type=float, default=1.0, help="stretch the limits for a shared machine")
    return parser.parse_args()


def furnish(root: Path, count: int) -> Path:
    """Write a register, and templates of a typical service's stack with three repositories each.

    Returns the folder of the templates.
    """
    (root / "trust.json").write_text(json.dumps(REGISTER), encoding="utf-8")
    many = root / "many"
    many.mkdir()
    policies = [json.loads(text) for _, text in mixed("gate", count * _REPOSITORIES)]
    for number in range(count):
        mine = policies[number * _REPOSITORIES : (number + 1) * _REPOSITORIES]
        text = yaml.safe_dump(_template(number, mine), sort_keys=False)
        (many / f"t{number:04}.yaml").write_text(text, encoding="utf-8")
    return many


def _template(number: int, policies: Sequence[object]) -> dict[str, object]:
    resources: dict[str, object] = {
        f"Repository{place}": {
            "Type": "AWS::ECR::Repository",
            "Properties": {
                "RepositoryName": {"Fn::Sub": f"${{Team}}/service-{number}-{place}"},
                "RepositoryPolicyText": policy,
            },
        }
        for place, policy in enumerate(policies)
    }
    resources |= {
        f"Log{place}": {
            "Type": "AWS::Logs::LogGroup",
            "Properties": {"LogGroupName": {"Fn::Sub": f"/${{Team}}/{number}/{place}"}, "RetentionInDays": 30},
        }
        for place in range(10)
    }
    parameters = {"Team": {"Type": "String", "Default": "shop"}}
    return {"AWSTemplateFormatVersion": "2010-09-09", "Parameters": parameters, "Resources": resources}


def commands(root: Path, path: Path) -> dict[str, list[str]]:
    """Return the commands of the tools that judge: ours and Checkov."""
    ours = ["check", "--account", OWNER, "--trust", str(root / "trust.json"), "--format", "json", str(path)]
    where = "-d" if path.is_dir() else "-f"
    theirs = [where, str(path), "--framework", "cloudformation", "--check", "CKV_AWS_32", "--compact", "-o", "json"]
    return {
        OURS: [sys.executable, "-m", "ecr_crossaccount", *ours],
        PEER: [str(_CHECKOV), *theirs, "--skip-download"],
    }


def with_linter(root: Path, path: Path) -> dict[str, list[str]]:
    """Return the commands of all tools that read templates, including cfn-lint, which does not judge."""
    files = str(path / "*.yaml") if path.is_dir() else str(path)
    return {**commands(root, path), LINTER: [str(_CFN_LINT), "--regions", REGIONS[0], "--format", "json", files]}


def rounds_of(commands: dict[str, list[str]], rounds: int, *, warm: bool = True) -> list[Seconds]:
    """Return the seconds of each tool, in a rotating order. With `warm`, the first round is not counted."""
    names = list(commands)
    taken = []
    for number in range(rounds + warm):
        first = number % len(names)
        taken.append({name: _seconds(name, commands[name]) for name in names[first:] + names[:first]})
    return taken[warm:]


def _seconds(name: str, command: list[str]) -> float:
    start = perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    taken = perf_counter() - start
    if done.returncode not in _FOUND.get(name, (0, 1)) or not done.stdout:
        raise SystemExit(f"`{' '.join(command[:3])} …` ended with {done.returncode}:\n{done.stderr[-2000:]}")
    return taken


def _result(what: str, rounds: list[Seconds], limit: float) -> Result:
    ratio = median(one[OURS] / one[PEER] for one in rounds)
    figures = [Figure(f"{OURS} / {PEER}", ratio, "x", limit)]
    figures += [Figure(f"{name}, the whole process", median(one[name] for one in rounds), "s") for name in rounds[0]]
    return Result(what, f"three repositories each; {len(rounds)} rounds", tuple(figures))


def _help(rounds: int) -> Result:
    command = {HELP: [sys.executable, "-m", "ecr_crossaccount", "--help"]}
    seconds = median(one[HELP] for one in rounds_of(command, rounds))
    return Result("help", f"imports on demand; {rounds} rounds", (Figure(HELP, seconds * 1000, "ms", 150),))


if __name__ == "__main__":
    sys.exit(main())
