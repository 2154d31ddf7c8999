"""The cost of an invocation without the time of AWS: imports of a cold start and a warm answer, compared with rdklib.

`make bench-starts` builds the artefact as `sam build` does and measures in it. README.md explains the comparison.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from .figures import Figure, Result, status_of, table

_ROOT = Path(__file__).parents[1]
_IMPORT = (
    "import sys, time; sys.path.insert(0, {folder!r}); start = time.process_time(); import {name};"
    " print(time.process_time() - start)"
)
_WARM = Path(__file__).with_name("warm.py")
_AS_INSTALLED = "rdklib as pip installs it"
_ROUNDS = {True: 7, False: 25}


def main() -> int:
    """Return 0, or 1 if --check was given and a limit is exceeded."""
    options = _options()
    with tempfile.TemporaryDirectory() as folder:
        artefact, installed = Path(folder, "artefact"), Path(folder, "installed")
        _build(artefact)
        _install(installed)
        rounds = _ROUNDS[options.quick]
        results = [_imports(artefact, installed, rounds), _warm(artefact, rounds)]
    sys.stdout.write(table(results, options.slack))
    return status_of(results, options.slack, check=options.check)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.starts", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    parser.add_argument("--check", action="store_true", help="exit with 1 if a limit is missed")
    parser.add_argument("--slack", type=float, default=1.0, help="stretch the limits for a slow or shared machine")
    return parser.parse_args()


def _build(folder: Path) -> None:
    command = ["make", "--silent", "-C", str(_ROOT / "rule"), "build-RuleFunction", f"ARTIFACTS_DIR={folder}"]
    subprocess.run([*command, f"PYTHON={sys.executable}"], check=True)


def _install(folder: Path) -> None:
    """Install what other RDK rules are deployed with: rdklib and its dependencies, the same versions, as pip does."""
    requirements = _ROOT / "rule" / "requirements.txt"
    options = ["--quiet", "--disable-pip-version-check", "--no-input", "--require-hashes", "--no-deps", "--compile"]
    command = [sys.executable, "-m", "pip", "install", *options, "--target", str(folder), "-r", str(requirements)]
    subprocess.run(command, check=True)


def _python(*arguments: str) -> str:
    """Run Python without the environment's packages, as Lambda does, and return what it printed."""
    environment = {"PATH": os.environ["PATH"], "AWS_DEFAULT_REGION": "eu-central-1", "PYTHONPATH": str(_ROOT)}
    done = subprocess.run(
        [sys.executable, "-S", "-B", *arguments], env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout


def _imports(artefact: Path, installed: Path, rounds: int) -> Result:
    """Measure the processor time of imports in fresh processes, in turns. The best counts: noise only adds time."""
    imported = {
        "handler": ("handler", artefact),
        "rdklib": ("rdklib", artefact),
        _AS_INSTALLED: ("rdklib", installed),
    }
    seconds: dict[str, list[float]] = {what: [] for what in imported}
    for _ in range(rounds):
        for what, (name, folder) in imported.items():
            seconds[what].append(float(_python("-c", _IMPORT.format(folder=str(folder), name=name))))
    best = {what: min(taken) for what, taken in seconds.items()}
    details = tuple(Figure(f"import {what}, processor time", one * 1000, "ms") for what, one in best.items())
    figures = (
        Figure(
            "import handler / import rdklib as pip installs it",
            best["handler"] / best[_AS_INSTALLED],
            "",
            1.0,
            steady=True,
        ),
        Figure("import handler / import rdklib", best["handler"] / best["rdklib"], "", 1.1, steady=True),
    )
    return Result("cold", "imports in the artefact", figures, details)


def _warm(artefact: Path, rounds: int) -> Result:
    """Measure a change event: our handler and an rdklib rule that does nothing, both with the same simulated AWS."""
    pairs = [line.split() for line in _python(str(_WARM), str(artefact), str(rounds)).splitlines()]
    ours, theirs = ([float(pair[number]) for pair in pairs] for number in (0, 1))
    ratio = median(one / other for one, other in zip(ours, theirs, strict=True))
    details = (
        Figure("our handler, a change event", median(ours) * 1000, "ms"),
        Figure("rdklib's rule that looks at nothing", median(theirs) * 1000, "ms"),
    )
    return Result("warm", "an invocation in a warm container", (Figure("ours / rdklib's", ratio, "", 1.0),), details)


if __name__ == "__main__":
    sys.exit(main())
