"""Where our own time is spent: `python -m benchmarks.hotspots nasty` profiles one corpus with cProfile.

The corpora are those of the benchmarks. `slowest` has the ten slowest of the nasty ones, each judged again. The
profiler makes calls look more expensive than they are: compare shares, and use the benchmark for times.
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
import sys
from collections.abc import Callable, Sequence

from .contenders import Answer, ours
from .corpus import adversarial, anew, mixed, nasty, plain
from .measure import forget, one_by_one, seconds_for

_SHOWN = 10


def main() -> int:
    """Print the functions with the most time of their own, then those with the most time in total."""
    options = _options()
    texts = CORPORA[options.corpus]()
    answer = ours()
    if options.corpus == "slowest":
        texts = _slowest(answer, texts)
    forget("ecr_crossaccount")
    seconds_for(answer, [text for _, text in plain("warm up", 50)])
    profile = cProfile.Profile()
    profile.enable()
    seconds_for(answer, texts)
    profile.disable()
    statistics = pstats.Stats(profile, stream=sys.stdout).strip_dirs()
    for order in ("tottime", "cumulative"):
        statistics.sort_stats(order).print_stats(options.lines)
    return 0


def _slowest(answer: Answer, texts: Sequence[str]) -> list[str]:
    """Return the slowest of the texts, marked so that no cache knows them. Also print them."""
    seconds = one_by_one({"": answer}, texts)[""]
    ordered = sorted(zip(seconds, texts, strict=True), reverse=True)[:_SHOWN]
    for taken, text in ordered:
        sys.stdout.write(f"{taken * 1e3:9.2f} ms  {len(text):6} characters  {text[:140]}\n")
    return [anew(text, "again") for _, text in ordered]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.hotspots", description=__doc__)
    parser.add_argument("corpus", choices=CORPORA)
    parser.add_argument("--lines", type=int, default=25, help="how many functions to print")
    return parser.parse_args()


CORPORA: dict[str, Callable[[], list[str]]] = {
    "plain": lambda: [text for _, text in plain("profile", 2_000)],
    "mixed": lambda: [text for _, text in mixed("profile", 2_000)],
    "nasty": lambda: [text for _, text in nasty("nasty", 300)],
    "adversarial": lambda: [text for _, text in adversarial()],
    "slowest": lambda: [text for _, text in [*nasty("nasty", 300), *adversarial()]],
}


if __name__ == "__main__":
    sys.exit(main())
