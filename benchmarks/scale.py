"""`make bench-scale`: the time, processor time and memory of an audit of an organization's inventory.

Each format runs as a separate process. Memory is the peak of the sum over all its processes. It uses proportional set
sizes (Pss), in which shared pages count once, sampled ten times a second. If /proc does not have them, memory is
omitted. README.md has the details.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter, sleep

from .corpus import ORGANIZATION, REGISTER
from .figures import Figure, Result, status_of, table
from .inventory import Inventory

_EVERY = 0.1
_MEGABYTE = 1_048_576
_A_KILOBYTE = 1024
_MOST_SECONDS, _MOST_MEGABYTES, _MOST_PAGE = 60, 600, 1.5
_GOAL = 1_000_000
_ACCEPTED = {0, 1}
_ROOT = Path(__file__).parents[1]


def main() -> int:
    """Return 0, or 1 if --check was given and a limit is exceeded."""
    options = _options()
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        inventory, trust = folder / "inventory.json", folder / "trust.json"
        Inventory(options.repositories, distinct=options.distinct).write(inventory)
        trust.write_text(json.dumps(REGISTER), encoding="utf-8")
        audit = ["audit", str(inventory), "--trust", str(trust), "--organization", ORGANIZATION]
        if options.processes:
            os.environ["ECR_CROSSACCOUNT_PROCESSES"] = str(options.processes)
        runs = {form: _measured([*audit, *_form(form, folder)], folder) for form in options.forms}
        sizes = f"{inventory.stat().st_size / _MEGABYTE:,.0f} MB"
    about = f"{options.repositories:,} repositories{', no two policies alike' if options.distinct else ''}, {sizes}"
    result = Result("scale", about, tuple(_figures(runs, options)))
    sys.stdout.write(table([result], options.slack) + "\n")
    return status_of([result], options.slack, check=options.check)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    parser.add_argument("--repositories", type=int, default=_GOAL, help=f"how many there are (default: {_GOAL})")
    parser.add_argument("--distinct", action="store_true", help="no two repositories have the same policy")
    parser.add_argument("--forms", nargs="+", choices=["text", "json", "html"], default=["text", "json"])
    parser.add_argument("--processes", type=int, help="as the setting of the audit")
    parser.add_argument("--folder", help="where the inventory and what is printed go, for as long as it takes")
    parser.add_argument("--check", action="store_true", help="exit with 1 if a limit is missed")
    parser.add_argument("--slack", type=float, default=1.0, help="stretch the limits for a shared machine")
    return parser.parse_args()


def _form(form: str, folder: Path) -> list[str]:
    return ["--format", f"html={folder / 'page.html'}"] if form == "html" else ["--format", form]


class _Run(dict[str, float]):
    """The cost of a run: `seconds`, `processor` (seconds of all processes), `memory` and `output` in MB."""


def _measured(arguments: list[str], folder: Path) -> _Run:
    printed = folder / "printed"
    command = [sys.executable, "-m", "ecr_crossaccount", *arguments]
    before, begun, most = _processor(), perf_counter(), 0
    with printed.open("wb") as out, (folder / "errors").open("w+b") as errors:
        process = subprocess.Popen(
            command, cwd=_ROOT, env=os.environ | {"PYTHONPATH": "rule"}, stdout=out, stderr=errors
        )
        while process.poll() is None:
            most = max(most, _held(process.pid))
            sleep(_EVERY)
        if process.returncode not in _ACCEPTED:
            errors.seek(0)
            raise SystemExit(f"ended with {process.returncode}: {errors.read()[-2000:].decode()}")
    seconds, page = perf_counter() - begun, folder / "page.html"
    written = printed.stat().st_size + (page.stat().st_size if page.exists() else 0)
    return _Run(
        seconds=seconds,
        processor=_processor() - before,
        memory=most / _MEGABYTE,
        output=written / _MEGABYTE,
    )


def _processor() -> float:
    """Return the processor seconds of the child processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _held(root: int) -> int:
    """Return the bytes that a process and its descendants use together."""
    children: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(path.read_text("utf-8").rpartition(")")[2].split()[1])
        except (OSError, IndexError, ValueError):  # it has ended meanwhile
            continue
        children.setdefault(parent, []).append(int(path.parent.name))
    waiting, total = [root], 0
    while waiting:
        one = waiting.pop()
        waiting += children.get(one, [])
        total += own_bytes(one)
    return total


def own_bytes(process: int) -> int:
    """Return the bytes that a process uses, with its share of shared pages, or 0 if the system does not report them."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text("utf-8").splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * _A_KILOBYTE for line in lines if line.startswith("Pss:"))


def _figures(runs: dict[str, _Run], options: argparse.Namespace) -> list[Figure]:
    found = []
    is_goal = options.repositories == _GOAL and not options.distinct
    for form, run in runs.items():
        limits = (_MOST_SECONDS, _MOST_MEGABYTES) if is_goal and form != "html" else (None, None)
        found += [
            Figure(f"{form}: seconds", run["seconds"], "s", limits[0]),
            Figure(f"{form}: processor, all processes", run["processor"], "s"),
            Figure(f"{form}: processor, a repository", run["processor"] / options.repositories * 1e6, "µs"),
            Figure(f"{form}: what it writes", run["output"], "MB"),
        ]
        if run["memory"]:  # if /proc has it
            found.append(Figure(f"{form}: most memory, all processes", run["memory"], "MB", limits[1]))
    if "html" in runs and "text" in runs:
        ratio = runs["html"]["processor"] / runs["text"]["processor"]
        found.append(Figure("html: processor / text alone", ratio, "x", _MOST_PAGE))
    return found


if __name__ == "__main__":
    sys.exit(main())
