"""Put many folders with a hidden open policy to the law of hiding: `python -m tests.check.hiding 20000 SEED`.

The formats take turns. Prints each folder that breaks the law, and the numbers. The status is 1 if there is one.
"""

from __future__ import annotations

import io
import os
import sys
import tempfile
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from contextlib import redirect_stdout
from pathlib import Path

from tests.check.hiding.kinds import HIDERS, shown
from tests.check.hiding.laws import faults


def wrong(kind: str, seed: int) -> list[str]:
    """Return how the folder of a seed breaks the law."""
    folder = HIDERS[kind](seed)
    # The hook logs each answer.
    with tempfile.TemporaryDirectory() as at, redirect_stdout(io.StringIO()):
        found = list(faults(folder, Path(at)))
    return [f"{kind} {seed}: {one}\n{shown(folder)}" for one in found]


def main(count: int, first: int) -> int:
    """Try `count` folders from a seed on, and return the exit status."""
    kinds = [list(HIDERS)[number % len(HIDERS)] for number in range(count)]
    seeds = range(first, first + count)
    with ProcessPoolExecutor(os.cpu_count()) as processes:
        found = [one for faulty in processes.map(wrong, kinds, seeds, chunksize=50) for one in faulty]
    tried = ", ".join(f"{number:,} of {kind}" for kind, number in Counter(kinds).items())
    print(*found, f"{count:,} folders: {tried}. {len(found)} break the law", sep="\n")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2])))
