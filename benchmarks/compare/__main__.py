"""Ask every contender about the same policies, and write docs/comparison.md."""

from __future__ import annotations

import argparse
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from .contenders import CONTENDERS, ROOT, ContenderError
from .page import Results, Row, kept_runs, page, whole_runs
from .questions import ORDINARY, RANDOM, TABLES, questions
from .runs import timed
from .scores import score

_PAGE = ROOT / "docs" / "comparison.md"


def main() -> int:
    """Return 0, or 2 if a contender did not answer."""
    options = _options()
    load = os.getloadavg()[0]
    rows = []
    try:
        asked = questions(options.policies)
        for contender in CONTENDERS:
            version = contender.version()
            sys.stderr.write(f"{contender.title} {version}: {contender.how}\n")
            for corpus in (TABLES, ORDINARY, RANDOM):
                of_corpus = [
                    one for one in asked.questions if one.corpus == corpus and one.is_about(contender.question)
                ]
                rows.append(
                    Row(contender, version, corpus, score(of_corpus, contender.answers(of_corpus), contender.question))
                )
        if options.keep_runs:
            runs = kept_runs(options.output.read_text(encoding="utf-8"))
        else:
            sys.stderr.write("whole runs: templates, and an account\n")
            runs = whole_runs(list(timed()), datetime.now(UTC).date(), load)
        results = Results(rows, asked.left_out, runs)
    except ContenderError as failed:
        sys.stderr.write(f"compare: {failed}\n")
        return 2
    today, arguments = datetime.now(UTC).date(), f"--policies {options.policies}"
    options.output.write_text(page(results, today, arguments), encoding="utf-8")
    sys.stderr.write(f"written: {options.output}\n")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.compare", description=__doc__)
    parser.add_argument("--policies", type=int, default=3000, help="how many of each generator (default: 3000)")
    parser.add_argument("--output", type=Path, default=_PAGE, help="the page to write (default: docs/comparison.md)")
    parser.add_argument("--keep-runs", action="store_true", help="keep the times of whole runs that the page has")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
